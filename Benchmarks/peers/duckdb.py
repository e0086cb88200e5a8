"""duckdb: a database in C++; its answer leaves as an Arrow table."""

from __future__ import annotations

TITLE = "duckdb"
DISTRIBUTIONS = ("duckdb",)
STARTUP = """
import duckdb
print(len(duckdb.sql(f"FROM read_parquet('{PATH}')").columns))
"""
SCAN_ROWS = 65_536


def start(threads: int) -> None:
    global connection, duckdb
    import duckdb
    import pyarrow  # noqa: F401  (needed for Arrow results: not part of the first call)

    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")


def version() -> str:
    return duckdb.__version__


def read_parquet(path: str, columns=None, filters=None, limit=None):
    names = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
    query = f"SELECT {names} FROM read_parquet('{path}')"
    if filters:
        query += " WHERE " + " AND ".join(f'"{n}" {sign} {value}' for n, sign, value in filters)
    if limit is not None:
        query += f" LIMIT {limit}"
    # The relation's own export saves a copy of the rows that a cursor's would make.
    return connection.sql(query).to_arrow_table()


def scan_parquet(path: str) -> int:
    reader = connection.sql(f"FROM read_parquet('{path}')").to_arrow_reader(SCAN_ROWS)
    return sum(batch.num_rows for batch in reader)


def read_csv(path: str, columns=None, **hints):
    names = "*" if columns is None else ", ".join(f'"{name}"' for name in columns)
    return connection.sql(f"SELECT {names} FROM {_csv(path)}").to_arrow_table()


def scan_csv(path: str) -> int:
    reader = connection.sql(f"FROM {_csv(path)}").to_arrow_reader(SCAN_ROWS)
    return sum(batch.num_rows for batch in reader)


def _csv(path: str) -> str:
    """Told the dialect, it has less to find out."""
    return f"""read_csv('{path}', header = true, delim = ',', quote = '"', escape = '"')"""


def row_count(path: str) -> int:
    query = f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata('{path}')"
    return connection.sql(query).fetchall()[0][0]


def column_names(path: str) -> list[str]:
    return connection.sql(f"FROM read_parquet('{path}')").columns


def column_statistics(path: str, column: str) -> list:
    return _statistics(path, f"WHERE path_in_schema = '{column}'")[column]


def all_statistics(path: str) -> dict[str, list]:
    return _statistics(path, "")


def _statistics(path: str, where: str) -> dict[str, list]:
    query = f"""
        SELECT path_in_schema, min(stats_min_value::BIGINT), max(stats_max_value::BIGINT),
               sum(stats_null_count)::BIGINT
        FROM parquet_metadata('{path}') {where} GROUP BY path_in_schema
    """
    return {name: list(found) for name, *found in connection.sql(query).fetchall()}
