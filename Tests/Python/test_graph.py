"""Graphs: how they are made from arrays, tables and files, and the kernels beside NetworkX and scipy."""

import array

import networkx
import numpy
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs

SOURCE = [0, 0, 1, 3, 3, 2]
TARGET = [1, 2, 2, 0, 3, 1]


def lists(adjacency) -> list:
    indptr, indices = adjacency.indptr.to_pylist(), adjacency.indices.to_pylist()
    return [indices[start:end] for start, end in zip(indptr, indptr[1:])]


def graph_of(nodes: int, edges: list, directed: bool = True) -> pfs.Graph:
    return pfs.Graph.from_edges(
        [source for source, _ in edges], [target for _, target in edges], num_nodes=nodes,
        directed=directed)


# ---- Making ------------------------------------------------------------------------------------

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


@pytest.mark.parametrize("width", INTEGERS)
@pytest.mark.parametrize("kind", ["numpy", "pyarrow", "array", "strided", "unaligned", "list"])
def test_edges_of_any_kind_and_width(kind, width):
    def column(values):
        made = numpy.array(values, width)
        if kind == "pyarrow":
            return pyarrow.array([9, *values, 9], pyarrow.from_numpy_dtype(made.dtype))[1:-1]
        if kind == "array":
            return array.array(made.dtype.char, values)
        if kind == "strided":
            return numpy.repeat(made, 2)[::2]
        if kind == "unaligned":
            return numpy.frombuffer(b"x" + made.tobytes(), made.dtype, offset=1)
        return list(values) if kind == "list" else made

    graph = pfs.Graph.from_edges(column(SOURCE), column(TARGET))
    assert (graph.num_nodes, graph.num_edges) == (4, 6)
    assert lists(graph.csr()) == [[1, 2], [2], [1], [0, 3]]
    assert lists(graph.csc()) == [[3], [0, 2], [0, 1], [3]]


@pytest.mark.parametrize("width", ["i4", "i8"])
def test_arrays_are_borrowed(width, monkeypatch):
    """What the engine is given is the memory of the caller's arrays."""
    from parquetframe_swift import _ffi

    given, create = [], _ffi.create
    monkeypatch.setattr(_ffi, "create", lambda name, *rest, **more: given.append(rest) or create(name, *rest, **more))
    source, target = numpy.array(SOURCE, width), numpy.array(TARGET, width)
    weights = numpy.ones(len(source), "f8")
    pfs.Graph.from_edges(source, target, weights)
    assert [given[0][place] for place in (0, 2, 4)] == [
        column.__array_interface__["data"][0] for column in (source, target, weights)]


def test_iterators_are_read_once():
    graph = pfs.Graph.from_edges(iter(SOURCE), (node for node in TARGET))
    assert lists(graph.csr()) == [[1, 2], [2], [1], [0, 3]]


def test_read_only_and_foreign_columns_are_taken():
    source = numpy.array(SOURCE)
    source.flags.writeable = False
    polars = pytest.importorskip("polars")
    graph = pfs.Graph.from_edges(source, polars.Series(TARGET))
    assert lists(graph.csr()) == [[1, 2], [2], [1], [0, 3]]


def test_weights_stay_float32_or_become_float64():
    for width, expected in [("f4", "float"), ("f8", "double"), ("i4", "double"), ("u8", "double")]:
        graph = pfs.Graph.from_edges(SOURCE, TARGET, numpy.array([1, 2, 3, 4, 5, 6], width))
        assert graph.is_weighted
        assert graph.csr().weights.type == expected
        assert graph.csr().weights.to_pylist() == [1, 2, 3, 6, 4, 5]
        assert graph.csc().weights.to_pylist() == [4, 1, 6, 2, 3, 5]


def test_columns_share_the_memory_of_the_graph():
    graph = pfs.Graph.from_edges(SOURCE, TARGET)
    first, second = numpy.asarray(graph.csr().indices), graph.csr().indices.to_numpy()
    assert first.dtype == numpy.int32 and numpy.shares_memory(first, second)
    del graph
    assert first.tolist() == [1, 2, 2, 1, 0, 3]


def test_undirected_edges_count_once_and_lead_both_ways():
    graph = pfs.Graph.from_edges(SOURCE, TARGET, directed=False)
    assert (graph.num_edges, graph.is_directed) == (6, False)
    assert lists(graph.csr()) == [[1, 2, 3], [0, 2, 2], [0, 1, 1], [0, 3]]
    assert lists(graph.csc()) == lists(graph.csr())
    assert "undirected" in repr(graph)


