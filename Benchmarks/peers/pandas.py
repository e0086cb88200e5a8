"""pandas: data frames over a CSV parser in C, which has one thread; no Parquet reader of its own."""

from __future__ import annotations

TITLE = "pandas (C parser)"
DISTRIBUTIONS = ("pandas",)
STARTUP = None


def start(threads: int) -> None:
    global pd
    import pandas as pd


def version() -> str:
    return pd.__version__


def read_csv(path: str, columns=None, **hints):
    return pd.read_csv(path, engine="c", usecols=columns, parse_dates=hints.get("times", False))


def scan_csv(path: str) -> int:
    return sum(len(chunk) for chunk in pd.read_csv(path, engine="c", chunksize=65_536))
