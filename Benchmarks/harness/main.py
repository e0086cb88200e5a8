"""The command line: chooses what runs, runs it, hands the record to the report."""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import peers
from harness import environment, floor, gil, machine, make, native, report, startup
from harness.case import Case, all_cases, selected
from harness.measure import disagreements, measure


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 when an answer of ours is wrong or missing, or an allocation limit is broken."""
    options = _parse(arguments)
    began = time.monotonic()
    env = environment.prepare()
    record = {
        "date": date.today().isoformat(),
        "machine": machine.describe(),
        "load": machine.load(),
        "settings": {
            "scale": options.scale,
            "rounds": options.rounds,
            "fresh": options.fresh,
            "startup_runs": options.startup_runs,
        },
        "versions": {},
        "cases": [],
    }
    everything = all_cases(options.scale)
    cases = [c for c in everything if selected(c.name, options.only)]
    for case in cases:
        if case.quick or not options.quick:
            _run_case(case, options, env, record)
    sample = next(case for case in everything if case.operation == "read_parquet")
    offering = [peer for peer in options.peers if peers.offers(peer, sample.operation)]
    path, _ = make.ensure(sample.data, options.data, env)
    if selected(startup.NAME, options.only):
        _say(startup.NAME)
        record["startup"] = startup.measure(path, options.peers, options.startup_runs, env)
    if selected(gil.NAME, options.only):
        _say(gil.NAME)
        record["gil"] = gil.measure(sample, path, offering, options.gil_rounds, env)
    if options.native:
        record["native"] = native.measure(options.rounds)

    options.out.mkdir(parents=True, exist_ok=True)
    options.raw.parent.mkdir(parents=True, exist_ok=True)
    raw = options.raw
    shown = _joined(json.loads(raw.read_text()), record) if options.update else record
    raw.write_text(json.dumps(shown, indent=1))
    command = env.command("harness.charts", str(raw), str(options.out / "charts"))
    drawn = subprocess.run(command, env=env.variables, check=True, capture_output=True, text=True)
    (options.out / "RESULTS.md").write_text(report.render(shown, drawn.stdout.split()))
    _say(f"wrote {options.out / 'RESULTS.md'} after {time.monotonic() - began:.0f} s")
    return 1 if _failures(record, options.peers) else 0


def _run_case(case: Case, options: argparse.Namespace, env, record: dict) -> None:
    path, expected = make.ensure(case.data, options.data, env)
    asked = [peer for peer in options.peers if peers.offers(peer, case.operation)]
    problems = disagreements(case, path, expected, asked, max(options.threads), env)
    agreed = [peer for peer in asked if peer not in problems]
    checker = importlib.import_module(f"checkers.{case.checker}")
    common = {
        "case": case.name,
        "operation": case.operation,
        "named": case.named,
        "limit_ms": case.limit_ms,
        "answer_bytes": checker.byte_count(expected, case.arguments),
        "file_bytes": path.stat().st_size,
    }
    if case.reads_all:
        common["floor"] = floor.measure(path, common["answer_bytes"], options.fresh, env)
    for threads in [max(options.threads)] if case.once else options.threads:
        found = {peer: {"problem": problem} for peer, problem in problems.items()}
        if agreed:
            found |= measure(case, path, agreed, threads, options.rounds, options.fresh, env)
        for peer, figure in found.items():
            if "version" in figure:
                record["versions"][peer] = figure.pop("version")
        figures = {peer: found[peer] for peer in asked}
        result = {**common, "threads": threads, "figures": figures}
        record["cases"].append(result)
        _say(report.line(result))


def _joined(whole: dict, record: dict) -> dict:
    """The record of a whole run with the cases of another in the place of its own."""
    new = {(r["case"], r["threads"]): r for r in record["cases"]}
    kept = [new.pop((r["case"], r["threads"]), r) for r in whole["cases"]]
    cases = sorted([*kept, *new.values()], key=lambda r: r["case"].partition("/")[0])
    parts = {name: record[name] for name in ("startup", "gil", "native") if name in record}
    return {**whole, **parts, "versions": {**whole["versions"], **record["versions"]}, "cases": cases}


def _failures(record: dict, chosen: list[str]) -> list[str]:
    """What must not pass in silence. A peer's trouble is reported, and is no failure of ours."""
    groups = [(r["case"], r["figures"]) for r in record["cases"]]
    groups += [(name, record[name]) for name in ("startup", "gil") if name in record]
    failed = [
        f"{name}: {figures[peers.OURS]['problem']}"
        for name, figures in groups
        if peers.OURS in chosen and "problem" in figures[peers.OURS]
    ]
    failed += [
        f"{row['case']}: {row['allocations']} allocations, limit {row['limit']}"
        for row in record.get("native", [])
        if row["allocations"] is not None and row["allocations"] > row["limit"]
    ]
    for failure in failed:
        print("FAILED", failure, file=sys.stderr)
    return failed


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller cases, < 5 minutes")
    parser.add_argument("--scale", type=float, help="size of the data; 1 is 4 Mi rows")
    parser.add_argument(
        "--only", action="append", default=[], metavar="PATTERN",
        help="cases whose name holds this, or matches it as a glob; may be given again",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, help="warm calls of each peer, at least 7")
    parser.add_argument("--fresh", type=int, help="fresh processes of each peer: first calls")
    parser.add_argument("--threads", type=_numbers, default=[1, 2], help="for example 1,2")
    parser.add_argument(
        "--peers", type=_names, default=list(peers.NAMES), help="for example ours,polars"
    )
    parser.add_argument(
        "--native", action=argparse.BooleanOptionalAction,
        help="build and run pfbench; without a word, where all cases and peers run",
    )  # fmt: skip
    parser.add_argument(
        "--update", action="store_true",
        help="put what runs into the record of the last whole run, and make its page anew",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="folder of RESULTS.md and charts/")
    parser.add_argument("--data", type=Path, help="folder of the data and of results.json")
    options = parser.parse_args(arguments)
    quick = options.quick
    options.scale = options.scale or (0.25 if quick else 1.0)
    options.rounds = max(7, options.rounds or (7 if quick else 11))
    options.fresh = max(1, options.fresh or (1 if quick else 3))
    options.startup_runs = 15 if quick else 25
    options.gil_rounds = 7 if quick else 11
    options.data = options.data or environment.BENCHMARKS / "data"
    # A partial run must not replace the figures of a whole one.
    whole = not options.only and options.peers == list(peers.NAMES)
    if options.native is None:
        options.native = whole and not quick
    whole = whole or options.update
    options.out = options.out or (environment.BENCHMARKS if whole else options.data / "partial")
    options.raw = (options.data if whole else options.data / "partial") / "results.json"
    return options


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in peers.NAMES]
    if unknown:
        known = ", ".join(peers.NAMES)
        raise argparse.ArgumentTypeError(f"no peer {unknown[0]}; there are {known}")
    return names


def _say(text: str) -> None:
    print(text, flush=True)
