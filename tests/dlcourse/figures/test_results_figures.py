"""Figures about results show what the chapter says that they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.figures.results_figures import (
    bands_and_runs,
    experiment_diagram,
    profiles,
    score_histograms,
    wrong_orders,
)

RUNS = np.random.default_rng(0).uniform(0, 500, (10, 20))


def test_the_diagram_leads_from_settings_and_seeds_to_an_interval_and_back() -> None:
    ax: Any = experiment_diagram().axes[0]
    found = " ".join(text.get_text() for text in ax.texts)
    for word in ("settings", "seed", "snapshots", "choice", "evaluation", "interval", "tuning"):
        assert word in found


def test_the_band_is_two_standard_errors_of_the_mean_and_every_run_is_drawn() -> None:
    left: Any
    left, right = bands_and_runs(np.arange(20), RUNS).axes
    band = left.collections[0].get_paths()[0].vertices
    error = RUNS.std(axis=0, ddof=1) / np.sqrt(10)
    assert np.isclose(band[:, 1].max(), (RUNS.mean(axis=0) + 2 * error).max())
    assert len(right.lines) == 10


def test_histograms_mark_each_statistic_of_each_agent() -> None:
    figure: Any = score_histograms(
        {"a": RUNS[0], "b": RUNS[1]}, {"mean": np.mean, "median": np.median}
    )
    marks = [[line.get_xdata()[0] for line in ax.lines] for ax in figure.axes]
    assert np.allclose(marks, [[np.mean(run), np.median(run)] for run in RUNS[:2]])


def test_lines_of_agents_and_statistics_are_named() -> None:
    chances = {"mean": np.array([0.4, 0.3]), "median": np.array([0.4, 0.2])}
    ax: Any = wrong_orders([1, 10], chances).axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["mean", "median"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "10"]
    levels = np.linspace(0, 1, 5)
    ax = profiles(levels, {"a": 1 - levels}, "score").axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a"]
