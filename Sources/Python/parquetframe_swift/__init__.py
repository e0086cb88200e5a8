"""ParquetFrame for Swift: an embeddable data engine.

    import parquetframe_swift as pfs

    table = pfs.read_parquet("trips.parquet", columns=["city", "price"])
    table.to_pandas()

Importing this package costs next to nothing: names below load on first use, and neither numpy,
pandas nor pyarrow is imported before a result is converted to one of them.
"""

from __future__ import annotations

__version__ = "0.1.0"

_HOMES = {
    "read_parquet": "_parquet",
    "scan_parquet": "_parquet",
    "parquet_metadata": "_parquet",
    "row_count": "_parquet",
    "column_names": "_parquet",
    "column_info": "_parquet",
    "column_statistics": "_parquet",
    "read_csv": "_csv",
    "scan_csv": "_csv",
    "sniff_csv": "_csv",
    "SniffedCSV": "_csv",
    "CSVScan": "_csv_scan",
    "read_avro": "_avro",
    "scan_avro": "_avro",
    "avro_schema": "_avro",
    "avro_record_count": "_avro",
    "avro_metadata": "_avro",
    "decode_avro": "_avro_messages",
    "AvroMetadata": "_avro_metadata",
    "AvroScan": "_avro_scan",
    "ParquetMetadata": "_metadata",
    "Scan": "_scan",
    "Table": "_table",
    "RecordBatch": "_table",
    "Column": "_table",
    "Array": "_table",
    "table": "_table",
    "Schema": "_schema",
    "Field": "_schema",
    "Graph": "_graph",
    "Workflow": "_workflow",
    "WorkflowResult": "_workflow",
    "StepResult": "_workflow",
    "workflow_handler": "_workflow",
    "workflow_totals": "_workflow",
    "CancellationToken": "_cancel",
    "set_config": "_config",
    "get_config": "_config",
    "is_available": "_info",
    "get_backend_info": "_info",
    "show_versions": "_info",
    "rustic": "_install",
    "install": "_install",
    "uninstall": "_install",
    "Error": "errors",
    "FormatError": "errors",
    "CSVError": "errors",
    "AvroError": "errors",
    "UnsupportedError": "errors",
    "LimitError": "errors",
    "CancelledError": "errors",
    "UnknownColumnError": "errors",
    "UnknownNodeError": "errors",
    "OutOfRangeError": "errors",
    "ArgumentError": "errors",
    "GraphError": "errors",
    "StepError": "errors",
    "EngineUnavailableError": "errors",
}

__all__ = ["__version__", *_HOMES]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import rustic as rustic
    from ._avro import avro_metadata as avro_metadata
    from ._avro import avro_record_count as avro_record_count
    from ._avro import avro_schema as avro_schema
    from ._avro import read_avro as read_avro
    from ._avro import scan_avro as scan_avro
    from ._avro_messages import decode_avro as decode_avro
    from ._avro_metadata import AvroMetadata as AvroMetadata
    from ._avro_scan import AvroScan as AvroScan
    from ._cancel import CancellationToken as CancellationToken
    from ._config import get_config as get_config
    from ._config import set_config as set_config
    from ._csv import SniffedCSV as SniffedCSV
    from ._csv import read_csv as read_csv
    from ._csv import scan_csv as scan_csv
    from ._csv import sniff_csv as sniff_csv
    from ._csv_scan import CSVScan as CSVScan
    from ._graph import Graph as Graph
    from ._info import get_backend_info as get_backend_info
    from ._info import is_available as is_available
    from ._info import show_versions as show_versions
    from ._install import install as install
    from ._install import uninstall as uninstall
    from ._metadata import ParquetMetadata as ParquetMetadata
    from ._parquet import column_info as column_info
    from ._parquet import column_names as column_names
    from ._parquet import column_statistics as column_statistics
    from ._parquet import parquet_metadata as parquet_metadata
    from ._parquet import read_parquet as read_parquet
    from ._parquet import row_count as row_count
    from ._parquet import scan_parquet as scan_parquet
    from ._scan import Scan as Scan
    from ._schema import Field as Field
    from ._schema import Schema as Schema
    from ._table import Array as Array
    from ._table import Column as Column
    from ._table import RecordBatch as RecordBatch
    from ._table import Table as Table
    from ._table import table as table
    from .errors import ArgumentError as ArgumentError
    from .errors import AvroError as AvroError
    from .errors import CancelledError as CancelledError
    from .errors import CSVError as CSVError
    from .errors import EngineUnavailableError as EngineUnavailableError
    from .errors import Error as Error
    from .errors import FormatError as FormatError
    from .errors import GraphError as GraphError
    from .errors import LimitError as LimitError
    from .errors import OutOfRangeError as OutOfRangeError
    from ._workflow import StepResult as StepResult
    from ._workflow import Workflow as Workflow
    from ._workflow import WorkflowResult as WorkflowResult
    from ._workflow import workflow_handler as workflow_handler
    from ._workflow import workflow_totals as workflow_totals
    from .errors import StepError as StepError
    from .errors import UnknownColumnError as UnknownColumnError
    from .errors import UnknownNodeError as UnknownNodeError
    from .errors import UnsupportedError as UnsupportedError


def __getattr__(name: str):
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # __import__ instead of importlib, which would be one more module on the cold path.
    module = __import__(f"{__name__}.{home}", fromlist=[name])
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list:
    return sorted(set(globals()) | set(_HOMES))
