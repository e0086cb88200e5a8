"""Searches through a graph."""

from __future__ import annotations

import collections

from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._cancel import CancellationToken
    from .._table import Array
    from .running import Label, Progress


class DepthFirst(collections.namedtuple("DepthFirst", ["preorder", "postorder", "predecessors"])):
    """The nodes of a depth-first search as they are entered and left, and from which each is entered."""

    __slots__ = ()

    preorder: Array
    postorder: Array
    predecessors: Array


class Traversal(Running):
    """What a graph is asked about ways through it."""

    __slots__ = ()

    def bfs(
        self,
        sources: Label | Sequence[Label],
        max_depth: int | None = None,
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> tuple[Array, Array]:
        """Searches breadth first: (distances int32, predecessors int32).

        A distance is the number of edges on the way from the nearest source, -1 where there is none. A
        predecessor is, of the nodes one step nearer with an edge to this one, the smallest; -1 for
        sources and for what is not reached. Nodes further away than `max_depth` are not reached.

        In a directed graph the search is faster once `csc()` has been called.

        `progress` is called with (level, None) after each level; what it raises ends the search.

        Raises OutOfRangeError (an IndexError) for a source that is no node, UnknownNodeError
        (a KeyError) for a label that no node has, CancelledError.
        """
        table, _ = self._run("bfs", {"sources": self._node_ids(sources), "max_depth": max_depth}, cancel, threads, progress)
        return table[0], table[1]

    def dfs(
        self,
        source: int,
        max_depth: int | None = None,
        *,
        cancel: CancellationToken | None = None,
    ) -> DepthFirst:
        """Searches depth first, to smaller neighbours first: (preorder, postorder, predecessors), all int32.

        preorder and postorder are the nodes that are reached, as they are entered and as they are left; a
        predecessor is the node from which the node at its place in preorder was entered, -1 for the
        source. Nodes are not entered more than `max_depth` steps below the source.

        Raises OutOfRangeError for a source that is no node, CancelledError.
        """
        options = {"source": self._node_ids([source])[0], "max_depth": max_depth}
        table, _ = self._run("dfs", options, cancel)
        return DepthFirst(table[0], table[1], table[2])

    def topological_sort(self, *, cancel: CancellationToken | None = None) -> Array:
        """The nodes (int32) in an order in which every edge leads on, always the same.

        Raises GraphError where there is a cycle (with `cycle`), ArgumentError for an undirected graph.
        """
        return self._run("topological_sort", {}, cancel)[0][0]
