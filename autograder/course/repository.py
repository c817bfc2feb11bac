"""The course's public addresses. They stand in one place: ``repository:`` in ``_config.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml


@dataclass(frozen=True)
class Repository:
    """Where learners find the course: a repository on GitHub, and the branch that they use."""

    url: str
    branch: str

    def colab(self, path: str) -> str:
        """Where Colab opens a notebook; ``path`` is relative to the repository's root."""
        name = urlsplit(self.url).path.strip("/")
        return f"https://colab.research.google.com/github/{name}/blob/{self.branch}/{path}"

    @property
    def requirement(self) -> str:
        """What ``pip install`` takes to install the learner's package from the repository."""
        return f"dlcourse @ git+{self.url}@{self.branch}"


def read_repository(root: Path) -> Repository:
    """The repository's address from ``_config.yml``.

    Raises:
        ValueError: when the file does not give it, or when it is not on GitHub, the only host
            from which Colab opens notebooks.
    """
    path = root / "_config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    given = (config or {}).get("repository") or {}
    url, branch = str(given.get("url", "")).rstrip("/"), str(given.get("branch", ""))
    if urlsplit(url).netloc != "github.com" or not branch:
        raise ValueError(
            f"{path}: `repository:` must give `url:` (on github.com, for Colab) and `branch:`"
        )
    return Repository(url, branch)
