"""Write what the figure "drift_monitor" of week 12 draws its windows from.

    python dlcourse/data/datasets/derive_drift_pictures.py \\
        book/_static/interactive/drift_monitor.js

Run it again when serving_reference.npz changes; a test of the figure compares. The numbers are
those of the emoji that the week's network was not trained on, in both makers' designs.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dlcourse.serving.reference import MAKERS, embeddings, trained, unseen

COMPONENTS = 16
INK = 0.98
"""A pixel whose darkest channel is below this is ink."""

Array = npt.NDArray[np.float64]


def measured() -> dict[str, dict[str, Array]]:
    """By maker: "embedding" (471, 16), "confidence" (471,), "ink" (471,).

    Embeddings are projected on the principal components of Twitter's.
    """
    last = trained().get_layer("logits")
    found = {}
    for maker in MAKERS:
        images = unseen(maker)[0]
        features = embeddings(images).astype(np.float64)
        logits = features @ last.kernel.numpy() + last.bias.numpy()
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        found[maker] = {
            "embedding": features,
            "confidence": 1 / odds.sum(axis=1),
            "ink": (images.min(axis=-1) < INK).mean(axis=(1, 2), dtype=np.float64),
        }
    mean, axes = principal(found[MAKERS[0]]["embedding"])
    for values in found.values():
        values["embedding"] = (values["embedding"] - mean) @ axes
    return found


def principal(features: Array) -> tuple[Array, Array]:
    """Mean (d,) and the first components (d, 16) of rows, the largest entry of each positive."""
    mean = features.mean(axis=0)
    axes = np.linalg.svd(features - mean, full_matrices=False)[2][:COMPONENTS]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return mean, (axes * np.sign(largest)).T


def stored() -> dict[str, Any]:
    """What the figure holds: embeddings as bytes times a unit, the rest in thousandths."""
    sets = measured()
    unit = max(np.abs(values["embedding"]).max() for values in sets.values()) / 127
    kept: dict[str, Any] = {"unit": float(f"{unit:.4g}")}
    for name, values in sets.items():
        whole = np.clip(np.rint(values["embedding"] / kept["unit"]), -127, 127).astype(np.int8)
        kept[name] = {
            "embedding": base64.b64encode(whole.tobytes()).decode(),
            "confidence": np.rint(1000 * values["confidence"]).astype(int).tolist(),
            "ink": np.rint(1000 * values["ink"]).astype(int).tolist(),
        }
    return kept


def main(script: Path) -> None:
    """Replace what stands between the braces of PICTURES."""
    lines = "".join(
        f"    {name}: {json.dumps(value, separators=(',', ':'))},\n"
        for name, value in stored().items()
    )
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const PICTURES = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + lines + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
