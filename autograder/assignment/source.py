"""The one source of an assignment: a MyST notebook in ``solutions/weekNN/weekNN.md``.

Reading it yields an :class:`Assignment`; everything that is released, verified or graded is made
from that. Mistakes of the author are reported with file and line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.importing import package_alone
from dlcourse.check.answer import parse

with package_alone("jupytext"):
    from jupytext.jupytext import reads

BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"
STUB = "..."
MANUAL_STUB = "*Write your answer here, in place of this line.*"
"""The learner's cell of what people mark. nbgrader puts it there, too, see nbgrader_config.py."""
TIERS = ("cpu", "gpu")
BACKENDS = ("tensorflow", "torch", "jax")

_LABEL = re.compile(r"^\(([a-z][a-z0-9_]*)\)=\s*$")
_FENCE = re.compile(r"^(`{3,})\{code-cell\}")


class SourceError(CourseError):
    """A mistake in an assignment's source, with the file and the line where it stands."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        self.path, self.line, self.message = path, line, message
        super().__init__(f"{path}:{line}: {message}")


class Role(StrEnum):
    """What a code cell is for; the tag that says so."""

    PLAIN = "plain"
    SETUP = "setup"
    ANSWER = "answer"
    CHECK = "check"
    HIDDEN_SETUP = "hidden-setup"
    HIDDEN_CHECK = "hidden-check"
    WRONG_ANSWER = "wrong-answer"
    MANUAL = "manual"


LEARNER_ROLES = frozenset({Role.PLAIN, Role.SETUP, Role.ANSWER, Role.CHECK})


@dataclass(frozen=True)
class Prose:
    """A Markdown cell."""

    text: str
    question: str


@dataclass(frozen=True)
class Code:
    """A code cell that is neither an answer nor a check nor a wrong answer."""

    source: str
    role: Role
    question: str
    line: int


@dataclass(frozen=True)
class CheckSource:
    """The source of one check, and what its decorator says."""

    name: str
    question: str
    points: float
    hidden: bool
    hint: str
    source: str
    parameters: tuple[str, ...]
    line: int

    @property
    def thresholds(self) -> list[str]:
        """The names of the thresholds that the check asks for, in order."""
        return list(dict.fromkeys(re.findall(r"threshold\(\s*\"(\w+)\"\s*\)", self.source)))

    @property
    def measured(self) -> list[str]:
        """The names of the quantities that the check records, in order."""
        return list(dict.fromkeys(re.findall(r"measure\(\s*\"(\w+)\"\s*,", self.source)))


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that learners really write, and the checks that must catch it."""

    name: str
    question: str
    source: str
    caught_by: tuple[str, ...]
    line: int
    baselines: tuple[str, ...] = ()  # the thresholds for which calibration runs this, as too weak


@dataclass(frozen=True)
class Answer:
    """The cell in which the learner writes: the stub is the solution minus its holes."""

    question: str
    solution: str
    stub: str
    names: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Criterion:
    """A line of a rubric: what is looked for, and what it counts."""

    points: float
    text: str


@dataclass(frozen=True)
class Manual:
    """A text that the learner writes and a person marks."""

    name: str
    question: str
    rubric: tuple[Criterion, ...]
    solution: str
    """What a good answer says, for those who mark. Learners do not get it."""
    line: int

    @property
    def points(self) -> float:
        """What it counts."""
        return sum(c.points for c in self.rubric)


@dataclass
class Question:
    """One section of the source, with all that belongs to it."""

    name: str
    title: str
    line: int
    answer: Answer | None = None
    checks: list[CheckSource] = field(default_factory=list)
    wrong_answers: list[WrongAnswer] = field(default_factory=list)
    manual: list[Manual] = field(default_factory=list)

    @property
    def points(self) -> float:
        """What its checks count; see :attr:`points_by_hand`."""
        return sum(c.points for c in self.checks)

    @property
    def points_by_hand(self) -> float:
        """What a person may give for it besides."""
        return sum(m.points for m in self.manual)

    def checked(self, hidden: bool) -> list[CheckSource]:
        """Its hidden or its public checks."""
        return [c for c in self.checks if c.hidden is hidden]


@dataclass(frozen=True)
class TierLimits:
    """What a submission may use in one tier: seconds for a cell and a notebook, memory in GiB."""

    cell: float
    notebook: float
    memory: float


Cell = Prose | Code | Answer | CheckSource | WrongAnswer | Manual


