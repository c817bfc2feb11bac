"""Record ten spoken digits in many synthetic voices, as the shipped ones were made.

    apt-get install espeak-ng flite
    python dlcourse/data/datasets/record_spoken_digits.py TARGET.npz

The shipped clips were made with espeak-ng 1.51 and flite 2.2 of Debian 12; with these, the command
in a voice's name gives the shipped clip byte for byte. Which voices are drawn depends on the order
of the draws and of the variants, so this writes a set of the same kind, with other voices.
`derive_spoken_digits.py` splits the file into what is shipped and what is sealed.

A voice of espeak-ng is a variant (timbre) with an accent, a speed and a pitch drawn at random. Of
three draws the shortest is kept whose ten clips all last long enough and not too long; so there is
one voice a variant, and no variant is in two parts.
"""

from __future__ import annotations

import io
import math
import re
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from scipy import signal

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
RATE = 8000
PARTS = ("train", "validation", "test", "other engine")
HELD_OUT = (10, 18)  # voices of espeak-ng to validate and to test
ACCENTS = (
    "en-gb", "en-us", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-rp", "en-gb-x-gbcwmd", "en-029",
    "en-us-nyc",
)  # fmt: skip
# Whispered, hoarse or machine-like variants, and one that is very slow.
LEFT_OUT = re.compile("whisper|croak|fast|announcer|Demonic|Storm|UniRobot|robosoft")
DRAWS = 3
SHORTEST, LONGEST = 0.175, 0.8  # seconds
FLITE_VOICES = ("kal", "awb", "rms", "slt")
FLITE_STRETCHES = (0.8, 1.0, 1.3)

Voice = tuple[str, list[np.ndarray]]


def output_of(command: list[str]) -> bytes:
    """What a command writes to its standard output."""
    return subprocess.run(command, capture_output=True, check=True).stdout


def at_our_rate(content: bytes) -> np.ndarray:
    """A WAV file's samples from -1 to 1 at RATE samples a second."""
    with wave.open(io.BytesIO(content)) as file:
        rate = file.getframerate()
        # A stream's header does not know its length: read all that follows it.
        frames = np.frombuffer(content[44:], "<i2").astype(float) / 32768.0
    divisor = math.gcd(rate, RATE)
    resampled: np.ndarray = signal.resample_poly(frames, RATE // divisor, rate // divisor)
    return resampled


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Without silence before and after the word, peak 0.7."""
    width, kept = RATE // 100, RATE // 50
    loudness = np.convolve(np.abs(samples), np.ones(width) / width, "same")
    loud = np.flatnonzero(loudness > 0.03 * loudness.max())
    word = samples[max(loud[0] - kept, 0) : loud[-1] + kept]
    scaled: np.ndarray = 0.7 * word / np.abs(word).max()
    return scaled


def mu_law(samples: np.ndarray) -> np.ndarray:
    """Codes of 8 bits, mu = 255: the curve of ITU-T G.711 on 256 even steps."""
    bent = np.sign(samples) * np.log1p(255.0 * np.abs(samples)) / np.log(256.0)
    codes: np.ndarray = np.round((bent + 1.0) * 127.5).astype(np.uint8)
    return codes


def espeak_variants() -> list[str]:
    """The names of the variants that sound like speech."""
    listing = output_of(["espeak-ng", "--voices=variant"]).decode().splitlines()[1:]
    names = sorted({line.split()[-1].removeprefix("!v/") for line in listing})
    return [name for name in names if not LEFT_OUT.search(name)]


def espeak_voice(variant: str, rng: np.random.Generator) -> Voice | None:
    """The shortest of a few draws whose clips all have an allowed length; None if none has."""
    found: list[Voice] = []
    for _ in range(DRAWS):
        accent, speed, pitch = rng.choice(ACCENTS), rng.integers(120, 200), rng.integers(20, 80)
        command = f"espeak-ng -v {accent}+{variant} -s {speed} -p {pitch}"
        clips = [
            trimmed(at_our_rate(output_of([*command.split(), "--stdout", word]))) for word in WORDS
        ]
        if all(SHORTEST * RATE <= len(clip) <= LONGEST * RATE for clip in clips):
            found.append((command, clips))
    return min(found, key=lambda voice: sum(map(len, voice[1])), default=None)


def flite_voice(name: str, stretch: float, folder: Path) -> Voice:
    """One of flite's voices at one tempo."""
    command = f"flite -voice {name} --setf duration_stretch={stretch}"
    path, clips = folder / "word.wav", []
    for word in WORDS:
        output_of([*command.split(), "-t", word, "-o", str(path)])
        clips.append(trimmed(at_our_rate(path.read_bytes())))
    return command, clips


def main(target: Path) -> None:
    """Record all voices into one file."""
    rng = np.random.default_rng(0)
    made = [voice for name in espeak_variants() if (voice := espeak_voice(name, rng)) is not None]
    parts = np.zeros(len(made), np.uint8)
    order = rng.permutation(len(made))
    parts[order[: HELD_OUT[0]]] = PARTS.index("validation")
    parts[order[HELD_OUT[0] : sum(HELD_OUT)]] = PARTS.index("test")
    with tempfile.TemporaryDirectory() as folder:
        others = [flite_voice(v, s, Path(folder)) for v in FLITE_VOICES for s in FLITE_STRETCHES]
    parts = np.append(parts, np.full(len(others), PARTS.index("other engine"), np.uint8))
    voices = made + others
    clips = [mu_law(clip) for _, ten in voices for clip in ten]
    np.savez_compressed(
        target,
        audio=np.concatenate(clips),
        end=np.cumsum([len(clip) for clip in clips]).astype(np.int32),
        label=np.tile(np.arange(len(WORDS), dtype=np.uint8), len(voices)),
        voice=np.repeat(np.arange(len(voices), dtype=np.uint8), len(WORDS)),
        part=np.repeat(parts, len(WORDS)),
        voice_name=np.array([command for command, _ in voices]),
        part_name=np.array(PARTS),
        rate=np.array(RATE),
    )
    print(f"{target}: {len(clips)} clips, voices a part {np.bincount(parts).tolist()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
