"""Polars, duckdb and pandas as processors of our tables; what they give is the same, but for layouts."""

from __future__ import annotations

import contextlib
import datetime
import functools
import operator
import threading

from ... import _table, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .expressions import Expression

_PYTHON = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge}
# How long a query of duckdb may go on after its step was told to stop.
_WATCH_SECONDS = 0.02
# The rows of `describe`, and the quantiles among them.
STATISTICS = ("count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max")
_QUANTILES = (0.25, 0.5, 0.75)


class Polars:
    """Tables as polars' frames."""

    needs = ("polars",)
    has_sql = True

    def __init__(self, ctx) -> None:
        import polars

        self.pl = polars

    def sort(self, table, by: list, descending: list, nulls_last: bool):
        frame = table.to_polars()
        return frame.sort(by, descending=descending, nulls_last=nulls_last, maintain_order=True)

    def group(self, table, by: list, aggregations: list):
        frame = table.to_polars()
        made = [self._aggregation(frame, *item) for item in aggregations]
        found = frame.group_by(by, maintain_order=True).agg(made)
        return found.sort(by, nulls_last=True, maintain_order=True)

    def _aggregation(self, frame, name: str, column: str | None, function: str):
        pl = self.pl
        if function == "size":
            return pl.len().cast(pl.Int64).alias(name)
        values = pl.col(column)
        if function in ("first", "last"):
            made = getattr(values.drop_nulls(), function)()
        elif function == "nunique":
            made = values.drop_nulls().n_unique().cast(pl.Int64)
        elif function == "count":
            made = values.count().cast(pl.Int64)
        elif function == "sum" and (frame.schema[column].is_integer() or frame.schema[column] == pl.Boolean):
            made = values.cast(pl.Int64).sum()
        else:
            made = getattr(values, function)()
        return made.alias(name)

    def describe(self, table, numbers: list):
        pl = self.pl
        columns: dict = {"statistic": STATISTICS}
        for column in table.to_polars():
            facts = [column.count(), column.null_count()]
            if column.name in numbers:
                values = column.cast(pl.Float64).fill_nan(None).drop_nulls()
                facts += [values.mean(), values.std(), values.min()]
                facts += [values.quantile(part, "linear") for part in _QUANTILES]
                facts.append(values.max())
            facts += [None] * (len(STATISTICS) - len(facts))
            columns[column.name] = pl.Series(facts, dtype=pl.Float64, strict=False)
        return pl.DataFrame(columns)

    def join(self, left, right, keys: list, how: str, renamed: dict):
        order = {"right": "right_left"}.get(how, "left_right" if how in ("left", "inner", "full") else "none")
        one, other = left.to_polars(), right.to_polars().rename(renamed)
        if how == "cross":
            return one.join(other, how="cross")
        if how in ("semi", "anti"):
            # Neither keeps an order by itself.
            place = "__row"
            found = one.with_row_index(place).join(other, on=keys, how=how)
            return found.sort(place).drop(place)
        made = one.join(other, on=keys, how=how, coalesce=True, maintain_order=order)
        return made.select([*left.column_names, *(n for n in other.columns if n not in keys)])

    def filter(self, table, condition: Expression | str):
        return table.to_polars().filter(self._expression(condition))

    def assign(self, table, columns: dict):
        return table.to_polars().with_columns(
            **{name: self._expression(value) for name, value in columns.items()})

    def _expression(self, expression: Expression | str):
        if isinstance(expression, str):
            return self.pl.sql_expr(expression)
        return expression.build(self)

    def sql(self, tables: dict, query: str):
        frames = {name: table.to_polars() for name, table in tables.items()}
        return self.pl.SQLContext(frames).execute(query, eager=True)

    def write(self, table, path: str, form: str, options: dict) -> None:
        frame = table.to_polars()
        if form == "csv":
            frame.write_csv(
                path, separator=options["delimiter"], include_header=options["header"],
                null_value=options["null_value"])
        else:
            compression = options["compression"]
            frame.write_parquet(path, compression="uncompressed" if compression == "none" else compression)

    # The dialect of expressions.

    def column(self, name: str):
        return self.pl.col(name)

    def literal(self, value: object):
        return self.pl.lit(value)

    def binary(self, sign: str, one, other):
        return _PYTHON[sign](one, other)

    compare = binary

    def all(self, parts: list):
        return functools.reduce(operator.and_, parts)

    def any(self, parts: list):
        return functools.reduce(operator.or_, parts)

    def inverse(self, part):
        return ~part

    def is_null(self, part):
        return part.is_null()

    def is_in(self, part, values: list):
        return part.is_in(values)

    def choice(self, condition, one, other):
        return self.pl.when(condition).then(one).otherwise(other)

    def call(self, name: str, first, *rest):
        pl = self.pl
        if name == "coalesce":
            return pl.coalesce(first, *rest)
        if name == "concat":
            return pl.concat_str([first, *rest])
        if name in ("startswith", "endswith"):
            return getattr(first.str, f"{name[:-4]}_with")(rest[0])
        if name == "contains":
            return first.str.contains(rest[0], literal=True)
        if name == "float":
            return first.cast(pl.Float64)
        if name in ("year", "month", "day"):
            return getattr(first.dt, name)().cast(pl.Int64)
        if name == "length":
            return first.str.len_chars().cast(pl.Int64)
        if name == "strip":
            return first.str.strip_chars(" ")
        if name in ("lower", "upper"):
            return getattr(first.str, f"to_{name}case")()
        return getattr(first, name)()


