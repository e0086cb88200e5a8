"""Times and answers: one case over all peers, in turn."""

from __future__ import annotations

import importlib
import statistics
from pathlib import Path

from harness.case import Case
from harness.processes import Processes

# The warm calls that a peer makes at least, and the milliseconds after which it makes no more.
FEWEST_WARM, WARM_MS = 3, 5_000


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """First quartile, median, third quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def disagreements(
    case: Case, path: Path, expected: dict, peers: list[str], threads: int, processes: Processes
) -> dict[str, str]:
    """What is wrong with a peer, for each that fails or answers otherwise than the data's maker."""
    checker = importlib.import_module(f"checkers.{case.checker}")
    found = {}
    for peer in peers:
        with processes.running(case, path, [peer], threads) as running:
            reply = running[peer].ask("summarise", case, path)
            if reply is None:
                found[peer] = running[peer].problem
                continue
            wrong = checker.differences(expected, reply["summary"], case.arguments)
            if wrong:
                found[peer] = "wrong answer: " + "; ".join(wrong)
    return found


def measure(
    case: Case,
    path: Path,
    peers: list[str],
    threads: int,
    rounds: int,
    fresh: int,
    processes: Processes,
) -> dict[str, dict]:
    """Figures of each peer at one thread count.

    `fresh` times all peers start anew and make one call each: that gives the first-call times
    and the peak memory. The last of these processes then make `rounds` warm calls each; a peer whose
    calls take seconds makes fewer. Within every pass the peers are called one after the other, and
    the order turns by one. Of kernels that share a graph in memory many calls in a row count as one.
    """
    if case.once:
        fresh, rounds = 1, 0
    # Before a kernel on a graph its process was idle and another engine had the caches, while GAPBS has
    # just read its graph; and the first milliseconds after some idle time are slow ones.
    warm = "call in a row" if case.keeps else "call"
    if case.keeps:
        fresh = 1
    figures = {peer: {"first": [], "warm": []} for peer in peers}
    for attempt in range(fresh):
        with processes.running(case, path, peers, threads) as running:
            for peer in _turned(peers, attempt):
                _record(running[peer].ask("call", case, path), figures[peer]["first"])
            if attempt == fresh - 1:
                for turn in range(rounds):
                    for peer in _turned(peers, turn):
                        if not _is_enough(figures[peer]["warm"]):
                            _record(running[peer].ask(warm, case, path), figures[peer]["warm"])
            for peer, process in running.items():
                figures[peer]["version"] = process.version
                if not case.keeps:
                    figures[peer]["idle_mb"] = process.idle_mb
                if process.problem:
                    figures[peer]["problem"] = process.problem
    return {peer: _summary(figure) for peer, figure in figures.items()}


def _is_enough(warm: list[dict]) -> bool:
    """Whether more calls of a slow peer would tell little for their time."""
    return len(warm) >= FEWEST_WARM and sum(call["wall_ms"] for call in warm) >= WARM_MS


def _turned(peers: list[str], by: int) -> list[str]:
    by %= len(peers)
    return peers[by:] + peers[:by]


def _record(reply: dict | None, into: list[dict]) -> None:
    if reply is not None:
        into.append(reply)


def _summary(figure: dict) -> dict:
    if "problem" in figure:
        return {"problem": figure["problem"]}
    first, warm = figure["first"], figure["warm"]
    found = {
        "version": figure["version"],
        "firsts_ms": [call["wall_ms"] for call in first],
        "first_ms": statistics.median(call["wall_ms"] for call in first),
        "first_cpu_ms": statistics.median(call["cpu_ms"] for call in first),
    }
    if "idle_mb" in figure:
        found["peak_mb"] = statistics.median(call["peak_mb"] for call in first)
        found["idle_mb"] = figure["idle_mb"]
    if warm:
        walls = [call["wall_ms"] for call in warm]
        low, middle, high = quartiles(walls)
        found |= {
            "walls_ms": walls,
            "wall_ms": middle,
            "low_ms": low,
            "high_ms": high,
            "cpu_ms": statistics.median(call["cpu_ms"] for call in warm),
        }
    return found
