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

from dlcourse.serving.reference import MAKERS
from dlcourse.serving.streams import PER_MAKER, measures, pool

COMPONENTS = 16

Array = npt.NDArray[np.float64]


def measured() -> dict[str, dict[str, Array]]:
    """By maker: "embedding" (471, 16), "confidence" (471,), "ink" (471,).

    Embeddings are projected on the principal components of Twitter's.
    """
    people = pool()
    mean, axes = principal(people.embeddings[:PER_MAKER])
    values = {
        "embedding": (people.embeddings - mean) @ axes,
        "confidence": people.probabilities.max(axis=1),
        "ink": measures(people.images)["ink"],
    }
    places = (slice(PER_MAKER), slice(PER_MAKER, None))
    return {
        maker: {name: all_of[place] for name, all_of in values.items()}
        for maker, place in zip(MAKERS, places, strict=True)
    }


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
    made, count = pattern.subn(lambda match: match[1] + lines + match[2], source)
    if count != 1:
        raise SystemExit(f"{script} has no place PICTURES")
    script.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
