"""Instructions and preferences: what an answer is, which pairs are made, what is trained."""

from __future__ import annotations

import keras
import numpy as np
from scipy.special import log_softmax

from dlcourse.data.plays import decode, plays
from dlcourse.models.line_writing import (
    LETTERS,
    arranged,
    demonstrations,
    log_probability,
    prompts,
    sound_lines,
    split_answers,
    words_with,
)
from dlcourse.models.mini_gpt import network
from dlcourse.models.preference_training import batches, copied, judged_pairs, trainer


def small() -> keras.Model:
    keras.utils.set_random_seed(0)
    return network(blocks=1, width=16, heads=2)


def test_the_mask_marks_the_answer_and_the_end_of_its_line() -> None:
    ids, mask = arranged("W", ["Well."])
    assert decode(ids[0, 1:][mask[0] == 1]) == "Well.\n"
    assert decode(ids[0, :3]) == "$W\n"


def test_a_log_probability_is_the_sum_over_the_answer() -> None:
    model, (ids, mask) = small(), arranged("WM", ["Well.", "My"])
    log_p = log_softmax(np.asarray(model(ids[:, :-1])), axis=-1)
    own = sum(log_p[1, t, ids[1, t + 1]] for t in range(2, 5))
    np.testing.assert_allclose(log_probability(model, ids, mask)[1], own, rtol=1e-4)


def test_demonstrations_begin_with_their_letter() -> None:
    letters, lines = demonstrations(plays("cpu").validation, 80)
    assert all(line[0] == letter for letter, line in zip(letters, lines, strict=True))
    assert set(letters) == set(LETTERS)


def test_an_answer_ends_with_its_line() -> None:
    written = np.concatenate([prompts("A"), prompts("B")], axis=1)
    assert split_answers(written) == ["$A"]


def test_words_with_the_letter_are_counted_in_both_cases() -> None:
    assert words_with("WA", ["Well, we two", "No"]).tolist() == [2, 0]


def test_a_sound_line_has_known_words_and_none_twice() -> None:
    known = frozenset({"we", "will", "go"})
    lines = ["We will go", "We we will", "We wull go", "Go we will", "We go"]
    assert sound_lines("WWWWW", lines, known).tolist() == [True, False, False, False, False]


def test_pairs_are_the_best_and_the_worst_and_ties_are_left_out() -> None:
    model = small()
    chosen, _, rejected, _, *known = judged_pairs(
        "AB", [["A", "B"], ["A a a", "B"]], words_with, model
    )
    assert decode(chosen[0])[3:8] == "A a a"
    assert decode(rejected[0])[3:5] == "A\n"
    assert [part.shape for part in known] == [(1,), (1,)]


def test_batches_take_each_row_once_an_epoch() -> None:
    found = batches((np.arange(10), np.arange(10) * 2), size=5, epochs=2)
    assert sorted(np.concatenate([batch[0] for batch in found[:2]])) == list(range(10))
    assert len(found) == 4
    assert all(np.array_equal(2 * one, two) for one, two in found)


def test_a_copy_does_not_change_when_the_model_is_trained() -> None:
    model = small()
    copy = copied(model)
    before = [np.array(weight) for weight in copy.get_weights()]
    step = trainer(model, lambda m, ids, mask: -log_probability(m, ids, mask)[0], 1e-2)
    batch = arranged("W", ["Well."])
    losses = [step(*batch) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert all(np.array_equal(*pair) for pair in zip(before, copy.get_weights(), strict=True))
    assert not np.array_equal(model.get_weights()[0], before[0])