def test_duplicates_and_self_loops():
    weights = [1.0, 2.0, 4.0, 8.0]
    make = lambda **options: pfs.Graph.from_edges([0, 1, 0, 0], [1, 1, 1, 1], weights, **options)
    assert make().csr().weights.to_pylist() == [1, 4, 8, 2]
    assert make(duplicates="merge").csr().weights.to_pylist() == [13, 2]
    assert make(duplicates="first").csr().weights.to_pylist() == [1, 2]
    assert make(self_loops=False).num_edges == 3
    with pytest.raises(pfs.ArgumentError, match="keep"):
        make(duplicates="last")


def test_tables_and_files(tmp_path):
    table = pyarrow.table({"from": SOURCE, "to": TARGET, "km": [1.5] * 6, "other": ["x"] * 6})
    graph = pfs.Graph.from_table(table, "from", "to", "km")
    assert lists(graph.csr()) == [[1, 2], [2], [1], [0, 3]]
    chunked = pyarrow.concat_tables([table.slice(0, 2), table.slice(2)])
    assert lists(pfs.Graph.from_table(chunked, "from", "to").csr()) == lists(graph.csr())

    pyarrow.parquet.write_table(table, tmp_path / "edges.parquet")
    (tmp_path / "edges.csv").write_text(
        "from,to,km\n" + "".join(f"{a},{b},1.5\n" for a, b in zip(SOURCE, TARGET)))
    for name in ("edges.parquet", "edges.csv"):
        read = pfs.Graph.from_file(tmp_path / name, source="from", target="to", weight="km")
        assert lists(read.csr()) == lists(graph.csr())
        assert read.csr().weights.to_pylist() == [1.5] * 6
    with pytest.raises(pfs.UnknownColumnError):
        pfs.Graph.from_table(table, "from", "too")
    with pytest.raises(pfs.ArgumentError, match="from_table"):
        pfs.Graph.from_file(tmp_path / "edges.bin")


def test_what_is_no_edge_is_refused_with_its_place():
    with pytest.raises(pfs.ArgumentError, match="target of edge 2 is 7") as caught:
        pfs.Graph.from_edges([0, 1, 2], [1, 2, 7], num_nodes=3)
    assert caught.value.details["position"] == 2
    with pytest.raises(pfs.ArgumentError, match="source of edge 1 is -1"):
        pfs.Graph.from_edges([0, -1], [0, 0])
    with pytest.raises(pfs.ArgumentError, match="32-bit"):
        pfs.Graph.from_edges([1 << 40], [0])
    with pytest.raises(pfs.ArgumentError, match="number of nodes"):
        pfs.Graph.from_edges([0], [2_000_000_000])
    with pytest.raises(pfs.ArgumentError, match="3 values of source and 2 of target"):
        pfs.Graph.from_edges([0, 1, 2], [1, 2])
    with pytest.raises(pfs.ArgumentError, match="nulls"):
        pfs.Graph.from_edges(pyarrow.array([0, None]), [1, 2])
    with pytest.raises(pfs.ArgumentError, match="null"):
        pfs.Graph.from_table(pyarrow.table({"source": [0, None], "target": [1, 2]}))
    with pytest.raises(pfs.ArgumentError, match="type of source"):
        pfs.Graph.from_edges([0.5], [1])
    with pytest.raises(pfs.ArgumentError, match="numbers"):
        pfs.Graph.from_edges([{}], [{}])
    with pytest.raises(pfs.ArgumentError, match="dimensions"):
        pfs.Graph.from_edges(numpy.zeros((2, 2), int), [0, 1])
    with pytest.raises(TypeError):
        pfs.Graph()


def test_empty_graphs():
    graph = pfs.Graph.from_edges([], [])
    assert (graph.num_nodes, graph.num_edges) == (0, 0)
    assert graph.csr().indptr.to_pylist() == [0]
    assert [len(part) for part in graph.bfs([])] == [0, 0]
    assert pfs.Graph.from_edges([], [], num_nodes=3).out_degree().to_pylist() == [0, 0, 0]


