"""Functions that do the steps that the engine has no operation for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_registered: dict[str, Callable] = {}


def workflow_handler(operation: str, function: Callable | None = None) -> Callable:
    """Registers `function(operation, name, config, ctx)` for the steps of this operation in all workflows: a
    decorator.

        @pfs.workflow_handler("notify")
        def notify(operation, name, config, ctx):
            print(config["text"], ctx["load"].num_rows)
    """

    def register(function):
        _registered[operation] = function
        return function

    return register if function is None else register(function)


def registered() -> dict[str, Callable]:
    """The handlers of all workflows, by operation."""
    return dict(_registered)


def handler_of(function: Callable, operation: str, name: str, config: dict) -> Callable:
    """A function of the context that calls a handler."""
    return lambda ctx: function(operation, name, config, ctx)
