"""Deep convolutional GANs for digits and for emoji, with trained generators.

The networks follow Radford, Metz and Chintala (2016), with spectral normalization in the
discriminator (Miyato et al. 2018). dlcourse/data/datasets/train_dcgan.py trained them for minutes
each on processors; week 7 uses the weights. Importing this module is cheap; Keras is imported when
a network is built.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = [
    "LATENT",
    "digit_generator",
    "discriminator",
    "emoji_generator",
    "generated",
    "generator",
]

LATENT = 64
"""Length of the generators' input, drawn from a standard normal distribution."""

Array = npt.NDArray[np.float32]


def generator(side: int = 28, channels: int = 1, width: int = 32) -> Any:
    """The generator with new weights: (n, LATENT) to images (n, side, side, channels) in [0, 1].

    Args:
        side: height and width of the images in pixels, a multiple of 4.
        channels: 1 for grey values, 3 for colours.
        width: channels before the last transposed convolution; the one before has twice as many.
    """
    import keras
    from keras import layers

    inputs = keras.Input((LATENT,))
    h = layers.Dense((side // 4) ** 2 * 2 * width, use_bias=False)(inputs)
    h = layers.Reshape((side // 4, side // 4, 2 * width))(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Conv2DTranspose(width, 4, strides=2, padding="same", use_bias=False)(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    outputs = layers.Conv2DTranspose(
        channels, 4, strides=2, padding="same", activation="sigmoid"
    )(h)  # fmt: skip
    return keras.Model(inputs, outputs)


def discriminator(side: int = 28, channels: int = 1, width: int = 32) -> Any:
    """The discriminator with new weights: images (n, side, side, channels) to logits (n, 1).

    Args:
        side: height and width of the images in pixels, a multiple of 4.
        channels: 1 for grey values, 3 for colours.
        width: channels of the first convolution; the second has twice as many.
    """
    import keras
    from keras import layers

    inputs = keras.Input((side, side, channels))
    h = inputs
    for filters in (width, 2 * width):
        convolution = layers.Conv2D(filters, 4, strides=2, padding="same")
        h = layers.LeakyReLU(0.2)(layers.SpectralNormalization(convolution)(h))
    logits = layers.SpectralNormalization(layers.Dense(1))(layers.Flatten()(h))
    return keras.Model(inputs, logits)


def digit_generator() -> Any:
    """The trained generator of digits: (n, LATENT) to (n, 28, 28, 1), ink 1 and paper 0.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    return _trained("digits", generator())


def emoji_generator() -> Any:
    """The trained generator of emoji: (n, LATENT) to (n, 32, 32, 3), red, green, blue in [0, 1].

    Raises:
        DataError: if the file of weights is not the known one.
    """
    return _trained("emoji", generator(side=32, channels=3))


def generated(model: Any, count: int, seed: int = 0, batch_size: int = 250) -> Array:
    """Images of a generator.

    Args:
        model: a generator of this module, or any other from (n, LATENT) to images.
        count: how many images.
        seed: of the generator's inputs.
        batch_size: how many images are made at a time.

    Returns:
        (count, side, side, channels) float32.
    """
    z = np.random.default_rng(seed).standard_normal((count, LATENT), dtype=np.float32)
    parts = [
        np.asarray(model(z[start : start + batch_size], training=False))
        for start in range(0, count, batch_size)
    ]
    return np.concatenate(parts).astype(np.float32)


def _trained(name: str, model: Any) -> Any:
    with np.load(files.locate(manifest.DCGAN), allow_pickle=False) as stored:
        kept = [stored[key] for key in sorted(stored) if key.startswith(name)]
    model.set_weights([weights.astype(np.float32) for weights in kept])
    return model
