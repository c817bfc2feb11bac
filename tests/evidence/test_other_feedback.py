"""What nbgrader's and otter-grader's own feedback shows a learner of the hidden checks."""

from __future__ import annotations

import copy
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config.loader import PyFileConfigLoader

from autograder.assignment.source import Assignment, read_assignment
from autograder.course.secret import entropy
from autograder.evidence.parity import nbgrader_marks, otter_marks
from autograder.release.leaks import find_leaks, fragments
from autograder.release.learner import Notebook, code, fill, learner_notebook, markdown
from tests.conftest import ROOT, SECRET
from tests.sample import SAMPLE

# Hidden inputs that are known again wherever they are printed.
INPUTS = "return np.full((8, 10), 271828.0) + rng.random(10)"
HIDDEN_INPUT = "271828"

RIGHT = {
    "softmax": "def softmax(z):\n    z = z - np.max(z, 1)[:, None]\n"
    "    print('called with', z)\n    p = np.exp(z)\n    return p / p.sum(1)[:, None]",
    "parameter_count": "dense_parameters = 4 * (1 + 3)",
}
WRONG = {
    "softmax": "def softmax(z):\n    print(z)\n    return np.exp(z) / np.exp(z).sum()",
    "parameter_count": "dense_parameters = 12",
}
CRASHING = {
    "softmax": "def softmax(z):\n    raise ValueError(f'cannot take {z}')",
    "parameter_count": "dense_parameters = 12\n1 / 0",
}
# What a curious learner may try in a cell below the checks, and a hostile one in text.
CURIOUS = """print(In)
%history
import shutil
shutil.copy("week99.ipynb", "notes.txt")
shutil.copy("week99.ipynb", "notes.html")
from IPython.display import HTML, Javascript, display
display(HTML("<script>alert(1)</script>"), Javascript("alert(1)"))
display({"image/png": "iVBORw0KGgo="}, raw=True, metadata={"image/png": {"width": "1 onload=x"}})
"""
HOSTILE = (
    '<script>alert(1)</script>\n\n<img src="x" onerror="alert(1)"> [link](javascript:alert(1))'
)
HOSTILE_OUTPUTS = [
    {
        "output_type": "display_data",
        "data": {"text/html": HOSTILE, "application/javascript": "alert(1)", "text/plain": "x"},
        "metadata": {"text/html": {"isolated": True}},
    },
    {
        "output_type": "display_data",
        "data": {"image/png": "iVBORw0KGgo=", "text/plain": "x"},
        "metadata": {"image/png": {"width": "1 onerror=alert(1)"}},
    },
]


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    path = tmp_path_factory.mktemp("solutions") / "week99.md"
    path.write_text(SAMPLE.replace("return rng.normal(0.0, 1e4, (8, 10))", INPUTS), "utf-8")
    return read_assignment(path)


@pytest.fixture(scope="module")
def submissions(assignment: Assignment) -> dict[str, Notebook]:
    learner = learner_notebook(assignment, {}, colab_url="https://x.example", install="dlcourse")
    made = {n: fill(learner, a) for n, a in (("right", RIGHT), ("crashing", CRASHING))}
    wrong = fill(learner, WRONG)
    wrong["cells"] += [code("curious", CURIOUS), markdown("hostile", HOSTILE)]
    return {**made, "wrong": wrong}


@pytest.fixture(scope="module")
def nbgrader_feedback(
    assignment: Assignment, submissions: dict[str, Notebook], tmp_path_factory: Any
) -> Path:
    """nbgrader's feedback folder, after the route of the instructors' guide."""
    work: Path = tmp_path_factory.mktemp("nbgrader")
    marks = nbgrader_marks(assignment, submissions, ROOT, work, SECRET)
    assert {name: sum(m.values()) for name, m in marks.items()} == {
        "right": 5, "wrong": 2, "crashing": 1,
    }  # fmt: skip
    command = [sys.executable, "-m", "nbgrader", "generate_feedback", assignment.name]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return work / "build" / "nbgrader" / "feedback"


