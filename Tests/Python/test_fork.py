"""After os.fork() the child works, and never hangs."""

import multiprocessing
import os
import sys

import pytest

import parquetframe_swift as pfs


def test_the_child_reads_after_the_parent_did(fresh, flat_path):
    code = f"""
import os, signal
import parquetframe_swift as pfs
before = pfs.read_parquet({flat_path!r}, threads=2)
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    try:
        again = pfs.read_parquet({flat_path!r}, threads=2)
        scanned = sum(len(batch) for batch in pfs.scan_parquet({flat_path!r}))
        good = again.to_pydict() == before.to_pydict() and scanned == before.slice(0).num_rows == 1000
        os._exit(0 if good else 3)
    except BaseException as problem:
        print(repr(problem), flush=True)
        os._exit(4)
print(os.waitpid(pid, 0)[1], pfs.read_parquet({flat_path!r}).num_rows)
"""
    assert fresh(code, timeout=60) == "0 1000\n"


@pytest.mark.skipif(sys.platform == "darwin", reason="fork is not safe with the system's libraries there")
def test_the_child_makes_long_calls(fresh):
    """The thread that made those of the parent is not there."""
    code = """
import _thread, os, signal
import numpy
import parquetframe_swift as pfs
ends = numpy.zeros(1 << 20, numpy.int32)
graph = pfs.Graph.from_edges(ends, ends + 1)
callers = set()
for _ in range(3):
    graph.pagerank(progress=lambda *_: callers.add(_thread.get_ident()))
print(len(callers), _thread.get_ident() in callers)
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    os._exit(0 if graph.bfs(0)[0].to_pylist() == [0, 1] else 3)
print(os.waitpid(pid, 0)[1], graph.num_nodes)
"""
    assert fresh(code, timeout=60) == "1 False\n0 2\n"


def _count(path):
    return pfs.read_parquet(path).num_rows


@pytest.mark.skipif(sys.platform == "darwin", reason="fork is not safe with the system's libraries there")
def test_a_pool_of_forked_workers(flat_path):
    pfs.read_parquet(flat_path)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(_count, [flat_path] * 8).get(timeout=60) == [1000] * 8


def test_handles_of_the_parent_are_freed_in_the_child(fresh, flat_path):
    code = f"""
import gc, os, signal
import parquetframe_swift as pfs
table = pfs.read_parquet({flat_path!r})
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    del table
    gc.collect()
    os._exit(0)
status = os.waitpid(pid, 0)[1]
print(status, len(table.to_pydict()["i32"]))
"""
    assert fresh(code, timeout=60) == "0 1000\n"
