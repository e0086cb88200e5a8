"""The shared library: its declarations, how it is found, and how its errors are raised."""

from __future__ import annotations

import ctypes
import os
import sys
from _functools import partial  # functools and operator themselves would cost a millisecond
from _operator import attrgetter
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_double, c_int32, c_int64, c_uint64, c_void_p

from . import _config, errors

ABI_VERSION = 2

READ_FUNCTION = CFUNCTYPE(c_int32, c_void_p, c_int64, c_int64, c_void_p)
WRITE_FUNCTION = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_int64)
RELEASE_FUNCTION = CFUNCTYPE(None, c_void_p)
PROGRESS_FUNCTION = CFUNCTYPE(c_int32, c_void_p, c_int64, c_double)
BOUND_FUNCTION = CFUNCTYPE(c_double, c_void_p, c_int64)
LOG_FUNCTION = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)

_handle = c_uint64
_status = c_int32
_i32_out = POINTER(c_int32)
_i64_out = POINTER(c_int64)
_handle_out = POINTER(c_uint64)
_error_out = POINTER(c_void_p)
# Strings that the caller frees stay addresses: c_char_p would lose them.
_string_out = POINTER(c_void_p)
_any = c_void_p

# One line for each function of Specs/parquetframe.h, in its order; a test compares the three.
DECLARATIONS = (
    ("pf_error_code", _status, (_any,)),
    ("pf_error_message", c_char_p, (_any,)),
    ("pf_error_details", c_char_p, (_any,)),
    ("pf_error_free", None, (_any,)),
    ("pf_version", c_char_p, ()),
    ("pf_abi_version", c_int32, ()),
    ("pf_string_free", None, (_any,)),
    ("pf_handle_free", _status, (_handle, _error_out)),
    ("pf_config_set", _status, (c_char_p, _error_out)),
    ("pf_config_get", _status, (_string_out, _error_out)),
    ("pf_log_set_sink", _status, (LOG_FUNCTION, _any, c_int32, _error_out)),
    ("pf_cancel_create", _status, (_handle_out, _error_out)),
    ("pf_cancel_signal", _status, (_handle, _error_out)),
    ("pf_cancel_is_signalled", _status, (_handle, _i32_out, _error_out)),
    ("pf_parquet_open_path", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_parquet_open_memory", _status,
     (_any, c_int64, c_char_p, RELEASE_FUNCTION, _any, _handle_out, _error_out)),
    ("pf_parquet_open_callback", _status,
     (READ_FUNCTION, c_int64, c_char_p, c_char_p, RELEASE_FUNCTION, _any, _handle_out, _error_out)),
    ("pf_parquet_open_dataset", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_parquet_paths", _status, (_handle, _string_out, _error_out)),
    ("pf_parquet_row_count", _status, (_handle, _i64_out, _error_out)),
    ("pf_parquet_counts", _status,
     (_handle, _i64_out, _i64_out, _i64_out, _i64_out, _error_out)),
    ("pf_parquet_metadata", _status, (_handle, c_char_p, _string_out, _error_out)),
    ("pf_parquet_statistics", _status, (_handle, c_char_p, _string_out, _error_out)),
    ("pf_parquet_schema", _status, (_handle, _any, _error_out)),
    ("pf_parquet_read", _status, (_handle, c_char_p, _handle, _handle_out, _error_out)),
    ("pf_parquet_scan", _status, (_handle, c_char_p, _handle, _any, _error_out)),
    ("pf_csv_open_path", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_csv_open_memory", _status,
     (_any, c_int64, c_char_p, RELEASE_FUNCTION, _any, _handle_out, _error_out)),
    ("pf_csv_open_callback", _status,
     (READ_FUNCTION, c_int64, c_char_p, c_char_p, RELEASE_FUNCTION, _any, _handle_out, _error_out)),
    ("pf_csv_open_dataset", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_csv_join", _status, (_handle_out, c_int64, _handle_out, _error_out)),
    ("pf_csv_paths", _status, (_handle, _string_out, _error_out)),
    ("pf_csv_read", _status,
     (_handle, c_char_p, _handle, _handle_out, _handle_out, _i64_out, _error_out)),
    ("pf_csv_scan", _status, (_handle, c_char_p, _handle, _any, _handle_out, _error_out)),
    ("pf_csv_scan_rejects", _status, (_handle, _handle_out, _i64_out, _error_out)),
    ("pf_csv_schema", _status, (_handle, c_char_p, _any, _error_out)),
    ("pf_csv_sniff", _status, (_handle, c_char_p, _string_out, _error_out)),
    ("pf_avro_open_path", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_avro_open_memory", _status,
     (_any, c_int64, c_char_p, RELEASE_FUNCTION, _any, _handle_out, _error_out)),
    ("pf_avro_open_callback", _status,
     (READ_FUNCTION, c_int64, c_char_p, c_char_p, RELEASE_FUNCTION, _any, _handle_out, _error_out)),
    ("pf_avro_open_dataset", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_avro_join", _status, (_handle_out, c_int64, _handle_out, _error_out)),
    ("pf_avro_paths", _status, (_handle, _string_out, _error_out)),
    ("pf_avro_read", _status,
     (_handle, c_char_p, _handle, _handle_out, _handle_out, _i64_out, _error_out)),
    ("pf_avro_scan", _status, (_handle, c_char_p, _handle, _any, _handle_out, _error_out)),
    ("pf_avro_scan_rejects", _status, (_handle, _handle_out, _i64_out, _error_out)),
    ("pf_avro_schema", _status, (_handle, c_char_p, _any, _error_out)),
    ("pf_avro_record_count", _status, (_handle, _i64_out, _error_out)),
    ("pf_avro_metadata", _status, (_handle, c_char_p, _string_out, _error_out)),
    ("pf_avro_decode", _status, (_any, _i64_out, c_int64, c_char_p, _handle_out, _error_out)),
    ("pf_avro_message_schemas", _status, (_any, _i64_out, c_int64, c_char_p, _string_out, _error_out)),
    ("pf_graph_from_edges", _status,
     (_any, c_char_p, _any, c_char_p, _any, c_char_p, c_int64, c_char_p, _handle, _handle_out, _error_out)),
    ("pf_graph_from_table", _status, (_handle, c_char_p, _handle, _handle_out, _error_out)),
    ("pf_graph_from_csr", _status,
     (_any, c_char_p, c_int64, _any, c_char_p, _any, c_char_p, c_int64, c_char_p, RELEASE_FUNCTION, _any,
      _handle, _handle_out, _error_out)),
    ("pf_graph_labeled", _status, (_handle, _handle, _handle, _handle_out, _error_out)),
    ("pf_graph_labels", _status, (_handle, _handle, _handle, _handle_out, _error_out)),
    ("pf_graph_nodes", _status, (_handle, _handle, _handle, _handle_out, _error_out)),
    ("pf_graph_counts", _status, (_handle, _i64_out, _i64_out, _i32_out, _i32_out, _error_out)),
    ("pf_graph_adjacency", _status, (_handle, c_int32, _handle, _handle_out, _handle_out, _error_out)),
    ("pf_graph_run", _status,
     (_handle, c_char_p, c_char_p, PROGRESS_FUNCTION, _any, _handle, _handle_out, _string_out, _error_out)),
    ("pf_graph_astar", _status,
     (_handle, c_int64, c_int64, _any, BOUND_FUNCTION, _any, _handle, _handle_out, _string_out, _error_out)),
    ("pf_workflow_open", _status, (c_char_p, c_char_p, _handle_out, _error_out)),
    ("pf_workflow_describe", _status, (_handle, _string_out, _error_out)),
    ("pf_workflow_start", _status, (_handle, c_char_p, _handle, _handle_out, _error_out)),
    ("pf_workflow_turn", _status,
     (_handle, _i32_out, c_int32, c_int64, c_char_p, c_int64, _error_out)),
    ("pf_workflow_keep", _status, (_handle, _i32_out, _any, c_int64, _error_out)),
    ("pf_workflow_watch", _status, (_handle, c_int64, _string_out, _i32_out, _i32_out, _error_out)),
    ("pf_workflow_cancel", _status, (_handle, _error_out)),
    ("pf_workflow_is_stopping", _status, (_handle, _i32_out, _i32_out, _error_out)),
    ("pf_workflow_cancellation", _status, (_handle, _i32_out, _handle_out, _error_out)),
    ("pf_workflow_report", _status, (_handle, _i32_out, c_double, c_char_p, _error_out)),
    ("pf_workflow_output", _status,
     (_handle, c_int32, c_int32, _handle_out, _string_out, _i64_out, _i64_out, _error_out)),
    ("pf_workflow_result", _status, (_handle, c_int32, _string_out, _error_out)),
    ("pf_workflow_picture", _status, (_handle, c_char_p, c_int32, _string_out, _error_out)),
    ("pf_workflow_totals", _status, (c_int32, _string_out, _error_out)),
    ("pf_table_import", _status, (_any, _handle, _handle_out, _error_out)),
    ("pf_table_import_arrays", _status, (_any, _any, c_int64, _handle_out, _error_out)),
    ("pf_stream_last_error", _status, (_any, _error_out)),
    ("pf_table_export", _status, (_handle, _any, _error_out)),
    ("pf_table_schema", _status, (_handle, _any, _error_out)),
    ("pf_table_counts", _status, (_handle, _i64_out, _i64_out, _i64_out, _error_out)),
    ("pf_table_batch", _status, (_handle, c_int64, _any, _error_out)),
    ("pf_table_slice", _status, (_handle, c_int64, c_int64, _handle_out, _error_out)),
    ("pf_table_select", _status, (_handle, _i64_out, c_int64, _handle_out, _error_out)),
    ("pf_table_cast", _status, (_handle, c_char_p, _handle_out, _error_out)),
    ("pf_stream_cast", _status, (_any, c_char_p, _error_out)),
    ("pf_table_format", _status, (_handle, c_char_p, _string_out, _error_out)),
    ("pf_table_write_ipc", _status, (_handle, WRITE_FUNCTION, _any, _error_out)),
    ("pf_table_read_ipc", _status, (_any, c_int64, _handle_out, _error_out)),
    ("pf_capsule_setup", _status, (_any, _error_out)),
    ("pf_arrow_schema_new", _any, ()),
    ("pf_arrow_array_new", _any, ()),
    ("pf_arrow_stream_new", _any, ()),
    ("pf_arrow_schema_free", None, (_any,)),
    ("pf_arrow_array_free", None, (_any,)),
    ("pf_arrow_stream_free", None, (_any,)),
    ("pf_capsule_destroy_schema", None, (_any,)),
    ("pf_capsule_destroy_array", None, (_any,)),
    ("pf_capsule_destroy_stream", None, (_any,)),
)

LIBRARY_NAME = "libparquetframe.dylib" if sys.platform == "darwin" else "libparquetframe.so"

_loaded: dict = {}
_beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), LIBRARY_NAME)


def library_path() -> str:
    """Where the shared library is, or should be."""
    return _config.get("library") or _beside


def library() -> ctypes.CDLL:
    """The shared library, loaded once for each path it has been asked from.

    Raises EngineUnavailableError where it is missing, cannot be loaded or is of another version.
    """
    path = library_path()
    found = _loaded.get(path)
    if found is None:
        try:
            found = _load(path)
        except (OSError, AttributeError) as problem:
            found = f"the shared library {path} cannot be used: {problem}"
        _loaded[path] = found
    if isinstance(found, str):
        raise errors.EngineUnavailableError(found)
    return found


def _load(path: str) -> ctypes.CDLL:
    # CDLL, not PyDLL: every call gives up the GIL.
    loaded = ctypes.CDLL(path)
    version = loaded.pf_abi_version()
    if version != ABI_VERSION:
        raise OSError(f"its ABI version is {version}, this package speaks {ABI_VERSION}")
    for name, result, arguments in DECLARATIONS:
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments
    return loaded


def holding_the_gil(engine: ctypes.CDLL) -> ctypes.PyDLL:
    """The same library, for calls of functions that neither wait nor take long: they keep the GIL.

    To make objects of arguments takes longer than such a call, so that this is left to the caller: an int
    is an `int32_t` here, what has another type comes as an object of ctypes.
    """
    found = _loaded.get(engine)
    if found is None:
        found = _loaded[engine] = ctypes.PyDLL(engine._name)
    return found


def call(name: str, *arguments) -> ctypes.CDLL:
    """Calls a function that takes a trailing `pf_error **`, and raises what it reports.

    Gives the library that was called.
    """
    return call_in(library(), name, *arguments)


def call_in(engine: ctypes.CDLL, name: str, *arguments) -> ctypes.CDLL:
    """`call` of a library that is known already."""
    error = c_void_p()
    status = getattr(engine, name)(*arguments, byref(error))
    if status:
        raise _exception(engine, status, error)
    return engine


def _exception(engine: ctypes.CDLL, status: int, error: c_void_p) -> BaseException:
    if not error:
        return errors.from_status(status, f"the engine failed with status {status}", {})
    try:
        message = (engine.pf_error_message(error) or b"").decode("utf-8", "replace")
        text = engine.pf_error_details(error) or b"{}"
    finally:
        engine.pf_error_free(error)
    import json

    return errors.from_status(status, message, json.loads(text.decode("utf-8", "replace")))


def take_string(address: c_void_p) -> str:
    """The text of a string that the library returned, which is freed."""
    try:
        return ctypes.string_at(address).decode("utf-8", "replace")
    finally:
        library().pf_string_free(address)


def options(**chosen) -> bytes | None:
    """The options that are not None as JSON, or None where there are none."""
    chosen = {key: value for key, value in chosen.items() if value is not None}
    if not chosen:
        return None
    try:
        return _json(chosen).encode()
    except (ImportError, TypeError):
        import json

        return json.dumps(chosen).encode()


def _json(value) -> str:
    """The JSON of plain values; TypeError for others, which json knows or refuses.

    json itself would cost a first call some milliseconds, for the regular expressions it imports.
    """
    kind = type(value)
    if kind is str:
        from _json import encode_basestring_ascii

        return encode_basestring_ascii(value)
    if kind is int:
        return repr(value)
    if value is None or kind is bool:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{','.join([_json(item) for item in value])}]"
    if isinstance(value, dict) and all(type(key) is str for key in value):
        return f"{{{','.join([f'{_json(key)}:{_json(item)}' for key, item in value.items()])}}}"
    raise TypeError


# A `__del__` that calls the object's own `_free` without a line of Python: Ctrl-C raises
# KeyboardInterrupt between lines of Python, and what is raised in a finalizer is dropped.
native_del = property(attrgetter("_free"))


class Handle:
    """Owns one handle of the engine."""

    __slots__ = ("value", "engine", "_free", "__weakref__")

    def __init__(self, value: int, engine: ctypes.CDLL | None = None) -> None:
        self.value = value
        self.engine = library() if engine is None else engine
        self._free = partial(self.engine.pf_handle_free, value, None)

    __del__ = native_del


def create(name: str, *arguments, engine: ctypes.CDLL | None = None) -> Handle:
    """Calls a function whose last output, before the error, is a handle."""
    value = c_uint64()
    engine = call_in(engine or library(), name, *arguments, byref(value))
    return Handle(value.value, engine)
