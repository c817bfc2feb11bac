"""Reviews are read, labelled by their ratings, split without overlap and sealed as documented."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.source import find_assignment
from autograder.publish.public import write_public
from dlcourse.data import files, manifest, reviews
from dlcourse.data.files import DataError, DataSet, Edition
from dlcourse.data.reviews import Reviews, Snippets, hidden_reviews

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def loaded() -> Reviews:
    return reviews.reviews("cpu")


@pytest.fixture(scope="module")
def hidden() -> Snippets:
    return hidden_reviews(key())


def key() -> bytes:
    """The key of the week's sealed texts, which only instructors have."""
    return bytes.fromhex((ROOT / "solutions/week06/texts.key").read_text(encoding="utf-8"))


def test_the_parts_have_the_documented_sizes(loaded: Reviews, hidden: Snippets) -> None:
    assert [len(loaded.train), len(loaded.validation), len(hidden)] == [7500, 1575, 1491]
    for part in (loaded.train, loaded.validation, hidden):
        assert part.labels.shape == (len(part),) == (len(part.ratings),)
        assert part.labels.dtype == np.int64
        assert 0.45 < part.labels.mean() < 0.55
        assert all(text == " ".join(text.split()) != "" for text in part.texts)


def test_a_label_is_the_sign_of_the_mean_rating(loaded: Reviews) -> None:
    for rating, label in zip(loaded.train.ratings, loaded.train.labels, strict=True):
        assert 15 <= len(rating) <= 29
        assert np.abs(rating).max() <= 4
        assert rating.mean() != 0
        assert label == (rating.mean() > 0)


def test_the_ratings_of_a_text_are_those_of_the_source(loaded: Reviews) -> None:
    # The second snippet of movieReviewSnippets_anonDataRatings.txt.
    part = loaded.train
    (row,) = (row for row, text in enumerate(part.texts) if text.startswith("The gorgeously elab"))
    assert part.ratings[row].tolist() == [4, 4, 2, 4, 3, 4, 4, 3, 4, 2, 4, 4, 4, 3, 4]
    assert part.labels[row] == 1


def test_texts_with_accents_are_whole(loaded: Reviews) -> None:
    assert sum("é" in text for text in loaded.train.texts) > 30


def fingerprints(part: Snippets) -> set[str]:
    return {re.sub(r"[^a-z0-9]", "", text.lower()) for text in part.texts}


def test_no_text_is_in_two_parts(loaded: Reviews, hidden: Snippets) -> None:
    parts = [fingerprints(part) for part in (loaded.train, loaded.validation, hidden)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 7500 + 1575 + 1491


class TestHiddenReviews:
    def test_another_key_is_refused(self) -> None:
        with pytest.raises(DataError, match="does not open reviews_sealed"):
            hidden_reviews(bytes(32))

    def test_an_assignment_that_opens_them_has_the_key(self) -> None:
        text = find_assignment(ROOT, "6").read_text(encoding="utf-8")
        assert "hidden_reviews" not in text or key().hex() in text

    def test_the_public_half_holds_neither_the_key_nor_the_texts(
        self, tmp_path: Path, hidden: Snippets
    ) -> None:
        for path in write_public(ROOT, tmp_path / "public"):
            content = (tmp_path / "public" / path).read_bytes()
            assert key().hex().encode() not in content, path
            assert key() not in content, path
            assert not any(text.encode() in content for text in hidden.texts[::20]), path


class TestSST2:
    """The files are made here in the published ones' format."""

    LINES = (
        "1 it does n't cheat , and the director 's `` gift '' shows ...\n"
        "0 ( `` safe conduct '' ) is a long movie -lrb- 163 minutes -rrb- and\\/or we 've slept !\n"
    )

    @pytest.fixture
    def loaded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reviews:
        def known(data_set: DataSet, content: bytes) -> DataSet:
            (tmp_path / data_set.file).write_bytes(content)
            edition = Edition(hashlib.sha256(content).hexdigest(), len(content))
            return replace(data_set, editions=(edition,), urls=())

        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        train = known(manifest.SST2_TRAIN, self.LINES.encode())
        monkeypatch.setattr(manifest, "SST2_TRAIN", train)
        validation = known(manifest.SST2_VALIDATION, "0 a cliché .".encode())
        monkeypatch.setattr(manifest, "SST2_VALIDATION", validation)
        return reviews.reviews("gpu")

    def test_labels_are_read(self, loaded: Reviews) -> None:
        assert loaded.train.labels.tolist() == [1, 0]
        assert loaded.validation.labels.tolist() == [0]
        assert loaded.train.ratings == ()

    def test_tokens_are_put_together_again(self, loaded: Reviews) -> None:
        assert loaded.validation.texts == ("a cliché.",)
        assert loaded.train.texts == (
            "it doesn't cheat, and the director's \"gift\" shows...",
            '( "safe conduct" ) is a long movie (163 minutes) and/or we\'ve slept!',
        )

    def test_the_hidden_texts_are_in_neither_split(self, hidden: Snippets) -> None:
        if not all(map(files.find, (manifest.SST2_TRAIN, manifest.SST2_VALIDATION))):
            pytest.skip("SST-2 is not on this machine; name its folder by DLCOURSE_DATA")
        real = reviews.reviews("gpu")
        assert fingerprints(hidden).isdisjoint(fingerprints(real.train))
        assert fingerprints(hidden).isdisjoint(fingerprints(real.validation))
