"""Pictures that a program paints, and pictures to paint anew: what the third project works with.

A style is a pattern in colours of its own, drawn by a seeded program, so that it is nobody's work.
A content is a scene of `dlcourse.data.scenes`: emoji on a crop of a photograph.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dlcourse.data import scenes

if TYPE_CHECKING:
    from PIL.Image import Image as Canvas
    from PIL.ImageDraw import ImageDraw

__all__ = ["KINDS", "SIDE", "SPLITS", "contents", "paint", "styles"]

SPLITS = scenes.SPLITS
SIDE = 64
"""Height and width of the pictures, in pixels."""

KINDS = {
    "train": ("dots", "strokes", "tiles", "waves"),
    "validation": ("dots", "strokes", "tiles", "waves"),
    "test": ("dots", "strokes", "tiles", "waves", "scales", "threads"),
}
"""The kinds of patterns of each split; two are in the test split alone."""

_FINE = 4  # patterns are drawn so many times larger and then made smaller

Images = npt.NDArray[np.float32]
Colours = list[tuple[int, int, int]]
Numbers = npt.NDArray[np.float64]


def contents(count: int, rng: np.random.Generator, split: str = "train") -> Images:
    """Scenes whose content shall be kept: one or two emoji on a crop of a photograph.

    Args:
        count: number of scenes.
        rng: draws them.
        split: which emoji and which part of the photographs, one of `SPLITS`.

    Returns:
        (count, 64, 64, 3) red, green and blue from 0 to 1.

    Raises:
        ValueError: if the split is none of `SPLITS`.
    """
    return scenes.compose(count, rng, split, size=SIDE, objects=(1, 2), sides=(30, 48)).images


def styles(count: int, rng: np.random.Generator, split: str = "train") -> Images:
    """Patterns whose manner shall be taken over; each kind of the split in turn.

    Args:
        count: number of patterns.
        rng: draws colours and patterns, and with which kind to begin.
        split: which kinds, one of `SPLITS`.

    Returns:
        (count, 64, 64, 3) red, green and blue from 0 to 1.

    Raises:
        ValueError: if the split is none of `SPLITS`.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}.")
    kinds = rng.permutation(KINDS[split])
    made = [paint(str(kinds[place % len(kinds)]), rng) for place in range(count)]
    return np.stack(made) if made else np.zeros((0, SIDE, SIDE, 3), np.float32)


def paint(kind: str, rng: np.random.Generator, size: int = SIDE) -> Images:
    """One pattern, (size, size, 3), red, green and blue from 0 to 1.

    Args:
        kind: one of those in `KINDS`.
        rng: draws colours and pattern.
        size: height and width; a larger picture shows more of the pattern, not a larger one.

    Raises:
        ValueError: if the kind is unknown.
    """
    from PIL import Image

    if kind not in _PAINTERS:
        raise ValueError(f"kind must be one of {', '.join(sorted(_PAINTERS))}, got {kind!r}.")
    colours = _palette(rng)
    canvas = Image.new("RGB", (size * _FINE, size * _FINE), colours[0])
    _PAINTERS[kind](canvas, size * _FINE, colours, rng)
    small = canvas.resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def _palette(rng: np.random.Generator) -> Colours:
    """Five colours: a ground, and four of two hues."""
    from colorsys import hsv_to_rgb

    hues = rng.uniform() + np.array([0.0, 0.0, 0.05, 1.0, 1.1]) * rng.uniform(0.25, 0.5)
    strengths = rng.uniform(0.5, 1.0, 5)
    lights = rng.permutation([0.25, 0.5, 0.75, 0.9, 1.0])
    return [
        _bytes(hsv_to_rgb(float(h % 1), float(s), float(v)))
        for h, s, v in zip(hues, strengths, lights, strict=True)
    ]


