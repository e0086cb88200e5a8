"""Kernels over numpy and scipy, with the answers of the engine's."""

from __future__ import annotations

from ... import errors
from . import centrality, components, paths, ranking, structure, traversal
from .lists import Lists, check

_KERNELS = {
    function.__name__: function for function in (
        traversal.bfs, traversal.dfs, traversal.topological_sort,
        paths.shortest_paths, paths.shortest_distances, paths.shortest_path, paths.minimum_spanning_forest,
        ranking.pagerank, ranking.hits, ranking.eigenvector_centrality, ranking.katz_centrality,
        centrality.closeness_centrality, centrality.betweenness_centrality, centrality.degree_centrality,
        centrality.degree_statistics, centrality.out_degree, centrality.in_degree,
        components.connected_components, components.strongly_connected_components,
        structure.core_numbers, structure.triangle_count, structure.triangles, structure.clustering,
        structure.bipartition)}


def run(lists: Lists, kernel: str, options: dict, cancel, progress) -> tuple:
    """The columns and the summary of a kernel."""
    function = _KERNELS.get(kernel)
    if function is None:
        raise errors.EngineUnavailableError(
            f"{kernel} needs the engine: no other library gives its answer")

    def report(iteration: int, residual: float | None = None) -> None:
        if progress is not None:
            progress(iteration, residual)
        check(cancel)

    return function(lists, {name: value for name, value in options.items() if value is not None}, report)
