"""A sample class: what a real one hands in, made from an assignment's source, with its marks.

``make demo`` grades it, and tests compare what comes out with what each submission is worth. Only
submissions that answer the trained question train a network, so that the whole class is graded in
a minute or two.
"""

from __future__ import annotations

import copy
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.assignment.source import Assignment, Question, WrongAnswer
from autograder.assignment.thresholds import read_thresholds
from autograder.collect.submissions import learner_id
from autograder.evidence.variants import variants
from autograder.grading.results import GradedSubmission, Status
from autograder.release.learner import Notebook, NotebookCell, answer_id, dump, fill
from autograder.release.release import make_learner

# One file of this size stands for all notebooks that carry every epoch's progress bar.
MUCH_OUTPUT = 50 * 2**20
_NEW, _OLD = 1_790_000_000, 1_780_000_000


@dataclass(frozen=True)
class Expected:
    """One submission of the sample class, and what grading it must give.

    Attributes:
        file: its name in the class's folder.
        learner: the learner's id that grading finds.
        marks: what its work is worth.
        exact: whether it must get these marks; otherwise at most these, as for a hostile one.
        status: how its grading must end.
        reason: what must stand in the reason; empty for anything.
    """

    file: str
    learner: str
    marks: float
    exact: bool = True
    status: Status = Status.GRADED
    reason: str = ""

    def problem(self, graded: GradedSubmission) -> str:
        """What is not as expected of a result, or nothing."""
        wrong = []
        if self.exact and graded.marks != self.marks:
            wrong.append(f"has {graded.marks:g} marks, not {self.marks:g}")
        if not self.exact and graded.marks > self.marks:
            wrong.append(f"has {graded.marks:g} marks; its work is worth {self.marks:g}")
        if graded.status is not self.status:
            wrong.append(f"is {graded.status}, not {self.status}")
        if self.reason not in graded.reason:
            wrong.append(f"says {graded.reason!r}, not {self.reason!r}")
        return f"{self.file}: {'; '.join(wrong)}" if wrong else ""


def compare(expected: Sequence[Expected], graded: Sequence[GradedSubmission]) -> list[str]:
    """Everything in a graded sample class that is not as expected, one line each."""
    found = {(g.learner, g.path.name): g for g in graded}
    wanted = {(e.learner, e.file): e for e in expected}
    problems = [f"{file}: not graded" for key in wanted.keys() - found.keys() for file in key[1:]]
    problems += [
        f"{file}: not expected" for key in found.keys() - wanted.keys() for file in key[1:]
    ]
    problems += [wanted[key].problem(found[key]) for key in wanted.keys() & found.keys()]
    return sorted(p for p in problems if p)


def make_sample_class(assignment: Assignment, out: Path) -> list[Expected]:
    """Write the sample class of an assignment into a folder, and tell what each is worth.

    Args:
        assignment: the source, at its place in the repository.
        out: a folder; it is made, and should hold nothing else.

    Returns:
        One entry for each submission, in the order in which they were written.
    """
    out.mkdir(parents=True, exist_ok=True)
    root = assignment.path.resolve().parents[2]
    learner = make_learner(assignment, read_thresholds(assignment), root)
    made = _Class(assignment, learner, out)
    return [*made.from_the_source(), *made.ordinary(), *made.broken(), *made.hostile()]


def trained(assignment: Assignment) -> set[str]:
    """The questions that are graded on a trained network: those with a calibrated threshold."""
    return {q.name for q in assignment.questions for c in q.checks if c.thresholds}


