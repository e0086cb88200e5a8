"""Random schemas and values that fastavro writes with each codec come back equal.

`PARQUETFRAME_AVRO_EXAMPLES=10000` makes so many.
"""

import io
import itertools
import os
import struct

import fastavro
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_avro import CODECS, TEXT, files, number, plain_table, written

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


# ---- Schema resolution ----------------------------------------------------------------------------

PROMOTIONS = {
    "int": ["int", "long", "float", "double"], "long": ["long", "float", "double"], "float": ["float", "double"],
    "double": ["double"], "string": ["string", "bytes"], "bytes": ["bytes"], "boolean": ["boolean"],
}
DEFAULTS = {
    "int": 3, "long": -(2**40), "float": 0.5, "double": -1.25, "string": "né", "bytes": "ÿ\u0000a", "boolean": True,
}
VALUES = {
    "int": st.integers(-(2**31), 2**31 - 1), "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False), "double": st.floats(allow_nan=False), "string": TEXT,
    "bytes": st.text("abc", max_size=5).map(str.encode), "boolean": st.booleans(),
}


@st.composite
def pairs_of_schemas(draw, depth: int = 0, names=None):
    """(writer's schema, reader's, values of the writer's, as fastavro takes them)"""
    names = itertools.count() if names is None else names
    kind = draw(st.sampled_from(["leaf"] * 3 + (["record", "array", "map", "null", "enum", "fixed"] if depth < 3 else [])))
    if depth == 0:
        kind = "record"
    if kind == "leaf":
        writer = draw(st.sampled_from(list(VALUES)))
        return writer, draw(st.sampled_from(PROMOTIONS[writer])), VALUES[writer]
    if kind == "enum":
        name, symbols = f"e{next(names)}", draw(st.lists(st.sampled_from("ABCDE"), min_size=1, unique=True))
        read = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, unique=True))
        return ({"type": "enum", "name": name, "symbols": symbols},
                {"type": "enum", "name": name, "symbols": read, "default": read[0]}, st.sampled_from(symbols))
    if kind == "fixed":
        schema = {"type": "fixed", "name": f"x{next(names)}", "size": 2}
        return schema, schema, st.binary(min_size=2, max_size=2)
    if kind in ("array", "map"):
        writer, reader, values = draw(pairs_of_schemas(depth + 1, names))
        part = "items" if kind == "array" else "values"
        several = st.lists(values, max_size=3) if kind == "array" else st.dictionaries(TEXT, values, max_size=3)
        return {"type": kind, part: writer}, {"type": kind, part: reader}, several
    if kind == "null":
        writer, reader, values = draw(pairs_of_schemas(depth + 1, names))
        if isinstance(writer, list):
            return writer, reader, values
        first = draw(st.booleans())
        return (["null", writer] if first else [writer, "null"],
                ["null", reader] if draw(st.booleans()) else [reader, "null"], st.one_of(st.none(), values))
    name = f"r{next(names)}"
    written_fields, read_fields, parts = [], [], {}
    for index in range(draw(st.integers(0, 4))):
        field = f"f{index}"
        writer, reader, values = draw(pairs_of_schemas(depth + 1, names))
        written_fields.append({"name": field, "type": writer})
        parts[field] = values
        fate = draw(st.sampled_from(["same", "same", "gone", "renamed"]))
        if fate == "same":
            read_fields.append({"name": field, "type": reader})
        elif fate == "renamed":
            read_fields.append({"name": f"other{index}", "aliases": [field], "type": reader})
    for index in range(draw(st.integers(0, 2))):
        added = draw(st.sampled_from(list(DEFAULTS)))
        read_fields.append({"name": f"added{index}", "type": added, "default": DEFAULTS[added]})
    read_fields = draw(st.permutations(read_fields))
    return ({"type": "record", "name": name, "fields": written_fields},
            {"type": "record", "name": name, "fields": list(read_fields)}, st.fixed_dictionaries(parts))


def as_plain(value, schema):
    """What fastavro reads, in the form of `plain`, and as the specification has it where fastavro has not:
    defaults of bytes are text whose characters stand for bytes, and a float has 32 bits.
    """
    if value is None:
        return None
    if isinstance(schema, list):
        return as_plain(value, next(branch for branch in schema if branch != "null"))
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind in ("float", "double"):
        return number(struct.unpack("f", struct.pack("f", value))[0] if kind == "float" else float(value))
    if kind == "bytes" and isinstance(value, str):
        return value.encode("latin-1")
    if kind == "array":
        return [as_plain(item, schema["items"]) for item in value]
    if kind == "map":
        return {key: as_plain(item, schema["values"]) for key, item in value.items()}
    if kind == "record":
        return {field["name"]: as_plain(value[field["name"]], field["type"]) for field in schema["fields"]}
    return value


def lists_as_maps(value, schema):
    """Maps of `plain`, which are lists of pairs, as dicts."""
    if value is None:
        return None
    if isinstance(schema, list):
        return lists_as_maps(value, next(branch for branch in schema if branch != "null"))
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "map":
        return {key: lists_as_maps(item, schema["values"]) for key, item in value}
    if kind == "array":
        return [lists_as_maps(item, schema["items"]) for item in value]
    if kind == "record":
        types = {field["name"]: field["type"] for field in schema["fields"]}
        return {name: lists_as_maps(item, types[name]) for name, item in value.items()}
    return value


@QUIET
@given(pairs_of_schemas(), st.data())
def test_reader_schemas_give_what_fastavro_gives(schemas, data):
    writer, reader, values = schemas
    rows = data.draw(st.lists(values, max_size=6))
    content = written(writer, rows, data.draw(st.sampled_from(CODECS)), 30)
    theirs = [as_plain(row, reader) for row in fastavro.reader(io.BytesIO(content), reader)]
    table = pfs.read_avro(content, reader_schema=reader)
    assert table.num_rows == len(rows)
    found = table.to_pyarrow()
    found.validate(full=True)
    columns = plain_table(found)
    ours = [dict(zip(columns, row)) for row in zip(*columns.values())] if columns else [{}] * len(rows)
    assert [lists_as_maps(row, reader) for row in ours] == theirs
