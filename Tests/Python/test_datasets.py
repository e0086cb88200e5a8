"""Many files as one table: what pyarrow makes of them, and errors that name the file."""

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import parquetframe_swift as pfs


def write(root, files):
    for name, table in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, row_group_size=2)
    return root


def rows(*values, kind=None):
    return pa.table({"x": pa.array(values, kind)})


HIVE = [
    {"year=2020/m=1/a.parquet": rows(1, 2), "year=2021/m=2/b.parquet": rows(3)},
    {"k=a%20b/f.parquet": rows(1), "k=%C3%A9/f.parquet": rows(2), "k=100%/f.parquet": rows(3)},
    {"k=__HIVE_DEFAULT_PARTITION__/f.parquet": rows(1), "k=7/f.parquet": rows(2)},
    {"k=-1/f.parquet": rows(1), "k=01/f.parquet": rows(2), "k=1/f.parquet": rows(3)},
    {"k=3000000000/f.parquet": rows(1), "k=1/f.parquet": rows(2)},
    {"k=2020-01-01/f.parquet": rows(1), "k=1.5/f.parquet": rows(2), "k=+7/f.parquet": rows(3)},
    {"k=1/f.parquet": rows(1), "other/f.parquet": rows(2)},
    {"k=/f.parquet": rows(1), "k=x/f.parquet": rows(2)},
    {"k=1/_hidden.parquet": rows(9), "k=1/.hidden.parquet": rows(9), "k=1/f.parquet": rows(1), "_k=2/f.parquet": rows(9)},
]


@pytest.mark.parametrize("files", HIVE)
def test_hive_partitions_are_those_of_pyarrow(tmp_path, files):
    write(tmp_path, files)
    theirs = pq.read_table(tmp_path)
    ours = pfs.read_parquet(tmp_path).to_pyarrow()
    assert ours.schema.equals(theirs.schema)
    assert ours.to_pydict() == theirs.to_pydict()
    assert ours.column_names == theirs.column_names


def test_partition_columns_are_columns(tmp_path):
    write(tmp_path, HIVE[0])
    ours = pfs.read_parquet(tmp_path, columns=["m", "x"])
    assert ours.to_pyarrow().equals(pq.read_table(tmp_path, columns=["m", "x"]))
    assert pfs.read_parquet(tmp_path, columns=["year"]).to_pydict() == {"year": [2020, 2020, 2021]}
    assert pfs.read_parquet(tmp_path, hive_partitioning=False).column_names == ["x"]
    with pytest.raises(KeyError, match="yaer.*year") as caught:
        pfs.read_parquet(tmp_path, columns=["yaer"])
    assert "year" in caught.value.nearest
    assert pfs.row_count(tmp_path) == 3
    assert pfs.column_names(tmp_path) == ["x"]


def test_lists_and_patterns_have_partitions_too(tmp_path):
    write(tmp_path, HIVE[0])
    paths = sorted(tmp_path.rglob("*.parquet"))
    assert pfs.read_parquet(paths).to_pydict() == {"x": [1, 2, 3], "year": [2020, 2020, 2021], "m": [1, 1, 2]}
    assert pfs.read_parquet(f"{tmp_path}/year=202[1-9]/**/*.parquet").to_pydict() == {
        "x": [3], "year": [2021], "m": [2]}
    assert pfs.read_parquet(paths[0]).column_names == ["x"]


def test_a_column_in_file_and_path_is_an_error(tmp_path):
    write(tmp_path, {"x=1/f.parquet": rows(1)})
    with pytest.raises(pfs.FormatError, match='f.parquet.*"x"'):
        pfs.read_parquet(tmp_path)


WIDER = [
    (pa.int8(), pa.int64()), (pa.int32(), pa.int64()), (pa.uint8(), pa.uint32()),
    (pa.float32(), pa.float64()), (pa.float16(), pa.float32()), (pa.null(), pa.string()),
    (pa.decimal128(9, 2), pa.decimal128(20, 2)),
    (pa.null(), pa.int16()),
]


