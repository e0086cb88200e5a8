"""Writes small Avro files of every type and codec, which are where the fuzzer begins.

Run with fastavro, cramjam and zstandard installed: `python Tests/Fixtures/make_avro_seeds.py`. The files
are committed.
"""

import io
import pathlib

import fastavro

SEEDS = pathlib.Path(__file__).parent.parent / "Fuzz" / "seeds" / "avro"
MARKER = bytes(range(16))


def record(*fields):
    return {
        "type": "record", "name": "R",
        "fields": [{"name": name, "type": kind} for name, kind in fields]}


def logical(kind, name, **more):
    return {"type": kind, "logicalType": name, **more}


def fixed(name, size, logical_type=None, **more):
    kind = {"type": "fixed", "name": name, "size": size, **more}
    return kind if logical_type is None else {**kind, "logicalType": logical_type}


FLAT = record(
    ("truth", "boolean"), ("small", "int"), ("large", "long"), ("single", "float"), ("double", "double"),
    ("bytes", "bytes"), ("text", "string"), ("maybe", ["null", "string"]), ("other", ["long", "null"]))
FLAT_ROWS = [
    {"truth": row % 2 == 0, "small": row - 3, "large": 1 << (9 * row), "single": row / 4, "double": -row / 3,
     "bytes": bytes(range(row)), "text": "text é" * row, "maybe": None if row % 3 else "some",
     "other": None if row % 2 else row}
    for row in range(7)]

ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B", "C"], "default": "A"}
NESTED = record(
    ("list", {"type": "array", "items": ["null", "int"]}),
    ("map", {"type": "map", "values": {"type": "array", "items": "string"}}),
    ("inner", ["null", {"type": "record", "name": "I", "fields": [
        {"name": "enum", "type": ENUM}, {"name": "again", "type": "E"}, {"name": "fixed", "type": fixed("F", 3)}]}]),
    ("empty", {"type": "record", "name": "Empty", "fields": []}))
NESTED_ROWS = [
    {"list": [1, None, -70000][:row], "map": {"k" * (row + 1): ["v"] * row},
     "inner": None if row == 1 else {"enum": "B", "again": "C", "fixed": b"xyz"}, "empty": {}}
    for row in range(4)]

UNIONS = record(
    ("u", ["null", "int", "string", {"type": "array", "items": "long"}, ENUM]),
    ("w", ["double", {"type": "map", "values": "boolean"}]))
UNION_ROWS = [
    {"u": None, "w": 1.5}, {"u": 5, "w": {"a": True}}, {"u": "text", "w": 2.5}, {"u": [1, 2], "w": {}}, {"u": ("E", "C"), "w": 0.0}]

LOGICAL = record(
    ("date", logical("int", "date")), ("time", logical("int", "time-millis")),
    ("micros", logical("long", "time-micros")), ("stamp", logical("long", "timestamp-micros")),
    ("local", logical("long", "local-timestamp-nanos")), ("uuid", logical("string", "uuid")),
    ("cents", logical("bytes", "decimal", precision=20, scale=2)),
    ("wide", fixed("W", 20, "decimal", precision=45, scale=5)), ("span", fixed("D", 12, "duration")),
    ("strange", logical("long", "of-another-planet")))
LOGICAL_ROW = {
    "date": 20_000, "time": 86_399_999, "micros": 1, "stamp": 1 << 50, "local": -5,
    "uuid": "12345678-1234-5678-1234-567812345678", "cents": b"\x01\x00", "wide": b"\xff" * 20,
    "span": bytes([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]), "strange": 1}

CODECS = ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")


def bare(schema):
    """The schema without logical types, whose values are then written as they are given."""
    if isinstance(schema, list):
        return [bare(each) for each in schema]
    if isinstance(schema, dict):
        return {key: bare(value) for key, value in schema.items() if key != "logicalType"}
    return schema


def encoded(schema, rows):
    """The bytes of records, one behind the other."""
    out = io.BytesIO()
    schema = fastavro.parse_schema(bare(schema), _write_hint=False)
    for row in rows:
        fastavro.schemaless_writer(out, schema, row)
    return out.getvalue()


def zigzag(value):
    value = value << 1 if value >= 0 else ~(value << 1)
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def container(schema, rows, codec="null", block_rows=3):
    """A file with `block_rows` records in each block."""
    out = io.BytesIO()
    writer = fastavro.write.Writer(
        out, fastavro.parse_schema(schema, _write_hint=False), codec=codec, sync_marker=MARKER,
        metadata={"made.by": "seeds"})
    head = out.getvalue()
    if codec == "null":
        blocks = [rows[place:place + block_rows] for place in range(0, len(rows), block_rows)]
        return head + b"".join(
            zigzag(len(block)) + zigzag(len(data)) + data + MARKER
            for block, data in ((block, encoded(schema, block)) for block in blocks))
    for place, row in enumerate(rows, 1):
        writer.write(row)
        if place % block_rows == 0:
            writer.dump()
    writer.flush()
    return out.getvalue()


def files():
    """Names and contents of all seeds."""
    for codec in CODECS:
        yield f"flat-{codec}", container(FLAT, FLAT_ROWS, codec)
    yield "nested", container(NESTED, NESTED_ROWS)
    yield "unions", container(UNIONS, UNION_ROWS)
    yield "logical", container(LOGICAL, [LOGICAL_ROW] * 2)
    yield "value", container("long", [1, -1, 1 << 62])
    yield "strings", container(["null", "string"], [None, "a", "b" * 40])
    yield "no-blocks", container(FLAT, [])
    yield "no-fields", container(record(), [{}] * 5)
    # An array in blocks that say how many bytes they have, as other writers make them.
    numbers = {"type": "array", "items": "int"}
    data = zigzag(-2) + zigzag(2) + zigzag(1) + zigzag(2) + zigzag(1) + zigzag(3) + zigzag(0)
    head = container(record(("list", numbers), ("after", "int")), [])
    yield "array-blocks", head + zigzag(1) + zigzag(len(data) + 1) + data + zigzag(7) + MARKER
    joined = container(FLAT, FLAT_ROWS)
    yield "joined", joined + joined + b"\n"
    yield "cut", joined[:-30]


if __name__ == "__main__":
    SEEDS.mkdir(parents=True, exist_ok=True)
    for name, content in files():
        (SEEDS / name).write_bytes(content)
