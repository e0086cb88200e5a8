"""What kernels share."""

from __future__ import annotations

import numpy
import scipy.sparse

from ... import errors
from .lists import Lists

INFINITY = float("inf")


def entries_of(lists: Lists, nodes) -> tuple:
    """(the entries of the lists of some nodes, the node of each)"""
    starts = lists.indptr[nodes]
    counts = lists.indptr[nodes + 1] - starts
    ends = numpy.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return numpy.repeat(starts - (ends - counts), counts) + numpy.arange(total), numpy.repeat(nodes, counts)


def node_ids(lists: Lists, ids, what: str):
    for node in ids:
        if not 0 <= node < lists.node_count:
            raise lists.unknown(what, node)
    return numpy.array(list(ids), numpy.int64)


def need(is_directed: bool, lists: Lists) -> None:
    if lists.directed != is_directed:
        raise errors.ArgumentError(f"this is for graphs {'with' if is_directed else 'without'} directions")


def bad_weight(lists: Lists, wrong) -> None:
    if wrong.any():
        entry = int(wrong.argmax())
        source, target = int(lists.rows[entry]), int(lists.indices[entry])
        weight = float(lists.weights[entry])
        raise errors.GraphError(
            f"the edge from {source} to {target} has the weight {weight}",
            {"source": source, "target": target, "weight": weight})


def scoring_weights(lists: Lists, options: dict, usual: bool):
    if lists.weights is None or not options.get("use_weights", usual):
        return numpy.ones(len(lists.indices))
    bad_weight(lists, ~(numpy.isfinite(lists.weights) & (lists.weights >= 0)))
    return lists.weights.astype(float)


def argument(is_good: bool, name: str, why: str) -> None:
    if not is_good:
        raise errors.ArgumentError(f"{name}: {why}", {"option": name})


def choice(options: dict, *allowed: str) -> None:
    if options.get("method", allowed[0]) not in allowed:
        raise errors.ArgumentError(f"method cannot be {options['method']!r}", {"option": "method"})


def iterate(options: dict, usual: int, limit: float, step, report) -> dict:
    """Calls `step`, which gives what it changed, until that is below `limit`."""
    last = options.get("max_iter", usual)
    argument(last >= 1, "maxIterations", "there must be one at least")
    argument(limit >= 0, "tolerance", "a tolerance is not negative")
    for iteration in range(1, last + 1):
        residual = float(step())
        report(iteration, residual)
        if residual < limit:
            return {"iterations": iteration, "residual": residual}
    raise errors.GraphError(
        f"no convergence in {last} iterations, the residual is {residual}",
        {"iterations": last, "residual": residual})


def node_values(lists: Lists, given, name: str, rest: float = 0.0):
    """A value for each node, from a list of all or a dict of some."""
    if isinstance(given, dict):
        values = numpy.full(lists.node_count, rest)
        for node, value in given.items():
            if not 0 <= int(node) < lists.node_count:
                raise lists.unknown(name, int(node))
            values[int(node)] = value
        return values
    if len(given) != lists.node_count:
        raise errors.ArgumentError(f"{len(given)} values of {name} and {lists.node_count} of nodes")
    return numpy.array(given, float)


def simple_adjacency(lists: Lists):
    """The adjacency without parallel edges and self-loops, each entry 1."""
    keep = lists.rows != lists.indices
    keep[1:] &= (lists.rows[1:] != lists.rows[:-1]) | (lists.indices[1:] != lists.indices[:-1])
    rows, columns = lists.rows[keep], lists.indices[keep]
    shape = lists.node_count, lists.node_count
    return scipy.sparse.csr_array((numpy.ones(len(rows), numpy.int64), (rows, columns)), shape)


def sums(places, values, count: int):
    """What values at each place add up to."""
    return numpy.bincount(places, values, count).astype(float)


def i4(values):
    return values.astype(numpy.int32)
