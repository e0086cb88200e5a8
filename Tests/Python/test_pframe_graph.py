"""`pframe graph`, run as a process."""

import json

import pyarrow
import pyarrow.parquet
import pytest
from test_pframe import pframe, shown

SOURCE = ["oslo", "rome", "oslo", "paris", "lima"]
TARGET = ["rome", "paris", "paris", "oslo", "quito"]
WEIGHTS = [1, 1, 3, 1, 1]


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.parquet"
    table = pyarrow.table({"from": SOURCE, "to": TARGET, "km": WEIGHTS, "other": [None] * 5})
    pyarrow.parquet.write_table(table, path, row_group_size=2)
    return path


NAMES = ("--source", "from", "--target", "to")


def test_pagerank_has_the_highest_first(edges):
    import networkx

    rows = json.loads(shown("graph", "pagerank", "--json", *NAMES, "--weight", "km", edges))
    theirs = networkx.DiGraph()
    theirs.add_weighted_edges_from(zip(SOURCE, TARGET, WEIGHTS))
    expected = networkx.pagerank(theirs)
    assert {row["node"] for row in rows} == set(expected)
    assert [row["rank"] for row in rows] == sorted((row["rank"] for row in rows), reverse=True)
    assert all(row["rank"] == pytest.approx(expected[row["node"]], abs=1e-5) for row in rows)
    text = shown("graph", "pagerank", "-n", "2", *NAMES, edges).splitlines()
    assert "node" in text[0] and text[-1].endswith(", of 5 nodes")


def test_bfs_and_components(edges):
    rows = json.loads(shown("graph", "bfs", "--from", "oslo", "--json", *NAMES, edges))
    assert rows == [
        {"node": "oslo", "distance": 0, "predecessor": None}, {"node": "rome", "distance": 1, "predecessor": "oslo"},
        {"node": "paris", "distance": 1, "predecessor": "oslo"},
        {"node": "lima", "distance": None, "predecessor": None},
        {"node": "quito", "distance": None, "predecessor": None}]
    back = json.loads(
        shown("graph", "bfs", "--from", "quito,rome", "--undirected", "--json", *NAMES, edges))
    assert [row["distance"] for row in back] == [1, 0, 1, 1, 0]
    groups = json.loads(shown("graph", "components", "--json", *NAMES, edges))
    assert [row["component"] for row in groups] == ["oslo", "oslo", "oslo", "lima", "lima"]


def test_paths(edges):
    rows = json.loads(shown("graph", "paths", "--from", "oslo", "--json", *NAMES, "--weight", "km", edges))
    assert {row["node"]: row["distance"] for row in rows} == {
        "oslo": 0, "rome": 1, "paris": 2, "lima": None, "quito": None}
    assert rows[2] == {"node": "paris", "distance": 2, "predecessor": "rome"}
    plain = json.loads(shown("graph", "paths", "--from", "oslo", "--json", *NAMES, edges))
    assert plain[2] == {"node": "paris", "distance": 1, "predecessor": "oslo"}


def test_statistics(edges):
    assert json.loads(shown("graph", "stats", "--json", *NAMES, edges)) == {
        "file": str(edges), "nodes": 5, "edges": 5, "directed": True, "weighted": False,
        "largest_out_degree": 2, "largest_in_degree": 2, "components": 2, "largest_component": 3}
    lines = [line.split(None, 1) for line in shown("graph", "stats", *NAMES, edges).splitlines()]
    assert ["5", "nodes"] in lines and ["2", "components"] in lines


def test_integers_and_other_files(tmp_path):
    csv = tmp_path / "edges.csv"
    csv.write_text("source,target\n7000000000,-5\n-5,12\n")
    rows = json.loads(shown("graph", "bfs", "--from", "7000000000", "--json", csv))
    assert [(row["node"], row["distance"]) for row in rows] == [(7000000000, 0), (-5, 1), (12, 2)]
    for name in ("a", "b"):
        (tmp_path / "many").mkdir(exist_ok=True)
        pyarrow.parquet.write_table(
            pyarrow.table({"source": [f"{name}1"], "target": ["hub"]}), tmp_path / "many" / f"{name}.parquet")
    assert json.loads(shown("graph", "stats", "--json", tmp_path / "many"))["nodes"] == 3
    both = shown("graph", "stats", csv, tmp_path / "many")
    assert both.count("components") == 2 and str(csv) in both


def test_wrong_usage_and_wrong_edges(edges, tmp_path):
    for words, message in [
        (["graph"], "one of pagerank, bfs, paths, components, stats is missing"), (["graph", "pagerang", edges], 'did you mean "pagerank"'),
        (["graph", "bfs", edges], "bfs needs --from"), (["graph", "paths", edges], "paths needs --from"), (["graph", "stats", "--from", "a", edges], "--from"),
        (["graph", "stats"], "file"),
    ]:
        assert message in pframe(*words, check=2).stderr
    assert "no node is called" in pframe("graph", "bfs", "--from", "bonn", *NAMES, edges, check=1).stderr
    missing = pframe("graph", "stats", edges, check=1).stderr
    assert "source" in missing and str(edges) in missing
    assert "int64" in pframe("graph", "stats", "--source", "from", "--target", "km", edges, check=1).stderr
    null = tmp_path / "null.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"source": ["a", None], "target": ["b", "c"]}), null)
    assert "the source of edge 1 is null" in pframe("graph", "stats", null, check=1).stderr
    usage = shown("graph", "--help")
    assert "graph pagerank|bfs|paths|components|stats [OPTION]… FILE…" in usage
