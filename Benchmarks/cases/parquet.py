"""Reading Parquet files into Arrow memory."""

from __future__ import annotations

from harness.case import Case, Dataset, binary_count

SEED = 7
FULL_SCALE_ROWS = 4 << 20
# Every codec on the mixed table; every other kind of table with the usual codec.
CODECS = ("snappy", "uncompressed", "gzip", "zstd", "lz4_raw", "brotli")
KINDS = ("numbers", "low-cardinality", "high-cardinality", "nulls", "lists", "structs")
# What each encoding is good for.
ENCODED = {
    "PLAIN": ("numbers", ("int32", "int64", "float32", "float64", "time", "serial")),
    "BYTE_STREAM_SPLIT": ("floats", ("float32", "float64", "walk")),
    "DELTA_BINARY_PACKED": ("integers", ("serial", "time", "small", "any")),
    "DELTA_LENGTH_BYTE_ARRAY": ("high-cardinality", ("email", "text")),
    "DELTA_BYTE_ARRAY": ("sorted-text", ("path", "email")),
}
# Measured beside the others, and not in their mean.
BESIDE = ("numbers-snappy", "nulls-snappy", "mixed-snappy/columns=2")


def cases(scale: float) -> list[Case]:
    """Codecs, kinds of tables, encodings; then what does not need all of a file."""
    rows = max(1, round(FULL_SCALE_ROWS * scale))
    found = [_case(f"mixed-{codec}", rows, _file("mixed", codec, rows)) for codec in CODECS]
    found += [_case(f"{kind}-snappy", rows, _file(kind, "snappy", rows)) for kind in KINDS]
    for encoding, (kind, columns) in ENCODED.items():
        name = f"{kind}-plain" if encoding == "PLAIN" else encoding.lower().replace("_", "-")
        data = _file(kind, "uncompressed", rows, encodings=dict.fromkeys(columns, encoding))
        found.append(_case(name, rows, data))
    found.append(_part("wide-snappy/columns=1", rows // 4, columns=["column_25"]))
    # One row in a thousand: next to each other, where statistics tell the place, and anywhere.
    first = 1_000_000 + 3 * (rows // 3)
    near = [["id", ">=", first], ["id", "<", first + 3 * max(1, rows // 1000)]]
    found.append(_part("mixed-snappy/filter=range", rows, filters=near))
    found.append(_part("mixed-snappy/filter=scattered", rows, filters=[["amount", "<", 1.84]]))
    found.append(_part("mixed-snappy/limit=100", rows, limit=100))
    found.append(_part("mixed-snappy/columns=2", rows, columns=["amount", "city"]))
    return found


def _case(name: str, rows: int, data: Dataset, **arguments) -> Case:
    path = f"parquet/read/{name}/{binary_count(rows)}"
    return Case(path, "read_parquet", data, arguments, named=name not in BESIDE)


def _part(name: str, rows: int, **arguments) -> Case:
    """A case that asks for a part of a file, which keeps the answers to all such questions."""
    kind, codec = name.split("/")[0].rsplit("-", 1)
    more = {}
    if "columns" not in arguments:
        more = {"page_index": True, "answers": [arguments]}
    return _case(name, rows, _file(kind, codec, rows, **more), **arguments)


def _file(kind: str, codec: str, rows: int, **more) -> Dataset:
    parameters = {"kind": kind, "codec": codec, "rows": rows, "seed": SEED, **more}
    return Dataset("parquet_tables", "table", parameters, ".parquet")
