"""What runs here, and why."""

from __future__ import annotations

from . import _config, _ffi, errors


def is_available() -> bool:
    """Whether the engine's shared library is there and enabled."""
    if not _config.get("enabled"):
        return False
    try:
        _ffi.library()
    except errors.EngineUnavailableError:
        return False
    return True


def get_backend_info() -> dict:
    """compiled, io_available, graph_available, workflow_available, version, threads, library_path;
    and `reason`, which says why the engine is not available (None where it is).
    """
    compiled, version, reason = False, None, None
    try:
        engine = _ffi.library()
    except errors.EngineUnavailableError as problem:
        reason = str(problem)
    else:
        compiled, version = True, engine.pf_version().decode()
        if not _config.get("enabled"):
            reason = "disabled by PARQUETFRAME_DISABLE_SWIFT or set_config(enabled=False)"
    return {
        "compiled": compiled,
        "io_available": compiled and _config.part_enabled("io"),
        "graph_available": compiled and _config.part_enabled("graph"),
        "workflow_available": compiled and _config.part_enabled("workflow"),
        "version": version,
        "threads": _config.get("threads") or _cores(),
        "library_path": _ffi.library_path() if compiled else None,
        "reason": reason,
    }


def _cores() -> int:
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def show_versions() -> None:
    """Prints the versions of everything that matters for a report."""
    import platform
    import sys
    from importlib import metadata

    from . import __version__

    info = get_backend_info()
    print(f"parquetframe_swift  {__version__}")
    print(f"engine              {info['version'] or 'not available: ' + str(info['reason'])}")
    print(f"library             {info['library_path']}")
    print(f"threads             {info['threads']}")
    print(f"python              {platform.python_version()} ({sys.executable})")
    print(f"platform            {platform.platform()}")
    for name in ("numpy", "pandas", "polars", "pyarrow", "duckdb", "rich", "PyYAML"):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            version = "not installed"
        print(f"{name:20}{version}")
