"""What a footer tells without reading data."""

from __future__ import annotations

from harness.case import Case, Dataset, binary_count

from cases.parquet import FULL_SCALE_ROWS, SEED


def cases(scale: float) -> list[Case]:
    """A flat file, and a footer of thousands of columns; neither depends on the rows."""
    rows = max(1, round(FULL_SCALE_ROWS * scale))
    flat = Dataset(
        "parquet_tables",
        "table",
        {"kind": "mixed", "codec": "snappy", "rows": rows, "seed": SEED},
        ".parquet",
    )
    wide = Dataset("parquet_tables", "wide_footer", {"columns": 5000, "row_groups": 10}, ".parquet")
    return [
        _case(f"row-count/flat/{binary_count(rows)}", "row_count", flat, 0.2),
        _case("row-count/5000-columns", "row_count", wide, 3),
        _case("column-names/5000-columns", "column_names", wide, 3),
        _case("one-statistics/5000-columns", "column_statistics", wide, 3, column="column_02500"),
        _case("all-statistics/5000-columns", "all_statistics", wide, None),
        Case(
            "metadata/one-column/5000-columns",
            "read_parquet",
            wide,
            {"columns": ["column_02500"]},
            named=False,
        ),
    ]


def _case(
    name: str, operation: str, data: Dataset, limit_ms: float | None, **arguments
) -> Case:
    return Case(
        f"metadata/{name}",
        operation,
        data,
        arguments,
        checker="value",
        named=False,
        limit_ms=limit_ms,
    )