class DuckDB:
    """Tables under names in a duckdb of their own."""

    needs = ("duckdb",)
    has_sql = True

    def __init__(self, ctx) -> None:
        import duckdb

        self._duckdb = duckdb
        self._ctx = ctx

    @contextlib.contextmanager
    def _connected(self):
        """A duckdb of its own, of which nothing is left behind; it is interrupted when the step is to stop."""
        connection = self._duckdb.connect()
        is_done = threading.Event()

        def watch() -> None:
            while not is_done.wait(_WATCH_SECONDS):
                # More than once: where no query runs yet, an interrupt is lost.
                if self._ctx.is_cancelled():
                    connection.interrupt()

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield connection
        except Exception:
            self._ctx.check_cancelled()
            raise
        finally:
            is_done.set()
            watcher.join()
            connection.close()

    def _ask(self, query: str, **tables):
        """The table of a query."""
        with self._connected() as connection:
            for name, table in tables.items():
                connection.register(name, table)
            found = connection.sql(query)
            if found is None:
                raise errors.ArgumentError(f"the query gives no table: {query!r}")
            return _table.table(found)

    def sql(self, tables: dict, query: str):
        return self._ask(query, **tables)

    def sort(self, table, by: list, descending: list, nulls_last: bool):
        nulls = "LAST" if nulls_last else "FIRST"
        order = [
            f"{_name(column)} {'DESC' if down else 'ASC'} NULLS {nulls}"
            for column, down in zip(by, descending)]
        columns = _names(table.column_names)
        return self._ask(
            f"SELECT {columns} FROM {_numbered('t')} ORDER BY {', '.join(order)}, __row", t=table)

    def group(self, table, by: list, aggregations: list):
        made = [self._aggregation(table, *item) for item in aggregations]
        keys = _names(by)
        order = ", ".join(f"{_name(column)} ASC NULLS LAST" for column in by)
        return self._ask(
            f"SELECT {', '.join([keys, *made])} FROM {_numbered('t')} GROUP BY {keys} ORDER BY {order}",
            t=table)

    def _aggregation(self, table, name: str, column: str | None, function: str) -> str:
        if function == "size":
            return f"count(*) AS {_name(name)}"
        value = _name(column)
        kind = table.schema[table.column_names.index(column)].type
        sums = f"coalesce(sum({value}), 0)"
        if kind == "bool" or "int" in kind:
            sums = f"CAST({sums} AS BIGINT)"
        made = {
            "sum": sums, "mean": f"avg({value})", "nunique": f"count(DISTINCT {value})",
            "std": f"stddev_samp({value})", "var": f"var_samp({value})",
            "first": f"arg_min({value}, __row)", "last": f"arg_max({value}, __row)"}
        return f"{made.get(function, f'{function}({value})')} AS {_name(name)}"

    def describe(self, table, numbers: list):
        facts, parts = [], [f"unnest([{', '.join(map(_text, STATISTICS))}]) AS statistic"]
        for place, name in enumerate(table.column_names):
            column, made = _name(name), f"c{place}_"
            aggregates = [f"count({column})", f"count(*) - count({column})"]
            if name in numbers:
                number = f"CAST({column} AS DOUBLE)"
                value = f"(CASE WHEN isnan({number}) THEN NULL ELSE {number} END)"
                aggregates += [
                    f"avg({value})",
                    f"CASE WHEN bool_or(isinf({number})) THEN CAST('nan' AS DOUBLE) "
                    f"ELSE stddev_samp({value}) FILTER (NOT isinf({number})) END",
                    f"min({value})", *(f"quantile_cont({value}, {part})" for part in _QUANTILES), f"max({value})"]
            aggregates += ["NULL"] * (len(STATISTICS) - len(aggregates))
            facts += [f"CAST({value} AS DOUBLE) AS {made}{row}" for row, value in enumerate(aggregates)]
            rows = ", ".join(f"{made}{row}" for row in range(len(STATISTICS)))
            parts.append(f"unnest([{rows}]) AS {column}")
        return self._ask(f"SELECT {', '.join(parts)} FROM (SELECT {', '.join(facts) or '1'} FROM t)", t=table)

    def join(self, left, right, keys: list, how: str, renamed: dict):
        others = {name: renamed.get(name, name) for name in right.column_names}
        chosen = [f"{_name(old)} AS {_name(new)}" for old, new in others.items()]
        one, other = _numbered("l"), f"(SELECT {', '.join([*chosen, '__row'])} FROM {_numbered('r')})"
        on = " AND ".join(f"a.{_name(key)} = b.{_name(key)}" for key in keys)
        if how in ("semi", "anti"):
            found = "EXISTS" if how == "semi" else "NOT EXISTS"
            return self._ask(
                f"SELECT {_names(left.column_names)} FROM {one} a WHERE {found} "
                f"(SELECT 1 FROM {other} b WHERE {on}) ORDER BY __row", l=left, r=right)
        columns = [
            f"coalesce(a.{_name(name)}, b.{_name(name)}) AS {_name(name)}" if name in keys
            else f"a.{_name(name)}" for name in left.column_names]
        columns += [f"b.{_name(new)}" for new in others.values() if new not in keys]
        order = "b.__row NULLS LAST, a.__row" if how == "right" else "a.__row NULLS LAST, b.__row NULLS LAST"
        join = "CROSS JOIN" if how == "cross" else f"{how.upper()} JOIN"
        return self._ask(
            f"SELECT {', '.join(columns)} FROM {one} a {join} {other} b" + (f" ON {on}" if keys else "")
            + f" ORDER BY {order}", l=left, r=right)

    def filter(self, table, condition: Expression | str):
        return self._ask(f"SELECT * FROM t WHERE {self._expression(condition)}", t=table)

    def assign(self, table, columns: dict):
        made = {name: self._expression(value) for name, value in columns.items()}
        parts = [
            f"{made.pop(name)} AS {_name(name)}" if name in made else _name(name)
            for name in table.column_names]
        parts += [f"{value} AS {_name(name)}" for name, value in made.items()]
        return self._ask(f"SELECT {', '.join(parts)} FROM t", t=table)

    def _expression(self, expression: Expression | str) -> str:
        return f"({expression})" if isinstance(expression, str) else expression.build(self)

    def write(self, table, path: str, form: str, options: dict) -> None:
        if form == "csv":
            how = (f"FORMAT csv, DELIMITER {_text(options['delimiter'])}, HEADER {bool(options['header'])}, "
                   f"NULLSTR {_text(options['null_value'])}")
        else:
            compression = options["compression"]
            how = f"FORMAT parquet, COMPRESSION {'uncompressed' if compression == 'none' else compression}"
        with self._connected() as connection:
            connection.register("t", table)
            connection.execute(f"COPY (SELECT * FROM t) TO {_text(path)} ({how})")

    # The dialect of expressions.

    def column(self, name: str) -> str:
        return _name(name)

    def literal(self, value: object) -> str:
        if value is None or isinstance(value, bool):
            return str(value).upper() if value is not None else "NULL"
        if isinstance(value, float):
            return f"CAST({_text(repr(value))} AS DOUBLE)"
        if isinstance(value, datetime.date):
            kind = "TIMESTAMP" if isinstance(value, datetime.datetime) else "DATE"
            return f"{kind} {_text(value.isoformat(*(' ',) if kind == 'TIMESTAMP' else ()))}"
        return _text(value) if isinstance(value, str) else str(value)

    def binary(self, sign: str, one: str, other: str) -> str:
        if sign == "%":
            return f"((({one} % {other}) + {other}) % {other})"
        return f"({one} {sign} {other})"

    def compare(self, sign: str, one: str, other: str) -> str:
        return f"({one} {'=' if sign == '==' else sign} {other})"

    def all(self, parts: list) -> str:
        return f"({' AND '.join(parts)})"

    def any(self, parts: list) -> str:
        return f"({' OR '.join(parts)})"

    def inverse(self, part: str) -> str:
        return f"(NOT {part})"

    def is_null(self, part: str) -> str:
        return f"({part} IS NULL)"

    def is_in(self, part: str, values: list) -> str:
        return f"({part} IN ({', '.join(map(self.literal, values))}))" if values else f"({part} <> {part})"

    def choice(self, condition: str, one: str, other: str) -> str:
        return f"(CASE WHEN {condition} THEN {one} ELSE {other} END)"

    def call(self, name: str, first: str, *rest: str) -> str:
        if name == "concat":
            return f"({' || '.join([first, *rest])})"
        if name in ("startswith", "endswith", "contains"):
            words = {"startswith": "starts_with", "endswith": "suffix", "contains": "contains"}
            return f"{words[name]}({first}, {_text(rest[0])})"
        if name == "float":
            return f"CAST({first} AS DOUBLE)"
        name = {"strip": "trim"}.get(name, name)
        return f"{name}({', '.join([first, *rest])})"


