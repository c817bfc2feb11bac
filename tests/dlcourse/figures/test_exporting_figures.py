"""Figures of exporting show what they were given."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcourse.figures import exporting_figures as figures


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_five_files_leave_the_notebook() -> None:
    shown = texts(figures.forms_diagram())
    assert {"model.keras", "SavedModel", "model.onnx", "model.tflite", "model.pt2"} <= set(shown)


def test_the_graph_has_three_nodes_and_two_stored_tensors() -> None:
    assert {"MatMul", "Add", "Relu", "W", "b"} <= set(texts(figures.graph_diagram()))


def test_flatten_interleaves_channels_that_come_last() -> None:
    shown = texts(figures.flatten_diagram())
    last = shown.index("channels last: row, column, channel")
    first = shown.index("channels first: channel, row, column")
    assert shown[last - 8 : last] == ["a1", "b1", "a2", "b2", "a3", "b3", "a4", "b4"]
    assert [text for text in shown[last + 1 : first] if text][-8:] == [
        "a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4",
    ]  # fmt: skip


def test_preprocessing_is_drawn_inside_and_outside() -> None:
    shown = texts(figures.preprocessing_diagram())
    assert shown.count("the exported file") == 2
    assert shown.count("on white, /255") == 2


def test_each_preprocessing_has_its_pictures_and_its_accuracy() -> None:
    images = {"right": np.ones((3, 8, 8, 3)), "bytes": np.full((3, 8, 8, 3), 255.0)}
    figure = figures.skewed_images(images, {"right": 0.75, "bytes": 0.1}, columns=2)
    assert [ax.get_title() for ax in figure.axes] == ["right\n0.75", "bytes\n0.10"]
    shown = figure.axes[1].images[0].get_array()
    assert shown is not None
    assert shown.shape == (8, 24, 3)
    assert float(shown.max()) == 1


def test_half_of_each_margin_is_drawn_in_order_and_no_difference_of_zero() -> None:
    figure = figures.margins([[0.0, 4.0, 1.0], [5.0, 0.0, 4.0]], {"equal": 0.0, "ONNX": 1e-5})
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in figure.axes[0].lines}
    np.testing.assert_allclose(lines["half of the margin"], [0.5, 1.5])
    assert set(lines) == {"half of the margin", "ONNX"}
