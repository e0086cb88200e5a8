"""`read_avro`, `scan_avro` and what looks into files: sources, types, options, errors with their places."""

import datetime
import decimal
import importlib.util
import io
import json
import os
import sys
import threading
import uuid

import fastavro
import pyarrow as pa
import pytest
from conftest import ROOT
from random_avro import CODECS, plain_table, written

import parquetframe_swift as pfs

SCHEMA = {
    "type": "record", "name": "ride", "namespace": "town", "fields": [
        {"name": "id", "type": "long"},
        {"name": "city", "type": ["null", "string"], "default": None},
        {"name": "tags", "type": {"type": "map", "values": "int"}},
        {"name": "stops", "type": {"type": "array", "items": {
            "type": "record", "name": "stop", "fields": [
                {"name": "name", "type": "string"}, {"name": "minutes", "type": ["double", "null"]}]}}},
        {"name": "last", "type": ["null", "stop"]},
    ]}
RIDES = [
    {"id": 1, "city": "Oslo", "tags": {"a": 1, "b": 2}, "stops": [{"name": "x", "minutes": 1.5}], "last": None},
    {"id": 2, "city": None, "tags": {}, "stops": [], "last": {"name": "y", "minutes": None}},
    {"id": -3, "city": "Łódź", "tags": {"c": 3},
     "stops": [{"name": "p", "minutes": None}, {"name": "q", "minutes": 2.0}],
     "last": {"name": "z", "minutes": 0.5}},
]
TYPES = [
    "int64", "string", "map<string, int32>", "list<item: struct<name: string, minutes: double>>",
    "struct<name: string, minutes: double>"]
# Bytes are enough for the last one alone, so that each record is a block.
DATA = written(SCHEMA, RIDES, sync_interval=1, metadata={"who": "us"})
EXPECTED = {name: [ride[name] for ride in RIDES] for name in RIDES[0]}
EXPECTED["tags"] = [list(tags.items()) for tags in EXPECTED["tags"]]


@pytest.fixture
def rides(tmp_path):
    path = tmp_path / "rides.avro"
    path.write_bytes(DATA)
    return path


def column(kind, values: list, codec: str = "null"):
    """What a column of a type reads as, through pyarrow."""
    content = written(
        {"type": "record", "name": "r", "fields": [{"name": "x", "type": kind}]}, [{"x": v} for v in values], codec)
    return pfs.read_avro(content).to_pyarrow().column("x").combine_chunks()


def table_of(data, **options) -> dict:
    return pfs.read_avro(data, **options).to_pydict()


# ---- Sources --------------------------------------------------------------------------------------


def test_every_kind_of_source(rides):
    for source in (rides, str(rides), DATA, bytearray(DATA), memoryview(DATA), io.BytesIO(DATA), open(rides, "rb"),
                   [rides]):
        table = pfs.read_avro(source)
        assert table.to_pydict() == EXPECTED
        assert pfs.avro_record_count(source) == 3
        assert pfs.avro_schema(source)["name"].endswith("ride")
        assert pfs.avro_metadata(source).num_blocks == 3
        assert sum(batch.num_rows for batch in pfs.scan_avro(source)) == 3
    assert pfs.read_avro(rides, memory_map=True).to_pydict() == EXPECTED
    for call in (pfs.read_avro, pfs.scan_avro, pfs.avro_schema, pfs.avro_record_count, pfs.avro_metadata):
        with pytest.raises(TypeError):
            call(3)
        with pytest.raises(pfs.ArgumentError):
            call([])


def test_several_files_are_one_table(tmp_path):
    for name, part in (("b.avro", RIDES[1:]), ("a.AVRO", RIDES[:1]), ("c/d.avro", [])):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written(SCHEMA, part))
    (tmp_path / "other.json").write_text("{}")
    paths = [tmp_path / name for name in ("c/d.avro", "b.avro", "a.AVRO")]
    for source in (tmp_path, str(tmp_path / "**/*.[aA]*"), paths):
        table = pfs.read_avro(source)
        assert table.to_pydict() == EXPECTED
        assert pfs.avro_record_count(source) == 3
        assert pa.table(pfs.scan_avro(source, batch_size=1)).to_pydict() == EXPECTED
        assert table_of(source, limit=2, columns=["id"]) == {"id": [1, 2]}
        assert sum(batch.num_rows for batch in pfs.scan_avro(source, limit=2)) == 2
        assert pfs.avro_schema(source)["fields"]


