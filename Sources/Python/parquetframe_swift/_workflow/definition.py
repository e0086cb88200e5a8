"""Workflows: what people write down."""

from __future__ import annotations

import json
import os

from .. import errors
from . import forms
from .checked import CheckedWorkflow
from .steps import PythonStep, names_of, present

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypedDict

    from typing_extensions import Unpack

    from .._cancel import CancellationToken
    from .result import WorkflowResult

    class StepOptions(TypedDict, total=False):
        """How a step is run.

        pool: "shared" (limited by max_parallel alone), "cpu" (as many at once as there are processors) or
            "io" (many at once).
        priority: of the steps that are ready, those of higher priority start first; equal ones in the order
            of definition.
        retries: how many attempts follow the first one when it fails.
        backoff: seconds before them: a list of delays; or (first, limit), doubling; or a dict with first,
            factor, limit, jitter.
        retry_on: the exceptions that are worth another attempt: a class, a tuple, or a function that is
            given the exception.
        timeout: seconds that one attempt may take.
        deadline: seconds from the start of the run to the end of the step, all attempts together.
        on_failure: what a failure means: "fail" the run, "skip" what depends on the step, or "continue" as
            if it had ended.
        on_skip: whether dependents are skipped ("skip") or run ("continue") when `when` said no.
        when: a function that is given the context and says whether the step is needed; or
            [step, comparison, value] as in a definition.
        for_each: the dependency whose list the step is run for, element by element; the output is the list
            of results.
        resources: what the step holds while it runs, of the resources of the workflow.
        memory: bytes that the step holds while it runs, of the memory of the workflow.
        cleanup: a function that is given the context, once, when the step was begun and did not end well.
        reads: files that the step reads: a checkpoint knows them by size and time of change.
        version: a text that is changed when the step is to run again in spite of a checkpoint. It stands for
            the code of the step's functions, which else is part of the key itself.
        """

        pool: str
        priority: int
        retries: int
        backoff: Sequence[float] | Mapping[str, float]
        retry_on: type | tuple | Callable
        timeout: float
        deadline: float
        on_failure: str
        on_skip: str
        when: Callable | Sequence
        for_each: str | Callable
        resources: Mapping[str, int]
        memory: int
        cleanup: Callable
        reads: str | os.PathLike | Sequence
        version: str


