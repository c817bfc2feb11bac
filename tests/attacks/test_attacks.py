"""Every attack of the corpus, graded: it gains nothing, harms nothing, and is a row like others."""

from __future__ import annotations

import json
import math
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from typing import Any

import pytest

from autograder.grading.results import GradedSubmission, Status
from autograder.report.autograded import as_nbgrader_autogrades
from autograder.report.feedback import feedback_page
from dlcourse.check import Outcome
from tests.attacks import escaping, exhausting, extracting, forging, patching, poisoning, reading
from tests.attacks.attack import LINGERING, RAW, REACHED, SEEN, Attack
from tests.attacks.conftest import (
    REST,
    Grader,
    Machine,
    lingering,
    open_descriptors,
    some_machine,
)
from tests.conftest import ROOT
from tests.waiting import wait_until

FAMILIES = (reading, forging, patching, escaping, exhausting, extracting, poisoning)
CORPUS = [attack for family in FAMILIES for attack in family.ATTACKS]
BY_NAME = {attack.name: attack for attack in CORPUS}

HONEST = Attack("honest", RAW)


def test_the_graders_files_that_attacks_look_for_exist() -> None:
    names = {
        path.name for folder in ("autograder", "solutions") for path in (ROOT / folder).rglob("*")
    }
    assert set(reading.GRADERS_FILES) <= names


def texts(graded: GradedSubmission) -> str:
    """Everything of a result that its learner gets to read, as text."""
    shown = [cell.get("outputs", []) for cell in (graded.notebook or {}).get("cells", [])]
    return json.dumps([graded.reason, [c.message for c in graded.checks], shown])


def earned(graded: GradedSubmission, question: str) -> float:
    return sum(c.earned for c in graded.checks if c.question == question)


def judge(attack: Attack, grader: Grader, most: float = math.inf) -> None:
    """Grade an attack, which may take so many seconds, and look at all that must hold."""
    graded = grader.grade(attack)
    assert earned(graded, attack.question) <= attack.worth
    rest = grader.checks.assignment.question(REST).points
    assert graded.marks <= attack.worth + rest
    if attack.keeps_the_rest:
        assert earned(graded, REST) == rest, graded.reason
    assert graded.status in (Status.GRADED, Status.STOPPED)
    assert len(graded.checks) == len(grader.checks.assignment.checks)
    assert graded.seconds < most
    assert re.search(attack.reason, graded.reason), graded.reason
    read = texts(graded)
    assert REACHED not in read, [line for line in read.split("\\n") if REACHED in line]
    assert SEEN not in read
    assert not (attack.unsaid and re.search(attack.unsaid, read)), read
    for result in graded.checks:
        # A hidden check speaks in fixed words, whatever the answer did with its input.
        if result.hidden and result.outcome is Outcome.ERROR:
            assert not any(character.isdigit() for character in result.message), result.message
    assert len(read) < 30 * 2**20
    assert grader.machine.harm() == []


def cases(attacks: Iterable[Attack]) -> list[Any]:
    """Attacks as parameters, those that still work as failures that are expected."""
    return [
        pytest.param(
            attack,
            id=attack.name,
            marks=pytest.mark.xfail(strict=True, reason=attack.open) if attack.open else (),
        )
        for attack in attacks
    ]


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len(CORPUS) >= 40
    assert len(BY_NAME) == len(CORPUS)
    assert all(len(family.ATTACKS) >= 5 for family in FAMILIES)


def test_without_an_attack_the_honest_try_gets_what_it_is_worth(on_strict: Grader) -> None:
    graded = on_strict.grade(HONEST)
    assert earned(graded, "softmax") == HONEST.worth
    assert earned(graded, REST) == 2
    assert graded.status is Status.GRADED
    assert graded.isolation == "strict"


@pytest.fixture(scope="session")
def most(everything: bool) -> float:
    """Seconds that grading an attack may take; the clock is looked at only where all is run."""
    return 45.0 if everything else math.inf


@pytest.mark.parametrize("attack", cases(CORPUS))
def test_at_strict(attack: Attack, on_strict: Grader, most: float) -> None:
    judge(attack, on_strict, most)


