"""One step, as Python knows it: its function, its options, and how the engine reads them."""

from __future__ import annotations

import os

from .functions import caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


class PythonStep:
    """What Python knows of one step."""

    # Ten thousand steps lie closer together so.
    __slots__ = (
        "_retry_on", "call", "cleanup", "config", "dependencies", "feeds_engine", "for_each", "function", "inputs",
        "is_native", "name", "needs", "parts", "when")

    def __init__(self, name: str, function: Callable | None, needs: list, options: Mapping) -> None:
        self.name = name
        self.needs = needs
        for_each = options.get("for_each")
        self.for_each = None if for_each is None else names_of(for_each)[0]
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
        given = present(
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


def copy_of(step: PythonStep) -> PythonStep:
    made = object.__new__(PythonStep)
    for name in PythonStep.__slots__:
        setattr(made, name, getattr(step, name))
    return made


def names_of(depends_on: str | Callable | Iterable) -> list[str]:
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


def present(**values) -> dict:
    return {name: value for name, value in values.items() if value is not None}
