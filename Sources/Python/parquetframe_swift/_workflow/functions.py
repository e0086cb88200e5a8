"""How a step's function is called: with the context, outputs by name, or nothing at all."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .context import StepContext

_CONTEXT_NAMES = ("ctx", "context")


def caller(function: Callable, depends_on: list, fanned_out: bool) -> Callable[[StepContext], object]:
    """A function of the context alone that calls `function` with what its parameters ask for.

    A parameter that has the name of a dependency gets its output; one called `ctx` or `context` gets the
    context; in a step that is fanned out the first other one gets the element, in any other step a single
    other one gets the context.
    """
    parameters = _parameters(function)
    if parameters is None:
        return function
    parts, free = [], []
    for name in parameters:
        if name in _CONTEXT_NAMES:
            parts.append(None)
        elif name in depends_on:
            parts.append(name)
        else:
            free.append(name)
            parts.append(_ELEMENT if fanned_out else None)
    if len(free) > 1 or free and not fanned_out and len(parameters) > 1:
        raise TypeError(
            f"the function of a step cannot have parameter {free[-1]!r}: it is no dependency "
            f"({', '.join(map(repr, depends_on)) or 'there are none'}) and not called ctx")
    if parts == [None]:
        return function
    if not parts:
        return lambda ctx: function()
    if parts == [_ELEMENT]:
        return lambda ctx: function(ctx.element)

    def call(ctx):
        return function(*[
            ctx if part is None else ctx.element if part is _ELEMENT else ctx[part] for part in parts])

    return call


_ELEMENT = object()


def _parameters(function: Callable) -> list | None:
    """The names of the positional parameters without defaults; None where they cannot be known."""
    code = getattr(function, "__code__", None)
    if code is not None and not hasattr(function, "__wrapped__"):
        # A bound method has its object already.
        names = code.co_varnames[hasattr(function, "__func__") : code.co_argcount]
        return list(names[: len(names) - len(function.__defaults__ or ())])
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        parameter.name for parameter in parameters
        if parameter.kind in kinds and parameter.default is parameter.empty]
