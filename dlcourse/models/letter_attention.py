"""Networks from letters to phonemes that differ in one thing: how attention scores a state.

Encoder, decoder and output are as in week 6, with fewer units; the kind "dot" scores as there. The
kinds "scaled" and "additive" project queries and keys by trained matrices of the same shapes, and
score by a scaled dot product or by a small network. train_letter_attention.py in
dlcourse/data/datasets trained them, for one epoch each. Importing this module is cheap; Keras is
imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import manifest
from dlcourse.data.pronunciations import LONGEST, PADDING, START, SYMBOLS
from dlcourse.models.seq2seq import shipped_weights

__all__ = ["KINDS", "SEEDS", "UNITS", "Pronouncer", "pronouncer", "shifted", "trained_pronouncer"]

KINDS = ("dot", "scaled", "additive")
SEEDS = (1, 2)
"""Every kind was trained with each of them."""
UNITS, WIDTH = 64, 32
_LETTERS = 27

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]
Attend = Callable[[Any, Any, Any], tuple[Any, Any]]
"""Queries (n, T, u), states (n, S, u) and which states are letters (n, S), to contexts (n, T, u)
and weights (n, T, S)."""


@dataclass(frozen=True)
class Pronouncer:
    """A network in four parts, each a Keras model, and the whole of them.

    Attributes:
        kind: one of `KINDS`.
        encoder: letters (n, S) to the last state (n, u), states (n, S, u), and whether they are
            letters (n, S).
        decoder: symbols written so far (n, T) and a state (n, u) to queries (n, T, u) and the state
            after them (n, u).
        attention: queries, states, and whether they are letters, to contexts and weights.
        output: queries and contexts to logits (n, T, 42).
        whole: letters and symbols written so far to logits.
    """

    kind: str
    encoder: Any
    decoder: Any
    attention: Any
    output: Any
    whole: Any

    @property
    def parts(self) -> tuple[Any, ...]:
        """The four parts, in the order of their weights."""
        return self.encoder, self.decoder, self.attention, self.output

    def get_weights(self) -> list[Floats]:
        """All weights, part after part."""
        return [array for part in self.parts for array in part.get_weights()]

    def set_weights(self, weights: list[Floats]) -> None:
        """Set what `get_weights` returns."""
        left = list(weights)
        for part in self.parts:
            count = len(part.get_weights())
            part.set_weights(left[:count])
            del left[:count]

    def projections(self) -> list[Floats]:
        """Parameters of the score: W and U (u, u), and for "additive" v (u); none for "dot"."""
        return [np.asarray(array) for array in self.attention.get_weights()]

    def states(self, source: Numbers, before: Numbers) -> tuple[Floats, Floats, Any]:
        """Queries (n, T, u), states (n, S, u), and whether they are letters (n, S), as arrays."""
        state, H, seen = (np.array(each) for each in self.encoder(source))
        S, _ = self.decoder([before, state])
        return np.array(S), H, seen

    def write(
        self, source: Numbers, attend: Attend | None = None, steps: int = LONGEST + 1
    ) -> tuple[Numbers, Floats]:
        """Write the most probable symbol step by step.

        Args:
            source: (n, S) numbers of letters.
            attend: used instead of the network's own attention.
            steps: symbols to write.

        Returns:
            Symbols (n, steps), and the weights of attention at each step (n, steps, S).
        """
        attend = attend or (lambda *given: self.attention(list(given)))
        state, H, seen = (np.array(each) for each in self.encoder(source))
        symbol, written, looked = np.full((len(source), 1), START, np.int32), [], []
        for _ in range(steps):
            S, state = (np.array(each) for each in self.decoder([symbol, state]))
            context, A = attend(S, H, seen)
            logits = np.array(self.output([S, np.array(context)]))
            symbol = logits.argmax(axis=-1).astype(np.int32)
            written.append(symbol)
            looked.append(np.array(A))
        return np.concatenate(written, axis=1), np.concatenate(looked, axis=1)


def shifted(targets: Numbers) -> Numbers:
    """The decoder's input in training: START, then each target but the last. (n, T) to (n, T)."""
    start = np.full((len(targets), 1), START, np.int32)
    return np.concatenate([start, targets[:, :-1]], axis=1)


def trained_pronouncer(kind: str, seed: int) -> Pronouncer:
    """A network with the weights that come with the course.

    Args:
        kind: one of `KINDS`.
        seed: one of `SEEDS`.

    Raises:
        KeyError: if no such network comes with the course.
        DataError: if the file of weights is not the known one.
    """
    network = pronouncer(kind)
    network.set_weights(shipped_weights(kind, seed, manifest.LETTER_ATTENTION))
    return network


def pronouncer(kind: str) -> Pronouncer:
    """A network with new weights.

    Raises:
        KeyError: if `kind` is not one of `KINDS`.
    """
    import keras

    if kind not in KINDS:
        raise KeyError(f"there is no kind of attention {kind!r} here; there are {KINDS}.")
    parts = _encoder(), _decoder(), _attention(kind), _output()
    encoder, decoder, attention, output = parts
    source, before = (keras.Input((None,), dtype="int32") for _ in range(2))
    state, H, seen = encoder(source)
    S, _ = decoder([before, state])
    context, _ = attention([S, H, seen])
    whole = keras.Model([source, before], output([S, context]))
    return Pronouncer(kind, *parts, whole)


def _encoder() -> Any:
    import keras
    from keras import layers, ops

    source = keras.Input((None,), dtype="int32")
    seen = ops.not_equal(source, PADDING)
    gru = layers.GRU(UNITS // 2, return_sequences=True, return_state=True)
    embedded = layers.Embedding(_LETTERS, WIDTH)(source)
    H, *ends = layers.Bidirectional(gru)(embedded, mask=seen)
    H = ops.where(seen[..., None], H, 0.0)
    return keras.Model(source, [layers.Concatenate()(ends), H, seen], name="encoder")


def _decoder() -> Any:
    import keras
    from keras import layers

    before, state = keras.Input((None,), dtype="int32"), keras.Input((UNITS,))
    gru = layers.GRU(UNITS, return_sequences=True, return_state=True)
    S, after = gru(layers.Embedding(len(SYMBOLS), WIDTH)(before), initial_state=state)
    return keras.Model([before, state], [S, after], name="decoder")


def _attention(kind: str) -> Any:
    import keras
    from keras import layers

    S, H = (keras.Input((None, UNITS)) for _ in range(2))
    seen = keras.Input((None,), dtype="bool")
    query, key, layer = S, H, layers.Attention()
    if kind != "dot":
        query, key = (
            layers.Dense(UNITS, use_bias=False, name=name)(states)
            for name, states in (("query", S), ("key", H))
        )
    if kind == "additive":
        layer = layers.AdditiveAttention()
    if kind == "scaled":
        query = query / UNITS**0.5
    found = layer([query, H, key], mask=[None, seen], return_attention_scores=True)
    return keras.Model([S, H, seen], found, name="attention")


def _output() -> Any:
    import keras
    from keras import layers

    S, context = (keras.Input((None, UNITS)) for _ in range(2))
    hidden = layers.Dense(UNITS, activation="tanh")(layers.Concatenate()([S, context]))
    return keras.Model([S, context], layers.Dense(len(SYMBOLS))(hidden), name="output")
