"""Pendulums of many kinds, of which the standard one is gymnasium's."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from dlcourse.agents.episodes import play
from dlcourse.agents.pendulum import EPISODE, Pendulum, Pendulums, Physics


def torques(count: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-3, 3, (count, 1)).astype(np.float32)


def test_the_standard_pendulum_is_that_of_gymnasium() -> None:
    theirs, ours = gymnasium.make("Pendulum-v1"), Pendulum()
    seen, wanted = ours.reset(seed=3)[0], theirs.reset(seed=3)[0]
    np.testing.assert_allclose(seen, wanted, atol=1e-6)
    for torque in torques(EPISODE):
        found, expected = ours.step(torque), theirs.step(torque)
        np.testing.assert_allclose(found[0], expected[0], atol=1e-4)
        assert found[1] == pytest.approx(float(expected[1]), abs=1e-4)
        assert found[2:4] == expected[2:4]
    assert found[3]
    assert ours.action_space == theirs.action_space
    assert ours.observation_space == theirs.observation_space


def test_a_pendulum_moves_the_same_alone_and_beside_others() -> None:
    kinds = Physics(
        np.array([0.5, 2.0]), np.array([1.0, 0.7]), np.array([0.0, 0.3]), 1.0, np.array([0, 2])
    )
    both = Pendulums(2, lambda _, count: kinds, memory=2)
    both.reset(seed=0)
    start = both.angles[1], both.speeds[1]
    alone = Pendulums(1, lambda _, count: Physics(2.0, 0.7, 0.3, 1.0, 2), memory=2)
    alone.reset(seed=0)
    alone.angles[:], alone.speeds[:] = start
    for torque in torques(20):
        of_both = both.step(np.array([[0.0], torque]))
        of_one = alone.step(torque[None])
        assert of_both[1][1] == pytest.approx(of_one[1][0])
    np.testing.assert_allclose(of_both[0][1], of_one[0][0], atol=1e-5)


def test_a_torque_arrives_after_the_delay() -> None:
    def speeds(delay: int) -> list[float]:
        pendulums = Pendulums(1, lambda _, count: Physics(delay=delay))
        pendulums.reset(seed=0)
        pendulums.angles[:], pendulums.speeds[:] = np.pi, 0.0
        return [float(pendulums.step(np.ones((1, 1)))[0][0, 2]) for _ in range(4)]

    now, later = speeds(0), speeds(2)
    np.testing.assert_allclose(later[:2], [0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(later[2:], now[:2], atol=1e-5)


def test_friction_slows_and_strength_multiplies_the_torque() -> None:
    def speed(physics: Physics, torque: float) -> float:
        pendulums = Pendulums(1, lambda _, count: physics)
        pendulums.reset(seed=0)
        pendulums.angles[:], pendulums.speeds[:] = 0.0, 2.0
        return float(pendulums.step(np.full((1, 1), torque))[0][0, 2])

    assert speed(Physics(), 0.0) == pytest.approx(2.0)
    assert speed(Physics(friction=0.1), 0.0) == pytest.approx(2.0 - 3 * 0.1 * 2.0 * 0.05)
    assert speed(Physics(strength=0.5), 2.0) == pytest.approx(speed(Physics(), 1.0))
    assert speed(Physics(mass=2.0, length=2.0), 1.0) == pytest.approx(2.0 + 3 / 8 * 0.05)


def test_an_observation_holds_the_steps_before_and_their_actions() -> None:
    pendulums = Pendulums(3, memory=2)
    first, _ = pendulums.reset(seed=4)
    assert first.shape == (3, 11)
    assert pendulums.single_observation_space.shape == (11,)
    np.testing.assert_array_equal(first[:, 3:6], first[:, :3])
    np.testing.assert_array_equal(first[:, [6, 10]], 0.0)
    second = pendulums.step(np.full((3, 1), 0.5))[0]
    third = pendulums.step(np.full((3, 1), -1.5))[0]
    np.testing.assert_array_equal(third[:, 3:6], second[:, :3])
    np.testing.assert_array_equal(third[:, 7:10], first[:, :3])
    np.testing.assert_allclose(third[:, [6, 10]], [[-1.5, 0.5]] * 3)


def test_each_episode_gets_new_physics_and_its_last_observation_is_handed_over() -> None:
    drawn: list[int] = []

    def draw(rng: np.random.Generator, count: int) -> Physics:
        drawn.append(count)
        return Physics(mass=rng.uniform(0.5, 1.5, count))

    pendulums = Pendulums(2, draw)
    assert pendulums.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    pendulums.reset(seed=0)
    masses = pendulums.physics.mass.copy()
    for _ in range(EPISODE - 1):
        observations, *_, cut, info = pendulums.step(np.zeros((2, 1)))
    assert not cut.any()
    assert not info
    angle = pendulums.angles + turn_of(pendulums)
    observations, *_, cut, info = pendulums.step(np.zeros((2, 1)))
    assert cut.all()
    np.testing.assert_allclose(np.stack(info["final_obs"])[:, 0], np.cos(angle), atol=1e-5)
    assert (observations[:, 0] != np.stack(info["final_obs"])[:, 0]).all()
    assert (pendulums.physics.mass != masses).all()
    assert drawn == [2, 2]


def turn_of(pendulums: Pendulums) -> np.ndarray:
    """By how much the angles of free pendulums change in the next step."""
    pull = 15.0 * np.sin(pendulums.angles)
    return np.asarray(0.05 * np.clip(pendulums.speeds + 0.05 * pull, -8, 8))


def test_pendulums_of_different_kinds_are_played_together() -> None:
    kinds = [Physics(mass=mass, delay=delay) for mass in (0.5, 2.0) for delay in (0, 3)]
    episodes = play(
        lambda x: np.ones((len(x), 1)),
        [Pendulum(kind, memory=4) for kind in kinds],
        seeds=[1] * 4,
        steps=200,
    )
    assert not episodes.lost
    assert (episodes.lengths == 200).all()
    assert len(set(episodes.returns.tolist())) == 4


@pytest.mark.parametrize(
    ("physics", "message"),
    [
        (Physics(mass=np.ones(3)), "has the shape"),
        (Physics(length=0.0), "above 0"),
        (Physics(delay=1.5), "whole number"),
        (Physics(delay=21), "whole number"),
        (Physics(friction=np.nan), "not finite"),
    ],
)
def test_impossible_physics_are_refused(physics: Physics, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        physics.rows(2)
