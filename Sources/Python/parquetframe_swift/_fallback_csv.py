"""`read_csv`, `scan_csv` and `sniff_csv` over pyarrow, for where the engine is missing or disabled.

What pyarrow cannot do is an UnsupportedError that names the argument. It infers types from its first
block alone, so a later value that does not fit is an error here.
"""

from __future__ import annotations

import os

from . import _csv, _fallback, _schema, _source, _table, errors

_SUFFIXES = tuple(
    name + packed for name in (".csv", ".tsv", ".tab", ".txt", ".psv")
    for packed in ("", ".gz", ".zst", ".zstd"))

# Options that change what is read, and that pyarrow lacks.
_ENGINE_ONLY = (
    "comment", "datetime_formats", "encoding_errors", "on_error", "ragged", "thousands_mark", "trim")


def _input(source, memory_map: bool):
    """A file object of the text, decompressed."""
    pyarrow = _fallback._pyarrow()
    opened = _fallback._open(source, memory_map)
    head = opened.read(4)
    opened.seek(0)
    packed = "gzip" if head[:2] == b"\x1f\x8b" else "zstd" if head == b"\x28\xb5\x2f\xfd" else None
    return opened if packed is None else pyarrow.CompressedInputStream(opened, packed)


def _refuse(name: str) -> errors.UnsupportedError:
    return errors.UnsupportedError(
        f"the argument {name} needs the engine: pyarrow, which reads in its place, has no such thing",
        {"feature": name})


def _types(pairs: list) -> dict:
    """pyarrow's types by the words that this package has for them."""
    pyarrow = _fallback._pyarrow()
    special = {"date": "date32", "str": "string", "time": "time64[us]", "datetime": "timestamp[us]",
               "timestamp": "timestamp[us]", "float": "float32", "date32[day]": "date32", "date64[ms]": "date64"}

    def type_of(words: str):
        words = special.get(words, words)
        if words in ("dictionary", "category"):
            return pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        if words.startswith("dictionary<values="):
            value, _, rest = words[len("dictionary<values="):].partition(", indices=")
            return pyarrow.dictionary(type_of(rest.partition(",")[0] or "int32"), type_of(value.rstrip(">")))
        if words.startswith("fixed_size_binary["):
            return pyarrow.binary(int(words[len("fixed_size_binary["):-1]))
        if words.startswith("decimal"):
            name, _, numbers = words.partition("(")
            precision, scale = (int(part) for part in numbers.rstrip(")").split(","))
            return getattr(pyarrow, "decimal128" if name == "decimal" else name)(precision, scale)
        if words.startswith("timestamp[") and ", tz=" in words:
            unit, zone = words[len("timestamp["):-1].split(", tz=")
            return pyarrow.timestamp(unit, zone)
        try:
            return pyarrow.type_for_alias(words)
        except ValueError as problem:
            raise errors.ArgumentError(f"schema: {words!r} is no type", {"option": "schema"}) from problem

    return {name: type_of(words) for name, words in pairs}


def _reader(source, chosen: dict, memory_map: bool):
    """pyarrow's streaming reader, and the types that its batches are to have."""
    for name in _ENGINE_ONLY:
        if chosen.get(name) is not None:
            raise _refuse(name)
    if isinstance(chosen.get("null_values"), dict):
        raise _refuse("null_values by column")
    pyarrow, csv = _fallback._pyarrow(), _fallback._pyarrow("pyarrow.csv")
    if len(chosen.get("delimiter") or ",") != 1:
        raise _refuse("delimiter of several characters")
    has_header = chosen.get("has_header") is not False
    names = chosen.get("column_names")
    text = _input(source, memory_map)
    skipped = chosen.get("skip_rows") or 0
    quote = chosen.get("quote")
    parsing = csv.ParseOptions(
        delimiter=chosen.get("delimiter") or ",", quote_char=False if quote == "" else quote or '"',
        double_quote=chosen.get("double_quote") is not False, escape_char=chosen.get("escape") or False,
        newlines_in_values=quote != "", ignore_empty_lines=chosen.get("skip_blank_lines") is not False)
    front = csv.ReadOptions(
        use_threads=chosen.get("threads") != 1, block_size=chosen.get("chunk_size") or 1 << 24,
        encoding=chosen.get("encoding") or "utf8", skip_rows=skipped + (1 if names and has_header else 0), column_names=names,
        autogenerate_column_names=not names and not has_header)
    pairs = chosen.get("schema") or []
    types = _types(pairs)
    columns = chosen.get("columns")
    # As in the engine: whole numbers are truth values where the type was given.
    digits = any(map(pyarrow.types.is_boolean, types.values()))
    if not has_header and not names:
        # "f0" is "column_1" of the engine.
        if pairs:
            front.column_names, front.autogenerate_column_names = [name for name, _ in pairs], False
        elif columns is not None:
            columns = [
                f"f{int(name[7:]) - 1}" if name.startswith("column_") and name[7:].isdigit() else name
                for name in columns]
    converting = csv.ConvertOptions(
        column_types=types, null_values=[""] if chosen.get("null_values") is None else chosen["null_values"],
        true_values=chosen.get("true_values") or [*_csv._TRUE, *("1",) * digits],
        false_values=chosen.get("false_values") or [*_csv._FALSE, *("0",) * digits],
        decimal_point=chosen.get("decimal_mark") or ".", include_columns=columns,
        strings_can_be_null=chosen.get("strings_can_be_null") is not False,
        quoted_strings_can_be_null=bool(chosen.get("quoted_strings_can_be_null")))
    if chosen.get("infer_schema") is False and not types:
        converting.column_types = _all_strings(source, parsing, front, memory_map, names)
    elif chosen.get("infer_schema") is False:
        converting.column_types = {**_all_strings(source, parsing, front, memory_map, names), **types}
    try:
        with _fallback._Translated():
            reader = csv.open_csv(text, front, parsing, converting)
    except errors.FormatError as problem:
        raise _csv.as_csv_error(problem) from problem
    except KeyError as problem:
        raise errors.UnknownColumnError(str(problem.args[0]), {}) from problem
    return reader, _target(reader.schema, types)


