"""Measure the approaches that the page of the fourth project shows; run from the repository's root.

    python solutions/project04/measure_readers.py

Adds runs to dlcourse/data/datasets/reader_runs.json; a run that is there is not repeated. Each seed
draws the sentences that are learned from, the same for all approaches; only a bag of words
learns from all of them, for which every seed is the same and one is run. "adapters" is the solution
of the assignment, "whole block" the same network without adapters. About two minutes of one core.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops
from scipy.sparse import issparse, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from autograder.assignment.source import read_assignment, without_markers
from dlcourse.data.readers import readers
from dlcourse.models.minilm import UNITS, by_length, minilm_encoder, minilm_tokens
from dlcourse.models.reader_runs import PARTS, ReaderRun, keep, read

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/reader_runs.json"
SEEDS = range(5)
LENGTH, BLOCK = 18, 4
EPOCHS = {64: 4, 768: 3}
POOL = 1024
RATES = {"adapters": 4e-3, "whole block": 3e-4}
BAG = 3.0
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)

Array = npt.NDArray[Any]


def regression(x: Any, shares: Array, strength: float) -> LogisticRegression:
    """Logistic regression for shares: each row stands there once for each verdict."""
    rows = vstack([x] * 3) if issparse(x) else np.concatenate([x] * 3)
    verdicts = np.repeat(np.arange(3), len(shares))
    model = LogisticRegression(C=strength, max_iter=1000)
    return model.fit(rows, verdicts, sample_weight=shares.T.ravel())


def penalized(x: Array, shares: Array) -> LogisticRegression:
    """Regression on states, its strength chosen on the last fifth of what it may learn from."""
    part = len(x) * 4 // 5

    def cost(strength: float) -> float:
        p = regression(x[:part], shares[:part], strength).predict_proba(x[part:])
        return -float(np.sum(shares[part:] * np.log(p)))

    return regression(x, shares, min(STRENGTHS, key=cost))


def lower_states(texts: tuple[str, ...]) -> tuple[Array, Array]:
    """The states that the frozen blocks end with, (n, 18, 384), and the mask, (n, 18)."""
    ids, mask = minilm_tokens(texts, LENGTH)
    lower, states = minilm_encoder(last=BLOCK), np.zeros((*ids.shape, UNITS), np.float32)
    for rows, some, known in by_length(ids, mask, 64):
        states[rows, : some.shape[1]] = lower([some, known])
    return states, mask


def mean_states(states: Array, mask: Array) -> Array:
    """Over the tokens: (n, 384)."""
    mean: Array = np.einsum("ntd,nt->nd", states, mask) / mask.sum(axis=1, keepdims=True)
    return mean


def low_rank() -> Any:
    """The solution's layer."""
    answer = read_assignment(HERE / "project04.md").question("reader_network").answer
    assert answer is not None
    scope: dict[str, Any] = {"keras": keras, "layers": layers, "ops": ops}
    source = without_markers(answer.solution)
    begin = source.index("class LowRank")
    exec(source[begin : source.index("# The network")], scope)
    return scope["LowRank"]


def network(approach: str) -> Any:
    """The solution's network, with adapters or with the whole block to train."""
    wrap = low_rank() if approach == "adapters" else None
    block = minilm_encoder(first=BLOCK, last=BLOCK + 1, length=LENGTH, dropout=0.1, wrap=wrap)
    below, h = block.inputs[0], block.outputs[0]
    real = ops.cast(block.inputs[1], "float32")[:, :, None]
    count = ops.sum(real, axis=1)
    z = layers.Concatenate()([ops.sum(x * real, axis=1) / count for x in (h, below)])
    return keras.Model(block.inputs, layers.Dense(3)(layers.Dropout(0.1)(z)))


def fine_tuned(approach: str, seed: int, x: tuple[Array, Array], shares: Array) -> Any:
    """A trained network."""
    keras.utils.set_random_seed(100 + seed)
    model, epochs = network(approach), EPOCHS[len(shares)]
    steps = epochs * -(-len(shares) // 32)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - steps // 10, warmup_target=RATES[approach], warmup_steps=steps // 10
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(rate, global_clipnorm=1.0), loss, jit_compile=False)
    model.fit(x, shares, epochs=epochs, batch_size=32, verbose=0)
    return model


def stored(
    approach: str, labels: int, seed: int, trained: int, seconds: float, p: Array
) -> ReaderRun:
    """A run as it is kept."""
    parts = np.round(p * PARTS).astype(int)
    return ReaderRun(approach, labels, seed, trained, round(seconds, 1),
                     tuple(parts[:, 0].tolist()), tuple(parts[:, 2].tolist()))  # fmt: skip


def softmax(z: Array) -> Array:
    """(n, 3) logits to probabilities."""
    p: Array = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def main() -> None:
    """Train what is not yet there."""
    known = {(run.approach, run.labels, run.seed) for run in read(RUNS)}
    train, validation = readers("train"), readers("validation")
    states, mask = lower_states(train.texts[:POOL])
    held_out = lower_states(validation.texts)
    means, means_held_out = mean_states(states, mask), mean_states(*held_out)
    for seed in SEEDS:
        drawn, rest = np.random.default_rng(seed).permutation(POOL), np.arange(POOL, len(train))
        order = np.append(drawn, rest)
        for labels in (64, 768, len(train)):
            rows = order[:labels]
            shares = train.shares[rows]
            for approach in ("bag of words", "frozen", *RATES):
                everything = labels == len(train)
                if (approach, labels, seed) in known or (
                    everything and (approach != "bag of words" or seed)
                ):
                    continue
                begun = time.process_time()
                if approach == "bag of words":
                    bag = TfidfVectorizer(token_pattern=r"[a-z]+|[!?]")
                    head = regression(bag.fit_transform([train.texts[i] for i in rows]), shares,
                                      BAG)  # fmt: skip
                    trained = 3 * (len(bag.vocabulary_) + 1)
                    p = head.predict_proba(bag.transform(validation.texts))
                elif approach == "frozen":
                    head, trained = penalized(means[rows], shares), 3 * (UNITS + 1)
                    p = head.predict_proba(means_held_out)
                else:
                    model = fine_tuned(approach, seed, (states[rows], mask[rows]), shares)
                    trained = sum(int(np.size(w)) for w in model.trainable_weights)
                    p = softmax(model.predict(held_out, batch_size=256, verbose=0).astype(float))
                seconds = time.process_time() - begun
                keep(stored(approach, labels, seed, trained, seconds, p), RUNS)
        print(f"seed {seed}: done", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
