"""What fine-tuning MiniLM on sentences of film reviews gave, as once measured.

A training takes up to minutes, so dlcourse/data/datasets/fine_tune_minilm.py did them beforehand,
and their results come with this package.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["FineTuningRun", "fine_tuning_runs"]


@dataclass(frozen=True)
class FineTuningRun:
    """One training, or the pretrained encoder without any."""

    logits: npt.NDArray[np.float32]
    """(1575,) of label 1, for the validation part of `dlcourse.data.reviews` in the cpu tier. Empty
    without a training."""
    words: npt.NDArray[np.bool_]
    """(96,) whether the word nearest to each word of `dlcourse.data.vectors.GROUPS` is of its kind.
    Empty where it was not measured."""
    seconds: float
    """Processor seconds of the training."""
    trainable: int
    """Parameters that were trained."""
    optimizer_bytes: int
    """Memory of the optimizer's variables."""


def fine_tuning_runs() -> dict[str, FineTuningRun]:
    """All runs by name: method, number of training texts and seed ("upper-LoRA-1000-0").

    Methods are "upper" (blocks 5 and 6), "upper-LoRA" (low rank on their queries and values),
    "full" (all blocks), "frozen-mean" and "frozen-CLS" (logistic regression; no seed), and "GRU",
    which is week 6's kind of network. "pretrained" is the encoder as it came.

    Raises:
        DataError: if the file is not the known one.
    """
    nothing, found = np.zeros(0), {}
    with np.load(files.locate(manifest.MINILM_RUNS), allow_pickle=False) as file:
        for name, rest in json.loads(file["rest"].tobytes()).items():
            found[name] = FineTuningRun(
                logits=file.get(f"{name} logits", nothing).astype(np.float32),
                words=file.get(f"{name} words", nothing).astype(np.bool_),
                seconds=rest.get("seconds", 0.0),
                trainable=rest.get("trainable", 0),
                optimizer_bytes=rest.get("optimizer bytes", 0),
            )
    return found
