"""Graphs whose nodes have names, graphs over lists that exist, and kernels that tell how far they are."""

import datetime
import decimal
import gc

import networkx
import numpy
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import parquetframe_swift as pfs


def numbered(source, target) -> tuple:
    """The labels by where they come first, and the edges by their places."""
    places = {}
    for ends in zip(source, target):
        for label in ends:
            places.setdefault(label, len(places))
    return list(places), [(places[a], places[b]) for a, b in zip(source, target)]


def edges_of(graph) -> list:
    indptr, indices = graph.csr().indptr.to_pylist(), graph.csr().indices.to_pylist()
    return [(node, other) for node in range(graph.num_nodes) for other in indices[indptr[node]:indptr[node + 1]]]


def check(graph, source, target):
    labels, edges = numbered(source, target)
    assert graph.labels.to_pylist() == labels
    assert edges_of(graph) == sorted(edges)
    assert graph.nodes(graph.labels).to_pylist() == list(range(len(labels)))


# ---- Names -------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["", "a", "b" * 40])
edges = st.lists(st.tuples(texts, texts), min_size=1, max_size=60)


@settings(max_examples=150, deadline=None)
@given(edges, st.integers(1, 3))
def test_names_are_numbered_as_by_a_dict(made, threads):
    source, target = map(list, zip(*made))
    check(pfs.Graph.from_edges(source, target, threads=threads), source, target)


KINDS = {
    "utf8": lambda v: pyarrow.array(v, "string"),
    "large": lambda v: pyarrow.array(v, pyarrow.large_string()),
    "views": lambda v: pyarrow.array(v, pyarrow.string_view()),
    "dictionary": lambda v: pyarrow.array(v, "string").dictionary_encode(),
    "small dictionary": lambda v: pyarrow.array(v, pyarrow.dictionary(pyarrow.int8(), pyarrow.large_string())),
    "sliced": lambda v: pyarrow.array(["zz", *v, "zz"], "string")[1:-1],
    "chunked": lambda v: pyarrow.chunked_array([v[:1], [], v[1:]], "string"),
    "numpy U": lambda v: numpy.array(v),
    "numpy O": lambda v: numpy.array(v, object),
    "tuple": tuple,
    "iterator": iter,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ["utf8", "views", "dictionary", "chunked"])
def test_names_in_any_layout(kind, other):
    source = ["a", "b", "", "a", "a rather long name, longer than a view", "ü"]
    target = ["b", "b", "a", "c", "a", "a rather long name, longer than a view"]
    check(pfs.Graph.from_edges(KINDS[kind](source), KINDS[other](target)), source, target)
    check(pfs.Graph.from_edges(KINDS[other](source), KINDS[kind](target)), source, target)


def test_names_of_other_libraries():
    source, target = ["a", "b", "a"], ["b", "c", "c"]
    for name in ("polars", "pandas"):
        library = pytest.importorskip(name)
        check(pfs.Graph.from_edges(library.Series(source), library.Series(target)), source, target)
        frame = library.DataFrame({"source": source, "target": target})
        check(pfs.Graph.from_table(pyarrow.table(frame.to_dict("list") if name == "pandas" else frame)),
              source, target)


WIDTHS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WIDTHS), st.sampled_from(WIDTHS), st.data())
def test_integers_of_any_width_are_names(first, second, data):
    if "u8" in (first, second) and first[0] != second[0]:
        second = first
    def column(width):
        limits = numpy.iinfo(width)
        few = st.integers(0, 9) | st.sampled_from([int(limits.min), int(limits.max)])
        return st.lists(few | st.integers(int(limits.min), int(limits.max)), min_size=8, max_size=8)
    source, target = data.draw(column(first)), data.draw(column(second))
    made = pfs.Graph.from_edges(
        numpy.array(source, first), numpy.array(target, second), labels=True, threads=2)
    check(made, source, target)
    assert made.nodes(source).to_pylist() == [made.labels.to_pylist().index(label) for label in source]


