"""Variational and plain autoencoders of the 28x28 digits, with trained weights.

dlcourse/data/datasets/train_digit_vae.py trained them on the 3,500 training images of the cpu tier.
Importing this module is cheap; Keras is imported when a network is built.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.data import files, manifest

__all__ = ["LATENTS", "coders", "digit_autoencoder", "digit_vae"]

LATENTS = (2, 16)
"""Numbers of latent variables for which weights come with the course."""


def digit_vae(latents: int = 16) -> tuple[Any, Any]:
    """The trained encoder and decoder of a variational autoencoder with a Bernoulli likelihood.

    Args:
        latents: dimension of the latent space, one of `LATENTS`.

    Returns:
        Two Keras models. The encoder maps images (n, 28, 28) in [0, 1] to a pair: means and
        logarithms of variances, (n, latents) each. The decoder maps (n, latents) to logits
        (n, 28, 28); their sigmoid is the mean of an image.

    Raises:
        ValueError: if no weights for that dimension come with the course.
        DataError: if the file of weights is not the known one.
    """
    return _trained("vae", latents)


def digit_autoencoder(latents: int = 16) -> tuple[Any, Any]:
    """The trained encoder and decoder of a plain autoencoder of the same size.

    Arguments, result and errors as for `digit_vae`, except that the encoder gives one array, the
    codes (n, latents).
    """
    return _trained("autoencoder", latents)


def coders(latents: int, *, variational: bool) -> tuple[Any, Any]:
    """An encoder and a decoder with new weights, in the sizes of the trained ones.

    Args:
        latents: dimension of the latent space.
        variational: whether the encoder gives means and logarithms of variances, or codes alone.
    """
    import keras
    from keras import layers

    images = keras.Input((28, 28))
    h = layers.Flatten()(images)
    for units in (128, 64):
        h = layers.Dense(units, activation="relu")(h)
    codes = layers.Dense(latents, name="mean")(h)
    log_variances = layers.Dense(latents, name="log_variance")(h)
    encoder = keras.Model(images, [codes, log_variances] if variational else codes)
    z = keras.Input((latents,))
    h = z
    for units in (64, 128):
        h = layers.Dense(units, activation="relu")(h)
    decoder = keras.Model(z, layers.Reshape((28, 28))(layers.Dense(28 * 28)(h)))
    return encoder, decoder


def _trained(name: str, latents: int) -> tuple[Any, Any]:
    if latents not in LATENTS:
        raise ValueError(
            f"weights come with the course for {LATENTS} latent variables, not for {latents}; "
            "train your own with dlcourse/data/datasets/train_digit_vae.py."
        )
    pair = coders(latents, variational=name == "vae")
    with np.load(files.locate(manifest.DIGIT_VAE), allow_pickle=False) as stored:
        for part, model in zip(("encoder", "decoder"), pair, strict=True):
            prefix = f"{name}_{latents}_{part}_"
            keys = sorted(key for key in stored if key.startswith(prefix))
            model.set_weights([stored[key].astype(np.float32) for key in keys])
    return pair
