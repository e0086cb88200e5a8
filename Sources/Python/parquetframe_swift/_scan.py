"""Scans: files as streams of record batches, in bounded memory."""

from __future__ import annotations

import ctypes

from . import _arrow, _cancel, _ffi, _schema, _source, _table, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._table import RecordBatch, Table


class _EngineStream:
    """One file's scan."""

    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        self.source = source
        self.row_count = 0  # read so far
        # Ctrl-C signals the handle that the engine was given at the start, so there always is one.
        self.cancel = _cancel.CancellationToken() if cancel is None else cancel
        self.file = _source.open_file(source, memory_map=memory_map, cancel=self.cancel)
        self.stream = _arrow.OwnedStream()
        self.file.call(
            "pf_parquet_scan", _ffi.options(**chosen), _cancel.handle_of(self.cancel), self.stream.address)
        rows, groups, _, byte_count = self.file.counts()
        share = min(1, chosen["batch_size"] / rows) if rows else 1
        self.long = self.file.reads_python_object or byte_count * share > _cancel.LONG_BYTE_COUNT
        self.schema = _schema.Schema(self.stream.get_schema)

    def next(self):
        try:
            array = _cancel.run(lambda _: self.stream.next(), self.cancel, long=self.long)
        except Exception as problem:
            self.file.raise_own(problem)
            _ffi.call("pf_stream_last_error", self.stream.address)  # raises it with its details
            raise
        if array is not None:
            self.row_count += array.struct.length
        return array


def _engine_streams(sources: list, chosen: dict, memory_map: bool, cancel) -> Iterator[_EngineStream]:
    """The scans of the sources, each opened when the one before has ended."""
    left = chosen["limit"]
    for source in sources:
        stream = _EngineStream(source, {**chosen, "limit": left}, memory_map, cancel)
        yield stream
        if left is not None:
            left -= stream.row_count  # at 0, only the schema of the remaining files is compared


class Scan:
    """An iterator of `RecordBatch`es, made by `scan_parquet`; can be read once.

    It is an Arrow stream too: `polars.DataFrame(scan)` or `pyarrow.RecordBatchReader.from_stream(scan)`
    take what was not read yet.
    """

    def __init__(self, sources: list, chosen: dict, memory_map: bool, cancel) -> None:
        self._alone = len(sources) == 1
        self._arguments = (sources, chosen, memory_map, cancel)
        self._open({})

    def _open(self, string_outputs: dict) -> None:
        sources, chosen, memory_map, cancel = self._arguments
        if string_outputs:
            chosen = {**chosen, "string_output": string_outputs, "dictionary": None}
        self._begun = False
        self._streams = _engine_streams(sources, chosen, memory_map, cancel)
        # The first is opened here, so that a missing file or column is told at once.
        self._first = self._current = next(self._streams)
        # A table without rows holds the schema when the stream has gone elsewhere.
        self._empty = _table.Table._of_handle(_table.import_arrays(self._first.stream.get_schema, []))

    @property
    def schema(self) -> _schema.Schema:
        return self._empty.schema

    def __iter__(self) -> Iterator[RecordBatch]:
        return self

    def __next__(self) -> RecordBatch:
        array = self._next_array()
        if array is None:
            raise StopIteration
        return _table.Table._of_handle(_table.import_arrays(self._empty._store.fill_schema, [array]))

    def _next_array(self):
        self._begun = True
        while self._current is not None:
            array = self._current.next()
            if array is not None:
                return array
            self._current = next(self._streams, None)
            if self._current is not None:
                _table.check_same_schema(
                    self.schema, self._current.schema, self._first.source, self._current.source)
        return None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule with a stream of the batches that were not read yet.

        Columns of strings and bytes come in the layout that `requested_schema` has for them, if
        nothing was read yet; other types are the file's.
        """
        if self._current is None:
            raise errors.ArgumentError("the scan was read already")
        if requested_schema is not None and not self._begun:
            outputs = _schema.string_outputs(requested_schema)
            if outputs:
                self._open(outputs)
        if self._alone:
            current, self._current = self._current, None
            return _arrow.new_capsule("stream", current.stream.move_to)
        carrier = _arrow.OwnedStream()
        self._empty._store.fill_stream(carrier.address)
        carried = _arrow.CarriedStream(carrier, iter(self._next_array, None))
        return _arrow.new_capsule("stream", carried.export)

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __repr__(self) -> str:
        return f"<Scan of {', '.join(self.schema.names)}>"


class WholeStream:
    """The scan of a file, or of several that the engine joins itself."""

    def __init__(self, format, source, chosen: dict, memory_map: bool, cancel) -> None:
        self.source = source
        self.cancel = _cancel.CancellationToken() if cancel is None else cancel
        self.file = format.open_file(source, memory_map=memory_map, cancel=self.cancel)
        self.stream = _arrow.OwnedStream()
        self.long = format.is_long(source, self.file)
        self._rejects_function = f"pf_{self.file.format}_scan_rejects"
        function, options, scan = f"pf_{self.file.format}_scan", _ffi.options(**chosen), ctypes.c_uint64()
        _cancel.run(
            lambda handle: self.file.call(
                function, options, handle, self.stream.address, ctypes.byref(scan)),
            self.cancel, long=self.long)
        self.scan = _ffi.Handle(scan.value)
        self.schema = _schema.Schema(self.stream.get_schema)

    def lay_out(self, string_output: str | dict) -> None:
        """Strings and bytes come in other layouts from here on."""
        _ffi.call("pf_stream_cast", self.stream.address, _ffi.options(string_output=string_output))

    def rejects(self) -> tuple:
        """(table, how many there are in all)"""
        table, count = ctypes.c_uint64(), ctypes.c_int64()
        _ffi.call(self._rejects_function, self.scan.value, ctypes.byref(table), ctypes.byref(count))
        return _table.Table._of_handle(_ffi.Handle(table.value)), count.value

    def next(self):
        try:
            return _cancel.run(lambda _: self.stream.next(), self.cancel, long=self.long)
        except Exception as problem:
            self.file.raise_own(problem)
            try:
                _ffi.call("pf_stream_last_error", self.stream.address)  # raises it with its details
            except errors.FormatError as known:
                raise errors.as_kind(known, self.file.format_error) from None
            raise


class WholeScan(Scan):
    """A scan of one `WholeStream`, which takes up what it leaves out."""

    _stream_kind = WholeStream

    def _open(self, string_outputs: dict) -> None:
        sources, chosen, memory_map, cancel = self._arguments
        self._begun = False
        self._streams = iter(())
        self._first = self._current = self._stream_kind(sources[0], chosen, memory_map, cancel)
        self._empty = _table.Table._of_handle(_table.import_arrays(self._first.stream.get_schema, []))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """A capsule with a stream of the batches that were not read yet.

        Columns of strings and bytes come in the layout that `requested_schema` has for them; other
        types are those of the scan.
        """
        outputs = {} if requested_schema is None else _schema.string_outputs(requested_schema)
        if outputs and self._current is not None:
            self._current.lay_out(outputs)
        return super().__arrow_c_stream__(None)

    @property
    def rejects(self) -> Table:
        """What was left out so far, with the place and the reason of each."""
        return self._first.rejects()[0]

    @property
    def reject_count(self) -> int:
        """How many rejects there are so far."""
        return self._first.rejects()[1]
