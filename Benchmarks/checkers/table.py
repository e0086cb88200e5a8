"""Tables agree when their rows, names, types, nulls and values do, whatever their layout.

Views, large offsets, dictionaries and chunks are ways of storing the same values and make no
difference here; a value that differs in one bit does.
"""

from __future__ import annotations

import hashlib
import json


def summarise(result) -> dict:
    """Row count and, per column, its name, type, null count, Arrow bytes and value digest.

    `result` is anything with the Arrow PyCapsule stream. The bytes are those of the plainest
    layout (32-bit offsets, a bitmap only where there are nulls), the same for every reader.
    """
    import pyarrow as pa

    table = result if isinstance(result, pa.Table) else pa.table(result)
    columns = [_column(table.field(i).name, table.column(i)) for i in range(table.num_columns)]
    return {"rows": table.num_rows, "columns": columns}


def answer_key(arguments: dict) -> str:
    """Under which a data set keeps the answer to arguments that choose rows, not columns."""
    return json.dumps({k: v for k, v in arguments.items() if k != "columns"}, sort_keys=True)


def differences(expected: dict, found: dict, arguments: dict) -> list[str]:
    """What `found` gets wrong, in words; empty when the answers agree."""
    expected = _of_rows(expected, arguments)
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
    expected = _of_rows(expected, arguments)
    return sum(column["bytes"] for column in _projected(expected, arguments))


def _of_rows(expected: dict, arguments: dict) -> dict:
    return expected.get("answers", {}).get(answer_key(arguments), expected)


def _projected(expected: dict, arguments: dict) -> list[dict]:
    columns = expected["columns"]
    if arguments.get("columns") is None:
        return columns
    by_name = {column["name"]: column for column in columns}
    return [by_name[name] for name in arguments["columns"]]


def _column(name: str, column) -> dict:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    # Streams of their own, so that the borders of chunks leave no trace in the digest.
    digest = _Digest()
    for chunk in column.chunks:
        digest.update(chunk)
    return {
        "name": name,
        "type": _plain_type(column.type),
        "nulls": column.null_count,
        "bytes": digest.total() + (_bitmap_bytes(len(column)) if column.null_count else 0),
        "digest": digest.text(),
    }


def _bitmap_bytes(length: int) -> int:
    return (length + 7) // 8


def _plain_type(kind) -> str:
    """The type without its layout, and without the names that readers give to list elements."""
    import pyarrow as pa

    if pa.types.is_map(kind):
        return f"map<{_plain_type(kind.key_type)}, {_plain_type(kind.item_type)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"list<{_plain_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        fields = (f"{field.name}: {_plain_type(field.type)}" for field in kind)
        return f"struct<{', '.join(fields)}>"
    return _PLAIN.get(str(kind), str(kind))


class _Digest:
    """What the slots of a column hold, and those of its children; bytes without its bitmap."""

    def __init__(self):
        self.streams = [hashlib.blake2b(digest_size=12) for _ in range(3)]
        self.children: list[_Digest] = []
        self.byte_count = 0

    def text(self) -> str:
        parts = [stream.hexdigest() for stream in self.streams]
        return ".".join(parts + [child.text() for child in self.children])

    def total(self) -> int:
        return self.byte_count + sum(child.total() for child in self.children)

    def update(self, chunk) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        validity, lengths, values = self.streams
        plain = _plain_type(chunk.type)
        validity.update(chunk.is_valid().cast(pa.uint8()).to_numpy(zero_copy_only=False))
        if plain == "null":
            return
        if plain in ("string", "binary"):
            chunk = chunk.cast(f"large_{plain}").fill_null("" if plain == "string" else b"")
            length = pc.binary_length(chunk).to_numpy()
            lengths.update(length)
            values.update(_binary_values(chunk))
            self.byte_count += int(length.sum()) + 4 * len(chunk)
        elif pa.types.is_boolean(chunk.type):
            values.update(chunk.fill_null(False).cast(pa.uint8()).to_numpy())
            self.byte_count += _bitmap_bytes(len(chunk))
        elif pa.types.is_struct(chunk.type):
            self._descend(chunk.flatten())
        elif pa.types.is_nested(chunk.type):
            if pa.types.is_map(chunk.type):
                entry = pa.struct([chunk.type.key_field, chunk.type.item_field])
                chunk = chunk.cast(pa.list_(entry))
            length = pc.list_value_length(chunk).fill_null(0)
            lengths.update(length.cast(pa.int64()).to_numpy())
            self.byte_count += 4 * len(chunk)
            self._descend([chunk.flatten()])
        else:
            width = chunk.type.byte_width
            values.update(_fixed_values(chunk, width))
            self.byte_count += width * len(chunk)

    def _descend(self, children: list) -> None:
        if not self.children:
            self.children = [_Digest() for _ in children]
        for digest, child in zip(self.children, children):
            digest.update(child)
            if child.null_count:
                digest.byte_count += _bitmap_bytes(len(child))


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
