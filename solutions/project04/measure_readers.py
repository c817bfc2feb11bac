"""Measure the approaches that the page of the fourth project shows; run from the repository's root.

    python solutions/project04/measure_readers.py

Adds runs to dlcourse/data/datasets/reader_runs.json; a run that is there is not repeated. Each seed
draws the sentences that are learned from, the same for all approaches; only a bag of words
learns from all of them, for which every seed is the same and one is run. The programs are those of
the assignment, the solution and two of the weak ones; "whole block" is the solution's network
without adapters. About three minutes of one core.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops
from scipy.sparse import vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from autograder.assignment.source import read_assignment
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse import train
from dlcourse.data.readers import Readers, readers
from dlcourse.models.minilm import UNITS, by_length, minilm_encoder, minilm_tokens
from dlcourse.models.reader_runs import PARTS, ReaderRun
from dlcourse.models.stored_runs import keep, read

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/reader_runs.json"
ASSIGNMENT = read_assignment(HERE / "project04.md")
PROGRAMS = next(t.programs for t in targets(ASSIGNMENT) if t.threshold == "skill_third")
BAG = "counts-words-of-all-sentences"
ADAPTERS = {64: "sees-64-sentences", 1024: SOLUTION}
WHOLE_RATE = "warmup_target=3e-4"
SEEDS = range(5)
LENGTH, BLOCK = 18, 4
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)

Array = npt.NDArray[Any]


def lower_states(texts: tuple[str, ...]) -> tuple[Array, Array]:
    """The states that the frozen blocks end with, (n, 18, 384), and the mask, (n, 18)."""
    ids, mask = minilm_tokens(texts, LENGTH)
    lower, states = minilm_encoder(last=BLOCK), np.zeros((*ids.shape, UNITS), np.float32)
    for rows, some, known in by_length(ids, mask, 64):
        states[rows, : some.shape[1]] = lower([some, known])
    return states, mask


class Looked:
    """The states of known sentences, which need not be computed again for each run."""

    def __init__(self, *splits: Readers) -> None:
        texts = [text for some in splits for text in some.texts]
        self.states, self.mask = lower_states(tuple(texts))
        self.place = {text: i for i, text in enumerate(texts)}

    def __call__(self, texts: tuple[str, ...]) -> tuple[Array, Array]:
        """States and mask of n texts."""
        rows = [self.place[text] for text in texts]
        return self.states[rows], self.mask[rows]

    def means(self, texts: tuple[str, ...]) -> Array:
        """Of each text the mean state over its tokens: (n, 384)."""
        states, mask = self(texts)
        found: Array = np.einsum("ntd,nt->nd", states, mask) / mask.sum(axis=1, keepdims=True)
        return found


def regression(x: Array, shares: Array, strength: float) -> LogisticRegression:
    """Logistic regression for shares: each row stands there once for each verdict."""
    model = LogisticRegression(C=strength, max_iter=1000)
    verdicts = np.repeat(np.arange(3), len(shares))
    return model.fit(np.concatenate([x] * 3), verdicts, sample_weight=shares.T.ravel())


def penalized(x: Array, shares: Array) -> LogisticRegression:
    """Regression on states, its strength chosen on the last fifth of what it may learn from."""
    part = len(x) * 4 // 5

    def cost(strength: float) -> float:
        p = regression(x[:part], shares[:part], strength).predict_proba(x[part:])
        return -float(np.sum(shares[part:] * np.log(p)))

    return regression(x, shares, min(STRENGTHS, key=cost))


def bag_of_words(given: Readers, texts: tuple[str, ...]) -> tuple[int, Array]:
    """Trained parameters, and the probabilities of texts: the baseline's with other sentences."""
    bag = TfidfVectorizer(token_pattern=r"[a-z]+|[!?]")
    scope: dict[str, Any] = {"np": np, "vstack": vstack, "given": given, "bag": bag,
                             "baseline": LogisticRegression(C=3.0, max_iter=1000)}  # fmt: skip
    exec(PROGRAMS[BAG], scope)
    return 3 * (len(bag.vocabulary_) + 1), scope["reader_shares"](texts)


def fine_tuned(whole: bool, seed: int, given: Readers, looked: Looked) -> tuple[Any, int]:
    """A trained program's `reader_shares`, and how many parameters it trained."""
    source = re.sub(r"set_random_seed\(\d+\)", f"set_random_seed({100 + seed})",
                    PROGRAMS[ADAPTERS[len(given)]])  # fmt: skip
    if whole:
        assert ", wrap=LowRank" in source
        source = source.replace(", wrap=LowRank", "")
        source, found = re.subn(r"warmup_target=\S+(?=,)", WHOLE_RATE, source)
        assert found == 1
    scope: dict[str, Any] = {
        "np": np, "keras": keras, "layers": layers, "ops": ops, "train": train, "LENGTH": LENGTH,
        "minilm_encoder": minilm_encoder, "given": given, "lower_states": looked,
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        exec(source, scope)
    trained = sum(int(np.size(w)) for w in scope["reader_model"].trainable_weights)
    return scope["reader_shares"], trained


def measured(approach: str, given: Readers, seed: int, looked: Looked) -> ReaderRun:
    """Train an approach and ask it about the validation sentences."""
    texts, begun = readers("validation").texts, time.process_time()
    if approach == "bag of words":
        trained, p = bag_of_words(given, texts)
    elif approach == "frozen":
        head, trained = penalized(looked.means(given.texts), given.shares), 3 * (UNITS + 1)
        p = head.predict_proba(looked.means(texts))
    else:
        shares_of, trained = fine_tuned(approach == "whole block", seed, given, looked)
        p = shares_of(texts)
    seconds, parts = time.process_time() - begun, np.round(p * PARTS).astype(int)
    return ReaderRun(approach, len(given), seed, trained, round(seconds, 1),
                     tuple(parts[:, 0].tolist()), tuple(parts[:, 2].tolist()))  # fmt: skip


def drawn(seed: int, labels: int) -> Readers:
    """The sentences of a run, drawn from those of training."""
    some = readers("train")
    rows = np.random.default_rng(seed).permutation(len(some))[:labels]
    return replace(some, texts=tuple(some.texts[i] for i in rows), shares=some.shares[rows],
                   counts=some.counts[rows])  # fmt: skip


def main() -> None:
    """Train what is not yet there."""
    known = {(run.approach, run.labels, run.seed) for run in read(RUNS, ReaderRun)}
    looked = Looked(readers("train"), readers("validation"))
    everything = len(readers("train"))
    wanted = [(approach, labels, seed) for seed in SEEDS for labels in ADAPTERS
              for approach in ("bag of words", "frozen", "adapters", "whole block")]  # fmt: skip
    for approach, labels, seed in [*wanted, ("bag of words", everything, 0)]:
        if (approach, labels, seed) not in known:
            keep(measured(approach, drawn(seed, labels), seed, looked), RUNS)
            print(approach, labels, seed, "done", flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
