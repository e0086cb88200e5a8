"""Graphs as NumPy archives: the ends and the weights of edges, and what scipy answers on them."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csgraph

from checkers import graph_answer as checker

LARGEST_WEIGHT = 255
# What the peers are asked beside the graph.
PAGERANK = {"alpha": 0.85, "total_tolerance": 1e-4}


def graph(path: str, kind: str, seed: int, counts_triangles: bool = True, **parameters) -> dict:
    """Writes a graph; an edge without a direction stands once, from its smaller end.

    To count the triangles of a large one takes many minutes.
    """
    rng = np.random.default_rng(seed)
    count, source, target, directed = KINDS[kind](rng, **parameters)
    weight = rng.integers(1, LARGEST_WEIGHT + 1, len(source)).astype(np.float64)
    source, target = source.astype(np.int32), target.astype(np.int32)
    degrees = np.bincount(source, minlength=count) + np.bincount(target, minlength=count)
    start = int(rng.choice(np.flatnonzero(degrees > np.median(degrees) / 2)))
    with open(path, "wb") as file:
        np.savez(
            file, count=count, source=source, target=target, weight=weight, directed=directed,
            start=start)
    return _answers(count, source, target, weight, directed, start, counts_triangles)


def _answers(count, source, target, weight, directed, start, counts_triangles) -> dict:
    """What the kernels of scipy find, and those of our own in its matrices."""
    matrix = sp.csr_array((weight, (source, target)), (count, count))
    both = matrix if directed else matrix + matrix.T
    ones = sp.csr_array((np.ones(both.nnz), both.indices, both.indptr), both.shape)
    found = {
        "bfs": _levels(ones, start),
        "paths": csgraph.dijkstra(both, indices=start),
        "pagerank": _pagerank(ones),
        "components": csgraph.connected_components(both, directed=directed, connection="weak")[1],
        "strong": csgraph.connected_components(both, directed=directed, connection="strong")[1],
        "build": np.diff(both.indptr),
        "call": np.where(np.arange(count) == start, 0, -1),
    }
    small = {name: checker.summarise(answer) for name, answer in found.items()}
    if not directed and counts_triangles:
        small["triangles"] = checker.summarise(_triangles(ones))
    if not directed:
        small["cores"] = checker.summarise(_cores(ones))
    return {"small": small}


def _levels(ones, start: int) -> np.ndarray:
    depth = np.full(ones.shape[0], -1)
    depth[start], front, level = 0, np.array([start]), 0
    while len(front):
        level += 1
        near = np.unique(ones[front].indices)
        front = near[depth[near] < 0]
        depth[front] = level
    return depth


def _pagerank(ones, alpha: float = PAGERANK["alpha"]) -> np.ndarray:
    """To the last bits, so that what others stop short of can be told from what is wrong."""
    count, out = ones.shape[0], np.diff(ones.indptr)
    turned, rank = ones.T.tocsr(), np.full(ones.shape[0], 1 / ones.shape[0])
    for _ in range(100):
        given = np.divide(rank, out, out=np.zeros(count), where=out > 0)
        rank = (1 - alpha + alpha * rank[out == 0].sum()) / count + alpha * (turned @ given)
    return rank


def _triangles(ones) -> int:
    """Of edges from fewer to more neighbours, the pairs that a third one closes; some rows at a time."""
    order = np.argsort(np.diff(ones.indptr), kind="stable")
    upper, found = sp.triu(ones[order][:, order], 1).tocsr(), 0
    for first in range(0, upper.shape[0], 1 << 14):
        rows = upper[first : first + (1 << 14)]
        found += int((rows @ upper).multiply(rows).sum())
    return found


def _cores(ones) -> np.ndarray:
    """Takes away what has at most k neighbours left, for one k after the other."""
    left, core, k = np.diff(ones.indptr).astype(np.int64), np.zeros(ones.shape[0], np.int64), 0
    alive = np.ones(ones.shape[0], bool)
    while alive.any():
        front = np.flatnonzero(alive & (left <= k))
        if not len(front):
            k = int(left[alive].min())
            continue
        core[front], alive[front] = k, False
        left -= np.bincount(ones[front].indices, minlength=len(left))
    return core


def _uniform(rng, nodes: int, edges: int):
    return nodes, *_distinct(nodes, rng.integers(0, nodes, edges), rng.integers(0, nodes, edges)), True


def _kronecker(rng, scale: int, edge_factor: int):
    """R-MAT with the probabilities of Graph500 and GAP, nodes renamed by chance."""
    edges = edge_factor << scale
    source, target = np.zeros(edges, np.int64), np.zeros(edges, np.int64)
    a, b, c = 0.57, 0.19, 0.19
    for _ in range(scale):
        r = rng.random(edges)
        source = source * 2 + (r >= a + b)
        target = target * 2 + ((r >= a) & (r < a + b) | (r >= a + b + c))
    names = rng.permutation(1 << scale)
    source, target = names[source], names[target]
    low, high = np.minimum(source, target), np.maximum(source, target)
    return 1 << scale, *_distinct(1 << scale, low, high), False


def _grid(rng, side: int):
    ids = np.arange(side * side).reshape(side, side)
    source = np.concatenate([ids[:, :-1].ravel(), ids[:-1].ravel()])
    target = np.concatenate([ids[:, 1:].ravel(), ids[1:].ravel()])
    return side * side, source, target, False


def _web(rng, nodes: int):
    """Degrees by power laws, half of the links to near pages and half to well-known ones."""
    out = np.minimum(rng.zipf(2.1, nodes), 5000)
    source = np.repeat(np.arange(nodes), out)
    names = rng.permutation(nodes)
    known = names[np.minimum(100 * rng.pareto(0.8, len(source)), nodes - 1).astype(np.int64)]
    near = (source + rng.integers(-50, 51, len(source))) % nodes
    target = np.where(rng.random(len(source)) < 0.5, known, near)
    return nodes, *_distinct(nodes, source, target), True


def _distinct(count: int, source, target):
    """The edges without self-loops and repetitions, by source and target."""
    pairs = np.unique(source.astype(np.int64) * count + target)
    source, target = pairs // count, pairs % count
    apart = source != target
    return source[apart], target[apart]


KINDS = {"uniform": _uniform, "kronecker": _kronecker, "grid": _grid, "web": _web}
