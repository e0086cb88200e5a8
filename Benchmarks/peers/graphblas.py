"""SuiteSparse:GraphBLAS: kernels as products of sparse matrices, in C with OpenMP, by way of
graphblas-algorithms.
"""

from __future__ import annotations

from datasets import graph_edges

TITLE = "GraphBLAS"
DISTRIBUTIONS = ("graphblas-algorithms", "python-graphblas", "suitesparse-graphblas")
STARTUP = None


def start(threads: int) -> None:
    global algorithms, graphblas, np
    import graphblas
    import numpy as np
    from graphblas_algorithms import algorithms

    graphblas.ss.config["nthreads"] = threads


def version() -> str:
    import importlib.metadata

    return importlib.metadata.version("suitesparse-graphblas")


def prepare_graph(path: str):
    from graphblas_algorithms import DiGraph, Graph

    edges = graph_edges.load(path)
    source, target, weight = edges.both_ways()
    kind = DiGraph if edges.directed else Graph
    ends = source.astype(np.uint64), target.astype(np.uint64)
    size = {"nrows": edges.count, "ncols": edges.count}
    plain = graphblas.Matrix.from_coo(*ends, 1.0, **size)
    weighted = graphblas.Matrix.from_coo(*ends, weight, dup_op=graphblas.binary.min, **size)
    return {"plain": kind(plain), "weighted": kind(weighted), "edges": edges}


def graph_bfs(prepared, kernel):
    edges = prepared["edges"]
    found = algorithms.single_source_shortest_path_length(prepared["plain"], edges.start)
    return _Dense(found, edges.count, -1)


def graph_paths(prepared, kernel):
    edges = prepared["edges"]
    found = algorithms.single_source_bellman_ford_path_length(prepared["weighted"], edges.start)
    return _Dense(found, edges.count, -1)


def graph_pagerank(prepared, kernel):
    count = prepared["edges"].count
    tolerance = graph_edges.PAGERANK_TOLERANCE / count
    return _Dense(algorithms.pagerank(prepared["plain"], tol=tolerance, max_iter=1000), count, 0)


def graph_triangles(prepared, kernel):
    return int(algorithms.cluster.total_triangles(prepared["plain"]))


class _Dense:
    """A sparse vector, as an array outside the clock."""

    def __init__(self, vector, count: int, missing: float) -> None:
        self._vector, self._count, self._missing = vector, count, missing

    @property
    def answer(self):
        spread = np.full(self._count, self._missing, np.float64)
        nodes, values = self._vector.to_coo()
        spread[nodes] = values
        return spread
