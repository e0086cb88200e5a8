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
    global column, context, csv_options, literal, pyarrow
    import datafusion
    import pyarrow
    from datafusion import col as column
    from datafusion import CsvReadOptions as csv_options
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
        return frame.limit(limit).to_arrow_table()
    return _collected(frame)


def _collected(frame):
    """The rows in the order of the file, of which each partition is a stretch.

    `to_arrow_table` would not give them so.
    """
    batches = [batch for partition in frame.collect_partitioned() for batch in partition]
    return pyarrow.Table.from_batches(batches) if batches else frame.to_arrow_table()


def scan_parquet(path: str) -> int:
    stream = context.read_parquet(path).execute_stream()
    return sum(batch.to_pyarrow().num_rows for batch in stream)


def read_csv(path: str, columns=None, **hints):
    options = {}
    if types := hints.get("types"):
        # Its inference takes every line end for that of a record.
        schema = pyarrow.schema([(name, pyarrow.type_for_alias(t)) for name, t in types.items()])
        options = {"newlines_in_values": True, "schema": schema}
    frame = context.read_csv(path, options=csv_options(**options))
    return _collected(frame if columns is None else frame.select(*(f'"{n}"' for n in columns)))


def scan_csv(path: str) -> int:
    return sum(batch.to_pyarrow().num_rows for batch in context.read_csv(path).execute_stream())


def read_avro(path: str):
    return _collected(context.read_avro(path))


def row_count(path: str) -> int:
    return context.read_parquet(path).count()


def column_names(path: str) -> list[str]:
    return context.read_parquet(path).schema().names
