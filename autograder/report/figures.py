"""The class report's drawings, as SVG.

They show numbers and names from the assignment only, never text that a learner wrote. Three kinds
of drawings with known places need no plotting library, which would take longer to import and to lay
them out than all other reports take together; and lines and text stay sharp at every size.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import numpy as np
import numpy.typing as npt

_WIDTH = 600
"""The drawings' width in units of their own; a page shows them as wide as its text."""

_FONT = 14
_LINE_HEIGHT = 16
_ROW = 46
_INK = "#222222"
_GRID = "#DDDDDD"
_BAR = "#0072B2"
_LINE = "#B0460A"
# For full, part and none: the colour, and that of numbers on it. Part is hatched besides.
_SHARES = (("#0072B2", "#FFFFFF"), ("#A6CEE8", _INK), ("#E3E3E3", _INK))
_HATCH = (
    '<pattern id="part" width="8" height="8" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="8" height="8" fill="#A6CEE8"/>'
    '<path d="M0 0V8" stroke="#FFFFFF" stroke-width="2.5"/></pattern>'
)
# The ends of the tints of a table: sequential blues.
_PALE, _DEEP = np.array([247, 251, 255]), np.array([8, 48, 107])
# The least share of a bar that has room for a number.
_ROOM = 0.045


def _svg(height: float, parts: Sequence[str]) -> bytes:
    size = f'width="{_WIDTH}" height="{height:.0f}" viewBox="0 0 {_WIDTH} {height:.0f}"'
    font = f'font-family="system-ui, sans-serif" font-size="{_FONT}" fill="{_INK}"'
    ground = f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#FFFFFF"/>'
    whole = "".join([ground, *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{whole}</svg>'.encode()


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect {place} fill="{fill}"/>'


def _path(ends: tuple[float, float, float, float], colour: str, more: str = "") -> str:
    x0, y0, x1, y1 = ends
    return f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="{colour}" {more}/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", more: str = "") -> str:
    """One line; ``y`` is the middle of its height."""
    place = f'x="{x:.1f}" y="{y + 0.35 * _FONT:.1f}" text-anchor="{anchor}"'
    return f"<text {place} {more}>{escape(text)}</text>"


def _lines(x: float, y: float, lines: Sequence[str], anchor: str = "middle") -> Iterator[str]:
    """Lines one below the other around the height ``y``."""
    top = y - (len(lines) - 1) * _LINE_HEIGHT / 2
    for number, line in enumerate(lines):
        yield _text(x, top + number * _LINE_HEIGHT, line, anchor)


def _wrapped(text: str, width: int = 22) -> list[str]:
    """A name as at most two lines."""
    return textwrap.wrap(text, width, max_lines=2) or [""]


def _length(text: str) -> float:
    """About how wide a text is drawn."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return _FONT * (0.58 * (len(text) - wide) + wide)


def _ticks(low: float, high: float, most: int, *, whole: bool) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most so many steps apart."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * s for s in (1, 2, 5, 10) if power * s >= rough * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [step * n for n in range(first, last + 1)]


def histogram(
    values: npt.ArrayLike,
    edges: npt.ArrayLike,
    *,
    across: str,
    whole: bool = False,
    line: tuple[float, str] | None = None,
) -> bytes:
    """How many submissions have a value, bar by bar.

    Args:
        values: one number a submission.
        edges: the ends of the bars, one more than bars.
        across: what the numbers are, with the unit.
        whole: bars stand for whole numbers, and touch no neighbour.
        line: where to draw a vertical line, and what it is.
    """
    counts, ends = np.histogram(np.asarray(values, float), np.asarray(edges, float))
    low, high, most = float(ends[0]), float(ends[-1]), max(1, int(counts.max()))
    left, right, top, bottom = 64.0, _WIDTH - 24.0, 40.0 if line else 18.0, 250.0

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    def y(count: float) -> float:
        return bottom - count / (1.05 * most) * (bottom - top)

    parts = []
    for tick in _ticks(0, 1.05 * most, 6, whole=True):
        parts.append(_path((left, y(tick), right, y(tick)), _GRID))
        parts.append(_text(left - 8, y(tick), f"{tick:.0f}", "end"))
    for count, start, end in zip(counts, ends[:-1], ends[1:], strict=True):
        gap = 0.1 * (x(end) - x(start)) if whole else 0.5
        width = x(end) - x(start) - 2 * gap
        parts.append(_rect(x(start) + gap, y(count), width, bottom - y(count), _BAR))
    parts.append(_path((left, bottom, right, bottom), _INK))
    for tick in _ticks(low, high, 10, whole=whole):
        parts.append(_path((x(tick), bottom, x(tick), bottom + 5), _INK))
        parts.append(_text(x(tick), bottom + 16, f"{tick:.6g}"))
    parts.append(_text((left + right) / 2, bottom + 40, textwrap.shorten(across, 80)))
    turned = f'transform="rotate(-90 18 {(top + bottom) / 2:.1f})"'
    parts.append(_text(18, (top + bottom) / 2, "submissions", more=turned))
    if line is not None:
        place, name = line
        dashed = 'stroke-width="2" stroke-dasharray="6 4"'
        parts.append(_path((x(place), top, x(place), bottom), _LINE, dashed))
        name = textwrap.shorten(name, 60)
        parts.append(_text(right, 18, name, "end"))
        start = right - _length(name) - 12
        parts.append(_path((start - 26, 18, start, 18), _LINE, dashed))
    return _svg(bottom + 56, parts)


def _names(names: Sequence[str], top: float) -> tuple[list[str], float]:
    """The names of rows, right-aligned; and where the rows begin."""
    wrapped = [_wrapped(name) for name in names]
    left = 12 + max((_length(line) for lines in wrapped for line in lines), default=0)
    parts = [
        part
        for row, lines in enumerate(wrapped)
        for part in _lines(left, top + (row + 0.5) * _ROW, lines, "end")
    ]
    return parts, left + 10


def shares(names: Sequence[str], parts: Mapping[str, Sequence[int]]) -> bytes:
    """For each name a bar of full length, divided into parts.

    Args:
        names: one a bar, from top to bottom.
        parts: up to three parts by name, each with its count in every bar.
    """
    top, right = 34.0, _WIDTH - 24.0
    drawn, left = _names(names, top)
    drawn.insert(0, f"<defs>{_HATCH}</defs>")
    counts = np.array(list(parts.values()), float)
    share = counts / np.maximum(counts.sum(axis=0), 1)
    for row in range(len(names)):
        start = left
        middle = top + (row + 0.5) * _ROW
        for number in range(len(parts)):
            width = share[number, row] * (right - left)
            if counts[number, row]:
                drawn.append(_rect(start + 0.5, middle - 17, width - 1, 34, _fill(number)))
            if share[number, row] >= _ROOM:
                drawn.append(_count(number, start + width / 2, middle, int(counts[number, row])))
            start += width
    bottom = top + len(names) * _ROW
    drawn.append(_path((left, bottom, right, bottom), _INK))
    for tick in range(0, 101, 20):
        x = left + tick / 100 * (right - left)
        drawn.append(_path((x, bottom, x, bottom + 5), _INK))
        drawn.append(_text(x, bottom + 16, f"{tick} %"))
    label = "share of submissions (numbers: submissions)"
    drawn.append(_text((left + right) / 2, bottom + 40, label))
    return _svg(bottom + 56, [*drawn, *_legend(list(parts), right)])


def _fill(number: int) -> str:
    return "url(#part)" if number == 1 else _SHARES[number][0]


def _count(number: int, x: float, middle: float, count: int) -> str:
    colour, ink = _SHARES[number]
    text = str(count)
    half = _length(text) / 2 + 2
    ground = _rect(x - half, middle - 9, 2 * half, 18, colour)
    return ground + _text(x, middle, text, more=f'fill="{ink}"')


def _legend(names: Sequence[str], right: float) -> Iterator[str]:
    """What the colours are, in one line that ends at ``right``."""
    x = right - sum(_length(name) + 36 for name in names) + 12
    for number, name in enumerate(names):
        yield _rect(x, 9, 18, 14, _fill(number))
        yield _text(x + 24, 16, name, "start")
        x += _length(name) + 36


def matrix(rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]) -> bytes:
    """Counts as a table of tinted cells; the tint is the share of the row.

    Args:
        rows: names from top to bottom.
        columns: names from left to right.
        counts: one list a row.
    """
    top, right = 44.0, _WIDTH - 12.0
    drawn, left = _names(rows, top)
    table = np.array(counts, float).reshape(len(rows), len(columns))
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    width = (right - left) / max(1, len(columns))
    for column, name in enumerate(columns):
        drawn += _lines(left + (column + 0.5) * width, top / 2, _wrapped(name, 13))
    for (row, column), number in np.ndenumerate(table):
        tint = _PALE + share[row, column] * (_DEEP - _PALE)
        x, y = left + column * width, top + row * _ROW
        colour = "#{:02X}{:02X}{:02X}".format(*(round(c) for c in tint))
        drawn.append(_rect(x, y, width + 0.5, _ROW + 0.5, colour))
        ink = "#FFFFFF" if share[row, column] > 0.5 else _INK
        drawn.append(_text(x + width / 2, y + _ROW / 2, f"{number:.0f}", more=f'fill="{ink}"'))
    return _svg(top + len(rows) * _ROW + 12, drawn)
