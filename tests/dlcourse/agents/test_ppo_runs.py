"""The stored trainings of PPO: they are whole, and the script would make them again."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.ppo_runs import CURVES, SEEDS, VARIANTS, PPORuns, ppo_runs
from dlcourse.data.datasets.measure_ppo import OWN


def test_every_variant_has_ten_whole_runs() -> None:
    found = ppo_runs()
    assert list(found) == list(VARIANTS)
    for runs in found.values():
        assert runs.final.shape == (len(SEEDS), 100)
        assert ((runs.final >= 8) & (runs.final <= 500)).all()
        assert set(runs.curves) == set(CURVES)
        assert {rows.shape for rows in runs.curves.values()} == {(10, 195)}
        assert runs.steps[-1] == 195 * 256


def test_what_differs_from_the_settings_has_a_function_of_its_own() -> None:
    assert set(OWN) == {name for name in VARIANTS if name.startswith("bug")}


def test_where_no_episode_ended_the_last_mean_counts() -> None:
    curve = np.array([[20.0, np.nan, 40.0, np.nan]], np.float32)
    runs = PPORuns(np.arange(4), {"return": curve}, np.zeros((1, 1), np.float32))
    assert runs.area == pytest.approx((20 + 20 + 40 + 40) / 4)
