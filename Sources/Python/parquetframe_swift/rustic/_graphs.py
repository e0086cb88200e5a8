"""Graphs, as ParquetFrame's native module takes and gives them: numpy arrays of compressed rows."""

from __future__ import annotations

from _operator import index

from .. import errors
from .._graph import Graph

TYPE_CHECKING = False
if TYPE_CHECKING:
    import numpy

    Rows = tuple[numpy.ndarray, numpy.ndarray, "numpy.ndarray | None"]


def graph_test() -> str:
    """A text that says that the functions of graphs are there."""
    return "Graph module loaded successfully"


# ---- Making ----------------------------------------------------------------------------------------


def build_csr_rust(
    src: numpy.ndarray, dst: numpy.ndarray, num_vertices: int, weights: numpy.ndarray | None
) -> Rows:
    """The edges by the vertex that they leave: (indptr int64, indices int32, weights float64 or None).

    Those of `v` are `indices[indptr[v]:indptr[v + 1]]`, which ascend.

    Raises ValueError where the arrays differ in length or hold what is no vertex.
    """
    return _gathered(src, dst, num_vertices, weights, by_target=False)


def build_csc_rust(
    src: numpy.ndarray, dst: numpy.ndarray, num_vertices: int, weights: numpy.ndarray | None
) -> Rows:
    """The edges by the vertex that they lead to, as `build_csr_rust`; `indices` are those that they leave."""
    return _gathered(src, dst, num_vertices, weights, by_target=True)


def _gathered(src, dst, num_vertices, weights, by_target: bool) -> Rows:
    count = _count(num_vertices)
    src, dst = _ids(src, "src"), _ids(dst, "dst")
    weights = None if weights is None else _floats(weights, "weights")
    if len(src) != len(dst):
        raise ValueError(f"Mismatched array lengths: src.len()={len(src)} != dst.len()={len(dst)}")
    if weights is not None and len(weights) != len(src):
        raise ValueError(
            f"Mismatched array lengths: weights.len()={len(weights)} != edges.len()={len(src)}")
    _check_ids(count, src, dst)
    graph = Graph.from_edges(src, dst, weights, num_nodes=count)
    found = graph.csc() if by_target else graph.csr()
    indptr, indices = _copies(found.indptr, found.indices)
    return indptr, indices, None if weights is None else _copies(found.weights)[0]


# ---- Searching -------------------------------------------------------------------------------------


