"""The record of an assignment's verification, ``verification.json`` beside its source.

It has three parts, each with a basis of its own: ``answers``, that the solution, the stub and every
wrong answer got what they should; ``graders``, that nbgrader and otter-grader give the marks that
we give; and ``mutants``, how many changed solutions the checks notice. All are of the cpu tier.

The basis is what decides a verdict: the assignment's code, by question, with its thresholds; the
judge, and how cells run and values cross to it; and what all these use of ``dlcourse``. Prose,
comments, reports and commands are no part of it. Neither is what finds a notebook in an upload or
what confines a worker: they have tests of their own, and each repetition runs through them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.source import (
    Answer,
    Assignment,
    Question,
    Role,
    SourceError,
    read_assignment,
)
from autograder.assignment.thresholds import Thresholds, read_thresholds
from autograder.evidence.mutate import EQUIVALENT_MUTANTS, Verdict
from autograder.evidence.records import (
    Basis,
    Record,
    RecordError,
    Staleness,
    base_of,
    basis,
    commit_of,
    digest,
    draw,
    new_record,
    read_records,
    staleness,
    text_at,
    write_record,
)
from autograder.evidence.used_code import plain_cell
from autograder.evidence.variants import SOLUTION, STUB
from autograder.evidence.verify import Comparison, VerifiedAnswer, compared_names
from dlcourse.check import Outcome

FILE = "verification.json"
TIER = "cpu"
ANSWERS, GRADERS, MUTANTS = "answers", "graders", "mutants"

JUDGE = (
    "autograder.assignment.source.read_assignment",
    "autograder.judge.answers",
    "autograder.judge.checks",
    "autograder.judge.given",
    "autograder.sandbox.runner",
    "autograder.sandbox.serve",
    "autograder.sandbox.surroundings",
)
VERIFIERS = {
    ANSWERS: (*JUDGE, "autograder.evidence.verify.verify_answers"),
    GRADERS: (*JUDGE, "autograder.evidence.verify.compare_graders", "dlcourse.check.grade"),
    MUTANTS: (*JUDGE, "autograder.evidence.mutate.examine"),
}
COMMANDS = {ANSWERS: "verify {}", GRADERS: "verify {} --parity", MUTANTS: "mutate {}"}
APART = (
    "autograder.collect",
    "autograder.course.repository",
    "autograder.release.leaks",
    "autograder.sandbox.isolate",
    "autograder.workers",
)


def verification_path(assignment: Assignment) -> Path:
    """Where an assignment's record lies."""
    return assignment.path.with_name(FILE)