@pytest.mark.exhaustive
@pytest.mark.parametrize("attack", cases(a for a in CORPUS if not a.strict_only))
def test_at_contained(attack: Attack, on_contained: Grader, most: float) -> None:
    judge(attack, on_contained, most)


def test_after_them_all_the_grader_is_as_it_was(on_strict: Grader) -> None:
    before = open_descriptors()
    graded = on_strict.grade(HONEST)
    assert earned(graded, "softmax") == HONEST.worth
    assert open_descriptors() == before


class _Dangers(HTMLParser):
    """What in a page could run: scripts, handlers, frames and addresses that are code."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag == "script"
        if tag in ("iframe", "object", "embed", "base"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self.script and "planted" in data:
            self.found.append(f"script: {data}")


def test_a_feedback_page_runs_nothing_that_a_learner_shows(on_strict: Grader) -> None:
    attack = BY_NAME["shows-scripts-and-formulas"]
    page = feedback_page(on_strict.checks.assignment, on_strict.grade(attack))
    dangers = _Dangers()
    dangers.feed(page)
    assert dangers.found == []
    assert "planted" in page
    assert "\x1b" not in page


def test_nbgraders_tree_holds_nothing_that_runs_in_formgrader(on_strict: Grader) -> None:
    notebook = on_strict.grade(BY_NAME["shows-scripts-and-formulas"]).notebook
    assert notebook is not None
    raw = {
        "cell_type": "markdown",
        "id": "x",
        "metadata": {},
        "source": "<script>planted()</script>",
    }
    notebook["cells"].append(raw)
    metadata: dict[str, Any] = {"kernelspec": {}, "language_info": {}}
    tree = as_nbgrader_autogrades(notebook, {"cells": [], "metadata": metadata})
    outputs = [o for cell in tree["cells"] for o in cell.get("outputs", ())]
    kinds = {kind for output in outputs for kind in output.get("data", {})}
    assert outputs
    assert kinds <= {"text/plain", "image/png", "image/jpeg", "image/gif"}
    assert tree["cells"][-1]["source"].startswith("```")


# The test of the test: whatever an attack could achieve would be seen.


def _connects(machine: Machine) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(f"\0attacks-{machine.port}")
        one.settimeout(0.2)
        with pytest.raises(TimeoutError):
            one.recv(1)


def _kills(machine: Machine) -> None:
    machine.host_process.kill()
    machine.host_process.wait()


HARM: dict[str, Callable[[Machine], object]] = {
    "connections": _connects,
    "process of the host": _kills,
    "files are": lambda machine: machine.canary.write_text("dead"),
    "planted": lambda machine: (machine.folder / "canary.unpickled").write_text("planted"),
}


@pytest.mark.parametrize("part", HARM)
def test_harm_to_the_machine_is_seen(part: str) -> None:
    with some_machine() as machine:
        assert machine.harm() == []
        HARM[part](machine)
        wait_until(machine.harm, "harm to the machine")  # another thread accepts connections
        (found,) = machine.harm()
        assert part in found


def test_a_process_that_stays_is_seen() -> None:
    assert lingering(0) == []
    code = "print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code, LINGERING], stdin=-1, stdout=-1) as left:
        assert left.stdout is not None
        left.stdout.readline()  # only then is its command line sure to be seen
        assert len(lingering(0)) == 1
        left.kill()
    assert lingering() == []


@pytest.mark.parametrize(
    "control",
    [
        Attack("gets-more-than-it-is-worth", RAW, worth=0.5),
        Attack("reaches-something", RAW + 'print("REACHED:", 1)'),
        Attack("shows-what-it-saw", RAW + 'print("SEEN-", 1)'),
        Attack("says-another-reason", RAW + "raise SystemExit", reason="MemoryError"),
        Attack("says-what-must-stay-unsaid", RAW + "print('secret')", unsaid="secret"),
    ],
    ids=lambda control: control.name,
)
def test_an_attack_that_works_fails_its_test(control: Attack, on_strict: Grader) -> None:
    with pytest.raises(AssertionError):
        judge(control, on_strict)
