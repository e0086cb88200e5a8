"""RESULTS.md out of a record: who wins, then every figure."""

from __future__ import annotations

import importlib
import statistics

from peers import OURS


def render(record: dict, charts: list[str]) -> str:
    """The whole page. `charts` are file names in `charts/`."""
    parts = [_head(record)]
    if record["cases"]:
        parts += [_verdict(record["cases"]), _overview(record["cases"])]
    parts += [_startup(record["startup"])] if "startup" in record else []
    parts += [_gil(record["gil"])] if "gil" in record else []
    parts += [_native(record["native"])] if "native" in record else []
    if charts:
        parts.append("## Charts\n\n" + "\n\n".join(f"![{c}](charts/{c})" for c in charts))
    if record["cases"]:
        parts.append("## Every case\n\n" + "\n\n".join(_case(r) for r in record["cases"]))
    return "\n\n".join(parts) + "\n"


def line(result: dict) -> str:
    """One case in one line, for the terminal."""
    figures = result["figures"]
    shown = [
        f"{peer} {_milliseconds(f['wall_ms'])}" if "wall_ms" in f else f"{peer} –"
        for peer, f in figures.items()
    ]
    ratio = ratio_to_best(figures, OURS)
    tail = "" if ratio is None else f"  ({ratio:.2f} × the best peer)"
    return f"{result['case']}  threads={result['threads']}  ms: {', '.join(shown)}{tail}"


def best_peer(figures: dict) -> str | None:
    """The peer, ours apart, with the lowest median."""
    timed = {p: f["wall_ms"] for p, f in figures.items() if p != OURS and "wall_ms" in f}
    return min(timed, key=timed.get, default=None)


def ratio_to_best(figures: dict, name: str) -> float | None:
    """How many times as fast as the best peer `name` is: above 1 is faster.

    The median over the rounds of the two times of one round, so that a slow moment of the
    machine, which meets both, leaves no trace.
    """
    best = best_peer(figures)
    if best is None or "walls_ms" not in figures.get(name, {}):
        return None
    pairs = zip(figures[best]["walls_ms"], figures[name]["walls_ms"])
    return statistics.median(theirs / mine for theirs, mine in pairs)


def _head(record: dict) -> str:
    settings = record["settings"]
    versions = ", ".join(f"{_title(p)} {v}" for p, v in record["versions"].items())
    return f"""# Results

{record["date"]} · {record["machine"]} · load when it began {record["load"]:.1f}

{versions or "No engine was timed."}

Made by `Benchmarks/run` at scale {settings["scale"]:g}. Before anything is timed, every answer is compared, value by value, with what the maker of the data says is in it; an engine that differs is named and not timed. Engines run in processes of their own and are called one after the other, the order turning every round: {_count(settings["fresh"], "fresh process", "fresh processes")} for the first call and the peak memory, then {settings["rounds"]} warm rounds. The file is in the page cache. Times end when the whole answer is in memory; freeing it is not timed. *Ratio* is the speed over that of the best peer, as the median over the rounds: above 1 is faster than every peer. *Peak* is the highest resident memory of a fresh process after one read, and in brackets what of it came on top of the imported engine. *GB/s* counts the Arrow bytes of the answer in its plainest layout. CPU is user and system time of all threads."""


def _verdict(results: list[dict]) -> str:
    lost, won = [], 0
    for result in results:
        ratio = ratio_to_best(result["figures"], OURS)
        if ratio is None:
            continue
        if ratio >= 1:
            won += 1
            continue
        best = _title(best_peer(result["figures"]))
        lost.append(
            f"- **{best} wins** `{result['case']}` at {_threads(result)}: "
            f"ours has {ratio:.2f} of its speed."
        )
    if not lost and not won:
        text = "Ours was not timed in this run."
    elif not lost:
        text = f"None: ours is at least as fast as the best peer in all {won} comparisons."
    else:
        count = f"{won} of {won + len(lost)} comparisons"
        text = f"Ours is at least as fast as the best peer in {count}.\n\n" + "\n".join(lost)
    text += _means(results)
    memory = [sentence for result in results for sentence in _less_memory(result)]
    if memory:
        text += "\n\nPeak memory:\n\n" + "\n".join(memory)
    return f"## Where a peer wins\n\n{text}"


def _means(results: list[dict]) -> str:
    """The geometric mean of our ratios, for each area and number of threads."""
    groups = {}
    for result in results:
        ratio = ratio_to_best(result["figures"], OURS)
        if ratio is not None:
            area = "/".join(result["case"].split("/")[:2])
            groups.setdefault((area, _threads(result)), []).append(ratio)
    if not groups:
        return ""
    sentences = (
        f"- `{area}` at {threads}: **{statistics.geometric_mean(ratios):.2f}** over "
        f"{_count(len(ratios), 'case', 'cases')}."
        for (area, threads), ratios in groups.items()
    )
    return "\n\nGeometric mean of the ratios:\n\n" + "\n".join(sentences)


def _less_memory(result: dict) -> list[str]:
    """A sentence where a peer's peak is below ours."""
    peaks = {p: f["peak_mb"] for p, f in result["figures"].items() if "peak_mb" in f}
    least = min(peaks, key=peaks.get, default=OURS)
    if OURS not in peaks or least == OURS:
        return []
    more = peaks[OURS] / peaks[least]
    where = f"`{result['case']}` at {_threads(result)}"
    return [f"- **{_title(least)} wins** {where}: ours needs {more:.2f} times its peak."]


