"""Figures of models of the next character show what they are given."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes

from dlcourse.figures.generation_figures import (
    bits_by_context,
    copied_shares,
    next_character_diagram,
    windows_diagram,
)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_targets_are_the_inputs_one_step_later() -> None:
    (ax,) = next_character_diagram("abc", features=8, units=16, k=65).axes
    shown = texts(ax)
    assert [text for text in shown if text.startswith('"')] == ['"a"', '"b"', '"b"', '"c"']
    assert shown.count("16") == shown.count("8") == 2


def test_a_single_character_has_no_target() -> None:
    with pytest.raises(ValueError, match="two characters at least"):
        next_character_diagram("a", features=8, units=16, k=65)


def test_a_row_goes_on_from_window_to_window() -> None:
    (ax,) = windows_diagram(rows=2, batches=3, steps=4).axes
    shown = texts(ax)
    assert [text for text in shown if " to " in text] == [
        "0 to 3", "4 to 7", "8 to 11", "12 to 15", "16 to 19", "20 to 23",
    ]  # fmt: skip
    assert shown.count("state") == shown.count("gradient") == 4


def test_the_mean_over_rows_is_drawn_against_the_place() -> None:
    bits = np.tile(np.linspace(4.0, 2.0, 200), (5, 1))
    (ax,) = bits_by_context({"model": bits}, {"level": 3.0}).axes
    x, y = (np.asarray(data) for data in ax.lines[0].get_data())
    assert x[0] == 1
    assert y[0] == 4.0
    assert np.all(np.diff(y) < 0)
    assert np.asarray(ax.lines[1].get_ydata()).tolist() == [3.0, 3.0]
    assert [line.get_label() for line in ax.lines] == ["model", "level"]


def test_each_text_has_a_curve() -> None:
    (ax,) = copied_shares({"one": [1.0, 0.5], "two": [0.9, 0.1]}, [10, 20]).axes
    assert [np.asarray(line.get_ydata()).tolist() for line in ax.lines] == [[1.0, 0.5], [0.9, 0.1]]
