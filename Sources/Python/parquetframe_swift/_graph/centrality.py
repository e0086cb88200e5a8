"""Kernels that say how central nodes are."""

from __future__ import annotations

from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._cancel import CancellationToken
    from .._table import Array
    from .running import Progress


class Centrality(Running):
    """What a graph is asked about the place of its nodes."""

    __slots__ = ()

    def degree_centrality(
        self,
        direction: str = "both",
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Array:
        """The degree of each node, divided by the number of other nodes (float64), as NetworkX has it.

        direction: "both" counts all ends of edges, a self-loop twice; "in" and "out" the edges that end in
        and that leave a node.
        """
        return self._run("degree_centrality", {"direction": direction}, cancel, threads)[0][0]

    def degree_statistics(
        self,
        direction: str = "both",
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> dict:
        """What degrees say of the graph: min, max, mean, isolated (nodes that no edge touches), self_loops,
        and histogram: the number of nodes of each degree from 0 to the largest (int64).

        direction: as for `degree_centrality`.
        """
        table, summary = self._run("degree_statistics", {"direction": direction}, cancel, threads)
        return {**summary, "histogram": table[0]}

    def hits(
        self,
        tol: float = 1e-8,
        max_iter: int = 100,
        normalized: bool = True,
        *,
        use_weights: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> tuple[Array, Array]:
        """(hubs, authorities) of each node (float64): a hub leads to authorities, which are led to by hubs.

        tol: iteration ends when all hubs together change by less, where the largest is 1.
        normalized: whether scores sum to 1, or the largest is 1.
        use_weights: whether edges count by weight, where they have one.

        `progress` is called as for `pagerank`.

        Raises GraphError where `max_iter` iterations do not converge or a weight is negative or not
        finite, ArgumentError, CancelledError.
        """
        options = {
            "tol": float(tol), "max_iter": max_iter, "normalized": bool(normalized),
            "use_weights": bool(use_weights)}
        table, _ = self._run("hits", options, cancel, threads, progress)
        return table[0], table[1]

    def eigenvector_centrality(
        self,
        max_iter: int = 100,
        tol: float = 1e-6,
        *,
        use_weights: bool = False,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Array:
        """The eigenvector of the adjacency with the largest eigenvalue (float64), of Euclidean length 1: a
        node counts by what those that lead to it count.

        tol: iteration ends when all scores together change by less than this times the nodes.
        use_weights: whether edges count by weight, where they have one.

        `progress` is called as for `pagerank`.

        Raises GraphError where `max_iter` iterations do not converge or a weight is negative or not
        finite, ArgumentError, CancelledError.
        """
        options = {"tol": float(tol), "max_iter": max_iter, "use_weights": bool(use_weights)}
        return self._run("eigenvector_centrality", options, cancel, threads, progress)[0][0]

    def katz_centrality(
        self,
        alpha: float = 0.1,
        beta: float | Sequence[float] | Mapping[int, float] = 1.0,
        max_iter: int = 1000,
        tol: float = 1e-6,
        normalized: bool = True,
        *,
        use_weights: bool = False,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Array:
        """What comes to each node along all ways that lead to it (float64), `alpha` of it with each step.

        beta: what each node has of its own: one number, a number for each node, or a dict of some (1 for others).
        tol: iteration ends when all scores together change by less than this times the nodes.
        normalized: whether the Euclidean length of the scores is 1.
        use_weights: whether edges count by weight, where they have one.

        `progress` is called as for `pagerank`.

        Raises GraphError where `max_iter` iterations do not converge, as for an `alpha` that is not below
        the inverse of the largest eigenvalue, or a weight is negative or not finite; ArgumentError,
        CancelledError.
        """
        options = {
            "alpha": float(alpha), "tol": float(tol), "max_iter": max_iter, "normalized": bool(normalized),
            "use_weights": bool(use_weights)}
        if hasattr(beta, "items"):
            options["betas"] = dict(zip(map(str, self._node_ids(list(beta))), map(float, beta.values())))
        elif hasattr(beta, "__iter__"):
            options["betas"] = [float(value) for value in beta]
        else:
            options["beta"] = float(beta)
        return self._run("katz_centrality", options, cancel, threads, progress)[0][0]

    def closeness_centrality(
        self,
        nodes: int | Sequence[int] | None = None,
        wf_improved: bool = True,
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Array:
        """How near each of `nodes` (all by default) is to those that lead to it (float64): their number,
        divided by the sum of their distances in edges; 0 where there are none.

        wf_improved: whether a score is multiplied by the part of the other nodes that lead to it.

        Raises OutOfRangeError (an IndexError) for what is no node, CancelledError.
        """
        options = {"nodes": None if nodes is None else self._node_ids(nodes), "wf_improved": bool(wf_improved)}
        return self._run("closeness_centrality", options, cancel, threads)[0][0]

    def betweenness_centrality(
        self,
        k: int | None = None,
        normalized: bool = True,
        endpoints: bool = False,
        seed: int = 0,
        *,
        sources: Sequence[int] | None = None,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Array:
        """The part of the shortest paths that goes through each node, summed over pairs of others (float64).

        k: estimate it from so many sources, which `seed` draws; or name them as `sources`.
        normalized: whether scores are divided by the number of pairs that could have a path through a node.
        endpoints: whether a path goes through its own ends.

        Raises ArgumentError for a `k` above the number of nodes, OutOfRangeError for a source that is no
        node, CancelledError.
        """
        options = {
            "k": k, "seed": seed, "sources": None if sources is None else self._node_ids(sources),
            "normalized": bool(normalized), "endpoints": bool(endpoints)}
        return self._run("betweenness_centrality", options, cancel, threads)[0][0]
