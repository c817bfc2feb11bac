"""The shipped latent diffusion of digits: its codes, its samples, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.loaders import digits
from dlcourse.models.digit_diffusion import (
    KEPT,
    LATENTS,
    NO_LABEL,
    STEPS,
    LatentDiffusion,
    digit_diffusion,
)
from dlcourse.models.digit_features import digit_features, digit_probabilities
from dlcourse.models.generator_records import frechet_distance


@pytest.fixture(scope="module")
def networks() -> LatentDiffusion:
    return digit_diffusion()


def test_the_schedule_is_a_product_of_what_each_step_keeps() -> None:
    beta = 1 - KEPT[1:] / KEPT[:-1]
    assert KEPT[0] == 1
    assert len(KEPT) == STEPS + 1
    assert beta[[0, -1]] == pytest.approx([5e-4, 0.1])
    assert np.diff(beta) == pytest.approx(np.full(STEPS - 1, 0.0995 / (STEPS - 1)))


def test_codes_of_training_images_have_mean_zero_and_variance_one(
    networks: LatentDiffusion,
) -> None:
    codes = networks.encoder.predict(digits("cpu").train_images, batch_size=500, verbose=0)
    assert codes.shape == (3500, LATENTS)
    assert abs(codes.mean()) < 0.1
    assert codes.var() == pytest.approx(1, abs=0.1)


def test_samples_look_like_their_labels_and_are_near_real_images(
    networks: LatentDiffusion,
) -> None:
    data = digits("cpu")
    labels = data.train_labels[:1000]
    images = networks.sample(labels, seed=3)
    assert images.shape == (1000, 28, 28)
    assert images.dtype == np.float32
    assert np.mean(digit_probabilities(images).argmax(1) == labels) > 0.9
    real = digit_features(data.train_images)
    nothing = digit_features(np.zeros((1000, 28, 28)))
    distance = frechet_distance(digit_features(images), real)
    assert distance < 0.1 * frechet_distance(nothing, real)


def test_the_seed_decides_the_images(networks: LatentDiffusion) -> None:
    first, again, other = (
        networks.sample([3, NO_LABEL], seed=seed, steps=5, guidance=1.0) for seed in (1, 1, 2)
    )
    assert first == pytest.approx(again, abs=1e-6)
    assert np.abs(first - other).max() > 0.1


def test_a_label_that_may_be_any_digit_is_not_guided(networks: LatentDiffusion) -> None:
    plain, guided = (
        networks.sample([NO_LABEL] * 4, seed=1, steps=5, guidance=w) for w in (1.0, 4.0)
    )
    assert plain == pytest.approx(guided, abs=1e-4)


def test_no_labels_make_no_images(networks: LatentDiffusion) -> None:
    assert networks.sample([], steps=2).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("labels", "steps", "message"),
    [([11], 20, "0 to 10, got 11"), ([-1], 20, "got -1"), ([1], 0, "1 to 200"), ([1], 201, "201")],
)
def test_other_labels_and_steps_are_refused(
    networks: LatentDiffusion, labels: list[int], steps: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        networks.sample(labels, steps=steps)
