"""Paths and orders of graphs, beside NetworkX and scipy."""

import math

import networkx
import numpy
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs

METHODS = ["auto", "dijkstra", "delta_stepping", "bellman_ford"]


@st.composite
def weighted_graphs(draw, least: int = 0):
    """(nodes, edges as (source, target, weight)); integers, so that sums are exact."""
    nodes = draw(st.integers(1, 30))
    node = st.integers(0, nodes - 1)
    return nodes, draw(st.lists(st.tuples(node, node, st.integers(least, 9)), max_size=90))


def graph_of(nodes: int, edges: list, directed: bool = True, width: str = "f8", weighted: bool = True) -> pfs.Graph:
    return pfs.Graph.from_edges(
        [edge[0] for edge in edges], [edge[1] for edge in edges],
        numpy.array([edge[2] for edge in edges], width) if weighted else None, num_nodes=nodes, directed=directed)


def theirs_of(nodes: int, edges: list, directed: bool = True):
    theirs = (networkx.MultiDiGraph if directed else networkx.MultiGraph)()
    theirs.add_nodes_from(range(nodes))
    theirs.add_weighted_edges_from(edges)
    return theirs


def length_of(edges: list, path: list, directed: bool) -> float:
    """The length of a path; infinite if it is none."""
    least = {}
    for source, target, weight in edges:
        for ends in [(source, target)] if directed else [(source, target), (target, source)]:
            least[ends] = min(weight, least.get(ends, math.inf))
    return sum(least.get(ends, math.inf) for ends in zip(path, path[1:]))


@settings(max_examples=150, deadline=None)
@given(weighted_graphs(), st.booleans(), st.sampled_from(["f4", "f8"]), st.sampled_from(METHODS), st.data())
def test_shortest_paths_are_those_of_networkx(made, directed, width, method, data):
    nodes, edges = made
    graph = graph_of(nodes, edges, directed, width)
    sources = data.draw(st.lists(st.integers(0, nodes - 1), min_size=1, max_size=3))
    limit = data.draw(st.none() | st.integers(0, 30))
    delta = data.draw(st.sampled_from([None, 0.5, 3, 1e6])) if method == "delta_stepping" else None
    expected = networkx.multi_source_dijkstra_path_length(theirs_of(nodes, edges, directed), set(sources), cutoff=limit)
    paths = graph.shortest_paths(sources, method, max_distance=limit, delta=delta, threads=2)
    assert paths.distances.to_numpy().dtype == numpy.float64
    assert paths.predecessors.to_numpy().dtype == numpy.int32
    assert paths.distances.to_pylist() == [expected.get(node, math.inf) for node in range(nodes)]
    alone = graph.shortest_distances(sources, method, max_distance=limit, delta=delta, threads=2)
    assert alone.to_pylist() == paths.distances.to_pylist()
    assert paths.predecessors.to_pylist() == graph.shortest_paths(
        sources, "dijkstra", max_distance=limit).predecessors.to_pylist()
    for node in range(nodes):
        path = paths.path_to(node)
        if node not in expected:
            assert path is None
            continue
        assert path[0] in sources and path[-1] == node
        assert length_of(edges, path, directed) == expected[node]


@settings(max_examples=80, deadline=None)
@given(weighted_graphs(least=-2), st.data())
def test_negative_weights_and_cycles(made, data):
    nodes, edges = made
    source = data.draw(st.integers(0, nodes - 1))
    graph = graph_of(nodes, edges)
    try:
        expected = networkx.single_source_bellman_ford_path_length(theirs_of(nodes, edges), source)
    except networkx.NetworkXUnbounded:
        with pytest.raises(pfs.GraphError) as caught:
            graph.shortest_paths(source)
        cycle = caught.value.cycle
        assert length_of(edges, [*cycle, cycle[0]], True) < 0
        return
    distances, _ = graph.shortest_paths(source)
    assert distances.to_pylist() == [expected.get(node, math.inf) for node in range(nodes)]
    if any(weight < 0 for _, _, weight in edges):
        with pytest.raises(pfs.GraphError, match="has the weight -") as caught:
            graph.shortest_paths(source, "dijkstra")
        assert caught.value.edge in {edge[:2] for edge in edges if edge[2] < 0}


def test_shortest_paths_are_those_of_scipy():
    random = numpy.random.default_rng(5)
    nodes, count = 5000, 40_000
    source, target = random.integers(0, nodes, (2, count))
    for width in ("f4", "f8"):
        weights = random.random(count).astype(width)
        graph = pfs.Graph.from_edges(source, target, weights, num_nodes=nodes, duplicates="first")
        # Parallel edges would be added up there.
        expected = scipy.sparse.csgraph.dijkstra(graph.to_scipy().astype("f8"), indices=17)
        for method in METHODS:
            for threads in (1, 2, 3):
                distances, _ = graph.shortest_paths(17, method, threads=threads)
                assert distances.to_numpy().tobytes() == expected.tobytes()
                alone = graph.shortest_distances(17, method, threads=threads)
                assert alone.to_numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("delta", [None, 1e-5, 1e6])
