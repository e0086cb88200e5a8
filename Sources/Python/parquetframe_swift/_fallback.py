"""The same functions over pyarrow, for where the engine is missing or disabled."""

from __future__ import annotations

import importlib
import io
import os

from . import _fallback_metadata, _ffi, _schema, _source, _table, errors


def note(reason: str) -> None:
    """Says, at level debug, that pyarrow does the work."""
    from . import _logging

    _logging.debug("pyarrow reads in place of the engine: %s", reason)


def stand_in(name: str, place: str = "its place"):
    """A module of a library that takes the engine's place."""
    try:
        return importlib.import_module(name)
    except ImportError as problem:
        library = name.partition(".")[0]
        raise errors.EngineUnavailableError(
            f"{why_not()}, and {library}, which would take {place}, is not installed") from problem


def why_not(part: str = "the engine") -> str:
    """Why the engine does not do the work."""
    try:
        _ffi.library()
    except errors.EngineUnavailableError as missing:
        return str(missing)
    return f"{part} is disabled"


def _pyarrow(name: str = "pyarrow"):
    return stand_in(name)


_SUFFIXES = (".parquet", ".parq", ".pq")


def files(sources: list, suffixes: tuple = _SUFFIXES) -> list:
    """The single files and objects that sources stand for, in the sorted order of the paths."""
    found: list = []
    for source in sources:
        if isinstance(source, _source.Paths):
            found += sorted(file for path in source.sources for file in _files_of(path, suffixes))
        else:
            found.append(source)
    return found


def _files_of(path: str, suffixes: tuple) -> list:
    if os.path.isdir(path):
        return _files_below(path, suffixes)
    if any(mark in path for mark in "*?[") and not os.path.exists(path):
        import glob

        found = [match for match in glob.glob(path, recursive=True) if not os.path.isdir(match)]
        if not found:
            import errno

            raise FileNotFoundError(errno.ENOENT, "no file matches", path)
        return found
    return [path]


