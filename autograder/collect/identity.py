"""Who a learner is, as far as what an LMS hands out tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """What a layout tells of a learner. What it does not tell is empty.

    Attributes:
        layout: which layout told it; see :mod:`autograder.collect.layouts`.
        name: the learner's name as the LMS writes it.
        number: the number by which the LMS knows the learner: Canvas's user id, for instance.
        participant: Moodle's number of the learner in one assignment.
        login: the user name.
        student_id: the institution's own number, which Gradescope and Canvas call SID or SIS id.
        email: the address.
        late: whether the LMS marked what was handed in as late.
        anonymous: the LMS withheld who it is, so that a mark can only be entered by hand.
    """

    layout: str = "plain"
    name: str = ""
    number: str = ""
    participant: str = ""
    login: str = ""
    student_id: str = ""
    email: str = ""
    late: bool = False
    anonymous: bool = False
