"""Train the networks of week 8's chapter on attention; run once, shipped.

    python dlcourse/data/datasets/train_letter_attention.py additive 1   # every kind, every seed
    python dlcourse/data/datasets/train_letter_attention.py pack

Words and batches are those of train_seq2seq.py. All kinds have the same settings, so that they
differ in the score alone; the settings were not tuned. A training takes less than half a minute on
one core and writes its weights into the folder `letter_attention_weights` of the current one;
`pack` joins them to letter_attention.npz here, as float16.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import runpy
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcourse.models.letter_attention import Pronouncer, pronouncer, shifted

FOLDER = Path("letter_attention_weights")
EPOCHS, RATE, BATCH = 1, 1e-2, 256


def train(kind: str, seed: int, limit: int | None = None) -> Pronouncer:
    """Train one network and say, after each epoch, the loss on a piece of the validation part."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    week6 = runpy.run_path(str(Path(__file__).with_name("train_seq2seq.py")))
    batches = week6["batches"]
    source, targets, held_out = week6["arrays"]()
    source, targets = source[:limit], targets[:limit]
    network = pronouncer(kind)
    model = network.whole
    steps = EPOCHS * sum(1 for _ in batches(source, targets, BATCH, rng))
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    optimizer.build(model.trainable_variables)

    def loss(x: Any, before: Any, y: Any) -> Any:
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, model([x, before], training=True))
        counted = tf.cast(y != 0, tf.float32)
        return tf.reduce_sum(counted * each) / tf.reduce_sum(counted)

    def update(x: Any, before: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(x, before, y)
        optimizer.apply(tape.gradient(value, model.trainable_variables))
        return value

    step = tf.function(update, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 3)
    x, y = (array[:1000] for array in held_out)
    for epoch in range(EPOCHS):
        start = time.process_time()
        losses = [float(step(a, shifted(b), b)) for a, b in batches(source, targets, BATCH, rng)]
        print(
            f"{kind} {seed} epoch {epoch + 1}: {np.mean(losses):.4f}, validation "
            f"{float(loss(x, shifted(y), y)):.4f}, {time.process_time() - start:.0f} CPU s",
            flush=True,
        )
    return network


def pack() -> None:
    """Join the weights of all networks to one file."""
    found = {}
    for path in sorted(FOLDER.glob("*.npz")):
        with np.load(path) as file:
            for place, array in file.items():
                found[f"{path.stem}_{int(place):02d}"] = array.astype(np.float16)
    np.savez_compressed(Path(__file__).with_name("letter_attention.npz"), **found)


if __name__ == "__main__":
    if sys.argv[1] == "pack":
        pack()
    else:
        trained = train(sys.argv[1], int(sys.argv[2]))
        FOLDER.mkdir(exist_ok=True)
        arrays = enumerate(trained.get_weights())
        weights: dict[str, Any] = {str(place): array for place, array in arrays}
        np.savez(FOLDER / f"{sys.argv[1]}_{sys.argv[2]}.npz", **weights)