def seeds(assignment: Assignment) -> list[str]:
    numbers = [n for check in assignment.checks for n in entropy(SECRET, "week99", check.name)]
    return [str(n) for n in numbers if n > 999]


class Page(HTMLParser):
    """A page's text, and its elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.scripts: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self._tag = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._tag == "script":
            self.scripts.append(data)


@pytest.mark.slow
def test_nbgraders_feedback_holds_nothing_hidden(
    assignment: Assignment, nbgrader_feedback: Path
) -> None:
    assert find_leaks(fragments(assignment), [nbgrader_feedback]) == []
    pages = list(nbgrader_feedback.rglob("*.html"))
    assert len(pages) == 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for hidden in (HIDDEN_INPUT, "HIDDEN TESTS", "Subtract each row", *seeds(assignment)):
            assert hidden not in text, page


@pytest.mark.slow
def test_no_file_but_a_page_reaches_a_learner_with_nbgraders_feedback(
    nbgrader_feedback: Path,
) -> None:
    found = {path.name for path in nbgrader_feedback.rglob("*") if path.is_file()}
    assert found == {"week99.html"}


@pytest.mark.slow
def test_nbgraders_feedback_tells_the_outcome_of_each_check(nbgrader_feedback: Path) -> None:
    right, wrong, crashing = (
        Page((nbgrader_feedback / name / "week99" / "week99.html").read_text("utf-8")).text
        for name in ("right", "wrong", "crashing")
    )
    assert right.count("The hidden check passed.") == 2
    assert 'hidden_check("softmax", "survives_large_scores", points=2)' in right
    assert "not yet: Your result contains nan (not a number)." in wrong
    assert "The biases count too: one a unit." in wrong
    assert "CheckFailed: not yet: The row does not add up to one." not in right
    assert "softmax(...) raised an exception on the hidden input." in crashing
    assert "cannot take [[1. 2. 3.]]" in crashing  # a public input


@pytest.mark.slow
def test_nothing_of_a_learner_runs_on_nbgraders_feedback(nbgrader_feedback: Path) -> None:
    page = nbgrader_feedback / "wrong" / "week99" / "week99.html"
    assert_harmless(Page(page.read_text(encoding="utf-8")))


def test_nothing_of_a_learner_runs_in_formgrader(submissions: dict[str, Notebook]) -> None:
    config = PyFileConfigLoader("nbgrader_config.py", str(ROOT)).load_config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    notebook = nbformat.from_dict(copy.deepcopy(submissions["wrong"]))
    # As learners may write it into the file: nbconvert puts it into an attribute.
    notebook.metadata.language_info["pygments_lexer"] = '"><script>alert(2)</script>'
    notebook.cells[-2].outputs = nbformat.from_dict(HOSTILE_OUTPUTS)
    exporter: Any = HTMLExporter
    html, _ = exporter(config=config).from_notebook_node(
        notebook, resources={"index": 0, "total": 1}
    )
    assert_harmless(Page(html))


def assert_harmless(found: Page) -> None:
    """The hostile Markdown is there as text, and nothing hostile as anything else."""
    assert "<script>alert(1)</script>" in found.text
    assert not any("alert" in script for script in found.scripts)
    assert not any("alert" in value for name, value in found.attributes if name.startswith("on"))
    assert not any(name == "onerror" for name, _ in found.attributes)
    assert not any(value.startswith("javascript:") for _, value in found.attributes)


@pytest.mark.slow
def test_otters_results_hold_nothing_hidden(
    assignment: Assignment, submissions: dict[str, Notebook], tmp_path: Path
) -> None:
    otter_marks(assignment, {"ada": submissions["crashing"]}, ROOT, tmp_path, SECRET)
    path = tmp_path / "otter" / "ada" / "results.json"
    text = path.read_text(encoding="utf-8")
    assert "softmax(...) raised an exception on the hidden input." in text
    assert find_leaks(fragments(assignment), [path]) == []
    for hidden in (HIDDEN_INPUT, "Subtract each row", *seeds(assignment)):
        assert hidden not in text
