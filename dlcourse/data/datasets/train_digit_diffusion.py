"""Train the latent diffusion of week 7; write its weights and the comparison of generators.

    python dlcourse/data/datasets/train_digit_diffusion.py

Writes digit_diffusion.npz, the weights of the first seed as float16, and the rows of the table of
generators (digit_generators.json): the diffusion with and without labels, and the same autoencoder
with a Gaussian over its codes. Needs no accelerator: about half a minute of one free CPU core a
seed. Only the cpu tier's training images are used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from dlcourse.data.loaders import digits
from dlcourse.models.digit_diffusion import (
    KEPT,
    LATENTS,
    NO_LABEL,
    STEPS,
    LatentDiffusion,
    autoencoder,
    denoiser,
)  # fmt: skip
from dlcourse.models.generator_records import GeneratorRecord, keep, measured

SEEDS = (0, 1, 2)
COPIES, UNLABELLED = 60, 0.2
"""Noisy codes of an image, and the share of them whose label is hidden."""

Array = npt.NDArray[np.float32]


def train_autoencoder(images: Array, *, epochs: int = 8, batch: int = 50) -> tuple[Any, Any]:
    """Encoder and decoder, fitted to reconstruct the images: cross-entropy of each pixel's ink."""
    encoder, decoder, both = autoencoder()
    rate = keras.optimizers.schedules.CosineDecay(3e-3, epochs * len(images) // batch)
    both.compile(
        keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=14,
    )  # fmt: skip
    both.fit(images, images, batch_size=batch, epochs=epochs, verbose=0)
    return encoder, decoder


def train_denoiser(
    codes: Array, labels: npt.NDArray[np.int64], rng: np.random.Generator, *, batch: int = 128
) -> Any:
    """The denoiser, fitted to the noise in noisy codes, each of which it sees once."""
    model = denoiser()
    n = COPIES * len(codes)
    rows, t = rng.permutation(n) % len(codes), rng.integers(1, STEPS + 1, n)
    noise = rng.normal(size=(n, LATENTS)).astype(np.float32)
    kept = KEPT[t][:, np.newaxis].astype(np.float32)
    noisy = np.sqrt(kept) * codes[rows] + np.sqrt(1 - kept) * noise
    shown = np.where(rng.random(n) < UNLABELLED, NO_LABEL, labels[rows])
    rate = keras.optimizers.schedules.CosineDecay(2e-3, n // batch)
    model.compile(keras.optimizers.Adam(rate), "mse", jit_compile=True, steps_per_execution=50)
    time_of = (t / STEPS).astype(np.float32)[:, np.newaxis]
    model.fit([noisy, time_of, shown[:, np.newaxis]], noise, batch_size=batch, verbose=0)
    return model


def train(seed: int) -> tuple[LatentDiffusion, dict[str, float]]:
    """The networks of a seed, and the CPU seconds that training them took."""
    keras.utils.set_random_seed(seed)
    data = digits("cpu")
    seconds = [time.process_time()]
    encoder, decoder = train_autoencoder(data.train_images)
    seconds.append(time.process_time())
    codes = encoder.predict(data.train_images, batch_size=500, verbose=0)
    model = train_denoiser(codes, data.train_labels, np.random.default_rng(seed))
    seconds.append(time.process_time())
    spent = {
        "autoencoder": round(seconds[1] - seconds[0], 1),
        "denoiser": round(seconds[2] - seconds[1], 1),
    }
    return LatentDiffusion(encoder, decoder, model), spent


def stored(networks: LatentDiffusion) -> dict[str, npt.NDArray[np.float16]]:
    """All weights as float16, by network and place."""
    return {
        f"{name}_{place:02d}": np.asarray(weights, np.float16)
        for name in ("encoder", "decoder", "denoiser")
        for place, weights in enumerate(getattr(networks, name).get_weights())
    }


def records(
    seed: int, networks: LatentDiffusion, seconds: dict[str, float]
) -> Iterator[GeneratorRecord]:
    """Rows of the table: one autoencoder, and three ways to choose the codes."""
    data = digits("cpu")
    codes = networks.encoder.predict(data.train_images, batch_size=500, verbose=0)
    shape = codes.mean(axis=0), np.cov(codes, rowvar=False)

    def gaussian(n: int) -> Array:
        drawn = np.random.default_rng(seed).multivariate_normal(*shape, n)
        logits = networks.decoder.predict(drawn.astype(np.float32), batch_size=500, verbose=0)
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * logits), np.float32)

    def diffusion(labels: npt.ArrayLike, guidance: float) -> Any:
        every = np.resize(np.asarray(labels), 3500)
        return lambda n: networks.sample(every[:n], seed=seed, guidance=guidance)

    decoder = networks.decoder.count_params()
    both = decoder + networks.denoiser.count_params()
    yield measured(
        "autoencoder, Gaussian codes", seed, gaussian,
        training_seconds=seconds["autoencoder"], parameters=decoder,
    )  # fmt: skip
    for name, labels, guidance in (
        ("diffusion, no labels", NO_LABEL, 1.0),
        ("diffusion, labels", data.train_labels, 1.0),
        ("diffusion, labels, guidance 2", data.train_labels, 2.0),
    ):
        yield measured(
            name, seed, diffusion(labels, guidance),
            training_seconds=sum(seconds.values()), parameters=both,
        )  # fmt: skip


def main() -> None:
    """Train each seed, print and keep what it measures, and write the weights of the first."""
    found: list[GeneratorRecord] = []
    for seed in SEEDS:
        networks, seconds = train(seed)
        print(f"seed {seed}", seconds, flush=True)
        if seed == SEEDS[0]:
            path = Path(__file__).with_name("digit_diffusion.npz")
            np.savez_compressed(path, allow_pickle=True, **stored(networks))
        for record in records(seed, networks, seconds):
            print(record, flush=True)
            found.append(record)
        keep(found, Path(__file__).with_name("digit_generators.json"))


if __name__ == "__main__":
    main()
