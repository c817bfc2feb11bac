"""Sentences and surnames on which tokenizers are compared."""

from __future__ import annotations

import unicodedata

from dlcourse.data.sentences import SENTENCES, SURNAMES


def test_each_letter_with_its_accent_is_one_character() -> None:
    for text in [*SENTENCES.values(), *SURNAMES.values()]:
        assert unicodedata.is_normalized("NFC", text)


def test_each_country_has_five_surnames() -> None:
    assert {len(names.split()) for names in SURNAMES.values()} == {5}


def test_each_language_has_a_sentence_of_its_own() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert all(sentence[-1] in ".。" for sentence in SENTENCES.values())
