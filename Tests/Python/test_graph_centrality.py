"""How central nodes are and how they gather, beside NetworkX."""

import math
import random

import networkx
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.link_analysis.hits_alg import _hits_python

import parquetframe_swift as pfs


@st.composite
def graphs(draw, directed=None):
    """(ours, NetworkX's) of the same edges, without parallel ones."""
    nodes = draw(st.integers(1, 30))
    node = st.integers(0, nodes - 1)
    edges = draw(st.lists(st.tuples(node, node), max_size=90))
    weights = draw(st.lists(st.integers(1, 9), min_size=len(edges), max_size=len(edges)))
    is_directed = draw(st.booleans()) if directed is None else directed
    theirs = (networkx.DiGraph if is_directed else networkx.Graph)()
    theirs.add_nodes_from(range(nodes))
    for (source, target), weight in zip(edges, weights):
        theirs.add_edge(source, target, weight=float(weight))
    made = list(theirs.edges(data="weight"))
    ours = pfs.Graph.from_edges(
        [source for source, _, _ in made], [target for _, target, _ in made],
        numpy.array([weight for _, _, weight in made], draw(st.sampled_from(["f4", "f8"]))), num_nodes=nodes,
        directed=is_directed)
    return ours, theirs


def close(ours, theirs: dict, tolerance: float = 1e-9) -> None:
    assert ours.type == "double"
    expected = [theirs[node] for node in range(len(theirs))]
    assert numpy.allclose(ours.to_numpy(), expected, rtol=tolerance, atol=tolerance, equal_nan=True)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_clustering_is_that_of_networkx(made):
    ours, theirs = made
    close(ours.clustering(threads=2), networkx.clustering(theirs))
    assert ours.average_clustering() == pytest.approx(networkx.average_clustering(theirs))


@settings(max_examples=100, deadline=None)
@given(graphs(directed=False))
def test_triangles_are_those_of_networkx(made):
    ours, theirs = made
    triangles = networkx.triangles(theirs)
    assert ours.triangles().to_pylist() == [triangles[node] for node in theirs]
    assert ours.transitivity() == pytest.approx(networkx.transitivity(theirs))


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_degrees_are_those_of_networkx(made):
    ours, theirs = made
    close(ours.degree_centrality(threads=2), networkx.degree_centrality(theirs))
    if theirs.is_directed():
        close(ours.degree_centrality("in"), networkx.in_degree_centrality(theirs))
        close(ours.degree_centrality("out"), networkx.out_degree_centrality(theirs))
    statistics = ours.degree_statistics()
    degrees = [degree for _, degree in theirs.degree]
    assert statistics["histogram"].to_pylist() == networkx.degree_histogram(theirs)
    assert (statistics["min"], statistics["max"]) == (min(degrees), max(degrees))
    assert statistics["mean"] == pytest.approx(sum(degrees) / len(degrees))
    assert statistics["isolated"] == networkx.number_of_isolates(theirs)
    assert statistics["self_loops"] == networkx.number_of_selfloops(theirs)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans())
def test_hits_is_that_of_networkx(made, normalized):
    ours, theirs = made
    if not theirs.number_of_edges():
        assert not any(score for part in ours.hits() for score in part.to_pylist())
        return
    # With two singular values alike the iteration may take for ever, in both.
    try:
        expected = _hits_python(theirs, 300, 1e-9, normalized=normalized)
    except networkx.PowerIterationFailedConvergence:
        return
    hubs, authorities = ours.hits(1e-9, 310, normalized, threads=2)
    close(hubs, expected[0], 1e-6)
    close(authorities, expected[1], 1e-6)


def test_hits_is_the_singular_vector_that_networkx_finds():
    theirs = networkx.gnp_random_graph(60, 0.2, seed=4, directed=True)
    ours = pfs.Graph.from_edges(*zip(*theirs.edges))
    expected = networkx.hits(theirs, 1000)
    for part, other in zip(ours.hits(), expected):
        close(part, other, 1e-6)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans())
