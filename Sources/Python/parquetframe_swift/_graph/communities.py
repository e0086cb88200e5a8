"""Kernels that say how nodes gather."""

from __future__ import annotations

from .running import Running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from .._cancel import CancellationToken
    from .._table import Array
    from .running import Progress

    class Communities(NamedTuple):
        """The community of each node (int32), named by its smallest node; how many there are, their
        modularity, and the levels or rounds it took."""

        communities: Array
        count: int
        modularity: float
        levels: int


class Gathering(Running):
    """What a graph is asked about groups of its nodes."""

    __slots__ = ()

    def label_propagation(
        self,
        seed: int = 0,
        max_rounds: int = 1000,
        *,
        use_weights: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Communities:
        """Communities by the spread of labels: each node takes the one that most of its neighbours have.

        The answer has the fields communities (of each node, named by its smallest node: int32), count,
        modularity and levels. `seed` decides in which order nodes are looked at. `progress` is called with
        (round, None).

        Raises ArgumentError for a directed graph, GraphError where a weight is negative or not finite,
        CancelledError.
        """
        return self._communities("label_propagation", 1.0, seed, max_rounds, use_weights, threads, cancel, progress)

    def louvain(
        self,
        resolution: float = 1.0,
        seed: int = 0,
        max_levels: int = 1000,
        *,
        use_weights: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Communities:
        """Communities of high modularity by the method of Louvain.

        resolution: above 1 for smaller communities, below for larger ones.
        seed: decides in which order nodes are looked at. The rest, and errors, as `label_propagation`.
        """
        return self._communities("louvain", resolution, seed, max_levels, use_weights, threads, cancel, progress)

    def leiden(
        self,
        resolution: float = 1.0,
        seed: int = 0,
        max_levels: int = 1000,
        *,
        use_weights: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
        progress: Progress | None = None,
    ) -> Communities:
        """Communities of high modularity by the method of Leiden, each of which is connected. As
        `louvain`."""
        return self._communities("leiden", resolution, seed, max_levels, use_weights, threads, cancel, progress)

    def _communities(self, kernel, resolution, seed, levels, use_weights, threads, cancel, progress) -> Communities:
        options = {
            "resolution": float(resolution), "seed": seed, "max_levels": levels,
            "use_weights": bool(use_weights)}
        table, summary = self._run(kernel, options, cancel, threads, progress)
        return _communities()(table[0], summary["count"], summary["modularity"], summary["levels"])


_made = None


def _communities() -> type[Communities]:
    """The class of answers; `collections` is imported when one is made."""
    global _made
    if _made is None:
        from collections import namedtuple

        _made = namedtuple("Communities", ["communities", "count", "modularity", "levels"])
    return _made
