"""Graphs: made from edges, held by the engine, asked by kernels."""

from __future__ import annotations

import ctypes

from .. import _cancel, _config, _ffi, _table, errors
from .centrality import Centrality
from .communities import Gathering
from .labels import Labels, column, named, settled, table
from .memory import memory
from .paths import Paths
from .ranking import Ranking
from .running import LONG_EDGE_COUNT
from .structure import Structure
from .traversal import Traversal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NamedTuple, TypedDict

    from typing_extensions import Unpack

    from .._cancel import CancellationToken
    from .._table import Array
    from .fallback import Lists
    from .running import Label

    class Adjacency(NamedTuple):
        """Neighbours of all nodes, back to back: those of `node` are
        `indices[indptr[node]:indptr[node + 1]]` and ascend."""

        indptr: Array
        indices: Array
        weights: Array | None

    class Making(TypedDict, total=False):
        """How edges become a graph.

        duplicates: what becomes of parallel edges: "keep" all, "merge" them to one with the sum of their
            weights, or keep the "first".
        self_loops: whether edges from a node to itself stay (True).
        labels: whether nodes are named by what source and target hold; by default where that is strings.
        threads: the most threads to use.
        cancel: a token that stops the call.
        """

        duplicates: str
        self_loops: bool
        labels: bool | None
        threads: int | None
        cancel: CancellationToken | None


