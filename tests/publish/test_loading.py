"""What a page loads is what it needs, and its pictures have their sizes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from course_site import icon_fonts
from course_site.loading import LATER, SEARCHES, lightened, silent_icons, with_sizes

HEAD = """  <!-- So that users can add custom icons -->
  <script defer src="../_static/scripts/fontawesome.js?digest=55"></script>
  <script src="../_static/documentation_options.js?v=1"></script>
  <script src="../_static/doctools.js?v=2"></script>
  <script>let toggleHintShow = 'Click to show';</script>
  <script data-prefix="tab-" src="../_static/design-tabs.js?v=3"></script>
  <script src="../_static/searchtools.js"></script>
  <script src="../_static/language_data.js"></script>
  <script src="../searchindex.js"></script>
  <script defer="defer" src="../_static/quiz.js?v=4"></script>
"""


def loaded(html: str) -> dict[str, bool]:
    """The scripts of a page, and whether each waits for the page."""
    found = re.findall(r'<script([^>]*)src="[^"]*?([^/"?]+)(?:\?[^"]*)?"', html)
    return {name: "defer" in attributes for attributes, name in found}


def test_a_page_loads_neither_all_icons_nor_the_search() -> None:
    assert loaded(lightened(HEAD, searches=False)) == {
        "documentation_options.js": False,
        "doctools.js": True,
        "design-tabs.js": True,
        "quiz.js": True,
    }


def test_the_page_of_results_keeps_the_search_in_its_order() -> None:
    found = loaded(lightened(HEAD, searches=True))
    assert "fontawesome.js" not in found
    assert [*found] == [name for name in loaded(HEAD) if name != "fontawesome.js"]
    assert not found["searchtools.js"]


MATHJAX = '<script defer="defer" src="../_static/mathjax/startup.js?v=5"></script>'


def test_mathjax_is_loaded_where_a_formula_is() -> None:
    formula = f'{MATHJAX}<span class="math notranslate nohighlight">x</span>'
    assert loaded(lightened(formula, searches=False)) == {"startup.js": True}


def test_mathjax_is_not_loaded_where_no_formula_is() -> None:
    page = f'{MATHJAX}<section class="tex2jax_ignore mathjax_ignore">x</section>'
    assert loaded(lightened(page, searches=False)) == {}


def test_an_inline_script_stays_as_it_is() -> None:
    assert "let toggleHintShow = 'Click to show';" in lightened(HEAD, searches=False)


@pytest.mark.parametrize(
    "classes", ["fa-solid fa-bars", "theme-switch fa-solid fa-sun", "fab fa-x"]
)
def test_no_screen_reader_reads_an_icon(classes: str) -> None:
    html = f'<button title="Menu"><i class="{classes}" data-mode="light"></i></button>'
    told = silent_icons(html)
    assert f'<i class="{classes}" aria-hidden="true" data-mode="light">' in told
    assert silent_icons(told) == told


def test_what_is_no_icon_is_read() -> None:
    html = '<span class="fabric first">read me</span><i class="family">and me</i>'
    assert silent_icons(html) == html


def png(path: Path, width: int, height: int) -> None:
    Image.new("L", (width, height)).save(path)


def test_a_picture_gets_its_size_and_waits_unless_it_is_the_first(tmp_path: Path) -> None:
    png(tmp_path / "a b.png", 640, 480)
    html = '<img alt="One" src="a%20b.png" /><p>x</p><img alt="Two" src="a%20b.png" />'
    assert with_sizes(html, tmp_path) == (
        '<img alt="One" src="a%20b.png" width="640" height="480" /><p>x</p>'
        '<img alt="Two" src="a%20b.png" width="640" height="480" loading="lazy" />'
    )


@pytest.mark.parametrize(
    "tag",
    [
        '<img alt="" src="a.png" style="width: 300px" />',
        '<img alt="" src="a.png" width="3" height="4" loading="lazy">',
        '<img alt="" src="gone.png" />',
        '<img alt="" src="https://example.org/a.png" />',
        '<img alt="" src="text.png" />',
    ],
)
def test_other_pictures_stay_as_they_are(tmp_path: Path, tag: str) -> None:
    png(tmp_path / "a.png", 640, 480)
    (tmp_path / "text.png").write_text("no picture")
    assert with_sizes(tag, tmp_path) == tag


def test_the_small_fonts_have_all_icons_that_pages_show() -> None:
    theme = icon_fonts.theme_folder() / "styles" / "pydata-sphinx-theme.css"
    wanted = icon_fonts.characters(theme.read_text(encoding="utf-8"))
    style = (ROOT / "book" / "_static" / "icons.css").read_text(encoding="utf-8")
    assert {int(code, 16) for code in re.findall(r"U\+([0-9A-F]+)", style)} == wanted


def test_the_small_fonts_are_small() -> None:
    files = [*(ROOT / "book" / "_static" / "icons").glob("*.woff")]
    assert len(files) == 2
    assert sum(path.stat().st_size for path in files) < 10_000


# --- the built site: what the theme renames would stay as it is, and nobody would be told ---------
@pytest.mark.slow
def test_the_theme_still_loads_what_is_left_out_or_waits(site: Path) -> None:
    results = loaded((site / "search.html").read_text(encoding="utf-8"))
    assert {*LATER, *SEARCHES} <= {*results}
    assert "fontawesome.js" not in results
    assert (site / "_static" / "scripts" / "fontawesome.js").is_file()


@pytest.mark.slow
def test_before_a_page_of_the_site_is_drawn_it_runs_the_options_of_its_scripts_alone(
    site: Path,
) -> None:
    for path in (site / "book").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        scripts = loaded(html)
        assert [name for name, waits in scripts.items() if not waits] == [
            "documentation_options.js"
        ], path
        assert not {*SEARCHES, "fontawesome.js"} & {*scripts}, path
        assert ("startup.js" in scripts) == ("math notranslate" in html), path
