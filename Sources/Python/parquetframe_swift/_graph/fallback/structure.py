"""Cores, triangles and sides."""

from __future__ import annotations

import heapq

import numpy

from .lists import Lists, answer
from .shared import need, simple_adjacency


def core_numbers(lists: Lists, options: dict, report) -> tuple:
    need(False, lists)
    indptr, indices = lists.indptr.tolist(), lists.indices.tolist()
    loops = lists.rows[lists.rows == lists.indices]
    degrees = (numpy.diff(lists.indptr) - numpy.bincount(loops, minlength=lists.node_count)).tolist()
    heap = [(degree, node) for node, degree in enumerate(degrees)]
    heapq.heapify(heap)
    cores, largest = [-1] * lists.node_count, 0
    while heap:
        degree, node = heapq.heappop(heap)
        if cores[node] >= 0 or degree != degrees[node]:
            continue
        largest = max(largest, degree)
        cores[node] = largest
        for target in indices[indptr[node]:indptr[node + 1]]:
            if cores[target] < 0:
                degrees[target] -= 1
                heapq.heappush(heap, (degrees[target], target))
    return answer(core=numpy.array(cores, numpy.int32)), {"largest": largest}


def _triangles(lists: Lists) -> tuple:
    """(triangles, neighbours of each node)"""
    need(False, lists)
    simple = simple_adjacency(lists)
    closed = (simple @ simple).multiply(simple).sum(axis=1)
    return numpy.asarray(closed, numpy.int64).ravel() // 2, numpy.diff(simple.indptr).astype(numpy.int64)


def triangle_count(lists: Lists, options: dict, report) -> tuple:
    return [], {"count": int(_triangles(lists)[0].sum()) // 3}


def triangles(lists: Lists, options: dict, report) -> tuple:
    found, degrees = _triangles(lists)
    corners, pairs = int(found.sum()), degrees * (degrees - 1) / 2
    return answer(triangles=found), {
        "count": corners // 3, "transitivity": corners / float(pairs.sum()) if corners else 0.0}


def clustering(lists: Lists, options: dict, report) -> tuple:
    if lists.directed:
        simple = simple_adjacency(lists)
        joined = simple + simple.T
        found = numpy.asarray((joined @ joined).multiply(joined).sum(axis=1)).ravel() / 2
        degrees = numpy.asarray(joined.sum(axis=1)).ravel().astype(float)
        possible = degrees * (degrees - 1) - 2 * numpy.asarray((joined == 2).sum(axis=1)).ravel()
    else:
        found, degrees = _triangles(lists)
        possible = degrees * (degrees - 1) / 2
    values = numpy.where(possible > 0, found / numpy.where(possible > 0, possible, 1), 0.0)
    return answer(coefficient=values), {
        "average": sum(values.tolist()) / len(values) if len(values) else 0.0}


def bipartition(lists: Lists, options: dict, report) -> tuple:
    sides = [(one.indptr.tolist(), one.indices.tolist()) for one in (lists, lists.reversed())]
    side, before = [-1] * lists.node_count, [-1] * lists.node_count
    for start in range(lists.node_count):
        if side[start] >= 0:
            continue
        side[start] = 0
        queue = [start]
        for node in queue:
            for indptr, indices in sides:
                for target in indices[indptr[node]:indptr[node + 1]]:
                    if side[target] < 0:
                        side[target], before[target] = 1 - side[node], node
                        queue.append(target)
                    elif side[target] == side[node]:
                        return [], {"is_bipartite": False, "odd_cycle": _odd_cycle(before, node, target)}
    return answer(side=numpy.array(side, numpy.int32)), {"is_bipartite": True}


def _odd_cycle(before: list, first: int, second: int) -> list:
    ways = []
    for node in (first, second):
        way = [node]
        while before[way[-1]] >= 0:
            way.append(before[way[-1]])
        ways.append(way)
    one, other = ways
    while len(one) > 1 and len(other) > 1 and one[-2] == other[-2]:
        one.pop()
        other.pop()
    cycle = one + other[-2::-1] if first != second else [first]
    start = cycle.index(min(cycle))
    cycle = cycle[start:] + cycle[:start]
    if len(cycle) > 2 and cycle[-1] < cycle[1]:
        cycle[1:] = cycle[:0:-1]
    return cycle
