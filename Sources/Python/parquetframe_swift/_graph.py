"""Graphs: made from edges, held by the engine, asked by kernels."""

from __future__ import annotations

import ctypes

from . import _arrow, _cancel, _config, _ffi, _table, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NamedTuple

    from ._cancel import CancellationToken
    from ._table import Array

    class Adjacency(NamedTuple):
        """Neighbours of all nodes, back to back: those of `node` are
        `indices[indptr[node]:indptr[node + 1]]` and ascend."""

        indptr: Array
        indices: Array
        weights: Array | None

# What Arrow calls the formats of buffers, by kind and width.
_FORMATS = {
    ("i", 1): b"c", ("i", 2): b"s", ("i", 4): b"i", ("i", 8): b"l",
    ("u", 1): b"C", ("u", 2): b"S", ("u", 4): b"I", ("u", 8): b"L",
    ("f", 4): b"f", ("f", 8): b"g",
}
_KINDS = {**dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), "f": "f", "d": "f"}
# Edges above which Ctrl-C is listened for (some 10 ms of work).
_LONG_EDGE_COUNT = 1 << 20


class Graph:
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
        sources, targets = _memory(source, "source"), _memory(target, "target")
        values = None if weights is None else _memory(weights, "weights")
        for name, other in (("target", targets), ("weights", values)):
            if other is not None and other[2] != sources[2]:
                raise errors.ArgumentError(f"{sources[2]} values of source and {other[2]} of {name}")
        options = _options(num_nodes, directed, duplicates, self_loops, threads)
        address, form = (None, None) if values is None else values[:2]

        def work(handle: int) -> _ffi.Handle:
            return _ffi.create(
                "pf_graph_from_edges", *sources[:2], *targets[:2], address, form, sources[2], options,
                handle)

        return cls._of(_cancel.run(work, cancel, long=sources[2] > _LONG_EDGE_COUNT))

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

        return cls._of(_cancel.run(work, cancel, long=data.num_rows > _LONG_EDGE_COUNT))

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

        from . import _avro, _csv, _parquet

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
                cancel, long=by_target and self.num_edges > _LONG_EDGE_COUNT)
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

    # ---- Kernels ------------------------------------------------------------------------------

    def bfs(
        self,
        sources: int | Sequence[int],
        max_depth: int | None = None,
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> tuple[Array, Array]:
        """Searches breadth first: (distances int32, predecessors int32).

        A distance is the number of edges on the way from the nearest source, -1 where there is none. A
        predecessor is, of the nodes one step nearer with an edge to this one, the smallest; -1 for
        sources and for what is not reached. Nodes further away than `max_depth` are not reached.

        In a directed graph the search is faster once `csc()` has been called.

        Raises OutOfRangeError (an IndexError) for a source that is no node, CancelledError.
        """
        table, _ = self._run("bfs", {"sources": _nodes(sources), "max_depth": max_depth}, cancel, threads)
        return table[0], table[1]

    def pagerank(
        self,
        alpha: float = 0.85,
        tol: float = 1e-6,
        max_iter: int = 100,
        personalization: Sequence[float] | Mapping[int, float] | None = None,
        *,
        use_weights: bool = True,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Array:
        """The rank of each node (float64), as NetworkX defines it; they sum to 1.

        alpha: the probability that a reader follows an edge; else, and where none leads away, he jumps.
        tol: iteration ends when all ranks together change by less than this times the nodes.
        personalization: where he jumps to: a weight for each node, or a dict of some; by default all alike.
        use_weights: whether edges are chosen by weight, where they have one.

        Raises GraphError where `max_iter` iterations do not converge or a weight is negative or not
        finite, ArgumentError, CancelledError.
        """
        if personalization is not None:
            if hasattr(personalization, "items"):
                personalization = {str(node.__index__()): float(value) for node, value in personalization.items()}
            else:
                personalization = [float(value) for value in personalization]
        options = {
            "alpha": float(alpha), "tol": float(tol), "max_iter": max_iter, "personalization": personalization,
            "use_weights": None if use_weights else False}
        return self._run("pagerank", options, cancel, threads)[0][0]

    def connected_components(
        self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> Array:
        """The component of each node (int32), named by its smallest node; directions do not matter."""
        return self._run("connected_components", {}, cancel, threads)[0][0]

    def strongly_connected_components(
        self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> Array:
        """The component of each node (int32), named by its smallest node: two nodes share one where
        each can be reached from the other."""
        return self._run("strongly_connected_components", {}, cancel, threads)[0][0]

    def core_numbers(
        self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> Array:
        """The core number of each node (int32): the largest k for which it is in a part of the graph where
        each node has k neighbours.

        Raises ArgumentError for a directed graph.
        """
        return self._run("core_numbers", {}, cancel, threads)[0][0]

    def triangle_count(self, *, threads: int | None = None, cancel: CancellationToken | None = None) -> int:
        """The number of sets of three nodes that edges join two by two.

        Raises ArgumentError for a directed graph.
        """
        return self._run("triangle_count", {}, cancel, threads)[1]["count"]

    def _run(self, kernel: str, options: dict, cancel, threads: int | None = None):
        """The table and the summary of a kernel."""
        import json

        table, summary = ctypes.c_uint64(), ctypes.c_void_p()
        text = _ffi.options(threads=threads, **options)
        _cancel.run(
            lambda handle: _ffi.call(
                "pf_graph_run", self._handle.value, kernel.encode(), text, handle, ctypes.byref(table),
                ctypes.byref(summary)),
            cancel, long=self.num_edges + self.num_nodes > _LONG_EDGE_COUNT)
        made = _table.Table._of_handle(_ffi.Handle(table.value))
        return made, json.loads(_ffi.take_string(summary))

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


def _nodes(sources) -> list:
    """The ids of one node or of some."""
    if hasattr(sources, "tolist"):
        sources = sources.tolist()  # numpy: a number for an array without dimensions
    return [sources.__index__()] if hasattr(sources, "__index__") else [node.__index__() for node in sources]


def _adjacency_type():
    """The named tuple, made when it is first needed: `collections` costs a first call a millisecond."""
    global _Adjacency
    if _Adjacency is None:
        from collections import namedtuple

        _Adjacency = namedtuple("Adjacency", ("indptr", "indices", "weights"))
    return _Adjacency


_Adjacency = None


def _memory(values, name: str) -> tuple:
    """(address, Arrow format, count, what keeps the memory) of numbers in one piece."""
    if hasattr(values, "__arrow_c_array__"):
        return _arrow_memory(values, name)
    if not hasattr(values, "__array_interface__"):
        if hasattr(values, "__array__"):
            values = values.__array__()
        elif not hasattr(values, "__buffer__") and not isinstance(values, (bytes, bytearray, memoryview)):
            values = _packed(values, name)
    from . import _source

    view = memoryview(values)
    if view.ndim != 1:
        raise errors.ArgumentError(f"{name} has {view.ndim} dimensions, not one")
    code = view.format.lstrip("@=<")
    form = _FORMATS.get((_KINDS.get(code), view.itemsize))
    if form is None:
        raise errors.ArgumentError(f"{name} is made of {view.format!r}, not of numbers")
    memory = _source._Memory(view if view.contiguous else view.tobytes())
    return memory.address or 0, form, len(view), memory


def _width(form: bytes) -> int:
    return next(width for (_, width), code in _FORMATS.items() if code == form)


def _arrow_memory(values, name: str) -> tuple:
    schema_capsule, array_capsule = values.__arrow_c_array__()
    form = _arrow.ArrowSchema.from_address(_arrow.capsule_address(schema_capsule, "schema")).format
    array = _arrow.OwnedArray()
    array.move_from(_arrow.capsule_address(array_capsule, "array"))
    struct = array.struct
    if form not in _FORMATS.values():
        raise errors.ArgumentError(f"{name} has the Arrow format {form.decode()!r}, not one of numbers")
    if struct.null_count and struct.buffers[0]:
        raise errors.ArgumentError(f"{name} has nulls", {"column": name})
    address = (struct.buffers[1] or 0) + struct.offset * _width(form) if struct.length else 0
    return address, form, struct.length, array


def _packed(values, name: str):
    """A list of numbers as a buffer."""
    import array

    values = list(values)
    try:
        return array.array("q", values)
    except OverflowError:
        raise errors.ArgumentError(f"{name} has integers above 64 bits") from None
    except TypeError:
        try:
            return array.array("d", values)
        except TypeError:
            raise errors.ArgumentError(f"{name} is not made of numbers") from None
