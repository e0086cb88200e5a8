"""The machine in one line: what matters to figures, and nothing that names it."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe() -> str:
    parts = [
        _field("/proc/cpuinfo", "model name", ":") or platform.machine(),
        f"{os.cpu_count()} logical cores",
        f"{_memory_gigabytes():.0f} GB of memory",
        _field("/etc/os-release", "PRETTY_NAME", "=").strip('"') or platform.system(),
        f"Linux {platform.release().split('-')[0]}",
    ]
    return ", ".join(parts)


def load() -> float:
    """Processes that wanted a core over the last minute: other people's work disturbs figures."""
    return os.getloadavg()[0]


def _field(path: str, name: str, separator: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    for line in lines:
        key, _, value = line.partition(separator)
        if key.strip() == name:
            return value.strip()
    return ""


def _memory_gigabytes() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
