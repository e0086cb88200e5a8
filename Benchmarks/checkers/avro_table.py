"""Records of an Avro file agree when their rows, names and values do; where a peer gives Python
objects, or a union of several types, in their number alone.

Readers differ in whether a timestamp of Avro has a zone and whether an enum is a dictionary; no
choice loses anything.
"""

from __future__ import annotations

from checkers import table


def summarise(result) -> dict:
    """As of `checkers.table`, without unions; only the number of rows of a list."""
    import pyarrow as pa

    if isinstance(result, list):
        return {"rows": len(result), "columns": []}
    made = result if isinstance(result, pa.Table) else pa.table(result)
    for index, field in reversed(list(enumerate(made.schema))):
        if pa.types.is_union(field.type):
            made = made.remove_column(index)
        elif pa.types.is_timestamp(field.type):
            made = made.set_column(index, field.name, made.column(index).cast(pa.timestamp(field.type.unit)))
    return table.summarise(made)


def differences(expected: dict, found: dict, arguments: dict) -> list[str]:
    """What is another value, of the columns that both have."""
    if not found["columns"]:
        found = found | {"columns": expected["columns"]}
    return table.differences(expected, found, arguments)


def byte_count(expected: dict, arguments: dict) -> int:
    """Arrow bytes of the answer, unions counted as dense ones."""
    return table.byte_count(expected, arguments) + expected["union_bytes"]
