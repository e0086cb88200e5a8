"""Cold start: whole processes, from nothing to the first answer; and the size on disk."""

from __future__ import annotations

import importlib
import os
import statistics
import subprocess
import time
from pathlib import Path

from harness.environment import Environment

NAME = "startup/metadata"


def measure(path: Path, peers: list[str], runs: int, environment: Environment) -> dict[str, dict]:
    """Milliseconds above an empty Python process to import a peer and decode one footer.

    All commands run in turn, `runs` times, the order turning by one.
    """
    sources = {"": "pass"}
    for peer in peers:
        module = importlib.import_module(f"peers.{peer}")
        if module.STARTUP is None:
            continue
        sources[peer] = f"PATH = {str(path)!r}\n{module.STARTUP}"
    problems = _disagreements(sources, environment)
    names = [name for name in sources if name not in problems]
    walls = {name: [] for name in names}
    for turn in range(runs):
        by = turn % len(names)
        for name in names[by:] + names[:by]:
            walls[name].append(_spawn(sources[name], environment))
    bare = walls.pop("")
    found = {peer: {"problem": problem} for peer, problem in problems.items()}
    for peer, times in walls.items():
        found[peer] = {
            "min_ms": min(times) - min(bare),
            "median_ms": statistics.median(times) - statistics.median(bare),
            "bare_ms": statistics.median(bare),
        }
    for peer in found:
        found[peer]["disk_mb"] = _disk_megabytes(peer, environment)
    return found


def _disagreements(sources: dict[str, str], environment: Environment) -> dict[str, str]:
    """Peers that fail, or count other columns than most do."""
    answers, problems = {}, {}
    for peer in filter(None, sources):
        command = [environment.python, "-c", sources[peer]]
        done = subprocess.run(command, env=environment.variables, capture_output=True, text=True)
        if done.returncode == 0:
            answers[peer] = done.stdout.strip()
        else:
            problems[peer] = "failed: " + (done.stderr.strip().splitlines() or ["no message"])[-1]
    if answers:
        usual = statistics.mode(answers.values())
        for peer, answer in answers.items():
            if answer != usual:
                problems[peer] = f"wrong answer: {answer} columns instead of {usual}"
    return problems


def _spawn(source: str, environment: Environment) -> float:
    """Wall milliseconds from the start of a process to its end."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    process = os.posix_spawn(
        environment.python,
        [environment.python, "-c", source],
        environment.variables,
        file_actions=quiet,
    )
    _, status = os.waitpid(process, 0)
    wall = (time.perf_counter() - start) * 1e3
    if status:
        raise RuntimeError(f"status {status} from {source!r}")
    return wall


def _disk_megabytes(peer: str, environment: Environment) -> float | None:
    done = subprocess.run(
        environment.command("harness.installed", peer),
        env=environment.variables,
        capture_output=True,
        text=True,
    )
    return float(done.stdout) if done.returncode == 0 else None
