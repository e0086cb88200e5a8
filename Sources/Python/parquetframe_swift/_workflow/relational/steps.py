"""Steps that need a query processor: polars, duckdb or pandas does them, over our tables without a copy.

They are `sql`, `sort`, `groupby`, `join`, and what the engine's own `filter`, `transform` and `write` leave
to others. `Specs/workflow.md`, "Relational steps in Python", lists their parameters.
"""

from __future__ import annotations

import hashlib
import json
import os

from ... import _schema, _table, errors
from .expressions import Expression, nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# In the order in which they are asked.
LIBRARIES = {"polars": "Polars", "duckdb": "DuckDB", "pandas": "Pandas"}
PREFIX = "relational."

_NAMES = {
    "sql": "sql", "datafusion.sql": "sql", "sort": "sort", "groupby": "groupby", "group_by": "groupby",
    "groupby_agg": "groupby", "aggregate": "groupby", "join": "join", "merge": "join", "describe": "describe",
    "filter": "filter",
    "query": "filter", "transform": "transform", "write": "write", "save": "write", "to_parquet": "write",
    "to_csv": "write", "parquet.write": "write", "csv.write": "write"}
# The parameters of each, with their other spellings.
_PARAMETERS = {
    "sql": {"sql": ("query",)},
    "sort": {"by": ("columns",), "descending": (), "ascending": (), "nulls": ()},
    "groupby": {"by": ("groupby", "group_by"), "agg": ("aggregations",)},
    "join": {"on": (), "left_on": (), "right_on": (), "how": ("type",), "suffix": ()},
    "describe": {},
    "filter": {"query": ("expr",), "sql": ("where",)},
    "transform": {"transforms": (), "columns": ("expressions",), "sql": ()},
    "write": {
        "path": ("output",), "format": (), "make_directories": (), "compression": (), "delimiter": (),
        "header": (), "null_value": ()},
}
_FUNCTIONS = (
    "sum", "mean", "min", "max", "count", "nunique", "median", "std", "var", "first", "last", "size")
_FUNCTION_NAMES = {"avg": "mean", "average": "mean", "count_distinct": "nunique", "n_unique": "nunique"}
_NUMERIC = ("sum", "mean", "median", "std", "var")
_JOINS = {"inner": "inner", "left": "left", "right": "right", "full": "full", "outer": "full", "semi": "semi",
          "anti": "anti", "cross": "cross"}
_SUFFIXES = {
    ".parquet": "parquet", ".parq": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv", ".tab": "csv",
    ".txt": "csv", ".psv": "csv"}
_DELIMITERS = {".tsv": "\t", ".tab": "\t", ".psv": "|"}


def place(
    definition: Mapping, handlers: Mapping[str, Callable], problems: list, leaves_to_others: Callable
) -> tuple[dict, dict]:
    """The definition with the steps that are done here under names of their own, and the handlers of those.

    leaves_to_others: whether the engine wants a handler for an operation with these parameters.
    """
    found: dict[str, Callable] = {}
    steps = []
    for step in definition.get("steps") or ():
        if isinstance(step, dict) and isinstance(step.get("workflow"), dict):
            inner, others = place(step["workflow"], handlers, problems, leaves_to_others)
            step = {**step, "workflow": inner}
            found.update(others)
        elif isinstance(step, dict):
            step = _placed(step, handlers, problems, leaves_to_others, found)
        steps.append(step)
    return {**definition, "steps": steps}, found


def _placed(step: dict, handlers, problems: list, leaves_to_others, found: dict) -> dict:
    operation = step.get("operation", step.get("type"))
    key = next((key for key in ("config", "params", "parameters") if key in step), "parameters")
    given = step.get(key)
    if operation not in _NAMES or operation in handlers or not isinstance(given, (dict, type(None))):
        return step
    given = dict(given or {})
    kind = _kind(operation, given, leaves_to_others)
    if kind is None:
        return step
    try:
        made = _Step(kind, operation, given)
    except errors.ArgumentError as problem:
        problems.append(f"step '{step.get('name', '')}': {problem}")
        made = None
    name = PREFIX + kind
    found[name] = lambda operation, name, config, ctx: run(config, ctx)
    step = {member: value for member, value in step.items() if member not in ("type", key)}
    step.update(operation=name, parameters=made)
    # The engine does not look at the parameters of a handler's step: a checkpoint has to know them.
    text = json.dumps([kind, given], sort_keys=True, default=str)
    step.setdefault("version", hashlib.sha256(text.encode()).hexdigest()[:16])
    return step


