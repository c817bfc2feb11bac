"""Write the probabilities of the figure "beam_search" into its script; run once, shipped.

    python dlcourse/data/datasets/derive_beam_trees.py

For some words of the test part, every prefix that a beam of width 4 can keep gets its most probable
continuations under the shipped network "attention 1", as many as a width needs.
"""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import numpy.typing as npt

from dlcourse.data.pronunciations import END, SYMBOLS, letter_numbers, pronunciations
from dlcourse.models.seq2seq import shipped_weights

SCRIPT = Path(__file__).parents[3] / "book" / "_static" / "interactive" / "beam_search.js"
BEGIN, FINISH = "// --- begin of the probabilities\n", "  // --- end of the probabilities\n"
WORDS = ("ogre", "eleven", "brought", "polar")
WIDEST = 4
LONGEST = 13

Next = dict[str, list[tuple[str, float]]]


def trees(words: tuple[str, ...] = WORDS) -> dict[str, Any]:
    """For each word the listed pronunciations, and what may follow which prefix."""
    test = pronunciations("cpu").test
    listed = dict(zip(test.spellings, test.pronunciations, strict=True))
    return {
        word: {"listed": [" ".join(sounds) for sounds in listed[word]], "next": _next(word)}
        for word in words
    }


def _next(word: str) -> Next:
    """Continuations of all prefixes that a beam of any width up to `WIDEST` keeps."""
    model = _network()
    source = letter_numbers([word])
    found: Next = {}
    for width in range(1, WIDEST + 1):
        kept: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
        for _ in range(LONGEST):
            grown = [item for item in kept if item[0][-1:] == (END,)]
            for prefix, score in kept:
                if prefix[-1:] != (END,):
                    probabilities = _probabilities(model, source, prefix)
                    best = np.argsort(-probabilities)[:WIDEST]
                    found[" ".join(SYMBOLS[number] for number in prefix)] = [
                        ("." if number == END else SYMBOLS[number], _short(probabilities[number]))
                        for number in best
                    ]
                    grown += [
                        ((*prefix, int(n)), score + float(np.log(_short(probabilities[n]))))
                        for n in best[: max(width, 2)]
                    ]
            kept = sorted(grown, key=lambda item: -item[1])[:width]
            if all(prefix[-1:] == (END,) for prefix, _ in kept):
                break
    return found


def _network() -> Any:
    script = runpy.run_path(str(Path(__file__).with_name("train_seq2seq.py")))
    *_, model = script["seq2seq"](script["SETTINGS"]["attention"])
    model.set_weights(shipped_weights("attention", 1))
    return model


def _probabilities(
    model: Any, source: npt.NDArray[np.int32], prefix: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    before = np.array([[1, *prefix]], np.int32)
    logits = np.asarray(model([source, before]), np.float64)[0, -1]
    exponentials = np.exp(logits - logits.max())
    result: npt.NDArray[np.float64] = exponentials / exponentials.sum()
    return result


def _short(probability: float) -> float:
    """Four significant digits, as in the script."""
    return float(f"{probability:.4g}")


def main() -> None:
    """Replace what stands between the two marks in the figure's script."""
    text = SCRIPT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(FINISH)
    lines = [f"    {word}: {json.dumps(tree)}," for word, tree in trees().items()]
    body = "  const WORDS = {\n" + "\n".join(lines) + "\n  };\n"
    SCRIPT.write_text(head + BEGIN + body + FINISH + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
