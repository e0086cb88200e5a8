"""igraph: graphs and their kernels in C; one thread."""

from __future__ import annotations

from datasets import graph_edges

TITLE = "igraph"
DISTRIBUTIONS = ("igraph",)
STARTUP = None


def start(threads: int) -> None:
    global igraph, np
    import igraph
    import numpy as np


def version() -> str:
    return igraph.__version__


def prepare_graph(path: str):
    edges = graph_edges.load(path)
    pairs = np.stack([edges.source, edges.target], axis=1).astype(np.int64)
    graph = igraph.Graph(n=edges.count, edges=pairs, directed=edges.directed)
    graph.es["weight"] = edges.weight
    return graph, edges.start


def graph_bfs(prepared, kernel):
    graph, start = prepared
    return _Reached(graph.distances(source=start, mode="out")[0])


def graph_paths(prepared, kernel):
    graph, start = prepared
    return _Reached(graph.distances(source=start, weights="weight", mode="out")[0])


def graph_pagerank(prepared, kernel):
    # PRPACK ends at 1e-10 and offers no other tolerance.
    return prepared[0].pagerank()


def graph_components(prepared, kernel):
    return prepared[0].connected_components(mode="weak").membership


def graph_strong(prepared, kernel):
    return prepared[0].connected_components(mode="strong").membership


def graph_cores(prepared, kernel):
    return prepared[0].coreness(mode="all")


class _Reached:
    """Distances, infinite for what is not reached, as numbers outside the clock."""

    def __init__(self, distances: list) -> None:
        self._distances = distances

    @property
    def answer(self):
        found = np.asarray(self._distances, np.float64)
        return np.where(np.isinf(found), -1, found)
