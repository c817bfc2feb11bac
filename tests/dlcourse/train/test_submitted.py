"""In a grader that was given weights, they take the place of the training, if they fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcourse import train
from dlcourse.train import submitted
from dlcourse.train.weights import read_arrays, read_header, write_arrays

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = (X.sum(axis=1, keepdims=True) > 0).astype(np.float32)


def network(units: int = 4) -> Any:
    keras.utils.set_random_seed(units)
    made = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(units, activation="tanh"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    made.compile("adam", "binary_crossentropy")
    return made


def fit(folder: Path, units: int = 4, x: Any = X, epochs: int = 2) -> tuple[Any, train.History]:
    model = network(units)
    history = train.fit(model, x, Y, epochs=epochs, name="net", folder=folder)
    return model, history


@pytest.fixture
def handed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the weights of a training, in a process that is a grader's."""
    fit(tmp_path / "theirs")
    folder = tmp_path / "grader"
    folder.mkdir()
    (folder / "net.weights.npz").write_bytes((tmp_path / "theirs/net.weights.npz").read_bytes())
    monkeypatch.setenv(submitted.VARIABLE, submitted.SUBMITTED)
    monkeypatch.setattr(submitted, "used", {})
    return folder


def changed(folder: Path) -> bool:
    """Whether a training wrote its file."""
    return (folder / ".dlcourse").exists()


def test_weights_that_fit_are_loaded_and_nothing_is_trained(handed_in: Path) -> None:
    model, history = fit(handed_in)
    arrays = read_arrays(handed_in / "net.weights.npz")
    del arrays["header"]
    for ours, theirs in zip(model.get_weights(), arrays.values(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert len(history.history["loss"]) == 2
    assert submitted.used == {"net": ""}
    assert not changed(handed_in)


def test_the_weights_of_another_network_are_refused_and_it_is_trained(handed_in: Path) -> None:
    fit(handed_in, units=5)
    assert "does not fit" in submitted.used["net"]
    assert changed(handed_in)


def test_weights_of_other_data_are_refused(handed_in: Path) -> None:
    fit(handed_in, x=X + 1)
    assert "other data" in submitted.used["net"]
    assert changed(handed_in)


def test_weights_of_a_training_that_had_not_ended_are_refused(handed_in: Path) -> None:
    fit(handed_in, epochs=3)
    assert "had not ended" in submitted.used["net"]
    assert changed(handed_in)


def test_missing_weights_are_trained(handed_in: Path) -> None:
    (handed_in / "net.weights.npz").unlink()
    fit(handed_in)
    assert submitted.used["net"] == "no such weights came"
    assert changed(handed_in)


@pytest.mark.parametrize(
    "header",
    [
        None,
        [],
        {},
        {"history": 1},
        {
            "history": {"loss": [1.0]},
            "fingerprint": {},
            "seed": 1,
            "monitor": "loss",
            "best_epoch": 1,
            "ended_at": None,
        },
        {
            "history": {"loss": ["x"]},
            "fingerprint": {"data": ""},
            "seed": "a",
            "monitor": "loss",
            "best_epoch": 1,
            "ended_at": None,
        },
    ],
)
def test_a_header_that_tells_nothing_is_refused(handed_in: Path, header: object) -> None:
    arrays = read_arrays(handed_in / "net.weights.npz")
    del arrays["header"]
    write_arrays(handed_in / "net.weights.npz", arrays, header)
    fit(handed_in)
    assert "how they were trained" in submitted.used["net"]


def test_a_damaged_file_is_refused(handed_in: Path) -> None:
    (handed_in / "net.weights.npz").write_bytes(b"PK\x03\x04 nothing")
    fit(handed_in)
    assert "damaged" in submitted.used["net"]


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1j])
def test_weights_to_which_no_network_can_be_trained_are_refused(
    handed_in: Path, odd: complex
) -> None:
    arrays = read_arrays(handed_in / "net.weights.npz")
    header = read_header(arrays)
    name, first = next(iter(arrays.items()))
    arrays[name] = np.full(first.shape, odd, np.complex64 if odd == 1j else first.dtype)
    write_arrays(handed_in / "net.weights.npz", arrays, header)
    model, _ = fit(handed_in)
    assert name in submitted.used["net"]
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_outside_of_a_grader_weights_beside_the_notebook_change_nothing(
    handed_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(submitted.VARIABLE)
    fit(handed_in)
    assert submitted.used == {}
    assert changed(handed_in)


class TestKeep:
    def test_arrays_that_are_made_are_kept(self, tmp_path: Path) -> None:
        made = train.keep("params", lambda: {"w": [[1, 2]], "b": np.zeros(2)}, tmp_path)
        assert [*made] == ["w", "b"]
        np.testing.assert_array_equal(train.load_weights("params", folder=tmp_path)["w"], [[1, 2]])

    def test_a_learners_session_makes_them_each_time(self, tmp_path: Path) -> None:
        train.keep("params", lambda: {"w": [1.0]}, tmp_path)
        assert train.keep("params", lambda: {"w": [2.0]}, tmp_path)["w"] == 2.0

    def test_a_grader_that_was_given_them_does_not(self, handed_in: Path) -> None:
        write_arrays(handed_in / "params.weights.npz", {"w": np.ones(3)})
        found = train.keep("params", lambda: pytest.fail("was run"), handed_in)
        np.testing.assert_array_equal(found["w"], np.ones(3))
        assert submitted.used == {"params": ""}

    def test_arrays_of_complex_numbers_are_made_anew(self, handed_in: Path) -> None:
        write_arrays(handed_in / "params.weights.npz", {"w": np.full(3, 1j)})
        assert train.keep("params", lambda: {"w": [2.0]}, handed_in)["w"] == 2.0
        assert "complex" in submitted.used["params"]

    def test_a_grader_that_was_not_given_them_makes_them(self, handed_in: Path) -> None:
        assert train.keep("params", lambda: {"w": [2.0]}, handed_in)["w"] == 2.0
        assert submitted.used["params"] == "no such weights came"

    def test_a_list_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError, match="arrays by name"):
            train.keep("params", lambda: [1, 2], tmp_path)  # type: ignore[arg-type, return-value]
