"""Fast DQN is equal to a plain loop, each switch switches, and an end is an end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlcourse.agents.dqn import (
    Batches,
    Learner,
    QFunction,
    Replay,
    Settings,
    cart_poles,
    dense_learner,
    dense_network,
    dense_q_function,
    evaluate,
    train,
)  # fmt: skip

SMALL = Settings(
    steps=512, environments=4, gradient_steps=3, batch=8, warm_up=64, copy_every=2, units=(8, 8),
    evaluate_every=128, evaluation_episodes=3, limit=60,
)  # fmt: skip


def batches(seed: int, count: int = 3, batch: int = 8) -> Batches:
    rng = np.random.default_rng(seed)
    seen, after = rng.normal(size=(2, count, batch, 4)).astype(np.float32)
    return Batches(
        seen, rng.integers(2, size=(count, batch), dtype=np.int32),
        5 * rng.normal(size=(count, batch)).astype(np.float32), after,
        (rng.random((count, batch)) < 0.3).astype(np.float32),
        rng.uniform(0.2, 1, (count, batch)).astype(np.float32),
    )  # fmt: skip


def plain(learner: Learner, given: Batches, settings: Settings) -> list[np.ndarray]:
    """The same gradient steps, one Keras call after the other, from the learner's weights."""
    model, target = (dense_network((4,), 2, settings) for _ in range(2))
    model.set_weights(learner.model.get_weights())
    target.set_weights(learner.target.get_weights())
    adam = keras.optimizers.Adam(settings.learning_rate, global_clipnorm=settings.clip)
    for i in range(len(given.actions)):
        after = target(given.successors[i]).numpy()
        choice = (model(given.successors[i]).numpy() if settings.double else after).argmax(axis=1)
        rows = np.arange(len(choice))
        goal = given.rewards[i] + 0.99 * (1 - given.ended[i]) * after[rows, choice]
        with tf.GradientTape() as tape:
            chosen = tf.gather(model(given.observations[i]), given.actions[i], axis=1, batch_dims=1)
            losses = keras.losses.Huber(reduction=None)(goal[:, None], chosen[:, None])
            loss = tf.reduce_mean(given.weights[i] * losses)
        variables = model.trainable_variables
        adam.apply(tape.gradient(loss, [v.value for v in variables]), variables)
        if (i + 1) % settings.copy_every == 0:
            target.set_weights(model.get_weights())
    return list(model.get_weights())


@pytest.mark.parametrize("switched", [{}, {"double": False, "dueling": True, "copy_every": 1}])
def test_steps_in_one_call_are_those_of_a_plain_loop(switched: dict[str, Any]) -> None:
    settings = replace(SMALL, **switched)
    learner = dense_learner((4,), 2, settings)
    learner.reset(np.random.default_rng(0))
    given = batches(1)
    expected = plain(learner, given, settings)
    learner.learn(given)
    for found, wanted in zip(learner.weights(), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_learner_that_is_reset_forgets_everything() -> None:
    learner = dense_learner((4,), 2, SMALL)
    results = []
    for _ in range(2):
        learner.reset(np.random.default_rng(0))
        learner.learn(batches(2))
        results.append(learner.weights())
    for first, second in zip(*results, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("dueling", [False, True])
def test_what_acts_has_the_values_of_the_network(dueling: bool) -> None:
    settings = replace(SMALL, dueling=dueling)
    network = dense_network((4,), 2, settings)
    seen = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    q = dense_q_function(network.get_weights(), settings)
    np.testing.assert_allclose(q(seen), network(seen), atol=1e-6)


def test_a_ring_keeps_the_latest() -> None:
    replay = Replay(4, (1,), np.float32, prioritized=False)
    for n in range(6):
        replay.add(*(np.array(x) for x in ([[n]], [0], [n], [[n + 1]], [False])))
    _, drawn = replay.draw(np.random.default_rng(0), (10, 20), 0.0)
    assert set(drawn.rewards.ravel()) == {2, 3, 4, 5}
    np.testing.assert_array_equal(drawn.successors, drawn.observations + 1)


def test_priorities_set_the_frequency_and_weights_undo_it() -> None:
    replay = Replay(8, (1,), np.float32, prioritized=True)
    replay.add(np.zeros((2, 1)), np.zeros(2), np.array([0.0, 1]), np.zeros((2, 1)), np.zeros(2))
    replay.found(np.array([0, 1]), np.array([1.0, 32.0], np.float32))
    _, drawn = replay.draw(np.random.default_rng(0), (50, 200), 1.0)
    frequent = drawn.rewards.mean()
    assert frequent == pytest.approx(8 / 9, abs=0.01)  # 32 ** 0.6 is 8
    rare, often = (drawn.weights[drawn.rewards == n].mean() for n in (0, 1))
    assert rare / often == pytest.approx(8, rel=0.01)


def upright() -> QFunction:
    """Pushes towards the side to which the pole falls."""
    kernel = np.array([[0, 0], [0, 0], [-1, 1], [-1, 1]], np.float32)
    return QFunction((kernel, np.zeros(2, np.float32)))


def test_an_evaluation_counts_each_episode_once() -> None:
    found = evaluate(upright(), episodes=5, settings=replace(SMALL, limit=40))
    np.testing.assert_array_equal(found.returns, 40)
    np.testing.assert_allclose(found.discounted, (1 - 0.99**40) / 0.01)


@pytest.mark.parametrize("wrong", [False, True])
def test_a_time_limit_is_an_end_only_by_mistake(
    wrong: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[np.ndarray] = []
    monkeypatch.setattr(Replay, "add", lambda self, *given: kept.append(given[-1]))
    # Three steps are too few for a pole to fall.
    settings = replace(SMALL, steps=128, warm_up=129, end_at_limit=wrong)
    train(lambda n: cart_poles(n, limit=3), settings)
    assert np.concatenate(kept).any() == wrong


def test_a_training_returns_its_best_snapshot() -> None:
    run = train(settings=SMALL, seed=1)
    assert list(run.steps) == [128, 256, 384, 512]
    again = evaluate(run.best, episodes=3, seed=10_001, settings=SMALL)
    assert again.returns.mean() == run.curve.max()


def test_the_seed_decides_the_training() -> None:
    first, second, other = (train(settings=SMALL, seed=seed).last.weights[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, other)
