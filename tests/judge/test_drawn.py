"""What a hidden set-up draws is drawn once, and is the same as if it were drawn each time."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judge.drawn import draw_once


class Drawing:
    """A function that draws, as a hidden set-up defines it, and how often it has run."""

    def __init__(self) -> None:
        self.runs = 0

        def draw(rng: Any, count: int = 3, scale: Any = 1.0) -> Any:
            self.runs += 1
            return scale * rng.random(count), rng.integers(0, 9, count)

        self.plain = draw
        scope: dict[str, Any] = {"draw": draw}
        draw_once(scope, {})
        self.kept = scope["draw"]
        assert self.kept is not draw


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_second_submission_gets_the_same_without_a_draw() -> None:
    drawing = Drawing()
    expected = drawing.plain(rng())
    for _ in range(3):
        for got, wanted in zip(drawing.kept(rng()), expected, strict=True):
            np.testing.assert_array_equal(got, wanted)
    assert drawing.runs == 2


def test_what_a_check_draws_afterwards_is_the_same() -> None:
    drawing = Drawing()
    first, second = rng(), rng()
    drawing.kept(first)
    drawing.kept(second)
    assert drawing.runs == 1
    assert first.random() == second.random()


def test_a_check_that_changes_its_data_changes_no_others() -> None:
    drawing = Drawing()
    drawing.kept(rng())[0][:] = 7
    drawing.kept(rng())[0][:] = 7
    assert (drawing.kept(rng())[0] < 1).all()


def test_another_state_or_argument_draws_anew() -> None:
    drawing = Drawing()
    calls = [(rng(1), 3), (rng(2), 3), (rng(1), 4), (rng(1), 3, 2.0)]
    for arguments in calls:
        drawing.kept(*arguments)
    assert drawing.runs == len(calls)


def test_what_a_learners_object_decides_is_drawn_each_time() -> None:
    drawing = Drawing()
    for _ in range(2):
        drawing.kept(rng(), 3, np.ones(3))
    assert drawing.runs == 2


def test_what_may_be_more_than_data_is_made_each_time() -> None:
    runs = []

    def make(rng: Any) -> Any:
        runs.append(1)
        return lambda: rng

    scope: dict[str, Any] = {"make": make}
    draw_once(scope, {})
    scope["make"](rng())
    scope["make"](rng())
    assert len(runs) == 2


def test_functions_from_elsewhere_stay_as_they_are() -> None:
    def imported(rng: Any) -> Any:
        return rng

    scope: dict[str, Any] = {"imported": imported}
    draw_once(scope, {"imported": imported})
    assert scope["imported"] is imported
