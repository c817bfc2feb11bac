"""Deep Q-networks trained quickly: many environments at once, many gradient steps in one call.

The method is that of Mnih et al. 2015 (doi:10.1038/nature14236) with the switches that its
successors added: double (van Hasselt et al. 2016), dueling (Wang et al. 2016), prioritized replay
(Schaul et al. 2016). Chapter 3 of week 9 writes the same loop out; here the work is in another
order: actions come from NumPy weights, and many gradient steps are one compiled call. A call of
TensorFlow for each action and each gradient step would take most of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

import gymnasium
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Environments = gymnasium.vector.VectorEnv[Any, Any, Any]
MakeEnvironments = Callable[[int], Environments]
"""From a number n to n environments that begin anew in the step after an end (NEXT_STEP)."""
Q = TypeVar("Q", bound="ActionValues")


@dataclass(frozen=True)
class Settings:
    """How a DQN is trained; the defaults suit CartPole.

    Attributes:
        steps: in all environments together; beginning anew takes one.
        environments: played side by side.
        round_steps: environment steps between two rounds of learning.
        gradient_steps: in a round.
        batch: transitions in a gradient step.
        buffer: transitions kept; ``round_steps`` of them mean no replay of older ones.
        warm_up: steps before the first round of learning.
        copy_every: gradient steps between two copies to the target network; 1 means that there is
            none, since the target is then always that of the network which learns.
        double: the network that learns chooses the next action, the target network values it.
        dueling: value and advantages in two heads.
        prioritized: draw transitions in proportion to their last error to the power 0.6.
        end_at_limit: treat a time limit as an end, which is a mistake.
        discount: gamma.
        learning_rate: of Adam.
        clip: global norm of a gradient.
        reward_scale: factor of rewards; Q-values are in these units.
        units: of the two hidden layers.
        explored: share of the steps over which epsilon falls from 1 to ``epsilon``.
        epsilon: thereafter.
        evaluate_every: steps between two evaluations.
        evaluation_episodes: with the greedy policy, in each.
        limit: steps after which an evaluation episode is cut.
    """

    steps: int = 50_000
    environments: int = 8
    round_steps: int = 64
    gradient_steps: int = 32
    batch: int = 64
    buffer: int = 50_000
    warm_up: int = 1_000
    copy_every: int = 256
    double: bool = True
    dueling: bool = False
    prioritized: bool = False
    end_at_limit: bool = False
    discount: float = 0.99
    learning_rate: float = 1e-3
    clip: float = 10.0
    reward_scale: float = 0.1
    units: tuple[int, int] = (128, 128)
    explored: float = 0.3
    epsilon: float = 0.04
    evaluate_every: int = 2_500
    evaluation_episodes: int = 50
    limit: int = 500


class ActionValues(Protocol):
    """What acts: values of all actions, and the greedy ones."""

    def __call__(self, observations: npt.ArrayLike, /) -> Array:
        """Values (n, actions) for observations (n, ...)."""

    def act(self, observations: npt.ArrayLike, /) -> npt.NDArray[np.int64]:
        """The greedy actions, (n,)."""


@dataclass(frozen=True)
class QFunction:
    """Action values by NumPy, with the weights of a trained network.

    Attributes:
        weights: kernel and bias of each dense layer; ReLU between layers.
    """

    weights: tuple[Array, ...]

    def __call__(self, observations: npt.ArrayLike) -> Array:
        """Values of all actions, (n, actions), for observations (n, ...)."""
        x = np.asarray(observations, np.float32)
        layers = list(zip(self.weights[::2], self.weights[1::2], strict=True))
        for place, (kernel, bias) in enumerate(layers):
            x = x @ kernel + bias
            if place < len(layers) - 1:
                x = np.maximum(x, 0, out=x)
        return x

    def act(self, observations: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """The greedy actions, (n,)."""
        return np.asarray(self(observations).argmax(axis=1))


@dataclass(frozen=True)
class Evaluation:
    """Greedy episodes of one snapshot.

    Attributes:
        returns: sums of rewards, (episodes,).
        discounted: sums of discounted rewards from the first state, (episodes,).
        predicted: the largest Q-value in the first state, in units of the reward, (episodes,).
    """

    returns: npt.NDArray[np.float64]
    discounted: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Run(Generic[Q]):
    """What became of one training.

    Attributes:
        steps: environment steps before each evaluation, (m,).
        evaluations: of each snapshot, m of them.
        played: returns of the training episodes, exploration included, in the order of their ends.
        ends: steps made when each of them ended.
        first: the network before training.
        best: the snapshot whose evaluation episodes had the largest mean; the first of equals.
        last: the network at the end.
    """

    steps: npt.NDArray[np.int64]
    evaluations: tuple[Evaluation, ...]
    played: npt.NDArray[np.float64]
    ends: npt.NDArray[np.int64]
    first: Q
    best: Q
    last: Q

    @property
    def curve(self) -> npt.NDArray[np.float64]:
        """Mean return of each evaluation, (m,)."""
        return np.array([one.returns.mean() for one in self.evaluations])


def cart_poles(count: int, limit: int = 500) -> Environments:
    """CartPole-v1, `count` of them computed at once, an episode cut after `limit` steps."""
    return gymnasium.make_vec(
        "CartPole-v1", count, vectorization_mode="vector_entry_point", max_episode_steps=limit
    )


def evaluate(
    q: ActionValues,
    make: MakeEnvironments = cart_poles,
    *,
    episodes: int = 100,
    seed: int = 0,
    settings: Settings | None = None,
) -> Evaluation:
    """Play greedily, one episode in each of `episodes` environments.

    Args:
        q: gives the actions.
        make: of the environments.
        episodes: how many.
        seed: of the environments.
        settings: discount, scale of rewards and limit; those of CartPole by default.
    """
    settings = settings or Settings()
    environments = make(episodes)
    observations, _ = environments.reset(seed=seed)
    predicted = q(observations).max(axis=1) / settings.reward_scale
    returns, discounted = np.zeros(episodes), np.zeros(episodes)
    running, weight = np.ones(episodes, bool), 1.0
    for _ in range(settings.limit):
        observations, rewards, ended, cut, _ = environments.step(q.act(observations))
        returns += running * rewards
        discounted += weight * running * rewards
        weight *= settings.discount
        running &= ~(ended | cut)
        if not running.any():
            break
    return Evaluation(returns, discounted, predicted.astype(float))


@dataclass
class Batches:
    """Transitions to learn from; all arrays begin with (gradient steps, batch).

    Attributes:
        observations: what was seen.
        actions: what was done, int32.
        rewards: scaled.
        successors: what was seen next.
        ended: 1.0 where the environment ended, so that nothing follows.
        weights: factors of the losses.
    """

    observations: Array
    actions: npt.NDArray[np.int32]
    rewards: Array
    successors: Array
    ended: Array
    weights: Array


class Replay:
    """The latest transitions in a ring, drawn uniformly or in proportion to their errors.

    The exponents are 0.6 for priorities, and for importance weights 0.4 rising to 1 over the
    training (Schaul et al. 2016, arXiv:1511.05952, proportional variant).
    """

    def __init__(self, size: int, shape: Sequence[int], dtype: Any, *, prioritized: bool) -> None:
        """An empty ring of `size` transitions with observations of this shape."""
        self.size, self.prioritized = size, prioritized
        self.count = self._place = 0
        self._observations = np.zeros((size, *shape), dtype)
        self._successors = np.zeros((size, *shape), dtype)
        self._actions = np.zeros(size, np.int32)
        self._rewards = np.zeros(size, np.float32)
        self._ended = np.zeros(size, np.float32)
        self._priorities = np.zeros(size)

    def add(
        self,
        observations: npt.NDArray[Any],
        actions: npt.NDArray[Any],
        rewards: npt.NDArray[Any],
        successors: npt.NDArray[Any],
        ended: npt.NDArray[Any],
    ) -> None:
        """Keep n transitions in place of the oldest; a new one has the largest priority so far."""
        places = (self._place + np.arange(len(actions))) % self.size
        self._observations[places], self._successors[places] = observations, successors
        self._actions[places], self._rewards[places] = actions, rewards
        self._ended[places] = ended
        self._priorities[places] = self._priorities.max() or 1.0
        self._place = int(self._place + len(actions)) % self.size
        self.count = min(self.size, self.count + len(actions))

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, int], progress: float
    ) -> tuple[npt.NDArray[np.int64], Batches]:
        """Places in the ring and what stands there, for (gradient steps, batch) transitions."""
        weights = np.ones(shape, np.float32)
        if self.prioritized:
            heaped = np.cumsum(self._priorities[: self.count])
            places = np.searchsorted(heaped, rng.uniform(0, heaped[-1], shape), side="right")
            places = places.clip(max=self.count - 1)
            drawn = self._priorities[places] / heaped[-1] * self.count
            weights = (drawn ** -(0.4 + 0.6 * progress)).astype(np.float32)
            weights /= weights.max(axis=1, keepdims=True)
        else:
            places = rng.integers(self.count, size=shape)
        return places, Batches(
            self._observations[places].astype(np.float32), self._actions[places],
            self._rewards[places], self._successors[places].astype(np.float32),
            self._ended[places], weights,
        )  # fmt: skip

    def found(self, places: npt.NDArray[np.int64], errors: Array) -> None:
        """Store the errors of what was drawn as its priorities."""
        self._priorities[places] = (np.abs(errors) + 1e-3) ** 0.6


def dense_network(shape: Sequence[int], actions: int, settings: Settings) -> Any:
    """A Keras model from observations to action values, with hidden layers of ReLU."""
    import keras
    from keras import layers, ops

    inputs = x = keras.Input(tuple(shape))
    for units in settings.units:
        x = layers.Dense(units, activation="relu")(x)
    if not settings.dueling:
        return keras.Model(inputs, layers.Dense(actions)(x))
    value, advantage = layers.Dense(1)(x), layers.Dense(actions)(x)
    mean = ops.mean(advantage, axis=1, keepdims=True)
    return keras.Model(inputs, value + advantage - mean)


def dense_q_function(weights: Sequence[Array], settings: Settings) -> QFunction:
    """The NumPy twin of `dense_network`: two heads of a dueling network become one layer."""
    if not settings.dueling:
        return QFunction(tuple(weights))
    *hidden, value, value_bias, advantage, bias = weights
    kernel = value + advantage - advantage.mean(axis=1, keepdims=True)
    return QFunction((*hidden, kernel, value_bias + bias - bias.mean()))


class Learner:
    """A network, its target and Adam; many gradient steps are one compiled call."""

    def __init__(self, model: Any, target: Any, settings: Settings) -> None:
        """Around two Keras models of one kind; their weights are set by `reset`."""
        import keras
        import tensorflow as tf

        self.model, self.target, self.settings = model, target, settings
        self._optimizer = keras.optimizers.Adam(
            settings.learning_rate, global_clipnorm=settings.clip
        )
        self._optimizer.build(model.trainable_variables)
        self._fresh = [v.numpy() for v in self._optimizer.variables]
        self._made = tf.Variable(0, dtype=tf.int32, trainable=False)
        self._compiled = tf.function(self._steps, jit_compile=True)

    def reset(self, rng: np.random.Generator) -> None:
        """New weights, uniform as Glorot and Bengio 2010; the target is a copy; Adam forgets."""
        weights = [_initial(v.shape, rng) for v in self.model.trainable_variables]
        self.model.set_weights(weights)
        self.target.set_weights(weights)
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        self._made.assign(0)

    def weights(self) -> list[Array]:
        """Copies of the weights of the network that learns."""
        return [v.numpy() for v in self.model.trainable_variables]

    def learn(self, batches: Batches) -> Array:
        """One gradient step for each batch; returns the errors before it, (steps, batch)."""
        result = self._compiled(
            batches.observations, batches.actions, batches.rewards, batches.successors,
            batches.ended, batches.weights,
        )  # fmt: skip
        return np.asarray(result)

    def _steps(
        self, states: Any, actions: Any, rewards: Any, after: Any, ended: Any, w: Any
    ) -> Any:
        import tensorflow as tf

        count, batch = states.shape[:2]
        errors = tf.TensorArray(tf.float32, count, element_shape=(batch,))
        for i in tf.range(count):
            goal = self._goal(rewards[i], after[i], ended[i])
            error = self._step(states[i], actions[i], goal, w[i])
            errors = errors.write(i, error)
            self._made.assign_add(1)
            copy = self._made % self.settings.copy_every == 0
            pairs = zip(self.target.variables, self.model.variables, strict=True)
            for old, new in pairs:
                old.assign(tf.where(copy, new.value, old.value))
        return errors.stack()

    def _goal(self, rewards: Any, after: Any, ended: Any) -> Any:
        """The TD target; nothing follows an end."""
        import tensorflow as tf

        values = self.target(after)
        chooser = self.model(after) if self.settings.double else values
        choice = tf.argmax(chooser, axis=1, output_type=tf.int32)
        best = tf.gather(values, choice, axis=1, batch_dims=1)
        return rewards + self.settings.discount * (1 - ended) * best

    def _step(self, states: Any, actions: Any, goal: Any, weights: Any) -> Any:
        """One step of Adam on the weighted Huber loss; the target is a constant in it."""
        import tensorflow as tf

        with tf.GradientTape() as tape:
            chosen = tf.gather(self.model(states), actions, axis=1, batch_dims=1)
            error = tf.stop_gradient(goal) - chosen
            small = tf.abs(error) <= 1
            huber = tf.where(small, error**2 / 2, tf.abs(error) - 0.5)
            loss = tf.reduce_mean(weights * huber)
        variables = self.model.trainable_variables
        self._optimizer.apply(tape.gradient(loss, [v.value for v in variables]), variables)
        return error


def _initial(shape: Sequence[int], rng: np.random.Generator) -> Array:
    if len(shape) == 1:
        return np.zeros(shape, np.float32)
    fans = np.prod(shape[:-1]) + np.prod(shape[:-2]) * shape[-1]
    bound = np.sqrt(6 / fans)
    return rng.uniform(-bound, bound, tuple(shape)).astype(np.float32)


def dense_learner(shape: Sequence[int], actions: int, settings: Settings) -> Learner:
    """A learner with two `dense_network`; the same one again where nothing compiled differs."""
    compiled = replace(
        Settings(),
        **{name: getattr(settings, name) for name in _COMPILED},
    )
    return _dense_learner(tuple(shape), actions, compiled)


_COMPILED = (
    "gradient_steps", "batch", "copy_every", "double", "dueling", "discount", "learning_rate",
    "clip", "units",
)  # fmt: skip


@functools.lru_cache(maxsize=8)
def _dense_learner(shape: tuple[int, ...], actions: int, settings: Settings) -> Learner:
    models = [dense_network(shape, actions, settings) for _ in range(2)]
    return Learner(models[0], models[1], settings)


def train(
    make: MakeEnvironments = cart_poles, settings: Settings | None = None, *, seed: int = 0
) -> Run[QFunction]:
    """Train a DQN of dense layers; see `train_learner`.

    Args:
        make: of environments with discrete actions.
        settings: `Settings()` by default.
        seed: of everything.
    """
    settings = settings or Settings()
    shape, actions = _spaces(make(1))
    learner = dense_learner(shape, actions, settings)
    return train_learner(
        learner, lambda weights: dense_q_function(weights, settings), make, settings, seed=seed
    )


def train_learner(
    learner: Learner,
    q_function: Callable[[Sequence[Array]], Q],
    make: MakeEnvironments,
    settings: Settings,
    *,
    seed: int = 0,
) -> Run[Q]:
    """Train, evaluate now and then, and keep the best snapshot and the last.

    Args:
        learner: is reset.
        q_function: turns the learner's weights into what acts.
        make: of environments with discrete actions.
        settings: the learner has the same.
        seed: of weights, exploration, replay and environments. Evaluation episodes have a seed of
            their own, the same in each evaluation.
    """
    rng = np.random.default_rng([seed, 9])
    player = _Player(make, settings, rng, seed)
    learner.reset(rng)
    q = first = q_function(learner.weights())
    steps: list[int] = []
    found: list[tuple[Evaluation, Q]] = []
    while player.steps < settings.steps:
        player.play(q)
        if player.steps >= settings.warm_up:
            _learn(learner, player.replay, rng, player.steps / settings.steps)
            q = q_function(learner.weights())
        if player.steps // settings.evaluate_every > len(steps):
            steps.append(player.steps)
            many = settings.evaluation_episodes
            seen = evaluate(q, make, episodes=many, seed=10_000 + seed, settings=settings)
            found.append((seen, q))
    best = max(found, key=lambda one: one[0].returns.mean())[1] if found else q
    return Run(
        np.array(steps), tuple(one for one, _ in found), np.array(player.returns),
        np.array(player.ends), first, best, q,
    )  # fmt: skip


def _learn(learner: Learner, replay: Replay, rng: np.random.Generator, progress: float) -> None:
    shape = (learner.settings.gradient_steps, learner.settings.batch)
    places, batches = replay.draw(rng, shape, progress)
    errors = learner.learn(batches)
    if replay.prioritized:
        replay.found(places, errors)


def _spaces(environments: Environments) -> tuple[tuple[int, ...], int]:
    """The shape of an observation and the number of actions."""
    shape, actions = environments.single_observation_space.shape, environments.single_action_space
    assert shape is not None
    assert isinstance(actions, gymnasium.spaces.Discrete)
    return shape, int(actions.n)


class _Player:
    """Environments that go on from round to round, and what was seen in them."""

    def __init__(
        self, make: MakeEnvironments, settings: Settings, rng: np.random.Generator, seed: int
    ) -> None:
        self._environments, self._settings, self._rng = make(settings.environments), settings, rng
        shape, self._actions = _spaces(self._environments)
        dtype = self._environments.single_observation_space.dtype
        self.replay = Replay(settings.buffer, shape, dtype, prioritized=settings.prioritized)
        self._seen, _ = self._environments.reset(seed=seed)
        self._over = np.zeros(settings.environments, bool)
        self.steps = 0
        self.returns: list[float] = []
        self.ends: list[int] = []
        self._return = np.zeros(settings.environments)

    def play(self, q: ActionValues) -> None:
        """One round with the epsilon-greedy policy."""
        settings, count = self._settings, self._settings.environments
        for _ in range(settings.round_steps // count):
            falling = self.steps / (settings.explored * settings.steps) if settings.explored else 1
            epsilon = 1 - min(1.0, falling) * (1 - settings.epsilon)
            actions = q.act(self._seen)
            random = self._rng.random(count) < epsilon
            actions[random] = self._rng.integers(self._actions, size=int(random.sum()))
            after, rewards, ended, cut, _ = self._environments.step(actions)
            true = ~self._over  # the step after an end only begins anew
            end = ended | cut if settings.end_at_limit else ended
            self.replay.add(
                self._seen[true], actions[true], settings.reward_scale * rewards[true],
                after[true], end[true],
            )  # fmt: skip
            self._seen, self._over = after, ended | cut
            self.steps += count
            self._return += rewards
            self.returns.extend(self._return[self._over].tolist())
            self.ends.extend([self.steps] * int(self._over.sum()))
            self._return[self._over] = 0
