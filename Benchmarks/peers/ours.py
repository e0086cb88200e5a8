"""This engine, through its Python package."""

from __future__ import annotations

TITLE = "ParquetFrame for Swift"
DISTRIBUTIONS = ("parquetframe-swift",)
STARTUP = """
import parquetframe_swift
print(parquetframe_swift.parquet_metadata(PATH).num_columns)
assert parquetframe_swift.is_available(), "the shared library is missing"
"""


def start(threads: int) -> None:
    global pfs, thread_count
    import parquetframe_swift as pfs

    # Without the shared library the package answers through pyarrow: that would be a fine
    # result, and no measurement.
    if not pfs.is_available():
        raise RuntimeError("the shared library of parquetframe_swift is missing")
    thread_count = threads


def version() -> str:
    return pfs.__version__


def read_parquet(path: str, columns=None):
    return pfs.read_parquet(path, columns=columns, threads=thread_count)
