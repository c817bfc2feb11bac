"""The course's public addresses. They stand in one place: ``repository:`` in ``_config.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from autograder.errors import CourseError

COLAB = "https://colab.research.google.com/github"


@dataclass(frozen=True)
class Repository:
    """Where learners find the course: a repository on GitHub, and the branch that they use.

    Raises:
        CourseError: when the address is not a repository's on GitHub, the only host from which
            Colab opens notebooks, or when there is no branch.
    """

    url: str
    branch: str

    def __post_init__(self) -> None:
        if urlsplit(self.url).netloc != "github.com" or self.name.count("/") != 1:
            raise CourseError(
                f"_config.yml: `repository: url:` is {self.url!r}; it must be "
                "https://github.com/OWNER/NAME, since Colab opens notebooks only from there"
            )
        if not self.branch:
            raise CourseError("_config.yml: `repository:` must give `branch:`, main for instance")

    @property
    def name(self) -> str:
        """The repository as GitHub names it: ``OWNER/NAME``."""
        return urlsplit(self.url).path.strip("/").removesuffix(".git")

    def colab(self, path: str) -> str:
        """Where Colab opens a notebook; ``path`` is relative to the repository's root."""
        return f"{COLAB}/{self.name}/blob/{quote(self.branch)}/{quote(path)}"

    @property
    def requirement(self) -> str:
        """What ``pip install`` takes to install the learner's package from the repository."""
        return f"dlcourse @ git+{self.url}@{self.branch}"


def read_config(root: Path) -> dict[str, Any]:
    """The site's configuration, ``_config.yml``; empty where there is none.

    Raises:
        CourseError: when the file is not a mapping in YAML.
    """
    path = root / "_config.yml"
    if not path.is_file():
        return {}
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is not YAML; mend it: {error}") from None
    if not isinstance(config, dict):
        raise CourseError(f"{path} must be a mapping: `title:`, `repository:` and so on")
    return config


def read_repository(root: Path) -> Repository:
    """The repository's address from ``_config.yml``.

    Raises:
        CourseError: as :class:`Repository` and :func:`read_config`.
    """
    given = read_config(root).get("repository")
    given = given if isinstance(given, dict) else {}
    return Repository(str(given.get("url", "")).rstrip("/"), str(given.get("branch", "")))
