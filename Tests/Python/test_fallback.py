"""Without the engine the same calls give the same results."""

import os
import subprocess
import sys

import pyarrow as pa
import pytest

import parquetframe_swift as pfs


@pytest.fixture
def both(monkeypatch):
    """Runs a call on the engine and on the fallback."""

    def run(call):
        answers = []
        for disabled in ("0", "1"):
            monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT", disabled)
            answers.append(call())
        return answers

    return run


@pytest.mark.parametrize("arguments", [
    {}, {"columns": ["text", "i8"]}, {"row_groups": [3, 1]}, {"limit": 301}, {"threads": 1},
    {"memory_map": True}, {"verify_checksums": True}], ids=str)
def test_reads_are_the_same(both, flat_path, arguments):
    ours, theirs = both(lambda: pfs.read_parquet(flat_path, **arguments))
    assert ours.to_pyarrow().equals(theirs.to_pyarrow())
    assert ours.to_pydict() == theirs.to_pydict()
    assert ours.schema == theirs.schema and ours.shape == theirs.shape


@pytest.mark.parametrize("batch_size", [1, 300, 301])
def test_scans_are_the_same(both, flat_path, batch_size):
    ours, theirs = both(lambda: pa.concat_tables(
        batch.to_pyarrow() for batch in pfs.scan_parquet(flat_path, batch_size, limit=700)))
    assert ours.equals(theirs)


def test_scans_are_streams(both, flat_path):
    ours, theirs = both(lambda: pa.table(pfs.scan_parquet(flat_path)))
    assert ours.equals(theirs)


@pytest.mark.parametrize("use", [
    lambda table: table.slice(5, 10).to_pydict(), lambda table: table.head().to_pylist(),
    lambda table: table["text"].to_pylist(), lambda table: table[["i8", "few"]].column_names,
    lambda table: sum(len(batch) for batch in table.iter_batches(7)),
    lambda table: table["i64"].null_count, lambda table: pa.chunked_array(table["i64"]).to_pylist(),
    lambda table: table.to_polars().rows(), lambda table: pfs.table(table).num_rows])
def test_tables_work_the_same(both, flat_path, use):
    ours, theirs = both(lambda: use(pfs.read_parquet(flat_path)))
    assert ours == theirs


@pytest.mark.parametrize("call", [
    lambda path: pfs.row_count(path), lambda path: pfs.column_names(path),
    lambda path: pfs.column_info(path), lambda path: pfs.parquet_metadata(path).num_row_groups])
def test_looking_into_files_is_the_same(both, flat_path, call):
    ours, theirs = both(lambda: call(flat_path))
    assert ours == theirs


@pytest.mark.parametrize("call, error", [
    (lambda path: pfs.read_parquet(path, columns=["nope"]), KeyError),
    (lambda path: pfs.read_parquet(path, row_groups=[99]), IndexError),
    (lambda path: pfs.read_parquet("no such file"), FileNotFoundError),
    (lambda path: pfs.parquet_metadata(os.path.dirname(path)), IsADirectoryError),
    (lambda path: pfs.read_parquet(b"PAR1 is not enough"), pfs.FormatError),
    (lambda path: pfs.read_parquet(path, filters=[]), pfs.ArgumentError),
    (lambda path: pfs.read_parquet(path, cancel=cancelled()), pfs.CancelledError)])
def test_errors_are_the_same(both, flat_path, call, error):
    def attempt():
        with pytest.raises(error) as caught:
            call(flat_path)
        return caught.type

    ours, theirs = both(attempt)
    assert ours is theirs


def cancelled():
    token = pfs.CancellationToken()
    token.cancel()
    return token


def test_a_missing_library_falls_back(fresh, flat_path, flat):
    code = f"""
import parquetframe_swift as pfs
info = pfs.get_backend_info()
assert not pfs.is_available() and not info["compiled"] and "/no/such/library" in info["reason"]
print(pfs.read_parquet({flat_path!r}).num_rows, pfs.CancellationToken().is_cancelled())
print("1,000 rows" in repr(pfs.read_parquet({flat_path!r})))
"""
    out = fresh(code, PARQUETFRAME_SWIFT_LIBRARY="/no/such/library")
    assert out == "1000 False\nTrue\n"


def test_without_either_the_error_says_what_to_install(flat_path):
    code = f"""
import sys
sys.modules["pyarrow"] = None
import parquetframe_swift as pfs
try:
    pfs.read_parquet({flat_path!r})
except ImportError as problem:
    print(type(problem).__name__, problem)
"""
    environment = {**os.environ, "PARQUETFRAME_DISABLE_SWIFT": "1"}
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True).stdout.decode()
    assert out.startswith("EngineUnavailableError") and "pyarrow" in out and "disabled" in out
