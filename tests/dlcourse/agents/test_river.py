"""The boat that crosses a river: current, bounds, features, episodes."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcourse.agents import river


def test_the_current_is_still_at_the_banks_and_fastest_in_the_middle() -> None:
    found = river.current(np.array([[0.0, 0.3], [0.5, 0.9], [1.0, 0.1]]))
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.0, -river.CURRENT], [0.0, 0.0]])


def test_an_action_beyond_the_bounds_is_the_action_at_the_bound() -> None:
    here = np.full((2, 2), 0.5)
    ends = river.move(here, np.array([[3.0, -7.0], [1.0, -1.0]]))
    np.testing.assert_array_equal(ends[0], ends[1])
    velocity = np.array([1, -1 - river.CURRENT])
    np.testing.assert_allclose(ends[0], 0.5 + river.STEP * velocity)


def test_no_boat_leaves_the_square() -> None:
    corners = np.array([[0.0, 0], [1, 1]])
    ends = river.move(corners, np.array([[-1.0, -1], [1, 1]]))
    np.testing.assert_array_equal(ends, corners)


def test_features_sum_to_1_and_the_nearest_bump_is_highest() -> None:
    features = river.bumps(np.array([[0.5, 0.0], [1.0, 1 / 6]]))
    assert features.shape == (2, river.BUMPS)
    np.testing.assert_allclose(features.sum(axis=1), 1)
    assert features.argmax(axis=1).tolist() == [3, 13]


def test_whoever_knows_no_current_arrives_from_the_other_bank_all_the_same() -> None:
    trip = river.voyages(river.aim, 0, 200, np.random.default_rng(0))
    assert not trip.sailing[-1].any()
    far = trip.places[0, :, 0] < 0.2
    assert trip.returns[far].mean() < trip.returns[~far].mean() < -1


def test_a_boat_that_has_arrived_earns_and_moves_no_more() -> None:
    trip = river.voyages(river.aim, 0.3, 50, np.random.default_rng(0))
    boat = int(trip.returns.argmax())
    length = int(-trip.returns[boat])
    assert trip.sailing[:length, boat].all()
    assert not trip.sailing[length:, boat].any()
    assert (trip.places[length:, boat] == trip.places[length, boat]).all()
    assert trip.to_go[:length, boat].tolist() == list(range(-length, 0))
    assert (trip.to_go[length:, boat] == 0).all()


def test_actions_have_the_mean_and_the_standard_deviations_asked_for() -> None:
    trip = river.voyages(np.ones_like, (0.1, 2.0), 400, np.random.default_rng(0), steps=10)
    actions = trip.actions.reshape(-1, 2)
    np.testing.assert_allclose(actions.mean(axis=0), 1, atol=0.1)
    np.testing.assert_allclose(actions.std(axis=0), [0.1, 2], rtol=0.05)


def plain(actions: Any, mean: Any, log_sigma: Any, weights: Any) -> Any:
    from keras import ops

    log_probs = ops.sum(-(((actions - mean) / ops.exp(log_sigma)) ** 2) / 2 - log_sigma, axis=-1)
    return -ops.mean(log_probs * weights)


def test_a_trained_boat_arrives_sooner_and_its_baseline_knows_where_it_is() -> None:
    snapshots = river.reinforce(plain, seed=1, updates=60)
    assert snapshots[-1].mean_return > snapshots[0].mean_return + 10
    near, far = river.bumps(np.array([[0.85, 0.5], [0.05, 0.2]])) @ snapshots[-1].v
    assert near > far + 3
    trip = river.voyages(snapshots[-1].mean, 0, 200, np.random.default_rng(0))
    assert trip.returns.mean() > snapshots[0].mean_return + 10


def test_a_standard_deviation_that_is_not_trained_stays() -> None:
    snapshots = river.reinforce(plain, seed=0, updates=3, sigma=0.3, train_sigma=False)
    np.testing.assert_allclose(snapshots[-1].sigma, 0.3)
    assert (snapshots[-1].W != 0).any()
