"""A tiny instruction for a model of the plays: "$W" asks for a line that begins with W.

The dollar sign does not occur in the plays, so that it is free to say that an instruction follows.
An example is the instruction, an end of line, the answer, and an end of line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import decode, encode

__all__ = [
    "LETTERS",
    "LONGEST",
    "arranged",
    "demonstrations",
    "known_words",
    "log_probability",
    "prompts",
    "sound_lines",
    "split_answers",
    "words_with",
]

LETTERS = "ABFHMSTW"
"""With which lines are asked to begin."""
LONGEST = 36
"""Characters of an answer at most."""

_WORD = re.compile(r"[A-Za-z']+")


def demonstrations(text: str, count: int, *, seed: int = 0) -> tuple[list[str], list[str]]:
    """Letters, each as often as any other on average, and lines of the text that begin with them.

    Args:
        text: plays.
        count: how many.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    fitting = {letter: [] for letter in LETTERS}  # type: dict[str, list[str]]
    for line in text.split("\n"):
        if 12 <= len(line) <= LONGEST and line[0] in fitting and line[-1] != ":":
            fitting[line[0]].append(line)
    letters = [LETTERS[place] for place in rng.integers(len(LETTERS), size=count)]
    return letters, [fitting[letter][rng.integers(len(fitting[letter]))] for letter in letters]


def prompts(letters: Sequence[str]) -> npt.NDArray[np.int32]:
    """The instructions as numbers of characters, (n, 3)."""
    return np.stack([encode(f"${letter}\n") for letter in letters])


def arranged(
    letters: Sequence[str], answers: Sequence[str]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Instructions with answers as numbers, and which predictions belong to the answers.

    Returns:
        ids (n, LONGEST + 4) and mask (n, LONGEST + 3): mask[:, t] is 1 where ids[:, t + 1] is a
        character of the answer or the end of its line.
    """
    ids = np.zeros((len(answers), LONGEST + 4), np.int32)
    mask = np.zeros((len(answers), LONGEST + 3), np.float32)
    for row, (letter, answer) in enumerate(zip(letters, answers, strict=True)):
        whole = encode(f"${letter}\n{answer[:LONGEST]}\n")
        ids[row, : len(whole)] = whole
        mask[row, 2 : len(whole) - 1] = 1
    return ids, mask


def log_probability(model: Any, ids: Any, mask: Any) -> Any:
    """Log probability of each answer under a model, (n,), in nats; differentiable.

    Args:
        model: numbers of characters (n, t) to logits (n, t, 65).
        ids: as `arranged` gives them.
        mask: likewise.
    """
    from keras import ops

    log_p = ops.log_softmax(model(ids[:, :-1]), axis=-1)
    return ops.sum(ops.take_along_axis(log_p, ids[:, 1:, None], axis=2)[..., 0] * mask, axis=1)


def split_answers(written: npt.ArrayLike) -> list[str]:
    """What a model wrote after the prompts, (n, t) numbers, up to the first end of a line."""
    return [decode(row)[:LONGEST].split("\n")[0] for row in np.asarray(written)]


def words_with(letters: Sequence[str], answers: Sequence[str]) -> npt.NDArray[np.int64]:
    """How many words of each answer begin with its letter, capital or not: (n,)."""
    return np.array(
        [
            sum(word[0].upper() == letter for word in _WORD.findall(answer))
            for letter, answer in zip(letters, answers, strict=True)
        ]
    )


def sound_lines(
    letters: Sequence[str], answers: Sequence[str], known: frozenset[str]
) -> npt.NDArray[np.bool_]:
    """Whether an answer begins with its letter, has three words or more, all known, none twice.

    Args:
        letters: n that were asked for.
        answers: one for each.
        known: words in small letters.

    Returns:
        (n,).
    """
    found = []
    for letter, answer in zip(letters, answers, strict=True):
        words = [word.lower() for word in _WORD.findall(answer)]
        proper = len(words) >= 3 and len(set(words)) == len(words) and known.issuperset(words)
        found.append(answer[:1] == letter and proper)
    return np.array(found)


def known_words(text: str) -> frozenset[str]:
    """All words of a text in small letters."""
    return frozenset(word.lower() for word in _WORD.findall(text))
