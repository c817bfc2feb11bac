"""``{gallery}``: the course's own results on the first page, each with a link to what makes it.

``{gallery}`` shows those of the weeks, ``{gallery} projects`` those of the projects.
``book/gallery.yml`` says what is shown, ``_static/gallery`` holds the pictures, sounds and printed
lines that :mod:`gallery_files` took out of the executed pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .weeks import link_to, week_of

ENTRIES = "book/gallery.yml"
FOLDER = "book/_static/gallery"
RESULTS = "results.json"

_PROJECT = re.compile(r"book/projects/(\d\d)_")


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("gallery", GalleryDirective)


def entries(root: Path) -> list[dict[str, Any]]:
    """What the gallery shall show, in order."""
    found: list[dict[str, Any]] = yaml.safe_load((root / ENTRIES).read_text(encoding="utf-8"))
    return found


def project_of(page: str) -> int:
    """The number of the project whose page this is; 0 for none."""
    found = _PROJECT.match(page)
    return int(found[1]) if found else 0


class GalleryDirective(SphinxDirective):
    """The results of the weeks or of the projects, in the order of ``book/gallery.yml``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make a card of each result."""
        if self.arguments not in ([], ["projects"]):
            raise self.error(f"gallery: 'projects' or nothing, got {self.arguments[0]!r}")
        root = Path(self.env.app.srcdir)
        for name in (ENTRIES, f"{FOLDER}/{RESULTS}"):
            self.env.note_dependency(str(root / name))
        results = json.loads((root / FOLDER / RESULTS).read_text(encoding="utf-8"))
        gallery = nodes.container(classes=["gallery"])
        for entry in entries(root):
            if bool(project_of(entry["page"])) != bool(self.arguments):
                continue
            if entry["name"] not in results:
                raise self.error(
                    f"gallery: {RESULTS} lacks {entry['name']!r}. Write it by: make gallery"
                )
            gallery += self.card(entry, results[entry["name"]])
        return [gallery]

    def card(self, entry: Mapping[str, Any], result: Mapping[str, Any]) -> nodes.container:
        """One result: what there is to see or hear, what it is, how good, where it is made."""
        folder = "../" * self.env.docname.count("/") + FOLDER.removeprefix("book/")
        card = nodes.container(classes=["result"])
        card += nodes.raw("", "".join(shown(entry, result, folder)), format="html")
        title = f'<h3 class="result-title">{escape(entry["title"])}</h3>'
        card += nodes.raw("", title, format="html")
        card += self.paragraph(entry["says"], "result-says")
        if "measured" in result:
            card += self.paragraph(f"Measured: {result['measured']}.", "result-measured")
        project, week = project_of(entry["page"]), week_of(entry["page"])
        text = f"Project {project}" if project else f"Week {week}: see how it is made"
        where = nodes.paragraph(classes=["result-where"])
        where += link_to(self.env, entry["page"], text)
        card += where
        return card

    def paragraph(self, text: str, name: str) -> nodes.paragraph:
        """A paragraph with inline markup."""
        inline, messages = self.state.inline_text(text, self.lineno)
        return nodes.paragraph(text, "", *inline, *messages, classes=[name])


def shown(entry: Mapping[str, Any], result: Mapping[str, Any], folder: str) -> Iterator[str]:
    """The HTML of what a card shows: pictures, a sound, a text that is written out, a talk."""
    name = escape(entry["name"])
    images = [
        f'<img src="{folder}/{made["file"]}" width="{made["size"][0]}" height="{made["size"][1]}" '
        f'alt="{escape(part["alt"])}" loading="lazy">'
        for part, made in zip(entry.get("pictures", []), result["pictures"], strict=True)
    ]
    if entry.get("compare"):
        yield (
            f'<div class="result-show compare" data-compare>{"".join(images)}'
            '<input type="range" min="0" max="100" value="35" hidden '
            f'aria-label="Share of the first picture: {escape(entry["title"])}"></div>'
        )
    elif images:
        yield f'<div class="result-show">{"".join(images)}</div>'
    if "sound" in result:
        label = escape(" ".join(entry["sound"]))
        yield (
            f'<audio controls preload="none" aria-label="Two spoken words in noise: {label}" '
            f'src="{folder}/{result["sound"]}"></audio>'
        )
    if "sample" in result:
        begun, written = map(escape, result["sample"])
        yield (
            f'<div class="result-show sample" data-sample><p class="sample-text" id="{name}-text">'
            f'<span class="begun">{begun}</span><span class="written">{written}</span></p>'
            f'<button type="button" hidden aria-controls="{name}-text">'
            "Write it again</button></div>"
        )
    if "talk" in result:
        lines = (
            f"<dt>{escape(prompt)}</dt><dd>{escape(reply)}</dd>" for prompt, reply in result["talk"]
        )
        yield f'<div class="result-show"><dl class="talk">{"".join(lines)}</dl></div>'
