"""Figures of the second project show what its page says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.figures.writer_figures import bits_by_approach, longest_copies, project_diagram


def test_the_diagram_names_what_is_learned_judged_and_written() -> None:
    found = " ".join(text.get_text() for text in project_diagram().axes[0].texts)
    for word in ("train", "nobody has", "network", "bits", "temperature", "read again"):
        assert word in found


def test_every_run_is_a_point_and_every_approach_has_its_mean() -> None:
    ax: Any = bits_by_approach({"one": [3.0, 3.2], "two": [2.5, 2.6, 2.7]}).axes[0]
    assert [len(line.get_xdata()) for line in ax.lines] == [2, 3]
    means = [collection.get_segments()[0][0, 0] for collection in ax.collections]
    assert np.allclose(means, [3.1, 2.6])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]


def test_levels_are_lines_with_names() -> None:
    ax: Any = bits_by_approach({"one": [3.0]}, {"triples": 2.97}).axes[0]
    assert ax.lines[-1].get_xdata()[0] == 2.97
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["triples"]


def test_every_sample_has_its_longest_copy_and_the_control_a_line() -> None:
    ax: Any = longest_copies({"he": [12, 18], "it": [11, 90, 14]}, "he").axes[0]
    assert [sorted(line.get_xdata()) for line in ax.lines[:2]] == [[12, 18], [11, 14, 90]]
    assert ax.lines[2].get_xdata()[0] == 18


def test_a_control_is_one_of_the_rows() -> None:
    with pytest.raises(KeyError):
        longest_copies({"it": [11]}, "he")
