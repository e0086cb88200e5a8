"""Kernels on graphs that stand in memory already, and making one from arrays of edges."""

from __future__ import annotations

from harness.case import Case, Dataset

from cases.parquet import SEED

GRAPHS = {
    "uniform-1M": {"kind": "uniform", "nodes": 1_000_000, "edges": 10_000_000},
    "web-1M": {"kind": "web", "nodes": 1_000_000},
    "grid-1000": {"kind": "grid", "side": 1000},
    "kronecker-18": {"kind": "kronecker", "scale": 18, "edge_factor": 16},
    "kronecker-20": {
        "kind": "kronecker", "scale": 20, "edge_factor": 16, "counts_triangles": False},
    # With edges for a long call and an answer of no size.
    "uniform-2Ki": {"kind": "uniform", "nodes": 2048, "edges": 1_400_000},
}
# Those that have a graph of sixteen million edges in memory within a minute.
LARGE_PEERS = ("gapbs", "scipy", "igraph")
DIRECTED = ("uniform-1M", "web-1M")
UNDIRECTED = ("grid-1000", "kronecker-18", "kronecker-20")
# What each kernel is asked on.
KERNELS = {
    "build": ("uniform-1M", "kronecker-18"),
    "bfs": DIRECTED + UNDIRECTED,
    "paths": DIRECTED + UNDIRECTED,
    "pagerank": DIRECTED + UNDIRECTED,
    "components": DIRECTED + UNDIRECTED,
    "strong": DIRECTED,
    "triangles": ("grid-1000", "kronecker-18"),
    "cores": ("grid-1000", "kronecker-18", "kronecker-20"),
}
# Those whose memory is looked at, in a process that makes the graph too.
WHOLE = ("bfs", "pagerank", "components")
# A quarter of what an earlier engine published for a million nodes and ten million edges.
LIMITS = {"bfs": 180 / 4, "pagerank": 1800 / 4, "paths": 1900 / 4, "components": 1550 / 4}
CALL_LIMIT = 0.2


def cases(scale: float) -> list[Case]:
    """The graphs are the same at any scale; the largest is put to some peers only."""
    return [
        *(_kernel(kernel, name) for name in GRAPHS for kernel, names in KERNELS.items() if name in names),
        Case(
            "graph/call/uniform-2Ki", "graph_call", _data("uniform-2Ki"), {"kernel": "call"},
            checker="graph_answer", named=False, limit_ms=CALL_LIMIT, prepare="graph", keeps=True),
        *(
            Case(
                f"graph/memory/{kernel}/uniform-1M", "graph_whole", _data("uniform-1M"),
                {"kernel": kernel}, checker="graph_answer", named=False, once=True, prepare="ends")
            for kernel in WHOLE
        ),
    ]  # fmt: skip


def _kernel(kernel: str, name: str) -> Case:
    return Case(
        f"graph/{kernel}/{name}",
        f"graph_{kernel}",
        _data(name),
        {"kernel": kernel},
        checker="graph_answer",
        named=False,
        limit_ms=LIMITS.get(kernel) if name == "uniform-1M" else None,
        prepare="edges" if kernel == "build" else "graph",
        keeps=kernel != "build",
        peers=LARGE_PEERS if name == "kronecker-20" else (),
    )


def _data(name: str) -> Dataset:
    return Dataset("graphs", "graph", {**GRAPHS[name], "seed": SEED}, ".npz")
