"""Graphs of steps as JSON: for each step the earlier ones that it needs, and what a run adds up to."""

from __future__ import annotations

import json
import random

# Sums stay whole numbers of 64 bits.
MODULUS = (1 << 61) - 1


def steps(path: str, shape: str, count: int, seed: int) -> dict:
    """Writes the lists of needs. A step gives its number and what the steps gave that it needs."""
    needs = SHAPES[shape](count, random.Random(seed))
    with open(path, "w") as file:
        json.dump(needs, file)
    values: list[int] = []
    for number, those in enumerate(needs):
        values.append((number + sum(values[one] for one in those)) % MODULUS)
    return {"small": {"sum": sum(values) % MODULUS}}


def sleeps(path: str, shape: str, seconds: float) -> dict:
    """Writes the needs of ten steps that sleep, and for how long; they give 1 each."""
    needs = [[]] * 10 if shape == "independent" else [[], *([[0]] * 8), list(range(1, 9))]
    with open(path, "w") as file:
        json.dump({"needs": needs, "seconds": seconds}, file)
    return {"small": {"count": 10}}


def _chain(count: int, _) -> list:
    return [[number - 1] if number else [] for number in range(count)]


def _fan(count: int, _) -> list:
    """One, then all that need it, then one that needs them all."""
    return [[], *([[0]] * (count - 2)), list(range(1, count - 1))]


def _tree(count: int, _) -> list:
    return [[(number - 1) // 2] if number else [] for number in range(count)]


def _layers(count: int, chance: random.Random) -> list:
    """Layers of a hundred; each step needs one to three of the layer before."""
    return [
        sorted({(number // 100 - 1) * 100 + chance.randrange(100) for _ in range(chance.randint(1, 3))})
        if number >= 100 else []
        for number in range(count)]


SHAPES = {"chain": _chain, "fan": _fan, "tree": _tree, "layers": _layers}
