"""Graphs without the engine have the same answers."""

import os
import subprocess
import sys

import numpy
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs


def both(make, *questions):
    """Makes a graph with and without the engine, and asks both: pairs of answers."""
    graphs = []
    for enabled in (True, False):
        pfs.set_config(graph_enabled=enabled)
        try:
            graphs.append(outcome(make))
        finally:
            pfs.set_config(graph_enabled=None)
    if not all(isinstance(graph, pfs.Graph) for graph in graphs):
        return [graphs]
    return [[outcome(lambda: question(graph)) for graph in graphs] for question in questions]


def outcome(call):
    try:
        return plain(call())
    except pfs.EngineUnavailableError:
        raise
    except pfs.Error as problem:
        return type(problem).__name__


def plain(value):
    if hasattr(value, "to_pylist"):
        return value.type, value.to_pylist()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def near(ours, theirs) -> bool:
    if isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        return len(ours) == len(theirs) and all(map(near, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return ours == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True)
    return ours == theirs


WEIGHTS = st.one_of(
    st.none(), st.just("f4"), st.just("f8"), st.just("i4"), st.just("negative"), st.just("zero"))


@st.composite
def edges(draw):
    count = draw(st.integers(1, 12))
    nodes = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(nodes, nodes), max_size=40))
    kind = draw(WEIGHTS)
    low, width = (-1, "i4") if kind == "negative" else (0 if kind == "zero" else 1, kind)
    weights = None if kind is None else numpy.array(
        draw(st.lists(st.integers(low, 6), min_size=len(pairs), max_size=len(pairs))),
        width if kind not in ("negative", "zero") else "f8")
    making = {
        "num_nodes": count, "directed": draw(st.booleans()),
        "duplicates": draw(st.sampled_from(["keep", "merge", "first"])), "self_loops": draw(st.booleans())}
    source = numpy.array([pair[0] for pair in pairs], "i4")
    target = numpy.array([pair[1] for pair in pairs], "i8")
    return lambda: pfs.Graph.from_edges(source, target, weights, **making)


EXACT = {
    "counts": lambda g: (g.num_nodes, g.num_edges, g.is_directed, g.is_weighted),
    "csr": lambda g: g.csr(),
    "csc": lambda g: g.csc(),
    "neighbors": lambda g: g.neighbors(0),
    "out_degree": lambda g: (g.out_degree(), g.out_degree(0)),
    "in_degree": lambda g: (g.in_degree(), g.in_degree(0)),
    "bfs": lambda g: (g.bfs(0), g.bfs([0, g.num_nodes - 1]), g.bfs(0, 2), g.bfs([])),
    "dfs": lambda g: (g.dfs(0), g.dfs(0, 2)),
    "topological_sort": lambda g: g.topological_sort(),
    "dijkstra": lambda g: g.shortest_paths([0, 1 % g.num_nodes], "dijkstra"),
    "shortest_paths": lambda g: g.shortest_paths(0),
    "shortest_distances": lambda g: [g.shortest_distances(0)],
    "max_distance": lambda g: g.shortest_paths(0, max_distance=4),
    "targets": lambda g: g.shortest_paths(0, targets=[g.num_nodes - 1]),
    "bellman_ford": lambda g: g.shortest_paths(0, "bellman_ford"),
    "shortest_path": lambda g: g.shortest_path(0, g.num_nodes - 1),
    "hops": lambda g: g.shortest_path(0, g.num_nodes - 1, use_weights=False),
    "components": lambda g: g.connected_components(),
    "strong": lambda g: g.strongly_connected_components(),
    "cores": lambda g: g.core_numbers(),
    "triangle_count": lambda g: g.triangle_count(),
    "triangles": lambda g: g.triangles(),
    "bipartite": lambda g: (g.is_bipartite(), g.bipartition()),
    "forest": lambda g: g.minimum_spanning_forest(),
    "statistics": lambda g: [g.degree_statistics(kind) for kind in ("both", "in", "out")],
    "no_node": lambda g: g.bfs(99),
}
NEAR = {
    "astar": lambda g: (found := g.astar_path(0, g.num_nodes - 1)) and found.length,
    "degree_centrality": lambda g: g.degree_centrality(),
    "clustering": lambda g: (g.clustering(), g.average_clustering()),
    "transitivity": lambda g: g.transitivity(),
    "pagerank": lambda g: g.pagerank(tol=1e-14, max_iter=1000),
    "personal": lambda g: g.pagerank(tol=1e-14, max_iter=1000, personalization={0: 2, g.num_nodes - 1: 1}),
    "hits": lambda g: g.hits(tol=1e-4, max_iter=30),
    "eigenvector": lambda g: g.eigenvector_centrality(max_iter=30, tol=1e-3),
    "katz": lambda g: g.katz_centrality(alpha=0.02, beta={0: 3.0}),
    "closeness": lambda g: (g.closeness_centrality(), g.closeness_centrality([0], wf_improved=False)),
    "betweenness": lambda g: (
        g.betweenness_centrality(), g.betweenness_centrality(endpoints=True, normalized=False),
        g.betweenness_centrality(k=(g.num_nodes + 1) // 2, seed=5)),
}


@given(edges())
def test_answers_are_the_same(make):
    for name, (ours, theirs) in zip(EXACT, both(make, *EXACT.values())):
        assert ours == theirs, name


@given(edges())
def test_numbers_are_the_same_but_for_rounding(make):
    for name, (ours, theirs) in zip(NEAR, both(make, *NEAR.values())):
        assert near(ours, theirs), name


NAMES = st.sampled_from(["a", "b", "c", "ä", ""])


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=20), st.booleans())
def test_labels_are_the_same(pairs, directed):
    source, target = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    for ours, theirs in both(
            lambda: pfs.Graph.from_edges(source, pyarrow.array(target), directed=directed),
            lambda g: (g.labels, g.nodes(["b", "no"]), g.labels_of([0, -1]), g.csr()),
            lambda g: g.bfs(source[0]), lambda g: g.bfs("no"), lambda g: g.neighbors(source[0]),
            lambda g: g.labeled(range(g.num_nodes)).labels):
        assert ours == theirs


