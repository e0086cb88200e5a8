"""CSV: read, scan, and find out how a file is written."""

from __future__ import annotations

import ctypes
import os

from . import _config, _ffi, _parquet, _source, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import BinaryIO, Union

    from ._cancel import CancellationToken
    from ._csv_scan import CSVScan
    from ._table import Table

    Source = Union[str, os.PathLike, bytes, bytearray, memoryview, BinaryIO]
    Sources = Union[Source, Sequence[Source]]

# Bytes of text above which a call may outlast patience.
_LONG_BYTE_COUNT = 4 << 20
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


def read_csv(
    source: Sources,
    delimiter: str = ",",
    quote: str | None = '"',
    escape: str | None = None,
    has_header: bool = True,
    columns: Sequence[str] | None = None,
    schema: object = None,
    null_values: str | Sequence[str] | Mapping[str, Sequence[str]] = ("",),
    true_values: Sequence[str] = _TRUE,
    false_values: Sequence[str] = _FALSE,
    infer_schema: bool = True,
    sample_rows: int = 1000,
    encoding: str = "utf-8",
    comment: str | None = None,
    skip_rows: int = 0,
    limit: int | None = None,
    on_error: str = "raise",
    threads: int | None = None,
    memory_map: bool = False,
    chunk_size: int | None = None,
    *,
    column_names: Sequence[str] | None = None,
    datetime_formats: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None = None,
    double_quote: bool = True,
    skip_blank_lines: bool = True,
    trim: str = "none",
    decimal_mark: str = ".",
    thousands_mark: str | None = None,
    strings_can_be_null: bool = True,
    quoted_strings_can_be_null: bool = False,
    ragged: str = "error",
    duplicate_names: str = "rename",
    union_by_name: bool = False,
    string_output: str | Mapping[str, str] | None = None,
    encoding_errors: str = "strict",
    reject_limit: int | None = None,
    cancel: CancellationToken | None = None,
) -> Table:
    """Reads CSV into a `Table`; without arguments as RFC 4180 has it, with a header.

    source: a path, bytes, a memoryview, a binary file object; a glob, a directory or a list of paths,
        whose files come in the sorted order of their paths; or a list with other sources among
        them, in its order. What gzip or zstd compressed is known by its first bytes.
    union_by_name: whether files may lack columns that others have, which are null there; otherwise
        all have the same, by name where there is a header.
    delimiter: one character or several. quote: one ASCII character, or None where nothing is quoted.
    double_quote: whether two quotes in a quoted field are one. escape: takes the meaning of the
        character behind it.
    comment: lines that begin with it are passed over. skip_rows: lines before the header.
    skip_blank_lines: otherwise each is a record of one empty field.
    trim: "none", "leading", "trailing" or "both", the spaces and tabs around fields that are dropped.
    has_header: whether the first record names the columns. column_names: names in its place.
    duplicate_names: "rename" (a, a_1), "keep" or "error".
    columns: the names of the columns wanted, in that order; others are not parsed.
    schema: types of columns, which are then not inferred: a dict of names and types, a list of
        such pairs, or a schema of this package, pyarrow or another that exports one to Arrow. By
        name; where a file has neither header nor `column_names`, all columns in order. A type is a
        word such as "int64", "double", "string", "date32", "timestamp[us, tz=UTC]",
        "decimal128(10, 2)" or "dictionary", a type of pyarrow, polars, numpy or pandas, or one of
        Python's int, float, str, bool, bytes, date, time, datetime and timedelta.
    infer_schema: whether the types of other columns are inferred, from the first `sample_rows`
        records and then from all that do not fit; otherwise they are strings. The result does not
        depend on the sample.
    datetime_formats: how dates, times and timestamps may be written beside ISO 8601, as `strptime` has
        it ("%d.%m.%Y", "%m/%d/%Y %I:%M %p"): a format, or a list of which a value may have any. Where
        types are inferred a column is all in these formats or all in ISO 8601; one of a given type
        is read by those that say such a type, of which "iso8601" may be one. Or a dict of them by
        column, where "" stands for all others: the formats then tell the type, too.
    null_values: texts that are null; or a dict of such lists by column, where "" stands for all
        others. strings_can_be_null, quoted_strings_can_be_null: whether they are so in columns of
        strings, and where they are quoted there.
    true_values, false_values: the words of columns of booleans. By default 1 and 0 are so, too, where
        the type was given.
    decimal_mark, thousands_mark: how numbers are written, such as "," and ".".
    encoding: "utf-8" (a byte order mark of UTF-16 is obeyed; "utf-8-sig" obeys none), "latin-1",
        "cp1252", "utf-16", "utf-16-le", "utf-16-be". encoding_errors: "replace" makes U+FFFD of what is no text.
    on_error: what happens to a value that does not fit the type that was given, to wrong text and to
        records of another length: "raise" an error, make it "null", or "skip" the record. What is
        not raised is listed in the `rejects` of the table, at most `reject_limit` (100 000).
    ragged: records of another length by themselves: "error" (as on_error says), "pad" short ones
        with nulls, "cut" long ones, "pad_and_cut", or "skip" them.
    string_output: the layout of columns of strings and bytes, "utf8", "large_utf8", "utf8_view" or
        "dictionary"; or a dict of layouts by column.
    limit: the most rows. threads: the most threads. memory_map: map files instead of reading them.
    chunk_size: bytes of the file that one thread takes at a time.

    Raises FileNotFoundError, PermissionError, CSVError with line, record, column and value,
    UnsupportedError, UnknownColumnError (a KeyError), ArgumentError, CancelledError.
    """
    chosen = _options(locals())
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_csv

        return _laid_out(_fallback_csv.read(source, chosen, memory_map, cancel), string_output)
    file = open_file(source, memory_map=memory_map, cancel=cancel)
    made = _source.read_whole(file, chosen, cancel, long=is_long(source, file))
    return _laid_out(made, string_output)