def _overview(results: list[dict]) -> str:
    rows = []
    for result in results:
        figures = result["figures"]
        best = best_peer(figures)
        ours, theirs = figures.get(OURS, {}), figures.get(best, {})
        rows.append(
            [
                f"`{result['case']}`",
                result["threads"],
                _milliseconds(ours.get("wall_ms")),
                f"{_title(best)} {_milliseconds(theirs['wall_ms'])}" if best else "–",
                _number(ratio_to_best(figures, OURS), ".2f", bold=True),
                _number(_quotient(theirs.get("cpu_ms"), ours.get("cpu_ms")), ".2f"),
                _number(
                    _quotient(ours.get("peak_mb"), figures.get("pyarrow", {}).get("peak_mb")), ".2f"
                ),
            ]
        )
    head = [
        "case", "threads", "ours ms", "best peer ms", "ratio", "CPU: best peer / ours",
        "peak: ours / pyarrow",
    ]  # fmt: skip
    return "## Overview\n\n" + _table(head, rows)


def _case(result: dict) -> str:
    rows = []
    for peer, figure in result["figures"].items():
        if "problem" in figure:
            rows.append([_title(peer), _plain(figure["problem"])] + [""] * 6)
            continue
        rows.append(
            [
                _title(peer),
                _milliseconds(figure["wall_ms"]),
                f"{_milliseconds(figure['low_ms'])}–{_milliseconds(figure['high_ms'])}",
                _milliseconds(figure["first_ms"]),
                _milliseconds(figure["cpu_ms"]),
                f"{figure['peak_mb']:.0f} (+{figure['peak_mb'] - figure['idle_mb']:.0f})",
                _number(ratio_to_best(result["figures"], peer), ".2f"),
                f"{result['answer_bytes'] / figure['wall_ms'] / 1e6:.2f}",
            ]
        )
    head = ["engine", "median ms", "quartiles", "first ms", "CPU ms", "peak MB", "ratio", "GB/s"]
    size = f"{result['file_bytes'] / 1e6:.1f} MB file, {result['answer_bytes'] / 1e6:.1f} MB answer"
    return f"### `{result['case']}`, {_threads(result)}\n\n{size}\n\n{_table(head, rows)}"


def _startup(startup: dict) -> str:
    rows = []
    bare = next((f["bare_ms"] for f in startup.values() if "bare_ms" in f), None)
    for peer, figure in startup.items():
        times = [_number(figure.get(key), ".1f") for key in ("min_ms", "median_ms")]
        if "problem" in figure:
            times = [_plain(figure["problem"]), ""]
        rows.append([_title(peer), *times, _number(figure.get("disk_mb"), ".1f")])
    head = ["engine", "min ms above bare", "median ms above bare", "installed MB"]
    times = {peer: f["median_ms"] for peer, f in startup.items() if "median_ms" in f}
    first = min(times, key=times.get, default=None)
    winner = f"\n\n{_title(first)} starts fastest." if OURS in times else ""
    return f"""## Cold start and size

A fresh process that imports the engine and decodes the footer of a file, above `python -c pass` ({_number(bare, ".1f")} ms). Installed size without bytecode and without other packages.{winner}

{_table(head, rows)}"""


def _gil(gil: dict) -> str:
    rows = []
    for peer, figure in gil.items():
        shares = [_number(figure.get(key), ".0%") for key in ("here", "elsewhere")]
        rows.append(
            [_title(peer), *([_plain(figure["problem"]), ""] if "problem" in figure else shares)]
        )
    head = ["engine", "while its process reads", "while another process reads"]
    return f"""## Other Python threads

Speed of a counting Python thread, of its speed alone, while another thread is in `read_parquet` with one thread. The last column is what the machine itself costs: the same read in another process.

{_table(head, rows)}"""


def _native(rows: list[dict]) -> str:
    shown = [
        [
            f"`{r['case']}`",
            f"{r['median_ns'] / 1e3:.1f}",
            f"{r['low_ns'] / 1e3:.1f}–{r['high_ns'] / 1e3:.1f}",
            f"{r['rate']:.2f} {r['unit']}",
            "not counted" if r["allocations"] is None else r["allocations"],
            r["limit"],
        ]
        for r in rows
    ]
    head = ["case", "median µs", "quartiles", "rate", "allocations", "limit"]
    return "## Native\n\n" + _table(head, shown)


def _table(head: list[str], rows: list[list]) -> str:
    """A Markdown table: the first column to the left, figures to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in lines)


def _title(peer: str | None) -> str:
    if peer is None:
        return "–"
    return "**ours**" if peer == OURS else importlib.import_module(f"peers.{peer}").TITLE


def _threads(result: dict) -> str:
    return _count(result["threads"], "thread", "threads")


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _milliseconds(value: float | None) -> str:
    """Three digits that say something: metadata takes microseconds, tables take seconds."""
    if value is None:
        return "–"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def _quotient(top: float | None, bottom: float | None) -> float | None:
    return top / bottom if top and bottom else None


def _number(value: float | None, form: str, bold: bool = False) -> str:
    if value is None:
        return "–"
    return f"**{value:{form}}**" if bold else f"{value:{form}}"


def _plain(text: str) -> str:
    """A message as one table cell."""
    return " ".join(text.replace("|", "/").split())[:160]