def test_degrees_and_neighbors():
    graph = pfs.Graph.from_edges(SOURCE, TARGET)
    assert graph.out_degree().to_pylist() == [2, 1, 1, 2]
    assert graph.in_degree().to_pylist() == [1, 2, 2, 1]
    assert (graph.out_degree(3), graph.in_degree(1)) == (2, 2)
    assert graph.neighbors(0).to_pylist() == [1, 2]
    for call in (graph.neighbors, graph.out_degree, graph.in_degree):
        with pytest.raises(pfs.OutOfRangeError):
            call(4)


def test_other_libraries_take_a_graph():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    graph = pfs.Graph.from_edges(SOURCE, TARGET, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    matrix = graph.to_scipy()
    assert isinstance(matrix, scipy_sparse.csr_array)
    assert matrix.toarray()[3].tolist() == [4, 0, 0, 5]
    theirs = graph.to_networkx()
    assert isinstance(theirs, networkx.DiGraph) and theirs[3][3]["weight"] == 5
    assert isinstance(pfs.Graph.from_edges([0, 0], [1, 1], directed=False).to_networkx(), networkx.MultiGraph)
    undirected = pfs.Graph.from_edges(SOURCE, TARGET, directed=False, duplicates="first").to_networkx()
    assert sorted(map(sorted, undirected.edges)) == [[0, 1], [0, 2], [0, 3], [1, 2], [3, 3]]


# ---- Kernels -----------------------------------------------------------------------------------

@st.composite
def graphs(draw):
    nodes = draw(st.integers(1, 40))
    node = st.integers(0, nodes - 1)
    return nodes, draw(st.lists(st.tuples(node, node), max_size=120))


@settings(max_examples=150, deadline=None)
@given(graphs(), st.booleans(), st.booleans(), st.data())
def test_bfs_is_that_of_networkx(made, directed, with_csc, data):
    nodes, edges = made
    graph = graph_of(nodes, edges, directed)
    if with_csc:
        graph.csc()
    source = data.draw(st.integers(0, nodes - 1))
    depth = data.draw(st.none() | st.integers(0, 5))
    theirs = (networkx.DiGraph if directed else networkx.Graph)()
    theirs.add_nodes_from(range(nodes))
    theirs.add_edges_from(edges)
    lengths = networkx.single_source_shortest_path_length(theirs, source, cutoff=depth)
    distances, predecessors = (part.to_pylist() for part in graph.bfs(source, depth, threads=2))
    assert distances == [lengths.get(node, -1) for node in range(nodes)]
    for node, predecessor in enumerate(predecessors):
        nearer = [
            other for other in (theirs.predecessors(node) if directed else theirs.neighbors(node))
            if distances[node] > 0 and distances[other] == distances[node] - 1]
        assert predecessor == min(nearer, default=-1)


def labels_of(groups, nodes: int) -> list:
    labels = [0] * nodes
    for group in groups:
        for node in group:
            labels[node] = min(group)
    return labels


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans(), st.booleans())
def test_components_are_those_of_networkx(made, directed, with_csc):
    nodes, edges = made
    graph = graph_of(nodes, edges, directed)
    if with_csc:
        graph.csc()
    theirs = networkx.MultiDiGraph()
    theirs.add_nodes_from(range(nodes))
    theirs.add_edges_from(edges)
    weak = labels_of(networkx.weakly_connected_components(theirs), nodes)
    assert graph.connected_components(threads=2).to_pylist() == weak
    strong = labels_of(networkx.strongly_connected_components(theirs), nodes) if directed else weak
    assert graph.strongly_connected_components(threads=2).to_pylist() == strong


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_cores_and_triangles_are_those_of_networkx(made):
    nodes, edges = made
    theirs = networkx.Graph()
    theirs.add_nodes_from(range(nodes))
    theirs.add_edges_from((source, target) for source, target in edges if source != target)
    graph = pfs.Graph.from_edges(
        [source for source, _ in edges], [target for _, target in edges], num_nodes=nodes, directed=False,
        duplicates="first", self_loops=False)
    cores = networkx.core_number(theirs)
    assert graph.core_numbers(threads=2).to_pylist() == [cores[node] for node in range(nodes)]
    assert graph.triangle_count(threads=2) == sum(networkx.triangles(theirs).values()) // 3
    for kernel in ("core_numbers", "triangle_count"):
        with pytest.raises(pfs.ArgumentError, match="without directions"):
            getattr(graph_of(nodes, edges), kernel)()


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans(), st.booleans(), st.data())
def test_pagerank_is_that_of_networkx(made, directed, weighted, data):
    nodes, edges = made
    weights = data.draw(st.lists(st.integers(0, 9), min_size=len(edges), max_size=len(edges))) if weighted else None
    graph = pfs.Graph.from_edges(
        [source for source, _ in edges], [target for _, target in edges], weights, num_nodes=nodes,
        directed=directed)
    theirs = (networkx.MultiDiGraph if directed else networkx.MultiGraph)()
    theirs.add_nodes_from(range(nodes))
    for index, (source, target) in enumerate(edges):
        theirs.add_edge(source, target, weight=weights[index] if weighted else 1)
    alpha = data.draw(st.sampled_from([0.5, 0.85]))
    wanted = data.draw(st.none() | st.dictionaries(st.integers(0, nodes - 1), st.integers(1, 5), min_size=1))
    expected = networkx.pagerank(theirs, alpha, wanted, max_iter=1000, tol=1e-12)
    ranks = graph.pagerank(alpha, 1e-12, 1000, wanted, threads=2).to_numpy()
    assert ranks.sum() == pytest.approx(1, abs=1e-12)
    assert numpy.abs(ranks - [expected[node] for node in range(nodes)]).sum() < 1e-9
    if wanted is not None:
        dense = [wanted.get(node, 0) for node in range(nodes)]
        assert graph.pagerank(alpha, 1e-12, 1000, dense).to_numpy().tolist() == ranks.tolist()


