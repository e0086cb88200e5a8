"""What is measured: cases, the data they read, and how both are found."""

from __future__ import annotations

import fnmatch
import hashlib
import importlib
import json
import pkgutil
from dataclasses import dataclass, field
from pathlib import Path

import cases
from harness.environment import BENCHMARKS


@dataclass(frozen=True)
class Dataset:
    """A file made by `datasets.<module>.<maker>(path, **parameters)`, cached by all of these."""

    module: str
    maker: str
    parameters: dict
    suffix: str

    def path(self, folder: Path) -> Path:
        """Where the file lies. The maker's source is part of the name: an edit makes new data."""
        source = (BENCHMARKS / "datasets" / f"{self.module}.py").read_bytes()
        identity = json.dumps(self.parameters, sort_keys=True).encode()
        key = hashlib.sha256(source + identity).hexdigest()[:12]
        return folder / f"{self.maker}-{key}{self.suffix}"


@dataclass(frozen=True)
class Case:
    """One question put to every peer that has the function `operation`.

    The peer gets the path of the data as its first argument and `arguments` by name. `checker`
    is the module in `checkers/` that decides whether two answers are the same. `named` cases
    make the geometric mean; `limit_ms` is the most that a warm call of ours may take. `once` is
    for what takes long and is judged by its memory: one call in one fresh process, at the largest
    number of threads. Where there is a `prepare`, the peer's function `prepare_…` of that name is
    given the path first, outside the clock, and what it returns stands in for the path. Workers that
    have prepared the same are kept for all cases that say so (`keeps`): their first call is the first
    of this kind, and nothing is said of their memory. Where `peers` has names, ours and these only are
    asked.
    """

    name: str
    operation: str
    data: Dataset
    arguments: dict = field(default_factory=dict)
    checker: str = "table"
    quick: bool = True
    named: bool = True
    limit_ms: float | None = None
    once: bool = False
    prepare: str = ""
    keeps: bool = False
    peers: tuple[str, ...] = ()

    def asks(self, peer: str) -> bool:
        """Whether a peer that has the function is to be asked."""
        return not self.peers or peer == "ours" or peer in self.peers

    @property
    def reads_all(self) -> bool:
        """Whether the answer is the whole file, so that the file and the answer give a floor."""
        choices = {"columns", "filters", "limit"}
        return self.operation.startswith("read_") and not choices & self.arguments.keys()


def all_cases(scale: float) -> list[Case]:
    """Every case of every module in `cases/`, sized by `scale`, in the order of module names."""
    found = []
    for module in sorted(m.name for m in pkgutil.iter_modules(cases.__path__)):
        found += importlib.import_module(f"cases.{module}").cases(scale)
    return found


def selected(name: str, patterns: list[str]) -> bool:
    """Whether `name` holds one of `patterns`, or matches it as a glob; no pattern takes all."""
    return not patterns or any(p in name or fnmatch.fnmatch(name, p) for p in patterns)


def binary_count(count: int) -> str:
    """`4194304` as `4Mi`: the largest binary unit that loses nothing."""
    for shift, unit in ((30, "Gi"), (20, "Mi"), (10, "Ki")):
        if count and count % (1 << shift) == 0:
            return f"{count >> shift}{unit}"
    return str(count)
