"""The GAN on a ring (week 7): its frames are whole, and it is used by keyboard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.data.datasets.derive_ring_frames import EDGE, EVERY, FRAMES, GRID, POINTS, written
from dlcourse.models.ring_gan import MODES, covered_modes

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIGURE = "gan_ring"


def status(page: Any) -> str:
    return str(page.get_by_role("status").inner_text())


def frame(page: Any, game: str, index: int) -> Any:
    return page.evaluate(f"ringFunctions.frameOf('{game}', {index})")


def test_every_frame_is_whole(page: Any) -> None:
    games = page.evaluate("ringFunctions.FRAMES")
    assert list(games) == ["collapse", "momentum", "cross_entropy", "wasserstein"]
    for frames in games.values():
        assert len(frames) == FRAMES
        assert {(len(points), len(grid)) for points, grid, _ in frames} == {
            (2 * POINTS, GRID * GRID)
        }


def test_the_figure_reads_what_the_script_writes(page: Any) -> None:
    values = np.linspace(0, 1, 64)
    text = written(values)
    page.evaluate("text => { ringFunctions.FRAMES.collapse[0] = [text, text, 3]; }", text)
    found = frame(page, "collapse", 0)
    np.testing.assert_allclose(found["values"], values, atol=1e-9)
    np.testing.assert_allclose(np.ravel(found["points"]), (2 * values - 1) * EDGE, atol=1e-9)
    assert found["modes"] == 3


def test_the_cure_covers_the_ring_and_the_collapse_does_not(page: Any) -> None:
    last = {game: frame(page, game, FRAMES - 1) for game in ("collapse", "wasserstein")}
    assert last["collapse"]["modes"] <= 2
    assert last["wasserstein"]["modes"] >= 7
    for found in last.values():
        modes, _ = covered_modes(np.array(found["points"])[None])
        # A hundred points tell the modes that a thousand did, but for one or two.
        assert abs(int(modes[0]) - found["modes"]) <= 2


def test_the_discriminator_prefers_the_modes_in_the_end(page: Any) -> None:
    values = np.array(frame(page, "wasserstein", FRAMES - 1)["values"]).reshape(GRID, GRID)
    column, row = np.rint((MODES + EDGE) / (2 * EDGE) * (GRID - 1)).astype(int).T
    assert values[row, column].mean() > values.mean()


def test_the_slider_and_the_setting_change_the_frame(page: Any) -> None:
    assert status(page).startswith("Round 0:")
    slider = page.get_by_label("round")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == f"{EVERY} rounds"
    assert status(page).startswith(f"Round {EVERY}:")
    slider.press("End")
    collapsed = status(page)
    page.get_by_label("setting").select_option("wasserstein")
    assert status(page) != collapsed
    assert page.locator("svg .point").count() == POINTS
    assert page.locator("svg .mode").count() == len(MODES)


def test_the_button_plays_to_the_end_and_can_stop(page: Any) -> None:
    button = page.get_by_role("button")
    button.click()
    assert button.inner_text() == "Stop"
    button.click()
    assert button.inner_text() == "Play"
    page.get_by_label("round").fill(str(FRAMES - 2))
    button.click()
    page.wait_for_function("document.querySelector('button').textContent === 'Play'")
    assert status(page).startswith(f"Round {EVERY * (FRAMES - 1)}:")
