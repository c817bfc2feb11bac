"""The class report."""

from __future__ import annotations

import base64
import math
import random
import re
import time
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission, Status
from autograder.report.classreport import _edges, write_class_report
from dlcourse.check import Outcome

from .conftest import HOSTILE, Make

BARS = {"accuracy": {"cpu": 0.9, "gpu": 0.97}}


class Page(HTMLParser):
    """The text of a page as one reads it, and the tags that it opens."""

    INLINE = ("a", "code", "span", "strong")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.parts: list[str] = []
        self.feed(html)
        self.text = " ".join("".join(self.parts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.parts.append("" if tag in self.INLINE else " ")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("" if tag in self.INLINE else " ")

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1][0] != "style":
            self.parts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(assignment: Assignment, graded: list[GradedSubmission], out: Path) -> Page:
    html = write_class_report(assignment, graded, out, thresholds=BARS).read_text(encoding="utf-8")
    return Page(html)


def test_marks_are_put_into_words(assignment: Assignment, make: Make, tmp_path: Path) -> None:
    class_ = [make(f"s{i}", *[Outcome.NOT_YET] * (i % 3)) for i in range(9)]  # 5, 4 or 2 points
    text = page(assignment, class_, tmp_path).text
    assert "The median is 4 of 5 points; half of the submissions lie between 2 and 5." in text
    assert "3 of 9 have full marks, 0 of 9 none." in text
    assert "Most was lost in “Softmax”: 56 % of its points were earned" in text


def test_every_plot_is_an_image_with_a_description(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = [make(f"s{i}", measured={"rows_sum_to_one": {"accuracy": 0.9}}) for i in range(3)]
    images = page(assignment, class_, tmp_path).all("img")
    assert len(images) == 5
    for image in images:
        source = image["src"] or ""
        svg = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,"))
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert len(image["alt"] or "") >= 40


def test_measurements_are_set_against_the_threshold_of_their_tier(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    values = [0.85, 0.9, 0.95, math.nan, math.inf]
    class_ = [
        make(f"s{i}", Outcome.CORRECT if v >= 0.9 else Outcome.NOT_YET,
             measured={"rows_sum_to_one": {"accuracy": v}})
        for i, v in enumerate(values)
    ]  # fmt: skip
    class_.append(make("gpu", tier="gpu", measured={"rows_sum_to_one": {"accuracy": 0.99}}))
    text = page(assignment, class_, tmp_path).text
    assert "Measured: accuracy (cpu tier)" in text
    assert "3 values from 0.85 to 0.95; half of them are 0.9 or more." in text
    assert "The threshold is 0.9: 2 at or above it, 1 below." in text
    assert "2 measurements gave no finite number." in text
    assert "3 of 5 pass “rows sum to one”." in text
    assert "The threshold is 0.97: 1 at or above it, 0 below." in text


def test_no_bar_holds_values_on_both_sides_of_the_threshold() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        values = rng.normal(rng.normal(), 10.0 ** rng.integers(-6, 6), rng.integers(1, 50))
        threshold = float(rng.normal())
        edges = _edges(values, threshold)
        assert np.all(np.diff(edges) > 0)
        assert np.isclose(edges, threshold).any()


@pytest.mark.parametrize(
    "values", [[0.0], [1e308, -1e308], [1e-320], [5.0] * 9, [*range(40), 10**9], [1e300] * 2]
)
def test_a_plot_can_be_drawn_of_any_numbers(
    assignment: Assignment, make: Make, tmp_path: Path, values: list[float]
) -> None:
    class_ = [
        make(
            f"s{i}",
            measured={"rows_sum_to_one": {"odd": float(v)}},
            seconds=min(abs(float(v)), 1e6),
        )
        for i, v in enumerate(values)
    ]
    assert "Measured: odd" in page(assignment, class_, tmp_path).text


def test_an_outlier_does_not_hide_the_rest(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    values = [*np.linspace(0.4, 0.6, 40), 1e9]
    class_ = [
        make(f"s{i}", measured={"rows_sum_to_one": {"loss": v}}) for i, v in enumerate(values)
    ]
    assert "1 of 41 lie outside the plot." in page(assignment, class_, tmp_path).text


def test_the_commonest_messages_are_counted(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    told = ["Rows, not columns.", "Rows, not columns.", "Too large.", "a", "b", "c"]
    class_ = [
        make(f"s{i}", Outcome.NOT_YET, messages={"rows_sum_to_one": said})
        for i, said in enumerate(told)
    ]
    text = page(assignment, class_, tmp_path).text
    assert "What learners are told most often, 2 times: “Rows, not columns.”" in text
    assert "✗ Not yet (2): Rows, not columns." in text
    assert "2 other messages: 2" in text


def test_submissions_to_look_at_come_with_their_reasons(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = [
        make("ada"),
        make("bob", *[Outcome.ERROR] * 4, status=Status.STOPPED, reason="Cell 3 ran over 5 s."),
        make("eve", status=Status.UNREADABLE, checks=(), reason="This is a PDF."),
        make("flo", status=Status.LOST, reason="The worker died."),
    ]
    text = page(assignment, class_, tmp_path).text
    assert "4 submissions: 1 graded, 1 stopped, 1 unreadable, 1 lost." in text
    assert "3 submissions to look at, with reasons" in text
    for said in ("Cell 3 ran over 5 s.", "This is a PDF.", "The worker died."):
        assert said in text
    assert "1 of 3 have full marks" in text  # the lost one is not counted


def test_no_submissions_make_a_page_that_says_so(assignment: Assignment, tmp_path: Path) -> None:
    found = page(assignment, [], tmp_path)
    assert "There are no submissions." in found.text
    assert found.all("img") == []


def test_only_lost_submissions_make_a_page_without_numbers(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    found = page(assignment, [make("ada", status=Status.LOST)], tmp_path)
    assert "1 submission: 1 lost." in found.text
    assert found.all("img") == []


def test_one_submission_makes_a_report(assignment: Assignment, make: Make, tmp_path: Path) -> None:
    text = page(assignment, [make("ada")], tmp_path).text
    assert "The one submission has 5 of 5 points." in text
    assert "Every question was answered in full by everybody." in text


def test_submissions_without_checks_make_a_report(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    class_ = [make("ada", status=Status.UNREADABLE, checks=())]
    assert "The one submission has 0 of 5 points." in page(assignment, class_, tmp_path).text


def test_hostile_text_is_shown_and_does_nothing(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    one = make(HOSTILE, Outcome.ERROR, status=Status.STOPPED, reason=HOSTILE,
               messages={"rows_sum_to_one": HOSTILE}, tier=HOSTILE, isolation=HOSTILE,
               measured={"rows_sum_to_one": {HOSTILE: 1.0, "$\\frac$": 3.0}})  # fmt: skip
    found = page(assignment, [one], tmp_path)
    assert found.all("script") == []
    assert "<script>alert(1)</script>" in found.text  # as text
    assert "\x1b" not in found.text


def test_the_page_allows_itself_nothing(assignment: Assignment, make: Make, tmp_path: Path) -> None:
    found = page(assignment, [make("ada")], tmp_path)
    policy = found.all("meta")[1]["content"] or ""
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert {tag for tag, _ in found.tags}.isdisjoint({"script", "iframe", "link", "object", "form"})
    assert not any(re.match(r"on", name) for _, said in found.tags for name in said)


@pytest.mark.slow
def test_a_thousand_submissions_stay_small_and_quick(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    rng = random.Random(0)
    class_ = [
        make(
            f"s{i:04}", *rng.choices(list(Outcome), k=4),
            status=Status.STOPPED if i % 3 == 0 else Status.GRADED, reason=f"Reason {i} " * 50,
            messages={"rows_sum_to_one": f"{i} " * 500},
            measured={"rows_sum_to_one": {"accuracy": rng.random()}},
        )
        for i in range(1_000)
    ]  # fmt: skip
    start = time.process_time()
    path = write_class_report(assignment, class_, tmp_path, thresholds=BARS)
    assert time.process_time() - start < 20
    assert path.stat().st_size < 1_500_000
