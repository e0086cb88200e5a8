"""What a step sees of its run."""

from __future__ import annotations

from .. import _cancel, errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .running import Run

# Stands for an output that is not there.
missing = object()


class StepContext:
    """What a step sees of its run: the outputs of its dependencies, its attempt, whether it is to stop.

        def clean(ctx):
            table = ctx["load"]
            for index, part in enumerate(table.iter_batches()):
                ctx.check_cancelled()
                ctx.report(index / table.num_batches)
    """

    __slots__ = ("_run", "_step", "_token", "_unit")

    def __init__(self, run: Run, step, unit: Sequence) -> None:
        self._run = run
        self._step = step
        # Unit, attempt, step, element, whether it is the cleanup.
        self._unit = unit
        self._token: _cancel.CancellationToken | None = None

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self._unit[1]

    @property
    def name(self) -> str:
        """The name of the step."""
        return self._step.name

    @property
    def config(self) -> dict:
        """The parameters of the step, where a definition gave it some."""
        return self._step.config

    @property
    def inputs(self) -> dict:
        """What was given to the run."""
        return self._run.inputs

    @property
    def dependencies(self) -> tuple:
        """The names of the steps that had to end first, as the step calls them."""
        return tuple(self._step.dependencies)

    def __getitem__(self, name: str) -> object:
        """The output of a dependency. KeyError where it has none: it failed or was skipped, and its
        policy let the run go on."""
        try:
            step = self._step.dependencies[name]
        except KeyError:
            known = ", ".join(map(repr, self._step.dependencies)) or "none"
            raise KeyError(
                f"step {self.name!r} asks for the output of {name!r}, which is not among its "
                f"dependencies ({known})") from None
        run = self._run
        output = run.outputs[step]
        return run.output(step) if output is missing or run.keeps else output

    def get(self, name: str, default: object = None) -> object:
        """The output of a dependency, or `default` where it has none."""
        step = self._step.dependencies.get(name)
        if step is None:
            return self[name]
        return self._run.output(step, default)

    @property
    def element(self) -> object:
        """The element that this is about, where the step is fanned out."""
        if self._unit[3] < 0:
            raise AttributeError(f"step {self.name!r} is not fanned out")
        return self._run.elements[self._unit[2]][self._unit[3]]

    @property
    def element_index(self) -> int | None:
        """The number of the element, where the step is fanned out."""
        return None if self._unit[3] < 0 else self._unit[3]

    def is_cancelled(self) -> bool:
        """Whether the attempt is to stop: the run was cancelled or has failed, or the time is over."""
        return self._run.is_stopping(self._unit)

    def check_cancelled(self) -> None:
        """Raises CancelledError where the attempt is to stop."""
        if self.is_cancelled():
            raise errors.CancelledError(f"step {self.name!r} was told to stop")

    @property
    def cancel(self) -> _cancel.CancellationToken:
        """Raised when the attempt is to stop. Calls of this package in the step stop by themselves."""
        if self._token is None:
            self._token = self._run.token(self._unit)
        return self._token

    def report(self, fraction: float | None = None, message: str | None = None) -> None:
        """Tells `on_progress` how far the step is: `fraction` from 0 to 1, and anything else."""
        self._run.report(self._unit, fraction, message)