def test_eigenvectors_are_those_of_networkx(made, weighted):
    ours, theirs = made
    # Without one component the iteration may take for ever, in both.
    try:
        expected = networkx.eigenvector_centrality(
            theirs, max_iter=300, tol=1e-9, weight="weight" if weighted else None)
    except networkx.PowerIterationFailedConvergence:
        return
    close(ours.eigenvector_centrality(310, 1e-9, use_weights=weighted, threads=2), expected, 1e-5)


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans(), st.booleans(), st.data())
def test_katz_is_that_of_networkx(made, weighted, normalized, data):
    ours, theirs = made
    alpha = 0.001
    beta = data.draw(st.sampled_from([1.0, 2.5, {}]))
    if beta == {}:
        beta = {node: float(node % 4) + 0.5 for node in theirs}
    expected = networkx.katz_centrality(
        theirs, alpha, beta, tol=1e-12, normalized=normalized, weight="weight" if weighted else None)
    close(
        ours.katz_centrality(
            alpha, beta, tol=1e-12, normalized=normalized, use_weights=weighted, threads=2),
        expected)
    if isinstance(beta, dict):
        listed = ours.katz_centrality(alpha, list(beta.values()), tol=1e-12, normalized=normalized)
        mapped = ours.katz_centrality(alpha, beta, tol=1e-12, normalized=normalized)
        assert listed.to_pylist() == mapped.to_pylist()


@settings(max_examples=100, deadline=None)
@given(graphs(), st.booleans())
def test_closeness_is_that_of_networkx(made, improved):
    ours, theirs = made
    expected = networkx.closeness_centrality(theirs, wf_improved=improved)
    scores = ours.closeness_centrality(wf_improved=improved, threads=2)
    close(scores, expected)
    assert ours.closeness_centrality([0, 0], improved).to_pylist() == [scores.to_pylist()[0]] * 2


class Sampled(random.Random):
    """Draws what it is told to."""

    def sample(self, population, k, *, counts=None):
        return self.chosen


@settings(max_examples=150, deadline=None)
@given(graphs(), st.booleans(), st.booleans(), st.data())
def test_betweenness_is_that_of_networkx(made, normalized, endpoints, data):
    ours, theirs = made
    close(
        ours.betweenness_centrality(None, normalized, endpoints, threads=2),
        networkx.betweenness_centrality(theirs, normalized=normalized, endpoints=endpoints))
    sources = data.draw(st.lists(st.sampled_from(range(len(theirs))), unique=True, min_size=1))
    chance = Sampled()
    chance.chosen = sources
    expected = networkx.betweenness_centrality(
        theirs, len(sources), normalized=normalized, endpoints=endpoints, seed=chance)
    close(
        ours.betweenness_centrality(normalized=normalized, endpoints=endpoints, sources=sources, threads=3),
        expected)
    drawn = ours.betweenness_centrality(len(sources), normalized, endpoints, seed=5)
    again = ours.betweenness_centrality(len(sources), normalized, endpoints, seed=5, threads=2)
    assert numpy.array_equal(drawn.to_numpy(), again.to_numpy(), equal_nan=True)


def groups_of(labels) -> list:
    groups: dict = {}
    for node, label in enumerate(labels.to_pylist()):
        groups.setdefault(label, set()).add(node)
    assert all(min(group) == label for label, group in groups.items())
    return list(groups.values())


@settings(max_examples=60, deadline=None)
@given(graphs(directed=False), st.sampled_from([0.5, 1.0, 2.0]), st.booleans(), st.integers(0, 3))
def test_communities_are_worth_what_networkx_says(made, resolution, weighted, seed):
    ours, theirs = made
    weight = "weight" if weighted else None
    for method in ("louvain", "leiden", "label_propagation"):
        options = {"use_weights": weighted, "seed": seed, "threads": 2}
        if method != "label_propagation":
            options["resolution"] = resolution
        found = getattr(ours, method)(**options)
        groups = groups_of(found.communities)
        assert found.count == len(groups)
        if theirs.number_of_edges():
            expected = networkx.community.modularity(
                theirs, groups, weight, resolution if method != "label_propagation" else 1)
            assert found.modularity == pytest.approx(expected, abs=1e-9)
        else:
            assert found.modularity == 0
        if method == "leiden":
            assert all(networkx.is_connected(theirs.subgraph(group)) for group in groups)


KNOWN = {
    "karate": networkx.karate_club_graph(),
    "miserables": networkx.les_miserables_graph(),
    "florentine": networkx.florentine_families_graph(),
    "planted": networkx.planted_partition_graph(10, 30, 0.4, 0.02, seed=1),
    "caveman": networkx.connected_caveman_graph(12, 8),
    "power law": networkx.powerlaw_cluster_graph(400, 4, 0.5, seed=2),
}


