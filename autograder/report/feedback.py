"""Feedback for each learner: one HTML page with marks, what to do next, and the notebook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission, HandMark, Status
from autograder.report.by_hand import NOTHING_WRITTEN
from autograder.report.by_question import of_question
from autograder.report.files import file_names, write_whole
from autograder.report.notebook import ShownNotebook, shown_notebook
from autograder.report.page import marked_up, render
from autograder.report.tables import possible
from autograder.report.wording import (
    STATUS_SYMBOLS,
    STATUS_WORDS,
    WITHOUT_MARK,
    clean,
    count,
    in_order,
    listed,
    number,
    one_line,
)
from dlcourse.check import Outcome, Result
from dlcourse.check.display import SYMBOLS, WORDS

_LONGEST = 2_000


def write_feedback(
    assignment: Assignment, graded: Sequence[GradedSubmission], out: Path
) -> list[Path]:
    """Write ``out/feedback/NAME.html`` for each submission; NAME is its id, made safe for files.

    A page holds no script, fetches nothing, and runs nothing of what the learner wrote. Hidden
    checks appear by name, outcome and message; what they measured, their hints, inputs and sources
    do not appear.

    Returns:
        The pages written, in the order of the submissions' ids.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    rows = in_order(graded)
    names = file_names(one.learner for one in rows)
    return [
        write_whole(out / "feedback" / f"{name}.html", feedback_page(assignment, one))
        for name, one in zip(names, rows, strict=True)
    ]


@dataclass(frozen=True)
class _Check:
    """A row of a question's table."""

    name: str
    hidden: bool
    kind: str
    symbol: str
    word: str
    points: str
    message: Markup
    hint: Markup


@dataclass(frozen=True)
class _HandMark:
    """A row of what a person marked, or is to mark."""

    name: str
    word: str
    points: str
    comment: Markup


@dataclass(frozen=True)
class _Question:
    """A question's table, and what is left to do in it."""

    anchor: str
    title: str
    share: str
    left: str
    checks: tuple[_Check, ...]
    by_hand: tuple[_HandMark, ...]
    comments: tuple[Markup, ...]


def feedback_page(assignment: Assignment, one: GradedSubmission) -> str:
    """The page for one learner, as HTML."""
    groups = [] if one.status in WITHOUT_MARK else _by_question(assignment, one)
    questions = [_question(assignment, one, name, results) for name, results in groups]
    shown, missing = _notebook(one)
    return render(
        "feedback.html",
        assignment=assignment,
        learner=_called(one),
        late=one.identity.late,
        marks=_marks(assignment, one),
        status=f"{STATUS_SYMBOLS[one.status]} {STATUS_WORDS[one.status]}.",
        reason=marked_up(one.reason, _LONGEST),
        advice=_advice(one),
        left=[q for q in questions if q.left],
        questions=questions,
        any_hidden=any(check.hidden for q in questions for check in q.checks),
        cells=shown.cells,
        cut=shown.cut,
        notebook_missing=missing,
        tier=one_line(one.tier, 40),
        isolation=one_line(one.isolation, 40),
    )


def _called(one: GradedSubmission) -> str:
    """The learner's name with the id in brackets, or the id alone."""
    learner = one_line(one.learner, 120) or "a submission without a name"
    name = one_line(one.identity.name, 120)
    return f"{name} ({learner})" if name and name != learner else learner


def _marks(assignment: Assignment, one: GradedSubmission) -> str:
    if one.status in WITHOUT_MARK:
        return "No marks yet" if one.status is Status.LOST else "No marks: another file counts"
    waits = _waiting(one)
    marks = f"{number(one.marks)} of {count(possible(assignment, one) - waits, 'point')}"
    return f"{marks} so far; {number(waits)} more wait for a person" if waits else marks


def _waiting(one: GradedSubmission) -> float:
    """The points that a person has still to give."""
    return sum(h.points for h in one.by_hand if h.manual and h.given is None)


def _by_question(assignment: Assignment, one: GradedSubmission) -> list[tuple[str, list[Result]]]:
    """Results grouped by question, in the order of the assignment."""
    groups: dict[str, list[Result]] = {q.name: [] for q in assignment.questions}
    for result in one.checks:
        groups.setdefault(result.question, []).append(result)
    marked = {h.question for h in one.by_hand if h.manual}
    return [(name, results) for name, results in groups.items() if results or name in marked]


