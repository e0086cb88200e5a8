"""Makes one data file in a process of its own, so that the driver stays small.

The file gets a `.json` beside it: what the maker says every reader must find there.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

from harness.case import Dataset
from harness.environment import Environment


def ensure(data: Dataset, folder: Path, environment: Environment) -> tuple[Path, dict]:
    """The path of the data and its expected answer; makes both where they are missing."""
    path = data.path(folder)
    expected = path.with_name(path.name + ".json")
    if not expected.exists():
        folder.mkdir(parents=True, exist_ok=True)
        request = json.dumps([data.module, data.maker, data.parameters])
        command = environment.command("harness.make", request, str(path), str(expected))
        subprocess.run(command, env=environment.variables, check=True)
    return path, json.loads(expected.read_text())


def main(request: str, path: str, expected: str) -> None:
    """Writes under other names first: an interrupted run leaves no half-made cache entry."""
    module, maker, parameters = json.loads(request)
    make = getattr(importlib.import_module(f"datasets.{module}"), maker)
    answer = make(path + ".part", **parameters)
    os.replace(path + ".part", path)
    Path(expected + ".part").write_text(json.dumps(answer))
    os.replace(expected + ".part", expected)


if __name__ == "__main__":
    main(*sys.argv[1:])