class Workflow:
    """Steps and what each of them needs.

        wf = pfs.Workflow("etl")

        @wf.step
        def load():
            return pfs.read_parquet("trips.parquet")

        @wf.step(depends_on=["load"], retries=3, backoff=(0.1, 2.0), timeout=60)
        def summary(load):
            return load.num_rows

        result = wf.run()
        result.outputs["summary"]

    A step starts the moment its last dependency has ended and there is room. All problems of a definition
    are told at once, when it is first used.
    """

    def __init__(
        self,
        name: str = "workflow",
        max_parallel: int | None = None,
        *,
        resources: Mapping[str, int] | None = None,
        memory: int | None = None,
        timeout: float | None = None,
    ) -> None:
        """
        name: what reports call it.
        max_parallel: the most steps that run at once.
        resources: named resources and their capacities, which steps hold while they run.
        memory: bytes that the steps that run may declare together.
        timeout: seconds that a run may take.
        """
        self.name = name
        self._settings = present(
            max_parallel=max_parallel, resources=resources and dict(resources), memory_bytes=memory,
            timeout=timeout)
        self._form: Mapping | None = None
        self._steps: list[dict] = []
        self._functions: dict[str, PythonStep] = {}
        self._inner: dict[str, Workflow] = {}
        self._handlers: dict[str, Callable] = {}
        self._opened: CheckedWorkflow | None = None

    # ---- Steps ---------------------------------------------------------------------------------

    def step(
        self,
        function: Callable | None = None,
        *,
        name: str | None = None,
        depends_on: str | Callable | Iterable = (),
        **options: Unpack[StepOptions],
    ) -> Callable:
        """Makes a step of a function: a decorator, with or without options.

        The function is given what its parameters ask for: the context where one is called `ctx`, the output
        of a dependency where one has its name, in a step with `for_each` the element.
        """

        def decorate(function):
            self.add_step(name or function.__name__, function, depends_on=depends_on, **options)
            return function

        return decorate if function is None else decorate(function)

    def add_step(
        self,
        name: str,
        function: Callable,
        *,
        depends_on: str | Callable | Iterable = (),
        **options: Unpack[StepOptions],
    ) -> None:
        """Adds a step that calls `function`."""
        needs = names_of(depends_on)
        made = PythonStep(name, function, needs, options)
        self._add({
            "name": name, "operation": "python", "depends_on": needs,
            **made.definition(options)})
        self._functions.setdefault(name, made)

    def add_operation(
        self,
        name: str,
        operation: str,
        parameters: Mapping | None = None,
        *,
        depends_on: str | Callable | Iterable = (),
        **options: Unpack[StepOptions],
    ) -> None:
        """Adds a step that is an operation of the engine (read, filter, …) or one with a handler."""
        needs = names_of(depends_on)
        when = options.pop("when", None)
        made = PythonStep(name, None, needs, options)
        definition = {
            "name": name, "operation": operation, "parameters": dict(parameters or {}), "depends_on": needs,
            **made.definition(options)}
        if when is not None:
            definition["when"] = list(when)
        self._add(definition)

    def add_workflow(
        self, name: str, workflow: Workflow, *, depends_on: str | Callable | Iterable = (),
        **options: Unpack[StepOptions],
    ) -> None:
        """Adds a step that is a workflow of its own; its steps are called `name.step`, and the output is the
        list of what its last steps gave. A step `name.begin` asks `when`, which is what it is of other steps;
        where it is a function, the workflow needs a dependency."""
        needs = names_of(depends_on)
        made = PythonStep(name, None, needs, options)
        when = options.pop("when", None)
        if callable(when):
            if not needs:
                raise TypeError(f"the condition of workflow {name!r} needs a dependency that it can look at")
            self._functions.setdefault(name, made)
            # What the engine reads has no functions; a checkpoint knows this one by its code.
            when = [needs[0], "!=", {"function": made.version()}]
        self._add({
            "name": name, "depends_on": needs, "workflow": workflow._definition(),
            "when": None if when is None else list(when), **made.definition(options)})
        self._inner[name] = workflow

    def _add(self, definition: dict) -> None:
        self._steps.append({key: value for key, value in definition.items() if value is not None})
        self._opened = None

    def handler(self, operation: str, function: Callable | None = None) -> Callable:
        """Registers `function(operation, name, config, ctx)` for steps of this operation: a decorator."""

        def register(function):
            self._handlers[operation] = function
            self._opened = None
            return function

        return register if function is None else register(function)

    # ---- Definitions ---------------------------------------------------------------------------

    @classmethod
    def from_dict(cls, definition: Mapping, handlers: Mapping[str, Callable] | None = None) -> Workflow:
        """Makes a workflow of a definition (`Specs/workflow.md`): `name`, `settings`, `variables`, and
        `steps` with `operation`, `parameters` and `depends_on`, or in the flat form with `type`, `input` and
        `output`. Operations are the engine's own, relational ones, or those of `handlers`."""
        if not isinstance(definition, dict):
            raise TypeError(f"a definition is a dict, not {type(definition).__name__}")
        made = cls()
        made._form = definition
        made._handlers.update(handlers or {})
        form = forms.read(definition, strict=False)
        made.name, made._settings = form.name, form.settings
        if form.problems:
            made._make(None, strict=False)
        return made

    @classmethod
    def from_json(
        cls, source: str | os.PathLike, handlers: Mapping[str, Callable] | None = None
    ) -> Workflow:
        """`from_dict` of a JSON file."""
        with open(source, encoding="utf-8") as file:
            return cls.from_dict(json.load(file), handlers)

    @classmethod
    def from_yaml(
        cls, source: str | os.PathLike, handlers: Mapping[str, Callable] | None = None
    ) -> Workflow:
        """`from_dict` of a YAML file. Needs PyYAML."""
        try:
            import yaml
        except ImportError:
            raise ImportError("from_yaml needs PyYAML: pip install pyyaml") from None
        with open(source, encoding="utf-8") as file:
            return cls.from_dict(yaml.safe_load(file), handlers)

    def _definition(self) -> dict:
        return self._read().definition()

    def _read(self, inputs: Mapping | None = None, strict: bool = True) -> forms.Form:
        if self._form is None:
            form = forms.Form()
            form.name, form.settings, form.steps = self.name, self._settings, self._steps
            return form
        form = forms.read(self._form, inputs, strict=strict)
        form.steps = form.steps + self._steps
        return form

    def _open(self, inputs: Mapping | None = None) -> CheckedWorkflow:
        """The checked definition; again where variables of it have other values now."""
        if self._opened is None or not self._opened.holds_for(inputs):
            self._opened = self._make(inputs)
        return self._opened

    def _make(self, inputs: Mapping | None, strict: bool = True) -> CheckedWorkflow:
        return CheckedWorkflow(self, self._read(inputs, strict), inputs)

    def validate(self, inputs: Mapping | None = None) -> None:
        """Raises ArgumentError with all that is wrong with the definition; `inputs` has what a run would be
        given for its variables."""
        self._open(inputs)

    # ---- Looking -------------------------------------------------------------------------------

    @property
    def steps(self) -> list[str]:
        """The names of the steps in the order of definition; those of inner workflows stand before the step
        that holds them."""
        return [step.name for step in self._open().steps]

    @property
    def levels(self) -> list[list[str]]:
        """First the steps that need nothing, then those whose dependencies are all on earlier levels, and so
        on. Runs do not wait for levels."""
        return self._open().facts["levels"]

    @property
    def critical_path(self) -> list[str]:
        """The longest chain of steps."""
        return self._open().facts["critical_path"]

    def to_mermaid(self, result: WorkflowResult | None = None) -> str:
        """The graph as Mermaid text; with a result of this workflow the steps have the colours of their
        states."""
        return self._picture("mermaid", result)

    def to_dot(self, result: WorkflowResult | None = None) -> str:
        """The graph in Graphviz's language; with a result of this workflow the steps have the colours of their
        states."""
        return self._picture("dot", result)

    def _picture(self, kind: str, result: WorkflowResult | None) -> str:
        from .running import picture

        opened = self._open()
        if result is None:
            return picture(getattr(opened, "handle", None), kind)
        if [step.name for step in result._run.steps] != self.steps:
            raise errors.ArgumentError(f"the result is of another workflow than {self.name!r}: {result.name!r}")
        return picture(getattr(result._run, "_handle", None), kind)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        """Notebooks that know Mermaid draw the graph."""
        try:
            return {"text/vnd.mermaid": self.to_mermaid(), "text/plain": repr(self)}
        except errors.Error:  # no engine, or a definition that is not whole yet
            return {"text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Workflow {self.name!r}: {len(self._read(strict=False).steps)} steps>"

    # ---- Running -------------------------------------------------------------------------------

    def run(
        self,
        inputs: Mapping | None = None,
        *,
        parallel: bool = True,
        max_parallel: int | None = None,
        on_progress: Callable[[dict], object] | None = None,
        cancel: CancellationToken | None = None,
        timeout: float | None = None,
        grace: float | None = None,
        seed: int | None = None,
        measure_cpu: bool | None = None,
        progress: bool | str = False,
        checkpoint: str | os.PathLike | None = None,
        resume: bool = True,
        sync: bool = False,
    ) -> WorkflowResult:
        """Runs the workflow. The result comes also when steps have failed: `result.status`, or
        `result.raise_for_status()`.

        inputs: what steps find as `ctx.inputs`, and values for the variables of a definition.
        parallel: False runs one step after the other on the calling thread.
        max_parallel: the most steps that run at once.
        on_progress: is given what happens, as a dict with kind (queued, started, retried, progress,
            completed, failed, skipped, cancelled, restored, run_ended), time, step, attempt and what else
            there is; by the calling thread. What it raises stops the run and comes out here.
        cancel: a token that stops the run.
        timeout: seconds that the run may take.
        grace: seconds that steps have to stop when they are told to (5); then the result comes without them.
        seed: decides the jitter of delays.
        measure_cpu: whether the processor time of steps is measured.
        progress: True shows how the run is doing, by rich where that is installed, else by tqdm, else in
            lines on stderr where that is a terminal; "rich" and "tqdm" are asked for by name.
        checkpoint: the path of a file, made where there is none, to which the outcome of each step that ends
            well is written before what depends on it begins. Steps that an earlier run on the same file has
            done are `restored` and do not run, unless what they do has changed, or what they read: their
            name, operation, parameters, `version` or code, the inputs of the run, the files that they read
            (of operations of the engine, and `reads`), or any of these of a step that they depend on.
            `Specs/workflow.md`, "Checkpoints", has the rules.
        resume: False forgets what the checkpoint has; all steps run.
        sync: whether each record is on the disk before the run goes on, to outlive a crash of the machine. A
            crash or kill of the process alone loses nothing but the steps that ran.

        Outputs of functions are kept as pickles, and so a checkpoint is to be trusted like code: reading one
        that somebody else has made runs what they want. Tables are kept as Arrow IPC streams in files beside
        it. A step whose output cannot be pickled runs again when a step that runs needs it.

        Ctrl-C stops the run, lets running steps stop, and raises KeyboardInterrupt.
        """
        from . import progress as shown
        from .result import WorkflowResult
        from .running import Run

        options = present(
            max_parallel=max_parallel if parallel else 1, timeout=timeout, grace=grace, seed=seed,
            measure_cpu=measure_cpu, events=True if on_progress is not None or progress else None)
        if parallel and max_parallel is None and "max_parallel" not in self._settings:
            # As many as concurrent.futures takes: Python's steps wait more than they compute.
            options["shared_limit"] = min(32, (os.cpu_count() or 1) + 4)
        opened = self._open(inputs)
        kept = None if checkpoint is None else (checkpoint, resume, sync)
        if opened.is_native:
            run = Run(opened, dict(inputs or {}), options, cancel, kept)
        elif kept is not None:
            raise errors.UnsupportedError("a checkpoint needs the engine, which is missing or disabled")
        else:
            from .fallback import FallbackRun

            run = FallbackRun(opened, dict(inputs or {}), options, cancel)
        display = shown.display(progress, self.name, opened.steps)
        try:
            (run.drive if parallel else run.drive_here)(display.before(on_progress))
        finally:
            display.close()
        return WorkflowResult(run)
