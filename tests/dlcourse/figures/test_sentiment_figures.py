"""Figures of models that judge a text show what they were given."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dlcourse.figures.sentiment_figures import (
    accuracy_by_group,
    accuracy_by_size,
    bag_diagram,
    highlighted,
    rating_histograms,
    reader_diagram,
    reliability,
)


class TestHighlighted:
    WORDS = ("not", "<funny>", "film")

    def test_every_word_has_its_weight_and_a_stronger_ground_the_larger_it_is(self) -> None:
        html = highlighted([("against:", self.WORDS, [0.5, 0.45, 0.05])]).html
        assert re.findall(r'title="([0-9.]+)"', html) == ["0.500", "0.450", "0.050"]
        grounds = [float(found) for found in re.findall(r"rgba\(213, 94, 0, ([0-9.]+)\)", html)]
        assert grounds[0] > grounds[1] > grounds[2]

    def test_large_weights_can_be_read_without_colour(self) -> None:
        shown = highlighted([("against:", self.WORDS, [0.5, 0.45, 0.05])])
        assert re.findall(r"<sub>([0-9.]+)</sub>", shown.html) == ["0.50", "0.45"]
        assert repr(shown) == "against: not [0.50] <funny> [0.45] film"

    def test_words_are_escaped(self) -> None:
        html = highlighted([("a & b", self.WORDS, [1, 0, 0])]).html
        assert "&lt;funny&gt;" in html
        assert "a &amp; b" in html

    @pytest.mark.parametrize("weights", [[0.5, 0.5], [1.5, -0.5, 0.0]])
    def test_weights_that_are_no_shares_of_the_words_are_refused(
        self, weights: list[float]
    ) -> None:
        with pytest.raises(ValueError, match="weight from 0 to 1 for each of its 3 words"):
            highlighted([("against:", self.WORDS, weights)])

    @pytest.mark.parametrize(("page", "letters"), [(255, 34), (18, 206)])
    def test_letters_stand_out_from_the_strongest_ground_on_light_and_dark_pages(
        self, page: int, letters: int
    ) -> None:
        def luminance(colour: list[float]) -> float:
            linear = [(c / 255 + 0.055) ** 2.4 / 1.055**2.4 for c in colour]
            return float(np.dot([0.2126, 0.7152, 0.0722], linear))

        html = highlighted([("", ("word",), [1.0])]).html
        (alpha,) = (float(found) for found in re.findall(r"94, 0, ([0-9.]+)\)", html))
        ground = [alpha * c + (1 - alpha) * page for c in (213, 94, 0)]
        bright, dark = sorted([luminance(ground), luminance([letters] * 3)], reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("pooling", ["average", "attention", "LSTM", "convolution"])
def test_a_reader_shows_its_words_and_what_is_trained(pooling: str) -> None:
    ax = reader_diagram(pooling).axes[0]
    texts = [text.get_text() for text in ax.texts]
    assert {"not", "a", "good", "film", "pad", "$E$"} <= set(texts)
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert len(hatched) == {"average": 2, "attention": 3, "LSTM": 7, "convolution": 5}[pooling]


def test_an_unknown_reader_is_refused() -> None:
    with pytest.raises(ValueError, match="average, attention, LSTM, convolution, got 'sum'"):
        reader_diagram("sum")


def test_the_bag_holds_the_counts_of_its_text() -> None:
    texts = [text.get_text() for text in bag_diagram().axes[0].texts]
    (text,) = (found for found in texts if "\n" in found)
    counted = re.findall("[a-z]+", text)
    for word in ("a", "all", "at", "bad", "film", "good", "not"):
        assert texts[texts.index(word) - 1] == str(counted.count(word))


def test_a_text_has_a_panel_with_its_ratings_and_their_mean() -> None:
    (ax,) = rating_histograms({"a film": [1, 1, -2]}).axes
    assert [bar.get_height() for bar in ax.patches] == [0, 0, 1, 0, 0, 2, 0, 0, 0]  # type: ignore[attr-defined]
    assert np.asarray(ax.lines[0].get_xdata())[0] == 0


def test_accuracies_by_size_are_means_of_draws_with_their_standard_error() -> None:
    (ax,) = accuracy_by_size([100, 1000], {"bag": [[0.6, 0.8], [0.7, 0.8]]}, bound=0.9).axes
    (bars,) = ax.containers
    assert np.allclose(np.asarray(bars[0].get_ydata()), [0.65, 0.8])
    ends = bars[2][0].get_segments()[0]
    assert np.allclose(ends[:, 1], [0.65 - 0.05, 0.65 + 0.05])


def test_groups_stand_in_the_order_given() -> None:
    (ax,) = accuracy_by_group(["short", "long"], {"bag": ([0.8, 0.7], [0.01, 0.02])}).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["short", "long"]


def test_reliability_compares_equal_parts_in_the_order_of_their_probability() -> None:
    (ax,) = reliability({"bag": [0.9, 0.1, 0.8, 0.2]}, [1, 0, 0, 0], bins=2).axes
    assert np.allclose(ax.lines[0].get_xydata(), [[0.15, 0.0], [0.85, 0.5]])
