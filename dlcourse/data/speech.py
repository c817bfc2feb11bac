"""Spoken digits: one word a clip, spoken by voices of which none is in two splits.

In the cpu tier two speech synthesizers spoke the words; the file comes with this package. In the
gpu tier people did: the ten digits of Speech Commands (Warden 2018). Both are read at 8,000 samples
a second.

The gpu tier's reader is tested on a small archive of the published layout. The published archive
itself was not at hand when the course was written.
"""

from __future__ import annotations

import io
import tarfile
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest, tiers
from dlcourse.data.sealed import unseal

__all__ = [
    "RATE",
    "WORDS",
    "Clips",
    "SpokenDigits",
    "hidden_clips",
    "place",
    "spoken_digits",
    "strings_of_words",
]

RATE = 8000
"""Samples a second."""

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

Waveform = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Clips:
    """n clips, one word in each."""

    waveforms: tuple[Waveform, ...]
    """Each (samples,), from -1 to 1, without silence before or after the word in the cpu tier."""
    labels: npt.NDArray[np.int64]
    """(n,) the digit, which is also its place in `WORDS`."""
    voices: npt.NDArray[np.int64]
    """(n,) whose voice it is, a place in `voice_names`."""
    voice_names: tuple[str, ...]
    """The synthesizer's command, or the speaker's identifier."""

    def __len__(self) -> int:
        """The number of clips."""
        return len(self.waveforms)


@dataclass(frozen=True)
class SpokenDigits:
    """Clips to train, to validate, and from a source of which none is in the other two."""

    train: Clips
    """cpu tier: 550 clips, 55 voices."""
    validation: Clips
    """cpu tier: 100 clips, 10 voices of the same synthesizer, none of them in `train`."""
    other: Clips
    """cpu tier: 120 clips, 4 voices of another synthesizer at 3 tempi; gpu tier: the cpu tier's
    training clips, synthetic voices for a network that learned from people."""


def spoken_digits(tier: str | None = None) -> SpokenDigits:
    """Load clips of the words "zero" to "nine".

    The gpu tier reads the archive of Speech Commands 0.02 (2.4 GB), which takes minutes; its
    splits are the data set's own, of which the test part is left out. The files beside
    `DLCOURSE_DATA` are looked at before anything is downloaded.

    Raises:
        DataError: if the tier's file is missing or is not the known one.
        ValueError: if `tier` is neither "cpu" nor "gpu".
    """
    synthetic = _parts(files.locate(manifest.SPOKEN_DIGITS).read_bytes())
    if tiers.tier(tier) == "cpu":
        return SpokenDigits(synthetic["train"], synthetic["validation"], synthetic["other engine"])
    people = _speech_commands(files.locate(manifest.SPEECH_COMMANDS))
    return SpokenDigits(people["train"], people["validation"], synthetic["train"])


def hidden_clips(key: bytes) -> Clips:
    """Open the 180 clips of 18 voices on which an assignment is graded.

    They come with this package, enciphered; the key stands where instructors alone can read it.

    Raises:
        DataError: if the key is not the one with which the file was sealed.
    """
    sealed = files.locate(manifest.SPOKEN_DIGITS_SEALED).read_bytes()
    return _parts(unseal(sealed, key, title="the hidden voices"))["test"]


def place(
    waveforms: Sequence[npt.ArrayLike],
    rng: np.random.Generator,
    *,
    samples: int = RATE,
    anywhere: bool = True,
    snr: tuple[float, float] | None = (5.0, 25.0),
) -> Waveform:
    """Put each clip into a window of fixed length, and noise over it.

    The noise is Gaussian, with a spectrum between white and 1/f; its colour and its loudness are
    drawn for each clip.

    Args:
        waveforms: n clips of any lengths; of a longer one the middle is taken.
        rng: draws the places and the noise.
        samples: length of the window.
        anywhere: begin at a random place; otherwise the clip stands in the middle.
        snr: least and greatest signal-to-noise ratio in decibels, the clip's mean power over the
            noise's; None for no noise.

    Returns:
        (n, samples) float32.

    Raises:
        ValueError: if a clip is empty or not one-dimensional.
    """
    placed = np.zeros((len(waveforms), samples), np.float32)
    for row, given in zip(placed, waveforms, strict=True):
        clip = np.asarray(given, dtype=np.float32)
        if clip.ndim != 1 or clip.size == 0:
            raise ValueError(f"place needs clips of shape (samples,), got {clip.shape}.")
        cut = max(clip.size - samples, 0) // 2
        clip = clip[cut : cut + samples]
        room = samples - clip.size
        begin = int(rng.integers(room + 1)) if anywhere else room // 2
        row[begin : begin + clip.size] = clip
        if snr is not None:
            decibels = rng.uniform(*snr)
            power = float(np.mean(clip**2)) * 10.0 ** (-decibels / 10.0)
            row += np.float32(np.sqrt(power)) * _noise(rng, samples)
    return placed