@pytest.mark.parametrize("name", KNOWN)
def test_communities_of_known_graphs_are_as_good_as_those_of_networkx(name):
    theirs = networkx.convert_node_labels_to_integers(KNOWN[name])
    edges = list(theirs.edges(data="weight", default=1.0))
    ours = pfs.Graph.from_edges(*zip(*edges), num_nodes=len(theirs), directed=False)
    best = max(
        networkx.community.modularity(theirs, networkx.community.louvain_communities(theirs, seed=seed))
        for seed in range(5))
    for method in (ours.louvain, ours.leiden):
        found = [method(seed=seed).modularity for seed in range(5)]
        assert max(found) > best - 0.01, (found, best)
        assert min(found) > best - 0.04, (found, best)


def test_planted_groups_are_found():
    theirs = KNOWN["planted"]
    ours = pfs.Graph.from_edges(*zip(*theirs.edges), directed=False)
    truth = [node // 30 * 30 for node in range(300)]
    for method in (ours.louvain, ours.leiden):
        assert method().communities.to_pylist() == truth
    # Labels may flood a second group, but hardly tear one apart.
    labels = ours.label_propagation().communities.to_pylist()
    assert sum(labels[node] == labels[node // 30 * 30] for node in range(300)) > 290


def test_empty_graphs_have_empty_answers():
    graph = pfs.Graph.from_edges([], [], directed=False)
    for answer in (
        graph.clustering(), graph.triangles(), graph.degree_centrality(), graph.eigenvector_centrality(),
        graph.katz_centrality(), graph.closeness_centrality(), graph.betweenness_centrality(), *graph.hits(),
        graph.louvain().communities, graph.leiden().communities, graph.label_propagation().communities,
    ):
        assert len(answer) == 0
    assert (graph.transitivity(), graph.average_clustering()) == (0, 0)
    assert graph.degree_statistics()["histogram"].to_pylist() == [0]
    assert graph.louvain().modularity == 0


def test_what_has_no_answer_says_why():
    directed = pfs.Graph.from_edges([0, 1, 2], [1, 2, 0])
    for kernel in ("triangles", "transitivity", "louvain", "leiden", "label_propagation"):
        with pytest.raises(pfs.ArgumentError, match="without directions"):
            getattr(directed, kernel)()
    with pytest.raises(pfs.GraphError, match="no convergence in 3 iterations"):
        directed.katz_centrality(2.0, max_iter=3)
    negative = pfs.Graph.from_edges([0, 1], [1, 0], [1.0, -2.0])
    for kernel in (negative.hits, negative.eigenvector_centrality, negative.katz_centrality):
        with pytest.raises(pfs.GraphError, match="from 1 to 0"):
            kernel(use_weights=True)
    for wrong in (
        lambda: directed.degree_centrality("up"), lambda: directed.betweenness_centrality(4),
        lambda: directed.betweenness_centrality(sources=[1, 1]), lambda: directed.katz_centrality(beta=[1.0]),
        lambda: directed.hits(max_iter=0), lambda: directed.hits(tol=-1), lambda: directed.hits(tol=math.nan),
    ):
        with pytest.raises((pfs.ArgumentError, ValueError)):
            wrong()
    for missing in (
        lambda: directed.closeness_centrality(3), lambda: directed.betweenness_centrality(sources=[-1]),
        lambda: directed.katz_centrality(beta={3: 1.0}),
    ):
        with pytest.raises(pfs.OutOfRangeError):
            missing()
    token = pfs.CancellationToken()
    token.cancel()
    for kernel in ("hits", "closeness_centrality", "betweenness_centrality", "degree_statistics"):
        with pytest.raises(pfs.CancelledError):
            getattr(directed, kernel)(cancel=token)


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_all_methods_find_the_same_components(made):
    ours, _ = made
    expected = ours.connected_components().to_pylist()
    for method in ("afforest", "union_find"):
        assert ours.connected_components(method=method, threads=2).to_pylist() == expected
    expected = ours.strongly_connected_components().to_pylist()
    for method in ("auto", "tarjan", "forward_backward"):
        assert ours.strongly_connected_components(method=method, threads=2).to_pylist() == expected
    with pytest.raises(pfs.ArgumentError, match="union_find"):
        ours.connected_components(method="other")
