"""Measure the approaches that the page of the project shows; run from the root of the repository.

    python solutions/project03/measure_styles.py

Adds to dlcourse/data/datasets/style_runs.npz; what is there is not repeated. Every approach gets
the same pairs: five draws of six from the validation split, which had no part in the choice of
settings. The reference is the assignment's solution; in "reference from the content" it has another
start, and in "reference, hardly smoothed" a fifth of the weight of roughness. "Matched statistics"
descends on feature maps that have the content's arrangement and the style's means and standard
deviations, as Huang and Belongie (2017) make them. The blend is that from which the assignment
measures. About two minutes of one core.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from autograder.assignment.source import Answer, Code, Role, read_assignment, without_markers
from autograder.evidence.calibrate import SOLUTION, targets
from dlcourse.models.style_judge import content_kept, style_taken
from dlcourse.models.style_runs import StyleRuns, keep, read, validation_pairs

HERE = Path(__file__).parent
RUNS = HERE.parents[1] / "dlcourse/data/datasets/style_runs.npz"
DRAWS = 5
ASSIGNMENT = read_assignment(HERE / "project03.md")
PROGRAMS = next(t.programs for t in targets(ASSIGNMENT) if t.threshold == "lead_third")
FROM_THE_CONTENT = ("match_colours(contents, styles, 1.0)", "contents")
HARDLY_SMOOTHED = ("_SMOOTH = 20, 3.0, 5.0", "_SMOOTH = 20, 3.0, 1.0")

Array = npt.NDArray[Any]
Approach = Callable[[Array, Array], Array]


def notebook() -> dict[str, Any]:
    """What the assignment's solution defines: all cells for learners, in their order."""
    scope: dict[str, Any] = {}
    for cell in ASSIGNMENT.cells:
        if isinstance(cell, Code) and cell.role in (Role.PLAIN, Role.SETUP):
            exec(cell.source, scope)
        elif isinstance(cell, Answer):
            exec(without_markers(cell.solution), scope)
    return scope


def reference(scope: dict[str, Any], old: str = "", new: str = "") -> Approach:
    """The `stylize` of the assignment's solution, in which some text stands for other."""
    program = PROGRAMS[SOLUTION]
    assert old in program
    own = dict(scope)
    exec(program.replace(old, new) if old else program, own)
    return cast(Approach, own["stylize"])


def matched_statistics(scope: dict[str, Any]) -> Approach:
    """Descent on the content's feature maps with the style's means and standard deviations."""
    import keras
    import tensorflow as tf

    vgg = scope["vgg"]
    network = keras.Model(vgg.input, vgg.get_layer("block3_conv1").output)

    def maps(pictures: Any) -> Any:
        return network(255.0 * pictures[..., ::-1] - tf.constant(scope["VGG_MEAN"]))

    @tf.function(reduce_retracing=True)
    def downhill(x: Any, goal: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            apart = tf.reduce_mean((maps(x) - goal) ** 2, axis=(1, 2, 3))
            size = tf.reduce_mean(goal**2, axis=(1, 2, 3))
            rough = tf.image.total_variation(x) / (3 * 64 * 64)
            loss = tf.reduce_sum(apart / size + scope["_SMOOTH"] * rough)
        return tape.gradient(loss, x)

    def make(contents: Array, styles: Array) -> Array:
        c, s = (maps(tf.constant(pictures)) for pictures in (contents, styles))
        (m, v), (to, wide) = (tf.nn.moments(f, (1, 2), keepdims=True) for f in (c, s))
        goal = (c - m) / tf.sqrt(v + 1e-3) * tf.sqrt(wide) + to
        x = tf.Variable(scope["channel_transfer"](contents, styles).astype(np.float32))
        optimizer = keras.optimizers.Adam(scope["_falling_rate"]())
        for _ in range(scope["_STEPS"]):
            optimizer.apply([downhill(x.value(), goal)], [x])
            x.assign(tf.clip_by_value(x, 0.0, 1.0))
        return np.asarray(x.numpy())

    return make


def own_loss(scope: dict[str, Any], made: Array, contents: Array, styles: Array) -> Array:
    """The style loss in VGG16 as a share of that of the contents: (n,)."""
    import tensorflow as tf

    found, begun, wanted = (
        [scope["_gram"](maps) for maps in scope["_maps"](tf.constant(p, tf.float32))]
        for p in (made, contents, styles)
    )
    share = [scope["_mean_square"](x - s) / (scope["_mean_square"](c - s) + 1e-6)
             for x, c, s in zip(found, begun, wanted, strict=True)]  # fmt: skip
    return np.mean(share, axis=0)


def measured(scope: dict[str, Any], make: Approach) -> StyleRuns:
    """What an approach makes of all draws."""
    taken, kept, own, seconds, pictures = [], [], [], [], []
    for draw in range(DRAWS):
        contents, styles = validation_pairs(draw)
        begun = time.process_time()
        made = make(contents, styles)
        seconds.append(round(time.process_time() - begun, 1))
        taken.append(style_taken(made, contents, styles))
        kept.append(content_kept(made, contents))
        own.append(own_loss(scope, made, contents, styles))
        pictures.append(np.rint(255 * made).astype(np.uint8))
    scores = (np.array(values) for values in (taken, kept, own))
    return StyleRuns(*scores, np.array(seconds), pictures[0])


def main() -> None:
    """Make and measure all."""
    scope = notebook()
    runs = read(RUNS) if RUNS.exists() else {}
    approaches = {
        "channel transfer": scope["channel_transfer"],
        "blend": scope["blend"],
        "matched statistics": matched_statistics(scope),
        "reference": reference(scope),
        "reference from the content": reference(scope, *FROM_THE_CONTENT),
        "reference, hardly smoothed": reference(scope, *HARDLY_SMOOTHED),
    }
    for name, make in approaches.items():
        if name in runs:
            continue
        runs[name] = some = measured(scope, make)
        keep({known: runs[known] for known in approaches if known in runs}, RUNS)
        means = {part: round(float(getattr(some, part).mean()), 3)
                 for part in ("taken", "kept", "scores", "own")}  # fmt: skip
        print(name, means, some.seconds, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    main()