@pytest.mark.parametrize("make", [
    lambda: pfs.Graph.from_edges([0, 1], [1, -1]), lambda: pfs.Graph.from_edges([0], [1, 2]),
    lambda: pfs.Graph.from_edges([0, 5], [1, 2], num_nodes=3),
    lambda: pfs.Graph.from_edges([0], [1 << 30]), lambda: pfs.Graph.from_edges([0.5], [1]),
    lambda: pfs.Graph.from_edges(["a", None], ["b", "c"]), lambda: pfs.Graph.from_edges([0], [1], duplicates="no"),
    lambda: pfs.Graph.from_csr([0, 2, 1], [0, 1]), lambda: pfs.Graph.from_csr([0, 1], [7]),
    lambda: pfs.Graph.from_csr([0, 1, 1], [1], directed=False)])
def test_edges_that_are_wrong_are_errors_in_both(make):
    [(ours, theirs)] = both(make)
    assert ours == theirs and isinstance(ours, str)


def test_other_ways_to_make_a_graph():
    table = pyarrow.table({"a": [0, 1, 2], "b": [1, 2, 0], "w": [1.0, 2.0, 3.0]})
    for ours, theirs in [
            *both(lambda: pfs.Graph.from_table(table, "a", "b", "w"), EXACT["csr"]),
            *both(lambda: pfs.Graph.from_csr([0, 2, 3], [1, 0, 0], [2.0, 1.0, 4.0]), EXACT["csr"]),
            *both(lambda: pfs.Graph.from_edges([3, 70000], [70000, 9], labels=True), lambda g: (
                g.labels, g.nodes([9, 8]), g.bfs(3)))]:
        assert ours == theirs and not isinstance(ours, str)


def test_progress_and_cancelling():
    pfs.set_config(graph_enabled=False)
    graph = pfs.Graph.from_edges([0, 1, 2], [1, 2, 0])
    calls = []
    graph.bfs(0, progress=lambda level, residual: calls.append((level, residual)))
    assert calls[:2] == [(1, None), (2, None)]
    with pytest.raises(ZeroDivisionError):
        graph.pagerank(progress=lambda iteration, residual: 1 / 0)
    token = pfs.CancellationToken()
    token.cancel()
    with pytest.raises(pfs.CancelledError):
        graph.bfs(0, cancel=token)
    with pytest.raises(pfs.EngineUnavailableError, match="leiden"):
        graph.leiden()


def test_without_the_shared_library(tmp_path):
    code = (
        "import parquetframe_swift as pfs; g = pfs.Graph.from_edges(['a', 'b'], ['b', 'c']);"
        "print(g.bfs('a')[0].to_pylist(), g.labels.to_pylist())")
    environment = {**os.environ, "PARQUETFRAME_SWIFT_LIBRARY": str(tmp_path / "none.so")}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "[0, 1, 2] ['a', 'b', 'c']\n"


def test_without_other_libraries(monkeypatch):
    pfs.set_config(graph_enabled=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(pfs.EngineUnavailableError, match="numpy"):
        pfs.Graph.from_edges([0], [1])
