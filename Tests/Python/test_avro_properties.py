"""Random schemas and values that fastavro writes with each codec come back equal.

`PARQUETFRAME_AVRO_EXAMPLES=10000` makes so many.
"""

import os

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_avro import CODECS, files, plain_table, written

import parquetframe_swift as pfs

QUIET = settings(
    max_examples=int(os.environ.get("PARQUETFRAME_AVRO_EXAMPLES", settings().max_examples)),
    suppress_health_check=list(HealthCheck), deadline=None)


@QUIET
@given(files(), st.sampled_from(CODECS), st.sampled_from([1, 64, 16_000]))
def test_what_fastavro_writes_is_read_equal(file, codec, sync_interval):
    schema, values, expected = file
    content = written(schema, values, codec, sync_interval)
    first = None
    for threads in (1, 3):
        table = pfs.read_avro(content, threads=threads).to_pyarrow()
        table.validate(full=True)
        assert plain_table(table) == expected
        assert first is None or table.schema == first.schema
        first = table
    batches = [pa.table(batch) for batch in pfs.scan_avro(content, batch_size=3)]
    assert all(batch.num_rows <= 3 for batch in batches)
    assert plain_table(pa.concat_tables([first.slice(0, 0), *batches])) == expected
    assert pfs.avro_record_count(content) == len(values)
    metadata = pfs.avro_metadata(content)
    assert metadata.num_records == len(values) and metadata.codec == codec


@QUIET
@given(files(), st.data())
def test_columns_and_limits_are_parts_of_the_whole(file, data):
    schema, values, expected = file
    content = written(schema, values, "null", data.draw(st.sampled_from([1, 64])))
    names = data.draw(st.permutations(list(expected)))[:data.draw(st.integers(0, len(expected)))]
    limit = data.draw(st.integers(0, len(values) + 2))
    table = pfs.read_avro(content, columns=names, limit=limit)
    assert table.column_names == names and table.num_rows == min(limit, len(values))
    assert plain_table(table.to_pyarrow()) == {name: expected[name][:limit] for name in names}
    scanned = list(pfs.scan_avro(content, columns=names, limit=limit, batch_size=2))
    assert sum(batch.num_rows for batch in scanned) == table.num_rows


@QUIET
@given(files(most_rows=4), st.sampled_from(CODECS), st.data())
def test_broken_files_are_refused_or_read(file, codec, data):
    """Each flipped bit and each prefix: an answer or a clean error, the same for all threads."""
    schema, values, _ = file
    content = bytearray(written(schema, values, codec, 64))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)):]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    def outcome(threads: int):
        try:
            table = pfs.read_avro(bytes(content), threads=threads, block_byte_limit=1 << 24)
        except (pfs.Error, MemoryError) as problem:
            return type(problem), str(problem)
        table.to_pyarrow().validate(full=True)
        return table.num_rows, table.schema.names

    assert outcome(1) == outcome(3)


@pytest.mark.parametrize("codec", CODECS)
def test_a_block_of_each_codec_may_be_large(codec):
    values = [{"text": f"value {index % 100}", "number": index} for index in range(50_000)]
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "text", "type": "string"}, {"name": "number", "type": "long"}]}
    content = written(schema, values, codec, 1 << 30)
    table = pfs.read_avro(content)
    assert table.to_pylist() == values
    assert pfs.avro_metadata(content).num_blocks == 1
