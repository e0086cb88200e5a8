"""How a kernel of the engine is called."""

from __future__ import annotations

import ctypes
import json

from .. import _cancel, _ffi, _table

# Edges above which Ctrl-C is listened for (some 10 ms of work).
LONG_EDGE_COUNT = 1 << 20


class Running:
    """What all classes of kernels share. `Graph` has the handle and the counts."""

    __slots__ = ()

    _handle: _ffi.Handle
    num_nodes: int
    num_edges: int

    @property
    def _is_long(self) -> bool:
        return self.num_edges + self.num_nodes > LONG_EDGE_COUNT

    def _run(self, kernel: str, options: dict, cancel, threads: int | None = None):
        """The table and the summary of a kernel."""
        table, summary = ctypes.c_uint64(), ctypes.c_void_p()
        text = _ffi.options(threads=threads, **options)
        _cancel.run(
            lambda handle: _ffi.call(
                "pf_graph_run", self._handle.value, kernel.encode(), text, handle, ctypes.byref(table),
                ctypes.byref(summary)),
            cancel, long=self._is_long)
        made = _table.Table._of_handle(_ffi.Handle(table.value))
        return made, json.loads(_ffi.take_string(summary))
