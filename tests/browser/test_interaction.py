"""What a reader operates on the published page, by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import ROOT
from .test_pages import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def page_with(text: str) -> str:
    """The first page of the book that holds a directive."""
    for path in sorted((ROOT / "book" / "week01").glob("*.md")):
        if text in path.read_text(encoding="utf-8"):
            return path.relative_to(ROOT).with_suffix(".html").as_posix()
    pytest.fail(f"no page of week 1 holds {text}")


@pytest.fixture
def question(browser: Any, address: str) -> Any:
    """The first question with one right answer on a page."""
    page = opened(browser, address + page_with("{quiz}"))
    yield page.locator(".quiz:has(input[type=radio])").first
    page.context.close()


def choose(question: Any, verdict: str) -> None:
    """Choose a right or a wrong answer with the space bar, and press the button with Enter."""
    question.locator(f".quiz-choice[data-verdict={verdict}] input").first.press("Space")
    question.locator(".quiz-check").press("Enter")


def test_a_quiz_explains_nothing_before_an_answer(question: Any) -> None:
    assert question.locator(".quiz-explanation:visible").count() == 0


def test_a_right_answer_is_called_correct(question: Any) -> None:
    choose(question, "right")
    assert question.get_by_role("status").inner_text().startswith("Correct.")


def test_a_wrong_answer_explains_itself(question: Any) -> None:
    choose(question, "wrong")
    status = question.get_by_role("status")
    assert status.inner_text().startswith("Not yet.")
    assert status.locator(".quiz-explanation:visible").count() == 1


def test_a_new_choice_takes_the_verdict_away(question: Any) -> None:
    choose(question, "wrong")
    question.locator(".quiz-choice[data-verdict=right] input").first.press("Space")
    assert question.get_by_role("status").inner_text() == ""


def test_the_button_asks_for_an_answer(question: Any) -> None:
    question.locator(".quiz-check").press("Enter")
    assert question.get_by_role("status").inner_text() == "Choose an answer first."


@pytest.fixture
def explorer(browser: Any, address: str) -> Any:
    """The neuron explorer on its page."""
    page = opened(browser, address + page_with("{interactive} neuron"))
    yield page.locator(".explorer").first
    page.context.close()


def test_a_slider_moves_the_boundary(explorer: Any) -> None:
    before = explorer.locator(".boundary").get_attribute("d")
    explorer.get_by_label("weight w₁").press("ArrowRight")
    assert explorer.locator(".boundary").get_attribute("d") != before
    assert "1.25" in explorer.locator(".formula").inner_text()


def test_the_perceptron_rule_separates_two_groups_apart(explorer: Any) -> None:
    button = explorer.get_by_role("button", name="One perceptron update")
    for _ in range(10):
        button.press("Enter")
    status = explorer.get_by_role("status").inner_text()
    assert "No mistake is left" in status
    assert "accuracy 100 %" in status


def test_no_line_separates_xor(explorer: Any) -> None:
    explorer.get_by_label("data").select_option("xor")
    button = explorer.get_by_role("button", name="One perceptron update")
    for _ in range(60):
        button.press("Enter")
    assert "Update 60" in explorer.get_by_role("status").inner_text()


def test_without_scripts_the_text_says_what_the_figure_shows(site: Path, explorer: Any) -> None:
    html = (site / page_with("{interactive} neuron")).read_text(encoding="utf-8")
    stage = html.split('data-interactive="neuron">', 1)[1].split("</div>", 1)[0]
    assert len(stage.split()) > 10
