"""The network that week 12 ships: a classifier of emoji by category, trained once on one design.

dlcourse/data/datasets/train_serving_reference.py trained it, on Twitter's design alone. Google's
design of the same emoji is the shift that monitoring has to notice: the categories stay, the
drawings change. All chapters of the week begin with this network.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.compression.reference import accuracy
from dlcourse.data import files, manifest
from dlcourse.data.loaders import emoji

__all__ = [
    "CLASSES",
    "MAKERS",
    "accuracy",
    "embeddings",
    "network",
    "on_white",
    "seen",
    "trained",
    "unseen",
    "unseen_pictures",
]

CLASSES = (
    "Activities", "Animals & Nature", "Flags", "Food & Drink", "Objects", "People & Body",
    "Smileys & Emotion", "Symbols", "Travel & Places",
)  # fmt: skip
"""The nine categories, in the order of the logits."""
MAKERS = ("twitter", "google")
"""Whose designs there are: the network was trained on the first."""

SIDE = 32
FEATURES = 64
BATCH = 256
SPLIT_SEED = 12
UNSEEN_SHARE = 0.25
# "man-running" and "woman-running" differ in little more than the hair.
_WHO = re.compile(r"(?:^|[-_])(?:man|woman|men|women|male|female|person|boy|girl)s?(?=$|[-_])")

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def network(filters: tuple[int, ...] = (32, 48, 64, 64), hidden: int = FEATURES) -> Any:
    """Convolutions with batch normalization and pooling, then two dense layers.

    Takes images (n, 32, 32, 3), red, green and blue from 0 to 1 on white, and returns logits
    (n, 9). The dropout before the dense layers acts in training only.

    Args:
        filters: channels of the convolutions; each is followed by a pooling that halves the side.
        hidden: units of the first dense layer, whose outputs are the embedding.
    """
    import keras
    from keras import layers

    blocks: list[Any] = [keras.Input((SIDE, SIDE, 3), name="image")]
    for place, channels in enumerate(filters, start=1):
        blocks += [
            layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"conv_{place}"),
            layers.BatchNormalization(momentum=0.9, name=f"norm_{place}"),
            layers.ReLU(name=f"relu_{place}"),
            layers.MaxPooling2D(name=f"pool_{place}"),
        ]
    blocks += [
        layers.Flatten(name="flat"),
        layers.Dropout(0.3, name="dropout"),
        layers.Dense(hidden, activation="relu", name="embedding"),
        layers.Dense(len(CLASSES), name="logits"),
    ]
    return keras.Sequential(blocks, name="emoji_classifier")


def trained() -> Any:
    """A new copy of the trained network, float32, not compiled.

    Raises:
        DataError: if the file of weights is not the known one.
    """
    model = network()
    with np.load(files.locate(manifest.SERVING_REFERENCE), allow_pickle=False) as stored:
        model.set_weights([stored[key].astype(np.float32) for key in sorted(stored)])
    return model


def embeddings(images: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """What the trained network computes before its last layer: images (n, 32, 32, 3) to (n, 64).

    Raises:
        DataError: as `trained`.
        ValueError: if the images have another shape.
    """
    batch = np.asarray(images, dtype=np.float32)
    if batch.ndim != 4 or batch.shape[1:] != (SIDE, SIDE, 3):
        raise ValueError(f"embeddings needs images of shape (n, 32, 32, 3), got {batch.shape}.")
    rows = [np.empty((0, FEATURES), np.float32)]
    for start in range(0, len(batch), BATCH):
        rows.append(np.asarray(_extractor()(batch[start : start + BATCH], training=False)))
    return np.concatenate(rows)


def seen(maker: str = MAKERS[0]) -> tuple[Images, Labels]:
    """The emoji that the network was trained on, drawn by a maker: (1435, 32, 32, 3) and labels.

    Google's drawings of them were not trained on either, but Twitter's were.

    Raises:
        DataError: if the file of emoji is missing or is not the known one.
        ValueError: if the maker is none of `MAKERS`.
    """
    return _part(maker, unseen_ones=False)


def unseen(maker: str = MAKERS[0]) -> tuple[Images, Labels]:
    """The emoji that training has not seen, drawn by a maker: (471, 32, 32, 3) and labels.

    Row i is the same emoji for both makers. Images are red, green and blue from 0 to 1 on white;
    255 times a value is a whole number. Emoji that differ only in who is shown, as a man and a
    woman who run, stand on the same side of the split.

    Raises:
        DataError: if the file of emoji is missing or is not the known one.
        ValueError: if the maker is none of `MAKERS`.
    """
    return _part(maker, unseen_ones=True)


def unseen_pictures(maker: str = MAKERS[0]) -> npt.NDArray[np.uint8]:
    """The emoji of `unseen` as a client has them: (471, 32, 32, 4), 0 to 255, the last opacity.

    Raises:
        DataError: as `unseen`.
        ValueError: as `unseen`.
    """
    return _pictures(maker, unseen_ones=True)[0]


def on_white(pictures: npt.ArrayLike) -> Images:
    """What the network takes: pictures (n, 32, 32, 4) of bytes, laid on white, from 0 to 1.

    Colours are rounded to whole bytes before they are divided by 255.
    """
    pixels = np.asarray(pictures).astype(np.float32)
    opacity = pixels[..., 3:] / 255
    whole = np.rint(pixels[..., :3] * opacity + 255 * (1 - opacity))
    return (whole / 255).astype(np.float32)


def _part(maker: str, *, unseen_ones: bool) -> tuple[Images, Labels]:
    pictures, labels = _pictures(maker, unseen_ones=unseen_ones)
    return on_white(pictures), labels


def _pictures(maker: str, *, unseen_ones: bool) -> tuple[npt.NDArray[np.uint8], Labels]:
    if maker not in MAKERS:
        raise ValueError(f"The makers are {' and '.join(MAKERS)}, not {maker!r}.")
    loaded = emoji()
    rows = np.flatnonzero(_is_unseen(loaded.names) == unseen_ones)
    return (loaded.twitter if maker == "twitter" else loaded.google)[rows], loaded.labels[rows]


def _is_unseen(names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Which emoji are kept from training; all of a family are, or none."""
    families, family = np.unique([_WHO.sub("", name) for name in names], return_inverse=True)
    # RandomState: its stream is frozen for good, that of default_rng is not.
    order = np.random.RandomState(SPLIT_SEED).permutation(len(families))
    return np.isin(family, order[: int(UNSEEN_SHARE * len(families))])


@lru_cache(maxsize=1)
def _extractor() -> Any:
    import keras

    model = trained()
    return keras.Model(model.inputs[0], model.get_layer("embedding").output)
