"""Other people's Parquet files against the answers of other readers (`PARQUETFRAME_CORPORA`)."""

import pathlib

import pytest
from conftest import CORPORA, NO_CORPORA

import parquetframe_swift as pfs

pytestmark = pytest.mark.skipif(not CORPORA, reason=NO_CORPORA)

# Its dates are outside of what nanoseconds hold. The golden has them wrapped; here they are an error.
BEYOND_NANOSECONDS = "parquet/parquet-testing/data/int96_from_spark.parquet"
# Two keys of 1 GiB each, which the checker would put into one array of 32-bit offsets.
TWO_GIGABYTES = "parquet/parquet-testing/data/large_string_map.brotli.parquet"


@pytest.fixture(scope="module")
def judged(verdicts):
    return {path: line for path, line in verdicts.items() if path != TWO_GIGABYTES}


def test_no_file_is_read_wrongly_or_brings_the_reader_down(judged):
    bad = {
        path: (line["verdict"], line["detail"]) for path, line in judged.items()
        if line["verdict"] in ("wrong", "crash", "panic", "hang", "oom", "harness")}
    assert not bad
    assert len(judged) > 250


def test_files_that_everybody_refuses_are_refused(judged):
    accepted = [path for path, line in judged.items() if line["verdict"] == "accept"]
    assert not accepted


def test_every_golden_file_equals_its_golden(judged):
    golden = {path: line for path, line in judged.items() if line["status"] == "golden"}
    right = {path for path, line in golden.items() if line["verdict"] in ("pass", "types")}
    assert set(golden) - right == {BEYOND_NANOSECONDS}
    assert len(right) >= 245


def test_disputed_files_are_read_as_the_specification_says(judged):
    """Specs/parquet.md tells what was decided."""
    disputed = {path: line["verdict"] for path, line in judged.items() if line["status"] == "disputed"}
    assert disputed == {"parquet/parquet-testing/data/repeated_no_annotation.parquet": "pass"}
    table = pfs.read_parquet(pathlib.Path(CORPORA) / next(iter(disputed))).to_pyarrow()
    assert table.num_rows == 6
    assert [None if row is None else len(row["phone"]) for row in table["phoneNumbers"].to_pylist()] == [
        None, None, 0, 1, 1, 3]


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


def test_strings_of_two_gigabytes_come_in_two_batches(fresh):
    """4 KB of BROTLI: a bomb by its size and ratio, and read when one says that it is none.

    Reading is quick; to touch so much new memory can take half a minute.
    """
    path = pathlib.Path(CORPORA) / TWO_GIGABYTES
    with pytest.raises(pfs.LimitError, match="page_byte_limit"):
        pfs.read_parquet(path)
    code = f"""
import parquetframe_swift as pfs, pyarrow as pa, pyarrow.compute
limits = dict(page_byte_limit=(1 << 31) - 1, compression_ratio_limit=10**6)
chunks = pfs.read_parquet({str(path)!r}, **limits).to_pyarrow()["arr"].chunks
assert [len(chunk) for chunk in chunks] == [1, 1]
block = pa.py_buffer(b"a" * (1 << 20))
for chunk in chunks:
    assert chunk.items.to_pylist() == [1] and pa.compute.binary_length(chunk.keys).to_pylist() == [1 << 30]
    text = chunk.keys.buffers()[2]
    assert all(text.slice(i << 20, 1 << 20).equals(block) for i in range(1 << 10))
"""
    fresh(code, timeout=300)
