"""Whether other Python threads run while a peer reads."""

from __future__ import annotations

import statistics
from pathlib import Path

from harness.case import Case
from harness.environment import Environment
from harness.peer_process import PeerProcess

NAME = "gil/counting-thread"
SECONDS = 0.2


def measure(
    case: Case, path: Path, peers: list[str], rounds: int, environment: Environment
) -> dict[str, dict]:
    """The speed of a counting Python thread, as a share of its speed in a quiet process.

    `here`: another thread of its process reads with one thread. `elsewhere`: another process
    does the same read, so this is what the machine itself costs (shared cores, memory, clock).
    """
    found = {}
    for peer in peers:
        with PeerProcess(environment, peer, 1) as counting, PeerProcess(
            environment, peer, 1
        ) as reading:
            counting.greet()
            reading.greet()
            found[peer] = _shares(counting, reading, case, path, rounds)
    return found


def _shares(
    counting: PeerProcess, reading: PeerProcess, case: Case, path: Path, rounds: int
) -> dict:
    here, elsewhere = [], []
    for _ in range(rounds):
        alone = counting.ask("count", case, path, reading=False, seconds=SECONDS)
        with_read = counting.ask("count", case, path, reading=True, seconds=SECONDS)
        # The other process reads a little longer, so that the whole count is beside it.
        reading.send("repeat", case, path, seconds=SECONDS + 0.1)
        beside = counting.ask("count", case, path, reading=False, seconds=SECONDS)
        if reading.receive() is None or not (alone and with_read and beside):
            return {"problem": counting.problem or reading.problem}
        here.append(with_read["steps_per_second"] / alone["steps_per_second"])
        elsewhere.append(beside["steps_per_second"] / alone["steps_per_second"])
    return {"here": statistics.median(here), "elsewhere": statistics.median(elsewhere)}
