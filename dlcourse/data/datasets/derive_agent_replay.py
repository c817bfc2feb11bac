"""Record the episodes of the figure "agent_replay" of week 9 and write them into the figure.

    TF_NUM_INTRAOP_THREADS=1 python dlcourse/data/datasets/derive_agent_replay.py \
        book/_static/interactive/agent_replay.js

Takes about half a minute: an agent for CartPole is trained, and that for Breakout is the one which
ships with the course. "Before training" is a network with new weights. Each is the first episode of
a seed, not one chosen among several.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.agents.dqn import ActionValues, MakeEnvironments, cart_poles, train
from dlcourse.agents.minatar_games import (
    Breakout,
    ConvolutionalQ,
    breakout_learner,
    trained_breakout,
)  # fmt: skip

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
DISCOUNT, SEED, SHOWN = 0.99, 0, 300
BEYOND = 500
"""Steps that are played beyond those shown, so that the returns of the last are nearly whole."""

Numbers = npt.NDArray[np.floating[Any]]


def written(values: Numbers) -> list[Any]:
    """Least, greatest, and all numbers as two characters each, of 4,096 levels."""
    values = np.asarray(values, float)
    low, high = np.floor(100 * values.min()) / 100, np.ceil(100 * values.max()) / 100
    levels = np.rint((values.ravel() - low) / max(high - low, 1e-9) * 4095).astype(int)
    return [
        float(low),
        float(high),
        "".join(ALPHABET[n // 64] + ALPHABET[n % 64] for n in levels.tolist()),
    ]


def scene(observation: npt.NDArray[np.uint8]) -> str:
    """A state of Breakout (10, 10, 4) in ten characters."""
    paddle = int(observation[9, :, 0].argmax())
    (ball_y, ball_x), (trail_y, trail_x) = (
        np.argwhere(observation[..., channel])[0].tolist() for channel in (1, 2)
    )
    bricks = observation[1:4, :, 3].reshape(5, 6) @ (1 << np.arange(5, -1, -1))
    numbers = [paddle, ball_x, ball_y, trail_x, trail_y, *bricks.tolist()]
    return "".join(ALPHABET[int(number)] for number in numbers)


def episode(q: ActionValues, make: MakeEnvironments, scale: float = 1.0) -> dict[str, Any]:
    """One greedy episode: what was seen, its values in units of the reward, and what followed."""
    environment = make(1)
    seen, _ = environment.reset(seed=SEED)
    states, values, actions, rewards = [], [], [], []
    for _ in range(SHOWN + BEYOND):
        states.append(seen[0])
        values.append(q(seen)[0] / scale)
        actions.append(int(values[-1].argmax()))
        seen, reward, ended, cut, _ = environment.step(np.array(actions[-1:]))
        rewards.append(float(reward[0]))
        if ended[0] or cut[0]:
            break
    followed = np.zeros(len(rewards) + 1)
    for t in reversed(range(len(rewards))):
        followed[t] = rewards[t] + DISCOUNT * followed[t + 1]
    shown = slice(min(SHOWN, len(rewards)))
    many = len(rewards) == SHOWN + BEYOND
    score = f"{sum(rewards):.0f} in {len(rewards)} steps" + (", not over" if many else "")
    drawn = np.array(states)[shown]
    return {
        "actions": "".join(map(str, actions[shown])),
        "values": written(np.array(values)[shown]),
        "followed": written(followed[:-1][shown]),
        "score": score,
        "scene": "".join(map(scene, drawn)) if drawn.ndim == 4 else written(drawn[:, [0, 2]]),
    }


def episodes() -> dict[str, dict[str, Any]]:
    """All four."""
    cart = train(seed=SEED)
    learner = breakout_learner()
    learner.reset(np.random.default_rng(SEED))

    def endless(count: int) -> Any:
        return cart_poles(count, limit=SHOWN + BEYOND + 1)

    return {
        "cart_before": episode(cart.first, endless, 0.1),
        "cart_after": episode(cart.best, endless, 0.1),
        "breakout_before": episode(ConvolutionalQ(learner.weights()), Breakout),
        "breakout_after": episode(trained_breakout().q, Breakout),
    }


def main(script: Path) -> None:
    """Replace what stands between the braces of EPISODES."""
    lines = "".join(f"    {name}: {json.dumps(one)},\n" for name, one in episodes().items())
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const EPISODES = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + lines + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
