"""Tables, batches and columns: what readers return."""

from __future__ import annotations

import ctypes

from . import _arrow, _cancel, _ffi, _schema, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy
    import pandas
    import polars
    import pyarrow


class _EngineStore:
    """A table that the engine holds."""

    def __init__(self, handle: _ffi.Handle, counts: tuple | None = None) -> None:
        self.handle = handle
        if counts is None:
            found = [ctypes.c_int64() for _ in range(3)]
            _ffi.call_in(handle.engine, "pf_table_counts", handle.value, *map(ctypes.byref, found))
            counts = tuple(count.value for count in found)
        self.num_rows, self.num_columns, self.num_batches = counts

    def fill_schema(self, address: int) -> None:
        _ffi.call_in(self.handle.engine, "pf_table_schema", self.handle.value, address)

    def fill_batch(self, index: int, address: int) -> None:
        _ffi.call_in(self.handle.engine, "pf_table_batch", self.handle.value, index, address)

    def fill_stream(self, address: int) -> None:
        _ffi.call("pf_table_export", self.handle.value, address)

    def fill_column_schema(self, address: int) -> None:
        whole = _arrow.OwnedSchema()
        self.fill_schema(whole.address)
        _arrow.move_first_child(whole.struct, address)

    def fill_column_array(self, address: int) -> None:
        batch = _arrow.OwnedArray()
        self.fill_batch(0, batch.address)
        _arrow.move_first_child(batch.struct, address)

    def fill_column_stream(self, address: int) -> None:
        self.fill_stream(address)
        _arrow.narrow_to_first_column(address)

    def schema_capsule(self) -> object:
        return _arrow.new_capsule("schema", self.fill_schema)

    def stream_capsule(self) -> object:
        return _arrow.new_capsule("stream", self.fill_stream)

    def array_capsules(self) -> tuple:
        return self.schema_capsule(), _arrow.new_capsule("array", lambda address: self.fill_batch(0, address))

    def column_schema_capsule(self) -> object:
        return _arrow.new_capsule("schema", self.fill_column_schema)

    def column_stream_capsule(self) -> object:
        return _arrow.new_capsule("stream", self.fill_column_stream)

    def column_array_capsules(self) -> tuple:
        return self.column_schema_capsule(), _arrow.new_capsule("array", self.fill_column_array)

    def slice(self, offset: int, length: int) -> _EngineStore:
        return _EngineStore(_ffi.create("pf_table_slice", self.handle.value, offset, length))

    def select(self, indices: list) -> _EngineStore:
        array = (ctypes.c_int64 * len(indices))(*indices)
        made = _ffi.create(
            "pf_table_select", self.handle.value, array, len(indices), engine=self.handle.engine)
        return _EngineStore(made, (self.num_rows, len(indices), self.num_batches))

    def cast(self, string_output: str | dict | None) -> _EngineStore:
        """With strings and bytes in other layouts, where they can be."""
        if not string_output:
            return self
        options = _ffi.options(string_output=string_output)
        return _EngineStore(_ffi.create("pf_table_cast", self.handle.value, options))

    def format(self, rows: int, width: int, form: str) -> str:
        text = ctypes.c_void_p()
        options = _ffi.options(rows=rows, width=width, format=form)
        _ffi.call("pf_table_format", self.handle.value, options, ctypes.byref(text))
        return _ffi.take_string(text)


