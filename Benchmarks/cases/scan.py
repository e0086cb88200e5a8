"""Reading a file batch by batch, in memory that its size must not decide."""

from __future__ import annotations

from harness.case import Case, Dataset

from cases.parquet import SEED


def cases(scale: float) -> list[Case]:
    """One file of a gigabyte, whatever the scale; each batch is freed before the next."""
    parameters = {"kind": "mixed", "codec": "snappy", "byte_count": 10**9, "seed": SEED}
    data = Dataset("parquet_tables", "long_table", parameters, ".parquet")
    return [
        Case(
            "parquet/scan/mixed-snappy/1GB",
            "scan_parquet",
            data,
            checker="value",
            quick=False,
            named=False,
            once=True,
        )
    ]
