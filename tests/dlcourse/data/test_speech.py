"""Spoken digits are read, split by voice, placed and sealed as documented."""

from __future__ import annotations

import hashlib
import io
import tarfile
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.source import find_assignment
from autograder.publish.public import write_public
from dlcourse.data import files, manifest, speech
from dlcourse.data.files import DataError, Edition
from dlcourse.data.speech import (
    RATE,
    WORDS,
    Clips,
    hidden_clips,
    place,
    spoken_digits,
    strings_of_words,
)

ROOT = Path(__file__).resolve().parents[3]
WAVES = [np.sin(np.arange(length) / 3.0).astype(np.float32) for length in (400, 1000)]


@pytest.fixture(scope="module")
def spoken() -> speech.SpokenDigits:
    return spoken_digits("cpu")


def key() -> bytes:
    """The key of the hidden voices, which only instructors have."""
    return bytes.fromhex((ROOT / "solutions/week05/voices.key").read_text(encoding="utf-8"))


def parts(spoken: speech.SpokenDigits) -> list[Clips]:
    return [spoken.train, spoken.validation, spoken.other]


def test_every_voice_speaks_every_digit_once(spoken: speech.SpokenDigits) -> None:
    assert [len(clips) for clips in parts(spoken)] == [550, 100, 120]
    for clips in parts(spoken):
        pairs = set(zip(clips.voices.tolist(), clips.labels.tolist(), strict=True))
        assert len(pairs) == len(clips) == 10 * len(clips.voice_names)
        assert clips.labels.dtype == np.int64
        assert set(clips.labels.tolist()) == set(range(10))


def test_no_voice_is_in_two_parts(spoken: speech.SpokenDigits) -> None:
    names = [*parts(spoken), hidden_clips(key())]
    timbres = [
        {name.partition("+")[2].split()[0] if "+" in name else name for name in clips.voice_names}
        for clips in names
    ]
    assert sum(map(len, timbres)) == len(set().union(*timbres)) == 95


def test_waveforms_are_audible_and_bounded(spoken: speech.SpokenDigits) -> None:
    for clips in parts(spoken):
        peaks = np.array([np.abs(waveform).max() for waveform in clips.waveforms])
        assert clips.waveforms[0].dtype == np.float32
        assert np.all((peaks > 0.6) & (peaks < 0.75))
        seconds = np.array([len(waveform) / RATE for waveform in clips.waveforms])
        assert seconds.min() > 0.1
        assert seconds.max() < 0.8


class TestMuLaw:
    def test_steps_are_finest_about_zero(self) -> None:
        samples = speech._decoded(np.arange(256, dtype=np.uint8))
        steps = np.diff(samples)
        assert samples[0] == -1.0
        assert samples[-1] == 1.0
        assert np.all(steps > 0)
        assert steps[127] == steps.min()
        assert steps[0] > 100 * steps[127]


class TestPlace:
    def test_a_clip_stands_in_the_middle_without_noise(self) -> None:
        placed = place(WAVES, np.random.default_rng(0), anywhere=False, snr=None)
        assert placed.shape == (2, RATE)
        assert placed.dtype == np.float32
        assert np.array_equal(placed[0, 3800:4200], WAVES[0])
        assert np.count_nonzero(placed[0, :3800]) == np.count_nonzero(placed[0, 4200:]) == 0

    def test_places_differ_and_the_seed_fixes_them(self) -> None:
        def begins(seed: int) -> list[int]:
            placed = place(WAVES[:1] * 20, np.random.default_rng(seed), snr=None)
            return [int(np.flatnonzero(row)[0]) for row in placed]

        assert begins(0) == begins(0)
        assert len(set(begins(0))) > 10
        assert min(begins(0)) < 1500
        assert max(begins(0)) > 6000

    def test_the_middle_of_a_long_clip_is_kept(self) -> None:
        placed = place(WAVES[1:], np.random.default_rng(0), samples=600, snr=None)
        assert np.array_equal(placed[0], WAVES[1][200:800])

    @pytest.mark.parametrize("decibels", [0.0, 20.0])
    def test_noise_has_the_power_asked_for(self, decibels: float) -> None:
        options = {"anywhere": False, "snr": (decibels, decibels)}
        noisy = place(WAVES, np.random.default_rng(0), **options)  # type: ignore[arg-type]
        clean = place(WAVES, np.random.default_rng(0), anywhere=False, snr=None)
        noise = np.mean((noisy - clean) ** 2, axis=1)
        power = np.array([np.mean(waveform**2) for waveform in WAVES])
        assert 10 * np.log10(power / noise) == pytest.approx([decibels] * 2, abs=0.01)

    def test_noise_differs_in_colour(self) -> None:
        silence_like = [np.full(10, 1e-3, np.float32)] * 30
        noise = place(silence_like, np.random.default_rng(0), snr=(0.0, 0.0))
        power = np.abs(np.fft.rfft(noise)) ** 2
        low = power[:, 1:500].sum(axis=1) / power.sum(axis=1)
        assert low.min() < 0.2
        assert low.max() > 0.5

    def test_an_empty_clip_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"\(samples,\), got \(0,\)"):
            place([np.zeros(0)], np.random.default_rng(0))


