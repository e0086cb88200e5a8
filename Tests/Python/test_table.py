"""Tables and columns: looking, cutting, converting, and being taken by other libraries."""

import datetime
import decimal
import zoneinfo

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import parquetframe_swift as pfs
from parquetframe_swift import _numpy


@pytest.fixture
def table(flat_path):
    return pfs.read_parquet(flat_path)


def test_schema(table, flat):
    assert table.schema.names == flat.column_names
    assert table.schema.types == [str(kind) for kind in flat.schema.types]
    assert table.schema["utc"].type == "timestamp[ms, tz=UTC]"
    assert table.schema[2].nullable is True
    assert "price: decimal128(12, 2)" in repr(table.schema)
    assert pa.schema(table.schema).equals(flat.schema)
    assert table.schema == pfs.table(flat).schema
    assert table.schema.to_pyarrow().equals(flat.schema)


def test_columns_by_name_and_index(table, flat):
    assert table["i64"].to_pylist() == flat["i64"].to_pylist()
    assert table[-1].name == "price" and table["few"].type == "string"
    assert len(table["few"]) == 1000 and table["text"].null_count == flat["text"].null_count
    assert table["i32"][5] == 5 and table["i32"][-1] == 999
    assert table["i32"][10:13].to_pylist() == [10, 11, 12]
    assert list(table["i32"])[:3] == [0, 1, 2]
    assert "i32" in table and "nope" not in table


def test_unknown_columns(table):
    with pytest.raises(KeyError, match="'i6'.*'i64'"):
        table["i6"]
    with pytest.raises(IndexError):
        table[21]
    with pytest.raises(IndexError):
        table["i32"][1000]
    with pytest.raises(TypeError):
        table[1.5]


@pytest.mark.parametrize("offset, length", [(0, 0), (0, 10), (295, 10), (299, 302), (990, 100), (2000, 5)])
def test_slices_share_and_are_cut_to_the_table(table, flat, offset, length):
    assert table.slice(offset, length).to_pyarrow().equals(flat.slice(offset, length))
    assert table[offset:offset + length].to_pydict() == flat.slice(offset, length).to_pydict()


def test_head_and_tail(table, flat):
    assert table.head().to_pyarrow().equals(flat.slice(0, 5))
    assert table.head(-990).to_pyarrow().equals(flat.slice(0, 10))
    assert table.tail(3).to_pyarrow().equals(flat.slice(997))
    with pytest.raises(ValueError):
        table.slice(-1, 3)


def test_a_slice_outlives_its_table(flat_path, flat):
    piece = pfs.read_parquet(flat_path).slice(295, 10)
    assert piece.to_pyarrow().equals(flat.slice(295, 10))


def test_select(table, flat):
    assert table[["few", "i8"]].to_pyarrow().equals(flat.select(["few", "i8"]))
    assert table.select([1, 0]).column_names == ["i16", "i8"]


@pytest.mark.parametrize("batch_size", [None, 1, 7, 300, 1000, 5000])
def test_iter_batches(table, flat, batch_size):
    batches = list(table.iter_batches(batch_size))
    assert all(isinstance(batch, pfs.RecordBatch) for batch in batches)
    assert batch_size is None or all(len(batch) <= batch_size for batch in batches)
    assert pa.Table.from_batches([pa.record_batch(batch) for batch in batches]).equals(flat)


def test_to_pydict_and_pylist_match_pyarrow(table, flat):
    assert table.to_pydict() == flat.to_pydict()
    assert table.head(20).to_pylist() == flat.slice(0, 20).to_pylist()


def test_to_numpy_matches_pyarrow(table, flat):
    for name, values in table.to_numpy().items():
        expected = flat[name].to_numpy()
        assert values.dtype == expected.dtype, name
        np.testing.assert_array_equal(values, expected, name)


def test_plain_arrays_share_our_memory(flat_path):
    import gc

    table = pfs.read_parquet(flat_path, row_groups=[0])
    first, second = table["f64"].to_numpy(), table["f64"].to_numpy()
    assert first.__array_interface__["data"] == second.__array_interface__["data"]
    assert not first.flags.writeable
    expected = first.copy()
    del table, second
    gc.collect()
    np.testing.assert_array_equal(first, expected)


