"""duckdb: a database in C++; its answer leaves as an Arrow table."""

from __future__ import annotations

TITLE = "duckdb"
DISTRIBUTIONS = ("duckdb",)
STARTUP = """
import duckdb
print(len(duckdb.sql(f"FROM read_parquet('{PATH}')").columns))
"""


def start(threads: int) -> None:
    global connection, duckdb
    import duckdb
    import pyarrow  # noqa: F401  (needed for Arrow results: not part of the first call)

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")


def version() -> str:
    return duckdb.__version__


def read_parquet(path: str, columns=None):
    names = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
    # The relation's own export saves a copy of the rows that a cursor's would make.
    return connection.sql(f"SELECT {names} FROM read_parquet('{path}')").to_arrow_table()