def bfs_rust(
    indptr: numpy.ndarray, indices: numpy.ndarray, num_vertices: int, sources: numpy.ndarray,
    max_depth: int | None,
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Searches breadth first: (distances int32, predecessors int32), -1 where there is none.

    A distance is the number of edges from the nearest source. A predecessor is the smallest of those one
    step nearer. What is further away than `max_depth` is not reached.

    Raises ValueError for a source that is no vertex and for rows that are none.
    """
    graph, count = _graph(indptr, indices, num_vertices)
    sources = _ids(sources, "sources")
    _check_ids(count, sources)
    return _copies(*graph.bfs(sources, _depth(max_depth)))


def dfs_rust(
    indptr: numpy.ndarray, indices: numpy.ndarray, num_vertices: int, source: int, max_depth: int | None
) -> numpy.ndarray:
    """Searches depth first: the vertices that are reached (int32), as they are entered; to neighbours in the
    order of `indices`, and not more than `max_depth` steps below the source.

    Raises ValueError as `bfs_rust`.
    """
    import numpy

    graph, count = _graph(indptr, indices, num_vertices)
    _check_ids(count, numpy.array([index(source)]))
    depth = _depth(max_depth)
    indptr, indices = numpy.asarray(indptr, numpy.int64), _ids(indices, "indices")
    if _ascends(indptr, indices):
        return _copies(graph.dfs(source, depth).preorder)[0]
    # The search takes smaller neighbours first. So each edge becomes a vertex between its ends, numbered as
    # the edges stand.
    edges = numpy.arange(len(indices), dtype=numpy.int64)
    split = Graph.from_csr(
        numpy.concatenate([indptr, len(edges) + edges + 1]),
        numpy.concatenate([count + edges, indices]).astype(numpy.int32))
    order = split.dfs(source, None if depth is None else 2 * depth).preorder.to_numpy()
    return order[order < count]


def _ascends(indptr, indices) -> bool:
    """Whether no list of neighbours has a smaller one behind a larger one."""
    falls = indices[1:] < indices[:-1]
    starts = indptr[1:-1]
    starts = starts[(starts > 0) & (starts < len(indices))]
    falls[starts - 1] = False
    return not falls.any()


def dijkstra_rust_py(
    indptr: numpy.ndarray, indices: numpy.ndarray, num_vertices: int, sources: numpy.ndarray,
    weights: numpy.ndarray,
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Shortest paths from the nearest of the sources: (distances float64, inf where there is none;
    predecessors int32, -1 for sources and what is not reached).

    Raises ValueError for a source that is no vertex, no source at all, another number of weights than edges,
    and a weight that is negative or not a number.
    """
    sources = _ids(sources, "sources")
    weights = _floats(weights, "weights")
    graph, count = _graph(indptr, indices, num_vertices, weights)
    if not len(sources):
        raise ValueError("Invalid input: At least one source vertex required")
    _check_ids(count, sources)
    lowest = weights.min(initial=0.0)
    if not lowest >= 0:
        raise ValueError(
            f"Invalid input: Dijkstra's algorithm requires non-negative weights, found {lowest:g}")
    return _copies(*graph.shortest_paths(sources))


def dijkstra_rust(
    indptr: numpy.ndarray, indices: numpy.ndarray, weights: numpy.ndarray, num_vertices: int, source: int
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """`dijkstra_rust_py` from one source, with its arguments in another order."""
    return dijkstra_rust_py(indptr, indices, num_vertices, [index(source)], weights)


# ---- Ranking and gathering -------------------------------------------------------------------------


def pagerank_rust_py(
    indptr: numpy.ndarray, indices: numpy.ndarray, num_vertices: int, alpha: float, tol: float, max_iter: int,
    personalization: numpy.ndarray | None,
) -> numpy.ndarray:
    """The rank of each vertex (float64); they sum to 1.

    tol: iteration ends when all ranks together change by less; after `max_iter` iterations it ends anyway.
    personalization: how much the jumps prefer each vertex; also those from vertices without an edge.

    Raises ValueError for an empty graph, an alpha outside (0, 1), a tol or max_iter that is not positive, and
    a personalization of another length, with negative values, or without a positive sum.
    """
    import numpy

    graph, count = _graph(indptr, indices, num_vertices)
    alpha, tol, max_iter = float(alpha), float(tol), index(max_iter)
    if not count:
        raise ValueError("Invalid input: Cannot compute PageRank on empty graph")
    if not 0 < alpha < 1:
        raise ValueError(f"Invalid input: Alpha must be in (0, 1), got {alpha:g}")
    if not tol > 0:
        raise ValueError(f"Invalid input: Tolerance must be positive, got {tol:g}")
    if max_iter <= 0:
        raise ValueError("Invalid input: Maximum iterations must be positive")
    if personalization is not None:
        personalization = _floats(personalization, "personalization")
        if len(personalization) != count:
            raise ValueError(
                f"Invalid input: Personalization vector length {len(personalization)} doesn't match "
                f"num_vertices {count}")
        if not (personalization >= 0).all() or not numpy.isfinite(personalization).all():
            raise ValueError("Invalid input: Personalization vector must be finite and not negative")
        if not personalization.sum() > 0:
            raise ValueError("Invalid input: Personalization vector must have positive sum")
    try:
        # The engine's tolerance is one of each vertex.
        return _copies(graph.pagerank(alpha, tol / count, max_iter, personalization))[0]
    except errors.GraphError:
        return _iterated(
            numpy.asarray(indptr, numpy.int64), numpy.asarray(indices), alpha, max_iter, personalization)


def _iterated(indptr, indices, alpha: float, times: int, personalization):
    """The ranks after so many iterations, for those that do not converge: the engine gives none then."""
    import numpy

    degrees = numpy.diff(indptr)
    count = len(degrees)
    even = numpy.full(count, 1 / count)
    jumps = even if personalization is None else personalization / personalization.sum()
    origins = numpy.repeat(numpy.arange(count), degrees)
    ends = degrees == 0
    ranks = even
    for _ in range(times):
        shares = ranks / numpy.maximum(degrees, 1)
        followed = numpy.bincount(indices, shares[origins], count)
        ranks = alpha * (followed + ranks[ends].sum() * jumps) + (1 - alpha) * jumps
    return ranks


def connected_components_rust_py(
    sources: numpy.ndarray, targets: numpy.ndarray, num_vertices: int, directed: bool
) -> numpy.ndarray:
    """The number of each vertex's component (int64), counted from 0 by their smallest vertices.

    directed: has no effect, as components are weak: edges join both ways.

    Raises ValueError for arrays of different lengths, what is no vertex, and an empty graph.
    """
    if not _count(num_vertices):
        raise ValueError("Invalid input: Cannot compute components on empty graph")
    return _components(_ids(sources, "sources"), _ids(targets, "targets"), num_vertices, "int64")


def union_find_components(src: numpy.ndarray, dst: numpy.ndarray, num_vertices: int) -> numpy.ndarray:
    """`connected_components_rust_py` as int32; a graph without vertices has no components."""
    return _components(_ids(src, "src"), _ids(dst, "dst"), num_vertices, "int32")


def _components(sources, targets, num_vertices: int, kind: str):
    import numpy

    count = _count(num_vertices)
    if len(sources) != len(targets):
        raise ValueError("Sources and targets must have same length")
    _check_ids(count, sources, targets)
    # The engine's label is the smallest vertex.
    labels = Graph.from_edges(sources, targets, num_nodes=count).connected_components().to_numpy()
    numbers = numpy.cumsum(labels == numpy.arange(count)) - 1
    return numbers[labels].astype(kind)


# ---- Arguments -------------------------------------------------------------------------------------


def _graph(indptr, indices, num_vertices, weights=None) -> tuple:
    """(the graph of these rows, the number of its vertices)"""
    count = _count(num_vertices)
    indptr, indices = _integers(indptr, "indptr"), _ids(indices, "indices")
    if len(indptr) != count + 1:
        raise ValueError(f"indptr has {len(indptr)} values, but {count} vertices need {count + 1}")
    if weights is not None and len(weights) != len(indices):
        raise ValueError(
            f"Invalid input: Weights length {len(weights)} doesn't match number of edges {len(indices)}")
    return Graph.from_csr(indptr.astype("int64", copy=False), indices, weights), count


def _count(num_vertices) -> int:
    count = index(num_vertices)
    if count < 0:
        raise OverflowError("num_vertices is negative")
    return count


def _depth(max_depth) -> int | None:
    return None if max_depth is None else max(0, index(max_depth))


def _array(values, name: str, kinds: str, what: str):
    """One-dimensional numbers of these kinds, in one piece."""
    import numpy

    if values is None:
        raise TypeError(f"argument {name!r}: None is no array")
    found = numpy.asarray(values)
    if found.ndim != 1 or (found.dtype.kind not in kinds and found.size):
        raise TypeError(
            f"argument {name!r}: a one-dimensional array of {what} is needed, not {found.ndim} dimensions of "
            f"{found.dtype}")
    return numpy.ascontiguousarray(found)


def _integers(values, name: str):
    found = _array(values, name, "iu", "integers")
    return found if found.dtype.kind in "iu" else found.astype("int64")


def _ids(values, name: str):
    """Vertices as int32; those of larger types stay what they are where they do not fit."""
    found = _integers(values, name)
    if found.dtype == "int32":
        return found
    if found.size and (found.min() < -2**31 or found.max() >= 2**31):
        return found
    return found.astype("int32", copy=False)


def _floats(values, name: str):
    return _array(values, name, "fiu", "numbers").astype("float64", copy=False)


def _check_ids(count: int, *arrays) -> None:
    """Raises for the first of the edges, or sources, of which an end is no vertex."""
    if all(not len(ids) or (ids.min() >= 0 and ids.max() < count) for ids in arrays):
        return
    wrong = [(ids < 0) | (ids >= count) for ids in arrays]
    first = min(int(bad.argmax()) for bad in wrong if bad.any())
    which = next(ids for ids, bad in zip(arrays, wrong) if bad[first])
    raise ValueError(f"Invalid vertex ID: {which[first]}")


def _copies(*columns) -> tuple:
    """Arrays of the caller's own, who may write into them."""
    import numpy

    return tuple(numpy.array(column.to_numpy()) for column in columns)
