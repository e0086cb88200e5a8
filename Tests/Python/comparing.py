"""Equality of tables to the bit: NaN equals NaN, signed zeros differ, chunks leave no trace."""

import pyarrow as pa


def same(found: pa.Table, expected: pa.Table) -> None:
    """Asserts that all columns have the same values, whatever lies behind nulls."""
    assert found.num_rows == expected.num_rows
    assert found.column_names == expected.column_names
    for index, name in enumerate(expected.column_names):
        theirs = expected.column(index)
        assert found.column(index).type == theirs.type, name
        same_values(joined(found.column(index)), joined(theirs), name)


def joined(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def same_values(found: pa.Array, expected: pa.Array, place: str) -> None:
    kind = expected.type
    assert found.is_null().equals(expected.is_null()), place
    if pa.types.is_struct(kind):
        pairs = zip(kind, found.flatten(), expected.flatten())
        for field, mine, theirs in pairs:
            same_values(mine, theirs, f"{place}.{field.name}")
    elif pa.types.is_map(kind):
        entries = pa.list_(pa.struct(list(kind.fields)) if hasattr(kind, "fields") else kind)
        same_values(found.cast(entries), expected.cast(entries), place)
    elif pa.types.is_fixed_size_list(kind):
        same_values(found.flatten(), expected.flatten(), f"{place}[]")
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        assert found.value_lengths().equals(expected.value_lengths()), place
        same_values(found.flatten(), expected.flatten(), f"{place}[]")
    elif pa.types.is_floating(kind):
        width = {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[kind.bit_width]
        assert bits(found, width).equals(bits(expected, width)), place
    else:
        assert found.equals(expected), place


def bits(array: pa.Array, width: pa.DataType) -> pa.Array:
    return array.drop_null().view(width)