def test_other_names():
    days = [datetime.date(2026, 1, day) for day in (5, 6, 5)]
    numbers = [decimal.Decimal("1.50"), decimal.Decimal("2.50"), decimal.Decimal("1.50")]
    for values in (days, numbers, [b"\x00", b"\xff\x00", b"\x00"]):
        column = pyarrow.array(values)
        graph = pfs.Graph.from_edges(column, column, labels=True)
        check(graph, values, values)
        assert graph.bfs(values[1])[0].to_pylist() == [-1, 0]
    floats = numpy.array([0.5, 1.5])
    with pytest.raises(pfs.ArgumentError, match="type of source"):
        pfs.Graph.from_edges(floats, floats, labels=True)
    with pytest.raises(pfs.ArgumentError, match="type of source"):
        pfs.Graph.from_edges(["a"], ["b"], labels=False)


def test_tables_and_files_with_names(tmp_path):
    source, target = ["a", "b", "a"] * 50, ["b", "c", "c"] * 50
    table = pyarrow.table({"from": source, "to": target, "w": [0.5] * 150})
    chunked = pyarrow.concat_tables([table.slice(0, 7), table.slice(7)])
    for data in (table, chunked):
        graph = pfs.Graph.from_table(data, "from", "to", "w")
        check(graph, source, target)
        assert graph.csr().weights.to_pylist() == [0.5] * 150
    pyarrow.parquet.write_table(table, tmp_path / "edges.parquet", row_group_size=40)
    (tmp_path / "edges.csv").write_text("from,to\n" + "".join(f"{a},{b}\n" for a, b in zip(source, target)))
    check(pfs.Graph.from_file(tmp_path / "edges.parquet", "from", "to"), source, target)
    check(pfs.Graph.from_file(tmp_path / "edges.csv", "from", "to"), source, target)
    ids = pyarrow.table({"source": [1 << 40, -5], "target": [-5, 7]})
    check(pfs.Graph.from_table(ids, labels=True), [1 << 40, -5], [-5, 7])
    empty = pyarrow.table({"source": pyarrow.array([], "string"), "target": pyarrow.array([], "string")})
    assert pfs.Graph.from_table(empty).num_nodes == 0


def test_kernels_take_names():
    graph = pfs.Graph.from_edges(["a", "b", "x"], ["b", "c", "a"], [1.0, 2.0, 3.0])
    assert graph.labels.to_pylist() == ["a", "b", "c", "x"]
    distances, predecessors = graph.bfs("a")
    assert distances.to_pylist() == [0, 1, 2, -1]
    assert graph.labels_of(predecessors).to_pylist() == [None, "a", "b", None]
    assert graph.bfs(["b", "x"])[0].to_pylist() == [1, 0, 1, 0]
    assert graph.bfs(numpy.array(["x"]))[0].to_pylist() == [1, 2, 3, 0]
    assert graph.bfs(pyarrow.array(["x"]))[0].to_pylist() == [1, 2, 3, 0]
    assert graph.bfs([])[0].to_pylist() == [-1] * 4
    assert (graph.out_degree("a"), graph.in_degree("a")) == (1, 1)
    assert graph.labels_of(graph.neighbors("x")).to_pylist() == ["a"]
    ranks = graph.pagerank(personalization={"c": 1}).to_pylist()
    assert ranks[2] == pytest.approx(1)
    assert graph.nodes(["c", "nobody"]).to_pylist() == [2, -1]
    assert networkx.has_path(graph.to_networkx(), "x", "c")
    for call in (lambda: graph.bfs("y"), lambda: graph.bfs(["a", "y"]), lambda: graph.neighbors("y")):
        with pytest.raises(pfs.UnknownNodeError, match="'y'") as caught:
            call()
        assert isinstance(caught.value, KeyError) and caught.value.label == "y"
    with pytest.raises(pfs.ArgumentError):
        graph.bfs(3)
    numbers = pfs.Graph.from_edges([100, 7], [7, -3], labels=True)
    assert numbers.bfs(100)[0].to_pylist() == [0, 1, 2]
    assert numbers.bfs(numpy.int64(7))[0].to_pylist() == [-1, 0, 1]
    assert numbers.bfs(numpy.array([7, -3]))[0].to_pylist() == [-1, 0, 0]
    with pytest.raises(pfs.UnknownNodeError):
        numbers.bfs(0)