def _question(
    assignment: Assignment, one: GradedSubmission, name: str, results: list[Result]
) -> _Question:
    titles = {q.name: q.title for q in assignment.questions}
    part = of_question(one, name)
    return _Question(
        anchor="q-" + re.sub(r"[^a-z0-9_]", "-", name.lower()),
        title=clean(titles.get(name, name), 200),
        share=_share(part),
        left=_left(results),
        checks=tuple(_check(r) for r in results),
        by_hand=tuple(_hand_mark(h) for h in part.by_hand if h.name),
        comments=tuple(marked_up(h.comment, _LONGEST) for h in part.by_hand if not h.name),
    )


def _share(part: GradedSubmission) -> str:
    if part.by_hand and not part.checks and part.waits_for_marks:
        return f"waits for a person, {count(part.max_marks, 'point')}"
    return f"{number(part.marks)} of {count(part.max_marks, 'point')}"


def _hand_mark(mark: HandMark) -> _HandMark:
    if mark.given is not None:
        word = "Marked by a person" if mark.manual else "Changed by a person"
    else:
        word = "Waits to be marked" if mark.manual else "Commented by a person"
    given = "-" if mark.given is None else number(mark.given)
    extra = f" + {number(mark.extra)}" if mark.extra else ""
    return _HandMark(
        name=_spoken(mark.name),
        word=word,
        points=f"{given}{extra}/{number(mark.points)}",
        comment=marked_up(mark.comment, _LONGEST),
    )


def _left(results: list[Result]) -> str:
    """What keeps points away: ``2 points left; not yet: a and b; not attempted: c.``"""
    lost = sum(r.points - r.earned for r in results)
    parts = [f"{count(lost, 'point')} left"] if lost else []
    for outcome in Outcome:
        names = [_spoken(r.name) for r in results if r.outcome is outcome]
        if names and outcome is not Outcome.CORRECT:
            parts.append(f"{WORDS[outcome].lower()}: {listed(names)}")
    return f"{'; '.join(parts)}." if parts else ""


def _spoken(name: str) -> str:
    return clean(name.replace("_", " "), 120)


def _check(result: Result) -> _Check:
    passed = result.outcome is Outcome.CORRECT
    return _Check(
        name=_spoken(result.name),
        hidden=result.hidden,
        kind=result.outcome.value.replace(" ", "-"),
        symbol=SYMBOLS[result.outcome],
        word=WORDS[result.outcome],
        points=f"{number(result.earned)}/{number(result.points)}",
        message=marked_up(result.message, _LONGEST),
        hint=Markup() if passed or result.hidden else marked_up(result.hint, _LONGEST),
    )


def _advice(one: GradedSubmission) -> list[str]:
    """What to do, in a paragraph or two; the questions with points left follow as a list."""
    if one.status is Status.LOST:
        return ["Grading failed on our side, not on yours. You need do nothing: it is repeated."]
    if one.status is Status.SUPERSEDED:
        return ["Look at the page of the file that counts. If the wrong one counts, say so."]
    if one.status is Status.UNREADABLE:
        return [
            "Nothing could be run, so no check could pass. Mend what is said above, open the "
            "notebook once to see that it opens, and hand it in again."
        ]
    if one.waits_for_marks:
        waits = count(_waiting(one), "point")
        return [*_automatic(one), f"{waits} will be given by a person.", *_unwritten(one)]
    return [*_automatic(one), *_unwritten(one)]


def _unwritten(one: GradedSubmission) -> list[str]:
    """A paragraph for each text that a person would have marked and that is not there."""
    return [
        f"Nothing was written in the place of the {_spoken(hand.name)}, which a person marks: "
        f"{count(hand.points, 'point')}. If you wrote it in another cell or did not save the "
        "notebook, put it there, save, and hand it in again."
        for hand in one.by_hand
        if hand.manual and hand.comment == NOTHING_WRITTEN
    ]


def _automatic(one: GradedSubmission) -> list[str]:
    if one.checks and all(r.outcome is Outcome.CORRECT for r in one.checks):
        done = one.waits_for_marks or one.marks >= one.max_marks
        return ["Every check passed." + done * " There is nothing left to do."]
    said = []
    if one.status is Status.STOPPED:
        said.append(
            "A cell, or a function that a check called, was stopped or ended your notebook. Mend "
            "what is said above first: what depends on it could not be checked."
        )
    if not one.checks:
        return [*said, "No check was run."]
    return [*said, "Points are left in these questions. Take them from the top:"]


def _notebook(one: GradedSubmission) -> tuple[ShownNotebook, str]:
    """The notebook to show, or the sentence that stands in its place."""
    if one.notebook is None:
        return ShownNotebook(), "It did not run, so there is nothing to show."
    try:
        return shown_notebook(one.notebook), ""
    except Exception as error:  # a notebook that cannot be shown must not cost the feedback
        return ShownNotebook(), f"It cannot be shown ({type(error).__name__})."
