"""One peer in a process of its own: reads requests as JSON lines, answers with figures.

Replies leave through a copy of standard output; what a library prints goes to standard error.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import sys
import threading
import time

from harness.timed import ROW_SECONDS, Timed, settled


def main(peer_name: str, threads: str) -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        peer = importlib.import_module(f"peers.{peer_name}")
        peer.start(int(threads))
        reply = {"version": peer.version(), **_memory()}
    except NotImplementedError as error:
        reply = {"unsupported": str(error)}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    while True:
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        line = sys.stdin.readline()
        if not line:
            return
        reply = _answer(peer, json.loads(line))


def _answer(peer, request: dict) -> dict:
    try:
        operation = getattr(peer, request["operation"], None)
        if operation is None:
            raise NotImplementedError(f"no {request['operation']}")

        subject = _prepared(peer, request["prepare"], request["path"])

        def call():
            return operation(subject, **request["arguments"])

        if request["do"] == "summarise":
            checker = importlib.import_module(f"checkers.{request['checker']}")
            return {"summary": checker.summarise(call())}
        if request["do"] == "count":
            return _counting_speed(call if request["reading"] else None, request["seconds"])
        if request["do"] == "repeat":
            return {"calls": _repeat(call, request["seconds"])}
        return _timed(call, request["do"] == "call in a row")
    except NotImplementedError as error:
        return {"unsupported": str(error)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


@functools.cache
def _prepared(peer, name: str, path: str):
    """What a case is about: its file, or what the peer has made of it before."""
    return getattr(peer, f"prepare_{name}")(path) if name else path


def _timed(call, in_a_row: bool) -> dict:
    """Wall and CPU milliseconds of one call; the answer is freed after the clock has stopped.

    With `in_a_row` they are medians over calls for some time, without the first of them. A program that
    holds the clock itself makes such calls and says what it saw.
    """
    gc.collect()
    walls, cpus, memory = [], [], {}
    while not walls or in_a_row and sum(walls) < ROW_SECONDS:
        cpu, start = time.process_time(), time.perf_counter()
        answer = call()
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        own = answer.seconds if isinstance(answer, Timed) else None
        if own and answer.peak_mb:
            memory = {"peak_mb": answer.peak_mb}
        del answer
        walls += own or [wall]
        cpus.append(cpu)
        if own:
            break
    gc.collect()
    wall, cpu = (settled(walls), settled(cpus)) if in_a_row else (walls[0], cpus[0])
    return {"wall_ms": wall * 1e3, "cpu_ms": cpu * 1e3, **_memory(), **memory}


def _memory() -> dict:
    """Resident megabytes (10⁶ bytes) of this process: now, and at its highest."""
    found = {"VmRSS": 0, "VmHWM": 0}
    with open("/proc/self/status") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) * 1024 / 1e6
    return {"resident_mb": found["VmRSS"], "peak_mb": found["VmHWM"]}


def _counting_speed(call, seconds: float) -> dict:
    """Steps a second of a Python thread that counts while this one sleeps or makes calls."""
    steps, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            steps[0] += 1

    counter = threading.Thread(target=count)
    counter.start()
    time.sleep(0.02)
    first, start = steps[0], time.perf_counter()
    if call is None:
        time.sleep(seconds)
    else:
        _repeat(call, seconds)
    speed = (steps[0] - first) / (time.perf_counter() - start)
    stop.set()
    counter.join()
    return {"steps_per_second": speed}


def _repeat(call, seconds: float) -> int:
    calls, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        call()
        calls += 1
    return calls


if __name__ == "__main__":
    main(*sys.argv[1:])
