"""The engines that are compared, one module each.

A peer has `TITLE`, `DISTRIBUTIONS` (what pip calls it, for its installed size), `STARTUP`
(Python source that imports it, decodes the footer of the Parquet file `PATH` and prints its
column count; None where it has no reader of Parquet), `start(threads)`, which imports it and fixes
its threads for the life of the process, `version()`, and one function per operation, named as in
`Case.operation`.

An operation that it lacks is simply not there; arguments that it cannot honour raise
`NotImplementedError`. The driver imports these modules too, so `start` imports what is heavy.
"""

import importlib

OURS = "ours"
FILES = ("pyarrow", "polars", "duckdb", "arro3", "datafusion", "pandas", "polars_avro", "fastavro")
GRAPHS = ("gapbs", "scipy", "igraph", "networkit", "graphblas", "rustworkx", "original")
WORKFLOWS = ("futures", "dask")
NAMES = (OURS, *FILES, *GRAPHS, *WORKFLOWS)


def offers(peer: str, operation: str) -> bool:
    """Whether a peer can be asked for an operation at all."""
    return hasattr(importlib.import_module(f"peers.{peer}"), operation)
