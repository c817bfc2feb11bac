"""A notebook as it ran, made safe to look at.

Everything in it is a learner's: sources, outputs, images. Shown are text, escaped, and raster
images whose headers say that they are what they claim to be and not huge. HTML, SVG, JavaScript
and widgets could act in the reader's browser; for them stands the plain text that came along.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from autograder.report.page import image, marked_up
from autograder.report.wording import clean, count

# What a page holds at most, so that it opens on a phone: characters, bytes, pixels, pieces.
MOST_CELLS = 400
MOST_OUTPUTS = 60
TEXT_EACH, TEXT_ALL = 20_000, 600_000
COLOURED_ALL = 200_000
IMAGE_EACH, IMAGE_ALL = 1_500_000, 6_000_000
MOST_PIXELS = 20_000_000

_PICTURE = re.compile(r"!\[([^\]\n]{0,200})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{0,200})\]\(([^)\n]{0,2000})\)")


@dataclass(frozen=True)
class ShownOutput:
    """One output: ``text``, ``error``, ``image`` or a ``note`` on what is not shown."""

    kind: str
    text: str
    uri: str = ""
    width: int | None = None


@dataclass(frozen=True)
class ShownCell:
    """One cell: a label, its source as HTML, its outputs."""

    label: str
    source: Markup
    outputs: tuple[ShownOutput, ...] = ()


@dataclass
class ShownNotebook:
    """The cells to show, and sentences that say what was cut."""

    cells: list[ShownCell] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)


def shown_notebook(notebook: Mapping[str, Any]) -> ShownNotebook:
    """Make a notebook (nbformat 4, plain data) ready to show.

    Nothing in it is trusted to have the type that the format demands; what has not is left out.
    """
    cells = [cell for cell in _items(notebook.get("cells")) if isinstance(cell, Mapping)]
    reader = _Reader()
    shown = ShownNotebook([reader.cell(i, c) for i, c in enumerate(cells[:MOST_CELLS], start=1)])
    if len(cells) > MOST_CELLS:
        shown.cut.append(
            f"The notebook has {len(cells):,} cells; the first {MOST_CELLS} are shown."
        )
    if reader.cut_texts:
        shown.cut.append(
            f"Long text is cut in {count(reader.cut_texts, 'place')}; it says so where it is cut."
        )
    if reader.cut_images:
        shown.cut.append(f"{count(reader.cut_images, 'image')} left out, to keep this page small.")
    return shown


@dataclass
class _Reader:
    """Keeps count of what a page has taken so far."""

    text_left: int = TEXT_ALL
    coloured_left: int = COLOURED_ALL
    image_left: int = IMAGE_ALL
    cut_texts: int = 0
    cut_images: int = 0

    def cell(self, place: int, cell: Mapping[str, Any]) -> ShownCell:
        source = self.text(_joined(cell.get("source")))
        if cell.get("cell_type") != "code":
            return ShownCell(f"Cell {place}, text", _prose(source))
        ran = cell.get("execution_count")
        label = f"Cell {place}, code" + (f", run {ran}" if isinstance(ran, int) else ", not run")
        outputs = [o for o in _items(cell.get("outputs")) if isinstance(o, Mapping)]
        shown = [s for o in outputs[:MOST_OUTPUTS] for s in self.output(place, o)]
        if len(outputs) > MOST_OUTPUTS:
            rest = count(len(outputs) - MOST_OUTPUTS, "more output")
            shown.append(ShownOutput("note", f"{rest} not shown."))
        return ShownCell(label, self.code(source), tuple(shown))

    def text(self, text: str) -> str:
        """Text within what is left, the middle cut where it is too long."""
        room = min(TEXT_EACH, self.text_left)
        if len(text) > room:
            self.cut_texts += 1
            head, tail = room * 3 // 4, room - room * 3 // 4
            gap = f"\n… {len(text) - room:,} characters not shown …\n"
            text = text[:head] + gap + text[len(text) - tail :]
        self.text_left -= min(len(text), self.text_left)
        return clean(text)

    def code(self, source: str) -> Markup:
        if len(source) > self.coloured_left:
            return Markup('<pre class="source">{}</pre>').format(source)
        self.coloured_left -= len(source)
        return Markup('<pre class="source">{}</pre>').format(_coloured(source))

    def output(self, place: int, output: Mapping[str, Any]) -> Iterator[ShownOutput]:
        kind = output.get("output_type")
        if kind == "stream":
            yield ShownOutput("text", self.text(_last_written(_joined(output.get("text")))))
        elif kind == "error":
            trace = "\n".join(t for t in _items(output.get("traceback")) if isinstance(t, str))
            said = f"{output.get('ename', '')}: {output.get('evalue', '')}"
            yield ShownOutput("error", self.text(clean(trace or said)))
        elif kind in ("display_data", "execute_result"):
            data = output.get("data")
            if isinstance(data, Mapping):
                yield from self.display(place, data, output.get("metadata"))

    def display(self, place: int, data: Mapping[str, Any], metadata: Any) -> Iterator[ShownOutput]:
        plain = _joined(data.get("text/plain"))
        for mime, size in _SIZES.items():
            if mime in data:
                yield self.image(place, mime, _joined(data[mime]), size, metadata)
                return
        if plain:
            yield ShownOutput("text", self.text(plain))
        elif data:
            names = ", ".join(sorted(clean(str(mime), 60) for mime in list(data)[:5]))
            yield ShownOutput("note", f"Output of a kind that is not shown here: {names}.")

    def image(self, place: int, mime: str, text: str, size: _Size, metadata: Any) -> ShownOutput:
        if len(text) > min(IMAGE_EACH, self.image_left):
            self.cut_images += 1
            return ShownOutput("note", f"An image of {len(text):,} bytes is not shown.")
        try:
            data = base64.b64decode("".join(text.split()), validate=True)
            width, height = size(data)
        except (binascii.Error, ValueError, struct.error, IndexError):
            return ShownOutput("note", f"An output that says it is {mime} is not; not shown.")
        if width * height > MOST_PIXELS:
            return ShownOutput("note", f"An image of {width:,} by {height:,} pixels is not shown.")
        self.image_left -= len(text)
        alt = f"Image made by cell {place}, {width} by {height} pixels"
        return ShownOutput("image", alt, image(data, mime[6:]), _said_width(metadata, mime, width))


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _joined(value: Any) -> str:
    """Text as nbformat stores it: one string, or a list of lines."""
    if isinstance(value, str):
        return value
    return "".join(v for v in _items(value) if isinstance(v, str))


def _last_written(text: str) -> str:
    """What a terminal would still show: a carriage return writes over its line."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


