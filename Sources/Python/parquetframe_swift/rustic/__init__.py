"""ParquetFrame's native module, `parquetframe._rustic`, on this engine.

    import parquetframe_swift as pfs

    pfs.install()
    import parquetframe  # whose I/O, graphs and workflows now run here

It has the functions of that module that read files, ask graphs and run workflows, under the same names, with
the same arguments and results; and those that ParquetFrame calls, but that the module of its release 2.0.0
lacks. `Specs/rustic.md` lists them, with what is deliberately otherwise. All work without the engine as well,
on the fallbacks of this package.

After `install()`, what this module does not have (`tetnus`, `geo`, `fin_sma`, …) is looked up in
ParquetFrame's own native module, where that is installed.
"""

from __future__ import annotations

from ._files import get_parquet_column_names_rust as get_parquet_column_names_rust
from ._files import get_parquet_column_stats_rust as get_parquet_column_stats_rust
from ._files import get_parquet_row_count_rust as get_parquet_row_count_rust
from ._files import io_fastpaths_available as io_fastpaths_available
from ._files import read_avro_fast as read_avro_fast
from ._files import read_csv_fast as read_csv_fast
from ._files import read_parquet_fast as read_parquet_fast
from ._files import read_parquet_metadata_rust as read_parquet_metadata_rust
from ._graphs import bfs_rust as bfs_rust
from ._graphs import build_csc_rust as build_csc_rust
from ._graphs import build_csr_rust as build_csr_rust
from ._graphs import connected_components_rust_py as connected_components_rust_py
from ._graphs import dfs_rust as dfs_rust
from ._graphs import dijkstra_rust as dijkstra_rust
from ._graphs import dijkstra_rust_py as dijkstra_rust_py
from ._graphs import graph_test as graph_test
from ._graphs import pagerank_rust_py as pagerank_rust_py
from ._graphs import union_find_components as union_find_components
from ._workflows import CancellationToken as CancellationToken
from ._workflows import create_dag as create_dag
from ._workflows import execute_step as execute_step
from ._workflows import execute_workflow as execute_workflow
from ._workflows import run_workflow as run_workflow
from ._workflows import workflow_metrics as workflow_metrics
from ._workflows import workflow_rust_available as workflow_rust_available

__all__ = [
    "rust_available", "rust_version",
    "read_parquet_metadata_rust", "get_parquet_row_count_rust", "get_parquet_column_names_rust",
    "get_parquet_column_stats_rust", "read_parquet_fast", "read_csv_fast", "read_avro_fast",
    "io_fastpaths_available",
    "graph_test", "build_csr_rust", "build_csc_rust", "bfs_rust", "dfs_rust", "pagerank_rust_py",
    "dijkstra_rust_py", "dijkstra_rust", "connected_components_rust_py", "union_find_components",
    "workflow_rust_available", "run_workflow", "execute_workflow", "execute_step", "create_dag",
    "workflow_metrics", "CancellationToken",
]


def rust_available() -> bool:
    """Whether the functions of this module can be called: True, as without the engine they fall back.

    `parquetframe_swift.is_available()` says whether the engine is there.
    """
    return True


def rust_version() -> str:
    """The version of the engine, or of this package where the engine is missing."""
    from .. import __version__, get_backend_info

    return get_backend_info()["version"] or __version__


def __getattr__(name: str):
    # Python itself asks for names such as __path__.
    if not name.startswith("__"):
        from .. import _install

        original = _install.original()
        if original is not None and hasattr(original, name):
            return getattr(original, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