@dataclass(frozen=True)
class Assignment:
    """An assignment as its source says it."""

    name: str
    title: str
    week: int
    """The course's week; 0 for a project."""
    minutes: int
    points: float
    """What its checks count; see :attr:`points_by_hand`."""
    limits: dict[str, TierLimits]
    cells: tuple[Cell, ...]
    questions: tuple[Question, ...]
    path: Path
    backend: str = "tensorflow"
    """Keras' backend, which the workers import before they fork."""
    project: int = 0
    """The project's number; 0 for the assignment of a week."""

    @property
    def place(self) -> str:
        """Where in the course it belongs, for people: ``Week 3``, ``Project 6``."""
        return f"Project {self.project}" if self.project else f"Week {self.week}"

    @property
    def manual(self) -> list[Manual]:
        """All that people mark, in the order of the source."""
        return [m for q in self.questions for m in q.manual]

    @property
    def points_by_hand(self) -> float:
        """What people may give besides the checks' points."""
        return sum(m.points for m in self.manual)

    @property
    def checks(self) -> list[CheckSource]:
        """All checks, in the order of the source."""
        return [c for q in self.questions for c in q.checks]

    def question(self, name: str) -> Question:
        """The question called ``name``."""
        return next(q for q in self.questions if q.name == name)

    def code(self, role: Role) -> list[str]:
        """The sources of all cells with this role."""
        return [c.source for c in self.cells if isinstance(c, Code) and c.role is role]

    def imports(self) -> frozenset[str] | None:
        """The modules that its notebook imports when it is solved, by all names that they can have.

        None where a cell is more than Python, a magic command for instance, and may import more.
        """
        plain = [*self.code(Role.PLAIN), *self.code(Role.SETUP)]
        answers = [c.solution for c in self.cells if isinstance(c, Answer)]
        public = [c.source for c in self.checks if not c.hidden]
        try:
            trees = [parse(source) for source in (*plain, *answers, *public)]
        except SyntaxError:
            return None
        return frozenset(name for tree in trees for name in _imported(tree))

    def solution_before(self, question: str) -> list[str]:
        """The code of the solution up to and with ``question``: what ``reference`` is made of."""
        sources: list[str] = []
        for cell in self.cells:
            if isinstance(cell, Code) and cell.role in (Role.PLAIN, Role.SETUP):
                sources.append(cell.source)
            elif isinstance(cell, Answer):
                sources.append(without_markers(cell.solution))
                if cell.question == question:
                    break
        return sources


def _imported(tree: ast.Module) -> Iterator[str]:
    """``a.b`` and, of ``from a import b``, both ``a`` and ``a.b``, which may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def find_assignments(root: Path, weeks: Sequence[str] = ()) -> list[Path]:
    """The sources of the given weeks (``1``, ``01``, ``week01``), or of all.

    Raises:
        FileNotFoundError: when a week has no source, with the places looked at.
    """
    if not weeks:
        return sorted(p for p in root.glob("solutions/*/*.md") if p.stem == p.parent.name)
    return [find_assignment(root, week) for week in weeks]


def find_assignment(root: Path, week: str) -> Path:
    """The source of one week.

    Raises:
        CourseError: when there is none.
    """
    name = f"week{int(week):02d}" if week.isdigit() else week
    path = root / "solutions" / name / f"{name}.md"
    if not path.is_file():
        known = ", ".join(p.stem for p in find_assignments(root)) or "none"
        raise CourseError(f"no assignment {week!r}: {path} does not exist. Known: {known}.")
    return path


def read_assignment(path: Path) -> Assignment:
    """Read and check an assignment's source.

    Raises:
        SourceError: when the source breaks a rule of the format.
        OSError: when the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(path, 1, f"the file is not UTF-8 text ({error.reason})") from None
    return _Reader(path, text).read()


def make_stub(solution: str) -> str:
    """A solution minus its holes: each marked region becomes ``...`` at its own indentation.

    Raises:
        ValueError: when the markers do not pair.
    """
    lines: list[str] = []
    inside = False
    for number, line in enumerate(solution.split("\n"), start=1):
        marker = line.strip()
        if marker == BEGIN:
            if inside:
                raise ValueError(f"line {number} of the cell: {BEGIN} inside another solution")
            inside = True
            lines.append(line[: len(line) - len(line.lstrip())] + STUB)
        elif marker == END:
            if not inside:
                raise ValueError(f"line {number} of the cell: {END} without {BEGIN}")
            inside = False
        elif not inside:
            lines.append(line)
    if inside:
        raise ValueError(f"{BEGIN} without {END}")
    return "\n".join(lines)


