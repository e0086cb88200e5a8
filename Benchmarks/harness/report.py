"""RESULTS.md out of the figures of all areas: who wins, then every figure."""

from __future__ import annotations

from harness import bars, words
from harness.ratios import CALLS, best_peer, least, quotient, ratio_to_best
from peers import OURS


TITLES = {"csv": "CSV", "startup": "Cold start and size", "gil": "Other Python threads"}
# What counts among the settings of a part are called, one and many.
SETTINGS = {
    "fresh": ("fresh process", "fresh processes"),
    "rounds": ("warm round", "warm rounds"),
    "runs": ("run", "runs"),
}


def render(parts: list[dict]) -> str:
    """The whole page."""
    cases = [result for part in parts for result in part.get("cases", [])]
    sections = [HEAD]
    if cases:
        native = [row for part in parts for row in part.get("native", [])]
        sections += [bars.render(cases, native), _verdict(cases)]
    return "\n\n".join(sections + [_part(part) for part in parts]) + "\n"


def line(result: dict) -> str:
    """One case in one line, for the terminal."""
    figures = result["figures"]
    shown = [
        f"{peer} {words.milliseconds(f.get('wall_ms', f.get('first_ms')))}"
        for peer, f in figures.items()
    ]
    ratios = ((call, ratio_to_best(figures, OURS, call)) for call in CALLS)
    told = ", ".join(f"{call} {ratio:.2f}" for call, ratio in ratios if ratio is not None)
    tail = f"  (× the best peer: {told})" if told else ""
    return f"{result['case']}  threads={result['threads']}  ms: {', '.join(shown)}{tail}"


HEAD = """# Results

Made by `Benchmarks/run`. Each area says when, on which machine, at which scale and with how many calls it was measured; a run of one area leaves the figures of the others as they are. Every answer is compared, value by value, with what the maker of the data says is in it; an engine that differs is named and its times are not shown. Engines run in processes of their own and are called one after the other, the order turning every round: fresh processes for the first call and the peak memory, then warm rounds, of which one whose calls take seconds makes three. A process that has a graph in memory serves all kernels on it: the first call is the first of that kernel there, and a warm round is the median of calls for a fifth of a second, without the first. The file is in the page cache. Times end when the whole answer is in memory; freeing it is not timed. *Ratio* is the speed over that of the best peer, as the median over the rounds: above 1 is faster than every peer. *Peak* is the highest resident memory of a fresh process after one read, and in brackets what of it came on top of the imported engine. *GB/s* counts the Arrow bytes of the answer in its plainest layout. CPU is user and system time of all threads."""


def _part(part: dict) -> str:
    """All of one area."""
    area, cases = part["area"], part.get("cases")
    sections = [f"## {TITLES.get(area, area.capitalize())}", _measured(part)]
    if cases:
        sections += filter(None, [_overview(cases), _floor(cases), _memory(cases)])
    for name, told in (("startup", _startup), ("gil", _gil), ("native", _native)):
        sections += [told(part[name])] if name in part else []
    if charts := part.get("charts"):
        title = "### Charts\n\n" if cases else ""
        sections.append(title + "\n\n".join(f"![{c}](charts/{c})" for c in charts))
    if cases:
        sections.append("### Every case\n\n" + "\n\n".join(_case(r) for r in cases))
    return "\n\n".join(sections)


def _measured(part: dict) -> str:
    """When, where and how."""
    settings = part["settings"]
    told = [part["date"], part["machine"], f"load when it began {part['load']:.1f}"]
    told += [f"scale {settings['scale']:g}"] if "scale" in settings else []
    told += [words.count(settings[k], *names) for k, names in SETTINGS.items() if k in settings]
    versions = ", ".join(f"{words.title(p)} {v}" for p, v in part["versions"].items())
    return " · ".join(told) + (f"\n\n{versions}" if versions else "")


def _verdict(results: list[dict]) -> str:
    """Sentences about every case that a peer wins; those the bars do not name too."""
    parts = []
    for call in CALLS:
        lost, won = [], 0
        for result in results:
            ratio = ratio_to_best(result["figures"], OURS, call)
            if ratio is None:
                continue
            if ratio >= 1:
                won += 1
                continue
            best = words.title(best_peer(result["figures"], call))
            lost.append(
                f"- **{best} wins** `{result['case']}` at {words.threads(result)}: "
                f"ours has {ratio:.2f} of its speed."
            )
        if not lost and not won:
            continue
        text = f"{call.capitalize()} calls. "
        if lost:
            text += f"Ours is at least as fast as the best peer in {won} of {won + len(lost)} comparisons.\n\n"
        else:
            text += f"None: ours is at least as fast as the best peer in all {won} comparisons."
        parts.append(text + "\n".join(lost))
    return "## Where a peer wins\n\n" + (
        "\n\n".join(parts) or "Ours was not timed in this run."
    )


def _overview(results: list[dict]) -> str:
    rows = []
    for result in results:
        figures = result["figures"]
        row = [f"`{result['case']}`", result["threads"]]
        for call, key in (("warm", "wall_ms"), ("first", "first_ms")):
            best = best_peer(figures, call)
            row += [
                words.milliseconds(figures.get(OURS, {}).get(key)),
                f"{words.title(best)} {words.milliseconds(figures[best][key])}" if best else "–",
                words.number(ratio_to_best(figures, OURS, call), ".2f", bold=True),
            ]
        rows.append(row)
    head = [
        "case", "threads", "warm: ours ms", "best peer ms", "ratio", "first: ours ms",
        "best peer ms", "ratio",
    ]  # fmt: skip
    return "### Overview\n\n" + words.table(head, rows)


