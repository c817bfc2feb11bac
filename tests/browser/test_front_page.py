"""What a visitor does on the first page: begin, draw, look and listen, and choose a topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import ROOT
from .test_pages import DESKTOP, PHONE, View, complaints, opened
from .test_sound import DURATION, PLAYED

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def page(browser: Any, address: str) -> Iterator[Any]:
    """The first page, loaded once."""
    page = opened(browser, address + "book/intro.html")
    yield page
    page.context.close()


def test_the_start_buttons_and_the_figure_are_seen_without_scrolling(page: Any) -> None:
    page.set_viewport_size(DESKTOP)
    for place in (page.locator(".start-buttons a").last, page.locator(".digit-reader .board")):
        box = place.bounding_box()
        assert box["y"] + box["height"] <= DESKTOP["height"]


def test_the_start_buttons_lead_to_the_first_chapter_to_colab_and_to_the_assignment(
    page: Any, address: str
) -> None:
    links = page.locator(".start-buttons a")
    read, colab, assignment = links.evaluate_all("links => links.map((link) => link.href)")
    assert read == f"{address}book/week01/01_what_is_deep_learning.html"
    assert colab.startswith("https://colab.research.google.com/github/")
    assert colab.endswith("/notebooks/week01/01_what_is_deep_learning.ipynb")
    assert assignment == f"{address}book/week01/index.html#first-assignment"


def test_the_button_for_the_assignment_leads_to_where_it_is_opened(
    browser: Any, address: str
) -> None:
    page = opened(browser, address + "book/intro.html")
    page.get_by_role("link", name="Do the first assignment").press("Enter")
    page.wait_for_url("**/book/week01/index.html#first-assignment")
    assert page.locator("#first-assignment").evaluate("e => e.getBoundingClientRect().top") < 450
    assert page.get_by_role("link", name="Download notebook").count() > 0
    page.context.close()


def test_the_network_reads_the_digit_that_is_shown_first(page: Any) -> None:
    status = page.locator(".digit-reader").get_by_role("status").inner_text()
    assert status.startswith("The network reads a 3,")


def test_each_result_leads_to_the_page_that_makes_it(page: Any, address: str) -> None:
    links = page.locator(".result .result-where a")
    assert links.count() == page.locator(".result").count() > 10
    for link in links.evaluate_all("links => links.map((link) => link.href)"):
        assert link.startswith((f"{address}book/week", f"{address}book/projects/")), link


def test_every_picture_of_the_gallery_loads(page: Any) -> None:
    pictures = page.locator(".result img")
    assert pictures.count() > 10
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "e => e.complete && e.naturalWidth > 0", arg=picture.element_handle()
        )


def test_the_sound_plays_to_its_end(page: Any) -> None:
    sound = page.locator(".result audio").first
    sound.evaluate("element => element.load()")
    assert sound.evaluate(DURATION) == pytest.approx(1.6)
    assert sound.evaluate(PLAYED) == pytest.approx(1.6, abs=0.05)


def test_the_slider_uncovers_the_second_picture_by_keyboard(page: Any) -> None:
    slider = page.get_by_role("slider", name="Share of the first picture")
    painted = page.locator("[data-compare] img").nth(1)
    for key, covered in (("Home", "0%"), ("End", "100%")):
        slider.press(key)
        shown = painted.evaluate("e => getComputedStyle(e).clipPath")
        assert shown == f"inset(0px 0px 0px {covered})"


def test_the_text_is_written_again_and_is_the_same(page: Any) -> None:
    page.emulate_media(reduced_motion="no-preference")
    samples = page.locator("[data-sample]").all()
    assert len(samples) == 2
    for sample in samples:
        written = sample.locator(".written")
        text = written.text_content()
        sample.get_by_role("button", name="Write it again").press("Enter")
        assert len(written.text_content()) < len(text)
        page.wait_for_function(
            "([written, length]) => written.textContent.length === length",
            arg=[written.element_handle(), len(text)],
        )
        assert written.text_content() == text


def test_a_reader_who_wants_no_motion_sees_the_text_at_once(page: Any) -> None:
    page.emulate_media(reduced_motion="reduce")
    for sample in page.locator("[data-sample]").all():
        written = sample.locator(".written")
        text = written.text_content()
        sample.get_by_role("button", name="Write it again").press("Enter")
        assert written.text_content() == text
    page.emulate_media(reduced_motion="no-preference")


def boxes(page: Any, kind: str) -> set[str]:
    """The numbers of the topics that are marked in some way."""
    data = page.locator(f".map-topic.{kind} .map-data")
    return set(data.evaluate_all("all => all.map((one) => one.dataset.topic)"))


def test_a_topic_that_has_the_focus_marks_all_that_it_builds_on(page: Any) -> None:
    page.get_by_role("link", name="Forward propagation").last.focus()
    assert boxes(page, "chosen") == {"1.4"}
    assert boxes(page, "needed") == {"1.1", "1.2", "1.3"}
    status = page.locator(".map-status").inner_text()
    assert status.startswith("1.4 Forward propagation builds on 3 chapters, ")
    marked = page.locator(".map-lines path.marked").count()
    assert marked == 4  # 1.4 needs 1.2 and 1.3, which need 1.2 and 1.1


def test_a_topic_without_prerequisites_says_so(page: Any) -> None:
    page.locator(".map-topic a").first.focus()
    assert page.locator(".map-status").inner_text().endswith("needs no other chapter.")


def test_a_week_that_is_needed_as_a_whole_stands_for_its_topics(page: Any) -> None:
    told = [
        {"key": "1.1", "needs": []},
        {"key": "1.2", "needs": ["1.1"]},
        {"key": "2.1", "needs": ["1"]},
        {"key": "3", "needs": ["2", "7"]},
        {"key": "4", "needs": ["3"]},
    ]
    found = page.evaluate(
        """told => {
            const direct = courseMapFunctions.directNeeds(told);
            return told.map(({ key }) => [...courseMapFunctions.allNeeds(key, direct)].sort());
        }""",
        told,
    )
    assert found == [[], ["1.1"], ["1.1", "1.2"], ["1.1", "1.2", "2.1"], ["1.1", "1.2", "2.1", "3"]]


def test_a_week_that_is_not_written_is_to_come_and_no_link(page: Any) -> None:
    rows = page.locator(".map-row")
    assert rows.count() == 12
    written = len(list((ROOT / "book").glob("week[0-9][0-9]")))
    to_come = page.locator(".map-to-come")
    assert to_come.count() == 12 - written
    assert to_come.locator("a").count() == 0


def test_without_scripts_the_page_still_shows_what_there_is(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(address + "book/intro.html")
    assert page.get_by_text("A drawing area of 28 by 28 pixels").is_visible()
    assert page.get_by_text("needs 1.2, 1.3").is_visible()
    assert page.get_by_role("button", name="Write it again").count() == 0
    assert page.get_by_text("they should be laugh").is_visible()
    context.close()


def test_a_chosen_topic_is_no_barrier_in_either_theme(browser: Any, address: str) -> None:
    page = opened(browser, address + "book/intro.html")
    page.locator(".map-topic a").last.focus()
    views = [View("light", "desktop"), View("dark", "phone")]
    assert set(map(tuple, complaints(page, address, views).values())) == {()}
    page.context.close()
