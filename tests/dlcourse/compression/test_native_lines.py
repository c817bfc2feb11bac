"""Known lines of compiled code are left out of stderr, and no others."""

from __future__ import annotations

import os

import pytest

from dlcourse.compression.native_lines import without_lines


def test_a_known_line_is_left_out_and_others_come_after_the_block(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with without_lines(r"rendezvous is aborting|^\s+\[\["):
        os.write(2, b"W0000 Local rendezvous is aborting\n\t [[{{node mul}}]]\nanother line\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "another line\nafter\n"


def test_stderr_is_there_again_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    def refused() -> None:
        os.write(2, b"known\nunknown\n")
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"), without_lines("^known"):
        refused()
    assert capfd.readouterr().err == "unknown\n"
