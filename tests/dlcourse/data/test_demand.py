"""Made-up districts have days off, holidays and noise, and each is drawn anew."""

from __future__ import annotations

import numpy as np

from dlcourse.data import demand


def test_each_district_has_fifteen_days_of_which_the_last_is_hidden() -> None:
    made = demand.districts(20, np.random.default_rng(0))
    assert len(made) == 20
    assert made.inputs.shape == (20, 15, 25)
    assert made.targets.shape == (20, 24)
    assert not made.inputs[:, -1, :24].any()
    assert (made.inputs[:, :14, :24] > 0).all()
    assert (made.targets > 0).all()
    assert made.inputs.dtype == made.targets.dtype == np.float32


def test_the_first_fourteen_days_have_mean_one() -> None:
    made = demand.districts(20, np.random.default_rng(1))
    np.testing.assert_allclose(made.inputs[:, :14, :24].mean(axis=(1, 2)), 1.0, rtol=1e-5)


def test_weekends_and_some_other_days_are_off() -> None:
    off = demand.districts(4000, np.random.default_rng(2)).inputs[:, :, 24]
    assert set(np.unique(off)) == {0.0, 1.0}
    share = 2 / 7 + 5 / 7 * 0.12
    assert abs(off.mean() - share) < 0.01
    differs = (off[:, 14] != off[:, 7]).mean()  # the same weekday, one of them a holiday
    assert abs(differs - 5 / 7 * 2 * 0.12 * 0.88) < 0.02


def test_the_same_state_gives_the_same_districts_and_another_gives_others() -> None:
    first, again, other = (
        demand.districts(5, np.random.default_rng(seed)).inputs for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.isclose(first[:, 0, :24], other[:, 0, :24]).any(axis=1).all()


def test_days_of_the_same_kind_resemble_each_other_more() -> None:
    made = demand.districts(2000, np.random.default_rng(5))
    same = made.inputs[:, :14, 24] == made.inputs[:, 14:, 24]
    off = np.abs(made.inputs[:, :14, :24] - made.targets[:, None]).mean(axis=2)
    assert off[same].mean() < 0.7 * off[~same].mean()
