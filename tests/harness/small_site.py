"""A small site as the build leaves it, with our scripts and styles and without the theme."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "book" / "_static"
BASE = "https://some-school.github.io/deep-learning/"
PAGE = """<!DOCTYPE html>
<html lang="en" data-content_root="{root}" data-theme="light"><head><meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:url" content="{base}{name}">
<title>{title}</title>
<link rel="stylesheet" href="{root}_static/course.css">
<script>const DOCUMENTATION_OPTIONS = {{ pagename: "{pagename}" }};</script>
<script defer src="{root}_static/versions.js"></script>
<link rel="canonical" href="{base}{name}" />
</head><body><main id="main-content" role="main">
<div class="article-header-buttons" style="display: flex; justify-content: flex-end"></div>
<article class="bd-article"><h1>{title}</h1><p>{text}</p></article>
</main></body></html>
"""
REDIRECT = '<meta http-equiv="Refresh" content="0; url=book/intro.html" />\n'
# The theme's colours, which our styles name.
COLOURS = """:root {
  --pst-color-background: #fff; --pst-color-surface: #f3f4f5; --pst-color-text-base: #222832;
  --pst-color-text-muted: #48566b; --pst-color-primary: #0a7d91; --pst-color-warning: #ee9040;
  --pst-color-border: #d1d5da; --pst-color-link: #0a7d91;
}
"""


def write_site(folder: Path, pages: Mapping[str, str]) -> Path:
    """Write a site whose pages have texts, by names such as ``book/intro``."""
    for name, text in pages.items():
        path = folder / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * name.count("/") or "./"
        title = name.rpartition("/")[2].replace("_", " ").capitalize()
        values = {"root": root, "base": BASE, "name": f"{name}.html", "title": title}
        path.write_text(PAGE.format(pagename=name, text=text, **values), encoding="utf-8")
    (folder / "index.html").write_text(REDIRECT)
    for name in ("404.html", "robots.txt", "sitemap.xml", ".nojekyll"):
        (folder / name).write_text("for the root alone")
    (folder / "feed.xml").write_text(f"<feed>{len(pages)}</feed>")
    (folder / "versions.json").write_text(json.dumps({"versions": []}))
    (folder / "_static").mkdir()
    shutil.copy(STATIC / "versions.js", folder / "_static")
    style = COLOURS + (STATIC / "course.css").read_text(encoding="utf-8")
    (folder / "_static" / "course.css").write_text(style, encoding="utf-8")
    return folder
