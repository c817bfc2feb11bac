"""Train the autoencoders of week 7 and write digit_vae.npz; run once, the result is shipped.

    python dlcourse/data/datasets/train_digit_vae.py
    python dlcourse/data/datasets/train_digit_vae.py records

The first writes the weights, as float16, in about a minute of one free CPU core. The second trains
the variational one with 16 latent variables anew, with SEEDS, and writes what generating with it
costs and how near its images come to digits into digit_generators.json.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from dlcourse.data import digits
from dlcourse.models.digit_vae import LATENTS, coders
from dlcourse.models.generator_records import GeneratorRecord, keep, measured

SEEDS = (0, 1, 2)
EPOCHS, BATCH, WARM_UP = 80, 100, 20


class Bottleneck(keras.layers.Layer):  # type: ignore[misc]
    """Draws latent variables, and adds beta times their KL divergence from N(0, I) to the loss."""

    def __init__(self) -> None:
        """Begin with beta 0."""
        super().__init__()
        self.beta = self.add_weight(shape=(), initializer="zeros", trainable=False, name="beta")
        self.seeds = keras.random.SeedGenerator(0)

    def call(self, mean: Any, log_variance: Any) -> Any:
        """Means and logarithms of variances (n, d) to a draw (n, d)."""
        kl = ops.sum(ops.exp(log_variance) + mean**2 - 1 - log_variance, axis=-1) / 2
        self.add_loss(self.beta * ops.mean(kl))
        noise = keras.random.normal(ops.shape(mean), seed=self.seeds)
        return mean + ops.exp(log_variance / 2) * noise


class WarmUp(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises beta from 0 to 1 over the first epochs."""

    def __init__(self, bottleneck: Bottleneck) -> None:
        """Keep the layer whose beta is raised."""
        super().__init__()
        self.bottleneck = bottleneck

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Set beta for this epoch."""
        self.bottleneck.beta.assign(min(1.0, epoch / WARM_UP))


def cross_entropy(images: Any, logits: Any) -> Any:
    """Minus the logarithm of the Bernoulli likelihood of each image, (n,)."""
    terms = ops.binary_crossentropy(images, logits, from_logits=True)
    return ops.sum(terms, axis=(1, 2))


def trained(name: str, latents: int, seed: int) -> tuple[Any, Any, float]:
    """Encoder and decoder after training, and its processor seconds; prints what it took."""
    keras.utils.set_random_seed(seed)
    encoder, decoder = coders(latents, variational=name == "vae")
    images = keras.Input((28, 28))
    bottleneck = Bottleneck()
    codes = bottleneck(*encoder(images)) if name == "vae" else encoder(images)
    model = keras.Model(images, decoder(codes))
    data = digits("cpu")
    steps = EPOCHS * -(-len(data.train_images) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    model.compile(keras.optimizers.Adam(rate), cross_entropy, steps_per_execution=35)
    began = time.process_time()
    model.fit(
        data.train_images, data.train_images, batch_size=BATCH, epochs=EPOCHS, verbose=0,
        callbacks=[WarmUp(bottleneck)],
    )  # fmt: skip
    seconds = time.process_time() - began
    bound = model.evaluate(data.validation_images, data.validation_images, verbose=0)
    print(f"{name}, {latents} latents: {bound:.1f} on validation, {seconds:.0f} CPU s", flush=True)
    return encoder, decoder, seconds


def records(latents: int = 16) -> Iterator[GeneratorRecord]:
    """Measure the variational one as a generator, for each of SEEDS."""
    for seed in SEEDS:
        _, decoder, seconds = trained("vae", latents, seed)
        rng = np.random.default_rng(seed)

        def sample(count: int, draw: Any = rng.normal, decoder: Any = decoder) -> Any:
            codes = draw(size=(count, latents)).astype(np.float32)
            return np.asarray(ops.sigmoid(decoder(codes)))

        yield measured(
            "VAE", seed, sample, training_seconds=seconds, parameters=decoder.count_params()
        )


def main() -> None:
    """Train all of them and write their weights."""
    stored: dict[str, Any] = {}
    for name in ("vae", "autoencoder"):
        for latents in LATENTS:
            pair = trained(name, latents, seed=latents)[:2]
            for part, model in zip(("encoder", "decoder"), pair, strict=True):
                for place, weights in enumerate(model.get_weights()):
                    key = f"{name}_{latents}_{part}_{place:02d}"
                    stored[key] = np.asarray(weights, np.float16)
    np.savez_compressed(Path(__file__).with_name("digit_vae.npz"), **stored)


if __name__ == "__main__":
    if sys.argv[1:] == ["records"]:
        keep(records(), Path(__file__).with_name("digit_generators.json"))
    else:
        main()
