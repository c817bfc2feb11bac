"""Write the network's predictions after some beginnings into the figure "sampling" of week 6.

    python dlcourse/data/datasets/derive_sampling_figure.py book/_static/interactive/sampling.js

Run it again when plays_gru.npz changes; a test of the figure compares.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

from dlcourse.data.plays import encode
from dlcourse.models.plays_gru import plays_gru

BEGINNINGS = (
    "My lord, I ",
    "What is the m",
    "Sir, I do not k",
    "I thank your majesty.\n\nKING HENR",
    "Good morrow, good my lord.\n\n",
    "O, what a rogue and peasant slave am I",
)


def logits_in_hundredths() -> dict[str, list[int]]:
    """By beginning, the logits of the next character, 65 whole numbers."""
    model = plays_gru()
    found = {}
    for text in BEGINNINGS:
        logits = np.asarray(model(encode(text)[None]))[0, -1]
        found[text] = np.rint(100 * (logits - logits.max())).astype(int).tolist()
    return found


def main(script: Path) -> None:
    """Replace what stands between the braces of LOGITS."""
    lines = "".join(
        f"    {json.dumps(text)}: {json.dumps(values)},\n"
        for text, values in logits_in_hundredths().items()
    )
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const LOGITS = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + lines + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
