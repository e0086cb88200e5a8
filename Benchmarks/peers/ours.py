"""This engine, through its Python package."""

from __future__ import annotations

from datasets import graph_edges

TITLE = "ParquetFrame for Swift"
DISTRIBUTIONS = ("parquetframe-swift",)
STARTUP = """
import parquetframe_swift
print(parquetframe_swift.parquet_metadata(PATH).num_columns)
assert parquetframe_swift.is_available(), "the shared library is missing"
"""


def start(threads: int) -> None:
    global pfs, thread_count
    import parquetframe_swift as pfs

    # Without the shared library the package answers through pyarrow: that would be a fine
    # result, and no measurement.
    if not pfs.is_available():
        raise RuntimeError("the shared library of parquetframe_swift is missing")
    # The modules that other packages import at once, and this one with the first use of a name;
    # the cold start counts both.
    for name in ("read_avro", "read_csv", "read_parquet", "row_count", "ParquetMetadata", "Scan", "Schema", "Table", "Graph", "Workflow"):
        getattr(pfs, name)
    import json  # noqa: F401  (as above)

    thread_count = threads


def version() -> str:
    return pfs.__version__


def read_parquet(path: str, columns=None, filters=None, limit=None):
    filters = filters and [tuple(one) for one in filters]
    return pfs.read_parquet(
        path, columns=columns, filters=filters, limit=limit, threads=thread_count
    )


def scan_parquet(path: str) -> int:
    return sum(batch.num_rows for batch in pfs.scan_parquet(path, threads=thread_count))


def read_csv(path: str, columns=None, **hints):
    return pfs.read_csv(path, columns=columns, threads=thread_count)


def scan_csv(path: str) -> int:
    return sum(batch.num_rows for batch in pfs.scan_csv(path, threads=thread_count))


def read_avro(path: str):
    return pfs.read_avro(path, threads=thread_count)


# Rows as columns: what others make Python objects of.
read_avro_rows = read_avro


def avro_record_count(path: str) -> int:
    return pfs.avro_record_count(path)


def row_count(path: str) -> int:
    return pfs.row_count(path)


def column_names(path: str) -> list[str]:
    return pfs.column_names(path)


def column_statistics(path: str, column: str) -> list:
    return _plain(pfs.column_statistics(path, columns=[column])[column])


def all_statistics(path: str) -> dict[str, list]:
    return {name: _plain(found) for name, found in pfs.column_statistics(path).items()}


def prepare_edges(path: str):
    return graph_edges.load(path)


def prepare_graph(path: str):
    edges = graph_edges.load(path)
    graph = _graph(edges)
    graph.csc()
    return graph, edges.start


def _graph(edges):
    return pfs.Graph.from_edges(
        edges.source, edges.target, edges.weight, edges.count, edges.directed, threads=thread_count
    )


def prepare_ends(path: str):
    return graph_edges.load(path, weighted=False)


def graph_whole(edges, kernel):
    """A graph from its edges, turned round where the kernel looks both ways, and one kernel on it."""
    graph = _graph(edges)
    if kernel == "bfs":
        graph.csc()
    return globals()[f"graph_{kernel}"]((graph, edges.start), kernel)


def graph_build(edges, kernel):
    return graph_edges.Built(_graph(edges), lambda graph: graph.out_degree())


def graph_bfs(prepared, kernel):
    graph, start = prepared
    return graph.bfs(start, threads=thread_count)[0]


def graph_call(prepared, kernel):
    """A search that ends at once: what is left is the call."""
    graph, start = prepared
    return graph.bfs(start, max_depth=0, threads=thread_count)[0]


def graph_paths(prepared, kernel):
    graph, start = prepared
    return graph.shortest_distances(start, threads=thread_count)


def graph_pagerank(prepared, kernel):
    graph, _ = prepared
    tolerance = graph_edges.PAGERANK_TOLERANCE / graph.num_nodes
    return graph.pagerank(tol=tolerance, use_weights=False, threads=thread_count)


def graph_components(prepared, kernel):
    return prepared[0].connected_components(threads=thread_count)


def graph_strong(prepared, kernel):
    return prepared[0].strongly_connected_components(threads=thread_count)


def graph_triangles(prepared, kernel):
    return prepared[0].triangle_count(threads=thread_count)


def graph_cores(prepared, kernel):
    return prepared[0].core_numbers(threads=thread_count)


def prepare_functions(path: str):
    import json

    from datasets.workflows import MODULUS

    def step(number, names):
        return lambda ctx: (number + sum([ctx[name] for name in names])) % MODULUS

    with open(path) as file:
        needs = json.load(file)
    workflow = pfs.Workflow("functions")
    for number, those in enumerate(needs):
        names = [f"s{one}" for one in those]
        workflow.add_step(f"s{number}", step(number, names), depends_on=names)
    workflow.validate()
    return workflow, MODULUS


def workflow_functions(prepared) -> int:
    workflow, modulus = prepared
    result = workflow.run(max_parallel=thread_count).raise_for_status()
    return sum(result.outputs.values()) % modulus


def prepare_sleeps(path: str):
    import json
    import time

    with open(path) as file:
        prepared = json.load(file)

    def step(ctx):
        time.sleep(prepared["seconds"])
        return 1

    workflow = pfs.Workflow("sleeps")
    for number, those in enumerate(prepared["needs"]):
        workflow.add_step(f"s{number}", step, depends_on=[f"s{one}" for one in those])
    return workflow


def workflow_sleeps(workflow, workers: int) -> int:
    result = workflow.run(max_parallel=workers).raise_for_status()
    return sum(result.outputs.values())


def _plain(found) -> list:
    return [found.min, found.max, found.null_count]