def _all_strings(source, parsing, front, memory_map: bool, names) -> dict:
    """Every column as strings, for which the names have to be known."""
    pyarrow, csv = _fallback._pyarrow(), _fallback._pyarrow("pyarrow.csv")
    if names is None:
        with _fallback._Translated():
            names = csv.open_csv(_input(source, memory_map), front, parsing).schema.names
        if hasattr(source, "seek"):
            source.seek(0)
    return dict.fromkeys(names, pyarrow.string())


def _target(schema, given: dict):
    """The schema with the names and types that the engine would have."""
    pyarrow = _fallback._pyarrow()
    kinds, fields = pyarrow.types, []
    for field in schema:
        kind = field.type
        if field.name not in given:
            if kinds.is_null(kind):
                kind = pyarrow.string()
            elif kinds.is_timestamp(kind) and kind.unit == "s":
                kind = pyarrow.timestamp("us", kind.tz)
            elif kinds.is_time32(kind):
                kind = pyarrow.time64("us")
        automatic = field.name[:1] == "f" and field.name[1:].isdigit()  # pyarrow's own
        fields.append((field.name, kind, automatic))
    return fields


def _batches(source, chosen: dict, memory_map: bool, cancel):
    """(schema, generator of batches) of one source"""
    pyarrow = _fallback._pyarrow()
    reader, fields = _reader(source, chosen, memory_map)
    renames = chosen.get("has_header") is False and not chosen.get("column_names") and not chosen.get("schema")
    names = _unique([
        f"column_{int(name[1:]) + 1}" if renames and automatic else name
        for name, _, automatic in fields], chosen)
    schema = pyarrow.schema([(name, kind) for name, (_, kind, _) in zip(names, fields)])

    def generate():
        left = chosen.get("limit")
        size = chosen.get("batch_size")
        try:
            with _fallback._Translated():
                for batch in reader:
                    if cancel is not None and cancel.is_cancelled():
                        raise errors.CancelledError("the read was cancelled")
                    if left == 0:
                        return
                    if left is not None:
                        batch = batch.slice(0, left)
                        left -= batch.num_rows
                    whole = pyarrow.Table.from_arrays(
                        [column.cast(kind) for column, kind in zip(batch.columns, schema.types)],
                        schema=schema)
                    yield from whole.to_batches(max_chunksize=size)
        except errors.FormatError as problem:
            raise _csv.as_csv_error(problem) from problem

    return schema, generate()


def _unique(names: list, chosen: dict) -> list:
    rule = chosen.get("duplicate_names") or "rename"
    if rule == "keep" or len(set(names)) == len(names):
        return names
    if rule == "error":
        raise errors.CSVError("a column name occurs more than once")
    taken, seen, result = set(names), set(), []
    for name in names:
        fresh, number = name, 0
        while fresh in seen or number and fresh in taken:
            number += 1
            fresh = f"{name}_{number}"
        seen.add(fresh)
        taken.add(fresh)
        result.append(fresh)
    return result


def _expand(source) -> list:
    return _fallback.files(source.sources if isinstance(source, _source.Many) else [source], _SUFFIXES)


