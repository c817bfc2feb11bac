"""The adding problem: two marks at an exact distance, and the sum of what they mark."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.lag_tasks import adding_problem


def drawn(n: int = 400, lag: int = 7, seed: int = 0, **settings: int) -> tuple[np.ndarray, ...]:
    return adding_problem(n, lag, np.random.default_rng(seed), **settings)


@pytest.mark.parametrize("lag", [1, 7, 100])
def test_each_sequence_has_two_marks_that_are_the_lag_apart(lag: int) -> None:
    x, _ = drawn(lag=lag)
    places = np.array([np.flatnonzero(marks) for marks in x[:, :, 1]])
    assert places.shape == (400, 2)
    assert set(places[:, 1] - places[:, 0]) == {lag}
    assert set(np.unique(x[:, :, 1])) == {0, 1}


def test_the_target_is_the_sum_of_the_marked_values() -> None:
    x, y = drawn()
    assert np.allclose(y, (x[:, :, 0] * x[:, :, 1]).sum(axis=1))


def test_shapes_and_types() -> None:
    x, y = drawn(lag=7, places=4)
    assert x.shape == (400, 11, 2)
    assert y.shape == (400,)
    assert x.dtype == y.dtype == np.float32


def test_the_first_mark_stands_at_each_of_the_places_equally_often() -> None:
    x, _ = drawn(n=8000, places=5)
    counts = np.bincount(x[:, :, 1].argmax(axis=1), minlength=x.shape[1])
    assert (np.abs(counts[:5] - 1600) < 5 * np.sqrt(1600)).all()
    assert not counts[5:].any()


def test_values_are_uniform_between_0_and_1() -> None:
    values = drawn(n=2000)[0][:, :, 0]
    assert values.min() >= 0
    assert values.max() < 1
    assert np.allclose(np.quantile(values, [0.25, 0.5, 0.75]), [0.25, 0.5, 0.75], atol=0.02)


def test_answering_the_mean_has_the_stated_error() -> None:
    y = drawn(n=20_000, lag=1, places=1)[1]
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, rel=0.03)


def test_the_same_state_of_the_generator_gives_the_same_sequences() -> None:
    for first, again in zip(drawn(seed=3), drawn(seed=3), strict=True):
        assert np.array_equal(first, again)
    assert not np.array_equal(drawn(seed=3)[1], drawn(seed=4)[1])


def test_no_sequence_may_be_asked_for() -> None:
    x, y = drawn(n=0, lag=3, places=2)
    assert x.shape == (0, 5, 2)
    assert y.shape == (0,)


@pytest.mark.parametrize("wrong", [{"n": -1}, {"lag": 0}, {"places": 0}])
def test_a_number_that_cannot_be_is_named(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=rf"{next(iter(wrong))}={next(iter(wrong.values()))}\b"):
        drawn(**wrong)
