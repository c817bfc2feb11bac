"""The figure style is legible for everybody, and the drawings show what they are given."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle

from dlcourse import plots

Vector = npt.NDArray[np.float64]

# Machado, Oliveira, Fernandes (2009): what remains of linear RGB at full severity.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def style() -> Iterator[None]:
    with mpl.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def linear(colour: str) -> Vector:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    light, dark = sorted(
        (float(linear(c) @ np.array([0.2126, 0.7152, 0.0722])) for c in (one, other)), reverse=True
    )
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: Vector) -> Vector:
    """CIE L*a*b* of linear sRGB under D65."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = matrix @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_every_colour_is_seen_on_the_white_ground_of_a_figure() -> None:
    assert min(contrast(colour, "white") for colour in plots.colours()) >= 3.0


@pytest.mark.parametrize("vision", VISION)
def test_colours_differ_whatever_the_reader_sees(vision: str) -> None:
    seen = [lab(VISION[vision] @ linear(colour)) for colour in plots.colours()]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_lines_differ_without_any_colour() -> None:
    styles = mpl.rcParams["axes.prop_cycle"].by_key()["linestyle"]
    assert len(set(map(str, styles))) == len(plots.colours())


def test_text_has_the_contrast_of_body_text() -> None:
    for name in ("text.color", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"):
        assert contrast(mpl.rcParams[name], "white") >= 7


def test_a_figure_is_700_pixels_wide_and_opaque(tmp_path: Path) -> None:
    figure, ax = plt.subplots()
    ax.plot([0, 1])
    figure.savefig(tmp_path / "figure.png")
    image = plt.imread(tmp_path / "figure.png")
    assert image.shape[1] == 700
    assert image[..., 3].min() == 1.0
    assert tuple(image[0, 0, :3]) == (1.0, 1.0, 1.0)


def test_points_without_lines_are_all_drawn() -> None:
    (line,) = plt.subplots()[1].plot(range(5), range(5), "o")
    assert line.get_linestyle() == "None"
    assert line.get_markevery() is None


def test_importing_plots_does_not_import_matplotlib() -> None:
    code = "import sys, dlcourse.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_figures_are_doubled_only_in_an_open_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    formats: list[str] = []
    from matplotlib_inline import backend_inline

    monkeypatch.setattr(backend_inline, "set_matplotlib_formats", formats.append)
    plots.use_style()
    assert formats == []
    monkeypatch.setattr(plots, "in_open_notebook", lambda: True)
    plots.use_style()
    assert formats == ["retina"]


def test_show_images_draws_each_image_with_its_title() -> None:
    images = np.arange(5 * 4 * 4).reshape(5, 4, 4)
    figure = plots.show_images(images, titles=range(5), columns=3)
    (ax,) = figure.axes
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2", "3", "4"]
    for drawn, image, title in zip(ax.images, images, ax.texts, strict=True):
        assert np.array_equal(np.asarray(drawn.get_array()), image)
        left, right, bottom, top = drawn.get_extent()
        assert title.get_position()[0] == pytest.approx((left + right) / 2)
        assert title.get_position()[1] <= top < bottom
    assert ax.images[3].get_extent()[0] == ax.images[0].get_extent()[0]


def test_images_keep_their_proportions() -> None:
    figure = plots.show_images(np.ones((2, 4, 8)), ["two\nlines", "one"])
    left, right, bottom, top = figure.axes[0].images[0].get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(2)
    low, high = figure.axes[0].get_xlim()
    high_y, low_y = figure.axes[0].get_ylim()
    assert figure.get_size_inches() == pytest.approx([high - low, high_y - low_y])


def test_images_of_one_grid_share_their_grey_scale() -> None:
    images = np.stack([np.zeros((2, 2)), np.ones((2, 2)) * 9])
    limits = {drawn.get_clim() for drawn in plots.show_images(images).axes[0].images}
    assert limits == {(0.0, 9.0)}


def test_a_single_image_is_refused_with_the_mend() -> None:
    with pytest.raises(ValueError, match=r"image\[None\]"):
        plots.show_images(np.zeros((28, 28)))


def test_titles_must_be_as_many_as_images() -> None:
    with pytest.raises(ValueError, match="2 images but 1 titles"):
        plots.show_images(np.zeros((2, 3, 3)), titles=["one"])


def test_decision_regions_show_the_class_of_each_place() -> None:
    _, ax = plt.subplots()
    points = np.array([[-1.0, -1.0], [1.0, 1.0]])
    plots.decision_regions(ax, lambda places: places[:, 0] > 0, points, [0, 1], names=["no", "yes"])
    image = np.asarray(ax.images[0].get_array())
    left, right = image[0, 0], image[0, -1]
    assert np.argmin(left) == 0  # a tint of blue has the least red
    assert np.argmin(right) == 2  # a tint of vermillion has the least blue
    assert ax.get_legend_handles_labels()[1] == ["no", "yes"]
    assert ax.get_xlim()[0] < -1 < 1 < ax.get_xlim()[1]


def test_classes_differ_by_marker() -> None:
    _, ax = plt.subplots()
    points = np.random.default_rng(0).normal(size=(30, 2))
    plots.decision_regions(ax, lambda z: np.zeros(len(z)), points, np.arange(30) % 3)
    paths = {
        str(group.get_paths()[0].vertices)
        for group in ax.collections
        if len(np.asarray(group.get_offsets())) == 10
    }
    assert len(paths) == 3


def test_a_predictor_of_the_wrong_shape_is_named() -> None:
    _, ax = plt.subplots()
    with pytest.raises(
        ValueError, match=r"one class for each of 40000 places, got shape \(40000, 2\)"
    ):
        plots.decision_regions(ax, lambda places: places, [[0, 0], [1, 1]], [0, 1])


def test_learning_curves_draw_loss_and_metric_against_the_epoch() -> None:
    history = {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5], "accuracy": [0.5, 0.75]}
    loss, accuracy = plots.learning_curves(history).axes
    assert [list(np.asarray(line.get_ydata())) for line in loss.lines] == [[2.0, 1.0], [2.5, 1.5]]
    assert list(np.asarray(loss.lines[0].get_xdata())) == [1, 2]
    assert accuracy.get_ylabel() == "accuracy"
    assert len(accuracy.lines) == 1


