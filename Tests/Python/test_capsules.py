"""The Arrow PyCapsule protocol: who owns what, in any order, and what nobody takes."""

import ctypes
import gc

import pyarrow as pa
import pytest

import parquetframe_swift as pfs


@pytest.fixture
def table(flat_path):
    return pfs.read_parquet(flat_path, columns=["i64", "text"])


def name_of(capsule) -> bytes:
    get = ctypes.pythonapi.PyCapsule_GetName
    get.restype, get.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return get(capsule)


def test_capsules_have_the_names_of_the_protocol(table):
    batch = next(table.iter_batches())
    assert name_of(table.__arrow_c_stream__()) == b"arrow_array_stream"
    assert name_of(table.__arrow_c_schema__()) == b"arrow_schema"
    assert [name_of(capsule) for capsule in batch.__arrow_c_array__()] == [b"arrow_schema", b"arrow_array"]
    assert name_of(table["i64"].__arrow_c_stream__()) == b"arrow_array_stream"
    assert [name_of(c) for c in batch["i64"].__arrow_c_array__()] == [b"arrow_schema", b"arrow_array"]


def test_a_table_of_several_batches_is_no_array(flat):
    several = pfs.table(pa.concat_tables([flat, flat]))
    assert not hasattr(several, "__arrow_c_array__")
    assert not hasattr(several["i64"], "__arrow_c_array__")
    assert pa.chunked_array(several["i64"]).num_chunks == 2


def test_requested_schema_may_be_given(table, flat):
    asked = pa.schema({"i64": pa.int64(), "text": pa.large_string()}).__arrow_c_schema__()
    assert name_of(table.__arrow_c_stream__(requested_schema=asked)) == b"arrow_array_stream"
    assert name_of(table["text"].__arrow_c_stream__(None)) == b"arrow_array_stream"


class Holder:
    """Gives one capsule, again and again."""

    def __init__(self, stream):
        self.stream = stream

    def __arrow_c_stream__(self, requested_schema=None):
        return self.stream


@pytest.mark.parametrize("take", [pa.table, pfs.table])
def test_a_capsule_is_consumed_once(table, take):
    holder = Holder(table.__arrow_c_stream__())
    assert take(holder).num_rows == 1000
    with pytest.raises(Exception) as caught:
        take(holder)
    assert not isinstance(caught.value, SystemError)


def test_a_table_is_consumed_as_often_as_wanted(table, flat):
    expected = flat.select(["i64", "text"])
    for _ in range(3):
        assert pa.table(table).equals(expected)


def test_what_was_taken_outlives_the_table(flat_path, flat):
    table = pfs.read_parquet(flat_path, columns=["text"])
    column, batch = table["text"], next(table.iter_batches())
    taken = [pa.table(table), pa.chunked_array(column), pa.array(batch["text"]), pa.record_batch(batch)]
    capsules = [table.__arrow_c_stream__(), table.__arrow_c_schema__(), column.__arrow_c_stream__()]
    del table, column, batch
    gc.collect()
    assert taken[0]["text"].equals(flat["text"]) and taken[1].equals(flat["text"])
    assert taken[2].equals(flat["text"].slice(0, len(taken[2])).combine_chunks())
    assert taken[3].column(0).equals(taken[2])
    assert pa.table(Holder(capsules[0]))["text"].equals(flat["text"])
    del capsules
    gc.collect()


def test_children_outlive_their_parents_in_any_order(flat_path, flat):
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        table = pfs.read_parquet(flat_path, columns=["i64", "text"], row_groups=[0])
        held = [table, pa.array(table["i64"]), pa.array(table["text"])]
        del table
        for index in order:
            held[index] = None
            gc.collect()
            for column, name in zip(held[1:], ("i64", "text")):
                assert column is None or column.equals(flat[name].slice(0, 300).combine_chunks())


def test_schema_first_or_array_first(flat_path, flat):
    batch = pfs.read_parquet(flat_path, row_groups=[0], columns=["i64"])
    schema, array = batch.__arrow_c_array__()
    del schema
    gc.collect()
    schema, other = batch.__arrow_c_array__()

    class Pair:
        def __arrow_c_array__(self, requested_schema=None):
            return schema, array

    assert pa.record_batch(Pair()).column(0).equals(flat["i64"].slice(0, 300).combine_chunks())
    del other


def test_unconsumed_capsules_do_not_leak(fresh, flat_path):
    code = f"""
import gc, parquetframe_swift as pfs
import resource
table = pfs.read_parquet({flat_path!r}, row_groups=[0])
column = table["text"]

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

def make(count):
    for _ in range(count):
        table.__arrow_c_stream__(); table.__arrow_c_schema__(); table.__arrow_c_array__()
        column.__arrow_c_stream__(); column.__arrow_c_array__(); table.slice(5, 10)

make(500)
gc.collect()
before = resident()
make(5000)
gc.collect()
assert not pfs._arrow._streams
print((resident() - before) >> 20)
"""
    assert int(fresh(code)) < 4


def test_tables_do_not_leak(fresh, flat_path):
    code = f"""
import gc, resource, parquetframe_swift as pfs
data = open({flat_path!r}, "rb").read()

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

def make(count):
    for _ in range(count):
        pfs.read_parquet(data).to_pydict; pfs.read_parquet(data)["i64"].__arrow_c_stream__()
        for batch in pfs.scan_parquet(data): pass

make(20)
before = resident()
make(200)
from parquetframe_swift import _source
assert not _source._live
print((resident() - before) >> 20)
"""
    assert int(fresh(code)) < 16


def test_capsules_that_live_to_the_end_of_the_process(fresh, flat_path):
    code = f"""
import parquetframe_swift as pfs
table = pfs.read_parquet({flat_path!r})
kept = [table.__arrow_c_stream__(), table.__arrow_c_schema__(), table["text"].__arrow_c_stream__()]
import sys
sys.kept = kept
print("done")
"""
    assert fresh(code) == "done\n"


def test_a_stream_may_be_pulled_from_another_thread(table, flat):
    import threading

    capsule, results = table["i64"].__arrow_c_stream__(), []
    thread = threading.Thread(target=lambda: results.append(pa.chunked_array(Holder(capsule))))
    thread.start()
    thread.join()
    assert results[0].equals(flat["i64"])


def test_a_scan_of_many_files_tells_what_failed(tmp_path, flat_path):
    """The consumer releases the stream while its exception is on the way."""
    for name in "ab":
        (tmp_path / f"{name}.parquet").write_bytes(open(flat_path, "rb").read())
    (tmp_path / "c.parquet").write_bytes(b"nothing of the kind")
    for _ in range(3):
        with pytest.raises(Exception) as caught:
            pa.table(pfs.scan_parquet(tmp_path))
        assert not isinstance(caught.value, SystemError)
    (tmp_path / "c.parquet").unlink()
    assert pa.table(pfs.scan_parquet(tmp_path)).num_rows == 2000


def test_an_abandoned_scan_frees_its_file(flat_path):
    data = bytearray(open(flat_path, "rb").read())
    capsule = pfs.scan_parquet(data).__arrow_c_stream__()
    scan = pfs.scan_parquet(data)
    next(scan)
    del scan, capsule
    gc.collect()
    data.append(0)  # BufferError while something still holds the buffer
