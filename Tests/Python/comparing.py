"""Equality of tables to the bit: NaN equals NaN, signed zeros differ, chunks leave no trace."""

import pyarrow as pa
import pyarrow.compute as pc


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
        for mine, theirs in zip(map_parts(found), map_parts(expected)):
            same_values(mine, theirs, f"{place}{{}}")
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


def map_parts(maps: pa.MapArray) -> list[pa.Array]:
    """Lengths, keys and values: pyarrow's functions for lists do not take maps."""
    offsets = maps.offsets
    if not len(maps):
        return [offsets.slice(0, 0), maps.keys.slice(0, 0), maps.items.slice(0, 0)]
    first, end = offsets[0].as_py(), offsets[-1].as_py()
    lengths = pc.subtract(offsets.slice(1), offsets.slice(0, len(maps)))
    return [lengths, maps.keys.slice(first, end - first), maps.items.slice(first, end - first)]


def bits(array: pa.Array, width: pa.DataType) -> pa.Array:
    return array.drop_null().view(width)
