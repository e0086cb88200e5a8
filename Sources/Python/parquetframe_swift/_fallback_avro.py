"""`read_avro`, `decode_avro` and their kin over fastavro and pyarrow, for where the engine is missing or disabled.

The types are the engine's. What the two cannot do, such as general unions and durations, is an
UnsupportedError that names it. Records without any column are not counted.
"""

from __future__ import annotations

import importlib
import io
import json
import os

from . import _avro, _avro_metadata, _fallback, _ffi, _schema, _source, _table, errors

_SUFFIXES = (".avro",)
_OWN_KEYS = ("avro.schema", "avro.codec")
# Options that change what is read, and that fastavro lacks.
_ENGINE_ONLY = ("on_error", "union_layout", "block_byte_limit", "allocation_limit")


def _fastavro(name: str = "fastavro"):
    return _fallback.stand_in(name, "its place for Avro")


def _files(source) -> list:
    return _fallback.files(source.sources if isinstance(source, _source.Many) else [source], _SUFFIXES)


def _name(source) -> str:
    return os.fsdecode(source) if isinstance(source, (str, os.PathLike)) else f"<{type(source).__name__}>"


class _Translated:
    """Raises this package's exceptions in place of fastavro's, with the file and the block."""

    def __init__(self, source, block: int | None = None) -> None:
        self.place, self.details = _name(source), {"file": _name(source)}
        if block is not None:
            self.place, self.details["block"] = f"{self.place}, block {block}", block

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, problem, _traceback) -> None:
        if problem is None or isinstance(problem, (errors.Error, OSError)) or not isinstance(problem, Exception):
            return
        text = str(problem) or type(problem).__name__
        raise errors.AvroError(f"{self.place}: {text}" if self.place else text, self.details) from problem


class _TranslatedMessage(_Translated):
    """As `_Translated`, with the message where there are several."""

    def __init__(self, index: int, count: int) -> None:
        self.place, self.details = (f"message {index}", {"message_index": index}) if count > 1 else ("", {})


class _File:
    """One file: its head, and its blocks as fastavro gives them."""

    def __init__(self, source, memory_map: bool = False) -> None:
        self.source = source
        fastavro = _fastavro()
        opened = _fallback._open(source, memory_map)
        opened.seek(0)
        self.opened = opened
        with _Translated(source):
            self.reader = fastavro.block_reader(opened)
            head = self.reader._header["meta"]
            self.metadata = {
                key: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
                for key, value in head.items()}
            self.schema = json.loads(self.metadata["avro.schema"])
            self.sync_marker = bytes(self.reader._header["sync"])
        self.byte_count = opened.tell()  # of the head
        self.codec = self.metadata.get("avro.codec") or "null"

    def blocks(self):
        index = 0
        while True:
            with _Translated(self.source, index):
                try:
                    block = next(self.reader)
                except StopIteration:
                    return
            yield index, block
            index += 1