def test_paths_of_a_graph_beyond_the_cache_are_those_of_scipy(delta):
    """Large enough for bounds of distances, in their range and beyond it on both sides."""
    random = numpy.random.default_rng(6)
    nodes, count = (1 << 19) + 100, 9 << 19
    source, target = random.integers(0, nodes, (2, count), dtype=numpy.int32)
    weights = random.integers(1, 257, count).astype("f8")
    graph = pfs.Graph.from_edges(source, target, weights, num_nodes=nodes, duplicates="first")
    expected = scipy.sparse.csgraph.dijkstra(graph.to_scipy(), indices=17)
    answers = [graph.shortest_paths(17, "delta_stepping", delta=delta, threads=threads) for threads in (1, 2, 3)]
    for distances, predecessors in answers:
        assert distances.to_numpy().tobytes() == expected.tobytes()
        assert predecessors.to_numpy().tobytes() == answers[0].predecessors.to_numpy().tobytes()


def test_a_search_ends_at_its_targets():
    graph = pfs.Graph.from_edges([0, 1, 2, 3], [1, 2, 3, 4], [1.0, 1.0, 1.0, 1.0])
    paths = graph.shortest_paths(0, targets=2)
    assert paths.distances.to_pylist() == [0, 1, 2, math.inf, math.inf]
    assert (paths.path_to(2), paths.path_to(4)) == ([0, 1, 2], None)


def test_what_is_no_question_is_refused():
    graph = pfs.Graph.from_edges([0, 1], [1, 2], [1.0, 2.0])
    for wrong in ({"method": "floyd"}, {"delta": 0.0}, {"delta": -1.0, "method": "delta_stepping"},
                  {"max_distance": -1.0}, {"max_distance": math.nan}):
        with pytest.raises(pfs.ArgumentError):
            graph.shortest_paths(0, **wrong)
    for call in (lambda: graph.shortest_paths(3), lambda: graph.shortest_paths(0, targets=3),
                 lambda: graph.shortest_path(0, 3), lambda: graph.shortest_path(-1, 0),
                 lambda: graph.astar_path(0, 3), lambda: graph.dfs(3)):
        with pytest.raises(pfs.OutOfRangeError):
            call()
    with pytest.raises(pfs.GraphError, match="from 1 to 2"):
        pfs.Graph.from_edges([0, 1], [1, 2], [1.0, math.nan]).shortest_paths(0)
    with pytest.raises(pfs.ArgumentError, match="cycle"):
        from parquetframe_swift._graph.paths import path_to

        path_to(0, [1, 0])


@settings(max_examples=120, deadline=None)
@given(weighted_graphs(), st.booleans(), st.booleans(), st.data())
def test_one_path(made, directed, use_weights, data):
    nodes, edges = made
    if not use_weights:
        edges = [(source, target, 1) for source, target, _ in edges]
    graph = graph_of(nodes, edges, directed, weighted=data.draw(st.booleans()) or use_weights)
    source, target = data.draw(st.tuples(*[st.integers(0, nodes - 1)] * 2))
    expected = networkx.single_source_dijkstra_path_length(theirs_of(nodes, edges, directed), source)
    path = graph.shortest_path(source, target, use_weights=use_weights)
    to_target = networkx.single_source_dijkstra_path_length(
        theirs_of(nodes, [(b, a, w) for a, b, w in edges], directed), target)
    bounds = [float(to_target.get(node, math.inf)) for node in range(nodes)]
    loose = [bound if bound == math.inf else float(int(bound * data.draw(st.sampled_from([0, 0.5, 1])))) for bound in bounds]
    asked = []

    def heuristic(node):
        asked.append(node)
        return loose[node]

    found = [path, *(graph.astar_path(source, target, hint) for hint in (
        bounds, numpy.array(bounds), numpy.array(loose, "f4"), heuristic, None))]
    assert len(asked) == len(set(asked))
    for path in found:
        if target not in expected:
            assert path is None
            continue
        nodes_on_it = path.nodes.to_pylist()
        assert (nodes_on_it[0], nodes_on_it[-1]) == (source, target)
        assert path.length == expected[target] == length_of(edges, nodes_on_it, directed)


