"""Prints the installed size of a peer in megabytes: its distributions, bytecode apart."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path


def megabytes(peer: str) -> float:
    """Counts each file once, and not what it needs from other distributions."""
    total = 0
    for name in importlib.import_module(f"peers.{peer}").DISTRIBUTIONS:
        try:
            files = [
                Path(file.locate()) for file in importlib.metadata.distribution(name).files or []
            ]
        except importlib.metadata.PackageNotFoundError:
            files = _uninstalled(name)
        total += sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc")
    return total / 1e6


def _uninstalled(name: str) -> list[Path]:
    """A package that runs from its sources, with the shared library that it was pointed to."""
    spec = importlib.util.find_spec(name.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed")
    files = [f for f in Path(spec.origin).parent.rglob("*") if f.is_file()]
    library = os.environ.get("PARQUETFRAME_SWIFT_LIBRARY")
    return files + ([Path(library)] if library else [])


if __name__ == "__main__":
    print(megabytes(sys.argv[1]))