class _Types:
    """The Arrow types of an Avro schema, and how fastavro's values become theirs."""

    def __init__(self, schema) -> None:
        self.arrow = _fallback._pyarrow()
        self.named: dict = {}
        self.open: list = []
        self.schema = schema

    def field(self, name: str, schema, columns: list | None, namespace: str | None, path: str):
        """(Arrow field, function from a list of values to an array)"""
        kind, make, nullable = self.type(schema, columns, namespace, path)
        return self.arrow.field(name, kind, nullable), make

    def root(self, columns: list | None):
        """[(name, Arrow field, function)] of the columns"""
        schema = self.schema
        if isinstance(schema, dict) and schema.get("type") in ("record", "error"):
            kind, make, _ = self.type(schema, columns, None, "")
            return [kind.field(index) for index in range(kind.num_fields)], make.parts
        if columns is not None and columns != [["value", None]]:
            _schema.position(["value"], next(name for name, _ in columns if name != "value"))
        field, make = self.field("value", schema, None, None, "value")
        return [field], None if make is None else [("value", make)]

    def type(self, schema, columns, namespace, path):
        """(Arrow type, function, whether it is nullable)"""
        pa = self.arrow
        if isinstance(schema, list):
            others = [branch for branch in schema if branch != "null" and branch != {"type": "null"}]
            if len(schema) == 1:
                return self.type(schema[0], columns, namespace, path)
            if len(others) == 1 and len(schema) == 2:
                kind, make, _ = self.type(others[0], columns, namespace, path)
                return kind, make, True
            raise errors.UnsupportedError(
                f"column {path!r}: general unions need the engine", {"feature": "general unions", "column": path})
        if isinstance(schema, str):
            full = self._full(schema, namespace)
            known = self.named.get(full) or self.named.get(schema)
            if known is not None:
                if full in self.open or schema in self.open:
                    raise errors.UnsupportedError(
                        f"column {path!r}: the type {full}, which contains itself, is not supported",
                        {"feature": "recursive types", "column": path})
                inner, own = known
                return self.type(inner, columns, own, path)
            schema = {"type": schema}
        kind = schema.get("type")
        if isinstance(kind, (dict, list)):
            return self.type(kind, columns, namespace, path)
        if kind in ("record", "error", "enum", "fixed"):
            full = self._full(schema["name"], schema.get("namespace", namespace))
            namespace = full.rpartition(".")[0] or None
            self.named[full] = (schema, namespace)
        if kind in ("record", "error"):
            return self._record(schema, full, columns, namespace, path)
        if kind == "array":
            inner, make, nullable = self.type(schema["items"], columns, namespace, f"{path}.item")
            return pa.list_(pa.field("item", inner, nullable)), self._lists(inner, make, nullable), False
        if kind == "map":
            inner, make, nullable = self.type(schema["values"], columns, namespace, f"{path}.value")
            return pa.map_(pa.string(), pa.field("value", inner, nullable)), self._maps(inner, make, nullable), False
        if columns:
            _schema.position([path], f"{path}.{columns[0][0]}")
        return self._leaf(schema, kind, path)

    @staticmethod
    def _full(name: str, namespace: str | None) -> str:
        return name if "." in name or not namespace else f"{namespace}.{name}"

    def _record(self, schema, full, columns, namespace, path):
        pa = self.arrow
        self.open.append(full)
        names = [field["name"] for field in schema["fields"]]
        chosen = {}
        # Every field is looked at, for the types that it names.
        for field in schema["fields"]:
            wanted = None if columns is None else next(
                ((inner,) for name, inner in columns if name == field["name"]), ())
            if wanted == ():
                self._note(field["type"], namespace)
                continue
            inner = None if wanted is None else wanted[0]
            place = f"{path}.{field['name']}" if path else field["name"]
            chosen[field["name"]] = self.field(field["name"], field["type"], inner, namespace, place)
        self.open.pop()
        if columns is not None:
            for name, _ in columns:
                if name not in chosen:
                    _schema.position(names, name)
            chosen = {name: chosen[name] for name, _ in columns}
        kind = pa.struct([field for field, _ in chosen.values()])

        def make(values: list):
            present = [{} if value is None else value for value in values]
            arrays = [part([record.get(name) for record in present]) for name, part in make.parts]
            mask = pa.array([value is None for value in values], pa.bool_())
            if not arrays:
                return pa.array([None if value is None else {} for value in values], kind)
            return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=mask)

        make.parts = [(name, part) for name, (_, part) in chosen.items()]
        return kind, make, False

    def _note(self, schema, namespace) -> None:
        """Keeps the named types that are defined in what is not wanted."""
        if isinstance(schema, list):
            for branch in schema:
                self._note(branch, namespace)
        elif isinstance(schema, dict):
            kind = schema.get("type")
            if isinstance(kind, (dict, list)):
                self._note(kind, namespace)
            elif kind in ("record", "error", "enum", "fixed"):
                full = self._full(schema["name"], schema.get("namespace", namespace))
                own = full.rpartition(".")[0] or None
                self.named[full] = (schema, own)
                for field in schema.get("fields", ()):
                    self._note(field["type"], own)
            elif kind in ("array", "map"):
                self._note(schema.get("items", schema.get("values")), namespace)

    def _lists(self, kind, make, nullable):
        pa = self.arrow

        def lists(values: list):
            offsets, items = [0], []
            for value in values:
                items += value or ()
                offsets.append(len(items))
            return pa.ListArray.from_arrays(
                pa.array(offsets, pa.int32()), make(items), type=pa.list_(pa.field("item", kind, nullable)),
                mask=pa.array([value is None for value in values], pa.bool_()))

        return lists

    def _maps(self, kind, make, nullable):
        pa = self.arrow

        def maps(values: list):
            offsets, keys, items = [0], [], []
            for value in values:
                keys += (value or {}).keys()
                items += (value or {}).values()
                offsets.append(len(keys))
            entries = pa.StructArray.from_arrays(
                [pa.array(keys, pa.string()), make(items)],
                fields=[pa.field("key", pa.string(), False), pa.field("value", kind, nullable)])
            validity = pa.array([value is not None for value in values], pa.bool_()).buffers()[1]
            return pa.Array.from_buffers(
                pa.map_(pa.string(), pa.field("value", kind, nullable)), len(values),
                [validity, pa.array(offsets, pa.int32()).buffers()[1]], children=[entries])

        return maps

    def _leaf(self, schema, kind, path):
        pa = self.arrow
        logical = schema.get("logicalType")

        def plain(type_):
            return type_, lambda values: pa.array(values, type_), False

        def viewed(storage, type_):
            return type_, lambda values: pa.array(values, storage).view(type_), False

        if kind == "null":
            return pa.null(), lambda values: pa.nulls(len(values)), True
        if kind == "boolean":
            return plain(pa.bool_())
        if kind == "int":
            found = {"date": pa.date32(), "time-millis": pa.time32("ms")}.get(logical)
            return viewed(pa.int32(), found) if found else plain(pa.int32())
        if kind == "long":
            units = {"millis": "ms", "micros": "us", "nanos": "ns"}
            name, _, unit = (logical or "").rpartition("-")
            if logical == "time-micros":
                return viewed(pa.int64(), pa.time64("us"))
            if name == "timestamp" and unit in units:
                return viewed(pa.int64(), pa.timestamp(units[unit], "UTC"))
            if name == "local-timestamp" and unit in units:
                return viewed(pa.int64(), pa.timestamp(units[unit]))
            return plain(pa.int64())
        if kind in ("float", "double"):
            return plain(pa.float32() if kind == "float" else pa.float64())
        if kind == "string":
            return plain(pa.string())
        if kind == "enum":
            return self._enum(schema)
        if kind == "fixed" and logical == "duration" and schema["size"] == 12:
            raise errors.UnsupportedError(
                f"column {path!r}: durations need the engine", {"feature": "durations", "column": path})
        if logical == "decimal" and kind in ("bytes", "fixed"):
            found = self._decimal(schema)
            if found is not None:
                return found
        if kind in ("bytes", "fixed"):
            type_ = pa.binary() if kind == "bytes" else pa.binary(schema["size"])
            return type_, lambda values: pa.array([_as_bytes(value) for value in values], type_), False
        raise errors.AvroError(f"the schema has no type {kind}", {"column": path})

    def _enum(self, schema):
        pa = self.arrow
        symbols = schema["symbols"]
        places = {symbol: index for index, symbol in enumerate(symbols)}
        type_ = pa.dictionary(pa.int32(), pa.string())

        def make(values: list):
            indices = pa.array([None if value is None else places[value] for value in values], pa.int32())
            return pa.DictionaryArray.from_arrays(indices, pa.array(symbols, pa.string()))

        return type_, make, False

    def _decimal(self, schema):
        pa = self.arrow
        precision, scale = schema.get("precision"), schema.get("scale", 0)
        if not isinstance(precision, int) or not isinstance(scale, int) or not 0 <= scale <= precision \
                or not 0 < precision <= 76:
            return None
        width = 16 if precision <= 38 else 32
        type_ = (pa.decimal128 if width == 16 else pa.decimal256)(precision, scale)

        def make(values: list):
            data = b"".join(
                bytes(width) if value is None
                else int.from_bytes(_as_bytes(value), "big", signed=True).to_bytes(width, "little", signed=True)
                for value in values)
            validity = pa.array([value is not None for value in values], pa.bool_()).buffers()[1]
            return pa.Array.from_buffers(type_, len(values), [validity, pa.py_buffer(data)])

        return type_, make, False


