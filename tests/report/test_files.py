"""Names of files, and writing them whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.report.files import file_name, file_names, write_whole


@pytest.mark.parametrize("plain", ["ada", "s01", "ada.lovelace@uni.example", "a_b-c"])
def test_an_ordinary_id_is_its_own_file_name(plain: str) -> None:
    assert file_name(plain) == plain


@pytest.mark.parametrize(
    "id_", ["../x", "/etc/passwd", "a/b", "", ".", "..", "-rf", ".hidden", "a\x00b", "zoë", "CON",
            "nul.txt", "x" * 500, "a b", "\ud800", "end."],
)  # fmt: skip
def test_any_other_id_becomes_a_safe_name_of_its_own(id_: str, tmp_path: Path) -> None:
    name = file_name(id_)
    assert name != id_
    path = write_whole(tmp_path / f"{name}.html", "x")
    assert path.resolve().parent == tmp_path.resolve()
    assert len(path.name) < 120


def test_names_differ_even_where_case_does_not_count() -> None:
    names = file_names(["Ann", "ann", "ann", "a/b", "a_b", "a:b"])
    assert len({name.casefold() for name in names}) == 6


def test_a_written_file_has_the_usual_rights(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.touch()
    assert write_whole(tmp_path / "a" / "b.txt", "é").stat().st_mode == beside.stat().st_mode
    assert (tmp_path / "a" / "b.txt").read_bytes() == "é".encode()
