"""Passages of this course's pages, with a vector for each, and its quizzes: a corpus to search.

dlcourse/data/datasets/derive_course_pages.py cut them from the chapters of weeks 1 to 7 and
computed the vectors with all-MiniLM-L6-v2.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["CoursePages", "Passage", "QuizQuestion", "course_pages"]


@dataclass(frozen=True)
class Passage:
    """Some paragraphs of one section of a chapter, without code, quizzes and exercises."""

    page: str
    """Such as "week03/01_convolution"."""
    title: str
    """Of the chapter."""
    section: str
    """Its heading; the chapter's title before the first one."""
    text: str

    def __str__(self) -> str:
        """What is embedded and searched: title, section and text."""
        return f"{self.title}. {self.section}. {self.text}"


@dataclass(frozen=True)
class QuizQuestion:
    """A question at the end of a chapter."""

    page: str
    """On which it stands, and which therefore has the answer."""
    question: str
    choices: tuple[str, ...]
    right: tuple[bool, ...]
    """Which choices are right: one or more."""


@dataclass(frozen=True)
class CoursePages:
    """n passages with their vectors, and the quizzes of the same pages."""

    passages: tuple[Passage, ...]
    vectors: npt.NDArray[np.float32]
    """(n, 384), each of length 1, of `str(passage)`; they were stored in 8 bits."""
    quizzes: tuple[QuizQuestion, ...]


def course_pages() -> CoursePages:
    """Load the corpus.

    Raises:
        DataError: if the file is not the known one.
    """
    with np.load(files.locate(manifest.COURSE_PAGES), allow_pickle=False) as stored:
        content = json.loads(stored["content"].tobytes())
        vectors = stored["vectors"].astype(np.float32)
    quizzes = [
        QuizQuestion(page, question, tuple(choices), tuple(right))
        for page, question, choices, right in content["quizzes"]
    ]
    return CoursePages(
        tuple(Passage(*fields) for fields in content["passages"]),
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        tuple(quizzes),
    )
