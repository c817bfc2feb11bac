"""Train the networks of week 8's chapter on images; run once, the results are shipped.

    python dlcourse/data/datasets/train_vision_transformers.py records [MOST [NETWORK]]
    python dlcourse/data/datasets/train_vision_transformers.py weights

The first trains each setting with SEEDS, and one of the transformer also at other learning rates,
and writes vision_records.json. It leaves out what is there already, and ends after MOST trainings
of networks whose name begins with NETWORK. The second trains a vision transformer for longer, with
moved images, and writes vision_transformer.npz. All networks of the records see the same number of
batches, in the same order for the same seed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from dlcourse.models.vision_records import VisionRecord, keep, kept
from dlcourse.models.vision_transformer import (
    PATCH,
    SIDE,
    convolutional_network,
    digit_splits,
    vision_transformer,
)

SEEDS = (0, 1, 2)
SIZES = (300, 1000, 3000)
UPDATES, BATCH = 800, 64
RATE, OTHER_RATES = 3e-3, (1e-3, 1e-2)
REACH = 2  # pixels by which augmentation moves an image at most, along each axis

MAKERS: dict[str, Callable[[], Any]] = {
    "ViT": vision_transformer,
    "ViT, class token": lambda: vision_transformer(class_token=True),
    "CNN": convolutional_network,
    "CNN, strides": lambda: convolutional_network(pooling=False),
}


class Trainer:
    """Trains one kind of network again and again without tracing it anew."""

    def __init__(self, network: str, updates: int = UPDATES) -> None:
        """Build the network, and one training of `updates` updates as one TensorFlow function."""
        self.make, self.updates = MAKERS[network], updates
        self.model = self.make()
        self.rate = tf.Variable(0.0)
        self.optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.02)
        self.optimizer.build(self.model.trainable_variables)
        self.start = [ops.convert_to_numpy(v) for v in self.optimizer.variables]
        self._train = tf.function(self._updates)

    def _updates(self, images: Any, labels: Any, order: Any) -> None:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        variables = self.model.trainable_variables
        for k in tf.range(self.updates):
            chosen = order[k]
            with tf.GradientTape() as tape:
                logits = self.model(tf.gather(images, chosen), training=True)
                value = loss(tf.gather(labels, chosen), logits)
            progress = tf.cast(k, tf.float32) / self.updates
            warm = tf.minimum(1.0, 20 * progress)
            decay = (1 + tf.cos(np.pi * progress)) / 2
            self.optimizer.learning_rate.assign(self.rate * warm * decay)
            self.optimizer.apply(tape.gradient(value, variables), variables)

    def train(self, images: Any, labels: Any, seed: int, rate: float) -> float:
        """Train new weights on images (n, moves, 28, 28), one move each time; processor seconds."""
        keras.utils.set_random_seed(seed)
        self.model.set_weights(self.make().get_weights())
        for variable, value in zip(self.optimizer.variables, self.start, strict=True):
            variable.assign(value)
        self.rate.assign(rate)
        n, moves = images.shape[:2]
        rng = np.random.default_rng(seed)
        epochs = -(-self.updates * BATCH // n)
        order = np.concatenate([rng.permutation(n) for _ in range(epochs)])
        order = order[: self.updates * BATCH].reshape(self.updates, BATCH) * moves
        order += rng.integers(0, moves, order.shape)
        flat = tf.constant(images.reshape(-1, SIDE, SIDE, 1), tf.float32)
        began = time.process_time()
        self._train(flat, tf.constant(np.repeat(labels, moves)), tf.constant(order))
        return time.process_time() - began

    def accuracy(self, images: Any, labels: Any) -> float:
        """Share of images (n, 28, 28) that are classified rightly."""
        logits = np.asarray(self.model(tf.constant(images[..., None], tf.float32)))
        return float(np.mean(logits.argmax(axis=1) == labels))


def moved(images: Any) -> Any:
    """Each image in all moves of up to REACH pixels: (n, 28, 28) to (n, moves, 28, 28)."""
    room = np.pad(images, ((0, 0), (REACH, REACH), (REACH, REACH)))
    steps = range(2 * REACH + 1)
    return np.stack([room[:, a : a + SIDE, b : b + SIDE] for a in steps for b in steps], axis=1)


def changed(images: Any, variant: str) -> Any:
    """Images (n, 28, 28) with patches or pixels in an order that is random but fixed."""
    order = np.random.default_rng(8).permutation
    if variant == "pixels permuted":
        return images.reshape(len(images), -1)[:, order(SIDE * SIDE)].reshape(images.shape)
    if variant != "patches permuted":
        return images
    count = SIDE // PATCH
    grid = images.reshape(-1, count, PATCH, count, PATCH).swapaxes(2, 3)
    grid = grid.reshape(-1, count**2, PATCH, PATCH)[:, order(count**2)]
    return grid.reshape(-1, count, count, PATCH, PATCH).swapaxes(2, 3).reshape(images.shape)


def settings() -> Iterator[tuple[str, str, int]]:
    """All settings of the records: network, variant, training images."""
    for network in ("ViT", "CNN"):
        for size in SIZES:
            yield network, "plain", size
        for variant in ("patches permuted", "pixels permuted", "moved"):
            yield network, variant, SIZES[-1]
    yield "ViT, class token", "plain", SIZES[-1]
    yield "CNN, strides", "plain", SIZES[0]


def run(trainer: Trainer, network: str, variant: str, size: int, seed: int) -> VisionRecord:
    """Train and measure one network."""
    images, labels, test, test_labels = digit_splits()
    chosen = np.random.default_rng(seed).permutation(len(images))[:size]
    given = changed(images[chosen], variant)
    given = moved(given) if variant == "moved" else given[:, None]
    rate = float(variant.removeprefix("rate ")) if variant.startswith("rate ") else RATE
    seconds = trainer.train(given, labels[chosen], seed, rate)
    reached = trainer.accuracy(changed(test, variant), test_labels)
    measures = {"accuracy": round(reached, 4)}
    record = VisionRecord(network, variant, size, seed, round(seconds, 1), measures)
    print(record, flush=True)
    return record


def weights() -> None:
    """Train a vision transformer for longer and write its weights as float16."""
    images, labels, test, test_labels = digit_splits()
    trainer = Trainer("ViT", updates=3000)
    trainer.train(moved(images), labels, 0, RATE)
    print(f"accuracy {trainer.accuracy(test, test_labels):.3f}")
    stored: dict[str, Any] = {v.path: np.asarray(ops.convert_to_numpy(v), np.float16)
              for v in trainer.model.weights}  # fmt: skip
    np.savez_compressed(Path(__file__).with_name("vision_transformer.npz"), **stored)


def records(most: int, only: str) -> None:
    """Train and measure at most so many settings that the records lack, of networks so named."""
    path = Path(__file__).with_name("vision_records.json")
    wanted = [(*setting, seed) for seed in SEEDS for setting in settings()]
    wanted += [("ViT", f"rate {rate}", SIZES[-1], 0) for rate in OTHER_RATES]
    trainers: dict[str, Trainer] = {}
    for network, variant, size, seed in [
        row for row in wanted if row not in kept(path) and row[0].startswith(only)
    ][:most]:
        trainer = trainers.get(network) or trainers.setdefault(network, Trainer(network))
        keep([run(trainer, network, variant, size, seed)], path)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    if sys.argv[1] == "weights":
        weights()
    else:
        records(int([*sys.argv, "1000"][2]), [*sys.argv, "", ""][3])