def test_pagerank_says_why_there_is_no_answer():
    graph = graph_of(4, [(0, 1), (1, 2), (2, 0), (3, 0)])
    with pytest.raises(pfs.GraphError, match="no convergence in 2 iterations") as caught:
        graph.pagerank(tol=1e-12, max_iter=2)
    assert caught.value.iterations == 2
    negative = pfs.Graph.from_edges([0, 1], [1, 0], [1.0, -2.0])
    with pytest.raises(pfs.GraphError, match="from 1 to 0") as caught:
        negative.pagerank()
    assert caught.value.edge == (1, 0)
    assert negative.pagerank(use_weights=False).to_pylist() == [0.5, 0.5]
    for wrong in ({"alpha": 1.5}, {"max_iter": 0}, {"personalization": [0, 0, 0, 0]}, {"personalization": [1]}):
        with pytest.raises(pfs.ArgumentError):
            graph.pagerank(**wrong)
    with pytest.raises(pfs.OutOfRangeError):
        graph.pagerank(personalization={4: 1})


def test_bfs_from_many_sources_and_bad_ones():
    graph = graph_of(6, [(0, 1), (1, 2), (5, 4)])
    distances, predecessors = graph.bfs(numpy.array([0, 5]))
    assert distances.to_numpy().dtype == numpy.int32
    assert distances.to_pylist() == [0, 1, 2, -1, 1, 0]
    assert predecessors.to_pylist() == [-1, 0, 1, -1, 5, -1]
    for bad in (-1, 6, 1 << 70):
        with pytest.raises((pfs.OutOfRangeError, pfs.ArgumentError)):
            graph.bfs(bad)
    with pytest.raises(pfs.ArgumentError):
        graph.bfs(0, max_depth=-1)


def test_a_token_stops_a_kernel():
    token = pfs.CancellationToken()
    token.cancel()
    with pytest.raises(pfs.CancelledError):
        graph_of(3, [(0, 1)]).bfs(0, cancel=token)
    with pytest.raises(pfs.CancelledError):
        pfs.Graph.from_edges([0], [1], cancel=token)


@pytest.mark.parametrize("kernel", [
    "pagerank", "hits", "eigenvector_centrality", "katz_centrality", "label_propagation", "louvain", "leiden",
    "minimum_spanning_forest", "shortest_paths"])
def test_progress_of_all_that_iterate(kernel):
    ring = list(range(40))
    graph = pfs.Graph.from_edges(ring, ring[1:] + ring[:1], directed=False)
    arguments = {"sources": 0, "method": "bellman_ford"} if kernel == "shortest_paths" else {}
    told = []
    getattr(graph, kernel)(**arguments, progress=lambda iteration, residual: told.append(iteration))
    assert told and told == sorted(told)

    def stop(iteration, residual):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        getattr(graph, kernel)(**arguments, progress=stop)
