"""The same graphs over numpy, scipy and pyarrow, for where the engine is missing or disabled."""

from __future__ import annotations

from ... import _fallback, _schema, _table, errors

_MOST_NODES = 2**31 - 1


def module(name: str):
    """A library that takes the engine's place."""
    return _fallback.stand_in(name, "its place with numpy, scipy and pyarrow")


def note() -> None:
    """Says, at level debug, that the engine does not do the work."""
    from ... import _logging

    for name in ("numpy", "pyarrow"):
        module(name)
    _logging.debug("numpy and scipy hold graphs in place of the engine")


def answer(**columns) -> list:
    """Columns of an answer."""
    pyarrow = module("pyarrow")
    made = []
    for name, values in columns.items():
        values = values if isinstance(values, pyarrow.Array) else pyarrow.array(values)
        batch = pyarrow.RecordBatch.from_arrays(
            [values], schema=pyarrow.schema([pyarrow.field(name, values.type, nullable=False)]))
        store = _fallback._ArrowStore(pyarrow.Table.from_batches([batch]))
        store.batches, store.num_batches = [batch], 1
        schema = _schema.Schema(batch.schema._export_to_c, batch.schema.__arrow_c_schema__)
        made.append(_table.Array(store, schema[0]))
    return made


def _column(values, name: str):
    """Values as one pyarrow array without dictionary, views or nulls."""
    pyarrow, numpy = module("pyarrow"), module("numpy")
    types = pyarrow.types
    if hasattr(values, "__arrow_c_stream__"):
        values = pyarrow.chunked_array(values).combine_chunks()
    elif not hasattr(values, "__arrow_c_array__") and not isinstance(values, (list, tuple)):
        values = numpy.asarray(values) if hasattr(values, "__len__") else list(values)
        if getattr(values, "ndim", 1) != 1:
            raise errors.ArgumentError(f"{name} has {values.ndim} dimensions, not one")
    try:
        if getattr(getattr(values, "dtype", None), "kind", None) in ("O", "T"):
            values = values.tolist()
        made = pyarrow.array(values)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError) as problem:
        raise errors.ArgumentError(f"{name} is not made of values of one type: {problem}") from None
    if isinstance(made, pyarrow.ChunkedArray):
        made = made.combine_chunks()
    if types.is_dictionary(made.type):
        made = made.dictionary_decode()
    kind = str(made.type)
    if kind in ("string_view", "large_string"):
        made = made.cast(pyarrow.string())
    elif kind in ("binary_view", "large_binary"):
        made = made.cast(pyarrow.binary())
    if made.null_count:
        position = made.is_null().index(True).as_py()
        what = f"label {position}" if name.startswith("label") else f"the {name} of edge {position}"
        raise errors.ArgumentError(f"{what} is null", {"column": name, "position": position})
    return made.cast(pyarrow.int64()) if types.is_null(made.type) else made


def _is_text(column) -> bool:
    return str(column.type) in ("string", "binary")


def _ids(column, name: str, count: int | None):
    """Ids as int64, which are checked."""
    pyarrow, numpy = module("pyarrow"), module("numpy")
    if not pyarrow.types.is_integer(column.type):
        raise errors.ArgumentError(
            f"the type of {name} is {column.type}, where integers are needed", {"column": name})
    ids = column.to_numpy(zero_copy_only=False)
    limit = _MOST_NODES if count is None else count
    wrong = (ids < 0) | (ids >= limit) if len(ids) else ids
    if len(ids) and wrong.any():
        position = int(wrong.argmax())
        node = int(ids[position])
        raise errors.ArgumentError(
            f"the {name} of edge {position} is {node}, outside 0 ..< {limit}",
            {"column": name, "position": position, "node": node, "node_count": limit})
    return ids.astype(numpy.int64)


def _weights(values, name: str = "weight"):
    numpy, pyarrow = module("numpy"), module("pyarrow")
    if values is None:
        return None
    column = _column(values, name)
    types = pyarrow.types
    if not (types.is_integer(column.type) or types.is_floating(column.type)):
        raise errors.ArgumentError(
            f"the type of {name} is {column.type}, where numbers are needed", {"column": name})
    made = column.to_numpy(zero_copy_only=False)
    return made if made.dtype == numpy.float32 else made.astype(numpy.float64)


