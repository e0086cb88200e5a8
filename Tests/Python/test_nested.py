"""Nested columns that pyarrow writes, whole, by path and batch by batch."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs

LEAVES = st.sampled_from([
    (pa.int64(), st.integers(-2**63, 2**63 - 1)), (pa.string(), st.text(max_size=9)),
    (pa.bool_(), st.booleans()), (pa.string(), st.sampled_from(["", "red", "green"]))])


def nullable(pair, is_nullable):
    kind, values = pair
    return kind, st.none() | values if is_nullable else values, is_nullable


def list_of(inner):
    kind, values, is_nullable = inner
    return pa.list_(pa.field("element", kind, is_nullable)), st.lists(values, max_size=4)


def map_of(inner):
    kind, values, is_nullable = inner
    entries = st.lists(st.tuples(st.text(max_size=3), values), max_size=4)
    return pa.map_(pa.string(), pa.field("value", kind, is_nullable)), entries


def struct_of(fields):
    kinds = [pa.field(f"f{i}", kind, is_nullable) for i, (kind, _, is_nullable) in enumerate(fields)]
    return pa.struct(kinds), st.fixed_dictionaries({f"f{i}": values for i, (_, values, _) in enumerate(fields)})


NODES = st.recursive(
    st.builds(nullable, LEAVES, st.booleans()),
    lambda inner: st.builds(
        nullable,
        st.builds(list_of, inner) | st.builds(map_of, inner)
        | st.builds(struct_of, st.lists(inner, min_size=1, max_size=3)),
        st.booleans()),
    max_leaves=5)


@st.composite
def tables(draw):
    nodes = draw(st.lists(NODES, min_size=1, max_size=3))
    rows = draw(st.sampled_from([0, 1, 2, 9, 40]))
    schema = pa.schema([pa.field(f"c{i}", kind, is_nullable) for i, (kind, _, is_nullable) in enumerate(nodes)])
    arrays = []
    for kind, values, _ in nodes:
        some = draw(st.lists(values, min_size=min(rows, 9), max_size=min(rows, 9)))
        arrays.append(pa.array((some * 5)[:rows], kind))
    return pa.Table.from_arrays(arrays, schema=schema)


# Pages of version 2 are large: where they are not, pyarrow 26 does not read all that it writes.
OPTIONS = st.sampled_from([
    {"data_page_version": "1.0", "data_page_size": 1, "write_batch_size": 1},
    {"data_page_version": "1.0", "data_page_size": 64, "write_batch_size": 7},
    {"data_page_version": "1.0", "row_group_size": 3},
    {"data_page_version": "2.0"},
    {"data_page_version": "2.0", "row_group_size": 7, "use_dictionary": False},
])
QUIET = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


def written(table, **options) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, store_schema=False, **options)
    return out.getvalue()


@QUIET
@given(tables(), OPTIONS, st.sampled_from([1, 2]), st.sampled_from([1, 5, 1000]), st.integers(0, 50))
def test_reads_and_scans_equal_what_was_written(table, options, threads, batch_size, limit):
    data = written(table, **options)
    found = pfs.read_parquet(data, threads=threads).to_pyarrow()
    found.validate(full=True)
    assert found.schema.equals(pq.ParquetFile(io.BytesIO(data)).schema_arrow)
    assert found.to_pydict() == table.to_pydict()
    batches = []
    for batch in pfs.scan_parquet(data, batch_size=batch_size, limit=limit):
        batches.append(pa.table(batch.to_pyarrow()))
        batches[-1].validate(full=True)
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rows == table.to_pylist()[:limit]


@QUIET
@given(tables(), st.data())
def test_paths_give_what_pyarrow_gives(table, data):
    content = written(table)
    file = pq.ParquetFile(io.BytesIO(content))
    paths = [file.schema.column(i).path for i in range(len(file.schema))]
    chosen = data.draw(st.permutations(paths))[:2]
    expected = file.read(columns=chosen)
    found = pfs.read_parquet(content, columns=chosen).to_pyarrow()
    assert sorted(found.column_names) == sorted(expected.column_names)
    assert found.column_names == list(dict.fromkeys(path.split(".")[0] for path in chosen))
    assert found.select(expected.column_names).to_pydict() == expected.to_pydict()


ROWS = pa.table({
    "a": [{"b": 1, "c": "x"}, None],
    "l": [[{"x": 1, "y": 2}, None], []],
    "m": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
    "a.b": [7, 8],
})


@pytest.mark.parametrize(("path", "expected"), [
    ("a.c", {"a": [{"c": "x"}, None]}),
    ("a.b", {"a.b": [7, 8]}),
    ("l.y", {"l": [[{"y": 2}, None], []]}),
    ("l.element.y", {"l": [[{"y": 2}, None], []]}),
    ("m.value", {"m": [[{"value": 1}], None]}),
])
def test_paths_may_leave_out_what_stands_between(path, expected):
    assert pfs.read_parquet(written(ROWS), columns=[path]).to_pyarrow().to_pydict() == expected


def test_a_path_that_leads_nowhere_is_an_error_with_the_nearest():
    with pytest.raises(pfs.UnknownColumnError, match="a.c"):
        pfs.read_parquet(written(ROWS), columns=["a.d"])


def test_columns_nested_deeper_than_the_limit_are_refused():
    kind, value = pa.int64(), 1
    for _ in range(10):
        kind, value = pa.list_(kind), [value]
    data = written(pa.table({"c": pa.array([value], kind)}))
    assert pfs.read_parquet(data, nesting_limit=20).to_pyarrow()["c"].to_pylist() == [value]
    for call in (pfs.read_parquet, lambda *a, **k: list(pfs.scan_parquet(*a, **k))):
        with pytest.raises(pfs.LimitError, match="nesting"):
            call(data, nesting_limit=19)
    for wrong in (0, 128):
        with pytest.raises(pfs.ArgumentError):
            pfs.read_parquet(data, nesting_limit=wrong)
