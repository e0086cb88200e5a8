"""Definitions checked without the engine: the same form, the same words for most of what can be wrong."""

from __future__ import annotations

from ..relational.expressions import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

HINTS = {
    "cpu_bound": "cpu", "memory_bound": "cpu", "io_bound": "io", "network_bound": "io", "default": "shared"}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class _Wrong(Exception):
    """What is wrong, in words."""


def _need(holds: bool, name: str, what: str) -> None:
    if not holds:
        raise _Wrong(f'option "{name}" has to be {what}')


def _seconds(value: object, name: str) -> float:
    _need(_is_number(value) and 0 <= value <= 1e9, name, "a number of seconds from 0 to 1e9")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _count(least: int) -> Callable:
    def check(value: object, name: str) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        _need(whole and value >= least, name, f"a whole number of at least {least}")
        return value

    return check


def _choice(*names: str) -> Callable:
    def check(value: object, name: str) -> str:
        _need(value in names, name, f"one of {', '.join(names)}")
        return value

    return check


def _amounts(value: object, name: str) -> dict:
    good = isinstance(value, dict) and all(isinstance(item, int) and item >= 0 for item in value.values())
    _need(good, name, "an object of whole numbers of at least 0")
    return value


def _kind(kind: type | tuple, what: str) -> Callable:
    def check(value: object, name: str) -> object:
        _need(isinstance(value, kind), name, what)
        return value

    return check


def _names(value: object, name: str) -> list:
    found = [value] if isinstance(value, str) else value
    _need(isinstance(found, list) and all(isinstance(item, str) for item in found), name, "a list of strings")
    return found


def _retry(value: object, name: str) -> dict:
    _need(isinstance(value, dict), name, "an object")
    readers = {
        "attempts": _count(1), "max_attempts": _count(1), "delays": _kind(list, "a list of numbers"),
        "backoff_ms": _kind(list, "a list of numbers"), "first": _seconds,
        "factor": _kind((int, float), "a number"), "limit": _seconds,
        "jitter": _kind((int, float), "a number")}
    found = _read(value, readers)
    attempts = found.get("max_attempts", found.get("attempts"))
    delays = found.get("delays")
    if "backoff_ms" in found:
        delays = [delay / 1000 for delay in found["backoff_ms"]]
    if delays is not None:
        return {"attempts": attempts or len(delays) + 1, "delays": delays}
    return {"attempts": attempts or 3, **{key: found[key] for key in ("first", "factor", "limit", "jitter")
                                          if key in found}}


def _when(value: object, name: str) -> list:
    good = isinstance(value, (list, tuple)) and len(value) == 3 and value[1] in _COMPARISONS
    _need(good, name, f"[step, comparison, value] with one of {' '.join(_COMPARISONS)}")
    return value


# How many workflows are inside of each other at most: names grow with each.
_DEEPEST = 32
_STEP = {
    "name": _kind(str, "a string"), "depends_on": _names, "operation": _kind(str, "a string"),
    "type": _kind(str, "a string"), "parameters": _kind(dict, "an object"),
    "params": _kind(dict, "an object"), "config": _kind(dict, "an object"),
    "workflow": _kind(dict, "an object"), "for_each": _kind(str, "a string"), "when": _when,
    "on_skip": _choice("skip", "continue"), "on_failure": _choice("fail", "skip", "continue"),
    "pool": _choice("shared", "cpu", "io"), "resource_hint": _choice(*HINTS), "priority": _count(-(2**31)),
    "resources": _amounts, "memory_bytes": _count(0), "timeout": _seconds, "deadline": _seconds,
    "retries": _count(0), "retry": _retry, "retry_policy": _retry, "reads": _names,
    "version": _kind(str, "a string"), "cleanup": _kind(bool, "true or false")}
SETTINGS = {
    "max_parallel": _count(1), "shared_limit": _count(1), "cpu_limit": _count(1), "io_limit": _count(1),
    "resources": _amounts, "memory_bytes": _count(0), "timeout": _seconds, "grace": _seconds,
    "seed": _kind(int, "a whole number"), "measure_cpu": _kind(bool, "true or false")}


def _read(given: Mapping, readers: Mapping) -> dict:
    for name in given:
        if name not in readers:
            near = nearest(name, readers).replace("'", '"')
            raise _Wrong(f'unknown option "{name}"{near}')
    return {name: readers[name](value, name) for name, value in given.items()}


def read_settings(given: Mapping, problems: list) -> dict:
    """The options of runs in `given`."""
    try:
        return _read(given, SETTINGS)
    except _Wrong as wrong:
        problems.append(str(wrong))
        return {}


