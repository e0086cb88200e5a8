"""polars: a data frame engine in Rust with a Parquet reader of its own."""

from __future__ import annotations

import operator
import os

TITLE = "polars"
DISTRIBUTIONS = ("polars", "polars-runtime-32")
STARTUP = """
import polars
print(len(polars.scan_parquet(PATH).collect_schema()))
"""


def start(threads: int) -> None:
    global pl
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars as pl

    if pl.thread_pool_size() != threads:
        raise RuntimeError(f"polars took {pl.thread_pool_size()} threads instead of {threads}")


def version() -> str:
    return pl.__version__


def read_parquet(path: str, columns=None, filters=None, limit=None):
    if filters is None:
        return pl.read_parquet(path, columns=columns, n_rows=limit)
    compare = {"==": operator.eq, "<": operator.lt, ">=": operator.ge}
    scan = pl.scan_parquet(path)
    for name, sign, value in filters:
        scan = scan.filter(compare[sign](pl.col(name), value))
    return (scan if columns is None else scan.select(columns)).collect()


def scan_parquet(path: str) -> int:
    return sum(batch.height for batch in pl.scan_parquet(path).collect_batches())


def read_csv(path: str, columns=None, **hints):
    return pl.read_csv(path, columns=columns, try_parse_dates="times" in hints)


def scan_csv(path: str) -> int:
    return sum(batch.height for batch in pl.scan_csv(path).collect_batches())


def read_avro(path: str):
    return pl.read_avro(path)


def row_count(path: str) -> int:
    return pl.scan_parquet(path).select(pl.len()).collect().item()


def column_names(path: str) -> list[str]:
    return list(pl.read_parquet_schema(path))
