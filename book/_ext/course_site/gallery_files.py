"""``python -m course_site.gallery_files``: takes the first page's gallery out of executed pages.

Run in the repository's root with ``book/_ext`` on PYTHONPATH (``make gallery`` does). What
``book/gallery.yml`` names is looked up in the outputs of the pages, which the user's cache keeps:
pictures are cut out of figures, printed lines are found by patterns, a sound is made of the data
that the page makes it of. Everything lands in ``book/_static/gallery``, which is committed, so
that a build needs no outputs; ``results.json`` there names the cells by digests of their code, and
a test says when a page no longer holds one of them. Where the cache lacks a page, a result stays
as it is if neither its entry nor the cells that made it have changed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from .gallery import ENTRIES, FOLDER, RESULTS, entries
from .page_cache import Entry, PageCache
from .pages import Page, read_page
from .side_by_side import key_of

SECONDS = 1.6


class GalleryError(Exception):
    """Something that the gallery names is not there; the message says what and where."""


@dataclass(frozen=True)
class Executed:
    """The code cells of an executed page."""

    page: str
    cells: Sequence[NotebookNode]

    def figure(self, label: str) -> tuple[NotebookNode, bytes]:
        """The cell that draws a figure, and its PNG."""
        for cell in self.cells:
            if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == label:
                for output in cell.outputs:
                    if "image/png" in output.get("data", {}):
                        return cell, base64.b64decode(output.data["image/png"])
        raise GalleryError(f"{self.page} draws no figure {label!r}")

    def printed(self, pattern: str) -> tuple[NotebookNode, list[tuple[str, ...]]]:
        """The first cell whose printed text a pattern finds, and the groups of all places."""
        for cell in self.cells:
            found = re.findall(pattern, _text_of(cell), re.M | (re.S if r"\n\n" in pattern else 0))
            if found:
                return cell, [one if isinstance(one, tuple) else (one,) for one in found]
        raise GalleryError(f"{self.page} prints nothing like {pattern!r}")


def _text_of(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def digest(cell: NotebookNode) -> str:
    """What names a cell: 16 hex digits of the SHA-256 of its code."""
    return hashlib.sha256(cell.source.encode()).hexdigest()[:16]


def _page(root: Path, name: str) -> Page:
    page = read_page(root, name) if (root / f"{name}.md").is_file() else None
    if page is None:
        raise GalleryError(f"there is no page with code {name}")
    return page


def executed(root: Path, name: str) -> Executed:
    """A page with its outputs, as the cache keeps them.

    The cache's key changes with each module that the page imports, whatever the page uses of it.
    So the newest execution of the same cells will do: where what they use has changed, the page's
    record is stale, and the tests fail until the page is executed again.

    Raises:
        GalleryError: when there is no such page, or the cache lacks it.
    """
    page = _page(root, name)
    entry = PageCache().get(key_of(page, root)) or _same_cells(page)
    if entry is None:
        raise GalleryError(f"{name} has not been executed as it stands. Run: make book")
    return Executed(name, _code_cells(entry.notebook))


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _same_cells(page: Page) -> Entry | None:
    """The newest execution of a page's cells; None where the cache has none."""
    cache = PageCache()
    sources = [cell.source for cell in page.code]
    found = (cache.get(path.stem) for path in cache.folder.glob("*.json"))
    same = [
        entry
        for entry in found
        if entry and [cell.source for cell in _code_cells(entry.notebook)] == sources
    ]
    return max(same, key=lambda entry: entry.executed, default=None)


def pictures(entry: Mapping[str, Any], page: Executed) -> Iterator[tuple[NotebookNode, bytes]]:
    """The pieces of figures that an entry shows, as lossless WebP, each with its cell."""
    from PIL import Image

    for part in entry.get("pictures", []):
        cell, png = page.figure(part["figure"])
        image = Image.open(io.BytesIO(png)).convert("RGB")
        left, top, right, bottom = part.get("crop", (0, 0, 1, 1))
        width, height = image.size
        box = (left * width, top * height, right * width, bottom * height)
        made = io.BytesIO()
        image.crop(tuple(round(side) for side in box)).save(made, "WEBP", lossless=True, method=6)
        yield cell, made.getvalue()


