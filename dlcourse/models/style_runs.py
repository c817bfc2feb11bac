"""Pictures in another manner, made and measured once: the results that the third project shows.

Making them takes longer than a page may. solutions/project03/measure_styles.py made them for the
pairs of `validation_pairs` and stored how the judge of the project scores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, paintings
from dlcourse.models.style_judge import together

__all__ = ["PAIRS", "StyleRuns", "keep", "read", "style_runs", "validation_pairs"]

PAIRS = 6
"""Of one draw."""

FIRST_DRAW = 100

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class StyleRuns:
    """What one approach made of several draws of pairs."""

    taken: Array
    """(draws, pairs): the style taken."""
    kept: Array
    """(draws, pairs): the content kept."""
    own: Array
    """(draws, pairs): the style loss in VGG16, which makes pictures; that of the content is 1."""
    seconds: Array
    """(draws,): of the processor, for one draw's pairs together."""
    pictures: Array
    """(pairs, 64, 64, 3) bytes: what was made of the first draw."""

    @property
    def scores(self) -> Array:
        """(draws, pairs): the smaller of style taken and content kept."""
        return together(self.taken, self.kept)


def validation_pairs(draw: int) -> tuple[Array, Array]:
    """The contents and the styles of a draw, each (6, 64, 64, 3), of the validation split.

    Args:
        draw: its number, from 0.
    """
    rng = np.random.default_rng(FIRST_DRAW + draw)
    return paintings.contents(PAIRS, rng, "validation"), paintings.styles(PAIRS, rng, "validation")


def style_runs() -> dict[str, StyleRuns]:
    """The stored runs by approach.

    Raises:
        DataError: if the course's file is missing or is not the known one.
    """
    return read(files.locate(manifest.STYLE_RUNS))


def read(path: Path) -> dict[str, StyleRuns]:
    """The runs in a file."""
    with np.load(path, allow_pickle=False) as stored:
        names = [str(name) for name in stored["approaches"]]
        return {
            name: StyleRuns(*(stored[f"{place}_{part}"] for part in StyleRuns.__dataclass_fields__))
            for place, name in enumerate(names)
        }


def keep(runs: dict[str, StyleRuns], path: Path) -> None:
    """Store runs in a file."""
    arrays = {
        f"{place}_{part}": getattr(some, part)
        for place, some in enumerate(runs.values())
        for part in StyleRuns.__dataclass_fields__
    }
    np.savez_compressed(path, allow_pickle=False, approaches=np.array(list(runs)), **arrays)
