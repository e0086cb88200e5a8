"""Scans of Avro, in bounded memory."""

from __future__ import annotations

from . import _avro, _scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._table import Table


class _AvroStream(_scan.WholeStream):
    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        super().__init__(_avro, source, chosen, memory_map, cancel)


class AvroScan(_scan.WholeScan):
    """An iterator of `RecordBatch`es, made by `scan_avro`; can be read once.

    It is an Arrow stream too: `polars.DataFrame(scan)` or `pyarrow.RecordBatchReader.from_stream(scan)`
    take what was not read yet.
    """

    _stream_kind = _AvroStream

    @property
    def rejects(self) -> Table:
        """The blocks that were left out so far, with file, block, byte offset, column and reason."""
        return super().rejects