def _label_columns(source, target):
    """Both columns in one type that both have."""
    pyarrow = module("pyarrow")
    types = pyarrow.types
    kinds = [source.type, target.type]
    for name, kind in zip(("source", "target"), kinds):
        if types.is_floating(kind) or types.is_nested(kind) or types.is_boolean(kind):
            raise errors.ArgumentError(f"the type of {name} is {kind}, which no label has", {"column": name})
    if kinds[0] == kinds[1]:
        return source, target
    if not all(map(types.is_integer, kinds)):
        raise errors.ArgumentError(
            f"the type of target is {kinds[1]}, where {kinds[0]} are needed", {"column": "target"})
    signed = [types.is_signed_integer(kind) for kind in kinds]
    if any(signed) and pyarrow.uint64() in kinds:
        raise errors.ArgumentError("uint64 beside a signed type", {"column": "target"})
    widest = max(kinds, key=lambda kind: kind.bit_width)
    common = widest if signed[0] == signed[1] else pyarrow.int64()
    return source.cast(common), target.cast(common)


def from_edges(source, target, weights, num_nodes, directed: bool, making: dict) -> Lists:
    """`Graph.from_edges` and `Graph.from_table`."""
    numpy, pyarrow = module("numpy"), module("pyarrow")
    note()
    making = dict(making)
    check(making.pop("cancel", None))
    making.pop("threads", None)
    duplicates, loops = making.pop("duplicates", "keep"), making.pop("self_loops", True)
    labels = making.pop("labels", None)
    if making:
        raise TypeError(f"unexpected argument {next(iter(making))!r}")
    if duplicates not in ("keep", "merge", "first"):
        raise errors.ArgumentError(f"duplicates cannot be {duplicates!r}: keep, merge or first")
    if num_nodes is not None and num_nodes < 0:
        raise errors.ArgumentError("there is no negative number of nodes", {"option": "nodeCount"})
    if num_nodes is not None and num_nodes > _MOST_NODES:
        raise errors.ArgumentError(
            f"{num_nodes} as the number or id of nodes: ids are 32-bit integers, below {_MOST_NODES}")
    source, target = _column(source, "source"), _column(target, "target")
    weights = _weights(weights)
    for name, other in (("target", target), ("weights", weights)):
        if other is not None and len(other) != len(source):
            raise errors.ArgumentError(f"{len(source)} values of source and {len(other)} of {name}")
    names = None
    if labels or labels is None and (_is_text(source) or _is_text(target)):
        source, target = _label_columns(source, target)
        both = pyarrow.concat_arrays([source, target])
        count = len(source)
        order = numpy.arange(2 * count).reshape(2, count).T.ravel()
        coded = both.take(pyarrow.array(order)).dictionary_encode()
        names = coded.dictionary
        codes = coded.indices.to_numpy().astype(numpy.int64)
        first, second = codes[0::2], codes[1::2]
        if num_nodes is not None and num_nodes != len(names):
            raise errors.ArgumentError(
                f"{len(names)} values of labels and {num_nodes} of nodes", {"option": "node_count"})
        num_nodes = len(names)
    else:
        first, second = _ids(source, "source", num_nodes), _ids(target, "target", num_nodes)
        if num_nodes is None:
            largest = int(max(first.max(initial=-1), second.max(initial=-1)))
            if largest >= max(1 << 20, len(first) * 64):
                raise errors.ArgumentError(
                    f"ids reach {largest} in {len(first)} edges: give the number of nodes if that is meant")
            num_nodes = largest + 1
    places = numpy.arange(len(first))
    if not loops:
        places = places[first != second]
    if not directed:
        ways = places[first[places] != second[places]]
        first, second = (
            numpy.concatenate([first[places], second[ways]]), numpy.concatenate([second[places], first[ways]]))
        places = numpy.concatenate([places, ways])
    else:
        first, second = first[places], second[places]
    order = numpy.lexsort((places, second, first))
    first, second = first[order], second[order]
    weights = None if weights is None else weights[places[order]]
    if duplicates != "keep" and len(first):
        is_new = numpy.concatenate([[True], (first[1:] != first[:-1]) | (second[1:] != second[:-1])])
        if weights is not None:
            sums = weights[is_new]
            if duplicates == "merge":
                numpy.add.at(sums, (numpy.cumsum(is_new) - 1)[~is_new], weights[~is_new])
            weights = sums
        first, second = first[is_new], second[is_new]
    indptr = numpy.concatenate([[0], numpy.cumsum(numpy.bincount(first, minlength=num_nodes))])
    return Lists(indptr.astype(numpy.int64), second.astype(numpy.int32), weights, directed, names)