@lru_cache(maxsize=512)  # most learners leave most cells as they were
def _coloured(source: str) -> Markup:
    # Pygments escapes what it colours.
    formatter = HtmlFormatter(nowrap=True)
    html = highlight(source, PythonLexer(stripnl=False, ensurenl=False), formatter)
    return Markup(html)


def _prose(text: str) -> Markup:
    """Markdown as plain paragraphs: headings, code and the rest; nothing that links or loads."""
    html = Markup('<div class="prose">')
    for i, block in enumerate(re.split(r"^```[^\n]*$", text, flags=re.MULTILINE)):
        if i % 2:
            html += Markup('<pre class="source">{}</pre>').format(block.strip("\n"))
        else:
            html += _paragraphs(block)
    return html + Markup("</div>")


def _paragraphs(block: str) -> Markup:
    html = Markup()
    for paragraph in re.split(r"\n[ \t]*\n", block):
        text = _LINK.sub(r"\1 (\2)", _PICTURE.sub(r"(image: \1)", paragraph.strip()))
        heading = re.match(r"#{1,6} +", text)
        if heading:
            title, _, text = text[heading.end() :].partition("\n")
            html += Markup('<p class="heading">{}</p>').format(_words(title))
        if text.strip():
            html += Markup("<p>{}</p>").format(_words(text))
    return html


def _words(text: str) -> Markup:
    """Text with what stands between ``**`` set strong, and between backticks as code."""
    pieces = text.split("**")
    return Markup().join(
        Markup("<strong>{}</strong>" if i % 2 and i < len(pieces) - 1 else "{}").format(
            marked_up(piece, 2 * TEXT_EACH)
        )
        for i, piece in enumerate(pieces)
    )


_Size = Callable[[bytes], tuple[int, int]]


def _png_size(data: bytes) -> tuple[int, int]:
    """Width and height from the IHDR chunk, which is the first (PNG specification, 11.2.1)."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    return struct.unpack(">II", data[16:24])


def _gif_size(data: bytes) -> tuple[int, int]:
    """Width and height from the logical screen descriptor (GIF89a, section 18)."""
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        raise ValueError("not a GIF")
    return struct.unpack("<HH", data[6:10])


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height from the start-of-frame segment (ITU-T T.81, B.2.2)."""
    if data[:3] != b"\xff\xd8\xff":
        raise ValueError("not a JPEG")
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
    raise ValueError("a JPEG without a frame")


_SIZES: dict[str, _Size] = {
    "image/png": _png_size,
    "image/jpeg": _jpeg_size,
    "image/gif": _gif_size,
}


def _said_width(metadata: Any, mime: str, width: int) -> int | None:
    """The width on the page that the output asks for, as figures of double resolution do."""
    said = metadata.get(mime) if isinstance(metadata, Mapping) else None
    asked = said.get("width") if isinstance(said, Mapping) else None
    return asked if type(asked) is int and 0 < asked <= width else None