def _kind(operation: str, given: dict, leaves_to_others) -> str | None:
    """What a step is of the operations here; None where it is the engine's."""
    kind = _NAMES[operation]
    if operation == "query" and _is_sql(given.get("sql", given.get("query"))):
        return "sql"
    if kind == "write":
        if operation in ("write", "save") and _format(operation, given) is None:
            return None
    elif kind in ("filter", "transform") and not set(given) & {"engine", "sql", "where", "expressions"}:
        if not (kind == "transform" and "columns" in given) and not leaves_to_others(operation, given):
            return None
    return kind


def _is_sql(text: object) -> bool:
    words = text.split(None, 1) if isinstance(text, str) else ()
    return bool(words) and words[0].lower() in ("select", "with", "from")


def _format(operation: str, given: Mapping) -> str | None:
    """The format that a write is to have where the engine does not have it."""
    if given.get("format") is not None:
        return given["format"] if given["format"] in ("parquet", "csv") else None
    if operation in ("to_parquet", "parquet.write", "to_csv", "csv.write"):
        return "csv" if "csv" in operation else "parquet"
    path = given.get("path", given.get("output"))
    return _SUFFIXES.get(os.path.splitext(os.fspath(path))[1].lower()) if isinstance(
        path, (str, os.PathLike)) else None


class _Step(dict):
    """The parameters of a step, checked; as a dict they are what was given."""

    def __init__(self, kind: str, operation: str, given: dict) -> None:
        super().__init__(given)
        self.kind = kind
        words = _PARAMETERS[kind]
        spelling = {other: name for name, others in words.items() for other in (name, *others)}
        self.options = options = {}
        for name, value in given.items():
            if name == "engine":
                continue
            known = spelling.get(name)
            if known is None:
                raise errors.ArgumentError(
                    f"{operation!r} has no parameter {name!r}{nearest(name, [*spelling, 'engine'])}")
            if known in options:
                raise errors.ArgumentError(f"parameter {known!r} is given twice, as {name!r}, too")
            options[known] = value
        getattr(self, f"_check_{kind}")(options, operation)
        self.library = _library(given.get("engine"), self.needs_sql, operation)

    @property
    def needs_sql(self) -> bool:
        return "sql" in self.options

    @staticmethod
    def _required(options: dict, name: str) -> object:
        if options.get(name) is None:
            raise errors.ArgumentError(f"the parameter {name!r} is missing")
        return options[name]

    def _check_sql(self, options: dict, operation: str) -> None:
        if not isinstance(self._required(options, "sql"), str):
            raise errors.ArgumentError("'sql' is a text")

    def _check_sort(self, options: dict, operation: str) -> None:
        by = options["by"] = _columns(self._required(options, "by"), "by")
        down = options.pop("descending", None)
        up = options.pop("ascending", None)
        if down is not None and up is not None:
            raise errors.ArgumentError("'ascending' and 'descending' are two words for one thing")
        given = down if down is not None else False if up is None else up
        flags = given if isinstance(given, list) else [given] * len(by)
        if len(flags) != len(by) or not all(isinstance(flag, bool) for flag in flags):
            raise errors.ArgumentError("'descending' is a truth value, or a list of one for each column")
        options["descending"] = [not flag for flag in flags] if up is not None else flags
        if options.setdefault("nulls", "last") not in ("first", "last"):
            raise errors.ArgumentError("'nulls' is first or last")

    def _check_groupby(self, options: dict, operation: str) -> None:
        options["by"] = _columns(self._required(options, "by"), "by")
        self.aggregations = _aggregations(options.get("agg") or "count")

    def _check_join(self, options: dict, operation: str) -> None:
        how = str(options.get("how") or "inner").lower()
        if how not in _JOINS:
            raise errors.ArgumentError(
                f"'how' cannot be {how!r}{nearest(how, _JOINS)}; it is one of {', '.join(_JOINS)}")
        options["how"] = _JOINS[how]
        options.setdefault("suffix", "_right")
        sides = {name for name in ("on", "left_on", "right_on") if options.get(name) is not None}
        wanted = [set()] if options["how"] == "cross" else [{"on"}, {"left_on", "right_on"}]
        if sides not in wanted:
            raise errors.ArgumentError(
                "a cross join has no keys" if options["how"] == "cross" else
                "a join needs 'on', or 'left_on' and 'right_on'")
        self.keys = tuple(
            [] if not sides else _columns(options["on" if "on" in sides else side], side)
            for side in ("left_on", "right_on"))
        if len(self.keys[0]) != len(self.keys[1]):
            raise errors.ArgumentError("'left_on' and 'right_on' name as many columns")

    def _check_describe(self, options: dict, operation: str) -> None:
        pass

    def _check_filter(self, options: dict, operation: str) -> None:
        if len(options) != 1:
            raise errors.ArgumentError("it needs one of 'query' and 'sql'")
        self.condition = options["sql"] if "sql" in options else Expression(options["query"])
        if not isinstance(self.condition, (str, Expression)):
            raise errors.ArgumentError("'sql' is a text")

    def _check_transform(self, options: dict, operation: str) -> None:
        if not options:
            raise errors.ArgumentError("it needs 'transforms', 'columns' or 'sql'")
        listed = options.get("transforms") or []
        self.changes = [_change(item) for item in (listed if isinstance(listed, list) else [listed])]
        for name in ("columns", "sql"):
            given = options.get(name) or {}
            if not isinstance(given, dict):
                raise errors.ArgumentError(f"{name!r} is an object of expressions by the names of columns")
            made = given if name == "sql" else {
                column: Expression(text if isinstance(text, str) else repr(text))
                for column, text in given.items()}
            if made:
                self.changes.append(("assign", made))

    def _check_write(self, options: dict, operation: str) -> None:
        path = self._required(options, "path")
        if not isinstance(path, (str, os.PathLike)):
            raise errors.ArgumentError("'path' is a text")
        options["format"] = form = _format(operation, options) or "parquet"
        if options.setdefault("make_directories", operation == "save") not in (True, False):
            raise errors.ArgumentError("'make_directories' is a truth value")
        end = os.path.splitext(os.fspath(path))[1].lower()
        foreign = {"csv": ("compression",), "parquet": ("delimiter", "header", "null_value")}[form]
        for name in foreign:
            if name in options:
                raise errors.ArgumentError(f"a file of format {form} has no {name!r}")
        if form == "parquet":
            known = ("snappy", "zstd", "gzip", "lz4", "none")
            if options.setdefault("compression", "snappy") not in known:
                raise errors.ArgumentError(f"'compression' is one of {', '.join(known)}")
        options.setdefault("delimiter", _DELIMITERS.get(end, ","))
        options.setdefault("header", True)
        options.setdefault("null_value", "")


