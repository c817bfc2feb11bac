"""The shipped results of fine-tuning belong to the texts that they are said to be of."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.reviews import reviews
from dlcourse.models.minilm_runs import FineTuningRun, fine_tuning_runs


@pytest.fixture(scope="module")
def runs() -> dict[str, FineTuningRun]:
    return fine_tuning_runs()


def test_logits_judge_the_held_out_texts_better_than_chance(
    runs: dict[str, FineTuningRun],
) -> None:
    labels = reviews("cpu").validation.labels
    judged = {name: run for name, run in runs.items() if name.endswith(("-0", "-1", "-2"))}
    assert {"upper-1000-0", "upper-LoRA-1000-0", "GRU-7500-0"} <= judged.keys()
    for run in judged.values():
        assert np.mean((run.logits > 0) == labels) > 0.6


def test_fine_tuning_with_a_small_rate_keeps_what_the_encoder_knew(
    runs: dict[str, FineTuningRun],
) -> None:
    before, after = runs["pretrained"].words, runs["upper-1000-0"].words
    assert before.shape == after.shape == (96,)
    assert abs(before.mean() - after.mean()) < 0.1


def test_low_rank_trains_fewer_numbers_with_less_memory(runs: dict[str, FineTuningRun]) -> None:
    few, many = runs["upper-LoRA-1000-0"], runs["upper-1000-0"]
    # Rank 8 on queries and values of two blocks, and the head.
    assert few.trainable == 4 * 2 * 384 * 8 + 385
    assert few.optimizer_bytes < many.optimizer_bytes / 50
    assert many.seconds > 0
