"""Scans of CSV, in bounded memory."""

from __future__ import annotations

from . import _csv, _scan, _schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._table import Table


class _CSVStream(_scan.WholeStream):
    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        string_output = chosen.pop("string_output")
        super().__init__(_csv, source, chosen, memory_map, cancel)
        if string_output:
            self.lay_out(_csv.layouts(string_output, self.schema.names))
            self.schema = _schema.Schema(self.stream.get_schema)


class CSVScan(_scan.WholeScan):
    """An iterator of `RecordBatch`es, made by `scan_csv`; can be read once.

    It is an Arrow stream too: `polars.DataFrame(scan)` or `pyarrow.RecordBatchReader.from_stream(scan)`
    take what was not read yet.
    """

    _stream_kind = _CSVStream

    @property
    def rejects(self) -> Table:
        """What was left out or made null so far, with line, record, column, byte offset and reason."""
        return super().rejects

    @property
    def reject_count(self) -> int:
        """How many rejects there are so far, those above the limit counted."""
        return super().reject_count
