"""What the figures of one case say about its engines: who is best, and by how much."""

from __future__ import annotations

import statistics

from peers import OURS

# Kinds of calls, and the walls of each that a figure keeps.
CALLS = {"warm": "walls_ms", "first": "firsts_ms"}


def best_peer(figures: dict, call: str = "warm") -> str | None:
    """The peer, ours apart, with the lowest median wall."""
    key = CALLS[call]
    timed = {p: statistics.median(f[key]) for p, f in figures.items() if p != OURS and f.get(key)}
    return min(timed, key=timed.get, default=None)


def ratio_to_best(figures: dict, name: str, call: str = "warm") -> float | None:
    """How many times as fast as the best peer `name` is: above 1 is faster.

    The median over the rounds of the two times of one round, so that a slow moment of the
    machine, which meets both, leaves no trace.
    """
    return ratio(figures, best_peer(figures, call), name, call)


def ratio(figures: dict, other: str | None, name: str, call: str = "warm") -> float | None:
    """How many times as fast as `other` engine `name` is."""
    theirs, mine = (figures.get(one, {}).get(CALLS[call]) for one in (other, name))
    if not theirs or not mine:
        return None
    return statistics.median(their / my for their, my in zip(theirs, mine))


def least(figures: dict, key: str) -> tuple[str | None, float | None]:
    """The peer, ours apart, with the lowest figure `key`, and that figure."""
    found = {p: f[key] for p, f in figures.items() if p != OURS and key in f}
    peer = min(found, key=found.get, default=None)
    return peer, found.get(peer)


def quotient(top: float | None, bottom: float | None) -> float | None:
    return top / bottom if top and bottom else None