def test_files_are_read_as_the_schema_of_the_first():
    def part(fields, values):
        return written({"type": "record", "name": "r", "fields": fields}, values)

    new = part([{"name": "a", "type": "long"}, {"name": "b", "type": "string", "default": "none"}],
               [{"a": 2**40, "b": "x"}])
    old = part([{"name": "c", "type": "string"}, {"name": "a", "type": "int"}], [{"a": 1, "c": "gone"}])
    assert table_of([new, old]) == {"a": [2**40, 1], "b": ["x", "none"]}
    assert pa.table(pfs.scan_avro([new, old])).to_pydict() == {"a": [2**40, 1], "b": ["x", "none"]}
    with pytest.raises(pfs.AvroError, match="long of the file cannot be read as int") as caught:
        pfs.read_avro([old, new])
    assert caught.value.file == "<bytes 1>" and caught.value.column == "a"
    bare = part([{"name": "a", "type": "int"}], [{"a": 1}])
    with pytest.raises(pfs.AvroError, match="<bytes 1>.*column \"c\".*default") as caught:
        list(pfs.scan_avro([old, bare]))
    assert caught.value.file == "<bytes 1>" and caught.value.column == "c"
    reader = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "double"}]}
    assert table_of([old, new], reader_schema=reader) == {"a": [1.0, 2.0**40]}


def test_sources_of_any_kind_are_one_table(rides):
    twice = {name: values * 2 for name, values in EXPECTED.items()}
    for sources in ([DATA, DATA], [io.BytesIO(DATA), io.BytesIO(DATA)], [rides, memoryview(DATA)],
                    (open(rides, "rb"), str(rides)), [DATA, rides.parent]):
        assert pfs.read_avro(sources).to_pydict() == twice
        for each in sources:
            if hasattr(each, "seek"):
                each.seek(0)
        assert pfs.avro_record_count(sources) == 6
    with pytest.raises(pfs.AvroError, match="<bytes 1>") as caught:
        pfs.read_avro([DATA, b"nothing"])
    assert caught.value.file == "<bytes 1>"


def test_what_is_not_there(tmp_path):
    for call in (pfs.read_avro, pfs.scan_avro, pfs.avro_schema, pfs.avro_record_count, pfs.avro_metadata):
        for source in (tmp_path / "nowhere.avro", str(tmp_path / "*.avro"), tmp_path):
            with pytest.raises(FileNotFoundError):
                call(source)
    if os.geteuid():
        secret = tmp_path / "secret.avro"
        secret.write_bytes(DATA)
        secret.chmod(0)
        with pytest.raises(PermissionError):
            pfs.read_avro(secret)


def test_a_file_object_that_fails_raises_its_own_error():
    class Failing(io.BytesIO):
        def read(self, count=-1):
            if self.tell() > 300:
                raise ConnectionError("the line is down")
            return super().read(min(count, 100))

    class Mute(io.BytesIO):
        def read(self, count=-1):
            raise ConnectionError("the line is down")

    for kind in (Failing, Mute):
        for call in (pfs.read_avro, lambda source: list(pfs.scan_avro(source)), pfs.avro_record_count):
            with pytest.raises(ConnectionError, match="the line is down"):
                call(kind(DATA))


def test_the_sample_is_what_its_maker_writes():
    spec = importlib.util.spec_from_file_location("make_avro", ROOT / "Tests" / "Fixtures" / "make_avro.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    rows = list(maker.rides())
    for row in rows:
        row["price"] = decimal.Decimal(int.from_bytes(row["price"], "big")) / 100
        if isinstance(row["note"], dict):
            row["note"] = list(row["note"].items())
    assert pfs.read_avro(maker.PATH).to_pylist() == rows


# ---- Types ----------------------------------------------------------------------------------------

UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2026, 3, 14, 5, 6, 7, 123456)


def logical(kind: str, name: str, **more) -> dict:
    return {"type": kind, "logicalType": name, **more}


