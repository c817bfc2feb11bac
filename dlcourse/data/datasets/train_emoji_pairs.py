"""Train the image encoders of week 8's chapter on images and names; run once, results are shipped.

    python dlcourse/data/datasets/train_emoji_pairs.py

trains each setting with SEEDS and writes what it reached on held-out emoji into
vision_records.json. Settings of one seed begin from the same weights and see the same emoji in the
same order, except "both designs", whose batches hold other ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from dlcourse.models.emoji_pairs import EmojiMatcher, emoji_pairs
from dlcourse.models.minilm import sentence_embeddings
from dlcourse.models.vision_records import VisionRecord, keep

SEEDS = (0, 1, 2)
UPDATES, BATCH = 240, 256


def contrastive(
    images: Any, texts: Any, scale: Any, *, group: int = BATCH, both: bool = True
) -> Any:
    """The contrastive loss (Radford et al. 2021) within groups of the batch.

    Args:
        images: (batch, d) of length 1.
        texts: (batch, d) of length 1, of the same pairs.
        scale: one over the temperature.
        group: each pair is compared with the others of its group only; it divides the batch.
        both: also classify images for each text, besides texts for each image.
    """
    a, b = (ops.reshape(x, (-1, group, x.shape[-1])) for x in (images, texts))
    logits = scale * ops.matmul(a, ops.transpose(b, (0, 2, 1)))
    diagonal = ops.diagonal(logits, axis1=1, axis2=2)
    rows = ops.mean(ops.logsumexp(logits, axis=2) - diagonal)
    columns = ops.mean(ops.logsumexp(logits, axis=1) - diagonal)
    return (rows + columns) / 2 if both else rows


def settings() -> Mapping[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """For each variant the arguments of the matcher, of its training and of the loss."""
    return {
        "plain": ({}, {}, {}),
        "groups of 32": ({}, {}, {"group": 32}),
        "groups of 4": ({}, {}, {"group": 4}),
        "both designs": ({}, {"twice": True}, {}),
        "temperature 1": ({"temperature": 1.0, "learn_scale": False}, {}, {}),
        "images only": ({}, {}, {"both": False}),
    }


def recalls(similarity: Any) -> tuple[float, float]:
    """Share of rows whose own column is the first, and among the first ten."""
    better = np.sum(similarity > np.diag(similarity)[:, None], axis=1)
    return float(np.mean(better < 1)), float(np.mean(better < 10))


def measures(matcher: EmojiMatcher, losses: Any) -> dict[str, float]:
    """The mean loss of the last 30 updates, the scale, and recalls on held-out emoji."""
    pairs = matcher.pairs
    names = matcher.text_vectors(matcher.texts[pairs.test])
    found: dict[str, list[float]] = {}
    for design in (0, 1):
        similarity = matcher.image_vectors(pairs.images[pairs.test, design]) @ names.T
        for direction, given in (("name", similarity), ("image", similarity.T)):
            for first, value in zip((1, 10), recalls(given), strict=True):
                found.setdefault(f"{direction} @{first}", []).append(value)
    result = {name: round(float(np.mean(values)), 4) for name, values in found.items()}
    return {
        "loss": round(float(losses[-30:].mean()), 3),
        "scale": round(matcher.scale, 1),
        **result,
    }


def main() -> None:
    """Train and measure every setting."""
    texts = sentence_embeddings(emoji_pairs().names)
    path = Path(__file__).with_name("vision_records.json")
    for seed in SEEDS:
        for variant, (build, train, about) in settings().items():
            matcher = EmojiMatcher(texts, seed=seed, **build)
            losses, seconds = matcher.train(
                lambda *given, about=about: contrastive(*given, **about),
                updates=UPDATES, batch=BATCH, **train,
            )  # fmt: skip
            record = VisionRecord(
                "pairs", variant, len(matcher.pairs.train), seed, round(seconds, 1),
                measures(matcher, losses),
            )  # fmt: skip
            print(record, flush=True)
            keep([record], path)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    main()
