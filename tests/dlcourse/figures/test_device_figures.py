"""Figures of several devices show what they were given, and the ring that they draw adds up."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from dlcourse.figures import device_figures as figures


def texts(figure: Figure, axes: int = 0) -> list[str]:
    return [text.get_text() for text in figure.axes[axes].texts]


def test_both_devices_hold_the_same_weights() -> None:
    shown = texts(figures.data_parallel_diagram())
    assert shown.count(r"$\theta$") == 2
    assert shown.count("all-reduce") == 1


@pytest.mark.parametrize("workers", [2, 3, 5])
def test_a_ring_ends_with_the_whole_sum_everywhere(workers: int) -> None:
    states = figures.ring_steps(workers)
    everyone = list(range(workers))
    assert len(states) == 2 * (workers - 1) + 1
    assert all(chunk == everyone for row in states[-1] for chunk in row)


@pytest.mark.parametrize("workers", [2, 4])
def test_half_way_each_worker_of_a_ring_has_one_whole_chunk(workers: int) -> None:
    half = figures.ring_steps(workers)[workers - 1]
    whole = [[len(chunk) == workers for chunk in row] for row in half]
    assert [sum(row) for row in whole] == [1] * workers
    assert np.any(whole, axis=0).all()


def test_a_ring_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="2 workers or more"):
        figures.ring_steps(1)


def test_each_chunk_of_a_ring_says_what_it_sums() -> None:
    shown = texts(figures.ring_states(3))
    assert shown.count("0+1+2") == 3 + 6 + 9
    assert "copy, step 4" in shown


def test_a_pipeline_shows_each_pass_and_each_wait() -> None:
    grid = np.array([["F0", "", "", "B0"], ["", "F0", "B0", ""]])
    figure = figures.pipeline_timeline({"one micro-batch": grid})
    assert texts(figure) == ["F0", "", "", "B0", "", "F0", "B0", ""]
    assert figure.axes[0].get_title(loc="left") == "one micro-batch"


def test_tensor_parallel_layers_have_one_sum() -> None:
    shown = texts(figures.tensor_parallel_diagram())
    assert {"$A_0$", "$A_1$", "$B_0$", "$B_1$"} <= set(shown)
    assert shown.count("sum") == 1


def test_levels_of_memory_stand_with_size_and_rate() -> None:
    figure = figures.memory_hierarchy([("near", "1 KB", "fast"), ("far", "1 GB", "")])
    assert {"near\n1 KB, fast", "far\n1 GB"} <= set(texts(figure))


def test_a_tile_is_read_in_two_matrices() -> None:
    figure = figures.tile_diagram(n=4, tile=2)
    orange = [
        p for p in figure.axes[0].patches if p.get_facecolor()[:2] == (0xD5 / 255, 0x5E / 255)
    ]
    assert len(orange) == 2 * 2 * 2


def test_a_line_for_each_curve() -> None:
    figure = figures.efficiency_curves([1, 2, 4], {"a": [1, 0.9, 0.8], "b": [1, 0.5, 0.2]})
    assert [line.get_label() for line in figure.axes[0].lines] == ["a", "b"]
