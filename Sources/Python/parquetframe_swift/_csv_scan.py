"""Scans of CSV, in bounded memory."""

from __future__ import annotations

import ctypes

from . import _arrow, _cancel, _csv, _ffi, _scan, _schema, _table, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._table import Table


class _CSVStream:
    """The scan of a file, or of several as one."""

    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        self.source = source
        self.cancel = _cancel.CancellationToken() if cancel is None else cancel
        self.file = _csv.open_file(source, memory_map=memory_map, cancel=self.cancel)
        self.stream = _arrow.OwnedStream()
        self.long = _csv.is_long(source, self.file)
        string_output = chosen.pop("string_output")
        options, scan = _ffi.options(**chosen), ctypes.c_uint64()
        _cancel.run(
            lambda handle: self.file.call(
                "pf_csv_scan", options, handle, self.stream.address, ctypes.byref(scan)),
            self.cancel, long=self.long)
        self.scan = _ffi.Handle(scan.value)
        self.schema = _schema.Schema(self.stream.get_schema)
        if string_output:
            self.lay_out(_csv.layouts(string_output, self.schema.names))
            self.schema = _schema.Schema(self.stream.get_schema)

    def lay_out(self, string_output: str | dict) -> None:
        """Strings and bytes come in other layouts from here on."""
        _ffi.call("pf_stream_cast", self.stream.address, _ffi.options(string_output=string_output))

    def next(self):
        try:
            return _cancel.run(lambda _: self.stream.next(), self.cancel, long=self.long)
        except Exception as problem:
            self.file.raise_own(problem)
            try:
                _ffi.call("pf_stream_last_error", self.stream.address)  # raises it with its details
            except errors.FormatError as known:
                raise _csv.as_csv_error(known) from None
            raise

    def rejects(self) -> tuple:
        """(table, how many there are in all)"""
        table, count = ctypes.c_uint64(), ctypes.c_int64()
        _ffi.call("pf_csv_scan_rejects", self.scan.value, ctypes.byref(table), ctypes.byref(count))
        return _table.Table._of_handle(_ffi.Handle(table.value)), count.value


class CSVScan(_scan.Scan):
    """An iterator of `RecordBatch`es, made by `scan_csv`; can be read once.

    It is an Arrow stream too: `polars.DataFrame(scan)` or `pyarrow.RecordBatchReader.from_stream(scan)`
    take what was not read yet.
    """

    def _open(self, string_outputs: dict) -> None:
        sources, chosen, memory_map, cancel = self._arguments
        self._begun = False
        self._streams = iter(())
        self._first = self._current = _CSVStream(sources[0], chosen, memory_map, cancel)
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
        """What was left out or made null so far, with line, record, column, byte offset and reason."""
        return self._first.rejects()[0]

    @property
    def reject_count(self) -> int:
        """How many rejects there are so far, those above the limit counted."""
        return self._first.rejects()[1]
