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
    edges = graph_edges.load(path)
    return edges, edges.both_ways()


def prepare_graph(path: str):
    edges, ends = prepare_edges(path)
    return _matrix(edges, ends), edges


def _matrix(edges, ends):
    source, target, weight = ends
    return sparse.coo_array((weight, (source, target)), (edges.count, edges.count)).tocsr()


def graph_build(prepared, kernel):
    return graph_edges.Built(_matrix(*prepared), lambda matrix: np.diff(matrix.indptr))


def graph_paths(prepared, kernel):
    matrix, edges = prepared
    return csgraph.dijkstra(matrix, indices=edges.start)


def graph_components(prepared, kernel):
    matrix, edges = prepared
    return csgraph.connected_components(matrix, directed=edges.directed, connection="weak")[1]


def graph_strong(prepared, kernel):
    return csgraph.connected_components(prepared[0], connection="strong")[1]
