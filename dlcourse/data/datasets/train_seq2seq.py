"""Train the networks of week 6's chapter on sequence to sequence; run once, shipped.

    python dlcourse/data/datasets/train_seq2seq.py attention 1   # and 2
    python dlcourse/data/datasets/train_seq2seq.py context 1     # and 2
    python dlcourse/data/datasets/train_seq2seq.py pack

Each training takes minutes on one core and writes its weights into the folder
`seq2seq_weights` of the current one; `pack` joins them to seq2seq.npz here, as float16. The chapter
builds the same networks and loads the weights into them. "context" is the control: the encoder's
last state stands where attention would give a mixture of all states.

The settings keep the time short and were not tuned. The same seed gives nearly the same weights
again: the order of sums in TensorFlow depends on the processor.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers, ops

from dlcourse.data.pronunciations import (
    START,
    SYMBOLS,
    Words,
    letter_numbers,
    phoneme_numbers,
    pronunciations,
)

FOLDER = Path("seq2seq_weights")
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Setting:
    """How large a network is and how it is trained."""

    sources: int
    """Numbers of the source's vocabulary, with padding."""
    targets: int
    units: int
    width: int
    """Of the embeddings."""
    epochs: int
    rate: float
    batch: int = 256
    attend: bool = True


SETTINGS = {
    "attention": Setting(27, len(SYMBOLS), 96, 32, 3, 5e-3),
    "context": Setting(27, len(SYMBOLS), 96, 32, 3, 5e-3, attend=False),
}


