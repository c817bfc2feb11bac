"""Train the generators of digits and of emoji of week 7; run once, the result is shipped.

    python dlcourse/data/datasets/train_dcgan.py digits
    python dlcourse/data/datasets/train_dcgan.py emoji

Each adds its generator to dcgan.npz. Needs no accelerator: about three minutes of one free CPU core
each. The loss is the non-saturating one. What is kept is the moving average of the generator's
weights over the updates, as float16.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcourse.data.loaders import digits, distort, emoji
from dlcourse.models.dcgan import LATENT, discriminator, generated, generator
from dlcourse.models.digit_features import digit_features, digit_probabilities
from dlcourse.models.generator_records import frechet_distance, keep, measured

TARGET = Path(__file__).with_name("dcgan.npz")
BATCH = 64
UPDATES = {"digits": 3000, "emoji": 1500}
SHAPES = {"digits": (28, 1), "emoji": (32, 3)}
"""Side of the images in pixels, and channels."""
EVERY, DECAY = 10, 0.98
"""Updates between two steps of the moving average, and its decay per step."""

Array = npt.NDArray[np.float32]


def images_of(name: str, rng: np.random.Generator) -> Array:
    """All real images (n, side, side, channels).

    Digits are distorted once more; emoji stand on white, in both designs, as they are and mirrored.
    """
    if name == "digits":
        return distort(digits("cpu").train_images, rng)[..., np.newaxis]
    both = np.concatenate([emoji().twitter, emoji().google]).astype(np.float32) / 255
    opacity = both[..., 3:]
    on_white = both[..., :3] * opacity + 1 - opacity
    return np.concatenate([on_white, on_white[:, :, ::-1]])


def update_of(generate: Any, discriminate: Any) -> Any:
    """One update of both networks with the non-saturating loss; returns both losses."""
    adams = [keras.optimizers.Adam(4e-4, beta_1=0.5) for _ in range(2)]

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


def train(name: str, seed: int = 0) -> Any:
    """Train both networks; returns the generator with averaged weights."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    images = images_of(name, rng)
    generate, discriminate = generator(*SHAPES[name]), discriminator(*SHAPES[name])
    update = update_of(generate, discriminate)
    averaged = [weights.numpy() for weights in generate.weights]
    for done in range(1, UPDATES[name] + 1):
        losses = update(images[rng.choice(len(images), BATCH, replace=False)])
        if done % EVERY == 0:
            averaged = [
                DECAY * mean + (1 - DECAY) * weights.numpy()
                for mean, weights in zip(averaged, generate.weights, strict=True)
            ]
        if done % 500 == 0:
            print(done, *(f"{float(loss):.3f}" for loss in losses), flush=True)
    generate.set_weights(averaged)
    return generate


def report(model: Any) -> None:
    """Print what the classifier of digits says about 3,500 images."""
    images = generated(model, 3500, seed=1)
    p = digit_probabilities(images)
    distance = frechet_distance(digit_features(digits("cpu").train_images), digit_features(images))
    print(f"confidence {p.max(1).mean():.3f}, Frechet distance {distance:.2f}")


def main(name: str) -> None:
    """Train one generator and add it to what is stored."""
    begin = time.process_time()
    model = train(name)
    if name == "digits":
        report(model)
        record = measured(
            "GAN", 0, lambda n: generated(model, n, seed=1)[..., 0],
            training_seconds=time.process_time() - begin, parameters=model.count_params(),
        )  # fmt: skip
        keep([record], TARGET.with_name("digit_generators.json"))
    stored = {}
    if TARGET.exists():
        with np.load(TARGET, allow_pickle=False) as file:
            stored = {key: file[key] for key in file if not key.startswith(name)}
    for place, weights in enumerate(model.get_weights()):
        stored[f"{name}_{place:02d}"] = np.asarray(weights, np.float16)
    np.savez_compressed(TARGET, **stored)


if __name__ == "__main__":
    main(sys.argv[1])
