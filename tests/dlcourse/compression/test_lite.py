"""LiteRT's files: what they weigh, and that they decide as the network does."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from dlcourse.compression import lite, reference
from dlcourse.compression.native_lines import without_lines

pytest.importorskip("ai_edge_litert")


@pytest.fixture(scope="module")
def model() -> Any:
    return reference.trained()


@pytest.fixture(scope="module")
def files(model: Any) -> dict[str, bytes]:
    images = reference.unseen_digits()[0][:100]
    forms: tuple[lite.Form, ...] = ("float32", "float16", "dynamic", "int8")
    return {form: lite.convert(model, form, images) for form in forms}


def test_float_files_give_the_networks_logits(model: Any, files: dict[str, bytes]) -> None:
    images = reference.unseen_digits()[0][:50]
    expected = model(images).numpy()
    np.testing.assert_allclose(lite.Interpreted(files["float32"])(images), expected, atol=1e-4)
    np.testing.assert_allclose(lite.Interpreted(files["float16"])(images), expected, atol=0.05)


@pytest.mark.parametrize("form", ["dynamic", "int8"])
def test_int8_files_decide_as_the_network(
    model: Any, files: dict[str, bytes], form: lite.Form
) -> None:
    images = reference.unseen_digits()[0][:300]
    found, expected = lite.Interpreted(files[form])(images), model(images).numpy()
    assert found.dtype == np.float32
    assert np.mean(found.argmax(1) == expected.argmax(1)) > 0.98


def test_a_file_weighs_what_its_numbers_do(model: Any, files: dict[str, bytes]) -> None:
    parameters = model.count_params()
    for form, size in (("float32", 4), ("float16", 2), ("dynamic", 1), ("int8", 1)):
        assert len(files[form]) == pytest.approx(size * parameters, rel=0.05)


def test_batches_of_other_sizes_are_computed_one_after_the_other(files: dict[str, bytes]) -> None:
    run, images = lite.Interpreted(files["float32"]), reference.unseen_digits()[0][:5]
    together = run(images)
    np.testing.assert_allclose(run(images[2:3]), together[2:3], atol=1e-5)


def test_int8_without_images_is_refused(model: Any) -> None:
    with pytest.raises(ValueError, match="ranges of activations"):
        lite.convert(model, "int8")


def test_a_form_that_does_not_exist_is_refused(model: Any) -> None:
    form: Any = "int7"
    with pytest.raises(ValueError, match="no form 'int7'"):
        lite.convert(model, form)


def test_conversion_says_nothing(
    model: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    import tensorflow as tf

    logger = tf.get_logger()
    before = logger.level
    logger.setLevel("INFO")  # as TensorFlow sets it in notebooks
    try:
        lite.convert(model)
        assert logger.level == 20
    finally:
        logger.setLevel(before)
    assert capsys.readouterr().out == ""
    assert caplog.records == []


def test_invoke_repeats_the_last_call(files: dict[str, bytes]) -> None:
    run, images = lite.Interpreted(files["int8"]), reference.unseen_digits()[0][:5]
    with pytest.raises(RuntimeError, match="call it first"):
        run.invoke()
    first = run(images)
    run.invoke()
    np.testing.assert_array_equal(run(images), first)


def test_integers_go_in_and_out_as_the_file_stores_them(files: dict[str, bytes]) -> None:
    run, images = lite.Interpreted(files["int8"]), reference.unseen_digits()[0][:5]
    (scale, zero), (out_scale, out_zero) = run.quantization
    integers = (np.clip(np.round(images / scale) + zero, -128, 127)).astype(np.int8)
    found = run.stored(integers)
    assert found.dtype == np.int8
    np.testing.assert_allclose((found.astype(float) - out_zero) * out_scale, run(images), rtol=1e-5)
    with pytest.raises(ValueError, match="INT8"):
        run.stored(images)


def test_constants_are_found_by_shape(model: Any, files: dict[str, bytes]) -> None:
    values, scales = lite.Interpreted(files["int8"]).constant(128, 3136)
    kernel = model.get_layer("dense_1").kernel.numpy()
    np.testing.assert_allclose(values.T * scales, kernel, atol=float(scales.max()))
    with pytest.raises(LookupError, match=r"shape \(3,\)"):
        lite.Interpreted(files["int8"]).constant(3)


def test_a_conversion_leaves_other_lines_of_compiled_code_to_the_reader(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with without_lines(lite._KNOWN_LINES):
        os.write(2, b"W0000 x.cc:1] Ignored output_format.\nE0000 y.cc:2] no memory\n")
    assert capfd.readouterr().err == "E0000 y.cc:2] no memory\n"
