"""Figures of autoencoders."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from dlcourse.figures.autoencoder_figures import (
    autoencoder_diagram,
    code_map,
    denoiser_diagram,
    image_rows,
    roc_curves,
    transposed_diagram,
)


def texts(figure: Figure) -> list[str]:
    written = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    return written


def test_a_transposed_convolution_ends_with_its_column_sums() -> None:
    found = texts(transposed_diagram([1, 2], [3, 4, 5], 2))
    assert found[found.index("2·5") + 1 :] == ["3", "4", "11", "8", "10", "column\nsums"]


def test_copies_that_do_not_overlap_leave_a_gap_of_zeros() -> None:
    assert texts(transposed_diagram([1, 2], [3], 2))[-4:-1] == ["3", "0", "6"]


def test_an_autoencoder_shows_what_flows_on_each_arrow() -> None:
    found = texts(autoencoder_diagram(784, 128))
    assert [text for text in found if text in {"784", "128", "$k$"}] == [
        *("784", "128", "$k$", "$k$", "128", "784")
    ]


def test_a_denoiser_names_the_shape_after_each_layer() -> None:
    assert [text for text in texts(denoiser_diagram()) if text.startswith(("7 x", "28 x"))] == [
        *("7 x 7 x 32", "28 x 28 x 1")
    ]


def test_each_row_of_images_has_its_name_once() -> None:
    rows = {"given": np.zeros((3, 4, 4)), "made": np.ones((3, 4, 4))}
    figure = image_rows(rows)
    assert len(figure.axes[0].images) == 6
    assert [text for text in texts(figure) if text.strip()] == ["given", "made"]


def test_a_map_of_codes_draws_only_the_classes_that_occur() -> None:
    figure = code_map({"a": np.zeros((3, 2)), "b": np.ones((3, 2))}, [4, 4, 7])
    assert [[line.get_marker() for line in ax.lines] for ax in figure.axes] == [["$4$", "$7$"]] * 2
    plt.close(figure)


def test_each_roc_curve_stands_in_the_legend_and_the_coin_does_not() -> None:
    rates = np.array([0.0, 1.0])
    figure = roc_curves({"one": (rates, rates), "two": (rates, rates)})
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["one", "two"]
    assert len(figure.axes[0].lines) == 3
    plt.close(figure)
