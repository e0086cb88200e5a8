"""Graphs: made from edges, held by the engine, asked by kernels."""

from __future__ import annotations

import ctypes

from .. import _cancel, _config, _ffi, _table, errors
from .memory import memory
from .paths import Paths
from .ranking import Ranking
from .running import LONG_EDGE_COUNT
from .structure import Structure
from .traversal import Traversal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple

    from .._cancel import CancellationToken
    from .._table import Array

    class Adjacency(NamedTuple):
        """Neighbours of all nodes, back to back: those of `node` are
        `indices[indptr[node]:indptr[node + 1]]` and ascend."""

        indptr: Array
        indices: Array
        weights: Array | None


class Graph(Traversal, Paths, Ranking, Structure):
    """A graph whose nodes are the numbers 0 ..< num_nodes; made once, never changed.

    Answers are columns in Arrow memory with a value for each node: numpy, pyarrow, polars and pandas
    take them without a copy, and they are the same bits for any number of threads.
    """

    __slots__ = ("_handle", "_counts", "_lists", "__weakref__")

    def __init__(self) -> None:
        raise TypeError("graphs are made by Graph.from_edges, from_table and from_file")

    @classmethod
    def _of(cls, handle: _ffi.Handle) -> Graph:
        made = object.__new__(cls)
        made._handle = handle
        nodes, edges = ctypes.c_int64(), ctypes.c_int64()
        directed, weighted = ctypes.c_int32(), ctypes.c_int32()
        _ffi.call(
            "pf_graph_counts", handle.value, ctypes.byref(nodes), ctypes.byref(edges),
            ctypes.byref(directed), ctypes.byref(weighted))
        made._counts = nodes.value, edges.value, bool(directed.value), bool(weighted.value)
        made._lists = {}
        return made

    @classmethod
    def from_edges(
        cls,
        source: Sequence[int],
        target: Sequence[int],
        weights: Sequence[float] | None = None,
        num_nodes: int | None = None,
        directed: bool = True,
        *,
        duplicates: str = "keep",
        self_loops: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Graph:
        """A graph from its edges.

        source, target: the nodes that each edge joins: integers of any width, as numpy or Arrow arrays
            (borrowed, not copied), other buffers or lists.
        weights: a number for each edge; float32 stays so, all else becomes float64.
        num_nodes: by default one more than the largest id.
        directed: whether an edge leads from source to target only.
        duplicates: what becomes of parallel edges: "keep" all, "merge" them to one with the sum of their
            weights, or keep the "first".
        self_loops: whether edges from a node to itself stay.

        Raises ArgumentError (a ValueError) with `details["position"]` of the first edge that is wrong,
        CancelledError.
        """
        _need_engine()
        sources, targets = memory(source, "source"), memory(target, "target")
        values = None if weights is None else memory(weights, "weights")
        for name, other in (("target", targets), ("weights", values)):
            if other is not None and other[2] != sources[2]:
                raise errors.ArgumentError(f"{sources[2]} values of source and {other[2]} of {name}")
        options = _options(num_nodes, directed, duplicates, self_loops, threads)
        address, form = (None, None) if values is None else values[:2]

        def work(handle: int) -> _ffi.Handle:
            return _ffi.create(
                "pf_graph_from_edges", *sources[:2], *targets[:2], address, form, sources[2], options,
                handle)

        return cls._of(_cancel.run(work, cancel, long=sources[2] > LONG_EDGE_COUNT))

    @classmethod
    def from_table(
        cls,
        data: object,
        source: str = "source",
        target: str = "target",
        weight: str | None = None,
        num_nodes: int | None = None,
        directed: bool = True,
        *,
        duplicates: str = "keep",
        self_loops: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Graph:
        """A graph from columns of a `Table` or of anything that speaks the Arrow PyCapsule protocol.

        source, target, weight: the names of the columns. Everything else is as for `from_edges`.
        """
        _need_engine()
        if not isinstance(data, _table.Table):
            data = _table.table(data)
        options = _options(
            num_nodes, directed, duplicates, self_loops, threads, source=source, target=target,
            weight=weight)
        names = [source, target] + ([] if weight is None else [weight])
        part = data.select(names)
        handle = getattr(part._store, "handle", None)
        if handle is None:
            handle = _table._import(part, None)

        def work(cancel_handle: int) -> _ffi.Handle:
            return _ffi.create("pf_graph_from_table", handle.value, options, cancel_handle)

        return cls._of(_cancel.run(work, cancel, long=data.num_rows > LONG_EDGE_COUNT))

    @classmethod
    def from_file(
        cls,
        path: object,
        source: str = "source",
        target: str = "target",
        weight: str | None = None,
        num_nodes: int | None = None,
        directed: bool = True,
        *,
        duplicates: str = "keep",
        self_loops: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Graph:
        """A graph from columns of a Parquet, CSV or Avro file, told apart by the end of its name."""
        import os

        from .. import _avro, _csv, _parquet

        names = [source, target] + ([] if weight is None else [weight])
        plain = os.fspath(path).lower()
        plain = plain if isinstance(plain, str) else os.fsdecode(plain)
        for packed in (".gz", ".zst", ".bz2", ".xz"):
            plain = plain[:-len(packed)] if plain.endswith(packed) else plain
        if plain.endswith((".parquet", ".pq", ".parq")):
            read = _parquet.read_parquet
        elif plain.endswith(".avro"):
            read = _avro.read_avro
        elif plain.endswith((".csv", ".tsv", ".txt")):
            read = _csv.read_csv
        else:
            raise errors.ArgumentError(
                f"{path} does not end in .parquet, .csv, .tsv, .txt or .avro: read it first, and use "
                "Graph.from_table")
        table = read(path, columns=names, cancel=cancel)
        return cls.from_table(
            table, source, target, weight, num_nodes, directed, duplicates=duplicates,
            self_loops=self_loops, threads=threads, cancel=cancel)

    # ---- What it is ---------------------------------------------------------------------------

    @property
    def num_nodes(self) -> int:
        return self._counts[0]

    @property
    def num_edges(self) -> int:
        """The edges; those without a direction count once."""
        return self._counts[1]

    @property
    def is_directed(self) -> bool:
        return self._counts[2]

    @property
    def is_weighted(self) -> bool:
        return self._counts[3]

    def csr(self) -> Adjacency:
        """For each node those that it leads to: (indptr int64, indices int32, weights or None).

        The columns share the graph's memory.
        """
        return self._adjacency(False, None)

    def csc(self, *, cancel: CancellationToken | None = None) -> Adjacency:
        """For each node those that lead to it, as `csr`; made by the first call."""
        return self._adjacency(True, cancel)

    def out_degree(self, node: int | None = None):
        """The edges that leave a node; without one, a column with those of each."""
        return self._degree(False, node)

    def in_degree(self, node: int | None = None):
        """The edges that end in a node; without one, a column with those of each."""
        return self._degree(True, node)

    def neighbors(self, node: int) -> Array:
        """The nodes that `node` leads to, ascending; shares the graph's memory."""
        start, end = self._range(self.csr(), node)
        return self.csr().indices[start:end]

    def _adjacency(self, by_target: bool, cancel) -> Adjacency:
        by_target = by_target and self.is_directed
        found = self._lists.get(by_target)
        if found is None:
            offsets, neighbors = ctypes.c_uint64(), ctypes.c_uint64()
            _cancel.run(
                lambda handle: _ffi.call(
                    "pf_graph_adjacency", self._handle.value, int(by_target), handle,
                    ctypes.byref(offsets), ctypes.byref(neighbors)),
                cancel, long=by_target and self.num_edges > LONG_EDGE_COUNT)
            first = _table.Table._of_handle(_ffi.Handle(offsets.value))
            second = _table.Table._of_handle(_ffi.Handle(neighbors.value))
            weights = second["weights"] if self.is_weighted else None
            found = self._lists[by_target] = _adjacency_type()(first["indptr"], second["indices"], weights)
        return found

    def _range(self, lists: Adjacency, node: int) -> tuple:
        node = node.__index__()
        if not 0 <= node < self.num_nodes:
            raise errors.OutOfRangeError(
                f"{node} is no node: there are 0 ..< {self.num_nodes}",
                {"what": "node", "index": node, "count": self.num_nodes})
        return lists.indptr[node], lists.indptr[node + 1]

    def _degree(self, by_target: bool, node: int | None):
        if node is not None:
            start, end = self._range(self._adjacency(by_target, None), node)
            return end - start
        table, _ = self._run("in_degree" if by_target else "out_degree", {}, None)
        return table[0]

    # ---- Other libraries ----------------------------------------------------------------------

    def to_scipy(self):
        """A `scipy.sparse.csr_array` of the weights, or of ones; indices and weights share memory."""
        import numpy
        import scipy.sparse

        indptr, indices, weights = self.csr()
        values = numpy.ones(len(indices), "i1") if weights is None else weights.to_numpy()
        shape = self.num_nodes, self.num_nodes
        return scipy.sparse.csr_array((values, indices.to_numpy(), indptr.to_numpy()), shape)

    def to_networkx(self):
        """A NetworkX graph with the same nodes, edges and, as `weight`, weights; a multigraph where
        edges are parallel."""
        import networkx

        indptr, indices, weights = (None if part is None else part.to_pylist() for part in self.csr())
        edges = []
        parallel = False
        for node in range(self.num_nodes):
            last = None
            for entry in range(indptr[node], indptr[node + 1]):
                other = indices[entry]
                parallel = parallel or other == last
                last = other
                if self.is_directed or other >= node:
                    edges.append((node, other) if weights is None else (node, other, weights[entry]))
        kinds = {
            (True, True): networkx.MultiDiGraph, (True, False): networkx.DiGraph,
            (False, True): networkx.MultiGraph, (False, False): networkx.Graph}
        graph = kinds[self.is_directed, parallel]()
        graph.add_nodes_from(range(self.num_nodes))
        if weights is None:
            graph.add_edges_from(edges)
        else:
            graph.add_weighted_edges_from(edges)
        return graph

    def __repr__(self) -> str:
        kind = "directed" if self.is_directed else "undirected"
        weights = ", weighted" if self.is_weighted else ""
        return f"<Graph: {self.num_nodes} nodes, {self.num_edges} edges, {kind}{weights}>"


def _need_engine() -> None:
    """Raises where graphs are disabled or the shared library is missing."""
    if not _config.part_enabled("graph"):
        raise errors.EngineUnavailableError("graphs need the engine, and that part of it is disabled")
    _ffi.library()


def _options(num_nodes, directed, duplicates, self_loops, threads, **columns) -> bytes | None:
    return _ffi.options(
        node_count=num_nodes, directed=None if directed else False,
        duplicates=None if duplicates == "keep" else duplicates, self_loops=None if self_loops else False,
        threads=threads, **columns)


def _adjacency_type():
    """The named tuple, made when it is first needed: `collections` costs a first call a millisecond."""
    global _Adjacency
    if _Adjacency is None:
        from collections import namedtuple

        _Adjacency = namedtuple("Adjacency", ("indptr", "indices", "weights"))
    return _Adjacency


_Adjacency = None
