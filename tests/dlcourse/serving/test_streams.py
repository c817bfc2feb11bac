"""Requests of week 12 have the drift that they were told to have."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from dlcourse.serving import reference
from dlcourse.serving.streams import PER_MAKER, measures, pool, requests


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_pool_holds_the_same_emoji_of_both_makers_in_the_same_order() -> None:
    found = pool()
    assert found.images.shape == (2 * PER_MAKER, 32, 32, 3)
    np.testing.assert_array_equal(found.labels[:PER_MAKER], found.labels[PER_MAKER:])
    np.testing.assert_array_equal(found.images[PER_MAKER:], reference.unseen("google")[0])


def test_probabilities_are_the_networks() -> None:
    found = pool()
    logits = reference.trained().predict(found.images[:100], verbose=0)
    np.testing.assert_allclose(found.probabilities[:100], softmax(logits, axis=1), atol=1e-4)


def test_requests_without_drift_are_all_of_the_first_maker_and_repeat_pictures() -> None:
    rows = requests(rng(), (50, 100))
    assert rows.shape == (50, 100)
    assert rows.max() < PER_MAKER
    assert set(rows.ravel()) == set(range(PER_MAKER))


def test_a_share_is_a_share() -> None:
    assert np.mean(requests(rng(), 20_000, 0.3) >= PER_MAKER) == pytest.approx(0.3, abs=0.02)


def test_a_share_may_change_along_the_stream() -> None:
    rows = requests(rng(), (20, 1000), np.r_[np.zeros(500), np.ones(500)])
    assert rows[:, :500].max() < PER_MAKER <= rows[:, 500:].min()


def test_weights_change_the_shares_of_classes_and_nothing_within_them() -> None:
    labels = reference.unseen()[1]
    weights = np.where(np.arange(9) == 6, 5.0, 1.0)
    rows = requests(rng(), 40_000, weights=weights)
    expected = weights * np.bincount(labels) / (weights * np.bincount(labels)).sum()
    np.testing.assert_allclose(np.bincount(labels[rows]) / 40_000, expected, atol=0.01)
    within = np.bincount(rows, minlength=PER_MAKER)[labels == 6]
    assert within.std() < 2 * np.sqrt(within.mean())


def test_repeats_follow_each_other() -> None:
    rows = requests(rng(), (4, 10), repeats=3)
    np.testing.assert_array_equal(rows[:, 0], rows[:, 2])
    np.testing.assert_array_equal(rows[:, 3:6], rows[:, 3:4].repeat(3, axis=1))
    assert len(np.unique(rows)) > 4


def test_the_seed_decides() -> None:
    np.testing.assert_array_equal(requests(rng(), 30, 0.5), requests(rng(), 30, 0.5))


def test_measures_of_a_picture_that_is_half_black_and_half_white() -> None:
    image = np.ones((1, 4, 4, 3))
    image[:, :2] = 0
    found = {name: float(value[0]) for name, value in measures(image).items()}
    assert found == {"ink": 0.5, "brightness": 0.5, "saturation": 0.0, "contrast": 0.5}


def test_a_red_picture_is_saturated() -> None:
    assert measures(np.full((1, 2, 2, 3), [1.0, 0, 0]))["saturation"][0] == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"share": 1.5}, "between 0 and 1"),
        ({"share": np.nan}, "between 0 and 1"),
        ({"repeats": 0}, "once or more"),
        ({"weights": np.ones(8)}, "nine"),
        ({"weights": np.zeros(9)}, "nine"),
        ({"weights": -np.ones(9)}, "nine"),
    ],
)
def test_what_cannot_be_drawn_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        requests(rng(), 10, **settings)  # type: ignore[arg-type]