def _bytes(colour: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue


def _field(rng: np.random.Generator, waves: int, shortest: float) -> Callable[..., Numbers]:
    """A smooth random function of the place, about as often positive as negative."""
    lengths = rng.uniform(shortest, 3 * shortest, waves)
    turns, shifts = rng.uniform(0, 2 * np.pi, (2, waves))

    def value(x: npt.ArrayLike, y: npt.ArrayLike) -> Numbers:
        across = np.multiply.outer(x, np.cos(turns)) + np.multiply.outer(y, np.sin(turns))
        found: Numbers = np.sin(2 * np.pi * across / lengths + shifts).sum(axis=-1)
        return found

    return value


def _pen(canvas: Canvas) -> ImageDraw:
    from PIL import ImageDraw

    return ImageDraw.Draw(canvas)


def _dots(canvas: Canvas, side: int, colours: Colours, rng: np.random.Generator) -> None:
    draw = _pen(canvas)
    step = int(rng.integers(6, 11)) * _FINE
    for row, y in enumerate(range(0, side + step, step)):
        for x in range(-step // 2 * (row % 2), side + step, step):
            radius = step * rng.uniform(0.25, 0.5)
            colour = colours[int(rng.integers(1, 5))]
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _strokes(canvas: Canvas, side: int, colours: Colours, rng: np.random.Generator) -> None:
    draw = _pen(canvas)
    angle, shade = _field(rng, 3, 0.6 * side), _field(rng, 4, 0.3 * side)
    half, width = rng.uniform(4, 7) * _FINE, int(rng.integers(2, 4)) * _FINE
    places = rng.uniform(0, side, (int(6 * side * side / (half * width)), 2))
    which = np.argsort(np.argsort(shade(*places.T))) * 5 // len(places)
    for (x, y), turn, colour in zip(places, angle(*places.T), which, strict=True):
        dx, dy = half * np.cos(turn), half * np.sin(turn)
        shown = colours[int(colour if rng.uniform() < 0.75 else rng.integers(5))]
        draw.line((x - dx, y - dy, x + dx, y + dy), fill=shown, width=width)


def _tiles(canvas: Canvas, side: int, colours: Colours, rng: np.random.Generator) -> None:
    from PIL import Image

    count = int((side / _FINE) ** 2 / rng.uniform(60, 120))
    centres = rng.uniform(-0.1 * side, 1.1 * side, (count, 2))
    y, x = np.mgrid[0:side, 0:side]
    apart = np.hypot(x[..., None] - centres[:, 0], y[..., None] - centres[:, 1])
    order = np.partition(apart, 1, axis=-1)[..., :2]
    pixels = np.array(colours, np.uint8)[rng.integers(1, 5, count)][apart.argmin(axis=-1)]
    pixels[order[..., 1] - order[..., 0] < 1.2 * _FINE] = colours[0]
    canvas.paste(Image.fromarray(pixels))


def _waves(canvas: Canvas, side: int, colours: Colours, rng: np.random.Generator) -> None:
    from PIL import Image

    height = _field(rng, 4, rng.uniform(14, 22) * _FINE)
    y, x = np.mgrid[0:side, 0:side]
    bands = np.floor(height(x, y) * rng.uniform(2.0, 3.0)).astype(int) % 5
    canvas.paste(Image.fromarray(np.array(colours, np.uint8)[bands]))


def _scales(canvas: Canvas, side: int, colours: Colours, rng: np.random.Generator) -> None:
    draw = _pen(canvas)
    step = int(rng.integers(8, 13)) * _FINE
    for row, y in enumerate(range(-step, side + step, step // 2)):
        for x in range(-step // 2 * (row % 2), side + step, step):
            shown = colours[int(rng.integers(1, 5))]
            for radius, colour in ((0.56, colours[0]), (0.48, shown), (0.2, colours[0])):
                r = radius * step
                draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _threads(canvas: Canvas, side: int, colours: Colours, rng: np.random.Generator) -> None:
    draw = _pen(canvas)
    slope, step = rng.uniform(0.3, 1.0), int(rng.integers(3, 5)) * _FINE
    for place, start in enumerate(range(-side, 2 * side, step)):
        shift = slope * side
        fall, rise = ((0, start, side, start + shift), (0, start + shift, side, start))
        for line, colour in ((fall, 1 + place % 2), (rise, 3 + place % 2)):
            if rng.uniform() < 0.8:
                draw.line(line, fill=colours[colour], width=int(step * 0.45))


_PAINTERS: dict[str, Callable[[Canvas, int, Colours, np.random.Generator], None]] = {
    "dots": _dots,
    "scales": _scales,
    "strokes": _strokes,
    "threads": _threads,
    "tiles": _tiles,
    "waves": _waves,
}
