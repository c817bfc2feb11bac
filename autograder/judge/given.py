"""The cells that are run: what was handed in, with the given cells as they were handed out.

A given cell is one that the learner was not asked to write: imports, constants, data. Whatever has
become of it, the released one runs where it stood, so that nothing further down is lost with it.

- Changed: the learner's version runs first, as a cell of their own, then the released one.
- Turned into Markdown or raw text, deleted, or moved below cells that follow it: the released one
  runs in its place; a cell that was only moved runs where it is as well.

As in nbgrader, a locked cell is known by its ``grade_id``; where that was lost, by its text. Cells
that are given but not locked may be changed, and are brought back only where they are gone. Check
cells are not among these: the judge has its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from autograder.assignment.source import Answer, Assignment, CheckSource, Code, Question, Role
from autograder.collect.notebook import CODE, Cell
from autograder.release.learner import answer_id, check_id
from dlcourse.check.answer import parse

# Two cells with more than this share of their lines in common are versions of one.
ALIKE: Final = 0.6
# A formatter changes quotes, brackets and line ends; no cell becomes so many times as long by it.
LONGER: Final = 4


@dataclass(frozen=True)
class PlannedCell:
    """A code cell to run.

    Attributes:
        source: its code.
        grade_id: the name that the release gave to it, or None.
        place: where it stands among the handed-in notebook's cells, from 0; None for a released
            cell that was put back.
    """

    source: str
    grade_id: str | None = None
    place: int | None = None


@dataclass(frozen=True)
class _Given:
    """A given cell of the release, and the cells before and after it by their names."""

    name: str
    source: str
    locked: bool
    question: str
    before: frozenset[str]
    after: frozenset[str]


def planned_cells(
    assignment: Assignment, cells: Sequence[Cell], skip: frozenset[str] = frozenset()
) -> tuple[list[PlannedCell], list[str]]:
    """The code cells to run, in order, and what was put back, in words for the learner.

    Args:
        assignment: the source.
        cells: all cells that were handed in.
        skip: ``grade_id`` of cells that do not run.
    """
    given = _given_cells(assignment)
    found = _found(given, cells)
    put_back: dict[int, list[PlannedCell]] = {}
    notes: list[str] = []
    for one in given:
        here = [i for i, g in found.items() if g is one]
        where = _place(one, cells, here)
        if where is not None:
            put_back.setdefault(where, []).append(PlannedCell(one.source, one.name))
            notes += _why_put_back(one, cells, here)
    changed = {
        i: g
        for i, g in found.items()
        if g.locked and cells[i].kind == CODE and not _same(cells[i].source, g.source)
    }
    notes += [
        f"cell {i + 1} is given and was changed; the given code ran after it" for i in changed
    ]
    return list(_in_order(cells, put_back, changed, skip)), notes


def is_answer(question: Question, cell: Cell) -> bool:
    """Whether a cell, which may be text by now, holds the answer to a question."""
    if cell.grade_id is not None:
        return cell.grade_id == answer_id(question.name)
    if cell.cell_id == answer_id(question.name):
        return True
    names = question.answer.names if question.answer else ()
    lines = cell.source.splitlines()
    return any(
        line.startswith((f"def {name}(", f"class {name}", f"{name} ="))
        for name in names
        for line in lines
    )


def _found(given: Sequence[_Given], cells: Sequence[Cell]) -> dict[int, _Given]:
    """Which handed-in cells, of any kind, are given ones, changed or not."""
    by_text = {g.source.strip(): g for g in given}
    by_name = {g.name: g for g in given}
    found = {}
    for i, cell in enumerate(cells):
        one = by_text.get(cell.source.strip()) or by_name.get(_name(cell) or "")
        if one is not None:
            found[i] = one
    for one in given:
        if one not in found.values():
            found |= {i: one for i in _alike(one, cells) if i not in found}
    return found


def _alike(given: _Given, cells: Sequence[Cell]) -> Iterator[int]:
    """Cells that have lost their names and may be this one."""
    for i, cell in enumerate(cells):
        if cell.kind == CODE and cell.grade_id is None:
            alike = not given.locked and _alike_in_lines(cell.source, given.source)
            if alike or _same(cell.source, given.source):
                yield i


def _alike_in_lines(one: str, other: str) -> bool:
    """Whether two cells share more than ALIKE of their lines."""
    lines, others = one.split("\n"), other.split("\n")
    matcher = SequenceMatcher(None, lines, others, autojunk=False)
    # The first bound needs the numbers of lines alone: one cell can have a million.
    return matcher.real_quick_ratio() > ALIKE and matcher.ratio() > ALIKE


def _in_order(
    cells: Sequence[Cell],
    put_back: dict[int, list[PlannedCell]],
    changed: dict[int, _Given],
    skip: frozenset[str],
) -> Iterator[PlannedCell]:
    for i, cell in enumerate(cells):
        yield from put_back.get(i, ())
        if cell.kind == CODE and cell.grade_id not in skip:
            yield PlannedCell(cell.source, cell.grade_id, i)
        if i in changed:
            yield PlannedCell(changed[i].source, changed[i].name)
    yield from put_back.get(len(cells), ())


def _place(given: _Given, cells: Sequence[Cell], here: Sequence[int]) -> int | None:
    """Before which cell a given cell is to be put back; None where it runs in its place anyhow."""
    followers = (i for i, c in enumerate(cells) if _name(c) in given.after)
    latest = next(followers, len(cells))
    if any(i < latest and cells[i].kind == CODE for i in here):
        return None
    if not given.locked and not _is_worked_on(given, cells):
        return None
    for i in here:
        if i < latest:
            return i
    leaders = [i for i in range(latest) if _name(cells[i]) in given.before]
    return leaders[-1] + 1 if leaders else 0


def _is_worked_on(given: _Given, cells: Sequence[Cell]) -> bool:
    """Whether the notebook holds the question's answer cell, which an unlocked cell is for."""
    wanted = {answer_id(given.question)} if given.question else given.after
    return any(c.kind == CODE and c.grade_id in wanted for c in cells)