def test_learning_curves_leave_out_a_metric_that_was_not_measured() -> None:
    assert len(plots.learning_curves({"loss": [1.0]}).axes) == 1


def test_learning_curves_need_a_loss() -> None:
    with pytest.raises(ValueError, match="no loss"):
        plots.learning_curves({"accuracy": [1.0]})


def test_network_diagram_draws_each_unit_and_each_weight() -> None:
    (ax,) = plots.network_diagram([2, 3, 1]).axes
    assert sum(isinstance(patch, Circle) for patch in ax.patches) == 6
    weights = [lines for lines in ax.collections if isinstance(lines, LineCollection)]
    assert [len(lines.get_segments()) for lines in weights] == [6, 3]
    assert [text.get_text() for text in ax.texts] == [
        "input\n2 units", "hidden\n3 units", "output\n1 unit",
    ]  # fmt: skip


def test_a_large_layer_is_drawn_in_part_and_named_in_full() -> None:
    (ax,) = plots.network_diagram([784, 10], most=6).axes
    assert sum(isinstance(patch, Circle) for patch in ax.patches) == 12
    assert "784 units" in ax.texts[0].get_text()


@pytest.mark.parametrize("sizes", [[3], [3, 0]])
def test_a_network_needs_two_layers_with_units(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="two layers or more"):
        plots.network_diagram(sizes)


def test_a_grid_of_images_warns_of_nothing_in_the_course_style(
    recwarn: pytest.WarningsRecorder,
) -> None:
    plots.use_style()
    figure = plots.show_images(np.zeros((2, 3, 3)))
    figure.canvas.draw()
    assert not recwarn.list