def _files_below(directory: str, suffixes: tuple) -> list:
    found = []

    def refuse(problem: OSError) -> None:
        raise problem

    for folder, folders, names in os.walk(directory, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        for name in folders:
            if "=" in name and suffixes is _SUFFIXES:
                raise errors.UnsupportedError(
                    f"{os.path.join(folder, name)} is a hive partition, which this version does not read",
                    {"feature": "hive partitions", "file": directory})
        found += [
            os.path.join(folder, name) for name in names
            if name.lower().endswith(suffixes) and not name.startswith((".", "_"))]
    if not found:
        import errno

        raise FileNotFoundError(errno.ENOENT, f"no {suffixes[0]} file below", directory)
    return sorted(found)


class _ArrowStore:
    """A table that pyarrow holds."""

    def __init__(self, table) -> None:
        self.table = table
        self.batches = table.to_batches()
        self.num_rows, self.num_columns, self.num_batches = (
            table.num_rows, table.num_columns, len(self.batches))

    def fill_schema(self, address: int) -> None:
        self.table.schema._export_to_c(address)

    def fill_batch(self, index: int, address: int) -> None:
        self.batches[index]._export_to_c(address)

    def schema_capsule(self) -> object:
        return self.table.schema.__arrow_c_schema__()

    def stream_capsule(self) -> object:
        return self.table.__arrow_c_stream__()

    def array_capsules(self) -> tuple:
        return self.batches[0].__arrow_c_array__()

    def column_schema_capsule(self) -> object:
        return self.table.schema.field(0).__arrow_c_schema__()

    def column_stream_capsule(self) -> object:
        return self.table.column(0).__arrow_c_stream__()

    def column_array_capsules(self) -> tuple:
        return self.batches[0].column(0).__arrow_c_array__()

    def slice(self, offset: int, length: int) -> _ArrowStore:
        return _ArrowStore(self.table.slice(offset, length))

    def select(self, indices: list) -> _ArrowStore:
        return _ArrowStore(self.table.select(indices))

    def cast(self, string_output: str | dict | None) -> _ArrowStore:
        if not string_output:
            return self
        return _ArrowStore(self.table.cast(_laid_out(self.table.schema, {"string_output": string_output})))

    def format(self, rows: int, width: int, form: str) -> str:
        names = self.table.schema.names
        types = [str(kind) for kind in self.table.schema.types]
        shown = self.table.slice(0, rows)
        cells = [[str(value.as_py()) for value in column] for column in shown.columns]
        if form == "html":
            from html import escape

            def row(tag: str, texts) -> str:
                return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>"

            body = "".join(row("td", line) for line in zip(*cells))
            return f"<table><thead>{row('th', names)}{row('th', types)}</thead><tbody>{body}</tbody></table>"
        columns = [[name, kind, *values] for name, kind, values in zip(names, types, cells)]
        widths = [max(map(len, column)) for column in columns]
        lines = [
            "  ".join(text.ljust(size) for text, size in zip(line, widths)).rstrip()
            for line in zip(*columns)]
        lines = [line if not width or len(line) <= width else line[:width - 1] + "…" for line in lines]
        return "\n".join([*lines, f"{self.num_rows:,} rows × {self.num_columns:,} columns"])


def _open(source, memory_map: bool = False):
    """What pyarrow is to read."""
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        if os.path.isdir(path):
            import errno

            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return _pyarrow().memory_map(path) if memory_map else open(path, "rb")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(source)
    if hasattr(source, "read") and hasattr(source, "seek"):
        return source
    raise TypeError(
        "source must be a path, bytes, a memoryview or a binary file object with read and seek, "
        f"not {type(source).__name__}")


class _Translated:
    """Raises this package's exceptions in place of pyarrow's."""

    def __enter__(self) -> None:
        self.pyarrow = _pyarrow()

    def __exit__(self, kind, problem, _traceback) -> None:
        lib = self.pyarrow.lib
        if isinstance(problem, (lib.ArrowNotImplementedError,)):
            raise errors.UnsupportedError(str(problem)) from problem
        if isinstance(problem, lib.ArrowMemoryError):
            raise MemoryError(str(problem)) from problem
        if isinstance(problem, lib.ArrowException) or type(problem) is OSError and not problem.errno:
            raise errors.FormatError(str(problem)) from problem


def _parquet_file(source, chosen: dict, memory_map: bool):
    with _Translated():
        file = _pyarrow("pyarrow.parquet").ParquetFile(
            _open(source, memory_map), page_checksum_verification=bool(chosen.get("verify_checksums")),
            coerce_int96_timestamp_unit=chosen.get("coerce_int96_timestamp_unit"))
    names = file.schema_arrow.names
    for name in chosen.get("columns") or ():
        if name not in names and not any(_leads_into(name, path) for path in _paths(file)):
            _schema.position(names, name)
    for index in chosen.get("row_groups") or ():
        if index >= file.num_row_groups:
            raise errors.OutOfRangeError(
                f"row group {index} of a file of {file.num_row_groups}",
                {"index": index, "count": file.num_row_groups})
    return file


def _paths(file) -> list[str]:
    return [file.schema.column(index).path for index in range(len(file.schema))]


def _column_of(path: str, names: list[str]) -> str:
    return next(name for name in names if path.startswith(name + "."))


def _leads_into(name: str, path: str) -> bool:
    """Whether `name` is a dotted path to a leaf or a group above it, by all names of the file."""
    return path == name or path.startswith(name + ".")


def _laid_out(schema, chosen: dict):
    """The schema with its strings in the layouts that were chosen."""
    layout = chosen.get("string_output")
    layouts = layout if isinstance(layout, dict) else dict.fromkeys(schema.names, layout)
    layouts = {**layouts, **dict.fromkeys(chosen.get("dictionary") or (), "dictionary")}
    pyarrow = _pyarrow()
    kinds = {"utf8": "", "large_utf8": "large_", "utf8_view": "_view"}
    for index, field in enumerate(schema):
        layout = layouts.get(field.name)
        kind = next((name for name in ("string", "binary") if name in str(field.type)[:13]), None)
        if layout is None or kind is None or pyarrow.types.is_fixed_size_binary(field.type):
            continue
        if layout == "dictionary":
            type_ = pyarrow.dictionary(pyarrow.int32(), getattr(pyarrow, kind)())
        elif layout in kinds:
            name = kinds[layout] + kind if layout == "large_utf8" else kind + kinds[layout]
            type_ = getattr(pyarrow, name)()
        else:
            raise errors.ArgumentError(f"string_output cannot be {layout!r}")
        schema = schema.set(index, field.with_type(type_))
    return schema


def _batches(source, chosen: dict, memory_map: bool, cancel):
    """(schema, generator of batches)"""
    if chosen.get("restore_arrow_schema") is False:
        raise errors.UnsupportedError("restore_arrow_schema=False needs the engine")
    file = _parquet_file(source, chosen, memory_map)
    schema = file.schema_arrow
    if chosen["columns"] is not None:
        pyarrow = _pyarrow()
        with _Translated():
            partial = file.read_row_groups([], columns=chosen["columns"]).schema
        # Paths into one column give one column, at the place of the first.
        wanted = dict.fromkeys(
            name if name in schema.names else _column_of(name, schema.names) for name in chosen["columns"])
        schema = pyarrow.schema([partial.field(name) for name in wanted], schema.metadata)

    schema = _laid_out(schema, chosen)
    filters = chosen.get("filters")
    columns = chosen["columns"]
    if filters is not None and columns is not None:
        asked = [_field(file.schema_arrow, term[0])[0] for terms in filters.terms for term in terms]
        columns = [*columns, *(name for name in dict.fromkeys(asked) if name not in columns)]

    def generate():
        left = chosen["limit"]
        with _Translated():
            expression = None if filters is None else _expression(file.schema_arrow, filters)
            for batch in file.iter_batches(
                    chosen.get("batch_size", 1 << 20), columns=columns,
                    row_groups=chosen["row_groups"], use_threads=chosen["threads"] != 1):
                if cancel is not None and cancel.is_cancelled():
                    raise errors.CancelledError("the read was cancelled")
                if left == 0:
                    break
                if expression is not None:
                    batch = batch.filter(expression)
                if left is not None:
                    batch = batch.slice(0, left)
                    left -= batch.num_rows
                yield batch.select(schema.names).cast(schema)

    return schema, generate()


def _field(schema, name: str) -> list:
    """The path that a name of `filters` means: a column, or a field of a struct."""
    if name in schema.names:
        return [name]
    path = name.split(".")
    _schema.position(schema.names, name if path[0] not in schema.names else path[0])
    return path


def _expression(schema, filters):
    """pyarrow's expression for the condition."""
    from functools import reduce
    import operator

    compute = _pyarrow("pyarrow.compute")
    operators = {
        "=": operator.eq, "==": operator.eq, "!=": operator.ne, "<": operator.lt,
        "<=": operator.le, ">": operator.gt, ">=": operator.ge}

    def term(column: str, symbol: str, value):
        field = compute.field(*_field(schema, column))
        if symbol in ("in", "not in"):
            found = field.isin(list(value))
            return found if symbol == "in" else ~found
        return operators[symbol](field, value)

    return reduce(
        operator.or_,
        (reduce(operator.and_, (term(*item) for item in terms)) for terms in filters.terms))


def read(sources: list, chosen: dict, memory_map: bool, cancel) -> _table.Table:
    """`read_parquet` over pyarrow."""
    pyarrow = _pyarrow()
    sources = files(sources)
    parts, left = [], chosen["limit"]
    for source in sources:
        schema, batches = _batches(source, {**chosen, "limit": left}, memory_map, cancel)
        part = pyarrow.Table.from_batches(batches, schema)
        parts.append(part)
        if left is not None:
            left -= part.num_rows
        _table.check_same_schema(_words(parts[0].schema), _words(schema), sources[0], source)
    return _made(pyarrow.concat_tables(parts))


def _made(table) -> _table.Table:
    return _table.Table._of(_ArrowStore(table))


def _words(schema) -> _schema.Schema:
    return _schema.Schema(schema._export_to_c, schema.__arrow_c_schema__)


def table(data: object) -> _table.Table:
    """`table` over pyarrow."""
    if not hasattr(data, "__arrow_c_stream__") and not hasattr(data, "__arrow_c_array__"):
        raise TypeError(
            f"{type(data).__name__} has neither __arrow_c_stream__ nor __arrow_c_array__")
    return _made(_pyarrow().table(data))


class Scan:
    """`scan_parquet` over pyarrow."""

    def __init__(self, sources: list, chosen: dict, memory_map: bool, cancel) -> None:
        self._pyarrow = _pyarrow()
        sources = files(sources)
        self._schema, first = _batches(sources[0], chosen, memory_map, cancel)
        self._batches = self._all(first, sources, chosen, memory_map, cancel)

    def _all(self, first, sources, chosen, memory_map, cancel):
        left, batches = chosen["limit"], first
        for index, source in enumerate(sources):
            if index:
                schema, batches = _batches(source, {**chosen, "limit": left}, memory_map, cancel)
                _table.check_same_schema(self.schema, _words(schema), sources[0], source)
            for batch in batches:
                if left is not None:
                    left -= batch.num_rows
                yield batch

    @property
    def schema(self) -> _schema.Schema:
        return _words(self._schema)

    def __iter__(self) -> Scan:
        return self

    def __next__(self) -> _table.Table:
        return _made(self._pyarrow.Table.from_batches([next(self._batches)]))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        schema, batches = self._schema, self._batches
        outputs = {} if requested_schema is None else _schema.string_outputs(requested_schema)
        if outputs:
            schema = _laid_out(schema, {"string_output": outputs})
            batches = (batch.cast(schema) for batch in batches)
        return self._pyarrow.RecordBatchReader.from_batches(schema, batches).__arrow_c_stream__()

    def __arrow_c_schema__(self) -> object:
        return self._schema.__arrow_c_schema__()


def scan(sources: list, chosen: dict, memory_map: bool, cancel) -> Scan:
    """`scan_parquet` over pyarrow."""
    return Scan(sources, chosen, memory_map, cancel)


def metadata(source) -> _fallback_metadata.ParquetMetadata:
    """`parquet_metadata` over pyarrow."""
    file = _parquet_file(source, {}, False)
    return _fallback_metadata.ParquetMetadata(file, _words(file.schema_arrow))
