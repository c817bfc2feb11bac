"""The shipped autoencoders rebuild held-out digits, and only the variational one can be sampled."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from dlcourse.data import digits
from dlcourse.models.digit_features import digit_probabilities
from dlcourse.models.digit_vae import LATENTS, coders, digit_autoencoder, digit_vae

pytestmark = pytest.mark.slow


def squared_error(images: np.ndarray, logits: object) -> float:
    return float(((images - expit(np.asarray(logits))) ** 2).mean())


@pytest.mark.parametrize("latents", LATENTS)
def test_both_rebuild_held_out_digits_better_than_the_mean_does(latents: int) -> None:
    held_out = digits("cpu").validation_images
    mean_only = float(((held_out - held_out.mean(axis=0)) ** 2).mean())
    encoder, decoder = digit_vae(latents)
    assert squared_error(held_out, decoder(encoder(held_out)[0])) < 0.85 * mean_only
    encoder, decoder = digit_autoencoder(latents)
    assert squared_error(held_out, decoder(encoder(held_out))) < 0.85 * mean_only


def test_draws_of_the_variational_one_look_more_like_digits() -> None:
    z = np.random.default_rng(0).normal(size=(500, 16)).astype(np.float32)
    sure = {
        name: np.mean(digit_probabilities(expit(np.asarray(decoder(z)))).max(axis=1) > 0.9)
        for name, (_, decoder) in {"vae": digit_vae(), "plain": digit_autoencoder()}.items()
    }
    assert sure["vae"] > sure["plain"]


def test_an_encoder_gives_means_and_logarithms_of_variances() -> None:
    encoder, decoder = coders(3, variational=True)
    images = np.zeros((5, 28, 28), np.float32)
    assert [part.shape for part in encoder(images)] == [(5, 3), (5, 3)]
    assert decoder(np.zeros((5, 3), np.float32)).shape == (5, 28, 28)


def test_other_dimensions_are_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"\(2, 16\) latent variables, not for 7"):
        digit_vae(7)
