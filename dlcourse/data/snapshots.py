"""Pictures as from a telephone's folder: emoji before photographs, several shots of each.

They stand in for the reader's own photographs in the ninth project. A burst is a few shots of one
emoji before one background, in which it moves and turns a little and the light changes. No family
of emoji (see `dlcourse.data.stickers`) gives two things or is in two splits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.data import scenes, stickers

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BURSTS", "SHOTS", "SIDE", "THINGS", "Snapshots", "burst", "snapshots", "write_folder"]

SIDE = 128
SHOTS = 3
THINGS, BURSTS = 60, 7

_SEEDS = {"train": 91, "validation": 92, "test": 93}

Pictures = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Snapshots:
    """n pictures, the shots of a burst one after the other."""

    pictures: Pictures
    """(n, 128, 128, 3) red, green, blue, 0 to 255."""
    labels: Labels
    """(n,) which thing it shows, index into `names`."""
    groups: Labels
    """(n,) the number of the burst."""
    names: tuple[str, ...]
    """The things' short names, such as "octopus"."""

    def __len__(self) -> int:
        """The number of pictures."""
        return len(self.labels)


def burst(
    cut_out: Pictures,
    background: npt.NDArray[np.float32],
    rng: np.random.Generator,
    *,
    shots: int = SHOTS,
    sides: tuple[int, int] = (44, 76),
) -> Pictures:
    """Several shots of one cut-out before one background.

    Args:
        cut_out: (32, 32, 4) red, green, blue and opacity, 0 to 255.
        background: (128, 128, 3) from 0 to 1.
        rng: draws place, size, turn and light, and what changes from shot to shot.
        shots: how many.
        sides: least and greatest side of the cut-out's square, in pixels.

    Returns:
        (shots, 128, 128, 3).
    """
    from PIL import Image

    side = int(rng.integers(sides[0], sides[1] + 1))
    corner = rng.integers(4, SIDE - side - 3, 2)
    turn, light = rng.uniform(-15, 15), rng.uniform(0.8, 1.2)
    large = Image.fromarray(cut_out).resize((side, side), Image.Resampling.BICUBIC)
    made = []
    for _ in range(shots):
        angle = turn + rng.uniform(-4, 4)
        top, left = corner + rng.integers(-4, 5, 2)
        pixels = np.asarray(large.rotate(angle, Image.Resampling.BICUBIC), np.float32) / 255
        picture = np.array(background, np.float32)
        here = np.s_[top : top + side, left : left + side]
        opacity = pixels[..., 3:]
        picture[here] = opacity * pixels[..., :3] + (1 - opacity) * picture[here]
        lit = 255 * picture * (light + rng.uniform(-0.04, 0.04))
        made.append(np.clip(lit, 0, 255).astype(np.uint8))
    return np.stack(made)


def snapshots(
    split: str = "train", things: int = THINGS, bursts: int = BURSTS, seed: int | None = None
) -> Snapshots:
    """Bursts of emoji of a split, each burst before another background.

    Args:
        split: "train", "validation" or "test".
        things: how many emoji, each of another family.
        bursts: of each.
        seed: of all that is drawn; one for each split where it is None.

    Raises:
        DataError: if the file of emoji is missing or is not the known one.
        ValueError: if the split is another.
    """
    cut_outs = stickers.cut_outs(split)
    rng = np.random.default_rng(_SEEDS[split] if seed is None else seed)
    rows: list[int] = []
    for family in rng.permutation(np.unique(cut_outs.families))[:things]:
        ours = np.flatnonzero(cut_outs.families == family)
        name = cut_outs.names[rng.choice(ours)]
        designs = [row for row in ours if cut_outs.names[row] == name]
        rows.extend(int(row) for row in rng.choice(designs, bursts))
    behind = scenes.compose(len(rows), rng, split, size=SIDE, objects=(0, 0)).images
    made = [
        burst(cut_outs.pictures[row], back, rng) for row, back in zip(rows, behind, strict=True)
    ]
    return Snapshots(
        np.concatenate(made),
        np.repeat(np.arange(len(rows) // bursts), bursts * SHOTS),
        np.repeat(np.arange(len(rows)), SHOTS),
        tuple(cut_outs.names[row] for row in rows[::bursts]),
    )


def write_folder(folder: Path, seed: int = 0) -> None:
    """Write a folder as from a telephone: JPEG files in one subfolder for each class.

    Five classes with 3 to 7 bursts each. Half of the files are stored turned by a quarter, with an
    orientation tag, and all of them name a place in their metadata.

    Args:
        folder: is made where it is missing; files of the same names are written anew.
        seed: draws classes, bursts and files.
    """
    from PIL import ExifTags, Image

    rng = np.random.default_rng(seed)
    taken = snapshots("train", things=5, seed=seed)
    for label, count in enumerate(rng.permutation([3, 4, 5, 6, 7])):
        part = folder / taken.names[label]
        part.mkdir(parents=True, exist_ok=True)
        for row in np.flatnonzero(taken.labels == label)[: count * SHOTS]:
            picture, exif = Image.fromarray(taken.pictures[row]), Image.Exif()
            if rng.integers(2):
                picture = picture.transpose(Image.Transpose.ROTATE_90)
                exif[ExifTags.Base.Orientation] = 6
            place = {1: "N", 2: (51.0, 28.0, 38.0), 3: "W", 4: (0.0, 0.0, 5.0)}
            exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
            exif[ExifTags.Base.Make] = "Camera"
            picture.save(part / f"IMG_{row:04d}.jpg", exif=exif, quality=92)