def _laid_out(table: Table, string_output) -> Table:
    """The table with its strings in other layouts."""
    if not string_output:
        return table
    made = table._of(table._store.cast(layouts(string_output, table.column_names)))
    made._rejects, made._reject_count = table._rejects, table._reject_count
    return made


def layouts(string_output, names: list) -> str | dict:
    """What `string_output` asks for, of columns that are there."""
    if not hasattr(string_output, "items"):
        return string_output
    from . import _schema

    for name in string_output:
        _schema.position(names, name)
    return dict(string_output)


def scan_csv(
    source: Sources,
    batch_size: int = 65_536,
    delimiter: str = ",",
    quote: str | None = '"',
    escape: str | None = None,
    has_header: bool = True,
    columns: Sequence[str] | None = None,
    schema: object = None,
    null_values: str | Sequence[str] | Mapping[str, Sequence[str]] = ("",),
    true_values: Sequence[str] = _TRUE,
    false_values: Sequence[str] = _FALSE,
    infer_schema: bool = True,
    sample_rows: int = 1000,
    encoding: str = "utf-8",
    comment: str | None = None,
    skip_rows: int = 0,
    limit: int | None = None,
    on_error: str = "raise",
    threads: int | None = None,
    memory_map: bool = False,
    chunk_size: int | None = None,
    *,
    column_names: Sequence[str] | None = None,
    datetime_formats: str | Sequence[str] | Mapping[str, str | Sequence[str]] | None = None,
    double_quote: bool = True,
    skip_blank_lines: bool = True,
    trim: str = "none",
    decimal_mark: str = ".",
    thousands_mark: str | None = None,
    strings_can_be_null: bool = True,
    quoted_strings_can_be_null: bool = False,
    ragged: str = "error",
    duplicate_names: str = "rename",
    union_by_name: bool = False,
    string_output: str | Mapping[str, str] | None = None,
    encoding_errors: str = "strict",
    reject_limit: int | None = None,
    cancel: CancellationToken | None = None,
) -> CSVScan:
    """Reads CSV batch by batch, in bounded memory.

    Returns an iterator of `RecordBatch`es of at most `batch_size` rows, which is also an Arrow
    stream that other libraries take whole; its `rejects` grow as it goes. All batches have the
    schema that `read_csv` gives: where types are inferred, the input is read twice. The other
    arguments are those of `read_csv`.
    """
    chosen = _options(locals())
    chosen["batch_size"] = _parquet._count(batch_size, "batch_size", least=1)
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_csv

        return _fallback_csv.scan(source, chosen, memory_map, cancel, string_output)
    from . import _csv_scan

    return _csv_scan.CSVScan([source], {**chosen, "string_output": string_output}, memory_map, cancel)


class SniffedCSV(dict):
    """What a file looks like: a dict of arguments for `read_csv`, and how sure that is.

    `confidence` is from 0 to 1; `records` is how many were looked at. The types under "schema" are
    those of these records: leave it out, and `read_csv` finds types that all values fit.
    """

    confidence: float
    records: int

    def __repr__(self) -> str:
        return f"<SniffedCSV {dict.__repr__(self)}, confidence {self.confidence:.2f}>"