def _why_put_back(given: _Given, cells: Sequence[Cell], here: Sequence[int]) -> Iterator[str]:
    if not here:
        first = next((line for line in given.source.splitlines() if line.strip()), "")
        yield f"the given cell that begins with `{first[:60]}` is missing; it ran all the same"
    elif all(cells[i].kind != CODE for i in here):
        yield f"cell {here[0] + 1} is given code and was turned into text; it ran all the same"


def _name(cell: Cell) -> str | None:
    return cell.grade_id or cell.cell_id


def _given_cells(assignment: Assignment) -> list[_Given]:
    """The given cells of the release, in its order."""
    names: list[str] = []
    code: dict[int, Code] = {}
    for number, cell in enumerate(assignment.cells):
        if isinstance(cell, Answer):
            names.append(answer_id(cell.question))
        elif isinstance(cell, CheckSource):
            names.append(check_id(cell))
        elif isinstance(cell, Code) and cell.role in (Role.SETUP, Role.PLAIN):
            code[len(names)] = cell
            names.append(f"cell-{number}")
    return [
        _Given(
            names[at],
            cell.source,
            cell.role is Role.SETUP,
            cell.question,
            frozenset(names[:at]),
            frozenset(names[at + 1 :]),
        )
        for at, cell in code.items()
    ]


def _same(handed_in: str, given: str) -> bool:
    """Whether two cells hold the same code, comments and layout aside.

    Nobody else runs while Python parses. So a cell that is more than LONGER times as long as the
    given one is not parsed, and counts as another.
    """
    if handed_in.strip() == given.strip():
        return True
    if len(handed_in) > LONGER * len(given):
        return False
    return _parsed(handed_in) == _code_of(given)


@lru_cache(maxsize=1024)  # of given cells, the same for every submission
def _code_of(given: str) -> str:
    return _parsed(given)


def _parsed(source: str) -> str:
    try:
        return ast.dump(parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
