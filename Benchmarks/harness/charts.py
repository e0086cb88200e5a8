"""SVG charts out of the figures of an area; prints the names of the files that it wrote.

One bar per engine, in the same order and colour everywhere: ours stands out, peers recede.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt  # noqa: E402  (after the backend is chosen)
from peers import NAMES, OURS  # noqa: E402

COLOURS = {
    OURS: "#d9480f",
    "pyarrow": "#4c6a92",
    "polars": "#7f97b2",
    "duckdb": "#a3b4c6",
    "arro3": "#c3cedb",
    "datafusion": "#dbe3ec",
    "pandas": "#e9edf2",
    "polars_avro": "#b7c7b0",
    "fastavro": "#dfe8da",
    "gapbs": "#4c6a92",
    "scipy": "#7f97b2",
    "igraph": "#a3b4c6",
    "networkit": "#c3cedb",
    "graphblas": "#dbe3ec",
    "rustworkx": "#e9edf2",
    "original": "#b7c7b0",
    "futures": "#4c6a92",
    "dask": "#7f97b2",
}
INK, FAINT = "#222222", "#777777"
COLUMNS = 2
# Areas with charts of warm calls alone, one for all of their cases.
WHOLE = ("metadata", "graph", "workflow")


def main(raw: str, folder: str) -> None:
    # Fixed ids and no date: the same figures give the same file.
    plt.rcParams.update({"svg.hashsalt": "charts", "font.size": 10, "font.family": "sans-serif"})
    record, out = json.loads(Path(raw).read_text()), Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name, figure in _charts(record):
        figure.savefig(out / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
        plt.close(figure)
        print(f"{name}.svg")


def _charts(record: dict):
    """Pairs of file name and figure."""
    groups = {}
    for result in record.get("cases", []):
        groups.setdefault((_area(result["case"]), result["threads"]), []).append(result)
    for (area, threads), results in groups.items():
        unit = "thread" if threads == 1 else "threads"
        if _timed(results):
            title = f"{_words(area)}: milliseconds with {threads} {unit}, less is better"
            yield f"{area}-{threads}-{unit}", _panels(title, results, "wall_ms", ("low_ms", "high_ms"))
    for area in dict.fromkeys(area for area, _ in groups):
        threads = max(t for a, t in groups if a == area)
        results = groups[area, threads]
        if area in WHOLE:
            continue
        if _timed(results):
            title = f"{_words(area)}: milliseconds of a first call, less is better"
            yield f"{area}-first", _panels(title, results, "first_ms")
        if any("peak_mb" in f for result in results for f in result["figures"].values()):
            title = f"{_words(area)}: peak megabytes of a fresh process, less is better"
            yield f"{area}-memory", _panels(title, results, "peak_mb")
    for key, value, title in (
        ("startup", "median_ms", "Cold start: milliseconds above a bare Python, less is better"),
        ("gil", "here", "Speed of a Python thread while the engine reads, of 1, more is better"),
    ):
        if key in record:
            yield key, _panels(title, [{"case": "", "figures": record[key]}], value)


def _area(case: str) -> str:
    """Cases of one area share their charts: `parquet-read`, or `metadata`."""
    parts = case.split("/")
    return parts[0] if parts[0] in WHOLE else "-".join(parts[:2])


def _words(area: str) -> str:
    return area.replace("-", " ").capitalize()


def _timed(results: list[dict]) -> bool:
    return any("wall_ms" in f for result in results for f in result["figures"].values())


def _panels(title: str, results: list[dict], key: str, spread: tuple[str, str] | None = None):
    """One panel per case that has the figure; every panel has its own scale, and the value at the end of
    its bars.
    """
    results = [r for r in results if any(key in figure for figure in r["figures"].values())]
    columns = min(COLUMNS, len(results))
    rows = math.ceil(len(results) / columns)
    engines = [n for n in NAMES if any(key in r["figures"].get(n, {}) for r in results)]
    height = rows * (0.27 * len(engines) + 0.55) + 0.4
    figure, axes = plt.subplots(
        rows, columns, figsize=(5.2 * columns, height), squeeze=False, layout="constrained"
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    for axis, result in zip(axes.flat, results):
        _bars(axis, result, engines, key, spread)
    for axis in list(axes.flat)[len(results) :]:
        axis.axis("off")
    return figure


def _bars(axis, result: dict, engines: list[str], key: str, spread: tuple[str, str] | None):
    values = [result["figures"].get(name, {}).get(key) for name in engines]
    reach = spread[1] if spread else key
    ends = (result["figures"].get(name, {}).get(reach) for name in engines)
    widest = max((end for end in ends if end is not None), default=1) or 1
    for row, (name, value) in enumerate(zip(engines, values)):
        if value is None:
            axis.text(widest * 0.01, row, "no figure", va="center", color=FAINT, fontsize=9)
            continue
        bar_end = max(value, 0)
        axis.barh(row, bar_end, height=0.72, color=COLOURS[name])
        if spread:
            low, high = (result["figures"][name][end] for end in spread)
            axis.plot([low, high], [row, row], color=INK, linewidth=1.2)
            bar_end = max(bar_end, high)
        axis.text(bar_end + widest * 0.015, row, _digits(value, widest), va="center", color=INK, fontsize=9)
    axis.set_yticks(range(len(engines)), [_label(name) for name in engines])
    for tick, name in zip(axis.get_yticklabels(), engines):
        tick.set_fontweight("bold" if name == OURS else "normal")
        tick.set_color(INK)
    axis.invert_yaxis()
    axis.set_xlim(0, widest * 1.18)
    axis.set_xticks([])
    axis.tick_params(left=False)
    axis.spines[["top", "right", "bottom"]].set_visible(False)
    axis.spines["left"].set_color(FAINT)
    axis.set_title(result["case"].removeprefix(_area(result["case"]).replace("-", "/") + "/"), loc="left", fontsize=10, color=INK)


def _digits(value: float, widest: float) -> str:
    """As many decimals as tell the bars of a panel apart."""
    return f"{value:.{2 if widest <= 20 else 1 if widest < 1000 else 0}f}"


def _label(name: str) -> str:
    return OURS if name == OURS else importlib.import_module(f"peers.{name}").TITLE


if __name__ == "__main__":
    main(*sys.argv[1:])
