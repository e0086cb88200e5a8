"""Random nested tables, written by three other engines with random options, read as pyarrow reads them.

`--hypothesis-profile=thorough` makes 2 000 of each kind.
"""

import io

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from comparing import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_tables import KINDS, nested_tables

import parquetframe_swift as pfs

QUIET = settings(suppress_health_check=list(HealthCheck))

CODECS = st.sampled_from(["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
ENCODINGS = {
    "int32": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "int64": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "float": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "double": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "boolean": ["PLAIN", "RLE"],
    "byte_array": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "fixed_len_byte_array": ["PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
}
OPTIONS = st.fixed_dictionaries({
    "compression": CODECS,
    "data_page_version": st.sampled_from(["1.0", "2.0"]),
    "data_page_size": st.sampled_from([1, 64, 1 << 20]),
    "write_batch_size": st.sampled_from([1, 7, 1024]),
    "dictionary_pagesize_limit": st.sampled_from([64, 1 << 20]),
    "row_group_size": st.sampled_from([3, 10_000]),
    "write_page_checksum": st.booleans(),
    "write_page_index": st.booleans(),
    "store_schema": st.booleans(),
    "use_compliant_nested_type": st.booleans(),
    "version": st.sampled_from(["1.0", "2.4", "2.6"]),
})


def read_alike(content: bytes, threads: int, written: pa.Table | None = None) -> None:
    """What we read is what pyarrow reads, and so is a scan of it.

    pyarrow misreads some of its own files with tiny pages: what was `written` decides then.
    """
    try:
        expected = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError):
        return  # its oracle does not read it, though it may have written it
    found = pfs.read_parquet(content, threads=threads, verify_checksums=True).to_pyarrow()
    assert found.schema.equals(expected.schema)
    if written is not None and found.schema.equals(written.schema):
        expected = written
    elif written is not None and expected.num_rows != written.num_rows:
        assert found.num_rows == written.num_rows
        for name in written.column_names:
            assert found[name].null_count == written[name].null_count, name
        return
    same(found, expected)
    batches = [batch.to_pyarrow() for batch in pfs.scan_parquet(content, batch_size=5)]
    same(pa.Table.from_batches(map(record_batch, batches), expected.schema), expected)


def record_batch(table) -> pa.RecordBatch:
    return table if isinstance(table, pa.RecordBatch) else table.combine_chunks().to_batches()[0]


def encoded(table: pa.Table, draw) -> dict:
    """Random encodings for the leaves of `table`, by the names that they get in the file."""
    shape = io.BytesIO()
    pq.write_table(table.slice(0, 0), shape)
    leaves = pq.ParquetFile(shape).schema
    chosen = {}
    for index in range(len(leaves)):
        leaf = leaves.column(index)
        choices = ENCODINGS.get(leaf.physical_type.lower())
        if choices:
            chosen[leaf.path] = draw(st.sampled_from(choices))
    return chosen


@QUIET
@given(nested_tables(), OPTIONS, st.data(), st.sampled_from([1, 2]))
def test_files_of_pyarrow(table, options, data, threads):
    if data.draw(st.booleans()):
        if options["use_compliant_nested_type"]:
            options = {
                **options, "use_dictionary": False, "column_encoding": encoded(table, data.draw)}
    out = io.BytesIO()
    try:
        pq.write_table(table, out, **options)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return  # a type, or values, that this writer refuses
    read_alike(out.getvalue(), threads, table)


@QUIET
@given(
    nested_tables(allow_required=False),
    st.sampled_from(["uncompressed", "snappy", "gzip", "brotli", "lz4_raw", "zstd"]),
    st.sampled_from([2, 1000]), st.sampled_from([16, 1 << 20]), st.sampled_from([1, 2]))
def test_files_of_polars(table, codec, row_group_size, page_size, threads):
    codec = codec.replace("lz4_raw", "lz4")
    out = io.BytesIO()
    try:
        frame = pl.from_arrow(table)
        frame.write_parquet(
            out, compression=codec, row_group_size=row_group_size, data_page_size=page_size)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        return  # its own limits are no business of ours
    read_alike(out.getvalue(), threads)


# duckdb, which has no such type, loses values of fixed size below null structs on their way in: its
# own reader and pyarrow find others in the file than were written.
OF_DUCKDB = [(kind, values) for kind, values in KINDS if not pa.types.is_fixed_size_binary(kind)]


@QUIET
@given(
    nested_tables(OF_DUCKDB, allow_required=False),
    st.sampled_from(["uncompressed", "snappy", "gzip", "brotli", "lz4_raw", "zstd"]),
    st.sampled_from(["V1", "V2"]), st.sampled_from([1, 2]))
def test_files_of_duckdb(tmp_path_factory, table, codec, version, threads):
    path = tmp_path_factory.mktemp("duckdb", numbered=True) / "t.parquet"
    try:
        connection = duckdb.connect()
        connection.register("made", table)
        connection.execute(
            f"COPY (FROM made) TO '{path}' (FORMAT parquet, CODEC {codec}, PARQUET_VERSION {version})")
    except duckdb.Error:
        return  # a type that it has not
    read_alike(path.read_bytes(), threads)
    path.unlink()
