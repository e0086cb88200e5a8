"""Names of nodes: columns of anything that has them, and what a graph answers about them."""

from __future__ import annotations

import ctypes

from .. import _arrow, _cancel, _ffi, _table, errors
from .memory import FORMATS, has_buffer, memory
from .running import LONG_EDGE_COUNT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._table import Array

# A native function that does nothing: what is lent for a call is not released by who borrows it.
_nothing = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value


class Lent:
    """A column as Arrow structs that are lent, and what keeps its memory."""

    __slots__ = ("schema", "arrays", "kept")

    def __init__(self, schema: _arrow.ArrowSchema, arrays: list, kept: object) -> None:
        self.schema, self.arrays, self.kept = schema, arrays, kept

    @property
    def format(self) -> bytes:
        return self.schema.format

    def __len__(self) -> int:
        return sum(array.length for array in self.arrays)

    def cut(self, start: int, count: int) -> _arrow.ArrowArray:
        """Some slots, all of them in one chunk."""
        for array in self.arrays:
            if start < array.length or not count:
                break
            start -= array.length
        part = _arrow.ArrowArray()
        ctypes.memmove(ctypes.addressof(part), ctypes.addressof(array), ctypes.sizeof(part))
        if count != array.length:
            part.offset, part.length, part.null_count = array.offset + start, count, -1
        part.release = _nothing
        return part


def _of_capsules(values) -> Lent:
    schema = _arrow.OwnedSchema()
    if hasattr(values, "__arrow_c_stream__"):
        stream = _arrow.OwnedStream()
        capsule = values.__arrow_c_stream__()
        stream.move_from(_arrow.capsule_address(capsule, "stream"))
        stream.get_schema(schema.address)
        owned = []
        while (array := stream.next()) is not None:
            owned.append(array)
    else:
        schema_capsule, array_capsule = values.__arrow_c_array__()
        schema.move_from(_arrow.capsule_address(schema_capsule, "schema"))
        owned = [_arrow.OwnedArray()]
        owned[0].move_from(_arrow.capsule_address(array_capsule, "array"))
    return Lent(schema.struct, [array.struct for array in owned], (schema, owned))


def _of_buffers(form: bytes, count: int, addresses: list, kept: object) -> Lent:
    buffers = (ctypes.c_void_p * len(addresses))(*addresses)
    array = _arrow.ArrowArray(length=count, n_buffers=len(addresses), buffers=buffers)
    return Lent(_arrow.ArrowSchema(format=form), [array], (buffers, kept))


def _of_texts(values: list, name: str) -> Lent:
    """Strings of Python's."""
    import array
    from itertools import accumulate

    kind = str if isinstance(_first(values), str) else bytes
    for position, value in enumerate(values):
        if not isinstance(value, kind):
            if value is None or value != value:
                what = f"label {position}" if name.startswith("label") else f"the {name} of edge {position}"
                raise errors.ArgumentError(
                    f"{what} is null", {"column": name, "position": position})
            raise errors.ArgumentError(
                f"{name} mixes {kind.__name__} and {type(value).__name__}, at position {position}",
                {"column": name, "position": position})
    parts = [value.encode() for value in values] if kind is str else values
    data = b"".join(parts)
    offsets = array.array("q", accumulate(map(len, parts), initial=0))
    text = ctypes.create_string_buffer(data, max(len(data), 1))
    addresses = [None, offsets.buffer_info()[0], ctypes.addressof(text)]
    return _of_buffers(b"U" if kind is str else b"Z", len(values), addresses, (offsets, text))


def _first(values: list):
    """The first value that is there."""
    return next((value for value in values if value is not None and value == value), None)


def named(values, name: str) -> Lent | None:
    """A column of what is no plain number; None for numbers, which need no Arrow."""
    if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
        lent = _of_capsules(values)
        if lent.format in FORMATS.values() and not lent.schema.dictionary:
            return None
        return lent if lent.arrays else _of_texts([], name)
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if kind is not None:
        if kind not in "OUST":
            return None
        values = values.tolist()
    elif not isinstance(values, (list, tuple)):
        if hasattr(values, "__array__") or has_buffer(values):
            return None
        values = list(values)
    return _of_texts(values, name) if isinstance(_first(values), (str, bytes)) else None


def settled(values):
    """Values that can be looked at twice: a list of what an iterator gives."""
    return list(values) if hasattr(values, "__next__") else values


def plain(values, name: str) -> Lent:
    """A column of numbers."""
    address, form, count, kept = memory(values, name)
    return _of_buffers(form, count, [None, address], kept)


def column(values, name: str) -> Lent:
    """A column of names or numbers."""
    lent = named(values, name)
    return plain(values, name) if lent is None else lent


