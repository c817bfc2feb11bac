"""Emoji stuck onto photographs like stickers: the pictures of the first project.

A cut-out is a picture of one emoji with opacity, in Twitter's or Google's design. A sticker is a
cut-out that was turned, made smaller and moved at random, and lies on a crop of a photograph. The
three splits share neither a family of emoji nor a part of a photograph. A family holds what
differs in little but the person shown or in what a name counts: a man and a woman who run, the
clock at one and at half past one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.data import loaders, scenes

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["CATEGORIES", "SIDE", "SPLITS", "CutOuts", "backgrounds", "cut_outs", "stuck"]

SPLITS = scenes.SPLITS
SIDE = 32
CATEGORIES = (
    "Activities", "Animals & Nature", "Flags", "Food & Drink", "Objects", "People & Body",
    "Smileys & Emotion", "Symbols", "Travel & Places",
)  # fmt: skip
"""The nine categories, in the order of the labels."""

_SHARES = (0.6, 0.15)  # of the families of each category: to train and to validate
_SPLIT_SEED = 7
_CROPS = 500  # so many crops of photographs lie behind one call's stickers

# Words that tell who is shown, how many, or which way: two names that agree without them are of
# one family.
_WORDS = re.compile(
    r"man|woman|men|women|male|female|person|people|adult|boy|girl|child|two|and|in|mx|mans|womans|"
    r"facing|right|left|older|blond|haired|curly|red|white|bald|black|blue|green|yellow|orange|"
    r"purple|brown|pink|light|grey|large|small|medium|heart|kiss|couple\w*|\d+|clock\d+|u[0-9a-f]+"
)

Pictures = npt.NDArray[np.uint8]
Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CutOuts:
    """n pictures of emoji with opacity; each emoji is there twice, once in each design."""

    pictures: Pictures
    """(n, 32, 32, 4) red, green, blue, opacity, 0 to 255; colours not multiplied by opacity."""
    labels: Labels
    """(n,) index into `CATEGORIES`."""
    families: Labels
    """(n,) a number for each family; both designs of an emoji have the same."""
    names: tuple[str, ...]
    """n short names such as "octopus"."""
    designs: tuple[str, ...]
    """n times "twitter" or "google"."""

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.labels)


def cut_outs(split: str = "train") -> CutOuts:
    """The cut-outs of a split, first all in Twitter's design, then the same emoji in Google's.

    Both tiers have the same.

    Raises:
        DataError: if the file of emoji is missing or is not the known one.
        ValueError: if the split is none of `SPLITS`.
    """
    _known(split)
    loaded = loaders.emoji()
    family, part = _families()
    rows = np.flatnonzero(part == SPLITS.index(split))
    names = tuple(loaded.names[row] for row in rows)
    return CutOuts(
        np.concatenate([loaded.twitter[rows], loaded.google[rows]]),
        np.tile(loaded.labels[rows], 2),
        np.tile(family[rows], 2),
        names * 2,
        ("twitter",) * len(rows) + ("google",) * len(rows),
    )


def backgrounds(count: int, rng: np.random.Generator, split: str = "train") -> Images:
    """Crops of photographs, (count, 32, 32, 3), red, green and blue from 0 to 1.

    Args:
        count: number of crops.
        rng: draws them.
        split: which part of the photographs.

    Raises:
        ValueError: if the split is none of `SPLITS`.
    """
    return scenes.compose(count, rng, _known(split), size=SIDE, objects=(0, 0)).images


def stuck(
    pictures: Pictures,
    rng: np.random.Generator,
    split: str = "train",
    *,
    degrees: float = 20.0,
    sides: tuple[float, float] = (22.0, 32.0),
) -> Images:
    """Stickers: each cut-out turned, made smaller and moved at random, on a crop of a photograph.

    Args:
        pictures: (n, 32, 32, 4) cut-outs.
        rng: draws everything that is random; the same state gives the same stickers.
        split: which part of the photographs lies behind.
        degrees: greatest turn, to either side.
        sides: least and greatest side of the cut-out's square, in pixels; it lies wholly in the
            picture unless it is turned.

    Returns:
        (n, 32, 32, 3) red, green and blue from 0 to 1, darkened or brightened by up to a quarter.

    Raises:
        ValueError: if the split is none of `SPLITS`, or the pictures have another shape.
    """
    pixels = np.asarray(pictures)
    if pixels.ndim != 4 or pixels.shape[1:] != (SIDE, SIDE, 4):
        raise ValueError(f"stuck needs pictures of shape (n, 32, 32, 4), got {pixels.shape}.")
    count = len(pixels)
    behind = backgrounds(min(count, _CROPS), rng, split)
    turn, side, across, down, light, which = rng.uniform(0.0, 1.0, (6, count))
    behind = behind[(which * len(behind)).astype(int)]
    turn = np.deg2rad(degrees) * (2.0 * turn - 1.0)
    side = sides[0] + (sides[1] - sides[0]) * side
    mattes = np.empty((count, SIDE, SIDE, 4), np.float32)
    for place, (picture, angle, s, x, y) in enumerate(
        zip(_premultiplied(pixels), turn, side, across, down, strict=True)
    ):
        mattes[place] = _moved(
            picture, angle, SIDE / s, (x - 0.5) * (SIDE - s), (y - 0.5) * (SIDE - s)
        )
    mattes /= 255.0
    images = mattes[..., :3] + (1.0 - mattes[..., 3:]) * behind
    lit = images * (0.75 + 0.5 * light[:, None, None, None])
    made: Images = np.clip(lit, 0.0, 1.0).astype(np.float32)
    return made


def _premultiplied(pixels: Pictures) -> list[Picture]:
    """Cut-outs whose colours are multiplied by opacity, so that edges are mixed rightly."""
    from PIL import Image

    colours = np.rint(pixels[..., :3] * (pixels[..., 3:] / np.float32(255)))
    whole = np.concatenate([colours.astype(np.uint8), pixels[..., 3:]], axis=-1)
    return [Image.frombytes("RGBa", (SIDE, SIDE), picture.tobytes()) for picture in whole]


def _moved(picture: Picture, angle: float, shrink: float, x: float, y: float) -> Pictures:
    """A cut-out turned about its centre, shrunk and moved: (32, 32, 4)."""
    from PIL import Image

    # PIL asks where a pixel of the result comes from.
    cos, sin = shrink * np.cos(angle), shrink * np.sin(angle)
    half = SIDE / 2
    place = (cos, sin, half - cos * (half + x) - sin * (half + y),
             -sin, cos, half + sin * (half + x) - cos * (half + y))  # fmt: skip
    moved = picture.transform(
        (SIDE, SIDE), Image.Transform.AFFINE, place, Image.Resampling.BILINEAR
    )
    return np.asarray(moved)


def _known(split: str) -> str:
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}.")
    return split


@lru_cache(maxsize=1)
def _families() -> tuple[Labels, Labels]:
    """Of each emoji its family and its split, as numbers."""
    loaded = loaders.emoji()
    keys = [
        f"{label} {_stem(name)}" for label, name in zip(loaded.labels, loaded.names, strict=True)
    ]
    found, family = np.unique(keys, return_inverse=True)
    label_of = np.array([int(key.split()[0]) for key in found])
    part = np.empty(len(found), np.int64)
    # RandomState: its stream is frozen for good, that of default_rng is not.
    draws = np.random.RandomState(_SPLIT_SEED)
    for label in range(len(CATEGORIES)):
        ours = draws.permutation(np.flatnonzero(label_of == label))
        ends = np.round(np.cumsum(_SHARES) * len(ours)).astype(int)
        for index, some in enumerate(np.split(ours, ends)):
            part[some] = index
    return family.astype(np.int64), part[family]


def _stem(name: str) -> str:
    words = [word for word in re.split(r"[-_]", name) if not _WORDS.fullmatch(word)]
    return "-".join(words) or "persons"
