"""The driver's end of a worker."""

from __future__ import annotations

import json
import select
import subprocess
import time
from pathlib import Path

from harness.case import Case
from harness.environment import Environment

REPLY_LIMIT_SECONDS = 300


class PeerProcess:
    """A running worker. `problem` says in words why it gives no figures, or is None.

    A worker that crashes, hangs or raises becomes a problem of its peer, never of the run.
    """

    def __init__(self, environment: Environment, peer: str, threads: int):
        self.problem: str | None = None
        self.version = ""
        self.idle_mb = 0.0
        self._buffer = b""
        self._process = subprocess.Popen(
            environment.command("harness.worker", peer, str(threads)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment.variables,
        )

    def greet(self) -> None:
        """Waits until the peer is imported."""
        hello = self.receive()
        if hello is not None:
            self.version, self.idle_mb = hello["version"], hello["resident_mb"]

    def ask(self, do: str, case: Case, path: Path, **more) -> dict | None:
        self.send(do, case, path, **more)
        return self.receive()

    def send(self, do: str, case: Case, path: Path, **more) -> None:
        if self.problem:
            return
        request = {
            "do": do,
            "operation": case.operation,
            "path": str(path),
            "arguments": case.arguments,
            "checker": case.checker,
            "prepare": case.prepare,
            **more,
        }
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.problem = "the process died"

    def receive(self) -> dict | None:
        """The reply, or None with `problem` set."""
        if self.problem:
            return None
        line = self._read_line()
        if line is None:
            return None
        reply = json.loads(line)
        if "error" in reply:
            self.problem = "failed: " + reply["error"]
        elif "unsupported" in reply:
            self.problem = "not offered: " + reply["unsupported"]
        return None if self.problem else reply

    def _read_line(self) -> bytes | None:
        end = time.monotonic() + REPLY_LIMIT_SECONDS
        while b"\n" not in self._buffer:
            if not select.select([self._process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                self._process.kill()
                self.problem = f"no answer within {REPLY_LIMIT_SECONDS} s"
                return None
            some = self._process.stdout.read1(65536)
            if not some:
                self.problem = f"the process died (status {self._process.wait()})"
                return None
            self._buffer += some
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def __enter__(self) -> PeerProcess:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker."""
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        self._process.stdout.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
