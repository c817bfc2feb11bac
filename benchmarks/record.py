"""What a figure is worth nothing without: the machine, the versions and the date."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LOAD = os.getloadavg()[0]
"""Processes that wanted a core during the minute before the measurement began."""

RESULTS = Path(__file__).resolve().parent / "results"
_PACKAGES = ("tensorflow", "keras", "numpy", "nbgrader", "otter-grader", "ipykernel", "hypothesis")


def machine() -> dict[str, Any]:
    """The processor, the cores that this process may use, the memory and the systems."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "cores_used": len(cores()),
        "load_before": round(LOAD, 1),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def cores() -> set[int]:
    """The cores that this process may use."""
    return os.sched_getaffinity(0)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def versions() -> dict[str, str]:
    """The versions of what was measured, where it is installed."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def described(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures with the machine, the versions and the date."""
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    return {"date": date, "machine": machine(), "versions": versions(), **figures}


def write(path: Path, figures: Mapping[str, Any]) -> Path:
    """Write figures as JSON, and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return path
