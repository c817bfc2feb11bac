"""Play the games of the figure "gan_ring" of week 7 and write its frames into the figure.

    python dlcourse/data/datasets/derive_ring_frames.py book/_static/interactive/gan_ring.js

Takes about a minute. Each frame holds points that one generator makes of always the same noise, and
the discriminator's values on a grid, scaled to the range of the frame; all numbers are rounded to
64 levels and written as one character each.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import ops

from dlcourse.models.ring_gan import LATENT, RingGames, covered_modes

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
EDGE, POINTS, GRID = 3.2, 100, 14
EVERY, FRAMES = 30, 41
GAME = 1
"""Which of the eight games is shown."""

Tensor = Any


def _d_loss(real: Tensor, fake: Tensor) -> Tensor:
    return ops.softplus(-real) + ops.softplus(fake)


def _g_loss(fake: Tensor) -> Tensor:
    return ops.softplus(-fake)


def _penalty(critic: Any, real: Tensor, fake: Tensor) -> Tensor:
    t = tf.random.uniform((*real.shape[:-1], 1))
    between = t * real + (1 - t) * fake
    with tf.GradientTape() as tape:
        tape.watch(between)
        values = critic(between)
    return 0.5 * (ops.norm(tape.gradient(values, between), axis=-1, keepdims=True) - 1) ** 2


def games() -> dict[str, RingGames]:
    """The games of the figure, not yet played."""
    return {
        "collapse": RingGames(_d_loss, _g_loss, d_updates=1, g_updates=10),
        "momentum": RingGames(_d_loss, _g_loss, d_updates=1, beta_1=0.9),
        "cross_entropy": RingGames(_d_loss, _g_loss),
        "wasserstein": RingGames(
            lambda real, fake: fake - real, lambda fake: -fake, penalty=_penalty
        ),
    }


def written(values: npt.NDArray[np.floating[Any]]) -> str:
    """Numbers from 0 to 1 as characters, 64 levels."""
    levels = np.clip(np.rint(values * 63), 0, 63).astype(int)
    return "".join(ALPHABET[level] for level in levels.ravel())


def frames(played: RingGames) -> list[list[Any]]:
    """For each frame: characters of points, characters of the grid, and modes covered."""
    z = np.random.default_rng(0).standard_normal((8, POINTS, LATENT)).astype(np.float32)
    many = np.random.default_rng(1).standard_normal((8, 1000, LATENT)).astype(np.float32)
    line = np.linspace(-EDGE, EDGE, GRID, dtype=np.float32)
    places = np.stack(np.meshgrid(line, line), axis=-1).reshape(1, -1, 2).repeat(8, axis=0)
    found = []
    for frame in range(FRAMES):
        if frame:
            played.play(EVERY)
        points = np.asarray(played.generate(z))[GAME]
        values = np.asarray(played.judge(places))[GAME, :, 0]
        scaled = (values - values.min()) / max(float(np.ptp(values)), 1e-9)
        modes = int(covered_modes(played.generate(many))[0][GAME])
        found.append([written((points + EDGE) / (2 * EDGE)), written(scaled), modes])
    return found


def main(script: Path) -> None:
    """Replace what stands between the braces of FRAMES."""
    lines = "".join(
        f"    {name}: {json.dumps(frames(played))},\n" for name, played in games().items()
    )
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const FRAMES = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + lines + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
