"""A leaderboard shows those who asked, by what hidden checks measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignment.source import Assignment
from autograder.errors import CommandError
from autograder.grading.results import GradedSubmission, Status
from autograder.report.leaderboard import Place, as_markdown, leaderboard, read_names
from tests.report.conftest import Make

NAMES = {"ada": "Ada", "bob": "Anon", "cy": "Cy", "dee": "Dee"}


@pytest.fixture
def hidden(assignment: Assignment) -> str:
    return next(check.name for check in assignment.checks if check.hidden)


def measured(make: Make, check: str, **values: float) -> list[GradedSubmission]:
    return [make(who, measured={check: {"accuracy": value}}) for who, value in values.items()]


def test_equal_values_share_a_rank_and_the_next_one_counts_them_all(
    make: Make, hidden: str
) -> None:
    graded = measured(make, hidden, ada=0.7, bob=0.9, cy=0.9, dee=0.8)
    assert leaderboard(graded, NAMES, "accuracy") == [
        Place(1, "Anon", 0.9),
        Place(1, "Cy", 0.9),
        Place(3, "Dee", 0.8),
        Place(4, "Ada", 0.7),
    ]


def test_less_may_be_better(make: Make, hidden: str) -> None:
    graded = measured(make, hidden, ada=0.7, bob=0.9)
    places = leaderboard(graded, NAMES, "accuracy", lowest=True)
    assert [place.name for place in places] == ["Ada", "Anon"]


def test_who_did_not_ask_is_not_shown(make: Make, hidden: str) -> None:
    graded = measured(make, hidden, ada=0.7, eve=0.99)
    assert [p.name for p in leaderboard(graded, NAMES, "accuracy")] == ["Ada"]


def test_who_has_no_finite_measurement_is_left_out(make: Make, hidden: str) -> None:
    graded = [*measured(make, hidden, ada=0.7, bob=float("nan"), cy=float("inf")), make("dee")]
    assert [p.name for p in leaderboard(graded, NAMES, "accuracy")] == ["Ada"]


def test_a_superseded_submission_does_not_count(make: Make, hidden: str) -> None:
    graded = [
        make("ada", status=Status.SUPERSEDED, measured={hidden: {"accuracy": 0.99}}),
        *measured(make, hidden, ada=0.5),
    ]
    assert [p.value for p in leaderboard(graded, NAMES, "accuracy")] == [0.5]


def test_a_public_checks_measurement_is_not_the_leaderboards(
    make: Make, assignment: Assignment
) -> None:
    public = next(check.name for check in assignment.checks if not check.hidden)
    with pytest.raises(CommandError, match="measured was: nothing"):
        leaderboard(measured(make, public, ada=0.7), NAMES, "accuracy")


def test_a_quantity_that_nothing_measured_is_told_with_what_was(make: Make, hidden: str) -> None:
    with pytest.raises(CommandError, match="measured 'bits'; measured was: accuracy"):
        leaderboard(measured(make, hidden, ada=0.7), NAMES, "bits")


def test_a_name_cannot_break_the_table() -> None:
    page = as_markdown("Ours", "accuracy", [Place(1, "<b>a|b\n# c", 0.51234)])
    assert page.splitlines()[4] == r"| 1 | \<b\>a\|b \# c | 0.5123 |"
    assert len(page.splitlines()) == 5


def test_names_are_read_by_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name,submission\nAda,ada\n", encoding="utf-8-sig")
    assert read_names(path) == {"ada": "Ada"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("submission\nada\n", "no column 'name'"),
        ("", "no column 'submission'"),
        ("submission,name\nada,\n", "line 2: give a submission and the name"),
        ("submission,name\nada\n", "line 2: give a submission and the name"),
        ("submission,name\nada,A\nada,B\n", "line 3: ada stands there twice"),
    ],
)
def test_a_file_of_names_that_is_not_whole_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "names.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=message):
        read_names(path)
