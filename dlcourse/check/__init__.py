"""Checks: small functions that look at an answer and say what to do next.

In a notebook ``@check`` runs the check at once and shows one of four outcomes. Under nbgrader and
otter-grader the same function raises unless the outcome is *correct*. In the course's own grader
it runs in a process of its own, against an ``answer`` that lives in a sandbox.

``result`` says what a check is and what it can find, ``answer`` what it sees of a learner's work,
``expect`` what it asserts with; ``decorator`` and ``run`` run it, ``assignment`` keeps what the
checks of a notebook found, ``display`` shows it, and ``source`` runs checks given as text.
"""

from dlcourse.check.assignment import (
    Thresholds,
    hidden_check,
    measure,
    results,
    start,
    summary,
    threshold,
    using_thresholds,
)
from dlcourse.check.decorator import CHECKS_MODE, check, collecting
from dlcourse.check.expect import Mismatch, expect_array, expect_close
from dlcourse.check.result import (
    Check,
    CheckFailed,
    CheckFunction,
    Outcome,
    Result,
    raise_unless_correct,
)
from dlcourse.check.run import run_check
from dlcourse.check.source import Reference, grade, run_source

__all__ = [
    "CHECKS_MODE",
    "Check",
    "CheckFailed",
    "CheckFunction",
    "Mismatch",
    "Outcome",
    "Reference",
    "Result",
    "Thresholds",
    "check",
    "collecting",
    "expect_array",
    "expect_close",
    "grade",
    "hidden_check",
    "measure",
    "raise_unless_correct",
    "results",
    "run_check",
    "run_source",
    "start",
    "summary",
    "threshold",
    "using_thresholds",
]