@pytest.mark.parametrize("kind, arrow, values, read", [
    ("null", pa.null(), [None, None], None),
    ("boolean", pa.bool_(), [True, False], None),
    ("int", pa.int32(), [-2**31, 0, 2**31 - 1], None),
    ("long", pa.int64(), [-2**63, 0, 2**63 - 1], None),
    ("float", pa.float32(), [1.5, -0.0], None),
    ("double", pa.float64(), [0.1, 1e300], None),
    ("bytes", pa.binary(), [b"", b"\x00\xff"], None),
    ("string", pa.string(), ["", "é\U0001f600"], None),
    ({"type": "fixed", "name": "f", "size": 3}, pa.binary(3), [b"abc", b"\x00\x01\x02"], None),
    ({"type": "enum", "name": "e", "symbols": ["B", "A"]}, pa.dictionary(pa.int32(), pa.string()),
     ["A", "B", "A"], None),
    ({"type": "array", "items": "int"}, pa.list_(pa.field("item", pa.int32(), False)), [[1, 2], [], [3]], None),
    ({"type": "map", "values": "string"}, pa.map_(pa.string(), pa.field("value", pa.string(), False)),
     [{"a": "x"}, {}], [[("a", "x")], []]),
    (["null", "int"], pa.int32(), [None, 1], None),
    (["int", "null"], pa.int32(), [None, 1], None),
    (["int"], pa.int32(), [2, 1], None),
    (logical("int", "date"), pa.date32(), [datetime.date(2026, 3, 14), datetime.date(1, 1, 1)], None),
    (logical("int", "time-millis"), pa.time32("ms"), [datetime.time(5, 6, 7, 123000)], None),
    (logical("long", "time-micros"), pa.time64("us"), [datetime.time(23, 59, 59, 999999)], None),
    (logical("long", "timestamp-millis"), pa.timestamp("ms", "UTC"), [MOMENT.replace(microsecond=0, tzinfo=UTC)],
     None),
    (logical("long", "timestamp-micros"), pa.timestamp("us", "UTC"), [MOMENT.replace(tzinfo=UTC)], None),
    (logical("long", "timestamp-nanos"), pa.timestamp("ns", "UTC"), [1_700_000_000_000_000_000],
     [datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)]),
    (logical("long", "local-timestamp-millis"), pa.timestamp("ms"), [MOMENT.replace(microsecond=0)], None),
    (logical("long", "local-timestamp-micros"), pa.timestamp("us"), [MOMENT], None),
    (logical("long", "local-timestamp-nanos"), pa.timestamp("ns"), [0], [datetime.datetime(1970, 1, 1)]),
    (logical("bytes", "decimal", precision=6, scale=2), pa.decimal128(6, 2),
     [decimal.Decimal("-1.50"), decimal.Decimal("9999.99")], None),
    (logical("bytes", "decimal", precision=60, scale=0), pa.decimal256(60, 0), [decimal.Decimal(10) ** 59], None),
    ({**logical("fixed", "decimal", precision=9, scale=4), "name": "d", "size": 5}, pa.decimal128(9, 4),
     [decimal.Decimal("-12345.6789")], None),
    ({**logical("fixed", "duration"), "name": "d", "size": 12}, pa.month_day_nano_interval(),
     [b"\x01\0\0\0\x02\0\0\0\x03\0\0\0"], [pa.MonthDayNano([1, 2, 3_000_000])]),
    (logical("string", "uuid"), pa.string(), [uuid.UUID(int=5)], [str(uuid.UUID(int=5))]),
    (logical("string", "of-the-future"), pa.string(), ["x"], None),
    (logical("int", "timestamp-millis"), pa.int32(), [1], None),
], ids=str)
def test_types(kind, arrow, values, read):
    found = column(kind, values)
    assert found.type == arrow
    found.validate(full=True)
    assert found.to_pylist() == (values if read is None else read)


def test_uuids_of_16_bytes_are_uuids():
    found = column({"type": "fixed", "name": "u", "size": 16, "logicalType": "uuid"}, [uuid.UUID(int=7).bytes])
    storage = found.storage if isinstance(found, pa.ExtensionArray) else found
    assert storage.to_pylist() == [uuid.UUID(int=7).bytes]


def test_general_unions_are_dense_unions():
    kind = ["null", "int", "string", {"type": "array", "items": "int"}]
    values = [("int", 1), ("string", "x"), ("null", None), ("array", [1, 2]), ("int", 3)]
    found = column(kind, values)
    assert pa.types.is_union(found.type) and found.type.mode == "dense"
    assert [field.name for field in found.type] == ["null", "int", "string", "array"]
    assert found.type_codes.to_pylist() == [1, 2, 0, 3, 1]
    assert found.to_pylist() == [1, "x", None, [1, 2], 3]


def test_unions_can_be_structs():
    schema = {"type": "record", "name": "r", "fields": [{"name": "x", "type": ["null", "int", "string"]}]}
    data = written(schema, [{"x": value} for value in (1, None, "a")])
    table = pfs.read_avro(data, union_layout="struct").to_pyarrow()
    assert [field.name for field in table.schema.field("x").type] == ["int", "string"]
    assert [None if row is None else row for row in table.column("x").to_pylist()] in (
        [{"int": 1, "string": None}, None, {"int": None, "string": "a"}],
        [{"int": 1, "string": None}, {"int": None, "string": None}, {"int": None, "string": "a"}])
    with pytest.raises(pfs.ArgumentError, match="union_layout"):
        pfs.read_avro(data, union_layout="sparse")


def test_schemas_say_what_may_be_null_and_what_was_documented():
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "a", "type": "int", "doc": "how many", "unit": "pieces"}, {"name": "b", "type": ["null", "int"]}]}
    found = pfs.read_avro(written(schema, [])).to_pyarrow().schema
    assert [field.nullable for field in found] == [False, True]
    assert found.field("a").metadata == {b"doc": b"how many", b"unit": b"pieces"}
    assert json.loads(found.metadata[b"avro.schema"])["name"] == "r"


def test_records_that_are_no_records_are_one_column():
    assert table_of(written("long", [1, 2])) == {"value": [1, 2]}
    assert table_of(written(["null", "long"], [None, 2]), columns=["value"]) == {"value": [None, 2]}
    assert pfs.avro_schema(written("long", [])) == "long"
    assert pfs.avro_schema(written(["null", "long"], [])) == ["null", "long"]
    with pytest.raises(pfs.UnknownColumnError):
        pfs.read_avro(written("long", []), columns=["x"])


