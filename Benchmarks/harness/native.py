"""The micro-benchmarks in Swift: builds `pfbench` and takes its lines over."""

from __future__ import annotations

import json
import subprocess

from harness.environment import REPOSITORY

# The status of pfbench when a case allocates more than its limit; the caller names the case.
OVER_LIMIT = 1
# What a case counts, and its limits.
COUNTS = (("allocations", "allocations", "limit"), ("held_bytes", "bytes held a piece", "held_limit"))
# Every allocation of the process goes through our counting functions (Native/AllocationCounter.swift).
_COUNTED = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "free")


def measure(runs: int) -> list[dict]:
    """One dictionary per case: case, median_ns, low_ns, high_ns, rate, unit, allocations, limit; where bytes
    are counted held_bytes and held_limit."""
    build = ["swift", "build", "-c", "release", "--product", "pfbench"]
    for name in _COUNTED:
        build += ["-Xlinker", f"--defsym={name}=pf_counted_{name}"]
    subprocess.run(build, cwd=REPOSITORY, check=True)
    folder = subprocess.run(
        [*build, "--show-bin-path"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout.strip()
    done = subprocess.run(
        [f"{folder}/pfbench", "--json", "--runs", str(runs)],
        cwd=REPOSITORY,  # where it finds its files
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, OVER_LIMIT):
        raise RuntimeError(f"pfbench ended with {done.returncode}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]