def spoken_string(words: Sequence[str]) -> bytes:
    """The first string of these words by held-out voices, in noise as the page on speech makes it.

    Returns:
        A WAV file.
    """
    import numpy as np

    from dlcourse.data.speech import RATE, WORDS, place, spoken_digits, strings_of_words
    from dlcourse.figures.sound import _wav

    rng = np.random.default_rng(1)
    sounds, digits = strings_of_words(spoken_digits("cpu").validation, 300, rng)
    placed = place(sounds, rng, samples=int(SECONDS * RATE))
    wanted = [WORDS.index(word) for word in words]
    rows = [row for row, string in enumerate(digits.tolist()) if string == wanted]
    if not rows:
        raise GalleryError(f"no string of held-out voices is {' '.join(words)!r}")
    return _wav(placed[rows[0]] / max(1.0, float(np.abs(placed[rows[0]]).max())), RATE)


def talk(entry: Mapping[str, Any], page: Executed) -> tuple[NotebookNode, list[tuple[str, str]]]:
    """Prompts and replies that a page printed."""
    asked = entry["talk"]
    cell, prompts = page.printed(asked["prompts"])
    _, replies = page.printed(asked["replies"])
    lines = [line.strip() for line in replies[0][0].splitlines()]
    pairs = [(prompt[0], reply) for prompt, reply in zip(prompts, lines, strict=True)]
    return cell, pairs[: asked["first"]]


def make_result(entry: Mapping[str, Any], page: Executed, folder: Path) -> dict[str, Any]:
    """Write the files of one entry; what the page's directive needs to know of them."""
    name, cells = entry["name"], []
    result: dict[str, Any] = {"pictures": []}
    for index, (cell, content) in enumerate(pictures(entry, page)):
        file = f"{name}-{index}.webp"
        (folder / file).write_bytes(content)
        result["pictures"].append({"file": file, "size": _size(content)})
        cells.append(cell)
    if "sample" in entry:
        cell, found = page.printed(entry["sample"])
        result["sample"] = list(found[0])
        cells.append(cell)
    if "talk" in entry:
        cell, result["talk"] = talk(entry, page)
        cells.append(cell)
    if "sound" in entry:
        (folder / f"{name}.wav").write_bytes(spoken_string(entry["sound"]))
        result["sound"] = f"{name}.wav"
    if "measured" in entry:
        cell, found = page.printed(entry["measured"]["pattern"])
        result["measured"] = entry["measured"]["says"].format(*found[0])
        cells.append(cell)
    cells_of = sorted({digest(cell) for cell in cells})
    return {**result, "cells": cells_of, "entry": digest_of_entry(entry)}


def digest_of_entry(entry: Mapping[str, Any]) -> str:
    """What changes with an entry: 16 hex digits of the SHA-256 of what it asks for."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:16]


def still_right(entry: Mapping[str, Any], result: Mapping[str, Any], root: Path) -> bool:
    """Whether a stored result is of this very entry, and its page has the cells that made it."""
    if result.get("entry") != digest_of_entry(entry):
        return False
    return set(result["cells"]) <= {digest(cell) for cell in _page(root, entry["page"]).code}


def _size(content: bytes) -> tuple[int, int]:
    from PIL import Image

    return Image.open(io.BytesIO(content)).size


def _stored(path: Path) -> dict[str, Any]:
    """The results of the last time, none before the first."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def write(root: Path) -> dict[str, Any]:
    """Write all files of the gallery, and remove those that no entry has any more."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    stored = _stored(folder / RESULTS)
    results = {}
    for entry in entries(root):
        name = entry["name"]
        try:
            page = executed(root, entry["page"])
        except GalleryError:
            if not still_right(entry, stored.get(name, {}), root):
                raise
            results[name] = stored[name]
        else:
            results[name] = make_result(entry, page, folder)
    kept = {RESULTS} | {part["file"] for one in results.values() for part in one["pictures"]}
    kept |= {one["sound"] for one in results.values() if "sound" in one}
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink()
    text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
    (folder / RESULTS).write_text(text, encoding="utf-8")
    return results


if __name__ == "__main__":
    try:
        print(f"{len(write(Path.cwd()))} results of {FOLDER} are up to date")
    except GalleryError as error:
        sys.exit(f"{ENTRIES}: {error}")
