"""Sounds on a page are whole WAV files with a name."""

from __future__ import annotations

import base64
import io
import re
import wave

import numpy as np
import pytest

from dlcourse.figures.sound import players


def test_a_player_holds_the_samples() -> None:
    samples = np.sin(np.arange(800) / 5.0)
    html = players({"a tone": samples}, 8000)._repr_html_()
    (data,) = re.findall(r"base64,([^\"]+)\"", html)
    with wave.open(io.BytesIO(base64.b64decode(data))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        played = np.frombuffer(file.readframes(800), "<i2") / 32767
    assert np.allclose(played, samples, atol=1e-4)


def test_each_player_has_its_name_and_text_stands_for_it_in_a_terminal() -> None:
    shown = players({"<five>": np.zeros(80), "six": np.zeros(160)}, 8000)
    assert 'aria-label="&lt;five&gt;"' in shown._repr_html_()
    assert repr(shown) == "sound: <five>, 0.01 s\nsound: six, 0.02 s"


def test_loud_samples_are_clipped_and_do_not_wrap() -> None:
    html = players({"loud": np.full(10, 1.5)}, 8000)._repr_html_()
    content = base64.b64decode(re.findall(r"base64,([^\"]+)\"", html)[0])
    assert np.frombuffer(content[44:], "<i2").tolist() == [32767] * 10


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros((2, 8)), np.zeros(40_000)])
def test_what_cannot_be_played_is_refused(samples: np.ndarray) -> None:
    with pytest.raises(ValueError, match="'it' at 8000"):
        players({"it": samples}, 8000)
