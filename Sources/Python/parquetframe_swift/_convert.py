"""Arrow arrays as Python objects, with nothing but the standard library."""

from __future__ import annotations

import ctypes
import datetime
import struct
from collections import namedtuple

from . import _arrow, _schema, errors

#: A calendar interval as pyarrow gives it.
MonthDayNano = namedtuple("MonthDayNano", ["months", "days", "nanoseconds"])

_NUMBERS = {
    "c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "e": "e",
    "f": "f", "g": "d",
}
_PER_SECOND = {"s": 1, "m": 1_000, "u": 1_000_000, "n": 1_000_000_000}
_EPOCH_DATE = datetime.date(1970, 1, 1).toordinal()
_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH_UTC = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def pylist(field: _schema.Field, array: _arrow.ArrowArray) -> list:
    """All slots of `array` as Python objects; nulls are None."""
    return _values(field, array, array.offset, array.length)


def raw(address: int | None, start: int, count: int) -> bytes:
    """`count` bytes behind `address + start`."""
    return ctypes.string_at(address + start, count) if count else b""


def valid_slots(array: _arrow.ArrowArray, start: int, count: int) -> list | None:
    """One flag for each slot, or None where all are valid."""
    if not array.n_buffers or array.null_count == 0 or not array.buffers[0]:
        return None
    return _bits(array.buffers[0], start, count)


