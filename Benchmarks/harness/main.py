"""The command line: chooses what runs, runs it, keeps its figures and makes the page."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import peers
from harness import environment, figures, floor, gil, machine, make, native, report, startup
from harness.case import Case, all_cases, selected
from harness.measure import disagreements, measure
from harness.processes import Processes

THREADS = [1, 2]


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 when an answer of ours is wrong or missing, or a limit of memory is broken."""
    options = _parse(arguments)
    began = time.monotonic()
    env = environment.prepare()
    parts = []
    for area in options.area:
        part = _measured(area, options, env)
        if part is not None:
            _keep(part, options, env)
            parts.append(part)
    shown = figures.load(options.out / "figures") if options.renews else parts
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "RESULTS.md").write_text(report.render(shown))
    _say(f"wrote {options.out / 'RESULTS.md'} after {time.monotonic() - began:.0f} s")
    return 1 if _failures(parts, options.peers) else 0


def _measured(area: str, options: argparse.Namespace, env) -> dict | None:
    """The part of `area`; None where nothing of it is asked for."""
    part = {
        "area": area,
        "date": date.today().isoformat(),
        "machine": machine.describe(),
        "load": machine.load(),
        "settings": {},
        "versions": {},
    }
    if area in OTHERS:
        name, settings, measured = OTHERS[area]
        if not selected(name, options.only):
            return None
        _say(name)
        part["settings"] = settings(options)
        return part | {area: measured(options, env)}
    part["settings"] = {"scale": options.scale, "fresh": options.fresh, "rounds": options.rounds}
    part["cases"] = []
    processes = Processes(env)
    for case in all_cases(options.scale):
        asked = figures.area_of(case.name) == area and selected(case.name, options.only)
        if asked and (case.quick or not options.quick):
            _run_case(case, options, processes, part)
    processes.close()
    return part if part["cases"] else None


def _startup(options: argparse.Namespace, env) -> dict:
    path, _ = make.ensure(_sample(options).data, options.data, env)
    return startup.measure(path, options.peers, options.startup_runs, env)


def _gil(options: argparse.Namespace, env) -> dict:
    sample = _sample(options)
    path, _ = make.ensure(sample.data, options.data, env)
    offering = [peer for peer in options.peers if peers.offers(peer, sample.operation)]
    return gil.measure(sample, path, offering, options.gil_rounds, env)


def _sample(options: argparse.Namespace) -> Case:
    return next(c for c in all_cases(options.scale) if c.operation == "read_parquet")


# Areas without cases: the name that `--only` selects, the settings, and what measures.
OTHERS = {
    "startup": (startup.NAME, lambda options: {"runs": options.startup_runs}, _startup),
    "gil": (gil.NAME, lambda options: {"rounds": options.gil_rounds}, _gil),
    "native": (
        "native",
        lambda options: {"rounds": options.rounds},
        lambda options, _: native.measure(options.rounds),
    ),
}


def _keep(part: dict, options: argparse.Namespace, env) -> None:
    """Writes the figures of an area, and its charts."""
    path = figures.save(options.out / "figures", part)
    command = env.command("harness.charts", str(path), str(options.out / "charts"))
    drawn = subprocess.run(command, env=env.variables, check=True, capture_output=True, text=True)
    part["charts"] = drawn.stdout.split()
    figures.save(options.out / "figures", part)


def _run_case(
    case: Case, options: argparse.Namespace, processes: Processes, part: dict
) -> None:
    env = processes.environment
    path, expected = make.ensure(case.data, options.data, env)
    asked = [p for p in options.peers if peers.offers(p, case.operation) and case.asks(p)]
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
    counts = [max(options.threads)] if case.once else options.threads
    by_count = {
        n: measure(case, path, asked, n, options.rounds, options.fresh, processes) for n in counts
    }
    # After what is timed, as some of these processes have a first call behind them then.
    problems = disagreements(case, path, expected, asked, max(options.threads), processes)
    for threads, found in by_count.items():
        for peer, figure in found.items():
            if "version" in figure:
                part["versions"][peer] = figure.pop("version")
        found |= {peer: {"problem": problem} for peer, problem in problems.items()}
        settled = figures.settled({peer: found[peer] for peer in asked})
        result = {**common, "threads": threads, "figures": settled}
        part["cases"].append(result)
        _say(report.line(result))


def _failures(parts: list[dict], chosen: list[str]) -> list[str]:
    """What must not pass in silence. A peer's trouble is reported, and is no failure of ours."""
    groups = [(r["case"], r["figures"]) for part in parts for r in part.get("cases", [])]
    groups += [(name, part[name]) for part in parts for name in ("startup", "gil") if name in part]
    failed = [
        f"{name}: {found[peers.OURS]['problem']}"
        for name, found in groups
        if peers.OURS in chosen and "problem" in found[peers.OURS]
    ]
    for row in (row for part in parts for row in part.get("native", [])):
        failed += [
            f"{row['case']}: {row[count]} {told}, limit {row[limit]}"
            for count, told, limit in native.COUNTS
            if (row.get(count) or 0) > row.get(limit, 0)
        ]
    for failure in failed:
        print("FAILED", failure, file=sys.stderr)
    return failed


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    known = [*dict.fromkeys(figures.area_of(c.name) for c in all_cases(1)), *OTHERS]
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller cases, < 5 minutes")
    parser.add_argument("--scale", type=float, help="size of the data; 1 is 4 Mi rows")
    parser.add_argument(
        "--area", action="append", choices=known, metavar="AREA",
        help=f"all of one area, whose part of the page is made anew; may be given again: {', '.join(known)}",
    )  # fmt: skip
    parser.add_argument(
        "--only", action="append", default=[], metavar="PATTERN",
        help="cases whose name holds this, or matches it as a glob; may be given again; the page stays",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, help="warm calls of each peer, at least 7")
    parser.add_argument("--fresh", type=int, help="fresh processes of each peer: first calls")
    parser.add_argument("--threads", type=_numbers, default=THREADS, help="for example 1,2")
    parser.add_argument(
        "--peers", type=_names, default=list(peers.NAMES), help="for example ours,polars"
    )
    parser.add_argument(
        "--native", action=argparse.BooleanOptionalAction,
        help="build and run pfbench; without a word, where all areas and peers run",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="folder of RESULTS.md, figures/ and charts/")
    parser.add_argument("--data", type=Path, help="folder of the data")
    options = parser.parse_args(arguments)
    quick = options.quick
    options.scale = options.scale or (0.25 if quick else 1.0)
    options.rounds = max(7, options.rounds or (7 if quick else 11))
    options.fresh = max(1, options.fresh or (1 if quick else 3))
    options.startup_runs = 15 if quick else 25
    options.gil_rounds = 7 if quick else 11
    options.data = options.data or environment.BENCHMARKS / "data"
    # What is not all of an area must not replace its figures.
    everything = options.peers == list(peers.NAMES) and options.threads == THREADS
    options.renews = everything and not options.only
    if options.native is None:
        options.native = options.renews and not options.area and not quick
    options.area = options.area or [area for area in known if area != "native"]
    options.area += ["native"] if options.native and "native" not in options.area else []
    default = environment.BENCHMARKS if options.renews else options.data / "partial"
    options.out = options.out or default
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
