"""A run: the engine's schedule, and Python threads that do what it hands out."""

from __future__ import annotations

import ctypes
import json
import threading
import time

from .. import _cancel, _config, _ffi, _table, errors
from .checkpoint import Output, keys_of, pickled
from .checkpoint import options as checkpoint_options
from .context import StepContext
from .context import missing as _missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Nanoseconds after which a worker that waits looks up.
_PATIENCE = 3_600_000_000_000
# How long a signal may go unnoticed by the thread that waits for the run.
_SLICE = 20_000_000
_NOTHING, _NEW = -1, -2
_ENDED, _MAY_RETRY, _FAILED, _SKIPPED, _FANNED_OUT = range(5)
_UNIT, _OVER = 1, 2
# How most units end, and what a worker says that has done nothing.
_WELL, _IDLE = (_ENDED, 0, None), (_NOTHING, 0, None)

def on_engine() -> bool:
    """Whether the engine schedules runs; otherwise Python does."""
    if not _config.part_enabled("workflow"):
        reason = "its workflows are disabled"
    else:
        try:
            _ffi.library()
        except errors.EngineUnavailableError as problem:
            reason = str(problem)
        else:
            return True
    from .. import _logging

    _logging.debug("Python runs workflows in place of the engine: %s", reason)
    return False


