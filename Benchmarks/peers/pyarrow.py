"""pyarrow: the reference reader of the Arrow project, in C++."""

from __future__ import annotations

TITLE = "pyarrow"
DISTRIBUTIONS = ("pyarrow",)
STARTUP = """
import pyarrow.parquet
print(pyarrow.parquet.read_metadata(PATH).num_columns)
"""


def start(threads: int) -> None:
    global csv, dataset, pa, pq, thread_count
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.dataset as dataset
    import pyarrow.parquet as pq

    pa.set_cpu_count(threads)
    pa.set_io_thread_count(threads)
    thread_count = threads


def version() -> str:
    return pa.__version__


def read_parquet(path: str, columns=None, filters=None, limit=None):
    threaded = thread_count > 1
    if limit is not None:
        return dataset.dataset(path).head(limit, columns=columns, use_threads=threaded)
    filters = filters and [tuple(one) for one in filters]
    # A mapped file was its fastest source; the pages of the mapping count in its peak.
    return pq.read_table(
        path, columns=columns, filters=filters, use_threads=threaded, memory_map=True
    )


def scan_parquet(path: str) -> int:
    batches = pq.ParquetFile(path).iter_batches(use_threads=thread_count > 1)
    return sum(batch.num_rows for batch in batches)


def read_csv(path: str, columns=None, **hints):
    return csv.read_csv(path, **_csv_options(columns, "types" in hints))


def scan_csv(path: str) -> int:
    return sum(batch.num_rows for batch in csv.open_csv(path, **_csv_options(None, False)))


def _csv_options(columns, newlines: bool) -> dict:
    return {
        "read_options": csv.ReadOptions(use_threads=thread_count > 1),
        "parse_options": csv.ParseOptions(newlines_in_values=newlines),
        "convert_options": csv.ConvertOptions(include_columns=columns or []),
    }


def row_count(path: str) -> int:
    return pq.read_metadata(path).num_rows


def column_names(path: str) -> list[str]:
    return pq.read_schema(path).names


def column_statistics(path: str, column: str) -> list:
    metadata = pq.read_metadata(path)
    return _statistics(_groups(metadata), metadata.schema.names.index(column))


def all_statistics(path: str) -> dict[str, list]:
    metadata = pq.read_metadata(path)
    groups = _groups(metadata)
    return {name: _statistics(groups, i) for i, name in enumerate(metadata.schema.names)}


def _groups(metadata) -> list:
    return [metadata.row_group(i) for i in range(metadata.num_row_groups)]


def _statistics(groups: list, index: int) -> list:
    found = [group.column(index).statistics for group in groups]
    return [min(s.min for s in found), max(s.max for s in found), sum(s.null_count for s in found)]
