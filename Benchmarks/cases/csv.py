"""Reading CSV files into Arrow memory."""

from __future__ import annotations

from harness.case import Case, Dataset

from cases.parquet import SEED

# The mixed table has this size at every scale; the others have half of it at full scale.
MIXED_BYTES = 200_000_000
KINDS = ("floats", "integers", "quoted", "wide", "dates")
# What some peers have to be told, and the others find out: the columns of times, that there are line
# ends in fields and of what types the columns then are.
HINTS = {
    "dates": {"times": ["day", "second", "micro"]},
    "quoted": {"types": {"id": "int64", "title": "string", "text": "string", "reply": "string"}},
}


def cases(scale: float) -> list[Case]:
    """Every kind of table; three columns of fifty; a gigabyte batch by batch."""
    other = max(1000, round(MIXED_BYTES // 2 * scale))
    found = [_case("mixed", MIXED_BYTES)]
    found += [_case(kind, other, **HINTS.get(kind, {})) for kind in KINDS]
    found.append(_case("fifty", other, columns=["c03", "c25", "c47"]))
    parameters = {"kind": "mixed", "byte_count": 10**9, "seed": SEED}
    found.append(
        Case(
            "csv/scan/mixed/1GB",
            "scan_csv",
            Dataset("csv_tables", "long_table", parameters, ".csv"),
            checker="value",
            quick=False,
            named=False,
            once=True,
        )
    )
    return found


def _case(kind: str, byte_count: int, **arguments) -> Case:
    data = Dataset(
        "csv_tables", "table", {"kind": kind, "byte_count": byte_count, "seed": SEED}, ".csv"
    )
    part = f"/columns={len(arguments['columns'])}" if "columns" in arguments else ""
    name = f"csv/read/{kind}{part}/{byte_count / 1e6:g}MB"
    return Case(name, "read_csv", data, arguments, checker="text_table")
