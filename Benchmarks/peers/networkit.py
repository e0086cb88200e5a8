"""NetworKit: graph kernels in C++ with OpenMP."""

from __future__ import annotations

from datasets import graph_edges

TITLE = "NetworKit"
DISTRIBUTIONS = ("networkit",)
STARTUP = None


def start(threads: int) -> None:
    global nk, np
    import networkit as nk
    import numpy as np

    nk.setNumberOfThreads(threads)


def version() -> str:
    return nk.__version__


def prepare_graph(path: str):
    edges = graph_edges.load(path)
    made = nk.GraphFromCoo(
        (edges.weight, (edges.source.astype(np.uint64), edges.target.astype(np.uint64))),
        n=edges.count, weighted=True, directed=edges.directed)
    plain = nk.graphtools.toUnweighted(made)
    return {"weighted": made, "plain": plain, "start": edges.start, "directed": edges.directed}


def graph_bfs(prepared, kernel):
    search = nk.distance.BFS(prepared["plain"], prepared["start"], storePaths=False)
    return np.asarray(search.run().getDistances())


def graph_paths(prepared, kernel):
    search = nk.distance.Dijkstra(prepared["weighted"], prepared["start"], storePaths=False)
    return np.asarray(search.run().getDistances())


def graph_pagerank(prepared, kernel):
    ranking = nk.centrality.PageRank(
        prepared["plain"], 0.85, graph_edges.PAGERANK_TOLERANCE,
        distributeSinks=nk.centrality.SinkHandling.DistributeSinks)
    ranking.norm = nk.centrality.Norm.L1_NORM
    return np.asarray(ranking.run().scores())


def graph_components(prepared, kernel):
    if prepared["directed"]:
        return _labels(nk.components.WeaklyConnectedComponents(prepared["plain"]), prepared)
    return _labels(nk.components.ParallelConnectedComponents(prepared["plain"]), prepared)


def graph_strong(prepared, kernel):
    return _labels(nk.components.StronglyConnectedComponents(prepared["plain"]), prepared)


def graph_cores(prepared, kernel):
    return np.asarray(nk.centrality.CoreDecomposition(prepared["plain"]).run().scores())


def _labels(search, prepared):
    return np.asarray(search.run().getPartition().getVector())
