"""Words come whole from the dictionary, and none of a word's forms is in another part."""

from __future__ import annotations

import pytest

from dlcourse.data.pronunciations import (
    END,
    LETTERS,
    LONGEST,
    PHONEMES,
    Pronunciations,
    Words,
    letter_numbers,
    phoneme_numbers,
    phonemes_of,
    pronunciations,
)


@pytest.fixture(scope="module")
def loaded() -> Pronunciations:
    return pronunciations("cpu")


@pytest.fixture(scope="module")
def parts(loaded: Pronunciations) -> list[Words]:
    return [loaded.train, loaded.validation, loaded.test]


def test_a_word_is_in_one_part_once(parts: list[Words]) -> None:
    assert [len(part) for part in parts] == [107_472, 3_314, 3_538]
    assert len({word for part in parts for word in part.spellings}) == 114_324


def test_words_and_pronunciations_are_made_of_the_known_signs(parts: list[Words]) -> None:
    for part in parts:
        assert set("".join(part.spellings)) == set(LETTERS)
        assert {len(word) for word in part.spellings} == set(range(3, LONGEST + 1))
        listed = [sounds for word in part.pronunciations for sounds in word]
        assert {phoneme for sounds in listed for phoneme in sounds} == set(PHONEMES)
        assert max(map(len, listed)) == LONGEST


def test_pronunciations_are_those_of_the_dictionary(parts: list[Words]) -> None:
    found = {
        word: listed
        for part in parts
        for word, listed in zip(part.spellings, part.pronunciations, strict=True)
    }
    # "tomato T AH0 M EY1 T OW2", "tomato(2) T AH0 M AA1 T OW2"; stress is left out.
    assert [" ".join(sounds) for sounds in found["tomato"]] == ["T AH M EY T OW", "T AH M AA T OW"]
    assert [" ".join(sounds) for sounds in found["hello"]] == ["HH AH L OW", "HH EH L OW"]
    # The second pronunciation of "the" differs from the first; that of "live" has another vowel.
    assert len(found["live"]) == 2


@pytest.mark.parametrize("suffix", ["s", "ed", "ing", "ly", "er", "ness"])
def test_no_form_of_a_word_is_in_another_part(parts: list[Words], suffix: str) -> None:
    place = {word: part for part in range(3) for word in parts[part].spellings}
    pairs = [(word, word + suffix) for word in place if word + suffix in place]
    assert len(pairs) > 100
    sounds = {
        word: listed[0]
        for part in parts
        for word, listed in zip(part.spellings, part.pronunciations, strict=True)
    }
    apart = [
        (word, form)
        for word, form in pairs
        if place[word] != place[form] and sounds[form][: len(sounds[word])] == sounds[word]
    ]
    assert not apart


def test_dropped_and_doubled_letters_are_seen_through(parts: list[Words]) -> None:
    place = {word: part for part in range(3) for word in parts[part].spellings}
    for family in (
        ("abbreviate", "abbreviated", "abbreviates", "abbreviating", "abbreviation"),
        ("run", "runs", "running", "runner", "runners"),
        ("carry", "carries", "carried", "carrier", "carrying"),
    ):
        assert len({place[word] for word in family}) == 1


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(ValueError, match="tier"):
        pronunciations("tpu")


def test_letters_become_numbers_and_short_words_are_filled_up() -> None:
    found = letter_numbers(["az", "b"])
    assert found.shape == (2, LONGEST)
    assert found[:, :3].tolist() == [[1, 26, 0], [2, 0, 0]]


@pytest.mark.parametrize("word", ["", "Hello", "it's", "thirteenchars"])
def test_a_word_that_is_none_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="1 to 12 letters a to z"):
        letter_numbers([word])


def test_phonemes_come_back_from_their_numbers(loaded: Pronunciations) -> None:
    sounds = [listed[0] for listed in loaded.validation.pronunciations]
    numbers = phoneme_numbers(sounds)
    assert numbers.shape == (len(sounds), LONGEST + 1)
    assert [phonemes_of(row) for row in numbers] == sounds
    assert numbers[0, len(sounds[0])] == END
