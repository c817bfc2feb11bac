"""Small scenes with known objects: emoji pasted onto crops of photographs.

Every object's box and every pixel's class are exact, because the scene was composed from them. The
three splits share neither an emoji nor a part of a photograph, so that a detector that does well on
another split has learned what the objects look like and not which ones there are.

Boxes are rows (left, top, right, bottom) in pixels, measured between pixels: the box of the single
pixel in column 3 and row 5 is (3, 5, 4, 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, loaders, manifest

__all__ = ["CLASSES", "SPLITS", "Scenes", "compose"]

CLASSES = ("animal", "face", "flag")
SPLITS = ("train", "validation", "test")

# For each class its category and the last emoji of it that counts, in the Unicode listing's order:
# behind the animals come plants, behind the faces monkeys, hearts and bubbles.
_LISTS = (
    ("Animals & Nature", "microbe"),
    ("Smileys & Emotion", "pouting_cat"),
    ("Flags", "flag-wales"),
)
_SHARES = (0.6, 0.2, 0.2)
_SPLIT_SEED = 4
_OPAQUE = 0.5  # a pixel belongs to an object from this opacity on
_ATTEMPTS = 50

Image = npt.NDArray[np.float32]
Boxes = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scenes:
    """n images with all that is in them."""

    images: Image
    """(n, size, size, 3) red, green, blue from 0 to 1."""
    boxes: tuple[Boxes, ...]
    """For each image (m, 4): left, top, right, bottom of its m objects, in pixels."""
    labels: tuple[Labels, ...]
    """For each image (m,): the objects' classes, indices into `CLASSES`."""
    instances: npt.NDArray[np.uint8]
    """(n, size, size): 0 where the background is seen, i + 1 where object i is."""

    def __len__(self) -> int:
        """The number of images."""
        return len(self.images)

    @property
    def masks(self) -> npt.NDArray[np.uint8]:
        """(n, size, size): the class of each pixel; 0 is background, c + 1 is class c."""
        classes = np.zeros((len(self), int(self.instances.max(initial=0)) + 1), np.uint8)
        for row, labels in zip(classes, self.labels, strict=True):
            row[1 : len(labels) + 1] = labels + 1
        which = np.arange(len(self))[:, None, None]
        found: npt.NDArray[np.uint8] = classes[which, self.instances]
        return found


def compose(
    count: int,
    rng: np.random.Generator,
    split: str = "train",
    *,
    size: int = 64,
    objects: tuple[int, int] = (1, 3),
    sides: tuple[int, int] = (14, 32),
    most_overlap: float = 0.2,
) -> Scenes:
    """Compose scenes of `size` x `size` pixels.

    Each has emoji of `CLASSES`, all classes equally often, in either design. A later object covers
    an earlier one; its box is that of the whole object, covered or not.

    Args:
        count: number of scenes.
        rng: draws everything that is random; the same state gives the same scenes.
        split: which emoji and which part of the photographs, one of `SPLITS`.
        size: height and width in pixels, at most 128: more does not fit into a split's part.
        objects: least and greatest number of objects.
        sides: least and greatest side of an emoji's square in pixels; its box is smaller where the
            emoji does not fill its square.
        most_overlap: greatest share of the smaller box that another box may cover. An object that
            finds no place is left out.

    Raises:
        ValueError: if the split is none of `SPLITS`, or a size cannot be had.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}.")
    if not sides[1] <= size <= 128 or not 1 <= sides[0] <= sides[1]:
        raise ValueError(
            f"Sizes must satisfy 1 <= sides <= size <= 128, got sides={sides} and size={size}."
        )
    made = [
        _one_scene(rng, split, size, int(rng.integers(objects[0], objects[1] + 1)), sides,
                   most_overlap)
        for _ in range(count)
    ]  # fmt: skip
    return Scenes(
        np.stack([scene[0] for scene in made]) if made else np.zeros((0, size, size, 3), "f4"),
        tuple(scene[1] for scene in made),
        tuple(scene[2] for scene in made),
        np.stack([scene[3] for scene in made]) if made else np.zeros((0, size, size), "u1"),
    )


def _one_scene(
    rng: np.random.Generator,
    split: str,
    size: int,
    wanted: int,
    sides: tuple[int, int],
    most_overlap: float,
) -> tuple[Image, Boxes, Labels, npt.NDArray[np.uint8]]:
    image = _background(rng, split, size)
    instances = np.zeros((size, size), np.uint8)
    boxes = np.zeros((0, 4), np.float32)
    labels: list[int] = []
    for _ in range(wanted):
        label = int(rng.integers(len(CLASSES)))
        matte = _matte(rng, split, label, int(rng.integers(sides[0], sides[1] + 1)))
        place = _free_place(rng, matte, boxes, size, most_overlap)
        if place is None:
            continue
        left, top, box = place
        here = np.s_[top : top + len(matte), left : left + len(matte)]
        opacity = matte[..., 3:]
        image[here] = (1.0 - opacity) * image[here] + opacity * matte[..., :3]
        labels.append(label)
        instances[here][matte[..., 3] >= _OPAQUE] = len(labels)
        boxes = np.concatenate([boxes, box[None]])
    return image, boxes, np.array(labels, np.int64), instances


def _free_place(
    rng: np.random.Generator, matte: Image, boxes: Boxes, size: int, most_overlap: float
) -> tuple[int, int, Boxes] | None:
    """Left and top of the matte's square, and the object's box, where it covers others little."""
    rows, columns = np.nonzero(matte[..., 3] >= _OPAQUE)
    within = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
    for _ in range(_ATTEMPTS):
        left, top = rng.integers(0, size - len(matte) + 1, 2)
        box = within + np.array([left, top, left, top], np.float32)
        if (_overlap(box, boxes) <= most_overlap).all():
            return int(left), int(top), box
    return None


def _overlap(box: Boxes, others: Boxes) -> npt.NDArray[np.float32]:
    """The common area of a box with each of the others, as a share of the smaller of the two."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1)
    smaller = np.minimum(areas, np.prod(box[2:] - box[:2]))
    share: npt.NDArray[np.float32] = np.prod(np.maximum(sides, 0.0), axis=1) / smaller
    return share


