"""Mutation of the solutions: do the checks notice when a right answer is changed a little?

Every answer cell's solution is changed in one place at a time: an operator, a constant, an axis, a
comparison, a function for its neighbour, a statement left out. A mutant is caught when any check of
its question, public or hidden, does not pass. A mutant that survives either means the same as the
solution or shows a hole in the checks (DeMillo, Lipton, Sayward 1978, 10.1109/C-M.1978.218136).

Those that mean the same are named, with the reason, in ``equivalent_mutants.yaml`` beside the
source. Questions about a trained network are left out: another learning rate is no mistake.
"""

from __future__ import annotations

import ast
import copy
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import yaml

from autograder.assignment.source import Answer, Assignment, Code, Question, Role, without_markers
from autograder.assignment.thresholds import read_thresholds
from autograder.errors import AutograderError
from autograder.judge.checks import Checks, load_checks
from dlcourse.check import Outcome, collecting, run_check, run_source, using_thresholds
from dlcourse.check.answer import LocalAnswer

SECONDS = 30.0
"""How long the checks of one mutant may take; one that takes longer counts as caught."""

EQUIVALENT_MUTANTS = "equivalent_mutants.yaml"

_OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}

_NEIGHBOURS = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "argmax": "argmin",
    "argmin": "argmax",
    "sum": "mean",
    "mean": "sum",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "exp": "log",
    "log": "exp",
    "floor": "ceil",
    "ceil": "floor",
    "std": "var",
    "var": "std",
    "any": "all",
    "all": "any",
    "sqrt": "square",
    "square": "sqrt",
    "abs": "negative",
    "logical_and": "logical_or",
    "logical_or": "logical_and",
}


class MutationError(AutograderError):
    """A solution fails its own checks, or the list of survivors is out of date."""


@dataclass(frozen=True)
class Mutant:
    """A solution with one place changed.

    Attributes:
        name: the changed line before and after; tells it from the question's other mutants.
        source: the whole answer cell.
    """

    question: str
    name: str
    source: str


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: the check that caught it, or nothing; and why it may survive."""

    mutant: Mutant
    caught_by: str
    reason: str = ""


def mutants(question: str, solution: str) -> list[Mutant]:
    """Every mutant of an answer cell, each once.

    Args:
        question: the question's name.
        solution: the source of the answer cell.
    """
    tree = ast.parse(without_markers(solution))
    plain = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    for position, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            twin = next(n for i, n in enumerate(ast.walk(changed)) if i == position)
            change(twin)
            try:
                source = ast.unparse(ast.fix_missing_locations(changed))
                compile(source, "<mutant>", "exec")
            except (SyntaxError, ValueError):
                continue
            if source != plain and source not in found:
                found[source] = Mutant(question, _difference(plain, source), source)
    return _numbered(list(found.values()))


def _numbered(made: list[Mutant]) -> list[Mutant]:
    """The same, with a number behind each name that comes again."""
    seen: dict[str, int] = {}
    named = []
    for mutant in made:
        seen[mutant.name] = seen.get(mutant.name, 0) + 1
        again = f" ({seen[mutant.name]})" if seen[mutant.name] > 1 else ""
        named.append(Mutant(mutant.question, mutant.name + again, mutant.source))
    return named


def _difference(old: str, new: str) -> str:
    """The first line that differs, before and after."""
    olds, news = old.split("\n"), new.split("\n")
    pairs = zip(olds, news, strict=False)
    before, after = next(((a, b) for a, b in pairs if a != b), ("", news[-1]))
    if len(olds) != len(news):
        after = "(left out)"
    return f"{before.strip()}  =>  {after.strip()}"


Change = Callable[[Any], None]


def _changes(node: ast.AST) -> Iterator[Change]:  # noqa: C901 - one case for each kind of node
    """The ways in which one node of the syntax tree is changed."""
    match node:
        case ast.BinOp(op=ast.MatMult()):
            yield _swap_operands
        case ast.BinOp() | ast.AugAssign() | ast.BoolOp():
            for kind in _OPERATORS.get(type(node.op), ()):
                yield partial(_put, "op", kind())
        case ast.Compare(ops=ops):
            for index, each in enumerate(ops):
                for kind in _OPERATORS.get(type(each), ()):
                    yield partial(_put_at, "ops", index, kind())
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            # Minus one, of an axis or an index, is a constant: those are changed below.
            if not isinstance(operand, ast.Constant):
                yield _drop_sign
        case ast.Constant(value=value):
            for other in _other_constants(value):
                yield partial(_put, "value", other)
        case ast.Attribute(attr="T"):
            yield partial(_put, "attr", "real")  # of real numbers: the array as it is
        case ast.Attribute(attr=name) if name in _NEIGHBOURS:
            yield partial(_put, "attr", _NEIGHBOURS[name])
        case ast.Name(id=name, ctx=ast.Load()) if name in _NEIGHBOURS:
            yield partial(_put, "id", _NEIGHBOURS[name])
        case ast.Call(keywords=[_, *_]):
            for index, keyword in enumerate(node.keywords):
                if keyword.arg in ("axis", "keepdims", "training", "axes"):
                    yield partial(_take_out, "keywords", index)
    yield from _shorter_bodies(node)


def _put(field: str, value: object, twin: Any) -> None:
    setattr(twin, field, value)


def _put_at(field: str, index: int, value: object, twin: Any) -> None:
    getattr(twin, field)[index] = value


def _take_out(field: str, index: int, twin: Any) -> None:
    del getattr(twin, field)[index]


def _swap_operands(twin: Any) -> None:
    twin.left, twin.right = twin.right, twin.left


def _other_constants(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        if value > 0:
            yield value - 1
    elif isinstance(value, float):
        yield value * 2 if value else 1.0
        if value:
            yield 0.0


def _drop_sign(twin: Any) -> None:
    """Turn ``-x`` into ``+x``, and ``not x`` into ``not not x``: a node cannot replace itself."""
    if isinstance(twin.op, ast.USub):
        twin.op = ast.UAdd()
    else:
        twin.operand = ast.UnaryOp(ast.Not(), twin.operand)


def _shorter_bodies(node: ast.AST) -> Iterator[Change]:
    """Leave out one assignment in place, expression or condition's jump of a body."""
    for part in ("body", "orelse"):
        body = getattr(node, part, None)
        if not isinstance(body, list):
            continue
        for index, statement in enumerate(body):
            if isinstance(statement, ast.AugAssign | ast.Continue | ast.Break | ast.If) or (
                isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)
            ):
                yield partial(_put_at, part, index, ast.Pass())


