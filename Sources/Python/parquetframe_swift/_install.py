"""Putting `rustic` in the place of ParquetFrame's native module, and taking it out again."""

from __future__ import annotations

import sys

from . import rustic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

PACKAGE = "parquetframe"
NAME = "parquetframe._rustic"
# What modules of ParquetFrame remember of whether there is a native module.
_FLAGS = {
    "RUST_AVAILABLE", "RUST_IO_AVAILABLE", "RUST_GRAPH_AVAILABLE", "RUST_WORKFLOW_AVAILABLE",
    "_rust_available"}

_installed = False
# ParquetFrame's own native module; False while nobody has looked for it.
_original: ModuleType | None | bool = False


def install() -> None:
    """Puts `parquetframe_swift.rustic` in the place of ParquetFrame's native module, `parquetframe._rustic`:
    its files, graphs and workflows then run on this engine.

    Before or after `import parquetframe`: modules of ParquetFrame that are there already are told. What
    `rustic` does not have stays in reach: it is looked up in the native module of ParquetFrame, where there
    is one. ParquetFrame need not be installed.
    """
    global _installed, _original
    if _installed:
        return
    before = sys.modules.get(NAME)
    _original = False if before is None else before
    _installed = True
    sys.modules[NAME] = rustic
    package = sys.modules.get(PACKAGE)
    if package is not None:
        package._rustic = rustic
    _tell(before, rustic)


def uninstall() -> None:
    """Takes `rustic` out again: ParquetFrame has its own native module, or none, as before `install()`."""
    global _installed, _original
    if not _installed:
        return
    package = sys.modules.get(PACKAGE)
    # Modules that came after install() have never seen their own.
    before = original() if package is not None or _original else None
    _installed, _original = False, False
    if before is None:
        sys.modules.pop(NAME, None)
    else:
        sys.modules[NAME] = before
    _tell(rustic, before)
    if package is not None:
        if before is None:
            vars(package).pop("_rustic", None)
        else:
            package._rustic = before


def original() -> ModuleType | None:
    """ParquetFrame's own native module, while `rustic` is in its place."""
    global _original
    if not _installed:
        return None
    if _original is False:
        _original = None  # looking must not look again
        _original = _load()
    return _original


def _load() -> ModuleType | None:
    from importlib import machinery, util

    package = sys.modules.get(PACKAGE)
    if package is None:
        spec = util.find_spec(PACKAGE)
        places = None if spec is None else spec.submodule_search_locations
    else:
        places = getattr(package, "__path__", None)
    spec = None if places is None else machinery.PathFinder.find_spec(NAME, places)
    if spec is None or spec.loader is None:
        return None
    try:
        made = util.module_from_spec(spec)
        spec.loader.exec_module(made)
    except ImportError:
        return None
    finally:
        sys.modules[NAME] = rustic  # native modules enter themselves
    return made


def _tell(before: ModuleType | None, after: ModuleType | None) -> None:
    """Changes what modules of ParquetFrame have of one native module to that of the other."""
    names = {} if before is None else {
        id(getattr(before, name)): name for name in rustic.__all__ if name in vars(before)}
    for path, module in list(sys.modules.items()):
        if module is None or not path.startswith(PACKAGE + ".") and path != PACKAGE or path == NAME:
            continue
        space = vars(module)
        for key, value in list(space.items()):
            if key == "_rustic" and value is before:
                space[key] = after
            elif id(value) in names:
                space[key] = getattr(after, names[id(value)], None)
            elif key == "_RustCancellationToken" and value is None:
                space[key] = getattr(after, "CancellationToken", None)
            elif key == "RUST_VERSION":
                space[key] = None if after is None else after.rust_version()
            elif key in _FLAGS and isinstance(value, bool):
                space[key] = after is not None
