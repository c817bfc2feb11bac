"""Training keeps its best weights, goes on after a disconnect, and says what it did."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from dlcourse import session
from dlcourse.train import History, fit, fitting, load_weights, weights
from tests.dlcourse.train.small_network import network, validation, x, y


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained(model: Any = None, epochs: int = 3, **options: Any) -> History:
    options = {"validation_data": validation, "name": "net", **options}
    return fit(network() if model is None else model, x, y, epochs=epochs, **options)


def same(one: Any, other: Any) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


class StopAt(keras.callbacks.Callback):  # type: ignore[misc]
    """Raises like a person's interrupt, in the middle of an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.epoch == self.at and batch == 1:
            raise KeyboardInterrupt


def broken_off(model: Any = None, at: int = 2, epochs: int = 4, **options: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        trained(model, epochs, callbacks=[StopAt(at)], **options)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_trains_and_reports_every_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    history = trained(epochs=3)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.history.values()} == {3}
    assert history.history["loss"][2] < history.history["loss"][0]
    out = said(capsys)
    assert out.count("\n") == 1
    assert "net: 3 epochs in" in out
    assert "net.weights.npz" in out


def test_the_network_ends_with_the_weights_of_its_best_epoch(folder: Path) -> None:
    model = network()
    history = trained(model, epochs=8)
    values = history.history["val_accuracy"]
    assert history.best == max(values)
    assert history.best_epoch == values.index(max(values)) + 1
    assert model.evaluate(*validation, verbose=0)[1] == pytest.approx(max(values))
    fresh = network(seed=9)
    load_weights("net", fresh)
    assert same(fresh, model)


def test_the_least_loss_is_the_best_and_the_greatest_accuracy() -> None:
    by_loss = trained(epochs=8, monitor="val_loss")
    values = by_loss.history["val_loss"]
    assert by_loss.best_epoch == values.index(min(values)) + 1


@pytest.mark.parametrize(
    ("monitor", "value", "best", "better"),
    [
        ("val_accuracy", 0.9, 0.8, True),
        ("val_accuracy", 0.8, 0.8, False),
        ("val_mean_absolute_error", 0.9, 0.8, False),
        ("val_loss", 0.1, math.nan, True),
        ("val_loss", math.nan, 0.1, False),
    ],
)
def test_what_counts_as_better(monitor: str, value: float, best: float, better: bool) -> None:
    assert fitting._better(monitor, value, best) is better


def test_a_name_that_is_not_measured_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"'val_f1' is not measured.*'val_accuracy'"):
        trained(monitor="val_f1")


def test_training_learns_as_keras_itself_does() -> None:
    ours, theirs = network(traced=True), network(traced=True)
    trained(ours, epochs=15)
    theirs.fit(x, y, epochs=15, verbose=0)
    losses = [model.evaluate(x, y, verbose=0)[0] for model in (ours, theirs)]
    assert losses[0] == pytest.approx(losses[1], rel=0.3)


def test_the_seed_fixes_the_result(folder: Path) -> None:
    one, other = network(), network()
    trained(one)
    trained(other, folder=folder / "elsewhere")
    assert same(one, other)


