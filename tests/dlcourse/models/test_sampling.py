"""What temperature, top-k and nucleus leave, and the measure of repetition."""

from __future__ import annotations

import numpy as np

from dlcourse.models.sampling import chooser, repeated

LOGITS = np.log([[0.5, 0.125, 0.3, 0.075]])


def test_without_settings_it_is_the_softmax() -> None:
    np.testing.assert_allclose(chooser()(LOGITS), np.exp(LOGITS))


def test_top_k_keeps_the_k_most_probable() -> None:
    np.testing.assert_allclose(chooser(k=2)(LOGITS), [[0.625, 0, 0.375, 0]])


def test_the_nucleus_keeps_the_fewest_that_reach_the_mass() -> None:
    np.testing.assert_allclose(chooser(mass=0.79)(LOGITS), [[0.625, 0, 0.375, 0]])
    np.testing.assert_allclose(chooser(mass=0.4)(LOGITS), [[1, 0, 0, 0]])


def test_the_nucleus_is_taken_of_what_top_k_left() -> None:
    np.testing.assert_allclose(chooser(k=2, mass=0.6)(LOGITS), [[1, 0, 0, 0]])


def test_nothing_is_lost_of_a_long_tail_without_settings() -> None:
    logits = np.linspace(0, -40, 200, dtype=np.float32)
    assert np.all(chooser()(logits) > 0)


def test_a_temperature_divides_the_logits() -> None:
    np.testing.assert_allclose(chooser(0.5)(LOGITS), np.exp(2 * LOGITS) / np.exp(2 * LOGITS).sum())


def test_a_loop_repeats_and_a_count_does_not() -> None:
    np.testing.assert_allclose(repeated([[1, 2] * 10, range(20)], 4), [1 - 2 / 17, 0])
