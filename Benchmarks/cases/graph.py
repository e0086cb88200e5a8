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
# A quarter of what an earlier engine published for a million nodes and ten million edges.
LIMITS = {"bfs": 180 / 4, "pagerank": 1800 / 4, "paths": 1900 / 4, "components": 1550 / 4}


def cases(scale: float) -> list[Case]:
    """The graphs are the same at any scale; the largest is put to some peers only."""
    return [
        Case(
            f"graph/{kernel}/{name}",
            f"graph_{kernel}",
            Dataset("graphs", "graph", {**GRAPHS[name], "seed": SEED}, ".npz"),
            {"kernel": kernel},
            checker="graph_answer",
            named=False,
            limit_ms=LIMITS.get(kernel) if name == "uniform-1M" else None,
            prepare="edges" if kernel == "build" else "graph",
            keeps=kernel != "build",
            peers=LARGE_PEERS if name == "kronecker-20" else (),
        )
        for name in GRAPHS
        for kernel, names in KERNELS.items()
        if name in names
    ]
