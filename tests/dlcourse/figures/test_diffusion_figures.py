"""Figures of diffusion show what the chapter says that they show."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlcourse.figures.diffusion_figures import (
    draw_chain,
    draw_denoiser,
    draw_guidance,
    draw_latent_diffusion,
    draw_paths,
    draw_schedules,
)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_chain_runs_from_data_to_noise() -> None:
    found = texts(draw_chain())
    for name in ("0", "1", "t-1", "t", "T"):
        assert rf"$\mathbf{{x}}_{{{name}}}$" in found
    assert {"data", "pure noise", "network"} <= set(found)


def test_the_denoiser_is_drawn_with_its_shapes() -> None:
    found = texts(draw_denoiser(16, 192, 3))
    assert found.count("16") == 2
    assert found.count("192") == 2
    assert "residual block,\n3 times" in found
    assert "label" in found
    assert "label" not in texts(draw_denoiser(2, 64, 1, labels=False))


def test_the_code_is_as_long_as_said() -> None:
    assert texts(draw_latent_diffusion(24)).count("24") == 2


def test_the_ratio_is_in_decibels() -> None:
    figure = draw_schedules({"one": np.array([1.0, 0.9, 0.5, *np.full(6, 0.1)])})
    line = figure.axes[0].lines[0]
    assert np.asarray(line.get_ydata())[:3] == pytest.approx([9.542, 0, -9.542], abs=1e-3)


def test_each_process_has_a_row_and_each_time_a_column() -> None:
    points = np.zeros((3, 5, 2))
    figure = draw_paths({"one": points, "other": points}, [200, 100, 0], np.ones((8, 2)))
    assert len(figure.axes) == 6
    assert [ax.get_title() for ax in figure.axes[:3]] == ["t = 200", "t = 100", "t = 0"]


def test_each_measure_of_guidance_has_a_panel_with_its_level() -> None:
    values = np.arange(6.0).reshape(2, 3)
    figure = draw_guidance([0, 1, 2], {"a": values, "b": values}, {"b": 2.5})
    first, second = figure.axes
    assert first.containers[0][0].get_ydata() == pytest.approx([1.5, 2.5, 3.5])
    assert len(first.lines) + 1 == len(second.lines)