class Run:
    """One run of a workflow. Threads take turns at the engine's schedule: `pf_workflow_turn`.

    The quick turn holds the GIL and never waits: a chain of small steps runs on one thread without
    giving the GIL away between two of them. The patient turn gives it up: there the engine runs its own
    steps, and threads sleep.
    """

    # Whether there is a checkpoint, and the steps that it had.
    keeps = False
    _restored: frozenset | set = frozenset()

    def __init__(
        self, definition, inputs: dict, options: dict, cancel, checkpoint: tuple | None = None
    ) -> None:
        self._prepare(definition, inputs, cancel)
        self._loading = threading.RLock()
        self.keeps = checkpoint is not None
        if checkpoint is None:
            self._begin(options)
        else:
            self._resume(options, *checkpoint)
        self._engine = self._handle.engine
        # A turn that writes to a file waits for the disk.
        quick = self._engine if self.keeps else _ffi.holding_the_gil(self._engine)
        self._quick = quick.pf_workflow_turn

    def _prepare(self, definition, inputs: dict, cancel) -> None:
        """What a run holds whoever schedules it."""
        self.steps = definition.steps
        self.inputs = inputs
        self.outputs: list = [_missing] * len(self.steps)
        self.elements: dict[int, list] = {}
        self.errors: dict[tuple, BaseException] = {}
        self._fatal: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._name = definition.name
        self._definition = definition
        self._cancel = cancel

    def _begin(self, options: dict) -> None:
        self._handle = _ffi.create(
            "pf_workflow_start", self._definition.handle.value, _ffi.options(**options),
            _cancel.handle_of(self._cancel))

    # ---- Checkpoints ---------------------------------------------------------------------------

    def _resume(self, options: dict, path, resume: bool, sync: bool) -> None:
        """Begins with what the checkpoint has, but outputs that are needed and cannot be unpickled."""
        options = {**options, "inputs": keys_of(self.inputs)}
        unreadable: list[str] = []
        while True:
            self._begin({**options, "checkpoint": checkpoint_options(path, resume, sync, unreadable)})
            facts = self.result(True)["steps"]
            self._restored = {number for number, step in enumerate(facts) if step["state"] == "restored"}
            needed = {
                number for index, step in enumerate(self.steps) if index not in self._restored
                for number in step.dependencies.values()}
            # Those of elements of steps that run are needed, too.
            failed = [
                self.steps[index].name for index, step in enumerate(self.steps)
                if index not in self._restored and step.for_each is not None and not self._load_elements(index)
                or index in self._restored & needed and not self._load(index)]
            if not failed:
                return
            # Nothing has begun: the run goes, lets go of the file, and comes back without these.
            del self._handle
            unreadable += failed
            resume = True
            self.outputs = [_missing] * len(self.steps)

    def _load(self, index: int) -> bool:
        """Takes the output of a step that an earlier run has done; false where it cannot be read."""
        found = Output(self._handle.value, index, -1)
        if found.count < 0:
            try:
                self.outputs[index] = found.value(_missing)
            except Exception:  # noqa: BLE001 - unpickling raises what it likes
                return False
            return True
        elements = []
        for number in range(found.count):
            try:
                elements.append(Output(self._handle.value, index, number).value(_missing))
            except Exception:  # noqa: BLE001
                return False
        # Without outputs at all where they were not kept.
        self.outputs[index] = elements if _missing not in elements else _missing
        return True

    def _load_elements(self, index: int) -> bool:
        """Whether the elements of a step that an earlier run has done can be read."""
        try:
            for number in range(Output(self._handle.value, index, -1).count):
                Output(self._handle.value, index, number).value(None)
        except Exception:  # noqa: BLE001
            return False
        return True

    def _fill(self, index: int, elements: list) -> None:
        """Puts the outputs of elements that an earlier run has done where those of this one are."""
        for number, value in enumerate(elements):
            if value is _missing:
                elements[number] = Output(self._handle.value, index, number).value(None)

    def _kept(self, unit: Sequence, output: object, step) -> tuple:
        """Gives the checkpoint an output; how the unit ended."""
        if isinstance(output, _table.Table) and hasattr(output._store, "handle"):
            return _ENDED, output, None
        content = pickled(output)
        if content is not None:
            _ffi.call("pf_workflow_keep", self._handle.value, _numbers(unit), content, len(content))
        return _ENDED, _as_table(output, step) if step.feeds_engine else 0, None

    # ---- The thread that waits for the end -----------------------------------------------------

    def drive(self, on_progress: Callable | None) -> None:
        """Runs to the end on worker threads; raises what must not stay in a step (Ctrl-C)."""
        try:
            self._watch(on_progress)
        except BaseException:
            # Ctrl-C, or an exception of `on_progress`: what runs has its grace to stop.
            self._stop()
            self._watch(None)
            raise
        finally:
            until = time.monotonic() + 0.1
            for thread in self._threads:
                thread.join(max(0, until - time.monotonic()))
        if self._fatal is not None:
            raise self._fatal

    def drive_here(self, on_progress: Callable | None) -> None:
        """Runs to the end on this thread alone."""
        try:
            between = (lambda: None) if on_progress is None else (lambda: self._look(on_progress, 0))
            self._work(_NOTHING, between)
        except BaseException:
            self._stop()
            self._work(_NOTHING, lambda: None)
            raise
        self._look(on_progress, 0)
        if self._fatal is not None:
            raise self._fatal

    def _stop(self) -> None:
        _ffi.call("pf_workflow_cancel", self._handle.value)

    def _watch(self, on_progress: Callable | None) -> None:
        while not self._look(on_progress, _SLICE):
            pass

    def _look(self, on_progress: Callable | None, patience: int) -> bool:
        events, over, missing = ctypes.c_void_p(), ctypes.c_int32(), ctypes.c_int32()
        _ffi.call(
            "pf_workflow_watch", self._handle.value, patience,
            ctypes.byref(events), ctypes.byref(over), ctypes.byref(missing))
        self._start(missing.value)
        if events.value is not None:
            for line in _ffi.take_string(events).splitlines():
                if on_progress is not None:
                    on_progress(json.loads(line))
        return bool(over.value)

    def _start(self, count: int) -> None:
        for _ in range(count):
            thread = threading.Thread(
                target=self._serve,
                name=f"{self._name}-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()

    # ---- Workers -------------------------------------------------------------------------------

    def _serve(self) -> None:
        try:
            self._work(_NEW, None)
        except BaseException as problem:
            # Not a step's: the run must not wait for what this thread has begun.
            self._fatal = self._fatal or problem
            self._stop()

    def _work(self, outcome: int, between: Callable | None) -> None:
        here = _cancel.ambient.__dict__
        outer = here.get("source")
        try:
            self._take_turns(outcome, between, here)
        finally:
            # The step that this run is in, where it is in one.
            here["source"] = outer

    def _take_turns(self, outcome: int, between: Callable | None, here: dict) -> None:
        quick, patient = self._quick, self._engine.pf_workflow_turn
        patience = _PATIENCE if between is None else _SLICE
        turn = (ctypes.c_int32 * 7)()
        numbers = memoryview(turn).cast("B").cast("i").tolist
        error = ctypes.c_void_p()
        slot = ctypes.byref(error)
        # The quick turn takes objects of ctypes as they are.
        handle, nothing = ctypes.c_uint64(self._handle.value), ctypes.c_int64(0)
        value: object = 0
        problem = None
        while True:
            if value.__class__ is int:
                number = ctypes.c_int64(value) if value else nothing
            else:
                # A table lives until the engine has it.
                number = ctypes.c_int64(value._store.handle.value)
            status = quick(handle, turn, outcome, number, problem, nothing, slot)
            if status:
                raise _ffi._exception(self._engine, status, error)
            unit = numbers()
            kind, missing = unit[5], unit[6]
            if kind == _OVER:
                return
            if missing and between is None:
                self._start(missing)
            if kind == _UNIT:
                outcome, value, problem = self._do(unit, here)
            else:
                outcome, value, problem = _IDLE
                status = patient(handle, turn, _NOTHING, 0, None, patience, slot)
                if status:
                    raise _ffi._exception(self._engine, status, error)
                if turn[5] == _OVER:
                    return
                if turn[6] and between is None:
                    self._start(turn[6])
            if between is not None:
                between()

    def _do(self, unit: Sequence, here: dict) -> tuple:
        """Does a unit; how it ended, what goes to the engine, and why it failed.

        here: what `ambient` has of this thread.
        """
        index, element = unit[2], unit[3]
        step = self.steps[index]
        here["source"] = context = StepContext(self, step, unit)
        try:
            if unit[4]:
                step.cleanup(context)
                return _WELL
            if element < 0:
                if step.when is not None and not step.when(context):
                    return _SKIPPED, 0, None
                if step.for_each is not None:
                    return self._fan_out(index, context[step.for_each])
                output = step.call(context)
                self.outputs[index] = output
            else:
                output = step.call(context)
                self.outputs[index][element] = output
            if self.keeps:
                return self._kept(unit, output, step)
            if step.feeds_engine:
                return _ENDED, _as_table(output, step), None
            return _WELL
        except BaseException as problem:
            return self._failed(step, index, element, problem)
        finally:
            here["source"] = None

    def _fan_out(self, index: int, items) -> tuple:
        elements = list(items)
        self.elements[index] = elements
        self.outputs[index] = [_missing if self.keeps else None] * len(elements)
        return _FANNED_OUT, len(elements), None

    def _failed(self, step, index: int, element: int, problem: BaseException) -> tuple:
        self.errors[index, element] = problem
        text = f"{type(problem).__name__}: {problem}".replace("\0", "").encode("utf-8", "replace")
        if not isinstance(problem, Exception):
            # SystemExit and KeyboardInterrupt are for the thread that waits.
            self._fatal = self._fatal or problem
            self._stop()
            return _FAILED, 0, text
        return _MAY_RETRY if step.retries_on(problem) else _FAILED, 0, text

    # ---- For steps and results -----------------------------------------------------------------

    def output(self, index: int, default: object = _missing) -> object:
        output = self.outputs[index]
        step = self.steps[index]
        if output is _missing and step.parts is not None:
            try:
                return [self.output(part) for part in step.parts]
            except KeyError:
                output = _missing
        elif output is _missing and (step.is_native or index in self._restored):
            with self._loading:
                if self.outputs[index] is _missing:
                    self._load(index)
                output = self.outputs[index]
        elif self.keeps and index in self.elements and _missing in output:
            with self._loading:
                self._fill(index, output)
        if output is not _missing:
            return output
        if default is _missing:
            raise KeyError(f"step {self.steps[index].name!r} has no output: it failed or was skipped")
        return default

    def outputs_by_name(self) -> dict[str, object]:
        """What all steps gave, in a run in which all ended well."""
        return {
            step.name: self.output(index, None) if output is _missing or self.keeps else output
            for index, (step, output) in enumerate(zip(self.steps, self.outputs))}

    def error(self, index: int, text: str | None) -> BaseException | None:
        """The exception of a step as it was raised; what the engine says where the engine failed it."""
        if text is None:
            return None
        found = self.errors.get((index, -1))
        if found is None:
            found = next((error for (step, _), error in self.errors.items() if step == index), None)
        if found is None or f"{type(found).__name__}: {found}" != text:
            return errors.StepError(text)
        return found

    def is_stopping(self, unit: Sequence) -> bool:
        stopping = ctypes.c_int32()
        _ffi.call("pf_workflow_is_stopping", self._handle.value, _numbers(unit), ctypes.byref(stopping))
        return bool(stopping.value)

    def token(self, unit: Sequence) -> _cancel.CancellationToken:
        return _StepToken(
            self, unit, _ffi.create("pf_workflow_cancellation", self._handle.value, _numbers(unit)))

    def report(self, unit: Sequence, fraction: float | None, message: str | None) -> None:
        _ffi.call(
            "pf_workflow_report", self._handle.value, _numbers(unit),
            float("nan") if fraction is None else fraction, None if message is None else message.encode())

    def result(self, with_steps: bool) -> dict:
        text = ctypes.c_void_p()
        _ffi.call("pf_workflow_result", self._handle.value, int(with_steps), ctypes.byref(text))
        return json.loads(_ffi.take_string(text))


def picture(handle: _ffi.Handle | None, kind: str, width: int = 0) -> str:
    """A picture of a workflow or a run, as text; those of Python's own schedule have no handle."""
    if handle is None:
        raise errors.UnsupportedError("a picture of a workflow needs the engine, which is missing or disabled")
    text = ctypes.c_void_p()
    _ffi.call("pf_workflow_picture", handle.value, kind.encode(), width, ctypes.byref(text))
    return _ffi.take_string(text)


def workflow_totals(reset: bool = False) -> dict:
    """Sums over the runs of this process that are over: `runs` by status, `steps` by state, `attempts`,
    `busy_time` and `wall_time` in seconds.

    reset: whether the sums begin anew.
    """
    text = ctypes.c_void_p()
    _ffi.call("pf_workflow_totals", int(reset), ctypes.byref(text))
    return json.loads(_ffi.take_string(text))


class _StepToken(_cancel.CancellationToken):
    """The token of an attempt, which the run raises."""

    __slots__ = ("_run", "_unit")

    def __init__(self, run: Run, unit: Sequence, handle: _ffi.Handle) -> None:
        super().__init__()
        self._run, self._unit, self._handle = run, unit, handle

    def is_cancelled(self) -> bool:
        return self._cancelled or self._run.is_stopping(self._unit)


def _numbers(unit: Sequence):
    return (ctypes.c_int32 * 5)(*unit[:5])


def _as_table(output: object, step) -> _table.Table:
    try:
        return output if isinstance(output, _table.Table) else _table.table(output)
    except TypeError as problem:
        raise TypeError(
            f"step {step.name!r} has to give a table, as an operation of the engine needs it: {problem}"
        ) from None
