"""Derive spoken_digits.npz and spoken_digits_sealed.bin; run once, the results are shipped.

    python dlcourse/data/datasets/derive_spoken_digits.py FULL_FILE KEY_FILE

FULL_FILE is what `record_spoken_digits.py` writes: clips of four parts. The parts that learners may
hear (train, validation, other engine) go to spoken_digits.npz. The part "test", voices on which an
assignment is graded, is sealed with the 64 hexadecimal digits in KEY_FILE, which only instructors
have.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np

from dlcourse.data.sealed import seal

SHIPPED = ("train", "validation", "other engine")
HIDDEN = ("test",)


def chosen(full: np.lib.npyio.NpzFile, parts: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The clips of some parts, in the order of the full file, with voices numbered anew."""
    names = [str(name) for name in full["part_name"]]
    keep = np.isin(full["part"], [names.index(part) for part in parts])
    clips = np.split(full["audio"], full["end"][:-1])
    kept = [clip for clip, wanted in zip(clips, keep, strict=True) if wanted]
    voices, voice = np.unique(full["voice"][keep], return_inverse=True)
    part = [parts.index(names[index]) for index in full["part"][keep]]
    return {
        "audio": np.concatenate(kept),
        "end": np.cumsum([len(clip) for clip in kept]).astype(np.int32),
        "label": full["label"][keep],
        "voice": voice.astype(np.uint8),
        "part": np.array(part, np.uint8),
        "voice_name": full["voice_name"][voices],
        "part_name": np.array(parts),
        "rate": full["rate"],
    }


def main(path: Path, key: bytes) -> None:
    """Write what learners get of all recordings, and the voices for grading, enciphered."""
    folder = Path(__file__).parent
    with np.load(path, allow_pickle=False) as full:
        np.savez_compressed(folder / "spoken_digits.npz", **chosen(full, SHIPPED))  # type: ignore[arg-type]
        hidden = io.BytesIO()
        np.savez_compressed(hidden, **chosen(full, HIDDEN))  # type: ignore[arg-type]
    (folder / "spoken_digits_sealed.bin").write_bytes(seal(hidden.getvalue(), key))


if __name__ == "__main__":
    main(Path(sys.argv[1]), bytes.fromhex(Path(sys.argv[2]).read_text(encoding="utf-8")))
