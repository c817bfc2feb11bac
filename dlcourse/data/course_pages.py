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

__all__ = ["EVERYDAY_QUESTIONS", "CoursePages", "Passage", "QuizQuestion", "course_pages"]


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


EVERYDAY_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("My model is perfect on the pictures it has seen and poor on new ones. What helps?",
     "week03/03_regularization"),
    ("How can the computer find out in which direction to change thousands of knobs at once?",
     "week02/02_backpropagation"),
    ("I have only ninety photos. Can I reuse what somebody else's program has learned?",
     "week04/02_transfer_learning"),
    ("How do I draw a rectangle around every car in a street scene?", "week04/03_detection"),
    ("How do I colour every part of a picture by the thing it belongs to?",
     "week04/03_segmentation"),
    ("Make my holiday snapshot look like a famous painting.", "week04/04_style_transfer"),
    ("Will it rain tomorrow, judging from the last days?", "week05/03_forecasting"),
    ("The computer should hear when I say yes or no into the microphone.", "week05/04_speech"),
    ("Why does the machine forget the beginning of a long message?",
     "week05/01_recurrent_networks"),
    ("How can a machine hold on to a memory for a long while?", "week05/02_lstm_and_gru"),
    ("Are customers happy or angry in what they write about us?", "week06/02_sentiment"),
    ("How does one cut strange words that nobody has seen before into known pieces?",
     "week06/01_tokens_and_vectors"),
    ("Let the machine compose verses in the manner of an old poet.", "week06/03_generation"),
    ("How is a sentence turned into one in another language?",
     "week06/04_sequence_to_sequence"),
    ("Two programs compete, a forger and a detective. Who wins?", "week07/03_gans"),
    ("Turn pure noise into a picture bit by bit.", "week07/04_diffusion"),
    ("How can one tell whether a picture was made by a machine?", "week07/05_generated_data"),
    ("Squeeze a picture into very few numbers and rebuild it.", "week07/01_autoencoders"),
    ("Only one patient in a thousand is ill. What is a good score then?",
     "week03/04_evaluation"),
    ("How large should the steps downhill be?", "week02/03_optimizers"),
)  # fmt: skip
"""Questions in everyday words, without the field's terms, and the chapter that answers each."""
