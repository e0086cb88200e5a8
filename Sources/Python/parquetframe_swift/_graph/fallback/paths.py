"""Shortest paths, and forests of least weight."""

from __future__ import annotations

import heapq
import math

import numpy
import scipy.sparse
import scipy.sparse.csgraph

from ... import errors
from .lists import Lists, answer, check
from .shared import INFINITY, argument, bad_weight, entries_of, i4, need, node_ids
from .traversal import cycle_error, cycle_from, levels_from


def shortest_paths(lists: Lists, options: dict, report) -> tuple:
    distances, before = _paths(lists, options, report)
    return answer(distance=distances, predecessor=before), {}


def shortest_distances(lists: Lists, options: dict, report) -> tuple:
    return answer(distance=_paths(lists, options, report)[0]), {}


def _paths(lists: Lists, options: dict, report) -> tuple:
    farthest = options.get("max_distance", INFINITY)
    argument(farthest >= 0, "maxDistance", "a distance is a number, not negative")
    delta, method = options.get("delta", 1.0), options.get("method", "auto")
    argument(0 < delta < INFINITY, "delta", "a width is finite and more than 0")
    if method not in ("auto", "bellman_ford", "delta_stepping", "dijkstra"):
        raise errors.ArgumentError(f"method cannot be {method!r}", {"option": "method"})
    sources = numpy.unique(node_ids(lists, options.get("sources", []), "source"))
    targets = node_ids(lists, options.get("targets", []), "target")
    if lists.weights is None:
        depth = None if farthest == INFINITY else int(min(farthest, 2**31 - 1))
        levels, before = levels_from(lists, sources, depth, report)
        distances = numpy.where(levels < 0, INFINITY, levels.astype(float))
    else:
        weights = lists.weights.astype(float)
        bad_weight(lists, numpy.isnan(weights) | (weights == -INFINITY))
        is_negative = bool((weights < 0).any())
        if method not in ("bellman_ford", "auto"):
            bad_weight(lists, weights < 0)
        if is_negative:
            argument(
                farthest == INFINITY and not len(targets), "targets" if len(targets) else "maxDistance",
                "with negative weights no search can end early")
            distances = _bellman_ford(lists, weights, sources, report)
            before = _explained(lists, weights, distances, sources, None)
        else:
            distances = _dijkstra(lists, weights, sources, farthest)
            before = numpy.full(lists.node_count, lists.node_count, numpy.int64)
            own, other = distances[lists.rows], distances[lists.indices]
            fits = (own + weights == other) & (own < other) & (other < INFINITY)
            numpy.minimum.at(before, lists.indices[fits], lists.rows[fits])
            before = _explained(lists, weights, distances, sources, before)
    if len(targets):
        is_far = distances > distances[targets].max()
        distances[is_far], before[is_far] = INFINITY, -1
    return distances, before


def _dijkstra(lists: Lists, weights, sources, farthest: float):
    count = lists.node_count
    if not len(sources):
        return numpy.full(count, INFINITY)
    if (weights > 0).all():
        matrix = scipy.sparse.csr_array((weights, lists.indices, lists.indptr), (count, count))
        return scipy.sparse.csgraph.dijkstra(
            matrix, directed=True, indices=sources, limit=farthest, min_only=True)
    indptr, indices, lengths = lists.indptr.tolist(), lists.indices.tolist(), weights.tolist()
    distances = [INFINITY] * count
    for source in sources.tolist():
        distances[source] = 0.0
    heap = [(0.0, source) for source in sources.tolist()]
    while heap:
        distance, node = heapq.heappop(heap)
        if distance > distances[node]:
            continue
        for entry in range(indptr[node], indptr[node + 1]):
            offer, target = distance + lengths[entry], indices[entry]
            if offer < distances[target] and offer <= farthest:
                distances[target] = offer
                heapq.heappush(heap, (offer, target))
    return numpy.array(distances)


def _bellman_ford(lists: Lists, weights, sources, report):
    distances = numpy.full(lists.node_count, INFINITY)
    distances[sources] = 0
    for round_ in range(1, lists.node_count + 1):
        offers = distances[lists.rows] + weights
        lowered = distances.copy()
        numpy.minimum.at(lowered, lists.indices, offers)
        report(round_)
        if (lowered == distances).all():
            return distances
        distances = lowered
    raise cycle_error(_negative_cycle(lists, weights, sources), "a cycle of negative length")


def _negative_cycle(lists: Lists, weights, sources) -> list:
    """A cycle among predecessors, which there is when rounds go on after as many as there are nodes."""
    edges = list(zip(lists.rows.tolist(), lists.indices.tolist(), weights.tolist()))
    distances = dict.fromkeys(sources.tolist(), 0.0)
    before: dict = {}
    while True:
        for node, target, weight in edges:
            if node in distances and distances[node] + weight < distances.get(target, INFINITY):
                distances[target] = distances[node] + weight
                before[target] = node
                seen = {target}
                step = node
                while step in before and step not in seen:
                    seen.add(step)
                    step = before[step]
                if step in seen:
                    return cycle_from(before, step)


