"""Derive emoji_32.npz from the two npm packages; run once, the result is shipped.

    npm pack emoji-datasource-twitter@16.0.0 emoji-datasource-google@16.0.0
    python dlcourse/data/datasets/derive_emoji.py FOLDER_OF_THE_TWO_TGZ

An emoji is kept if both designs have a picture of it. Pictures come as 64x64 RGBA and are made
32x32 by a Lanczos filter on premultiplied colours, so that no dark fringe appears at an edge.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

DESIGNS = ("twitter", "google")
SIZE = 32


def small(png: bytes) -> np.ndarray:
    """One picture, (32, 32, 4) uint8, straight alpha; pixels that are clear are 0 throughout."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA").convert("RGBa")
    pixels = np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS).convert("RGBA"))
    return np.where(pixels[..., 3:] == 0, 0, pixels).astype(np.uint8)


def main(folder: Path) -> None:
    """Write emoji_32.npz from the archives of both designs in a folder."""
    archives = {
        design: tarfile.open(folder / f"emoji-datasource-{design}-16.0.0.tgz")  # noqa: SIM115
        for design in DESIGNS
    }
    listing = archives["twitter"].extractfile("package/emoji.json")
    assert listing is not None
    entries = [
        entry
        for entry in sorted(json.load(listing), key=lambda entry: entry["sort_order"])
        if all(entry[f"has_img_{design}"] for design in DESIGNS)
        and entry["category"] != "Component"
    ]
    categories = sorted({entry["category"] for entry in entries})
    arrays: dict[str, np.ndarray] = {
        "name": np.array([entry["short_name"] for entry in entries]),
        "label": np.array([categories.index(entry["category"]) for entry in entries], np.uint8),
        "categories": np.array(categories),
    }
    for design, archive in archives.items():
        pictures = []
        for entry in entries:
            file = archive.extractfile(f"package/img/{design}/64/{entry['image']}")
            assert file is not None
            pictures.append(small(file.read()))
        arrays[design] = np.stack(pictures)
    target = Path(__file__).with_name("emoji_32.npz")
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
