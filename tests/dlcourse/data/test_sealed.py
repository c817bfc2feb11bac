"""What is sealed can be read with its key and its name, and with nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from dlcourse.data import manifest
from dlcourse.data.files import DataError, Edition
from dlcourse.data.sealed import open_sealed, seal, unseal

KEY = bytes(range(32))
CONTENT = "a film, é ".encode() * 40


def test_key_and_name_open_what_they_sealed() -> None:
    assert unseal(seal(CONTENT, KEY, "plays"), KEY, "plays") == CONTENT


@pytest.mark.parametrize(("key", "name"), [(bytes(32), "plays"), (KEY, "reviews"), (KEY, "")])
def test_another_key_or_name_is_refused(key: bytes, name: str) -> None:
    with pytest.raises(DataError, match="This key does not open the plays"):
        unseal(seal(CONTENT, KEY, "plays"), key, name, title="the plays")


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(seal(CONTENT, KEY))
    sealed[place] ^= 1
    with pytest.raises(DataError):
        unseal(bytes(sealed), KEY)


def test_one_key_enciphers_two_names_differently() -> None:
    assert seal(CONTENT, KEY, "plays")[32:64] != seal(CONTENT, KEY, "reviews")[32:64]


def test_nothing_of_the_content_shows() -> None:
    sealed = seal(CONTENT, KEY)
    assert b"film" not in sealed
    assert len(set(sealed)) > 200


def test_a_data_set_is_opened_under_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = seal(CONTENT, KEY, "plays_sealed")
    (tmp_path / "plays.bin").write_bytes(sealed)
    monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
    edition = Edition(hashlib.sha256(sealed).hexdigest(), len(sealed))
    data_set = replace(
        manifest.MNIST, name="plays_sealed", file="plays.bin", editions=(edition,), urls=()
    )
    assert open_sealed(data_set, KEY) == CONTENT
    with pytest.raises(DataError, match="does not open plays_sealed"):
        open_sealed(data_set, bytes(32))
