"""`filters=` against pyarrow's, and what a filter leaves unread."""

import datetime
import decimal
import io
import math
import os
import pathlib
import uuid

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import parquetframe_swift as pfs

DAY = datetime.date(2020, 1, 1)
UTC = datetime.timezone.utc


def written(table, **options):
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def start(days: int) -> datetime.datetime:
    return datetime.datetime(2020, 1, 1) + datetime.timedelta(days)


few = st.integers(-4, 4)
VALUES = {
    "i8": (pa.int8(), few),
    "i64": (pa.int64(), few),
    "u32": (pa.uint32(), st.integers(0, 6)),
    "f64": (pa.float64(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, -2.0])),
    "f32": (pa.float32(), st.sampled_from([math.nan, 0.0, -0.0, 0.5, 3.0])),
    "flag": (pa.bool_(), st.booleans()),
    "text": (pa.string(), st.sampled_from(["", "a", "ab", "é", "z" * 80])),
    "bytes": (pa.binary(), st.sampled_from([b"", b"a", b"\xff"])),
    "fixed": (pa.binary(2), st.sampled_from([b"aa", b"ab", b"\xff\xff"])),
    "day": (pa.date32(), few.map(lambda v: DAY + datetime.timedelta(v))),
    "when": (pa.timestamp("ms"), few.map(start)),
    "utc": (pa.timestamp("us", "UTC"), few.map(lambda v: start(v).replace(tzinfo=UTC))),
    "clock": (pa.time64("us"), st.integers(0, 5).map(datetime.time)),
    "price": (pa.decimal128(9, 2), few.map(lambda v: decimal.Decimal(v) / 4)),
}


@st.composite
def tables(draw):
    count = draw(st.integers(0, 60))
    columns = {"row": pa.array(range(count))}
    for name in draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=4, unique=True)):
        kind, values = VALUES[name]
        drawn = draw(st.lists(st.none() | values, min_size=count, max_size=count))
        if draw(st.booleans()):
            drawn.sort(key=lambda value: (value is None, str(value)))
        columns[name] = pa.array(drawn, kind)
    return pa.table(columns)


@st.composite
def filters_of(draw, table):
    def term():
        name = draw(st.sampled_from(table.column_names[1:]))
        literal = st.none() | VALUES[name][1]
        operator = draw(st.sampled_from(["=", "==", "!=", "<", "<=", ">", ">=", "in", "not in"]))
        if operator in ("in", "not in"):
            return name, operator, draw(st.lists(literal, min_size=1, max_size=4).filter(
                lambda values: any(value is not None for value in values)))
        return name, operator, draw(literal)

    groups = [[term() for _ in range(draw(st.integers(1, 3)))] for _ in range(draw(st.integers(1, 2)))]
    return groups[0] if len(groups) == 1 and draw(st.booleans()) else groups


@given(st.data())
def test_rows_are_those_of_pyarrow(data):
    table = data.draw(tables())
    filters = data.draw(filters_of(table))
    options = {
        "row_group_size": data.draw(st.sampled_from([7, 25, 100])),
        "data_page_size": data.draw(st.sampled_from([1, 64, 1 << 20])),
        "write_batch_size": data.draw(st.sampled_from([1, 4, 64])),
        "write_page_index": data.draw(st.booleans()),
        "use_dictionary": data.draw(st.booleans()),
        "write_statistics": data.draw(st.booleans()),
        "data_page_version": data.draw(st.sampled_from(["1.0", "2.0"])),
        "compression": data.draw(st.sampled_from(["none", "snappy"])),
    }
    if data.draw(st.booleans()):
        options["bloom_filter_options"] = {
            name: {"ndv": 10} for name in table.column_names if table[name].type != pa.bool_()}
    file = written(table, **options)
    limit = data.draw(st.none() | st.integers(0, 20))
    expected = table.filter(pq.filters_to_expression(filters)).slice(0, limit)
    for threads in (1, 3):
        read = pfs.read_parquet(file, filters=filters, limit=limit, threads=threads)
        assert str(read.to_pyarrow().to_pydict()) == str(expected.to_pydict())
    batches = pfs.scan_parquet(file, batch_size=data.draw(st.sampled_from([1, 9, 65_536])),
                               filters=filters, limit=limit, columns=["row"])
    assert [row for batch in batches for row in batch.to_pydict()["row"]] == expected["row"].to_pylist()


@pytest.fixture(scope="module")
def nested():
    return pa.table({
        "k": range(500),
        "st": pa.array([None if i % 7 == 0 else {"a": i % 5, "b": None if i % 3 == 0 else "x"} for i in range(500)]),
        "l": pa.array([None if i % 11 == 0 else list(range(i % 4)) for i in range(500)]),
        "dots.in": [i % 9 for i in range(500)],
    })


