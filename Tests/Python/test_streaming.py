"""Scans decode ahead of their consumer, in bounded memory, and stop when they are dropped."""

import gc
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import parquetframe_swift as pfs

ROWS = pa.table({"n": pa.array(range(600_000), pa.int64()), "s": [f"row {i % 1000}" for i in range(600_000)]})


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("streaming") / "rows.parquet"
    pq.write_table(ROWS, path, row_group_size=200_000)
    return str(path)


@pytest.mark.parametrize("read_ahead", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_batches_are_the_same_for_any_setting(path, read_ahead, threads):
    scan = pfs.scan_parquet(path, batch_size=70_000, threads=threads, read_ahead=read_ahead)
    batches = [pa.record_batch(batch) for batch in scan]
    assert [len(batch) for batch in batches] == [70_000, 70_000, 60_000] * 3
    assert pa.Table.from_batches(batches).equals(ROWS)


class Noting(io.BytesIO):
    """A file object that notes its reads."""

    def __init__(self, data):
        super().__init__(data)
        self.reads = []

    def read(self, count=-1):
        self.reads.append(count)
        return super().read(count)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_scan_that_is_dropped_frees_its_source(path, count):
    data = open(path, "rb").read()
    for source in (path, data, io.BytesIO(data)):
        scan = pfs.scan_parquet(source, batch_size=50_000, threads=2)
        for _ in range(count):
            next(scan)
        del scan
    gc.collect()


def test_many_columns_of_a_file_object_are_read_at_once():
    table = pa.table({f"c{i}": range(1000) for i in range(50)})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=500, compression="none")
    source = Noting(sink.getvalue())
    assert pa.table(pfs.read_parquet(source)).equals(table)
    assert len(source.reads) <= 4  # the footer, perhaps in two, and the data


def test_a_child_goes_on_with_a_scan_or_says_why_not(fresh, path):
    code = f"""
import os, signal
import parquetframe_swift as pfs
scan = pfs.scan_parquet({path!r}, batch_size=50_000, threads=2)
next(scan)
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    try:
        assert sum(len(batch) for batch in scan) == 550_000
        del scan
    except pfs.UnsupportedError:
        pass
    os._exit(0)
print(os.waitpid(pid, 0)[1], sum(len(batch) for batch in scan))
"""
    assert fresh(code, timeout=60) == "0 550000\n"
