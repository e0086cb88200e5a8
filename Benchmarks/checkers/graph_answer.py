"""Answers of graph kernels agree when the values of sampled nodes do, and the sum over all.

Components agree when they part the nodes alike, whatever they are called.
"""

from __future__ import annotations

_SAMPLE = 997
# Ranks differ by how early an engine stops, distances of float64 by nothing.
_RELATIVE, _ABSOLUTE = 5e-2, 1e-4


def summarise(result) -> dict:
    """The number of values, some of them, and their sum; a number alone for a count."""
    import numpy as np

    result = getattr(result, "answer", result)
    if result is None or isinstance(result, int):
        return {"value": result}
    values = np.asarray(result)
    if values.dtype.kind == "f":
        values = np.where(values > 1e300, -1, values)  # how engines say "not reached" differs
    elif len(values):
        values = np.where(values >= len(values), -1, values)
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    step = max(1, len(values) // _SAMPLE)
    return {
        "count": len(values),
        "sum": float(values.sum()),
        "values": values[::step].tolist(),
        "parts": first[inverse][::step].tolist(),
    }


def differences(expected: dict, found: dict, arguments: dict) -> list[str]:
    """What is another value than the maker of the graph found."""
    wanted = expected["small"][arguments["kernel"]]
    if found.get("value", 0) is None:
        return []  # an engine that checks itself and says no more
    if "value" in wanted:
        return [] if found == wanted else [f"{found.get('value')} instead of {wanted['value']}"]
    if found.get("count") != wanted["count"]:
        return [f"{found.get('count')} values instead of {wanted['count']}"]
    if arguments["kernel"] in ("components", "strong"):
        return [] if found["parts"] == wanted["parts"] else ["other components"]
    wrong = [
        f"{ours} instead of {theirs}"
        for ours, theirs in zip(found["values"], wanted["values"])
        if abs(ours - theirs) > _RELATIVE * abs(theirs) + _ABSOLUTE * (arguments["kernel"] != "pagerank")
    ]
    return wrong[:3]


def byte_count(expected: dict, arguments: dict) -> int:
    """Such answers have no size worth a rate."""
    return 0
