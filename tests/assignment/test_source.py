"""The source format: what it means, and where it says that the author went wrong."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.assignment.source import (
    Assignment,
    SourceError,
    defined_names,
    find_assignment,
    make_stub,
    read_assignment,
    without_markers,
)
from autograder.errors import CourseError
from tests.sample import SAMPLE


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "week99.md"
    path.write_text(text, encoding="utf-8")
    return read_assignment(path)


@pytest.fixture
def sample(tmp_path: Path):  # type: ignore[no-untyped-def]
    return read(tmp_path, SAMPLE)


def test_questions_come_in_order_with_their_points(sample) -> None:  # type: ignore[no-untyped-def]
    assert [(q.name, q.points) for q in sample.questions] == [
        ("softmax", 3),
        ("parameter_count", 2),
    ]


def test_a_questions_section_holds_its_checks_and_wrong_answers(sample) -> None:  # type: ignore[no-untyped-def]
    softmax = sample.question("softmax")
    assert [c.name for c in softmax.checks] == ["rows_sum_to_one", "survives_large_scores"]
    assert [c.hidden for c in softmax.checks] == [False, True]
    assert [w.name for w in softmax.wrong_answers] == [
        "exponentiates-raw-scores",
        "normalises-columns",
    ]


def test_the_stub_is_the_solution_minus_its_holes(sample) -> None:  # type: ignore[no-untyped-def]
    answer = sample.question("softmax").answer
    assert answer.stub.splitlines()[-1] == "    ..."
    assert "np.exp" not in answer.stub
    assert answer.names == ("softmax",)


def test_the_reference_stops_at_the_question(sample) -> None:  # type: ignore[no-untyped-def]
    text = "\n".join(sample.solution_before("softmax"))
    assert "np.exp" in text
    assert "dense_parameters" not in text
    assert "BEGIN SOLUTION" not in text


def test_imports_are_those_of_the_solved_notebook(tmp_path: Path) -> None:
    text = SAMPLE.replace("import numpy as np", "import numpy as np\nfrom a.b import c", 1)
    found = read(tmp_path, text).imports()  # type: ignore[attr-defined]
    assert {"numpy", "a.b", "a.b.c", "dlcourse.check"} <= found


def test_what_a_magic_command_imports_is_not_known(tmp_path: Path) -> None:
    magic = "```{code-cell} ipython3\n%load_ext something\n```\n\n"
    text = SAMPLE.replace("(softmax)=", magic + "(softmax)=", 1)
    assert read(tmp_path, text).imports() is None  # type: ignore[attr-defined]


MISTAKES = [
    ("points: 5", "points: 6", "points is 6 but the checks count 5", "points:"),
    ("tags: [answer]", "tags: [anser]", "unknown tag 'anser'", None),
    ("    # END SOLUTION\n", "", "# BEGIN SOLUTION without # END SOLUTION", None),
    ('@check("softmax", points=1', '@check("sofmax", points=1', "names 'sofmax' but stands", None),
    ("    return e / e.sum", "    return e / / e.sum", "does not parse", "return e / /"),
    ("caught_by: [survives_large_scores]", "caught_by: [surprise]", "names no check", None),
    (", hidden=True, hint=", ", hint=", "the tag and `hidden=`", None),
    ("def rows_sum_to_one(answer)", "def rows_sum_to_one(answer, rng)", "may ask for answer", None),
    ('"Large scores overflow exp."', 'f"{z}"', "must be a constant string", 'f"{z}"'),
    ("(parameter_count)=\n", "(parameter_count)=\n\n", "right before a ## heading", None),
    ("week: 99", "weak: 99", "course.week is missing", "course:"),
    ("cpu: {cell: 5, ", "cpu: {sell: 5, ", "course.limits.cpu", "course:"),
    ("(parameter_count)=", "(softmax)=", "already a question", None),
    ('def softmax(z):\n    """Row', 'def soft_max(z):\n    """Row', None, None),
]


@pytest.mark.parametrize(("before", "after", "message", "at"), MISTAKES)
def test_mistakes_are_reported_with_file_and_line(
    tmp_path: Path, before: str, after: str, message: str | None, at: str | None
) -> None:
    assert before in SAMPLE
    text = SAMPLE.replace(before, after, 1)
    if message is None:  # a renamed function is no mistake that the format can see
        read(tmp_path, text)
        return
    with pytest.raises(SourceError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert caught.value.path.name == "week99.md"
    if at is not None:
        assert at in text.splitlines()[caught.value.line - 1]


def test_a_stub_must_show_the_names_that_it_asks_for(tmp_path: Path) -> None:
    text = SAMPLE.replace(
        "dense_parameters = (\n    # BEGIN SOLUTION\n    3 * 4 + 4\n    # END SOLUTION\n)",
        "# BEGIN SOLUTION\ndense_parameters = 16\n# END SOLUTION",
    )
    with pytest.raises(SourceError, match="does not show the name 'dense_parameters'"):
        read(tmp_path, text)


def test_a_name_may_be_used_in_one_question_only(tmp_path: Path) -> None:
    text = SAMPLE.replace("def counts_weights_and_biases", "def rows_sum_to_one")
    text = text.replace("caught_by: [counts_weights_and_biases]", "caught_by: [rows_sum_to_one]")
    with pytest.raises(SourceError, match="'rows_sum_to_one' is used in 'softmax'"):
        read(tmp_path, text)


def test_a_week_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    folder = tmp_path / "solutions" / "week99"
    folder.mkdir(parents=True)
    (folder / "week99.md").write_text(SAMPLE, encoding="utf-8")
    assert find_assignment(tmp_path, "99") == folder / "week99.md"
    with pytest.raises(CourseError, match="Known: week99"):
        find_assignment(tmp_path, "3")


def test_a_file_that_is_not_text_is_an_error_of_the_author(tmp_path: Path) -> None:
    path = tmp_path / "week99.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_assignment(path)


lines = st.lists(st.sampled_from(["x = 1", "    y = 2", "", "# a comment"]), max_size=5)


@given(before=lines, inside=lines, after=lines)
def test_a_stub_keeps_all_that_stands_outside(
    before: list[str], inside: list[str], after: list[str]
) -> None:
    marked = [*before, "# BEGIN SOLUTION", *inside, "# END SOLUTION", *after]
    assert make_stub("\n".join(marked)).split("\n") == [*before, "...", *after]
    assert without_markers("\n".join(marked)).split("\n") == [*before, *inside, *after] or not (
        before or inside or after
    )


def test_defined_names_are_those_at_top_level() -> None:
    source = "import os\na, (b, _c) = 1, (2, 3)\ndef f():\n    g = 1\nclass K: ...\nx: int = 1\n"
    assert defined_names(source) == ("a", "b", "f", "K", "x")


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_damaged_source_gives_a_clear_error_or_an_assignment(
    tmp_path: Path, data: st.DataObject
) -> None:
    text = list(SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(st.sampled_from(["", "\n", "`", ":", "(", "é", "\t", "---\n", "{"]))
    with suppress(SourceError):  # whatever else is raised fails the test
        read(tmp_path, "".join(text))


def test_a_project_has_a_number_in_place_of_a_week(tmp_path: Path) -> None:
    project = read(tmp_path, SAMPLE.replace("week: 99", "project: 6"))
    assert isinstance(project, Assignment)
    assert project.place == "Project 6"


def test_an_assignment_is_of_a_week_or_of_a_project(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a week or a project, not both"):
        read(tmp_path, SAMPLE.replace("week: 99", "week: 99\n  project: 6"))


def test_an_assignment_belongs_somewhere(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"course\.week is missing"):
        read(tmp_path, SAMPLE.replace("  week: 99\n", ""))