def _columns(value: object, name: str) -> list[str]:
    """Names: one, several with commas between them, or a list."""
    found = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not found or not all(isinstance(item, str) for item in found):
        raise errors.ArgumentError(f"{name!r} is a name of a column, or a list of names")
    if len(set(found)) < len(found):
        raise errors.ArgumentError(f"{name!r} names a column twice")
    return list(found)


def _function(name: object) -> str:
    made = _FUNCTION_NAMES.get(name, name)
    if made not in _FUNCTIONS:
        raise errors.ArgumentError(
            f"there is no aggregation {name!r}{nearest(str(name), _FUNCTIONS)}; there are "
            f"{', '.join(_FUNCTIONS)}")
    return made


def _aggregations(given: object) -> list:
    """Triples of the new name, the column (None: every other one) and the function."""
    if isinstance(given, (str, list)):
        functions = [given] if isinstance(given, str) else given
        ends = ["" if len(functions) == 1 else f"_{name}" for name in functions]
        return [
            (name if name == "size" else end, None, _function(name)) for name, end in zip(functions, ends)]
    if not isinstance(given, dict):
        raise errors.ArgumentError("'agg' is a function, or an object of functions by columns")
    made = []
    for column, value in given.items():
        if isinstance(value, dict):
            # A new name, with the column and the function that it stands for.
            source = {"column": value.get("column"), "function": value.get("function", value.get("agg"))}
            if set(value) - {"column", "function", "agg"} or source["column"] is None and (
                    source["function"] != "size"):
                raise errors.ArgumentError(f"aggregation {column!r} has a 'column' and a 'function'")
            made.append((column, source["column"], _function(source["function"])))
        elif isinstance(value, (list, tuple)):
            made += [(f"{column}_{name}", column, _function(name)) for name in value]
        else:
            made.append((column, column, _function(value)))
    return made


