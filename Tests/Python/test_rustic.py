"""`parquetframe_swift.rustic`: every function, with the engine and without, and its place in ParquetFrame.

ParquetFrame itself is not needed: what it does with its native module stands in small packages here.
"""

import datetime
import inspect
import json
import os
import pathlib
import threading

import networkx
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import parquetframe_swift as pfs
from parquetframe_swift import rustic

SIGNATURES = json.loads(pathlib.Path(__file__).with_name("rustic_signatures.json").read_text())


@pytest.fixture(params=["engine", "fallback"], autouse=True)
def way(request, monkeypatch):
    """All of this module works without the engine as well."""
    if request.param == "fallback":
        monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT", "1")
    return request.param


# ---- Signatures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*SIGNATURES["served"], *SIGNATURES["called"]])
def test_signatures_are_those_of_the_original(name):
    written = {**SIGNATURES["served"], **SIGNATURES["called"]}[name]
    # Rust's default of the delimiter is not told.
    written = written.replace("delimiter=...", "delimiter=','")
    found = inspect.signature(getattr(rustic, name))
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in found.parameters.values()]
    assert str(inspect.Signature(plain)) == written
    assert getattr(rustic, name).__doc__


def test_nothing_else_is_there():
    assert set(rustic.__all__) == {*SIGNATURES["served"], *SIGNATURES["called"]}
    for name in [*SIGNATURES["elsewhere"], "read_orc_fast", "read_parquet_s3_rust", "filter_parallel"]:
        assert not hasattr(rustic, name)


def test_it_says_that_it_is_there():
    assert rustic.rust_available() is True
    assert rustic.io_fastpaths_available() is True
    assert rustic.workflow_rust_available() is True
    assert rustic.rust_version() == pfs.__version__
    assert isinstance(rustic.graph_test(), str)


# ---- Files -----------------------------------------------------------------------------------------


def table_of(content: bytes) -> pa.Table:
    assert type(content) is bytes
    return pa.ipc.open_stream(content).read_all()


@pytest.fixture
def sample(tmp_path):
    """A table, and the path of a Parquet file with it in three row groups."""
    table = pa.table({
        "i": pa.array([1, -2, None, 4, 5], pa.int32()),
        "s": ["b", "a", None, "d", "é"],
        "day": [datetime.date(2020, 1, day) for day in (3, 1, 2, 5, 4)],
        "raw": [b"\x00\xff", b"\x01", None, b"z", b""],
        "st": [{"a": 1, "b": "x"}, None, {"a": 2, "b": None}, {"a": 3, "b": "y"}, {"a": 4, "b": "z"}],
        "took": pa.array([1, 2, 3, 4, 5], pa.duration("s")),
    })
    path = tmp_path / "sample.parquet"
    pq.write_table(table, path, row_group_size=2)
    return table, str(path)


LEAVES = ["i", "s", "day", "raw", "st.a", "st.b", "took"]


def test_metadata(sample):
    _, path = sample
    footer = pq.ParquetFile(path).metadata
    assert rustic.read_parquet_metadata_rust(path) == {
        "num_rows": 5, "num_row_groups": 3, "num_columns": 7, "file_size_bytes": os.path.getsize(path),
        "version": 2, "column_names": LEAVES,
        "column_types": [footer.schema.column(index).physical_type for index in range(7)]}


def test_row_count_and_names(sample):
    _, path = sample
    assert rustic.get_parquet_row_count_rust(path) == 5
    assert rustic.get_parquet_column_names_rust(path) == LEAVES
    assert rustic.get_parquet_row_count_rust(pathlib.Path(path)) == 5


def test_statistics_are_of_all_row_groups_and_readable(sample):
    _, path = sample
    found = {summary.pop("name"): summary for summary in rustic.get_parquet_column_stats_rust(path)}
    assert list(found) == LEAVES
    assert found["i"] == {"null_count": 1, "distinct_count": None, "min_value": "-2", "max_value": "5"}
    assert (found["s"]["min_value"], found["s"]["max_value"]) == ("a", "é")
    assert (found["day"]["min_value"], found["day"]["max_value"]) == ("2020-01-01", "2020-01-05")
    assert (found["raw"]["min_value"], found["raw"]["max_value"]) == ("", "7a")
    assert found["st.b"]["null_count"] == 2


def test_statistics_that_are_not_there_are_none(tmp_path):
    path = tmp_path / "plain.parquet"
    pq.write_table(pa.table({"a": [1]}), path, write_statistics=False)
    assert rustic.get_parquet_column_stats_rust(str(path)) == [
        {"name": "a", "null_count": None, "distinct_count": None, "min_value": None, "max_value": None}]


def test_parquet(sample):
    table, path = sample
    assert table_of(rustic.read_parquet_fast(path)).equals(table)
    assert table_of(rustic.read_parquet_fast(path, None, [2, 0])).equals(
        pa.concat_tables([table.slice(4), table.slice(0, 2)]))
    # Columns come in the order of the file, once, as in the original.
    some = table_of(rustic.read_parquet_fast(path, columns=["st", "i", "st"], row_groups=[1]))
    assert some.equals(table.select(["i", "st"]).slice(2, 2))
    assert table_of(rustic.read_parquet_fast(path, columns=[])).equals(table)
    assert table_of(rustic.read_parquet_fast(path, ["st.a"])).schema.names == ["st"]


