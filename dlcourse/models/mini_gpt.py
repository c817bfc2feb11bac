"""A small transformer of the next character of Shakespeare's plays, with trained weights.

A decoder as in GPT-2 (Radford et al. 2019): causal attention and feed-forward networks with
normalization before each, here with rotary positions. Training takes minutes, so that chapters use
the weights that come with this package; dlcourse/data/datasets/train_mini_gpt.py made them.
Importing this module is cheap; Keras is imported when the network is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, softmax

from dlcourse.data import files, manifest
from dlcourse.data.plays import CHARACTERS
from dlcourse.models.rotation import rates

__all__ = [
    "BLOCKS", "CONTEXT", "HEADS", "LONGEST", "READ", "WIDTH", "Decoder", "drawn", "mini_gpt",
    "network", "sinusoidal_positions", "write",
]  # fmt: skip

BLOCKS, WIDTH, HEADS = 3, 96, 4

CONTEXT = 128
"""How many characters a position sees, itself included; also the length of the training rows."""

READ = 3_276_800
"""Characters that the trained network read, about as many as the training plays have."""

LONGEST = 512
"""Rows of a table of positions."""

EPSILON = 1e-5
"""Added to the variance in a normalization."""

Array = npt.NDArray[np.float32]
Chooser = Callable[[Array], npt.NDArray[np.floating[Any]]]

_NOTHING = (np.zeros(0, np.float32), np.zeros(0, np.float32))


def network(
    *,
    blocks: int = BLOCKS,
    width: int = WIDTH,
    heads: int = HEADS,
    context: int | None = CONTEXT,
    positions: str = "rotary",
    pre_norm: bool = True,
) -> Any:
    """The network with new weights: numbers of characters (n, t) to logits (n, t, 65) of the next.

    Layers: embedding; for each block b from 0 on b_norm_1, b_qkv, b_attention, b_project, b_norm_2,
    b_wide, b_narrow; norm; logits. All but b_attention have weights.

    Args:
        blocks: each adds the output of attention, then of a feed-forward network, to its input.
        width: length of a character's vector; 4 * width units in the feed-forward networks.
        heads: of attention; each has width / heads numbers, which must be even if rotary.
        context: how many characters a position sees, itself included; None for all before it. t
            may be longer.
        positions: "rotary"; "none"; or "sinusoidal" or "learned", tables of LONGEST rows that are
            added to the characters' vectors, t being at most LONGEST.
        pre_norm: normalize what enters attention and feed-forward networks, and what leaves the
            last block. If not, normalize after each sum, as Vaswani et al. 2017
            (https://arxiv.org/abs/1706.03762).

    Raises:
        ValueError: if there are no such positions.
    """
    import keras
    from keras import layers

    from dlcourse.models.self_attention import SelfAttention

    def normalized(x: Any, name: str) -> Any:
        return layers.LayerNormalization(epsilon=EPSILON, name=name)(x)

    inputs = keras.Input((None,), dtype="int32")
    x = layers.Embedding(len(CHARACTERS), width, name="embedding")(inputs)
    x = _with_positions(x, inputs, positions)
    for b in range(blocks):
        h = normalized(x, f"{b}_norm_1") if pre_norm else x
        h = layers.Dense(3 * width, name=f"{b}_qkv")(h)
        h = SelfAttention(heads, context, rotary=positions == "rotary", name=f"{b}_attention")(h)
        x = x + layers.Dense(width, name=f"{b}_project")(h)
        x = x if pre_norm else normalized(x, f"{b}_norm_1")
        h = normalized(x, f"{b}_norm_2") if pre_norm else x
        h = layers.Dense(4 * width, activation="gelu", name=f"{b}_wide")(h)
        x = x + layers.Dense(width, name=f"{b}_narrow")(h)
        x = x if pre_norm else normalized(x, f"{b}_norm_2")
    x = normalized(x, "norm") if pre_norm else x
    return keras.Model(inputs, layers.Dense(len(CHARACTERS), name="logits")(x), name="mini_gpt")


def sinusoidal_positions(places: int, width: int) -> Array:
    """The table of Vaswani et al. 2017: (places, width), sines in even columns, cosines in odd."""
    angles = np.arange(places)[:, np.newaxis] * rates(width // 2)
    table = np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(places, -1)
    return table[:, :width].astype(np.float32)


def _with_positions(x: Any, numbers: Any, positions: str) -> Any:
    """The characters' vectors, with a row of a table added where `positions` asks for it."""
    from keras import initializers, layers, ops

    if positions in ("rotary", "none"):
        return x
    if positions not in ("sinusoidal", "learned"):
        raise ValueError(
            f"network: positions are rotary, sinusoidal, learned or none, got {positions!r}."
        )
    width = x.shape[-1]
    table = layers.Embedding(LONGEST, width, name="positions")
    if positions == "sinusoidal":
        # As large as the characters' vectors begin, which are uniform from -0.05 to 0.05.
        values = 0.05 * np.sqrt(2 / 3) * sinusoidal_positions(LONGEST, width)
        table = layers.Embedding(
            LONGEST, width, embeddings_initializer=initializers.Constant(values),
            trainable=False, name="positions",
        )  # fmt: skip
    places = ops.cumsum(ops.ones_like(numbers), axis=1) - 1
    return x + table(places)


def mini_gpt() -> Any:
    """The trained network; see `network` for its layers.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    model = network()
    with np.load(files.locate(manifest.MINI_GPT), allow_pickle=False) as stored:
        model.set_weights([stored[f"arr_{place}"] for place in range(len(stored.files))])
    return model


def write(
    model: Any, prompts: npt.ArrayLike, choose: Chooser, length: int, *, seed: int = 0
) -> npt.NDArray[np.int64]:
    """Go on with each prompt, one character after the other.

    Args:
        model: what `network` or `mini_gpt` returns.
        prompts: (n, t) numbers of characters, t at least 1.
        choose: turns logits (n, 65) into the probabilities (n, 65) to draw from.
        length: how many characters are written for each prompt.
        seed: of the draws.

    Returns:
        (n, length) numbers of characters.
    """
    rng, decoder = np.random.default_rng(seed), Decoder(model)
    logits, written = decoder.read(prompts), []
    for place in range(length):
        written.append(drawn(choose(logits), rng))
        if place + 1 < length:
            logits = decoder.read(written[-1][:, np.newaxis])
    return np.stack(written, axis=1)


def drawn(
    probabilities: npt.NDArray[np.floating[Any]], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """A column for each row of probabilities (n, K), drawn with them: (n,)."""
    below = np.cumsum(probabilities, axis=1)
    # The last sum may be a little below 1.
    columns: npt.NDArray[np.int64] = np.argmax(
        below > rng.random((len(below), 1)) * below[:, -1:], axis=1
    )
    return columns


class Decoder:
    """The network in NumPy, with the keys and values of what it has read kept in a cache.

    What it reads goes on where the last call ended, so that one further character costs one
    position and not the whole text.
    """

    def __init__(self, model: Any) -> None:
        """Take the weights of a network with rotary positions and pre-norm; the cache is empty."""
        names = [layer.name for layer in model.layers if layer.weights]
        self._weights = {
            name: [np.asarray(w, np.float32) for w in model.get_layer(name).get_weights()]
            for name in names
        }
        attention = [layer for layer in model.layers if layer.name.endswith("_attention")]
        self.heads, self.window = attention[0].heads, attention[0].window
        self.read_so_far = 0
        """How many positions were read."""
        self.cache: list[tuple[Array, Array]] = [_NOTHING] * len(attention)
        """For each block the turned keys and the values, (n, heads, positions, size) each."""

    def forget(self) -> None:
        """Empty the cache: a new text begins."""
        self.read_so_far, self.cache = 0, [_NOTHING] * len(self.cache)

    def read(self, numbers: npt.ArrayLike) -> Array:
        """Read characters of each row, and predict the one that follows.

        Args:
            numbers: (n, t) of characters, t at least 1, n the same in all calls.

        Returns:
            (n, 65) logits of the next character.

        Raises:
            ValueError: if `numbers` has another shape.
        """
        given = np.asarray(numbers)
        if given.ndim != 2 or not given.size:
            raise ValueError(f"Decoder.read takes numbers (n, t), t >= 1, got {given.shape}.")
        x = self._weights["embedding"][0][given]
        for block in range(len(self.cache)):
            h = self._dense(f"{block}_qkv", self._normalized(f"{block}_norm_1", x))
            x = x + self._dense(f"{block}_project", self._attended(block, h))
            h = self._dense(f"{block}_wide", self._normalized(f"{block}_norm_2", x))
            x = x + self._dense(f"{block}_narrow", _gelu(h))
        self.read_so_far += given.shape[1]
        return self._dense("logits", self._normalized("norm", x[:, -1]))

    def _attended(self, block: int, qkv: Array) -> Array:
        """The heads' outputs for new positions, (n, t, width); their keys and values are kept."""
        n, t, _ = qkv.shape
        parts = qkv.reshape(n, t, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        positions = np.arange(self.read_so_far, self.read_so_far + t)
        queries, keys, values = _turned(parts[0], positions), _turned(parts[1], positions), parts[2]
        if self.read_so_far:
            before = self.cache[block]
            keys = np.concatenate([before[0], keys], axis=2)
            values = np.concatenate([before[1], values], axis=2)
        # The next query sees itself and window - 1 positions before it.
        kept = max(keys.shape[2] - self.window + 1, 0)
        self.cache[block] = keys[:, :, kept:], values[:, :, kept:]
        distance = np.arange(t)[:, np.newaxis] + keys.shape[2] - t - np.arange(keys.shape[2])
        seen = (distance >= 0) & (distance < self.window)
        scores = queries @ keys.swapaxes(2, 3) * np.float32(queries.shape[-1] ** -0.5)
        weights = softmax(np.where(seen, scores, np.float32(-1e9)), axis=-1)
        heads: Array = (weights @ values).transpose(0, 2, 1, 3).reshape(n, t, -1)
        return heads

    def _dense(self, name: str, x: Array) -> Array:
        kernel, bias = self._weights[name]
        product: Array = x @ kernel + bias
        return product

    def _normalized(self, name: str, x: Array) -> Array:
        gain, bias = self._weights[name]
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + np.float32(EPSILON))
        normalized: Array = centred / scale * gain + bias
        return normalized


def _gelu(x: Array) -> Array:
    """The exact form of Hendrycks and Gimpel 2016 (https://arxiv.org/abs/1606.08415)."""
    share: Array = ndtr(x) * x
    return share


def _turned(x: Array, positions: npt.NDArray[np.int64]) -> Array:
    """What dlcourse.models.self_attention.turned does, for x of (n, heads, t, size)."""
    half = x.shape[-1] // 2
    angles = positions[:, np.newaxis] * rates(half)
    cosine, sine = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    first, second = x[..., :half], x[..., half:]
    return np.concatenate([first * cosine - second * sine, first * sine + second * cosine], axis=-1)
