"""Engine log lines in Python's `logging`, under the logger `parquetframe_swift`."""

from __future__ import annotations

import atexit
import logging

from . import _config, _ffi

_LEVELS = (5, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
_logger = logging.getLogger("parquetframe_swift")
# The level that each loaded library's sink has; None means no sink.
_installed: dict = {}
_configured: str | None = None


@_ffi.LOG_FUNCTION
def _sink(_context, level, message):
    _logger.log(_LEVELS[min(max(level, 0), 4)], "%s", (message or b"").decode("utf-8", "replace"))


def refresh() -> None:
    """Makes the engine send the lines that the logger wants, and no others."""
    _apply_configured_level()
    try:
        engine = _ffi.library()
    except ImportError:
        return
    wanted = None
    for index, level in enumerate(_LEVELS):
        if _logger.isEnabledFor(level):
            wanted = index
            break
    if _installed.get(engine) == wanted:
        return
    if not _installed:
        atexit.register(_stop)
    _ffi.call("pf_log_set_sink", _ffi.LOG_FUNCTION() if wanted is None else _sink, None, wanted or 0)
    _installed[engine] = wanted


def debug(message: str, *arguments) -> None:
    """A line of the Python side, at level debug."""
    _apply_configured_level()
    _logger.debug(message, *arguments)


def _apply_configured_level() -> None:
    global _configured
    level = _config.get("log_level")
    if level == _configured:
        return
    _configured = level
    if level is None:
        _logger.setLevel(logging.NOTSET)
        return
    _logger.setLevel(_LEVELS[_config.LOG_LEVELS.index(level)])
    if not _logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        _logger.addHandler(handler)


def _stop() -> None:
    for engine in _installed:
        engine.pf_log_set_sink(_ffi.LOG_FUNCTION(), None, 0, None)
