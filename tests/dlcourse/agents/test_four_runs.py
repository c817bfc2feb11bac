"""Stored runs of four in a row come back by approach, and the kept network plays as it says."""

from __future__ import annotations

import numpy as np

from dlcourse.agents import four_in_a_row as game
from dlcourse.agents.board_values import values_of
from dlcourse.agents.four_runs import OPPONENTS, FourRun, four_runs


def test_layers_come_back_as_arrays() -> None:
    run = FourRun("reference", 0, 1.5, (0.5,) * 4, layers=(((0.5,), (1.0,)), (0.25,)))
    assert [array.shape for array in run.arrays] == [(2, 1), (1,)]


def test_the_shipped_runs_have_a_score_for_each_opponent() -> None:
    for runs in four_runs().values():
        assert [run.seed for run in runs] == list(range(len(runs)))
        scores = np.array([run.scores for run in runs])
        assert scores.shape == (len(runs), len(OPPONENTS))
        assert ((scores > 0) & (scores < 1)).all()


def test_the_shipped_network_plays_about_as_well_as_its_run_says() -> None:
    run = four_runs()["reference"][0]
    rng = np.random.default_rng(0)
    player = game.guided(lambda boards: values_of(run.arrays, boards))
    found = game.match(player, game.searching(2), game.openings(150, rng), rng).mean()
    # Pairs of games have a standard deviation of about a third.
    assert abs(found - run.scores[OPPONENTS.index("two ahead")]) < 0.12
