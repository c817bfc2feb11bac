"""Diagrams of blocks, of the U-Net, of detectors' outputs and of style transfer."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcourse.figures import block_diagrams
from dlcourse.figures.detection_diagrams import anchors_at_a_cell, responsible_cell


def texts(figure: Figure, axes: int = 0) -> list[str]:
    return [text.get_text() for text in figure.axes[axes].texts]


def test_two_of_three_blocks_have_a_sum_and_a_shortcut() -> None:
    shown = texts(block_diagrams.residual_diagram())
    assert shown.count("+") == shown.count("shortcut") == 2
    assert shown.count("ReLU") == 2 + 2 + 2


def test_an_inverted_residual_is_as_wide_inside_as_it_was_asked_to_be() -> None:
    shown = texts(block_diagrams.inverted_residual_diagram(widen=6))
    assert shown.count("$6c$") == 3
    assert shown.count("$c$") == 2


def test_a_u_net_halves_the_image_at_each_level_and_joins_all_but_the_coarsest() -> None:
    shown = texts(block_diagrams.unet_diagram(64, (8, 16, 32, 64), 4))
    assert shown.count(r"$32^2 \times 16$") == 2
    assert shown.count(r"$8^2 \times 64$") == 1
    assert shown.count("join") == 3


def test_style_transfer_has_two_losses_and_changes_the_image_only() -> None:
    shown = texts(block_diagrams.style_loss_diagram())
    assert "gradient: only the image changes" in shown
    assert sum(r"\mathcal{L}" in text for text in shown) == 2


def test_a_gram_matrix_has_a_row_and_a_column_a_channel() -> None:
    assert r"$c \times c$" in texts(block_diagrams.gram_diagram())


def test_the_cell_that_holds_the_centre_answers_with_shares_of_cell_and_image() -> None:
    box = (28.0, 17.0, 60.0, 41.0)  # centre (44, 29): column 5, row 3
    figure = responsible_cell(np.zeros((64, 64, 3)), box, 2, ["a", "b", "c"], 8)
    shown = texts(figure, axes=1)
    assert "row 3, column 5 gives" in shown
    numbers = [text for text in shown if text.replace(".", "").isdigit()]
    assert numbers == ["1.00", "0.50", "0.62", "0.50", "0.38", "0.00", "0.00", "1.00"]


def test_each_anchor_is_named_by_its_overlap() -> None:
    boxes = np.array([[0.0, 0, 8, 8], [0, 0, 16, 16]])
    figure = anchors_at_a_cell(np.zeros((64, 64, 3)), [(8, boxes, [0.25, 1.0])], (0, 0, 16, 16))
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["IoU 0.25", "IoU 1.00"]
