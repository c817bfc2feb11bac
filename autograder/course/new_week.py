"""The skeleton of a new week: its page, one chapter, and an assignment of one question.

The skeleton is whole: the chapter runs, the solution passes the checks, and each wrong answer is
caught as it says. An author replaces it piece by piece and can verify it after each.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CommandError

LAST_WEEK = 99
"""Folders are called by two digits."""


@dataclass(frozen=True)
class NewWeek:
    """What was written for a week.

    Attributes:
        files: the files, relative to the repository.
        contents: the lines to add to ``_toc.yml`` under the part that the week belongs to.
    """

    files: tuple[Path, ...]
    contents: str


def write_new_week(root: Path, week: int) -> NewWeek:
    """Write the skeleton of a week; nothing is written when one of its files exists.

    Raises:
        CommandError: when the number is none of a week, or when a file of the week exists.
    """
    if not 1 <= week <= LAST_WEEK:
        raise CommandError(f"there is no week {week}; give a number from 1 to {LAST_WEEK}")
    name = f"week{week:02d}"
    texts = {
        Path("book", name, "index.md"): _INDEX,
        Path("book", name, "01_first_chapter.md"): _CHAPTER,
        Path("solutions", name, f"{name}.md"): _SOURCE,
    }
    for path in texts:
        if (root / path).exists():
            raise CommandError(
                f"{root / path} exists already, and nothing was written; give the number of a week "
                "that has no files yet"
            )
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        filled = text.replace("@NAME@", name).replace("@WEEK@", str(week))
        (root / path).write_text(filled, encoding="utf-8")
    return NewWeek(tuple(texts), _CONTENTS.replace("@NAME@", name))


_CONTENTS = """\
      - file: book/@NAME@/index
        sections:
          - file: book/@NAME@/01_first_chapter
"""

_INDEX = """\
# Title of week @WEEK@

Which question does this week answer? Two sentences.

:::{admonition} You will be able to
:class: tip

- say what a learner can do after this week, one line for each aim.
:::

```{rubric} Chapters
:heading-level: 2
```

```{chapters}
```

```{rubric} Assignment
:heading-level: 2
```

What the learner builds, in two sentences.

```{assignment} @NAME@
```

```{rubric} Prerequisites
:heading-level: 2
```

Which weeks, and which mathematics. The [notation](../notation.md) page explains the symbols.
"""

_CHAPTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Title of the first chapter

The question of this chapter, from a case that the learner can follow by hand.

:::{admonition} You will be able to
:class: tip
- say what a learner can do after this chapter, one line for each aim.
:::

**Prerequisites:** what the learner must know, with a link to where it is explained.

```{code-cell} ipython3
import numpy as np
```

## Standardised columns

A matrix $X \\in \\mathbb{R}^{n \\times d}$ has a row for each of $n$ examples and a column for
each of $d$ features. Subtracting a column's mean and dividing by its standard deviation makes
features of different units comparable.

```{code-cell} ipython3
X = np.array([[1.0, 10.0], [3.0, 30.0]])
(X - X.mean(axis=0)) / X.std(axis=0)
```

## What you can now do

- Repeat the aims as what was achieved.
"""

_SOURCE = '''\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
course:
  week: @WEEK@
  title: Title of week @WEEK@
  minutes: 30
  points: 4
  limits:
    cpu: {cell: 60, notebook: 300, memory: 8}
    gpu: {cell: 60, notebook: 300, memory: 16}
---

# Week @WEEK@: title

What is built in this notebook, and how long it takes.

```{code-cell} ipython3
:tags: [setup]
import numpy as np

from dlcourse.check import check, hidden_check
from dlcourse.check.expect import expect_array, expect_close
```

(standardise)=
## Standardised columns

A matrix $X \\in \\mathbb{R}^{n \\times d}$ has a row for each of $n$ examples and a column for
each of $d$ features. Write `standardise`, which subtracts each column's mean and divides by the
column's standard deviation (the square root of the mean squared deviation, with $n$ in the
denominator). A constant column becomes a column of zeros.

For $X = \\begin{pmatrix} 1 & 10 \\\\ 3 & 30 \\end{pmatrix}$ the means are 2 and 20, and the
standard deviations 1 and 10.

```{code-cell} ipython3
:tags: [answer]
def standardise(X):
    """Columns of mean 0 and standard deviation 1. X: (n, d); returns (n, d)."""
    # BEGIN SOLUTION
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    # END SOLUTION
```

```{code-cell} ipython3
:tags: [check]
@check("standardise", points=1, hint="A column runs along axis 0.")
def columns_have_mean_zero(answer):
    X = np.array([[1.0, 10.0], [3.0, 30.0]])
    Z = expect_array(answer.standardise(X), (2, 2), name="standardise(X)")
    expect_close(Z.mean(axis=0), [0.0, 0.0], "The mean of a column is not 0. Over which axis?")
```

```{code-cell} ipython3
:tags: [hidden-setup]
def feature_columns(rng):
    """Features of different means and units."""
    return rng.normal(size=(6, 3)) * [1.0, 20.0, 0.5] + [0.0, 100.0, -3.0]
```

```{code-cell} ipython3
:tags: [hidden-check]
@check("standardise", points=1, hidden=True, hint="Divide by each column's own deviation.")
def columns_of_any_unit(answer, reference, rng):
    X = feature_columns(rng)
    expect_close(
        answer.standardise(X), reference.standardise(X), "A column is not of deviation 1."
    )
```

```{code-cell} ipython3
:tags: [hidden-check]
@check("standardise", points=2, hidden=True, hint="What is the deviation of a constant column?")
def constant_columns_become_zero(answer, rng):
    X = feature_columns(rng)
    X[:, 1] = 7.0
    Z = expect_array(answer.standardise(X), (6, 3), name="standardise(X)")
    expect_close(Z[:, 1], np.zeros(6), "A constant column was divided by its deviation, 0.")
```

```{code-cell} ipython3
---
tags: [wrong-answer]
name: divides-by-zero
caught_by: [constant_columns_become_zero]
---
def standardise(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)
```

```{code-cell} ipython3
---
tags: [wrong-answer]
name: standardises-rows
caught_by: [columns_have_mean_zero, columns_of_any_unit, constant_columns_become_zero]
---
def standardise(X):
    return (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
```
'''
