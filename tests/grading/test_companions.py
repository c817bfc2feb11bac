"""What stands beside a notebook comes with it, and what does not is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.collect import companions as bounds
from tests.grading.test_submissions import Place, book, is_sentence, place, zipped

__all__ = ["place"]


def contents(files: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}


def test_a_module_in_the_zip_comes_with_the_notebook(place: Place) -> None:
    place.put({"jane.zip": zipped({"week01.ipynb": book(), "tools/one.py": b"x = 1"})})
    assert contents(place.one("jane.zip").companions) == {"tools/one.py": b"x = 1"}


def test_paths_are_relative_to_the_notebook(place: Place) -> None:
    inside = {"hw/week01.ipynb": book(), "hw/mine.py": b"1", "readme.txt": b"2"}
    place.put({"jane.zip": zipped(inside)})
    assert contents(place.one("jane.zip").companions) == {"mine.py": b"1"}


def test_a_module_in_the_learners_folder_comes_with_the_notebook(place: Place) -> None:
    place.put({"jane/week01.ipynb": book(), "jane/mine.py": b"1", "jim/week01.ipynb": book()})
    jane, jim = place.find()
    assert contents(jane.companions) == {"mine.py": b"1"}
    assert jim.companions == {}


def test_canvas_hands_out_each_file_on_its_own(place: Place) -> None:
    place.put(
        {
            "doejane_1_10_week01.ipynb": book(),
            "doejane_1_11_mine.py": b"1",
            "roejim_2_12_week01.ipynb": book(),
        }
    )
    jane, jim = place.find()
    assert contents(jane.companions) == {"mine.py": b"1"}
    assert jim.companions == {}


def test_other_notebooks_and_weights_are_no_companions(place: Place) -> None:
    inside = {
        "week01.ipynb": book(),
        "old.ipynb": book(assignment="week02"),
        "m.npz": b"w",
        "d.json": b"{}",
    }
    place.put({"jane.zip": zipped(inside)})
    assert set(place.one("jane.zip").companions) == {"d.json"}


def test_a_changed_module_changes_the_digest(place: Place) -> None:
    place.put({"a.zip": zipped({"week01.ipynb": book(), "mine.py": b"1"})})
    place.put({"b.zip": zipped({"week01.ipynb": book(), "mine.py": b"2"})})
    assert place.one("a.zip").digest != place.one("b.zip").digest


def test_what_is_too_much_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_COMPANIONS_BYTES", 2**20)
    inside = {"week01.ipynb": book(), "a.py": b"1", "data.csv": bytes(2**20)}
    place.put({"jane.zip": zipped(inside)})
    found = place.one("jane.zip")
    assert set(found.companions) == {"a.py"}
    assert any("data.csv" in note and "1 MB" in note for note in found.notes)


def test_only_so_many_come(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_COMPANIONS", 2)
    place.put({"jane.zip": zipped({"week01.ipynb": book(), "a": b"", "b": b"", "c": b""})})
    found = place.one("jane.zip")
    assert set(found.companions) == {"a", "b"}
    assert any(note.startswith("c did not come") for note in found.notes)


def test_a_damaged_file_is_named_as_damaged(place: Place) -> None:
    whole = zipped({"week01.ipynb": book(), "mine.py": b"number = 1"})
    place.put({"jane.zip": whole.replace(b"number = 1", b"number = 2")})
    found = place.one("jane.zip")
    assert found.companions == {}
    assert [n for n in found.notes if n.startswith("mine.py did not come") and "damaged" in n]


def test_what_is_left_out_is_said_in_sentences(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_COMPANIONS", 0)
    inside = {f"{'long' * 20}/{i}{'name' * 20}.py": b"" for i in range(5)}
    place.put({"jane.zip": zipped({"week01.ipynb": book(), **inside})})
    assert all(map(is_sentence, place.one("jane.zip").notes))


@pytest.mark.parametrize("name", ["../x.py", "/etc/x.py", "a/../../x.py", ".bashrc", "a\0b.py"])
def test_a_name_that_leads_elsewhere_does_not_come(place: Place, name: str) -> None:
    place.put({"jane.zip": zipped({"week01.ipynb": book(), name: b"1"})})
    assert all(
        not n.startswith((".", "/")) and ".." not in n for n in place.one("jane.zip").companions
    )
