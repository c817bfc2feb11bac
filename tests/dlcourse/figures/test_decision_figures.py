"""Figures of decision processes show what the chapter says that they show."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from dlcourse.agents.gridworlds import Tile, grid_world
from dlcourse.figures.decision_figures import (
    draw_agent_loop,
    draw_backups,
    draw_contraction,
    draw_policy_iteration,
    draw_values,
    draw_world,
)

WORLD = grid_world(["S.#", "H.G"], tiles={"H": Tile(-1.0, ends=True)})


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_the_loop_says_how_an_episode_may_be_over() -> None:
    found = " ".join(texts(draw_agent_loop()))
    assert "terminated: the task is over" in found
    assert "truncated: only the recording stops" in found


def test_only_the_best_values_take_a_maximum() -> None:
    found = texts(draw_backups())
    assert found.count("max") == 3  # below one state, and below two
    assert found.count(r"$\pi$") == 3


def test_the_loop_of_iteration_ends_with_the_best_values() -> None:
    assert r"$V_\pi = V^*$" in texts(draw_policy_iteration())


def test_a_map_shows_values_and_actions_of_cells_that_are_not_terminal() -> None:
    figure, ax = plt.subplots()
    values = np.array([0.25, 0.5, 9.0, 9.0, 0.75, 9.0])
    draw_world(ax, WORLD, values, policy=np.full(6, 2))
    found = texts(figure)
    assert {"0.25", "0.50", "0.75"} <= set(found)
    assert "9.00" not in found
    assert [name for name in "SHG" if name in found] == ["S", "H", "G"]
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 3


def test_a_darker_cell_is_worth_more() -> None:
    figure, ax = plt.subplots()
    draw_world(ax, WORLD, np.array([0.1, 0.5, 0, 0, 0.9, 0]), digits=None)
    reds = [to_rgb(patch.get_facecolor())[0] for patch in ax.patches]
    assert reds[0] > reds[1] > reds[4]
    assert "0.50" not in texts(figure)


def test_each_policy_has_a_panel() -> None:
    panels = {"one": (np.zeros(6), None), "two": (np.ones(6), np.zeros(6, int))}
    figure = draw_values(WORLD, panels, shared=True)
    assert [ax.get_title() for ax in figure.axes] == ["one", "two"]


def test_each_error_is_drawn_with_its_bound() -> None:
    ax = draw_contraction({0.5: np.array([2.0, 0.5, 0.1])}).axes[0]
    error, bound = ax.lines[:2]
    assert np.allclose(error.get_ydata(), [2.0, 0.5, 0.1])
    assert np.allclose(bound.get_ydata(), [2.0, 1.0, 0.5])
