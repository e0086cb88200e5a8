"""datafusion: a query engine in Rust over arrow-rs."""

from __future__ import annotations

import importlib.metadata

TITLE = "datafusion"
DISTRIBUTIONS = ("datafusion",)
STARTUP = """
import datafusion
print(len(datafusion.SessionContext().read_parquet(PATH).schema()))
"""


def start(threads: int) -> None:
    global column, context, literal
    import datafusion
    import pyarrow  # noqa: F401  (needed for Arrow results: not part of the first call)
    from datafusion import col as column
    from datafusion import literal

    config = datafusion.SessionConfig(
        {
            "datafusion.execution.parquet.pushdown_filters": "true",
            # Its best of five sizes on most tables; the default of 8192 rows costs it a fifth.
            "datafusion.execution.batch_size": "32768",
        }
    )
    context = datafusion.SessionContext(config.with_target_partitions(threads))


def version() -> str:
    return importlib.metadata.version("datafusion")


def read_parquet(path: str, columns=None, filters=None, limit=None):
    frame = context.read_parquet(path)
    for name, sign, value in filters or ():
        side, other = column(f'"{name}"'), literal(value)
        frame = frame.filter(
            side == other if sign == "==" else side < other if sign == "<" else side >= other
        )
    if columns is not None:
        frame = frame.select(*(f'"{name}"' for name in columns))
    if limit is not None:
        frame = frame.limit(limit)
    return frame.to_arrow_table()


def scan_parquet(path: str) -> int:
    stream = context.read_parquet(path).execute_stream()
    return sum(batch.to_pyarrow().num_rows for batch in stream)


def row_count(path: str) -> int:
    return context.read_parquet(path).count()


def column_names(path: str) -> list[str]:
    return context.read_parquet(path).schema().names
