"""Calls in a row, and what a program answers that makes them and holds the clock itself."""

from __future__ import annotations

import statistics
from typing import NamedTuple

# The seconds for which a kernel is called in a row.
ROW_SECONDS = 0.2


class Timed(NamedTuple):
    """The seconds of each of some calls in a row; no answer, where the program verifies it by itself.

    The highest resident megabytes are the program's, where its process is not the worker's.
    """

    seconds: list[float]
    answer: object = None
    peak_mb: float | None = None


def settled(times: list[float]) -> float:
    """The median of the times of calls in a row, without the first of several."""
    return statistics.median(times[1:] or times)
