"""Small courses to measure on: an assignment of its own, and classes that hand it in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.source import Assignment, read_assignment
from autograder.assignment.thresholds import read_thresholds
from autograder.release.learner import Notebook, dump, fill, solve
from autograder.release.release import make_learner
from autograder.workers.pool import WorkerPool

ROOT = Path(__file__).resolve().parents[2]
SOURCES = Path(__file__).parent / "assignments"
SECRET = "a secret for measurements"


@dataclass(frozen=True)
class Course:
    """A repository's root, as ``autograder --root`` takes it, and one assignment in it."""

    root: Path
    assignment: Assignment

    @property
    def learner(self) -> Notebook:
        """The notebook that learners get."""
        return make_learner(self.assignment, read_thresholds(self.assignment), self.root)

    @property
    def solved(self) -> Notebook:
        """The same with every answer right."""
        return solve(self.assignment, self.learner)

    def answered(self, answers: Mapping[str, str]) -> Notebook:
        """The solved notebook with other answers to some questions."""
        return fill(self.solved, dict(answers))


def this_course(week: str) -> Course:
    """An assignment of the course itself."""
    return Course(ROOT, read_assignment(ROOT / "solutions" / week / f"{week}.md"))


def small_course(source: Path, folder: Path) -> Course:
    """A course of one assignment, compiled from a source of :data:`SOURCES`.

    Args:
        source: the assignment's source.
        folder: where the course is to stand; it is made.
    """
    week = f"week{read_assignment(source).week:02d}"
    target = folder / "solutions" / week / f"{week}.md"
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)
    for name in ("_config.yml", "nbgrader_config.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "dlcourse").symlink_to(ROOT / "dlcourse")
    return Course(folder, read_assignment(target))


def hand_in(notebooks: Mapping[str, Notebook | str], folder: Path) -> Path:
    """Write submissions, each a file called after its learner, and return the folder."""
    folder.mkdir(parents=True)
    for name, notebook in notebooks.items():
        text = notebook if isinstance(notebook, str) else dump(notebook)
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    return folder


def environment() -> dict[str, str]:
    """What every grader is started with: the same for all of them."""
    return {
        **os.environ,
        "AUTOGRADER_SECRET": SECRET,
        "DLCOURSE_TIER": "cpu",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


_LIST = """
from dlcourse.train.weights import written
print(*(path.name for path in written))
"""


def trained(made: Course, folder: Path) -> dict[str, bytes]:
    """The weights that the solved notebook's training leaves beside it, by file name.

    Args:
        made: the course.
        folder: an empty folder; nothing is written there, the training runs in a sandbox.
    """
    with WorkerPool() as pool, pool.worker(environment={"DLCOURSE_CHECKS": "judge"}) as worker:
        for cell in made.solved["cells"]:
            if cell["cell_type"] == "code" and cell["id"] != "submit":
                record = worker.run_cell("".join(cell["source"]), 300)
                if record.status != "ok":
                    raise RuntimeError(f"{cell['id']}: {record.ename}: {record.evalue}")
        listing = worker.run_cell(_LIST, 10)
        names = "".join(o["text"] for o in listing.outputs if o["output_type"] == "stream").split()
        return {name: worker.read_file(name) for name in names}