def _change(item: object) -> tuple:
    """One of `transforms`."""
    if not isinstance(item, dict) or not isinstance(item.get("column"), str):
        raise errors.ArgumentError("each of 'transforms' names a 'column'")
    column, operation = item["column"], item.get("operation")
    extra = set(item) - {"column", "operation", "to", "expression", "sql"}
    if extra:
        raise errors.ArgumentError(f"a transform of column {column!r} has no {sorted(extra)[0]!r}")
    if operation == "rename" and isinstance(item.get("to"), str):
        return "rename", column, item["to"]
    if operation == "drop":
        return "drop", column
    if operation in (None, "expression", "assign") and isinstance(item.get("expression"), str):
        return "assign", {column: Expression(item["expression"])}
    if operation in (None, "sql") and isinstance(item.get("sql"), str):
        return "assign", {column: item["sql"]}
    raise errors.ArgumentError(
        f"a transform of column {column!r} is a rename with 'to', a drop, or has an 'expression' or 'sql'")


# ---- Doing ---------------------------------------------------------------------------------------


def _library(wanted: object, needs_sql: bool, operation: str) -> str:
    """The name of the library that does it. Raises ArgumentError where there is none."""
    if wanted is not None and wanted not in LIBRARIES:
        raise errors.ArgumentError(
            f"'engine' cannot be {wanted!r}{nearest(str(wanted), LIBRARIES)}; it is one of "
            f"{', '.join(LIBRARIES)}")
    # SQL is duckdb's own language, and a part of polars.
    order = ["duckdb", "polars"] if needs_sql else list(LIBRARIES)
    if wanted is not None:
        if wanted not in order:
            raise errors.ArgumentError(f"{wanted} has no SQL; 'engine' is one of {', '.join(order)}")
        order = [wanted]
    for name in order:
        if _is_installed(name):
            return name
    what = " or ".join("pandas and pyarrow" if name == "pandas" else name for name in order)
    raise errors.ArgumentError(
        f"{operation!r} needs {what}, which is not installed: pip install "
        f"{'pandas pyarrow' if order[0] == 'pandas' else order[0]}")


def _is_installed(name: str) -> bool:
    import importlib.util
    import sys

    from . import libraries

    for module in getattr(libraries, LIBRARIES[name]).needs:
        try:
            if module in sys.modules:
                found = sys.modules[module]
            else:
                found = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            found = None
        if found is None:
            return False
    return True


def run(step: _Step, ctx) -> _table.Table:
    """Does a step with the outputs of its dependencies."""
    from . import libraries

    library = getattr(libraries, LIBRARIES[step.library])(ctx)
    made = globals()[f"_run_{step.kind}"](step, ctx, library)
    ctx.check_cancelled()
    return made if isinstance(made, _table.Table) else _table.table(made)


def inputs_of(ctx) -> list:
    """The tables of the dependencies, each once; of a step that is fanned out the element."""
    step = ctx._step
    names = step.inputs
    if names is None:
        names = list({number: name for name, number in reversed(step.dependencies.items())}.values())[::-1]
    return [
        _as_table(ctx.element if name == step.for_each and ctx.element_index is not None else ctx[name], name)
        for name in names]


def _inputs(ctx, count: int, what: str) -> list:
    found = inputs_of(ctx)
    if len(found) != count:
        tables = "one table" if count == 1 else "two tables"
        raise errors.ArgumentError(f"{what} takes {tables}, not {len(found)}")
    return found


def _as_table(output: object, name: str) -> _table.Table:
    if isinstance(output, _table.Table):
        return output
    try:
        return _table.table(output)
    except TypeError:
        raise TypeError(f"step {name!r} has to give a table, not a {type(output).__name__}") from None


def _check_columns(table: _table.Table, columns) -> None:
    for name in columns:
        _schema.position(table.column_names, name)


def _run_sql(step: _Step, ctx, library):
    tables = {}
    for name in ctx.dependencies:
        output = ctx[name]
        if hasattr(output, "__arrow_c_stream__"):
            tables[name] = output if isinstance(output, _table.Table) else _table.table(output)
    return library.sql(tables, step.options["sql"])


