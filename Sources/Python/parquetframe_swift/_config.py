"""Settings and environment variables: the one place that reads either.

A setting is, in this order: what `set_config` was given, the environment variable, its older
spelling (`RUST` in place of `SWIFT`), the default. The environment is read at each use, so a
change is effective at once. The truth rule of every switch: 1, true, yes, on are true; 0, false,
no, off and the empty string are false, in any case; anything else is an error.
"""

from __future__ import annotations

import os

from .errors import ArgumentError

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("", "0", "false", "no", "off")
LOG_LEVELS = ("trace", "debug", "info", "warning", "error")


def _truth(text: str, name: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ArgumentError(f"{name}={text!r} is neither true (1, true, yes, on) nor false (0, false, no, off)")


def _enabled(text: str, name: str) -> bool:
    return not _truth(text, name)


def _positive(value, name: str) -> int | None:
    if isinstance(value, str) and not value.strip():
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1 or isinstance(value, (bool, float)):
        raise ArgumentError(f"{name}={value!r} is not a positive whole number")
    return number


def _level(value, name: str) -> str | None:
    word = value.strip().lower() if isinstance(value, str) else value
    if word in ("", "off"):
        return None
    word = "warning" if word == "warn" else word
    if word not in LOG_LEVELS:
        raise ArgumentError(f"{name}={value!r} is not one of {', '.join(LOG_LEVELS)}, off")
    return word


def _switch(value, name: str) -> bool:
    if isinstance(value, str):
        return _truth(value, name)
    return bool(value)


# name: (environment variables, how to read those, how to read an argument, default)
_SETTINGS = {
    "enabled": (("PARQUETFRAME_DISABLE_SWIFT", "PARQUETFRAME_DISABLE_RUST"), _enabled, _switch, True),
    "io_enabled": (
        ("PARQUETFRAME_DISABLE_SWIFT_IO", "PARQUETFRAME_DISABLE_RUST_IO"), _enabled, _switch, True),
    "graph_enabled": (
        ("PARQUETFRAME_DISABLE_SWIFT_GRAPH", "PARQUETFRAME_DISABLE_RUST_GRAPH"), _enabled, _switch, True),
    "workflow_enabled": (
        ("PARQUETFRAME_DISABLE_SWIFT_WORKFLOW", "PARQUETFRAME_DISABLE_RUST_WORKFLOW"),
        _enabled, _switch, True),
    "threads": (
        ("PARQUETFRAME_SWIFT_THREADS", "PARQUETFRAME_RUST_THREADS"), _positive, _positive, None),
    "csv_chunk_size": (("PARQUETFRAME_CSV_CHUNK_SIZE",), _positive, _positive, None),
    "csv_threads": (("PARQUETFRAME_CSV_THREADS",), _positive, _positive, None),
    "log_level": (("PARQUETFRAME_SWIFT_LOG", "PARQUETFRAME_RUST_LOG"), _level, _level, None),
    "library": (("PARQUETFRAME_SWIFT_LIBRARY",), lambda text, name: text or None, None, None),
}

_set: dict = {}

# The names as the dict behind `os.environ` has them, which is a matter of the system.
_ENCODED = {
    name: tuple((variable, variable.encode()) for variable in setting[0])
    for name, setting in _SETTINGS.items()}


def get(name: str):
    """The value of one setting, now."""
    if name in _set:
        return _set[name]
    environ = os.environ
    # `environ.get` raises inside where there is no variable: a microsecond for each of the ten
    # lookups of a call. So the dict behind it, where it has one, is asked first.
    known = getattr(environ, "_data", environ)
    for variable, encoded in _ENCODED[name]:
        if encoded in known or variable in known:
            text = environ.get(variable)
            if text is not None:
                _, read, _, default = _SETTINGS[name]
                value = read(text, variable)
                return default if value is None else value
    return _SETTINGS[name][3]


def part_enabled(part: str) -> bool:
    """Whether `io`, `graph` or `workflow` is to run on the engine."""
    return get("enabled") and get(f"{part}_enabled")


def set_config(**settings) -> None:
    """Changes settings, effective at once; None gives a setting back to the environment.

    threads, csv_threads: the most threads of one call (default: all cores).
    csv_chunk_size: bytes of one CSV chunk.
    enabled, io_enabled, graph_enabled, workflow_enabled: False runs that part on the fallbacks.
    log_level: "trace", "debug", "info", "warning", "error" or "off". Engine lines arrive under the
    logger `parquetframe_swift` of Python's `logging`; setting a level sets that logger's level, and
    gives it a handler to stderr where nothing handles it yet. Without a level, lines arrive as soon
    as the program itself has imported `logging` and enabled them there.
    """
    checked = {}
    for name, value in settings.items():
        if name not in _SETTINGS or name == "library":
            known = ", ".join(key for key in _SETTINGS if key != "library")
            raise ArgumentError(f"no setting is named {name!r}; there are {known}")
        checked[name] = None if value is None else _SETTINGS[name][2](value, name)
    for name, value in checked.items():
        if settings[name] is None:
            _set.pop(name, None)
        else:
            _set[name] = value
    if "log_level" in checked:
        from . import _logging

        _logging.refresh()


def get_config() -> dict:
    """All settings as they are now; None stands for the engine's own choice."""
    return {name: get(name) for name in _SETTINGS if name != "library"}
