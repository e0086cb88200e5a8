"""Numbers of the caller's, in whatever holds them."""

from __future__ import annotations

from .. import _arrow, errors

# What Arrow calls the formats of buffers, by kind and width.
FORMATS = {
    ("i", 1): b"c", ("i", 2): b"s", ("i", 4): b"i", ("i", 8): b"l",
    ("u", 1): b"C", ("u", 2): b"S", ("u", 4): b"I", ("u", 8): b"L",
    ("f", 4): b"f", ("f", 8): b"g",
}
_KINDS = {**dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), "f": "f", "d": "f"}


def node_ids(sources) -> list:
    """The ids of one node or of some."""
    if hasattr(sources, "tolist"):
        sources = sources.tolist()  # numpy: a number for an array without dimensions
    return [sources.__index__()] if hasattr(sources, "__index__") else [node.__index__() for node in sources]


def has_buffer(values) -> bool:
    """Whether values speak the buffer protocol."""
    try:
        memoryview(values)
        return True
    except TypeError:
        return False


def memory(values, name: str) -> tuple:
    """(address, Arrow format, count, what keeps the memory) of numbers in one piece."""
    if hasattr(values, "__arrow_c_array__"):
        return _arrow_memory(values, name)
    if not hasattr(values, "__array_interface__"):
        if hasattr(values, "__array__"):
            values = values.__array__()
        elif not has_buffer(values):
            values = _packed(values, name)
    from .. import _source

    view = memoryview(values)
    if view.ndim != 1:
        raise errors.ArgumentError(f"{name} has {view.ndim} dimensions, not one")
    code = view.format.lstrip("@=<")
    form = FORMATS.get((_KINDS.get(code), view.itemsize))
    if form is None:
        raise errors.ArgumentError(f"{name} is made of {view.format!r}, not of numbers")
    kept = _source._Memory(view if view.contiguous else view.tobytes())
    return kept.address or 0, form, len(view), kept


def _width(form: bytes) -> int:
    return next(width for (_, width), code in FORMATS.items() if code == form)


def _arrow_memory(values, name: str) -> tuple:
    schema_capsule, array_capsule = values.__arrow_c_array__()
    form = _arrow.ArrowSchema.from_address(_arrow.capsule_address(schema_capsule, "schema")).format
    array = _arrow.OwnedArray()
    array.move_from(_arrow.capsule_address(array_capsule, "array"))
    struct = array.struct
    if form not in FORMATS.values():
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
