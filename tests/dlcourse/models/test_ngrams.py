"""n-gram models: probabilities by hand, sums, contexts never seen, writing."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.plays import CHARACTERS, decode, encode
from dlcourse.models.ngrams import NGrams

K = len(CHARACTERS)
TEXT = "to be, or not to be: that is the question\n" * 3 + "whether 'tis nobler in the mind\n"


def by_definition(text: str, n: int, context: str, character: str) -> float:
    """Kneser-Ney's probability, counted with dictionaries."""

    def level(strings: list[str], counts: list[int], h: str, shorter: float) -> float:
        once, twice = counts.count(1), counts.count(2)
        discount = once / (once + 2 * twice) if once else 0.0
        after = {s[-1]: c for s, c in zip(strings, counts, strict=True) if s[:-1] == h}
        if not after:
            return shorter
        own = max(after.get(character, 0) - discount, 0)
        return (own + discount * len(after) * shorter) / sum(after.values())

    p = 1 / K
    for length in range(1, n + 1):
        pieces = [text[i : i + length] for i in range(len(text) - length + 1)]
        if length < n:
            longer = {text[i : i + length + 1] for i in range(len(text) - length)}
            strings = sorted({piece[1:] for piece in longer})
            counts = [sum(piece[1:] == s for piece in longer) for s in strings]
        else:
            strings = sorted(set(pieces))
            counts = [pieces.count(s) for s in strings]
        p = level(strings, counts, context[len(context) - length + 1 :], p)
    return p


@pytest.mark.parametrize(("context", "character"), [("the", " "), ("the", "q"), ("qzx", "e")])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_probabilities_are_those_of_the_definition(n: int, context: str, character: str) -> None:
    model = NGrams(encode(TEXT), 4)
    found = model(encode(context + character), n)
    assert found == pytest.approx(by_definition(TEXT, n, context, character), rel=1e-12)


def test_each_context_has_probabilities_that_sum_to_one() -> None:
    model = NGrams(encode(TEXT), 5)
    contexts = encode("o be" + "ZZZZ" + "n th").reshape(3, 1, 4)
    last = np.broadcast_to(np.arange(K)[:, None], (3, K, 1))
    p = model(np.concatenate([np.repeat(contexts, K, axis=1), last], axis=2))
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    assert p.min() > 0


def test_counts_are_those_of_the_text() -> None:
    came, followed = NGrams(encode(TEXT), 3).counts(encode("to thezzz").reshape(3, 3))
    assert came.tolist() == [6, 5, 0]
    assert followed.tolist() == [6, 8, 0]


def test_sizes_say_how_many_strings_there_are() -> None:
    pairs = {TEXT[i : i + 2] for i in range(len(TEXT) - 1)}
    assert NGrams(encode(TEXT), 2).sizes == (len(set(TEXT)), len(pairs))


def test_what_is_written_goes_on_with_each_prompt() -> None:
    model = NGrams(encode("abcd" * 200), 3)
    written = model.write(encode("abcdab").reshape(2, 3), 3, 60)
    assert written.shape == (2, 60)
    assert decode(written[0]).startswith("dabc")
    again = model.write(encode("abcdab").reshape(2, 3), 3, 60)
    np.testing.assert_array_equal(written, again)
    other = model.write(encode("zzz")[None], 1, 60, seed=1)
    assert decode(other) != decode(model.write(encode("zzz")[None], 1, 60, seed=2))


@pytest.mark.parametrize("longest", [0, 11, 200])
def test_a_length_that_cannot_be_counted_is_refused(longest: int) -> None:
    with pytest.raises(ValueError, match="longest must be from 1 to 10"):
        NGrams(encode(TEXT), longest)


@pytest.mark.parametrize("n", [0, 4, 5])
def test_more_context_than_there_is_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="n must be from 1 to 4"):
        NGrams(encode(TEXT), 4)(encode("the"), n)