def test_names_that_cannot_serve():
    for source, position in ((["a", None], 1), (pyarrow.array(["a", "b", None]), 2)):
        with pytest.raises(pfs.ArgumentError, match="null") as caught:
            pfs.Graph.from_edges(source, ["x"] * len(source))
        assert caught.value.details["position"] == position
    with pytest.raises(pfs.ArgumentError, match="source of edge 1 is null"):
        pfs.Graph.from_edges(numpy.array(["a", float("nan")], object), ["a", "b"])
    with pytest.raises(pfs.ArgumentError, match="mixes"):
        pfs.Graph.from_edges(["a", 1], ["b", "c"])
    with pytest.raises(pfs.ArgumentError, match="target"):
        pfs.Graph.from_edges(["a", "b"], [1, 2])
    with pytest.raises(pfs.ArgumentError, match="2 values of source and 1 of target"):
        pfs.Graph.from_edges(["a", "b"], ["c"])
    with pytest.raises(pfs.ArgumentError, match="node_count"):
        pfs.Graph.from_edges(["a"], ["b"], num_nodes=5)
    with pytest.raises(TypeError, match="label"):
        pfs.Graph.from_edges(["a"], ["b"], label=True)
    plain = pfs.Graph.from_edges([0], [1])
    assert plain.labels is None
    for call in (plain.nodes, plain.labels_of):
        with pytest.raises(pfs.ArgumentError, match="no labels"):
            call([0])


def test_names_for_a_graph_that_has_none():
    plain = pfs.Graph.from_edges([0, 1], [1, 2])
    named = plain.labeled(["a", "b", "c"])
    assert plain.labels is None and named.bfs("b")[0].to_pylist() == [-1, 0, 1]
    assert plain.labeled(numpy.array([9, 8, 7])).bfs(8)[0].to_pylist() == [-1, 0, 1]
    assert plain.labeled(pyarrow.chunked_array([["a"], ["b", "c"]])).labels.to_pylist() == ["a", "b", "c"]
    with pytest.raises(pfs.ArgumentError, match="label 2 is that of another node") as caught:
        plain.labeled(["a", "b", "a"])
    assert caught.value.details["position"] == 2
    with pytest.raises(pfs.ArgumentError, match="2 values of label"):
        plain.labeled(["a", "b"])


# ---- Lists that exist --------------------------------------------------------------------------

@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(["i4", "i8"]), st.sampled_from(["i4", "i8"]), st.booleans(), st.booleans())
def test_lists_of_neighbours(data, starts, ids, weighted, is_sorted):
    nodes = data.draw(st.integers(1, 30))
    rows = data.draw(st.lists(st.lists(st.integers(0, nodes - 1), max_size=8), min_size=nodes, max_size=nodes))
    rows = [sorted(row) for row in rows] if is_sorted else rows
    flat = [other for row in rows for other in row]
    indptr = numpy.cumsum([0, *map(len, rows)]).astype(starts)
    weights = numpy.arange(len(flat)) / 2 if weighted else None
    graph = pfs.Graph.from_csr(indptr, numpy.array(flat, ids), weights, threads=2)
    assert edges_of(graph) == [(node, other) for node, row in enumerate(rows) for other in sorted(row)]
    if weighted:
        expected = []
        for node, row in enumerate(rows):
            pairs = zip(row, weights[indptr[node]:indptr[node + 1]])
            expected += [weight for _, weight in sorted(pairs, key=lambda pair: pair[0])]
        assert graph.csr().weights.to_pylist() == expected


def test_lists_are_shared_and_live_on():
    indptr, indices = numpy.array([0, 1, 2], "i8"), numpy.array([1, 0], "i4")
    graph = pfs.Graph.from_csr(indptr, indices)
    assert numpy.shares_memory(graph.csr().indices.to_numpy(), indices)
    assert numpy.shares_memory(graph.csr().indptr.to_numpy(), indptr)
    del indptr, indices
    gc.collect()
    assert edges_of(graph) == [(0, 1), (1, 0)]
    assert pfs.Graph.from_csr(*graph.csr()).num_edges == 2


