"""Figures of measuring show what they were given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from dlcourse.figures import measuring_figures as figures


def widths(ax: Axes) -> list[float]:
    return [float(patch.get_width()) for patch in ax.patches]  # type: ignore[attr-defined]


def ends(ax: Axes, line: int) -> tuple[float, float]:
    y = np.asarray(ax.lines[line].get_ydata(), float)
    return float(y[0]), float(y[-1])


def test_the_network_has_its_layers_and_shapes() -> None:
    shown = {text.get_text() for text in figures.network_diagram().axes[0].texts}
    assert {"conv_1", "pool_1", "conv_2", "pool_2", "dense_1", "logits"} <= shown
    assert {"28, 28, 1", "28, 28, 32", "14, 14, 64", "7, 7, 64", "128", "10"} <= shown


def test_costs_are_shares_of_each_quantity() -> None:
    figure = figures.cost_shares({"a": (1, 30), "b": (3, 10)}, ("parameters", "multiply-adds"))
    assert [widths(ax) for ax in figure.axes] == [[25, 75], [75, 25]]


def test_a_roof_rises_with_bandwidth_and_ends_at_the_peak() -> None:
    figure = figures.roofline(
        100e9, {"memory": 10e9}, {"layers": {"a": (1.0, 5e9), 7: (50.0, 80e9)}}
    )
    low, high = ends(figure.axes[0], 0)
    assert low == pytest.approx(1.0)  # 0.1 FLOPs a byte
    assert high == pytest.approx(100.0)
    assert ends(figure.axes[0], 1) == (5, 80)
    assert [text.get_text() for text in figure.axes[0].texts] == ["a", "7"]


def test_latencies_mark_median_and_percentile() -> None:
    figure = figures.latencies({"one": np.arange(1, 102) / 1e3})
    assert float(np.squeeze(figure.axes[0].lines[1].get_xdata())) == pytest.approx(51)
    assert float(np.squeeze(figure.axes[0].lines[2].get_xdata())) == pytest.approx(96)


def test_throughput_is_batch_by_time() -> None:
    figure = figures.throughput({"one": {1: 0.001, 100: 0.01}})
    assert ends(figure.axes[0], 0) == pytest.approx((1, 10))
    assert ends(figure.axes[1], 0) == pytest.approx((1000, 10_000))


def test_an_event_stands_below_the_one_it_ran_in() -> None:
    events = [("inner", 10.0, 30.0), ("outer", 0.0, 100.0), ("next", 50.0, 40.0)]
    ax = figures.timeline(events).axes[0]
    rows = [round(p.get_y() + p.get_height() / 2) for p in ax.patches]  # type: ignore[attr-defined]
    assert rows == [0, 1, 1]
    assert ax.yaxis_inverted()
    assert [text.get_text() for text in ax.texts] == ["outer", "inner", "next"]


def test_short_events_are_left_out() -> None:
    figure = figures.timeline([("outer", 0.0, 100.0), ("short", 5.0, 0.5)])
    assert widths(figure.axes[0]) == [100]


def test_formats_have_their_bits() -> None:
    ax = figures.float_formats().axes[0]
    assert len(ax.patches) == 32 + 16 + 16
    assert {"float32", "bfloat16", "float16"} <= {text.get_text() for text in ax.texts}


def test_a_scale_shifts_the_gradients_and_zeros_are_left_out() -> None:
    figure = figures.gradients_in_float16([0.0, 2.0**-30, -(2.0**-30)], (1, 2**15))
    for ax, power in zip(figure.axes, (-30, -15), strict=True):
        bars = {round(p.get_x()): p.get_height() for p in ax.patches[:-1]}  # type: ignore[attr-defined]
        assert bars[power] == 2
        assert sum(bars.values()) == 2
