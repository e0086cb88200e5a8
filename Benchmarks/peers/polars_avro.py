"""polars-avro: a plug-in of polars over avro-rs."""

from __future__ import annotations

import importlib.metadata
import os

TITLE = "polars-avro"
DISTRIBUTIONS = ("polars-avro",)
STARTUP = None


def start(threads: int) -> None:
    global polars_avro
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars_avro


def version() -> str:
    return importlib.metadata.version("polars-avro")


def read_avro(path: str):
    return polars_avro.read_avro(path)
