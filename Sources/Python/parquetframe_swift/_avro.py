"""Avro: read, scan, and look into the head of a file."""

from __future__ import annotations

import ctypes

from . import _config, _parquet, _source, errors

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
    on_error: str = "raise",
    union_layout: str = "dense",
    memory_map: bool = False,
    block_byte_limit: int | None = None,
    allocation_limit: int | None = None,
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
    on_error: what a broken block gives: "raise" an error, or "skip" the block, which the `rejects` of
        the table then list; files that were joined byte by byte are read through, too.
    union_layout: what a union of several types becomes: "dense", a dense union with a child for each
        branch, or "struct", a struct with a field for each branch but null.
    block_byte_limit: the most bytes of a block when it is decompressed, by default 2**30.
    allocation_limit: the most bytes of the table, or of one batch of a scan, by default 3/4 of the
        memory. What passes one is a LimitError.

    Records that are no Avro records are one column named "value". `Specs/avro.md` says how types map.

    Raises FileNotFoundError, PermissionError, AvroError with block, offset, record and column,
    UnsupportedError, LimitError, UnknownColumnError (a KeyError), ArgumentError, CancelledError.
    """
    chosen = _options(locals())
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.read(source, chosen, memory_map, cancel)
    file = open_file(source, memory_map=memory_map, cancel=cancel)
    return _source.read_whole(file, chosen, cancel, long=is_long(source, file))


def scan_avro(
    source: Sources,
    batch_size: int = 65_536,
    columns: Sequence[str] | None = None,
    reader_schema: AvroSchema | None = None,
    limit: int | None = None,
    threads: int | None = None,
    *,
    on_error: str = "raise",
    union_layout: str = "dense",
    memory_map: bool = False,
    block_byte_limit: int | None = None,
    allocation_limit: int | None = None,
    cancel: CancellationToken | None = None,
) -> AvroScan:
    """Reads Avro batch by batch, in bounded memory.

    Returns an iterator of `RecordBatch`es of at most `batch_size` rows, which is also an Arrow
    stream that other libraries take whole. The other arguments are those of `read_avro`.
    """
    chosen = _options(locals())
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
    format, format_error = "avro", errors.AvroError


def open_file(source, *, memory_map: bool = False, cancel=None) -> AvroFile:
    """As `_source.open_file`, for Avro."""
    return _source.open_whole(source, AvroFile, memory_map=memory_map, cancel=cancel)


def is_long(source, file) -> bool:
    """Whether a read may take so long that people would press Ctrl-C."""
    return _source.is_long(source, file, _LONG_BYTE_COUNT)


def _options(given: dict) -> dict:
    """The options of the engine for the arguments of `read_avro` or `scan_avro`."""

    def count(name: str, least: int = 0) -> int | None:
        return None if given[name] is None else _parquet._count(given[name], name, least)

    columns, reader_schema = given["columns"], given["reader_schema"]
    return {
        "columns": None if columns is None else _parquet._list_of(columns, str, "columns", "names"),
        "reader_schema": None if reader_schema is None else _schema(reader_schema),
        "limit": count("limit"),
        "threads": _config.get("threads") if given["threads"] is None else count("threads", 1),
        "on_error": None if given["on_error"] == "raise" else given["on_error"],
        "union_layout": None if given["union_layout"] == "dense" else given["union_layout"],
        "block_byte_limit": count("block_byte_limit", 1),
        "allocation_limit": count("allocation_limit", 1),
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
