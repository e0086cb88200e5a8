"""rustworkx: graphs of Python objects and their kernels in Rust; one thread but for some searches."""

from __future__ import annotations

from datasets import graph_edges

TITLE = "rustworkx"
DISTRIBUTIONS = ("rustworkx",)
STARTUP = None


def start(threads: int) -> None:
    global rustworkx, np
    import os

    os.environ["RAYON_NUM_THREADS"] = str(threads)
    import numpy as np
    import rustworkx


def version() -> str:
    return rustworkx.__version__


def prepare_graph(path: str):
    edges = graph_edges.load(path)
    graph = rustworkx.PyDiGraph() if edges.directed else rustworkx.PyGraph()
    graph.add_nodes_from(range(edges.count))
    ends = zip(edges.source.tolist(), edges.target.tolist(), edges.weight.tolist())
    graph.extend_from_weighted_edge_list(list(ends))
    return graph, edges


def graph_paths(prepared, kernel):
    graph, edges = prepared
    found = rustworkx.dijkstra_shortest_path_lengths(graph, edges.start, edge_cost_fn=float)
    return _Spread(found.items, edges.count, -1, {edges.start: 0})


def graph_components(prepared, kernel):
    graph, edges = prepared
    find = rustworkx.weakly_connected_components if edges.directed else rustworkx.connected_components
    return _Spread(_numbered(find(graph)), edges.count, -1)


def graph_strong(prepared, kernel):
    graph, edges = prepared
    found = rustworkx.strongly_connected_components(graph)
    return _Spread(_numbered(found), edges.count, -1)


def graph_cores(prepared, kernel):
    graph, edges = prepared
    return _Spread(rustworkx.core_number(graph).items, edges.count, 0)


def _numbered(groups):
    return lambda: ((node, number) for number, group in enumerate(groups) for node in group)


class _Spread:
    """Pairs of a node and a number, as an array by node outside the clock."""

    def __init__(self, pairs, count: int, missing: int, known: dict | None = None) -> None:
        self._pairs, self._count, self._missing, self._known = pairs, count, missing, known or {}

    @property
    def answer(self):
        spread = np.full(self._count, self._missing, np.float64)
        for node, number in [*self._known.items(), *self._pairs()]:
            spread[node] = number
        return spread
