"""Finding submissions in what an LMS hands out and in what learners put into it."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import tempfile
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect import archive, files, submissions
from autograder.collect.layouts import LayoutError
from autograder.collect.submissions import (
    Notebook,
    Submission,
    Unreadable,
    find_submissions,
    read_notebook,
)


def book(source: str = "x = 1", assignment: str = "week01") -> bytes:
    metadata = {"dlcourse": {"assignment": assignment}} if assignment else {}
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []}]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}).encode()


def zipped(files: Mapping[str, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return buffer.getvalue()


class Place:
    """A folder of files as they were handed in."""

    def __init__(self, root: Path) -> None:
        self.root = root / "in"
        self.root.mkdir()
        self.scratch = root / "scratch"
        self.scratch.mkdir()

    def put(self, files: Mapping[str, bytes]) -> Path:
        for number, (name, content) in enumerate(files.items()):
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
        return self.root

    def find(self, *names: str, layout: str = "") -> list[Submission]:
        paths = [self.root / n for n in names] or [self.root]
        return find_submissions(paths, "week01", self.scratch, layout)

    def one(self, *names: str, layout: str = "") -> Submission:
        (found,) = self.find(*names, layout=layout)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def counts(submission: Submission) -> bool:
    """Whether there is a notebook to grade, and it is the one that counts."""
    return submission.notebook is not None and not submission.superseded


def source(submission: Submission) -> str:
    notebook = read_notebook(submission)
    assert isinstance(notebook, Notebook), notebook
    return notebook.cells[0].source


def reason(submission: Submission) -> str:
    found = read_notebook(submission)
    assert isinstance(found, Unreadable), found
    assert is_sentence(found.reason), found.reason
    return found.reason


def is_sentence(text: str) -> bool:
    return text.endswith(".") and text.isprintable() and len(text) <= 400


# Layouts


def test_canvas_tells_the_learner_by_name_and_number(place: Place) -> None:
    place.put(
        {
            "doejane_12345_67890_week01.ipynb": book("a"),
            "roejim_LATE_222_333_week01-1.ipynb": book("b"),
            "poesue_late_5_6_my_work_7_8.ipynb": book("c"),
        }
    )
    found = place.find()
    told = {
        s.learner: (s.identity.name, s.identity.number, s.identity.layout, source(s)) for s in found
    }
    assert told == {
        "doejane_12345": ("doejane", "12345", "canvas", "a"),
        "roejim_222": ("roejim", "222", "canvas", "b"),
        "poesue_5": ("poesue", "5", "canvas", "c"),
    }


def test_canvas_weights_handed_in_beside_the_notebook_belong_to_it(place: Place) -> None:
    place.put(
        {
            "doejane_1_10_week01.ipynb": book(),
            "doejane_1_11_digits_model.weights.npz": b"weights",
            "roejim_2_12_week01.ipynb": book(),
        }
    )
    jane, jim = place.find()
    assert [p.read_bytes() for p in jane.weights.values()] == [b"weights"]
    assert list(jane.weights) == ["digits_model.weights.npz"]
    assert jim.weights == {}


def test_canvas_of_two_uploads_the_higher_number_counts_and_the_other_is_shown(
    place: Place,
) -> None:
    place.put({"doejane_1_20_week01-1.ipynb": book("new"), "doejane_1_9_week01.ipynb": book("old")})
    chosen, other = place.find()
    assert source(chosen) == "new"
    assert counts(chosen)
    assert not counts(other)
    assert "Canvas's highest file number" in other.superseded
    assert other.path.name == "doejane_1_9_week01.ipynb"


def test_moodle_folders_and_flat_files(place: Place) -> None:
    place.put(
        {
            "Jane Doe_123_assignsubmission_file_/week01.ipynb": book("a"),
            "Jane Doe_123_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
            "Zoë van Dijk_45_assignsubmission_file_renamed.ipynb": book("b"),
        }
    )
    found = place.find()
    assert [
        (s.learner, s.identity.name, s.identity.participant, s.identity.layout) for s in found
    ] == [
        ("Jane Doe_123", "Jane Doe", "123", "moodle"),
        ("Zoë van Dijk_45", "Zoë van Dijk", "45", "moodle"),
    ]
    assert [source(s) for s in found] == ["a", "b"]


GRADESCOPE = b"""---
submission_100:
  :submitters:
  - :name: Jane Doe
    :sid: '3011'
    :email: jane@example.org
  - :name: Jim Roe
    :sid:
    :email: jim@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-01-01 10:00:00 Z
  :score: 1.0
submission_200:
  :submitters:
  - :name: Sue Poe
    :sid: '3012'