def from_csr(indptr, indices, weights, directed: bool, cancel) -> Lists:
    """`Graph.from_csr`."""
    numpy = module("numpy")
    note()
    check(cancel)
    offsets = _column(indptr, "indptr").to_numpy(zero_copy_only=False)
    weights = _weights(weights, "weights")
    count = max(len(offsets) - 1, 0)
    ids = _column(indices, "indices")
    if weights is not None and len(weights) != len(ids):
        raise errors.ArgumentError(f"{len(ids)} values of indices and {len(weights)} of weights")
    if offsets.dtype.kind not in "iu":
        raise errors.ArgumentError(f"the type of indptr is {offsets.dtype}, where integers are needed")
    offsets = offsets.astype(numpy.int64)
    wrong = numpy.concatenate([offsets[:1] != 0, numpy.diff(offsets) < 0])
    if not len(offsets) or wrong.any() or offsets[-1] != len(ids):
        position = int(wrong.argmax()) if wrong.any() else count
        value = int(offsets[position]) if len(offsets) else 0
        raise errors.ArgumentError(
            f"offset {position} is {value}: offsets begin with 0, never decrease and end with the edges",
            {"position": position})
    ids = _ids(ids, "target", count)
    rows = numpy.repeat(numpy.arange(count), numpy.diff(offsets))
    order = numpy.lexsort((ids, rows))
    ids = ids[order]
    weights = None if weights is None else weights[order]
    if not directed:
        values = numpy.zeros(len(ids)) if weights is None else weights
        here, there = numpy.lexsort((values, ids, rows)), numpy.lexsort((values, rows, ids))
        unlike = (
            (rows[here] != ids[there]) | (ids[here] != rows[there])
            | (values[here].view("i4" if values.itemsize == 4 else "i8")
               != values[there].view("i4" if values.itemsize == 4 else "i8")))
        if unlike.any():
            place = int(unlike.argmax())
            node = int(min(rows[here][place], ids[there][place]))
            raise errors.ArgumentError(
                f"the edges of node {node} do not stand at their other nodes, too, with the same weights",
                {"node": node})
    return Lists(offsets, ids.astype(numpy.int32), weights, directed, None)


def check(cancel) -> None:
    """Raises where a token was cancelled."""
    if cancel is not None and cancel.is_cancelled():
        raise errors.CancelledError("cancelled")


