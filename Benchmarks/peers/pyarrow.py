"""pyarrow: the reference reader of the Arrow project, in C++."""

from __future__ import annotations

TITLE = "pyarrow"
DISTRIBUTIONS = ("pyarrow",)
STARTUP = """
import pyarrow.parquet
print(pyarrow.parquet.read_metadata(PATH).num_columns)
"""


def start(threads: int) -> None:
    global pa, pq, thread_count
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(threads)
    pa.set_io_thread_count(threads)
    thread_count = threads


def version() -> str:
    return pa.__version__


def read_parquet(path: str, columns=None):
    return pq.read_table(path, columns=columns, use_threads=thread_count > 1)
