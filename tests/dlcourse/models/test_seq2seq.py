"""The shipped networks are whole, and the figure of week 6 shows their probabilities."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from dlcourse.data.pronunciations import SYMBOLS
from dlcourse.models.seq2seq import CHATBOT, SEEDS, chatbot_weights, shipped_weights

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "book" / "_static" / "interactive" / "beam_search.js"


@pytest.mark.parametrize("kind", ["attention", "context"])
@pytest.mark.parametrize("seed", SEEDS)
def test_both_kinds_of_network_have_the_same_shapes(kind: str, seed: int) -> None:
    found = shipped_weights(kind, seed)
    assert [array.shape for array in found] == [
        array.shape for array in shipped_weights("attention", SEEDS[0])
    ]
    assert found[0].shape == (27, 32)
    assert found[-1].shape == (len(SYMBOLS),)
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in found)


def test_a_network_that_was_not_trained_is_named() -> None:
    with pytest.raises(KeyError, match=r"no network 'attention_7'.*attention_1"):
        shipped_weights("attention", 7)


def test_the_chatbots_weights_have_its_size() -> None:
    found = chatbot_weights()
    assert found[0].shape == (CHATBOT.words, CHATBOT.width)
    assert found[-1].shape == (CHATBOT.words,)
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in found)


@pytest.mark.slow
def test_the_figures_probabilities_are_those_of_the_network() -> None:
    lines = re.findall(r"^    (\w+): (\{.*\}),$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    word, written = lines[0]
    script = ROOT / "dlcourse" / "data" / "datasets" / "derive_beam_trees.py"
    made = runpy.run_path(str(script))["trees"]((word,))[word]
    shown = json.loads(written)
    assert shown["listed"] == made["listed"]
    assert list(shown["next"]) == list(made["next"])
    for prefix, following in made["next"].items():
        assert [name for name, _ in shown["next"][prefix]] == [name for name, _ in following]
        assert [p for _, p in shown["next"][prefix]] == pytest.approx(
            [p for _, p in following], abs=2e-3
        )
