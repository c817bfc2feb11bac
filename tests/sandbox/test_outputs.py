"""Records of cells: bounded where they are made, checked where they arrive."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.outputs import CellRecord, OutputLimits, Recorder, clip, shown

STREAM = {"output_type": "stream", "name": "stdout", "text": "x"}
RECORD = asdict(CellRecord("ok", [], 0.5, 1))


def test_progress_is_squeezed_before_anything_is_cut() -> None:
    recorder = Recorder(OutputLimits(cell=1000))
    for step in range(1000):
        recorder.stream("stdout", f"\rstep {step}")
    assert recorder.end() == [
        {"output_type": "stream", "name": "stdout", "text": "step 999"},
    ]


def test_the_limit_counts_bytes_and_cuts_between_characters() -> None:
    recorder = Recorder(OutputLimits(cell=5))
    recorder.stream("stdout", "ééé")
    assert recorder.end()[0]["text"] == "éé"


def test_many_displays_are_bounded() -> None:
    recorder = Recorder(OutputLimits(cell=10**9, notebook=10**9))
    for _ in range(1500):
        recorder.display({"text/plain": "x"})
    assert len(recorder.end()) == 1001


def test_bytes_become_base64() -> None:
    recorder = Recorder()
    recorder.display({"image/png": b"\x89PNG"})
    assert recorder.end()[0]["data"] == {"image/png": "iVBORw=="}


def test_what_is_no_json_is_text() -> None:
    recorder = Recorder()
    recorder.display({"text/plain": 3, "application/json": {"a": object}})
    (output,) = recorder.end()
    assert output["data"]["text/plain"] == "3"
    assert isinstance(output["data"]["application/json"]["a"], str)


def test_an_error_is_kept_when_there_is_no_room() -> None:
    recorder = Recorder(OutputLimits(cell=1))
    recorder.stream("stdout", "xxxx")
    recorder.error("ValueError", "m" * 10_000, ["line"] * 100_000)
    error = next(o for o in recorder.end() if o["output_type"] == "error")
    assert len(error["evalue"]) < 2100
    assert len("\n".join(error["traceback"])) < 21_000


def test_a_muted_recorder_keeps_nothing() -> None:
    recorder = Recorder()
    recorder.muted = True
    recorder.stream("stdout", "x")
    recorder.display({"text/plain": "x"})
    recorder.error("E", "x", [])
    assert recorder.end() == []


@pytest.mark.parametrize(
    ("written", "left"),
    [("a\rb", "b"), ("a\nb\rc\nd", "a\nc\nd"), ("a\r\n", "a\r\n"), ("a\r", "a\r"), ("\r\rx", "x")],
)
def test_a_carriage_return_overwrites(written: str, left: str) -> None:
    assert shown(written) == left


def test_clipping_keeps_both_ends() -> None:
    assert clip("abcdefghij", 4) == "ab\n[... 6 characters left out ...]\nij"


def test_a_record_arrives_unchanged() -> None:
    sent = CellRecord("error", [STREAM], 1.5, 3, "ValueError", "no")
    assert CellRecord.read(asdict(sent)) == sent


@pytest.mark.parametrize(
    "change",
    [
        {"status": "correct"},
        {"status": None},
        {"outputs": {}},
        {"outputs": [1]},
        {"outputs": [{"output_type": "verdict"}]},
        {"outputs": [STREAM | {"text": 1}]},
        {"outputs": [STREAM | {"name": "score"}]},
        {"outputs": [{"output_type": "display_data", "data": {"text/html": 3}, "metadata": {}}]},
        {"outputs": [{"output_type": "display_data", "data": {"a": b"x"}, "metadata": {}}]},
        {"outputs": [{"output_type": "display_data", "data": {(1,): "x"}, "metadata": {}}]},
        {
            "outputs": [
                {"output_type": "display_data", "data": {"a+json": float("nan")}, "metadata": {}}
            ]
        },
        {"outputs": [{"output_type": "display_data", "data": {"ajson": {}}, "metadata": {}}]},
        {"outputs": [{"output_type": "error", "ename": "", "evalue": "", "traceback": [1]}]},
        {
            "outputs": [
                {
                    "output_type": "execute_result",
                    "data": {},
                    "metadata": {},
                    "execution_count": -1,
                }
            ]
        },
        {"seconds": "fast"},
        {"execution_count": 1.5},
        {"execution_count": -1},
        {"ename": 3},
        {"verdict": "pass"},
        {"bound": ["softmax"]},
        {"bound": ("softmax", 3)},
        {"bound": ("not_watched",)},
        {"bound": ("softmax",) * 1_000},
    ],
)
def test_a_forged_record_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"record|output"):
        CellRecord.read({**RECORD, **change}, ["softmax"])


def test_a_record_says_of_the_watched_names_which_the_cell_bound() -> None:
    assert CellRecord.read({**RECORD, "bound": ("softmax",)}, ["softmax"]).bound == ("softmax",)


@pytest.mark.parametrize(
    ("data", "metadata"),
    [
        ({"application/json": {"loss": [float("nan"), float("inf")]}}, None),
        ({"text/x+json": {"a": 1}}, None),
        ({"text/plain": "x"}, {"width": float("nan")}),
        ({"text/plain": "x"}, ["a", "list"]),
    ],
)
def test_whatever_is_displayed_makes_a_record_that_is_accepted(
    data: dict[str, Any], metadata: Any
) -> None:
    recorder = Recorder()
    recorder.begin()
    recorder.display(data, metadata)
    recorder.result(data, metadata, 1)
    assert len(CellRecord.read({**RECORD, "outputs": recorder.end()}).outputs) == 2


def test_parts_that_nbformat_does_not_know_are_dropped() -> None:
    read = CellRecord.read({**RECORD, "outputs": [STREAM | {"score": 5}]})
    assert read.outputs == [STREAM]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text(max_size=9), t, max_size=3),
        max_leaves=8,
    )
)
def test_any_value_gives_a_record_or_a_value_error(value: object) -> None:
    for sent in (value, {**RECORD, "outputs": [value]}, {**RECORD, "outputs": value}):
        try:
            CellRecord.read(sent)
        except ValueError:
            continue
