"""Feedback and class report in a real browser: accessible, self-contained, and deaf to learners."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.grading.results import Status
from autograder.report.classreport import write_class_report
from autograder.report.feedback import write_feedback
from dlcourse.check import Outcome
from tests.report.conftest import HOSTILE, Make, assignment, make  # noqa: F401
from tests.report.test_feedback import code, display, notebook, stream

pytestmark = pytest.mark.browser

SHOUT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ"
    "RU5ErkJggg=="
)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[900, 390], ids=["desk", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def reports(assignment: Assignment, make: Make, tmp_path: Path) -> dict[str, Path]:  # noqa: F811
    ran = notebook(
        {"cell_type": "markdown", "source": f"# Title\n\n{SHOUT} ![x](http://evil.example/x.png)"},
        code(f"x = 1  # {SHOUT}" + "long " * 99, stream(SHOUT), display({"text/html": SHOUT})),
        code("y", display({"image/png": DOT}), display({"image/svg+xml": SHOUT})),
        code("z", {"output_type": "error", "ename": "E", "evalue": "", "traceback": [SHOUT]}),
    )
    class_ = [
        make("ada", *Outcome, status=Status.STOPPED, reason=HOSTILE + SHOUT, notebook=ran,
             messages={"survives_large_scores": SHOUT},
             measured={"rows_sum_to_one": {"accuracy": 0.9}}),
        make("bob", measured={"rows_sum_to_one": {"accuracy": 0.95}}),
        make("eve", status=Status.UNREADABLE, checks=(), reason="This is a PDF."),
    ]  # fmt: skip
    feedback, *_ = write_feedback(assignment, class_, tmp_path)
    bars = {"accuracy": {"cpu": 0.92}}
    report = write_class_report(assignment, class_, tmp_path, thresholds=bars)
    return {"feedback": feedback, "class report": report}


@pytest.fixture(params=["feedback", "class report"])
def opened(
    request: pytest.FixtureRequest, browser: Any, reports: dict[str, Path], theme: str, width: int
) -> Iterator[Any]:
    size = {"width": width, "height": 800}
    context = browser.new_context(color_scheme=theme, viewport=size)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda one: page.asked.append(one.url))
    page.goto(reports[request.param].as_uri())
    yield page
    context.close()


def test_axe_finds_nothing(opened: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(opened).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []


def test_it_fits_the_screen_fetches_nothing_and_runs_nothing(opened: Any) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth") <= opened.viewport_size["width"]
    others = [url for url in opened.asked[1:] if not url.startswith("data:image/")]
    assert others == []
    assert "owned" not in opened.title()
    assert opened.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


def test_the_policy_stops_even_what_gets_past_the_escaping(
    browser: Any, reports: dict[str, Path], tmp_path: Path
) -> None:
    html = reports["feedback"].read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    beacon = '<img src="http://127.0.0.1:9/x"><style>@import "http://127.0.0.1:9/y";</style>'
    broken.write_text(html.replace("</main>", f"{SHOUT}{beacon}</main>"), encoding="utf-8")
    page = browser.new_page()
    reached: list[str] = []
    page.on("requestfinished", lambda one: reached.append(one.url))
    page.on("requestfailed", lambda one: reached.append(one.failure or ""))
    page.goto(broken.as_uri())
    assert "owned" not in page.title()
    assert not any("REFUSED" in said or "127.0.0.1" in said for said in reached)
    page.close()
