"""The figures of each area, in a small file of its own: all of what the page is made from."""

from __future__ import annotations

import json
from pathlib import Path

from harness.ratios import CALLS, best_peer, ratio_of_rounds
from peers import OURS

# Parts of the page behind those that have cases.
LAST = ("startup", "gil", "native")


def area_of(name: str) -> str:
    """`parquet` of `parquet/read/mixed-snappy/4Mi`."""
    return name.partition("/")[0]


def settled(figures: dict) -> dict:
    """The figures of one case with ratios in the place of the single calls.

    They are an engine's speed over that of the best peer, and ours over that of each peer.
    """
    found = {}
    for peer, figure in figures.items():
        found[peer] = {k: v for k, v in figure.items() if k not in ("walls_ms", "firsts_ms")}
        ratios = {
            key: ratio_of_rounds(figures, best_peer(figures, call), peer, call)
            for call, (_, _, key) in CALLS.items()
        }
        if peer != OURS:
            ratios["ours"] = ratio_of_rounds(figures, peer, OURS, "warm")
        found[peer] |= {key: each for key, each in ratios.items() if each is not None}
    return found


def save(folder: Path, part: dict) -> Path:
    """Writes the part of one area, a case on each line."""
    members = []
    for key, value in part.items():
        text = json.dumps(_short(value), ensure_ascii=False)
        if isinstance(value, list) and value:
            rows = (json.dumps(_short(one), ensure_ascii=False) for one in value)
            text = "[\n" + ",\n".join(rows) + "\n]"
        members.append(f"{json.dumps(key)}: {text}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{part['area']}.json"
    path.write_text("{\n" + ",\n".join(members) + "\n}\n")
    return path


def load(folder: Path) -> list[dict]:
    """All parts in the order of the page."""
    parts = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    places = {area: place for place, area in enumerate(LAST)}
    return sorted(parts, key=lambda part: (places.get(part["area"], -1), part["area"]))


def _short(value: object) -> object:
    """Numbers with the digits that the page may show."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    return [_short(one) for one in value] if isinstance(value, list) else value