def table(columns: dict) -> tuple:
    """(handle of a table, what keeps its memory) of `Lent` columns of one length, by name."""
    count = max(map(len, columns.values()))
    ends = {count} if count else {0}
    for lent in columns.values():
        end = 0
        for array in lent.arrays:
            end += array.length
            ends.add(end)
    ends = sorted(ends - {0}) or [0]
    fields, field_pointers = [], (ctypes.c_void_p * len(columns))()
    for index, (name, lent) in enumerate(columns.items()):
        field = _arrow.ArrowSchema()
        ctypes.memmove(ctypes.addressof(field), ctypes.addressof(lent.schema), ctypes.sizeof(field))
        field.name, field.flags, field.release = name.encode(), 2, _nothing
        fields.append(field)
        field_pointers[index] = ctypes.addressof(field)
    schema = _arrow.ArrowSchema(format=b"+s", n_children=len(columns), children=field_pointers)
    schema.release = _nothing
    block = (_arrow.ArrowArray * len(ends))()
    kept = [fields, field_pointers, schema, block, columns]
    start = 0
    for whole, end in zip(block, ends):
        parts = [lent.cut(start, end - start) for lent in columns.values()]
        pointers = (ctypes.c_void_p * len(parts))(*[ctypes.addressof(part) for part in parts])
        validity = (ctypes.c_void_p * 1)(None)
        whole.length, whole.n_children, whole.children = end - start, len(parts), pointers
        whole.n_buffers, whole.buffers, whole.release = 1, validity, _nothing
        kept += [parts, pointers, validity]
        start = end
    return _ffi.create("pf_table_import_arrays", ctypes.addressof(schema), block, len(ends)), kept


class Labels:
    """What a graph is asked about the names of its nodes. `Graph` has the handle and the counts."""

    __slots__ = ()

    _handle: _ffi.Handle | Lists
    num_nodes: int

    @property
    def labels(self) -> Array | None:
        """The name of each node; None for a graph whose nodes are numbers alone."""
        if self._names is False:
            self._names = self._label_column(0)
        return self._names

    def labels_of(self, nodes: Sequence[int]) -> Array:
        """The names of some nodes, such as the predecessors of a search; of -1, None."""
        if self.labels is None:
            raise errors.ArgumentError("the graph has no labels")
        if not isinstance(self._handle, _ffi.Handle):
            return self._handle.label_column(nodes)
        if isinstance(nodes, (list, tuple)):
            import array

            try:
                nodes = array.array("i", nodes)
            except (TypeError, OverflowError) as problem:
                raise errors.ArgumentError(f"nodes is not made of ids of nodes: {problem}") from None
        handle, kept = table({"node": plain(nodes, "nodes")})
        return self._label_column(handle.value, kept)

    def nodes(self, labels: Sequence) -> Array:
        """The nodes that have some names (int32); -1 where none has. Later calls are faster than the
        first."""
        if self.labels is None:
            raise errors.ArgumentError("the graph has no labels")
        if not isinstance(self._handle, _ffi.Handle):
            return self._handle.nodes(labels)
        if isinstance(labels, (list, tuple)) and labels and not isinstance(labels[0], (str, bytes)):
            labels = self._of_label_type(labels)
        handle, kept = table({"label": column(labels, "labels")})
        found = _cancel.run(
            lambda cancel: _ffi.create("pf_graph_nodes", self._handle.value, handle.value, cancel), None,
            long=self.num_nodes > LONG_EDGE_COUNT)
        del kept
        return _table.Table._of_handle(found)[0]

    def labeled(self, labels: Sequence) -> Graph:
        """The same graph, whose memory it shares, with a name for each node; no two may be the same."""
        if not isinstance(self._handle, _ffi.Handle):
            return type(self)._of(self._handle.labeled(settled(labels)))
        handle, kept = table({"label": column(settled(labels), "labels")})
        made = _cancel.run(
            lambda cancel: _ffi.create("pf_graph_labeled", self._handle.value, handle.value, cancel), None,
            long=self.num_nodes > LONG_EDGE_COUNT)
        del kept
        return type(self)._of(made)

    def _label_column(self, nodes: int, kept: object = None) -> Array | None:
        if not isinstance(self._handle, _ffi.Handle):
            return self._handle.label_column()
        handle = ctypes.c_uint64()
        _ffi.call("pf_graph_labels", self._handle.value, nodes, 0, ctypes.byref(handle))
        del kept
        return _table.Table._of_handle(_ffi.Handle(handle.value))[0] if handle.value else None

    def _of_label_type(self, labels):
        """Python's numbers, dates and the like in the type of the labels."""
        code = {"uint64": "Q"}.get(self.labels.type, "q")
        import array

        try:
            return array.array(code, labels)
        except (TypeError, OverflowError):
            if any(hasattr(label, "__index__") for label in labels):
                return labels
            import pyarrow

            return pyarrow.array(labels, self.labels.to_pyarrow().type)

    def _node_ids(self, nodes) -> list:
        """The ids of one node or of some, which are named by labels where there are any."""
        from .memory import node_ids

        if self.labels is None:
            return node_ids(nodes)
        if hasattr(nodes, "tolist") and not hasattr(nodes, "__arrow_c_stream__"):
            nodes = nodes.tolist()
        if isinstance(nodes, (str, bytes)) or not hasattr(nodes, "__len__") and not hasattr(nodes, "__iter__"):
            nodes = [nodes]
        elif not hasattr(nodes, "__len__"):
            nodes = list(nodes)
        if not len(nodes):
            return []
        found = self.nodes(nodes).to_pylist()
        if -1 in found:
            index = found.index(-1)
            label = nodes[index]
            raise errors.UnknownNodeError(
                f"no node has the label {label!r}", {"what": "label", "label": label, "index": index})
        return found


if TYPE_CHECKING:
    from .fallback import Lists
    from .graph import Graph