def part_basis(assignment: Assignment, root: Path, part: str) -> Basis:
    """What decides one part of the record now."""
    thresholds = read_thresholds(assignment)
    texts = source_texts(assignment, thresholds)
    libraries = ["numpy"]
    if part == GRADERS:
        texts["nbgrader_config.py"] = _text(root / "nbgrader_config.py")
        libraries += ["nbgrader", "otter"]
    if part == MUTANTS:
        texts[EQUIVALENT_MUTANTS] = _text(assignment.path.with_name(EQUIVALENT_MUTANTS))
    cells = list(_cells(assignment))
    if any("keras" in cell for cell in cells):
        libraries += ["keras", assignment.backend]
    return basis(
        root, texts=texts, cells=cells, names=VERIFIERS[part], apart=APART, libraries=libraries
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _cells(assignment: Assignment) -> Iterator[str]:
    """All code of an assignment, as it is executed."""
    for role in (Role.PLAIN, Role.SETUP, Role.HIDDEN_SETUP):
        yield from assignment.code(role)
    for question in assignment.questions:
        if question.answer is not None:
            yield question.answer.solution
        yield from (c.source for c in question.checks)
        yield from (w.source for w in question.wrong_answers)


COMMON = "cells of all questions"


def source_texts(assignment: Assignment, thresholds: Thresholds) -> dict[str, str]:
    """What decides in the source: for each question, and what all of them share."""
    shared = [f"{role}\0{plain_cell(s)}" for role in Role for s in assignment.code(role)]
    settings = f"{assignment.limits[TIER]} {assignment.backend}"
    texts = {COMMON: "\0".join([settings, *shared])}
    for question in assignment.questions:
        texts[f"question {question.name}"] = "\0".join(_question_texts(question, thresholds))
    return texts


def _question_texts(question: Question, thresholds: Thresholds) -> Iterator[str]:
    answer: Answer | None = question.answer
    if answer is not None:
        yield from (plain_cell(answer.solution), plain_cell(answer.stub))
    for check in question.checks:
        yield f"{check.hidden} {check.points} {plain_cell(check.source)}"
        for name in check.thresholds:
            yield f"{name} {thresholds.get(name, {}).get(TIER)}"
    for wrong in question.wrong_answers:
        yield f"{wrong.name} {wrong.caught_by} {plain_cell(wrong.source)}"


def record_answers(
    assignment: Assignment, basis: Basis, answers: Sequence[VerifiedAnswer], isolation: str
) -> Path:
    """Write that each answer got what it should; only for those of which nothing was found."""
    seconds = sum(a.seconds for a in answers)
    found = {"isolation": isolation, "outcomes": {a.name: _outcomes(a) for a in answers}}
    return _write(assignment, ANSWERS, new_record(basis, found, seconds))


def _outcomes(answer: VerifiedAnswer) -> dict[str, object]:
    """How many checks were content with an answer, and which others were not."""
    kept = {o: [n for n, x in answer.outcomes.items() if x is o] for o in Outcome}
    caught = [*kept[Outcome.NOT_YET], *kept[Outcome.ERROR]]
    found: dict[str, object] = {"seconds": round(answer.seconds, 1)}
    if kept[Outcome.CORRECT]:
        found["correct"] = len(kept[Outcome.CORRECT])
    if kept[Outcome.NOT_ATTEMPTED]:
        found["not attempted"] = len(kept[Outcome.NOT_ATTEMPTED])
    if caught:
        found["caught by"] = sorted(caught)
    return found


def record_graders(
    assignment: Assignment, basis: Basis, compared: Sequence[Comparison], seconds: float
) -> Path:
    """Write that the graders gave the same marks, but for those known not to; only if they did.

    What was compared before on the same basis stays, so that a long comparison can be made in
    parts.
    """
    before = read_records(verification_path(assignment)).get(GRADERS)
    if before is None or staleness(before, basis) != Staleness():
        before = {"points": {}, "known to differ": {}, "seconds": 0.0}
    differ = {c.submission: sorted(c.differs) for c in compared if c.differs}
    found = {
        "agree": ["autograder", "nbgrader", "otter-grader"],
        "known to differ": {**before["known to differ"], **differ},
        "points": {**before["points"], **{c.submission: sum(c.ours.values()) for c in compared}},
    }
    return _write(assignment, GRADERS, new_record(basis, found, before["seconds"] + seconds))


def uncompared(assignment: Assignment, root: Path) -> list[str]:
    """The submissions that the record of the graders lacks; all where it is stale by source."""
    record = read_records(verification_path(assignment)).get(GRADERS)
    stale = staleness(record, part_basis(assignment, root, GRADERS)).by_source
    known = {} if record is None or stale else record["points"]
    return [name for name in compared_names(assignment, root) if name not in known]


def record_mutants(
    assignment: Assignment, basis: Basis, verdicts: Sequence[Verdict], seconds: float
) -> Path:
    """Write how many mutants of each question the checks caught."""
    found = {"questions": mutant_counts(verdicts)}
    return _write(assignment, MUTANTS, new_record(basis, found, seconds))


def mutant_counts(verdicts: Iterable[Verdict]) -> dict[str, dict[str, int]]:
    """By question: mutants, those caught, and those that mean the same as the solution."""
    found: dict[str, dict[str, int]] = {}
    for verdict in verdicts:
        counts = found.setdefault(
            verdict.mutant.question, {"mutants": 0, "caught": 0, "equivalent": 0}
        )
        counts["mutants"] += 1
        counts["caught"] += bool(verdict.caught_by)
        counts["equivalent"] += bool(verdict.reason)
    return found


STARTED = time.time()
"""When this process began to load the code that it verifies with."""


def _write(assignment: Assignment, part: str, record: Record) -> Path:
    changed = [name for name in record["inputs"] if _changed_since_loaded(name)]
    if changed:
        raise RecordError(
            f"{changed[0]} was changed while {assignment.name} was verified, so that nothing is "
            "recorded; run the same command again"
        )
    path = verification_path(assignment)
    write_record(path, part, record)
    return path


def _changed_since_loaded(module: str) -> bool:
    file = getattr(sys.modules.get(module), "__file__", None)
    return file is not None and Path(file).stat().st_mtime > STARTED


def part_staleness(assignment: Assignment, root: Path, part: str) -> Staleness:
    """How one part of the record differs from what it would be made of now."""
    record = read_records(verification_path(assignment)).get(part)
    return staleness(record, part_basis(assignment, root, part))


def stale_parts(
    assignment: Assignment, root: Path, parts: Iterable[str] = tuple(COMMANDS)
) -> list[str]:
    """Those of the parts that are missing or stale by source: one line each, with the command."""
    lines = []
    for part in parts:
        command, found = COMMANDS[part], part_staleness(assignment, root, part)
        if found.by_source:
            lines.append(
                f"{assignment.path}: verification of the {part} {found}; run `make records`, or "
                f"`autograder {command.format(assignment.name)}`"
            )
    return lines


def contradictions(record: Record, answers: Iterable[VerifiedAnswer]) -> list[str]:
    """Where answers that were verified again got something else than their record says."""
    lines = []
    for answer in answers:
        lines += [str(finding) for finding in answer.findings]
        recorded = dict(record["outcomes"].get(answer.name, {}))
        now = _outcomes(answer)
        for found in (recorded, now):
            found.pop("seconds", None)
        if recorded != now:
            lines.append(f"{answer.name}: the record says {recorded}, repeated it is {now}")
    return lines


def other_marks(record: Record, compared: Iterable[Comparison]) -> list[str]:
    """Where graders that were compared again differ from one another or from their record."""
    lines = []
    for c in compared:
        points = sum(c.ours.values())
        if not c.equal:
            lines.append(f"{c.submission}: the graders do not agree: {c}")
        if record["points"].get(c.submission) != points:
            recorded = record["points"].get(c.submission)
            lines.append(f"{c.submission}: the record says {recorded} points, repeated {points}")
    return lines


SECONDS = 60.0
"""How long the answers of one drawn week may take together, by their record."""


@dataclass(frozen=True)
class Repetition:
    """What a run of the tests verifies again, by assignment: names of answers and of notebooks."""

    answers: Mapping[str, frozenset[str]]
    graders: Mapping[str, frozenset[str]]


def repetition(assignments: Sequence[Assignment], root: Path, weeks: int = 2) -> Repetition:
    """What the change touches, and what its commit draws.

    All answers of a question whose own text changed, and within :data:`SECONDS` some answers of a
    few weeks: first of those whose shared code or libraries are others than recorded. One notebook
    goes through the other graders for each week that changed, and for one that is drawn.
    """
    seed, base = commit_of(root), base_of(root)
    names = {a.name: a for a in assignments}
    parts = {a.name: read_records(verification_path(a)) for a in assignments}
    first = {n for n, a in names.items() if _rests_on_other_code(a, root, base, parts[n])}
    answers: dict[str, frozenset[str]] = {}
    graders: dict[str, frozenset[str]] = {}
    for position, name in enumerate(draw(names, len(names), seed, first)):
        assignment, record = names[name], parts[name]
        touched = touched_questions(assignment, root, base)
        chosen = set(_answers_of(assignment, touched))
        if position < weeks and ANSWERS in record:
            chosen |= _drawn_answers(record[ANSWERS]["outcomes"], seed)
        if (touched or position == 0) and GRADERS in record:
            graders[name] = frozenset(draw(record[GRADERS]["points"], 1, seed))
        answers[name] = frozenset(chosen)
    return Repetition(answers, graders)


def _rests_on_other_code(
    assignment: Assignment, root: Path, base: str, records: Mapping[str, Record]
) -> bool:
    """Whether libraries are others than recorded, or shared code than the base's record says."""
    if ANSWERS not in records:
        return False
    if part_staleness(assignment, root, ANSWERS).versions:
        return True
    try:
        before = json.loads(text_at(root, base, verification_path(assignment)) or "{}")
        inputs = before[ANSWERS]["inputs"]
    except (ValueError, KeyError, TypeError):
        return False
    own = source_texts(assignment, {})
    return bool(_without(inputs, own) != _without(records[ANSWERS]["inputs"], own))


def _without(inputs: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in inputs.items() if name not in names}


def touched_questions(assignment: Assignment, root: Path, base: str) -> set[str]:
    """The questions whose own text is not what it was in a commit; all, if shared cells changed."""
    every = {q.name for q in assignment.questions}
    if not base:
        return set()
    before = _texts_at(assignment, root, base)
    now = source_texts(assignment, read_thresholds(assignment))
    if before.get(COMMON) != digest(now[COMMON]):
        return every
    return {n for n in every if before.get(f"question {n}") != digest(now[f"question {n}"])}


def _texts_at(assignment: Assignment, root: Path, commit: str) -> dict[str, str]:
    """Digests of the source's texts in a commit; empty where it was not there or not right."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / assignment.path.name
        for name in (path.name, "calibration.json"):
            text = text_at(root, commit, assignment.path.with_name(name))
            if text is not None:
                (path.parent / name).write_text(text, encoding="utf-8")
        try:
            before = read_assignment(path)
            texts = source_texts(before, read_thresholds(before))
        except (OSError, SourceError, ValueError):
            return {}
    return {name: digest(text) for name, text in texts.items()}


def _answers_of(assignment: Assignment, questions: Collection[str]) -> Iterator[str]:
    """The answers that hold one of some questions."""
    if questions:
        yield from (SOLUTION, STUB)
    for question in assignment.questions:
        if question.name in questions:
            yield from (f"{question.name}-{w.name}" for w in question.wrong_answers)


def _drawn_answers(outcomes: Mapping[str, Mapping[str, float]], seed: str) -> set[str]:
    """As many answers as fit into :data:`SECONDS`, and one at least."""
    seconds = {name: float(found.get("seconds", 0.0)) for name, found in outcomes.items()}
    chosen: set[str] = set()
    left = SECONDS
    for name in draw(seconds, len(seconds), seed):
        if seconds[name] <= left:
            chosen.add(name)
            left -= seconds[name]
    return chosen or {min(seconds, key=lambda name: seconds[name])}
