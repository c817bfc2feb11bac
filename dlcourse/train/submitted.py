"""Weights that came with a submission: in a grader they take the place of the training.

`dlcourse.submit` packs the weights that `dlcourse.train` kept. A grader that was given them sets
DLCOURSE_WEIGHTS=submitted and puts the files beside the notebook; `train.fit` and `train.keep` then
load them and train nothing, if they fit. In a learner's own session nothing of this happens.
"""

from __future__ import annotations

import os

VARIABLE = "DLCOURSE_WEIGHTS"
SUBMITTED = "submitted"

used: dict[str, str] = {}
"""By name, what became of the weights that were looked for: empty text if they were loaded, else
why the training was run in their place."""


def expected() -> bool:
    """Whether this process is a grader's that was given weights."""
    return os.environ.get(VARIABLE) == SUBMITTED
