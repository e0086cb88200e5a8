"""Files, as ParquetFrame's native module takes and gives them: paths in, dicts and Arrow IPC streams out."""

from __future__ import annotations

import os

from .. import _avro, _csv, _ipc, _parquet, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    Answer = TypeVar("Answer")


def read_parquet_metadata_rust(path: str) -> dict:
    """What the footer of a Parquet file says, as a dict: num_rows, num_row_groups, num_columns,
    file_size_bytes, version, column_names and column_types (physical types). Columns are leaves; one inside
    of others is called by its dotted path.

    Raises ValueError where there is no such file, or it is no Parquet.
    """

    def look(path: str) -> dict:
        metadata = _parquet.parquet_metadata(path)
        columns = metadata.column_info()
        return {
            "num_rows": metadata.num_rows, "num_row_groups": metadata.num_row_groups,
            "num_columns": metadata.num_columns, "file_size_bytes": os.path.getsize(path),
            "version": metadata.version, "column_names": [column["path"] for column in columns],
            "column_types": [column["physical_type"] for column in columns]}

    return _of_file(path, look)


def get_parquet_row_count_rust(path: str) -> int:
    """The rows of a Parquet file. Raises ValueError as `read_parquet_metadata_rust`."""
    return _of_file(path, _parquet.row_count)


def get_parquet_column_names_rust(path: str) -> list[str]:
    """The names of the columns of a Parquet file; one inside of others is called by its dotted path.

    Raises ValueError as `read_parquet_metadata_rust`.
    """
    return _of_file(path, _parquet.column_names)


def get_parquet_column_stats_rust(path: str) -> list[dict]:
    """A dict for each column of a Parquet file, merged over its row groups: name, null_count,
    distinct_count, min_value and max_value, which are texts; None is what the file does not say.

    Numbers, dates and times are written as Python and ISO 8601 do, bytes as hexadecimal digits. Raises
    ValueError as `read_parquet_metadata_rust`.
    """

    def look(path: str) -> list[dict]:
        return [
            {"name": name, "null_count": found.null_count, "distinct_count": found.distinct_count,
             "min_value": _text(found.min), "max_value": _text(found.max)}
            for name, found in _parquet.column_statistics(path).items()]

    return _of_file(path, look)


def read_parquet_fast(
    path: str, columns: Sequence[str] | None = None, row_groups: Sequence[int] | None = None
) -> bytes:
    """Reads a Parquet file; gives an Arrow IPC stream.

    columns: names, or dotted paths; None or an empty list means all. They come in the order of the file.
    row_groups: indices of row groups, in the order wanted.

    Raises ValueError as `read_parquet_metadata_rust`, and for what is no column or row group.
    """
    if isinstance(columns, str):
        raise TypeError("columns is a list of names, not one name")

    def read(path: str) -> bytes:
        wanted = None
        if columns:
            places = {name: place for place, name in enumerate(_parquet.parquet_metadata(path).schema.names)}

            def place(name: str) -> int:
                return places.get(name, places.get(name.split(".")[0], len(places)))

            wanted = sorted(dict.fromkeys(columns), key=place)
        return _ipc.bytes_of(_parquet.read_parquet(path, wanted, row_groups=row_groups))

    return _of_file(path, read)


def read_csv_fast(
    path: str, delimiter: str = ",", has_header: bool = True, infer_schema: bool = True
) -> bytes:
    """Reads a CSV file; gives an Arrow IPC stream.

    has_header: without, the columns are called column_1, column_2, …
    infer_schema: whether the types of columns are inferred, as `parquetframe_swift.read_csv` does; without,
        all are strings. Empty fields are null, also quoted ones.

    Raises ValueError where there is no such file, or it is no such CSV.
    """

    def read(path: str) -> bytes:
        return _ipc.bytes_of(_csv.read_csv(
            path, delimiter=delimiter, has_header=has_header, infer_schema=infer_schema,
            quoted_strings_can_be_null=True))

    return _of_file(path, read)


def read_avro_fast(path: str, batch_size: int | None = None) -> bytes:
    """Reads an Avro file; gives an Arrow IPC stream.

    batch_size: the most rows of a batch of the stream.

    Raises ValueError where there is no such file, or it is no Avro.
    """

    def read(path: str) -> bytes:
        if batch_size is not None:
            from .._table import concatenate

            batches = list(_avro.scan_avro(path, batch_size=batch_size))
            if batches and hasattr(batches[0]._store, "handle"):
                return _ipc.bytes_of(concatenate(batches, [path] * len(batches)))
        return _ipc.bytes_of(_avro.read_avro(path))

    return _of_file(path, read)


def io_fastpaths_available() -> bool:
    """Whether the functions that read files can be called: True."""
    return True


def _of_file(path: str, question: Callable[[str], Answer]) -> Answer:
    """The answer of `question` for one file; what is wrong with the file is a ValueError."""
    path = os.fsdecode(path)
    if not os.path.exists(path):  # else a pattern would stand for other files
        raise ValueError(f"File not found: {path}")
    if os.path.isdir(path):
        raise ValueError(f"{path} is a directory")
    try:
        return question(path)
    except (errors.FormatError, errors.ArgumentError):
        raise
    except (
        errors.UnsupportedError, errors.LimitError, errors.UnknownColumnError, errors.OutOfRangeError,
        OSError,
    ) as problem:
        raise ValueError(str(problem)) from problem


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else str(value)
