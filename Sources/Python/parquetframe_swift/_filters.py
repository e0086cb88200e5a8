"""pyarrow's `filters=` as the condition that the engine takes (Specs/filters.md)."""

from __future__ import annotations

from . import errors

_OPERATORS = {"=": "==", "==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Condition(dict):
    """The condition as JSON, and `terms`: the lists of tuples of which one has to hold."""

    __slots__ = ("terms",)


def condition(filters: object) -> Condition:
    """The condition of a list of tuples (all hold) or of a list of such lists (one holds)."""
    if isinstance(filters, tuple) and len(filters) == 3 and isinstance(filters[0], str):
        filters = [filters]
    if not isinstance(filters, (list, tuple)):
        raise TypeError(
            "filters must be a list of tuples (column, operator, value), or a list of such lists, "
            f"not {type(filters).__name__}")
    if not filters:
        raise errors.ArgumentError("filters is empty")
    if all(_is_term(item) for item in filters):
        filters = [filters]
    elif any(_is_term(item) or not isinstance(item, (list, tuple)) for item in filters):
        raise TypeError("filters mixes tuples and lists; it is one list of tuples, or a list of such lists")
    made = Condition({"or": [_conjunction(item) for item in filters]})
    made.terms = filters
    return made


def _is_term(item: object) -> bool:
    return isinstance(item, tuple) and bool(item) and isinstance(item[0], str)


def _conjunction(terms) -> dict:
    if not terms:
        raise errors.ArgumentError("filters has an empty list")
    return {"and": [_term(term) for term in terms]}


def _term(term) -> dict:
    if not isinstance(term, (tuple, list)) or len(term) != 3 or not isinstance(term[0], str):
        raise TypeError(f"a filter is a tuple (column, operator, value), not {term!r}")
    column, operator, value = term
    if operator in ("in", "not in"):
        if isinstance(value, (str, bytes, bytearray)) or not hasattr(value, "__iter__"):
            raise TypeError(f'the value of "{operator}" must be a list, not {type(value).__name__}')
        return {"column": column, "op": operator, "value": [_literal(item) for item in value]}
    if operator not in _OPERATORS:
        known = ", ".join([*_OPERATORS, "in", "not in"])
        raise errors.ArgumentError(f"{operator!r} is not an operator of filters; there are {known}")
    return {"column": column, "op": _OPERATORS[operator], "value": _literal(value)}


def _literal(value: object) -> object:
    """A value as JSON that keeps its type."""
    if value is None or isinstance(value, bool):
        return value
    if type(value).__name__ in ("NaTType", "NAType"):  # pandas
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _float(float(value))
    if isinstance(value, str):
        value = str(value)
        value.encode()  # a lone surrogate is an error here
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": bytes(value).hex()}
    made = _dated(value)
    if made is not None:
        return made
    if hasattr(value, "as_py"):  # pyarrow's scalars
        return _literal(value.as_py())
    if hasattr(value, "dtype") and hasattr(value, "item"):  # numpy's
        return _numpy(value)
    raise TypeError(f"filters cannot compare with a value of type {type(value).__name__}")


def _float(value: float) -> object:
    if value != value:
        return {"float": "nan"}
    if value in (float("inf"), float("-inf")):
        return {"float": "inf" if value > 0 else "-inf"}
    return value


def _dated(value: object) -> object:
    """Dates, times, decimals and UUIDs; None for anything else."""
    import datetime
    import decimal
    import uuid

    if isinstance(value, datetime.datetime):
        zone = value.tzinfo is not None
        if zone:
            value = value.astimezone(datetime.timezone.utc)
        nanosecond = getattr(value, "nanosecond", 0)  # pandas
        start = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc if zone else None)
        plain = datetime.datetime(
            value.year, value.month, value.day, value.hour, value.minute, value.second,
            value.microsecond, tzinfo=start.tzinfo)
        microseconds = (plain - start) // datetime.timedelta(microseconds=1)
        if nanosecond:
            return {"timestamp": microseconds * 1000 + nanosecond, "unit": "ns", "utc": zone}
        return {"timestamp": microseconds, "unit": "us", "utc": zone}
    if isinstance(value, datetime.date):
        return {"date": value.toordinal() - datetime.date(1970, 1, 1).toordinal()}
    if isinstance(value, datetime.time):
        if value.tzinfo is not None:
            raise TypeError("filters cannot compare with a time that has a zone")
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return {"time": seconds * 1_000_000 + value.microsecond, "unit": "us"}
    if isinstance(value, datetime.timedelta):
        microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
        nanoseconds = getattr(value, "nanoseconds", 0)  # pandas
        if nanoseconds:
            return {"duration": microseconds * 1000 + nanoseconds, "unit": "ns"}
        return {"duration": microseconds, "unit": "us"}
    if isinstance(value, decimal.Decimal):
        return {"decimal": f"{value:E}"} if value.is_finite() else _float(float(value))
    if isinstance(value, uuid.UUID):
        return {"uuid": value.hex}
    return None


def _numpy(value) -> object:
    """A numpy scalar."""
    kind = value.dtype.kind
    if kind not in "mM":
        return _literal(value.item())
    unit = str(value.dtype).partition("[")[2].rstrip("]")
    if str(value) == "NaT":
        return None
    if kind == "M" and unit == "D":
        return {"date": int(value.astype("int64"))}
    if unit not in ("s", "ms", "us", "ns"):
        value = value.astype(f"{value.dtype.str[:3]}[s]")
        unit = "s"
    number = int(value.astype("int64"))
    if kind == "M":
        return {"timestamp": number, "unit": unit, "utc": False}
    return {"duration": number, "unit": unit}
