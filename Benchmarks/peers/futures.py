"""concurrent.futures of Python: steps go to a pool in their order, and wait for those that they need."""

from __future__ import annotations

import json
import time

from datasets.workflows import MODULUS

TITLE = "concurrent.futures"
DISTRIBUTIONS = ()
STARTUP = None


def start(threads: int) -> None:
    global ThreadPoolExecutor, thread_count
    from concurrent.futures import ThreadPoolExecutor

    thread_count = threads


def version() -> str:
    import platform

    return platform.python_version()


def prepare_functions(path: str):
    with open(path) as file:
        return json.load(file)


prepare_sleeps = prepare_functions


def workflow_functions(needs, **_) -> int:
    def step(number, those):
        return (number + sum(one.result() for one in those)) % MODULUS

    return sum(_run(needs, step, thread_count)) % MODULUS


def workflow_sleeps(prepared, workers: int) -> int:
    def step(_, those):
        for one in those:
            one.result()
        time.sleep(prepared["seconds"])
        return 1

    return sum(_run(prepared["needs"], step, workers))


def _run(needs: list, step, workers: int) -> list:
    """A step that waits holds a worker, but those before it have one or are done: it ends."""
    with ThreadPoolExecutor(workers) as pool:
        futures = []
        for number, those in enumerate(needs):
            futures.append(pool.submit(step, number, [futures[one] for one in those]))
        return [future.result() for future in futures]
