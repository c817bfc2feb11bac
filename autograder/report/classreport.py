"""The class report: one HTML page that tells an instructor how an assignment went."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from autograder.assignment.source import Assignment, CheckSource
from autograder.grading.results import GradedSubmission, Status
from autograder.report.by_question import of_question
from autograder.report.figures import histogram, matrix, shares
from autograder.report.files import write_whole
from autograder.report.page import drawing, marked_up, render
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
from dlcourse.check import Outcome, Result, Thresholds
from dlcourse.check.display import SYMBOLS, WORDS

# What the page holds at most; the CSV files hold everything.
MOST_ROWS = 200
MOST_MESSAGES = 3
MOST_QUANTITIES = 24
_MESSAGE = 300

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A table of the report.

    Attributes:
        head: the columns' names.
        rows: the cells, a tuple a row.
        figures: which columns hold numbers, set to the right.
        below: for each row a text under it, as wide as the table; or none at all.
    """

    head: tuple[str, ...]
    rows: list[tuple[str | Markup, ...]]
    figures: frozenset[int] = frozenset()
    below: list[Markup] = field(default_factory=list)


Told = list[tuple[str, list[tuple[str, list[Markup]]]]]
"""For each question its title, and for each of its checks the messages."""


@dataclass(frozen=True)
class Section:
    """A heading, sentences that say what to see, and then a plot, a table or messages."""

    title: str
    words: list[str]
    plot: str = ""
    alt: str = ""
    table: Table | None = None
    told: Told = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """Where the heading can be linked to."""
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())


def write_class_report(
    assignment: Assignment,
    graded: Sequence[GradedSubmission],
    out: Path,
    *,
    thresholds: Thresholds | None = None,
) -> Path:
    """Write ``out/class-report.html``: plots with sentences that say what they show.

    Superseded and lost submissions are listed, and left out of every number. The page names hidden
    checks and what they measured: it is for instructors. It holds no script and fetches nothing.

    Args:
        assignment: what was graded.
        graded: the submissions; none, one or thousands.
        out: the folder.
        thresholds: by name and tier, to draw beside quantities of the same name.

    Returns:
        The page.

    Raises:
        OSError: when ``out`` cannot be written.
    """
    rows = in_order(graded)
    marked = [one for one in rows if one.status not in WITHOUT_MARK]
    sections = [*_attention(assignment, rows)]
    if marked:
        sections = [
            *_marks(assignment, marked),
            *_questions(assignment, marked),
            *_outcomes(assignment, marked),
            *_quantities(marked, thresholds or {}),
            *_messages(assignment, marked),
            *sections,
            _time(marked),
        ]
    look = sum(one.status is not Status.GRADED for one in rows)
    page = render(
        "classreport.html",
        assignment=assignment,
        summary=_summary(rows),
        look=f"{count(look, 'submission')} to look at, with reasons" if look else "",
        sections=sections,
    )
    return write_whole(out / "class-report.html", page)


def _summary(rows: Sequence[GradedSubmission]) -> list[str]:
    if not rows:
        return ["There are no submissions."]
    numbers = Counter(one.status for one in rows)
    parts = [f"{numbers[s]} {STATUS_WORDS[s].lower()}" for s in Status if numbers[s]]
    said = [f"{count(len(rows), 'submission')}: {', '.join(parts)}."]
    unmarked = [STATUS_WORDS[s].lower() for s in Status if s in WITHOUT_MARK and numbers[s]]
    if unmarked:
        said[0] += f" The numbers below leave the {listed(unmarked)} out."
    if waiting := sum(one.waits_for_marks for one in rows):
        said.append(
            f"To be marked by a person: {count(waiting, 'submission')}. The marks below leave out "
            "what waits."
        )
    if late := sum(one.identity.late for one in rows):
        said.append(f"{count(late, 'submission')} came late.")
    said.append(" ".join(_kinds(rows, name) for name in ("tier", "isolation")))
    return said


def _kinds(rows: Sequence[GradedSubmission], name: str) -> str:
    found = Counter(one_line(getattr(one, name), 40) for one in rows)
    kinds = [f"{kind} ({n})" if len(found) > 1 else kind for kind, n in sorted(found.items())]
    return f"{name.capitalize()}: {listed(kinds)}."


