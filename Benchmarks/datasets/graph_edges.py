"""The edges of a graph as the peers take them."""

from __future__ import annotations

from typing import NamedTuple

# The sum of the changes of all ranks at which GAP ends.
PAGERANK_TOLERANCE = 1e-4


class Edges(NamedTuple):
    """Ends (int32) and weights (float64) of `count` nodes' edges, and where searches start.

    An edge without a direction stands once.
    """

    count: int
    source: object
    target: object
    weight: object
    directed: bool
    start: int

    def both_ways(self) -> tuple:
        """Ends and weights, where edges have no direction each once from either end."""
        import numpy as np

        if self.directed:
            return self.source, self.target, self.weight
        return (
            np.concatenate([self.source, self.target]),
            np.concatenate([self.target, self.source]),
            np.concatenate([self.weight, self.weight]),
        )


class Built(NamedTuple):
    """A graph that was made, whose degrees are looked at outside the clock."""

    graph: object
    degrees: object

    @property
    def answer(self):
        return self.degrees(self.graph)


def load(path: str, weighted: bool = True) -> Edges:
    import numpy as np

    with np.load(path) as file:
        return Edges(
            int(file["count"]), file["source"], file["target"], file["weight"] if weighted else None,
            bool(file["directed"]), int(file["start"]))
