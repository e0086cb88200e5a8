"""Kernels for the structure of a graph."""

from __future__ import annotations

from .. import errors
from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._cancel import CancellationToken
    from .._table import Array


class Structure(Running):
    """What a graph is asked about its parts."""

    __slots__ = ()

    def connected_components(
        self,
        *,
        method: str | None = None,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Array:
        """The component of each node (int32), named by its smallest node; directions do not matter.

        method: "afforest" (the usual one) or "union_find", with the same answer.
        """
        return self._run("connected_components", {"method": method}, cancel, threads)[0][0]

    def strongly_connected_components(
        self,
        *,
        method: str | None = None,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Array:
        """The component of each node (int32), named by its smallest node: two nodes share one where
        each can be reached from the other.

        method: "tarjan" (one thread), "forward_backward" (two for the largest component) or
        "auto", with the same answer.
        """
        return self._run("strongly_connected_components", {"method": method}, cancel, threads)[0][0]

    def core_numbers(
        self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> Array:
        """The core number of each node (int32): the largest k for which it is in a part of the graph where
        each node has k neighbours.

        Raises ArgumentError for a directed graph.
        """
        return self._run("core_numbers", {}, cancel, threads)[0][0]

    def triangle_count(self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> int:
        """The number of sets of three nodes that edges join two by two.

        Raises ArgumentError for a directed graph.
        """
        return self._run("triangle_count", {}, cancel, threads)[1]["count"]

    def clustering(self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> Array:
        """The part of the pairs of each node's neighbours that an edge joins (float64).

        In a directed graph, the part of the triangles that the edges to its neighbours could make: each two
        of three nodes may be joined by two edges, and a triangle counts as often as there are ways to choose
        one edge for each two (Fagiolo 2007, as NetworkX has it). Parallel edges count once, self-loops and
        weights not at all.
        """
        return self._run("clustering", {}, cancel, threads)[0][0]

    def average_clustering(
        self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> float:
        """The mean of `clustering`; 0 without nodes."""
        return self._run("clustering", {}, cancel, threads)[1]["average"]

    def triangles(self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> Array:
        """The number of triangles that each node is part of (int64), counted as by `triangle_count`.

        Raises ArgumentError for a directed graph.
        """
        return self._run("triangles", {}, cancel, threads)[0][0]

    def transitivity(self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> float:
        """The part of the pairs of edges with a common node that a third edge closes. Raises as
        `triangles`."""
        return self._run("triangles", {}, cancel, threads)[1]["transitivity"]

    def bipartition(self, *, cancel: CancellationToken | None = None) -> Array:
        """The side of each node (int32, 0 or 1), so that every edge joins nodes of both sides; directions do
        not matter. The smallest node of each component is on side 0.

        Raises GraphError where there are no such sides: `cycle` is one with an odd number of edges.
        """
        table, summary = self._run("bipartition", {}, cancel)
        if not summary["is_bipartite"]:
            cycle = summary["odd_cycle"]
            raise errors.GraphError(f"a cycle of {len(cycle)} edges, which is odd", {"cycle": cycle})
        return table[0]

    def is_bipartite(self, *, cancel: CancellationToken | None = None) -> bool:
        """Whether the nodes have two sides so that every edge joins nodes of both."""
        return self._run("bipartition", {}, cancel)[1]["is_bipartite"]
