"""Arrow columns as numpy arrays and pandas frames. numpy and pandas are imported in here alone.

Plain numbers, dates and timestamps without nulls are views of our memory, read-only. With nulls,
integers become float64 with NaN, temporal values NaT, and everything else an array of objects with
None, as pyarrow does it.
"""

from __future__ import annotations

from . import _arrow, _convert, _schema

_DTYPES = {
    "c": "i1", "C": "u1", "s": "i2", "S": "u2", "i": "i4", "I": "u4", "l": "i8", "L": "u8",
    "e": "f2", "f": "f4", "g": "f8",
}


class _View:
    """What numpy needs to share a buffer of ours; numpy keeps it, and it keeps the owner."""

    def __init__(self, owner, address: int, dtype: str, count: int) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "version": 3, "typestr": f"<{dtype}", "shape": (count,), "data": (address, True)}


def _buffer(owner, address, dtype: str, start: int, count: int):
    import numpy

    width = numpy.dtype(dtype).itemsize
    if not count:
        return numpy.empty(0, dtype)
    return numpy.asarray(_View(owner, address + start * width, dtype, count))


def _nulls(array: _arrow.ArrowArray):
    """True where a slot is null, or None where none is."""
    import numpy

    if not array.n_buffers or array.null_count == 0 or not array.buffers[0] or not array.length:
        return None
    bits = _buffer(None, array.buffers[0], "u1", array.offset // 8, (array.offset % 8 + array.length + 7) // 8)
    flags = numpy.unpackbits(bits, bitorder="little")[array.offset % 8:][:array.length]
    return flags == 0


def column(field: _schema.Field, chunks: list):
    """One array for the chunks of a column: pairs of an owner and an `ArrowArray`."""
    import numpy

    nulls = [_nulls(array) for _, array in chunks]
    any_null = any(flags is not None and flags.any() for flags in nulls)
    parts = [
        _chunk(field, owner, array, flags, any_null) for (owner, array), flags in zip(chunks, nulls)]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return _chunk(field, None, _arrow.ArrowArray(), None, False)
    return numpy.concatenate(parts)


def _chunk(field, owner, array, nulls, any_null: bool):
    import numpy

    code = field.format
    if field.dictionary is not None:
        return _taken(field, owner, array, any_null)
    if code in _DTYPES:
        values = _buffer(owner, _second(array), _DTYPES[code], array.offset, array.length)
        if not any_null:
            return values
        values = values.astype("f8") if code not in "efg" else values.copy()
        if nulls is not None:
            values[nulls] = numpy.nan
        return values
    if code == "b" and not any_null:
        start, count = array.offset, array.length
        bits = _buffer(None, _second(array), "u1", start // 8, (start % 8 + count + 7) // 8 if count else 0)
        return numpy.unpackbits(bits, bitorder="little")[start % 8:][:count].astype(bool)
    dtype = _temporal(code)
    if dtype is None:
        return _objects(field, array)
    stored = _buffer(owner, _second(array), "i4" if code == "tdD" else "i8", array.offset, array.length)
    values = stored.astype(dtype) if code == "tdD" else stored.view(dtype)
    if nulls is not None:
        values = values.copy()
        values[nulls] = numpy.array("NaT", dtype)
    return values


def _second(array: _arrow.ArrowArray):
    return array.buffers[1] if array.length else None


def _temporal(code: str) -> str | None:
    if code == "tdD":
        return "M8[D]"
    if code == "tdm":
        return "M8[ms]"
    if code.startswith("ts"):
        return f"M8[{_schema.UNITS[code[2]]}]"
    if code.startswith("tD"):
        return f"m8[{_schema.UNITS[code[2]]}]"
    return None


def _objects(field, array):
    import numpy

    values = _convert.pylist(field, array)
    out = numpy.empty(len(values), object)
    for i, value in enumerate(values):  # one by one: numpy would look into lists
        out[i] = value
    return out


def _taken(field, owner, array, any_null: bool):
    """A dictionary column: its values, taken by the indices."""
    import numpy

    entries = [(owner, _arrow.ArrowArray.from_address(array.dictionary))] if array.length else []
    values = column(field.dictionary, entries)
    codes, nulls = _codes(field, owner, array)
    if not any_null:
        return values[codes]
    if values.dtype.kind in "iu":
        values = values.astype("f8")
    elif values.dtype.kind == "b":
        values = values.astype(object)
    if values.dtype == object:
        missing = None
    else:
        missing = numpy.array("NaT" if values.dtype.kind in "mM" else "nan", values.dtype)
    taken = values[codes] if len(values) else numpy.full(array.length, missing, values.dtype)
    if nulls is not None:
        taken[nulls] = missing
    return taken


def _codes(field, owner, array):
    """(indices with 0 in the place of nulls, nulls)"""
    codes = _buffer(owner, _second(array), _DTYPES[field.format], array.offset, array.length)
    nulls = _nulls(array)
    if nulls is not None:
        codes = codes.copy()
        codes[nulls] = 0
    return codes, nulls


# ---- pandas -----------------------------------------------------------------------------------


def frame(schema: _schema.Schema, columns: list):
    """A pandas.DataFrame; `columns` are lists of chunks as `column` takes them."""
    import pandas

    parts = [_series(field, chunks) for field, chunks in zip(schema, columns)]
    if not parts:
        return pandas.DataFrame()
    result = pandas.concat(parts, axis=1)
    result.columns = pandas.Index(schema.names)
    return result


def _series(field, chunks: list):
    import pandas

    if field.dictionary is not None:
        return pandas.Series(_categorical(field, chunks))
    code = field.format
    if code in ("u", "U", "vu"):
        values = [value for _, array in chunks for value in _convert.pylist(field, array)]
        major = int(pandas.__version__.split(".")[0])
        return pandas.Series(values, dtype="str" if major >= 3 else object)
    if code.startswith("td") or code == "n":
        import numpy

        values = numpy.empty(sum(array.length for _, array in chunks), object)
        values[:] = [value for _, array in chunks for value in _convert.pylist(field, array)]
        return pandas.Series(values, dtype=object)
    values = column(field, chunks)
    if code.startswith("ts") and code[4:]:
        return pandas.Series(values).dt.tz_localize("UTC").dt.tz_convert(_convert.time_zone(code[4:]))
    return pandas.Series(values, dtype=values.dtype)


def _categorical(field, chunks: list):
    """One pandas.Categorical; the dictionaries of the chunks are merged by first appearance."""
    import numpy
    import pandas

    place: dict = {}
    parts = [numpy.empty(0, "i8")]
    for owner, array in chunks:
        entries = _convert.pylist(field.dictionary, _arrow.ArrowArray.from_address(array.dictionary))
        merged = numpy.array([place.setdefault(entry, len(place)) for entry in entries], "i8")
        codes, nulls = _codes(field, owner, array)
        codes = merged[codes] if len(merged) else numpy.full(array.length, -1)
        if nulls is not None:
            codes[nulls] = -1
        parts.append(codes)
    return pandas.Categorical.from_codes(
        numpy.concatenate(parts), categories=pandas.Index(list(place)), ordered=bool(field.flags & 1))
