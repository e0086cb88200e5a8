"""Scans of Avro, in bounded memory."""

from __future__ import annotations

from . import _avro, _scan


class _AvroStream(_scan.WholeStream):
    def __init__(self, source, chosen: dict, memory_map: bool, cancel) -> None:
        super().__init__(_avro, "pf_avro_scan", source, chosen, memory_map, cancel)


class AvroScan(_scan.WholeScan):
    """An iterator of `RecordBatch`es, made by `scan_avro`; can be read once.

    It is an Arrow stream too: `polars.DataFrame(scan)` or `pyarrow.RecordBatchReader.from_stream(scan)`
    take what was not read yet.
    """

    _stream_kind = _AvroStream