class Pandas:
    """Tables as pandas' frames, by way of pyarrow, with types that know nulls."""

    needs = ("pandas", "pyarrow")
    has_sql = False

    def __init__(self, ctx) -> None:
        import pandas
        import pyarrow

        self.pd, self._pa = pandas, pyarrow
        self._frame = None

    def _of(self, table):
        pd, pa = self.pd, self._pa
        names = {
            pa.int8(): "Int8", pa.int16(): "Int16", pa.int32(): "Int32", pa.int64(): "Int64",
            pa.uint8(): "UInt8", pa.uint16(): "UInt16", pa.uint32(): "UInt32", pa.uint64(): "UInt64",
            pa.float32(): "Float32", pa.float64(): "Float64", pa.bool_(): "boolean", pa.string(): "string",
            pa.large_string(): "string"}

        def kind(arrow):
            return pd.api.types.pandas_dtype(names[arrow]) if arrow in names else pd.ArrowDtype(arrow)

        found = table.to_pyarrow()
        views = [
            field.with_type(pa.string()) if str(field.type) == "string_view" else field
            for field in found.schema]
        return found.cast(pa.schema(views)).to_pandas(types_mapper=kind)

    def _made(self, frame):
        return self._pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()

    def sort(self, table, by: list, descending: list, nulls_last: bool):
        return self._made(self._of(table).sort_values(
            by, ascending=[not down for down in descending], kind="stable",
            na_position="last" if nulls_last else "first"))

    def group(self, table, by: list, aggregations: list):
        frame = self._of(table)
        groups = frame.groupby(by, dropna=False, sort=False, observed=True)
        made = {}
        for name, column, function in aggregations:
            if function == "size":
                made[name] = groups.size()
                continue
            if column in by:
                copy = frame.assign(__values=frame[column])
                values = copy.groupby(by, dropna=False, sort=False, observed=True)["__values"]
            else:
                values = groups[column]
            if function in ("mean", "median", "std", "var"):
                made[name] = getattr(values, function)().astype("Float64")
            elif function == "sum" and frame[column].dtype.kind in "iub":
                made[name] = values.sum().astype("Int64")
            else:
                made[name] = getattr(values, function)()
        keys = next(iter(made.values())).index
        columns = {
            key: keys.get_level_values(place).astype(frame[key].dtype) for place, key in enumerate(by)}
        columns.update((name, values.array) for name, values in made.items())
        answer = self.pd.DataFrame(columns)
        return self._made(answer.sort_values(by, na_position="last", kind="stable"))

    def describe(self, table, numbers: list):
        import numpy

        pd, pa = self.pd, self._pa
        found = table.to_pyarrow()
        columns: dict = {"statistic": pa.array(STATISTICS)}
        for name, column in zip(found.column_names, found.columns):
            facts = [len(column) - column.null_count, column.null_count]
            if name in numbers:
                values = pd.Series(column.cast(pa.float64()).to_numpy()).dropna()
                if len(values):
                    # Of infinities, as the others have them, without a warning.
                    with numpy.errstate(invalid="ignore"):
                        facts += [values.mean(), values.std() if len(values) > 1 else None, values.min()]
                        facts += [values.quantile(part) for part in _QUANTILES]
                    facts.append(values.max())
            facts += [None] * (len(STATISTICS) - len(facts))
            columns[name] = pa.array(facts, pa.float64(), from_pandas=False)
        return pa.table(columns)

    def join(self, left, right, keys: list, how: str, renamed: dict):
        pd = self.pd
        one = self._of(left).assign(__left=range(left.num_rows))
        other = self._of(right).rename(columns=renamed).assign(__right=range(right.num_rows))
        names = [*left.column_names, *(name for name in other.columns if name not in (*keys, "__right"))]
        if how == "cross":
            return self._made(one.merge(other, how="cross")[names])
        # pandas lets null meet null.
        whole = other[keys].notna().all(axis=1)
        types = one[keys].dtypes.to_dict()
        if not len(one) or not whole.any():
            # It cannot compare columns of Arrow without a chunk.
            one, other = one.astype(dict.fromkeys(keys, object)), other.astype(dict.fromkeys(keys, object))
        if how in ("semi", "anti"):
            found = one.merge(other.loc[whole, keys].drop_duplicates(), on=keys, how="inner")["__left"]
            wanted = one["__left"].isin(found)
            return self._made(one[wanted if how == "semi" else ~wanted][left.column_names])
        merged = one.merge(other[whole], on=keys, how="outer" if how == "full" else how)
        if how in ("right", "full"):
            merged = pd.concat([merged, other[~whole]])
        order = ["__right", "__left"] if how == "right" else ["__left", "__right"]
        merged = merged.sort_values(order, kind="stable", na_position="last")
        return self._made(merged[names].astype(types))

    def filter(self, table, condition: Expression):
        self._frame = self._of(table)
        found = condition.build(self)
        if not hasattr(found, "fillna"):
            found = self.pd.Series([found] * len(self._frame), dtype="boolean", index=self._frame.index)
        return self._made(self._frame[found.fillna(False).astype(bool)])

    def assign(self, table, columns: dict):
        self._frame = self._of(table)
        made = {name: value.build(self) for name, value in columns.items()}
        return self._made(self._frame.assign(**made))

    def write(self, table, path: str, form: str, options: dict) -> None:
        found = table.to_pyarrow()
        if form == "csv":
            self._of(table).to_csv(
                path, index=False, sep=options["delimiter"], header=options["header"],
                na_rep=options["null_value"])
            return
        import pyarrow.parquet

        pyarrow.parquet.write_table(found, path, compression=options["compression"])

    # The dialect of expressions.

    def column(self, name: str):
        return self._frame[name]

    def literal(self, value: object):
        if value is None:
            return self.pd.NA
        return self.pd.Timestamp(value) if isinstance(value, datetime.datetime) else value

    def binary(self, sign: str, one, other):
        return _PYTHON[sign](one, other)

    def compare(self, sign: str, one, other):
        found = _PYTHON[sign](one, other)
        return found.astype("boolean") if hasattr(found, "astype") else found

    def all(self, parts: list):
        return functools.reduce(operator.and_, parts)

    def any(self, parts: list):
        return functools.reduce(operator.or_, parts)

    def inverse(self, part):
        return ~part if hasattr(part, "astype") else not part

    def is_null(self, part):
        return self.pd.isna(part)

    def is_in(self, part, values: list):
        return part.isin(values).astype("boolean").mask(part.isna())

    def choice(self, condition, one, other):
        pd, index = self.pd, self._frame.index
        one, other = (
            part if isinstance(part, pd.Series) else pd.Series(part, index=index) for part in (one, other))
        chosen = condition.fillna(False).astype(bool)
        return one.where(chosen, other).convert_dtypes()

    def call(self, name: str, first, *rest):
        if name == "coalesce":
            return functools.reduce(lambda one, other: one.fillna(other), rest, first)
        if name == "concat":
            return functools.reduce(operator.add, rest, first)
        if name == "contains":
            return first.str.contains(rest[0], regex=False)
        if name in ("startswith", "endswith"):
            return getattr(first.str, name)(rest[0])
        if name == "float":
            return first.astype("Float64")
        if name in ("year", "month", "day"):
            return getattr(first.dt, name).astype("Int64")
        if name == "length":
            return first.str.len().astype("Int64")
        if name in ("lower", "upper", "strip"):
            return getattr(first.str, name)(*((" ",) if name == "strip" else ()))
        if name == "abs":
            return first.abs()
        import numpy

        return getattr(numpy, name)(first)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _names(names: list) -> str:
    return ", ".join(map(_name, names))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _numbered(name: str) -> str:
    return f"(SELECT *, row_number() OVER () AS __row FROM {name})"