def test_to_pandas_is_the_same_with_and_without_pyarrow(table, flat):
    expected = flat.to_pandas()
    pd.testing.assert_frame_equal(table.to_pandas(), expected)
    pd.testing.assert_frame_equal(_numpy.frame(table.schema, table._chunks()), expected)


def test_to_pandas_works_without_pyarrow(fresh, flat_path):
    code = f"""
import sys
sys.modules["pyarrow"] = None  # importing it now raises ImportError
import parquetframe_swift as pfs
frame = pfs.read_parquet({flat_path!r}).to_pandas()
print(frame.shape, frame["i32"].sum(), frame["few"].iloc[4], frame["price"].iloc[-1])
"""
    assert fresh(code) == "(1000, 21) 499500 green 9.99\n"


def test_polars_takes_it(table, flat):
    assert table.to_polars().equals(pl.from_arrow(flat))
    assert pl.DataFrame(table).equals(pl.from_arrow(flat))
    assert pl.Series(table["text"]).to_list() == flat["text"].to_pylist()
    assert table["i64"].to_polars().to_list() == flat["i64"].to_pylist()


def test_duckdb_takes_it(table, flat):
    query = "select few, count(*), sum(i32) from {} group by few order by few"
    ours = table  # duckdb finds it by this name
    assert duckdb.sql(query.format("ours")).fetchall() == duckdb.sql(query.format("flat")).fetchall()
    assert duckdb.sql("select count(*) from ours").fetchall() == [(ours.num_rows,)]


def test_pyarrow_takes_it(table, flat):
    assert pa.table(table).equals(flat)
    assert pa.chunked_array(table["i64"]).equals(flat["i64"])
    assert table["i64"].to_pyarrow().equals(flat["i64"])
    batch = next(table.iter_batches())
    first = flat.slice(0, len(batch))
    assert pa.record_batch(batch).equals(first.combine_chunks().to_batches()[0])
    assert pa.array(batch["i64"]).equals(first["i64"].combine_chunks())
    assert pa.schema(table).equals(flat.schema)


def test_pandas_takes_it(table, flat):
    pd.testing.assert_series_equal(table["f64"].to_pandas(), flat["f64"].to_pandas(), check_names=False)
    np.testing.assert_array_equal(np.asarray(table["i32"]), np.arange(1000))


def test_repr(table):
    text = repr(table.head(3))
    assert "i64" in text and "value 1 é" in repr(table[["text"]].head(3))
    assert "<table" in table._repr_html_()
    assert "green" in repr(table["few"])


def test_html_is_escaped():
    page = pfs.table(pa.table({"<b>": ["<script>"]}))._repr_html_()
    assert "<script>" not in page and "<b>" not in page and "&lt;script&gt;" in page


def test_tables_come_from_any_arrow_object(flat):
    assert pfs.table(flat).to_pyarrow().equals(flat)
    assert pfs.table(flat.to_batches()[0]).to_pyarrow().equals(flat)
    assert pfs.table(pl.from_arrow(flat)).to_polars().equals(pl.from_arrow(flat))
    assert pfs.table(flat.to_pandas()).num_rows == 1000
    assert pfs.table(pfs.table(flat)).to_pyarrow().equals(flat)
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        pfs.table([1, 2])


def test_an_object_that_fails_in_its_stream_is_told():
    def batches():
        yield pa.record_batch({"a": [1]})
        raise ValueError("no more")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"a": pa.int64()}), batches())
    with pytest.raises(Exception, match="no more"):
        pfs.table(reader)


def test_duplicate_names_are_kept_and_never_lost_in_a_dict():
    table = pfs.table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]))
    assert table.column_names == ["a", "a"]
    assert table[1].to_pylist() == [2]
    for convert in (table.to_pydict, table.to_numpy):
        with pytest.raises(ValueError, match="same name"):
            convert()
    with pytest.raises(ValueError, match="2 columns"):
        table["a"]


def test_tables_are_not_made_by_hand():
    with pytest.raises(TypeError, match="table\\(data\\)"):
        pfs.Table()