@pytest.mark.parametrize("indptr, indices, position", [
    ([1, 2], [0, 0], 0), ([0, 2, 1], [0], 2), ([0, 3], [0], 1), ([0, 1, 2], [0, 2], 1), ([0, 1], [-1], 0),
])
def test_wrong_lists_are_refused_with_their_place(indptr, indices, position):
    with pytest.raises(pfs.ArgumentError) as caught:
        pfs.Graph.from_csr(indptr, indices)
    assert caught.value.details["position"] == position


def test_other_wrong_lists():
    with pytest.raises(pfs.ArgumentError, match="indptr"):
        pfs.Graph.from_csr([], [])
    with pytest.raises(pfs.ArgumentError, match="weights"):
        pfs.Graph.from_csr([0, 1], [0], [1.0, 2.0])
    with pytest.raises(pfs.ArgumentError, match="edges of node 0"):
        pfs.Graph.from_csr([0, 1, 1], [1], directed=False)
    assert pfs.Graph.from_csr([0, 1, 2], [1, 0], directed=False).num_edges == 1


def test_matrices_and_graphs_of_other_libraries():
    sparse = pytest.importorskip("scipy.sparse")
    random = numpy.random.default_rng(3)
    dense = random.integers(0, 3, (20, 20)) * 0.5
    for form in ("csr", "csc", "coo"):
        graph = pfs.Graph.from_scipy(sparse.csr_array(dense).asformat(form))
        assert (graph.to_scipy().toarray() == dense).all()
    both = dense + dense.T
    graph = pfs.Graph.from_scipy(sparse.csr_array(both), directed=False)
    assert not graph.is_directed and (graph.to_scipy().toarray() == both).all()
    flags = pfs.Graph.from_scipy(sparse.csr_array(dense > 0))
    assert not flags.is_weighted and flags.num_edges == (dense > 0).sum()
    with pytest.raises(pfs.ArgumentError, match="columns"):
        pfs.Graph.from_scipy(sparse.csr_array(numpy.ones((2, 3))))

    for theirs in (networkx.karate_club_graph(), networkx.les_miserables_graph(), networkx.path_graph(4),
                   networkx.MultiDiGraph([(3, 4), (3, 4), (9, 3)])):
        graph = pfs.Graph.from_networkx(theirs)
        again = graph.to_networkx()
        assert list(again.nodes) == list(theirs.nodes)
        assert sorted(map(sorted, again.edges())) == sorted(map(sorted, theirs.edges()))
        assert graph.is_directed == theirs.is_directed()
    assert pfs.Graph.from_networkx(networkx.les_miserables_graph()).bfs("Valjean")[0].to_numpy().min() == 0
    lonely = networkx.Graph()
    lonely.add_nodes_from(["a", "b"])
    assert pfs.Graph.from_networkx(lonely).labels.to_pylist() == ["a", "b"]


# ---- Progress ----------------------------------------------------------------------------------

def test_kernels_tell_how_far_they_are():
    graph = pfs.Graph.from_edges(list(range(50)), [node + 1 for node in range(50)])
    told = []
    ranks = graph.pagerank(progress=lambda *now: told.append(now))
    assert [iteration for iteration, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][1] < told[0][1]
    assert ranks.to_pylist() == graph.pagerank().to_pylist()
    levels = []
    graph.bfs(0, progress=lambda level, residual: levels.append((level, residual)))
    assert levels[:3] == [(1, None), (2, None), (3, None)]


def test_what_progress_raises_stops_the_kernel():
    graph = pfs.Graph.from_edges(list(range(50)), [node + 1 for node in range(50)])
    told = []

    def stop(iteration, residual):
        told.append(iteration)
        if iteration == 2:
            raise ZeroDivisionError("enough")

    with pytest.raises(ZeroDivisionError, match="enough"):
        graph.pagerank(progress=stop)
    assert told == [1, 2]
    token = pfs.CancellationToken()
    with pytest.raises(pfs.CancelledError):
        graph.pagerank(progress=lambda *_: token.cancel(), cancel=token)
    fresh = pfs.CancellationToken()
    with pytest.raises(ZeroDivisionError):
        graph.bfs(0, progress=stop, cancel=fresh)
    assert not fresh.is_cancelled()