class TestDisconnect:
    @pytest.mark.slow
    def test_a_killed_training_ends_as_if_it_had_never_stopped(
        self, root: Path, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        script = textwrap.dedent("""
            import os, signal
            import keras
            from dlcourse.train import fit
            from tests.dlcourse.train.small_network import network, validation, x, y

            class Kill(keras.callbacks.Callback):
                def on_epoch_begin(self, epoch, logs=None):
                    self.epoch = epoch
                def on_train_batch_end(self, batch, logs=None):
                    if self.epoch == 3 and batch == 1:
                        os.kill(os.getpid(), signal.SIGKILL)

            fit(network(traced=True), x, y, validation_data=validation, epochs=6, name="net",
                callbacks=[Kill()])
        """)
        environment = os.environ | {"PYTHONPATH": str(root)}
        killed = subprocess.run(
            [sys.executable, "-c", script], cwd=folder, env=environment, check=False
        )
        assert killed.returncode == -signal.SIGKILL

        resumed, whole = network(traced=True), network(traced=True)
        history = trained(resumed, epochs=6)
        assert "net: going on after epoch 3 of 6" in said(capsys)
        expected = trained(whole, epochs=6, folder=folder / "elsewhere")
        assert history == expected
        assert same(resumed, whole)

    def test_the_optimizer_goes_on_with_its_own_state(self, folder: Path) -> None:
        broken_off()
        resumed, whole = network(), network()
        trained(resumed, epochs=4, monitor=None)
        trained(whole, epochs=4, folder=folder / "elsewhere")
        for one, other in zip(resumed.optimizer.variables, whole.optimizer.variables, strict=True):
            assert np.array_equal(one, other)

    def test_the_best_weights_are_on_disk_while_it_trains(self, folder: Path) -> None:
        broken_off(at=1)
        load_weights("net", network())

    def test_an_interrupt_says_how_to_go_on(self, capsys: pytest.CaptureFixture[str]) -> None:
        broken_off(at=2)
        assert said(capsys) == "net: interrupted in epoch 3; run this again to go on.\n"

    def test_the_interrupted_network_itself_goes_on(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        model, whole = network(), network()
        broken_off(model)
        trained(model, epochs=4)
        assert "going on after epoch 2 of 4" in said(capsys)
        trained(whole, epochs=4, folder=folder / "elsewhere")
        assert same(model, whole)

    def test_without_a_seed_it_goes_on_too(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        broken_off(network(seed=1))
        monkeypatch.setattr(fitting, "_seed", lambda: None)
        trained(network(seed=2), epochs=4)
        assert "going on after epoch 2 of 4" in said(capsys)

    def test_another_seed_begins_anew(self, capsys: pytest.CaptureFixture[str]) -> None:
        broken_off(network(seed=1))
        trained(network(seed=2), epochs=4)
        assert "the weights at the start changed since the last training; training anew" in said(
            capsys
        )

    def test_a_torn_training_file_is_reported_and_replaced(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        broken_off()
        path = folder / ".dlcourse" / "net.training.npz"
        path.write_bytes(path.read_bytes()[:500])
        assert len(trained(epochs=2).epoch) == 2
        assert "cannot be read" in said(capsys)


class TestRunAgain:
    def test_a_finished_training_is_not_repeated(self, capsys: pytest.CaptureFixture[str]) -> None:
        first, second = network(), network()
        before = trained(first)
        capsys.readouterr()
        after = trained(second)
        out = said(capsys)
        assert "already trained" in out
        assert "restart=True" in out
        assert after == before
        assert same(first, second)

    def test_running_only_the_training_cell_again_does_not_train_on(self) -> None:
        model = network()
        trained(model)
        steps = int(model.optimizer.iterations.numpy())
        trained(model)
        assert int(model.optimizer.iterations.numpy()) == steps

    def test_lost_weights_are_written_again(self, folder: Path) -> None:
        trained()
        weights.weights_file("net").unlink()
        trained()
        load_weights("net", network())

    def test_restart_trains_anew(self, capsys: pytest.CaptureFixture[str]) -> None:
        trained()
        capsys.readouterr()
        trained(restart=True)
        assert "3 epochs in" in said(capsys)

    def test_more_epochs_go_on_from_the_last(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        trained(epochs=2)
        more, whole = network(), network()
        trained(more, epochs=4)
        assert "going on after epoch 2 of 4, where the last training ended" in said(capsys)
        trained(whole, epochs=4, folder=folder / "elsewhere")
        assert same(more, whole)

    def test_fewer_epochs_train_anew(self, capsys: pytest.CaptureFixture[str]) -> None:
        trained(epochs=4)
        history = trained(epochs=2)
        assert len(history.epoch) == 2
        assert "had 4 epochs, more than now; training anew" in said(capsys)

    @pytest.mark.parametrize(
        ("change", "called"),
        [
            ({"model": {"units": 9}}, "the network and the weights at the start"),
            ({"model": {"rate": 0.02}}, "the optimizer, the loss or another setting"),
            ({"fit": {"batch_size": 16}}, "the optimizer, the loss or another setting"),
            ({"fit": {"class_weight": {0: 1, 1: 2}}}, "the optimizer, the loss or another setting"),
            ({"fit": {"validation_data": (x[:9], y[:9])}}, "the data"),
        ],
    )
    def test_a_change_trains_anew_and_is_named(
        self, change: dict[str, dict[str, Any]], called: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        trained()
        capsys.readouterr()
        trained(network(**change.get("model", {})), **change.get("fit", {}))
        assert f"net: {called} changed since the last training; training anew.\n" in said(capsys)

    def test_a_changed_layer_of_ones_own_is_a_changed_network(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def own(factor: float) -> Any:
            class Scaled(keras.layers.Layer):  # type: ignore[misc]
                def call(self, inputs: Any) -> Any:
                    return inputs * 2.0 if factor == 2 else inputs * 3.0

            class Scaled3(keras.layers.Layer):  # type: ignore[misc]
                def call(self, inputs: Any) -> Any:
                    return inputs * 3.0

            Scaled3.__name__ = Scaled3.__qualname__ = "Scaled"
            Scaled3.call.__qualname__ = Scaled.call.__qualname__
            keras.utils.set_random_seed(1)
            layer = Scaled() if factor == 2 else Scaled3(name="scaled")
            model = keras.Sequential([keras.Input((6,)), layer, keras.layers.Dense(2)])
            model.compile(
                "sgd",
                keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                run_eagerly=True,
            )
            return model

        trained(own(2))
        trained(own(2))
        assert "already trained" in said(capsys)
        trained(own(3))
        assert "the network changed" in said(capsys)

    def test_names_that_keras_counts_up_do_not_matter(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        one, other = network(), network()
        assert one.layers[0].name != other.layers[0].name
        trained(one)
        trained(other)
        assert "already trained" in said(capsys)


class TestPatience:
    def test_ends_when_nothing_gets_better(self) -> None:
        history = trained(epochs=60, patience=2)
        assert len(history.epoch) == history.best_epoch + 2

    def test_an_ended_training_stays_ended(self, capsys: pytest.CaptureFixture[str]) -> None:
        trained(epochs=60, patience=2)
        trained(epochs=60, patience=2)
        assert "already trained" in said(capsys)

    def test_more_patience_goes_on(self) -> None:
        short = trained(epochs=60, patience=1)
        assert len(trained(epochs=60, patience=4).epoch) > len(short.epoch)

    def test_a_training_ended_by_a_callback_stays_ended(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def stop() -> Any:
            return keras.callbacks.EarlyStopping("val_loss", patience=0, start_from_epoch=1)

        trained(epochs=60, callbacks=[stop()])
        trained(epochs=60, callbacks=[stop()])
        assert "already trained" in said(capsys)


class TestInputs:
    def test_a_network_without_an_input_is_built_from_the_data(self) -> None:
        model = keras.Sequential([keras.layers.Dense(2)])
        model.compile(
            "sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True
        )
        assert len(trained(model).epoch) == 3

    def test_a_data_set_is_passed_through(self) -> None:
        import tensorflow as tf

        batches = tf.data.Dataset.from_tensor_slices((x.astype("float32"), y)).batch(32)
        history = fit(network(), batches, epochs=2, name="net", validation_data=validation)
        assert len(history.epoch) == 2

    def test_inputs_by_name_and_sample_weights(self) -> None:
        a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
        model = keras.Model(
            {"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.Concatenate()([a, b]))
        )
        model.compile("sgd", "mse", run_eagerly=True)
        inputs = {"a": x[:, :3], "b": x[:, 3:]}
        history = fit(model, inputs, y, epochs=2, name="net", sample_weight=np.zeros(len(y)))
        assert history.history["loss"] == [0.0, 0.0]
        assert history.monitor == "loss"

    def test_every_example_is_seen_once_an_epoch_in_a_new_order(self) -> None:
        arguments = fitting._batches(
            np.arange(10.0), None, fitting._Training({}, seed=3), 2, 4, True, {}
        )
        batches = [np.asarray(batch[0]) for batch in arguments["x"]]
        assert [len(batch) for batch in batches] == [4, 4, 2, 4, 4, 2]
        first, second = np.concatenate(batches[:3]), np.concatenate(batches[3:])
        assert sorted(first) == sorted(second) == list(range(10))
        assert list(first) != list(second)
        assert arguments["steps_per_epoch"] == 3

    def test_an_uncompiled_network_is_refused(self) -> None:
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2)])
        with pytest.raises(ValueError, match="compile"):
            trained(model)

    def test_less_than_one_epoch_is_refused(self) -> None:
        with pytest.raises(ValueError, match="1 or more, got 0"):
            trained(epochs=0)


def test_where_nothing_can_be_written_it_trains_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "blocked").touch()
    history = trained(folder=folder / "blocked")
    assert len(history.epoch) == 3
    assert said(capsys).count("cannot be written") == 1


def test_a_person_sees_one_line_that_is_rewritten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "in_open_notebook", lambda: True)
    trained()
    out = said(capsys)
    assert "epoch 3 of 3, val_accuracy" in out
    assert out.count("\n") == 1
    assert out.rsplit("\r", 1)[-1].startswith("net: 3 epochs")


def test_a_history_prints_as_one_line() -> None:
    history = History({"loss": [2.0, 1.0]}, "loss", 2)
    assert repr(history) == "History(2 epochs, best loss 1.0000 after epoch 2)"


def test_importing_train_does_not_import_keras() -> None:
    code = "import sys, dlcourse.train; sys.exit('keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_verbose_is_taken_as_by_keras_and_changes_nothing() -> None:
    quiet, loud = network(), network()
    trained(quiet, name="quiet")
    trained(loud, name="loud", verbose=2)
    assert same(quiet, loud)
