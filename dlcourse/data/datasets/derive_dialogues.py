"""Derive dialogues.xz from the chitchat data set; run once, the result is shipped.

    pip download --no-deps chitchat-dataset==0.9.0
    python dlcourse/data/datasets/derive_dialogues.py chitchat_dataset-0.9.0-py3-none-any.whl

A turn is all that a person wrote before the other one answered. Kept are turns of 1 to 16 words, in
lower case, with letters, digits, apostrophes and the signs . , ? !. A turn is left out if it
has a word of `BLOCKED` or looks as if it held an address (a sign @, a domain, five digits or
more). The filter is light: it knows words and no meanings. Turns that followed each other stay in
their order; where one was left out, a new run of turns begins.

The conversations are split at random by their identifiers: none is in two parts, but one person's
conversations may be.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

WHEEL = "7bf89f36645e2d5ec87d53370c8e851b5a688479c7beb7079cb4c87fc5acea3e"
LONGEST = 16  # words
VALIDATION = 60  # of 1,000 conversations
BLOCKED = re.compile(
    r"\b(?:\w*fuck\w*|\w*shit\w*|bitch\w*|cunts?|dicks?|cocks?|puss(?:y|ies)|whores?|slut\w*|tits|"
    r"boob\w*|porn\w*|sex\w*|nude\w*|naked|rap(?:e|ed|es|ist|ists|ing)|molest\w*|cum|penis\w*|"
    r"vagina\w*|ass|asses|asshole\w*|bastards?|damn\w*|piss\w*|crap\w*|nigg\w*|fag\w*|retard\w*|"
    r"homos?|suicid\w*|kill (?:my|your)self|hitlers?|nazis?)\b"
)
ADDRESS = re.compile(r"@|www|https?:|\.(?:com|org|net|edu|io)\b|\d{5}|\d{3}[- .]\d{4}")


def cleaned(text: str) -> str | None:
    """A turn as it is kept, or None if it is left out."""
    lower = text.lower().replace("\u2019", "'")
    if ADDRESS.search(lower) or BLOCKED.search(lower):
        return None
    signs = re.sub(r"[^a-z0-9'.,?! ]+", " ", lower)
    signs = re.sub(r"([.,?!])[.,?! ]*", r"\1 ", signs)  # "?!?" and ". . ." become one sign
    words = signs.split()
    if not 1 <= len(words) <= LONGEST or not re.search(r"[a-z]", signs):
        return None
    return " ".join(words)


def runs(conversation: dict[str, Any]) -> list[list[str]]:
    """Turns that followed each other without one left out; a run has two or more."""
    found: list[list[str]] = [[]]
    for messages in conversation["messages"]:
        turn = cleaned(" ".join(message["text"] for message in messages))
        if turn is None:
            found.append([])
        else:
            found[-1].append(turn)
    return [run for run in found if len(run) > 1]


def main(wheel: Path) -> None:
    """Write dialogues.xz from the wheel of chitchat-dataset."""
    if (digest := hashlib.sha256(wheel.read_bytes()).hexdigest()) != WHEEL:
        raise SystemExit(f"{wheel} is not chitchat-dataset 0.9.0: its SHA-256 is {digest}.")
    with zipfile.ZipFile(wheel) as archive:
        conversations = json.loads(archive.read("chitchat_dataset/dataset.json"))
    parts: dict[str, list[str]] = {"train": [], "validation": []}
    pairs = dict.fromkeys(parts, 0)
    for identifier, conversation in sorted(conversations.items()):
        draw = int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:4], "big") % 1000
        part = "validation" if draw < VALIDATION else "train"
        for run in runs(conversation):
            parts[part].append("\n".join(run))
            pairs[part] += len(run) - 1
    content = "\f".join("\n\n".join([name, *texts]) for name, texts in parts.items())
    compressed = lzma.compress(content.encode("ascii"), preset=9 | lzma.PRESET_EXTREME)
    Path(__file__).with_name("dialogues.xz").write_bytes(compressed)
    print(pairs, len(compressed), "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
