"""Models of the next character that count: interpolated Kneser-Ney smoothing.

R. Kneser, H. Ney (1995), with the interpolation and one discount an order of S. F. Chen and J.
Goodman (1999). Strings are held as whole numbers in sorted arrays, so that a text of millions of
characters is counted in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data.plays import CHARACTERS

__all__ = ["NGrams"]

Numbers = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]

_BASE = len(CHARACTERS)
_LONGEST = 10  # 65**10 is less than 2**63


@dataclass(frozen=True)
class _Table:
    """What was counted of the strings of one length."""

    strings: Numbers
    """Sorted, each a number in base 65."""
    counts: Numbers
    contexts: Numbers
    """Sorted: the strings without their last character."""
    totals: Numbers
    """Sum of the counts of a context's strings."""
    different: Numbers
    """Number of a context's strings."""
    discount: float

    @classmethod
    def of(cls, strings: Numbers, counts: Numbers) -> _Table:
        """Sum up what a sorted list of strings says about each context."""
        contexts, first = np.unique(strings // _BASE, return_index=True)
        once, twice = (int(np.sum(counts == times)) for times in (1, 2))
        discount = once / (once + 2 * twice) if once else 0.0
        different = np.diff(first, append=len(strings))
        return cls(strings, counts, contexts, np.add.reduceat(counts, first), different, discount)


class NGrams:
    """n-gram models of several lengths, counted in one text.

    Attributes:
        sizes: for each length from 1, how many different strings the text has.
    """

    def __init__(self, numbers: npt.ArrayLike, longest: int) -> None:
        """Count.

        Args:
            numbers: (length of the text,) characters as `dlcourse.data.plays.encode` numbers them.
            longest: the greatest n, at most 10.

        Raises:
            ValueError: if the text is shorter than `longest`, or `longest` is not from 1 to 10.
        """
        text = np.asarray(numbers).astype(np.int64)
        if not 1 <= longest <= min(_LONGEST, len(text)):
            raise ValueError(
                f"longest must be from 1 to {_LONGEST} and at most the length of the text "
                f"({len(text)}), got {longest}."
            )
        codes, self._counted = text, [_Table.of(*np.unique(text, return_counts=True))]
        for length in range(2, longest + 1):
            codes = codes[:-1] * _BASE + text[length - 1 :]
            self._counted.append(_Table.of(*np.unique(codes, return_counts=True)))
        # Shorter strings count by how many different characters stood before them.
        self._shorter = [
            _Table.of(*np.unique(table.strings % _BASE**length, return_counts=True))
            for length, table in enumerate(self._counted[1:], start=1)
        ]
        self.sizes = tuple(len(table.strings) for table in self._counted)

    def __call__(self, windows: npt.ArrayLike, n: int | None = None) -> Probabilities:
        """Probability of the last character of each window, given the others.

        Args:
            windows: (..., at least n) numbers of characters.
            n: how many characters the model sees, the predicted one counted; by default all of a
                window.

        Returns:
            (...) probabilities.

        Raises:
            ValueError: if n is greater than the longest that was counted, or than a window.
        """
        given = np.asarray(windows).astype(np.int64)
        n = given.shape[-1] if n is None else n
        if not 1 <= n <= min(len(self._counted), given.shape[-1]):
            raise ValueError(
                f"n must be from 1 to {len(self._counted)} and at most a window's length "
                f"({given.shape[-1]}), got {n}."
            )
        p: Probabilities = np.full(given.shape[:-1], 1.0 / _BASE)
        for length in range(1, n + 1):
            table = (self._shorter if length < n else self._counted)[length - 1]
            p = _interpolated(table, _code(given[..., -length:]), p)
        return p

    def counts(self, windows: npt.ArrayLike) -> tuple[Numbers, Numbers]:
        """How often each window came, and how often its characters but the last one were followed.

        Args:
            windows: (..., n) numbers of characters, n at most the longest that was counted.

        Returns:
            Two arrays (...).
        """
        given = np.asarray(windows).astype(np.int64)
        table, code = self._counted[given.shape[-1] - 1], _code(given)
        found = _lookup(table.strings, table.counts, code)
        return found, _lookup(table.contexts, table.totals, code // _BASE)

    def write(self, prompts: npt.ArrayLike, n: int, length: int, *, seed: int = 0) -> Numbers:
        """Go on with each row of prompts by drawing one character after the other.

        Args:
            prompts: (rows, at least n - 1) numbers of characters.
            n: how many characters the model sees, the drawn one counted.
            length: how many characters to draw.
            seed: of the draws.

        Returns:
            (rows, length) numbers of characters.
        """
        rng = np.random.default_rng(seed)
        text = np.asarray(prompts).astype(np.int64)
        every = np.broadcast_to(np.arange(_BASE)[:, None], (len(text), _BASE, 1))
        for _ in range(length):
            last = np.repeat(text[:, None, text.shape[1] - n + 1 :], _BASE, axis=1)
            p = self(np.concatenate([last, every], axis=2), n)
            drawn = (p.cumsum(axis=1) > rng.random((len(p), 1))).argmax(axis=1)
            text = np.column_stack([text, drawn])
        return text[:, -length:]


def _code(windows: Numbers) -> Numbers:
    """Each window (..., n) as one number in base 65."""
    code: Numbers = windows @ _BASE ** np.arange(windows.shape[-1])[::-1]
    return code


def _lookup(keys: Numbers, values: Numbers, wanted: Numbers) -> Numbers:
    """The value of each wanted key, 0 where it is not among the sorted keys."""
    at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)


def _interpolated(table: _Table, code: Numbers, shorter: Probabilities) -> Probabilities:
    """One level: what the counts say, and the shorter model's share of what was discounted."""
    total = _lookup(table.contexts, table.totals, code // _BASE)
    different = _lookup(table.contexts, table.different, code // _BASE)
    own = np.maximum(_lookup(table.strings, table.counts, code) - table.discount, 0.0)
    mixed = (own + table.discount * different * shorter) / np.maximum(total, 1)
    return np.where(total > 0, mixed, shorter)
