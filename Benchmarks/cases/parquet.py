"""Reading Parquet files into Arrow memory."""

from __future__ import annotations

from harness.case import Case, Dataset, binary_count

SEED = 7
FULL_SCALE_ROWS = 4 << 20
CODECS = ("snappy", "uncompressed", "gzip", "zstd", "lz4", "brotli")
KINDS = (
    "mixed",
    "numbers",
    "low-cardinality",
    "high-cardinality",
    "nulls",
    "lists",
    "structs",
)
# What each encoding is good for.
ENCODED = {
    "BYTE_STREAM_SPLIT": ("floats", ("float32", "float64", "walk")),
    "DELTA_BINARY_PACKED": ("integers", ("serial", "time", "small", "any")),
    "DELTA_LENGTH_BYTE_ARRAY": ("high-cardinality", ("email", "text")),
    "DELTA_BYTE_ARRAY": ("sorted-text", ("path", "email")),
}


def cases(scale: float) -> list[Case]:
    """Kinds of tables, codecs, encodings; then what does not need all of a file."""
    rows = max(1, round(FULL_SCALE_ROWS * scale))
    count = binary_count(rows)
    found = [
        Case(
            name=f"parquet/read/{kind}-{codec}/{count}",
            operation="read_parquet",
            data=_file(kind, codec, rows),
            quick=codec == "snappy" or kind == "mixed",
        )
        for codec in CODECS
        for kind in KINDS
        if codec in CODECS[:2] or kind == "mixed"
    ]
    for encoding, (kind, columns) in ENCODED.items():
        name = encoding.lower().replace("_", "-")
        data = _file(kind, "uncompressed", rows, encodings=dict.fromkeys(columns, encoding))
        found.append(Case(f"parquet/read/{name}/{count}", "read_parquet", data))
    found.append(_part("wide-snappy/columns=1", rows // 4, columns=["column_25"]))
    # One row in a thousand: next to each other, where statistics tell the place, and anywhere.
    first = 1_000_000 + 3 * (rows // 3)
    near = [["id", ">=", first], ["id", "<", first + 3 * max(1, rows // 1000)]]
    found.append(_part("mixed-snappy/filter=range", rows, filters=near))
    found.append(_part("mixed-snappy/filter=scattered", rows, filters=[["amount", "<", 1.84]]))
    found.append(_part("mixed-snappy/limit=100", rows, limit=100))
    found.append(_part("mixed-snappy/columns=2", rows, columns=["amount", "city"]))
    return found


def _part(name: str, rows: int, **arguments) -> Case:
    """A case that asks for a part of a file, which keeps the answers to all such questions."""
    kind, codec = name.split("/")[0].rsplit("-", 1)
    more = {}
    if "columns" not in arguments:
        more = {"page_index": True, "answers": [arguments]}
    data = _file(kind, codec, rows, **more)
    return Case(f"parquet/read/{name}/{binary_count(rows)}", "read_parquet", data, arguments)


def _file(kind: str, codec: str, rows: int, **more) -> Dataset:
    parameters = {"kind": kind, "codec": codec, "rows": rows, "seed": SEED, **more}
    return Dataset("parquet_tables", "table", parameters, ".parquet")
