"""Runs without the engine, by the rules of `Specs/workflow.md`: states, events and results are the same.

Threads are daemons, not an executor's: a step that does not stop when it is told to must hold up neither the
run nor the interpreter.
"""

from __future__ import annotations

import math
import threading
import time

from ... import _cancel, errors
from ..running import Run
from .plan import Plan, read_settings
from .schedule import Schedule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SLICE = 0.02


class FallbackRun(Run):
    """One run of a workflow, whose schedule is in Python."""

    def __init__(self, definition, inputs: dict, options: dict, cancel) -> None:
        self._prepare(definition, inputs, cancel)
        self._tokens: dict[tuple, _cancel.CancellationToken] = {}
        self._lock = threading.Condition()
        self._serial = False
        plan: Plan = definition.plan
        problems: list[str] = []
        events = options.pop("events", None)
        chosen = {**plan.settings, **read_settings(options, problems)}
        if chosen.get("timeout") == 0:
            problems.append("the timeout is not above 0")
        if problems:
            raise errors.ArgumentError("\n".join(problems), {"problems": problems})
        self._schedule = Schedule(plan, {**chosen, "events": events})
        self._begin = time.monotonic()

    def _now(self) -> float:
        return time.monotonic() - self._begin

    def _tick(self) -> float:
        """Does what is due, with the lock held; the time."""
        now = self._now()
        if self._cancel is not None and self._cancel.is_cancelled():
            self._schedule.abort("cancelled", now)
        self._schedule.tick(now)
        for stop in self._schedule.stops:
            if stop in self._tokens:
                self._tokens[stop].cancel()
        self._schedule.stops.clear()
        return now

    def _stop(self) -> None:
        with self._lock:
            self._schedule.abort("cancelled", self._now())
            self._lock.notify_all()

    # ---- The thread that waits for the end -----------------------------------------------------

    def _look(self, on_progress: Callable | None, patience: int) -> bool:
        with self._lock:
            units = self._units()
            if patience and not units and not self._schedule.events and not self._schedule.is_over:
                due = self._schedule.next_time
                wait = _SLICE if due is None else min(_SLICE, due - self._now())
                self._lock.wait(max(0.0, wait))
                units = self._units()
            events, self._schedule.events = self._schedule.events, []
            is_over = self._schedule.is_over
        for unit in units:
            self._begin_thread(unit)
        for event in events:
            if on_progress is not None:
                on_progress(event)
        return is_over

    def _units(self) -> list:
        """What may start now, on threads of its own."""
        now, found = self._tick(), []
        while not self._serial:
            unit = self._schedule.next(now)
            if unit is None:
                break
            found.append(unit)
        return found

    def _begin_thread(self, unit: tuple) -> None:
        thread = threading.Thread(
            target=self._serve_from, args=(unit,), name=f"{self._name}-{len(self._threads) + 1}", daemon=True)
        self._threads = [thread, *(other for other in self._threads if other.is_alive())]
        thread.start()

    # ---- Workers -------------------------------------------------------------------------------

    def _serve_from(self, unit: tuple | None) -> None:
        try:
            while unit is not None:
                unit = self._turn(unit)
        except BaseException as problem:
            self._fatal = self._fatal or problem
            self._stop()

    def _turn(self, unit: tuple) -> tuple | None:
        """Does a unit; the next one."""
        begin = time.thread_time()
        outcome, value, problem = self._do(unit, _cancel.ambient.__dict__)
        cpu = time.thread_time() - begin
        text = None if problem is None else problem.decode("utf-8", "replace")
        with self._lock:
            self._tokens.pop(unit[:2], None)
            self._schedule.end(unit, outcome, value, text, cpu, self._tick())
            following = self._schedule.next(self._tick())
            self._lock.notify_all()
        return following

    def drive_here(self, on_progress: Callable | None) -> None:
        """Runs to the end on this thread alone."""
        self._serial = True
        super().drive_here(on_progress)

    def _take_turns(self, outcome: int, between: Callable | None, here: dict) -> None:
        unit = None
        while True:
            if unit is None:
                with self._lock:
                    unit = self._schedule.next(self._tick())
                    due, is_over = self._schedule.next_time, self._schedule.is_over
                if is_over:
                    return
            if unit is None:
                time.sleep(_SLICE if due is None else min(_SLICE, max(0.0, due - self._now())))
            else:
                unit = self._turn(unit)
            between()

    # ---- For steps and results -----------------------------------------------------------------

    def is_stopping(self, unit: tuple) -> bool:
        with self._lock:
            self._tick()
            found = self._schedule.units[unit[0]]
            if unit[4]:
                return self._schedule.is_over
            return found.state != "running" or found.attempt != unit[1] or found.stopping

    def token(self, unit: tuple) -> _cancel.CancellationToken:
        token = _RunToken(self, unit)
        with self._lock:
            self._tokens[unit[:2]] = token
        if self.is_stopping(unit):
            token.cancel()
        return token

    def report(self, unit: tuple, fraction: float | None, message: str | None) -> None:
        with self._lock:
            found = self._schedule.units[unit[0]]
            runs = unit[4] or found.state == "running" and found.attempt == unit[1]
            if runs and not self._schedule.is_over:
                good = fraction is not None and math.isfinite(fraction)
                self._schedule.log(
                    "progress", unit[0], self._now(), fraction=float(fraction) if good else None,
                    message=message)
                self._lock.notify_all()

    def result(self, with_steps: bool) -> dict:
        with self._lock:
            return self._schedule.result(self._name, with_steps)


class _RunToken(_cancel.CancellationToken):
    """The token of an attempt, which the run raises."""

    __slots__ = ("_run", "_unit")

    def __init__(self, run: FallbackRun, unit: tuple) -> None:
        super().__init__()
        self._run, self._unit = run, unit

    def is_cancelled(self) -> bool:
        return self._cancelled or self._run.is_stopping(self._unit)