class Table:
    """Columns of equal length in Arrow memory, which other libraries take without a copy.

    It speaks the Arrow PyCapsule protocol, so `polars.DataFrame(t)`, `pyarrow.table(t)` and a
    duckdb query that names `t` work directly, as often as wanted.
    """

    __slots__ = ("_store", "_schema", "_rejects", "_reject_count", "__weakref__")

    def __init__(self) -> None:
        raise TypeError("tables are made by the readers and by table(data)")

    @classmethod
    def _of(cls, store) -> Table:
        kind = RecordBatch if store.num_batches == 1 else Table
        made = object.__new__(kind)
        made._store = store
        made._schema = made._rejects = made._reject_count = None
        return made

    @classmethod
    def _of_handle(cls, handle: _ffi.Handle) -> Table:
        return cls._of(_EngineStore(handle))

    @property
    def schema(self) -> _schema.Schema:
        """Names and types of the columns."""
        if self._schema is None:
            self._schema = _schema.Schema(self._store.fill_schema, self._store.schema_capsule)
        return self._schema

    @property
    def num_rows(self) -> int:
        return self._store.num_rows

    @property
    def num_columns(self) -> int:
        return self._store.num_columns

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)"""
        return self.num_rows, self.num_columns

    @property
    def column_names(self) -> list[str]:
        return self.schema.names

    @property
    def rejects(self) -> Table | None:
        """What `read_csv` or `read_avro` left out or made null, because `on_error` or `ragged` said so; of
        other tables None.

        A table, of CSV of line, record, column, column_index, byte_offset, value, expected and reason;
        of Avro of the file, block, byte_offset, column and reason of each block.
        """
        return self._rejects

    @property
    def reject_count(self) -> int | None:
        """How many rejects there were, those above `reject_limit` counted."""
        return self._reject_count

    def __len__(self) -> int:
        return self.num_rows

    def column(self, key: str | int) -> Column:
        """One column, by name or index."""
        index = self._position(key)
        store = self._store.select([index])
        return (Array if store.num_batches == 1 else Column)(store, self.schema[index])

    def select(self, columns: list) -> Table:
        """Some columns, by names or indices, in the given order; shares memory."""
        return self._of(self._store.select([self._position(key) for key in columns]))

    def __getitem__(self, key):
        """`t["price"]` and `t[0]` are columns, `t[["a", "b"]]` is a selection, `t[10:20]` a slice."""
        if isinstance(key, (list, tuple)):
            return self.select(key)
        if isinstance(key, slice):
            start, stop, step = key.indices(self.num_rows)
            if step != 1:
                raise errors.ArgumentError("a slice of a table has step 1")
            return self.slice(start, max(stop - start, 0))
        return self.column(key)

    def __contains__(self, name: object) -> bool:
        return name in self.column_names

    def _position(self, key: str | int) -> int:
        if isinstance(key, str):
            return _schema.position(self.column_names, key)
        if not hasattr(key, "__index__"):
            raise TypeError(f"a column is chosen by its name or index, not by {type(key).__name__}")
        index = key.__index__()
        if not -self.num_columns <= index < self.num_columns:
            raise errors.OutOfRangeError(
                f"column {index} of a table of {self.num_columns}",
                {"index": index, "count": self.num_columns})
        return index % self.num_columns

    def slice(self, offset: int = 0, length: int | None = None) -> Table:
        """Rows `offset` to `offset + length`, cut to the table; shares memory."""
        if offset < 0 or (length is not None and length < 0):
            raise errors.ArgumentError("offset and length of a slice are not negative")
        return self._of(self._store.slice(offset, self.num_rows if length is None else length))

    def head(self, n: int = 5) -> Table:
        """The first `n` rows; with a negative `n`, all but the last `-n`."""
        return self.slice(0, n if n >= 0 else max(self.num_rows + n, 0))

    def tail(self, n: int = 5) -> Table:
        """The last `n` rows."""
        return self.slice(max(self.num_rows - n, 0), n)

    def iter_batches(self, batch_size: int | None = None) -> Iterator[RecordBatch]:
        """The record batches, as they lie in memory; or cut so that none is over `batch_size` rows."""
        start = 0
        for length in self._batch_lengths():
            step = length if batch_size is None else batch_size
            if step < 1 and length:
                raise errors.ArgumentError("batch_size must be at least 1")
            for offset in range(start, start + length, step) if length else ():
                batch = self.slice(offset, min(step, start + length - offset))
                yield batch
            start += length

    def _batch_lengths(self) -> list[int]:
        return [array.struct.length for array in self._batches()]

    def _batches(self) -> list:
        out = []
        for index in range(self._store.num_batches):
            batch = _arrow.OwnedArray()
            self._store.fill_batch(index, batch.address)
            out.append(batch)
        return out

    def _chunks(self) -> list:
        """For each column its chunks, as pairs of an owner and an `ArrowArray`."""
        batches = self._batches()
        return [[(batch, _column_of(batch, i)) for batch in batches] for i in range(self.num_columns)]

    # ---- Conversions ---------------------------------------------------------------------------

    def to_pydict(self) -> dict[str, list]:
        """A dict of lists of Python objects; nulls are None."""
        from . import _convert

        self._refuse_duplicates("to_pydict")
        return {
            field.name: [value for _, array in chunks for value in _convert.pylist(field, array)]
            for field, chunks in zip(self.schema, self._chunks())}

    def to_pylist(self) -> list[dict]:
        """A list of one dict for each row."""
        columns = self.to_pydict()
        if not columns:
            return [{} for _ in range(self.num_rows)]
        return [dict(zip(columns, row)) for row in zip(*columns.values())]

    def to_numpy(self) -> dict[str, numpy.ndarray]:
        """A dict of one-dimensional arrays by column name.

        Plain columns of one batch without nulls share our memory and are read-only.
        """
        from . import _numpy

        self._refuse_duplicates("to_numpy")
        return {
            field.name: _numpy.column(field, chunks)
            for field, chunks in zip(self.schema, self._chunks())}

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame; needs pandas alone, and uses pyarrow, which is faster, where it is installed."""
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            from . import _numpy

            return _numpy.frame(self.schema, self._chunks())
        return self.to_pyarrow().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """A polars DataFrame."""
        import polars

        return polars.DataFrame(self)

    def to_pyarrow(self) -> pyarrow.Table:
        """A pyarrow Table, without a copy."""
        import pyarrow

        return pyarrow.RecordBatchReader.from_stream(self).read_all()

    def _refuse_duplicates(self, what: str) -> None:
        names = self.column_names
        if len(set(names)) != len(names):
            raise errors.ArgumentError(f"{what}: a dict cannot hold columns of the same name")

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule with a stream over the batches.

        Columns of strings and bytes come in the layout that `requested_schema` has for them, as
        dictionaries of each batch, too; other types are the table's own.
        """
        return self._requested(requested_schema).stream_capsule()

    def _requested(self, schema: object):
        return self._store if schema is None else self._store.cast(_schema.string_outputs(schema))

    def __arrow_c_schema__(self) -> object:
        return self._store.schema_capsule()

    def __repr__(self) -> str:
        import shutil

        return self._store.format(10, shutil.get_terminal_size((100, 24)).columns, "text").rstrip("\n")

    def _repr_html_(self) -> str:
        return self._store.format(10, 0, "html")


class RecordBatch(Table):
    """A table that lies in one batch; also an Arrow struct array."""

    __slots__ = ()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._requested(requested_schema).array_capsules()


class Column:
    """One column of a table: a sequence of values, and an Arrow stream of its chunks."""

    __slots__ = ("_store", "_field", "__weakref__")

    def __init__(self, store, field: _schema.Field) -> None:
        self._store = store
        self._field = field

    @property
    def name(self) -> str:
        return self._field.name

    @property
    def type(self) -> str:
        """The Arrow type in words."""
        return self._field.type

    @property
    def field(self) -> _schema.Field:
        return self._field

    @property
    def null_count(self) -> int:
        from . import _convert

        total = 0
        for _, array in self._chunks():
            if array.null_count >= 0:
                total += array.null_count
            else:
                total += (_convert.valid_slots(array, array.offset, array.length) or []).count(False)
        return total

    def __len__(self) -> int:
        return self._store.num_rows

    def __iter__(self) -> Iterator:
        return iter(self.to_pylist())

    def __getitem__(self, key):
        """One value as a Python object, or a slice of the column."""
        if isinstance(key, slice):
            start, stop, step = key.indices(len(self))
            if step != 1:
                raise errors.ArgumentError("a slice of a column has step 1")
            store = self._store.slice(start, max(stop - start, 0))
            return (Array if store.num_batches == 1 else Column)(store, self._field)
        index = key.__index__()
        if not -len(self) <= index < len(self):
            raise errors.OutOfRangeError(
                f"row {index} of a column of {len(self)}", {"index": index, "count": len(self)})
        return self[index % len(self):index % len(self) + 1].to_pylist()[0]

    def to_pylist(self) -> list:
        """Python objects; nulls are None."""
        from . import _convert

        return [value for _, array in self._chunks() for value in _convert.pylist(self._field, array)]

    def to_numpy(self) -> numpy.ndarray:
        """One array; shares our memory where it is plain, without nulls and in one chunk."""
        from . import _numpy

        return _numpy.column(self._field, self._chunks())

    def __array__(self, dtype=None, copy=None):
        values = self.to_numpy()
        return values if dtype is None else values.astype(dtype)

    def to_pyarrow(self) -> pyarrow.ChunkedArray:
        """A pyarrow ChunkedArray, without a copy."""
        import pyarrow

        return pyarrow.chunked_array(self)

    def to_pandas(self) -> pandas.Series:
        """A pandas Series."""
        return Table._of(self._store).to_pandas().iloc[:, 0]

    def to_polars(self) -> polars.Series:
        """A polars Series."""
        return Table._of(self._store).to_polars().to_series()

    def _chunks(self) -> list:
        return Table._of(self._store)._chunks()[0]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule with a stream of the chunks.

        Strings and bytes come in the layout of `requested_schema`, as dictionaries of each chunk, too;
        other types are the column's own.
        """
        return self._requested(requested_schema).column_stream_capsule()

    def _requested(self, schema: object):
        return self._store if schema is None else self._store.cast(_schema.string_output(schema))

    def __arrow_c_schema__(self) -> object:
        return self._store.column_schema_capsule()

    def __repr__(self) -> str:
        return Table._of(self._store).__repr__()

    def _repr_html_(self) -> str:
        return Table._of(self._store)._repr_html_()


