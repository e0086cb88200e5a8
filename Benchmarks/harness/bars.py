"""What is asked of this engine, and whether the figures of a run give it."""

from __future__ import annotations

import statistics

from harness import words
from harness.figures import area_of
from harness.ratios import CALLS, best_peer, least, over, quotient, ratio_to_best
from peers import OURS

MEAN = 1.5
# The cases that a bar names, by how their names begin, and what they are.
AREAS = {
    "parquet": "a mixed table with every codec, numbers, every encoding, text, lists, structs, and parts of a file",
    "avro": "flat, nested, map and union records with each codec",
    "csv": "a mixed table of 200 MB, numbers of both kinds, quoted text, 500 columns, times, and 3 of 50 columns",
}
# Calls that an area's speed is judged by; others are known.
JUDGED_CALLS = {"parquet": ("warm", "first"), "csv": ("warm",), "avro": ("warm",)}
# What each case of an area has to reach over the best peer.
LEAST = {"parquet": 1.0, "csv": 1.0, "avro": 1.5}
# Rows as Python objects, a second thread, and a count beside a read of the same file, all of Avro.
ROWS_RATIO, THREADS_RATIO, COUNT_RATIO = 30, 1.7, 100
# Peak memory in megabytes: above the answer, and for each thread a page as pyarrow writes them.
READ_ABOVE_ANSWER, PAGE = 64, (1 << 20) / 1e6
SCANS = {"scan_parquet": 200, "scan_csv": 150}
METADATA_RATIO = 2.0
# Native runs of workflows: microseconds a step, its growth in runs of ten times as many, and what a
# second processor gives.
STEP_MICROSECONDS = {"run": 1, "build-run": 2}
STEP_GROWTH, COMPUTING_RATIO = 1.5, 1.9
METADATA_PEERS = ("polars", "pyarrow")
# Kernels of graphs: the least speed over the fastest of some peers.
GRAPHS = (
    ("bfs", ("gapbs",), 1.0),
    ("components", ("gapbs",), 1.0),
    ("paths", ("gapbs",), 1.0),
    ("paths", ("scipy",), 3.0),
    ("pagerank", ("igraph", "networkit"), 1.2),
    ("pagerank", ("gapbs",), 0.9),
    ("triangles", ("gapbs",), 1.0),
    ("strong", ("scipy",), 2.0),
    ("cores", ("igraph",), 2.0),
    ("build", ("scipy",), 1.5),
)
# The memory of a process that makes a graph and runs a kernel, over that of GAPBS.
GRAPH_MEMORY = 1.3


def render(cases: list[dict], native: list[dict]) -> str:
    """The first section of the page: one row per bar, one column per number of threads."""
    counts = list(dict.fromkeys(result["threads"] for result in cases))
    by_count = {n: [r for r in cases if r["threads"] == n] for n in counts}
    rows = []
    for name, wanted, judge in _bars(cases):
        cells = [judge(by_count[n]) or "–" for n in counts]
        if any(cell != "–" for cell in cells):
            rows.append([name, wanted, *cells])
    for name, wanted, by_threads in _workflow_bars(native):
        rows.append([name, wanted, *(by_threads.get(n, "–") for n in counts)])
    heads = [words.count(n, "thread", "threads") for n in counts]
    named = {r["case"] for r in cases if r["named"]}
    counts_of = {area: sum(area_of(case) == area for case in named) for area in AREAS}
    told = "; ".join(
        f"of {area}, {words.count(counts_of[area], 'case', 'cases')}: {what}"
        for area, what in AREAS.items()
        if counts_of[area]
    )
    text = f"""The mean and the slower cases are over what the bars name ({told or "none in this run"}). Memory is the whole process, interpreter included. The floor is writing the answer's bytes once and reading the file's once."""
    return f"## Bars\n\n{text}\n\n{words.table(['bar', 'wanted', *heads], rows)}"


