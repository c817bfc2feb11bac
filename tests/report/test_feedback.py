"""A learner's feedback page."""

from __future__ import annotations

import base64
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment.source import Assignment
from autograder.grading.results import GradedSubmission, Status
from autograder.report.feedback import feedback_page, write_feedback
from dlcourse.check import Outcome

from .conftest import HOSTILE, Make
from .test_classreport import Page

SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def png(width: int = 3, height: int = 2) -> str:
    """The beginning of a PNG: as much as is looked at."""
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return base64.b64encode(data + b"\x08\x02\x00\x00\x00").decode()


def code(source: Any, *outputs: Any) -> dict[str, Any]:
    return {
        "cell_type": "code", "id": "a", "metadata": {}, "execution_count": 1, "source": source,
        "outputs": list(outputs),
    }  # fmt: skip


def display(data: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}} | said


def stream(text: Any) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def notebook(*cells: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def page(assignment: Assignment, one: GradedSubmission) -> Page:
    return Page(feedback_page(assignment, one))


def shown(assignment: Assignment, make: Make, *cells: Any) -> Page:
    return page(assignment, make("ada", notebook=notebook(*cells)))


def test_each_submission_gets_a_page_of_its_own(
    assignment: Assignment, make: Make, tmp_path: Path
) -> None:
    paths = write_feedback(
        assignment, [make("../ada"), make("Ada"), make("ada"), make("ada")], tmp_path
    )
    assert len({path.name.casefold() for path in paths}) == 4
    assert all(path.parent == tmp_path / "feedback" and path.is_file() for path in paths)


def test_the_header_says_marks_and_status(assignment: Assignment, make: Make) -> None:
    one = make("ada", Outcome.NOT_YET, status=Status.STOPPED, reason="Cell 3 ran over 5 s.")
    text = page(assignment, one).text
    assert "Feedback for ada" in text
    assert "4 of 5 points" in text
    assert "■ Stopped. Cell 3 ran over 5 s." in text


def test_what_to_do_next_names_questions_and_checks(assignment: Assignment, make: Make) -> None:
    one = make("ada", Outcome.CORRECT, Outcome.NOT_YET, Outcome.ERROR, Outcome.NOT_ATTEMPTED)
    found = page(assignment, one)
    assert "Softmax: 2 points left; not yet: survives large scores." in found.text
    assert (
        "Counting: 2 points left; error: is a whole number; "
        "not attempted: counts weights and biases." in found.text
    )
    targets = {said.get("id") for _, said in found.tags}
    links = [said["href"] or "" for said in found.all("a")]
    assert len(links) == 2
    assert all(link.removeprefix("#") in targets for link in links)


def test_full_marks_leave_nothing_to_do(assignment: Assignment, make: Make) -> None:
    assert "Every check passed. There is nothing left to do." in page(assignment, make()).text


def test_a_lost_submission_asks_nothing_of_the_learner(assignment: Assignment, make: Make) -> None:
    text = page(assignment, make("ada", Outcome.ERROR, status=Status.LOST)).text
    assert "No marks yet" in text
    assert "You need do nothing" in text
    assert "rows sum to one" not in text


def test_an_unreadable_submission_says_how_to_mend_it(assignment: Assignment, make: Make) -> None:
    one = make("ada", status=Status.UNREADABLE, checks=(), reason="This file is a PDF.")
    text = page(assignment, one).text
    assert "0 of 5 points" in text
    assert "This file is a PDF." in text
    assert "hand it in again" in text
    assert "It did not run, so there is nothing to show." in text


def test_outcomes_are_told_by_symbol_and_word(assignment: Assignment, make: Make) -> None:
    one = make("ada", *Outcome)
    for said in ("✓ Correct", "✗ Not yet", "! Error", "○ Not attempted"):
        assert said in page(assignment, one).text


def test_hints_are_given_where_a_public_check_did_not_pass(
    assignment: Assignment, make: Make
) -> None:
    assert "Hint: Each row must" in page(assignment, make("ada", Outcome.NOT_YET)).text
    assert "Hint" not in page(assignment, make("ada")).text


def test_nothing_of_a_hidden_check_but_name_and_message(assignment: Assignment, make: Make) -> None:
    one = make(
        "ada", Outcome.CORRECT, Outcome.NOT_YET,
        measured={"survives_large_scores": {"secret_accuracy": 0.123456}},
    )  # fmt: skip
    html = feedback_page(assignment, one)
    text = Page(html).text
    assert (
        "survives large scores (hidden check) ✗ Not yet 0/2 survives_large_scores says so." in text
    )
    assert "Subtract each row" not in html  # its hint
    assert "0.123" not in html
    assert "secret_accuracy" not in html
    assert "hidden_scores" not in html
    assert "reference.softmax" not in html


def test_the_notebook_is_shown_with_its_outputs(assignment: Assignment, make: Make) -> None:
    found = shown(
        assignment, make,
        {"cell_type": "markdown", "metadata": {}, "source": "# Title\n\nSome **bold** `code`."},
        code(["x = 1\n", "print(x)"], stream(["1\n", "2\n"])),
        code("x", display({"text/plain": "<array>"}, output_type="execute_result")),
        code("1/0", {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "by zero",
                     "traceback": ["\x1b[0;31mZeroDivisionError\x1b[0m: by zero"]}),
        code("plot()", display({"image/png": png(), "text/plain": "<Figure>"})),
    )  # fmt: skip
    for said in ("Title Some bold code.", "x = 1 print(x)", "1 2", "<array>", "Error: by zero"):
        assert said in found.text
    (image,) = found.all("img")
    assert image["src"] == f"data:image/png;base64,{png()}"
    assert image["alt"] == "Image made by cell 5, 3 by 2 pixels"


def test_a_progress_bar_leaves_its_last_state(assignment: Assignment, make: Make) -> None:
    text = shown(assignment, make, code("fit()", stream("10 %\r50 %\r100 %\r\ndone\r"))).text
    assert "100 % done" in text
    assert "50 %" not in text


@pytest.mark.parametrize(
    "output",
    [
        display({"text/html": "<script>alert(1)</script><img src=http://evil.example/x>"}),
        display({"image/svg+xml": SVG}),
        display({"application/javascript": "alert(1)"}),
        display({"image/png": base64.b64encode(SVG.encode()).decode()}),
        display({"image/png": '"><script>alert(1)</script>'}),
        display({"image/jpeg": base64.b64encode(b"\xff\xd8\xff" + b"\xff" * 99).decode()}),
        display({"text/plain": "<script>alert(1)</script>"}),
        display({"<script>": "x"}),
        stream("</pre><script>alert(1)</script>"),
        {"output_type": "error", "ename": "<script>", "evalue": "<img onerror=alert(1)>"},
    ],
)
def test_no_output_runs_or_loads_anything(
    assignment: Assignment, make: Make, output: dict[str, Any]
) -> None:
    found = shown(assignment, make, code("</pre><script>alert(1)</script>", output))
    allowed = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer",
               "section", "div", "p", "h1", "h2", "strong", "span", "table", "thead", "tbody", "tr",
               "th", "td", "pre", "code", "ul", "li", "a"}  # fmt: skip
    assert {tag for tag, _ in found.tags} <= allowed
    assert not any(name.startswith("on") for _, said in found.tags for name in said)


