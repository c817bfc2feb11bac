"""The networks of three kinds of attention differ in the score alone, and come trained."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.pronunciations import END, START, letter_numbers, phoneme_numbers, phonemes_of
from dlcourse.models.letter_attention import (
    KINDS,
    SEEDS,
    UNITS,
    pronouncer,
    shifted,
    trained_pronouncer,
)


def test_a_kind_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match=r"no kind of attention 'general'.*additive"):
        pronouncer("general")


def test_a_seed_that_was_not_trained_is_named() -> None:
    with pytest.raises(KeyError, match=r"no network 'dot_9'.*dot_1"):
        trained_pronouncer("dot", 9)


def test_targets_are_shifted_by_the_start() -> None:
    assert shifted(np.array([[7, 8, END]], np.int32)).tolist() == [[START, 7, 8]]


def test_kinds_with_projections_have_the_same_shapes_but_for_the_vector_of_the_score() -> None:
    sizes = {kind: pronouncer(kind).whole.count_params() for kind in KINDS}
    assert sizes["scaled"] == sizes["dot"] + 2 * UNITS**2
    assert sizes["additive"] == sizes["scaled"] + UNITS


@pytest.mark.parametrize("kind", KINDS)
def test_every_trained_network_pronounces_easy_words_and_looks_at_letters_only(kind: str) -> None:
    x = letter_numbers(["ten", "madison"])
    for seed in SEEDS:
        network = trained_pronouncer(kind, seed)
        written, looked = network.write(x)
        assert phonemes_of(written[0]) == ("T", "EH", "N")
        np.testing.assert_allclose(looked.sum(axis=-1), 1, atol=1e-4)
        assert np.all(looked[0, :, 3:] < 1e-6)


def test_the_whole_is_its_parts() -> None:
    network = trained_pronouncer("scaled", SEEDS[0])
    x, y = letter_numbers(["tree"]), phoneme_numbers([["T", "R", "IY"]])
    S, H, seen = network.states(x, shifted(y))
    context, _ = network.attention([S, H, seen])
    np.testing.assert_allclose(
        network.output([S, np.array(context)]), network.whole([x, shifted(y)]), atol=1e-5
    )
