"""Parquet: read, scan, and look into the footer."""

from __future__ import annotations

import sys
from _operator import index  # operator itself would cost a first call half a millisecond

from . import _cancel, _config, _ffi, _filters, _source, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO, Union

    from ._cancel import CancellationToken
    from ._metadata import Node, ParquetMetadata
    from ._scan import Scan
    from ._table import Table

    Source = Union[str, os.PathLike, bytes, bytearray, memoryview, BinaryIO]
    Sources = Union[Source, Sequence[Source]]


def on_engine() -> bool:
    """Whether files are read by the engine; otherwise the fallback does it."""
    if not _config.part_enabled("io"):
        reason = "it is disabled"
    else:
        try:
            _ffi.library()
        except errors.EngineUnavailableError as problem:
            reason = str(problem)
        else:
            if "logging" in sys.modules or _config.get("log_level"):
                from . import _logging

                _logging.refresh()
            return True
    from . import _fallback

    _fallback.note(reason)
    return False


def read_parquet(
    source: Sources,
    columns: Sequence[str] | None = None,
    filters: object = None,
    row_groups: Sequence[int] | None = None,
    limit: int | None = None,
    threads: int | None = None,
    memory_map: bool = False,
    dictionary: str | Sequence[str] = "auto",
    verify_checksums: bool = False,
    coerce_int96_timestamp_unit: str | None = None,
    nesting_limit: int | None = None,
    string_output: str | Mapping[str, str] | None = None,
    restore_arrow_schema: bool = True,
    *,
    page_byte_limit: int | None = None,
    compression_ratio_limit: int | None = None,
    allocation_limit: int | None = None,
    hive_partitioning: bool = True,
    cancel: CancellationToken | None = None,
) -> Table:
    """Reads Parquet into a `Table`.

    source: a path, bytes, a memoryview, a binary file object; or a list of paths, a glob or a
        directory, whose files come in the sorted order of their paths. Columns are matched by name:
        one that a file lacks is null there; integers, floats and decimals widen where that loses
        nothing; what fits no other way is a FormatError that names the file and the column.
    hive_partitioning: whether `key=value` directories are columns, dictionaries of int32 or strings.
    columns: names, in the order of the result. A name gives all columns that have it, which are
        told apart by their index; any other is a path into a nested column: "a.b" for a field of a
        struct, "c.list.element.x" or "c.x" for one of a list's elements, "m.value" for the values
        of a map. Paths into one column give one column, at the place of the first.
    row_groups: indices, for a single source.
    filters: the rows wanted, in pyarrow's form: a list of tuples (column, operator, value) that all
        have to hold, or a list of such lists of which one has to. Operators are ==, =, !=, <, <=, >,
        >=, in, not in. A column is a name or a dotted path to a field of a struct, and need not be
        among `columns`. A null never meets a comparison; a list that has no None is `not in` by it.
    limit: the most rows. threads: the most threads. memory_map: map files instead of reading them.
    verify_checksums: check the CRC of every page that has one.
    coerce_int96_timestamp_unit: "ns", "us", "ms" or "s", the unit that INT96 timestamps come in;
        by default "ns", which holds the years 1677 to 2262 and is an error beyond.
    nesting_limit: the most levels of groups in a column, 1 to 127, by default 100.
    string_output: the layout of columns of strings and bytes, "utf8", "large_utf8", "utf8_view" or
        "dictionary"; or a dict of layouts by column. By default what the file's own Arrow schema
        says, else "utf8". dictionary: names of the columns that become dictionaries.
    restore_arrow_schema: restore types that Parquet lacks (zones, durations, dictionaries, extension
        types) from the Arrow schema that Arrow writers leave in a file.
    page_byte_limit: the most bytes of a page, by default 2**30. compression_ratio_limit: the most
        bytes that a page of more than 16 MiB may have for each byte stored, by default what the
        codec can make, but 100 000 of BROTLI. allocation_limit: the most bytes of the table, or of
        one batch of a scan, by default 3/4 of the memory. What passes one is a LimitError.

    Raises FileNotFoundError, PermissionError, FormatError, UnsupportedError, LimitError,
    UnknownColumnError (a KeyError), OutOfRangeError (an IndexError), CancelledError.
    """
    chosen = _options(
        columns, filters, row_groups, limit, threads, dictionary, verify_checksums,
        coerce_int96_timestamp_unit, string_output, restore_arrow_schema,
        _limits(nesting_limit, page_byte_limit, compression_ratio_limit, allocation_limit))
    sources = _source.expand(source, hive_partitioning)
    _one_source_for_row_groups(sources, row_groups)
    if not on_engine():
        from . import _fallback

        return _fallback.read(sources, chosen, memory_map, cancel)
    from . import _table

    parts = []
    left = chosen["limit"]
    for item in sources:
        part = _read_one(item, {**chosen, "limit": left}, memory_map, cancel)
        parts.append(part)
        if left is not None:
            left -= part.num_rows  # at 0, only the schema of the remaining files is compared
    return parts[0] if len(parts) == 1 else _table.concatenate(parts, sources)


