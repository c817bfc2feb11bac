"""One zip with what was run last, wherever the notebook is open and however its file is called."""

from __future__ import annotations

import json
import os
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcourse import session
from dlcourse.submit import pack, packing, submit
from dlcourse.submit.notebook import defined, used, with_last_run
from dlcourse.train import weights
from dlcourse.train.weights import save_weights

STUB = "def softmax(z):\n    ..."
DONE = "def softmax(z):\n    return normal(z)"
HELPER = "import numpy as np\n\ndef normal(z):\n    return z / z.sum()"
SUBMIT = 'from dlcourse.submit import submit\nsubmit("week01")'


def notebook(*sources: str, assignment: str = "week01", **metadata: Any) -> dict[str, Any]:
    named = {"dlcourse": {"assignment": assignment}} if assignment else {}
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": source.splitlines(keepends=True),
            }
            for number, source in enumerate(sources)
        ],
        "metadata": named | metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def save(path: Path, *sources: str, assignment: str = "week01") -> Path:
    path.write_text(json.dumps(notebook(*sources, assignment=assignment)))
    return path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(weights, "written", {})
    for name in ("JPY_SESSION_NAME", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Callable[..., types.SimpleNamespace]:
    """Puts an IPython shell in place in which these cells were run, and then the submit cell."""

    def run(*sources: str, **user_names: object) -> types.SimpleNamespace:
        history = types.SimpleNamespace(input_hist_raw=["", *sources, SUBMIT])
        shell = types.SimpleNamespace(history_manager=history, user_ns=user_names, kernel=object())
        monkeypatch.setattr(session, "shell", lambda: shell)
        return shell

    return run


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """A stand-in for the package that a Colab kernel has."""
    state = types.SimpleNamespace(answer=None, downloads=[], error=None)

    def blocking_request(kind: str, request: str = "", timeout_sec: float = 5) -> object:
        assert kind == "get_ipynb"
        assert timeout_sec >= 10
        if isinstance(state.answer, Exception):
            raise state.answer
        return state.answer

    def download(name: str) -> None:
        if state.error:
            raise state.error
        assert Path(name).is_file()
        state.downloads.append(name)

    package = types.ModuleType("google.colab")
    package._message = types.SimpleNamespace(blocking_request=blocking_request)  # type: ignore[attr-defined]
    package.files = types.SimpleNamespace(download=download)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", package)
    return state


def packed(path: Path | str = "week01.zip") -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def cells() -> list[str]:
    loaded = json.loads(packed()["week01.ipynb"])
    return ["".join(cell["source"]) for cell in loaded["cells"]]


class TestFile:
    def test_a_saved_notebook_is_packed_as_it_is(
        self, folder: Path, ran: Callable[..., Any]
    ) -> None:
        path = save(folder / "week01.ipynb", HELPER, DONE, SUBMIT)
        ran(HELPER, DONE)
        pack("week01")
        assert packed()["week01.ipynb"] == path.read_bytes()

    def test_a_renamed_notebook_is_found_by_what_it_says(self, folder: Path) -> None:
        save(folder / "my try (2).ipynb", DONE)
        save(folder / "other.ipynb", "pass", assignment="week02")
        (folder / "broken.ipynb").write_text("{")
        pack("week01")
        assert cells() == [DONE]

    def test_jupyter_names_the_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        save(folder / "one.ipynb", "a = 1")
        monkeypatch.setenv("JPY_SESSION_NAME", str(save(folder / "two.ipynb", "a = 2")))
        pack("week01")
        assert cells() == ["a = 2"]

    def test_a_name_that_jupyter_remembers_from_before_a_renaming_is_passed_over(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(folder / "renamed.ipynb", DONE)
        monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "week01.ipynb"))
        pack("week01")
        assert cells() == [DONE]

    def test_vs_code_names_the_file(self, folder: Path, ran: Callable[..., Any]) -> None:
        save(folder / "one.ipynb", "a = 1")
        ran(__vsc_ipynb_file__=str(save(folder / "two.ipynb", "a = 2")))
        pack("week01")
        assert cells() == ["a = 2"]

    def test_of_two_copies_the_one_that_was_run_is_packed(
        self, folder: Path, ran: Callable[..., Any]
    ) -> None:
        save(folder / "copy.ipynb", HELPER, DONE)
        save(folder / "week01.ipynb", STUB)
        os.utime(folder / "copy.ipynb", (1, 1))
        ran(HELPER, DONE)
        found = pack("week01")
        assert cells() == [HELPER, DONE]
        assert "2 notebooks here are week01's; copy.ipynb is packed" in found.notes[0]

    def test_the_caller_can_name_the_file(self, folder: Path) -> None:
        save(folder / "one.ipynb", "a = 1")
        save(folder / "two.ipynb", "a = 2")
        pack("week01", "two.ipynb")
        assert cells() == ["a = 2"]

    def test_a_notebook_of_another_assignment_is_refused(self, folder: Path) -> None:
        save(folder / "two.ipynb", assignment="week02")
        with pytest.raises(ValueError, match=r"two\.ipynb is the notebook of week02"):
            pack("week01", "two.ipynb")

    def test_a_notebook_that_lost_its_metadata_gets_them_again(self, folder: Path) -> None:
        save(folder / "one.ipynb", DONE, assignment="")
        pack("week01", "one.ipynb")
        metadata = json.loads(packed()["week01.ipynb"])["metadata"]
        assert metadata["dlcourse"] == {"assignment": "week01"}
        assert metadata["otter"] == {"assignment_name": "week01"}


