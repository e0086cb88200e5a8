"""Whatever flat table pyarrow writes, with whatever options, reads as pyarrow reads it."""

import decimal
import io

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs
from comparing import same
from random_tables import KINDS


@st.composite
def columns(draw, rows: int):
    kind, values = draw(st.sampled_from(KINDS))
    nullable = draw(st.booleans()) or kind == pa.null()
    some = draw(st.lists(st.none() | values if nullable else values, min_size=rows, max_size=rows))
    # Long stretches of one value make runs, which random values hardly ever do.
    if rows and draw(st.booleans()):
        some = (some[:3] * rows)[:rows] if draw(st.booleans()) else [some[0]] * rows
    if nullable and draw(st.booleans()):  # and so do long stretches of nulls
        start, end = sorted((draw(st.integers(0, rows)), draw(st.integers(0, rows))))
        some[start:end] = [None] * (end - start)
    return pa.field("c", kind, nullable), pa.array(some, kind)


@st.composite
def tables(draw):
    rows = draw(st.sampled_from([0, 1, 7, 8, 9, 63, 64, 65, 200]))
    parts = [draw(columns(rows)) for _ in range(draw(st.integers(1, 4)))]
    fields = [field.with_name(f"c{i}") for i, (field, _) in enumerate(parts)]
    table = pa.Table.from_arrays([values for _, values in parts], schema=pa.schema(fields))
    repeat = draw(st.sampled_from([1, 1, 1, 7]))
    return pa.concat_tables([table] * repeat).combine_chunks()


OPTIONS = st.fixed_dictionaries({
    "compression": st.sampled_from(["snappy", "none"]),
    "data_page_version": st.sampled_from(["1.0", "2.0"]),
    "use_dictionary": st.booleans(),
    "data_page_size": st.sampled_from([1, 64, 1024, 1 << 20]),
    "write_batch_size": st.sampled_from([1, 7, 64, 1024]),  # pages end between batches only
    "dictionary_pagesize_limit": st.sampled_from([64, 1 << 20]),
    "row_group_size": st.sampled_from([3, 64, 10_000]),
    "write_page_checksum": st.booleans(),
    "write_statistics": st.booleans(),
    "store_decimal_as_integer": st.booleans(),
    "store_schema": st.booleans(),
})


def written(table, options) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def plain(table: pa.Table) -> pa.Table:
    return table.combine_chunks().replace_schema_metadata(None)


QUIET = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])


@QUIET
@given(tables(), OPTIONS, st.sampled_from([1, 2]))
def test_reads_equal_pyarrows(table, options, threads):
    data = written(table, options)
    expected = plain(pq.read_table(io.BytesIO(data)))
    found = plain(pfs.read_parquet(data, threads=threads, verify_checksums=True).to_pyarrow())
    assert found.schema.equals(expected.schema)
    same(found, expected)


@QUIET
@given(tables(), OPTIONS, st.sampled_from([1, 5, 64, 65_536]), st.data())
def test_scans_equal_pyarrows(table, options, batch_size, data):
    content = written(table, options)
    names = data.draw(st.permutations(table.column_names))[:2]
    limit = data.draw(st.none() | st.integers(0, table.num_rows))
    expected = pq.read_table(io.BytesIO(content), columns=names).select(names).slice(0, limit)
    scan = pfs.scan_parquet(content, batch_size=batch_size, columns=names, limit=limit)
    batches = [batch.to_pyarrow() for batch in scan]
    assert all(0 < batch.num_rows <= batch_size for batch in batches)
    empty = pa.table(scan.schema.to_pyarrow().empty_table())
    same(plain(pa.concat_tables([empty, *batches])), plain(expected))


@QUIET
@given(tables(), OPTIONS)
def test_python_objects_equal_pyarrows(table, options):
    theirs = pfs.read_parquet(written(table, {**options, "compression": "none"})).to_pyarrow()
    again = pfs.table(theirs)
    try:
        expected = theirs.to_pydict()
    except (ValueError, OverflowError):
        return  # beyond what Python's datetime holds
    try:
        found = again.to_pydict()
    except ValueError as problem:
        assert "nanoseconds" in str(problem)  # which pyarrow cuts off a time of day
        return
    for name, values in found.items():
        assert len(values) == len(expected[name])
        assert all(a == b or a != a and b != b for a, b in zip(values, expected[name])), name


def test_decimals_of_every_width():
    for precision in (1, 4, 9, 10, 18, 19, 28, 38):
        kind = pa.decimal128(precision, 1 if precision > 1 else 0)
        largest = decimal.Decimal(10**precision - 1).scaleb(-kind.scale, decimal.Context(prec=50))
        table = pa.table({"d": pa.array([largest, None, largest.copy_negate(), decimal.Decimal(0)], kind)})
        assert plain(pfs.read_parquet(written(table, {})).to_pyarrow()).equals(table)
