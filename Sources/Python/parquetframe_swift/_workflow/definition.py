"""Workflows: what people write down."""

from __future__ import annotations

import ctypes
import json
import os

from .. import _ffi, errors
from . import forms, relational
from .functions import caller
from .handlers import handler_of, registered
from .running import on_engine

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
        self._settings = _present(
            max_parallel=max_parallel, resources=resources and dict(resources), memory_bytes=memory,
            timeout=timeout)
        self._form: Mapping | None = None
        self._steps: list[dict] = []
        self._functions: dict[str, _Function] = {}
        self._inner: dict[str, Workflow] = {}
        self._handlers: dict[str, Callable] = {}
        self._opened: _Opened | None = None

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
        needs = _names(depends_on)
        made = _Function(name, function, needs, options)
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
        needs = _names(depends_on)
        when = options.pop("when", None)
        made = _Function(name, None, needs, options)
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
        list of what its last steps gave. `when` is [step, comparison, number]: a table's number of rows."""
        needs = _names(depends_on)
        when = options.pop("when", None)
        made = _Function(name, None, needs, options)
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

    def _open(self, inputs: Mapping | None = None) -> _Opened:
        """The checked definition; again where variables of it have other values now."""
        if self._opened is None or not self._opened.holds_for(inputs):
            self._opened = self._make(inputs)
        return self._opened

    def _make(self, inputs: Mapping | None, strict: bool = True) -> _Opened:
        return _Opened(self, self._read(inputs, strict), inputs)

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

        options = _present(
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


class _Function:
    """What Python knows of one step."""

    def __init__(self, name: str, function: Callable | None, needs: list, options: Mapping) -> None:
        self.name = name
        self.needs = needs
        for_each = options.get("for_each")
        self.for_each = None if for_each is None else _names(for_each)[0]
        self.call = None if function is None else caller(function, needs, self.for_each is not None)
        when = options.get("when")
        self.when = when if when is None or callable(when) else _condition(when)
        self.cleanup = options.get("cleanup")
        self.function = function
        self._retry_on = options.get("retry_on")
        self.config: dict = {}
        self.dependencies: dict[str, int] = {}
        self.inputs: list | None = None
        self.parts: list | None = None
        self.is_native = False
        self.feeds_engine = False

    def retries_on(self, problem: Exception) -> bool:
        if self._retry_on is None:
            return True
        if isinstance(self._retry_on, (type, tuple)):
            return isinstance(problem, self._retry_on)
        return bool(self._retry_on(problem))

    def version(self) -> str | None:
        """What the code of its functions is known by."""
        from .checkpoint import version

        made = [version(function) for function in (self.function, self.when) if function is not None]
        return " ".join(made) or None

    def definition(self, options: Mapping) -> dict:
        """The options as the engine reads them."""
        options = dict(options)
        for name in ("when", "retry_on"):
            options.pop(name, None)
        retries, backoff = options.pop("retries", None), options.pop("backoff", None)
        memory = options.pop("memory", None)
        given = _present(
            retry=_retry(retries, backoff), memory_bytes=memory, for_each=self.for_each,
            cleanup=True if options.pop("cleanup", None) is not None else None,
            reads=_paths(options.pop("reads", None)), version=options.pop("version", None))
        options.pop("for_each", None)
        for name in ("pool", "priority", "timeout", "deadline", "on_failure", "on_skip", "resources"):
            if options.get(name) is not None:
                given[name] = options.pop(name)
            options.pop(name, None)
        if options:
            import difflib

            name = next(iter(options))
            near = difflib.get_close_matches(name, _OPTIONS, 1)
            raise TypeError(
                f"a step has no option {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return given


_OPTIONS = (
    "pool", "priority", "retries", "backoff", "retry_on", "timeout", "deadline", "on_failure", "on_skip", "when",
    "for_each", "resources", "memory", "cleanup", "reads", "version")


class _Opened:
    """A definition that the engine has checked, and what Python does of it."""

    def __init__(self, workflow: Workflow, form: forms.Form, inputs: Mapping | None) -> None:
        self.name = workflow.name
        self._values = {name: (inputs or {}).get(name) for name in form.used}
        functions: dict[str, _Function] = {}
        handlers: dict[str, Callable] = {**registered()}
        _collect(workflow, "", functions, handlers)
        own = dict(handlers)
        problems = list(form.problems)
        self.is_native = on_engine()
        if not self.is_native:
            from . import fallback_operations, fallback_plan

            handlers = {**fallback_operations.handlers(), **handlers}
        definition, placed = relational.place(
            form.definition(), own, problems, _leaves_to_others if self.is_native else _has_words)
        handlers.update(placed)
        problems += _beside_inputs(definition, form.inputs, handlers)
        if self.is_native:
            definition = _versioned(definition, "", functions, handlers)
        text = json.dumps(definition, default=_plain)
        if self.is_native:
            self._open(text, handlers, problems)
        else:
            self.plan = fallback_plan.Plan(json.loads(text), {"python": None, **handlers})
            problems += self.plan.problems
        if problems:
            raise errors.ArgumentError("\n".join(problems), {"problems": problems})
        if self.is_native:
            described = ctypes.c_void_p()
            _ffi.call("pf_workflow_describe", self.handle.value, ctypes.byref(described))
            self.facts = json.loads(_ffi.take_string(described))
        else:
            self.facts = self.plan.facts
        definitions = _flat(definition, "")
        numbers = {facts["name"]: index for index, facts in enumerate(self.facts["steps"])}
        self.steps = [
            _step(facts, definitions.get(facts["name"], {}), functions, handlers, numbers)
            for facts in self.facts["steps"]]
        for facts, step in zip(self.facts["steps"], self.steps):
            step.inputs = form.inputs.get(facts["name"])
            for alias, name in form.aliases.get(facts["name"], {}).items():
                step.dependencies.setdefault(alias, step.dependencies[name])
        for facts in self.facts["steps"]:
            if facts.get("external"):
                continue
            # The engine looks at the tables of its operations, and of the conditions of whole workflows.
            if "operation" in facts or facts["name"] not in definitions:
                for name in facts["depends_on"]:
                    self.steps[numbers[name]].feeds_engine = True

    def _open(self, text: str, handlers: Mapping, problems: list) -> None:
        try:
            self.handle = _ffi.create(
                "pf_workflow_open", text.encode(), _ffi.options(handlers=["python", *handlers]))
        except errors.ArgumentError as problem:
            problems += problem.details.get("problems") or [str(problem)]

    def holds_for(self, inputs: Mapping | None) -> bool:
        """Whether the variables of the definition have the same values, and the engine is what it was."""
        given = inputs or {}
        return self.is_native is on_engine() and all(
            given.get(name) == value for name, value in self._values.items())


def _leaves_to_others(operation: str, parameters: Mapping) -> bool:
    """Whether the engine knows the operation and does not do it with these parameters."""
    if not set(parameters) & {"query", "expr", "transforms"}:
        return False
    step = {"name": operation, "operation": operation, "parameters": parameters}
    try:
        _ffi.create("pf_workflow_open", json.dumps({"steps": [step]}, default=_plain).encode(), None)
    except errors.ArgumentError as problem:
        return "needs a registered handler" in str(problem)
    return False


def _beside_inputs(definition: Mapping, inputs: Mapping, handlers: Mapping) -> list[str]:
    """The engine's operations take the tables of all their dependencies, where a form may say less."""
    return [
        f"step '{name}': {step.get('operation')!r} takes the tables of all that it depends on, and depends_on "
        "names more than its input; a step before it can depend on the others"
        for name, step in _flat(definition, "").items()
        if name in inputs and step.get("operation") not in handlers
        and len(step.get("depends_on") or ()) > len(inputs[name])]


def _has_words(operation: str, parameters: Mapping) -> bool:
    """What asks for a library where there is no engine."""
    return bool(set(parameters) & {"query", "expr", "transforms"})


def _collect(workflow: Workflow, prefix: str, functions: dict, handlers: dict) -> None:
    for name, function in workflow._functions.items():
        functions[prefix + name] = function
    handlers.update(workflow._handlers)
    for name, inner in workflow._inner.items():
        _collect(inner, f"{prefix}{name}.", functions, handlers)


def _flat(definition: Mapping, prefix: str) -> dict:
    """The steps of a definition by the names that they have in a run."""
    found = {}
    for step in definition.get("steps") or definition.get("pipeline") or ():
        if not isinstance(step, dict):
            continue
        name = f"{prefix}{step.get('name')}"
        found[name] = step
        if isinstance(step.get("workflow"), dict):
            found.update(_flat(step["workflow"], name + "."))
    return found


def _versioned(definition: Mapping, prefix: str, functions: dict, handlers: dict) -> dict:
    """The definition with the versions of what Python does, where it has none of its own."""
    member = "steps" if "steps" in definition else "pipeline"
    steps = []
    for step in definition.get(member) or ():
        if isinstance(step, dict):
            step = dict(step)
            name = f"{prefix}{step.get('name')}"
            if isinstance(step.get("workflow"), dict):
                step["workflow"] = _versioned(step["workflow"], name + ".", functions, handlers)
            elif "version" not in step:
                made = _Function(name, None, [], {})
                made = functions.get(name, made)
                if made.function is None:
                    made = _copy(made)
                    made.function = handlers.get(step.get("operation", step.get("type")))
                made = made.version()
                if made is not None:
                    step["version"] = made
        steps.append(step)
    return {**definition, member: steps}


def _step(facts: dict, definition: Mapping, functions: dict, handlers: dict, numbers: dict) -> _Function:
    name = facts["name"]
    config = next(
        (definition[key] for key in ("parameters", "params", "config") if key in definition), None) or {}
    found = functions.get(name)
    if found is None or found.call is None:
        options = {
            key: value for key, value in definition.items() if key in ("for_each", "when")}
        found = _Function(name, None, _names(definition.get("depends_on") or ()), options)
        if facts.get("external"):
            found.call = handler_of(handlers[facts["operation"]], facts["operation"], name, config)
    made = _copy(found)
    made.name, made.config, made.is_native = name, dict(config), not facts.get("external")
    # A step of an inner workflow calls its dependencies as they are called there.
    local = found.needs if len(found.needs) == len(facts["depends_on"]) else facts["depends_on"]
    if "workflow" in definition:
        # It gives what those of its steps gave that no other one of them needs.
        made.parts = parts = [numbers[last] for last in facts["depends_on"] if last.startswith(name + ".")]
        made.call = lambda ctx: [ctx._run.output(part) for part in parts]
    made.dependencies = {}
    for own, full in zip(local, facts["depends_on"]):
        made.dependencies[own] = made.dependencies[full] = numbers[full]
    return made


def _copy(step: _Function) -> _Function:
    made = object.__new__(_Function)
    made.__dict__.update(step.__dict__)
    return made


def _names(depends_on: str | Callable | Iterable) -> list[str]:
    """The names of steps that are named, or whose functions are given."""
    if isinstance(depends_on, str) or callable(depends_on):
        depends_on = [depends_on]
    return [name if isinstance(name, str) else name.__name__ for name in depends_on]


def _paths(reads: object) -> list[str] | None:
    """Absolute paths: what is read must not depend on where the process stands."""
    if reads is None:
        return None
    if isinstance(reads, (str, bytes, os.PathLike)):
        reads = [reads]
    return [os.path.abspath(os.fsdecode(path)) for path in reads]


def _retry(retries: int | None, backoff: Sequence[float] | Mapping | None) -> dict | None:
    if not retries and backoff is None:
        return None
    attempts = {} if retries is None else {"attempts": retries + 1}
    if backoff is None:
        return attempts
    if isinstance(backoff, dict):
        return {**attempts, **backoff}
    if isinstance(backoff, tuple) and len(backoff) == 2:
        return {**attempts, "first": backoff[0], "limit": backoff[1]}
    delays = [backoff] if isinstance(backoff, (int, float)) else list(backoff)
    return {**attempts, "delays": delays}


def _condition(when: Sequence) -> Callable:
    """[step, comparison, value]: an output compared with a value; of a table its number of rows."""
    import operator

    name, comparison, value = when
    compare = {
        "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
        ">=": operator.ge}[comparison]

    def holds(ctx) -> bool:
        output = ctx.get(name)
        return compare(getattr(output, "num_rows", output), value)

    return holds


def _present(**values) -> dict:
    return {name: value for name, value in values.items() if value is not None}


def _plain(value: object) -> object:
    """What JSON has no word for: paths, and numbers of numpy."""
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a definition cannot hold a {type(value).__name__}")
