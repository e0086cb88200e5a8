"""ParquetFrame's Rust module, which this engine stands in for, where the interpreter is one of those
that its wheel is made for. Its PageRank takes time of nodes times edges and is not asked.
"""

from __future__ import annotations

from datasets import graph_edges

TITLE = "ParquetFrame (Rust)"
DISTRIBUTIONS = ("parquetframe",)
STARTUP = None


def start(threads: int) -> None:
    global native, np
    import importlib.machinery
    import importlib.util
    import os

    import numpy as np

    os.environ["RAYON_NUM_THREADS"] = str(threads)
    # The module alone: the package around it imports pandas, dask and more.
    package = importlib.util.find_spec("parquetframe")
    if package is None:
        raise NotImplementedError("parquetframe is not installed")
    spec = importlib.machinery.PathFinder.find_spec("_rustic", package.submodule_search_locations)
    if spec is None:
        raise NotImplementedError("parquetframe has no native module here")
    native = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(native)


def version() -> str:
    return native.rust_version()


def prepare_edges(path: str):
    return graph_edges.load(path)


def prepare_graph(path: str):
    edges = graph_edges.load(path)
    ends = [part.astype(np.int64) for part in edges.both_ways()[:2]]
    return _lists(edges), ends, edges


def _lists(edges):
    source, target, weight = edges.both_ways()
    return native.build_csr_rust(source, target, edges.count, weight)


def graph_build(edges, kernel):
    return graph_edges.Built(_lists(edges), lambda lists: np.diff(lists[0]))


def graph_bfs(prepared, kernel):
    (offsets, neighbors, _), _, edges = prepared
    return native.bfs_rust(offsets, neighbors, edges.count, np.array([edges.start], np.int32), None)[0]


def graph_paths(prepared, kernel):
    (offsets, neighbors, weights), _, edges = prepared
    sources = np.array([edges.start], np.int32)
    return native.dijkstra_rust_py(offsets, neighbors, edges.count, sources, weights)[0]


def graph_components(prepared, kernel):
    _, (source, target), edges = prepared
    return native.connected_components_rust_py(source, target, edges.count, edges.directed)