"""


def test_gradescope_tells_the_learners_by_its_list_each_of_a_group(place: Place) -> None:
    place.put(
        {
            "submission_metadata.yml": GRADESCOPE,
            "submission_100/week01.ipynb": book("a"),
            "submission_200/week01.ipynb": book("b"),
            "submission_300/week01.ipynb": book("c"),
        }
    )
    found = place.find()
    assert [(s.learner, s.identity.name, source(s)) for s in found] == [
        ("3011", "Jane Doe", "a"),
        ("3012", "Sue Poe", "b"),
        ("jim@example.org", "Jim Roe", "a"),
        ("submission_300", "", "c"),
    ]


@pytest.mark.parametrize(
    "listed", [b"", b"\0", b"[1, 2]", b"a: [" * 5000, b"!!python/name:os.system x"]
)
def test_gradescope_without_a_readable_list_goes_by_the_folders(
    place: Place, listed: bytes
) -> None:
    place.put({"submission_metadata.yml": listed, "submission_7/week01.ipynb": book()})
    assert place.one().learner == "submission_7"


@pytest.mark.parametrize("named", [".", "submitted", "submitted/jane", "submitted/jane/week01"])
def test_nbgraders_tree_at_any_level(place: Place, named: str) -> None:
    place.put(
        {
            "submitted/jane/week01/week01.ipynb": book("a"),
            "submitted/jane/week01/timestamp.txt": b"2026-01-01",
            "submitted/jane/week02/week02.ipynb": book("other", "week02"),
            "submitted/jim/week02/week02.ipynb": book("other", "week02"),
            "source/week01/week01.ipynb": book("solution"),
        }
    )
    found = place.one(named)
    assert (found.learner, source(found)) == ("jane", "a")


def test_plain_files_folders_and_zips_are_called_after_themselves(place: Place) -> None:
    place.put(
        {
            "ann.ipynb": book("a"),
            "bob.zip": zipped({"week01.ipynb": book("b")}),
            "cyd/week01.ipynb": book("c"),
            "dan.ipynb.txt": book("d"),
            ".DS_Store": b"",
            "__MACOSX/._ann.ipynb": b"",
            "eve/.ipynb_checkpoints/week01-checkpoint.ipynb": book("old"),
            "eve/week01.ipynb": book("e"),
        }
    )
    assert [(s.learner, source(s)) for s in place.find()] == [
        ("ann", "a"), ("bob", "b"), ("cyd", "c"), ("dan", "d"), ("eve", "e")
    ]  # fmt: skip


def test_a_folder_of_one_learner_is_one_submission(place: Place) -> None:
    place.put({"jane/week01.ipynb": book(), "jane/digits_model.weights.npz": b"w"})
    found = place.one("jane")
    assert found.learner == "jane"
    assert list(found.weights) == ["digits_model.weights.npz"]


def test_files_of_one_name_in_several_folders_are_called_after_the_folders(place: Place) -> None:
    place.put(
        {
            "a/week01.ipynb": book("a"),
            "b/week01/week01.ipynb": book("b"),
            "Jane Doe_9_assignsubmission_file_/week01.ipynb": book("c"),
        }
    )
    names = ["a/week01.ipynb", "b/week01/week01.ipynb"]
    names.append("Jane Doe_9_assignsubmission_file_/week01.ipynb")
    assert [(s.learner, source(s)) for s in place.find(*names)] == [
        ("Jane Doe_9", "c"), ("a", "a"), ("b", "b")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "learners"),
    [
        ({"doejane_1_2_week01.ipynb": book(), "roejim_3_4_week01.ipynb": book()}, 2),
        ({"Jane_1_assignsubmission_file_/week01.ipynb": book()}, 1),
        ({"export_9/submission_metadata.yml": GRADESCOPE,
          "export_9/submission_100/week01.ipynb": book()}, 2),
        ({"submitted/jane/week01/week01.ipynb": book(),
          "submitted/jim/week01/week01.ipynb": book()}, 2),
        ({"doejane_1_2_week01.zip": zipped({"week01.ipynb": book()})}, 1),
    ],
    ids=["canvas", "moodle", "gradescope", "nbgrader", "zips"],
)  # fmt: skip
def test_an_lms_download_may_stay_zipped(
    place: Place, inside: dict[str, bytes], learners: int
) -> None:
    place.put({"download.zip": zipped(inside)})
    found = place.find("download.zip")
    assert len(found) == learners
    assert all(s.identity.layout in ("canvas", "moodle", "gradescope", "nbgrader") for s in found)
    assert all(source(s) == "x = 1" for s in found)


def test_a_learners_zip_cannot_speak_for_another_learner(place: Place) -> None:
    forged = {"roejim_3_4_week01.ipynb": book("forged"), "week01.ipynb": book("own")}
    place.put({"eve.zip": zipped(forged), "roejim_3_5_week01.ipynb": book("real")})
    assert {s.learner: source(s) for s in place.find() if counts(s)} == {
        "eve": "own",
        "roejim_3": "real",
    }
    with pytest.raises(LayoutError, match=r"eve\.zip holds several notebooks"):
        place.find("eve.zip", "roejim_3_5_week01.ipynb")


def test_a_zip_that_looks_like_a_class_is_refused_among_zips_of_one_learner(place: Place) -> None:
    forged = {"roejim_3_4_week01.ipynb": book("x"), "poesue_5_6_week01.ipynb": book("x")}
    place.put({"eve.zip": zipped(forged), "jim.zip": zipped({"week01.ipynb": book("real")})})
    with pytest.raises(LayoutError, match=r"eve\.zip holds what several learners handed in"):
        place.find("eve.zip", "jim.zip")
    assert {s.learner for s in place.find("eve.zip")} == {"roejim_3", "poesue_5"}


# One learner or a class


CLASSES: dict[str, tuple[dict[str, bytes], set[str]]] = {
    "canvas": (
        {"doejane_1_2_week01.ipynb": book(), "roejim_LATE_3_4_week01.ipynb": book(),
         "poesue_5_text.html": b"<p>", "roejim_3_text.html": b"<p>", "eve_7_link.html": b"<a>"},
        {"doejane_1", "roejim_3", "poesue_5", "eve_7"},
    ),
    "canvas anonymous": (
        {"anon_aB3dE_9_week01.ipynb": book(), "LATE_anon_xY7zQ_8_week01.ipynb": book(),
         "anon_aB3dE_10_week01-1.ipynb": book(), "anon_q2345_text.html": b"<p>"},
        {"anon_aB3dE", "anon_xY7zQ", "anon_q2345"},
    ),
    "moodle": (
        {"Jane Doe_1_assignsubmission_file_/week01.ipynb": book(),
         "Jim Roe_2_assignsubmission_file_/my.ipynb": book(),
         "Sue Poe_3_assignsubmission_onlinetext_/onlinetext.html": b"<p>"},
        {"Jane Doe_1", "Jim Roe_2", "Sue Poe_3"},
    ),
    "blackboard": (
        {"Week 1_jdoe_attempt_2026-11-20-10-00-00_week01.ipynb": book(),
         "Week 1_jdoe_attempt_2026-11-20-10-00-00.txt": b"Name: Jane Doe (jdoe)\n",
         "Week 1_j_roe_attempt_2026-11-20-11-00-00_week01.ipynb": book(),
         "Week 1_j_roe_attempt_2026-11-20-11-00-00.txt": b"Name: Jim Roe (j_roe)\r\n",
         "Week 1_spoe_attempt_2026-11-20-11-00-00.txt": b"Name: Sue Poe (spoe)\n"},
        {"jdoe", "j_roe", "spoe"},
    ),
    "brightspace": (
        {"index.html": b"<html>",
         "1001-77 - Jane Doe - Nov 20, 2026 1000 AM/week01.ipynb": book(),
         "1001-77 - Jane Doe - Nov 21, 2026 1000 AM/week01.ipynb": book(),
         "1002-77 - Anne-Marie Roe- 20 November, 2026 1130 PM/week01.ipynb": book()},
        {"Jane Doe_1001", "Anne-Marie Roe_1002"},
    ),
    "ilias": (
        {"Abgaben/Doe_Jane_jdoe_1001/20261120101010_week01.ipynb": book(),
         "Abgaben/Doe_Jane_jdoe_1001/20261121101010_week01.ipynb": book(),
         "Abgaben/Roe_Jim_jroe_1002/week01.ipynb": book()},
        {"jdoe", "jroe"},
    ),
    "sakai": (
        {"Week 1/grades.csv": b"Week 1,Points",
         "Week 1/Doe, Jane(jdoe)/timestamp.txt": b"20261120101010000",
         "Week 1/Doe, Jane(jdoe)/Submission attachment(s)/week01.ipynb": book(),
         "Week 1/Doe, Jane(jdoe)/Feedback Attachment(s)/week01.ipynb": book("feedback"),
         "Week 1/Roe, Jim(jroe)/timestamp.txt": b"20261120101010000",
         "Week 1/Roe, Jim(jroe)/Submission attachment(s)/my work.ipynb": book()},
        {"jdoe", "jroe"},
    ),
    "nbgrader inbound": (
        {"jdoe+week01+2026-11-20 10:00:00.000000 UTC+ab1/week01.ipynb": book(),
         "jdoe+week01+2026-11-21 10:00:00.000000 UTC/week01.ipynb": book(),
         "CORP+roe+week01+2026-11-21 10:00:00 UTC/week01.ipynb": book(),
         "late+week02+2026-11-21 10:00:00.000000 UTC/week02.ipynb": book(assignment="week02")},
        {"jdoe", "CORP+roe"},
    ),
    "nbgrader's tree": (
        {"jdoe/week01/week01.ipynb": book(), "jroe/week01/week01.ipynb": book()},
        {"jdoe", "jroe"},
    ),
    "otter": (
        {"week01_2026_11_20T10_00_00_000000.zip": zipped({"week01.ipynb": book()}),
         "week01_2026_11_20T11_00_00_000000.zip": zipped({"week01.ipynb": book()})},
        {"week01_2026_11_20T10_00_00_000000", "week01_2026_11_20T11_00_00_000000"},
    ),
    "files": (
        {"ann.ipynb": book(), "bob.ipynb": book(), "week01.ipynb": book()},
        {"ann", "bob", "week01"},
    ),
    "zips": (
        {"ann.zip": zipped({"week01.ipynb": book()}), "bob.zip": zipped({"week01.ipynb": book()})},
        {"ann", "bob"},
    ),
    "zips of zips": (
        {"ann.zip": zipped({"to hand in.zip": zipped({"week01.ipynb": book()})}),
         "bob.zip": zipped({"week01.ipynb": book()})},
        {"ann", "bob"},
    ),
    "sections": (
        {"s1/Li Wei.ipynb": book(), "s1/ann.ipynb": book(), "s2/Li Wei.ipynb": book(),
         "s2/bob.ipynb": book()},
        {"Li Wei - s1", "ann", "Li Wei - s2", "bob"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("above", ["", "submissions x/", "a/b/"])
@pytest.mark.parametrize("form", ["folder", "zip", "zip in a folder", "zip beside a file"])
def test_a_class_is_a_class_at_any_depth_in_a_folder_as_in_a_zip(
    place: Place, kind: str, above: str, form: str
) -> None:
    files, learners = CLASSES[kind]
    files = {f"{above}{name}": content for name, content in files.items()}
    if form == "folder":
        place.put({f"x/{name}": content for name, content in files.items()})
        found = place.find("x")
    else:
        place.put({"x/class.zip": zipped(files), "zoe.ipynb": book()})
        found = place.find("x" if form == "zip in a folder" else "x/class.zip")
    if form == "zip beside a file":
        found = place.find("x/class.zip", "zoe.ipynb")
        learners = {*learners, "zoe"}
    assert {s.learner for s in found} == learners
    assert all(counts(s) or s.superseded or "no file" in reason(s) for s in found)


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_one_learner_with_helpers_stays_one(place: Place, form: str) -> None:
    files = {
        "week01.ipynb": book(),
        "helper.py": b"x = 1",
        "run_1_20_loss.csv": b"1",
        "scratch.ipynb": book(assignment=""),
        "week02.ipynb": book(assignment="week02"),
        "data/labels.json": b"{}",
        "data.zip": zipped({"a.csv": b""}),
        ".ipynb_checkpoints/week01-checkpoint.ipynb": book(),
    }
    place.put({f"jane/{n}": c for n, c in files.items()} | {"jim.zip": zipped(files)})
    found = place.one("jane" if form == "folder" else "jim.zip")
    assert found.learner == ("jane" if form == "folder" else "jim")
    assert counts(found)


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize(
    "names", [("week01.ipynb", "mine.ipynb"), ("week01.ipynb", "week01 (1).ipynb")]
)
def test_what_may_be_one_learner_or_a_class_is_refused_until_told(
    place: Place, form: str, names: tuple[str, str]
) -> None:
    files = {name: book(name) for name in names}
    place.put({f"x/{n}": c for n, c in files.items()} | {"x.zip": zipped(files)})
    named = "x" if form == "folder" else "x.zip"
    with pytest.raises(LayoutError, match=r"holds several notebooks of week01") as refused:
        place.find(named)
    assert all(name in str(refused.value) for name in (*names, "--layout one", "canvas"))
    assert {s.learner for s in place.find(named, layout="one")} == {"x"}
    assert len({s.learner for s in place.find(named, layout="plain")}) == 2


def test_a_layout_that_is_named_and_not_there_is_refused_with_what_was_seen(place: Place) -> None:
    place.put({"ann.ipynb": book()})
    with pytest.raises(LayoutError, match=r"as in the layout ilias .*Seen: ann.ipynb"):
        place.find(layout="ilias")
    with pytest.raises(LayoutError, match="'schoology' is no layout; known are canvas, moodle"):
        place.find(layout="schoology")


def test_a_learner_alone_in_a_named_layout(place: Place) -> None:
    place.put({"Doe_Jane_jdoe_1001/week01.ipynb": book()})
    found = place.one(layout="ilias")
    assert (found.learner, found.identity.name, found.identity.login) == (
        "jdoe", "Jane Doe", "jdoe"
    )  # fmt: skip


def test_sakai_tells_the_learners_name_and_login_and_what_was_given_back_is_left(
    place: Place,
) -> None:
    place.put(CLASSES["sakai"][0])
    jane, _ = place.find()
    assert (jane.learner, jane.identity.name, jane.identity.layout) == (
        "jdoe", "Jane Doe", "sakai"
    )  # fmt: skip
    assert source(jane) == "x = 1"
    assert jane.notes == ()


def test_a_zip_in_a_learners_zip_is_opened_where_no_notebook_stands_beside_it(
    place: Place,
) -> None:
    inner = zipped({"week01.ipynb": book("inner"), "net.weights.npz": b"w"})
    place.put(
        {
            "ann.zip": zipped({"week01.zip": inner, "readme.txt": b"hi"}),
            "bob.zip": zipped({"week01.ipynb": book("outer"), "old.zip": inner}),
        }
    )
    ann, bob = place.find()
    assert (source(ann), list(ann.weights)) == ("inner", ["net.weights.npz"])
    assert (source(bob), list(bob.weights)) == ("outer", [])


def test_a_third_zip_stays_closed(place: Place) -> None:
    two = zipped({"a.zip": zipped({"week01.ipynb": book()})})
    place.put({"ann.zip": zipped({"b.zip": two})})
    assert "hand in the .ipynb file" in reason(place.one())


def test_of_many_zips_in_a_zip_only_some_are_opened(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MAX_INNER_ZIPS", 2)
    inner = zipped({"notes.txt": b"hi"})
    place.put({"ann.zip": zipped({f"{n}.zip": inner for n in range(4)})})
    assert "4 files handed in" in reason(place.one())


def test_of_two_attempts_the_later_by_the_lms_counts(place: Place) -> None:
    for kind, later in (
        ("blackboard", "Week 1_jdoe_attempt_2026-11-21-10-00-00_week01.ipynb"),
        ("brightspace", "1001-77 - Jane Doe - Nov 21, 2026 1000 AM/week01.ipynb"),
        ("ilias", "Abgaben/Doe_Jane_jdoe_1001/20261121101010_week01.ipynb"),
        ("nbgrader inbound", "jdoe+week01+2026-11-21 10:00:00.000000 UTC/week01.ipynb"),
    ):
        files = {**CLASSES[kind][0], later: book("later")}
        names = sorted(files, key=lambda name: name == later, reverse=True)
        place.put({f"{kind}/{name}": files[name] for name in names})  # written first
        best = [s for s in place.find(kind) if counts(s)]
        assert "later" in {source(s) for s in best}, kind


def test_names_in_two_unicode_forms_are_one_learner(place: Place) -> None:
    nfc, nfd = unicodedata.normalize("NFC", "José"), unicodedata.normalize("NFD", "José")
    place.put({f"a/{nfc}.ipynb": book("old"), f"b/{nfd}.zip": zipped({"week01.ipynb": book()})})
    found = place.find(f"a/{nfc}.ipynb", f"b/{nfd}.zip")
    assert {s.learner for s in found} == {nfc}


def test_two_learners_of_one_name_stay_two_when_their_numbers_differ(place: Place) -> None:
    listed = b"""---