class Plan:
    """Steps as numbers, in the order of definition; those of inner workflows before the one that holds them.

    options: of each step, as the definition has them. facts: what the engine tells of a definition.
    """

    def __init__(self, definition: Mapping, handlers: Mapping[str, Callable]) -> None:
        self.problems: list[str] = []
        self.settings = read_settings(definition.get("settings") or {}, self.problems)
        self.options: list[dict] = []
        self.names: list[str] = []
        self._flatten(definition.get("steps") or [], "", [], handlers)
        index = self._index()
        self.dependencies = [self._numbers(place, index) for place in range(len(self.names))]
        self.successors: list[list[int]] = [[] for _ in self.names]
        for step, needs in enumerate(self.dependencies):
            for need in needs:
                self.successors[need].append(step)
        self.order = self._order()
        if self.problems:
            return
        levels = [0] * len(self.names)
        for step in self.order:
            levels[step] = max((levels[need] + 1 for need in self.dependencies[step]), default=0)
        named = [[] for _ in range(max(levels, default=-1) + 1)]
        for step, level in enumerate(levels):
            named[level].append(self.names[step])
        self.facts = {
            "name": definition.get("name") or "workflow", "levels": named,
            "critical_path": self.critical_path(lambda step: 1)[0],
            "steps": [self._facts(step) for step in range(len(self.names))]}

    def _facts(self, step: int) -> dict:
        options = self.options[step]
        made = {"name": self.names[step], "depends_on": options["depends_on"]}
        if options.get("operation"):
            made.update(operation=options["operation"], external=True)
        return made

    def _flatten(
        self, steps: list, prefix: str, first: list, handlers: Mapping, depth: int = 0
    ) -> list:
        """Adds steps; gives the names of those that nothing depends on."""
        needed: set = set()
        own: list = []
        for position, step in enumerate(steps):
            if not isinstance(step, dict):
                self.problems.append(f"step {position + 1} is not an object")
                continue
            label = step.get("name") if isinstance(step.get("name"), str) else f"step {position + 1}"
            try:
                options = _read(step, _STEP)
            except _Wrong as wrong:
                self.problems.append(f"step '{label}': {wrong}")
                options = {key: step[key] for key in ("name", "operation") if isinstance(step.get(key), str)}
                options["depends_on"] = [
                    name for name in step.get("depends_on") or () if isinstance(step["depends_on"], list)]
            if "when" in options and options["when"][0] not in options.get("depends_on", ()):
                self.problems.append(
                    f"step '{label}': its condition looks at '{options['when'][0]}', which is not among its "
                    "dependencies")
            needs = options.get("depends_on", [])
            needed.update(needs)
            name = prefix + options.get("name", "")
            own.append(name)
            full = [prefix + need for need in needs] or first
            if "workflow" in options and depth == _DEEPEST:
                self.problems.append(
                    f"step '{label}': workflows are inside of each other more than {_DEEPEST} deep")
            elif "workflow" in options:
                if "when" in options:
                    # One step asks, so that all of the workflow is skipped together.
                    gate = name + ".begin"
                    self.names.append(gate)
                    self.options.append({"name": gate, "operation": "when", "depends_on": full})
                    full = [*full, gate]
                    options = {**options, "gate": len(self.names) - 1}
                last = self._flatten(
                    options["workflow"].get("steps") or [], name + ".", full, handlers, depth + 1)
                full = last or full
            elif not options.get("operation"):
                self.problems.append(f"step '{label}': it has no operation")
            elif options["operation"] not in handlers:
                self.problems.append(
                    f"step '{label}': there is no operation \"{options['operation']}\""
                    + self._nearest(options["operation"], handlers).replace("'", '"'))
            self.names.append(name)
            made = {**options, "depends_on": full}
            if "for_each" in options:
                made["for_each"] = prefix + options["for_each"]
            self.options.append(made)
        return [name for name in own if name[len(prefix):] not in needed]

    def _index(self) -> dict:
        index: dict[str, int] = {}
        for number, name in enumerate(self.names):
            if not name or name.endswith("."):
                self.problems.append(f"step {number + 1} has no name")
            elif name in index:
                self.problems.append(f"steps {index[name] + 1} and {number + 1} are both called '{name}'")
            index.setdefault(name, number)
        return index

    def _numbers(self, step: int, index: dict) -> list:
        name, found = self.names[step], []
        for need in self.options[step]["depends_on"]:
            if need not in index:
                self.problems.append(
                    f"step '{name}' depends on '{need}', which is no step{self._nearest(need, index, name)}")
            elif index[need] not in found:
                found.append(index[need])
        for_each = self.options[step].get("for_each")
        if for_each is not None and for_each not in self.options[step]["depends_on"]:
            self.problems.append(
                f"step '{name}' runs for each element of '{for_each}', which is not among its dependencies")
        for key in ("timeout", "deadline"):
            if self.options[step].get(key) == 0:
                self.problems.append(f"step '{name}': the {key} is not above 0")
        return found

    def _nearest(self, name: str, among: Iterable, other: str = "") -> str:
        """The nearest name but `other`; of very many problems nobody reads it."""
        if len(self.problems) >= 20:
            return ""
        return nearest(name, [one for one in among if one and one != other])

    def _order(self) -> list:
        """The steps, each behind all that it needs; a cycle is a problem."""
        left = [len(needs) for needs in self.dependencies]
        order = [step for step, count in enumerate(left) if not count]
        for step in order:
            for successor in self.successors[step]:
                left[successor] -= 1
                if not left[successor]:
                    order.append(successor)
        if len(order) < len(left):
            # From a step that is left, always to one that it needs and that is left, until one comes again.
            path, step = [], next(step for step, count in enumerate(left) if count)
            while step not in path:
                path.append(step)
                step = next(need for need in self.dependencies[step] if left[need])
            cycle = path[path.index(step):]
            turn = cycle.index(min(cycle))
            names = [f"'{self.names[step]}'" for step in [*cycle[turn:], *cycle[:turn], cycle[turn]]]
            self.problems.append(f"steps depend on each other in a cycle: {' needs '.join(names)}")
        return order

    def critical_path(self, duration: Callable[[int], float]) -> tuple[list, float]:
        """The names of the chain with the largest sum of durations, and the sum."""
        ends = [0.0] * len(self.names)
        before: list = [None] * len(self.names)
        for step in self.order:
            needs = self.dependencies[step]
            before[step] = max(needs, key=lambda need: (ends[need], -need), default=None)
            ends[step] = duration(step) + (0 if before[step] is None else ends[before[step]])
        if not ends:
            return [], 0.0
        last = max(range(len(ends)), key=lambda step: (ends[step], -step))
        path, length = [last], ends[last]
        while before[path[-1]] is not None:
            path.append(before[path[-1]])
        return [self.names[step] for step in reversed(path)], length
