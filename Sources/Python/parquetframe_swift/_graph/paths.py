"""Paths by the lengths of their edges."""

from __future__ import annotations

import collections
import ctypes
import json

from .. import _cancel, _ffi, _table, errors
from .memory import memory
from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .._cancel import CancellationToken
    from .._table import Array
    from .running import Progress


class ShortestPaths(collections.namedtuple("ShortestPaths", ["distances", "predecessors"])):
    """The distance of each node (float64, infinite for what is not reached) and the node before it on a
    shortest path (int32, -1 for none)."""

    __slots__ = ()

    distances: Array
    predecessors: Array

    def path_to(self, target: int) -> list | None:
        """The nodes on the path to `target`, from its source on; None where there is none."""
        return path_to(target, self.predecessors) if self.distances[target] < float("inf") else None


class Path(collections.namedtuple("Path", ["nodes", "length"])):
    """The nodes on a path (int32), from its source to its target, and its length."""

    __slots__ = ()

    nodes: Array
    length: float


class SpanningForest(collections.namedtuple("SpanningForest", ["source", "target", "weight", "total_weight"])):
    """The edges of a forest: their smaller and their larger ends (int32), their weights (float64), and
    the sum of these."""

    __slots__ = ()

    source: Array
    target: Array
    weight: Array
    total_weight: float


def path_to(target: int, predecessors: Sequence[int]) -> list:
    """The nodes that lead to `target`, itself the last, from the one without a predecessor on."""
    view = memoryview(predecessors.to_numpy()) if hasattr(predecessors, "to_numpy") else predecessors
    node, path = range(len(view))[target], []
    while node >= 0:
        path.append(node)
        if len(path) > len(view):
            raise errors.ArgumentError("the predecessors go round in a cycle")
        node = view[node]
    return path[::-1]


class Paths(Running):
    """What a graph is asked about the lengths of ways through it."""

    __slots__ = ()

    def shortest_paths(
        self,
        sources: int | Sequence[int],
        method: str = "auto",
        *,
        targets: int | Sequence[int] | None = None,
        max_distance: float | None = None,
        delta: float | None = None,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> ShortestPaths:
        """Shortest paths from the nearest of the sources: (distances float64, predecessors int32).

        Edges of a graph without weights have length 1. Of several nodes that a shortest path may come
        from, the predecessor is the smallest of those that are nearer than the node itself.

        method: "dijkstra" (one thread), "delta_stepping" (all threads), "bellman_ford" (weights may be
            negative), or "auto", which chooses. The answer is the same.
        targets: the search ends when all of them are reached, and knows what is as near.
        max_distance: what is further away is not reached.
        delta: the width of a bucket of delta-stepping; by default it follows from the weights.

        `progress` is called as for `pagerank`.

        Raises GraphError where a weight is negative or not a number (with `edge`) or there is a cycle of
        negative length (with `cycle`), OutOfRangeError for what is no node, ArgumentError, CancelledError.
        """
        options = self._asked(sources, method, targets, max_distance, delta)
        table, _ = self._run("shortest_paths", options, cancel, threads, progress)
        return ShortestPaths(table[0], table[1])

    def shortest_distances(
        self,
        sources: int | Sequence[int],
        method: str = "auto",
        *,
        targets: int | Sequence[int] | None = None,
        max_distance: float | None = None,
        delta: float | None = None,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Array:
        """The distances of `shortest_paths` alone (float64, infinite for what is not reached).

        Several threads, which look for predecessors at the end, save about a third of the time. Takes
        and raises what `shortest_paths` does.
        """
        options = self._asked(sources, method, targets, max_distance, delta)
        return self._run("shortest_distances", options, cancel, threads, progress)[0][0]

    def _asked(self, sources, method: str, targets, max_distance, delta) -> dict:
        return {
            "sources": self._node_ids(sources), "method": method,
            "targets": None if targets is None else self._node_ids(targets),
            "max_distance": None if max_distance in (None, float("inf")) else float(max_distance),
            "delta": None if delta is None else float(delta)}

    def shortest_path(
        self,
        source: int,
        target: int,
        *,
        use_weights: bool = True,
        cancel: CancellationToken | None = None,
    ) -> Path | None:
        """A shortest path from one node to another; None where there is none.

        use_weights: whether edges are as long as they weigh; without, and without weights, the number of
            edges counts, and both ends are searched from.

        Raises what `shortest_paths` does.
        """
        source, target = self._node_ids([source, target])
        options = {"source": source, "target": target, "use_weights": None if use_weights else False}
        return _path(*self._run("shortest_path", options, cancel))

    def astar_path(
        self,
        source: int,
        target: int,
        heuristic: Callable[[int], float] | Sequence[float] | None = None,
        *,
        cancel: CancellationToken | None = None,
    ) -> Path | None:
        """A shortest path from one node to another by A*; None where there is none.

        heuristic: at most the length of the path from a node to the target, not negative: an array with a
            number for each node, or a function of a node, which is called once for each node that comes
            into question. Bounds that are too large may give a longer path.

        Raises GraphError where a weight is negative or not a number, OutOfRangeError for what is no node,
        ArgumentError for a bound that is negative or not a number, CancelledError, and what the function does.
        """
        ends = self._node_ids([source, target])
        if not isinstance(self._handle, _ffi.Handle):
            return _path(*self._handle.astar(*ends, heuristic, cancel))
        bounds, kept, problems = None, None, []
        function = _ffi.BOUND_FUNCTION()
        if callable(heuristic):
            def bound(_, node: int) -> float:
                try:
                    return float(heuristic(node))
                except BaseException as problem:  # goes on where it can: behind the engine's call
                    problems.append(problem)
                    return float("nan")

            function = _ffi.BOUND_FUNCTION(bound)
        elif heuristic is not None:
            bounds, form, count, kept = memory(heuristic, "heuristic")
            if form != b"g":
                import array

                bounds, form, count, kept = memory(array.array("d", heuristic), "heuristic")
            if count != self.num_nodes:
                raise errors.ArgumentError(f"heuristic has {count} values for {self.num_nodes} nodes")
        table, summary = ctypes.c_uint64(), ctypes.c_void_p()

        def work(handle: int) -> None:
            _ffi.call(
                "pf_graph_astar", self._handle.value, *ends, bounds, function, None, handle, ctypes.byref(table),
                ctypes.byref(summary))

        try:
            if callable(heuristic):
                work(_cancel.handle_of(cancel))
            else:
                _cancel.run(work, cancel, long=self._is_long)
        except errors.Error:
            if problems:
                raise problems[0] from None
            raise
        finally:
            del kept
        made = _table.Table._of_handle(_ffi.Handle(table.value))
        return _path(made, json.loads(_ffi.take_string(summary)))

    def minimum_spanning_forest(
        self, *, threads: int | None = None, cancel: CancellationToken | None = None,
        progress: Progress | None = None) -> SpanningForest:
        """The lightest edges that join all that the graph joins, ascending by their ends.

        Edges of a graph without weights weigh 1. Of equally light edges those with smaller ends are taken.

        `progress` is called as for `pagerank`.

        Raises ArgumentError for a directed graph, GraphError where a weight is not a number.
        """
        table, summary = self._run("minimum_spanning_forest", {}, cancel, threads, progress)
        total = summary["total_weight"]  # JSON has no infinity
        return SpanningForest(table[0], table[1], table[2], float("inf") if total is None else total)


def _path(table: _table.Table, summary: dict) -> Path | None:
    return Path(table[0], summary["length"]) if summary["found"] else None
