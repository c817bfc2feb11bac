"""Drawings for time series show what they say."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from dlcourse.figures.series_plots import (
    dilation_diagram,
    forecast_band,
    forecaster_diagram,
    origins_diagram,
    window_diagram,
)
from dlcourse.plots import use_style

BLUE, ORANGE = "#0072b2", "#d55e00"


@pytest.fixture(autouse=True)
def styled(own_style: None) -> None:
    use_style()


def edges(figure: Figure) -> list[str]:
    patches = figure.axes[0].patches
    return [to_hex(p.get_edgecolor()) for p in patches if isinstance(p, FancyBboxPatch)]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_each_window_has_its_inputs_and_targets() -> None:
    figure = window_diagram(10, 4, 1, 2)
    found = edges(figure)
    assert found.count(ORANGE) == 4 * 2
    assert found.count(BLUE) == 10 + 4 * 4
    assert "window 3" in texts(figure)
    assert "window 4" not in texts(figure)


def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit into a series of 5"):
        window_diagram(5, 4, 1, 2)


@pytest.mark.parametrize(("causal", "inputs"), [(True, 8), (False, 15)])
def test_an_output_has_seen_its_receptive_field(causal: bool, inputs: int) -> None:
    figure = dilation_diagram([1, 2, 4], 17, causal=causal)
    assert edges(figure)[-17:].count(BLUE) == inputs


def test_a_causal_output_has_arrows_from_no_later_step() -> None:
    arrows = [p for p in dilation_diagram([1, 2]).axes[0].patches if isinstance(p, FancyArrowPatch)]
    paths = [np.asarray(arrow.get_path().vertices) for arrow in arrows]
    assert arrows
    assert all(path[:, 0].max() <= 18.0 for path in paths)


def test_a_rolling_origin_tests_each_part_after_those_trained_on() -> None:
    found = edges(origins_diagram(list("abcde"), 3))
    assert found == [BLUE] * 3 + [ORANGE] + [BLUE] * 4 + [ORANGE]


def test_the_forecaster_shows_its_shapes() -> None:
    assert {"past\n(48, 10)", "(32,)", "forecast\n(24,)"} <= set(
        texts(forecaster_diagram(48, 10, 32, 24))
    )


def test_the_band_begins_after_the_origin() -> None:
    _, ax = plt.subplots()
    forecast_band(ax, np.zeros(5), np.ones(3), np.tile([-1.0, 0.0, 1.0], (3, 1)))
    past, truth = ax.lines[0], ax.lines[1]
    assert list(np.asarray(past.get_xdata())) == [-4, -3, -2, -1, 0]
    assert list(np.asarray(truth.get_xdata())) == [1, 2, 3]
