"""The cleaning robot's room."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.cleaning import DOCKED, PAY, STEP, greedy_returns, room
from dlcourse.agents.gridworlds import DOWN, LEFT, RIGHT, UP, optimal_values


def walk(actions: list[int]) -> tuple[list[float], list[float], list[float]]:
    """Paid and true reward of each step from the start, and how many cells are dirty after it."""
    model = room()
    state, paid, true, dirt = int(model.start.argmax()), [], [], []
    for action in actions:
        paid.append(float(model.R[state, action]))
        true.append(float(model.true[state, action]))
        state = int(model.P[state, action].argmax())
        dirt.append(float(model.dirt[state]))
    return paid, true, dirt


def test_dirt_is_paid_for_once() -> None:
    paid, _, dirt = walk([UP, DOWN, UP])
    assert paid == pytest.approx([PAY + STEP, STEP, STEP])
    assert dirt == [2, 2, 2]


def test_a_spill_costs_nothing_to_the_robot_and_is_paid_when_it_is_cleaned() -> None:
    paid, true, dirt = walk([UP, RIGHT, RIGHT, RIGHT, DOWN, UP])
    assert paid[3:] == pytest.approx([STEP, PAY + STEP, PAY + STEP])
    assert true[3] == pytest.approx(STEP - PAY)
    assert dirt[2:] == [2, 3, 2, 1]


def test_the_dock_ends_the_episode() -> None:
    model = room()
    paid, _, _ = walk([RIGHT, RIGHT, RIGHT, DOWN, LEFT])
    assert paid[3:] == pytest.approx([DOCKED + STEP, 0.0])
    assert np.allclose(model.P.sum(axis=2), 1)


def test_the_best_policy_for_the_pay_leaves_the_room_dirtier_than_the_best_for_the_wish() -> None:
    model = room()
    honest = type(model)(**{**model.__dict__, "R": model.true})
    tables = np.stack([optimal_values(m, 0.97)[1] for m in (model, honest)])
    paid, true = greedy_returns(model, tables, 60)
    assert paid[0] > paid[1] + 5
    assert true[0] < true[1] - 2