class Array(Column):
    """A column that lies in one chunk; also an Arrow array."""

    __slots__ = ()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._requested(requested_schema).column_array_capsules()


def _column_of(batch: _arrow.OwnedArray, index: int) -> _arrow.ArrowArray:
    return _arrow.ArrowArray.from_address(batch.struct.children[index])


# ---- Import -----------------------------------------------------------------------------------


def table(data: object, *, cancel: _cancel.CancellationToken | None = None) -> Table:
    """A `Table` from any object that speaks the Arrow PyCapsule protocol, without a copy.

    pyarrow, polars, duckdb, pandas (2.2 or later) and arro3 objects do.
    """
    from . import _parquet

    if not _parquet.on_engine():
        from . import _fallback

        return _fallback.table(data)
    return Table._of_handle(_import(data, cancel))


def _import(data: object, cancel: _cancel.CancellationToken | None) -> _ffi.Handle:
    if hasattr(data, "__arrow_c_stream__"):
        capsule = data.__arrow_c_stream__()
        address = _arrow.capsule_address(capsule, "stream")
        return _cancel.run(
            lambda handle: _ffi.create("pf_table_import", address, handle), cancel, long=True)
    if hasattr(data, "__arrow_c_array__"):
        schema_capsule, array_capsule = data.__arrow_c_array__()
        schema, array = _arrow.OwnedSchema(), _arrow.OwnedArray()
        schema.move_from(_arrow.capsule_address(schema_capsule, "schema"))
        array.move_from(_arrow.capsule_address(array_capsule, "array"))
        return import_arrays(schema.move_to, [array])
    raise TypeError(
        f"{type(data).__name__} has neither __arrow_c_stream__ nor __arrow_c_array__")


