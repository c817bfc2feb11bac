"""A digest of the code that decides a result, so that no mark outlives the grader that gave it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import dlcourse

_OURS = Path(__file__).resolve().parents[1]
_LEARNERS = Path(dlcourse.__file__).resolve().parent
# What reads a notebook, what runs it, what judges it, and the learner's package, which runs on both
# sides.
_PACKAGES = (
    *(_OURS / n for n in ("assignment", "collect", "judge", "sandbox", "workers")),
    _LEARNERS,
)
_MODULES = ("course/secret.py", "grading/batch.py", "grading/flags.py", "release/learner.py")


def digested_files() -> list[Path]:
    """The modules whose contents decide a result."""
    packages = [path for folder in _PACKAGES for path in sorted(folder.rglob("*.py"))]
    return packages + [_OURS / name for name in _MODULES]


@cache
def code_digest() -> str:
    """SHA-256 of the modules' names and contents."""
    digest = hashlib.sha256()
    for path in digested_files():
        root = _LEARNERS if path.is_relative_to(_LEARNERS) else _OURS
        name = path.relative_to(root.parent).as_posix().encode()
        digest.update(name + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
