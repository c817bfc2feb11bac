"""Plays are read, numbered, split and sealed as documented."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.publish.public import write_public
from dlcourse.data import files, manifest, plays
from dlcourse.data.files import DataError, Edition
from dlcourse.data.plays import CHARACTERS, copied_lengths, decode, encode, hidden_plays, shuffled

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def read() -> plays.Plays:
    return plays.plays("cpu")


def key() -> bytes:
    """The key of the hidden plays, which only instructors have."""
    return bytes.fromhex((ROOT / "solutions/week06/texts.key").read_text(encoding="utf-8"))


def long_lines(text: str) -> set[str]:
    return {line for line in text.splitlines() if len(line) > 30}


def test_whole_plays_are_in_one_part_only(read: plays.Plays) -> None:
    titles = [*read.train_titles, *read.validation_titles]
    assert (len(read.train_titles), len(read.validation_titles)) == (31, 3)
    assert len(set(titles)) == 34
    for text in (read.validation, hidden_plays(key())):
        lines = long_lines(text)
        assert len(lines & long_lines(read.train)) < 0.005 * len(lines)


def test_the_text_is_speeches_with_their_speaker(read: plays.Plays) -> None:
    for text in (read.train, read.validation, hidden_plays(key())):
        speeches = text.removesuffix("\n\n").split("\n\n")
        assert len(speeches) > 2000
        assert all(re.fullmatch(r"[^\n]+:\n[^\n]+(\n[^\n]+)*", speech) for speech in speeches)
        assert max(map(len, text.splitlines())) < 80


def test_the_parts_have_their_documented_sizes(read: plays.Plays) -> None:
    sizes = [len(text) for text in (read.train, read.validation, hidden_plays(key()))]
    assert sizes == [3_928_471, 359_513, 381_113]
    assert set(read.train) == set(CHARACTERS) - {"$", "3"}
    assert "Is this a dagger which I see before me," in read.validation


def test_characters_are_numbered_and_read_back(read: plays.Plays) -> None:
    numbers = encode(read.validation)
    assert numbers.dtype == np.int32
    assert numbers.shape == (len(read.validation),)
    assert decode(numbers) == read.validation
    assert encode("\nz").tolist() == [0, 64]
    assert encode("").shape == (0,)
    assert decode([]) == ""


@pytest.mark.parametrize("character", ["\x7f", "é", "\U0001f600", "7"])
def test_an_unknown_character_is_named_with_its_place(character: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(character)) + " at place 3"):
        encode("abc" + character)


@pytest.mark.parametrize("number", [-1, 65])
def test_a_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 64"):
        decode([0, number])


def test_shuffled_texts_hold_the_same_pieces_in_another_order() -> None:
    text = "".join(f"KING {i}:\nI have {i} of a kind\nand no more.\n\n" for i in "abcdefg")
    found = shuffled(text)
    assert found.pop("as written") == text
    assert len({text, *found.values()}) == 5
    assert all(sorted(version) == sorted(text) for version in found.values())
    assert sorted(found["speeches shuffled"].split("\n\n")) == sorted(text.split("\n\n"))
    assert sorted(found["lines shuffled"].split("\n")) == sorted(text.split("\n"))
    for line, original in zip(found["words shuffled"].split("\n"), text.split("\n"), strict=True):
        assert sorted(line.split(" ")) == sorted(original.split(" "))
    assert shuffled(text) == shuffled(text, seed=0) != shuffled(text, seed=1)


def test_copies_are_measured_from_each_place_on() -> None:
    source = "to be, or not to be"
    texts = ["to be or not", "not to see", "xyz"]
    assert copied_lengths(texts, source, places=3).tolist() == [5, 7, 0]
    assert copied_lengths(texts, source, places=6, apart=6).tolist() == [5, 7, 0, 6, 1, 0]
    assert copied_lengths([source], source, places=1).tolist() == [len(source)]


class TestHiddenPlays:
    def test_another_key_is_refused(self) -> None:
        with pytest.raises(DataError):
            hidden_plays(bytes(32))

    def test_the_public_half_holds_neither_the_key_nor_the_plays(self, tmp_path: Path) -> None:
        text = hidden_plays(key())
        some = [line.encode() for line in sorted(long_lines(text))[::400]]
        for path in write_public(ROOT, tmp_path / "public"):
            content = (tmp_path / "public" / path).read_bytes()
            assert key().hex().encode() not in content, path
            assert not any(line in content for line in some), path

    def test_what_is_sealed_is_not_compressible(self) -> None:
        import zlib

        content = files.locate(manifest.PLAYS_SEALED).read_bytes()
        assert len(zlib.compress(content)) > len(content)


class TestTinyShakespeare:
    @pytest.fixture
    def folder(self) -> Path:
        path = files.find(manifest.TINY_SHAKESPEARE)
        if path is None:
            pytest.skip("the file of tiny Shakespeare is not here")
        return path

    def test_the_gpu_tiers_text_is_cut_at_nine_tenths(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = b"KING:\nSpeak, speak.\n"
        edition = Edition(hashlib.sha256(content).hexdigest(), len(content))
        known = replace(manifest.TINY_SHAKESPEARE, editions=(edition,))
        (tmp_path / known.file).write_bytes(content)
        monkeypatch.setattr(manifest, "TINY_SHAKESPEARE", known)
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        assert plays.plays("gpu") == plays.Plays("KING:\nSpeak, speak", ".\n", (), ())

    def test_it_is_split_where_the_field_splits_it(self, folder: Path) -> None:
        tiny = plays.plays("gpu")
        assert (len(tiny.train), len(tiny.validation)) == (1_003_854, 111_540)
        assert set(tiny.train + tiny.validation) == set(CHARACTERS)

    def test_no_hidden_or_validation_play_is_in_it(self, folder: Path, read: plays.Plays) -> None:
        tiny = plays.plays("gpu")
        lines = long_lines(tiny.train + tiny.validation)
        for text in (read.validation, hidden_plays(key())):
            assert len(lines & long_lines(text)) < 0.005 * len(long_lines(text))


def test_the_training_plays_by_title_make_up_the_training_text() -> None:
    found = plays.training_plays()
    whole = plays.plays("cpu")
    assert tuple(found) == whole.train_titles
    assert "".join(found.values()) == whole.train
