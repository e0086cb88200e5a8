"""The forms in which people write definitions down, and the one that the engine reads.

Steps are nested (`operation`, `parameters`, `depends_on`) or flat: parameters beside `type`, and datasets by
name, `output: sales` in one step and `input: sales` in another. `${name}` stands for a variable.
"""

from __future__ import annotations

import os
import re

from .relational.expressions import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_MEMBERS = ("name", "description", "version", "settings", "config", "variables", "steps", "pipeline")
# What a step has in the form that the engine reads.
_NESTED = (
    "name", "depends_on", "operation", "type", "parameters", "params", "config", "workflow", "for_each",
    "when", "on_skip", "on_failure", "pool",
    "resource_hint", "priority", "resources", "memory_bytes", "timeout",
    "deadline", "retries", "retry", "retry_policy", "reads", "version", "cleanup")
_FLAT = ("input", "inputs", "output", "timeout_ms", "description")
_RENAMED = {
    "csv.read": "read_csv", "avro.read": "read_avro", "to_parquet": "parquet.write", "to_csv": "csv.write"}
_READING = ("read", "read_parquet", "read_csv", "read_avro", "parquet.read")
_WRITING = ("write", "save", "parquet.write", "csv.write")
# What works on the dataset that is at hand where no other is named.
_WORKING = (
    "select", "rename", "drop", "transform", "filter", "query", "limit", "concatenate", "concat", "graph",
    "sort", "groupby", "group_by", "groupby_agg", "aggregate", "describe", *_WRITING)
# The dataset that the original means where no name is given.
_AT_HAND = "data"

_VARIABLE = re.compile(r"\$(\$\{)|\$\{([^}]*)\}|\$([A-Za-z_]\w*)")


class Form:
    """A definition as the engine reads it.

    aliases: by the name of a step, the other names of its dependencies: those of datasets.
    inputs: by the name of a step, the dependencies whose tables it takes, where the form says so.
    problems: all that is wrong, in words.
    used: the names of the variables that are in it.
    """

    def __init__(self) -> None:
        self.name = "workflow"
        self.settings: dict = {}
        self.steps: list = []
        self.aliases: dict[str, dict[str, str]] = {}
        self.inputs: dict[str, list[str]] = {}
        self.problems: list[str] = []
        self.used: set[str] = set()

    def definition(self) -> dict:
        return {"name": self.name, "settings": self.settings, "steps": self.steps}


def read(definition: Mapping, inputs: Mapping | None = None, *, strict: bool = True) -> Form:
    """The definition with its variables filled in.

    inputs: what the run was given, which goes before the definition's own `variables`.
    strict: whether a variable that nothing is known of is a problem; else it stays as it is.
    """
    form = Form()
    variables = _Variables({}, strict, form.problems)
    for name, value in (inputs or {}).items():
        if isinstance(name, str) and _is_plain(value):
            variables.given[name] = value
    _read(dict(definition), variables, form)
    form.used = variables.used
    return form


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, bool, int, float, list, tuple, dict, os.PathLike, type(None)))


class _Variables:
    """Values by name. Those that were given to the run go before those of the definition."""

    def __init__(self, given: dict, strict: bool, problems: list) -> None:
        self.given = given
        self.own: dict = {}
        self.used: set[str] = set()
        self._strict = strict
        self._problems = problems

    def inner(self, own: dict) -> _Variables:
        made = _Variables(self.given, self._strict, self._problems)
        made.own = {**self.own, **own}
        made.used = self.used
        return made

    def fill(self, value: object, place: str) -> object:
        """The value with all variables in it filled in. One that is all of a text keeps its type."""
        if isinstance(value, dict):
            return {
                self.fill(key, place): self.fill(item, f"{place}.{key}" if place else str(key))
                for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill(item, f"{place}[{index}]") for index, item in enumerate(value)]
        if not isinstance(value, str) or "$" not in value:
            return value
        whole = re.fullmatch(r"\$\{([^}]*)\}", value)
        if whole is not None:
            return self._value(whole.group(1).strip(), value, place)
        return _VARIABLE.sub(lambda match: self._text(match, place), value)

    def _text(self, match: re.Match, place: str) -> str:
        escaped, braced, bare = match.groups()
        if escaped is not None:
            return escaped
        if bare is not None:
            self.used.add(bare)
            # `$name` is a variable only where there is one.
            return match.group() if bare not in self.given and bare not in self.own else str(
                self._value(bare, match.group(), place))
        value = self._value(braced.strip(), match.group(), place)
        return os.fspath(value) if isinstance(value, os.PathLike) else str(value)

    def _value(self, name: str, text: str, place: str) -> object:
        self.used.add(name)
        if name in self.given:
            return self.given[name]
        if self.own.get(name) is not None:
            return self.own[name]
        if self._strict:
            known = [*self.given, *self.own]
            why = "has no value, and the run gave none" if name in self.own else (
                f"is not known{nearest(name, known)}")
            self._problems.append(f"{place}: variable {name!r} {why}")
        return text


