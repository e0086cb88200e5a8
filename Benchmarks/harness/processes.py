"""The workers that a run has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.case import Case
from harness.environment import Environment
from harness.peer_process import PeerProcess


class Processes:
    """Starts workers: fresh ones for each case, but kept ones where a graph stands in their memory.

    To load a graph takes some peers a hundred times as long as a kernel on it. So those that have
    loaded one serve all cases about it, and are let go with the first about another one.
    """

    def __init__(self, environment: Environment):
        self.environment = environment
        self._path: Path | None = None
        self._kept: dict[tuple[str, int], PeerProcess] = {}

    @contextmanager
    def running(
        self, case: Case, path: Path, peers: list[str], threads: int
    ) -> Iterator[dict[str, PeerProcess]]:
        """A worker for each peer."""
        if not case.keeps:
            with ExitStack() as stack:
                started = {p: stack.enter_context(self._started(p, threads)) for p in peers}
                yield self._greeted(started)
            return
        if path != self._path:
            self.close()
            self._path = path
        for peer in peers:
            kept = self._kept.get((peer, threads))
            if kept is None or kept.problem:
                if kept is not None:
                    kept.close()
                self._kept[peer, threads] = self._started(peer, threads)
                self._kept[peer, threads].greet()
        yield {peer: self._kept[peer, threads] for peer in peers}

    def close(self) -> None:
        """Ends those that were kept."""
        for process in self._kept.values():
            process.close()
        self._kept = {}

    def _started(self, peer: str, threads: int) -> PeerProcess:
        return PeerProcess(self.environment, peer, threads)

    @staticmethod
    def _greeted(started: dict[str, PeerProcess]) -> dict[str, PeerProcess]:
        for process in started.values():
            process.greet()
        return started
