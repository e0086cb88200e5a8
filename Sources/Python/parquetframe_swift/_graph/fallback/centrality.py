"""How central nodes are."""

from __future__ import annotations

import math

import numpy

from ... import errors
from .lists import Lists, answer
from .shared import argument, entries_of, node_ids, simple_adjacency
from .traversal import levels_from


def closeness_centrality(lists: Lists, options: dict, report) -> tuple:
    count = lists.node_count
    nodes = node_ids(lists, options.get("nodes", range(count)), "node")
    incoming = lists.reversed()
    scores = numpy.zeros(len(nodes))
    for place, node in enumerate(nodes):
        distances, _ = levels_from(incoming, nodes[place:place + 1], None)
        reached, total = int((distances > 0).sum()), int(distances[distances > 0].sum())
        if total:
            scores[place] = reached / total
            if options.get("wf_improved", True):
                scores[place] *= reached / (count - 1)
    return answer(centrality=scores), {}


def _shuffled(count: int, seed: int | None):
    """All nodes in an order that a seed decides, as the engine has it (SplitMix64)."""
    nodes, mask = list(range(count)), 2**64 - 1
    if seed is not None:
        state = seed
        for place in range(count - 1, 0, -1):
            state = (state + 0x9E3779B97F4A7C15) & mask
            mixed = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & mask
            mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & mask
            mixed ^= mixed >> 31
            other = mixed * (place + 1) >> 64
            nodes[place], nodes[other] = nodes[other], nodes[place]
    return nodes


def betweenness_centrality(lists: Lists, options: dict, report) -> tuple:
    count, wanted = lists.node_count, options.get("k")
    seed = options.get("seed", 0)
    argument(seed >= 0, "seed", "it is not negative")
    if wanted is not None:
        argument(0 <= wanted <= count, "sampleCount", f"there are {count} nodes")
    if "sources" in options:
        sources = node_ids(lists, options["sources"], "source").tolist()
        argument(len(set(sources)) == len(sources), "sources", "a node is among them twice")
    else:
        wanted = count if wanted is None else wanted
        sources = _shuffled(count, seed if wanted < count else None)[:wanted]
    simple, endpoints = simple_adjacency(lists), bool(options.get("endpoints"))
    indptr, indices = simple.indptr.astype(numpy.int64), simple.indices
    plain = Lists(indptr, indices, None, True, None)
    scores = numpy.zeros(count)
    for source in sources:
        _add_dependencies(plain, source, endpoints, scores)
    ends = count if endpoints else count - 1
    if ends >= 2:
        is_all = len(sources) == count
        others = float(ends if is_all else len(sources))
        own = others if is_all or endpoints else others - 1

        def scale(pairs: float) -> float:
            if not pairs > 0:
                return math.nan if pairs == 0 and sources else 1.0
            if options.get("normalized", True):
                return 1 / (pairs * (ends - 1))
            return ends / (pairs * (1 if lists.directed else 2))

        scores[sources] *= scale(own) / scale(others)
        scores *= scale(others)
    return answer(centrality=scores), {}


def _add_dependencies(lists: Lists, source: int, endpoints: bool, scores) -> None:
    """One search of Brandes' method."""
    levels = numpy.full(lists.node_count, -1)
    paths, depends = numpy.zeros(lists.node_count), numpy.zeros(lists.node_count)
    levels[source], paths[source] = 0, 1
    frontier, steps, level = numpy.array([source]), [], 0
    while len(frontier):
        entries, nodes = entries_of(lists, frontier)
        targets = lists.indices[entries]
        level += 1
        levels[targets[levels[targets] == -1]] = level
        leads_on = levels[targets] == level
        nodes, targets = nodes[leads_on], targets[leads_on]
        numpy.add.at(paths, targets, paths[nodes])
        steps.append((nodes, targets))
        frontier = numpy.unique(targets).astype(numpy.int64)
    for nodes, targets in reversed(steps):
        numpy.add.at(depends, nodes, paths[nodes] / paths[targets] * (1 + depends[targets]))
    others = levels > 0
    scores[others] += depends[others] + (1 if endpoints else 0)
    if endpoints:
        scores[source] += int(others.sum())


def _degrees(lists: Lists, direction: str):
    own = numpy.diff(lists.indptr)
    if direction == "out":
        return own
    if direction == "in":
        return numpy.diff(lists.reversed().indptr)
    if direction != "both":
        raise errors.ArgumentError(f"direction cannot be {direction!r}", {"option": "direction"})
    if lists.directed:
        return own + numpy.diff(lists.reversed().indptr)
    return own + numpy.bincount(lists.rows[lists.rows == lists.indices], minlength=lists.node_count)


def degree_centrality(lists: Lists, options: dict, report) -> tuple:
    count = lists.node_count
    values = _degrees(lists, options.get("direction", "both")) * (1 / max(count - 1, 1))
    return answer(centrality=numpy.ones(1) if count == 1 else values), {}


def degree_statistics(lists: Lists, options: dict, report) -> tuple:
    degrees = _degrees(lists, options.get("direction", "both"))
    return answer(count=numpy.bincount(degrees, minlength=1).astype(numpy.int64)), {
        "min": int(degrees.min()) if len(degrees) else 0, "max": int(degrees.max(initial=0)),
        "mean": int(degrees.sum()) / max(lists.node_count, 1),
        "isolated": int((_degrees(lists, "both") == 0).sum()), "self_loops": lists.loops}


def out_degree(lists: Lists, options: dict, report) -> tuple:
    return answer(degree=_degrees(lists, "out")), {}


def in_degree(lists: Lists, options: dict, report) -> tuple:
    return answer(degree=_degrees(lists, "in")), {}
