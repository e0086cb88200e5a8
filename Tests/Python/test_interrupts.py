"""Ctrl-C, cancellation, and the interpreter lock."""

import ctypes
import io
import pathlib
import threading
import time

import pytest

import parquetframe_swift as pfs


class Slow(io.BytesIO):
    """A file behind a slow line."""

    def read(self, count=-1):
        time.sleep(0.01)
        return super().read(min(count, 64))


def test_ctrl_c_stops_within_a_tenth_of_a_second(fresh, flat_path):
    code = f"""
import _thread, io, os, signal, threading, time, pathlib
import parquetframe_swift as pfs

class Slow(io.BytesIO):
    def read(self, count=-1):
        time.sleep(0.01)
        return super().read(min(count, 64))

data = pathlib.Path({flat_path!r}).read_bytes()
pfs.row_count(data)
for call in (lambda: pfs.read_parquet(Slow(data)), lambda: list(pfs.scan_parquet(Slow(data)))):
    sent = []
    def strike():
        time.sleep(0.3)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=strike).start()
    try:
        call()
    except KeyboardInterrupt:
        print(time.perf_counter() - sent[0] < 0.15)
    else:
        print("was not stopped")
print(pfs.row_count(data))
"""
    assert fresh(code).split() == ["True", "True", "1000"]


def test_ctrl_c_stops_a_long_read_of_a_file(fresh, tmp_path):
    """Either the read was done before the signal, or it stopped at once."""
    import numpy
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = numpy.random.default_rng(1).integers(0, 2**60, 4_000_000)
    path = str(tmp_path / "long.parquet")
    pq.write_table(pa.table({name: values for name in "abcd"}), path, use_dictionary=False)
    code = f"""
import os, signal, threading, time
import parquetframe_swift as pfs
sent = []
def strike():
    time.sleep(0.02)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
thread = threading.Thread(target=strike)
try:
    thread.start()
    for _ in range(100):
        pfs.read_parquet({path!r}, threads=1)
except KeyboardInterrupt:
    print(time.perf_counter() - sent[0] < 0.15)
print(pfs.row_count({path!r}))
"""
    assert fresh(code).split() == ["True", "4000000"]


@pytest.mark.parametrize("call", [
    "pfs.read_parquet(path)", "list(pfs.scan_parquet(path, batch_size=100))", "pfs.read_parquet([path] * 3)",
    "pfs.table(table)", "table.to_pydict()"])
def test_no_ctrl_c_is_lost_whenever_it_comes(fresh, flat_path, call):
    """Python drops what is raised in a finalizer, or as a callback begins."""
    code = f"""
import os, random, signal, threading, time
import parquetframe_swift as pfs
path = {flat_path!r}
table = pfs.read_parquet(path)
random.seed(1)
lost = 0
for _ in range(100):
    sent = []
    def strike():
        time.sleep(random.random() / 200)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
    thread = threading.Thread(target=strike)
    try:
        thread.start()
        while not sent or time.perf_counter() - sent[0] < 2:
            {call}
        lost += 1
    except KeyboardInterrupt:
        pass
    thread.join()
print(lost)
"""
    assert fresh(code) == "0\n"


def test_the_interpreter_ends_after_the_calls_that_were_left_behind(fresh, tmp_path):
    """Native threads that call Python back while it goes away would not survive that."""
    import numpy
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = str(tmp_path / "long.parquet")
    values = numpy.random.default_rng(1).integers(0, 2**60, 300_000)
    pq.write_table(pa.table({name: values for name in "abcd"}), path, use_dictionary=False)
    code = f"""
import io, os, pathlib, signal, threading, time
import parquetframe_swift as pfs

class Slow(io.BytesIO):
    def read(self, count=-1):
        time.sleep(0.2)
        return super().read(min(count, 1 << 16))

class Late:
    # Comes when modules are taken apart, and keeps the interpreter until the reads would come back.
    def __init__(self):
        from parquetframe_swift._cancel import _left_behind
        self.left_behind = _left_behind

    def __del__(self, sleep=time.sleep):
        sleep(0.5)
        print(all(done.acquire(False) for done in self.left_behind))

def strike():
    time.sleep(0.9)
    os.kill(os.getpid(), signal.SIGINT)

late = Late()
threading.Thread(target=strike).start()
try:
    pfs.read_parquet(Slow(pathlib.Path({path!r}).read_bytes()), threads=2)
except KeyboardInterrupt:
    print("stopped")
"""
    assert fresh(code) == "stopped\nTrue\n"


def test_a_token_stops_a_read_from_another_thread(flat_path):
    token = pfs.CancellationToken()
    assert token.is_cancelled() is False
    timer = threading.Timer(0.2, token.cancel)
    timer.start()
    start = time.perf_counter()
    with pytest.raises(pfs.CancelledError):
        pfs.read_parquet(Slow(pathlib.Path(flat_path).read_bytes()), cancel=token)
    assert time.perf_counter() - start < 5
    assert token.is_cancelled() is True and "cancelled" in repr(token)


def test_a_cancelled_token_stops_at_once(flat_path):
    token = pfs.CancellationToken()
    token.cancel()
    with pytest.raises(pfs.CancelledError):
        pfs.read_parquet(flat_path, cancel=token)
    with pytest.raises(pfs.CancelledError):
        list(pfs.scan_parquet(flat_path, cancel=token))
    with pytest.raises(TypeError, match="CancellationToken"):
        pfs.read_parquet(flat_path, cancel=True)


def test_reads_work_off_the_main_thread(flat_path):
    results = []

    def work():
        results.append(pfs.read_parquet(io.BytesIO(pathlib.Path(flat_path).read_bytes())).num_rows)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [1000]


def test_errors_of_a_helper_thread_come_out_once(flat_path):
    with pytest.raises(KeyError, match="nothing like it"):
        pfs.read_parquet(io.BytesIO(pathlib.Path(flat_path).read_bytes()), columns=["nothing like it"])


def test_calls_give_up_the_interpreter_lock():
    from parquetframe_swift import _ffi

    # PyDLL, and functions made by it, would hold the lock for the length of a call.
    assert type(_ffi.library()) is ctypes.CDLL
    assert not _ffi.library()._func_flags_ & ctypes._FUNCFLAG_PYTHONAPI