def test_code_is_escaped_where_it_is_too_long_to_colour(assignment: Assignment, make: Make) -> None:
    cells = [code(f"x{i} = 1\n" * 2_000) for i in range(15)]
    last = code("<script>alert(1)</script>" + "x = 1\n" * 2_000)
    found = shown(assignment, make, *cells, last)
    assert found.all("script") == []
    assert "<script>alert(1)</script>" in found.text
    spans = len(found.all("span"))
    assert spans == len(shown(assignment, make, *cells).all("span"))  # the last has no colours


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://evil.example/a.png) [y](javascript:alert(1)) <iframe src=x>",
        "```\n<script>alert(1)</script>\n```",
        "# <img src=x onerror=alert(1)>",
        "**" * 9_000,
        "`" * 9_000,
        "![" * 9_000,
        "[](" * 6_000,
        "[a]: b\n" * 2_800,
        "|a" * 300 + "\n" + "|-" * 300 + "\n" + "a\n" * 9_000,
        "$$\n<script>alert(1)</script>\n$$",
        "<javascript:alert(1)> [x][y]\n\n[y]: javascript:alert(1)",
    ],
)
def test_no_markdown_runs_or_loads_anything(assignment: Assignment, make: Make, text: str) -> None:
    start = time.process_time()
    found = shown(assignment, make, {"cell_type": "markdown", "source": text})
    assert {tag for tag, _ in found.tags}.isdisjoint({"script", "img", "iframe", "a"})
    assert time.process_time() - start < 2