def _workflow_bars(native: list[dict]):
    """Triples of name, what is wanted, and what each number of threads gives.

    Names of the cases end in who runs the workflow and its threads: `…/tasks=2`.
    """

    def steps(kind: str, count: str) -> dict[str, float]:
        """Microseconds a step, by case without `count`."""
        rows = [r for r in native if r["case"].startswith(f"workflow/{kind}/")]
        counted = f"/{count}/"
        return {r["case"].replace(counted, "/"): 1 / r["rate"] for r in rows if counted in r["case"]}

    def most(found: dict[str, float], limit: float) -> dict[int, str]:
        by_threads = {}
        for case, value in found.items():
            by_threads.setdefault(int(case.rpartition("=")[2]), []).append(value)
        worst = {threads: max(values) for threads, values in by_threads.items()}
        return {n: _judged(f"{value:.3g}", value <= limit) for n, value in worst.items()}

    for kind, told in (("run", "a run"), ("build-run", "making and running")):
        if short := steps(kind, "10k"):
            limit = STEP_MICROSECONDS[kind]
            yield f"workflow: most µs for an empty step of {told}", f"≤ {limit:g}", most(short, limit)
    short, long = steps("run", "10k"), steps("run", "100k")
    if growth := {case: long[case] / short[case] for case in long.keys() & short.keys()}:
        name = "workflow: most time of a step among 100 000 over one among 10 000"
        yield name, f"≤ {STEP_GROWTH:g}", most(growth, STEP_GROWTH)
    if held := {r["case"]: r["held_bytes"] for r in native if r.get("held_bytes")}:
        yield "workflow: most bytes held for a step among 100 000", "≤ 1024", most(held, 1024)
    times = {r["case"]: r["median_ns"] for r in native if r["case"].startswith("workflow/compute/")}
    if gains := [time / times[c[:-1] + "2"] for c, time in times.items() if c.endswith("=1")]:
        name = "workflow: least speed of ten steps that compute, of two threads over one"
        judged = _judged(f"{min(gains):.2f}", min(gains) >= COMPUTING_RATIO)
        yield name, f"≥ {COMPUTING_RATIO}", {2: judged}


def above_answer(result: dict) -> float | None:
    """Megabytes of our peak that are not the answer; None where the case has no such bar."""
    peak = result["figures"].get(OURS, {}).get("peak_mb")
    if not result["operation"].startswith("read_") or peak is None:
        return None
    return peak - result["answer_bytes"] / 1e6


def allowance(result: dict) -> float:
    return READ_ABOVE_ANSWER + PAGE * result["threads"]


def _bars(results: list[dict]):
    """Triples of name, what is wanted, and a function of the results of one thread count."""
    for area in AREAS:
        for call in CALLS:
            calls, judged = f"{area}, {call} calls", call in JUDGED_CALLS[area]
            yield (
                f"{calls}: speed over the best peer, geometric mean",
                f"≥ {MEAN}" if judged else "known",
                _mean_of(area, call, judged),
            )
            yield (
                f"{calls}: cases below {LEAST[area]:g} of the best peer",
                "0" if judged else "known",
                _slower_of(area, call, judged),
            )
    yield "avro: least speed over rows of fastavro", f"≥ {ROWS_RATIO}", _rows
    yield (
        "avro: speed of two threads over one, geometric mean",
        f"≥ {THREADS_RATIO}",
        lambda two: _threads(results, two),
    )
    yield "avro: a record count over a read of the same file", f"≥ {COUNT_RATIO}", _count
    yield "CPU over the floor, geometric mean: ours (least of the peers)", "known", _floor
    yield (
        f"reads with a peak above answer + {READ_ABOVE_ANSWER} MB + a page per thread", "0", _memory
    )  # fmt: skip
    for operation, limit in SCANS.items():
        yield f"peak of `{operation}` over 1 GB", f"< {limit} MB", _scan_of(operation, limit)
    for name in dict.fromkeys(r["case"] for r in results if r["limit_ms"]):
        limit = next(r["limit_ms"] for r in results if r["case"] == name)
        yield f"`{name}`", f"≤ {limit:g} ms", _limit_of(name, limit)
    peers = " and ".join(METADATA_PEERS)
    yield f"metadata: least speed over {peers}", f"≥ {METADATA_RATIO:g}", _metadata
    for kernel, others, wanted in GRAPHS:
        told = " and ".join(words.title(other) for other in others)
        yield f"graph: least speed of `{kernel}` over {told}", f"≥ {wanted:g}", _graph(kernel, others, wanted)
    yield "graph: most memory for a graph and a kernel, over GAPBS", f"≤ {GRAPH_MEMORY:g}", _graph_memory


def _judged(text: str, met: bool) -> str:
    return f"{text}, met" if met else f"**{text}, missed**"


def _mean_of(area: str, call: str, judged: bool):
    def judge(results: list[dict]) -> str | None:
        found = _named_ratios(results, area, call)
        if not found:
            return None
        mean = statistics.geometric_mean(found)
        return _judged(f"{mean:.2f}", mean >= MEAN) if judged else f"{mean:.2f}"

    return judge


def _slower_of(area: str, call: str, judged: bool):
    def judge(results: list[dict]) -> str | None:
        found = _named_ratios(results, area, call)
        slower = sum(one < LEAST[area] for one in found)
        if not found:
            return None
        told = f"{slower} of {len(found)}"
        return _judged(told, slower == 0) if judged else told

    return judge