def _explained(lists: Lists, weights, distances, sources, before):
    """Predecessors where none is known yet, step by step from what has one."""
    count = lists.node_count
    is_reached = distances < INFINITY
    is_open = is_reached.copy()
    if before is None:
        before = numpy.full(count, count, numpy.int64)
    is_open &= before == count
    is_open[sources] = False
    before[sources] = count
    frontier = numpy.flatnonzero(is_reached & ~is_open)
    while len(frontier) and is_open.any():
        entries, nodes = entries_of(lists, frontier)
        targets = lists.indices[entries]
        fits = is_open[targets] & (distances[nodes] + weights[entries] == distances[targets])
        numpy.minimum.at(before, targets[fits], nodes[fits])
        frontier = numpy.unique(targets[fits]).astype(numpy.int64)
        is_open[frontier] = False
    before[before == count] = -1
    return i4(before)


def shortest_path(lists: Lists, options: dict, report) -> tuple:
    source = int(node_ids(lists, [options["source"]], "source")[0])
    target = int(node_ids(lists, [options["target"]], "target")[0])
    if lists.weights is not None and options.get("use_weights", True):
        ends = {"sources": [source]}
        if not (lists.weights < 0).any():
            ends["targets"] = [target]
        distances, before = _paths(lists, ends, report)
        return _path(target, before, float(distances[target]))
    forward, backward = _Side(lists, source), _Side(lists.reversed(), target)
    meeting = source if source == target else None
    while meeting is None:
        if not len(forward.frontier) or not len(backward.frontier):
            return _path(target, None, INFINITY)
        nearer = forward.edge_count <= backward.edge_count
        meeting = forward.step(backward) if nearer else backward.step(forward)
    node = meeting
    while node != target:
        forward.before[backward.before[node]] = node
        node = backward.before[node]
    return _path(target, forward.before, float(forward.levels[meeting] + backward.levels[meeting]))


class _Side:
    """One of two searches that go towards each other."""

    def __init__(self, lists: Lists, node: int) -> None:
        self.lists, self.level = lists, 0
        self.levels = numpy.full(lists.node_count, -1)
        self.before = numpy.full(lists.node_count, -1)
        self.levels[node] = 0
        self.frontier = numpy.array([node])

    @property
    def edge_count(self) -> int:
        return int((self.lists.indptr[self.frontier + 1] - self.lists.indptr[self.frontier]).sum())

    def step(self, other: _Side) -> int | None:
        """Goes to the next level; the smallest node of it that the other side knows."""
        entries, nodes = entries_of(self.lists, self.frontier)
        targets = self.lists.indices[entries]
        is_new = self.levels[targets] == -1
        targets, nodes = targets[is_new], nodes[is_new]
        self.level += 1
        self.levels[targets] = self.level
        self.before[targets] = self.lists.node_count
        numpy.minimum.at(self.before, targets, nodes)
        self.frontier = numpy.unique(targets).astype(numpy.int64)
        known = self.frontier[other.levels[self.frontier] >= 0]
        return int(known[0]) if len(known) else None


def _path(target: int, before, length: float) -> tuple:
    if length == INFINITY:
        return answer(node=numpy.zeros(0, numpy.int32)), {"found": False}
    path = [target]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return answer(node=numpy.array(path[::-1], numpy.int32)), {"found": True, "length": length}


def astar(lists: Lists, source: int, target: int, heuristic, cancel) -> tuple:
    """`Graph.astar_path`; `heuristic` gives a bound for a node."""
    node_ids(lists, [source], "source")
    node_ids(lists, [target], "target")
    weights = numpy.ones(len(lists.indices)) if lists.weights is None else lists.weights.astype(float)
    if lists.weights is not None:
        bad_weight(lists, ~(weights >= 0))
    indptr, indices, lengths = lists.indptr.tolist(), lists.indices.tolist(), weights.tolist()
    bounds: dict = {}

    def bound(node: int) -> float:
        if node not in bounds:
            bounds[node] = float(heuristic(node))
            argument(bounds[node] >= 0, "heuristic", f"the bound of node {node} is {bounds[node]}")
        return bounds[node]

    distances, before = {source: 0.0}, {source: -1}
    heap = [(bound(source), source, 0.0)]
    while heap:
        check(cancel)
        _, node, distance = heapq.heappop(heap)
        if node == target:
            return _path(target, before, distance)
        if distance > distances[node]:
            continue
        for entry in range(indptr[node], indptr[node + 1]):
            offer, other = distance + lengths[entry], indices[entry]
            if offer < distances.get(other, INFINITY):
                distances[other], before[other] = offer, node
                heapq.heappush(heap, (offer + bound(other), other, offer))
    return _path(target, before, INFINITY)


def minimum_spanning_forest(lists: Lists, options: dict, report) -> tuple:
    need(False, lists)
    weights = numpy.ones(len(lists.indices)) if lists.weights is None else lists.weights.astype(float)
    if lists.weights is not None:
        bad_weight(lists, numpy.isnan(weights))
    upper = lists.rows < lists.indices
    rows, columns, weights = lists.rows[upper], lists.indices[upper], weights[upper]
    parents = list(range(lists.node_count))

    def root(node: int) -> int:
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    chosen = []
    order = numpy.lexsort((columns, rows, weights))
    for place, first, second in zip(order.tolist(), rows[order].tolist(), columns[order].tolist()):
        first, second = root(first), root(second)
        if first != second:
            parents[max(first, second)] = min(first, second)
            chosen.append(place)
    chosen = numpy.sort(numpy.array(chosen, numpy.int64))
    total = float(weights[chosen].sum())
    return answer(source=i4(rows[chosen]), target=i4(columns[chosen]), weight=weights[chosen]), {
        "total_weight": None if math.isinf(total) else total}