def test_a_heuristic_that_fails():
    graph = pfs.Graph.from_edges([0, 1], [1, 2], [1.0, 2.0])

    def broken(node):
        raise KeyError(node)

    with pytest.raises(KeyError):
        graph.astar_path(0, 2, broken)
    for wrong in (lambda node: -1.0, [0.0, math.nan, 0.0], [0.0, 0.0]):
        with pytest.raises(pfs.ArgumentError, match="heuristic"):
            graph.astar_path(0, 2, wrong)
    token = pfs.CancellationToken()
    token.cancel()
    with pytest.raises(pfs.CancelledError):
        graph.astar_path(0, 2, cancel=token)


@settings(max_examples=100, deadline=None)
@given(weighted_graphs(), st.booleans(), st.data())
def test_depth_first_is_that_of_networkx(made, directed, data):
    nodes, edges = made
    source = data.draw(st.integers(0, nodes - 1))
    theirs = (networkx.DiGraph if directed else networkx.Graph)()
    theirs.add_nodes_from(range(nodes))
    ends = sorted((a, b) for source, target, _ in edges for a, b in [(source, target), (target, source)][:2 - directed])
    for node in range(nodes):  # neighbours in ascending order
        theirs.add_edges_from((a, b) for a, b in ends if a == node)
    preorder, postorder, predecessors = (part.to_pylist() for part in graph_of(nodes, edges, directed).dfs(source))
    assert preorder == list(networkx.dfs_preorder_nodes(theirs, source, sort_neighbors=sorted))
    assert postorder == list(networkx.dfs_postorder_nodes(theirs, source, sort_neighbors=sorted))
    before = networkx.dfs_predecessors(theirs, source, sort_neighbors=sorted)
    assert predecessors == [before.get(node, -1) for node in preorder]
    assert graph_of(nodes, edges, directed).dfs(source, 0).preorder.to_pylist() == [source]


@settings(max_examples=100, deadline=None)
@given(weighted_graphs(), st.booleans())
def test_topological_order(made, acyclic):
    nodes, edges = made
    if acyclic:
        edges = [(min(a, b), max(a, b), w) for a, b, w in edges if a != b]
    graph = graph_of(nodes, edges)
    pairs = {edge[:2] for edge in edges}
    try:
        order = graph.topological_sort().to_pylist()
    except pfs.GraphError as error:
        assert not networkx.is_directed_acyclic_graph(theirs_of(nodes, edges))
        assert all(ends in pairs for ends in zip(error.cycle, [*error.cycle[1:], error.cycle[0]]))
        assert error.cycle[0] == min(error.cycle) and len(set(error.cycle)) == len(error.cycle)
        return
    assert sorted(order) == list(range(nodes))
    assert all(order.index(a) < order.index(b) for a, b in pairs)
    with pytest.raises(pfs.ArgumentError, match="with directions"):
        graph_of(nodes, edges, directed=False).topological_sort()


@settings(max_examples=100, deadline=None)
@given(weighted_graphs(), st.booleans(), st.booleans())
def test_bipartition(made, directed, even):
    nodes, edges = made
    if even:
        edges = [edge for edge in edges if (edge[0] + edge[1]) % 2]
    graph = graph_of(nodes, edges, directed)
    pairs = {ends for a, b, _ in edges for ends in ((a, b), (b, a))}
    assert graph.is_bipartite() == networkx.is_bipartite(theirs_of(nodes, edges, False))
    try:
        sides = graph.bipartition().to_pylist()
    except pfs.GraphError as error:
        assert not graph.is_bipartite() and len(error.cycle) % 2
        assert all(ends in pairs for ends in zip(error.cycle, [*error.cycle[1:], error.cycle[0]]))
        return
    assert all(sides[a] + sides[b] == 1 for a, b in pairs)
    for component in networkx.connected_components(theirs_of(nodes, edges, False)):
        assert sides[min(component)] == 0


@settings(max_examples=100, deadline=None)
@given(weighted_graphs(least=-3))
def test_spanning_forest(made):
    nodes, edges = made
    theirs = theirs_of(nodes, edges, False)
    forest = graph_of(nodes, edges, False).minimum_spanning_forest(threads=2)
    ends = list(zip(forest.source.to_pylist(), forest.target.to_pylist()))
    assert ends == sorted(set(ends)) and all(a < b for a, b in ends)
    assert len(ends) == nodes - networkx.number_connected_components(theirs)
    assert networkx.is_forest(networkx.Graph(ends)) if ends else True
    least = networkx.minimum_spanning_edges(theirs, data=True)
    assert forest.total_weight == sum(data["weight"] for *_, data in least) == sum(forest.weight.to_pylist())
    with pytest.raises(pfs.ArgumentError, match="without directions"):
        graph_of(nodes, edges).minimum_spanning_forest()