def test_parquet_without_rows_keeps_its_schema(sample, tmp_path):
    table, path = sample
    assert table_of(rustic.read_parquet_fast(path, row_groups=[])).schema.equals(table.schema)
    empty = tmp_path / "empty.parquet"
    pq.write_table(table.slice(0, 0), empty)
    assert table_of(rustic.read_parquet_fast(str(empty))).schema.equals(table.schema)


def test_parquet_refuses_what_is_not_there(sample):
    _, path = sample
    with pytest.raises(ValueError, match="nothing"):
        rustic.read_parquet_fast(path, ["i", "nothing"])
    for wrong in ([7], [-1]):
        with pytest.raises(ValueError, match="row group"):
            rustic.read_parquet_fast(path, row_groups=wrong)
    with pytest.raises(TypeError):
        rustic.read_parquet_fast(path, columns="i")


def test_csv(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b,c\n1,1.5,x\n2,,""\n')
    assert table_of(rustic.read_csv_fast(str(path))).to_pydict() == {
        "a": [1, 2], "b": [1.5, None], "c": ["x", None]}
    assert table_of(rustic.read_csv_fast(str(path), ",", True, False)).to_pydict() == {
        "a": ["1", "2"], "b": ["1.5", None], "c": ["x", None]}
    assert table_of(rustic.read_csv_fast(str(path), has_header=False)).to_pydict() == {
        "column_1": ["a", "1", "2"], "column_2": ["b", "1.5", None], "column_3": ["c", "x", None]}
    path.write_text("a;b\n1;2\n")
    assert table_of(rustic.read_csv_fast(str(path), delimiter=";")).to_pydict() == {"a": [1], "b": [2]}


def test_csv_types_are_those_of_all_values(tmp_path):
    path = tmp_path / "late.csv"
    path.write_text("a\n" + "1\n" * 3000 + "x\n")
    assert table_of(rustic.read_csv_fast(str(path)))["a"].to_pylist() == ["1"] * 3000 + ["x"]


def test_avro(tmp_path, way):
    fastavro = pytest.importorskip("fastavro")
    path = tmp_path / "a.avro"
    fields = [{"name": "id", "type": ["null", "long"]}, {"name": "text", "type": "string"}]
    records = [{"id": None if row == 3 else row, "text": f"row {row}"} for row in range(2500)]
    with open(path, "wb") as file:
        fastavro.writer(file, {"type": "record", "name": "r", "fields": fields}, records, codec="deflate")
    for size in (None, 1000):
        found = table_of(rustic.read_avro_fast(str(path), batch_size=size))
        assert found.to_pylist() == records
    if way == "engine":
        assert [len(batch) for batch in found.to_batches()] == [1000, 1000, 500]


READERS = [
    rustic.read_parquet_metadata_rust, rustic.get_parquet_row_count_rust,
    rustic.get_parquet_column_names_rust, rustic.get_parquet_column_stats_rust, rustic.read_parquet_fast,
    rustic.read_csv_fast, rustic.read_avro_fast]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
def test_what_is_wrong_with_a_file_is_a_value_error(read, tmp_path):
    with pytest.raises(ValueError, match="File not found: "):
        read(str(tmp_path / "missing"))
    # A pattern is a name as any other.
    (tmp_path / "there.parquet").write_bytes(b"")
    with pytest.raises(ValueError, match="File not found: "):
        read(str(tmp_path / "*.parquet"))
    with pytest.raises(ValueError, match="directory"):
        read(str(tmp_path))
    broken = tmp_path / "broken"
    broken.write_bytes(b'"\xff')
    with pytest.raises(ValueError):
        read(str(broken))
    for wrong in (None, 3, [str(broken)]):
        with pytest.raises(TypeError):
            read(wrong)


# ---- Graphs ----------------------------------------------------------------------------------------

COUNT = 40


def edges_of(seed: int, parallel: bool = False) -> tuple:
    """(sources, targets, weights) of a random graph, of which some vertices have no edge."""
    random = np.random.default_rng(seed)
    pairs = random.integers(0, COUNT - 5, (90, 2), dtype=np.int32)
    if not parallel:
        pairs = random.permutation(np.unique(pairs, axis=0))
    return pairs[:, 0].copy(), pairs[:, 1].copy(), random.random(len(pairs)) + 0.1


def networkx_of(sources, targets, weights) -> networkx.MultiDiGraph:
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from(range(COUNT))
    graph.add_weighted_edges_from(zip(sources.tolist(), targets.tolist(), weights.tolist()))
    return graph


def test_rows_of_edges():
    src, dst, weights = (
        np.array([2, 0, 0, 1, 2], np.int32), np.array([3, 2, 1, 2, 0], np.int32), np.arange(5.0))
    indptr, indices, values = rustic.build_csr_rust(src, dst, 5, weights)
    assert indptr.tolist() == [0, 2, 3, 5, 5, 5]
    assert indices.tolist() == [1, 2, 2, 0, 3]
    assert values.tolist() == [2, 1, 3, 4, 0]
    assert (indptr.dtype, indices.dtype, values.dtype) == (np.int64, np.int32, np.float64)
    indptr, indices, values = rustic.build_csc_rust(src, dst, 5, weights)
    assert indptr.tolist() == [0, 1, 2, 4, 5, 5]
    assert indices.tolist() == [2, 0, 0, 1, 2]
    assert values.tolist() == [4, 2, 1, 3, 0]
    assert rustic.build_csr_rust(src, dst, 5, None)[2] is None


def test_rows_of_no_edges():
    none = np.array([], np.int32)
    for count in (0, 3):
        for build in (rustic.build_csr_rust, rustic.build_csc_rust):
            indptr, indices, weights = build(none, none, count, None)
            assert (indptr.tolist(), indices.tolist(), weights) == ([0] * (count + 1), [], None)


@pytest.mark.parametrize("seed", range(4))
def test_rows_hold_the_edges_as_scipy_has_them(seed):
    sparse = pytest.importorskip("scipy.sparse")
    src, dst, weights = edges_of(seed)
    whole = sparse.coo_array((weights, (src, dst)), (COUNT, COUNT))
    for build, rows in ((rustic.build_csr_rust, whole.tocsr()), (rustic.build_csc_rust, whole.tocsc())):
        rows.sort_indices()
        indptr, indices, values = build(src, dst, COUNT, weights)
        assert (indptr.tolist(), indices.tolist(), values.tolist()) == (
            rows.indptr.tolist(), rows.indices.tolist(), rows.data.tolist())


def test_results_are_the_callers_own():
    src, dst, weights = edges_of(1)
    rows = rustic.build_csr_rust(src, dst, COUNT, weights)
    indptr, indices, values = rows
    found = [
        *rows, *rustic.build_csc_rust(src, dst, COUNT, weights),
        *rustic.bfs_rust(indptr, indices, COUNT, src[:1], None),
        rustic.dfs_rust(indptr, indices, COUNT, 0, None),
        *rustic.dijkstra_rust_py(indptr, indices, COUNT, src[:1], values),
        rustic.pagerank_rust_py(indptr, indices, COUNT, 0.85, 1e-6, 100, None),
        rustic.connected_components_rust_py(src, dst, COUNT, False)]
    for array in found:
        assert array.flags.writeable
        array[:] = 0


@pytest.mark.parametrize("build", [rustic.build_csr_rust, rustic.build_csc_rust])
def test_edges_are_checked(build):
    ids = np.array([0, 1, 2], np.int32)
    with pytest.raises(ValueError, match="Invalid vertex ID: 2"):
        build(ids, ids, 2, None)
    with pytest.raises(ValueError, match="Invalid vertex ID: -1"):
        build(ids - 1, ids, 3, None)
    with pytest.raises(ValueError, match=r"Mismatched array lengths: src.len\(\)=3 != dst.len\(\)=2"):
        build(ids, ids[:2], 3, None)
    with pytest.raises(ValueError, match=r"weights.len\(\)=1 != edges.len\(\)=3"):
        build(ids, ids, 3, np.ones(1))
    with pytest.raises(OverflowError):
        build(ids, ids, -1, None)
    for wrong in (None, ids.astype(float), ids.reshape(1, 3), "ids"):
        with pytest.raises(TypeError):
            build(wrong, ids, 3, None)
    with pytest.raises(TypeError):
        build(ids, ids, 3.0, None)


def test_arrays_of_other_types_and_steps():
    src, dst, weights = edges_of(2)
    usual = rustic.build_csr_rust(src, dst, COUNT, weights)
    wide = np.zeros((len(src), 2), np.int64)
    wide[:, 0] = src
    other = rustic.build_csr_rust(wide[:, 0], dst.tolist(), COUNT, weights)
    for one, two in zip(usual, other):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("depth", [None, 0, 1, 2])
def test_breadth_first(seed, depth):
    src, dst, weights = edges_of(seed)
    graph = networkx_of(src, dst, weights)
    indptr, indices, _ = rustic.build_csr_rust(src, dst, COUNT, None)
    sources = np.array([src[0], src[1]], np.int32)
    distances, predecessors = rustic.bfs_rust(indptr, indices, COUNT, sources, depth)
    assert (distances.dtype, predecessors.dtype) == (np.int32, np.int32)
    expected = np.full(COUNT, -1)
    for source in sources.tolist():
        for node, steps in networkx.single_source_shortest_path_length(graph, source, cutoff=depth).items():
            expected[node] = steps if expected[node] < 0 else min(steps, expected[node])
    assert distances.tolist() == expected.tolist()
    for node in range(COUNT):
        nearer = [
            before for before in graph.predecessors(node) if distances[before] == distances[node] - 1 >= 0]
        assert predecessors[node] == (min(nearer) if distances[node] > 0 else -1)


def test_breadth_first_from_nowhere_and_not_at_all():
    indptr, indices = np.array([0, 1, 1]), np.array([1], np.int32)
    none = np.array([], np.int32)
    assert rustic.bfs_rust(indptr, indices, 2, none, None)[0].tolist() == [-1, -1]
    assert rustic.bfs_rust(indptr, indices, 2, np.array([0], np.int32), -1)[0].tolist() == [0, -1]


def depth_first(indptr, indices, source: int, depth) -> list:
    """What the original visits: a stack of vertices and depths, neighbours as they stand."""
    stack, seen, order = [(source, 0)], set(), []
    while stack:
        node, steps = stack.pop()
        if node in seen or (depth is not None and steps > depth):
            continue
        seen.add(node)
        order.append(node)
        stack += [(int(other), steps + 1) for other in indices[indptr[node]:indptr[node + 1]][::-1]]
    return order


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("depth", [None, 0, 1, 2, 5])
def test_depth_first_takes_neighbours_as_they_stand(seed, depth):
    src, dst, _ = edges_of(seed, parallel=True)
    indptr, indices, _ = rustic.build_csr_rust(src, dst, COUNT, None)
    shuffled = indices.copy()
    for node in range(COUNT):
        np.random.default_rng(node).shuffle(shuffled[indptr[node]:indptr[node + 1]])
    for rows in (indices, shuffled):
        found = rustic.dfs_rust(indptr, rows, COUNT, int(src[0]), depth)
        assert found.dtype == np.int32
        assert found.tolist() == depth_first(indptr, rows, int(src[0]), depth)


@pytest.mark.parametrize("seed", range(4))
def test_shortest_paths(seed):
    src, dst, weights = edges_of(seed)
    graph = networkx_of(src, dst, weights)
    indptr, indices, values = rustic.build_csr_rust(src, dst, COUNT, weights)
    sources = {int(src[0]), int(src[1])}
    expected = networkx.multi_source_dijkstra_path_length(graph, sources)
    distances, predecessors = rustic.dijkstra_rust_py(
        indptr, indices, COUNT, np.array(sorted(sources), np.int32), values)
    assert (distances.dtype, predecessors.dtype) == (np.float64, np.int32)
    for node in range(COUNT):
        assert distances[node] == pytest.approx(expected.get(node, np.inf))
        if node in sources or node not in expected:
            assert predecessors[node] == -1
        else:
            before = int(predecessors[node])
            step = min(edge["weight"] for edge in graph[before][node].values())
            assert distances[node] == pytest.approx(distances[before] + step)
    one = rustic.dijkstra_rust(indptr, indices, values, COUNT, int(src[0]))
    same = rustic.dijkstra_rust_py(indptr, indices, COUNT, src[:1], values)
    assert [array.tolist() for array in one] == [array.tolist() for array in same]


def test_shortest_paths_are_checked():
    indptr, indices, weights = np.array([0, 1, 1]), np.array([1], np.int32), np.ones(1)
    one = np.array([0], np.int32)
    with pytest.raises(ValueError, match="At least one source vertex required"):
        rustic.dijkstra_rust_py(indptr, indices, 2, one[:0], weights)
    with pytest.raises(ValueError, match="requires non-negative weights, found -1"):
        rustic.dijkstra_rust_py(indptr, indices, 2, one, -weights)
    with pytest.raises(ValueError):
        rustic.dijkstra_rust_py(indptr, indices, 2, one, weights * np.nan)
    with pytest.raises(ValueError, match="Weights length 2 doesn't match number of edges 1"):
        rustic.dijkstra_rust_py(indptr, indices, 2, one, np.ones(2))
    with pytest.raises(ValueError, match="Invalid vertex ID: 2"):
        rustic.dijkstra_rust_py(indptr, indices, 2, one + 2, weights)
    with pytest.raises(TypeError):
        rustic.dijkstra_rust_py(indptr, indices, 2, one, None)


ASK = [
    lambda indptr, indices, count: rustic.bfs_rust(indptr, indices, count, np.array([0], np.int32), None),
    lambda indptr, indices, count: rustic.dfs_rust(indptr, indices, count, 0, None),
    lambda indptr, indices, count: rustic.pagerank_rust_py(indptr, indices, count, 0.85, 1e-6, 100, None),
    lambda indptr, indices, count: rustic.dijkstra_rust_py(
        indptr, indices, count, np.array([0], np.int32), np.ones(len(indices)))]


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("indptr, indices, count", [
    ([0, 1, 2], [1, 9], 2), ([0, 1, 2], [1, -1], 2), ([0, 2, 1], [1, 0], 2), ([0, 1, 9], [1, 0], 2),
    ([1, 1, 2], [1, 0], 2), ([0, 1, 2], [1, 0], 1), ([0, 1, 2], [1, 0], 3)])
def test_rows_that_are_none_are_refused(ask, indptr, indices, count):
    """At these the original panics, or answers something."""
    with pytest.raises(ValueError):
        ask(np.array(indptr), np.array(indices, np.int32), count)


def test_sources_are_checked():
    indptr, indices = np.array([0, 1, 1]), np.array([1], np.int32)
    for wrong in (2, -1):
        with pytest.raises(ValueError, match=f"Invalid vertex ID: {wrong}"):
            rustic.bfs_rust(indptr, indices, 2, np.array([0, wrong], np.int32), None)
        with pytest.raises(ValueError, match=f"Invalid vertex ID: {wrong}"):
            rustic.dfs_rust(indptr, indices, 2, wrong, None)


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("personal", [False, True])
def test_ranks(parallel, personal):
    src, dst, weights = edges_of(3, parallel)
    graph = networkx_of(src, dst, np.ones(len(src)))
    indptr, indices, _ = rustic.build_csr_rust(src, dst, COUNT, None)
    wanted = np.random.default_rng(1).random(COUNT) if personal else None
    found = rustic.pagerank_rust_py(indptr, indices, COUNT, 0.85, 1e-10, 1000, wanted)
    expected = networkx.pagerank(
        graph, 0.85, None if wanted is None else dict(enumerate(wanted)), tol=1e-12, max_iter=1000)
    assert found.dtype == np.float64
    assert np.abs(found - list(expected.values())).sum() < 1e-8
    assert found.sum() == pytest.approx(1)


def test_ranks_end_after_so_many_iterations():
    indptr, indices = np.array([0, 3, 4, 5, 7, 7, 8, 8]), np.array([3, 1, 2, 4, 4, 4, 0, 6], np.int32)
    # The original's answers.
    assert rustic.pagerank_rust_py(indptr, indices, 7, 0.85, 1e-30, 2, None) == pytest.approx([
        0.12771987366375123, 0.11976919339164238, 0.11976919339164238, 0.11976919339164238,
        0.2919375607385811, 0.08666545189504374, 0.13436953352769682])
    assert rustic.pagerank_rust_py(
        indptr, indices, 7, 0.85, 1e-30, 1, np.array([1.0, 3, 0, 0, 0, 0, 0])) == pytest.approx([
            0.15892857142857145, 0.3351190476190476, 0.04047619047619048, 0.04047619047619048,
            0.3035714285714286, 0.0, 0.12142857142857144])


def test_ranks_are_checked():
    indptr, indices = np.array([0, 1, 1]), np.array([1], np.int32)

    def ask(alpha=0.85, tol=1e-6, times=100, personalization=None):
        return rustic.pagerank_rust_py(indptr, indices, 2, alpha, tol, times, personalization)

    for alpha in (0, 1, -0.5, float("nan")):
        with pytest.raises(ValueError, match=r"Alpha must be in \(0, 1\)"):
            ask(alpha=alpha)
    with pytest.raises(ValueError, match="Tolerance must be positive, got 0"):
        ask(tol=0)
    with pytest.raises(ValueError, match="Maximum iterations must be positive"):
        ask(times=0)
    with pytest.raises(ValueError, match="Personalization vector length 1 doesn't match num_vertices 2"):
        ask(personalization=np.ones(1))
    with pytest.raises(ValueError, match="must have positive sum"):
        ask(personalization=np.zeros(2))
    for wrong in ([-1.0, 2.0], [np.nan, 1.0]):
        with pytest.raises(ValueError):
            ask(personalization=np.array(wrong))
    with pytest.raises(ValueError, match="empty graph"):
        rustic.pagerank_rust_py(np.array([0]), indices[:0], 0, 0.85, 1e-6, 100, None)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("directed", [False, True])
def test_components(seed, directed):
    random = np.random.default_rng(seed)
    src, dst = random.integers(0, COUNT, (2, 25))
    graph = networkx.Graph(zip(src.tolist(), dst.tolist()))
    graph.add_nodes_from(range(COUNT))
    expected = np.zeros(COUNT, np.int64)
    for number, nodes in enumerate(sorted(map(sorted, networkx.connected_components(graph)))):
        expected[nodes] = number
    found = rustic.connected_components_rust_py(src, dst, COUNT, directed)
    assert found.dtype == np.int64
    assert found.tolist() == expected.tolist()
    other = rustic.union_find_components(src.astype(np.int32), dst.astype(np.int32), COUNT)
    assert other.dtype == np.int32
    assert other.tolist() == expected.tolist()


def test_components_are_checked():
    ids = np.array([0, 1])
    with pytest.raises(ValueError, match="Sources and targets must have same length"):
        rustic.connected_components_rust_py(ids, ids[:1], 2, False)
    with pytest.raises(ValueError, match="Invalid vertex ID: 9"):
        rustic.connected_components_rust_py(ids, ids + 8, 9, False)
    with pytest.raises(ValueError, match="empty graph"):
        rustic.connected_components_rust_py(ids[:0], ids[:0], 0, False)
    assert rustic.union_find_components(ids[:0], ids[:0], 0).tolist() == []


# ---- Workflows -------------------------------------------------------------------------------------


@pytest.fixture
def numbers(tmp_path):
    path = tmp_path / "numbers.parquet"
    pq.write_table(pa.table({"n": list(range(10))}), path)
    return str(path)


def flow(path: str) -> dict:
    """Reads, and keeps large numbers and small ones."""
    return {
        "name": "flow", "variables": {"path": path},
        "steps": [
            {"name": "load", "type": "read", "config": {"input": "${path}"}},
            {"name": "large", "type": "filter", "depends_on": ["load"],
             "config": {"filters": [["n", ">", 6]]}},
            {"name": "small", "type": "filter", "depends_on": ["load"],
             "config": {"filters": [["n", "<", 2]]}}]}


@pytest.mark.parametrize("parallel", [None, 1, 2])
def test_a_workflow(numbers, parallel):
    events = []
    found = rustic.execute_workflow(flow(numbers), parallel, events.append)
    outputs = found.pop("outputs")
    assert outputs["large"].to_pydict() == {"n": [7, 8, 9]}
    assert outputs["small"].to_pydict() == {"n": [0, 1]}
    assert found.pop("execution_time_ms") >= 0 and found.pop("parallelism_factor") >= 0
    assert found.pop("peak_memory") > 1 << 20 and found.pop("peak_parallelism") in (1, 2)
    workers = found.pop("parallel_workers")
    assert workers == parallel if parallel else workers >= 1
    assert found == {"status": "completed", "steps_executed": 3, "total_steps": 3, "failed_steps": 0}
    assert sorted((event["type"], event["step_id"]) for event in events) == sorted(
        (kind, step) for kind in ("started", "completed") for step in ("load", "large", "small"))


def test_datasets_may_be_named_in_the_config(numbers):
    found = rustic.execute_workflow({"steps": [
        {"name": "a", "type": "read", "config": {"input": numbers, "output": "all"}},
        {"name": "b", "type": "limit", "config": {"input": "all", "limit": 2}}]})
    assert found["outputs"]["b"].num_rows == 2


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_handler_does_all_steps(parallel):
    calls = {}

    def handler(kind, name, config, context):
        calls[name] = kind, config, context["variables"], dict(context["data"])
        return {"of": name}

    found = rustic.execute_workflow({
        "variables": {"x": 1},
        "steps": [
            {"name": "c", "type": "join", "depends_on": ["b"]},
            {"name": "a", "type": "read", "config": {"input": "${raw} file"}},
            {"name": "b", "type": "compute", "config": {"k": [1]}, "depends_on": ["a"]}]},
        max_parallel=parallel, step_handler=handler)
    assert calls == {
        "a": ("read", {"input": "${raw} file"}, {"x": 1}, {}),
        "b": ("compute", {"k": [1]}, {"x": 1}, {"a": {"of": "a"}}),
        "c": ("join", {}, {"x": 1}, {"a": {"of": "a"}, "b": {"of": "b"}})}
    assert found["outputs"] == {name: {"of": name} for name in "abc"}


def test_a_handler_that_fails_fails_the_workflow():
    problem = KeyError("gone")

    def handler(kind, name, config, context):
        raise problem

    events = []
    with pytest.raises(RuntimeError, match="failed: Step failed: s, reason: .*gone") as raised:
        rustic.execute_workflow({"steps": [{"name": "s", "type": "t"}]}, 1, events.append, None, handler)
    assert raised.value.__cause__ is problem
    assert [event["type"] for event in events] == ["started", "failed"]
    assert "gone" in events[1]["error"]


def test_an_attempt_is_told_once():
    attempts, events = [], []

    def handler(kind, name, config, context):
        attempts.append(name)
        if len(attempts) == 1:
            raise OSError("once")

    found = rustic.execute_workflow(
        {"steps": [{"name": "s", "type": "t", "retries": 1}]}, None, events.append, None, handler)
    assert (found["status"], attempts) == ("completed", ["s", "s"])
    assert [event["type"] for event in events] == ["started", "completed"]


def test_steps_that_say_nothing_keep_their_order():
    events = []
    found = rustic.execute_workflow({"steps": [
        {"name": "transform", "type": "compute", "depends_on": ["load"]}, {"name": "load", "type": "read"}]},
        on_progress=lambda event: events.append((event["type"], event["step_id"])))
    assert found["status"] == "completed"
    assert events == [
        ("started", "load"), ("completed", "load"), ("started", "transform"), ("completed", "transform")]


def test_a_step_that_says_nothing_among_others_is_a_mistake(numbers):
    steps = [{"name": "a", "type": "read"}, {"name": "b", "type": "read", "config": {"input": numbers}}]
    with pytest.raises(RuntimeError, match="Workflow execution failed: "):
        rustic.execute_workflow({"steps": steps})


def test_registered_handlers_do_their_steps(monkeypatch):
    from parquetframe_swift._workflow import handlers

    monkeypatch.setattr(handlers, "_registered", {})
    pfs.workflow_handler("twice", lambda kind, name, config, ctx: len(name) + len(ctx.dependencies))
    found = rustic.execute_workflow({"steps": [{"name": "a", "type": "twice"}]})
    assert found["outputs"] == {"a": 1}


def test_failures_that_the_rest_survives(numbers):
    definition = flow(numbers)
    definition["settings"] = {"stop_on_failure": False}
    missing = {"input": numbers + ".missing.parquet"}
    definition["steps"].append({"name": "bad", "type": "read", "config": missing})
    found = rustic.execute_workflow(definition)
    assert (found["status"], found["failed_steps"], found["steps_executed"]) == ("failed", 1, 3)


def test_cancelling():
    token = rustic.CancellationToken()
    other = token.clone_token()
    assert not other.is_cancelled()
    started = threading.Event()

    def handler(kind, name, config, context):
        started.set()
        while not token.is_cancelled():
            threading.Event().wait(0.001)

    def cancel():
        started.wait(60)
        other.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    steps = [{"name": "a", "type": "t"}, {"name": "b", "type": "t", "depends_on": ["a"]}]
    with pytest.raises(RuntimeError, match="Workflow execution failed: Workflow cancelled"):
        rustic.execute_workflow({"steps": steps}, cancel_token=token, step_handler=handler)
    thread.join()
    assert token.is_cancelled() and other.is_cancelled()
    with pytest.raises(TypeError):
        rustic.execute_workflow({"steps": steps}, cancel_token="token")


def test_workflows_are_checked():
    with pytest.raises(ValueError, match="Missing 'steps' in workflow config"):
        rustic.execute_workflow({})
    with pytest.raises(TypeError):
        rustic.execute_workflow([])
    for wrong in (None, "steps", [1]):
        with pytest.raises(ValueError):
            rustic.execute_workflow({"steps": wrong})
    with pytest.raises(RuntimeError, match="Workflow execution failed: .*there is no operation"):
        rustic.execute_workflow({"steps": [{"name": "a", "type": "no such", "config": {"k": 1}}]})


CYCLE = [
    {"name": "a", "type": "test", "depends_on": ["b"], "params": {}},
    {"name": "b", "type": "test", "depends_on": ["a"], "params": {}}]
MISSING = [{"name": "a", "type": "test", "depends_on": ["nothing"], "params": {}}]


@pytest.mark.parametrize("steps", [CYCLE, MISSING])
@pytest.mark.parametrize("handler", [None, lambda *given: None])
def test_an_order_that_there_is_not(steps, handler):
    with pytest.raises(RuntimeError, match="Cycle detected or missing dependency"):
        rustic.execute_workflow({"steps": steps}, step_handler=handler)
    with pytest.raises(ValueError):
        rustic.create_dag(steps)


def test_one_step(numbers):
    read = rustic.execute_step("read", {"input": "${path}"}, {"variables": {"path": numbers}})
    output = read.pop("output")
    assert read == {"status": "executed", "step_type": "read", "message": "Workflow step 'read' executed"}
    assert output.num_rows == 10
    step = pa.table({"n": [5]})
    for name in ("all", "step"):
        found = rustic.execute_step(
            "filter", {"input": name, "filters": [["n", ">", 7]]}, {"data": {"all": output, "step": step}})
        assert found["output"].num_rows == (2 if name == "all" else 0)
    with pytest.raises(RuntimeError, match="Workflow execution failed: "):
        rustic.execute_step("read", {"input": numbers + ".missing.parquet"}, {})
    with pytest.raises(RuntimeError, match="there is no operation"):
        rustic.execute_step("no such", {}, {})


def test_a_plan():
    assert rustic.create_dag([
        {"name": "b", "type": "anything", "depends_on": ["a"], "config": {"x": 1}},
        {"name": "a", "type": "read", "input": "a file", "output": "rows"},
        {"name": "c", "type": "filter", "input": "rows"},
        {"name": "d", "type": "join", "depends_on": ["b", "c"]}]) == {
            "dag_created": True, "num_steps": 4, "message": "DAG analysis complete",
            "execution_order": ["a", "b", "c", "d"], "levels": [["a"], ["b", "c"], ["d"]],
            "dependencies": {"b": ["a"], "a": [], "c": ["a"], "d": ["b", "c"]},
            "critical_path": ["a", "b", "d"]}
    assert rustic.create_dag([])["execution_order"] == []


def test_totals(monkeypatch):
    from parquetframe_swift.rustic import _workflows

    monkeypatch.setattr(_workflows, "_totals", [0, 0, 0.0, 0.0])
    assert rustic.workflow_metrics() == {
        "total_workflows": 0, "total_steps": 0, "avg_execution_ms": 0.0, "parallel_speedup": 1.0}
    rustic.execute_workflow({"steps": [{"name": "a", "type": "t"}, {"name": "b", "type": "t"}]})
    with pytest.raises(RuntimeError):
        rustic.execute_workflow(
            {"steps": [{"name": "a", "type": "t"}]}, step_handler=lambda *given: {}["missing"])
    found = rustic.workflow_metrics()
    assert (found["total_workflows"], found["total_steps"]) == (2, 3)
    assert found["avg_execution_ms"] > 0 and found["parallel_speedup"] >= 0


def test_a_pipeline_as_code(numbers, tmp_path):
    yaml = pytest.importorskip("yaml")
    path, kept = tmp_path / "flow.pf.yml", tmp_path / "kept.parquet"
    path.write_text(yaml.safe_dump({
        "name": "pipeline", "version": "1.0",
        "config": {"default_retries": 1, "default_pool": "CPU", "secrets_backend": "env"},
        "steps": [
            {"name": "make", "type": "datafusion.sql", "params": {"sql": "SELECT 1 AS id, 'test' AS name"},
             "outputs": ["rows"], "resource_hint": "io_bound"},
            {"name": "keep", "type": "parquet.write", "inputs": ["rows"], "params": {"path": str(kept)}}]}))
    assert rustic.run_workflow(str(path)) is None
    assert pq.read_table(kept).to_pydict() == {"id": [1], "name": ["test"]}


def test_pipelines_are_checked(tmp_path):
    yaml = pytest.importorskip("yaml")
    path = tmp_path / "flow.yml"
    with pytest.raises(FileNotFoundError):
        rustic.run_workflow(str(path))
    for wrong in ("name: [x", "- 1", "name: x", "steps: 3", "steps: [1]"):
        path.write_text(wrong)
        with pytest.raises(ValueError):
            rustic.run_workflow(str(path))
    for steps in (CYCLE, MISSING):
        path.write_text(yaml.safe_dump({"version": "1.0", "steps": steps}))
        with pytest.raises(RuntimeError, match="execution failed: Cycle detected or missing dependency"):
            rustic.run_workflow(str(path))
    missing = {"name": "a", "type": "parquet.read", "params": {"path": str(tmp_path / "no.parquet")}}
    path.write_text(yaml.safe_dump({"version": "1.0", "steps": [missing]}))
    with pytest.raises(RuntimeError, match="Workflow execution failed: Step failed: a"):
        rustic.run_workflow(str(path))


# ---- In ParquetFrame's place -----------------------------------------------------------------------

# As modules of ParquetFrame ask for their native one.
ASKING = """
try:
    from parquetframe import _rustic
    RUST_IO_AVAILABLE = _rustic.rust_available()
    RUST_VERSION = _rustic.rust_version()
except ImportError:
    RUST_IO_AVAILABLE = False
    RUST_VERSION = None
    _rustic = None
try:
    from parquetframe._rustic import CancellationToken as _RustCancellationToken
except Exception:
    _RustCancellationToken = None
"""
NATIVE = """
def rust_available(): return True
def rust_version(): return "its own"
def run_workflow(yaml_path): return "its own"
def fin_sma(values, window): return "its own"
"""


@pytest.fixture
def package(tmp_path):
    """Makes a `parquetframe`; gives the begin of a program that finds it."""

    def make(native: bool) -> str:
        folder = tmp_path / "parquetframe"
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "asking.py").write_text(ASKING)
        (folder / "running.py").write_text("from parquetframe._rustic import run_workflow\n")
        if native:
            (folder / "_rustic.py").write_text(NATIVE)
        return f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport parquetframe_swift as pfs\n"

    return make


