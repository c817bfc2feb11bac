"""Push the learners' half to its repository: a commit on top of what is there, never forced."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import CommandError

# Git sets these for hooks; they would name another repository.
_OF_HOOKS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")


def push_public(out: Path, files: Sequence[Path], remote: str, branch: str, message: str) -> str:
    """Commit a folder's files on top of a remote's branch, and push that.

    The branch then holds these files and no others; its history stays. Where the remote has no such
    branch, it begins at the remote's default branch, or anew in an empty repository.

    Args:
        out: the folder.
        files: what must be in the commit, relative to ``out``.
        remote: anything that ``git push`` takes for a repository.
        branch: the branch's name.
        message: of the commit.

    Returns:
        What was pushed: the commit's short name, empty where nothing had changed.

    Raises:
        CommandError: when git refuses; when the name is that of a tag of the remote; when a file
            would be missing from the commit.
    """
    with tempfile.TemporaryDirectory() as scratch:
        git = Git(Path(scratch) / "git", out)
        git("init", "--quiet", "--bare", str(git.folder), bare=True)
        begin = _beginning(git, remote, branch)
        if begin:
            git("fetch", "--quiet", "--depth=1", remote, begin)
            git("update-ref", "HEAD", "FETCH_HEAD")
        git("add", "--all", "--force", "--", *[path.as_posix() for path in files])
        if git("diff", "--cached", "--name-only"):
            git("commit", "--quiet", "--message", message)
        elif begin == f"refs/heads/{branch}":
            return ""
        missing = {path.as_posix() for path in files} - set(_names(git))
        if missing:
            raise CommandError(f"git left out {', '.join(sorted(missing))}")
        git("push", "--quiet", remote, f"HEAD:refs/heads/{branch}")
        return git("rev-parse", "--short", "HEAD").strip()


class Git:
    """Git with a repository in one folder and its files in another."""

    def __init__(self, folder: Path, files: Path) -> None:
        """Nothing is run yet."""
        self.folder = folder
        self.files = files

    def __call__(self, *words: str, bare: bool = False) -> str:
        """Run git; its output.

        Raises:
            CommandError: with what git said, when it refuses.
        """
        places = [] if bare else [f"--git-dir={self.folder}", f"--work-tree={self.files}"]
        settings = [
            "-c",
            "core.bare=false",
            "-c",
            "core.excludesFile=",
            "-c",
            "core.autocrlf=false",
        ]
        command = ["git", *settings, *places, *words]
        environment = {name: text for name, text in os.environ.items() if name not in _OF_HOOKS}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, cwd=self.files
        )
        if done.returncode:
            raise CommandError(f"git {words[0]} failed: {done.stderr.strip()}")
        return done.stdout


def _names(git: Git) -> list[str]:
    return [name for name in git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0") if name]


def _beginning(git: Git, remote: str, branch: str) -> str:
    """On what of the remote the commit stands; empty where the remote is empty."""
    listed = [line.split("\t") for line in git("ls-remote", remote).splitlines()]
    names = {name for _, name in listed}
    if f"refs/tags/{branch}" in names:
        raise CommandError(
            f"{remote} has a tag {branch}: a tag does not move, so name another branch with --ref"
        )
    if f"refs/heads/{branch}" in names:
        return f"refs/heads/{branch}"
    return "HEAD" if "HEAD" in names else ""