class _Class:
    def __init__(self, assignment: Assignment, learner: Notebook, out: Path) -> None:
        self.assignment = assignment
        self.learner = learner
        self.out = out
        self.exact = [q for q in assignment.questions if q.name not in trained(assignment)]
        # The work that most submissions have done: every question that needs no training.
        self.done = {q.name: q.answer.solution for q in self.exact if q.answer}
        self.worth = sum(q.points for q in self.exact)
        self.book = fill(learner, self.done)
        # Later answers may build on earlier ones, so the last exact question is spoiled.
        self.spoiled = self.exact[-1]
        self.rest = self.worth - self.spoiled.points

    def write(self, name: str, content: bytes | str | Notebook, when: int = _NEW) -> None:
        if isinstance(content, dict):
            content = json.dumps(content, indent=1)  # not nbformat, which would mend it
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (when, when))

    # From the source

    def from_the_source(self) -> Iterator[Expected]:
        """The solution, the stub and every wrong answer."""
        for variant in variants(self.assignment, self.learner):
            name = f"{variant.name}.ipynb"
            self.write(name, variant.notebook)
            yield Expected(name, variant.name, self._worth_of(variant.name))

    def _worth_of(self, variant: str) -> float:
        if variant == "solution":
            return self.assignment.points
        worth = 0.0
        for question in self.assignment.questions:
            for wrong in question.wrong_answers:
                if variant == f"{question.name}-{wrong.name}":
                    return worth + _honest(question, wrong)
            worth += question.points
        return 0.0

    # As learners hand in

    def ordinary(self) -> Iterator[Expected]:
        """Work that is done, in every state in which notebooks arrive."""
        half = self.exact[: len(self.exact) // 2]
        half_done = fill(self.learner, {q.name: self.done[q.name] for q in half})
        yield self._one("half-done", half_done, sum(q.points for q in half))
        for name, change in _CHANGES.items():
            book = copy.deepcopy(self.book)
            change(book["cells"])
            yield self._one(name, book, self.worth)
        yield self._without_an_answer()
        warned = "import sys, warnings\nwarnings.warn('careful')\nprint('a note', file=sys.stderr)"
        yield self._one("warns-on-stderr", self._prefixed(warned), self.worth)
        yield self._one("Copy of week (2) FINAL", self.book, self.worth)
        yield self._one("windows", "\ufeff" + dump(self.book).replace("\n", "\r\n"), self.worth)
        yield self._one("nbformat-3", _as_format_3(self.book), self.worth)
        yield self._one("fifty-megabytes-of-output", _with_output(self.book), self.worth)
        yield from self._zips()
        yield from self._uploads()

    def _one(
        self,
        name: str,
        content: bytes | str | Notebook,
        marks: float,
        status: Status = Status.GRADED,
        reason: str = "",
        *,
        exact: bool = True,
    ) -> Expected:
        self.write(f"{name}.ipynb", content)
        return Expected(f"{name}.ipynb", learner_id(name), marks, exact, status, reason)

    def _prefixed(self, code: str) -> Notebook:
        """The work with lines before the last exact answer."""
        return fill(
            self.book,
            {self.spoiled.name: f"{code}\n{self.done[self.spoiled.name]}"},
        )

    def _without_an_answer(self) -> Expected:
        book = copy.deepcopy(self.book)
        book["cells"] = [c for c in book["cells"] if _id(c) != answer_id(self.spoiled.name)]
        return self._one("deleted-an-answer", book, self.rest)

    def _zips(self) -> Iterator[Expected]:
        book = dump(self.book).encode()
        name = f"{self.assignment.name}.ipynb"
        weights = io.BytesIO()
        np.savez(weights, kernel=np.zeros((4, 4)))
        self.write("zip-with-weights.zip", _zip({name: book, "a.weights.npz": weights.getvalue()}))
        yield Expected("zip-with-weights.zip", "zip-with-weights", self.worth)
        self.write("zip-from-outside.zip", _zip({f"../../{name}": book}))
        yield Expected("zip-from-outside.zip", "zip-from-outside", self.worth)
        scratch = dump(fill(self.learner, {})).replace(f'"{self.assignment.name}"', '"other"')
        self.write("zip-of-two.zip", _zip({"scratch.ipynb": scratch.encode(), "mine.ipynb": book}))
        reason = f"it says that it is {self.assignment.name}"
        yield Expected("zip-of-two.zip", "zip-of-two", self.worth, reason=reason)

    def _uploads(self) -> Iterator[Expected]:
        """One learner's two uploads under Canvas's names."""
        name = self.assignment.name
        old, new = f"doejane_12345_67880_{name}.ipynb", f"doejane_12345_67890_{name}-1.ipynb"
        self.write(old, self.learner, _OLD)
        self.write(new, self.book)
        yield Expected(new, "doejane_12345", self.worth)
        yield Expected(old, "doejane_12345", 0, True, Status.SUPERSEDED, "highest file number")

    # Broken

    def broken(self) -> Iterator[Expected]:
        """Answers that fail in every way, and files that are no notebooks."""
        for name, code, status, reason in _BROKEN_ANSWERS:
            book = fill(self.book, {self.spoiled.name: code})
            yield self._one(f"broken-{name}", book, self.rest, status, reason)
        raises = _wrapped(self.spoiled, "raise ValueError('not today')")
        book = fill(self.book, {self.spoiled.name: raises})
        yield self._one("broken-raises-when-called", book, self.rest)
        whole = dump(self.book).encode()
        bomb = _zip({f"{self.assignment.name}.ipynb": b" " * (150 * 2**20)})
        for name, content, reason in (
            ("text.ipynb", b"Dear instructor, my notebook is on my other computer.\n", "begin"),
            ("web-page.ipynb", b"<!DOCTYPE html><html><body>Colab</body></html>", "web page"),
            ("empty.ipynb", b"", "empty"),
            ("truncated.ipynb", whole[: len(whole) // 2], "cut short"),
            ("essay.pdf", b"%PDF-1.7\n", "PDF"),
            ("bomb.zip", bomb, "unpacks to more than"),
            ("damaged.zip", _zip({"week.ipynb": whole})[:-40], "damaged"),
        ):
            self.write(f"not-{name}", content)
            learner = f"not-{Path(name).stem}"
            yield Expected(f"not-{name}", learner, 0, True, Status.UNREADABLE, reason)

    # Hostile

    def hostile(self) -> Iterator[Expected]:
        """A wrong answer that tries to get more than it is worth."""
        question = next(q for q in self.exact if q.wrong_answers)
        wrong = min(question.wrong_answers, key=lambda w: _honest(question, w))
        names = question.answer.names if question.answer else ()
        for name, attack in HOSTILE.items():
            source = f"{wrong.source}\n\n{attack.replace('NAMES', repr(list(names)))}"
            book = fill(self.learner, {question.name: source})
            worth = _honest(question, wrong)
            status = Status.STOPPED if name in _STOPPED else Status.GRADED
            yield self._one(f"hostile-{name}", book, worth, status, exact=False)


def _honest(question: Question, wrong: WrongAnswer) -> float:
    """What a wrong answer is worth: the checks that it is not caught by."""
    return sum(c.points for c in question.checks if c.name not in wrong.caught_by)


def _id(cell: NotebookCell) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _is_check(cell: NotebookCell) -> bool:
    return "points" in cell["metadata"].get("nbgrader", {})


def _copy_answers(cells: list[NotebookCell]) -> None:
    """Each answer was tried in a copy of its cell first; the ids came along."""
    for cell in [c for c in cells if _id(c).endswith("__answer")]:
        tried = copy.deepcopy(cell)
        tried["source"] = cell["source"] + "\n# my first try"
        cells.insert(cells.index(cell), tried)


def _answers_last(cells: list[NotebookCell]) -> None:
    answers = [c for c in cells if _id(c).endswith("__answer")]
    submit = next((c for c in cells if _id(c) == "submit"), cells[-1])
    cells[:] = [c for c in cells if c not in answers and c is not submit] + answers + [submit]


def _without_checks(cells: list[NotebookCell]) -> None:
    cells[:] = [c for c in cells if not _is_check(c)]


def _without_metadata(cells: list[NotebookCell]) -> None:
    """As an editor leaves it that keeps the cells' text and nothing else."""
    for cell in cells:
        cell["metadata"] = {}
        cell.pop("id", None)


_CHANGES: Mapping[str, Callable[[list[NotebookCell]], None]] = {
    "copied-cells": _copy_answers,
    "reordered-cells": _answers_last,
    "deleted-the-checks": _without_checks,
    "lost-its-metadata": _without_metadata,
}

# Sleeping instead of turning: an endless loop that leaves the machine to the other submissions.
_BROKEN_ANSWERS: Sequence[tuple[str, str, Status, str]] = (
    ("endless-loop", "import time\nwhile True:\n    time.sleep(1)", Status.GRADED, "longer than"),
    ("ends-the-process", "import os\nos._exit(1)", Status.STOPPED, "os._exit"),
    ("exits", "raise SystemExit", Status.GRADED, "SystemExit"),
    ("memory-hog", "import numpy as np\nhog = []\nwhile True:\n    hog.append(np.empty(2**27))",
     Status.GRADED, "MemoryError"),
    ("raises", "1 / 0", Status.GRADED, "ZeroDivisionError"),
    ("syntax-error", "def answer(:\n    return", Status.GRADED, "SyntaxError"),
)  # fmt: skip


def _wrapped(question: Question, body: str) -> str:
    """An answer whose names are functions with this body."""
    names = question.answer.names if question.answer else ()
    return "\n\n".join(f"def {name}(*args, **kwargs):\n    {body}" for name in names)


def _as_format_3(book: Notebook) -> str:
    """The notebook as IPython 1 to 2 would have written it."""
    cells = []
    for cell in book["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {
                "input": cell["source"],
                "language": "python",
                "outputs": [],
                "collapsed": False,
            }
        else:
            old["source"] = cell["source"]
        cells.append(old)
    sheets = [{"cells": cells, "metadata": {}}]
    return json.dumps(
        {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}
    )


def _with_output(book: Notebook) -> Notebook:
    made = copy.deepcopy(book)
    line = "Epoch 1/1000 loss: 0.6931 - accuracy: 0.5000\n"
    text = [line] * (MUCH_OUTPUT // len(line))
    code = next(c for c in made["cells"] if c["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    return made


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 0, 0, 0)), content)
    return buffer.getvalue()


_STOPPED = frozenset({"ends-the-process", "claims-its-marks"})

# Each is appended to a wrong answer; NAMES becomes the list of the names that it defines.
HOSTILE: Mapping[str, str] = {
    "reads-the-callers-frame": """
import sys

def _spy(own, name):
    def call(*args, **kwargs):
        frame = sys._getframe(1)
        while frame is not None:
            reference = frame.f_locals.get("reference")
            if reference is not None:
                return getattr(reference, name)(*args, **kwargs)
            frame = frame.f_back
        return own(*args, **kwargs)
    return call

for _name in NAMES:
    globals()[_name] = _spy(globals()[_name], _name)
""",
    "equals-everything": """
import numpy as np

class Agreeable(np.ndarray):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array_function__(self, function, types, args, kwargs): return True
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return True
    def __bool__(self): return True

def _agreeing(own):
    return lambda *args, **kwargs: np.asarray(own(*args, **kwargs)).view(Agreeable)

for _name in NAMES:
    globals()[_name] = _agreeing(globals()[_name])
""",
    "patches-numpy-and-asserts": """
import ast, builtins
import numpy as np
import dlcourse.check, dlcourse.check.expect

class _NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)

try:
    get_ipython().ast_transformers.append(_NoAsserts())
except NameError:
    pass
np.allclose = np.array_equal = lambda *args, **kwargs: True
np.testing.assert_allclose = lambda *args, **kwargs: None
dlcourse.check.expect.expect_close = lambda *args, **kwargs: None
dlcourse.check.expect.expect_array = lambda value, *args, **kwargs: value
dlcourse.check.decorator.run_check = lambda made, *args, **kwargs: made
builtins.AssertionError = type("Nothing", (Exception,), {})
""",
    "claims-its-marks": """
import json, os, struct

verdict = json.dumps({"marks": 999, "outcome": "correct", "verdict": "PASS", "score": 1.0})
print(verdict)
frame = json.dumps({"value": {"dict": [["id", 1], ["value", verdict]]}, "arrays": []}).encode()
for descriptor in range(3, 64):
    try:
        os.write(descriptor, struct.pack(">I", len(frame)) + frame)
    except OSError:
        pass
""",
    "writes-result-files": """
from pathlib import Path

for place in (".", "..", "/tmp", "/autograder/results", "/home", "/"):
    for name in ("results.json", "marks.csv", "gradebook.db", "ledger.sqlite"):
        try:
            (Path(place) / name).write_text('{"score": 999}')
        except OSError:
            pass
""",
    "patches-the-worker": """
import sys
import dlcourse.check.answer

_serve = sys.modules.get("autograder.sandbox.serve")
if _serve is not None:
    _serve._RequestHandler.call = lambda self, request: True
    _serve._RequestHandler.status = lambda self, request: {n: "defined" for n in request["names"]}
dlcourse.check.answer.to_plain = lambda value, wrap: True
""",
    "ends-the-process": """
import os

for _name in NAMES:
    globals()[_name] = lambda *args, **kwargs: os._exit(0)
""",
}