@pytest.mark.parametrize("columns", [None, ["l"], ["st.a", "k"]])
@pytest.mark.parametrize("index", [True, False])
def test_fields_of_structs_and_columns_with_lists(nested, columns, index):
    file = written(nested, row_group_size=200, data_page_size=64, write_batch_size=8, write_page_index=index)
    expected = nested.filter((pc.field("st", "a") == 2) & (pc.field("dots.in") > 3))
    read = pfs.read_parquet(file, columns=columns, filters=[("st.a", "==", 2), ("dots.in", ">", 3)])
    if columns is None:
        assert read.to_pydict() == expected.to_pydict()
    else:
        assert read.to_pydict()[columns[-1]] == expected[columns[-1]].to_pylist()


def test_an_empty_answer_keeps_the_schema(flat, flat_path):
    read = pfs.read_parquet(flat_path, filters=[("i32", "<", 0)])
    assert read.num_rows == 0 and read.to_pyarrow().schema.equals(flat.schema)
    assert not list(pfs.scan_parquet(flat_path, filters=[("i32", "<", 0)]))


class CountingFile(io.BytesIO):
    count = 0

    def read(self, size=-1):
        got = super().read(size)
        self.count += len(got)
        return got


def bytes_read(file: bytes, **options) -> int:
    source = CountingFile(file)
    pfs.read_parquet(source, threads=1, **options)
    return source.count


@pytest.fixture(scope="module")
def wide():
    count = 200_000
    return pa.table({
        "key": pa.array(range(count)),
        "code": pa.array([(i * 7919) % count * 2 for i in range(count)]),
        "payload": pa.array([f"{i * 7919 % count:>40}" for i in range(count)]),
    })


def test_pages_without_a_wanted_row_are_not_read(wide):
    file = written(wide, compression="none", use_dictionary=False, data_page_size=10_000, write_page_index=True)
    whole = bytes_read(file)
    assert whole >= len(file) * 0.9
    assert bytes_read(file, filters=[("key", "==", 100_000)]) < whole * 0.05


def test_a_limit_reads_no_more_than_it_needs(wide):
    file = written(wide, compression="none", use_dictionary=False, data_page_size=10_000)
    assert bytes_read(file, limit=10) < len(file) * 0.2
    assert bytes_read(file, limit=10, filters=[("key", ">=", 0)]) < len(file) * 0.6


def test_row_groups_are_excluded_by_statistics_and_bloom_filters(wide):
    file = written(wide, row_group_size=20_000, compression="none", use_dictionary=False)
    assert bytes_read(file, filters=[("key", "<", 100)]) < len(file) * 0.2
    plain = bytes_read(file, columns=["payload"], filters=[("code", "==", 7)])
    filtered = written(wide, row_group_size=20_000, compression="none", use_dictionary=False,
                       bloom_filter_options={"code": {"ndv": 20_000, "fpp": 0.001}})
    assert bytes_read(filtered, columns=["payload"], filters=[("code", "==", 7)]) < plain * 0.5


def test_dictionaries_exclude_row_groups():
    table = pa.table({"few": [["a", "c", "e"][i % 3] for i in range(100_000)], "row": range(100_000)})
    file = written(table, compression="none", use_dictionary=["few"])
    assert bytes_read(file, filters=[("few", "==", "b")]) < bytes_read(file, filters=[("few", "==", "a")]) * 0.5


@pytest.mark.parametrize(("filters", "words"), [
    ([("i32", "==", "a")], ["i32", "int32", '"a"']),
    ([("text", "<", 3)], ["text", "string", "3"]),
    ([("flag", "==", 1)], ["flag", "bool"]),
    ([("when", "==", datetime.datetime(2020, 1, 1, tzinfo=UTC))], ["when", "timestamp[us]"]),
    ([("text", "==", uuid.UUID(int=1))], ["text", "UUID"]),
    ([("i32", "~", 1)], ["~", "not in"]),
    ([], ["empty"]),
])
def test_what_cannot_be_compared_is_refused(flat_path, filters, words):
    with pytest.raises(ValueError) as caught:
        pfs.read_parquet(flat_path, filters=filters)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("filters", [
    pc.field("i32") == 1, "i32 == 1", [("i32", "in", "abc")], [("i32", "==")], [("i32", "==", object())],
    [("i32", "==", 1), [("i32", "==", 1)]]])
def test_what_is_no_filter_is_a_type_error(flat_path, filters):
    with pytest.raises(TypeError):
        pfs.read_parquet(flat_path, filters=filters)


