"""Train the chatbot of week 6's chapter on sequence to sequence; run once, shipped.

    python dlcourse/data/datasets/train_chatbot.py

The network is that of train_seq2seq.py beside it, with words for symbols. It is saved to
chatbot.npz here, as float16, after each epoch. Three things are done differently:

- the embeddings begin as the course's word vectors (their first principal components), and the
  biases of the logits as the logarithms of the words' frequencies;
- in one batch of ten the prompt is hidden (nothing but `END`), so that the same network also gives
  the probability of a reply whatever the prompt was;
- a batch has prompts of one length, and logits are computed for the words alone, not for padding.

The same seed gives nearly the same weights again: the order of sums in TensorFlow depends on the
processor.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import runpy
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from dlcourse.data.dialogues import END, Turns, Vocabulary, dialogues
from dlcourse.data.vectors import word_vectors
from dlcourse.models.seq2seq import CHATBOT

BATCH, EPOCHS, RATE, HIDDEN, SEED = 64, 3, 3e-3, 0.1, 1
Numbers = npt.NDArray[np.int32]
FILE = Path(__file__).with_name("chatbot.npz")


def batches(x: Numbers, y: Numbers, rng: np.random.Generator) -> Iterator[tuple[Numbers, Numbers]]:
    """Prompts of one length, with replies as long as the longest of the batch, in random order."""
    long, wide = (x != 0).sum(axis=1), (y != 0).sum(axis=1)
    found = []
    for length in np.unique(long):
        rows = rng.permutation(np.flatnonzero(long == length))
        for begin in range(0, len(rows), BATCH):
            chosen = rows[begin : begin + BATCH]
            found.append((x[chosen, :length], y[chosen, : wide[chosen].max()]))
    for place in rng.permutation(len(found)):
        yield found[place]


def hidden(x: Numbers) -> Numbers:
    """Prompts in which nothing stands but their end."""
    return np.full((len(x), 1), END, np.int32)


def embeddings(vocabulary: Vocabulary, width: int, rng: np.random.Generator) -> Any:
    """The first components of the course's word vectors; small random numbers for other words."""
    given = word_vectors()
    found = rng.normal(size=(len(vocabulary), width))
    scale = 1 / given.vectors[:, :width].std()
    for place, word in enumerate(vocabulary.words):
        if word in given.index:
            found[place] = found[place] * 0.3 + given.vectors[given.index[word], :width] * scale
    return found


def loss(encoder: keras.Model, body: keras.Model, last: Any, x: Any, before: Any, y: Any) -> Any:
    """Mean cross-entropy of the words, in nats; padding is left out."""
    counted = tf.not_equal(y, 0)
    logits = last(tf.boolean_mask(body([before, *encoder(x)]), counted))
    target = tf.boolean_mask(y, counted)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(target, logits))


def train() -> None:
    """Train; after each epoch say the loss a word on the validation part, and save."""
    keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    script = runpy.run_path(str(Path(__file__).with_name("train_seq2seq.py")))
    talk = dialogues("cpu")
    vocabulary = Vocabulary(talk.train.replies, CHATBOT.words)
    size = (CHATBOT.words, CHATBOT.words, CHATBOT.units, CHATBOT.width)
    encoder, decoder, model = script["seq2seq"](script["Setting"](*size, EPOCHS, RATE))
    for part in (encoder, decoder):
        layer = next(one for one in part.layers if isinstance(one, keras.layers.Embedding))
        layer.set_weights([embeddings(vocabulary, CHATBOT.width, rng)])

    def numbers(turns: Turns) -> tuple[Numbers, Numbers]:
        return vocabulary.encode(turns.prompts), vocabulary.encode(turns.replies)

    x, y = numbers(talk.train)
    last = decoder.layers[-1]
    counts = np.bincount(y[y != 0], minlength=CHATBOT.words) + 0.1
    last.set_weights([last.get_weights()[0], np.log(counts / counts.sum())])
    held_x, held_y = numbers(talk.validation)
    held = list(batches(held_x[:2000], held_y[:2000], rng))
    steps = EPOCHS * sum(1 for _ in batches(x, y, rng))
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(RATE, steps), clipnorm=1.0
    )
    optimizer.build(model.trainable_variables)

    body = keras.Model(decoder.inputs, last.input)

    def update(x: Any, before: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            value = loss(encoder, body, last, x, before, y)
        optimizer.apply(tape.gradient(value, model.trainable_variables))
        return value

    shape = [tf.TensorSpec([None, None], tf.int32)] * 3
    step = tf.function(update, input_signature=shape)
    measure = tf.function(lambda *given: loss(encoder, body, last, *given), input_signature=shape)
    shifted = script["shifted"]
    for epoch in range(EPOCHS):
        start, losses = time.process_time(), []
        for some_x, some_y in batches(x, y, rng):
            some_x = hidden(some_x) if rng.random() < HIDDEN else some_x
            losses.append(float(step(some_x, shifted(some_y), some_y)))
            if len(losses) % 50 == 0:
                print(f"{len(losses)}: {np.mean(losses[-50:]):.3f}", flush=True)
        for name, change in (("", np.array), ("hidden prompts, ", hidden)):
            found = [float(measure(change(a), shifted(b), b)) for a, b in held]
            value = np.average(found, weights=[(b != 0).sum() for _, b in held])
            print(f"{name}validation {value:.4f}", flush=True)
        print(f"epoch {epoch + 1}: {np.mean(losses):.4f}, {time.process_time() - start:.0f} CPU s")
        save(model)


def save(model: keras.Model) -> None:
    """Write the weights, in the order of `Model.get_weights`, as float16."""
    arrays = {f"{i:02d}": a.astype(np.float16) for i, a in enumerate(model.get_weights())}
    np.savez_compressed(FILE, **arrays)


if __name__ == "__main__":
    train()
    sys.exit()
