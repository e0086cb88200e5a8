"""Avro: read, scan, and look into the head of a file."""

from __future__ import annotations

import ctypes

from . import _cancel, _config, _ffi, _parquet, _source, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO, Union

    from ._avro_metadata import AvroMetadata
    from ._avro_scan import AvroScan
    from ._cancel import CancellationToken
    from ._table import Table

    Source = Union[str, os.PathLike, bytes, bytearray, memoryview, BinaryIO]
    Sources = Union[Source, Sequence[Source]]
    AvroSchema = Union[Mapping[str, object], Sequence[object], str]

# Bytes of a file above which a call may outlast patience.
_LONG_BYTE_COUNT = 1 << 20


def read_avro(
    source: Sources,
    columns: Sequence[str] | None = None,
    reader_schema: AvroSchema | None = None,
    limit: int | None = None,
    threads: int | None = None,
    *,
    memory_map: bool = False,
    block_byte_limit: int | None = None,
    cancel: CancellationToken | None = None,
) -> Table:
    """Reads Avro object container files into a `Table`.

    source: a path, bytes, a memoryview, a binary file object; a glob, a directory or a list of paths,
        whose files come in the sorted order of their paths; or a list with other sources among
        them, in its order. All files are read as the schema of the first, or as `reader_schema`.
    columns: names, in the order of the result, or dotted paths into nested columns: "a.b" for a field
        of a record, also in an array or in the values of a map. Others are passed over in the file.
    reader_schema: a schema to read the records as, by the specification's rules of schema
        resolution: a dict or list as `json.loads` gives it, JSON text, or the name of a type.
    limit: the most rows. threads: the most threads. memory_map: map files instead of reading them.
    block_byte_limit: the most bytes of a block when it is decompressed, by default 2**30.

    Records that are no Avro records are one column named "value". `Specs/avro.md` says how types map.

    Raises FileNotFoundError, PermissionError, AvroError with block, offset, record and column,
    UnsupportedError, LimitError, UnknownColumnError (a KeyError), ArgumentError, CancelledError.
    """
    chosen = _options(columns, reader_schema, limit, threads, block_byte_limit)
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.read(source, chosen, memory_map, cancel)
    from . import _table

    file = open_file(source, memory_map=memory_map, cancel=cancel)
    options = _ffi.options(**chosen)
    return _table.Table._of_handle(_cancel.run(
        lambda handle: file.create("pf_avro_read", options, handle), file.cancel or cancel,
        long=is_long(source, file)))


def scan_avro(
    source: Sources,
    batch_size: int = 65_536,
    columns: Sequence[str] | None = None,
    reader_schema: AvroSchema | None = None,
    limit: int | None = None,
    threads: int | None = None,
    *,
    memory_map: bool = False,
    block_byte_limit: int | None = None,
    cancel: CancellationToken | None = None,
) -> AvroScan:
    """Reads Avro batch by batch, in bounded memory.

    Returns an iterator of `RecordBatch`es of at most `batch_size` rows, which is also an Arrow
    stream that other libraries take whole. The other arguments are those of `read_avro`.
    """
    chosen = _options(columns, reader_schema, limit, threads, block_byte_limit)
    chosen["batch_size"] = _parquet._count(batch_size, "batch_size", least=1)
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.scan(source, chosen, memory_map, cancel)
    from . import _avro_scan

    return _avro_scan.AvroScan([source], chosen, memory_map, cancel)


def avro_schema(source: Sources) -> dict | list | str:
    """The schema that the records were written with, as it stands in the file.

    A dict, a list for a union, or the name of a primitive type; of the first file, where there are
    many.
    """
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.schema(source)
    from . import _metadata

    return _metadata.json_of(open_file(source), "pf_avro_metadata", sections=["schema"])["schema"]


def avro_record_count(source: Sources) -> int:
    """The number of records, summed over many files; from the heads of the blocks alone."""
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.record_count(source)
    count = ctypes.c_int64()
    open_file(source).call("pf_avro_record_count", ctypes.byref(count))
    return count.value


def avro_metadata(source: Sources) -> AvroMetadata:
    """What a file says of itself: codec, sync marker, metadata, schema and blocks; of the first file,
    where there are many. Nothing is decompressed.
    """
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.metadata(source)
    from . import _avro_metadata

    return _avro_metadata.of_file(open_file(source))


class AvroFile(_source.File):
    """An open Avro file of the engine, or several that are one table."""

    __slots__ = ()
    format_error = errors.AvroError


def open_file(source, *, memory_map: bool = False, cancel=None) -> AvroFile:
    """As `_source.open_file`, for Avro."""
    return _source.open_whole(source, AvroFile, "avro", memory_map=memory_map, cancel=cancel)


def is_long(source, file) -> bool:
    """Whether a read may take so long that people would press Ctrl-C."""
    return _source.is_long(source, file, _LONG_BYTE_COUNT)


def _options(columns, reader_schema, limit, threads, block_byte_limit) -> dict:
    """The options of the engine for the arguments of `read_avro` or `scan_avro`."""
    count = _parquet._count
    return {
        "columns": None if columns is None else _parquet._list_of(columns, str, "columns", "names"),
        "reader_schema": None if reader_schema is None else _schema(reader_schema),
        "limit": None if limit is None else count(limit, "limit"),
        "threads": _config.get("threads") if threads is None else count(threads, "threads", least=1),
        "block_byte_limit": None if block_byte_limit is None
        else count(block_byte_limit, "block_byte_limit", least=1),
    }


def _schema(schema: object) -> dict | list | str:
    """A schema in plain dicts and lists, or its text."""
    if isinstance(schema, str):
        return schema
    if hasattr(schema, "items"):
        return dict(schema.items())
    if isinstance(schema, (list, tuple)):
        return list(schema)
    raise TypeError(f"reader_schema must be a dict, a list or a str, not {type(schema).__name__}")
