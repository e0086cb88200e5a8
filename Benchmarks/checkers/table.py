"""Tables agree when their rows, names, types, nulls and values do, whatever their layout.

Views, large offsets, dictionaries and chunks are ways of storing the same values and make no
difference here; a value that differs in one bit does.
"""

from __future__ import annotations

import hashlib


def summarise(result) -> dict:
    """Row count and, per column, its name, type, null count, Arrow bytes and value digest.

    `result` is anything with the Arrow PyCapsule stream. The bytes are those of the plainest
    layout (32-bit offsets, a bitmap only where there are nulls), the same for every reader.
    """
    import pyarrow as pa

    table = result if isinstance(result, pa.Table) else pa.table(result)
    columns = [_column(table.field(i).name, table.column(i)) for i in range(table.num_columns)]
    return {"rows": table.num_rows, "columns": columns}


def differences(expected: dict, found: dict, arguments: dict) -> list[str]:
    """What `found` gets wrong, in words; empty when the answers agree."""
    if expected["rows"] != found["rows"]:
        return [f"{found['rows']} rows instead of {expected['rows']}"]
    wanted = _projected(expected, arguments)
    names, others = ([c["name"] for c in columns] for columns in (wanted, found["columns"]))
    if names != others:
        return [f"columns {others} instead of {names}"]
    return [
        f"column {want['name']}: {key} {got[key]} instead of {want[key]}"
        for want, got in zip(wanted, found["columns"])
        for key in ("type", "nulls", "digest")
        if want[key] != got[key]
    ]


def byte_count(expected: dict, arguments: dict) -> int:
    """Arrow bytes of the answer, from which rates are made."""
    return sum(column["bytes"] for column in _projected(expected, arguments))


def _projected(expected: dict, arguments: dict) -> list[dict]:
    columns = expected["columns"]
    if arguments.get("columns") is None:
        return columns
    by_name = {column["name"]: column for column in columns}
    return [by_name[name] for name in arguments["columns"]]


def _column(name: str, column) -> dict:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    plain = _PLAIN.get(str(column.type), str(column.type))
    # Streams of their own, so that the borders of chunks leave no trace in the digest.
    validity, lengths, values = (hashlib.blake2b(digest_size=12) for _ in range(3))
    size = (len(column) + 7) // 8 if column.null_count else 0
    for chunk in column.chunks:
        validity.update(chunk.is_valid().cast(pa.uint8()).to_numpy())
        if plain == "null":
            continue
        if plain in ("string", "binary"):
            chunk = chunk.cast(f"large_{plain}").fill_null("" if plain == "string" else b"")
            length = pc.binary_length(chunk).to_numpy()
            lengths.update(length)
            values.update(_binary_values(chunk))
            size += int(length.sum()) + 4 * len(chunk)
        elif pa.types.is_boolean(chunk.type):
            values.update(chunk.fill_null(False).cast(pa.uint8()).to_numpy())
            size += (len(chunk) + 7) // 8
        elif pa.types.is_nested(chunk.type):
            values.update(repr(chunk.to_pylist()).encode())
            size += chunk.nbytes
        else:
            width = chunk.type.byte_width
            values.update(_fixed_values(chunk, width))
            size += width * len(chunk)
    digest = ".".join(stream.hexdigest() for stream in (validity, lengths, values))
    return {
        "name": name,
        "type": plain,
        "nulls": column.null_count,
        "bytes": size,
        "digest": digest,
    }


_PLAIN = {
    "large_string": "string",
    "string_view": "string",
    "large_binary": "binary",
    "binary_view": "binary",
}


def _binary_values(chunk) -> memoryview:
    """The bytes of all values of a large string or binary array, back to back."""
    import numpy as np

    _, offsets, data = chunk.buffers()
    if len(chunk) == 0 or data is None:
        return memoryview(b"")
    bounds = np.frombuffer(offsets, np.int64)
    first, last = bounds[chunk.offset], bounds[chunk.offset + len(chunk)]
    return memoryview(data)[int(first) : int(last)]


def _fixed_values(chunk, width: int):
    """The bytes of all values of a fixed-width array, with zeros where they are null."""
    import numpy as np

    data = chunk.buffers()[1]
    if len(chunk) == 0 or data is None:
        return b""
    start = chunk.offset * width
    cells = np.frombuffer(data, np.uint8)[start : start + len(chunk) * width]
    if chunk.null_count == 0:
        return cells
    return cells.reshape(-1, width) * chunk.is_valid().cast("uint8").to_numpy()[:, None]