def _named_ratios(results: list[dict], area: str, call: str) -> list[float]:
    named = (r for r in results if r["named"] and area_of(r["case"]) == area)
    found = (ratio_to_best(r["figures"], OURS, call) for r in named)
    return [one for one in found if one is not None]


def _rows(results: list[dict]) -> str | None:
    rows = (r for r in results if r["operation"] == "read_avro_rows")
    found = [over(r["figures"], "fastavro") for r in rows]
    found = [one for one in found if one is not None]
    return _judged(f"{min(found):.0f}", min(found) >= ROWS_RATIO) if found else None


def _threads(everything: list[dict], results: list[dict]) -> str | None:
    """Of the named cases of Avro, as they were with one thread and are with two."""

    def walls(of: list[dict], count: int) -> dict[str, float]:
        named = (r for r in of if r["named"] and area_of(r["case"]) == "avro" and r["threads"] == count)
        return {r["case"]: r["figures"].get(OURS, {}).get("wall_ms") for r in named}

    one, two = walls(everything, 1), walls(results, 2)
    found = [quotient(one.get(case), wall) for case, wall in two.items()]
    found = [each for each in found if each is not None]
    if not found:
        return None
    mean = statistics.geometric_mean(found)
    return _judged(f"{mean:.2f}", mean >= THREADS_RATIO)


def _count(results: list[dict]) -> str | None:
    walls = {
        r["operation"]: r["figures"].get(OURS, {}).get("wall_ms")
        for r in results
        if r["case"].startswith(("avro/count/", "avro/counted/"))
    }
    found = quotient(walls.get("read_avro"), walls.get("avro_record_count"))
    return _judged(f"{found:.0f}", found >= COUNT_RATIO) if found else None


def _floor(results: list[dict]) -> str | None:
    ours, theirs = [], []
    for result in results:
        floor = result.get("floor", {}).get("cpu_ms")
        mine = quotient(result["figures"].get(OURS, {}).get("cpu_ms"), floor)
        other = quotient(least(result["figures"], "cpu_ms")[1], floor)
        if mine and other:
            ours.append(mine)
            theirs.append(other)
    if not ours:
        return None
    return f"{statistics.geometric_mean(ours):.2f} ({statistics.geometric_mean(theirs):.2f})"


def _memory(results: list[dict]) -> str | None:
    found = [(above_answer(r), allowance(r)) for r in results]
    found = [(above, allowed) for above, allowed in found if above is not None]
    larger = sum(above > allowed for above, allowed in found)
    return _judged(f"{larger} of {len(found)}", larger == 0) if found else None


def _scan_of(operation: str, limit: int):
    def judge(results: list[dict]) -> str | None:
        scans = (r["figures"].get(OURS, {}) for r in results if r["operation"] == operation)
        peaks = [figure["peak_mb"] for figure in scans if "peak_mb" in figure]
        return _judged(f"{max(peaks):.0f} MB", max(peaks) < limit) if peaks else None

    return judge


def _limit_of(name: str, limit: float):
    def judge(results: list[dict]) -> str | None:
        figures = next((r["figures"] for r in results if r["case"] == name), {})
        wall = figures.get(OURS, {}).get("wall_ms")
        return None if wall is None else _judged(f"{wall:.3g} ms", wall <= limit)

    return judge


def _graph(kernel: str, others: tuple, wanted: float):
    def judge(results: list[dict]) -> str | None:
        found = {}
        for result in results:
            if result["case"].startswith(f"graph/{kernel}/"):
                figures = {p: f for p, f in result["figures"].items() if p in others}
                speed = over(figures, best_peer(figures))
                if speed is not None:
                    found[result["case"].rpartition("/")[2]] = speed
        if not found:
            return None
        graph = min(found, key=found.get)
        return _judged(f"{found[graph]:.2f} ({graph})", found[graph] >= wanted)

    return judge


def _graph_memory(results: list[dict]) -> str | None:
    found = {}
    for result in results:
        if result["case"].startswith("graph/memory/"):
            ours, theirs = (result["figures"].get(p, {}).get("peak_mb") for p in (OURS, "gapbs"))
            if ours and theirs:
                found[result["case"].split("/")[2]] = ours / theirs
    if not found:
        return None
    kernel = max(found, key=found.get)
    return _judged(f"{found[kernel]:.2f} ({kernel})", found[kernel] <= GRAPH_MEMORY)


def _metadata(results: list[dict]) -> str | None:
    found = []
    for result in results:
        if not result["case"].startswith("metadata/"):
            continue
        figures = {p: f for p, f in result["figures"].items() if p in METADATA_PEERS}
        found.append(over(figures, best_peer(figures)))
    found = [one for one in found if one is not None]
    return _judged(f"{min(found):.2f}", min(found) >= METADATA_RATIO) if found else None
