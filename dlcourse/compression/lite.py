"""Keras networks as LiteRT files of one form or another, run by LiteRT's interpreter.

The forms are those of TensorFlow's converter: weights and sums as float32; weights stored as
float16; weights stored as int8 and activations quantized at run time; weights and activations
as int8 throughout, with ranges taken from images.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dlcourse.compression.native_lines import without_lines

__all__ = ["Form", "Interpreted", "convert"]

Form = Literal["float32", "float16", "dynamic", "int8"]
Array = npt.NDArray[np.float32]

# What the converter writes of two settings that every conversion has.
_KNOWN_LINES = r"Ignored (output_format|drop_control_dependency)\."


def convert(model: Any, form: Form = "float32", images: npt.ArrayLike | None = None) -> bytes:
    """The LiteRT file of a Keras network.

    Args:
        model: a built network with one input and one output.
        form: "float32"; "float16" stores weights so; "dynamic" stores weights as int8 and
            quantizes activations while it runs; "int8" computes in integers from end to end.
        images: (n, ...) inputs that stand for those to come; "int8" takes its ranges from them.

    Raises:
        ValueError: if the form is none of these, or is "int8" and there are no images.
    """
    import tensorflow as tf

    if form not in ("float32", "float16", "dynamic", "int8"):
        raise ValueError(f"there is no form {form!r}: float32, float16, dynamic or int8.")
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if form != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if form == "int8":
        if images is None or not len(batch := np.asarray(images, np.float32)):
            raise ValueError("int8 takes the ranges of activations from images: give some.")
        converter.representative_dataset = lambda: ([image[np.newaxis]] for image in batch)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    with _quiet(), without_lines(_KNOWN_LINES):
        return bytes(converter.convert())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Say nothing of where the network is exported to on its way, nor of the input's range."""
    import tensorflow as tf

    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            # Said of each int8 network whose input's range is taken from images.
            warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
            yield
    finally:
        logger.setLevel(level)


class Interpreted:
    """A LiteRT file that computes, on one thread if not said otherwise.

    Args:
        content: of the file.
        threads: of the interpreter.

    Raises:
        ModuleNotFoundError: if the package ai-edge-litert is missing.
    """

    def __init__(self, content: bytes, threads: int = 1) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "LiteRT's interpreter needs the package ai-edge-litert, which is not installed. "
                "Install it: pip install ai-edge-litert",
                name="ai_edge_litert",
            ) from error

        self._interpreter = Interpreter(model_content=content, num_threads=threads)
        self._shape: tuple[int, ...] | None = None

    def __call__(self, images: npt.ArrayLike) -> Array:
        """The outputs (n, ...) of inputs (n, ...), both float32; integers inside are scaled."""
        batch = np.asarray(images, np.float32)
        self._fit_to(batch.shape)
        (source,), (target,) = self._details()
        self._interpreter.set_tensor(source["index"], _quantized(batch, source))
        self._interpreter.invoke()
        return _dequantized(self._interpreter.get_tensor(target["index"]), target)

    def invoke(self) -> None:
        """Compute once more from the inputs of the last call: what a comparison of speeds times.

        A call also looks up, scales and copies tensors in Python. A small network computes in less
        time than that takes.

        Raises:
            RuntimeError: if there was no call yet.
        """
        if self._shape is None:
            raise RuntimeError("invoke() repeats the last call, and there was none: call it first.")
        self._interpreter.invoke()

    @property
    def quantization(self) -> tuple[tuple[float, int], tuple[float, int]]:
        """Scale and zero point of the input and of the output; scale 0 where they are floats."""
        (source,), (target,) = self._details()
        return source["quantization"], target["quantization"]

    def stored(self, inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The outputs (n, ...) as the file stores them, of inputs (n, ...) stored likewise.

        Raises:
            ValueError: if the inputs are of another type than the file's.
        """
        self._fit_to(inputs.shape)
        (source,), (target,) = self._details()
        self._interpreter.set_tensor(source["index"], inputs)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(target["index"]))

    def constant(self, *shape: int) -> tuple[npt.NDArray[Any], Array]:
        """The stored numbers of the first tensor of this shape, and their scales, one or (k,).

        Dense kernels are stored as (outputs, inputs).

        Raises:
            LookupError: if there is no such tensor.
        """
        for tensor in self._interpreter.get_tensor_details():
            if tuple(tensor["shape"]) == shape:
                values = np.asarray(self._interpreter.get_tensor(tensor["index"]))
                return values, np.asarray(tensor["quantization_parameters"]["scales"])
        raise LookupError(f"the file has no tensor of shape {shape}.")

    def _fit_to(self, shape: tuple[int, ...]) -> None:
        if shape != self._shape:
            self._interpreter.resize_tensor_input(self._details()[0][0]["index"], shape)
            self._interpreter.allocate_tensors()
            self._shape = shape

    def _details(self) -> tuple[list[Any], list[Any]]:
        return self._interpreter.get_input_details(), self._interpreter.get_output_details()


def _quantized(batch: Array, tensor: Any) -> npt.NDArray[Any]:
    """What a tensor stores for these numbers: themselves, or integers by its scale."""
    scale, zero = tensor["quantization"]
    if not scale:
        return batch
    bounds = np.iinfo(tensor["dtype"])
    stored = np.clip(np.round(batch / scale) + zero, bounds.min, bounds.max)
    return np.asarray(stored, tensor["dtype"])


def _dequantized(stored: npt.NDArray[Any], tensor: Any) -> Array:
    scale, zero = tensor["quantization"]
    numbers = (stored.astype(np.float32) - zero) * scale if scale else stored
    return np.asarray(numbers, np.float32)
