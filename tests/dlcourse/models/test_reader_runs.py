"""Stored runs on sentences come back by approach and number of labels."""

from __future__ import annotations

import numpy as np

from dlcourse.data.readers import readers
from dlcourse.models.reader_runs import ReaderRun, reader_runs

RUN = ReaderRun("frozen", 128, 0, 1_155, 0.5, (2_500, 0, 10_000), (7_000, 10_000, 0))


def test_parts_are_probabilities_and_none_is_zero() -> None:
    p = RUN.probabilities
    assert np.allclose(p[0], [0.25, 0.05, 0.7])
    assert np.allclose(p.sum(axis=1), 1)
    assert p.min() > 0


def test_the_shipped_runs_speak_of_the_validation_sentences() -> None:
    truth = readers("validation").shares
    for (approach, labels), runs in reader_runs().items():
        assert [run.seed for run in runs] == list(range(len(runs)))
        # A reader who said "for" finds a larger probability of it than one who said "against".
        for run in runs:
            p = run.probabilities
            assert p.shape == truth.shape
            assert np.corrcoef(p[:, 2], truth[:, 2])[0, 1] > 0.1, (approach, labels)