def test_installed_after_parquetframe(fresh, package):
    assert fresh(package(native=True) + """
import parquetframe, parquetframe.asking as asking, parquetframe.running as running
import parquetframe._rustic as own
assert asking._RustCancellationToken is None
pfs.install()
pfs.install()
assert sys.modules["parquetframe._rustic"] is parquetframe._rustic is asking._rustic is pfs.rustic
assert running.run_workflow is pfs.rustic.run_workflow
assert asking._RustCancellationToken is pfs.rustic.CancellationToken
assert asking.RUST_IO_AVAILABLE is True and asking.RUST_VERSION == pfs.rustic.rust_version()
from parquetframe._rustic import fin_sma, build_csr_rust
assert fin_sma is own.fin_sma and build_csr_rust is pfs.rustic.build_csr_rust
assert not hasattr(parquetframe._rustic, "read_orc_fast")
pfs.uninstall()
pfs.uninstall()
assert sys.modules["parquetframe._rustic"] is parquetframe._rustic is asking._rustic is own
assert running.run_workflow is own.run_workflow and asking._RustCancellationToken is None
assert asking.RUST_IO_AVAILABLE is True and asking.RUST_VERSION == "its own"
assert not hasattr(pfs.rustic, "fin_sma")
print("done")
""") == "done\n"


