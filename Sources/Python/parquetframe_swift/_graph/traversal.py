"""Searches through a graph."""

from __future__ import annotations

from .memory import node_ids
from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._cancel import CancellationToken
    from .._table import Array


class Traversal(Running):
    """What a graph is asked about ways through it."""

    __slots__ = ()

    def bfs(
        self,
        sources: int | Sequence[int],
        max_depth: int | None = None,
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> tuple[Array, Array]:
        """Searches breadth first: (distances int32, predecessors int32).

        A distance is the number of edges on the way from the nearest source, -1 where there is none. A
        predecessor is, of the nodes one step nearer with an edge to this one, the smallest; -1 for
        sources and for what is not reached. Nodes further away than `max_depth` are not reached.

        In a directed graph the search is faster once `csc()` has been called.

        Raises OutOfRangeError (an IndexError) for a source that is no node, CancelledError.
        """
        table, _ = self._run("bfs", {"sources": node_ids(sources), "max_depth": max_depth}, cancel, threads)
        return table[0], table[1]
