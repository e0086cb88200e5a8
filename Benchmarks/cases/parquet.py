"""Reading Parquet files into Arrow memory."""

from __future__ import annotations

from harness.case import Case, Dataset, binary_count

SEED = 7
FULL_SCALE_ROWS = 4 << 20
KINDS = ("mixed", "numbers", "low-cardinality", "high-cardinality", "nulls")


def cases(scale: float) -> list[Case]:
    """Each kind of table under each codec, then a projection of the mixed one."""
    rows = max(1, round(FULL_SCALE_ROWS * scale))
    found = [
        Case(
            name=f"parquet/read/{kind}-{codec}/{binary_count(rows)}",
            operation="read_parquet",
            data=_file(kind, codec, rows),
            quick=codec == "snappy" or kind == "mixed",
        )
        for codec in ("snappy", "uncompressed")
        for kind in KINDS
    ]
    found.append(
        Case(
            name=f"parquet/read/mixed-snappy/columns=2/{binary_count(rows)}",
            operation="read_parquet",
            data=_file("mixed", "snappy", rows),
            arguments={"columns": ["amount", "city"]},
            quick=False,
        )
    )
    return found


def _file(kind: str, codec: str, rows: int) -> Dataset:
    parameters = {"kind": kind, "codec": codec, "rows": rows, "seed": SEED}
    return Dataset("parquet_tables", "flat", parameters, ".parquet")
