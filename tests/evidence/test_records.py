"""Records: what makes them stale, what is drawn, what a commit touches."""

from __future__ import annotations

import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from autograder.evidence.records import (
    Basis,
    RecordError,
    base_of,
    basis,
    commit_of,
    draw,
    new_record,
    read_records,
    staleness,
    touched,
    versions,
    write_record,
)

NOW = Basis({"question iou": "a" * 16, "dlcourse.check": "b" * 16}, {"keras": "3.12.0"})


def record_of(basis: Basis) -> dict[str, object]:
    return new_record(basis, {"outcome": "fine"}, 12.34)


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *name, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: ``a`` changes in the second, ``b`` does not."""
    git(tmp_path, "init", "-b", "main")
    for text in ("1", "2"):
        (tmp_path / "a").write_text(text)
        (tmp_path / "b").write_text("b")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-m", text)
    return tmp_path


def test_a_fresh_record_is_not_stale() -> None:
    found = staleness(record_of(NOW), NOW)
    assert not found.by_source
    assert str(found) == ""


def test_a_missing_record_is_stale_by_source() -> None:
    assert staleness(None, NOW).by_source


@pytest.mark.parametrize(
    "inputs",
    [
        {"question iou": "c" * 16, "dlcourse.check": "b" * 16},
        {"question iou": "a" * 16},
        {**NOW.inputs, "dlcourse.data": "d" * 16},
    ],
)
def test_a_changed_input_makes_stale_by_source_and_is_named(inputs: dict[str, str]) -> None:
    found = staleness(record_of(NOW), Basis(inputs, NOW.versions))
    assert found.by_source
    (name,) = [n for n in {**inputs, **NOW.inputs} if inputs.get(n) != NOW.inputs.get(n)]
    assert str(found) == f"changed since its record was made: {name}"


def test_another_version_is_told_and_not_stale_by_source() -> None:
    found = staleness(record_of(NOW), Basis(NOW.inputs, {"keras": "3.13.0"}))
    assert not found.by_source
    assert found.versions == ("keras 3.13.0 (recorded: 3.12.0)",)


def test_records_of_one_file_are_kept_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    assert read_records(path) == {}
    write_record(path, "one", record_of(NOW))
    write_record(path, "two", record_of(NOW))
    write_record(path, "one", record_of(Basis({}, {})))
    found = read_records(path)
    assert list(found) == ["one", "two"]
    assert found["one"]["inputs"] == {}
    assert found["two"]["outcome"] == "fine"
    assert [p.name for p in tmp_path.iterdir()] == ["records.json"]


@pytest.mark.parametrize("text", ["{", "[]", '{"one": {"inputs": {}}}', '{"one": 1}'])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.json"
    path.write_text(text)
    with pytest.raises(RecordError, match=r"records\.json .* delete it"):
        read_records(path)


def test_versions_are_those_of_the_distributions() -> None:
    found = versions(["sklearn", "no_such_library"])
    assert found["scikit-learn"] == metadata.version("scikit-learn")
    assert found["no_such_library"] == "absent"
    assert found["python"].startswith("3.")


def test_a_basis_names_texts_modules_and_libraries(root: Path) -> None:
    cells = ["from dlcourse.expect import expect_close\n", "expect_close(1, 1, 'no')\n"]
    found = basis(root, texts={"front matter": "a"}, cells=cells, libraries=["keras"])
    assert {"front matter", "dlcourse.expect"} <= found.inputs.keys()
    assert {"keras", "numpy"} <= found.versions.keys()


def test_the_draw_follows_the_seed_and_not_the_order() -> None:
    names = [f"week{n:02d}" for n in range(1, 13)]
    assert draw(names, 2, "a commit") == draw(names[::-1], 2, "a commit")
    drawn = {name for seed in range(60) for name in draw(names, 2, str(seed))}
    assert drawn == set(names)


def test_what_is_named_first_is_drawn_first() -> None:
    names = [f"week{n:02d}" for n in range(1, 13)]
    assert draw(names, 2, "any", first=["week07"])[0] == "week07"


def test_the_commit_and_what_is_not_yet_committed_are_touched(repository: Path) -> None:
    a, b = repository / "a", repository / "b"
    assert touched(repository, [a, b]) == [a]
    b.write_text("changed")
    assert touched(repository, [a, b]) == [a, b]
    (repository / "c").write_text("new")
    assert touched(repository, [repository / "c"]) == [repository / "c"]


def test_a_branch_is_compared_with_where_it_began(repository: Path) -> None:
    began = commit_of(repository)
    git(repository, "checkout", "-b", "mine")
    for text in ("3", "4"):
        (repository / "b").write_text(text)
        git(repository, "commit", "-am", text)
    assert base_of(repository) == began
    assert touched(repository, [repository / "a", repository / "b"]) == [repository / "b"]


def test_without_git_nothing_is_touched(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert commit_of(tmp_path) == ""
    assert touched(tmp_path, [tmp_path / "a"]) == []


def test_a_file_of_records_has_a_line_for_each_input(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    write_record(path, "one", record_of(Basis({f"module {n}": "a" * 16 for n in range(9)}, {})))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert f'   "module 3": "{"a" * 16}",' in lines
    assert '  "versions": {},' in lines
