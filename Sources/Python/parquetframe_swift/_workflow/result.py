"""What became of a run."""

from __future__ import annotations

from .. import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .running import Run


class StepResult:
    """What became of one step. Times are seconds since the run began."""

    __slots__ = ("_facts", "error", "output")

    def __init__(self, facts: dict, output: object, error: BaseException | None) -> None:
        self._facts = facts
        self.output = output
        self.error = error

    @property
    def name(self) -> str:
        return self._facts["name"]

    @property
    def state(self) -> str:
        """succeeded, failed, timed_out, skipped, cancelled or restored."""
        return self._facts["state"]

    @property
    def attempts(self) -> int:
        """How often the step was begun."""
        return self._facts["attempts"]

    @property
    def start_time(self) -> float | None:
        return self._facts.get("start_time")

    @property
    def end_time(self) -> float:
        return self._facts["end_time"]

    @property
    def busy_time(self) -> float:
        """The sum over the attempts."""
        return self._facts["busy_time"]

    @property
    def wait_time(self) -> float:
        """How long the step was ready and waited for room."""
        return self._facts["wait_time"]

    @property
    def cpu_time(self) -> float | None:
        return self._facts.get("cpu_time")

    def __repr__(self) -> str:
        text = f"<StepResult {self.name!r}: {self.state}, {self.attempts} attempt"
        text += "s" if self.attempts != 1 else ""
        if self.error is not None:
            text += f", {type(self.error).__name__}: {self.error}"
        return text + ">"


class WorkflowResult:
    """What became of a run.

    status: succeeded; partial (steps failed, and their policy let the run go on); failed; cancelled;
        timed_out.
    outputs: what the steps gave, by name; those that ended well alone.
    steps: a StepResult for each step, by name.
    metrics: a dict of counts and times of the run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._summary = run.result(False)
        self._steps: dict | None = None

    @property
    def name(self) -> str:
        return self._summary["name"]

    @property
    def status(self) -> str:
        return self._summary["status"]

    @property
    def metrics(self) -> dict:
        return self._summary["metrics"]

    @property
    def wall_time(self) -> float:
        """Seconds."""
        return self._summary["wall_time"]

    @property
    def steps(self) -> dict[str, StepResult]:
        if self._steps is None:
            self._steps = {
                facts["name"]: StepResult(
                    facts, self._run.output(index, None) if facts["state"] in _GOOD else None,
                    self._run.error(index, facts.get("error")))
                for index, facts in enumerate(self._run.result(True)["steps"])}
        return self._steps

    @property
    def outputs(self) -> dict[str, object]:
        if self.metrics["steps"].keys() <= _GOOD:
            # No step has to be asked how it ended.
            return self._run.outputs_by_name()
        return {name: step.output for name, step in self.steps.items() if step.state in _GOOD}

    def __getitem__(self, name: str) -> object:
        """The output of a step. Raises the step's error where it failed, KeyError where it did not run."""
        step = self.steps[name]
        if step.state in _GOOD:
            return step.output
        if step.error is not None:
            raise step.error
        raise KeyError(f"step {name!r} has no output: it was {step.state}")

    @property
    def error(self) -> BaseException | None:
        """The error that failed the run."""
        name = self._summary.get("failed_step")
        return None if name is None else self.steps[name].error

    def raise_for_status(self) -> WorkflowResult:
        """The result itself where the run succeeded, else an exception: the failed step's, as it was
        raised, or CancelledError."""
        if self.status == "failed" and self.error is not None:
            raise self.error
        if self.status in ("cancelled", "timed_out"):
            raise errors.CancelledError(f"workflow {self.name!r}: {self.status}", self._summary)
        if self.status == "partial":
            for step in self.steps.values():
                if step.error is not None and step.state in ("failed", "timed_out"):
                    raise step.error
        return self

    @property
    def checkpoint_error(self) -> str | None:
        """Why the checkpoint ends before the run does: its file could not be written."""
        return self._summary.get("checkpoint_error")

    def timeline_svg(self, width: int = 1000) -> str:
        """The run as an SVG image: time goes right, and each step is a bar in one of the lanes; the critical
        path is outlined, and below stands how many steps waited for room."""
        from .running import picture

        return picture(getattr(self._run, "_handle", None), "timeline", width)

    def _repr_svg_(self) -> str | None:
        try:
            return self.timeline_svg()
        except errors.UnsupportedError:  # no engine
            return None

    def to_dict(self) -> dict:
        """All that is known, without outputs, as plain values."""
        return self._run.result(True)

    def __repr__(self) -> str:
        return f"<WorkflowResult {self.name!r}: {self.status} in {self.wall_time:.3g} s>"


_GOOD = {"succeeded", "restored"}
