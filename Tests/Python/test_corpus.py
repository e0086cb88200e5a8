"""Other people's Parquet files against the answers of other readers (`PARQUETFRAME_CORPORA`)."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import parquetframe_swift as pfs

CORPORA = os.environ.get("PARQUETFRAME_CORPORA")
HERE = pathlib.Path(__file__).parent
pytestmark = pytest.mark.skipif(
    not CORPORA, reason="the corpora lie outside the repository: PARQUETFRAME_CORPORA says where")

PLAIN_ENCODINGS = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}
PLAIN_CODECS = {"SNAPPY", "UNCOMPRESSED"}
# How many files were right when this was written: fewer means that one was lost.
RIGHT = 215
# Its dates are outside of what nanoseconds hold. The golden has them wrapped; here they are an error.
BEYOND_NANOSECONDS = "parquet/parquet-testing/data/int96_from_spark.parquet"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """{path: verdict line} of every Parquet file; the checker forks, so it has its own process."""
    out = tmp_path_factory.mktemp("corpus") / "verdicts.jsonl"
    subprocess.run(
        [sys.executable, pathlib.Path(CORPORA) / "tools" / "check.py", CORPORA, "--kind", "parquet",
         "--reader", f"{HERE / 'corpus_reader.py'}:read", "--json", out],
        check=True, stdout=subprocess.PIPE, timeout=900)
    return {line["path"]: line for line in map(json.loads, out.read_text().splitlines())}


@pytest.fixture(scope="module")
def goldens():
    lines = (pathlib.Path(CORPORA) / "goldens" / "parquet.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_no_file_is_read_wrongly_or_brings_the_reader_down(verdicts):
    bad = {
        path: (line["verdict"], line["detail"]) for path, line in verdicts.items()
        if line["verdict"] in ("wrong", "crash", "panic", "hang", "oom", "harness")}
    assert not bad
    assert len(verdicts) > 250


def test_files_that_everybody_refuses_are_refused(verdicts):
    accepted = [path for path, line in verdicts.items() if line["verdict"] == "accept"]
    assert not accepted


def test_files_are_read_right_or_refused_for_what_they_use(verdicts):
    """Other codecs and encodings: UnsupportedError, which names them."""
    readable = {path: line for path, line in verdicts.items() if line["status"] in ("golden", "disputed")}
    right = [path for path, line in readable.items() if line["verdict"] in ("pass", "types")]
    assert len(right) >= RIGHT
    refused = {
        path: line["detail"] for path, line in readable.items()
        if line["verdict"] == "reject" and not line["detail"].startswith("UnsupportedError: ")}
    assert set(refused) == {BEYOND_NANOSECONDS}


def test_int96_that_a_unit_does_not_hold_is_an_error_that_names_a_coarser_one():
    """The last date was wrapped by its writer: as it stands, it is beyond microseconds too."""
    import pyarrow.parquet as pq

    path = pathlib.Path(CORPORA) / BEYOND_NANOSECONDS
    for unit, coarser in ((None, "us"), ("ns", "us"), ("us", "ms")):
        for call in (pfs.read_parquet, lambda *a, **k: list(pfs.scan_parquet(*a, **k))):
            with pytest.raises(pfs.FormatError, match=f'coerce_int96_timestamp_unit = "{coarser}"') as caught:
                call(path, coerce_int96_timestamp_unit=unit)
            assert (caught.value.column, caught.value.row_group) == ("a", 0)
    for unit in ("ms", "s"):
        expected = pq.read_table(path, coerce_int96_timestamp_unit=unit)
        found = pfs.read_parquet(path, coerce_int96_timestamp_unit=unit)
        assert found[:5].to_pyarrow().equals(expected[:5])


def test_snappy_and_plain_files_equal_their_goldens(verdicts, goldens):
    """Columns of plain or dictionary values, nested ones too."""
    plain = [golden for golden in goldens if golden["status"] == "golden" and is_plain(golden)]
    plain = [golden for golden in plain if golden["path"] != BEYOND_NANOSECONDS]
    assert len(plain) > 180
    failed = {
        golden["path"]: verdicts[golden["path"]]["detail"] for golden in plain
        if verdicts[golden["path"]]["verdict"] not in ("pass", "types")}
    assert not failed


def is_plain(golden) -> bool:
    features = golden.get("features") or {}
    return (
        set(features.get("codecs", ["?"])) <= PLAIN_CODECS
        and set(features.get("encodings", ["?"])) <= PLAIN_ENCODINGS)