def test_types_that_contain_themselves_are_refused_by_name():
    schema = {"type": "record", "name": "node", "fields": [
        {"name": "value", "type": "int"}, {"name": "next", "type": ["null", "node"]}]}
    data = written(schema, [{"value": 1, "next": {"value": 2, "next": None}}])
    with pytest.raises(pfs.UnsupportedError, match="node, which contains itself"):
        pfs.read_avro(data)
    assert pfs.avro_record_count(data) == 1 and pfs.avro_schema(data)["name"] == "node"


def test_files_and_blocks_without_records():
    empty = written(SCHEMA, [])
    table = pfs.read_avro(empty)
    assert table.num_rows == 0 and table.column_names == list(EXPECTED)
    assert list(pfs.scan_avro(empty)) == [] and pfs.avro_record_count(empty) == 0
    zero = empty + b"\x00\x00" + b"0123456789abcdef"
    assert pfs.read_avro(zero).num_rows == 0 and pfs.avro_metadata(zero).num_blocks == 1
    nothing = {"type": "record", "name": "r", "fields": []}
    assert pfs.read_avro(written(nothing, [{}, {}, {}])).shape == (3, 0)
    assert pfs.read_avro(DATA + b"\n").to_pydict() == EXPECTED


# ---- Options --------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", CODECS)
def test_codecs(codec):
    data = written(SCHEMA, RIDES * 100, codec, 500)
    for threads in (1, 2, 5):
        table = pfs.read_avro(data, threads=threads)
        assert table.to_pydict() == {name: values * 100 for name, values in EXPECTED.items()}
    assert pfs.avro_metadata(data).codec == codec and pfs.avro_record_count(data) == 300


def test_columns_come_in_the_order_that_is_asked_for():
    assert table_of(DATA, columns=["city", "id"]) == {"city": EXPECTED["city"], "id": EXPECTED["id"]}
    assert list(table_of(DATA, columns=["last", "tags", "stops"])) == ["last", "tags", "stops"]
    assert pfs.read_avro(DATA, columns=[]).shape == (3, 0)
    assert table_of(DATA, columns=["last.minutes"]) == {"last": [None, {"minutes": None}, {"minutes": 0.5}]}
    assert table_of(DATA, columns=["stops.name"])["stops"] == [
        [{"name": "x"}], [], [{"name": "p"}, {"name": "q"}]]
    assert list(table_of(DATA, columns=["last.name", "id", "last.minutes"])) == ["last", "id"]
    assert table_of(DATA, columns=["last.minutes", "last.name"])["last"][1] == {"minutes": None, "name": "y"}
    for wrong, nearest in ((["cit"], ["city"]), (["last.nam"], ["name"]), (["id.x"], None)):
        with pytest.raises(pfs.UnknownColumnError) as caught:
            pfs.read_avro(DATA, columns=wrong)
        assert caught.value.name == wrong[0]
        assert nearest is None or caught.value.nearest == nearest
    with pytest.raises(TypeError):
        pfs.read_avro(DATA, columns="id")


def test_paths_do_not_lead_into_unions():
    record = {"type": "record", "name": "inner", "fields": [{"name": "a", "type": "int"}]}
    schema = {"type": "record", "name": "r", "fields": [{"name": "u", "type": ["int", record, "string"]}]}
    data = written(schema, [{"u": ("inner", {"a": 1})}])
    assert table_of(data, columns=["u"]) == {"u": [{"a": 1}]}
    with pytest.raises(pfs.UnknownColumnError):
        pfs.read_avro(data, columns=["u.a"])


def test_limits():
    for limit in range(5):
        assert table_of(DATA, limit=limit)["id"] == EXPECTED["id"][:limit]
        assert [row["id"] for batch in pfs.scan_avro(DATA, limit=limit) for row in batch.to_pylist()] == (
            EXPECTED["id"][:limit])
    whole = written(SCHEMA, RIDES)  # one block
    assert table_of(whole, limit=2)["id"] == [1, 2]
    # What stands behind the limit may be broken.
    assert table_of(DATA[:-60], limit=1)["id"] == [1]


def test_scans_are_bounded_and_are_streams():
    data = written(SCHEMA, RIDES * 50, sync_interval=300)
    for size in (1, 7, 1000):
        scan = pfs.scan_avro(data, size)
        assert scan.schema == pfs.read_avro(data).schema
        batches = list(scan)
        assert all(batch.num_rows <= size for batch in batches)
        assert [row for batch in batches for row in batch.to_pylist()] == pfs.read_avro(data).to_pylist()
    scan = pfs.scan_avro(data, 10)
    next(scan)
    assert pa.table(scan).num_rows == 140
    assert pa.table(pfs.scan_avro(data)).to_pydict() == table_of(data)
    with pytest.raises(pfs.ArgumentError, match="batch_size"):
        pfs.scan_avro(data, 0)
    asked = pa.schema([("id", pa.int64()), ("city", pa.large_string())])
    capsule = pfs.scan_avro(data, columns=["id", "city"]).__arrow_c_stream__(asked.__arrow_c_schema__())

    class Carrier:
        def __arrow_c_stream__(self, requested_schema=None):
            return capsule

    assert pa.table(Carrier()).schema.field("city").type == pa.large_string()