def _read_one(source, chosen: dict, memory_map: bool, cancel) -> Table:
    from . import _table

    file = _source.open_file(source, memory_map=memory_map, cancel=cancel)
    rows, _, column_count, byte_count = file.counts()
    limit, columns = chosen["limit"], chosen["columns"]
    share = 1 if limit is None or not rows else min(1, limit / rows)
    if columns is not None and chosen["filters"] is None and byte_count <= _cancel.LONG_GUESS_BYTE_COUNT:
        share *= min(1, len(columns) / max(1, column_count))
    options = _ffi.options(**chosen)
    handle = _cancel.run(
        lambda cancel_handle: file.create("pf_parquet_read", options, cancel_handle), file.cancel or cancel,
        long=file.reads_python_object or byte_count * share > _cancel.LONG_BYTE_COUNT)
    return _table.Table._of_handle(handle)


def scan_parquet(
    source: Sources,
    batch_size: int = 65_536,
    columns: Sequence[str] | None = None,
    filters: object = None,
    row_groups: Sequence[int] | None = None,
    limit: int | None = None,
    threads: int | None = None,
    memory_map: bool = False,
    dictionary: str | Sequence[str] = "auto",
    verify_checksums: bool = False,
    coerce_int96_timestamp_unit: str | None = None,
    nesting_limit: int | None = None,
    string_output: str | Mapping[str, str] | None = None,
    restore_arrow_schema: bool = True,
    *,
    page_byte_limit: int | None = None,
    compression_ratio_limit: int | None = None,
    allocation_limit: int | None = None,
    read_ahead: bool = True,
    hive_partitioning: bool = True,
    cancel: CancellationToken | None = None,
) -> Scan:
    """Reads Parquet batch by batch, in bounded memory.

    Returns an iterator of `RecordBatch`es of at most `batch_size` rows, which is also an Arrow
    stream that other libraries take whole. read_ahead: with several threads, decode the next batch
    while the caller works on the present one. The other arguments are those of `read_parquet`.
    """
    chosen = _options(
        columns, filters, row_groups, limit, threads, dictionary, verify_checksums,
        coerce_int96_timestamp_unit, string_output, restore_arrow_schema,
        _limits(nesting_limit, page_byte_limit, compression_ratio_limit, allocation_limit))
    chosen["batch_size"] = _count(batch_size, "batch_size", least=1)
    chosen["read_ahead"] = None if read_ahead else False
    sources = _source.expand(source, hive_partitioning)
    _one_source_for_row_groups(sources, row_groups)
    if not on_engine():
        from . import _fallback

        return _fallback.scan(sources, chosen, memory_map, cancel)
    from . import _scan

    return _scan.Scan(sources, chosen, memory_map, cancel)


def parquet_metadata(source: Source) -> ParquetMetadata:
    """The footer of one file: counts, schema, row groups, column chunks, statistics."""
    if not on_engine():
        from . import _fallback

        return _fallback.metadata(source)
    from . import _metadata

    return _metadata.ParquetMetadata(_source.open_file(source))


def row_count(source: Sources) -> int:
    """The number of rows, summed over many files; decodes only the first fields of a footer."""
    if not on_engine():
        from . import _fallback

        sources = _source.expand(source)
        return sum(_fallback.metadata(item).num_rows for item in _fallback.files(sources))
    total = 0
    count = _ffi.c_int64()
    for file in _source.open_each(source):
        file.call("pf_parquet_row_count", _ffi.byref(count))
        total += count.value
    return total