# Types beyond what the first Parquet version reads, through the C interface alone.
EVERY = {
    "null": pa.nulls(3),
    "half": pa.array([1.5, None, -2.0], pa.float16()),
    "large": pa.array(["a", None, "é"], pa.large_string()),
    "large_binary": pa.array([b"a", None, b"bc"], pa.large_binary()),
    "view": pa.array(["short", None, "longer than twelve bytes"], pa.string_view()),
    "binary_view": pa.array([b"short", None, b"longer than twelve bytes"], pa.binary_view()),
    "date64": pa.array([datetime.date(2020, 2, 29), None, datetime.date(1900, 1, 1)], pa.date64()),
    "time32": pa.array([datetime.time(1, 2, 3), None, datetime.time(0)], pa.time32("s")),
    "time64": pa.array([datetime.time(1, 2, 3, 4), None, datetime.time(0)], pa.time64("ns")),
    "seconds": pa.array([datetime.datetime(1, 1, 1), None, datetime.datetime(9999, 12, 31)], pa.timestamp("s")),
    "berlin": pa.array([0, None, 10**15], pa.timestamp("us", "Europe/Berlin")),
    "offset": pa.array([0, None, 1], pa.timestamp("ms", "+05:30")),
    "nanos": pa.array([1, None, 10**18 + 1], pa.timestamp("ns")),
    "duration": pa.array([datetime.timedelta(-1, 5), None, datetime.timedelta(3)], pa.duration("ms")),
    "decimal32": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("-2.5")], pa.decimal32(5, 1)),
    "decimal256": pa.array([decimal.Decimal(10) ** 70, None, decimal.Decimal(-1)], pa.decimal256(76, 2)),
    "interval": pa.array([pa.scalar((1, 2, 3), pa.month_day_nano_interval()), None, None],
                         pa.month_day_nano_interval()),
    "list": pa.array([[1, None], None, []], pa.list_(pa.int32())),
    "large_list": pa.array([["a"], None, []], pa.large_list(pa.string())),
    "fixed_list": pa.array([[1, 2], None, [3, None]], pa.list_(pa.int64(), 2)),
    "struct": pa.array([{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}]),
    "map": pa.array([[("k", 1), ("l", None)], None, []], pa.map_(pa.string(), pa.int64())),
    "deep": pa.array([[{"a": [1]}, None], None, [{"a": None}]]),
    "dictionary": pa.array(["x", None, "y"]).dictionary_encode(),
}


@pytest.mark.parametrize("name", EVERY)
def test_every_arrow_type_becomes_python_objects_as_in_pyarrow(name):
    source = pa.table({name: EVERY[name]})
    table = pfs.table(source)
    assert table.to_pydict() == source.to_pydict()
    assert table.slice(1).to_pydict() == source.slice(1).to_pydict()
    assert table.schema.types == [str(EVERY[name].type)]
    assert table.to_pyarrow().equals(source)
    assert table[name].to_pylist() == EVERY[name].to_pylist()
    assert len(table.to_numpy()[name]) == 3


def test_a_union_becomes_python_objects():
    union = pa.UnionArray.from_dense(
        pa.array([0, 1, 0], pa.int8()), pa.array([0, 0, 1], pa.int32()), [pa.array([1, 2]), pa.array(["a"])])
    assert pfs.table(pa.table({"u": union})).to_pydict() == {"u": [1, "a", 2]}


def test_dates_beyond_python_say_so_and_numpy_keeps_them():
    table = pfs.table(pa.table({"t": pa.array([10**18], pa.timestamp("s"))}))
    with pytest.raises(ValueError, match="to_numpy"):
        table.to_pydict()
    assert table.to_numpy()["t"].view("i8")[0] == 10**18


def test_dictionaries_of_several_chunks_become_one_categorical():
    chunks = [pa.array(part).dictionary_encode() for part in (["a", None, "b"], ["c", "b"])]
    table = pfs.table(pa.table({"d": pa.chunked_array(chunks)}))
    found = _numpy.frame(table.schema, table._chunks())["d"]
    assert list(found.cat.categories) == ["a", "b", "c"]
    assert found.astype(object).where(found.notna(), None).tolist() == ["a", None, "b", "c", "b"]
    assert table["d"].to_numpy().tolist() == ["a", None, "b", "c", "b"]


def test_zones_are_kept():
    table = pfs.table(pa.table({"t": EVERY["berlin"]}))
    assert table["t"][0].tzinfo == zoneinfo.ZoneInfo("Europe/Berlin")
    frame = _numpy.frame(table.schema, table._chunks())
    assert str(frame["t"].dt.tz) == "Europe/Berlin"