def without_markers(solution: str) -> str:
    """A solution as plain code: nbgrader refuses its markers outside of answer cells."""
    return "\n".join(s for s in solution.split("\n") if s.strip() not in (BEGIN, END))


def defined_names(source: str) -> tuple[str, ...]:
    """The public names that a cell defines at top level: functions, classes, variables."""
    names: dict[str, None] = {}
    for node in parse(source).body:
        for name in _targets(node):
            if not name.startswith("_"):
                names[name] = None
    return tuple(names)


def _targets(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))


@dataclass(frozen=True)
class _Raw:
    """A code cell as it stands in the file."""

    source: str
    tags: list[str]
    metadata: dict[str, Any]
    line: int


class _Reader:
    """Walks the cells of one source once, in order."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.cells: list[Cell] = []
        self.questions: list[Question] = []

    def fail(self, line: int, message: str) -> SourceError:
        return SourceError(self.path, line, message)

    def read(self) -> Assignment:
        notebook = self._notebook()
        course = self._course(notebook.metadata)
        lines = self._code_lines()
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                self._prose(cell.source)
            elif cell.cell_type == "code":
                tags = list(cell.metadata.get("tags", []))
                self._code(_Raw(cell.source, tags, dict(cell.metadata), next(lines, 1)))
            else:
                self._manual(cell.source, dict(cell.metadata))
        assignment = self._assemble(course)
        self._check_whole(assignment)
        return assignment

    def _notebook(self) -> Any:
        try:
            return reads(self.text, fmt="md:myst")
        except Exception as error:  # jupytext and its parsers raise many kinds
            raise self.fail(1, f"this is not a MyST notebook: {error}") from None

    def _code_lines(self) -> Iterator[int]:
        """The line of each code cell's first line of source."""
        lines = self.text.splitlines()
        for number, line in enumerate(lines, start=1):
            if _FENCE.match(line):
                yield _first_source_line(lines, number)

    def _line_of(self, text: str) -> int:
        start = self.text.find(text)
        return self.text.count("\n", 0, max(start, 0)) + 1

    def _course(self, metadata: Any) -> dict[str, Any]:
        course = metadata.get("course")
        if not isinstance(course, dict):
            raise self.fail(1, "the front matter has no `course:` section")
        place = "project" if "project" in course else "week"
        for key, kind in ((place, int), ("title", str), ("minutes", int), ("points", int | float)):
            if not isinstance(course.get(key), kind):
                raise self.fail(self._line_of("course:"), f"course.{key} is missing or not right")
        if "project" in course and "week" in course:
            raise self.fail(self._line_of("project:"), "course has a week or a project, not both")
        if course.get("backend", BACKENDS[0]) not in BACKENDS:
            raise self.fail(
                self._line_of("backend:"), f"course.backend must be one of {', '.join(BACKENDS)}"
            )
        return dict(course)

    def _limits(self, course: dict[str, Any]) -> dict[str, TierLimits]:
        line = self._line_of("course:")
        given = course.get("limits") or {}
        limits = {}
        for tier in TIERS:
            try:
                limits[tier] = TierLimits(**{k: float(v) for k, v in given[tier].items()})
            except (KeyError, TypeError, ValueError, AttributeError):
                raise self.fail(
                    line, f"course.limits.{tier} must give cell, notebook (seconds), memory (GiB)"
                ) from None
        return limits

    def _prose(self, text: str) -> None:
        # A label and its heading start a section; what stands before belongs to the section above.
        chunk: list[str] = []
        lines = iter(text.splitlines())
        for line in lines:
            label = _LABEL.match(line)
            heading = next(lines, "") if label else ""
            if label and heading.startswith("## "):
                self._add_prose(chunk)
                chunk = []
                self._open(label.group(1), heading[3:].strip(), self._line_of(line))
            elif label:
                raise self.fail(self._line_of(line), "a label must stand right before a ## heading")
            else:
                chunk.append(line)
        self._add_prose(chunk)

    def _open(self, name: str, title: str, line: int) -> None:
        if any(q.name == name for q in self.questions):
            raise self.fail(line, f"there is already a question called {name!r}")
        self.questions.append(Question(name, title, line))

    def _add_prose(self, lines: list[str]) -> None:
        text = "\n".join(lines).strip()
        if text:
            self.cells.append(Prose(text, self._current()))

    def _current(self) -> str:
        return self.questions[-1].name if self.questions else ""

    def _code(self, raw: _Raw) -> None:
        role = self._role(raw)
        if role in (Role.PLAIN, Role.SETUP, Role.HIDDEN_SETUP):
            self._parse(raw, magics=role is Role.PLAIN)
            self.cells.append(Code(raw.source, role, self._current(), raw.line))
            return
        if not self.questions:
            raise self.fail(raw.line, f"a cell tagged {role} must stand inside a question")
        question = self.questions[-1]
        if role is Role.ANSWER:
            self._answer(raw, question)
        elif role is Role.WRONG_ANSWER:
            self._wrong_answer(raw, question)
        else:
            self._check(raw, question, hidden=role is Role.HIDDEN_CHECK)

    def _role(self, raw: _Raw) -> Role:
        known = [Role(t) for t in raw.tags if t in set(Role)]
        unknown = [
            t for t in raw.tags if t not in set(Role) and not t.startswith(("hide-", "remove-"))
        ]
        if unknown:
            raise self.fail(raw.line, f"unknown tag {unknown[0]!r}; roles are {', '.join(Role)}")
        if len(known) > 1:
            raise self.fail(raw.line, f"a cell has one role, not {', '.join(known)}")
        return known[0] if known else Role.PLAIN

    def _parse(self, raw: _Raw, magics: bool = False) -> ast.Module:
        try:
            return parse(raw.source)
        except SyntaxError as error:
            if magics:
                return ast.Module([], [])
            line = raw.line + (error.lineno or 1) - 1
            raise self.fail(line, f"the cell does not parse: {error.msg}") from None

    def _answer(self, raw: _Raw, question: Question) -> None:
        if question.answer is not None:
            raise self.fail(raw.line, f"question {question.name!r} has two answer cells")
        self._parse(raw)
        try:
            stub = make_stub(raw.source)
        except ValueError as error:
            raise self.fail(raw.line, str(error)) from None
        if stub == raw.source:
            raise self.fail(raw.line, f"the answer has no {BEGIN} ... {END} region")
        names = defined_names(raw.source)
        if not names:
            raise self.fail(raw.line, "the answer defines no name that a check could look at")
        self._parse(_Raw(stub, [], {}, raw.line))
        if unseen := set(names) - set(defined_names(stub)):
            raise self.fail(
                raw.line,
                f"the stub does not show the name {min(unseen)!r}; leave `def` lines outside the "
                f"region, and write a variable as `name = (` {BEGIN}, value, {END} `)`",
            )
        answer = Answer(question.name, raw.source, stub, names, raw.line)
        question.answer = answer
        self.cells.append(answer)

    def _wrong_answer(self, raw: _Raw, question: Question) -> None:
        self._parse(raw)
        name, caught = raw.metadata.get("name"), raw.metadata.get("caught_by")
        if not isinstance(name, str) or not isinstance(caught, list) or not caught:
            raise self.fail(raw.line, "a wrong answer needs `name:` and `caught_by: [checks]`")
        wrong = WrongAnswer(
            name=name,
            question=question.name,
            source=raw.source,
            caught_by=tuple(map(str, caught)),
            line=raw.line,
            baselines=_names(raw.metadata.get("baseline", [])),
        )
        question.wrong_answers.append(wrong)
        self.cells.append(wrong)

    def _manual(self, solution: str, metadata: dict[str, Any]) -> None:
        name, rubric = metadata.get("name"), metadata.get("rubric")
        line = self._line_of(f"name: {name}") if name else 1
        if metadata.get("tags") != [Role.MANUAL.value]:
            raise self.fail(line, "a raw cell is what people mark; its tag is `manual`")
        if not self.questions:
            raise self.fail(line, f"a cell tagged {Role.MANUAL} must stand inside a question")
        if not isinstance(name, str) or not isinstance(rubric, list) or not rubric:
            raise self.fail(line, "what people mark needs `name:` and `rubric: [{points, text}]`")
        if not solution.strip():
            raise self.fail(line, "a cell that people mark holds what a good answer says")
        question = self.questions[-1]
        criteria = tuple(self._criterion(line, entry) for entry in rubric)
        made = Manual(name, question.name, criteria, solution, line)
        question.manual.append(made)
        self.cells.append(made)

    def _criterion(self, line: int, entry: object) -> Criterion:
        if isinstance(entry, dict) and entry.keys() == {"points", "text"}:
            points, text = entry["points"], entry["text"]
            if isinstance(points, int | float) and points > 0 and isinstance(text, str):
                return Criterion(float(points), text.strip())
        raise self.fail(line, f"a line of a rubric is {{points: 2, text: ...}}, not {entry!r}")

    def _check(self, raw: _Raw, question: Question, hidden: bool) -> None:
        body = self._parse(raw).body
        if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
            raise self.fail(raw.line, "a check cell holds one function with a @check line")
        function = body[0]
        said = self._decorator(raw, function)
        if said["question"] != question.name:
            raise self.fail(
                raw.line, f"the check names {said['question']!r} but stands in {question.name!r}"
            )
        if said["hidden"] is not hidden:
            raise self.fail(raw.line, "the tag and `hidden=` of the check do not agree")
        parameters = tuple(a.arg for a in function.args.args)
        allowed = ("answer", "reference", "rng") if hidden else ("answer",)
        for parameter in parameters:
            if parameter not in allowed:
                raise self.fail(raw.line, f"a check may ask for {', '.join(allowed)} only")
        if hidden:
            self._constant_messages(raw, function)
        made = CheckSource(
            name=function.name,
            question=question.name,
            points=said["points"],
            hidden=hidden,
            hint=said["hint"],
            source=raw.source,
            parameters=parameters,
            line=raw.line,
        )
        question.checks.append(made)
        self.cells.append(made)

    def _decorator(self, raw: _Raw, function: ast.FunctionDef) -> dict[str, Any]:
        for node in function.decorator_list:
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check":
                try:
                    values = [ast.literal_eval(a) for a in node.args]
                    named = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
                    points = float(named["points"])
                except (ValueError, KeyError, TypeError):
                    break
                if len(values) == 1 and isinstance(values[0], str) and points >= 0:
                    return {
                        "question": values[0],
                        "points": points,
                        "hint": str(named.get("hint", "")),
                        "hidden": bool(named.get("hidden", False)),
                    }
        raise self.fail(
            raw.line, '@check("question", points=1, hint="...") with literal values is missing'
        )

    def _constant_messages(self, raw: _Raw, function: ast.FunctionDef) -> None:
        """Messages of hidden checks reach the learner, so they may not quote hidden values."""
        for node in ast.walk(function):
            message: ast.expr | None = None
            if isinstance(node, ast.Assert):
                message = node.msg
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "expect_close":
                named = {k.arg: k.value for k in node.keywords}
                message = named.get("message", node.args[2] if len(node.args) > 2 else None)
            if message is not None and not _is_constant_text(message):
                line = raw.line + message.lineno - 1
                raise self.fail(line, "a message of a hidden check must be a constant string")

    def _assemble(self, course: dict[str, Any]) -> Assignment:
        return Assignment(
            name=self.path.stem,
            title=course["title"],
            week=course.get("week", 0),
            minutes=course["minutes"],
            points=float(course["points"]),
            limits=self._limits(course),
            cells=tuple(self.cells),
            questions=tuple(self.questions),
            path=self.path,
            backend=course.get("backend", BACKENDS[0]),
            project=course.get("project", 0),
        )

    def _check_whole(self, assignment: Assignment) -> None:
        taken: dict[str, str] = {}
        for question in assignment.questions:
            self._check_question(question)
            names = [*(question.answer.names if question.answer else ())]
            names += [c.name for c in question.checks]
            for name in [*names, *(m.name for m in question.manual)]:
                if name in taken:
                    raise self.fail(
                        question.line, f"{name!r} is used in {taken[name]!r} and {question.name!r}"
                    )
                taken[name] = question.name
        total = sum(q.points for q in assignment.questions)
        if total != assignment.points:
            line = self._line_of("points:")
            raise self.fail(
                line, f"course.points is {assignment.points:g} but the checks count {total:g}"
            )

    def _check_question(self, question: Question) -> None:
        if question.answer is None:
            if question.manual and not question.checks:
                return
            raise self.fail(question.line, f"question {question.name!r} has no answer cell")
        if not question.checked(hidden=False):
            raise self.fail(question.line, f"question {question.name!r} has no public check")
        names = {c.name for c in question.checks}
        for wrong in question.wrong_answers:
            for caught in wrong.caught_by:
                if caught not in names:
                    raise self.fail(wrong.line, f"caught_by names no check of it: {caught!r}")


def _first_source_line(lines: Sequence[str], fence: int) -> int:
    """The 1-based line after a cell's options (``:key: value`` lines or a ``---`` block)."""
    index = fence  # the 0-based index of the line after the fence
    if index < len(lines) and lines[index].strip() == "---":
        index += 1
        while index < len(lines) and lines[index].strip() != "---":
            index += 1
        index += 1
    else:
        while index < len(lines) and re.match(r"^:[\w-]+:", lines[index]):
            index += 1
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index + 1


def _names(value: object) -> tuple[str, ...]:
    """A name, or a list of names, of a cell's metadata."""
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _is_constant_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_constant_text(node.left) and _is_constant_text(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