def column_names(source: Sources) -> list[str]:
    """The dotted paths of the leaf columns; of the first file, where there are many."""
    if not on_engine():
        return parquet_metadata(_first(source)).column_names()
    from . import _metadata

    return _metadata.column_names(_source.open_first(source))


def column_info(source: Sources) -> list[dict]:
    """One dict for each leaf column: path, name, physical, logical and arrow type, nullable."""
    if not on_engine():
        return parquet_metadata(_first(source)).column_info()
    from . import _metadata

    return _metadata.column_info(_source.open_first(source))


def _first(source):
    from . import _fallback

    return _fallback.files(_source.expand(source))[0]


def column_statistics(
    source: Source, columns: Sequence[str] | None = None, row_groups: Sequence[int] | None = None
) -> dict[str, Node]:
    """What the footer says about each leaf column, merged over row groups, by dotted path.

    columns: dotted paths, of groups for all columns below them. row_groups: indices.

    Each value has `min`, `max`, `null_count`, `distinct_count`, `nan_count`, `is_min_exact`,
    `is_max_exact`, `num_values`, sizes, encodings and codecs, as attributes and as a mapping; what
    the file does not tell for every row group, or cannot be trusted, is None.
    """
    if columns is not None:
        columns = _list_of(columns, str, "columns", "names")
    if row_groups is not None:
        row_groups = [_count(i, "row_groups") for i in _list_of(row_groups, None, "row_groups", "indices")]
    if not on_engine():
        return parquet_metadata(source).column_statistics(columns, row_groups)
    from . import _metadata

    return _metadata.column_statistics(_source.open_file(source), columns, row_groups)


def _options(
        columns, filters, row_groups, limit, threads, dictionary, verify_checksums, int96_unit,
        string_output, restore_arrow_schema, limits) -> dict:
    if columns is not None:
        columns = _list_of(columns, str, "columns", "names")
    if row_groups is not None:
        row_groups = [_count(i, "row_groups") for i in _list_of(row_groups, None, "row_groups", "indices")]
    if isinstance(dictionary, str):
        if dictionary != "auto":
            raise errors.ArgumentError('dictionary must be "auto" or a list of names')
        dictionary = None
    return {
        "columns": columns,
        "row_groups": row_groups,
        "filters": None if filters is None else _filters.condition(filters),
        "limit": None if limit is None else _count(limit, "limit"),
        "threads": _config.get("threads") if threads is None else _count(threads, "threads", least=1),
        "dictionary": None if dictionary is None else _list_of(dictionary, str, "dictionary", "names"),
        "restore_arrow_schema": None if restore_arrow_schema else False,
        "string_output": dict(string_output) if hasattr(string_output, "items") else string_output,
        "verify_checksums": True if verify_checksums else None,
        "coerce_int96_timestamp_unit": int96_unit,
        **limits,
    }


def _limits(nesting, page_byte, compression_ratio, allocation) -> dict:
    limits = {
        "nesting_limit": nesting,
        "page_byte_limit": page_byte,
        "compression_ratio_limit": compression_ratio,
        "allocation_limit": allocation,
    }
    return {
        name: None if value is None else _count(value, name, least=1)
        for name, value in limits.items()}


def _list_of(items, kind, argument: str, what: str) -> list:
    items = None if isinstance(items, (str, bytes)) or not hasattr(items, "__iter__") else list(items)
    if items is None or (kind and not all(isinstance(item, kind) for item in items)):
        raise TypeError(f"{argument} must be a list of {what}")
    return items


def _count(value, argument: str, least: int = 0) -> int:
    number = index(value)
    if number < least:
        if argument == "row_groups":
            raise errors.OutOfRangeError(f"row group {number} does not exist", {"index": number})
        raise errors.ArgumentError(f"{argument} must be at least {least}, not {number}")
    return number


def _one_source_for_row_groups(sources: list, row_groups) -> None:
    if row_groups is not None and len(sources) > 1:
        raise errors.ArgumentError("row_groups needs a single source")
