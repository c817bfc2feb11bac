"""Run one check against one answer and say what it found."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcourse.check.answer import AnswerError, NotAttempted
from dlcourse.check.assignment import measuring
from dlcourse.check.expect import Mismatch
from dlcourse.check.result import Check, Outcome, Result

# What a check's own code raises when an answer is another kind of thing than it should be, or a
# number out of all bounds.
_STUMBLES = (
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    ArithmeticError,
    MemoryError,
    RecursionError,
)


LONGEST_MESSAGE = 4_000
"""Characters of a message that are kept."""


def run_check(
    made: Check,
    answer: Any,
    *,
    reference: Any = None,
    rng: np.random.Generator | None = None,
    on_stumble: Callable[[Exception], None] | None = None,
) -> Result:
    """Run one check and say what it found.

    Args:
        made: the check.
        answer: the learner's work.
        reference: the solution, for a check that asks for it.
        rng: the generator of its hidden inputs, for a check that asks for it.
        on_stumble: is told what the check's own code raised over what the answer returned.

    Raises:
        Exception: what the check's own code raises before it has looked at the answer, and what
            no answer brings about, such as NameError. Nothing is raised on account of the
            learner's work.
    """
    given = {"answer": answer, "reference": reference, "rng": rng}
    outcome, message = Outcome.CORRECT, ""
    try:
        with measuring() as measured:
            made.function(**{name: given[name] for name in made.parameters})
    except NotAttempted as error:
        outcome, message = Outcome.NOT_ATTEMPTED, str(error)
    except AssertionError as error:
        outcome, message = Outcome.NOT_YET, _explain(made, error)
    except (AnswerError, *_STUMBLES) as error:
        if isinstance(error, AnswerError) and not error.of_reference:
            outcome, message = Outcome.ERROR, _name_error(made, error)
        elif not answer._touched:
            raise
        else:
            # The check's own code stumbled over what the answer returned: the wrong kind of thing.
            outcome, message = Outcome.NOT_YET, _stumbled(made, error)
            if on_stumble:
                on_stumble(error)
    if outcome in (Outcome.NOT_YET, Outcome.ERROR) and (left := answer._unfinished()):
        outcome, message = Outcome.NOT_ATTEMPTED, str(left)
    return Result(
        question=made.question,
        name=made.name,
        points=made.points,
        hidden=made.hidden,
        hint=made.hint,
        outcome=outcome,
        message=_bounded(message),
        measured=measured,
    )


def _bounded(message: str) -> str:
    """A message of a size that a table and a page can hold, whatever it quotes."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[:LONGEST_MESSAGE]} ... ({len(message) - LONGEST_MESSAGE:,} more characters)"


def _explain(made: Check, error: AssertionError) -> str:
    if isinstance(error, Mismatch):
        return error.message if made.hidden else str(error)
    frames = traceback.extract_tb(error.__traceback__)
    own = frames[-1].name == made.name
    if own and error.args:  # the author's own words
        return str(error.args[0])
    if made.hidden:  # an assertion from a library quotes values: hidden inputs must not leave
        return "This hidden check did not pass."
    line = linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip() if own else ""
    return f"This did not hold: {line.removeprefix('assert ')}" if line else str(error).strip()


def _name_error(made: Check, error: AnswerError) -> str:
    if not made.hidden:
        return str(error)
    # The learner's code has seen hidden inputs, and an exception's name can carry some of them out.
    return f"{error.subject or 'Your code'} raised an exception on the hidden input."


def _stumbled(made: Check, error: Exception) -> str:
    text = "The check could not use what your code returned"
    return f"{text}." if made.hidden else f"{text} ({type(error).__name__}: {error})."