@pytest.mark.parametrize("narrow, wide", WIDER)
@pytest.mark.parametrize("turned", [False, True])
def test_types_widen_where_nothing_is_lost(tmp_path, narrow, wide, turned):
    from decimal import Decimal

    def values(kind, numbers):
        if pa.types.is_decimal(kind):
            numbers = [None if n is None else Decimal(n) for n in numbers]
        return pa.array(numbers).cast(kind, safe=False) if not pa.types.is_decimal(kind) else pa.array(numbers, kind)

    left = pa.nulls(3) if pa.types.is_null(narrow) else values(narrow, [1, None, 3])

    right = values(wide, [None, 5, 6, 7])
    order = [right, left] if turned else [left, right]
    write(tmp_path, {f"{i}.parquet": pa.table({"x": column}) for i, column in enumerate(order)})
    expected = pa.chunked_array([column.cast(wide) for column in order])
    assert pfs.read_parquet(tmp_path).to_pyarrow()["x"].combine_chunks().equals(expected.combine_chunks())
    scanned = pa.table(pfs.scan_parquet(tmp_path, batch_size=1))
    assert scanned["x"].combine_chunks().equals(expected.combine_chunks())


@pytest.mark.parametrize("other", [pa.string(), pa.float64(), pa.uint32(), pa.timestamp("ms"), pa.bool_()])
def test_what_does_not_fit_names_file_and_column(tmp_path, other):
    write(tmp_path, {"a.parquet": rows(1, kind=pa.int32()), "b.parquet": rows(None, kind=other)})
    with pytest.raises(pfs.FormatError, match="b.parquet.*int32") as caught:
        pfs.read_parquet(tmp_path)
    assert caught.value.column == "x"


def test_missing_columns_are_null(tmp_path):
    nothing = pa.table({"i": [1], "s": ["a"], "b": [True], "d": pa.array([1], pa.date32()), "f": [b"ab"]})
    write(tmp_path, {
        "a.parquet": nothing, "b.parquet": rows(1, 2, 3), "c.parquet": nothing.append_column("x", [[9]])})
    ours = pfs.read_parquet(tmp_path).to_pyarrow()
    ours.validate(full=True)
    theirs = pa.concat_tables(
        [pq.read_table(path) for path in sorted(tmp_path.iterdir())], promote_options="default")
    assert ours.equals(theirs)
    columns = ["x", "s"]
    assert pfs.read_parquet(tmp_path, columns=columns).to_pyarrow().equals(theirs.select(columns))
    assert pa.table(pfs.scan_parquet(tmp_path, columns=columns)).equals(theirs.select(columns))
    assert all(field.nullable for field in ours.schema)


def test_nullability_is_that_of_all(tmp_path):
    required = pa.schema([pa.field("x", pa.int64(), nullable=False)])
    write(tmp_path, {"a.parquet": pa.table({"x": [1]}, required), "b.parquet": pa.table({"x": [2]}, required)})
    assert not pfs.read_parquet(tmp_path).schema["x"].nullable
    write(tmp_path, {"c.parquet": rows(3)})
    assert pfs.read_parquet(tmp_path).schema["x"].nullable


def test_the_answer_does_not_depend_on_threads(tmp_path):
    rng = random.Random(1)
    for index in range(60):
        count = rng.randrange(0, 400)
        table = pa.table({"x": range(count), "s": [f"{index}-{i}" for i in range(count)]})
        write(tmp_path, {f"k={index % 7}/{index:02}.parquet": table})
    theirs = pq.read_table(tmp_path)
    for threads in (1, 2, 3, 16):
        ours = pfs.read_parquet(tmp_path, threads=threads).to_pyarrow()
        assert ours.to_pydict() == theirs.to_pydict()
        limited = pfs.read_parquet(tmp_path, threads=threads, limit=777).to_pyarrow()
        assert limited.to_pydict() == theirs.slice(0, 777).to_pydict()
    scan = pfs.scan_parquet(tmp_path, batch_size=100, limit=777)
    assert pa.table(scan).to_pydict() == theirs.slice(0, 777).to_pydict()


