"""What a program answers that holds the clock itself."""

from __future__ import annotations

from typing import NamedTuple


class Timed(NamedTuple):
    """The seconds of a call; no answer, where the program verifies it by itself."""

    seconds: float
    answer: object = None
