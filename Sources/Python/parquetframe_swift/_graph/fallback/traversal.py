"""Searches, from level to level and in depth."""

from __future__ import annotations

import numpy

from ... import errors
from .lists import Lists, answer
from .shared import INFINITY, argument, entries_of, i4, need, node_ids


def levels_from(lists: Lists, sources, max_depth, report=None) -> tuple:
    distances = numpy.full(lists.node_count, -1, numpy.int32)
    before = numpy.full(lists.node_count, lists.node_count, numpy.int64)
    distances[sources] = 0
    frontier, level = numpy.unique(sources), 0
    while len(frontier) and (max_depth is None or level < max_depth):
        entries, nodes = entries_of(lists, frontier)
        targets = lists.indices[entries]
        is_new = distances[targets] == -1
        targets, nodes = targets[is_new], nodes[is_new]
        numpy.minimum.at(before, targets, nodes)
        level += 1
        distances[targets] = level
        frontier = numpy.unique(targets).astype(numpy.int64)
        if report is not None:
            report(level)
    before[before == lists.node_count] = -1
    return distances, i4(before)


def bfs(lists: Lists, options: dict, report) -> tuple:
    sources = node_ids(lists, options.get("sources", []), "source")
    argument(options.get("max_depth", 0) >= 0, "max_depth", "a depth is not negative")
    distances, before = levels_from(lists, sources, options.get("max_depth"), report)
    reached = int((distances >= 0).sum())
    return answer(distance=distances, predecessor=before), {
        "reached": reached, "depth": int(distances.max(initial=0))}


def dfs(lists: Lists, options: dict, report) -> tuple:
    source = int(node_ids(lists, [options["source"]], "source")[0])
    deepest = options.get("max_depth", INFINITY)
    argument(deepest >= 0, "max_depth", "a depth is not negative")
    indptr, indices = lists.indptr.tolist(), lists.indices.tolist()
    entered, before, pre, post = {source}, [-1], [source], []
    way, places = [source], [indptr[source]]
    while way:
        node, place = way[-1], places[-1]
        end = indptr[node + 1] if len(way) <= deepest else place
        while place < end and indices[place] in entered:
            place += 1
        if place < end:
            places[-1] = place + 1
            target = indices[place]
            entered.add(target)
            before.append(node)
            pre.append(target)
            way.append(target)
            places.append(indptr[target])
        else:
            post.append(way.pop())
            places.pop()
    columns = (numpy.array(values, numpy.int32) for values in (pre, post, before))
    return answer(**dict(zip(("preorder", "postorder", "predecessor"), columns))), {}


def topological_sort(lists: Lists, options: dict, report) -> tuple:
    need(True, lists)
    indptr, indices = lists.indptr.tolist(), lists.indices.tolist()
    waiting = numpy.bincount(lists.indices, minlength=lists.node_count).tolist()
    order = [node for node, count in enumerate(waiting) if not count]
    for node in order:
        for target in indices[indptr[node]:indptr[node + 1]]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    if len(order) < lists.node_count:
        before = {}
        for node, count in enumerate(waiting):
            if count:
                for target in indices[indptr[node]:indptr[node + 1]]:
                    before.setdefault(target, node)
        node = next(node for node, count in enumerate(waiting) if count)
        raise cycle_error(cycle_from(before, node), "a cycle")
    return answer(node=numpy.array(order, numpy.int32)), {}


def cycle_from(before, node: int) -> list:
    """The cycle that `before` leads into from a node, smallest node first."""
    seen: dict = {}
    while node not in seen:
        seen[node] = len(seen)
        node = before[node]
    cycle = list(seen)[seen[node]:][::-1]
    start = cycle.index(min(cycle))
    return cycle[start:] + cycle[:start]


def cycle_error(cycle: list, what: str) -> errors.GraphError:
    shown = [*map(str, cycle[:8]), str(cycle[0]) if len(cycle) <= 8 else f"… ({len(cycle)} nodes)"]
    return errors.GraphError(f"{what}: {' → '.join(shown)}", {"cycle": cycle})