def _quartiles(values: Numbers) -> tuple[float, float, float]:
    # Bounded, so that the difference of two still is a number.
    low, middle, high = np.quantile(np.clip(values, -8e307, 8e307), [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def _marks(assignment: Assignment, marked: Sequence[GradedSubmission]) -> list[Section]:
    """The marks that are whole: a part of one would look like all of it."""
    values = np.array([one.marks for one in marked if not one.waits_for_marks])
    if not len(values):
        return []
    points = assignment.points + assignment.points_by_hand
    most = max(points, float(values.max()))
    integers = all(float(c.points).is_integer() for c in assignment.checks)
    whole = most <= 40 and integers and bool((values == values.round()).all())
    edges = np.arange(-0.5, most + 1) if whole else np.linspace(0, most or 1, 21)
    section = Section(
        "Marks",
        _marks_words(values, points),
        drawing(histogram(values, edges, across="marks (points)", whole=whole)),
        f"Histogram of marks. {_bars(values, edges, whole)}",
    )
    return [section]


def _marks_words(values: Numbers, points: float) -> list[str]:
    if len(values) == 1:
        return [f"The one submission has {number(values[0])} of {count(points, 'point')}."]
    low, middle, high = _quartiles(values)
    full = int((values >= points).sum())
    none = int((values == 0).sum())
    return [
        f"The median is {middle:.3g} of {count(points, 'point')}; half of the submissions lie "
        f"between {low:.3g} and {high:.3g}.",
        f"{_of(full, len(values))} have full marks, {_of(none, len(values))} none.",
    ]


def _of(n: int, all_: int) -> str:
    return f"{n} of {all_}"


def _bars(values: Numbers, edges: Numbers, whole: bool = False) -> str:
    """What a histogram shows, for those who cannot see it."""
    counts, _ = np.histogram(values, edges)
    parts = []
    for n, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        if n:
            place = number((low + high) / 2) if whole else f"{low:.4g} to {high:.4g}"
            parts.append(f"{place}: {n}")
    return f"Submissions at {'; '.join(parts[:40])}."


def _questions(assignment: Assignment, marked: Sequence[GradedSubmission]) -> list[Section]:
    """Full, part or no marks in each question; what waits to be marked is left out."""
    of_each = [(q, [of_question(one, q.name) for one in marked]) for q in assignment.questions]
    settled = [
        (q, whole)
        for q, some in of_each
        if (whole := [part for part in some if not part.waits_for_marks])
    ]
    if not settled:
        return []
    titles = [q.title for q, _ in settled]
    kinds = [[_kind(part) for part in whole] for _, whole in settled]
    parts = {k: [row.count(k) for row in kinds] for k in ("full marks", "part", "none")}
    earned = [
        sum(part.marks for part in whole) / ((q.points + q.points_by_hand) * len(whole) or 1)
        for q, whole in settled
    ]
    rows: list[tuple[str | Markup, ...]] = [
        (clean(title, 80), *(str(parts[k][i]) for k in parts), f"{100 * earned[i]:.0f} %")
        for i, title in enumerate(titles)
    ]
    head = ("Question", "Full marks", "Part", "None", "Points earned")
    section = Section(
        "Marks for each question",
        _questions_words(titles, earned, parts),
        drawing(shares(titles, parts)),
        "Bars: for each question the share of submissions with full marks, part of them, or none; "
        "the table below gives the numbers.",
        Table(head, rows, frozenset({1, 2, 3, 4})),
    )
    return [section]


def _kind(part: GradedSubmission) -> str:
    if part.max_marks and part.marks >= part.max_marks:
        return "full marks"
    return "part" if part.marks else "none"


def _questions_words(
    titles: Sequence[str], earned: Sequence[float], parts: dict[str, list[int]]
) -> list[str]:
    if min(earned) >= 1:
        return ["Every question was answered in full by everybody."]
    hard, easy = int(np.argmin(earned)), int(np.argmax(earned))
    all_ = sum(kind[hard] for kind in parts.values())
    said = [
        f"Most was lost in “{clean(titles[hard], 80)}”: {100 * earned[hard]:.0f} % of its points "
        f"were earned, and {_of(parts['none'][hard], all_)} have none of them."
    ]
    if hard != easy:
        said.append(
            f"Least was lost in “{clean(titles[easy], 80)}”, with {100 * earned[easy]:.0f} %."
        )
    return said


def _results(marked: Sequence[GradedSubmission]) -> list[Result]:
    return [result for one in marked for result in one.checks]


def _outcomes(assignment: Assignment, marked: Sequence[GradedSubmission]) -> list[Section]:
    """How often checks of a question had each outcome."""
    found = Counter((r.question, r.outcome) for r in _results(marked))
    if not found:
        return []
    questions = [q for q in assignment.questions if q.checks]
    titles = [q.title for q in questions]
    counts = [[found[q.name, outcome] for outcome in Outcome] for q in questions]
    columns = [WORDS[outcome] for outcome in Outcome]
    rows: list[tuple[str | Markup, ...]] = [
        (clean(title, 80), *map(str, row)) for title, row in zip(titles, counts, strict=True)
    ]
    section = Section(
        "Outcomes of the checks",
        _outcomes_words(titles, columns, np.array(counts, float)),
        drawing(matrix(titles, columns, counts)),
        "Tinted table: for each question how many checks had each outcome; the table below gives "
        "the numbers.",
        Table(("Question", *columns), rows, frozenset({1, 2, 3, 4})),
    )
    return [section]


def _outcomes_words(titles: Sequence[str], columns: Sequence[str], counts: Numbers) -> list[str]:
    said = ["Each number counts checks, over all submissions; the tint is the share of the row."]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for column in range(1, len(columns)):
        row = int(share[:, column].argmax())
        if counts[row, column]:
            said.append(
                f"“{columns[column]}” is commonest in “{clean(titles[row], 80)}”: "
                f"{_of(int(counts[row, column]), int(counts[row].sum()))} checks."
            )
    return said


def _quantities(marked: Sequence[GradedSubmission], thresholds: Thresholds) -> list[Section]:
    """One section for each quantity that checks measured, and each tier it was measured in."""
    found: dict[tuple[str, str], list[tuple[float, Result]]] = {}
    for one in marked:
        for result in one.checks:
            for name, value in result.measured.items():
                found.setdefault((name, one.tier), []).append((float(value), result))
    several = len({tier for _, tier in found}) > 1
    sections = [
        _quantity(name, tier if several else "", rows, thresholds.get(name, {}).get(tier))
        for (name, tier), rows in sorted(found.items(), key=lambda item: item[0])
    ]
    return sections[:MOST_QUANTITIES]


def _quantity(
    name: str, tier: str, rows: list[tuple[float, Result]], threshold: float | None
) -> Section:
    values = np.array([v for v, _ in rows if math.isfinite(v)])
    spoken = one_line(name.replace("_", " "), 60)
    title = f"Measured: {spoken}" + (f" ({one_line(tier, 20)} tier)" if tier else "")
    words = _quantity_words(values, len(rows) - len(values), threshold)
    words.append(_passed(rows))
    if not len(values):
        return Section(title, words)
    edges = _edges(values, threshold)
    inside = values[(values >= edges[0]) & (values <= edges[-1])]
    if len(inside) < len(values):
        words.append(f"{_of(len(values) - len(inside), len(values))} lie outside the plot.")
    line = None if threshold is None else (threshold, f"threshold {threshold:g}")
    return Section(
        title,
        words,
        drawing(histogram(inside, edges, across=spoken, line=line)),
        f"Histogram of {spoken}. {_bars(inside, edges)}",
    )


def _quantity_words(values: Numbers, without: int, threshold: float | None) -> list[str]:
    said = []
    if len(values) == 1:
        said.append(f"Measured once: {values[0]:.4g}.")
    elif len(values):
        middle = _quartiles(values)[1]
        said.append(
            f"{len(values)} values from {values.min():.4g} to {values.max():.4g}; half of them are "
            f"{middle:.4g} or more."
        )
    if threshold is not None and len(values):
        reach = int((values >= threshold).sum())
        said.append(
            f"The threshold is {threshold:g}: {reach} at or above it, {len(values) - reach} below."
        )
    if without:
        said.append(f"{count(without, 'measurement')} gave no finite number.")
    return said


def _passed(rows: list[tuple[float, Result]]) -> str:
    said = []
    for name in sorted({r.name for _, r in rows}):
        outcomes = [r.outcome for _, r in rows if r.name == name]
        right = outcomes.count(Outcome.CORRECT)
        said.append(f"{_of(right, len(outcomes))} pass “{clean(name.replace('_', ' '), 80)}”")
    return f"{listed(said)}."


def _edges(values: Numbers, threshold: float | None) -> Numbers:
    """Ends of a histogram's bars: all values and the threshold, but no outlier that hides them."""
    low, middle, high = _quartiles(values)
    reach = 25 * (high - low)
    least, most = float(values.min()), float(values.max())
    if reach > 0:
        least, most = max(least, middle - reach), min(most, middle + reach)
    if threshold is not None and math.isfinite(threshold):
        least, most = min(least, threshold), max(most, threshold)
    if not least < most or not math.isfinite(most - least):
        room = max(abs(middle) * 0.05, 0.5)
        least, most = middle - room, middle + room
    bars = int(min(40, max(10, 3 * math.sqrt(len(values)))))
    if threshold is None or not least < threshold < most:
        return np.linspace(least, most, bars + 1)
    # A bar ends at the threshold, so that none holds values on both sides of it.
    below = min(bars - 1, max(1, round(bars * (threshold - least) / (most - least))))
    return np.concatenate(
        [
            np.linspace(least, threshold, below + 1)[:-1],
            np.linspace(threshold, most, bars - below + 1),
        ]
    )


def _messages(assignment: Assignment, marked: Sequence[GradedSubmission]) -> list[Section]:
    """The commonest messages of each check."""
    found: dict[tuple[str, str], Counter[tuple[Outcome, str]]] = {}
    for r in _results(marked):
        if r.outcome is not Outcome.CORRECT:
            said = one_line(r.message, _MESSAGE)
            found.setdefault((r.question, r.name), Counter())[r.outcome, said] += 1
    told = []
    for question in assignment.questions:
        checks = [
            (_titled(check), _lines(found[question.name, check.name]))
            for check in question.checks
            if (question.name, check.name) in found
        ]
        if checks:
            told.append((clean(question.title, 80), checks))
    if not told:
        return []
    often, times = _commonest(found)
    words = [f"What learners are told most often, {count(times, 'time')}: “{often}”"]
    words.append(f"At most {MOST_MESSAGES} messages a check are listed; checks.csv has all.")
    return [Section("What learners were told", words, told=told)]


def _titled(check: CheckSource) -> str:
    return clean(check.name.replace("_", " "), 80) + (" (hidden)" if check.hidden else "")


def _lines(messages: Counter[tuple[Outcome, str]]) -> list[Markup]:
    """The commonest messages, each with its outcome and how many submissions have it."""
    ranked = sorted(messages.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        Markup("{} {} ({}): {}").format(
            SYMBOLS[outcome], WORDS[outcome], n, marked_up(said) if said else "no message"
        )
        for (outcome, said), n in ranked[:MOST_MESSAGES]
    ]
    rest = ranked[MOST_MESSAGES:]
    if rest:
        more = count(len(rest), "other message")
        lines.append(Markup("{}: {}").format(more, sum(n for _, n in rest)))
    return lines


def _commonest(found: dict[tuple[str, str], Counter[tuple[Outcome, str]]]) -> tuple[str, int]:
    all_: Counter[str] = Counter()
    for messages in found.values():
        for (_, said), n in messages.items():
            all_[said or "(no message)"] += n
    return min(all_.items(), key=lambda item: (-item[1], item[0]))


def _attention(assignment: Assignment, rows: Sequence[GradedSubmission]) -> list[Section]:
    """Submissions that did not simply run to their end, with the reasons."""
    chosen = [one for one in rows if one.status is not Status.GRADED]
    if not chosen:
        return []
    numbers = Counter(one.status for one in chosen)
    words = [f"{_meaning(status, numbers[status])}" for status in Status if numbers[status]]
    if len(chosen) > MOST_ROWS:
        words.append(f"The first {MOST_ROWS} are listed; marks.csv has all.")
    table = Table(
        ("Submission", "Status", "Marks"),
        [
            (
                one_line(one.learner, 80),
                f"{STATUS_SYMBOLS[one.status]} {STATUS_WORDS[one.status]}",
                "none"
                if one.status in WITHOUT_MARK
                else f"{number(one.marks)}/{number(possible(assignment, one))}",
            )
            for one in chosen[:MOST_ROWS]
        ],
        frozenset({2}),
        [marked_up(one_line(one.reason, _MESSAGE)) for one in chosen[:MOST_ROWS]],
    )
    return [Section("Submissions to look at", words, table=table)]


def _meaning(status: Status, n: int) -> str:
    meanings = {
        Status.STOPPED: "stopped: it ended its process or met a limit; the rest counts.",
        Status.UNREADABLE: "unreadable: nothing could be run, so there are no points.",
        Status.SUPERSEDED: "superseded: another submission of the same learner counts.",
        Status.LOST: "lost: grading itself failed; there is no mark. Grade again.",
    }
    return f"{n} {meanings[status]}"


def _time(marked: Sequence[GradedSubmission]) -> Section:
    values = np.array([one.seconds for one in marked])
    slowest = marked[int(values.argmax())]
    edges = _edges(values, None)
    inside = values[(values >= edges[0]) & (values <= edges[-1])]
    words = [
        f"One submission took {_quartiles(values)[1]:.3g} s in the middle, "
        f"the slowest {values.max():.3g} s ({one_line(slowest.learner, 60)}). One after another "
        f"they take {_duration(float(values.sum()))}."
    ]
    if len(inside) < len(values):
        words.append(f"{_of(len(values) - len(inside), len(values))} lie outside the plot.")
    return Section(
        "Time",
        words,
        drawing(histogram(inside, edges, across="time to grade a submission (s)")),
        f"Histogram of grading time in seconds. {_bars(inside, edges)}",
    )


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
