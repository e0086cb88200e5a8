"""Figures, names and tables as they stand on the page."""

from __future__ import annotations

import importlib

from peers import OURS


def table(head: list[str], rows: list[list]) -> str:
    """A Markdown table: the first column to the left, figures to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in lines)


def title(peer: str | None) -> str:
    if peer is None:
        return "–"
    return "**ours**" if peer == OURS else importlib.import_module(f"peers.{peer}").TITLE


def threads(result: dict) -> str:
    return count(result["threads"], "thread", "threads")


def count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def milliseconds(value: float | None) -> str:
    """Three digits that say something: metadata takes microseconds, tables take seconds."""
    if value is None:
        return "–"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def number(value: float | None, form: str, bold: bool = False) -> str:
    if value is None:
        return "–"
    return f"**{value:{form}}**" if bold else f"{value:{form}}"


def plain(text: str) -> str:
    """A message as one table cell."""
    return " ".join(text.replace("|", "/").split())[:160]