def seq2seq(setting: Setting) -> tuple[keras.Model, keras.Model, keras.Model]:
    """Encoder, decoder, and both joined for training, with the weights in the chapter's order."""
    source = keras.Input((None,), dtype="int32")
    seen = ops.not_equal(source, 0)
    embedded = layers.Embedding(setting.sources, setting.width)(source)
    gru = layers.GRU(setting.units // 2, return_sequences=True, return_state=True)
    states, *ends = layers.Bidirectional(gru)(embedded, mask=seen)
    state = layers.Concatenate()(ends)
    states = ops.where(seen[..., None], states, 0.0)
    if not setting.attend:  # a mixture of two copies of the last state is the last state
        states = ops.stack([state, state], axis=1)
        seen = ops.ones_like(states[:, :, 0], dtype="bool")
    encoder = keras.Model(source, [state, states, seen])

    before = keras.Input((None,), dtype="int32")
    given = [
        keras.Input((setting.units,)),
        keras.Input((None, setting.units)),
        keras.Input((None,), dtype="bool"),
    ]
    embedded = layers.Embedding(setting.targets, setting.width)(before)
    gru = layers.GRU(setting.units, return_sequences=True, return_state=True)
    queries, after = gru(embedded, initial_state=given[0])
    context, weights = layers.Attention()(
        [queries, given[1]], mask=[None, given[2]], return_attention_scores=True
    )
    both = layers.Concatenate()([queries, context])
    hidden = layers.Dense(setting.units, activation="tanh")(both)
    logits = layers.Dense(setting.targets)(hidden)
    decoder = keras.Model([before, *given], [logits, after, weights])
    joined = keras.Model([source, before], decoder([before, *encoder(source)])[0])
    return encoder, decoder, joined


def shifted(targets: Numbers) -> Numbers:
    """The decoder's input: the start, then each target but the last."""
    start = np.full((len(targets), 1), START, np.int32)
    return np.concatenate([start, targets[:, :-1]], axis=1)


def batches(
    source: Numbers, targets: Numbers, size: int, rng: np.random.Generator
) -> Iterator[tuple[Numbers, Numbers]]:
    """Batches of sources of one length; targets are as long as the longest of them."""
    lengths = (source != 0).sum(axis=1)
    found = []
    for length in np.unique(lengths):
        rows = rng.permutation(np.flatnonzero(lengths == length))
        for begin in range(0, len(rows), size):
            chosen = rows[begin : begin + size]
            longest = (targets[chosen] != 0).sum(axis=1).max()
            found.append((source[chosen, :length], targets[chosen, :longest]))
    for place in rng.permutation(len(found)):
        yield found[place]


def train(name: str, seed: int, limit: int | None = None) -> keras.Model:
    """One network with new weights, trained."""
    setting = SETTINGS[name]
    keras.utils.set_random_seed(seed)
    *_, model = seq2seq(setting)
    fit(model, f"{name} {seed}", seed, setting.epochs, setting.rate, setting.batch, limit)
    return model


def fit(
    model: keras.Model,
    title: str,
    seed: int,
    epochs: int,
    rate: float,
    size: int,
    limit: int | None = None,
) -> None:
    """Train a network and say, after each epoch, the loss on a piece of the validation part.

    Args:
        model: letters (n, S) and symbols written so far (n, T) to logits (n, T, symbols).
        title: what is printed first.
        seed: of the order of the batches.
        epochs: how many.
        rate: at which learning begins; it falls to zero along a cosine.
        size: words in a batch.
        limit: how many words are trained on; None for all.
    """
    rng = np.random.default_rng(seed)
    source, targets, held_out = arrays()
    source, targets = source[:limit], targets[:limit]
    steps = epochs * sum(1 for _ in batches(source, targets, size, rng))
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    optimizer = keras.optimizers.Adam(schedule, clipnorm=1.0)
    optimizer.build(model.trainable_variables)

    def loss(x: Any, before: Any, y: Any) -> Any:
        logits = model([x, before], training=True)
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
        counted = tf.cast(y != 0, tf.float32)
        return tf.reduce_sum(counted * each) / tf.reduce_sum(counted)

    def update(x: Any, before: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(x, before, y)
        optimizer.apply(tape.gradient(value, model.trainable_variables))
        return value

    step = tf.function(update, input_signature=[tf.TensorSpec([None, None], tf.int32)] * 3)
    x, y = (array[:1000] for array in held_out)
    for epoch in range(epochs):
        start = time.process_time()
        losses = [float(step(a, shifted(b), b)) for a, b in batches(source, targets, size, rng)]
        print(
            f"{title} epoch {epoch + 1}: {np.mean(losses):.4f}, validation "
            f"{float(loss(x, shifted(y), y)):.4f}, {time.process_time() - start:.0f} CPU s",
            flush=True,
        )


def arrays() -> tuple[Numbers, Numbers, tuple[Numbers, Numbers]]:
    """Sources and targets to train, and a pair to validate."""
    words = pronunciations("cpu")
    source, targets = every_pronunciation(words.train)
    return source, targets, every_pronunciation(words.validation)


def every_pronunciation(words: Words) -> tuple[Numbers, Numbers]:
    """A row for each pronunciation that is listed."""
    rows = [(i, sounds) for i, listed in enumerate(words.pronunciations) for sounds in listed]
    letters = letter_numbers(words.spellings)
    return letters[[i for i, _ in rows]], phoneme_numbers([sounds for _, sounds in rows])


def save(weights: list[npt.NDArray[np.float32]], path: Path) -> None:
    """Write the weights of one network, by their places."""
    path.parent.mkdir(exist_ok=True)
    stored: dict[str, Any] = {str(place): array for place, array in enumerate(weights)}
    np.savez(path, **stored)


def pack(folder: Path, name: str) -> None:
    """Join the weights of all networks in a folder to one file here, as float16."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            for place, array in file.items():
                found[f"{path.stem}_{int(place):02d}"] = array.astype(np.float16)
    np.savez_compressed(Path(__file__).with_name(name), **found)


if __name__ == "__main__":
    if sys.argv[1] == "pack":
        pack(FOLDER, "seq2seq.npz")
    else:
        trained = train(sys.argv[1], int(sys.argv[2]))
        save(trained.get_weights(), FOLDER / f"{sys.argv[1]}_{sys.argv[2]}.npz")