def test_installed_before_parquetframe(fresh, package):
    assert fresh(package(native=True) + """
pfs.install()
import parquetframe.asking as asking, parquetframe.running as running
assert asking._rustic is pfs.rustic and running.run_workflow is pfs.rustic.run_workflow
assert asking._RustCancellationToken is pfs.rustic.CancellationToken
from parquetframe._rustic import fin_sma
assert fin_sma(None, None) == "its own" and sys.modules["parquetframe._rustic"] is pfs.rustic
pfs.uninstall()
import parquetframe._rustic as own
assert own.fin_sma is fin_sma and asking._rustic is own and running.run_workflow is own.run_workflow
assert asking._RustCancellationToken is None and asking.RUST_VERSION == "its own"
print("done")
""") == "done\n"


def test_installed_where_there_is_no_native_module(fresh, package):
    assert fresh(package(native=False) + """
import importlib.util
import parquetframe, parquetframe.asking as asking
assert asking._rustic is None and asking.RUST_IO_AVAILABLE is False
pfs.install()
assert asking._rustic is parquetframe._rustic is pfs.rustic and asking.RUST_IO_AVAILABLE is True
assert importlib.util.find_spec("parquetframe._rustic") is not None
import parquetframe.running as running
assert running.run_workflow is pfs.rustic.run_workflow
assert not hasattr(parquetframe._rustic, "fin_sma")
pfs.uninstall()
assert asking._rustic is None and asking.RUST_IO_AVAILABLE is False and asking.RUST_VERSION is None
assert not hasattr(parquetframe, "_rustic") and "parquetframe._rustic" not in sys.modules
print("done")
""") == "done\n"


def test_installed_without_parquetframe(fresh):
    assert fresh("""
import sys
import parquetframe_swift as pfs
pfs.install()
assert sys.modules["parquetframe._rustic"] is pfs.rustic
assert not hasattr(pfs.rustic, "fin_sma")
pfs.uninstall()
assert not [name for name in sys.modules if name.startswith("parquetframe.")]
print("done")
""") == "done\n"


def test_the_page_has_every_function():
    page = (pathlib.Path(__file__).parents[2] / "Specs" / "rustic.md").read_text()
    for name in [*SIGNATURES["served"], *SIGNATURES["called"], *SIGNATURES["elsewhere"]]:
        assert f"`{name}" in page, name