class Lists:
    """What stands in for the engine's handle of a graph: its lists of neighbours, and its labels."""

    def __init__(self, indptr, indices, weights, directed: bool, labels) -> None:
        numpy = module("numpy")
        self.indptr, self.indices, self.weights = indptr, indices, weights
        self.directed, self.labels = directed, labels
        self.node_count = len(indptr) - 1
        self.rows = numpy.repeat(numpy.arange(self.node_count, dtype=numpy.int64), numpy.diff(indptr))
        self.loops = int((self.rows == indices).sum())
        self._reversed = None

    @property
    def counts(self) -> tuple:
        entries = len(self.indices)
        edges = entries if self.directed else (entries + self.loops) // 2
        return self.node_count, edges, self.directed, self.weights is not None

    def reversed(self) -> Lists:
        """The lists by target."""
        if not self.directed:
            return self
        if self._reversed is None:
            numpy = module("numpy")
            order = numpy.lexsort((numpy.arange(len(self.indices)), self.rows, self.indices))
            counts = numpy.bincount(self.indices, minlength=self.node_count)
            indptr = numpy.concatenate([[0], numpy.cumsum(counts)]).astype(numpy.int64)
            weights = None if self.weights is None else self.weights[order]
            self._reversed = Lists(indptr, self.rows[order].astype(numpy.int32), weights, True, None)
        return self._reversed

    def adjacency(self, by_target: bool) -> tuple:
        """(indptr, indices, weights or None) as columns."""
        lists = self.reversed() if by_target else self
        indptr, indices = answer(indptr=lists.indptr, indices=lists.indices)
        weights = None if lists.weights is None else answer(weights=lists.weights)[0]
        return indptr, indices, weights

    def label_column(self, nodes=None):
        """All labels, or those of some nodes: None for -1."""
        if self.labels is None:
            return None
        if nodes is None:
            return answer(label=self.labels)[0]
        pyarrow, numpy = module("pyarrow"), module("numpy")
        ids = numpy.asarray(_column(nodes, "nodes"))
        wrong = (ids < -1) | (ids >= self.node_count)
        if wrong.any():
            raise self.unknown("node", int(ids[wrong.argmax()]))
        return answer(label=self.labels.take(pyarrow.array(ids, mask=ids == -1)))[0]

    def nodes(self, labels):
        """The node of each label, -1 for none."""
        pyarrow = module("pyarrow")
        labels = _column(labels, "labels")
        if labels.type != self.labels.type:
            labels = _as_type(labels, self.labels.type)
        found = pyarrow.compute.index_in(labels, value_set=self.labels) if module("pyarrow.compute") else None
        return answer(node=found.fill_null(-1).cast(pyarrow.int32()))[0]

    def labeled(self, labels) -> Lists:
        labels = _column(labels, "labels")
        if len(labels) != self.node_count:
            raise errors.ArgumentError(f"{len(labels)} values of labels and {self.node_count} of nodes")
        _label_columns(labels, labels)
        codes = labels.dictionary_encode()
        if len(codes.dictionary) != len(labels):
            numpy = module("numpy")
            indices = codes.indices.to_numpy()
            _, firsts = numpy.unique(indices, return_index=True)
            position = int(numpy.setdiff1d(numpy.arange(len(indices)), firsts)[0])
            raise errors.ArgumentError(
                f"label {position} is that of another node, too", {"position": position})
        return Lists(self.indptr, self.indices, self.weights, self.directed, labels)

    def unknown(self, what: str, node: int) -> errors.OutOfRangeError:
        return errors.OutOfRangeError(
            f"{what} {node} is no node: there are 0 ..< {self.node_count}",
            {"what": what, "index": node, "count": self.node_count})

    def run(self, kernel: str, options: dict, cancel, progress) -> tuple:
        """The columns and the summary of a kernel."""
        check(cancel)
        module("scipy.sparse.csgraph")
        from . import kernels

        return kernels.run(self, kernel, options, cancel, progress)

    def astar(self, source: int, target: int, heuristic, cancel) -> tuple:
        """The path that `Graph.astar_path` finds."""
        check(cancel)
        if heuristic is None:
            heuristic = [0.0] * self.node_count
        if not callable(heuristic):
            bounds = [float(bound) for bound in heuristic]
            if len(bounds) != self.node_count:
                raise errors.ArgumentError(f"heuristic has {len(bounds)} values for {self.node_count} nodes")
            heuristic = bounds.__getitem__
        module("scipy.sparse.csgraph")
        from .paths import astar

        return astar(self, source, target, heuristic, cancel)


def _as_type(labels, kind):
    """Labels in the type of the graph's; null what that cannot hold."""
    pyarrow = module("pyarrow")
    types = pyarrow.types
    if types.is_integer(kind) and types.is_integer(labels.type):
        bits, is_signed = kind.bit_width, types.is_signed_integer(kind)
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
        return pyarrow.array(
            [value if low <= value <= high else None for value in labels.to_pylist()], kind)
    try:
        return labels.cast(kind)
    except pyarrow.ArrowException:
        raise errors.ArgumentError(
            f"the type of labels is {labels.type}, where {kind} are needed", {"column": "labels"}) from None
