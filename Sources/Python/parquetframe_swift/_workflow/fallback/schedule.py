"""Which step starts when, without the engine: its schedule once more, in Python."""

from __future__ import annotations

import heapq
import os
import random

from ... import errors
from ..running import _ENDED, _FANNED_OUT, _MAY_RETRY, _SKIPPED
from .plan import HINTS, Plan

_FINAL = ("succeeded", "failed", "timed_out", "skipped", "cancelled", "restored")


class _Unit:
    """A step, or an element of one that is fanned out (`element` is -1 else). Times are seconds."""

    __slots__ = (
        "step", "element", "state", "blocked", "stopping", "overdue", "remaining", "attempt", "ready_time",
        "start_time", "end_time", "attempt_time", "queued_time", "busy", "wait", "cpu", "error")

    def __init__(self, step: int, element: int, remaining: int) -> None:
        self.step, self.element, self.remaining = step, element, remaining
        self.state = "waiting"
        self.blocked = self.stopping = self.overdue = False
        self.attempt = 0
        self.ready_time = self.start_time = self.error = None
        self.end_time = self.attempt_time = self.queued_time = self.busy = self.wait = self.cpu = 0.0


class Schedule:
    """Which unit starts when: a state machine that is told the time. The caller holds its lock."""

    def __init__(self, plan: Plan, options: dict) -> None:
        processors = os.cpu_count() or 1
        self.plan, self.options = plan, options
        self.units = [_Unit(step, -1, len(needs)) for step, needs in enumerate(plan.dependencies)]
        self.elements: dict[int, list[int]] = {}
        self._spoiled: set[int] = set()
        self._most = options.get("max_parallel") or 1 << 30
        shared = options.get("shared_limit") or options.get("max_parallel") or processors
        self._limits = {
            "shared": shared, "cpu": options.get("cpu_limit") or processors,
            "io": options.get("io_limit") or 64}
        self._free = dict(options.get("resources") or {})
        if options.get("memory_bytes") is not None:
            self._free[None] = options["memory_bytes"]
        self._needs = [self._need(step) for step in range(len(plan.names))]
        self._running = dict.fromkeys(self._limits, 0)
        self.most_at_once = 0
        self._ready: list = []
        self._timers: list = []
        self._unfinished = len(self.units)
        self._cleanups: list[int] = []
        self._cleaning = 0
        self.abortion: str | None = None
        self.failed_step: int | None = None
        self.has_failures = False
        self.end_time_of_run: float | None = None
        self.stops: list[tuple] = []
        self.events: list[dict] = []
        for step in range(len(self.units)):
            if self._option(step, "deadline") is not None:
                self._timer(self._option(step, "deadline"), "deadline", step)
            if not plan.dependencies[step]:
                self._make_ready(step, 0.0)
        if options.get("timeout") is not None:
            self._timer(options["timeout"], "run", -1)
        self._end_if_done(0.0)

    def _option(self, step: int, name: str, default: object = None) -> object:
        return self.plan.options[step].get(name, default)

    def _pool(self, step: int) -> str:
        return self._option(step, "pool") or HINTS[self._option(step, "resource_hint", "default")]

    def _need(self, step: int) -> dict:
        need = {name: count for name, count in (self._option(step, "resources") or {}).items() if count}
        if None in self._free and self._option(step, "memory_bytes"):
            need[None] = self._option(step, "memory_bytes")
        for name, amount in need.items():
            free = self._free.get(name)
            if free is None or amount > free:
                what = f"{amount} bytes of memory" if name is None else f"{amount} of '{name}'"
                why = f"and the run may hold {free}" if name is None else f"and there are {free}"
                if free is None:
                    known = ", ".join(map(repr, sorted(filter(None, self._free)))) or "none"
                    why = f"of which the run has none (it has: {known})"
                text = f"step '{self.plan.names[step]}': it needs {what}, {why}"
                raise errors.ArgumentError(text, {"problems": [text]})
        return need

    def _timer(self, at: float, kind: str, unit: int, attempt: int = 0) -> None:
        heapq.heappush(self._timers, (at, len(self._timers), kind, unit, attempt))

    @property
    def next_time(self) -> float | None:
        return self._timers[0][0] if self._timers else None

    @property
    def is_over(self) -> bool:
        return self.end_time_of_run is not None

    def log(self, kind: str, unit: int, now: float, **more) -> None:
        if not self.options.get("events"):
            return
        event = {"kind": kind, "time": now}
        if unit >= 0:
            found = self.units[unit]
            event["step"] = self.plan.names[found.step]
            if found.element >= 0:
                event["element"] = found.element
            if found.attempt and kind not in ("queued", "restored"):
                event["attempt"] = found.attempt
        event.update((key, value) for key, value in more.items() if value is not None)
        self.events.append(event)

    # ---- Starting ------------------------------------------------------------------------------

    def _make_ready(self, number: int, now: float) -> None:
        unit = self.units[number]
        unit.state, unit.queued_time = "ready", now
        if unit.ready_time is None:
            unit.ready_time = now
            self.log("queued", number, now)
        heapq.heappush(self._ready, (-self._option(unit.step, "priority", 0), unit.step, number))

    def next(self, now: float) -> tuple | None:
        """The unit that starts next and runs from now on: number, attempt, step, element, whether it is a
        cleanup."""
        self.tick(now)
        if self._cleanups:
            number = self._cleanups.pop()
            unit = self.units[number]
            return number, unit.attempt, unit.step, unit.element, True
        passed, found = [], None
        while self._ready and found is None and sum(self._running.values()) < self._most:
            entry = heapq.heappop(self._ready)
            unit, pool = self.units[entry[2]], self._pool(entry[1])
            if unit.state != "ready":
                continue
            if unit.element >= 0 and self._is_given_up(unit.step):
                self._settle(entry[2], "skipped", now)
            elif self._running[pool] >= self._limits[pool] or any(
                    self._free[name] < amount for name, amount in self._needs[unit.step].items()):
                passed.append(entry)
            else:
                found = self._start(entry[2], unit, pool, now)
        for entry in passed:
            heapq.heappush(self._ready, entry)
        self._end_if_done(now)
        return found

    def _start(self, number: int, unit: _Unit, pool: str, now: float) -> tuple:
        for name, amount in self._needs[unit.step].items():
            self._free[name] -= amount
        self._running[pool] += 1
        self.most_at_once = max(self.most_at_once, sum(self._running.values()))
        unit.state, unit.attempt, unit.attempt_time, unit.overdue = "running", unit.attempt + 1, now, False
        unit.wait += now - unit.queued_time
        if unit.attempt == 1:
            unit.start_time = now
        timeout = self._option(unit.step, "timeout")
        if timeout is not None:
            self._timer(now + timeout, "attempt", number, unit.attempt)
        self.log("started", number, now)
        return number, unit.attempt, unit.step, unit.element, False

    def _is_given_up(self, step: int) -> bool:
        return step in self._spoiled and (
            self._option(step, "on_failure") != "continue" or self.units[step].overdue)

    # ---- Ending --------------------------------------------------------------------------------

    def end(
        self, ticket: tuple, outcome: int, value: object, problem: str | None, cpu: float, now: float
    ) -> None:
        number, attempt, step, _, is_cleanup = ticket
        unit = self.units[number]
        if is_cleanup:
            self._cleaning = max(0, self._cleaning - 1)
        elif unit.state == "running" and unit.attempt == attempt and number not in self.elements:
            self._leave(number, now)
            unit.cpu += cpu
            if outcome in (_ENDED, _SKIPPED, _FANNED_OUT):
                # Errors of earlier attempts stand in the events.
                unit.error = None
            if outcome == _FANNED_OUT:
                self._fan_out(step, value, now)
            elif outcome in (_ENDED, _SKIPPED):
                self._settle(number, "succeeded" if outcome == _ENDED else "skipped", now)
            else:
                self._fail(number, problem, outcome == _MAY_RETRY, now)
        self._end_if_done(now)

    def _leave(self, number: int, now: float) -> None:
        unit = self.units[number]
        self._running[self._pool(unit.step)] -= 1
        unit.busy += now - unit.attempt_time
        for name, amount in self._needs[unit.step].items():
            self._free[name] += amount

    def _fail(self, number: int, problem: str | None, may_retry: bool, now: float) -> None:
        unit = self.units[number]
        unit.error = problem
        if self.abortion is not None:
            self._settle(number, "timed_out" if self.abortion == "timed_out" else "cancelled", now)
            return
        retry = self._option(unit.step, "retry") or self._option(unit.step, "retry_policy") or {
            "attempts": self._option(unit.step, "retries", 0) + 1}
        given_up = unit.element >= 0 and self._is_given_up(unit.step)
        deadline = self._option(unit.step, "deadline")
        if not may_retry or unit.attempt >= retry["attempts"] or given_up or (
                deadline is not None and now >= deadline):
            self._settle(number, "timed_out" if unit.overdue else "failed", now)
            return
        unit.stopping = False
        self.log("retried", number, now, error=problem)
        delay = self._delay(retry, unit.attempt, number)
        if delay <= 0:
            self._make_ready(number, now)
            return
        unit.state = "retrying"
        self._timer(now + delay, "retry", number, unit.attempt)

    def _delay(self, retry: dict, attempt: int, number: int) -> float:
        if "delays" in retry:
            return retry["delays"][min(attempt, len(retry["delays"])) - 1] if retry["delays"] else 0
        factor = retry.get("factor", 2) ** min(attempt - 1, 64)
        delay = min(retry.get("first", 0.1) * factor, retry.get("limit", 60))
        chance = random.Random(f"{self.options.get('seed', 0)} {number} {attempt}").uniform(-1, 1)
        return delay * (1 + min(retry.get("jitter", 0.1), 1) * chance)

    def _fan_out(self, step: int, count: int, now: float) -> None:
        if not count:
            self._settle(step, "succeeded", now)
            return
        numbers = self.elements[step] = list(range(len(self.units), len(self.units) + count))
        unit = self.units[step]
        unit.remaining, unit.overdue = count, False
        for element, number in enumerate(numbers):
            self.units.append(_Unit(step, element, 0))
            self._make_ready(number, now)
        deadline = self._option(step, "deadline")
        if self.abortion is not None:
            self._sweep(numbers, now)
        elif deadline is not None and now >= deadline:
            self._pass_deadline(step, now)

    def _settle(self, number: int, state: str, now: float) -> None:
        self._finish(number, state, now)
        self._spread(number, now)

    def _finish(self, number: int, state: str, now: float) -> None:
        unit = self.units[number]
        unit.state, unit.end_time = state, now
        if unit.element < 0:
            self._unfinished -= 1
        kind = {"succeeded": "completed", "timed_out": "failed"}.get(state, state)
        self.log(kind, number, now, error=unit.error)
        if state != "succeeded" and unit.attempt and self._option(unit.step, "cleanup"):
            self._cleanups.append(number)
            self._cleaning += 1

    def _spread(self, number: int, now: float) -> None:
        """What follows from the end of a unit."""
        ended = [number]
        while ended:
            number = ended.pop()
            if self.units[number].element < 0:
                self._release(number, now, ended)
            elif self._end_element(number, now):
                ended.append(self.units[number].step)

    def _end_element(self, number: int, now: float) -> bool:
        """Whether the step has ended with it."""
        unit = self.units[number]
        whole = self.units[unit.step]
        if unit.state != "succeeded" and unit.step not in self._spoiled:
            self._spoiled.add(unit.step)
            whole.error = unit.error
        whole.remaining -= 1
        if whole.remaining:
            return False
        parts = [self.units[part] for part in self.elements[unit.step]]
        states = {part.state for part in parts}
        whole.busy += sum(part.busy for part in parts)
        if unit.step not in self._spoiled:
            state = "succeeded"
        elif whole.overdue:
            state = "timed_out"
        else:
            state = next((name for name in ("timed_out", "failed", "cancelled") if name in states), "skipped")
        self._finish(unit.step, state, now)
        return True

    def _release(self, step: int, now: float, ended: list) -> None:
        unit, policy = self.units[step], self._option(step, "on_failure") or "fail"
        blocks = unit.state == "cancelled"
        if unit.state in ("failed", "timed_out"):
            self.has_failures, blocks = True, policy != "continue"
            if policy == "fail":
                self.abort("failed", now, step)
        elif unit.state == "skipped":
            # Of a workflow, the first of its steps asks.
            asker = self.units[self._option(step, "gate", step)]
            said_no = asker.state == "skipped" and not asker.blocked
            blocks = not said_no or self._option(step, "on_skip") != "continue"
        for number in self.plan.successors[step]:
            successor = self.units[number]
            if successor.state != "waiting":
                continue
            successor.blocked |= blocks
            successor.remaining -= 1
            if successor.remaining:
                continue
            if successor.blocked:
                self._finish(number, "skipped", now)
                ended.append(number)
            else:
                self._make_ready(number, now)

    def _end_if_done(self, now: float) -> None:
        if not self._unfinished and not self._cleaning and not self.is_over:
            self.end_time_of_run = now
            self.log("run_ended", -1, now)

    # ---- Stopping ------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Does what is due."""
        while self._timers and self._timers[0][0] <= now:
            _, _, kind, number, attempt = heapq.heappop(self._timers)
            if kind == "run":
                self.abort("timed_out", now)
            elif kind == "grace of run":
                for number in range(len(self.units)):
                    self._give_up(number, now)
                self._cleanups, self._cleaning = [], 0
            elif kind == "deadline":
                self._pass_deadline(number, now)
            elif self.units[number].attempt == attempt:
                state = self.units[number].state
                if kind == "retry" and state == "retrying":
                    self._make_ready(number, now)
                elif kind == "attempt" and state == "running":
                    self._stop_overdue(number, now)
                elif kind == "grace" and state == "running":
                    self._give_up(number, now)
        self._end_if_done(now)

    def _pass_deadline(self, step: int, now: float) -> None:
        unit = self.units[step]
        if unit.state in _FINAL or self.abortion is not None:
            return
        unit.overdue = True
        if step in self.elements:
            if step not in self._spoiled:
                unit.error = self._late(step)
            self._spoiled.add(step)
            for number in self.elements[step]:
                if self.units[number].state == "running":
                    self._stop_overdue(number, now)
                elif self.units[number].state in ("ready", "retrying"):
                    self._settle(number, "skipped", now)
        elif unit.state == "running":
            self._stop_overdue(step, now)
        else:
            unit.error = self._late(step)
            self._settle(step, "timed_out", now)

    def _late(self, step: int, limit: float | None = None, more: str = "") -> str:
        limits = [self._option(step, name) for name in ("timeout", "deadline")]
        limit = min((given for given in limits if given is not None), default=0) if limit is None else limit
        return f"it took longer than {float(limit)} seconds{more}"

    def _stop(self, number: int) -> None:
        self.units[number].stopping = True
        self.stops.append((number, self.units[number].attempt))

    def _stop_overdue(self, number: int, now: float) -> None:
        unit = self.units[number]
        if unit.stopping or number in self.elements:
            return
        unit.overdue = True
        self._stop(number)
        self._timer(now + self.options.get("grace", 5), "grace", number, unit.attempt)

    def _give_up(self, number: int, now: float) -> None:
        """An attempt that was told to stop and did not is left to itself."""
        unit = self.units[number]
        if unit.state != "running" or number in self.elements:
            return
        self._leave(number, now)
        late = unit.overdue or self.abortion == "timed_out"
        unit.error = self._late(
            unit.step, None if unit.overdue else self.options.get("grace", 5),
            ", and did not stop when it was told to")
        self._settle(number, "timed_out" if late else "cancelled", now)

    def abort(self, why: str, now: float, step: int | None = None) -> None:
        """Stops the run: what runs is told to stop, what waits never starts."""
        if self.abortion is not None or self.is_over:
            return
        self.abortion, self.failed_step = why, step
        self._sweep(range(len(self.units)), now)
        self._timer(now + self.options.get("grace", 5), "grace of run", -1)
        self._end_if_done(now)

    def _sweep(self, numbers, now: float) -> None:
        elements = []
        for number in numbers:
            unit = self.units[number]
            if unit.state in ("waiting", "ready", "retrying"):
                self._finish(number, "skipped" if self.abortion == "failed" else "cancelled", now)
                if unit.element >= 0:
                    elements.append(number)
            elif unit.state == "running" and number not in self.elements and not unit.stopping:
                self._stop(number)
        for number in elements:
            self._spread(number, now)

    # ---- Results -------------------------------------------------------------------------------

    def result(self, name: str, with_steps: bool) -> dict:
        """What became of the run, in the shape of `Specs/workflow.md`."""
        made = {
            "name": name, "wall_time": self.end_time_of_run or 0.0,
            "status": self.abortion or ("partial" if self.has_failures else "succeeded")}
        if self.failed_step is not None:
            made["failed_step"] = self.plan.names[self.failed_step]
        made["metrics"] = self._metrics(made["wall_time"])
        if with_steps:
            made["steps"] = [
                {**self._facts(step), **({"elements": [self._facts(number) for number in self.elements[step]]}
                                         if step in self.elements else {})}
                for step in range(len(self.plan.names))]
        return made

    def _metrics(self, wall_time: float) -> dict:
        states = [unit.state for unit in self.units if unit.element < 0]
        # A step that was fanned out has the time of its elements.
        units = [unit for number, unit in enumerate(self.units) if number not in self.elements]
        busy = sum(unit.busy for unit in units)
        path, length = self.plan.critical_path(
            lambda step: 0.0 if self.units[step].start_time is None
            else self.units[step].end_time - self.units[step].start_time)
        made = {
            "steps": {state: states.count(state) for state in _FINAL if state in states},
            "attempts": sum(unit.attempt for unit in units), "wall_time": wall_time, "busy_time": busy,
            "wait_time": sum(unit.wait for unit in self.units)}
        if self.options.get("measure_cpu"):
            made["cpu_time"] = sum(unit.cpu for unit in units)
        return {
            **made, "speed_up": busy / wall_time if wall_time else 1.0, "most_at_once": self.most_at_once,
            "critical_path": path, "critical_path_time": length}

    def _facts(self, number: int) -> dict:
        unit = self.units[number]
        made = {
            "name": self.plan.names[unit.step], "element": unit.element if unit.element >= 0 else None,
            "state": unit.state, "attempts": unit.attempt, "ready_time": unit.ready_time,
            "start_time": unit.start_time, "end_time": unit.end_time, "busy_time": unit.busy,
            "wait_time": unit.wait, "cpu_time": unit.cpu if self.options.get("measure_cpu") else None,
            "error": unit.error}
        return {name: value for name, value in made.items() if value is not None}
