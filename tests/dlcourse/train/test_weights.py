"""Weights files hold arrays and nothing else, and reading one is safe."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dlcourse.train.weights import (
    WeightsError,
    load_weights,
    read_arrays,
    read_header,
    save_weights,
    weights_file,
    write_arrays,
)

ARRAYS = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3),
    "file": np.array(3),  # a name that np.savez could not take
    "counts": np.asfortranarray(np.arange(4).reshape(2, 2)),
    "empty": np.zeros((0, 5)),
}


def member(name: str, content: bytes, path: Path, how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        archive.writestr(name, content)
    return path


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    path = save_weights("my_net", ARRAYS, tmp_path)
    assert path == tmp_path / "my_net.weights.npz"
    loaded = load_weights("my_net", folder=tmp_path)
    assert list(loaded) == list(ARRAYS)
    for key, array in ARRAYS.items():
        assert loaded[key].dtype == array.dtype
        assert loaded[key].shape == array.shape
        assert np.array_equal(loaded[key], array)


def test_numpy_can_read_the_file_too(tmp_path: Path) -> None:
    with np.load(save_weights("net", ARRAYS, tmp_path)) as file:
        assert np.array_equal(file["w"], ARRAYS["w"])


def test_the_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    one = save_weights("one", ARRAYS, tmp_path).read_bytes()
    assert one == save_weights("other", ARRAYS, tmp_path).read_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    before = save_weights("net", {"w": np.ones(3)}, tmp_path).read_bytes()
    with pytest.raises(TypeError, match="w is no array of numbers"):
        save_weights("net", {"w": np.array([object()])}, tmp_path)
    assert weights_file("net", tmp_path).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_bfloat16_is_kept_as_float32(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    save_weights("net", {"w": np.array([1.5, 2.0], dtype=ml_dtypes.bfloat16)}, tmp_path)
    assert load_weights("net", folder=tmp_path)["w"].tolist() == [1.5, 2.0]


def test_arrays_in_column_order_are_read_as_numpy_wrote_them(tmp_path: Path) -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    path = member("w.npy", npy(array), tmp_path / "x.npz")
    assert np.array_equal(read_arrays(path)["w"], array)


def test_a_header_travels_with_the_arrays(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x.npz", {"w": np.ones(2)}, header={"epoch": 3})
    arrays = read_arrays(tmp_path / "x.npz")
    assert read_header(arrays) == {"epoch": 3}
    assert list(arrays) == ["w"]


@pytest.mark.parametrize("name", ["", "../up", "a b", "x" * 65])
def test_names_that_could_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 64 letters"):
        weights_file(name)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    path = member("w.npy", buffer.getvalue(), tmp_path / "x.npz")
    with pytest.raises(WeightsError, match="not numbers"):
        read_arrays(path)


def test_a_header_that_claims_more_than_is_there_allocates_nothing(tmp_path: Path) -> None:
    content = npy(np.zeros(3)).replace(b"(3,), ", b"(10000000000000,), ", 1)
    head = struct.unpack("<H", content[8:10])[0]
    content = content[:8] + struct.pack("<H", head + 13) + content[10:]
    path = member("w.npy", content, tmp_path / "x.npz")
    with pytest.raises(WeightsError, match="damaged"):
        read_arrays(path)


def test_compressed_members_are_refused(tmp_path: Path) -> None:
    # Noise does not shrink: only the kind of the member tells.
    noise = npy(np.random.default_rng(0).random(100))
    path = member("w.npy", noise, tmp_path / "x.npz", zipfile.ZIP_DEFLATED)
    with pytest.raises(WeightsError, match="compressed"):
        read_arrays(path)


@pytest.mark.parametrize("cut", [0, 10, 100, 400])
def test_a_torn_file_is_an_error_and_not_a_crash(tmp_path: Path, cut: int) -> None:
    path = save_weights("net", ARRAYS, tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(WeightsError):
        load_weights(path)


def test_flipped_bytes_are_noticed(tmp_path: Path) -> None:
    path = save_weights("net", {"w": np.zeros(1000)}, tmp_path)
    content = bytearray(path.read_bytes())
    content[4000] ^= 255
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        load_weights(path)


def test_a_missing_file_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_weights("absent", folder=tmp_path)


class Layer:
    def __init__(self, name: str, array: np.ndarray) -> None:
        self.name = name
        self.array = array
        self.shape = array.shape


class Model:
    """What `save_weights` and `load_weights` use of a Keras model."""

    def __init__(self, *arrays: np.ndarray) -> None:
        self.weights = [Layer("kernel", array) for array in arrays]

    def get_weights(self) -> list[np.ndarray]:
        return [weight.array for weight in self.weights]

    def set_weights(self, arrays: list[np.ndarray]) -> None:
        for weight, array in zip(self.weights, arrays, strict=True):
            weight.array = array


def test_a_model_gets_its_weights_back_in_order(tmp_path: Path) -> None:
    save_weights("net", Model(np.ones((2, 3)), np.zeros(3)), tmp_path)
    other = Model(np.zeros((2, 3)), np.ones(3))
    loaded = load_weights("net", other, tmp_path)
    assert list(loaded) == ["000 kernel", "001 kernel"]
    assert np.array_equal(other.get_weights()[0], np.ones((2, 3)))


def test_weights_of_another_architecture_are_refused_with_both_shapes(tmp_path: Path) -> None:
    save_weights("net", Model(np.ones((2, 3))), tmp_path)
    with pytest.raises(
        WeightsError, match=r"holds 1 arrays of shapes \(2, 3\).*has 1 arrays.*\(4,"
    ):
        load_weights("net", Model(np.ones((4, 3))), tmp_path)