def test_markdown_keeps_its_structure(assignment: Assignment, make: Make) -> None:
    text = "# Why\n\n- one *step*\n- `x < 1`, [see](https://x.example)\n\n> so\n\n$a_1 < b_1$"
    found = shown(assignment, make, {"cell_type": "markdown", "source": text})
    assert "Why one step x < 1, see (https://x.example) so $a_1 < b_1$" in found.text
    assert {"ul", "li", "em", "code", "blockquote"} <= {tag for tag, _ in found.tags}


def test_an_image_of_a_billion_pixels_is_not_shown(assignment: Assignment, make: Make) -> None:
    found = shown(assignment, make, code("x", display({"image/png": png(40_000, 40_000)})))
    assert found.all("img") == []
    assert "An image of 40,000 by 40,000 pixels is not shown." in found.text


def test_an_image_keeps_the_width_that_it_asks_for(assignment: Assignment, make: Make) -> None:
    output = display({"image/png": png(1_400, 10)}, metadata={"image/png": {"width": 700}})
    (image,) = shown(assignment, make, code("x", output)).all("img")
    assert image["width"] == "700"


def test_a_page_stays_small_and_says_what_was_cut(assignment: Assignment, make: Make) -> None:
    big = base64.b64encode(base64.b64decode(png()) + b"\0" * 1_000_000).decode()
    cells = [code("x = 1\n" * 9_000, stream('"&<>' * 1_000_000)) for _ in range(40)]
    cells += [code("y", *[display({"image/png": big})] * 3) for _ in range(10)]
    cells += [code("z", *[stream("a")] * 1_000)]
    cells += [code(f"z{i}") for i in range(1_000)]
    start = time.process_time()
    html = feedback_page(assignment, make("ada", notebook=notebook(*cells)))
    assert time.process_time() - start < 10
    assert len(html) < 12_000_000
    text = Page(html).text
    assert "characters not shown …" in text
    assert "26 images left out" in text
    assert "The notebook has 1,051 cells; the first 400 are shown." in text
    assert "Cell 400," in text
    assert "Cell 401," not in text
    assert "940 more outputs not shown." in text


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"cells": None},
        {"cells": [None, 3, "x", {}, {"cell_type": "code"}]},
        notebook(code(None, None, 3, {}, {"output_type": "display_data"}, display({}), stream(3))),
        notebook(code("x", display({"text/plain": {"a": 1}}), display({"image/png": 3}))),
        notebook(code("x", {"output_type": "error", "traceback": [3, None]})),
        notebook(code(HOSTILE + "\ud800", stream(HOSTILE + "\ud800"))),
    ],
)
def test_a_malformed_notebook_costs_nothing_else(
    assignment: Assignment, make: Make, tmp_path: Path, broken: dict[str, Any]
) -> None:
    (path,) = write_feedback(assignment, [make("ada", notebook=broken)], tmp_path)
    assert "5 of 5 points" in path.read_text(encoding="utf-8")


def test_hostile_names_and_messages_are_shown_as_text(assignment: Assignment, make: Make) -> None:
    one = make(HOSTILE, Outcome.ERROR, reason=HOSTILE, status=Status.STOPPED,
               messages={"rows_sum_to_one": HOSTILE}, tier=HOSTILE, isolation=HOSTILE)  # fmt: skip
    found = page(assignment, one)
    assert found.all("script") == []
    assert found.text.count("<script>alert(1)</script>") == 4  # title, heading, reason, message
    assert not set("\x1b\x07\x00\u202e") & set(found.text)


def test_results_of_another_version_are_shown_too(assignment: Assignment, make: Make) -> None:
    from dataclasses import replace

    one = make("ada", Outcome.ERROR)
    strange = replace(one.checks[0], question="Old <b>question</b>")
    assert "Old <b>question</b>" in page(assignment, replace(one, checks=(strange,))).text


def test_the_page_allows_itself_nothing(assignment: Assignment, make: Make) -> None:
    found = page(assignment, make())
    policy = found.all("meta")[1]["content"] or ""
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_page_does_not_tell_how_long_grading_took(assignment: Assignment, make: Make) -> None:
    """An answer can wait as many seconds as a hidden input is large."""
    pages = {feedback_page(assignment, make(seconds=seconds)) for seconds in (1.0, 97.0)}
    assert len(pages) == 1
