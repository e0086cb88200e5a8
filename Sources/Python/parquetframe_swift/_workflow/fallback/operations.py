"""The engine's operations over pyarrow, for where workflows are not the engine's.

Conditions in words (`query`) are a matter of the relational steps; graphs need the engine.
"""

from __future__ import annotations

import os

from ... import _fallback, _filters, _table, errors
from ..relational.expressions import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_IGNORED = ("threshold_mb", "islazy", "use_threads")
_SUFFIXES = {
    "parquet": (".parquet", ".parq", ".pq"), "avro": (".avro",), "arrow": (".arrow", ".arrows", ".ipc"),
    "csv": (".csv", ".tsv", ".tab", ".txt", ".psv", ".csv.gz", ".csv.zst", ".tsv.gz", ".tsv.zst")}


def handlers() -> dict[str, Callable]:
    """A handler for each operation, by all its names."""
    made = {
        "read": _read, "read_parquet": _read, "parquet.read": _read, "read_csv": _read, "read_avro": _read,
        "select": _select, "rename": _rename, "drop": _drop, "filter": _filter, "limit": _limit,
        "concatenate": _concatenate, "concat": _concatenate, "write": _write, "save": _write, "graph": _graph}
    return made


def _options(name: str, config: Mapping, *known: str) -> Mapping:
    for key in config:
        if key not in known:
            raise errors.ArgumentError(f"{name!r} has no parameter {key!r}{nearest(key, known)}")
    return config


def _tables(ctx, count: int | None, name: str) -> list:
    from ..relational.steps import inputs_of

    found = inputs_of(ctx)
    if not found or count is not None and len(found) != count:
        raise errors.ArgumentError(
            f"{name!r} takes {'one table or more' if count is None else 'one table'}, not {len(found)}")
    return found


def _arrow(table: _table.Table):
    _fallback.stand_in("pyarrow")
    return table.to_pyarrow()


def _names(value: object, name: str) -> list[str]:
    found = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(item, str) for item in found):
        raise errors.ArgumentError(f'option "{name}" has to be names of columns')
    return list(found)


def _read(operation: str, name: str, config: dict, ctx) -> _table.Table:
    from ... import _avro, _csv, _parquet

    config = {key: value for key, value in config.items() if key not in _IGNORED}
    path = config.pop("path", None) or config.pop("input", None)
    if path is None:
        raise errors.ArgumentError(f'"{operation}" needs the parameter "path"')
    first = str(path[0] if isinstance(path, list) else path).lower()
    form = config.pop("format", None) or next(
        (form for form in _SUFFIXES if form in operation), None) or next(
        (form for form, suffixes in _SUFFIXES.items() if first.endswith(suffixes)), None)
    filters = config.pop("filters", None)
    limit = config.pop("limit", None)
    if form == "arrow":
        pyarrow = _fallback.stand_in("pyarrow.ipc")
        with pyarrow.open_stream(path) as stream:
            table = _table.table(stream.read_all())
        columns = _options(operation, config, "columns", "threads").get("columns")
    elif form in ("parquet", "csv", "avro"):
        columns = config.pop("columns", None)
        read = {"parquet": _parquet.read_parquet, "csv": _csv.read_csv, "avro": _avro.read_avro}[form]
        table = read(path, **config)
    else:
        raise errors.ArgumentError(f'"{operation}" needs the parameter "format"')
    if filters is not None:
        table = _kept(table, filters)
    if columns is not None:
        table = table.select(_names(columns, "columns"))
    return table if limit is None else table.slice(0, limit)


def _kept(table: _table.Table, filters: object) -> _table.Table:
    if not isinstance(filters, list):
        raise errors.UnsupportedError(
            "filters that are no list need the engine", {"feature": "filters in the form of an object"})
    terms = [
        [tuple(term) for term in part] if part and isinstance(part[0], list) else tuple(part)
        for part in filters]
    condition = _filters.condition(terms)
    found = _arrow(table)
    return _table.table(found.filter(_fallback._expression(found.schema, condition)))


def _select(operation: str, name: str, config: dict, ctx) -> _table.Table:
    (table,) = _tables(ctx, 1, operation)
    columns = _options(operation, config, "columns").get("columns")
    if isinstance(columns, dict):
        return _with_names(table.select(list(columns)), list(columns.values()))
    return table.select(_names(columns, "columns"))


def _with_names(table: _table.Table, names: list) -> _table.Table:
    if len(set(names)) < len(names):
        raise errors.ArgumentError(f"two columns would be called {max(names, key=names.count)!r}")
    return _table.table(_arrow(table).rename_columns(names))


def _rename(operation: str, name: str, config: dict, ctx) -> _table.Table:
    (table,) = _tables(ctx, 1, operation)
    columns = _options(operation, config, "columns").get("columns")
    if not isinstance(columns, dict):
        raise errors.ArgumentError('option "columns" has to be an object of new names by old ones')
    table.select(list(columns))  # an unknown one is an error
    return _with_names(table, [columns.get(old, old) for old in table.column_names])


def _drop(operation: str, name: str, config: dict, ctx) -> _table.Table:
    (table,) = _tables(ctx, 1, operation)
    columns = _names(_options(operation, config, "columns").get("columns"), "columns")
    table.select(columns)
    return table.select([name for name in table.column_names if name not in columns])


def _filter(operation: str, name: str, config: dict, ctx) -> _table.Table:
    (table,) = _tables(ctx, 1, operation)
    filters = _options(operation, config, "filters", "threads").get("filters")
    if filters is None:
        raise errors.ArgumentError(f'"{operation}" needs the parameter "filters" or "query"')
    return _kept(table, filters)


def _limit(operation: str, name: str, config: dict, ctx) -> _table.Table:
    (table,) = _tables(ctx, 1, operation)
    options = _options(operation, config, "limit", "offset")
    if not options:
        raise errors.ArgumentError(f'"{operation}" needs the parameter "limit"')
    return table.slice(options.get("offset") or 0, options.get("limit"))


def _concatenate(operation: str, name: str, config: dict, ctx) -> _table.Table:
    _options(operation, config)
    tables = _tables(ctx, None, operation)
    for index, table in enumerate(tables[1:], 2):
        _table.check_same_schema(tables[0].schema, table.schema, "input 1", f"input {index}")
    return _table.table(_fallback.stand_in("pyarrow").concat_tables([_arrow(table) for table in tables]))


def _write(operation: str, name: str, config: dict, ctx) -> _table.Table:
    from ..relational.steps import written

    (table,) = _tables(ctx, 1, operation)
    options = _options(operation, config, "path", "output", "format", "make_directories")
    path = options.get("path", options.get("output"))
    if path is None:
        raise errors.ArgumentError(f'"{operation}" needs the parameter "path"')
    if options.get("format", "arrow") != "arrow" or (
            "format" not in options and os.fspath(path).lower().endswith(_SUFFIXES["avro"])):
        raise errors.UnsupportedError(f"{path} cannot be written", {"feature": "writing Avro"})
    ipc = _fallback.stand_in("pyarrow.ipc")

    def write(partial: str) -> None:
        found = _arrow(table)
        with ipc.new_stream(partial, found.schema) as stream:
            stream.write_table(found)

    written(path, options.get("make_directories", operation == "save"), write, ctx)
    return table


def _graph(operation: str, name: str, config: dict, ctx) -> _table.Table:
    raise errors.UnsupportedError(
        f"graph steps need the engine: {_fallback.why_not('the engine')}",
        {"feature": "graph steps without the engine"})
