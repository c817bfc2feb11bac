"""What small transformers of characters measured: norms with and without warm-up, and positions.

dlcourse/data/datasets/measure_transformers.py trained them and wrote the file; week 8 shows it.
"""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["transformer_records"]

Records = dict[str, npt.NDArray[np.float64]]


def transformer_records() -> tuple[Records, Records]:
    """Bits per character of held-out plays.

    Returns:
        By norm and warm-up, such as "pre-norm, warm-up", (seeds,) after the training of eight
        blocks of 32 units; and by kind of positions, (seeds, 256) for each position of the rows,
        after a training on rows of 64.

    Raises:
        DataError: if the file is not the known one.
    """
    stored = json.loads(files.locate(manifest.TRANSFORMER_RUNS).read_text(encoding="utf-8"))
    norms, positions = (
        {name: np.array(values) for name, values in stored[part].items()}
        for part in ("norms", "positions")
    )
    return norms, positions
