"""Reading Avro files into Arrow memory, and counting their records."""

from __future__ import annotations

from harness.case import Case, Dataset

from cases.parquet import SEED

KINDS = ("flat", "nested", "maps", "unions")
CODECS = ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")
FULL_BYTES = 100_000_000
# Readers that make a Python object of each value take a hundred times as long as others.
ROWS_BYTES = 2_000_000


def cases(scale: float) -> list[Case]:
    """Every kind of record with every codec; rows as Python objects beside ours; a count."""
    size = max(1000, round(FULL_BYTES * scale))
    found = [
        Case(
            f"avro/read/{kind}-{codec}/{size / 1e6:g}MB",
            "read_avro",
            _data(kind, codec, size),
            checker="avro_table",
        )
        for kind in KINDS
        for codec in CODECS
    ]
    found += [
        Case(
            f"avro/rows/{kind}/{ROWS_BYTES / 1e6:g}MB",
            "read_avro_rows",
            _data(kind, "null", ROWS_BYTES),
            checker="avro_table",
            named=False,
        )
        for kind in KINDS
    ]
    for operation, name in (("avro_record_count", "count"), ("read_avro", "counted")):
        found.append(
            Case(
                f"avro/{name}/flat/{FULL_BYTES / 1e6:g}MB",
                operation,
                _data("flat", "null", FULL_BYTES),
                checker="value" if operation == "avro_record_count" else "avro_table",
                named=False,
            )
        )
    return found


def _data(kind: str, codec: str, byte_count: int) -> Dataset:
    parameters = {"kind": kind, "codec": codec, "byte_count": byte_count, "seed": SEED}
    return Dataset("avro_tables", "table", parameters, ".avro")