class TestUnsaved:
    def test_what_was_run_last_takes_the_place_of_what_is_on_disk(
        self, folder: Path, ran: Callable[..., Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        save(folder / "week01.ipynb", HELPER, STUB, SUBMIT)
        ran(HELPER, STUB, DONE)
        submit("week01")
        assert cells() == [HELPER, DONE, SUBMIT]
        out = capsys.readouterr().out
        assert "week01.ipynb on disk is not what you ran last" in out
        assert "the cell that defines softmax" in out

    def test_a_version_that_was_run_and_improved_is_no_difference(
        self, folder: Path, ran: Callable[..., Any]
    ) -> None:
        path = save(folder / "week01.ipynb", HELPER, DONE)
        ran(HELPER, STUB, DONE)
        assert pack("week01").notes == ()
        assert packed()["week01.ipynb"] == path.read_bytes()

    def test_a_new_cell_that_an_answer_needs_is_added_behind_its_neighbour(
        self, folder: Path, ran: Callable[..., Any]
    ) -> None:
        save(folder / "week01.ipynb", "start()", DONE)
        ran("start()", HELPER, DONE)
        found = pack("week01")
        assert cells() == ["start()", HELPER, DONE]
        assert "a cell that defines normal" in found.notes[0]

    def test_a_cell_that_was_run_and_deleted_stays_away(
        self, folder: Path, ran: Callable[..., Any]
    ) -> None:
        save(folder / "week01.ipynb", HELPER, DONE)
        ran(HELPER, DONE, "trial = softmax(np.ones(3))", "print(trial)")
        assert pack("week01").notes == ()

    def test_a_locked_cell_is_never_replaced(self) -> None:
        locked = notebook("def check(answer): ...")
        locked["cells"][0]["metadata"]["nbgrader"] = {"locked": True}
        assert with_last_run(locked, ["def check(answer): return True"]) == (locked, [])

    def test_a_cell_that_only_shares_a_name_with_another_cell_does_not_replace_it(self) -> None:
        saved = notebook("def a(): ...", "def a(): return 1")
        assert with_last_run(saved, ["def a(): return 1"]) == (saved, [])

    def test_a_piece_that_defines_only_a_part_of_a_cell_does_not_replace_it(self) -> None:
        saved = notebook("def a(): ...\ndef b(): ...")
        assert with_last_run(saved, ["def a(): return 1"]) == (saved, [])

    def test_spaces_at_line_ends_are_no_difference(self) -> None:
        saved = notebook("a = 1  \nb = 2\n")
        assert with_last_run(saved, ["a = 1\nb = 2"])[1] == []

    def test_the_file_is_left_as_it_is(self, folder: Path, ran: Callable[..., Any]) -> None:
        path = save(folder / "week01.ipynb", STUB)
        before = path.read_bytes()
        ran(DONE)
        pack("week01")
        assert path.read_bytes() == before

    def test_without_a_file_the_session_is_packed(self, ran: Callable[..., Any]) -> None:
        ran(HELPER, STUB, DONE, HELPER)
        found = pack("week01")
        assert cells() == [STUB, DONE, HELPER]
        assert "file was not found" in found.notes[0]
        assert json.loads(packed()["week01.ipynb"])["metadata"]["dlcourse"]

    def test_with_neither_file_nor_session_it_says_what_to_do(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        submit("week01")
        out = capsys.readouterr().out
        assert out.startswith("Nothing was packed: no notebook of week01 was found")
        assert 'submit("week01", notebook="NAME.ipynb")' in out
        assert list(folder.iterdir()) == []


class TestColab:
    def test_the_open_notebook_is_packed_and_downloaded(
        self, colab: types.SimpleNamespace, ran: Callable[..., Any], capsys: Any
    ) -> None:
        colab.answer = {"ipynb": notebook(HELPER, DONE)}
        ran()
        submit("week01")
        assert cells() == [HELPER, DONE]
        assert [Path(name).name for name in colab.downloads] == ["week01.zip"]
        out = capsys.readouterr().out
        assert "as it is open in your browser" in out
        assert "folder icon" in out

    def test_the_assignment_is_named_even_if_the_page_dropped_it(
        self, colab: types.SimpleNamespace
    ) -> None:
        colab.answer = {"ipynb": notebook(DONE, assignment="")}
        pack("week01")
        metadata = json.loads(packed()["week01.ipynb"])["metadata"]
        assert metadata["dlcourse"] == {"assignment": "week01"}

    @pytest.mark.parametrize("answer", [None, {}, {"ipynb": None}, RuntimeError("no page")])
    def test_a_page_that_does_not_answer_costs_nothing(
        self, colab: types.SimpleNamespace, ran: Callable[..., Any], answer: object
    ) -> None:
        colab.answer = answer
        ran(HELPER, DONE)
        pack("week01")
        assert cells() == [HELPER, DONE]

    def test_a_refused_download_says_where_the_file_is(
        self, colab: types.SimpleNamespace, capsys: pytest.CaptureFixture[str]
    ) -> None:
        colab.answer = {"ipynb": notebook(DONE)}
        colab.error = RuntimeError("blocked")
        submit("week01")
        out = capsys.readouterr().out
        assert "The download did not start (blocked)" in out
        assert "Download beside week01.zip" in out


class TestWeights:
    def test_weights_of_networks_in_the_notebook_are_packed(self, folder: Path) -> None:
        save(folder / "week01.ipynb", 'fit(digits_model, name="digits_model")')
        path = save_weights("digits_model", {"w": np.ones(3)})
        weights.written.clear()
        pack("week01")
        assert packed()["digits_model.weights.npz"] == path.read_bytes()

    def test_weights_of_other_notebooks_stay_away(self, folder: Path) -> None:
        save(folder / "week01.ipynb", "my_digits_model_2 = 1")
        save_weights("digits_model", {"w": np.ones(3)})
        weights.written.clear()
        pack("week01")
        assert list(packed()) == ["week01.ipynb"]

    def test_weights_that_this_session_kept_elsewhere_are_packed(self, folder: Path) -> None:
        save(folder / "week01.ipynb", "pass")
        (folder / "drive").mkdir()
        save_weights("net", {"w": np.ones(3)}, folder / "drive")
        pack("week01")
        assert "net.weights.npz" in packed()

    def test_weights_that_are_too_large_are_left_out_and_named(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(folder / "week01.ipynb", "pass")
        save_weights("big", {"w": np.ones(1000)})
        save_weights("small", {"w": np.ones(3)})
        monkeypatch.setattr(packing, "MAX_WEIGHTS", 2000)
        found = pack("week01")
        assert list(packed()) == ["week01.ipynb", "small.weights.npz"]
        assert "big.weights.npz (8 kB) is left out" in found.notes[0]


class TestZip:
    def test_the_same_contents_give_the_same_bytes(self, folder: Path) -> None:
        save(folder / "week01.ipynb", DONE)
        save_weights("net", {"w": np.ones(3)})
        pack("week01")
        before = Path("week01.zip").read_bytes()
        for path in folder.iterdir():
            os.utime(path, (1, 1))
        pack("week01")
        assert Path("week01.zip").read_bytes() == before

    def test_a_large_notebook_goes_without_its_results(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = notebook(DONE)
        content["cells"][0]["outputs"] = [{"output_type": "stream", "text": "x" * 10_000}]
        (folder / "week01.ipynb").write_text(json.dumps(content))
        monkeypatch.setattr(packing, "MAX_NOTEBOOK", 5_000)
        found = pack("week01")
        assert json.loads(packed()["week01.ipynb"])["cells"][0]["outputs"] == []
        assert "without the results" in found.notes[0]

    def test_a_notebook_that_stays_too_large_is_refused(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        save(folder / "week01.ipynb", "x = 1\n" * 2000)
        monkeypatch.setattr(packing, "MAX_NOTEBOOK", 5_000)
        with pytest.raises(ValueError, match="even without its results"):
            pack("week01")

    def test_prints_what_is_inside_and_what_to_do(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        save(folder / "week01.ipynb", DONE)
        submit("week01")
        assert capsys.readouterr().out == (
            f"Packed week01.zip (1 kB), which holds\n"
            f"  week01.ipynb (1 kB, 1 cell, from week01.ipynb)\n"
            f"Upload this one file where your course collects its work: {folder / 'week01.zip'}\n"
        )

    def test_a_folder_that_cannot_be_written_is_said(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        save(folder / "week01.ipynb", DONE)
        (folder / "week01.zip.part").mkdir()
        submit("week01")
        assert capsys.readouterr().out.startswith("Nothing was packed: ")

    @pytest.mark.parametrize("name", ["../week01", "week 1", ""])
    def test_the_name_of_an_assignment_is_no_path(self, name: str) -> None:
        with pytest.raises(ValueError, match="assignment's name"):
            pack(name)

    def test_a_real_grader_reads_it(self, folder: Path) -> None:
        from autograder.collect.submissions import find_submissions

        save(folder / "my work.ipynb", DONE)
        save_weights("net", {"w": np.ones(3)})
        path = pack("week01").path
        (folder / "work").mkdir()
        (found,) = find_submissions([path], "week01", folder / "work")
        assert found.notebook is not None
        assert list(found.weights) == ["net.weights.npz"]


class TestNames:
    @pytest.mark.parametrize(
        ("source", "names"),
        [
            ("def f(): x = 1\nclass C: ...", {"f", "C"}),
            ("a, (b, *c) = 1, (2, 3)\nd: int = 4", {"a", "b", "c", "d"}),
            ("%%time\n!ls\na = 1", {"a"}),
            ("import numpy as np", set()),
            ("_ = fit()", set()),
            ("def broken(:", set()),
        ],
    )
    def test_defined(self, source: str, names: set[str]) -> None:
        assert defined(source) == names

    def test_used(self) -> None:
        assert used("a = f(b)\nc.d += 1") == {"f", "b", "c"}


def with_report(text: str) -> dict[str, Any]:
    """The notebook of the first project as learners get it, with a text in its report."""
    root = Path(__file__).parents[3]
    given = json.loads((root / "assignments/project01/project01.ipynb").read_text())
    places = [c for c in given["cells"] if "".join(c["source"]) == packing.PLACE_FOR_TEXT]
    assert len(places) == 1
    places[0]["source"] = text
    return dict(given)


@pytest.mark.parametrize("text", [packing.PLACE_FOR_TEXT, "", "\n"])
def test_a_report_that_is_not_written_is_told(folder: Path, text: str) -> None:
    (folder / "mine.ipynb").write_text(json.dumps(with_report(text)))
    notes = pack("project01").notes
    assert len(notes) == 1
    assert "The place of the written report (12 points, marked by a person) is empty" in notes[0]


def test_a_report_that_is_written_needs_no_word(folder: Path) -> None:
    (folder / "mine.ipynb").write_text(json.dumps(with_report("It recognizes every second one.")))
    assert pack("project01").notes == ()


def test_an_empty_cell_below_a_written_report_is_no_place_of_one(folder: Path) -> None:
    made = with_report("It recognizes every second one.")
    made["cells"].append({"cell_type": "markdown", "id": "own", "metadata": {}, "source": ""})
    (folder / "mine.ipynb").write_text(json.dumps(made))
    assert pack("project01").notes == ()


def test_without_the_file_it_is_told_that_text_is_missing(ran: Callable[..., object]) -> None:
    ran(DONE)
    (note,) = pack("week01").notes
    assert "without any text that you wrote" in note
    assert "Save the notebook as week01.ipynb" in note


@pytest.mark.slow
def test_in_a_real_kernel_unsaved_work_is_packed(folder: Path) -> None:
    """The history of a real IPython kernel, which runs a notebook other than the one on disk."""
    import nbformat
    from nbclient import NotebookClient

    save(folder / "week01.ipynb", STUB, SUBMIT)
    live = nbformat.reads(json.dumps(notebook(HELPER, DONE, SUBMIT)), 4)
    NotebookClient(live, resources={"metadata": {"path": str(folder)}}).execute()
    assert cells() == [HELPER, DONE, SUBMIT]
    assert "is not what you ran last" in live.cells[-1].outputs[0].text
