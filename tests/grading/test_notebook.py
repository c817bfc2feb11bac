"""Reading whatever stands in a file that should be a notebook."""

from __future__ import annotations

import json
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.collect import notebook as reader
from autograder.collect.notebook import (
    MAX_CELL,
    MAX_CELLS,
    MAX_FILE,
    Notebook,
    Unreadable,
    read_bytes,
    read_file,
)


def cell(source: Any, kind: str = "code", grade_id: Any = None, **more: Any) -> dict[str, Any]:
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id is not None else {}
    return {"cell_type": kind, "source": source, "metadata": metadata, **more}


def book(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def read(value: Any, encoding: str = "utf-8") -> Notebook | Unreadable:
    return read_bytes(json.dumps(value, ensure_ascii=False).encode(encoding))


def notebook(value: Any, encoding: str = "utf-8") -> Notebook:
    found = read(value, encoding)
    assert isinstance(found, Notebook), found
    return found


def reason(data: bytes) -> str:
    found = read_bytes(data)
    assert isinstance(found, Unreadable), found
    return found.reason


def is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and "\n" not in text and len(text) <= 300


def test_cells_come_in_order_with_their_kinds_texts_and_ids() -> None:
    found = notebook(book(cell("# T", "markdown"), cell("x = 1", grade_id="q__answer")))
    assert [(c.index, c.kind, c.source, c.grade_id) for c in found.cells] == [
        (0, "markdown", "# T", None),
        (1, "code", "x = 1", "q__answer"),
    ]
    assert [c.index for c in found.code] == [1]


def test_a_source_may_be_a_list_of_lines() -> None:
    assert notebook(book(cell(["a = 1\n", "b = 2"]))).cells[0].source == "a = 1\nb = 2"


def test_the_assignment_is_read_from_metadata_ours_before_otters() -> None:
    both = book(cell("1"), otter={"assignment_name": "week02"}, dlcourse={"assignment": "week01"})
    assert notebook(both).assignment == "week01"
    assert notebook(book(cell("1"), otter={"assignment_name": "week02"})).assignment == "week02"
    assert notebook(book(cell("1"))).assignment == ""


def test_format_three_is_read_from_all_its_worksheets() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python"}]}
    other = {"cells": [{"cell_type": "heading", "source": "T", "level": 1}]}
    found = notebook({"nbformat": 3, "metadata": {}, "worksheets": [sheet, other]})
    assert found.version == 3
    assert [(c.kind, c.source) for c in found.cells] == [("code", "x = 1"), ("raw", "T")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_encodings_are_read(encoding: str) -> None:
    assert notebook(book(cell("x = 'ü'")), encoding).cells[0].source == "x = 'ü'"


def test_lines_without_line_ends_are_lines() -> None:
    assert notebook(book(cell(["a = 1", "b = 2", ""]))).cells[0].source == "a = 1\nb = 2\n"


def test_lines_of_which_one_has_its_end_are_joined_as_the_format_says() -> None:
    assert notebook(book(cell(["a = 1\n", "b = ", "2"]))).cells[0].source == "a = 1\nb = 2"


@pytest.mark.parametrize(
    "script",
    [
        b"# %%\nimport numpy as np\n",
        b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\nx = 1\n",
        b"import numpy as np\n\n\ndef f():\n    return 1\n",
        b'"""Week 1"""\nfrom dlcourse import data\n',
    ],
)
def test_a_script_is_called_a_script(script: bytes) -> None:
    found = read_bytes(script)
    assert isinstance(found, Unreadable)
    assert "Python script" in found.reason


def test_windows_and_old_line_ends_become_line_feeds() -> None:
    data = json.dumps(book(cell("a\r\nb\rc")), indent=1).replace("\n", "\r\n").encode()
    found = read_bytes(data)
    assert isinstance(found, Notebook)
    assert found.cells[0].source == "a\nb\nc"


def test_bytes_that_are_no_text_cost_a_note_and_no_marks() -> None:
    data = json.dumps(book(cell("x = 'CUT'"))).encode().replace(b"CUT", b"\xe9")
    found = read_bytes(data)
    assert isinstance(found, Notebook)
    assert found.cells[0].source == "x = '�'"
    assert any("not Unicode" in n for n in found.notes)


def test_null_characters_are_taken_out_wherever_they_stand() -> None:
    data = json.dumps(book(cell("x = 1\0"))).encode().replace(b'"cells"', b'\0"cells"') + b"\0\0"
    found = read_bytes(data)
    assert isinstance(found, Notebook)
    assert found.cells[0].source == "x = 1"
    assert any("Null" in n for n in found.notes)


def test_half_a_surrogate_pair_never_reaches_what_encodes_it() -> None:
    found = read_bytes(rb'{"cells": [{"cell_type": "code", "source": "s = \"\ud800\""}]}')
    assert isinstance(found, Notebook)
    found.cells[0].source.encode()


def test_of_a_key_that_comes_twice_the_last_counts() -> None:
    found = read_bytes(b'{"cells": [], "cells": [{"source": "a", "source": "b"}]}')
    assert isinstance(found, Notebook)
    assert [c.source for c in found.cells] == ["b"]


def test_values_that_json_does_not_know_do_no_harm() -> None:
    data = b'{"cells": [{"source": "x", "outputs": [NaN, -Infinity]}], "nbformat": 1e999}'
    found = read_bytes(data)
    assert isinstance(found, Notebook)


@pytest.mark.parametrize("bad", ["", "a b", "é", "x" * 201, 7, ["x"], {"a": 1}, "../x"])
def test_an_id_that_no_release_gives_is_no_id(bad: Any) -> None:
    assert notebook(book(cell("x", grade_id=bad))).cells[0].grade_id is None


@pytest.mark.parametrize("metadata", [None, [], "x", 1, {"nbgrader": []}, {"nbgrader": None}])
def test_metadata_of_another_shape_are_passed_over(metadata: Any) -> None:
    odd = {"cell_type": "code", "source": "x = 1", "metadata": metadata}
    assert notebook(book(odd)).cells[0].source == "x = 1"
    assert notebook({"cells": [cell("1")], "metadata": metadata}).assignment == ""


def test_what_is_no_cell_is_noted_and_the_others_keep_their_places() -> None:
    found = notebook({"cells": [None, 3, cell("x = 1"), cell({"a": 1})]})
    assert [c.source for c in found.cells] == ["", "", "x = 1", ""]
    assert len(found.notes) == 3


def test_another_language_is_noted() -> None:
    found = notebook(book(cell("x <- 1"), language_info={"name": "R"}))
    assert any("R" in n for n in found.notes)
    assert (
        notebook(book(cell("1"), kernelspec={"name": "conda-env-x", "language": "python"})).notes
        == ()
    )


def test_fifty_megabytes_of_outputs_are_stepped_over_in_little_memory() -> None:
    text = 'a \\\\ \\"quoted\\" line [with {brackets\\n'
    lines = ",".join([f'"{text}"'] * 1_300_000)
    data = (
        '{"cells": [{"cell_type": "code", "outputs": [{"text": [' + lines + "]}], "
        '"source": "x = 1"}], "nbformat": 4}'
    ).encode()
    assert len(data) > 50e6
    tracemalloc.start()
    found = read_bytes(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Notebook)
    assert found.cells[0].source == "x = 1"
    assert peak < 2**20


BOMBS = {
    "deep lists": b'{"cells":' + b"[" * 5_000_000,
    "deep lists, closed": b'{"x":' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}",
    "deep metadata": b'{"cells":[],"metadata":{"otter":' + b"[" * 9_000 + b"]" * 9_000 + b"}}",
    "many cells": b'{"cells":[' + b"{}," * 3_000_000,
    "many keys": b"{" + b'"a":1,' * 3_000_000,
    "a key without end": b'{"' + b'\\"' * 5_000_000,
    "strings without end": b'{"cells":["' + b'a","' * 2_000_000,
    "a number without end": b'{"nbformat":' + b"9" * 5_000_000 + b',"cells":[]}',
    "spaces": b" " * 20_000_000 + b"{",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_in_bounded_memory(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The bounds themselves take seconds to reach while memory is traced.
    monkeypatch.setattr(reader, "MAX_BRACKETS", reader.MAX_BRACKETS // 20)
    monkeypatch.setattr(reader, "MAX_WALKED", reader.MAX_WALKED // 20)
    tracemalloc.start()
    found = read_bytes(BOMBS[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20
    assert not isinstance(found, Unreadable) or is_sentence(found.reason)


def test_limits_are_named() -> None:
    assert f"{MAX_CELLS:,} cells" in reason(
        b'{"cells":[' + b",".join([b"{}"] * (MAX_CELLS + 1)) + b"]}"
    )
    assert "2 MB of code" in reason(json.dumps(book(cell("x" * (MAX_CELL + 1)))).encode())
    long = notebook(book(cell("x" * (MAX_CELL + 1), "markdown"), cell("y = 1")))
    assert [c.source for c in long.cells] == ["", "y = 1"]
    assert "too long" in long.notes[0]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "empty"),
        (b"\0" * 5000, "blank bytes"),
        (b"import numpy as np\n", "a Python script"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"<html><body>", "web page"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "zip"),
        (b"\x89PNG....", "image"),
        (b"[1, 2]", "no cells"),
        (b'"text"', "no cells"),
        (b'{"a": 1}', "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b'{"url": "https://example.org", "doc_id": "x"}', "link"),
        (b'{"cells": [{"source": "x = 1', "cut short"),
        (b'{"cells": [{"source": "x"}', "cut short"),
        (b'{"cells": [1 2]}', "line 1"),
        (b'{\n"cells": [],\n}', "line 3"),
        (b'{"cells" []}', "':'"),
        (b"{cells: []}", "a key"),
        (b"<<<<<<< HEAD\n{}", "does not begin"),
    ],
)
def test_what_is_no_notebook_is_called_by_its_name(data: bytes, part: str) -> None:
    assert part in reason(data)
    assert is_sentence(reason(data))


def test_files_that_are_none_are_not_opened(tmp_path: Path) -> None:
    target = tmp_path / "real.ipynb"
    target.write_text(json.dumps(book(cell("x"))))
    (tmp_path / "link.ipynb").symlink_to(target)
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("link", "pipe", "folder", "missing"):
        found = read_file(tmp_path / f"{name}.ipynb")
        assert isinstance(found, Unreadable)
        assert is_sentence(found.reason)
        assert str(tmp_path) not in found.reason
    assert isinstance(read_file(target), Notebook)


def test_a_file_over_the_limit_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "big.ipynb"
    with path.open("wb") as file:
        file.truncate(MAX_FILE * 10)
    found = read_file(path)
    assert isinstance(found, Unreadable)
    assert "100 MB" in found.reason


def _is_answer(found: Notebook | Unreadable) -> bool:
    if isinstance(found, Unreadable):
        return is_sentence(found.reason)
    for one in found.cells:
        one.source.encode()  # can be sent and compiled
        assert "\r" not in one.source
        assert "\0" not in one.source
    return all(is_sentence(note) for note in found.notes)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | JSON,
        "source": st.text() | st.lists(st.text()) | JSON,
        "input": JSON,
        "metadata": st.fixed_dictionaries({"nbgrader": JSON}) | JSON,
        "outputs": JSON,
    },
)
BOOKS = st.fixed_dictionaries(
    {"cells": st.lists(CELLS | JSON) | JSON},
    optional={"metadata": JSON, "nbformat": JSON, "worksheets": JSON, "a": JSON},
)


@settings(max_examples=300)
@given(st.binary(max_size=2000))
def test_arbitrary_bytes_give_a_notebook_or_a_reason(data: bytes) -> None:
    assert _is_answer(read_bytes(data))
    assert _is_answer(read_bytes(b'{"cells": [' + data))


@settings(max_examples=300)
@given(BOOKS)
def test_any_json_gives_a_notebook_or_a_reason(value: Any) -> None:
    assert _is_answer(read_bytes(json.dumps(value).encode()))


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.integers(1, 20))
def test_mutated_notebooks_give_a_notebook_or_a_reason(seed: int, changes: int) -> None:
    rng = random.Random(seed)
    data = bytearray(
        json.dumps(book(cell(["a\n", "b"], grade_id="q__answer"), otter={"a": 1})), "utf-8"
    )
    for _ in range(changes):
        at = rng.randrange(len(data))
        end = at + rng.randrange(4)
        data[at:end] = rng.choice(
            [b"", b"{", b"]", b'"', b"\\", b"\0", b"\xff", data[at : at + 30]]
        )
        data = data or bytearray(b" ")
    assert _is_answer(read_bytes(bytes(data)))


@settings(max_examples=200)
@given(BOOKS)
def test_reading_agrees_with_json_on_the_sources(value: Any) -> None:
    data = json.dumps(value)
    found = read_bytes(data.encode())
    cells = json.loads(data)["cells"]
    if isinstance(found, Notebook) and isinstance(cells, list):
        for one, given_cell in zip(found.cells, cells, strict=True):
            source = given_cell.get("source") if isinstance(given_cell, dict) else None
            if isinstance(source, str) and not set(source) & set("\r\0\ufeff\ufffd"):
                assert one.source == source
