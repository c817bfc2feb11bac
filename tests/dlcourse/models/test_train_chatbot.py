"""The chatbot's training sees each pair of turns once a pass, with as little padding as it can."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcourse.data.dialogues import END

SCRIPT = Path(__file__).parents[3] / "dlcourse" / "data" / "datasets" / "train_chatbot.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_each_pair_is_in_one_batch_of_prompts_of_one_length(script: dict[str, Any]) -> None:
    x = np.array([[4, 5, END, 0], [6, END, 0, 0], [7, 8, END, 0], [9, END, 0, 0]], np.int32)
    y = np.array([[14, END, 0], [16, 16, END], [17, END, 0], [19, END, 0]], np.int32)
    found = list(script["batches"](x, y, np.random.default_rng(0)))
    pairs = [
        (int(a[0]), int(b[0])) for some, other in found for a, b in zip(some, other, strict=True)
    ]
    assert sorted(pairs) == [(4, 14), (6, 16), (7, 17), (9, 19)]
    assert sorted(some.shape[1] for some, _ in found) == [2, 3]
    assert all((some != 0).all() for some, _ in found)
    assert all((other != 0).any(axis=0).all() for _, other in found)


def test_a_hidden_prompt_is_an_empty_one(script: dict[str, Any]) -> None:
    assert script["hidden"](np.array([[4, 5, END]], np.int32)).tolist() == [[END]]
