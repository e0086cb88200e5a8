"""Writes small workflow definitions with journals, which are where the fuzzer begins.

`python Tests/Fixtures/make_workflow_seeds.py`. The files are committed.
"""

import json
import pathlib

SEEDS = pathlib.Path(__file__).parent.parent / "Fuzz" / "seeds" / "workflow"


def step(name, *needs, **more):
    return {"name": name, "operation": "h", "depends_on": list(needs), **more}


def record(name, number, **more):
    return {"step": name, "key": f"@{number}", **more}


CHAIN = {"name": "w", "steps": [step("a"), step("b", "a"), step("c", "a", "b")]}
LIST = {"name": "w", "steps": [step("a"), step("b", "a", for_each="a"), step("c", "b")]}
INNER = {"name": "w", "steps": [step("a"), {"name": "b", "depends_on": "a", "workflow": CHAIN}, step("c", "b")]}
DETAILS = {
    "name": "w", "description": "d", "version": 1,
    "settings": {"max_parallel": 2, "resources": {"r": 2}, "memory_bytes": 9, "timeout": 5, "grace": 0, "seed": 1},
    "pipeline": [
        step("a", priority=3, pool="io", retries=2, timeout=1, deadline=2, on_failure="skip", cleanup=True),
        step("b", "a", when=["a", ">", 1], on_skip="continue", resources={"r": 1}, memory_bytes=3, version="2"),
        step("c", "b", retry={"attempts": 3, "first": 0.1, "factor": 2, "limit": 1, "jitter": 0.5}, reads=["x"]),
        {"name": "d", "type": "limit", "params": {"limit": 1}, "depends_on": "c"}]}
WRONG = {"name": "w", "steps": [step("a", "b"), step("b", "a"), step("a", "c", "c"), step("", "x"), {"y": 1}, 5]}
VALUES = [["void"], ["nil"], ["missing"], ["bool", "AQ=="], ["int", "NDI="], ["double", "MA=="], ["string", "w6Q="],
          ["bytes", "AAD/"], ["external", "AAE="], ["table", "MSAy"], ["list"], ["list", ["list", ["void"]], ["nil"]]]

SAMPLES = {
    "chain": (0, CHAIN, [record("a", 0, output=["external", "AAE="]), record("b", 1), record("c", 2, output=["void"])]),
    "chain_raw": (1, CHAIN, [{"format": 1, "workflow": "w"}, record("a", 0)]),
    "list": (64, LIST, [
        record("a", 0, output=["external", "AAE="]), record("b", 1, count=2),
        record("b", 1, element=0, output=["external", "AA=="]), record("b", 1, element=1)]),
    "list_hostile": (128, LIST, [
        record("a", 0, output=["external", "AAE="]), record("b", 1, count=-5), record("b", 1, element=0),
        record("b", 1, count=1 << 62), record("b", 1, element=-1), record("b", 1, element=1 << 61)]),
    "inner": (2, INNER, [record("b.a", 1, output=["external", "AAE="]), record("b", 4, output=["list", ["external"]])]),
    "details": (0, {**DETAILS, "pipeline": DETAILS["pipeline"][:3]}, [record("a", 0), record("b", 1)]),
    "details_engine": (0, DETAILS, []),
    "failing": (8 | 64, LIST, [record("a", 0, output=["void"])]),
    "unreadable": (16, CHAIN, [record("a", 0, output=["external", "AAE="])]),
    "wrong": (0, WRONG, []),
    "values": (4, {"name": "w", "steps": [step(str(n)) for n in range(10)]},
               [record(str(n), n, output=value) for n, value in enumerate(VALUES[:10])]),
    "lists": (0, CHAIN, [record("a", 0, output=VALUES[10]), record("b", 1, output=VALUES[11])]),
}

SEEDS.mkdir(parents=True, exist_ok=True)
for name, (choices, definition, journal) in SAMPLES.items():
    lines = [definition, *journal]
    text = "\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    (SEEDS / name).write_bytes(bytes([choices]) + text.encode())
