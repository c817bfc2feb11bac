"""Write numbers of week 11's network into the figure "weight_quantization".

    python dlcourse/data/datasets/derive_weight_histogram.py \\
        book/_static/interactive/weight_quantization.js

Run it again when compression_reference.npz changes; a test of the figure compares.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np

from dlcourse.compression.reference import trained, unseen_digits

DRAWN, SEED = 1500, 11
UNIT = 1e-4  # of the stored whole numbers


def samples() -> dict[str, list[int]]:
    """By name, 1,500 numbers drawn from many, in whole ten-thousandths and sorted.

    "weights" are those of the layer dense_1, and "activations" its inputs for 100 digits.
    """
    import keras

    model = trained()
    inputs = keras.Model(model.inputs[0], model.get_layer("flat").output)
    sources = {
        "weights": model.get_layer("dense_1").kernel.numpy(),
        "activations": inputs.predict_on_batch(unseen_digits()[0][:100]),
    }
    rng = np.random.default_rng(SEED)
    return {
        name: np.sort(np.rint(rng.choice(numbers.ravel(), DRAWN, replace=False) / UNIT))
        .astype(int)
        .tolist()
        for name, numbers in sources.items()
    }


def main(script: Path) -> None:
    """Replace what stands between the braces of SAMPLES."""
    lines = "".join(
        f"    {name}: {json.dumps(values, separators=(',', ':'))},\n"
        for name, values in samples().items()
    )
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const SAMPLES = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + lines + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
