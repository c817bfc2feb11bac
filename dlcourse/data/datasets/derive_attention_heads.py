"""Write MiniLM's attention weights over some sentences into the figure "attention_heads" of week 8.

    python dlcourse/data/datasets/derive_attention_heads.py \
        book/_static/interactive/attention_heads.js

A weight w is stored as the byte 255 * sqrt(w), so that small ones keep their digits. Run it again
when the sentences change; a test of the figure compares.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.models.minilm import minilm_encoder, minilm_tokenizer, minilm_tokens

TEXTS = (
    "The dog chased the cat because it was hungry.",
    "Not a good film, but a good actor.",
    "An unwatchable, overlong mess.",
)


def attention() -> dict[str, tuple[list[str], npt.NDArray[np.float32]]]:
    """By sentence its n tokens, and the weights (6, 12, n, n): layer, head, from, to."""
    encoder, found = minilm_encoder(weights=True), {}
    for text in TEXTS:
        _, weights = encoder(list(minilm_tokens([text])))
        found[text] = minilm_tokenizer().encode(text).tokens, np.asarray(weights)[0]
    return found


def main(script: Path) -> None:
    """Replace what stands between the braces of SENTENCES."""
    lines = []
    for text, (tokens, weights) in attention().items():
        stored = base64.b64encode(np.rint(255 * np.sqrt(weights)).astype(np.uint8).tobytes())
        content = f"tokens: {json.dumps(tokens)}, weights: {json.dumps(stored.decode())}"
        lines.append(f"    {json.dumps(text)}: {{ {content} }},\n")
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const SENTENCES = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + "".join(lines) + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