def _read(definition: dict, variables: _Variables, form: Form) -> None:
    for key in [key for key in definition if key not in _MEMBERS]:
        form.problems.append(
            f"a definition has no {key!r}{nearest(key, _MEMBERS)}; it has {', '.join(_MEMBERS[:-1])} "
            "(or pipeline)")
        del definition[key]
    own = definition.get("variables")
    if not isinstance(own, (dict, type(None))):
        form.problems.append("variables is not an object")
        own = None
    variables = variables.inner({})
    for name, value in (own or {}).items():
        # A variable may be made of those before it.
        variables.own[name] = variables.fill(value, f"variables.{name}")
    form.name = variables.fill(definition.get("name"), "name") or "workflow"
    stops = _read_settings(definition, variables, form)
    steps = definition.get("steps", definition.get("pipeline"))
    if steps is None or not isinstance(steps, (list, tuple)):
        if steps is not None:
            form.problems.append("steps is not a list")
        steps = []
    steps = [
        _Step(step, index, variables, form) if isinstance(step, dict) else step
        for index, step in enumerate(steps)]
    _connect([step for step in steps if isinstance(step, _Step)], form)
    for step in steps:
        if isinstance(step, _Step):
            if not stops and "workflow" not in step.made:
                step.made.setdefault("on_failure", "skip")
            form.steps.append(step.made)
        else:
            form.steps.append(step)


def _read_settings(definition: dict, variables: _Variables, form: Form) -> bool:
    """Whether the run stops when a step fails."""
    for key in ("settings", "config"):
        given = definition.get(key)
        if given is not None and not isinstance(given, dict):
            form.problems.append(f"{key} is not an object")
        elif given:
            form.settings.update(variables.fill(given, key))
    stops = form.settings.pop("stop_on_failure", True)
    if not isinstance(stops, bool):
        form.problems.append("settings.stop_on_failure is not a truth value")
    _seconds(form.settings, "settings", form.problems)
    return stops is not False


def _seconds(made: dict, place: str, problems: list) -> None:
    """`timeout_ms` as `timeout`."""
    if made.get("timeout_ms") is None:
        made.pop("timeout_ms", None)
        return
    value = made.pop("timeout_ms")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        problems.append(f"{place}.timeout_ms is not a number of milliseconds")
    elif made.setdefault("timeout", value / 1000) != value / 1000:
        problems.append(f"{place} has timeout and timeout_ms")


