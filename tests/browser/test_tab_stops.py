"""What scrolls inside itself is a tab stop, and only then, whatever changed a width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.browser

SCRIPT = (ROOT / "book" / "_static" / "course.js").read_text(encoding="utf-8")
# As MathJax, Sphinx, MyST-NB and the theme write them; each holds a line 500 pixels wide.
BOXES = {
    "formula": '<mjx-container display="true"><mjx-math class="line"></mjx-math></mjx-container>',
    "code": '<pre><span class="line"></span></pre>',
    "output": '<div class="cell_output"><div class="output"><p class="line"></p></div></div>',
    "table": '<div class="pst-scrollable-table-container"><table class="line"></table></div>',
}
BOX = {
    "formula": "mjx-container",
    "code": "pre",
    "output": ".output",
    "table": ".pst-scrollable-table-container",
}
STYLE = """main { width: 600px; }
mjx-container, pre, .output, .pst-scrollable-table-container { display: block; overflow-x: auto; }
.line { display: block; width: 500px; height: 20px; }"""


@pytest.fixture(params=BOXES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shown(browser: Any, kind: str) -> Iterator[Any]:
    """A page with one box beside our script, and without the theme's."""
    page = browser.new_page()
    page.set_content(
        f"<!doctype html><style>{STYLE}</style><main>{BOXES[kind]}</main><script>{SCRIPT}</script>"
    )
    yield page
    page.close()


def becomes(page: Any, kind: str, tab_index: int) -> None:
    page.wait_for_function(
        "([box, wanted]) => document.querySelector(box).tabIndex === wanted",
        arg=[BOX[kind], tab_index],
        timeout=5000,
    )


def test_a_box_that_becomes_narrower_than_what_it_holds(shown: Any, kind: str) -> None:
    becomes(shown, kind, -1)
    # As a sidebar does that slides in: the window keeps its size.
    shown.evaluate("document.querySelector('main').style.width = '300px'")
    becomes(shown, kind, 0)
    shown.evaluate("document.querySelector('main').style.width = '600px'")
    becomes(shown, kind, -1)


@pytest.mark.parametrize("kind", ["formula"], indirect=True)
def test_a_formula_that_becomes_wider_than_its_box(shown: Any, kind: str) -> None:
    becomes(shown, kind, -1)
    shown.evaluate("document.querySelector('.line').style.width = '700px'")
    becomes(shown, kind, 0)
    assert shown.locator(BOX[kind]).get_attribute("aria-label") == "Formula, scrolls sideways"
    shown.evaluate("document.querySelector('.line').style.width = '500px'")
    becomes(shown, kind, -1)
