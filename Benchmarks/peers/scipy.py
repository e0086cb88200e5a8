"""scipy: sparse matrices, and the graph kernels of `scipy.sparse.csgraph` on them; one thread."""

from __future__ import annotations

from datasets import graph_edges

TITLE = "scipy"
DISTRIBUTIONS = ("scipy",)
STARTUP = None


def start(threads: int) -> None:
    global csgraph, sparse, np
    import numpy as np
    from scipy import sparse
    from scipy.sparse import csgraph


def version() -> str:
    import scipy

    return scipy.__version__


def prepare_edges(path: str):
    return graph_edges.load(path)


def prepare_graph(path: str):
    edges = graph_edges.load(path)
    return _matrix(edges), edges


def _matrix(edges):
    source, target, weight = edges.both_ways()
    return sparse.coo_array((weight, (source, target)), (edges.count, edges.count)).tocsr()


def graph_build(edges, kernel):
    return graph_edges.Built(_matrix(edges), lambda matrix: np.diff(matrix.indptr))


def graph_paths(prepared, kernel):
    matrix, edges = prepared
    return csgraph.dijkstra(matrix, indices=edges.start)


def graph_components(prepared, kernel):
    matrix, edges = prepared
    return csgraph.connected_components(matrix, directed=edges.directed, connection="weak")[1]


def graph_strong(prepared, kernel):
    return csgraph.connected_components(prepared[0], connection="strong")[1]