def read(source, chosen: dict, memory_map: bool, cancel) -> _table.Table:
    """`read_csv` over pyarrow."""
    pyarrow = _fallback._pyarrow()
    parts, left = [], chosen.get("limit")
    for item in _expand(source):
        schema, batches = _batches(item, {**chosen, "limit": left}, memory_map, cancel)
        part = pyarrow.Table.from_batches(batches, schema)
        if parts and not chosen.get("union_by_name") and set(part.column_names) != set(parts[0].column_names):
            name = os.fsdecode(item) if isinstance(item, (str, os.PathLike)) else f"<{type(item).__name__}>"
            raise errors.CSVError(f"{name}: other columns than those of the first file", {"file": name})
        parts.append(part)
        if left is not None:
            left -= part.num_rows
    try:
        joined = pyarrow.concat_tables(parts, promote_options="permissive")
    except pyarrow.lib.ArrowException as problem:
        raise errors.CSVError(f"the files do not make one table: {problem}") from problem
    made = _fallback._made(joined)
    made._rejects = _fallback._made(_no_rejects())
    made._reject_count = 0
    return made


def _no_rejects():
    pyarrow = _fallback._pyarrow()
    number, text = pyarrow.int64(), pyarrow.string()
    return pyarrow.schema([
        ("line", number), ("record", number), ("column", text), ("column_index", number),
        ("byte_offset", number), ("value", text), ("expected", text), ("reason", text)]).empty_table()


class CSVScan(_fallback.Scan):
    """`scan_csv` over pyarrow."""

    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        self._pyarrow = _fallback._pyarrow()
        sources = _expand(source)
        if chosen.get("union_by_name"):
            raise _refuse("union_by_name of a scan")
        self._schema, first = _batches(sources[0], chosen, memory_map, cancel)
        self._batches = self._join(first, sources, chosen, memory_map, cancel)

    def _join(self, batches, sources, chosen, memory_map, cancel):
        left = chosen.get("limit")
        for index, source in enumerate(sources):
            if index:
                schema, batches = _batches(source, {**chosen, "limit": left}, memory_map, cancel)
                _table.check_same_schema(self.schema, _fallback._words(schema), sources[0], source)
            for batch in batches:
                if left is not None:
                    left -= batch.num_rows
                yield batch

    @property
    def rejects(self) -> _table.Table:
        return _fallback._made(_no_rejects())

    @property
    def reject_count(self) -> int:
        return 0


def scan(source, chosen: dict, memory_map: bool, cancel, string_output=None) -> CSVScan:
    """`scan_csv` over pyarrow."""
    made = CSVScan(source, chosen, memory_map, cancel)
    if string_output:
        asked = {"string_output": _csv.layouts(string_output, made._schema.names)}
        schema = made._schema = _fallback._laid_out(made._schema, asked)
        made._batches = (batch.cast(schema) for batch in made._batches)
    return made


def sniff(source, given: dict) -> _csv.SniffedCSV:
    """`sniff_csv` over Python's own csv module, types by pyarrow."""
    import csv
    import io

    first = _expand(source)[0]
    opened = _input(first, False)
    text = opened.read(1 << 16).decode(given.get("encoding") or "utf-8-sig", "replace")
    if not isinstance(first, (str, os.PathLike, bytes, bytearray, memoryview)):
        first.seek(0)
    text = "".join(text.splitlines(keepends=True)[given.get("skip_rows") or 0:])
    try:
        dialect = csv.Sniffer().sniff(text, ",;\t|:")
        delimiter, quote = dialect.delimiter, dialect.quotechar
    except csv.Error:
        delimiter, quote = ",", '"'
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote))
    if not rows:
        raise errors.CSVError("the file is empty")
    try:
        has_header = csv.Sniffer().has_header(text)
    except csv.Error:
        has_header = True
    chosen = {"delimiter": delimiter, "quote": quote, "has_header": None if has_header else False, **given}
    schema = _schema_of(first, chosen)
    found = {"delimiter": delimiter, "quote": quote, "has_header": has_header, "schema": schema,
             "escape": given.get("escape"), "comment": given.get("comment"),
             "confidence": sum(len(row) == len(rows[0]) for row in rows) / len(rows), "records": len(rows)}
    return _csv.sniffed(found, {name: given.get(name) for name in ("encoding", "skip_rows", "null_values")})


def _schema_of(source, chosen: dict) -> list:
    schema, _ = _batches(source, chosen, False, None)
    if hasattr(source, "seek"):
        source.seek(0)
    return [[field.name, field.type] for field in _schema.Schema(schema._export_to_c)]