def _bits(address: int, start: int, count: int) -> list:
    data = raw(address, start // 8, (start % 8 + count + 7) // 8)
    number = int.from_bytes(data, "little") >> (start % 8)
    # A string of binary digits, read backwards: one pass in C in place of one shift for each bit.
    digits = bin(number | 1 << count)[:2:-1]
    return [digit == "1" for digit in digits[:count]]


def numbers(code: str, address: int, start: int, count: int) -> list:
    """`count` numbers of a one-letter struct format, from element `start` on."""
    width = struct.calcsize(code)
    return list(struct.unpack(f"={count}{code}", raw(address, start * width, count * width)))


def child(array: _arrow.ArrowArray, index: int) -> _arrow.ArrowArray:
    """A child array; it lives as long as its parent."""
    return _arrow.ArrowArray.from_address(array.children[index])


def _values(field, array, start: int, count: int) -> list:
    """The slots `start ..< start + count`, counted from the start of the buffers."""
    if count == 0:
        return []
    if field.dictionary is not None:
        return _dictionary_values(field, array, start, count)
    code = field.format
    if code == "n":
        return [None] * count
    if code.startswith(("+ud:", "+us:")):
        return _union_values(field, array, start, count)
    valid = valid_slots(array, start, count)
    values = _present(field, code, array, start, count, valid)
    if valid is None:
        return values
    return [value if ok else None for value, ok in zip(values, valid)]


def _present(field, code: str, array, start: int, count: int, valid) -> list:
    """As `_values`, with anything in the place of nulls."""
    if code in _NUMBERS:
        return numbers(_NUMBERS[code], array.buffers[1], start, count)
    if code == "b":
        return _bits(array.buffers[1], start, count)
    if code in ("u", "U", "z", "Z"):
        return _strings(code, array, start, count)
    if code in ("vu", "vz"):
        return _views(code, array, start, count, valid)
    if code.startswith("w:"):
        width = int(code[2:])
        data = raw(array.buffers[1], start * width, count * width)
        return [data[i * width:(i + 1) * width] for i in range(count)]
    if code.startswith("d:"):
        return _decimals(code, array, start, count)
    if code.startswith("t"):
        return _times(code, array, start, count, valid)
    if code == "+s":
        return _structs(field, array, start, count)
    if code in ("+l", "+L", "+m"):
        offsets = numbers("q" if code == "+L" else "i", array.buffers[1], start, count + 1)
        return _lists(field, array, code, zip(offsets, offsets[1:]), offsets[0], offsets[-1])
    if code in ("+vl", "+vL"):
        letter = "q" if code == "+vL" else "i"
        firsts = numbers(letter, array.buffers[1], start, count)
        sizes = numbers(letter, array.buffers[2], start, count)
        ranges = [(first, first + size) for first, size in zip(firsts, sizes)]
        return _lists(field, array, code, ranges, min(firsts), max(last for _, last in ranges))
    if code.startswith("+w:"):
        width = int(code[3:])
        first = start * width
        ranges = ((first + i * width, first + (i + 1) * width) for i in range(count))
        return _lists(field, array, code, ranges, first, first + count * width)
    raise errors.UnsupportedError(
        f"column {field.name!r}: Arrow type {code!r} has no Python form here", {"feature": code})


def _strings(code: str, array, start: int, count: int) -> list:
    offsets = numbers("i" if code in "uz" else "q", array.buffers[1], start, count + 1)
    first = offsets[0]
    data = raw(array.buffers[2], first, offsets[-1] - first)
    if code in "uU":
        if data.isascii():  # then bytes and characters count the same, and one decoding serves all
            text = data.decode("ascii")
            return [text[a - first:b - first] for a, b in zip(offsets, offsets[1:])]
        return [str(data[a - first:b - first], "utf-8") for a, b in zip(offsets, offsets[1:])]
    return [data[a - first:b - first] for a, b in zip(offsets, offsets[1:])]


def _views(code: str, array, start: int, count: int, valid) -> list:
    """Views of 16 bytes: a length, then up to 12 bytes in place or a prefix, buffer and offset."""
    data = raw(array.buffers[1], start * 16, count * 16)
    out = []
    for i in range(count):
        if valid is not None and not valid[i]:
            out.append(None)
            continue
        length, _, buffer, offset = struct.unpack_from("=iiii", data, i * 16)
        if length <= 12:
            value = data[i * 16 + 4:i * 16 + 4 + length]
        else:
            value = raw(array.buffers[2 + buffer], offset, length)
        out.append(value.decode() if code == "vu" else value)
    return out


def _decimals(code: str, array, start: int, count: int) -> list:
    from decimal import Context, Decimal

    precision, scale, bits = _schema.decimal_parts(code)
    width = bits // 8
    data = raw(array.buffers[1], start * width, count * width)
    context = Context(prec=max(precision, 80), Emax=10**6, Emin=-10**6)
    unscaled = (
        int.from_bytes(data[i * width:(i + 1) * width], "little", signed=True) for i in range(count))
    return [Decimal(number).scaleb(-scale, context) for number in unscaled]


def _times(code: str, array, start: int, count: int, valid) -> list:
    if code == "tiM":
        return numbers("i", array.buffers[1], start, count)
    if code == "tiD":
        flat = numbers("i", array.buffers[1], start * 2, count * 2)
        return list(zip(flat[::2], flat[1::2]))
    if code == "tin":
        data = raw(array.buffers[1], start * 16, count * 16)
        return [MonthDayNano(*parts) for parts in struct.iter_unpack("=iiq", data)]
    letter = "i" if code in ("tdD", "tts", "ttm") else "q"
    stored = numbers(letter, array.buffers[1], start, count)
    convert = _time_converter(code)
    if valid is None:
        return [convert(value) for value in stored]
    return [convert(value) if ok else None for value, ok in zip(stored, valid)]


def _time_converter(code: str):
    """From the stored integer to the datetime object of a temporal type."""
    if code in ("tdD", "tdm"):
        per_day = 1 if code == "tdD" else 86_400_000

        def date(value):
            try:
                return datetime.date.fromordinal(value // per_day + _EPOCH_DATE)
            except (ValueError, OverflowError):
                raise _outside(value, "date") from None

        return date
    unit = code[2]
    per_second = _PER_SECOND[unit]
    if code.startswith("tt"):

        def time(value):
            seconds, rest = divmod(value, per_second)
            micros = _microseconds(rest, per_second, value, "time")
            try:
                return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60, micros)
            except ValueError:
                raise _outside(value, "time") from None

        return time
    if code.startswith("tD"):

        def duration(value):
            seconds, rest = divmod(value, per_second)
            if unit == "n" and rest % 1_000:
                return _pandas(value, "Timedelta", None)
            try:
                return datetime.timedelta(seconds=seconds, microseconds=rest * 1_000_000 // per_second)
            except OverflowError:
                raise _outside(value, "timedelta") from None

        return duration
    zone = time_zone(code[4:])
    epoch = _EPOCH if zone is None else _EPOCH_UTC

    def timestamp(value):
        seconds, rest = divmod(value, per_second)
        if unit == "n" and rest % 1_000:
            return _pandas(value, "Timestamp", zone)
        try:
            moment = epoch + datetime.timedelta(
                seconds=seconds, microseconds=rest * 1_000_000 // per_second)
            return moment if zone is None else moment.astimezone(zone)
        except OverflowError:
            raise _outside(value, "datetime") from None

    return timestamp


def _outside(value: int, kind: str) -> ValueError:
    return ValueError(f"{value} is outside the range of Python's {kind}; to_numpy() keeps it")


def _microseconds(rest: int, per_second: int, value: int, kind: str) -> int:
    if per_second == 1_000_000_000 and rest % 1_000:
        raise ValueError(f"Python's {kind} has no nanoseconds ({value}); to_numpy() keeps them")
    return rest * 1_000_000 // per_second


def _pandas(value: int, kind: str, zone):
    """A value that needs nanoseconds, which only pandas' objects have."""
    try:
        import pandas
    except ImportError:
        raise ValueError(f"Python's datetime has no nanoseconds ({value}); to_numpy() keeps them") from None
    if zone is None:
        return getattr(pandas, kind)(value, unit="ns")
    return getattr(pandas, kind)(value, unit="ns", tz="UTC").tz_convert(zone)


def time_zone(name: str):
    """The `tzinfo` of Arrow's zone name or `+HH:MM` offset; None for the empty string."""
    if not name:
        return None
    if name in ("UTC", "utc", "Etc/UTC", "Z", "+00:00"):
        return datetime.timezone.utc
    if name[0] in "+-":
        digits = name[1:].replace(":", "")
        offset = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0))
        return datetime.timezone(-offset if name[0] == "-" else offset)
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def _structs(field, array, start: int, count: int) -> list:
    names = [inner.name for inner in field.children]
    columns = []
    for i, inner in enumerate(field.children):
        values = child(array, i)
        columns.append(_values(inner, values, values.offset + start, count))
    if not columns:
        return [{} for _ in range(count)]
    return [dict(zip(names, row)) for row in zip(*columns)]


def _lists(field, array, code: str, ranges, first: int, last: int) -> list:
    items = child(array, 0)
    inner = field.children[0]
    if code == "+m":
        keys, entries = [], []
        for i in range(2):
            side = child(items, i)
            place = entries if i else keys
            place += _values(
                inner.children[i], side, side.offset + items.offset + first, last - first)
        values = list(zip(keys, entries))
    else:
        values = _values(inner, items, items.offset + first, last - first)
    return [values[a - first:b - first] for a, b in ranges]


def _dictionary_values(field, array, start: int, count: int) -> list:
    entries = pylist(field.dictionary, _arrow.ArrowArray.from_address(array.dictionary))
    indices = numbers(_NUMBERS[field.format], array.buffers[1], start, count)
    valid = valid_slots(array, start, count)
    if valid is None:
        return [entries[i] for i in indices]
    return [entries[i] if ok else None for i, ok in zip(indices, valid)]


def _union_values(field, array, start: int, count: int) -> list:
    codes = [int(code) for code in field.format[4:].split(",")]
    place = {code: i for i, code in enumerate(codes)}
    kinds = numbers("b", array.buffers[0], start, count)
    dense = field.format.startswith("+ud:")
    slots = numbers("i", array.buffers[1], start, count) if dense else range(start, start + count)
    columns = []
    for i, inner in enumerate(field.children):
        values = child(array, i)
        length = values.length if dense else start + count
        columns.append(_values(inner, values, values.offset, length))
    return [columns[place[kind]][slot] for kind, slot in zip(kinds, slots)]