def test_strings_are_of_one_voice_with_pauses(spoken: speech.SpokenDigits) -> None:
    clips = spoken.validation
    lengths = {
        (int(voice), int(label)): len(waveform)
        for voice, label, waveform in zip(clips.voices, clips.labels, clips.waveforms, strict=True)
    }
    sounds, digits = strings_of_words(clips, 40, np.random.default_rng(0), words=3)
    assert digits.shape == (40, 3)
    for sound, said in zip(sounds, digits.tolist(), strict=True):
        speech_of = [sum(lengths[voice, digit] for digit in said) for voice in range(10)]
        assert any(0 <= len(sound) - spoken <= 2400 for spoken in speech_of)
        assert any(
            np.array_equal(sound[: len(waveform)], waveform)
            for waveform, label in zip(clips.waveforms, clips.labels, strict=True)
            if label == said[0]
        )
    assert len(np.unique(digits)) == 10


class TestHiddenVoices:
    def test_the_assignment_opens_them_with_the_key(self) -> None:
        text = find_assignment(ROOT, "5").read_text(encoding="utf-8")
        assert "hidden_clips" not in text or key().hex() in text

    def test_the_key_opens_them(self) -> None:
        clips = hidden_clips(key())
        assert len(clips) == 180
        assert len(clips.voice_names) == 18
        assert np.bincount(clips.labels).tolist() == [18] * 10

    def test_another_key_is_refused(self) -> None:
        with pytest.raises(DataError, match="does not open the hidden voices"):
            hidden_clips(bytes(32))

    def test_what_is_sealed_is_neither_readable_nor_compressible(self) -> None:
        import zlib

        sealed = files.locate(manifest.SPOKEN_DIGITS_SEALED).read_bytes()
        with pytest.raises(ValueError, match=r"pickle|load"):
            np.load(io.BytesIO(sealed[32:]), allow_pickle=False)
        assert len(zlib.compress(sealed)) > len(sealed)

    def test_the_public_half_holds_neither_the_key_nor_the_voices(self, tmp_path: Path) -> None:
        written = write_public(ROOT, tmp_path / "public")
        hidden = hidden_clips(key())
        public = {name for clips in parts(spoken_digits("cpu")) for name in clips.voice_names}
        assert written
        assert public.isdisjoint(hidden.voice_names)
        for path in written:
            content = (tmp_path / "public" / path).read_bytes()
            assert key().hex().encode() not in content, path
            assert key() not in content, path
            assert not any(name.encode() in content for name in hidden.voice_names), path


class TestSpeechCommands:
    """The archive is made here in the published one's layout, with three words by three people."""

    @pytest.fixture
    def archive(self, tmp_path: Path) -> Callable[[], Path]:
        def recording(pitch: float, seconds: float) -> bytes:
            tone = np.sin(2 * np.pi * pitch * np.arange(int(16_000 * seconds)) / 16_000)
            file = io.BytesIO()
            with wave.open(file, "wb") as target:
                target.setnchannels(1)
                target.setsampwidth(2)
                target.setframerate(16_000)
                target.writeframes((tone * 16_384).astype("<i2").tobytes())
            return file.getvalue()

        members = {
            "./README.md": b"read me",
            "./validation_list.txt": b"two/bbbb_nohash_0.wav\n",
            "./testing_list.txt": b"two/cccc_nohash_0.wav\n",
            "./_background_noise_/hum.wav": recording(50, 2.0),
            "./bed/aaaa_nohash_0.wav": recording(500, 1.0),
            "./nine/aaaa_nohash_1.wav": recording(500, 0.9),
            "./two/aaaa_nohash_0.wav": recording(500, 1.0),
            "./two/bbbb_nohash_0.wav": recording(600, 1.0),
            "./two/cccc_nohash_0.wav": recording(700, 1.0),
        }

        def write() -> Path:
            path = tmp_path / manifest.SPEECH_COMMANDS.file
            with tarfile.open(path, "w:gz") as target:
                for name, content in members.items():
                    entry = tarfile.TarInfo(name)
                    entry.size = len(content)
                    target.addfile(entry, io.BytesIO(content))
            return path

        return write

    @pytest.fixture
    def people(
        self, archive: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> speech.SpokenDigits:
        path = archive()
        edition = Edition(hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        known = replace(manifest.SPEECH_COMMANDS, editions=(edition,))
        monkeypatch.setattr(manifest, "SPEECH_COMMANDS", known)
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        return spoken_digits("gpu")

    def test_digits_are_split_by_the_archives_lists(self, people: speech.SpokenDigits) -> None:
        assert [WORDS[label] for label in people.train.labels] == ["nine", "two"]
        assert people.train.voice_names == ("aaaa",)
        assert people.validation.voice_names == ("bbbb",)
        assert people.validation.labels.tolist() == [2]

    def test_recordings_are_halved_in_rate(self, people: speech.SpokenDigits) -> None:
        (waveform,) = people.validation.waveforms
        assert waveform.shape == (RATE,)
        assert np.abs(np.fft.rfft(waveform)).argmax() == 600
        assert len(people.train.waveforms[0]) == 7200

    def test_the_synthetic_voices_are_the_other_source(self, people: speech.SpokenDigits) -> None:
        assert len(people.other) == 550

    def test_the_known_archive_has_the_published_digest(self) -> None:
        (edition,) = manifest.SPEECH_COMMANDS.editions
        assert edition.size == 2_428_923_189
        assert edition.sha256.startswith("af14739e")