def _floor(results: list[dict]) -> str | None:
    rows = []
    for result in results:
        row = [f"`{result['case']}`", result["threads"]]
        for key in ("cpu_ms", "first_cpu_ms"):
            floor = result.get("floor", {}).get(key)
            peer, theirs = least(result["figures"], key)
            ours = quotient(result["figures"].get(OURS, {}).get(key), floor)
            over = words.number(quotient(theirs, floor), ".2f")
            row += [
                words.milliseconds(floor),
                words.number(ours, ".2f", bold=True),
                f"{words.title(peer)} {over}",
            ]
        if "floor" in result:
            rows.append(row)
    if not rows:
        return None
    head = [
        "case", "threads", "warm: floor ms", "ours / floor", "least peer / floor",
        "first: floor ms", "ours / floor", "least peer / floor",
    ]  # fmt: skip
    return f"""### CPU beside the floor

CPU time of one call as a multiple of the floor, which is measured in the same run: `memset` over as many bytes as the answer has, and the file's bytes copied out of the page cache. For a first call the memory is fresh, and its pages are huge or small, whichever took less.

{words.table(head, rows)}"""


def _memory(results: list[dict]) -> str | None:
    rows = []
    for result in results:
        above = bars.above_answer(result)
        if above is None:
            continue
        peer, peak = least(result["figures"], "peak_mb")
        allowed = bars.allowance(result)
        rows.append(
            [
                f"`{result['case']}`",
                result["threads"],
                f"{result['figures'][OURS]['peak_mb']:.0f}",
                f"{result['answer_bytes'] / 1e6:.0f}",
                f"{above:.0f}" if above <= allowed else f"**{above:.0f}**",
                "within" if above <= allowed else f"**above {allowed:.0f}**",
                f"{words.title(peer)} {words.number(peak, '.0f')}",
            ]
        )
    if not rows:
        return None
    head = [
        "case", "threads", "our peak MB", "answer MB", "peak − answer MB", "bar",
        "least peer's peak MB",
    ]  # fmt: skip
    return "### Peak memory\n\n" + words.table(head, rows)


def _peak(figure: dict) -> str:
    if "peak_mb" not in figure:
        return "–"
    return f"{figure['peak_mb']:.0f} (+{figure['peak_mb'] - figure['idle_mb']:.0f})"


def _case(result: dict) -> str:
    rows = []
    for peer, figure in result["figures"].items():
        if "problem" in figure:
            rows.append([words.title(peer), words.plain(figure["problem"])] + [""] * 7)
            continue
        wall = figure.get("wall_ms")
        spread = "–"
        if wall is not None:
            ends = (words.milliseconds(figure[end]) for end in ("low_ms", "high_ms"))
            spread = "–".join(ends)
        rows.append(
            [
                words.title(peer),
                words.milliseconds(wall),
                spread,
                words.number(ratio_to_best(result["figures"], peer), ".2f"),
                words.milliseconds(figure["first_ms"]),
                words.number(ratio_to_best(result["figures"], peer, "first"), ".2f"),
                words.milliseconds(figure.get("cpu_ms")),
                _peak(figure),
                words.number(quotient(result["answer_bytes"] / 1e6, wall), ".2f"),
            ]
        )
    head = [
        "engine", "median ms", "quartiles", "ratio", "first ms", "first ratio", "CPU ms",
        "peak MB", "GB/s",
    ]  # fmt: skip
    size = f"{result['file_bytes'] / 1e6:.1f} MB file, {result['answer_bytes'] / 1e6:.1f} MB answer"
    heading = f"#### `{result['case']}`, {words.threads(result)}"
    return f"{heading}\n\n{size}\n\n{words.table(head, rows)}"


def _startup(startup: dict) -> str:
    rows = []
    bare = next((f["bare_ms"] for f in startup.values() if "bare_ms" in f), None)
    for peer, figure in startup.items():
        times = [words.number(figure.get(key), ".1f") for key in ("min_ms", "median_ms")]
        if "problem" in figure:
            times = [words.plain(figure["problem"]), ""]
        rows.append([words.title(peer), *times, words.number(figure.get("disk_mb"), ".1f")])
    head = ["engine", "min ms above bare", "median ms above bare", "installed MB"]
    times = {peer: f["median_ms"] for peer, f in startup.items() if "median_ms" in f}
    first = min(times, key=times.get, default=None)
    winner = f"\n\n{words.title(first)} starts fastest." if OURS in times else ""
    return f"""A fresh process that imports the engine and decodes the footer of a file, above `python -c pass` ({words.number(bare, ".1f")} ms). Installed size without bytecode and without other packages.{winner}

{words.table(head, rows)}"""


def _gil(gil: dict) -> str:
    rows = []
    for peer, figure in gil.items():
        shares = [words.number(figure.get(key), ".0%") for key in ("here", "elsewhere")]
        rows.append(
            [words.title(peer), *([words.plain(figure["problem"]), ""] if "problem" in figure else shares)]
        )
    head = ["engine", "while its process reads", "while another process reads"]
    return f"""Speed of a counting Python thread, of its speed alone, while another thread is in `read_parquet` with one thread. The last column is what the machine itself costs: the same read in another process.

{words.table(head, rows)}"""


def _native(rows: list[dict]) -> str:
    shown = [
        [
            f"`{r['case']}`",
            f"{r['median_ns'] / 1e3:.1f}",
            f"{r['low_ns'] / 1e3:.1f}–{r['high_ns'] / 1e3:.1f}",
            f"{r['rate']:.2f} {r['unit']}",
            "not counted" if r["allocations"] is None else r["allocations"],
            r["limit"],
            words.number(r.get("held_bytes"), "d"),
            words.number(r.get("held_limit"), "d"),
        ]
        for r in rows
    ]
    head = ["case", "median µs", "quartiles", "rate", "allocations", "limit", "B held a piece", "limit"]
    return words.table(head, shown)
