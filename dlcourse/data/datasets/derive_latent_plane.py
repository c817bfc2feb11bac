"""Write the decoders' images of a plane into the figure "latent_plane" of week 7.

    python dlcourse/data/datasets/derive_latent_plane.py book/_static/interactive/latent_plane.js

Run it again when digit_vae.npz changes; a test of the figure compares. The logits of a grid of
places are stored by their principal components, eight bits a number.
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

from dlcourse.data import digits
from dlcourse.models.digit_vae import digit_autoencoder, digit_vae

SIDE = 25
"""Places of the grid along each axis."""
COMPONENTS = 20
CLIP = 6.0
"""Logits beyond it, in either direction, are black or white to the eye."""
DOTS = 200

Array = npt.NDArray[np.float64]


def planes() -> dict[str, dict[str, Any]]:
    """By name of the network, what the figure needs: ranges, components, a grid, dots."""
    data = digits("cpu")
    images, labels = data.validation_images[:DOTS], data.validation_labels[:DOTS]
    found = {}
    for name, (encoder, decoder) in {
        "vae": digit_vae(2), "autoencoder": digit_autoencoder(2),
    }.items():  # fmt: skip
        codes = encoder(images)
        codes = np.asarray(codes[0] if name == "vae" else codes, np.float64)
        low, high = _limits(codes) if name == "autoencoder" else (np.full(2, -4.0), np.full(2, 4.0))
        found[name] = {
            "low": low.round(3).tolist(),
            "high": high.round(3).tolist(),
            "dots": [
                [round(float(a), 2), round(float(b), 2), int(label)]
                for (a, b), label in zip(codes, labels, strict=True)
            ],
            **_compressed(logits_of(decoder, grid(low.round(3), high.round(3)))),
        }
    return found


def grid(low: Array, high: Array) -> Array:
    """The places (SIDE * SIDE, 2), the second coordinate running fastest."""
    first, second = (np.linspace(low[axis], high[axis], SIDE) for axis in (0, 1))
    return np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1).reshape(-1, 2)


def logits_of(decoder: Any, places: Array) -> Array:
    """Clipped logits (n, 784) of what a decoder makes of places (n, 2)."""
    logits = np.asarray(decoder(places.astype(np.float32)), np.float64)
    return np.clip(logits.reshape(len(places), -1), -CLIP, CLIP)


def _limits(codes: Array) -> tuple[Array, Array]:
    """A square around the codes, with a margin."""
    low, high = codes.min(axis=0), codes.max(axis=0)
    middle, half = (low + high) / 2, 0.55 * (high - low).max()
    return middle - half, middle + half


def _compressed(logits: Array) -> dict[str, Any]:
    """Mean, components and coefficients of the rows of logits, eight bits a number."""
    mean = logits.mean(axis=0)
    left, sizes, right = np.linalg.svd(logits - mean, full_matrices=False)
    parts = {
        "mean": mean[None],
        "basis": right[:COMPONENTS],
        "grid": (left * sizes)[:, :COMPONENTS].T,
    }
    stored: dict[str, Any] = {}
    for name, rows in parts.items():
        scales = np.abs(rows).max(axis=1) / 127
        whole = np.rint(rows / scales[:, None]).astype(np.int8)
        stored[name] = base64.b64encode(whole.tobytes()).decode()
        stored[f"{name}Scales"] = [float(f"{scale:.5g}") for scale in scales]
    return stored


def main(script: Path) -> None:
    """Replace what stands between the braces of PLANES."""
    lines = "".join(
        f"    {json.dumps(name)}: {json.dumps(plane)},\n" for name, plane in planes().items()
    )
    source = script.read_text(encoding="utf-8")
    pattern = re.compile(r"(const PLANES = \{\n).*?(  \};\n)", re.DOTALL)
    script.write_text(
        pattern.sub(lambda match: match[1] + lines + match[2], source), encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