def test_unknown_columns_come_with_the_nearest_name(flat_path, nested):
    with pytest.raises(pfs.UnknownColumnError) as caught:
        pfs.read_parquet(flat_path, filters=[("txt", "==", "a")])
    assert "text" in caught.value.nearest
    with pytest.raises(ValueError, match="list"):
        pfs.read_parquet(written(nested), filters=[("l", "==", 1)])
    with pytest.raises(ValueError, match="st.field"):
        pfs.read_parquet(written(nested), filters=[("st", "==", 1)])


def test_integers_of_any_size_and_other_literals(flat, flat_path):
    for value in (2**200, 2**100, 10**400):
        assert pfs.read_parquet(flat_path, filters=[("u64", "<", value)]).num_rows == flat["u64"].length() - flat["u64"].null_count
        assert pfs.read_parquet(flat_path, filters=[("i64", "<", -value)]).num_rows == 0
    some = flat["price"][17].as_py()
    for value in (some, float(some), flat["price"][17]):
        assert pfs.read_parquet(flat_path, filters=[("price", "==", value)]).num_rows == 1
    file = written(pa.table({"u": pa.array([uuid.UUID(int=i).bytes for i in range(9)], pa.binary(16))}))
    assert pfs.read_parquet(file, filters=[("u", ">=", uuid.UUID(int=7))]).num_rows == 2


def test_the_fallback_gives_the_same_rows(flat_path, fresh):
    code = f"""
import parquetframe_swift as pfs
t = pfs.read_parquet({flat_path!r}, columns=["i32"], filters=[[("few", "==", "red"), ("i32", "<", 9)], [("i32", "in", [998])]])
print(t.to_pydict()["i32"])
"""
    assert fresh(code) == fresh(code, PARQUETFRAME_DISABLE_SWIFT="1") == "[0, 3, 6, 998]\n"


class ReadsOfFile(io.BytesIO):
    """Keeps the bytes of each read but the first, which is for the footer."""

    def __init__(self, data):
        super().__init__(data)
        self.sizes = []

    def read(self, size=-1):
        got = super().read(size)
        self.sizes.append(len(got))
        return got


def rows_and_bytes(path, **options):
    source = ReadsOfFile(path.read_bytes())
    table = pfs.read_parquet(source, threads=1, **options)
    return table.to_pyarrow(), sum(source.sizes[1:])


CORPORA = os.environ.get("PARQUETFRAME_CORPORA")
corpus = pytest.mark.skipif(not CORPORA, reason="PARQUETFRAME_CORPORA is not set")


def corpus_file(name):
    return pathlib.Path(CORPORA) / "parquet" / "parquet-testing" / "data" / f"{name}.parquet"


@corpus
@pytest.mark.parametrize(("name", "column", "present", "absent"), [
    # Between the least and the greatest value: only the Bloom filter tells.
    ("data_index_bloom_encoding_stats", "String", ["Hello", "test"], ["Hallo", "tests", "zzz", ""]),
    ("data_index_bloom_encoding_with_length", "String", ["Hello", "test"], ["Hallo", "tests", "zzz", ""]),
    ("alltypes_tiny_pages", "id", [122, 3000, 7299], [-5, 7300]),
    ("alltypes_tiny_pages_plain", "id", [122, 3000, 7299], [-5, 7300]),
    ("int32_with_null_pages", "int32_field", [-654807448, 398454479], [2**31 - 1, -(2**31)]),
    ("floating_orders_nan_count", "float_ieee754", [0.5, -2.0, 0.0], [6.0, -5.5, math.nan]),
    ("floating_orders_nan_count", "double_typedef", [0.5, -2.0, 0.0], [6.0, -5.5, math.nan]),
    ("binary_truncated_min_max", "utf8_full_truncation", ["Alice Johnson", "Kevin Bacon"], ["A", "Z"]),
    ("binary_truncated_min_max", "binary_partial_truncation", [b"\xff\xff\x01\x02"], [b"A"]),
    ("binary_truncated_min_max", "utf8_no_truncation", ["Al", "Ke"], ["A", "Z"]),
])
def test_corpus_files_with_indexes_and_bloom_filters(name, column, present, absent):
    path = corpus_file(name)
    stored = pq.read_table(path)
    whole, whole_bytes = rows_and_bytes(path)
    for value in present + absent:
        filters = [(column, "==", value)]
        read, byte_count = rows_and_bytes(path, filters=filters)
        expected = stored.filter(pq.filters_to_expression(filters))
        assert str(read.to_pydict()) == str(expected.to_pydict())
        if value in absent:
            # Indexes and filters at most, and of floats the small page that has no bounds but NaN.
            assert read.num_rows == 0 and byte_count < 300
        else:
            assert read.num_rows > 0 and byte_count > 0
    for operator in ("<", ">=", "!="):
        filters = [(column, operator, present[0])]
        read, _ = rows_and_bytes(path, filters=filters)
        expected = stored.filter(pq.filters_to_expression(filters))
        assert str(read.to_pydict()) == str(expected.to_pydict())


