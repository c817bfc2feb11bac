"""Train the autoencoders of week 7 and write digit_vae.npz; run once, the result is shipped.

    python dlcourse/data/datasets/train_digit_vae.py

Needs no accelerator: about two minutes of one free CPU core. The weights are stored as float16.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from dlcourse.data import digits
from dlcourse.models.digit_vae import LATENTS, coders

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


def trained(name: str, latents: int) -> tuple[Any, Any]:
    """Encoder and decoder after training; prints what it took."""
    keras.utils.set_random_seed(latents)
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
    bound = model.evaluate(data.validation_images, data.validation_images, verbose=0)
    seconds = time.process_time() - began
    print(f"{name}, {latents} latents: {bound:.1f} on validation, {seconds:.0f} CPU s", flush=True)
    return encoder, decoder


def main() -> None:
    """Train all of them and write their weights."""
    stored: dict[str, Any] = {}
    for name in ("vae", "autoencoder"):
        for latents in LATENTS:
            pair = trained(name, latents)
            for part, model in zip(("encoder", "decoder"), pair, strict=True):
                for place, weights in enumerate(model.get_weights()):
                    key = f"{name}_{latents}_{part}_{place:02d}"
                    stored[key] = np.asarray(weights, np.float16)
    np.savez_compressed(Path(__file__).with_name("digit_vae.npz"), **stored)


if __name__ == "__main__":
    main()