def _background(rng: np.random.Generator, split: str, size: int) -> Image:
    """A square crop of the split's part of a photograph, shrunk to `size`, in either direction."""
    from PIL import Image as Picture

    parts = _photograph_parts(split)
    part = parts[int(rng.integers(len(parts)))]
    side = int(rng.integers(size, max(size, min(part.shape[:2])) + 1))
    top = int(rng.integers(part.shape[0] - side + 1))
    left = int(rng.integers(part.shape[1] - side + 1))
    crop = Picture.fromarray(part[top : top + side, left : left + side])
    pixels = np.asarray(crop.resize((size, size), Picture.Resampling.BOX), np.float32) / 255.0
    return np.array(pixels[:, ::-1] if rng.integers(2) else pixels)


def _matte(rng: np.random.Generator, split: str, label: int, side: int) -> Image:
    """One emoji of a class and split as (side, side, 4), in one of the two designs."""
    from PIL import Image as Picture

    chosen = int(rng.choice(_identities(split)[label]))
    design = _designs()[int(rng.integers(2))]
    picture = Picture.fromarray(design[chosen])
    resized = picture.resize((side, side), Picture.Resampling.BILINEAR)
    return np.asarray(resized, np.float32) / 255.0


@lru_cache(maxsize=1)
def _designs() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    loaded = loaders.emoji()
    return loaded.twitter, loaded.google


@lru_cache(maxsize=3)
def _identities(split: str) -> tuple[npt.NDArray[np.int64], ...]:
    """For each class, the rows of `loaders.emoji()` that belong to a split."""
    loaded = loaders.emoji()
    # RandomState: its stream is frozen for good, that of default_rng is not.
    order = np.random.RandomState(_SPLIT_SEED).permutation(len(loaded.labels))
    found = []
    for category, last in _LISTS:
        fits = loaded.labels[order] == loaded.categories.index(category)
        rows = order[fits & (order <= loaded.names.index(last))]
        begin, end = _bounds(split, len(rows))
        found.append(rows[begin:end].astype(np.int64))
    return tuple(found)


@lru_cache(maxsize=3)
def _photograph_parts(split: str) -> tuple[npt.NDArray[np.uint8], ...]:
    """The vertical strip of each photograph that belongs to a split."""
    from PIL import Image as Picture

    parts = []
    for entry in (manifest.CHINA, manifest.FLOWER):
        with Picture.open(files.locate(entry)) as photograph:
            pixels = np.asarray(photograph.convert("RGB"))
        begin, end = _bounds(split, pixels.shape[1])
        parts.append(pixels[:, begin:end])
    return tuple(parts)


def _bounds(split: str, count: int) -> tuple[int, int]:
    """Where a split begins and ends among `count` things in a row."""
    ends = np.round(np.cumsum((0.0, *_SHARES)) * count).astype(int)
    index = SPLITS.index(split)
    return int(ends[index]), int(ends[index + 1])
