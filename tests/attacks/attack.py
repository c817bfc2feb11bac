"""What an attack is: a hostile answer, and what must be seen when it is graded.

Every attack aims at this course's own grader and at nothing else. It stands in the answer cell of a
question that needs no training; ``dense_forward`` is answered rightly beside it. Whatever the
attack does, it must not get more than its own work is worth, and it should not cost the learner the
other question either.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

# An attack prints this with what it has reached. Nothing that a cell shows may hold it.
REACHED = "REACHED:"
# An attack prints this with what it has seen of a hidden input. Nothing that is read may hold it.
SEEN = "SEEN-"
# Part of the command line of every process that an attack leaves behind. Another run of these tests
# on the same machine has another one.
LINGERING = f"lingering-{os.getpid()}"

# An honest try at softmax: right for small scores, so its two public checks give a point.
RAW = """
import numpy as np

def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
"""
RAW_WORTH = 1.0

# Tries one thing after another and shows which of them worked.
ATTEMPT = f"""
def attempt(what, action):
    try:
        result = action()
    except BaseException as error:
        print("refused:", what, type(error).__name__)
    else:
        print("{REACHED}", what, repr(result)[:200])
"""


@dataclass(frozen=True)
class Attack:
    """One hostile answer.

    Attributes:
        name: unique in the corpus.
        source: the answer cell. ``@REPOSITORY@``, ``@SECRET_FILE@``, ``@CANARY@``, ``@PORT@``,
            ``@SOCKET@`` and ``@PID@`` stand for things on the grading machine that it must not
            reach.
        worth: what its work is worth without the attack.
        question: the question whose cell it stands in.
        keeps_the_rest: whether the other question must keep its marks.
        strict_only: whether it needs the walls of the strict level, as an escape does.
        reason: a pattern that the reason given to the learner must hold.
        unsaid: a pattern that nothing may hold that the learner gets to read.
        weights: files handed in beside the notebook.
        open: why the grader does not stop this attack yet; empty where it does.
    """

    name: str
    source: str
    worth: float = RAW_WORTH
    question: str = "softmax"
    keeps_the_rest: bool = True
    strict_only: bool = False
    reason: str = ""
    unsaid: str = ""
    weights: Mapping[str, bytes] = field(default_factory=dict)
    open: str = ""
