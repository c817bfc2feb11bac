"""Write mini-GPT's predictions along a passage into the figure "sampling_passage" of week 8.

    python dlcourse/data/datasets/derive_sampling_passage.py \
        book/_static/interactive/sampling_passage.js

Run it again when mini_gpt.npz changes; a test of the figure compares.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

from dlcourse.data.plays import encode, plays
from dlcourse.models.mini_gpt import CONTEXT, mini_gpt

BEGIN, END = "To-morrow, and to-morrow, and to-morrow,", "from day to day\n"
"""The passage of Macbeth, which no model of the course was trained on, from here to there."""


def passage_and_logits() -> tuple[str, list[list[int]]]:
    """The passage, and for each of its characters 65 logits in hundredths, the greatest 0."""
    text = plays("cpu").validation
    begin = text.index(BEGIN)
    end = text.index(END, begin) + len(END)
    read = encode(text[begin - CONTEXT : end - 1])[None]
    logits = np.asarray(mini_gpt()(read))[0, CONTEXT - 1 :]
    hundredths = np.rint(100 * (logits - logits.max(axis=1, keepdims=True))).astype(int)
    return text[begin:end], hundredths.tolist()


def main(script: Path) -> None:
    """Replace the script's line that begins with "const STORED"."""
    passage, logits = passage_and_logits()
    line = f"  const STORED = {json.dumps({'passage': passage, 'logits': logits})};"
    source = script.read_text(encoding="utf-8")
    changed = re.sub(r"^  const STORED = .*;$", lambda _: line, source, flags=re.MULTILINE)
    script.write_text(changed, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