def strings_of_words(
    clips: Clips,
    count: int,
    rng: np.random.Generator,
    *,
    words: int = 2,
    longest_pause: float = 0.15,
) -> tuple[tuple[Waveform, ...], npt.NDArray[np.int64]]:
    """Join clips of one voice to strings, with a pause of random length between two words.

    Args:
        clips: where the words come from.
        count: number of strings.
        rng: draws voice, words and pauses.
        words: how many words a string has.
        longest_pause: seconds.

    Returns:
        The waveforms, each (samples,), and the digits (count, words).
    """
    rows = [np.flatnonzero(clips.voices == voice) for voice in range(len(clips.voice_names))]
    sounds, digits = [], []
    for voice in rng.integers(len(rows), size=count):
        chosen = rng.choice(rows[voice], words)
        pauses = rng.integers(int(longest_pause * RATE) + 1, size=words)
        pauses[0] = 0
        pieces = [
            piece
            for row, pause in zip(chosen, pauses, strict=True)
            for piece in (np.zeros(pause, np.float32), clips.waveforms[row])
        ]
        sounds.append(np.concatenate(pieces))
        digits.append(clips.labels[chosen])
    return tuple(sounds), np.array(digits).reshape(count, words)


def _noise(rng: np.random.Generator, samples: int) -> Waveform:
    """Noise of mean power 1 whose power falls with frequency f as f**-slope, slope in [0, 1]."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.arange(len(spectrum))
    spectrum *= np.maximum(frequency, 1.0) ** (-rng.uniform(0.0, 1.0) / 2.0)
    noise = np.fft.irfft(spectrum, samples)
    scaled: Waveform = (noise / np.sqrt(np.mean(noise**2))).astype(np.float32)
    return scaled


def _parts(content: bytes) -> dict[str, Clips]:
    """The clips of each part of a file that derive_spoken_digits.py wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    clips = np.split(_decoded(arrays["audio"]), arrays["end"][:-1])
    names = [str(name) for name in arrays["voice_name"]]
    found = {}
    for index, part in enumerate(arrays["part_name"]):
        rows = np.flatnonzero(arrays["part"] == index)
        found[str(part)] = _clips(
            [clips[row] for row in rows],
            arrays["label"][rows],
            [names[voice] for voice in arrays["voice"][rows]],
        )
    return found


def _clips(waveforms: Sequence[Waveform], labels: npt.ArrayLike, speakers: Sequence[str]) -> Clips:
    names, voices = np.unique(np.asarray(speakers, dtype=str), return_inverse=True)
    return Clips(
        tuple(waveforms),
        np.asarray(labels).astype(np.int64),
        voices.astype(np.int64),
        tuple(str(name) for name in names),
    )


def _decoded(codes: npt.NDArray[np.uint8]) -> Waveform:
    """Samples from their mu-law codes with mu = 255 (ITU-T G.711's curve on 256 even steps)."""
    even = np.arange(256) / 127.5 - 1.0
    table = np.sign(even) * (256.0 ** np.abs(even) - 1.0) / 255.0
    return table.astype(np.float32)[codes]


def _speech_commands(path: Path) -> dict[str, Clips]:
    """The digits in the archive of Speech Commands, by the data set's own splits."""
    waveforms: dict[str, Waveform] = {}
    lists: dict[str, set[str]] = {"validation": set(), "test": set()}
    with tarfile.open(path, "r:gz") as archive:
        for name, content in _members(archive):
            if name.endswith(".wav"):
                waveforms[name] = _halved(content)
            else:
                part = "test" if name.startswith("testing") else "validation"
                lists[part] = set(content.decode().split())
    names = sorted(waveforms)
    held_out = lists["validation"] | lists["test"]
    return {
        "train": _people(waveforms, [name for name in names if name not in held_out]),
        "validation": _people(waveforms, [n for n in names if n in lists["validation"]]),
    }


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """The clips of the ten digits and the two lists, in the order of the archive."""
    for member in archive:
        name = member.name.removeprefix("./")
        wanted = name.partition("/")[0] in WORDS and name.endswith(".wav")
        if wanted or name in ("validation_list.txt", "testing_list.txt"):
            file = archive.extractfile(member)
            assert file is not None
            yield name, file.read()


def _halved(content: bytes) -> Waveform:
    """A WAV file of 16,000 samples a second as 8,000 samples a second."""
    from scipy import signal

    with wave.open(io.BytesIO(content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
        resampled = signal.resample_poly(samples, RATE, file.getframerate())
    return np.asarray(resampled, dtype=np.float32)


def _people(waveforms: dict[str, Waveform], names: Sequence[str]) -> Clips:
    # A file is called WORD/SPEAKER_nohash_NUMBER.wav.
    return _clips(
        [waveforms[name] for name in names],
        [WORDS.index(name.partition("/")[0]) for name in names],
        [name.partition("/")[2].partition("_nohash_")[0] for name in names],
    )
