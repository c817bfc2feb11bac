"""Weights in files that hold arrays and nothing else.

A file NAME.weights.npz is an uncompressed zip of plain NumPy arrays, for a Keras network as for
arrays of one's own. Reading one runs no code, and allocates no more than the file is long, whatever
its headers claim. Writing is atomic, and the same arrays give the same bytes.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]

SUFFIX = ".weights.npz"
NUMERIC = "biufc"
"""Kinds of dtype that a file may hold."""

written: dict[Path, None] = {}
"""The weights files that this process has written, in order; `submit` packs them."""


class WeightsError(ValueError):
    """A weights file is damaged, holds something else, or does not fit the network."""


def weights_file(name: str, folder: str | Path = ".") -> Path:
    """The path of the weights file called `name`: FOLDER/NAME.weights.npz.

    Raises:
        ValueError: if `name` is not made of letters, digits, "_" and "-".
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise ValueError(f'a name is 1 to 64 letters, digits, "_" or "-", got {name!r}.')
    return Path(folder) / f"{name}{SUFFIX}"


def save_weights(
    name: str,
    weights: Any | Mapping[str, npt.ArrayLike],
    folder: str | Path = ".",
    header: object = None,
) -> Path:
    """Write weights to NAME.weights.npz and return its path.

    Args:
        name: letters, digits, "_" and "-".
        weights: a built Keras model, or a mapping from names to arrays of numbers.
        folder: where to write.
        header: what else to keep about them, in JSON's kinds of values.

    Raises:
        TypeError: if something in `weights` is not an array of numbers.
    """
    arrays = model_arrays(weights) if hasattr(weights, "get_weights") else dict(weights)
    path = weights_file(name, folder).absolute()
    write_arrays(path, {key: np.asarray(array) for key, array in arrays.items()}, header)
    written[path] = None
    return path


def load_weights(name: str | Path, model: Any = None, folder: str | Path = ".") -> Arrays:
    """Read a weights file; give the weights to `model` if there is one.

    Args:
        name: the name under which the weights were saved, or the path of a file.
        model: a built Keras model of the same architecture.
        folder: where the file lies, if `name` is a name.

    Returns:
        The arrays by name, in the order in which they were saved.

    Raises:
        FileNotFoundError: if there is no such file.
        WeightsError: if the file is damaged, or its arrays do not fit the model.
    """
    path = name if isinstance(name, Path) else weights_file(name, folder)
    arrays = read_arrays(path)
    read_header(arrays)
    if model is not None:
        give(model, arrays, path)
    return arrays


def model_arrays(model: Any) -> Arrays:
    """The weights of a Keras model as arrays, named by position and role ("003 kernel")."""
    return {
        f"{index:03d} {weight.name}": np.asarray(array)
        for index, (weight, array) in enumerate(
            zip(model.weights, model.get_weights(), strict=True)
        )
    }


def give(model: Any, arrays: Arrays, path: Path) -> None:
    """Set a built model's weights.

    Raises:
        WeightsError: if the arrays do not fit the model.
    """
    expected = [tuple(weight.shape) for weight in model.weights]
    found = [array.shape for array in arrays.values()]
    if expected != found:
        raise WeightsError(
            f"{path} does not fit this network. The file holds {_shapes(found)}; "
            f"the network has {_shapes(expected)}. Build the network that was saved, "
            f"or train again."
        )
    model.set_weights(list(arrays.values()))


def demand_real(arrays: Arrays) -> None:
    """Refuse arrays that no network can have been trained to.

    Raises:
        WeightsError: if one holds complex numbers, nan or infinities; says which.
    """
    for name, array in arrays.items():
        if array.dtype.kind == "c":
            raise WeightsError(f"{name[:60]!r} holds complex numbers")
        if not np.isfinite(array).all():
            raise WeightsError(f"{name[:60]!r} holds nan or infinite numbers")


def _shapes(shapes: list[tuple[int, ...]]) -> str:
    listed = ", ".join(map(str, shapes[:8]))
    return f"{len(shapes)} arrays of shapes {listed}{', ...' if len(shapes) > 8 else ''}"


def write_arrays(path: Path, arrays: Arrays, header: object = None) -> None:
    """Write arrays, and a header in JSON, as one file that is complete or not there at all.

    Raises:
        TypeError: if an array is not of numbers.
    """
    plain = {key: _numeric(key, array) for key, array in arrays.items()}
    if header is not None:
        plain["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            # A mapping, not keyword arguments: a weight may be called "file".
            _write_zip(stream, plain)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _numeric(key: str, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if array.dtype.kind not in NUMERIC:
        # bfloat16 and its like are no dtypes of NumPy; float32 holds each of their values.
        if array.dtype.isbuiltin == 2:
            return array.astype(np.float32)
        raise TypeError(f"{key} is no array of numbers but of dtype {array.dtype}.")
    return array


def _write_zip(stream: IO[bytes], arrays: Arrays) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            # Its default date is fixed, so that the same arrays give the same bytes.
            entry = zipfile.ZipInfo(f"{key}.npy")
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array, order="C"), allow_pickle=False)


def read_arrays(path: Path) -> Arrays:
    """Read every array of a file written by `write_arrays`.

    Raises:
        FileNotFoundError: if there is no such file.
        WeightsError: if it is damaged or holds anything but uncompressed arrays of numbers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            length = path.stat().st_size
            return {
                entry.filename.removesuffix(".npy"): _read_member(archive, entry, length)
                for entry in archive.infolist()
            }
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, KeyError) as error:
        raise WeightsError(f"{path} is no file of weights, or it is damaged: {error}") from error


def read_header(arrays: Arrays) -> Any:
    """Take the header that `write_arrays` wrote out of `arrays`; None if there is none."""
    header = arrays.pop("header", None)
    if header is None:
        return None
    try:
        return json.loads(header.tobytes())
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"the header of the weights is damaged: {error}") from None


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, length: int) -> npt.NDArray[Any]:
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > length:
        raise ValueError(f"{entry.filename} is compressed or longer than the file")
    with archive.open(entry) as member:
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
        else:
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(member)
        if dtype.kind not in NUMERIC:
            raise ValueError(f"{entry.filename} has dtype {dtype}, not numbers")
        content = member.read()
    # frombuffer and reshape check the header against the bytes that are there.
    array = np.frombuffer(content, dtype=dtype).copy()
    return array.reshape(shape, order="F" if fortran else "C")
