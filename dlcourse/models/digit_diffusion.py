"""Latent diffusion of handwritten digits, with trained weights.

An autoencoder turns images into short codes, and a diffusion makes new codes (Rombach et al. 2022,
https://arxiv.org/abs/2112.10752). Week 7 builds the same networks and trains them;
dlcourse/data/datasets/train_digit_diffusion.py trained the weights that come with this package.
Importing this module is cheap; Keras is imported when a network is built.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = [
    "KEPT", "LATENTS", "NO_LABEL", "STEPS", "LatentDiffusion", "autoencoder", "denoiser",
    "digit_diffusion",
]  # fmt: skip

LATENTS = 16
"""Length of a code."""

STEPS = 200
"""Of the forward process."""

NO_LABEL = 10
"""The label of an image that may be any digit."""

KEPT: npt.NDArray[np.float64] = np.append(
    1.0, np.cumprod(1.0 - np.linspace(100 / STEPS / 1000, 20 / STEPS, STEPS))
)
"""(STEPS + 1,) the share of the variance that is still signal after t steps; 1 at t = 0."""

Array = npt.NDArray[np.float32]


def autoencoder(latents: int = LATENTS, *, noise: float = 0.2) -> tuple[Any, Any, Any]:
    """A small convolutional autoencoder with new weights, whose codes get noise in training.

    Args:
        latents: length of a code.
        noise: standard deviation of what is added to a code in training. The codes themselves
            have variance 1, so the decoder learns to forgive a small error of a code.

    Returns:
        The encoder, images (n, 28, 28) to codes (n, latents) of mean 0 and variance 1 on the
        training images; the decoder, codes to logits (n, 28, 28) of ink; and both joined.
    """
    import keras
    from keras import layers

    images = keras.Input((28, 28))
    h = layers.Reshape((28, 28, 1))(images)
    for filters in (16, 32):
        h = layers.Conv2D(filters, 4, strides=2, padding="same", activation="relu")(h)
    h = layers.Dense(latents)(layers.Flatten()(h))
    scale = layers.BatchNormalization(center=False, scale=False, momentum=0.9)
    encoder = keras.Model(images, scale(h))
    codes = keras.Input((latents,))
    h = layers.Dense(7 * 7 * 32, activation="relu")(codes)
    h = layers.Reshape((7, 7, 32))(h)
    h = layers.Conv2DTranspose(16, 4, strides=2, padding="same", activation="relu")(h)
    h = layers.Conv2DTranspose(1, 4, strides=2, padding="same")(h)
    decoder = keras.Model(codes, layers.Reshape((28, 28))(h))
    noisy = layers.GaussianNoise(noise)(encoder(images))
    return encoder, decoder, keras.Model(images, decoder(noisy))


def denoiser(latents: int = LATENTS, *, units: int = 192, blocks: int = 3) -> Any:
    """A network with new weights that predicts the noise in noisy codes.

    Args:
        latents: length of a code.
        units: of each hidden layer.
        blocks: residual blocks.

    Returns:
        A model of [noisy codes (n, latents), t / STEPS (n, 1), labels (n, 1)] to (n, latents).
    """
    import keras
    from keras import layers, ops

    inputs = keras.Input((latents,)), keras.Input((1,)), keras.Input((1,), dtype="int32")
    codes, time, labels = inputs
    angles = time * np.geomspace(1, 100, 16, dtype="float32")
    e = layers.Concatenate()([
        ops.sin(angles), ops.cos(angles),
        layers.Flatten()(layers.Embedding(NO_LABEL + 1, 32)(labels)),
    ])  # fmt: skip
    h = layers.Dense(units, activation="silu")(layers.Concatenate()([codes, e]))
    for _ in range(blocks):
        h = h + layers.Dense(units, activation="silu")(layers.Concatenate()([h, e]))
    return keras.Model(inputs, layers.Dense(latents)(h))


@dataclass(frozen=True)
class LatentDiffusion:
    """Networks that together make images of digits."""

    encoder: Any
    """Images (n, 28, 28) to codes (n, LATENTS)."""
    decoder: Any
    """Codes to logits of ink (n, 28, 28)."""
    denoiser: Any
    """Noisy codes, t / STEPS (n, 1) and labels (n, 1) to the noise in the codes."""

    def sample(
        self, labels: npt.ArrayLike, *, seed: int = 0, steps: int = 20, guidance: float = 2.0
    ) -> Array:
        """Draw an image for each label.

        Args:
            labels: (n,) digits from 0 to 9, or NO_LABEL for any digit.
            seed: of the noise from which the images are made; the only chance in it, since the
                steps are those of DDIM (Song et al. 2021, https://arxiv.org/abs/2010.02502).
            steps: how often the denoiser is asked, at most STEPS.
            guidance: 1 is the denoiser's own prediction for the label, more exaggerates what the
                label changes (Ho and Salimans 2022, https://arxiv.org/abs/2207.12598).

        Returns:
            (n, 28, 28) ink from 0 to 1.

        Raises:
            ValueError: if a label is none of 0 to 10, or `steps` none of 1 to STEPS.
        """
        wanted = np.asarray(labels, dtype=np.int32).reshape(-1, 1)
        if wanted.size and not (wanted.min() >= 0 and wanted.max() <= NO_LABEL):
            raise ValueError(f"labels are 0 to {NO_LABEL}, got {wanted.min()} to {wanted.max()}.")
        if not 1 <= steps <= STEPS:
            raise ValueError(f"steps are 1 to {STEPS}, got {steps}.")
        if not wanted.size:
            return np.empty((0, 28, 28), np.float32)  # Keras predicts nothing for no rows
        noise = np.random.default_rng(seed).normal(size=(len(wanted), self.decoder.input_shape[1]))
        codes = self._denoised(noise.astype(np.float32), wanted, steps, guidance)
        logits = self.decoder.predict(codes, batch_size=500, verbose=0)
        images: Array = (0.5 + 0.5 * np.tanh(0.5 * logits)).astype(np.float32)
        return images

    def _denoised(
        self, codes: Array, labels: npt.NDArray[np.int32], steps: int, guidance: float
    ) -> Array:
        times = np.linspace(STEPS, 0, steps + 1).round().astype(int)
        for now, then in itertools.pairwise(times):
            noise = self._noise(codes, now, labels, guidance)
            clean = (codes - np.sqrt(1 - KEPT[now]) * noise) / np.sqrt(KEPT[now])
            codes = np.sqrt(KEPT[then]) * clean + np.sqrt(1 - KEPT[then]) * noise
        return codes.astype(np.float32)

    def _noise(
        self, codes: Array, step: int, labels: npt.NDArray[np.int32], guidance: float
    ) -> Array:
        time = np.full((len(codes), 1), step / STEPS, np.float32)

        def predicted(labels: npt.NDArray[np.int32]) -> Array:
            noise: Array = self.denoiser.predict([codes, time, labels], batch_size=1000, verbose=0)
            return noise

        if guidance == 1.0:
            return predicted(labels)
        anything = predicted(np.full_like(labels, NO_LABEL))
        return anything + np.float32(guidance) * (predicted(labels) - anything)


def digit_diffusion() -> LatentDiffusion:
    """The trained networks.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    encoder, decoder, _ = autoencoder()
    networks = LatentDiffusion(encoder, decoder, denoiser())
    with np.load(files.locate(manifest.DIGIT_DIFFUSION), allow_pickle=False) as stored:
        for name in ("encoder", "decoder", "denoiser"):
            kept = [stored[key] for key in sorted(stored.files) if key.startswith(name)]
            getattr(networks, name).set_weights([array.astype(np.float32) for array in kept])
    return networks