def test_reader_schemas():
    reader = {"type": "record", "name": "ride", "fields": [
        {"name": "town", "type": ["null", "string"], "aliases": ["city"]},
        {"name": "id", "type": "double"},
        {"name": "fare", "type": "int", "default": 7},
        {"name": "last", "type": ["null", {"type": "record", "name": "stop", "fields": [
            {"name": "more", "type": {"type": "array", "items": "int"}, "default": [1, 2]},
            {"name": "name", "type": "bytes"}]}]},
    ]}
    expected = {
        "town": EXPECTED["city"], "id": [1.0, 2.0, -3.0], "fare": [7] * 3,
        "last": [None, {"more": [1, 2], "name": b"y"}, {"more": [1, 2], "name": b"z"}]}
    for schema in (reader, json.dumps(reader), json.dumps(reader, indent=1)):
        assert table_of(DATA, reader_schema=schema) == expected
        assert pa.table(pfs.scan_avro(DATA, reader_schema=schema)).to_pydict() == expected
    assert table_of(DATA, reader_schema=reader, columns=["last.more", "fare"]) == {
        "last": [None, {"more": [1, 2]}, {"more": [1, 2]}], "fare": [7] * 3}
    assert table_of(DATA, reader_schema=pfs.avro_schema(DATA)) == EXPECTED
    longs = written("int", [1, 2])
    assert table_of(longs, reader_schema="long") == table_of(longs, reader_schema='"long"') == {"value": [1, 2]}
    assert table_of(longs, reader_schema=["null", "double"]) == {"value": [1.0, 2.0]}
    assert table_of(longs, reader_schema=("null", "int")) == {"value": [1, 2]}
    with pytest.raises(pfs.AvroError, match='column "fare".*default'):
        pfs.read_avro(DATA, reader_schema={"type": "record", "name": "ride", "fields": [
            {"name": "fare", "type": "int"}]})
    with pytest.raises(pfs.AvroError):
        pfs.read_avro(DATA, reader_schema="int")


def test_options_that_make_no_sense_are_told_by_name():
    for options in ({"limit": -1}, {"threads": 0}, {"block_byte_limit": 0}, {"reader_schema": "strin"},
                    {"reader_schema": "{"}, {"reader_schema": {"type": "record"}}):
        with pytest.raises(pfs.ArgumentError, match=next(iter(options))):
            pfs.read_avro(DATA, **options)
    for options in ({"reader_schema": 3}, {"cancel": 3}, {"columns": [1]}):
        with pytest.raises(TypeError, match=next(iter(options))):
            pfs.read_avro(DATA, **options)