def examine(
    assignment: Assignment,
    tier: str,
    secret: str,
    *,
    only: Callable[[str], bool] = lambda question: True,
    watch: Callable[[str, int, int], None] = lambda question, done, total: None,
) -> list[Verdict]:
    """Run the checks on every mutant of every question that is graded exactly.

    Each mutant runs in a process of its own, unconfined: it is the course's own code.

    Raises:
        MutationError: when a solution does not pass its own checks, or
            ``equivalent_mutants.yaml`` names what is no mutant or what is caught.
    """
    checks = load_checks(assignment, read_thresholds(assignment), tier, secret)
    reasons = read_equivalents(assignment)
    if any("keras" in c.source for c in assignment.cells if isinstance(c, Code)):
        import keras  # noqa: F401  (imported once; no operation may run before the forks)
    verdicts: list[Verdict] = []
    for question in assignment.questions:
        if question.answer is None or not only(question.name) or _is_trained(question):
            continue
        if caught := _trial(checks, question.name, question.answer.solution):
            raise MutationError(f"{question.name}: its own solution does not pass {caught}")
        made = mutants(question.name, question.answer.solution)
        for done, mutant in enumerate(made):
            watch(question.name, done, len(made))
            caught = _trial(checks, question.name, mutant.source)
            reason = reasons.get(question.name, {}).get(mutant.name, "")
            verdicts.append(Verdict(mutant, caught, reason))
    _check_reasons(assignment, reasons, verdicts)
    return verdicts


def _is_trained(question: Question) -> bool:
    return any(check.thresholds for check in question.checks)


def read_equivalents(assignment: Assignment) -> dict[str, dict[str, str]]:
    """By question, the mutants that mean the same as the solution, and why."""
    path = assignment.path.with_name(EQUIVALENT_MUTANTS)
    if not path.exists():
        return {}
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _check_reasons(
    assignment: Assignment, reasons: dict[str, dict[str, str]], verdicts: Sequence[Verdict]
) -> None:
    looked_at = {v.mutant.question for v in verdicts}
    alive = {(v.mutant.question, v.mutant.name) for v in verdicts if not v.caught_by}
    for question in looked_at & reasons.keys():
        for name in reasons[question]:
            if (question, name) not in alive:
                path = assignment.path.with_name(EQUIVALENT_MUTANTS)
                raise MutationError(
                    f"{path}: {question}: no mutant survives as {name!r}; delete it"
                )


def _trial(checks: Checks, question: str, source: str) -> str:
    """The first check that does not pass with this answer; empty when all do."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_in_child, args=(sending, checks, question, source))
    process.start()
    sending.close()
    try:
        if not receiving.poll(SECONDS):
            return "the time limit"
        caught: str = receiving.recv()
        return caught
    except EOFError:
        return "the end of its process"
    finally:
        process.kill()
        process.join()


def _in_child(sending: Connection, checks: Checks, question: str, source: str) -> None:
    # What a mutant prints, and the warnings of a division by nothing, are of no interest.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    try:
        caught = _caught_by(checks, question, source)
    except Exception as error:
        caught = type(error).__name__
    sending.send(caught)
    sending.close()
    os._exit(0)


def _caught_by(checks: Checks, question: str, source: str) -> str:
    scope: dict[str, Any] = {"__name__": "answer"}
    with collecting():
        for number, cell in enumerate(_needed(checks.assignment, question)):
            run_source(cell, f"<needed {number}>", scope)
        run_source(source, "<answer>", scope)
    with using_thresholds(checks.thresholds, checks.tier):
        for check in checks.by_question[question]:
            result = run_check(
                check,
                LocalAnswer(scope),
                reference=checks.references[question],
                rng=checks.rng(check),
            )
            if result.outcome is not Outcome.CORRECT:
                return check.name
    return ""


def _needed(assignment: Assignment, question: str) -> list[str]:
    """The cells before a question's answer whose names its solution or its checks use."""
    before: list[str] = []
    answer = ""
    for cell in assignment.cells:
        if isinstance(cell, Answer):
            source = without_markers(cell.solution)
            if cell.question == question:
                answer = source
                break
            before.append(source)
        elif isinstance(cell, Code) and cell.role in (Role.PLAIN, Role.SETUP):
            before.append(cell.source)
    wanted = _loaded(answer)
    for check in assignment.question(question).checks:
        wanted |= _asked(check.source)
    chosen: list[str] = []
    for source in reversed(before):
        if _stored(source) & wanted:
            chosen.append(source)
            wanted |= _loaded(source)
    return chosen[::-1]


def _loaded(source: str) -> set[str]:
    tree = ast.parse(source)
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _asked(source: str) -> set[str]:
    """The names that a check asks of the answer's namespace."""
    return {
        n.attr
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "answer"
    }


def _stored(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=asname):
                names.add((asname or name).split(".")[0])
    return names