def sniff_csv(
    source: Sources,
    *,
    encoding: str = "utf-8",
    escape: str | None = None,
    comment: str | None = None,
    skip_rows: int = 0,
    null_values: str | Sequence[str] | Mapping[str, Sequence[str]] = ("",),
) -> SniffedCSV:
    """Finds out delimiter, quote, header and types from the begin of a file.

    Returns a dict that `read_csv` takes: `read_csv(source, **sniff_csv(source))`. Of several files
    the first is looked at. What is known of the file can be given.
    """
    given = {
        "encoding": _encoding(encoding), "escape": escape, "comment": comment,
        "skip_rows": _parquet._count(skip_rows, "skip_rows") or None, "null_values": _lists(null_values, "null_values", [""])}
    source = _source.whole(source)
    if not _parquet.on_engine():
        from . import _fallback_csv

        return _fallback_csv.sniff(source, given)
    import json

    text = ctypes.c_void_p()
    open_file(source).call("pf_csv_sniff", _ffi.options(**given), ctypes.byref(text))
    found = json.loads(_ffi.take_string(text))
    return sniffed(found, {"encoding": None if encoding == "utf-8" else encoding, "skip_rows": skip_rows or None,
                           "null_values": null_values if given["null_values"] else None})


def sniffed(found: dict, given: dict) -> SniffedCSV:
    """The dict of what was found and what was known before."""
    result = SniffedCSV(
        delimiter=found["delimiter"], quote=found["quote"] or None, has_header=found["has_header"],
        **{name: found[name] for name in ("escape", "comment") if found.get(name)},
        **{name: value for name, value in given.items() if value is not None})
    pairs = found["schema"]
    names = [name for name, _ in pairs]
    # A dict holds no name twice; pairs do.
    result["schema"] = dict(pairs) if len(set(names)) == len(names) else [tuple(pair) for pair in pairs]
    result.confidence = found["confidence"]
    result.records = found["records"]
    return result


class CSVFile(_source.File):
    """An open CSV file of the engine, or several that are one table."""

    __slots__ = ()
    format, format_error = "csv", errors.CSVError


def as_csv_error(problem: errors.FormatError) -> errors.CSVError:
    return errors.as_kind(problem, errors.CSVError)


def open_file(source, *, memory_map: bool = False, cancel=None) -> CSVFile:
    """As `_source.open_file`, for CSV."""
    return _source.open_whole(source, CSVFile, memory_map=memory_map, cancel=cancel)


def is_long(source, file) -> bool:
    """Whether a read may take so long that people would press Ctrl-C."""
    packed = True
    if isinstance(source, (str, os.PathLike)):
        packed = os.fsdecode(source).lower().endswith((".gz", ".zst", ".zstd"))
    return _source.is_long(source, file, _LONG_BYTE_COUNT >> 4 if packed else _LONG_BYTE_COUNT)


def _options(given: dict) -> dict:
    """The options of the engine for the arguments of `read_csv` or `scan_csv`."""
    count, names = _parquet._count, _parquet._list_of

    def text(name: str) -> str | None:
        return _text(given[name], name)

    def words(name: str, usual=None, what: str = "names") -> list | None:
        return None if given[name] is None else _unless(names(given[name], str, name, what), usual)

    # What is as it always is stays away: most calls then send a few options.
    return {
        "delimiter": _unless(text("delimiter"), ","),
        "quote": "" if given["quote"] is None else _unless(text("quote"), '"'),
        "double_quote": None if given["double_quote"] else False,
        "escape": text("escape"),
        "comment": text("comment"),
        "has_header": None if given["has_header"] else False,
        "skip_rows": count(given["skip_rows"], "skip_rows") or None,
        "skip_blank_lines": None if given["skip_blank_lines"] else False,
        "trim": _unless(given["trim"], "none"),
        "decimal_mark": _unless(text("decimal_mark"), "."),
        "thousands_mark": text("thousands_mark"),
        "encoding": _encoding(given["encoding"]),
        "encoding_errors": _unless(given["encoding_errors"], "strict"),
        "column_names": words("column_names"),
        "columns": words("columns"),
        "schema": None if given["schema"] is None else schema_pairs(given["schema"]),
        "infer_schema": None if given["infer_schema"] else False,
        "sample_rows": _unless(count(given["sample_rows"], "sample_rows"), 1000),
        "datetime_formats": _lists(given["datetime_formats"], "datetime_formats", []),
        "null_values": _lists(given["null_values"], "null_values", [""]),
        "strings_can_be_null": None if given["strings_can_be_null"] else False,
        "quoted_strings_can_be_null": True if given["quoted_strings_can_be_null"] else None,
        "true_values": words("true_values", list(_TRUE), "words"),
        "false_values": words("false_values", list(_FALSE), "words"),
        "limit": None if given["limit"] is None else count(given["limit"], "limit"),
        "on_error": _unless(given["on_error"], "raise"),
        "ragged": _unless(given["ragged"], "error"),
        "duplicate_names": _unless(given["duplicate_names"], "rename"),
        "union_by_name": True if given["union_by_name"] else None,
        "reject_limit": None if given["reject_limit"] is None else count(given["reject_limit"], "reject_limit"),
        "threads": _config.get("csv_threads") or _config.get("threads") if given["threads"] is None
        else count(given["threads"], "threads", least=1),
        "chunk_size": _config.get("csv_chunk_size") if given["chunk_size"] is None
        else count(given["chunk_size"], "chunk_size", least=1),
    }


