"""What a person marks: from the source into every grader's notebook, and back into reports."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.assignment.source import (
    MANUAL_STUB,
    Assignment,
    SourceError,
    read_assignment,
)
from autograder.grading.results import GradedSubmission, HandMark
from autograder.release.leaks import fragments
from autograder.release.learner import learner_notebook, manual_id, solve
from autograder.release.nbgrader import source_notebook
from autograder.report import write_all
from autograder.report.by_hand import NOTHING_WRITTEN, with_marks_by_hand
from autograder.report.feedback import feedback_page
from autograder.report.gradebook import write_gradebook
from tests.sample import REPORT, SAMPLE

from .conftest import Make
from .test_classreport import page as report_page

CELL = "report__error_analysis"
WRITTEN = "Fours are taken for nines."


def read(folder: Path, text: str) -> Assignment:
    path = folder / "week99.md"
    path.write_text(text, encoding="utf-8")
    return read_assignment(path)


@pytest.fixture
def reported(tmp_path: Path) -> Assignment:
    """The sample with a report that a person marks."""
    return read(tmp_path, SAMPLE + REPORT)


def learner(assignment: Assignment) -> dict[str, Any]:
    return learner_notebook(assignment, {}, colab_url="https://x.example", install="dlcourse")


def source(assignment: Assignment) -> dict[str, Any]:
    return source_notebook(assignment, learner(assignment), {}, "secret")


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(c for c in notebook["cells"] if c["id"] == name)


def handed_in(make: Make, who: str, text: str) -> GradedSubmission:
    written = {
        "cell_type": "markdown", "id": "cell-9", "metadata": {"grade_id": CELL}, "source": text,
    }  # fmt: skip
    notebook = {"cells": [written], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return make(who, notebook=notebook)


def mark(out: Path, who: str, points: float, comment: str = "", cell: str = CELL) -> None:
    """Give points as formgrader does."""
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        submitted = gradebook.find_submission_notebook("week99", "week99", who)
        grade = next(g for g in submitted.grades if g.name == cell)
        grade.manual_score, grade.needs_manual_grade = points, False
        for said in submitted.comments:
            if said.name == cell:
                said.manual_comment = comment
        gradebook.db.commit()


def marks(out: Path) -> dict[str, dict[str, str]]:
    with (out / "marks.csv").open(encoding="utf-8") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def imported(out: Path) -> dict[str, str]:
    with (out / "canvas.csv").open(encoding="utf-8") as file:
        *_, title = (rows := csv.DictReader(file)).fieldnames or [""]
        return {row["Student"]: row[title] for row in rows if row["Student"].strip().islower()}


class TestSource:
    def test_points_of_checks_and_of_people_are_counted_apart(self, reported: Assignment) -> None:
        assert (reported.points, reported.points_by_hand) == (5, 3)
        assert [manual_id(m) for m in reported.manual] == [CELL]

    @pytest.mark.parametrize(
        ("right", "wrong", "told"),
        [
            ("tags: [manual]", "tags: [manuel]", "its tag is `manual`"),
            ("name: error_analysis\n", "", "needs `name:`"),
            ("points: 1, text", "points: one, text", "points: 2, text: ..."),
            ("points: 1, text", "points: 0, text", "points: 2, text: ..."),
        ],
    )
    def test_a_mistake_in_it_is_told_with_the_line(
        self, tmp_path: Path, right: str, wrong: str, told: str
    ) -> None:
        with pytest.raises(SourceError, match=told):
            read(tmp_path, SAMPLE + REPORT.replace(right, wrong))

    def test_those_who_mark_need_a_good_answer(self, tmp_path: Path) -> None:
        without = REPORT[: REPORT.index("Most mistakes")] + "```\n"
        with pytest.raises(SourceError, match="holds what a good answer says"):
            read(tmp_path, SAMPLE + without)

    def test_a_name_is_used_once(self, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="'softmax' is used in"):
            read(tmp_path, SAMPLE + REPORT.replace("name: error_analysis", "name: softmax"))


class TestNotebooks:
    def test_the_learner_sees_the_rubric_and_an_empty_cell(self, reported: Assignment) -> None:
        notebook = learner(reported)
        rubric = cell(notebook, f"{CELL}__rubric")["source"]
        assert "2 for the commonest mistakes are named" in rubric
        assert "BEGIN QUESTION" in rubric
        assert cell(notebook, CELL)["source"] == MANUAL_STUB
        assert cell(notebook, CELL)["metadata"]["nbgrader"]["points"] == 3
        assert "3 points: marked by a person (3)" in cell(notebook, "report__heading")["source"]

    def test_nobody_learns_what_a_good_answer_says(self, reported: Assignment) -> None:
        assert "taken for nines" not in json.dumps(learner(reported))
        assert any("error_analysis" in f.what for f in fragments(reported))

    def test_those_who_mark_have_a_good_answer(self, reported: Assignment) -> None:
        assert "taken for nines" in cell(source(reported), CELL)["source"]
        assert "taken for nines" in cell(solve(reported, learner(reported)), CELL)["source"]

    def test_nbgrader_makes_the_same_notebook(self, reported: Assignment, tmp_path: Path) -> None:
        import nbformat
        from nbgrader.preprocessors import ClearSolutions
        from traitlets.config import Config

        settings = Config()
        settings.ClearSolutions.code_stub = {"python": "..."}
        settings.ClearSolutions.text_stub = MANUAL_STUB
        cleared, _ = ClearSolutions(config=settings).preprocess(
            nbformat.from_dict(source(reported)), {}
        )
        assert cell(cleared, CELL)["source"] == MANUAL_STUB
        root = Path(__file__).parents[2]
        assert "c.ClearSolutions.text_stub = MANUAL_STUB" in (
            root / "nbgrader_config.py"
        ).read_text(encoding="utf-8")


class TestMarks:
    def test_what_is_written_waits_and_what_is_not_has_no_points(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [
            handed_in(make, "ada", WRITTEN),
            handed_in(make, "bob", MANUAL_STUB),
            make("eve"),
        ]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        found = {g.learner: g for g in with_marks_by_hand(reported, class_, tmp_path)}
        assert {who: one.waits_for_marks for who, one in found.items()} == {
            "ada": True, "bob": False, "eve": False,
        }  # fmt: skip
        assert {(one.marks, one.max_marks) for one in found.values()} == {(5, 8)}

    def test_an_import_waits_for_the_whole_mark(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN), handed_in(make, "bob", "")]
        assert not write_all(reported, class_, tmp_path, source=source(reported))
        assert {who: row["by_hand"] for who, row in marks(tmp_path).items()} == {
            "ada": "waits", "bob": "0",
        }  # fmt: skip
        assert imported(tmp_path) == {"bob": "5"}

    def test_marks_given_reach_tables_and_feedback(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN)]
        write_all(reported, class_, tmp_path, source=source(reported))
        mark(tmp_path, "ada", 2.5, "Which of the fours?")
        assert not write_all(reported, class_, tmp_path, source=source(reported))
        assert (marks(tmp_path)["ada"]["marks"], marks(tmp_path)["ada"]["max_marks"]) == (
            "7.5", "8",
        )  # fmt: skip
        assert imported(tmp_path) == {"ada": "7.5"}
        page = (tmp_path / "feedback" / "ada.html").read_text(encoding="utf-8")
        assert "Which of the fours?" in page
        assert "2.5/3" in page

    def test_a_mark_in_place_of_a_checks_points_counts_everywhere(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", "")]
        write_all(reported, class_, tmp_path, source=source(reported))
        mark(tmp_path, "ada", 0.5, cell="softmax__survives_large_scores")
        write_all(reported, class_, tmp_path, source=source(reported))
        assert marks(tmp_path)["ada"]["marks"] == "3.5"
        assert imported(tmp_path) == {"ada": "3.5"}

    def test_a_question_that_a_person_marks_counts_in_the_class_report(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN)]
        write_all(reported, class_, tmp_path, source=source(reported))
        mark(tmp_path, "ada", 1.5)
        write_all(reported, class_, tmp_path, source=source(reported))
        report = (tmp_path / "class-report.html").read_text(encoding="utf-8")
        assert "“Report”: 50 % of its points" in report

    def test_a_comment_alone_changes_no_points(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        said = HandMark("softmax", "rows_sum_to_one", 1.0, comment="Why the maximum?")
        page = feedback_page(reported, make("ada", by_hand=(said,)))
        assert "Commented by a person" in page
        assert "Why the maximum?" in page
        assert make("ada", by_hand=(said,)).marks == make("ada").marks

    def test_grading_again_leaves_marks_of_people(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN)]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        mark(tmp_path, "ada", 3)
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        (found,) = with_marks_by_hand(reported, class_, tmp_path)
        assert (found.marks, found.waits_for_marks) == (8, False)

    def test_feedback_says_what_is_still_to_be_marked(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN)]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        (found,) = with_marks_by_hand(reported, class_, tmp_path)
        page = feedback_page(reported, found)
        assert "Waits to be marked" in page
        assert "3 points will be given by a person" in page
        assert "5 of 5 points so far; 3 more wait for a person" in page
        assert "waits for a person, 3 points" in page

    def test_feedback_says_that_nothing_was_written(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "bob", MANUAL_STUB)]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        (found,) = with_marks_by_hand(reported, class_, tmp_path)
        page = feedback_page(reported, found)
        assert NOTHING_WRITTEN in page
        assert "Every check passed." in page
        assert "nothing left to do" not in page
        assert "Nothing was written in the place of the error analysis" in page

    def test_the_class_report_leaves_out_what_waits(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN), handed_in(make, "bob", MANUAL_STUB)]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        text = report_page(reported, with_marks_by_hand(reported, class_, tmp_path), tmp_path).text
        assert "To be marked by a person: 1 submission." in text
        assert "The one submission has 5 of 8 points." in text
        assert "Report 0 0 1 0 %" in text

    def test_the_class_report_counts_what_people_gave(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN), handed_in(make, "bob", WRITTEN)]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        mark(tmp_path, "ada", 3)
        mark(tmp_path, "bob", 1.5)
        page = report_page(reported, with_marks_by_hand(reported, class_, tmp_path), tmp_path)
        assert "Report 1 1 0 75 %" in page.text
        alt = next(a for i in page.all("img") if (a := i["alt"] or "").startswith("Histogram"))
        assert "6.4 to 6.8: 1" in alt  # 5 + 1.5 of 8, and not 6 or 7

    def test_a_class_that_only_waits_makes_a_report(self, tmp_path: Path, make: Make) -> None:
        head = SAMPLE[: SAMPLE.index("(softmax)=")].replace("points: 5", "points: 0")
        assignment = read(tmp_path, head + REPORT)
        class_ = [replace(handed_in(make, "ada", WRITTEN), checks=())]
        write_gradebook(assignment, class_, tmp_path, source=source(assignment))
        found = with_marks_by_hand(assignment, class_, tmp_path)
        assert "Marks for each question" not in report_page(assignment, found, tmp_path).text

    def test_what_a_person_wrote_runs_nothing_in_the_feedback(
        self, reported: Assignment, make: Make, tmp_path: Path
    ) -> None:
        class_ = [handed_in(make, "ada", WRITTEN)]
        write_gradebook(reported, class_, tmp_path, source=source(reported))
        mark(tmp_path, "ada", 1, "<script>alert(1)</script>")
        (found,) = with_marks_by_hand(reported, class_, tmp_path)
        assert "<script>" not in feedback_page(reported, found)

    def test_a_learner_whom_the_gradebook_does_not_know_waits_for_nothing(
        self, assignment: Assignment, make: Make, tmp_path: Path
    ) -> None:
        (found,) = with_marks_by_hand(assignment, [make("ada")], tmp_path)
        assert found == make("ada")
