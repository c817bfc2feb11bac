"""Train the generators of digits and of emoji of week 7; run once, the result is shipped.

    python dlcourse/data/datasets/train_dcgan.py digits
    python dlcourse/data/datasets/train_dcgan.py emoji

Each adds its generator to dcgan.npz. Needs no accelerator: about ten minutes of one free CPU core
each. The loss is the non-saturating one. What is kept is the moving average of the generator's
weights over the updates, as float16; its batch normalization is measured anew with these weights.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcourse.data.loaders import digits, distort, emoji
from dlcourse.models.dcgan import LATENT, discriminator, generated, generator
from dlcourse.models.digit_features import digit_features, digit_probabilities

TARGET = Path(__file__).with_name("dcgan.npz")
BATCH = 64
UPDATES = {"digits": 9000, "emoji": 9000}
SHAPES = {"digits": {}, "emoji": {"side": 32, "channels": 3}}
AVERAGE = 0.998
"""Decay of the moving average of the weights per update."""

Array = npt.NDArray[np.float32]


def images_of(name: str, rng: np.random.Generator) -> Array:
    """All real images (n, side, side, channels): digits distorted anew, emoji mirrored or not."""
    if name == "digits":
        return distort(digits("cpu").train_images, rng)[..., np.newaxis]
    both = np.concatenate([emoji().twitter, emoji().google]).astype(np.float32) / 255
    opacity = both[..., 3:]
    coloured = both[..., :3] * opacity + 1 - opacity
    mirrored = rng.random(len(coloured)) < 0.5
    coloured[mirrored] = coloured[mirrored, :, ::-1]
    return coloured


def batches(name: str, rng: np.random.Generator) -> Iterator[Array]:
    """Batches of BATCH real images without end."""
    while True:
        images = images_of(name, rng)
        order = rng.permutation(len(images))[: len(images) // BATCH * BATCH]
        yield from images[order].reshape(-1, BATCH, *images.shape[1:])


def update_of(generate: Any, discriminate: Any) -> Any:
    """One update of both networks with the non-saturating loss; returns both losses."""
    adams = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2)]

    @tf.function  # type: ignore[untyped-decorator]
    def update(real: Any) -> tuple[Any, Any]:
        z = tf.random.normal((2, BATCH, LATENT))
        with tf.GradientTape() as tape:
            fake = generate(z[0], training=True)
            on_real = discriminate(real, training=True)
            on_fake = discriminate(fake, training=True)
            loss_d = tf.reduce_mean(tf.nn.softplus(-on_real) + tf.nn.softplus(on_fake))
        weights = discriminate.trainable_variables
        adams[0].apply(tape.gradient(loss_d, weights), weights)
        with tf.GradientTape() as tape:
            on_fake = discriminate(generate(z[1], training=True), training=False)
            loss_g = tf.reduce_mean(tf.nn.softplus(-on_fake))
        weights = generate.trainable_variables
        adams[1].apply(tape.gradient(loss_g, weights), weights)
        return loss_d, loss_g

    return update


def calibrate(model: Any) -> None:
    """Measure the means and variances of batch normalization anew, on inputs without training."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    for seed in range(100):
        model(keras.random.normal((250, LATENT), seed=seed), training=True)


def train(name: str, updates: int) -> Any:
    """Train both networks; returns the generator with averaged weights."""
    keras.utils.set_random_seed(0)
    generate, discriminate = generator(**SHAPES[name]), discriminator(**SHAPES[name])
    averaged = generator(**SHAPES[name])
    averaged.set_weights(generate.get_weights())
    update = update_of(generate, discriminate)
    for done, real in enumerate(batches(name, np.random.default_rng(0)), start=1):
        losses = update(real)
        for mean, weight in zip(averaged.weights, generate.weights, strict=True):
            mean.assign(AVERAGE * mean + (1 - AVERAGE) * weight)
        if done % 1000 == 0:
            print(done, *(f"{float(loss):.3f}" for loss in losses), flush=True)
            if name == "digits":
                report(generate), report(averaged)
        if done == updates:
            return averaged


def report(model: Any) -> None:
    """Print what the classifier of digits says about 1,000 images."""
    images = generated(model, 1000, seed=1)
    p = digit_probabilities(images)
    real, fake = digit_features(digits("cpu").train_images), digit_features(images)
    print(
        f"confidence {p.max(1).mean():.3f}, classes {np.bincount(p.argmax(1), minlength=10)}, "
        f"distance of means {np.sum((real.mean(0) - fake.mean(0)) ** 2):.2f}, "
        f"Frechet {distance(real, fake):.2f}", flush=True,
    )


def distance(a: Array, b: Array) -> float:
    from scipy import linalg
    A, B = np.cov(a.T), np.cov(b.T)
    return float(np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(A + B - 2 * np.real(linalg.sqrtm(A @ B))))


def main(name: str) -> None:
    """Train one generator and add it to what is stored."""
    model = train(name, UPDATES[name])
    model.set_weights([np.asarray(weights, np.float16) for weights in model.get_weights()])
    calibrate(model)
    stored = {}
    if TARGET.exists():
        with np.load(TARGET) as file:
            stored = {key: file[key] for key in file if not key.startswith(name)}
    for place, weights in enumerate(model.get_weights()):
        stored[f"{name}_{place:02d}"] = np.asarray(weights, np.float16)
    np.savez_compressed(TARGET, **stored)


if __name__ == "__main__":
    main(sys.argv[1])
