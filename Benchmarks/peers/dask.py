"""dask: its scheduler on threads, given the graph as it stands."""

from __future__ import annotations

import json
import time

from datasets.workflows import MODULUS

TITLE = "dask"
DISTRIBUTIONS = ("dask",)
STARTUP = None


def start(threads: int) -> None:
    global module, get, thread_count
    import dask as module
    from dask.threaded import get

    thread_count = threads


def version() -> str:
    return module.__version__


def prepare_functions(path: str):
    def step(number, *those):
        return (number + sum(those)) % MODULUS

    with open(path) as file:
        needs = json.load(file)
    return {f"s{number}": (step, number, *_names(those)) for number, those in enumerate(needs)}


def prepare_sleeps(path: str):
    with open(path) as file:
        prepared = json.load(file)

    def step(*_):
        time.sleep(prepared["seconds"])
        return 1

    return {f"s{number}": (step, *_names(those)) for number, those in enumerate(prepared["needs"])}


def workflow_functions(graph, **_) -> int:
    return sum(get(graph, list(graph), num_workers=thread_count)) % MODULUS


def workflow_sleeps(graph, workers: int) -> int:
    return sum(get(graph, list(graph), num_workers=workers))


def _names(numbers: list) -> list:
    return [f"s{number}" for number in numbers]
