"""A small assignment of two questions, for tests that need some source and not week 1's."""

SAMPLE = '''\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
course:
  week: 99
  title: A sample
  minutes: 10
  points: 5
  limits:
    cpu: {cell: 5, notebook: 60, memory: 4}
    gpu: {cell: 5, notebook: 60, memory: 8}
---

# A sample

```{code-cell} ipython3
:tags: [setup]
import numpy as np
from dlcourse.check import check, hidden_check, measure, threshold
from dlcourse.check.expect import expect_array, expect_close
```

```{code-cell} ipython3
:tags: [hidden-setup]
def hidden_scores(rng):
    return rng.normal(0.0, 1e4, (8, 10))
```

(softmax)=
## Softmax

Turn each row of scores $Z$ of shape $(n, k)$ into probabilities.

```{code-cell} ipython3
:tags: [answer]
def softmax(z):
    """Row-wise softmax. z: (n, k) scores; returns (n, k) probabilities."""
    # BEGIN SOLUTION
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
    # END SOLUTION
```

```{code-cell} ipython3
:tags: [check]
@check("softmax", points=1, hint="Each row must add up to one.")
def rows_sum_to_one(answer):
    p = expect_array(answer.softmax(np.array([[1.0, 2.0, 3.0]])), (1, 3), name="softmax(z)")
    expect_close(p.sum(axis=1), [1.0], "The row does not add up to one.")
```

```{code-cell} ipython3
:tags: [hidden-check]
@check("softmax", points=2, hidden=True, hint="Subtract each row's maximum first.")
def survives_large_scores(answer, reference, rng):
    z = hidden_scores(rng)
    expect_close(answer.softmax(z), reference.softmax(z), "Large scores overflow exp.")
```

```{code-cell} ipython3
---
tags: [wrong-answer]
name: exponentiates-raw-scores
caught_by: [survives_large_scores]
---
def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
```

```{code-cell} ipython3
---
tags: [wrong-answer]
name: normalises-columns
caught_by: [rows_sum_to_one, survives_large_scores]
---
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum(axis=0)
```

(parameter_count)=
## Counting

How many parameters has a dense layer with 3 inputs and 4 units?

```{code-cell} ipython3
:tags: [answer]
dense_parameters = (
    # BEGIN SOLUTION
    3 * 4 + 4
    # END SOLUTION
)
```

```{code-cell} ipython3
:tags: [check]
@check("parameter_count", points=1, hint="One weight for each pair, and one bias a unit.")
def is_a_whole_number(answer):
    assert isinstance(answer.dense_parameters, int), "Count with whole numbers."
```

```{code-cell} ipython3
:tags: [hidden-check]
@check("parameter_count", points=1, hidden=True)
def counts_weights_and_biases(answer):
    assert answer.dense_parameters == 16, "The biases count too: one a unit."
```

```{code-cell} ipython3
---
tags: [wrong-answer]
name: forgets-the-biases
caught_by: [counts_weights_and_biases]
---
dense_parameters = 3 * 4
```
'''

REPORT = """
(report)=
## Report

Say what you did, and what you would do next.

```{raw-cell}
---
tags: [manual]
name: error_analysis
rubric:
- {points: 2, text: the commonest mistakes are named with their counts}
- {points: 1, text: one of them is explained}
---
Most mistakes are fours that were taken for nines (31 of 80), because their tops are open.
```
"""
"""A third question, which a person marks."""