def _unless(value, usual):
    return None if value == usual else value


def _text(value, argument: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{argument} must be a str, not {type(value).__name__}")
    return value


def _encoding(encoding) -> str | None:
    # The engine then looks for a byte order mark.
    return None if _text(encoding, "encoding") in (None, "utf-8", "UTF-8", "utf8") else encoding


def _lists(texts, argument: str, usual: list) -> list | dict | None:
    """A text, a list of them, or a dict of either by column."""
    words = _parquet._list_of
    if texts is None:
        return None
    if isinstance(texts, str):
        texts = (texts,)
    if hasattr(texts, "items"):
        return {
            name: [own] if isinstance(own, str) else words(own, str, argument, "texts")
            for name, own in texts.items()}
    return _unless(words(texts, str, argument, "texts"), usual)


def schema_pairs(schema: object) -> list:
    """[[name, type in words]] of what callers give as a schema."""
    if hasattr(schema, "__arrow_c_schema__"):
        from . import _arrow, _schema

        capsule = schema.__arrow_c_schema__()
        root = _schema.Field(_arrow.capsule_address(capsule, "schema"))
        return [[field.name, field.type] for field in root.children]
    items = schema.items() if hasattr(schema, "items") else schema
    pairs = []
    for item in items if hasattr(items, "__iter__") and not isinstance(items, str) else [items]:
        if not isinstance(item, (tuple, list)) or len(item) != 2 or not isinstance(item[0], str):
            raise TypeError(
                "schema must be a dict of names and types, a list of such pairs, or an Arrow schema")
        pairs.append([item[0], _type_name(item[1])])
    return pairs


_PYTHON_TYPES = {
    "int": "int64", "float": "double", "str": "string", "bool": "bool", "bytes": "binary",
    "date": "date32", "time": "time64[us]", "datetime": "timestamp[us]", "timedelta": "duration[us]",
    "NoneType": "null",
}
_POLARS_TYPES = {
    "utf8": "string", "date": "date32", "time": "time64[ns]", "categorical": "dictionary", "enum": "dictionary",
    "float16": "halffloat",
}


def _type_name(kind: object) -> str:
    """The words for a type of Arrow, Python, numpy, pandas or polars."""
    if isinstance(kind, str):
        return _pandas_name(kind)
    module = (kind if isinstance(kind, type) else type(kind)).__module__.partition(".")[0]
    if module == "polars":
        return _polars_name(kind)
    if hasattr(kind, "__arrow_c_schema__"):
        from . import _arrow, _schema

        capsule = kind.__arrow_c_schema__()  # its struct lives as long as it does
        return _schema.Field(_arrow.capsule_address(capsule, "schema")).type
    if isinstance(kind, type):
        return _PYTHON_TYPES.get(kind.__name__, kind.__name__.rstrip("_"))
    # Fields of this package have it in words; types of numpy and pandas say it.
    words = getattr(kind, "type", None)
    return words if isinstance(words, str) else _pandas_name(str(kind))


def _pandas_name(words: str) -> str:
    """The words for a type by its name in numpy and pandas, where they differ."""
    for theirs, ours in (("datetime64[", "timestamp["), ("timedelta64[", "duration[")):
        if words.startswith(theirs):
            unit, comma, zone = words[len(theirs):-1].partition(", ")
            return f"{ours}{unit}{', tz=' if comma else ''}{zone}]"
    nullable = words.lower()
    return nullable if words[:1] in "IUF" and nullable.strip("uintfloa0123456789") == "" else words


def _polars_name(kind: object) -> str:
    name = (kind.__name__ if isinstance(kind, type) else type(kind).__name__).lower()
    unit = getattr(kind, "time_unit", None) or "us"
    zone = getattr(kind, "time_zone", None)
    if name == "datetime":
        return f"timestamp[{unit}, tz={zone}]" if isinstance(zone, str) else f"timestamp[{unit}]"
    if name == "duration":
        return f"duration[{unit}]"
    if name == "decimal" and not isinstance(kind, type):
        return f"decimal128({kind.precision or 38}, {kind.scale})"
    return _POLARS_TYPES.get(name, name)
