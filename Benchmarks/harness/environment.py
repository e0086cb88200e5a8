"""Where the workers run: an interpreter that has the peers and our package."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
PACKAGE = REPOSITORY / "Sources" / "Python"
REQUIREMENTS = BENCHMARKS / "requirements.txt"


@dataclass(frozen=True)
class Environment:
    """An interpreter and the environment variables of every process started with it."""

    python: str
    variables: dict

    def command(self, module: str, *arguments: str) -> list[str]:
        """The command line that runs one module of the harness."""
        return [self.python, "-m", module, *arguments]


def prepare(environ=os.environ) -> Environment:
    """Finds or makes the interpreter of the workers.

    `PARQUETFRAME_BENCH_PYTHON` names one that has the peers already; otherwise `.venv` is made
    here once and reused, and our package is installed into it. `PARQUETFRAME_SWIFT_LIBRARY` names
    a shared library that was built before: our package then runs from its sources.
    """
    given = environ.get("PARQUETFRAME_BENCH_PYTHON")
    prebuilt = environ.get("PARQUETFRAME_SWIFT_LIBRARY")
    python = given or _virtual_environment()
    paths = [str(BENCHMARKS)]
    if prebuilt:
        paths.append(str(PACKAGE))
    elif not given:
        _install(python, "--no-deps", "--force-reinstall", str(PACKAGE))
    # Every engine runs from bytecode, as it does where it is installed.
    environ = {k: v for k, v in environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    variables = {**environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
    return Environment(python, variables)


def _virtual_environment() -> str:
    """Makes `.venv` with the peers in it, unless one with the same requirements is there."""
    folder = BENCHMARKS / ".venv"
    python = folder / "bin" / "python"
    stamp = folder / "requirements.txt"
    wanted = REQUIREMENTS.read_text()
    if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
        print("making Benchmarks/.venv with the peers", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        _install(str(python), "--requirement", str(REQUIREMENTS))
        stamp.write_text(wanted)
    return str(python)


def _install(python: str, *what: str) -> None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True)
