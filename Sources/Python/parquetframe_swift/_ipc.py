"""Tables as Arrow IPC streams."""

from __future__ import annotations

import ctypes

from . import _ffi

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._table import Table


def bytes_of(table: Table) -> bytes:
    """The table as an Arrow IPC stream, without compression."""
    handle = getattr(table._store, "handle", None)
    if handle is None:  # a table of the fallback, which is pyarrow's
        from . import _fallback

        made = table.to_pyarrow()
        sink = _fallback.stand_in("pyarrow").BufferOutputStream()
        with _fallback.stand_in("pyarrow.ipc").new_stream(sink, made.schema) as stream:
            stream.write_table(made)
        return sink.getvalue().to_pybytes()
    parts: list[bytes] = []

    def write(_, start: int, count: int) -> int:
        parts.append(ctypes.string_at(start, count))
        return 0

    _ffi.call("pf_table_write_ipc", handle.value, _ffi.WRITE_FUNCTION(write), None)
    return b"".join(parts)
