"""Sounds that a reader plays on the page, without a kernel: small WAV files in its HTML."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Mapping
from html import escape

import numpy as np
import numpy.typing as npt

from dlcourse.check.display import Shown

__all__ = ["players"]

LONGEST = 4.0
"""Seconds; a longer sound makes a page heavy."""


def players(sounds: Mapping[str, npt.ArrayLike], rate: int) -> Shown:
    """Players for a few sounds, each with its name beside it.

    Args:
        sounds: by name, samples from -1 to 1, shape (samples,); what exceeds is clipped.
        rate: samples a second.

    Raises:
        ValueError: if a sound is not one-dimensional, is empty, or lasts more than four seconds.
    """
    rows, told = [], []
    for name, given in sounds.items():
        samples = np.asarray(given, dtype=np.float64)
        if samples.ndim != 1 or not 0 < samples.size <= LONGEST * rate:
            raise ValueError(
                f"players needs sounds of shape (samples,) that last at most {LONGEST:g} s, got "
                f"{samples.shape} for {name!r} at {rate} samples a second."
            )
        data = base64.b64encode(_wav(samples, rate)).decode()
        label = escape(name, quote=True)
        rows.append(
            '<div style="display: flex; flex-wrap: wrap; align-items: center; gap: .3em 1em; '
            f'margin: .3em 0"><span style="min-width: 14em">{label}</span>'
            f'<audio controls preload="auto" aria-label="{label}" '
            f'src="data:audio/wav;base64,{data}"></audio></div>'
        )
        told.append(f"sound: {name}, {samples.size / rate:.2f} s")
    return Shown("\n".join(told), f"<div>{''.join(rows)}</div>")


def _wav(samples: npt.NDArray[np.float64], rate: int) -> bytes:
    """A WAV file with one channel of 16-bit integers."""
    file = io.BytesIO()
    with wave.open(file, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()
