"""Avro messages: records that stand alone, as queues and registries have them."""

from __future__ import annotations

import ctypes
import itertools

from . import _avro, _ffi, _parquet, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Union

    from ._avro import AvroSchema
    from ._table import Table

    Message = Union[bytes, bytearray, memoryview]
    Schemas = Union[Mapping[int, AvroSchema], Callable[[int], AvroSchema], Sequence[AvroSchema]]

_FRAMINGS = ("none", "single_object", "confluent")


def decode_avro(
    messages: Iterable[Message],
    schema: AvroSchema | None = None,
    reader_schema: AvroSchema | None = None,
    columns: Sequence[str] | None = None,
    *,
    framing: str = "none",
    schemas: Schemas | None = None,
    union_layout: str = "dense",
) -> Table:
    """Decodes messages of one record each, which carry no schema, into a `Table` with a row for each.

    messages: bytes, bytearrays or memoryviews; also an Arrow array or a series of them.
    framing: what stands before each record: "none"; "single_object", the bytes C3 01 and the
        fingerprint of the writer's schema; "confluent", a zero byte and the number of the schema in a
        registry.
    schema: the schema that all messages were written with.
    schemas: where they carry a number: the schema of each, as a dict, or a function of the number that
        gives it, called once for each; for "single_object" a list of schemas will do.
    reader_schema: a schema to read all as, by the specification's rules of schema resolution; by
        default that of the first message. columns, union_layout: as for `read_avro`.

    Raises AvroError with message_index (where there are several), offset in the message, and column; UnsupportedError,
    UnknownColumnError (a KeyError), ArgumentError; what `schemas` raises.
    """
    if framing not in _FRAMINGS:
        raise errors.ArgumentError(
            f"framing must be one of {', '.join(_FRAMINGS)}, not {framing!r}", {"option": "framing"})
    if schema is None and schemas is None:
        raise TypeError("decode_avro needs a schema, or schemas by their numbers")
    parts = _parts(messages)
    chosen = {
        "framing": framing,
        "reader_schema": None if reader_schema is None else _avro._schema(reader_schema),
        "columns": None if columns is None else _parquet._list_of(columns, str, "columns", "names"),
        "union_layout": union_layout,
    }
    if not _parquet.on_engine():
        from . import _fallback_avro

        return _fallback_avro.decode(
            [bytes(part) for part in parts], chosen, None if schema is None else _avro._schema(schema), schemas)
    from . import _table

    given = _packed(parts)
    if schema is not None:
        chosen["schema"] = _avro._schema(schema)
    elif callable(schemas):
        import json

        text = ctypes.c_void_p()
        _call("pf_avro_message_schemas", *given, _ffi.options(framing=framing), ctypes.byref(text))
        chosen["schemas"] = {str(number): _avro._schema(schemas(number)) for number in json.loads(_ffi.take_string(text))}
    elif hasattr(schemas, "items"):
        chosen["schemas"] = {str(number): _avro._schema(one) for number, one in schemas.items()}
    else:
        chosen["schemas"] = [_avro._schema(one) for one in schemas]
    table = ctypes.c_uint64()
    _call("pf_avro_decode", *given, _ffi.options(**chosen), ctypes.byref(table))
    return _table.Table._of_handle(_ffi.Handle(table.value))


def _parts(messages) -> list:
    """The messages, each of bytes."""
    for method in ("to_pylist", "to_list"):  # of Arrow arrays and of series
        if hasattr(messages, method):
            messages = getattr(messages, method)()
            break
    parts = list(messages)
    for place, part in enumerate(parts):
        if not isinstance(part, (bytes, bytearray, memoryview)):
            raise TypeError(f"message {place} is a {type(part).__name__}, not bytes")
    return parts


def _packed(parts: list) -> tuple:
    """All bytes, one behind the other, where each message begins and the last ends, and how many."""
    ends = itertools.accumulate((memoryview(part).nbytes for part in parts), initial=0)
    return b"".join(parts), (ctypes.c_int64 * (len(parts) + 1))(*ends), len(parts)


def _call(name: str, *arguments) -> None:
    try:
        _ffi.call(name, *arguments)
    except errors.FormatError as problem:
        raise errors.AvroError(problem.message, problem.details) from None
