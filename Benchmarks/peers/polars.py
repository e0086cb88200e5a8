"""polars: a data frame engine in Rust with a Parquet reader of its own."""

from __future__ import annotations

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


def read_parquet(path: str, columns=None):
    return pl.read_parquet(path, columns=columns)
