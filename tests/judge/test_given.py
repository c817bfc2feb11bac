"""Given cells run as they were handed out, whatever has become of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.assignment.source import Assignment, Code, Role
from autograder.collect.notebook import CODE, MARKDOWN, RAW, Cell
from autograder.judge.given import PlannedCell, planned_cells
from tests.judge.test_run import SOFTMAX
from tests.sample import SAMPLE

SETUP = SAMPLE.partition(":tags: [setup]\n")[2].partition("\n```")[0]
ANSWER = "softmax__answer"


def notebook(*cells: tuple[str | None, str] | tuple[str | None, str, str]) -> list[Cell]:
    made = []
    for i, (grade_id, source, *kind) in enumerate(cells):
        made.append(Cell(i, kind[0] if kind else CODE, source, grade_id, None))
    return made


def plan(sample: Assignment, cells: list[Cell]) -> list[str]:
    return [c.source for c in planned_cells(sample, cells)[0]]


def setup_id(sample: Assignment) -> str:
    number = next(i for i, c in enumerate(sample.cells) if getattr(c, "source", "") == SETUP)
    return f"cell-{number}"


def test_an_untouched_notebook_runs_as_it_is(sample: Assignment) -> None:
    cells = notebook((setup_id(sample), SETUP), (None, "text", MARKDOWN), (ANSWER, SOFTMAX))
    planned, notes = planned_cells(sample, cells)
    assert planned == [PlannedCell(SETUP, setup_id(sample), 0), PlannedCell(SOFTMAX, ANSWER, 2)]
    assert notes == []


def test_a_deleted_given_cell_runs_where_it_stood(sample: Assignment) -> None:
    cells = notebook(("start", "start"), (None, "own = 1"), (ANSWER, SOFTMAX))
    planned, notes = planned_cells(sample, cells)
    assert [c.source for c in planned] == [SETUP, "start", "own = 1", SOFTMAX]
    assert notes == [
        "the given cell that begins with `import numpy as np` is missing; it ran all the same"
    ]


@pytest.mark.parametrize("edit", ["import nosuch\n" + SETUP, "", SETUP[:18], SETUP + "\nnp = None"])
def test_a_changed_given_cell_runs_after_the_learners_version(
    sample: Assignment, edit: str
) -> None:
    planned, notes = planned_cells(sample, notebook((setup_id(sample), edit), (ANSWER, SOFTMAX)))
    assert [c.source for c in planned] == [edit, SETUP, SOFTMAX]
    assert [c.place for c in planned] == [0, None, 1]
    assert notes == ["cell 1 is given and was changed; the given code ran after it"]


def test_comments_and_layout_are_no_change(sample: Assignment) -> None:
    edit = "# my imports\n" + SETUP.replace("\n", "\n\n") + "\n"
    assert plan(sample, notebook((setup_id(sample), edit), (ANSWER, SOFTMAX))) == [edit, SOFTMAX]


@pytest.mark.parametrize("kind", [MARKDOWN, RAW])
def test_a_given_cell_turned_into_text_runs(sample: Assignment, kind: str) -> None:
    cells = notebook((None, "own = 1"), (setup_id(sample), SETUP, kind), (ANSWER, SOFTMAX))
    planned, notes = planned_cells(sample, cells)
    assert [c.source for c in planned] == ["own = 1", SETUP, SOFTMAX]
    assert notes == ["cell 2 is given code and was turned into text; it ran all the same"]


def test_a_given_cell_moved_below_runs_in_its_place_as_well(sample: Assignment) -> None:
    cells = notebook((ANSWER, SOFTMAX), (setup_id(sample), SETUP))
    planned, notes = planned_cells(sample, cells)
    assert [c.source for c in planned] == [SETUP, SOFTMAX, SETUP]
    assert notes == []


def test_a_given_cell_that_has_lost_its_id_is_known_by_its_code(sample: Assignment) -> None:
    edit = SETUP.replace("\n", "\n\n")
    assert plan(sample, notebook((None, edit), (ANSWER, SOFTMAX))) == [edit, SOFTMAX]


def test_a_copied_given_cell_runs_twice(sample: Assignment) -> None:
    cells = notebook((setup_id(sample), SETUP), (ANSWER, SOFTMAX), (setup_id(sample), SETUP))
    assert plan(sample, cells) == [SETUP, SOFTMAX, SETUP]


def test_cells_that_do_not_run_are_left_out(sample: Assignment) -> None:
    cells = notebook((setup_id(sample), SETUP), ("submit", "submit()"))
    assert [c.source for c in planned_cells(sample, cells, frozenset({"submit"}))[0]] == [SETUP]


class TestUnlocked:
    """A given cell that is not locked may be changed; it is brought back only where it is gone."""

    DATA = "digits = load()\nprint(digits)\nplot(digits)"

    @pytest.fixture
    def with_data(self, sample: Assignment) -> Assignment:
        setup = next(c for c in sample.cells if isinstance(c, Code) and c.source == SETUP)
        data = replace(setup, source=self.DATA, role=Role.PLAIN, question="softmax")
        at = sample.cells.index(setup) + 1
        return replace(sample, cells=(*sample.cells[:at], data, *sample.cells[at:]))

    def run(self, assignment: Assignment, *cells: tuple[str | None, str]) -> list[str]:
        return plan(assignment, notebook((setup_id(assignment), SETUP), *cells))

    def test_one_that_is_gone_runs(self, with_data: Assignment) -> None:
        assert self.run(with_data, (ANSWER, SOFTMAX)) == [SETUP, self.DATA, SOFTMAX]

    def test_a_changed_one_runs_as_it_was_changed(self, with_data: Assignment) -> None:
        changed = self.DATA + "\nmore(digits)"
        assert self.run(with_data, (None, changed), (ANSWER, SOFTMAX))[1:] == [changed, SOFTMAX]

    def test_one_is_not_brought_back_for_nothing(self, with_data: Assignment) -> None:
        assert self.run(with_data, (None, "x = 1")) == [SETUP, "x = 1"]