submission_1:
  :submitters:
  - :name: Li Wei
    :sid: '7'
submission_2:
  :submitters:
  - :name: Li Wei
    :sid: '8'
submission_3:
  :submitters:
  - :name: Li Wei
submission_4:
  :submitters:
  - :name: Li Wei
"""
    gradescope = {f"g/submission_{n}/week01.ipynb": book() for n in range(1, 5)}
    place.put({"g/submission_metadata.yml": listed, **gradescope})
    assert len({s.learner for s in place.find("g")}) == 4
    moodle = {f"m/Li Wei_{n}_assignsubmission_file_/week01.ipynb": book() for n in (1, 2)}
    place.put(moodle | {f"c/weili_{n}_9_week01.ipynb": book() for n in (1, 2)})
    assert len(place.find("m")) == len(place.find("c")) == 2


# What is chosen


def test_of_several_notebooks_the_one_that_says_it_is_the_assignment(place: Place) -> None:
    inside = {
        "week01.ipynb": book("named so", assignment=""),
        "mine.ipynb": book("right"),
        "week02.ipynb": book("other", assignment="week02"),
        "broken.ipynb": b"{",
    }
    place.put({"jane.zip": zipped(inside)})
    found = place.one()
    assert source(found) == "right"
    (note,) = found.notes
    assert "mine.ipynb" in note
    assert "says that it is week01" in note


def test_of_several_that_say_nothing_the_one_whose_name_fits(place: Place) -> None:
    inside = {n: book(n, assignment="") for n in ("a.ipynb", "week01 (1).ipynb", "z week01.ipynb")}
    place.put({"jane.zip": zipped(inside)})
    found = place.one()
    assert source(found) == "week01 (1).ipynb"
    assert "its name fits best" in found.notes[0]


def test_a_renamed_notebook_is_graded(place: Place) -> None:
    place.put({"jane/final FINAL.ipynb": book("x")})
    assert place.one().learner == "jane"
    assert place.one().notes == ()


def test_of_two_submissions_the_later_counts_and_the_other_is_a_row(place: Place) -> None:
    place.put({"jane.ipynb": book("old"), "jane.zip": zipped({"week01.ipynb": book("new")})})
    chosen, other = place.find()
    assert source(chosen) == "new"
    assert other.learner == "jane"
    assert "most recently changed" in other.superseded
    assert is_sentence(other.superseded)


def test_a_later_one_that_cannot_be_read_does_not_cost_the_earlier(place: Place) -> None:
    place.put({"jane.zip": zipped({"week01.ipynb": book("whole")}), "jane.ipynb": book()[:40]})
    chosen, other = place.find()
    assert source(chosen) == "whole"
    assert "cannot be read" in other.superseded
    assert "cut short" in reason(other)


def test_our_own_zip_brings_its_weights(place: Place) -> None:
    inside = {"week01.ipynb": book(), "digits_model.weights.npz": b"w", "notes.txt": b"hi"}
    place.put({"jane.zip": zipped(inside)})
    found = place.one()
    assert {n: p.read_bytes() for n, p in found.weights.items()} == {
        "digits_model.weights.npz": b"w"
    }
    assert found.weights["digits_model.weights.npz"].parent.parent == place.scratch


def test_otters_zip_is_read_and_its_log_is_not(place: Place) -> None:
    inside = {"week01.ipynb": book("a"), ".OTTER_LOG": b"\x80\x04", "week01.pdf": b"%PDF"}
    place.put({"week01_2026_01_01T10_00_00_000000.zip": zipped(inside)})
    found = place.one()
    assert source(found) == "a"
    assert found.weights == {}


def test_a_zip_called_a_notebook_is_opened(place: Place) -> None:
    place.put({"jane.ipynb": zipped({"week01.ipynb": book("a")})})
    assert source(place.one()) == "a"


def test_the_digest_is_of_the_notebook_and_the_weights(place: Place) -> None:
    files = {"week01.ipynb": book(), "m.npz": b"1"}
    place.put(
        {
            "a.zip": zipped(files),
            "b.zip": zipped(dict(reversed(files.items())), compression=zipfile.ZIP_DEFLATED),
            "c.zip": zipped({**files, "m.npz": b"2"}),
            "d.zip": zipped({"week01.ipynb": book(), "n.npz": b"1"}),
        }
    )
    digests = [s.digest for s in place.find()]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert all(len(d) == 64 for d in digests)


# What cannot be graded


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.ipynb", b"", "empty"),
        ("a.ipynb", b"\0" * 100, "blank"),
        ("a.ipynb", b"<html>", "web page"),
        ("a.ipynb", book()[:50], "cut short"),
        ("a.txt", b"Dear sir", "not a notebook"),
        ("a.pdf", b"%PDF-1.4", "PDF"),
        ("a.npz", b"PK\x03\x04", "file of weights"),
        ("a.zip", b"PK\x03\x04 and more", "damaged"),
        ("a.zip", b"", "damaged"),
        ("a.zip", zipped({}), "zip is empty"),
        ("a.zip", zipped({"a.txt": b"1", "b.txt": b"2"}), "no notebook among the 2 files"),
        ("a.zip", zipped({"b.zip": zipped({"a.txt": b"1"})}), "zip archive"),
        ("a.zip", zipped({"week01.ipynb": book()})[:-30], "damaged"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "7z"),
    ],
)
def test_each_failure_is_a_row_with_a_reason(
    place: Place, name: str, content: bytes, part: str
) -> None:
    place.put({name: content, "good.ipynb": book()})
    bad, good = place.find()
    assert part in reason(bad)
    assert source(good) == "x = 1"


def test_a_path_that_is_not_there_is_a_row(place: Place) -> None:
    assert "No such file" in reason(place.one("nobody.ipynb"))


def test_an_empty_folder_is_a_row(place: Place) -> None:
    assert "no files" in reason(place.one())


def test_a_folder_called_a_notebook(place: Place) -> None:
    place.put({"jane.ipynb/week01.ipynb": book("a"), "joe.ipynb/readme.pdf": b"%PDF"})
    (place.root / "kim.ipynb").mkdir()
    jane, joe, kim = place.find()
    assert (jane.learner, source(jane)) == ("jane", "a")
    assert "PDF" in reason(joe)
    assert "no files" in reason(kim)
    assert place.one("kim.ipynb").learner == "kim"


def test_links_in_folders_are_not_followed(place: Place) -> None:
    place.put({"jane/week01.ipynb": book("hers")})
    (place.root / "eve").mkdir()
    (place.root / "eve" / "week01.ipynb").symlink_to(place.root / "jane" / "week01.ipynb")
    (place.root / "mal").symlink_to(place.root / "jane", target_is_directory=True)
    (place.root / "sly.ipynb").symlink_to("/etc/passwd")
    eve, jane, mal, sly = place.find()
    assert source(jane) == "hers"
    assert all("link" in reason(s) for s in (eve, mal, sly))


def test_a_pipe_does_not_hold_up_the_batch(place: Place) -> None:
    place.put({"jane.ipynb": book()})
    os.mkfifo(place.root / "eve.ipynb")
    eve, jane = place.find()
    assert "not a file" in reason(eve)
    assert counts(jane)
    assert "neither" in reason(place.one("eve.ipynb"))


def _entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    info.external_attr = mode << 16
    return info


def test_a_link_in_a_zip_is_no_file(place: Place) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(_entry("week01.ipynb", 0o120777), "/etc/passwd")
    place.put({"eve.zip": buffer.getvalue()})
    assert "link" in reason(place.one())


@pytest.mark.parametrize("name", ["../../week01.ipynb", "/etc/week01.ipynb", "C:\\x\\week01.ipynb"])
def test_names_in_a_zip_lead_nowhere(place: Place, name: str) -> None:
    place.put({"eve.zip": zipped({name: book("x")})})
    before = sorted(place.root.parent.rglob("*"))
    found = place.one()
    assert source(found) == "x"
    assert found.notebook is not None
    assert found.notebook.parent.parent == place.scratch
    made = set(place.root.parent.rglob("*")) - set(before)
    assert made == {found.notebook, found.notebook.parent}


def test_an_encrypted_zip_says_so(place: Place) -> None:
    data = bytearray(zipped({"week01.ipynb": book()}))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    place.put({"eve.zip": bytes(data)})
    assert "password" in reason(place.one())


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_uncommon_compression_is_refused_unopened(place: Place, method: int) -> None:
    place.put({"eve.zip": zipped({"week01.ipynb": book()}, compression=method)})
    assert "uncommon way" in reason(place.one())


def test_a_zip_bomb_is_counted_while_it_unpacks(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MAX_FILE", 2**20)
    bomb = zipped({"week01.ipynb": b"0" * (30 * 2**20)}, compression=zipfile.ZIP_DEFLATED)
    # The claim is a lie as well: the sizes in the directory say 100 bytes.
    forged = bytearray(bomb)
    struct.pack_into("<I", forged, forged.index(b"PK\x01\x02") + 24, 100)
    place.put({"eve.zip": bomb, "mal.zip": bytes(forged), "jane.ipynb": book()})
    eve, jane, mal = place.find()
    assert "more than 1 MB" in reason(eve)
    assert is_sentence(reason(mal))
    assert counts(jane)
    assert sum(p.stat().st_size for p in place.scratch.rglob("*")) < 2**20


def test_a_zip_that_lists_a_million_files_is_not_listed(place: Place) -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *[0] * 6, 0, 0, 0, 1, *[0] * 4, 0, 0) + b"a"
    number = archive.MAX_DIRECTORY // len(entry) + 10
    directory = entry * number
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 0, 0)
    place.put({"eve.zip": directory + end})
    assert "too many files" in reason(place.one())


def test_a_learners_thousands_of_files_are_not_all_looked_at(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (submissions, files):
        monkeypatch.setattr(module, "MAX_FILES", 20)
    many = {f"data/{i}.txt": b"" for i in range(50)}
    place.put({f"jane/{n}": c for n, c in many.items()})
    place.put({"jane/week01.ipynb": book(), "jim.zip": zipped({"week01.ipynb": book(), **many})})
    for found in place.find():
        assert counts(found)
        assert "more than 20 files" in found.notes[-1]


def test_too_many_notebooks_in_a_zip(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "MAX_NOTEBOOKS", 3)
    inside = {f"{i}.ipynb": book(str(i), "") for i in range(9)} | {"week01.ipynb": book("me", "")}
    place.put({"jane.zip": zipped(inside)})
    assert source(place.one()) == "me"
    assert any("10 notebooks" in n for n in place.one().notes)


def test_weights_are_bounded_in_number_name_and_size(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MAX_WEIGHTS", 2)
    monkeypatch.setattr(submissions, "MAX_WEIGHTS_BYTES", 2**20)
    inside = {
        "week01.ipynb": book(),
        "a.npz": b"1",
        "b.npz": b"x" * 2**21,
        "c.npz": b"2",
        "d.npz": b"3",
        "sub/a.npz": b"4",
        "-rf ~.npz": b"5",
    }
    place.put({"jane.zip": zipped(inside)})
    found = place.one()
    assert {n: p.read_bytes() for n, p in found.weights.items()} == {"a.npz": b"1", "c.npz": b"2"}
    told = " ".join(found.notes)
    for part in ("more than 1 MB", "first 2 files of weights", "came twice", "rename the file"):
        assert part in told
    assert all(is_sentence(n) for n in found.notes)


@pytest.mark.parametrize(
    "raw", ["=cmd()", "-rf", "..", ".hidden", "a\nb", "a/../b", "\x1b[31mred", "x" * 300, "\ud800"]
)
def test_a_learners_id_is_fit_for_a_file_a_table_and_a_terminal(raw: str) -> None:
    found = submissions.learner_id(raw)
    assert found.isprintable()
    assert found[0].isalnum()
    assert not set(found) & set("/\\:=\n")
    assert len(found) <= 110
    assert found != submissions.learner_id(raw + "!")


def test_a_failure_of_the_grading_machine_stops_no_batch(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put({"jane.zip": zipped({"week01.ipynb": book()}), "jim.ipynb": book()})

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Archive, "take", full)
    jane, jim = place.find()
    assert "No space left" in reason(jane)
    assert counts(jim)


def test_a_file_without_a_name_in_a_zip(place: Place) -> None:
    place.put({"jane.zip": zipped({"?": book("x")}).replace(b"?", b"\0")})
    assert source(place.one()) == "x"
    assert source(place.one("jane.zip")) == "x"


# Whatever it is


def _all_answered(found: list[Submission]) -> bool:
    for submission in found:
        notebook = read_notebook(submission)
        assert isinstance(notebook, Notebook | Unreadable)
        if isinstance(notebook, Unreadable):
            assert is_sentence(notebook.reason)
        assert all(is_sentence(note) for note in submission.notes)
        assert submission.learner.isprintable()
    return True


def _find_bytes(name: str, data: bytes) -> list[Submission]:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.put({name: data})
        try:
            found = place.find(name)
        except LayoutError:
            found = place.find(name, layout="one")
        assert _all_answered(found)
        return found


@settings(max_examples=200)
@given(st.sampled_from(["a.ipynb", "a.zip", "a_1_2_b.zip", "a"]), st.binary(max_size=1000))
def test_arbitrary_bytes_are_a_submission_or_a_reason(name: str, data: bytes) -> None:
    assert len(_find_bytes(name, data)) == 1


ZIPS = [
    zipped({"week01.ipynb": book(), "m.npz": b"w" * 50}, compression=zipfile.ZIP_DEFLATED),
    zipped({"submission_metadata.yml": GRADESCOPE, "submission_100/week01.ipynb": book()}),
    zipped({"doejane_1_2_week01.zip": zipped({"week01.ipynb": book()}), "a_3_4_b": b"x"}),
]


@settings(max_examples=400)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_mutated_zips_are_a_submission_or_a_reason(seed: int, changes: int) -> None:
    rng = random.Random(seed)
    data = bytearray(rng.choice(ZIPS))
    for _ in range(changes):
        kind, at = rng.randrange(4), rng.randrange(len(data))
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at : at + 4] = rng.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
        elif kind == 2:
            del data[at : at + rng.randrange(1, 40)]
        else:
            start = rng.randrange(len(data))
            data[at:at] = data[start : start + 60]
        data = data or bytearray(b"P")
    assert _find_bytes("a.zip", bytes(data))


NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=200)
@given(st.dictionaries(st.text(max_size=60), st.sampled_from([book(), b"", b"x"]), max_size=5))
def test_any_names_in_a_zip_are_a_submission_or_a_reason(files: dict[str, bytes]) -> None:
    safe = {n.encode("utf-8", "replace").decode(): c for n, c in files.items() if n.strip("\0")}
    safe = {n if n[0] != "\0" else f"x{n}": c for n, c in safe.items()}  # zipfile cannot write it
    assert _find_bytes("a.zip", zipped(safe))
