"""How a kernel of the engine is called."""

from __future__ import annotations

import ctypes
import json

from .. import _cancel, _ffi, _table, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable
    from typing import TypeAlias

    from .fallback import Lists

    # What a node is called: a number, or what the labels of the graph are.
    Label: TypeAlias = int | str | bytes | datetime.date | datetime.time
    # Called with the iteration (round, level) that is done, and the residual of what converges.
    Progress: TypeAlias = Callable[[int, "float | None"], object]

# Edges above which Ctrl-C is listened for (some 10 ms of work).
LONG_EDGE_COUNT = 1 << 20


class Running:
    """What all classes of kernels share. `Graph` has the handle and the counts."""

    __slots__ = ()

    _handle: _ffi.Handle | Lists
    num_nodes: int
    num_edges: int
    _node_ids: Callable[[object], list]

    @property
    def _is_long(self) -> bool:
        return self.num_edges + self.num_nodes > LONG_EDGE_COUNT

    def _run(self, kernel: str, options: dict, cancel, threads: int | None = None, progress=None):
        """The table and the summary of a kernel; `progress(iteration, residual)` is called on the way."""
        if not isinstance(self._handle, _ffi.Handle):
            return self._handle.run(kernel, options, cancel, progress)
        table, summary = ctypes.c_uint64(), ctypes.c_void_p()
        name, text = kernel.encode(), _ffi.options(threads=threads, **options)
        outputs = ctypes.byref(table), ctypes.byref(summary)
        problems: list = []
        told = _ffi.PROGRESS_FUNCTION(*() if progress is None else (_telling(progress, problems),))
        try:
            _cancel.run(
                lambda handle: _ffi.call_in(
                    self._handle.engine, "pf_graph_run", self._handle.value, name, text, told, None, handle, *outputs),
                cancel, long=self._is_long)
        except errors.CancelledError:
            if problems:
                raise problems.pop() from None
            raise
        made = _table.Table._of_handle(_ffi.Handle(table.value, self._handle.engine))
        return made, json.loads(_ffi.take_string(summary))


def _telling(progress, problems: list):
    """What the engine calls: exceptions of `progress` are kept, and stop the kernel."""

    def tell(_, iteration: int, residual: float) -> int:
        try:
            progress(iteration, None if residual != residual else residual)
            return 0
        except BaseException as problem:
            problems.append(problem)
            return 1

    return tell