def import_arrays(fill_schema, arrays: list) -> _ffi.Handle:
    """A table of the engine from arrays that Python holds; shares their memory."""
    schema = _arrow.OwnedSchema()
    fill_schema(schema.address)
    block = (_arrow.ArrowArray * len(arrays))()
    for raw, array in zip(block, arrays):
        array.move_to(ctypes.addressof(raw))
    return _ffi.create("pf_table_import_arrays", schema.address, block, len(arrays))


def concatenate(tables: list, names: list) -> Table:
    """One table of the batches of many, whose schemas must be equal; shares their memory."""
    for other, name in zip(tables[1:], names[1:]):
        check_same_schema(tables[0].schema, other.schema, names[0], name)
    arrays = [batch for part in tables for batch in part._batches()]
    return Table._of_handle(import_arrays(tables[0]._store.fill_schema, arrays))


def check_same_schema(first: _schema.Schema, other: _schema.Schema, first_name, other_name) -> None:
    """Raises where the second file does not have the schema of the first."""
    if first == other:
        return
    if first.names != other.names:
        what = f"columns {other.names} in place of {first.names}"
    else:
        pairs = (pair for pair in zip(first, other) if pair[0] != pair[1])
        what = "; ".join(f"{b} in place of {a}" for a, b in pairs)
    raise errors.UnsupportedError(
        f"{_label(other_name)} does not have the schema of {_label(first_name)}: {what}",
        {"feature": "files of different schemas", "file": str(_label(other_name))})


def _label(source) -> str:
    return str(source) if isinstance(source, str) or hasattr(source, "__fspath__") else type(source).__name__
