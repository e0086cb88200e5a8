"""Components."""

from __future__ import annotations

import numpy
import scipy.sparse
import scipy.sparse.csgraph

from .lists import Lists, answer
from .shared import choice, i4


def _components(lists: Lists, strong: bool) -> tuple:
    count = lists.node_count
    matrix = scipy.sparse.csr_array(
        (numpy.ones(len(lists.indices), numpy.int8), lists.indices, lists.indptr), (count, count))
    found, numbers = (0, numpy.zeros(0, numpy.int32)) if not count else (
        scipy.sparse.csgraph.connected_components(matrix, connection="strong" if strong else "weak"))
    smallest = numpy.full(found, count)
    numpy.minimum.at(smallest, numbers, numpy.arange(count))
    return answer(component=i4(smallest[numbers])), {"count": int(found)}


def connected_components(lists: Lists, options: dict, report) -> tuple:
    choice(options, "afforest", "union_find")
    return _components(lists, False)


def strongly_connected_components(lists: Lists, options: dict, report) -> tuple:
    choice(options, "auto", "tarjan", "forward_backward")
    return _components(lists, True)