def _run_sort(step: _Step, ctx, library):
    (table,) = _inputs(ctx, 1, "sort")
    _check_columns(table, step.options["by"])
    return library.sort(
        table, step.options["by"], step.options["descending"], step.options["nulls"] == "last")


def _run_groupby(step: _Step, ctx, library):
    (table,) = _inputs(ctx, 1, "groupby")
    by = step.options["by"]
    _check_columns(table, by)
    aggregations = []
    for name, column, function in step.aggregations:
        if column is not None or function == "size":
            _check_columns(table, [column] if column is not None and function != "size" else ())
            aggregations.append((name, column, function))
            continue
        for field in table.schema:
            if field.name not in by and (function not in _NUMERIC or _is_number(field.type)):
                aggregations.append((field.name + name, field.name, function))
    if not aggregations:
        raise errors.ArgumentError("there is no column that these aggregations apply to")
    made = [*by, *(name for name, _, _ in aggregations)]
    twice = next((name for name in made if made.count(name) > 1), None)
    if twice is not None:
        raise errors.ArgumentError(f"two columns would be called {twice!r}")
    return library.group(table, by, aggregations)


def _is_number(kind: str) -> bool:
    return kind.startswith(("int", "uint", "float", "double", "half", "decimal")) and "interval" not in kind


def _run_describe(step: _Step, ctx, library):
    (table,) = _inputs(ctx, 1, "describe")
    if "statistic" in table.column_names:
        raise errors.ArgumentError("two columns would be called 'statistic'")
    return library.describe(
        table, [field.name for field in table.schema if field.type == "bool" or _is_number(field.type)])


def _run_join(step: _Step, ctx, library):
    left, right = _inputs(ctx, 2, "join")
    left_keys, right_keys = step.keys
    _check_columns(left, left_keys)
    _check_columns(right, right_keys)
    renamed = dict(zip(right_keys, left_keys))
    taken = set(left.column_names)
    if step.options["how"] not in ("semi", "anti"):
        for name in right.column_names:
            if name not in renamed and name in taken:
                renamed[name] = name + step.options["suffix"]
                if renamed[name] in taken or renamed[name] in right.column_names:
                    raise errors.ArgumentError(
                        f"two columns would be called {renamed[name]!r}; 'suffix' says otherwise")
    else:
        right = right.select(right_keys)
    return library.join(left, right, left_keys, step.options["how"], renamed)


def _run_filter(step: _Step, ctx, library):
    (table,) = _inputs(ctx, 1, "filter")
    if isinstance(step.condition, Expression):
        _check_columns(table, step.condition.columns)
    return library.filter(table, step.condition)


def _run_transform(step: _Step, ctx, library):
    (table,) = _inputs(ctx, 1, "transform")
    for change in step.changes:
        if change[0] == "assign":
            for value in change[1].values():
                _check_columns(table, value.columns if isinstance(value, Expression) else ())
            table = _table.table(library.assign(table, change[1]))
        elif change[0] == "drop":
            _check_columns(table, [change[1]])
            table = table.select([name for name in table.column_names if name != change[1]])
        else:
            table = _renamed(table, change[1], change[2], library)
    return table


def _renamed(table: _table.Table, old: str, new: str, library) -> _table.Table:
    _check_columns(table, [old])
    if new != old and new in table.column_names:
        raise errors.ArgumentError(f"two columns would be called {new!r}")
    if new == old:
        return table
    place = table.column_names.index(old)
    wide = _table.table(library.assign(table, {new: Expression(f"`{old}`")}))
    columns = [new if index == place else name for index, name in enumerate(table.column_names)]
    return wide.select(columns)


def _run_write(step: _Step, ctx, library):
    (table,) = _inputs(ctx, 1, "write")
    options = step.options
    written(
        options["path"], options["make_directories"],
        lambda partial: library.write(table, partial, options["format"], options), ctx)
    return table


def written(path: str | os.PathLike, makes_directories: bool, write: Callable[[str], object], ctx) -> None:
    """Writes a file so that its place has the old one or the whole new one."""
    path = os.path.abspath(os.fspath(path))
    folder, name = os.path.split(path)
    if makes_directories:
        os.makedirs(folder, exist_ok=True)
    partial = os.path.join(folder, f".{name}.{os.getpid()}.partial")
    try:
        write(partial)
        ctx.check_cancelled()
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