def _as_bytes(value):
    """fastavro gives a default of bytes as the text that stands for them."""
    return value.encode("latin-1") if isinstance(value, str) else value


def _bare(schema):
    """The schema without logical types, so that fastavro gives what is stored."""
    if isinstance(schema, list):
        return [_bare(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _bare(value) if key in ("type", "items", "values")
        else [{**field, "type": _bare(field["type"])} for field in value] if key == "fields" else value
        for key, value in schema.items() if key != "logicalType"}


def _requests(columns: list | None) -> list | None:
    """[[name, [[...]] or None for all]] of dotted paths, in the order of their first mention"""
    if columns is None:
        return None
    found: dict = {}
    for path in columns:
        name, dot, rest = path.partition(".")
        inner = found.setdefault(name, [])
        if not dot:
            found[name] = None
        elif inner is not None:
            inner.append(rest)
    return [[name, _requests(inner) if inner else None] for name, inner in found.items()]


def _parsed(schema, option: str = "reader_schema"):
    """The schema of an argument in plain dicts and lists."""
    if not isinstance(schema, str):
        return schema
    try:
        return json.loads(schema) if schema.lstrip()[:1] in ("{", "[", '"') else schema
    except ValueError as problem:
        raise errors.ArgumentError(
            f"option \"{option}\": {problem}", {"option": option}) from problem


def _is_record(schema) -> bool:
    return isinstance(schema, dict) and schema.get("type") in ("record", "error")


def _batch(records: list, schema, parts, is_record: bool):
    """A record batch of what fastavro gave."""
    arrow = _fallback._pyarrow()
    columns = [make([record[name] for record in records] if is_record else records) for name, make in parts]
    if columns:
        return arrow.RecordBatch.from_arrays(columns, schema=schema)
    return arrow.record_batch([arrow.nulls(len(records))], ["_"]).select([]).cast(schema)


def _batches(file: _File, reader, chosen: dict, cancel):
    """(schema, generator of batches) of one file"""
    arrow = _fallback._pyarrow()
    fastavro = _fastavro()
    fields, parts = _Types(file.schema if reader is None else reader).root(_requests(chosen["columns"]))
    metadata = {key: value for key, value in file.metadata.items() if key != "avro.codec"}
    schema = arrow.schema(fields, metadata)
    is_record = _is_record(file.schema)
    with _Translated(file.source):
        stored = fastavro.parse_schema(_bare(file.schema), _write_hint=False)
        wanted = None if reader is None else fastavro.parse_schema(_bare(reader), _write_hint=False)

    def generate():
        left, size = chosen["limit"], chosen.get("batch_size")
        for index, block in file.blocks():
            if cancel is not None and cancel.is_cancelled():
                raise errors.CancelledError("the read was cancelled")
            if left == 0:
                return
            with _Translated(file.source, index):
                data = block.bytes_
                end = data.seek(0, io.SEEK_END)
                data.seek(0)
                count = block.num_records if left is None else min(left, block.num_records)
                records = [fastavro.schemaless_reader(data, stored, wanted) for _ in range(count)]
                if count == block.num_records and data.tell() != end:
                    raise ValueError(f"{end - data.tell()} bytes follow the last record of the block")
                batch = _batch(records, schema, parts, is_record)
            if left is not None:
                left -= count
            for start in range(0, count, size or max(1, count)):
                yield batch.slice(start, size)

    return schema, generate()


def _all(source, chosen: dict, memory_map: bool, cancel):
    """(schema, generator of batches) of all files"""
    for name in _ENGINE_ONLY:
        if chosen.get(name) is not None:
            raise errors.UnsupportedError(
                f"the argument {name} needs the engine: fastavro, which reads in its place, has no such thing",
                {"feature": name})
    files = _files(source)
    reader = None if chosen["reader_schema"] is None else _parsed(chosen["reader_schema"])
    first = _File(files[0], memory_map)
    schema, batches = _batches(first, reader, chosen, cancel)

    def generate():
        left, now = chosen["limit"], batches
        for index, item in enumerate(files):
            if index:
                if left == 0:
                    return
                own = first.schema if reader is None else reader
                _, now = _batches(_File(item, memory_map), own, {**chosen, "limit": left}, cancel)
            for batch in now:
                if left is not None:
                    left -= batch.num_rows
                yield batch if batch.schema == schema else batch.replace_schema_metadata(schema.metadata)

    return schema, generate()


def read(source, chosen: dict, memory_map: bool, cancel) -> _table.Table:
    """`read_avro` over fastavro."""
    schema, batches = _all(source, chosen, memory_map, cancel)
    made = _fallback._made(_fallback._pyarrow().Table.from_batches(batches, schema))
    made._rejects, made._reject_count = _no_rejects(), 0
    return made


def _no_rejects() -> _table.Table:
    arrow = _fallback._pyarrow()
    number, text = arrow.int64(), arrow.string()
    return _fallback._made(arrow.schema([
        ("file", text), ("block", number), ("byte_offset", number), ("column", text),
        ("reason", text)]).empty_table())


class AvroScan(_fallback.Scan):
    """`scan_avro` over fastavro."""

    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        self._pyarrow = _fallback._pyarrow()
        self._schema, self._batches = _all(source, chosen, memory_map, cancel)

    @property
    def rejects(self) -> _table.Table:
        return _no_rejects()

    @property
    def reject_count(self) -> int:
        return 0


def scan(source, chosen: dict, memory_map: bool, cancel) -> AvroScan:
    """`scan_avro` over fastavro."""
    return AvroScan(source, chosen, memory_map, cancel)


_HEADS = {
    "none": (0, b"", ""),
    "single_object": (10, b"\xc3\x01", "the bytes C3 01 and a fingerprint"),
    "confluent": (5, b"\0", "a zero byte and the number of a schema")}


def _fingerprint(schema) -> int:
    names = _fastavro("fastavro.schema")
    return int.from_bytes(
        bytes.fromhex(names.fingerprint(names.to_parsing_canonical_form(schema), "CRC-64-AVRO")), "little")


def _number(message: bytes, framing: str) -> int:
    """The number of a message's schema; 0 where it carries none."""
    count, start, name = _HEADS[framing]
    if len(message) < count or not message.startswith(start):
        raise ValueError(f"the message does not begin with {name}")
    return int.from_bytes(message[len(start):count], "big" if framing == "confluent" else "little")


def decode(messages: list, chosen: dict, schema, schemas) -> _table.Table:
    """`decode_avro` over fastavro."""
    if chosen["union_layout"] != "dense":
        raise errors.UnsupportedError(
            "the argument union_layout needs the engine: fastavro, which reads in its place, has no such thing",
            {"feature": "union_layout"})
    arrow, fastavro = _fallback._pyarrow(), _fastavro()
    framing = chosen["framing"]
    reader = None if chosen["reader_schema"] is None else _parsed(chosen["reader_schema"])
    if schema is not None:
        known = None
        schema = _parsed(schema, "schema")
    elif callable(schemas) or hasattr(schemas, "items"):
        known = schemas if callable(schemas) else {int(number): one for number, one in schemas.items()}.get
    else:
        every = [_parsed(_avro._schema(one), "schemas") for one in schemas]
        known = {_fingerprint(one): one for one in every}.get
    writers: dict = {}

    def writer(index: int):
        """The schema of a message: as it is given, and as fastavro takes it."""
        number = numbers[index]
        if number not in writers:
            given = schema if known is None else known(number)
            with _TranslatedMessage(index, len(messages)):
                if given is None:
                    raise ValueError(f"no schema was given for the number {number} of a message")
            given = _parsed(_avro._schema(given), "schemas")
            with _TranslatedMessage(index, len(messages)):
                writers[number] = given, fastavro.parse_schema(_bare(given), _write_hint=False)
        return writers[number]

    numbers = []
    for index, message in enumerate(messages):
        with _TranslatedMessage(index, len(messages)):
            numbers.append(_number(message, framing))
    target = reader if reader is not None else writer(0)[0] if numbers else schema
    if target is None:
        return _fallback._made(arrow.schema([]).empty_table())
    with _TranslatedMessage(0, 1):
        wanted = fastavro.parse_schema(_bare(target), _write_hint=False)
    fields, parts = _Types(target).root(_requests(chosen["columns"]))
    records = []
    for index, message in enumerate(messages):
        own, stored = writer(index)
        with _TranslatedMessage(index, len(messages)):
            data = io.BytesIO(message[_HEADS[framing][0]:])
            records.append(fastavro.schemaless_reader(data, stored, None if own == target else wanted))
            left = len(message) - _HEADS[framing][0] - data.tell()
            if left:
                raise ValueError(f"{left} bytes follow the record of the message")
    made = _batch(records, arrow.schema(fields), parts, _is_record(target))
    return _fallback._made(arrow.Table.from_batches([made]))


def schema(source):
    """`avro_schema` over fastavro."""
    return _File(_files(source)[0]).schema


def record_count(source) -> int:
    """`avro_record_count` over fastavro, which decompresses all blocks."""
    return sum(block.num_records for item in _files(source) for _, block in _File(item).blocks())


def _stored(block) -> int:
    """The bytes of a block without its two counts and its marker, as they are stored."""
    def width(count: int) -> int:
        return max(1, ((2 * count).bit_length() + 6) // 7)

    rest = block.size - 16 - width(block.num_records)
    return next(rest - head for head in range(1, 11) if width(rest - head) == head)


def metadata(source) -> _avro_metadata.AvroMetadata:
    """`avro_metadata` over fastavro."""
    first = _files(source)[0]
    file = _File(first)

    def parts(*sections: str) -> dict:
        if "blocks" not in sections:
            fastavro = _fastavro()
            form = fastavro.schema.to_parsing_canonical_form(file.schema)
            mark = bytes.fromhex(fastavro.schema.fingerprint(form, "CRC-64-AVRO"))
            return {
                "file": _name(first), "codec": file.codec, "sync_marker": file.sync_marker.hex(),
                "header_bytes": file.byte_count,
                "metadata": {key: value for key, value in file.metadata.items() if key not in _OWN_KEYS},
                "schema": file.schema, "canonical_form": form,
                "fingerprint": int.from_bytes(mark, "little")}
        blocks = [
            {"offset": block.offset, "records": block.num_records, "bytes": _stored(block)}
            for _, block in file.blocks()]
        return {"records": sum(block["records"] for block in blocks), "blocks": blocks}

    made = _avro_metadata.AvroMetadata(parts)
    made.to_dict()
    return made
