"""A model of the next character of Shakespeare's plays, with trained weights.

Training takes half an hour on one core, so that chapters use the weights that come with this
package; dlcourse/data/datasets/train_plays_gru.py made them. Importing this module is cheap; Keras
is imported when the network is built.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.data import files, manifest
from dlcourse.data.plays import CHARACTERS

__all__ = ["network", "plays_gru"]


def plays_gru(*, rows: int | None = None) -> Any:
    """The trained network: numbers of characters (n, t) to logits (n, t, 65) of the next ones.

    Its layers are called embedding, gru and logits.

    Args:
        rows: for a stateful network, how many rows a batch has; None for one that begins each row
            from a state of zeros.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    model = network(rows=rows)
    with np.load(files.locate(manifest.PLAYS_GRU), allow_pickle=False) as stored:
        model.set_weights([stored[f"arr_{place}"] for place in range(len(stored.files))])
    return model


def network(
    *, units: int = 256, features: int = 32, rows: int | None = None, steps: int | None = None
) -> Any:
    """The network with new weights: an embedding, a GRU, and a dense layer to the logits.

    Args:
        units: of the GRU.
        features: length of a character's vector.
        rows: for a stateful network, how many rows a batch has; None for one without a state that
            lasts.
        steps: characters in a row; None for any number.
    """
    import keras
    from keras import layers

    inputs = keras.Input(batch_shape=(rows, steps), dtype="int32")
    h = layers.Embedding(len(CHARACTERS), features, name="embedding")(inputs)
    # cuDNN's kernels cannot be compiled with XLA, as training does.
    h = layers.GRU(
        units, return_sequences=True, stateful=rows is not None, use_cudnn=False, name="gru"
    )(h)
    return keras.Model(inputs, layers.Dense(len(CHARACTERS), name="logits")(h))
