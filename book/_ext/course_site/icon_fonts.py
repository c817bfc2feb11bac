"""``python -m course_site.icon_fonts``: cuts the icons that the site shows out of larger fonts.

Run in the repository's root with ``book/_ext`` on PYTHONPATH; writes ``book/_static/icons`` and
``book/_static/icons.css``, which are committed. The theme's fonts are Font Awesome Free, under the
SIL Open Font License 1.1, which allows parts of them under the same licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

STATIC = Path("book/_static")
# Icons in the HTML of the theme, by the names of their classes; the tests name one that lacks.
ICONS = (
    "angle-left",
    "angle-right",
    "arrow-up",
    "bars",
    "chevron-down",
    "circle-half-stroke",
    "expand",
    "github",
    "lightbulb",
    "list",
    "magnifying-glass",
    "moon",
    "outdent",
    "sun",
    "xmark",
)
OWN = ("f303",)
"""Icons that ``course.css`` shows: the pencil of exercises."""
# By the file of the theme, the names that its style sheet gives the font.
FONTS = {
    "fa-solid-900": ("Font Awesome 6 Free", 900),
    "fa-brands-400": ("Font Awesome 6 Brands", 400),
}
RULE = """@font-face {{
  font-family: "{family}";
  font-weight: {weight};
  font-style: normal;
  font-display: block;
  src: url(icons/{name}.woff) format("woff");
  unicode-range: {ranges};
}}
"""
HEAD = """/* Written by course_site.icon_fonts. Parts of Font Awesome Free 6 by Fonticons, Inc.,
   https://fontawesome.com, SIL Open Font License 1.1. A character that stands in no range here
   comes from the theme's own font, which is fifty times as large. */
"""


def theme_folder() -> Path:
    """Where the theme keeps its style sheets and fonts."""
    import pydata_sphinx_theme

    package = Path(pydata_sphinx_theme.__file__).parent
    return package / "theme" / "pydata_sphinx_theme" / "static"


def characters(style: str) -> set[int]:
    """The code points of all icons that the site may show, from the theme's style sheet."""
    of_admonitions = re.findall(r'--pst-icon-[a-z-]+: ?"(.)"', style)
    found = {int(code, 16) for code in OWN} | {ord(character) for character in of_admonitions}
    for icon in ICONS:
        named = re.search(rf'\.fa-{icon}:before[^{{]*{{content:"\\([0-9a-f]{{4}})"}}', style)
        if named is None:
            raise LookupError(f"the theme's style sheet has no icon {icon}; see ICONS")
        found.add(int(named[1], 16))
    return found


def cut(source: Path, target: Path, wanted: Iterable[int]) -> list[int]:
    """Write those characters of a font that it has into another one, and tell which they are."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source)
    held = sorted({*wanted} & {*font.getBestCmap()})
    options = subset.Options(flavor="woff", hinting=False, desubroutinize=True, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=held)
    cutter.subset(font)
    subset.save_font(font, str(target), options)
    return held


def main() -> None:
    """Write both fonts and the style sheet that names them."""
    theme = theme_folder()
    style = (theme / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    (STATIC / "icons").mkdir(exist_ok=True)
    rules = []
    for name, (family, weight) in FONTS.items():
        source = theme / "vendor" / "fontawesome" / "webfonts" / f"{name}.ttf"
        held = cut(source, STATIC / "icons" / f"{name}.woff", characters(style))
        ranges = ", ".join(f"U+{code:X}" for code in held)
        rules.append(RULE.format(family=family, weight=weight, name=name, ranges=ranges))
    (STATIC / "icons.css").write_text(HEAD + "".join(rules), encoding="utf-8")


if __name__ == "__main__":
    main()
