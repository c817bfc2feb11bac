"""No helper of the learner's package answers a question, not even with reordered arguments.

Every function and method of ``dlcourse``, private ones too, takes the place of each function that a
question asks for, and of that function alone. It gives the answer away where every check that calls
the function passes. Helpers times questions is much: a run tries all helpers on the weeks that the
change touches and on one that is drawn, and on the others the helpers of changed modules.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import matplotlib.pyplot as plt
import pytest
from matplotlib.artist import Artist

import dlcourse
from autograder.assignment.source import (
    Assignment,
    Question,
    find_assignments,
    read_assignment,
    without_markers,
)
from autograder.assignment.thresholds import read_thresholds
from autograder.evidence.mutate import _asked, _needed
from autograder.judge.checks import Checks, load_checks
from dlcourse.check import Outcome, collecting, run_source
from dlcourse.check.answer import LocalAnswer
from tests.harness.chosen import changed_files, chosen_weeks

ROOT = Path(__file__).resolve().parents[2]
MOST_REORDERED = 4
"""Helpers with more arguments are tried in their own order only."""

MOST_ARTISTS = 5_000
"""A helper that draws may take the length of a text for a number of panels or of arrows."""

# What would hand in, download or wait when it is called.
LEFT_OUT = ("dlcourse.submit", "dlcourse.data.files")


@dataclass(frozen=True)
class Wanted:
    """A function that a question asks for, and the checks that call it."""

    question: Question
    name: str
    parameters: tuple[inspect.Parameter, ...]
    checks: tuple[str, ...]


def helpers(package: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function and method that a package defines, by its dotted name."""
    modules = [m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    for name in modules:
        if name.startswith(LEFT_OUT) or ".datasets.derive_" in name:
            continue
        module = importlib.import_module(name)
        for key, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != name:
                continue
            if inspect.isfunction(value):
                yield f"{name}.{key}", value
            elif inspect.isclass(value):
                yield f"{name}.{key}", value
                for member, method in inspect.getmembers(value, callable):
                    if getattr(method, "__module__", None) == name:
                        yield f"{name}.{key}.{member}", method


def wanted_functions(assignment: Assignment) -> Iterator[Wanted]:
    """The functions that an assignment's answer cells define and that a check calls."""
    for question in assignment.questions:
        solution = without_markers(question.answer.solution) if question.answer else ""
        for node in ast.parse(solution).body:
            checks = tuple(c.name for c in question.checks if node_name(node) in _asked(c.source))
            if isinstance(node, ast.FunctionDef) and checks:
                scope: dict[str, Any] = {}
                stub = f"def {node.name}({ast.unparse(node.args)}): ..."
                exec(stub, scope)
                parameters = tuple(inspect.signature(scope[node.name]).parameters.values())
                yield Wanted(question, node.name, parameters, checks)


def node_name(node: ast.stmt) -> str:
    return str(getattr(node, "name", ""))


def ways(wanted: Wanted, helper: Callable[..., Any]) -> Iterator[tuple[int, ...]]:
    """The orders in which a helper can take the question's arguments; defaults may be left out."""
    try:
        own = inspect.signature(helper)
    except (ValueError, TypeError):
        return
    least = sum(p.default is inspect.Parameter.empty for p in wanted.parameters)
    for count in range(least, len(wanted.parameters) + 1):
        try:
            own.bind(*range(count))
        except TypeError:
            continue
        given = range(count)
        yield from itertools.permutations(given) if count <= MOST_REORDERED else [tuple(given)]


def adapted(wanted: Wanted, helper: Callable[..., Any], order: Sequence[int]) -> Callable[..., Any]:
    signature = inspect.Signature(list(wanted.parameters))

    def answer(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return helper(*(bound.args[position] for position in order))

    return answer


def passes(checks: Checks, wanted: Wanted, scope: dict[str, Any]) -> bool:
    """Whether every check that calls the function passes."""
    with few_artists():
        return all(
            checks.ask(check, LocalAnswer(scope)).outcome is Outcome.CORRECT
            for check in checks.by_question[wanted.question.name]
            if check.name in wanted.checks
        )


def scope_of(assignment: Assignment, question: Question) -> dict[str, Any]:
    """What stands around an answer: the cells before it, and its own functions without training."""
    scope: dict[str, Any] = {"__name__": "answer"}
    assert question.answer is not None
    with collecting():
        for number, cell in enumerate(_needed(assignment, question.name)):
            run_source(cell, f"<needed {number}>", scope)
        body = ast.parse(without_markers(question.answer.solution)).body
        functions: list[ast.stmt] = [n for n in body if isinstance(n, ast.FunctionDef)]
        run_source(ast.unparse(ast.Module(functions, [])), "<answer>", scope)
    return scope


def giveaways(
    assignment: Assignment, secret: str, known: Sequence[tuple[str, Callable[..., Any]]]
) -> list[str]:
    checks = load_checks(assignment, read_thresholds(assignment), "cpu", secret)
    found = []
    for wanted in wanted_functions(assignment):
        scope = scope_of(assignment, wanted.question)
        for name, helper in known:
            for order in ways(wanted, helper):
                answer = adapted(wanted, helper, order)
                if passes(checks, wanted, scope | {wanted.name: answer}):
                    found.append(f"{assignment.name} {wanted.name}: {name}{order}")
            plt.close("all")  # helpers that draw; thousands of open figures slow all that follow
    return found


@contextmanager
def few_artists() -> Iterator[None]:
    """Let so many things be drawn as pages show; with the next one an error is raised."""
    made = itertools.count(1)
    begin = Artist.__init__

    def counted(artist: Artist) -> None:
        if next(made) > MOST_ARTISTS:
            raise ValueError(f"more than {MOST_ARTISTS} things are drawn")
        begin(artist)

    with patch.object(Artist, "__init__", counted):
        yield


def of_files(
    known: Sequence[tuple[str, Callable[..., Any]]], files: Collection[str]
) -> list[tuple[str, Callable[..., Any]]]:
    """The helpers that are defined in some files, named relative to the root."""
    modules = [path.removesuffix(".py").removesuffix("/__init__") for path in files]
    names = {module.replace("/", ".") for module in modules}
    return [(name, helper) for name, helper in known if helper.__module__ in names]


@pytest.mark.parametrize("path", find_assignments(ROOT), ids=lambda p: p.stem)
def test_no_helper_of_the_learners_package_answers_a_question(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    known = list(helpers(dlcourse))
    if not everything and path.stem not in chosen_weeks(ROOT, "giveaways", 1):
        known = of_files(known, changed_files(ROOT))
    if not known:
        pytest.skip("neither touched by the change nor drawn by the commit")
    assert giveaways(read_assignment(path), "a secret for tests", known) == []


def test_helpers_of_a_changed_file_are_those_that_it_defines() -> None:
    known = list(helpers(dlcourse))
    found = of_files(
        known, ["dlcourse/train/__init__.py", "dlcourse/models/ngrams.py", "README.md"]
    )
    assert found
    assert {helper.__module__ for _, helper in found} <= {
        "dlcourse.train",
        "dlcourse.models.ngrams",
    }
    assert len(of_files(known, [])) == 0


def test_a_helper_whose_arguments_stand_in_another_order_is_found() -> None:
    def planted(bias: Any, inputs: Any, weights: Any) -> Any:
        return inputs @ weights + bias

    assignment = read_assignment(ROOT / "solutions" / "week01" / "week01.md")
    found = giveaways(assignment, "a secret for tests", [("planted", planted)])
    assert found == ["week01 dense_forward: planted(2, 0, 1)"]


def test_a_helper_that_draws_without_an_end_is_stopped() -> None:
    def draws(_: object) -> None:
        _, axes = plt.subplots()
        for number in itertools.count():
            axes.text(number, 0, "again")

    with few_artists(), pytest.raises(ValueError, match="5000 things"):
        draws(b"")
    plt.close("all")
