"""The least that a read can cost: writing its answer's bytes once, reading its file's bytes once.

The file is read in pieces out of the page cache, the answer's bytes are set by `memset`: into
memory that nobody touched before for a first call, which pays the page faults, and into the same
memory again for a warm one.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import statistics
import subprocess
import sys
import time
from pathlib import Path

from harness.environment import Environment

# It stays in the second-level cache: pieces of 256 KiB cost three times as much.
PIECE = 1 << 16
WARM_CALLS = 7


def measure(
    path: Path, answer_bytes: int, processes: int, environment: Environment
) -> dict[str, float]:
    """CPU milliseconds, named as in the figures of a peer; medians over fresh processes."""
    command = environment.command("harness.floor", str(path), str(answer_bytes))
    found = []
    for _ in range(processes):
        done = subprocess.run(
            command, env=environment.variables, check=True, capture_output=True, text=True
        )
        found.append(json.loads(done.stdout))
    return {key: statistics.median(run[key] for run in found) for key in found[0]}


def main(path: str, answer_bytes: str) -> None:
    size = max(1, int(answer_bytes))
    piece = bytearray(PIECE)

    def touch_everything_once(memory: ctypes.Array) -> float:
        began = time.process_time()
        with open(path, "rb", buffering=0) as file:
            while file.readinto(piece):
                pass
        ctypes.memset(memory, 1, size)
        return (time.process_time() - began) * 1e3

    # Which of the two is cheaper at first is the machine's affair.
    kinds = [_memory(size, advice) for advice in ("MADV_NOHUGEPAGE", "MADV_HUGEPAGE")]
    first = min(touch_everything_once(memory) for memory in kinds)
    warm = statistics.median(touch_everything_once(kinds[1]) for _ in range(WARM_CALLS))
    print(json.dumps({"first_cpu_ms": first, "cpu_ms": warm}))


def _memory(size: int, advice: str) -> ctypes.Array:
    """Fresh memory with pages of one kind."""
    memory = mmap.mmap(-1, size)
    if hasattr(mmap, advice):
        memory.madvise(getattr(mmap, advice))
    return (ctypes.c_char * size).from_buffer(memory)


if __name__ == "__main__":
    main(*sys.argv[1:])
