"""Scans of CSV, in bounded memory."""

from __future__ import annotations

import ctypes

from . import _csv, _ffi, _scan, _schema, _table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._table import Table


class _CSVStream(_scan.WholeStream):
    """The scan of a file, or of several as one."""

    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        string_output = chosen.pop("string_output")
        self.scan_handle = ctypes.c_uint64()
        super().__init__(
            _csv, "pf_csv_scan", source, chosen, memory_map, cancel, ctypes.byref(self.scan_handle))
        self.scan = _ffi.Handle(self.scan_handle.value)
        if string_output:
            self.lay_out(_csv.layouts(string_output, self.schema.names))
            self.schema = _schema.Schema(self.stream.get_schema)

    def rejects(self) -> tuple:
        """(table, how many there are in all)"""
        table, count = ctypes.c_uint64(), ctypes.c_int64()
        _ffi.call("pf_csv_scan_rejects", self.scan.value, ctypes.byref(table), ctypes.byref(count))
        return _table.Table._of_handle(_ffi.Handle(table.value)), count.value


class CSVScan(_scan.WholeScan):
    """An iterator of `RecordBatch`es, made by `scan_csv`; can be read once.

    It is an Arrow stream too: `polars.DataFrame(scan)` or `pyarrow.RecordBatchReader.from_stream(scan)`
    take what was not read yet.
    """

    _stream_kind = _CSVStream

    @property
    def rejects(self) -> Table:
        """What was left out or made null so far, with line, record, column, byte offset and reason."""
        return self._first.rejects()[0]

    @property
    def reject_count(self) -> int:
        """How many rejects there are so far, those above the limit counted."""
        return self._first.rejects()[1]
