"""Engine log lines in Python's logging."""

import logging

import pytest

import parquetframe_swift as pfs


def test_reads_say_who_read_what_and_how_long_it_took(caplog, flat_path):
    with caplog.at_level(logging.DEBUG, logger="parquetframe_swift"):
        pfs.read_parquet(flat_path)
    lines = [record.getMessage() for record in caplog.records if record.name == "parquetframe_swift"]
    assert any("flat.parquet" in line and "parquet" in line and " ms" in line for line in lines), lines
    caplog.clear()
    pfs.read_parquet(flat_path)
    assert not caplog.records


def test_fallbacks_say_so(caplog, flat_path, monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT_IO", "1")
    with caplog.at_level(logging.DEBUG, logger="parquetframe_swift"):
        pfs.read_parquet(flat_path)
    assert any("pyarrow" in record.getMessage() and "disabled" in record.getMessage()
               for record in caplog.records)


@pytest.mark.parametrize("how", ["environment", "set_config"])
def test_a_level_is_enough_to_see_lines_on_stderr(flat_path, how):
    import os
    import subprocess
    import sys

    setting = "" if how == "environment" else "pfs.set_config(log_level='debug')\n"
    code = f"import parquetframe_swift as pfs\n{setting}pfs.read_parquet({flat_path!r})"
    environment = dict(os.environ)
    if how == "environment":
        environment["PARQUETFRAME_SWIFT_LOG"] = "debug"
    done = subprocess.run([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, check=True)
    assert b"DEBUG parquetframe_swift" in done.stderr and b"flat.parquet" in done.stderr


def test_without_a_level_nothing_is_printed(flat_path):
    import subprocess
    import sys

    code = f"import parquetframe_swift as pfs\npfs.read_parquet({flat_path!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, stdout=subprocess.PIPE, check=True)
    assert done.stderr == done.stdout == b""