def test_more_files_than_stay_open(tmp_path):
    write(tmp_path, {f"{index:03}.parquet": rows(index) for index in range(300)})
    assert pfs.read_parquet(tmp_path).to_pydict() == {"x": list(range(300))}
    assert pfs.row_count(tmp_path) == 300


def test_row_groups_need_a_single_file(tmp_path):
    write(tmp_path, {"a.parquet": rows(1, 2, 3), })
    assert pfs.read_parquet(tmp_path, row_groups=[1]).to_pydict() == {"x": [3]}
    write(tmp_path, {"b.parquet": rows(1)})
    with pytest.raises(ValueError, match="row_groups"):
        pfs.read_parquet(tmp_path, row_groups=[0])


def test_a_damaged_file_is_named(tmp_path):
    write(tmp_path, {"a.parquet": rows(1), "b.parquet": rows(2)})
    (tmp_path / "b.parquet").write_bytes(b"PAR1 nothing PAR1")
    for call in (pfs.read_parquet, pfs.scan_parquet, pfs.row_count):
        with pytest.raises(pfs.FormatError, match="b.parquet"):
            call(tmp_path)


def test_statistics_are_merged(tmp_path):
    table = pa.table({
        "i": [3, 1, None, 7, None, None], "s": ["b", "a", None, "z", None, None],
        "n": pa.array([None] * 6, pa.int32()), "f": [1.0, -0.0, 2.0, float("nan"), 0.0, 5.0]})
    path = tmp_path / "f.parquet"
    pq.write_table(table, path, row_group_size=2)
    found = pfs.column_statistics(path)
    assert list(found) == ["i", "s", "n", "f"]
    assert (found["i"].min, found["i"].max, found["i"].null_count) == (1, 7, 3)
    assert (found["s"].min, found["s"].max, found["s"].is_max_exact) == ("a", "z", True)
    assert (found["n"].min, found["n"].null_count, found["n"].num_values) == (None, 6, 6)
    assert (found["f"].min, found["f"].max) == (-0.0, 5.0)
    assert found["i"].num_data_pages == 3 and found["s"].unencoded_byte_array_data_bytes == 3
    assert list(pfs.column_statistics(path, columns=["s"])) == ["s"]
    assert pfs.column_statistics(path, row_groups=[0])["i"].to_dict()["max"] == 3
    with pytest.raises(KeyError, match="nope"):
        pfs.column_statistics(path, columns=["nope"])
    with pytest.raises(IndexError):
        pfs.column_statistics(path, row_groups=[3])
    nested = tmp_path / "nested.parquet"
    pq.write_table(pa.table({"a": [{"b": 1, "c": "x"}], "a.b": [5]}), nested)
    assert list(pfs.column_statistics(nested, columns=["a"])) == ["a.b", "a.c"]


def test_parts_of_a_footer_are_those_of_the_whole(tmp_path):
    table = pa.table({f"c{i}": range(i, i + 10) for i in range(30)})
    path = tmp_path / "f.parquet"
    pq.write_table(table, path, row_group_size=3)
    whole = pfs.parquet_metadata(path).to_dict()
    parts = pfs.parquet_metadata(path)
    assert parts.row_groups[2].columns[7].to_dict() == whole["row_groups"][2]["columns"][7]
    assert [chunk.to_dict() for chunk in parts.row_groups[-1].columns] == whole["row_groups"][-1]["columns"]
    assert [group.to_dict() for group in parts.row_groups] == whole["row_groups"]
    assert parts.column_info() == whole["columns"]
    assert parts.column_names() == [column["path"] for column in whole["columns"]]
    assert parts.created_by == whole["created_by"] and parts._content is None
    with pytest.raises(IndexError):
        parts.row_groups[4]