@corpus
@pytest.mark.parametrize(("name", "share"), [("alltypes_tiny_pages", 0.8), ("alltypes_tiny_pages_plain", 0.5)])
def test_only_wanted_pages_of_a_corpus_file_are_read(name, share):
    """Dictionaries are read whole; they are most of the file that has them."""
    path = corpus_file(name)
    columns = ["id", "bigint_col", "string_col"]
    _, whole = rows_and_bytes(path, columns=columns)
    read, some = rows_and_bytes(path, columns=columns, filters=[("id", ">=", 7290)])
    assert read.num_rows == 10 and some < whole * share


@corpus
@pytest.mark.parametrize("name", ["alltypes_tiny_pages", "int32_with_null_pages"])
def test_no_byte_of_a_column_chunk_is_read_twice(name):
    path = corpus_file(name)
    _, count = rows_and_bytes(path)
    assert count <= path.stat().st_size


def scattered(share, count=300_000):
    """Rows that a filter keeps one by one, in every layout."""
    keep = [i * 7919 % 1000 < share * 1000 for i in range(count)]
    return pa.table({
        "keep": [None if i % 501 == 0 else wanted for i, wanted in enumerate(keep)],
        "i64": pa.array(range(count)),
        "i8": pa.array([None if i % 5 == 0 else i % 100 for i in range(count)], pa.int8()),
        "text": [None if i % 11 == 0 else "x" * (i % 40) + str(i) for i in range(count)],
        "few": pa.array(["a", None, "b"] * (count // 3)),
        "flag": [None if i % 13 == 0 else i % 3 == 0 for i in range(count)],
        "fixed": pa.array([i.to_bytes(3, "big") for i in range(count)], pa.binary(3)),
        "struct": [None if i % 17 == 0 else {"a": i, "b": None if i % 4 == 0 else str(i)} for i in range(count)],
        "list": [None if i % 19 == 0 else [i] * (i % 3) for i in range(count)],
    })


@pytest.mark.parametrize("share", [0.005, 0.02, 0.5, 0.97])
def test_scattered_rows_of_every_layout(share):
    table = scattered(share)
    file = written(table, row_group_size=130_000, write_page_index=True)
    for filters in ([("keep", "==", True)], [("keep", "==", True), ("i64", "<", 140_000)],
                    [[("keep", "==", True), ("i8", "<", 50)], [("text", "==", "x7")]]):
        expected = table.filter(pq.filters_to_expression(filters))
        for threads in (1, 3):
            read = pfs.read_parquet(file, filters=filters, threads=threads).to_pyarrow()
            assert read.combine_chunks().equals(expected.combine_chunks())
        for limit in (1, 1000, 50_000):
            read = pfs.read_parquet(file, filters=filters, limit=limit).to_pyarrow()
            assert read.combine_chunks().equals(expected.slice(0, limit).combine_chunks())


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("columns", [None, ["payload"]])
def test_one_large_row_group_is_shared_by_threads(index, columns):
    count = 2_300_000
    table = pa.table({"key": pa.array(range(count)), "payload": pa.array([i * 7919 % count for i in range(count)])})
    file = written(table, row_group_size=count, write_page_index=index, use_dictionary=False)
    for filters in ([("payload", "<", count // 2), ("key", ">", 5)], [("payload", "==", 7919)]):
        expected = table.filter(pq.filters_to_expression(filters))
        expected = expected.select(columns or table.column_names)
        one = pfs.read_parquet(file, columns=columns, filters=filters, threads=1).to_pyarrow()
        many = pfs.read_parquet(file, columns=columns, filters=filters, threads=8).to_pyarrow()
        assert many.equals(one) and one["payload"].chunks == many["payload"].chunks
        assert one.equals(expected)


def test_a_limit_reads_no_more_of_nested_columns_than_it_needs():
    count = 200_000
    table = pa.table({
        "list": [[i, i + 1] for i in range(count)],
        "struct": [{"a": i, "b": str(i)} for i in range(count)],
        "lists": [[{"x": i, "y": [str(i)]}] for i in range(count)],
    })
    file = written(table, compression="none", use_dictionary=False, data_page_size=10_000)
    leaves = 6
    for limit in (1, 100):
        source = CountingFile(file)
        read = pfs.read_parquet(source, limit=limit, threads=1)
        assert read.to_pyarrow().equals(table.slice(0, limit))
        # The end of the file, and of each leaf its first pages.
        assert source.count < 100_000 + leaves * 33_000
