"""A notebook as it ran, made safe to look at.

Everything in it is a learner's: sources, outputs, images. Shown are text, escaped, and raster
images whose headers say that they are what they claim to be and not huge. HTML, SVG, JavaScript
and widgets could act in the reader's browser; for them stands the plain text that came along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from autograder.report.markdown import prose
from autograder.report.outputs import RASTER, items, joined, read_image, said_width
from autograder.report.page import image
from autograder.report.wording import clean, count

# What a page holds at most, so that it opens on a phone: characters, bytes, pixels, pieces.
MOST_CELLS = 400
MOST_OUTPUTS = 60
TEXT_EACH, TEXT_ALL = 20_000, 600_000
COLOURED_ALL = 200_000
IMAGE_EACH, IMAGE_ALL = 1_500_000, 6_000_000


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
    cells = [cell for cell in items(notebook.get("cells")) if isinstance(cell, Mapping)]
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
        source = self.text(joined(cell.get("source")))
        if cell.get("cell_type") != "code":
            text = Markup('<div class="prose">{}</div>').format(prose(source))
            return ShownCell(f"Cell {place}, text", text)
        ran = cell.get("execution_count")
        label = f"Cell {place}, code" + (f", run {ran}" if isinstance(ran, int) else ", not run")
        outputs = [o for o in items(cell.get("outputs")) if isinstance(o, Mapping)]
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
            yield ShownOutput("text", self.text(_last_written(joined(output.get("text")))))
        elif kind == "error":
            trace = "\n".join(t for t in items(output.get("traceback")) if isinstance(t, str))
            said = f"{output.get('ename', '')}: {output.get('evalue', '')}"
            yield ShownOutput("error", self.text(clean(trace or said)))
        elif kind in ("display_data", "execute_result"):
            data = output.get("data")
            if isinstance(data, Mapping):
                yield from self.display(place, data, output.get("metadata"))

    def display(self, place: int, data: Mapping[str, Any], metadata: Any) -> Iterator[ShownOutput]:
        plain = joined(data.get("text/plain"))
        for mime in RASTER:
            if mime in data:
                yield self.image(place, mime, joined(data[mime]), metadata)
                return
        if plain:
            yield ShownOutput("text", self.text(plain))
        elif data:
            names = ", ".join(sorted(clean(str(mime), 60) for mime in list(data)[:5]))
            yield ShownOutput("note", f"Output of a kind that is not shown here: {names}.")

    def image(self, place: int, mime: str, text: str, metadata: Any) -> ShownOutput:
        if len(text) > min(IMAGE_EACH, self.image_left):
            self.cut_images += 1
            return ShownOutput("note", f"An image of {len(text):,} bytes is not shown.")
        try:
            data, width, height = read_image(mime, text)
        except ValueError as error:
            return ShownOutput("note", str(error))
        self.image_left -= len(text)
        alt = f"Image made by cell {place}, {width} by {height} pixels"
        return ShownOutput("image", alt, image(data, mime[6:]), said_width(metadata, mime, width))


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
