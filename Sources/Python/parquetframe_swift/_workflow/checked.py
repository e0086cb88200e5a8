"""A definition that was checked: what the engine says of it, and what Python does of it."""

from __future__ import annotations

import ctypes
import json
import os

from .. import _ffi, errors
from . import relational
from .handlers import handler_of, registered
from .running import on_engine
from .steps import PythonStep, copy_of, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from . import forms
    from .definition import Workflow


class CheckedWorkflow:
    """A definition that the engine has checked, and what Python does of it."""

    def __init__(self, workflow: Workflow, form: forms.Form, inputs: Mapping | None) -> None:
        self.name = workflow.name
        self._values = {name: (inputs or {}).get(name) for name in form.used}
        functions: dict[str, PythonStep] = {}
        handlers: dict[str, Callable] = {**registered()}
        _collect(workflow, "", functions, handlers)
        own = dict(handlers)
        problems = list(form.problems)
        self.is_native = on_engine()
        if not self.is_native:
            from . import fallback

            handlers = {**fallback.handlers(), **handlers}
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
            self.plan = fallback.Plan(json.loads(text), {"python": None, **handlers})
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
        # The steps that ask whether a workflow is to run, and those that are the workflows.
        gates = {
            f"{name}.begin": name for name, step in definitions.items()
            if "workflow" in step and step.get("when") is not None}
        self.steps = []
        for facts in self.facts["steps"]:
            owner = gates.get(facts["name"], facts["name"])
            facts = {**facts, "depends_on": [name for name in facts["depends_on"] if name not in gates]}
            definition = definitions.get(owner, {})
            if facts["name"] in gates:
                step = _gate(facts, functions.get(owner), definition, numbers)
            else:
                step = _step(facts, definition, functions, handlers, numbers)
            step.inputs = form.inputs.get(owner)
            if step.inputs is None and len(facts["depends_on"]) > len(set(facts["depends_on"])):
                # One that is named twice is an input twice.
                step.inputs = facts["depends_on"]
            for alias, name in form.aliases.get(owner, {}).items():
                step.dependencies.setdefault(alias, step.dependencies[name])
            self.steps.append(step)
        for facts in self.facts["steps"]:
            # The engine looks at the tables of its operations.
            if "operation" in facts and not facts.get("external"):
                for name in facts["depends_on"]:
                    self.steps[numbers[name]].feeds_engine |= name not in gates

    def _open(self, text: str, handlers: Mapping, problems: list) -> None:
        try:
            self.handle = _ffi.create(
                "pf_workflow_open", text.encode(),
                _ffi.options(handlers=["python", "workflow.when", *handlers]))
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
                made = PythonStep(name, None, [], {})
                made = functions.get(name, made)
                if made.function is None:
                    made = copy_of(made)
                    made.function = handlers.get(step.get("operation", step.get("type")))
                made = made.version()
                if made is not None:
                    step["version"] = made
        steps.append(step)
    return {**definition, member: steps}


def _gate(facts: dict, own: PythonStep | None, definition: Mapping, numbers: dict) -> PythonStep:
    """The step that asks the condition of a workflow, as that step would; it gives nothing."""
    when = definition["when"] if own is None else own.when
    made = PythonStep(facts["name"], lambda: None, names_of(definition["depends_on"]), {"when": when})
    _connect(made, facts, numbers)
    return made


def _connect(made: PythonStep, facts: dict, numbers: dict) -> None:
    # A step of an inner workflow calls its dependencies as they are called there.
    local = made.needs if len(made.needs) == len(facts["depends_on"]) else facts["depends_on"]
    made.dependencies = {}
    for own, full in zip(local, facts["depends_on"]):
        made.dependencies[own] = made.dependencies[full] = numbers[full]


def _step(facts: dict, definition: Mapping, functions: dict, handlers: dict, numbers: dict) -> PythonStep:
    name = facts["name"]
    config = next(
        (definition[key] for key in ("parameters", "params", "config") if definition.get(key) is not None), {})
    found = functions.get(name)
    if found is None or found.call is None:
        options = {
            key: value for key, value in definition.items() if key in ("for_each", "when")}
        found = PythonStep(name, None, names_of(definition.get("depends_on") or ()), options)
        if facts.get("external"):
            found.call = handler_of(handlers[facts["operation"]], facts["operation"], name, config)
    made = copy_of(found)
    made.name, made.config, made.is_native = name, dict(config), not facts.get("external")
    if "workflow" in definition:
        # Another step has asked its condition. It gives what those of its steps gave that no other one of
        # them needs.
        made.parts = parts = [numbers[last] for last in facts["depends_on"] if last.startswith(name + ".")]
        made.call, made.when = lambda ctx: [ctx._run.output(part) for part in parts], None
    _connect(made, facts, numbers)
    return made


def _plain(value: object) -> object:
    """What JSON has no word for: paths, and numbers of numpy."""
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a definition cannot hold a {type(value).__name__}")
