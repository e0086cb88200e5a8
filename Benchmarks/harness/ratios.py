"""What the figures of one case say about its engines: who is best, and by how much."""

from __future__ import annotations

import statistics

from peers import OURS

# Kinds of calls: the walls of each, their median, and what is kept of them.
CALLS = {
    "warm": ("walls_ms", "wall_ms", "ratio"),
    "first": ("firsts_ms", "first_ms", "first_ratio"),
}


def best_peer(figures: dict, call: str = "warm") -> str | None:
    """The peer, ours apart, with the lowest median wall."""
    _, key, _ = CALLS[call]
    return least(figures, key)[0]


def ratio_of_rounds(figures: dict, other: str | None, name: str, call: str) -> float | None:
    """How many times as fast as `other` engine `name` is, where the walls are there.

    The median over the rounds of the two times of one round, so that a slow moment of the
    machine, which meets both, leaves no trace.
    """
    walls, _, _ = CALLS[call]
    theirs, mine = (figures.get(one, {}).get(walls) for one in (other, name))
    if not theirs or not mine:
        return None
    return statistics.median(their / my for their, my in zip(theirs, mine))


def ratio_to_best(figures: dict, name: str, call: str = "warm") -> float | None:
    """How many times as fast as the best peer `name` is: above 1 is faster."""
    _, _, key = CALLS[call]
    return figures.get(name, {}).get(key)


def over(figures: dict, peer: str | None) -> float | None:
    """How many times as fast as `peer` ours is in warm calls."""
    return figures.get(peer, {}).get("ours")


def least(figures: dict, key: str) -> tuple[str | None, float | None]:
    """The peer, ours apart, with the lowest figure `key`, and that figure."""
    found = {p: f[key] for p, f in figures.items() if p != OURS and key in f}
    peer = min(found, key=found.get, default=None)
    return peer, found.get(peer)


def quotient(top: float | None, bottom: float | None) -> float | None:
    return top / bottom if top and bottom else None
