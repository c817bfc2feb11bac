"""The network that judges generated digits: enciphered, and worked out in NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dlcourse.data import DataError, digits, distort, files, held_out_digits, manifest
from dlcourse.models.digit_features import digit_features
from dlcourse.models.digit_skill import digit_skill, plain_digits
from dlcourse.models.sealed_digit_features import FEATURES, DigitJudge, digit_judge

ROOT = Path(__file__).resolve().parents[3]


def key() -> bytes:
    return bytes.fromhex((ROOT / "solutions/week07/digits.key").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def judge() -> DigitJudge:
    return digit_judge(key())


def test_it_recognizes_digits_that_it_has_never_seen(judge: DigitJudge) -> None:
    images, labels = held_out_digits("cpu")
    found = judge.probabilities(distort(images, np.random.default_rng(1)))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(found.argmax(axis=1) == labels) > 0.95


def test_features_are_standardized_over_the_training_images(judge: DigitJudge) -> None:
    found = judge.features(digits("cpu").train_images)
    assert found.shape == (3500, FEATURES)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=0.02)


def test_it_computes_what_keras_layers_compute() -> None:
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(2)
    inputs = keras.Input((28, 28, 1))
    h = keras.layers.Conv2D(3, 3, activation="relu")(inputs)
    h = keras.layers.Conv2D(4, 3, strides=2, activation="relu")(h)
    h = keras.layers.Conv2D(5, 3, strides=2, activation="relu")(h)
    h = keras.layers.Dense(FEATURES)(keras.layers.Flatten()(h))
    logits = keras.layers.Dense(10, activation="softmax")(keras.ops.tanh(h))
    model = keras.Model(inputs, [h, logits])
    weights = [rng.normal(size=w.shape) / 3 for w in model.get_weights()]
    model.set_weights(weights)
    images = rng.random((4, 28, 28))
    mine = DigitJudge([np.full(FEATURES, 2.0), np.full(FEATURES, 4.0), *weights])
    features, probabilities = (np.asarray(out) for out in model(images[..., np.newaxis]))
    np.testing.assert_allclose(mine.features(images), (features - 2) / 4, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(mine.probabilities(images), probabilities, rtol=1e-3, atol=1e-5)


def test_no_images_have_no_features(judge: DigitJudge) -> None:
    assert judge.features(np.empty((0, 28, 28))).shape == (0, FEATURES)


def test_images_with_channels_are_refused(judge: DigitJudge) -> None:
    with pytest.raises(ValueError, match=r"\(n, 28, 28\)"):
        judge.features(np.zeros((2, 28, 28, 1)))


def test_another_key_is_refused() -> None:
    with pytest.raises(DataError):
        digit_judge(bytes(32))


def test_what_is_sealed_is_not_compressible() -> None:
    import zlib

    content = files.locate(manifest.DIGIT_JUDGE_SEALED).read_bytes()
    assert len(zlib.compress(content)) > len(content)


def test_it_agrees_with_the_public_features_on_which_images_are_better(judge: DigitJudge) -> None:
    rng = np.random.default_rng(3)
    images = digits("cpu").train_images[:600]
    real, plain = digits("cpu").validation_images, plain_digits(600, rng)
    blurred = (np.roll(images, 1, axis=1) + images + np.roll(images, 1, axis=2)) / 3
    for features in (judge.features, digit_features):
        skills = [digit_skill(features, x, real, plain) for x in (images, blurred, plain)]
        assert skills == sorted(skills, reverse=True)
        assert skills[0] > 0.9  # not 1: so few images leave a distance of their own
