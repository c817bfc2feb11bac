"""The figures on speech show what they are given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlcourse.figures import speech_figures as figures


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_a_waveform_is_drawn_in_milliseconds() -> None:
    figure = figures.draw_waveforms({"one": np.zeros(800), "two": np.zeros(400)}, 8000)
    (line,) = figure.axes[0].lines
    assert np.asarray(line.get_xdata())[-1] == pytest.approx(799 / 8)
    assert [ax.get_title() for ax in figure.axes] == ["one", "two"]


def test_the_grid_shows_the_nodes_on_a_way_and_all_steps_between_them() -> None:
    alpha = np.arange(15).reshape(3, 5) / 100
    figure = figures.draw_ctc_grid(alpha, [1, 2])
    shown = {text for text in texts(figure) if text.strip()}
    nodes = [(0, 0), (0, 1), (1, 1), (1, 2), (1, 3), (2, 3), (2, 4)]
    assert shown == {f"{alpha[node]:.3f}" for node in nodes}
    arrows = [t for t in figure.axes[0].texts if getattr(t, "arrow_patch", None) is not None]
    assert len(arrows) == 8


def test_what_a_network_says_is_drawn_at_the_middle_of_each_step() -> None:
    figure = figures.draw_reading(np.zeros((8, 3)), {"blank": np.ones(4)}, 2.0)
    assert np.asarray(figure.axes[1].lines[0].get_xdata()) == pytest.approx(
        [0.25, 0.75, 1.25, 1.75]
    )


def test_each_speaker_is_a_point() -> None:
    figure = figures.draw_speakers({"a": np.array([0.9, 0.5]), "b": np.array([0.4])})
    first, second = figure.axes[0].lines
    assert np.asarray(first.get_ydata()).tolist() == [0.5, 0.9]
    assert np.asarray(second.get_ydata()).tolist() == [0.4]


def test_the_chain_names_every_array_and_operation() -> None:
    figure = figures.draw_feature_steps([("a", "(3,)"), ("b", "(2,)")], ["cut"])
    assert {"a", "b", "(3,)", "(2,)", "cut"} <= set(texts(figure))


def test_the_spotters_and_the_features_can_be_drawn() -> None:
    assert "GRU" in texts(figures.draw_spotters())
    rng = np.random.default_rng(0)
    figure = figures.draw_log_mel_steps(
        rng.normal(size=80), rng.normal(size=(11, 16)), np.ones(16), rng.random((9, 4)),
        (rng.normal(size=(11, 9)), rng.normal(size=(11, 4))), rate=8000, step=8, shown=5,
    )  # fmt: skip
    assert len(figure.axes) == 6