def test_the_memory_of_a_result_has_a_limit():
    data = written("string", ["x" * 1000] * 100, sync_interval=5000)
    assert pfs.read_avro(data, allocation_limit=1 << 24).num_rows == 100
    with pytest.raises(pfs.LimitError, match="allocation_limit"):
        pfs.read_avro(data, allocation_limit=20_000)
    assert sum(batch.num_rows for batch in pfs.scan_avro(data, allocation_limit=1 << 24)) == 100


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_read_takes_little_memory_beside_its_result(tmp_path, fresh, codec, threads):
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "id", "type": "long"}, {"name": "price", "type": "double"},
        {"name": "name", "type": ["null", "string"]}, {"name": "text", "type": "string"}]}
    rows = [
        {"id": number << 20, "price": number / 4, "name": None if number % 7 == 0 else f"name {number % 77}",
         "text": "a text of a usual length"} for number in range(20_000)]
    head = written(schema, [], codec)
    block = written(schema, rows, codec, sync_interval=1 << 30)[len(head):]
    block_size = len(written(schema, rows, "null", sync_interval=1 << 30))
    path = tmp_path / "table.avro"
    path.write_bytes(head + block * ((64 << 20) // block_size))
    code = f"""
import parquetframe_swift as pfs

def memory(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(name + ":"))

# What the library itself takes is not counted.
pfs.read_avro({str(path)!r}, limit=1000, threads={threads})
before = memory("VmRSS")
table = pfs.read_avro({str(path)!r}, threads={threads})
peak = memory("VmHWM")
import pyarrow
print(peak - before - pyarrow.table(table).nbytes)
"""
    # Two blocks for each thread, and 8 MiB as for CSV: code that was not used before, and what the
    # allocator keeps.
    assert int(fresh(code)) < 2 * threads * block_size + (8 << 20)


def test_the_size_of_blocks_has_a_limit():
    data = written("string", ["x" * 100_000], "deflate")
    assert pfs.read_avro(data, block_byte_limit=100_010).num_rows == 1
    with pytest.raises(pfs.LimitError, match="block_byte_limit") as caught:
        pfs.read_avro(data, block_byte_limit=99_999)
    assert caught.value.details["block"] == 0


# ---- Looking into files ---------------------------------------------------------------------------


def test_metadata(rides):
    found = pfs.avro_metadata(rides)
    assert found.codec == "null" and found.sync_marker == b"0123456789abcdef"
    assert found.metadata == {"who": "us"}
    assert found.schema == pfs.avro_schema(rides)
    assert found.canonical_form == fastavro.schema.to_parsing_canonical_form(found.schema)
    mark = fastavro.schema.fingerprint(found.canonical_form, "CRC-64-AVRO")
    assert found.fingerprint == int.from_bytes(bytes.fromhex(mark), "little")
    assert found.schema["fields"][0]["name"] == "id"
    assert found.num_records == 3 and found.num_blocks == 3 and len(found.blocks) == 3
    assert [block.records for block in found.blocks] == [1, 1, 1]
    theirs = list(fastavro.block_reader(open(rides, "rb")))
    assert [block.offset for block in found.blocks] == [block.offset for block in theirs]
    assert [block.bytes + 18 for block in found.blocks] == [block.size for block in theirs]
    content = json.loads(json.dumps(found.to_dict()))
    assert set(content) == {
        "file", "codec", "sync_marker", "header_bytes", "metadata", "schema", "canonical_form", "fingerprint",
        "records", "blocks"}
    assert content["sync_marker"] == b"0123456789abcdef".hex() and content["file"] == str(rides)
    text = repr(found)
    for part in ("AvroMetadata", "records:", "3", "codec:", "who", "id: long", "city: null | string",
                 "tags: map of int", "stops: array of record"):
        assert part in text
    html = found._repr_html_()
    assert "<table>" in html and "id: long" in html


def test_metadata_outlives_its_file_object():
    with io.BytesIO(DATA) as file:
        found = pfs.avro_metadata(file)
    assert found.num_records == 3 and found.to_dict()["records"] == 3


def test_counts_need_no_records():
    """Only the heads of blocks are read."""
    broken = bytearray(written("string", ["x" * 100] * 10, "deflate", 1))
    for block in pfs.avro_metadata(bytes(broken)).blocks:
        start = block.offset + 3
        broken[start:start + 3] = b"\xff\xff\xff"
    assert pfs.avro_record_count(bytes(broken)) == 10
    with pytest.raises(pfs.AvroError):
        pfs.read_avro(bytes(broken))


# ---- Errors ---------------------------------------------------------------------------------------


def test_what_is_no_avro():
    for data in (b"", b"Ob", b"PAR1", b"Obj\x02" + b"\0" * 50, DATA[:60]):
        for call in (pfs.read_avro, pfs.scan_avro, pfs.avro_schema, pfs.avro_record_count, pfs.avro_metadata):
            with pytest.raises(pfs.AvroError) as caught:
                call(data)
            assert caught.value.file == "memory"


def test_errors_name_block_offset_record_and_column(rides):
    blocks = pfs.avro_metadata(DATA).blocks
    cut = DATA[:-20]
    for call in (pfs.read_avro, lambda data: list(pfs.scan_avro(data)), pfs.avro_record_count,
                 lambda data: pfs.avro_metadata(data).num_blocks):
        with pytest.raises(pfs.AvroError) as caught:
            call(cut)
        assert caught.value.block == 2 and caught.value.offset == blocks[2].offset
        assert isinstance(caught.value, pfs.FormatError) and isinstance(caught.value, ValueError)

    marker = bytearray(DATA)
    marker[blocks[1].offset - 1] ^= 1  # the last byte of the first block's marker
    with pytest.raises(pfs.AvroError, match="sync marker") as caught:
        pfs.read_avro(bytes(marker))
    assert caught.value.block == 0

    # The branch of "city" in the second block: behind the two counts and the long.
    branch = bytearray(DATA)
    place = blocks[1].offset + 2 + 1
    assert branch[place] == 0
    branch[place] = 8
    path = rides.with_name("broken.avro")
    path.write_bytes(branch)
    for call in (pfs.read_avro, lambda source: list(pfs.scan_avro(source, batch_size=1))):
        with pytest.raises(pfs.AvroError, match="branch 4 of a union of 2") as caught:
            call(path)
        problem = caught.value
        assert (problem.block, problem.record, problem.column, problem.file) == (1, 1, "city", str(path))
        assert place <= problem.offset <= place + 1
        assert f"{path}, record 1, column \"city\", block 1, byte {problem.offset}" in str(problem)
    # The first block alone is good.
    assert table_of(path, limit=1)["id"] == [1]
    assert pfs.read_avro(path, columns=["id"], limit=1).num_rows == 1


def test_every_prefix_is_an_answer_or_an_error():
    for end in range(len(DATA)):
        try:
            table = pfs.read_avro(DATA[:end])
        except pfs.AvroError as problem:
            assert problem.offset is None or 0 <= problem.offset <= end
        else:
            assert table.num_rows < 3


@pytest.mark.parametrize("codec", CODECS[1:])
def test_broken_compression_names_the_block(codec):
    data = bytearray(written("string", ["x" * 50, "y" * 50], codec, 1))
    blocks = pfs.avro_metadata(bytes(data)).blocks
    data[blocks[1].offset + 4:blocks[1].offset + 10] = b"\xff" * 6
    with pytest.raises(pfs.AvroError) as caught:
        pfs.read_avro(bytes(data))
    assert caught.value.block == 1 and caught.value.offset == blocks[1].offset


def test_snappy_blocks_have_a_checksum():
    data = bytearray(written("string", ["x" * 50], "snappy"))
    data[-17] ^= 1
    with pytest.raises(pfs.AvroError, match="snappy") as caught:
        pfs.read_avro(bytes(data))
    assert caught.value.block == 0


def test_claims_are_not_believed():
    head = written("null", [])
    many = head + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"\x00" + b"0123456789abcdef"
    with pytest.raises((pfs.Error, MemoryError)):
        pfs.read_avro(many)
    longs = written("long", [])
    claimed = longs + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" + b"\x02\x02" + b"0123456789abcdef"
    with pytest.raises(pfs.AvroError) as caught:
        pfs.read_avro(claimed)
    assert caught.value.block == 0
    strings = written("string", [])
    with pytest.raises(pfs.AvroError):
        pfs.read_avro(strings + b"\x02\x0c\xfe\xff\xff\xff\x0fx" + b"0123456789abcdef")


def test_broken_blocks_can_be_left_out(rides):
    blocks = pfs.avro_metadata(DATA).blocks
    data = bytearray(DATA)
    data[blocks[1].offset + 3] = 8
    path = rides.with_name("broken.avro")
    path.write_bytes(data)
    for threads in (1, 3):
        table = pfs.read_avro(path, on_error="skip", threads=threads)
        assert table.to_pydict()["id"] == [1, -3]
        assert table.reject_count == 1
        reject = table.rejects.to_pylist()[0]
        assert (reject["file"], reject["block"], reject["column"]) == (str(path), 1, "city")
        assert "branch 4" in reject["reason"]
    scan = pfs.scan_avro(path, on_error="skip")
    assert [row["id"] for batch in scan for row in batch.to_pylist()] == [1, -3]
    assert scan.reject_count == 1 and scan.rejects.to_pylist() == [reject]
    table = pfs.read_avro(DATA[:-20], on_error="skip")
    assert table.to_pydict()["id"] == [1, 2] and table.reject_count == 1
    marker = bytearray(DATA)
    marker[blocks[1].offset - 1] ^= 1
    table = pfs.read_avro(bytes(marker), on_error="skip")
    assert set(table.to_pydict()["id"]) >= {-3} and table.reject_count >= 1
    clean = pfs.read_avro(DATA, on_error="skip")
    assert clean.to_pydict() == EXPECTED and clean.reject_count == 0 and clean.rejects.num_rows == 0
    assert pfs.read_avro(DATA).reject_count == 0
    # Files that were joined byte by byte are one file then.
    joined = pfs.read_avro(DATA + DATA, on_error="skip")
    assert joined.to_pydict()["id"] == EXPECTED["id"] * 2
    with pytest.raises(pfs.AvroError, match="another Avro file"):
        pfs.read_avro(DATA + DATA)
    with pytest.raises(pfs.ArgumentError, match="on_error"):
        pfs.read_avro(DATA, on_error="null")


# ---- Stopping -------------------------------------------------------------------------------------


def test_cancellation():
    token = pfs.CancellationToken()
    token.cancel()
    with pytest.raises(pfs.CancelledError):
        pfs.read_avro(DATA, cancel=token)
    with pytest.raises(pfs.CancelledError):
        list(pfs.scan_avro(DATA, cancel=token))

    class Slow(io.BytesIO):
        def read(self, count=-1):
            stop.wait(0.01)
            return super().read(min(count, 16))

    stop, token = threading.Event(), pfs.CancellationToken()
    data = written(SCHEMA, RIDES * 1000)
    threading.Timer(0.2, token.cancel).start()
    with pytest.raises(pfs.CancelledError):
        pfs.read_avro(Slow(data), cancel=token)


def test_ctrl_c_stops_within_a_tenth_of_a_second(fresh, tmp_path):
    path = tmp_path / "long.avro"
    path.write_bytes(written(SCHEMA, RIDES * 2000))
    code = f"""
import io, os, pathlib, signal, threading, time
import parquetframe_swift as pfs

class Slow(io.BytesIO):
    def read(self, count=-1):
        time.sleep(0.01)
        return super().read(min(count, 64))

data = pathlib.Path({str(path)!r}).read_bytes()
pfs.avro_record_count(data)
for call in (lambda: pfs.read_avro(Slow(data)), lambda: list(pfs.scan_avro(Slow(data))),
             lambda: pfs.avro_record_count(Slow(data))):
    sent = []
    def strike():
        time.sleep(0.3)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=strike).start()
    try:
        call()
    except KeyboardInterrupt:
        print(time.perf_counter() - sent[0] < 0.15)
    else:
        print("was not stopped")
print(pfs.avro_record_count(data))
"""
    assert fresh(code).split() == ["True", "True", "True", "6000"]


# ---- Without the engine ---------------------------------------------------------------------------


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


@pytest.mark.parametrize("options", [
    {}, {"columns": ["city", "id"]}, {"columns": ["stops.name", "last.minutes"]}, {"limit": 2}, {"limit": 0},
    {"memory_map": True}, {"threads": 1},
    {"reader_schema": {"type": "record", "name": "ride", "fields": [
        {"name": "id", "type": "double"}, {"name": "n", "type": "int", "default": 3}]}}], ids=str)
def test_the_fallback_gives_the_same(both, rides, options):
    ours, theirs = both(lambda: pfs.read_avro(rides, **options))
    assert ours.shape == theirs.shape
    assert plain_table(ours.to_pyarrow()) == plain_table(theirs.to_pyarrow())
    assert ours.schema == theirs.schema
    options.pop("memory_map", None)
    ours, theirs = both(lambda: [batch.to_pylist() for batch in pfs.scan_avro(rides, 1, **options)])
    assert ours == theirs


@pytest.mark.parametrize("codec", CODECS)
def test_the_fallback_reads_each_codec_and_kind_of_source(both, codec, tmp_path):
    data = written(SCHEMA, RIDES * 10, codec, 100)
    path = tmp_path / "a.avro"
    path.write_bytes(data)
    for make in (lambda: path, lambda: tmp_path, lambda: data, lambda: io.BytesIO(data), lambda: [path, data]):
        ours, theirs = both(lambda make=make: pfs.read_avro(make()).to_pydict())
        assert ours == theirs
    ours, theirs = both(lambda: (
        pfs.avro_record_count([path, data]), pfs.avro_schema(path), pfs.avro_metadata(path).codec,
        pfs.avro_metadata(path).sync_marker, pfs.avro_metadata(path).metadata,
        [block.to_dict() for block in pfs.avro_metadata(path).blocks], repr(pfs.avro_metadata(path))))
    assert ours == theirs


@pytest.mark.parametrize("kind, values", [
    (logical("int", "date"), [1, -1]), (logical("long", "timestamp-nanos"), [2**62]),
    (logical("bytes", "decimal", precision=40, scale=3), [b"\x01\x00", b"\xff"]),
    (logical("long", "timestamp-micros"), [2**62]), ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, ["B"]),
    ({"type": "array", "items": ["null", {"type": "map", "values": "boolean"}]}, [[None, {"a": True}, {}], []]),
    (["null", {"type": "record", "name": "q", "fields": [{"name": "z", "type": "float"}]}], [None, {"z": 1.5}]),
    ("null", [None]), ({"type": "fixed", "name": "f", "size": 2}, [b"ab"])], ids=str)
def test_the_fallback_has_the_same_types(both, kind, values):
    schema = {"type": "record", "name": "r", "fields": [{"name": "x", "type": kind}]}
    data = written(schema, [{"x": value} for value in values])
    ours, theirs = both(lambda: pfs.read_avro(data).to_pyarrow())
    assert ours.schema.remove_metadata() == theirs.schema.remove_metadata()
    theirs.validate(full=True)
    assert plain_table(ours) == plain_table(theirs)


def test_errors_of_the_fallback(both, rides):
    def attempt(call, kind):
        with pytest.raises(kind) as caught:
            call()
        return caught.type

    for call, kind in (
            (lambda: pfs.read_avro(rides, columns=["nope"]), pfs.UnknownColumnError),
            (lambda: pfs.read_avro("no such file.avro"), FileNotFoundError),
            (lambda: pfs.read_avro(b"nothing"), pfs.AvroError),
            (lambda: pfs.read_avro(DATA[:-20]), pfs.AvroError),
            (lambda: pfs.read_avro(DATA, reader_schema="{"), pfs.ArgumentError)):
        ours, theirs = both(lambda call=call, kind=kind: attempt(call, kind))
        assert ours == theirs


def test_the_fallback_says_so_and_says_what_it_lacks(fresh, rides):
    code = f"""
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
import parquetframe_swift as pfs
print(pfs.avro_record_count({str(rides)!r}))
"""
    lines = fresh(code, PARQUETFRAME_DISABLE_SWIFT="1")
    assert "in place of the engine" in lines and lines.split()[-1] == "3"
    hidden = f"""
import sys
sys.modules["fastavro"] = None
import parquetframe_swift as pfs
try:
    pfs.read_avro({str(rides)!r})
except pfs.EngineUnavailableError as problem:
    print(problem)
"""
    assert "fastavro" in fresh(hidden, PARQUETFRAME_DISABLE_SWIFT="1")
    union = written({"type": "record", "name": "r", "fields": [{"name": "u", "type": ["int", "string"]}]}, [{"u": 1}])
    pfs.set_config(io_enabled=False)
    with pytest.raises(pfs.UnsupportedError, match="union"):
        pfs.read_avro(union)
