"""Stored runs of writers come back by approach and fit the windows of their measurement."""

from __future__ import annotations

import numpy as np

from dlcourse.data.plays import encode, plays
from dlcourse.models.writer_runs import validation_windows, writer_runs


def test_windows_are_different_pieces_of_the_validation_plays() -> None:
    rows = validation_windows(20)
    assert rows.shape == (20, 257)
    assert len(np.unique(rows, axis=0)) == 20
    whole = encode(plays("cpu").validation).tobytes()
    assert all(row.tobytes() in whole for row in rows)


def test_the_shipped_runs_have_samples_with_their_measures() -> None:
    for approach, runs in writer_runs().items():
        assert [run.seed for run in runs] == list(range(len(runs)))
        for run in runs:
            assert len(run.samples) == len(run.longest) == len(run.copied) == 8
            assert {len(text) for text in run.samples} == {193}, approach
            assert all(0 <= share <= 1 for share in run.copied)


def test_a_long_copy_is_a_copied_share() -> None:
    for runs in writer_runs().values():
        for run in runs:
            for length, share in zip(run.longest, run.copied, strict=True):
                assert (length >= 16) == (share > 0)


def test_who_only_wrote_has_no_bits() -> None:
    control = writer_runs()["Shakespeare"]
    assert [run.bits for run in control] == [0.0]