class Graph(Labels, Traversal, Paths, Ranking, Centrality, Structure, Gathering):
    """A graph whose nodes are the numbers 0 ..< num_nodes; made once, never changed.

    Nodes may have names, too: `labels`. They are numbered by where their name comes first when edges are
    read in order, the source of each before its target; questions name nodes by their names then.

    Answers are columns in Arrow memory with a value for each node: numpy, pyarrow, polars and pandas
    take them without a copy, and they are the same bits for any number of threads.
    """

    __slots__ = ("_handle", "_counts", "_lists", "_names", "__weakref__")

    def __init__(self) -> None:
        raise TypeError("graphs are made by Graph.from_edges, from_table and from_file")

    @classmethod
    def _of(cls, handle: _ffi.Handle | Lists) -> Graph:
        made = object.__new__(cls)
        made._handle = handle
        made._lists, made._names = {}, False
        if not isinstance(handle, _ffi.Handle):
            made._counts = handle.counts
            return made
        nodes, edges = ctypes.c_int64(), ctypes.c_int64()
        directed, weighted = ctypes.c_int32(), ctypes.c_int32()
        _ffi.call(
            "pf_graph_counts", handle.value, ctypes.byref(nodes), ctypes.byref(edges),
            ctypes.byref(directed), ctypes.byref(weighted))
        made._counts = nodes.value, edges.value, bool(directed.value), bool(weighted.value)
        return made

    @classmethod
    def from_edges(
        cls,
        source: Sequence[Label],
        target: Sequence[Label],
        weights: Sequence[float] | None = None,
        num_nodes: int | None = None,
        directed: bool = True,
        **making: Unpack[Making],
    ) -> Graph:
        """A graph from its edges.

        source, target: the nodes that each edge joins: integers of any width, as numpy or Arrow arrays
            (borrowed, not copied), other buffers or lists; or names: strings, or with labels=True integers,
            dates, times, decimals and bytes, in any layout or dictionary.
        weights: a number for each edge; float32 stays so, all else becomes float64.
        num_nodes: by default one more than the largest id, or as many as there are names.
        directed: whether an edge leads from source to target only.
        duplicates: what becomes of parallel edges: "keep" all, "merge" them to one with the sum of their
            weights, or keep the "first".
        self_loops: whether edges from a node to itself stay.
        labels: whether source and target hold names; by default where they are strings.
        threads, cancel: the most threads to use; a token that stops the call.

        Raises ArgumentError (a ValueError) with `details["position"]` of the first edge that is wrong,
        CancelledError.
        """
        if not _has_engine():
            from . import fallback

            return cls._of(fallback.from_edges(source, target, weights, num_nodes, directed, making))
        options, cancel = _options(num_nodes, directed, making)
        source, target = settled(source), settled(target)
        names = {"source": named(source, "source"), "target": named(target, "target")}
        if any(names.values()):
            for name, given in (("source", source), ("target", target)):
                names[name] = names[name] or column(given, name)
            if weights is not None:
                names["weight"] = column(weights, "weights")
            _check_lengths(len(names["source"]), target=names["target"], weights=names.get("weight"))
            handle, kept = table(names)
            options, _ = _options(num_nodes, directed, making, weight="weight" if len(names) == 3 else None)
            return cls._from_handle(handle.value, options, cancel, len(names["source"]), kept)
        sources, targets = memory(source, "source"), memory(target, "target")
        values = (None, None, None) if weights is None else memory(weights, "weights")
        _check_lengths(
            sources[2], target=range(targets[2]), weights=None if weights is None else range(values[2]))

        def work(handle: int) -> _ffi.Handle:
            return _ffi.create(
                "pf_graph_from_edges", *sources[:2], *targets[:2], *values[:2], sources[2], options, handle)

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
        **making: Unpack[Making],
    ) -> Graph:
        """A graph from columns of a `Table` or of anything that speaks the Arrow PyCapsule protocol.

        source, target, weight: the names of the columns. Everything else is as for `from_edges`.
        """
        has_engine = _has_engine()
        if not isinstance(data, _table.Table):
            data = _table.table(data)
        if not has_engine:
            columns = [None if name is None else data[name] for name in (source, target, weight)]
            return cls.from_edges(*columns, num_nodes, directed, **making)
        options, cancel = _options(
            num_nodes, directed, making, source=source, target=target, weight=weight)
        names = [source, target] + ([] if weight is None else [weight])
        part = data.select(list(dict.fromkeys(names)))
        handle = getattr(part._store, "handle", None)
        if handle is None:
            handle = _table._import(part, None)
        return cls._from_handle(handle.value, options, cancel, data.num_rows, handle)

    @classmethod
    def _from_handle(cls, table: int, options, cancel, edge_count: int, kept: object) -> Graph:
        made = _cancel.run(
            lambda handle: (_ffi.create("pf_graph_from_table", table, options, handle), kept)[0], cancel,
            long=edge_count > LONG_EDGE_COUNT)
        return cls._of(made)

    @classmethod
    def from_file(
        cls,
        path: object,
        source: str = "source",
        target: str = "target",
        weight: str | None = None,
        num_nodes: int | None = None,
        directed: bool = True,
        **making: Unpack[Making],
    ) -> Graph:
        """A graph from columns of a Parquet, CSV or Avro file, told apart by the end of its name.

        Everything else is as for `from_table`.
        """
        import os

        from .. import _avro, _csv, _parquet

        _, cancel = _options(num_nodes, directed, making)
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
        table = read(path, columns=list(dict.fromkeys(names)), cancel=cancel)
        return cls.from_table(table, source, target, weight, num_nodes, directed, **making)

    @classmethod
    def from_csr(
        cls,
        indptr: Sequence[int],
        indices: Sequence[int],
        weights: Sequence[float] | None = None,
        directed: bool = True,
        *,
        threads: int | None = None,
        cancel: CancellationToken | None = None,
    ) -> Graph:
        """A graph over lists of neighbours: those of `node` are `indices[indptr[node]:indptr[node + 1]]`.

        An indptr of int64, indices of int32 and weights of floats are shared, not copied, where each list
        ascends: who gives such arrays must not change them as long as the graph lives.

        directed: without, each edge stands in the lists of both of its nodes.

        Raises ArgumentError with `details["position"]` of what is wrong, CancelledError.
        """
        if not _has_engine():
            from . import fallback

            return cls._of(fallback.from_csr(indptr, indices, weights, directed, cancel))
        from .. import _source

        offsets, neighbors = memory(indptr, "indptr"), memory(indices, "indices")
        values = (None, None, None, None) if weights is None else memory(weights, "weights")
        _check_lengths(
            neighbors[2], "indices", weights=None if weights is None else range(values[2]))
        key = _source.lend((offsets[3], neighbors[3], values[3]))
        options = _ffi.options(directed=None if directed else False, threads=threads)

        def work(handle: int) -> _ffi.Handle:
            return _ffi.create(
                "pf_graph_from_csr", *offsets[:3], *neighbors[:2], *values[:2], neighbors[2], options,
                _source.RELEASE, key, handle)

        return cls._of(_cancel.run(work, cancel, long=neighbors[2] > LONG_EDGE_COUNT))

    @classmethod
    def from_scipy(cls, matrix: object, directed: bool = True, *, weighted: bool = True) -> Graph:
        """A graph from a square `scipy.sparse` array or matrix: an edge for each entry that is stored, with
        the entry as its weight, but for booleans. Memory is shared as by `from_csr`."""
        rows = matrix.tocsr()
        if rows.shape[0] != rows.shape[1]:
            raise errors.ArgumentError(f"the matrix has {rows.shape[0]} rows and {rows.shape[1]} columns")
        values = rows.data if weighted and rows.data.dtype.kind != "b" else None
        return cls.from_csr(rows.indptr, rows.indices, values, directed)

    @classmethod
    def from_networkx(cls, graph: object, weight: str | None = "weight") -> Graph:
        """A graph from one of NetworkX, with the same nodes in the same order.

        weight: the attribute of edges that is their weight, 1 where an edge has none; there are no weights
            where no edge has it.

        Nodes that are not 0, 1, 2, … become labels; strings or integers, all of one kind.
        """
        nodes = list(graph.nodes)
        places = {node: place for place, node in enumerate(nodes)}
        source, target, weights = [], [], []
        is_weighted = False
        for first, second, value in graph.edges(data=weight if weight is not None else "", default=None):
            source.append(places[first])
            target.append(places[second])
            is_weighted = is_weighted or value is not None
            weights.append(1 if value is None else value)
        made = cls.from_edges(
            source, target, weights if is_weighted else None, len(nodes), graph.is_directed())
        if all(type(node) is int and node == place for place, node in enumerate(nodes)):
            return made
        return made.labeled(nodes)

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

    def out_degree(self, node: Label | None = None):
        """The edges that leave a node; without one, a column with those of each."""
        return self._degree(False, node)

    def in_degree(self, node: Label | None = None):
        """The edges that end in a node; without one, a column with those of each."""
        return self._degree(True, node)

    def neighbors(self, node: Label) -> Array:
        """The nodes that `node` leads to, by ascending id; shares the graph's memory."""
        start, end = self._range(self.csr(), node)
        return self.csr().indices[start:end]

    def _adjacency(self, by_target: bool, cancel) -> Adjacency:
        by_target = by_target and self.is_directed
        found = self._lists.get(by_target)
        if found is None and not isinstance(self._handle, _ffi.Handle):
            found = self._lists[by_target] = _adjacency_type()(*self._handle.adjacency(by_target))
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

    def _range(self, lists: Adjacency, node: Label) -> tuple:
        node = node.__index__() if self.labels is None else self._node_ids([node])[0]
        if not 0 <= node < self.num_nodes:
            raise errors.OutOfRangeError(
                f"{node} is no node: there are 0 ..< {self.num_nodes}",
                {"what": "node", "index": node, "count": self.num_nodes})
        return lists.indptr[node], lists.indptr[node + 1]

    def _degree(self, by_target: bool, node: Label | None):
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
        """A NetworkX graph with the same nodes (by their labels), edges and, as `weight`, weights; a
        multigraph where edges are parallel."""
        import networkx

        indptr, indices, weights = (None if part is None else part.to_pylist() for part in self.csr())
        names = range(self.num_nodes) if self.labels is None else self.labels.to_pylist()
        edges = []
        parallel = False
        for node in range(self.num_nodes):
            last = None
            for entry in range(indptr[node], indptr[node + 1]):
                other = indices[entry]
                parallel = parallel or other == last
                last = other
                if self.is_directed or other >= node:
                    ends = names[node], names[other]
                    edges.append(ends if weights is None else (*ends, weights[entry]))
        kinds = {
            (True, True): networkx.MultiDiGraph, (True, False): networkx.DiGraph,
            (False, True): networkx.MultiGraph, (False, False): networkx.Graph}
        graph = kinds[self.is_directed, parallel]()
        graph.add_nodes_from(names)
        if weights is None:
            graph.add_edges_from(edges)
        else:
            graph.add_weighted_edges_from(edges)
        return graph

    def __repr__(self) -> str:
        kind = "directed" if self.is_directed else "undirected"
        weights = ", weighted" if self.is_weighted else ""
        return f"<Graph: {self.num_nodes} nodes, {self.num_edges} edges, {kind}{weights}>"


