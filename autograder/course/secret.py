"""The course secret: from it the hidden data of every check are drawn.

Two courses have two secrets, and so two hidden test sets. It never enters a learner's process.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from autograder.errors import CourseError

VARIABLE = "AUTOGRADER_SECRET"
FILE = ".course-secret"
COMMAND = "autograder secret"


class MissingSecretError(CourseError):
    """There is no course secret, and nothing may be graded or bundled without one."""


def course_secret(root: Path) -> str:
    """The secret from the environment, or from the file that git ignores.

    Raises:
        MissingSecretError: when there is neither.
    """
    value = os.environ.get(VARIABLE, "").strip()
    path = root / FILE
    if not value and path.is_file():
        value = path.read_text(encoding="utf-8").strip()
    if not value:
        raise MissingSecretError(
            f"no course secret: set {VARIABLE}, or make {path} once with `{COMMAND}` and keep it. "
            "Hidden data are drawn from it; another secret means another hidden test."
        )
    return value


def make_secret(root: Path) -> Path:
    """Write a new secret, readable by its owner only.

    Raises:
        CourseError: when there is one: a new one would change every hidden test.
    """
    path = root / FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CourseError(
            f"{path} exists; a new secret would change every hidden test. "
            "Remove the file yourself if you mean it."
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(32) + "\n")
    return path


def entropy(secret: str, *names: str) -> list[int]:
    """Eight 32-bit words for ``numpy.random.default_rng``, one way from the secret and the names.

    The words of one check tell nothing of the secret or of another check (SHA-256).
    """
    digest = hashlib.sha256("\0".join([secret, *names]).encode()).digest()
    return [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4)]
