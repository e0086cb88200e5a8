"""Types: what Arrow writers lose in Parquet and what they leave to restore it, against pyarrow."""

import base64
import datetime
import decimal
import io
import random
import uuid

import pytest

import parquetframe_swift as pfs

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

D = decimal.Decimal
LAYOUTS = ["utf8", "large_utf8", "utf8_view", "dictionary"]


def written(table, **options) -> bytes:
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def same(data: bytes, **options):
    """Ours, which must be what pyarrow reads, down to the metadata of the fields."""
    ours = pfs.read_parquet(data, **options).to_pyarrow()
    ours.validate(full=True)
    # Through the same interface, which names the entries of maps in its own way.
    theirs = pa.RecordBatchReader.from_stream(pq.read_table(io.BytesIO(data))).read_all()
    assert ours.schema.equals(theirs.schema, check_metadata=True), (ours.schema, theirs.schema)
    assert ours.equals(theirs)
    return ours


def extension(type_, storage):
    return pa.ExtensionArray.from_storage(type_, storage)


MOMENTS = [0, -1, 1_700_000_000, None]
DAY = [datetime.date(2020, 2, 29), None, datetime.date(1969, 12, 31)]
ARRAYS = [
    pa.array([None, None], pa.null()),
    pa.array([True, None, False]),
    *(pa.array([1, None, 100], getattr(pa, name)()) for name in [
        "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]),
    pa.array([1.5, None, -0.0], pa.float16()),
    pa.array(DAY, pa.date32()),
    pa.array(DAY, pa.date64()),
    *(pa.array([datetime.time(1, 2, 3), None], t) for t in [
        pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")]),
    *(pa.array(MOMENTS, pa.timestamp(unit, zone))
      for unit in ["s", "ms", "us", "ns"] for zone in [None, "UTC", "Europe/Berlin", "+05:30"]),
    *(pa.array([1, None, -7], pa.duration(unit)) for unit in ["s", "ms", "us", "ns"]),
    *(pa.array(["a", None, "a longer value than fits"], t) for t in [
        pa.string(), pa.large_string(), pa.string_view()]),
    *(pa.array([b"a", None, b"\xff a longer value than fits"], t) for t in [
        pa.binary(), pa.large_binary(), pa.binary_view()]),
    pa.array([b"abcd", None], pa.binary(4)),
    *(pa.array([D("1.5"), None, D("-3.25")], t(precision, 2))
      for t, precision in [
          (pa.decimal32, 5), (pa.decimal32, 9), (pa.decimal64, 5), (pa.decimal64, 18), (pa.decimal128, 5),
          (pa.decimal128, 38), (pa.decimal256, 5), (pa.decimal256, 76)]),
    *(pa.array(["a", None, "b", "a"], pa.dictionary(index, value, ordered))
      for index in [pa.int8(), pa.uint16(), pa.int32(), pa.int64()]
      for value, ordered in [(pa.string(), False), (pa.large_string(), True)]),
    pa.array([b"a", None, b"b"], pa.dictionary(pa.int16(), pa.binary())),
    pa.array([1, None, 2, 1], pa.dictionary(pa.int16(), pa.int64())),
    extension(pa.uuid(), pa.array([uuid.UUID(int=5).bytes, None], pa.binary(16))),
    extension(pa.json_(), pa.array(['{"a": 1}', None])),
    extension(pa.json_(pa.large_string()), pa.array(['{"a": 1}', None], pa.large_string())),
    extension(pa.bool8(), pa.array([1, None], pa.int8())),
    extension(pa.opaque(pa.int32(), "what", "who"), pa.array([1, None], pa.int32())),
    pa.array([[1, None], None, []], pa.list_(pa.int32())),
    pa.array([[1, None], None, []], pa.large_list(pa.int32())),
    pa.array([["x", None], None, []], pa.list_(pa.field("x", pa.large_string(), metadata={"a": "b"}))),
    pa.array([[[1], None], None, [[]]], pa.large_list(pa.large_list(pa.duration("s")))),
    pa.array([[1], None], pa.list_(pa.timestamp("us", "Asia/Tokyo"))),
    pa.array([["a", "b"], None, ["a"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
    pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32(), keys_sorted=True)),
    pa.array([[("a", ["1"])], None], pa.map_(pa.large_string(), pa.large_list(pa.string_view()))),
    pa.array([{"a": 1, "b": "x"}, None], pa.struct([
        pa.field("a", pa.duration("s"), metadata={"z": "y"}),
        pa.field("b", pa.dictionary(pa.int8(), pa.string()))])),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.type))
def test_a_type_comes_back_as_pyarrow_restores_it(array):
    field = pa.field("c", array.type, metadata={"k": "v", "l": ""})
    schema = pa.schema([field], metadata={"of": "the schema"})
    same(written(pa.table([array], schema=schema)))
    same(written(pa.table([array], schema=schema), store_schema=False))
    same(written(pa.table([array], schema=schema), use_dictionary=False, data_page_version="2.0"))


@pytest.mark.parametrize("options", [
    {"store_decimal_as_integer": True},
    {"store_decimal_as_integer": True, "store_schema": False}])
@pytest.mark.parametrize("type_", [
    pa.decimal32(5, 2), pa.decimal64(5, 2), pa.decimal64(12, 2), pa.decimal128(9, 2), pa.decimal128(18, 2),
    pa.decimal256(12, 2)], ids=str)
def test_decimals_of_integers_have_every_width(type_, options):
    values = [D("1.50"), None, D("-1.25"), D("999.99"), D("-999.99")]
    assert same(written(pa.table({"c": pa.array(values, type_)}), **options))["c"].to_pylist() == values


def pairs(child, **options):
    return pa.list_(pa.field("item", child, **options), 2)


INT = pa.int32()
ONE_SIZE = [
    ([[1, 2], None, [None, 4]], pairs(INT)),
    ([None, [1, 2], None, None, [3, 4], [5, 6], None], pairs(INT, nullable=False)),
    ([None] * 9, pairs(INT)),
    ([], pairs(INT)),
    ([[True, None], None] * 5, pairs(pa.bool_())),
    ([[None, None], None], pairs(pa.null())),
    ([["a", None], None, ["", "a value that is rather long"]] * 4, pairs(pa.string())),
    ([None, [b"a", None]], pairs(pa.large_binary())),
    ([["a", "a value that is rather long"], None, [None, ""]], pairs(pa.string_view())),
    ([None, ["a", "b"], ["b", None]], pairs(pa.dictionary(pa.int8(), pa.string()))),
    ([[b"abc", None], None], pairs(pa.binary(3))),
    ([[D("1.5"), None], None], pairs(pa.decimal256(40, 1))),
    ([[[1, 2], None], None, [None, [3, 4]]], pairs(pairs(INT))),
    ([[[1, 2], None], None, [], [None, [3, 4], [5, 6]]], pa.list_(pairs(INT))),
    ([[["a"], []], None, [None, ["b", None]]], pairs(pa.list_(pa.string()))),
    ([[["a"], []], None, [None, ["b", None]]], pairs(pa.large_list(pa.string()))),
    ([[{"a": 1, "b": ["x"]}, None], None], pairs(pa.struct({"a": INT, "b": pa.list_(pa.string())}))),
    ([[{"a": [1, 2], "b": None}, None], None, [{"a": None, "b": "x"}, {"a": [3, 4], "b": "y"}]],
     pairs(pa.struct({"a": pairs(INT), "b": pa.string()}))),
    ([[[("k", 1)], []], None, [None, [("l", None)]]], pairs(pa.map_(pa.string(), INT))),
    ([[("k", [1, 2]), ("l", None)], None, []], pa.map_(pa.string(), pairs(INT))),
    ([{"a": ["x", "y"]}, None, {"a": None}], pa.struct({"a": pairs(pa.string())})),
    ([[1.5, None, -1.0] * 100, None] * 50, pa.list_(pa.float32(), 300)),
]


@pytest.mark.parametrize(("values", "type_"), ONE_SIZE, ids=lambda case: str(case)[:60])
def test_lists_of_one_size_are_padded_where_they_are_null(values, type_):
    table = pa.table({"c": pa.array(values, type_)})
    for options in [{}, {"data_page_version": "2.0", "row_group_size": 3}]:
        data = written(table, **options)
        assert same(data)["c"].to_pylist() == values
        for batch_size in [1, 2, 5]:
            scan = pa.table(pfs.scan_parquet(data, batch_size=batch_size))
            scan.validate(full=True)
            assert scan.schema.types == pq.read_table(io.BytesIO(data)).schema.types
            assert scan["c"].to_pylist() == values
    some = pfs.read_parquet(written(table), limit=3).to_pyarrow()
    some.validate(full=True)
    assert some["c"].to_pylist() == values[:3]


def test_a_null_struct_pads_the_lists_that_cannot_be_null():
    """pyarrow writes such a file, but says of it that a list has another size."""
    lists = pa.array([[1, 2], [0, 0], [3, 4]], pairs(INT))
    structs = pa.StructArray.from_arrays(
        [lists], fields=[pa.field("a", lists.type, nullable=False)], mask=pa.array([False, True, False]))
    ours = pfs.read_parquet(written(pa.table({"c": structs}))).to_pyarrow()
    ours.validate(full=True)
    assert ours["c"].to_pylist() == [{"a": [1, 2]}, None, {"a": [3, 4]}]
    assert pa.types.is_fixed_size_list(ours.schema.field("c").type.field("a").type)


def test_lists_of_one_size_have_that_size():
    stored = pa.schema([("c", pairs(INT))])
    for values in [[[1, 2], [3]], [[1, 2], []], [None, [1, 2, 3]]]:
        table = pa.table({"c": pa.array(values, pa.list_(INT))})
        data = with_stored_schema(table, base64.b64encode(bytes(stored.serialize())))
        with pytest.raises(pfs.errors.FormatError, match="2 elements"):
            pfs.read_parquet(data)
        assert pfs.read_parquet(data, restore_arrow_schema=False).to_pydict() == {"c": values}
    required = pa.schema([pa.field("c", pairs(INT), nullable=False)])
    same(written(pa.table([pa.array([[1, 2], [None, 4]], pairs(INT))], schema=required)))


def test_a_size_that_no_list_bears_out_takes_no_memory():
    table = pa.table({"c": pa.array([[None]] + [None] * 9, pa.list_(pa.list_(INT)))})
    for inner, outer in [(2**31 - 1, 1), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1)]:
        stored = pa.schema([("c", pa.list_(pa.list_(INT, inner), outer))])
        data = with_stored_schema(table, base64.b64encode(bytes(stored.serialize())))
        with pytest.raises((pfs.errors.LimitError, pfs.errors.FormatError)):
            pfs.read_parquet(data)
    # Sizes that may be are counted with the rest of the result.
    table = pa.table({"c": pa.array([None] * 1000, pa.list_(pa.int64()))})
    stored = pa.schema([("c", pa.list_(pa.int64(), 1000))])
    data = with_stored_schema(table, base64.b64encode(bytes(stored.serialize())))
    with pytest.raises(pfs.errors.LimitError, match="allocation_limit"):
        pfs.read_parquet(data, allocation_limit=4 << 20)
    assert pfs.read_parquet(data, allocation_limit=16 << 20).to_pydict() == {"c": [None] * 1000}
    # pyarrow itself gives an element to each of these.
    table = pa.table({"c": pa.array([[], None, []], pa.list_(INT, 0))})
    assert pa.types.is_list(pfs.read_parquet(written(table)).to_pyarrow().schema.field("c").type)


def test_the_schema_can_be_passed_over():
    data = written(pa.table({"c": pa.array([1], pa.duration("s")), "d": pa.array(["a"]).dictionary_encode()}))
    ours = pfs.read_parquet(data, restore_arrow_schema=False).to_pyarrow()
    assert ours.schema.types == [pa.int64(), pa.string()]


def with_stored_schema(table, stored: bytes) -> bytes:
    target = io.BytesIO()
    with pq.ParquetWriter(target, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"ARROW:schema": stored, "k": "v"})
    assert b"ARROW:schema" in target.getvalue()
    return target.getvalue()


def test_a_schema_that_does_not_fit_is_no_error():
    table = pa.table({"c": [1, 2], "d": ["a", "b"]})
    plain = pq.read_table(io.BytesIO(written(table)))
    fits_not = [
        pa.schema([("c", pa.large_string()), ("d", pa.duration("s"))]),
        pa.schema([("d", pa.duration("s")), ("c", pa.large_string())]),
        pa.schema([("c", pa.list_(pa.int64())), ("d", pa.struct([("e", pa.int8())]))]),
        pa.schema([("c", pa.decimal128(5, 2)), ("d", pa.dictionary(pa.int8(), pa.int64()))]),
        pa.schema([]),
    ]
    stored = [base64.b64encode(bytes(schema.serialize())) for schema in fits_not]
    whole = bytes(plain.schema.serialize())
    stored += [b"", b"=", b"not base64!", base64.b64encode(b"no message at all")]
    stored += [base64.b64encode(whole[:length]) for length in range(0, len(whole), 7)]
    for text in stored:
        ours = pfs.read_parquet(with_stored_schema(table, text)).to_pyarrow()
        assert ours.schema.types == table.schema.types, text
        assert ours.to_pylist() == table.to_pylist()
        assert ours.schema.metadata == {b"k": b"v"}


def test_any_byte_of_the_schema_may_be_wrong():
    table = pa.table({"c": pa.array([1, 2], pa.duration("us")), "d": pa.array(["a", "b"]).dictionary_encode()})
    whole = bytearray(table.schema.serialize())
    random.seed(3)
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << random.randrange(8)
        ours = pfs.read_parquet(with_stored_schema(table, base64.b64encode(changed))).to_pyarrow()
        ours.validate(full=True)
        assert [str(value) for value in ours["d"].to_pylist()] == ["a", "b"]


def test_unknown_types_leave_the_others_alone():
    table = pa.table({"c": pa.array([1], pa.duration("us")), "d": ["a"]})
    stored = pa.schema([("c", pa.duration("us")), ("d", pa.run_end_encoded(pa.int32(), pa.large_string()))])
    ours = pfs.read_parquet(
        with_stored_schema(table, base64.b64encode(bytes(stored.serialize())))).to_pyarrow()
    assert ours.schema.types == [pa.duration("us"), pa.large_string()]


# ---- Layouts of strings -----------------------------------------------------------------------


def words(count: int, distinct: int) -> list:
    random.seed(count)
    return [
        None if random.random() < 0.1
        else "é" * random.randint(0, 3) + f"word {random.randrange(distinct)}" + "x" * random.randint(0, 9)
        for _ in range(count)]


@pytest.mark.parametrize("options", [
    {}, {"use_dictionary": False}, {"dictionary_pagesize_limit": 2000, "data_page_size": 1000},
    {"dictionary_pagesize_limit": 300, "data_page_size": 100, "data_page_version": "2.0"},
    {"column_encoding": "DELTA_BYTE_ARRAY", "use_dictionary": False},
    {"column_encoding": "DELTA_LENGTH_BYTE_ARRAY", "use_dictionary": False}], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_the_same(layout, options):
    values = words(5000, 700)
    data = written(pa.table({"s": values}), row_group_size=1700, **options)
    ours = pfs.read_parquet(data, string_output=layout).to_pyarrow()
    ours.validate(full=True)
    assert ours["s"].to_pylist() == values
    scan = pfs.scan_parquet(data, string_output=layout, batch_size=333)
    batches = pa.RecordBatchReader.from_stream(scan).read_all()
    batches.validate(full=True)
    assert batches.schema == ours.schema
    assert batches["s"].to_pylist() == values


@pytest.mark.parametrize("layout", LAYOUTS)
def test_below_lists_as_well(layout):
    flat = words(3000, 60)
    values = [flat[i:i + i % 5] for i in range(0, 2990)]
    data = written(
        pa.table({"l": values, "s": [{"x": row[0] if row else None} for row in values]}),
        dictionary_pagesize_limit=200, data_page_size=100)
    ours = pfs.read_parquet(data, string_output=layout).to_pyarrow()
    ours.validate(full=True)
    assert ours["l"].to_pylist() == values
    assert [row["x"] for row in ours["s"].to_pylist()] == [row[0] if row else None for row in values]
    only = pfs.read_parquet(data, string_output={"s.x": "large_utf8"}).to_pyarrow()
    assert only.schema.field("s").type.field("x").type == pa.large_string()
    assert only.schema.field("l").type.value_type == pa.string()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_others_take_every_layout(layout):
    values = words(2000, 30)
    octets = [None if value is None else value.encode() for value in values]
    answer = pfs.read_parquet(
        written(pa.table({"s": values, "b": octets}), row_group_size=600), string_output=layout)
    assert answer["s"].to_pylist() == values
    polars = pytest.importorskip("polars")
    frame = answer.to_polars()
    assert frame["s"].cast(polars.String).to_list() == values
    assert frame["b"].cast(polars.Binary).to_list() == octets
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.sql("select s, b from answer").fetchall() == list(zip(values, octets))
    pandas = answer.to_pandas()
    assert [None if value is None or value != value else value for value in pandas["s"]] == values


def test_dictionaries_are_chosen_by_name():
    data = written(pa.table({"a": ["x", "x"], "b": ["y", "z"], "c": [b"1", b"2"], "i": [1, 2]}))
    ours = pfs.read_parquet(data, dictionary=["a"], string_output="large_utf8").to_pyarrow()
    assert ours.schema.types == [
        pa.dictionary(pa.int32(), pa.string()), pa.large_string(), pa.large_binary(), pa.int64()]
    with pytest.raises(pfs.errors.ArgumentError, match="string_output"):
        pfs.read_parquet(data, string_output="utf9")


def test_a_scan_comes_as_its_consumer_asks():
    values = words(900, 40)
    data = written(pa.table({"s": values, "i": list(range(900))}), row_group_size=300)
    asked = pa.schema([("s", pa.string_view()), ("i", pa.int64())])
    for sources in [data, [data, data]]:
        scan = pfs.scan_parquet(sources, batch_size=100)
        got = pa.RecordBatchReader.from_stream(scan, schema=asked).read_all()
        assert got.schema.types == [pa.string_view(), pa.int64()]
        assert got["s"].to_pylist() == values * (len(sources) if isinstance(sources, list) else 1)
    scan = pfs.scan_parquet(data, batch_size=100)
    next(scan)
    capsule = scan.__arrow_c_stream__(asked.__arrow_c_schema__())
    assert capsule is not None  # too late to choose: the rest comes as it began


ASKED = {
    "utf8": (pa.string(), pa.binary()), "large_utf8": (pa.large_string(), pa.large_binary()),
    "utf8_view": (pa.string_view(), pa.binary_view())}


@pytest.mark.parametrize("engine", [True, False])
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_comes_as_its_consumer_asks(layout, asked, engine):
    values = words(900, 40)
    octets = [None if value is None else value.encode() for value in values]
    made = pa.table({"s": values, "b": octets, "i": list(range(900))})
    pfs.set_config(io_enabled=engine)
    table = pfs.read_parquet(written(made, row_group_size=400), string_output=layout)
    if not engine and layout == "dictionary":
        return  # what pyarrow does not cast comes as it is
    schema = pa.schema([("s", ASKED[asked][0]), ("b", ASKED[asked][1]), ("i", pa.int64())])
    for part in [table, table.slice(7, 300), table.slice(395, 10), table.slice(3, 0)]:
        got = pa.RecordBatchReader.from_stream(part, schema=schema).read_all()
        got.validate(full=True)
        assert got.schema.types == schema.types
        assert got.to_pydict() == part.to_pydict()
        got = pa.chunked_array(pa.ChunkedArray._import_from_c_capsule(
            part["s"].__arrow_c_stream__(schema.types[0].__arrow_c_schema__())))
        got.validate(full=True)
        assert got.type == schema.types[0] and got.to_pylist() == part["s"].to_pylist()
    batch = next(table.iter_batches())
    got = pa.RecordBatch._import_from_c_capsule(*batch.__arrow_c_array__(schema.__arrow_c_schema__()))
    assert got.schema.types == schema.types and got["b"].to_pylist() == octets[:got.num_rows]
    got = pa.Array._import_from_c_capsule(
        *batch["b"].__arrow_c_array__(schema.types[1].__arrow_c_schema__()))
    assert got.type == schema.types[1] and got.to_pylist() == octets[:len(got)]


def test_what_cannot_be_is_not_asked_for():
    made = pa.table({
        "a": ["x", None], "b": [b"\xff", b""], "d": pa.array(["x", None]).dictionary_encode(),
        "i": pa.array([1, 2]).dictionary_encode(), "n": [1, 2], "l": [["x"], []]})
    asked = pa.schema([
        ("a", pa.binary()), ("b", pa.string()), ("d", pa.dictionary(pa.int8(), pa.large_string())),
        ("i", pa.string()), ("n", pa.large_string()), ("l", pa.string_view()), ("other", pa.string())])
    table = pfs.table(made)
    got = pa.RecordBatchReader._import_from_c_capsule(
        table.__arrow_c_stream__(asked.__arrow_c_schema__())).read_all()
    assert got.schema == made.schema and got.equals(made)


def test_dictionaries_with_nulls_and_views_of_others_are_looked_up():
    values = ["x", None, "a value that is rather long"]
    chosen = [0, 1, None, 2, 0]
    expected = ["x", None, None, "a value that is rather long", "x"]
    for kind in [pa.string(), pa.large_string(), pa.string_view()]:
        array = pa.DictionaryArray.from_arrays(pa.array(chosen, pa.uint8()), pa.array(values, kind))
        for part, wanted in [(array, expected), (array.slice(1, 3), expected[1:4])]:
            column = pfs.table(pa.table({"c": part}))["c"]
            for asked, _ in ASKED.values():
                got = pa.chunked_array(pa.ChunkedArray._import_from_c_capsule(
                    column.__arrow_c_stream__(asked.__arrow_c_schema__())))
                got.validate(full=True)
                assert got.type == asked and got.to_pylist() == wanted
                assert got.null_count == wanted.count(None)


def test_the_fallback_knows_the_layouts():
    values = words(50, 5)
    data = written(pa.table({"s": values, "b": [b"x"] * 50, "i": list(range(50))}))
    pfs.set_config(io_enabled=False)
    try:
        for layout in LAYOUTS:
            options = {"string_output": layout, "dictionary": ["b"]}
            theirs = pfs.read_parquet(data, **options).to_pyarrow()
            pfs.set_config(io_enabled=True)
            ours = pfs.read_parquet(data, **options).to_pyarrow()
            pfs.set_config(io_enabled=False)
            assert theirs.schema == ours.schema
            assert theirs["s"].to_pylist() == ours["s"].to_pylist() == values
    finally:
        pfs.set_config(io_enabled=True)


# ---- pandas ------------------------------------------------------------------------------------


def test_pandas_gets_its_index_back():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"a": [1, 2, 3], "c": pandas.Categorical(["x", "y", "x"])},
        index=pandas.Index([10, 20, 30], name="key"))
    target = io.BytesIO()
    frame.to_parquet(target, engine="pyarrow")
    table = pfs.read_parquet(target.getvalue())
    assert b"pandas" in table.to_pyarrow().schema.metadata
    pandas.testing.assert_frame_equal(table.to_pyarrow().to_pandas(), frame)
    pandas.testing.assert_frame_equal(table.to_pandas(), frame)