class _Step:
    """A step, and what it says of datasets."""

    def __init__(self, given: dict, index: int, variables: _Variables, form: Form) -> None:
        self.problems = form.problems
        name = variables.fill(given.get("name"), f"steps[{index}].name")
        self.name = f"step_{index}" if name is None else name
        self.place = f"step {self.name!r}"
        inner = given.get("workflow")
        given = {
            key: variables.fill(value, f"{self.place}, {key}")
            for key, value in given.items() if key != "workflow"}
        made = self.made = {key: given[key] for key in _NESTED if given.get(key) is not None}
        made["name"] = self.name
        if isinstance(inner, dict):
            part = Form()
            part.problems = form.problems
            _read(dict(inner), variables, part)
            made["workflow"] = part.definition()
            for of in ("aliases", "inputs"):
                getattr(form, of).update(
                    (f"{self.name}.{step}", value) for step, value in getattr(part, of).items())
        elif inner is not None:
            made["workflow"] = inner
        operation = made.pop("type", None) if "operation" not in made else made["operation"]
        made.pop("type", None)
        self.operation = _RENAMED.get(operation, operation) if isinstance(operation, str) else operation
        if self.operation is not None:
            made["operation"] = self.operation
        self._read_parameters(given)
        if "timeout_ms" in given:
            made["timeout_ms"] = given["timeout_ms"]
        _seconds(made, self.place, self.problems)
        self.own_dependencies = self._names(made.pop("depends_on", None) or [], "depends_on")
        self.wanted: list[str] = []
        self.output: str | None = None
        self._read_datasets(given)

    def _read_parameters(self, given: dict) -> None:
        """Parameters stand in an object of their own, or beside the type."""
        parameters: dict = {}
        for key in ("parameters", "params", "config"):
            value = self.made.pop(key, None)
            if isinstance(value, dict):
                parameters.update(value)
            elif value is not None:
                self.problems.append(f"{self.place}: {key} is not an object")
        for key, value in given.items():
            if key in _NESTED or key in _FLAT or key in self._ends():
                continue
            import difflib

            near = difflib.get_close_matches(str(key), [*_NESTED, *_FLAT], 1, 0.84)
            if near:
                self.problems.append(
                    f"{self.place} has no {key!r}; did you mean {near[0]!r}? "
                    "(a parameter of the operation of this name stands under parameters)")
            elif "workflow" in self.made:
                self.problems.append(f"{self.place} has no {key!r}: it is a workflow")
            elif key in parameters:
                self.problems.append(f"{self.place}: parameter {key!r} is given twice")
            else:
                parameters[key] = value
        self.parameters = parameters
        if "workflow" not in self.made:
            self.made["parameters"] = parameters

    def _ends(self) -> tuple:
        return ("left", "right") if self.operation in ("join", "merge") else ()

    def _names(self, value: object, key: str) -> list[str]:
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, (list, tuple)) or not all(isinstance(item, str) for item in found):
            self.problems.append(f"{self.place}: {key} is not a name or a list of names")
            return []
        return list(found)

    def _read_datasets(self, given: dict) -> None:
        output = given.get("output")
        if self.operation in _READING:
            for key in ("input", "inputs"):
                if given.get(key) is not None:
                    if "path" in self.parameters or "input" in self.parameters:
                        self.problems.append(f"{self.place}: the path is given twice")
                    self.parameters["path"] = given[key]
        else:
            for key in ("input", "inputs", *self._ends()):
                if given.get(key) is not None:
                    self.wanted += self._names(given[key], key)
        has_path = bool({"path", "output"} & set(self.parameters))
        if self.operation in _WRITING and output is not None and not has_path:
            self.parameters["path"] = output
        elif output is not None:
            self.output = next(iter(self._names(output, "output")), None)
        elif self.operation in _READING:
            self.output = _AT_HAND


def _connect(steps: list[_Step], form: Form) -> None:
    """Makes dependencies of the datasets: the step that gave one last before, else the first one behind."""
    makers: dict[str, list[int]] = {}
    named = {step.output for step in steps}
    for index, step in enumerate(steps):
        output = step.output
        if output is None and step.wanted and step.wanted[0] in named and step.operation not in _WRITING:
            # Without a name for it, a step puts its table in the place of its input.
            output = step.wanted[0]
        if output is not None:
            makers.setdefault(output, []).append(index)
    names = {step.name for step in steps}
    for index, step in enumerate(steps):
        found: list[str] = []
        aliases: dict[str, str] = {}
        wanted = step.wanted
        if not wanted and not step.own_dependencies and step.operation in _WORKING and (
                makers.get(_AT_HAND, [index])[0] < index):
            wanted = [_AT_HAND]
            if step.operation not in _WRITING:
                makers[_AT_HAND] = sorted({*makers[_AT_HAND], index})
        for name in wanted:
            before = [maker for maker in makers.get(name, ()) if maker < index]
            behind = [
                maker for maker in makers.get(name, ()) if maker > index and steps[maker].output == name]
            if before or behind:
                maker = steps[before[-1] if before else behind[0]].name
            elif name in names and name != step.name:
                maker = name
            else:
                known = {*makers, *names} - {step.name}
                form.problems.append(
                    f"{step.place}: input {name!r} is neither a dataset nor a step{nearest(name, known)}")
                continue
            # One that is named twice, as both sides of a join, is an input twice.
            found.append(maker)
            if name != maker:
                aliases[name] = maker
        if found:
            form.inputs[step.name] = list(found)
        if aliases:
            form.aliases[step.name] = aliases
        depends = [*found, *(name for name in step.own_dependencies if name not in found)]
        if depends:
            step.made["depends_on"] = depends