def _has_engine() -> bool:
    """Whether graphs are enabled and the shared library is there."""
    if not _config.part_enabled("graph"):
        return False
    try:
        _ffi.library()
        return True
    except errors.EngineUnavailableError:
        return False


def _options(num_nodes, directed: bool, making: dict, **columns) -> tuple:
    """(options of the engine, the token) from how edges become a graph."""
    making = dict(making)
    cancel, duplicates = making.pop("cancel", None), making.pop("duplicates", "keep")
    chosen = {name: making.pop(name, None) for name in ("threads", "labels")}
    self_loops = making.pop("self_loops", True)
    if making:
        raise TypeError(f"unexpected argument {next(iter(making))!r}")
    options = _ffi.options(
        node_count=num_nodes, directed=None if directed else False,
        duplicates=None if duplicates == "keep" else duplicates, self_loops=None if self_loops else False,
        **chosen, **columns)
    return options, cancel


def _check_lengths(count: int, first: str = "source", **others) -> None:
    for name, other in others.items():
        if other is not None and len(other) != count:
            raise errors.ArgumentError(f"{count} values of {first} and {len(other)} of {name}")


def _adjacency_type():
    """The named tuple, made when it is first needed: `collections` costs a first call a millisecond."""
    global _Adjacency
    if _Adjacency is None:
        from collections import namedtuple

        _Adjacency = namedtuple("Adjacency", ("indptr", "indices", "weights"))
    return _Adjacency


_Adjacency = None
