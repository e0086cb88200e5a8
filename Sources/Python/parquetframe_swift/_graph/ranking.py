"""Kernels that rank nodes."""

from __future__ import annotations

from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._cancel import CancellationToken
    from .._table import Array
    from .running import Progress


class Ranking(Running):
    """What a graph is asked about the weight of its nodes."""

    __slots__ = ()

    def pagerank(
        self,
        alpha: float = 0.85,
        tol: float = 1e-6,
        max_iter: int = 100,
        personalization: Sequence[float] | Mapping[int, float] | None = None,
        *,
        use_weights: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Array:
        """The rank of each node (float64), as NetworkX defines it; they sum to 1.

        alpha: the probability that a reader follows an edge; else, and where none leads away, he jumps.
        tol: iteration ends when all ranks together change by less than this times the nodes.
        personalization: where he jumps to: a weight for each node, or a dict of some; by default all alike.
        use_weights: whether edges are chosen by weight, where they have one.

        progress: called with (iteration, residual) after each; what it raises ends the kernel.

        Raises GraphError where `max_iter` iterations do not converge or a weight is negative or not
        finite, ArgumentError, CancelledError.
        """
        if personalization is not None:
            if hasattr(personalization, "items"):
                nodes = self._node_ids(list(personalization))
                personalization = {str(node): float(value) for node, value in zip(nodes, personalization.values())}
            else:
                personalization = [float(value) for value in personalization]
        options = {
            "alpha": float(alpha), "tol": float(tol), "max_iter": max_iter, "personalization": personalization,
            "use_weights": None if use_weights else False}
        return self._run("pagerank", options, cancel, threads, progress)[0][0]
