"""Data are found, checked, split and distorted as documented; a missing file says what to do."""

from __future__ import annotations

import hashlib
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcourse import data
from dlcourse.data import files, loaders, manifest, tiers
from dlcourse.data.files import DataError, DataSet, Edition

CONTENT = bytes(range(256)) * 8192  # 2 MiB


@pytest.fixture(autouse=True)
def no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DLCOURSE_TIER", "CUDA_VISIBLE_DEVICES", "DLCOURSE_DATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty stand-in for /dev."""
    folder = tmp_path / "dev"
    folder.mkdir()
    monkeypatch.setattr(tiers, "DEVICES", folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that nothing is found in the real one."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_CACHE_HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


@dataclass
class Mirror:
    """A server of CONTENT that can break off or serve something else."""

    url: str = ""
    breaks_after: int | None = None
    content: bytes = CONTENT
    status: int = 200
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def mirror() -> Iterator[Callable[..., Mirror]]:
    servers = []

    def serve(**settings: object) -> Mirror:
        state = Mirror(**settings)  # type: ignore[arg-type]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                state.ranges.append(asked)
                begin = int(re.findall(r"\d+", asked)[0]) if asked else 0
                self.send_response(state.status if not asked or state.status != 200 else 206)
                self.send_header("Content-Length", str(len(state.content) - begin))
                self.end_headers()
                end = len(state.content) if state.breaks_after is None else state.breaks_after
                self.wfile.write(state.content[begin:end])

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        state.url = f"http://127.0.0.1:{server.server_port}/file.npz"
        return state

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def known(*urls: str, content: bytes = CONTENT) -> DataSet:
    edition = Edition(hashlib.sha256(content).hexdigest(), len(content))
    return replace(manifest.MNIST, file="file.npz", editions=(edition,), urls=urls)


def ink(images: np.ndarray) -> np.ndarray:
    return np.asarray(images.mean(axis=(1, 2)))


def off_centre(images: np.ndarray) -> np.ndarray:
    """How far to the right or left of the middle the ink lies, in pixels."""
    across = np.arange(28) - 13.5
    return np.asarray(np.abs((images * across).mean(axis=(1, 2)) / ink(images)))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Between two means, in standard errors."""
    error = np.hypot(one.std() / len(one) ** 0.5, other.std() / len(other) ** 0.5)
    return float(abs(one.mean() - other.mean()) / error)


class TestTier:
    def test_the_argument_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DLCOURSE_TIER", "gpu")
        assert data.tier("cpu") == "cpu"

    def test_the_environment_comes_before_the_devices(
        self, devices: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (devices / "nvidia0").touch()
        monkeypatch.setenv("DLCOURSE_TIER", "cpu")
        assert data.tier() == "cpu"

    def test_a_visible_gpu_makes_it_gpu(self, devices: Path) -> None:
        assert data.tier() == "cpu"
        (devices / "nvidiactl").touch()
        assert data.tier() == "cpu"
        (devices / "nvidia3").touch()
        assert data.tier() == "gpu"

    @pytest.mark.parametrize("value", ["", "-1"])
    def test_a_hidden_gpu_is_not_visible(
        self, devices: Path, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        (devices / "nvidia0").touch()
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
        assert data.tier() == "cpu"

    def test_another_word_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DLCOURSE_TIER", "tpu")
        with pytest.raises(ValueError, match=r"DLCOURSE_TIER.*'tpu'"):
            data.tier()

    def test_print_tier_says_why_and_how_to_choose(
        self, devices: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        data.print_tier()
        assert capsys.readouterr().out == (
            "Tier: cpu (no NVIDIA GPU is visible). "
            "For the other one, set DLCOURSE_TIER=gpu before the notebook starts.\n"
        )


class TestDigits:
    def test_shapes_types_and_range(self) -> None:
        loaded = data.digits("cpu")
        assert loaded.train_images.shape == (3500, 28, 28)
        assert loaded.validation_images.shape == (500, 28, 28)
        for images in (loaded.train_images, loaded.validation_images):
            assert images.dtype == np.float32
            assert images.min() == 0.0
            assert 0.9 < images.max() <= 1.0
        assert loaded.train_labels.dtype == loaded.validation_labels.dtype == np.int64

    def test_every_part_is_balanced_and_mixed(self) -> None:
        loaded, (_, held_out) = data.digits("cpu"), data.held_out_digits("cpu")
        parts = loaded.train_labels, loaded.validation_labels, held_out
        assert [set(np.bincount(labels)) for labels in parts] == [{350}, {50}, {100}]
        assert all(len(set(labels[:50])) == 10 for labels in parts)

    def test_no_image_is_in_two_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loaders, "distort", lambda images, rng: images)
        loaded, (held_out, _) = data.digits("cpu"), data.held_out_digits("cpu")
        images = np.concatenate([loaded.train_images, loaded.validation_images, held_out])
        assert len({image.tobytes() for image in images}) == 5000

    def test_everybody_has_the_same_images(self) -> None:
        one, other = data.digits("cpu"), data.digits("cpu")
        assert np.array_equal(one.train_images, other.train_images)
        assert np.array_equal(one.train_labels, other.train_labels)

    def test_public_images_are_distorted_and_held_out_ones_are_not(self) -> None:
        grey = np.float32(255.0)
        held_out, _ = data.held_out_digits("cpu")
        assert np.allclose(held_out * grey, np.round(held_out * grey), atol=1e-4)
        trained = data.digits("cpu").train_images * grey
        assert not np.allclose(trained, np.round(trained), atol=1e-2)

    def test_hidden_draws_follow_the_distribution_of_the_public_images(self) -> None:
        loaded, (held_out, _) = data.digits("cpu"), data.held_out_digits("cpu")
        hidden = data.distort(held_out, np.random.default_rng(99))
        public = loaded.train_images
        for measure in (ink, off_centre):
            assert distance(measure(public), measure(hidden)) < 4
        # MNIST is centred by its makers: the measure tells images that were not distorted.
        assert distance(off_centre(public), off_centre(held_out)) > 10

    def test_packages_are_not_imported_to_read_their_files(self) -> None:
        code = (
            "import sys; from dlcourse import data; data.digits('cpu'); data.small_digits();"
            "sys.exit(any(n in sys.modules for n in ('mlxtend', 'sklearn', 'tensorflow', 'keras')))"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_a_classifier_scores_alike_on_validation_and_on_hidden_draws(self) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        loaded, (held_out, labels) = data.digits("cpu"), data.held_out_digits("cpu")
        network = MLPClassifier(64, max_iter=20, early_stopping=False, random_state=0)
        with pytest.warns(ConvergenceWarning):  # 20 epochs need not converge
            network.fit(loaded.train_images.reshape(3500, -1), loaded.train_labels)
        validation = network.score(
            loaded.validation_images.reshape(500, -1), loaded.validation_labels
        )
        for seed in range(3):
            hidden = data.distort(held_out, np.random.default_rng(seed)).reshape(1000, -1)
            error = (0.13 * 0.87 * (1 / 500 + 1 / 1000)) ** 0.5
            assert abs(network.score(hidden, labels) - validation) < 3 * error


class TestMnist:
    def write(self, path: Path, names: str, order: list[int]) -> None:
        rng = np.random.default_rng(0)
        images = rng.integers(0, 255, (20, 28, 28), dtype=np.uint8)
        labels = np.arange(20, dtype=np.uint8)
        arrays: dict[str, Any] = {}
        for part in ("train", "test"):
            arrays[names.format(kind="x", part=part)] = images[order]
            arrays[names.format(kind="y", part=part)] = labels[order]
        np.savez(path, **arrays)

    def load(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> tuple[object, object]:
        monkeypatch.setattr(files, "locate", lambda _: path)
        images, labels, _ = loaders._mnist()
        return images.tobytes(), labels.tolist()

    def test_both_layouts_in_any_order_give_the_same_split(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.write(tmp_path / "keras.npz", "{kind}_{part}", list(range(20)))
        self.write(tmp_path / "other.npz", "{part}_{kind}", list(range(20))[::-1])
        one = self.load(monkeypatch, tmp_path / "keras.npz")
        assert one == self.load(monkeypatch, tmp_path / "other.npz")


def test_an_emoji_has_the_same_row_in_both_designs() -> None:
    found = data.emoji()
    assert found.twitter.shape == found.google.shape == (1906, 32, 32, 4)
    assert len(found.names) == len(set(found.names)) == 1906
    assert sorted(set(found.labels.tolist())) == list(range(len(found.categories)))
    octopus = found.names.index("octopus")
    assert found.categories[found.labels[octopus]] == "Animals & Nature"

    def overlap(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.median((a & b).sum(axis=(1, 2)) / (a | b).sum(axis=(1, 2))))

    twitter, google = found.twitter[..., 3] > 127, found.google[..., 3] > 127
    assert overlap(twitter, google) > overlap(twitter, np.roll(google, 60, axis=0)) + 0.15


def test_small_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    loaded, original = data.small_digits(), load_digits()
    assert loaded.train_images.shape == (1437, 8, 8)
    assert loaded.test_images.shape == (360, 8, 8)
    images = np.concatenate([loaded.train_images, loaded.test_images])
    labels = np.concatenate([loaded.train_labels, loaded.test_labels])
    assert images.dtype == np.float32
    assert labels.dtype == np.int64
    ours = sorted(zip((images * 16).reshape(1797, -1).tolist(), labels, strict=True))
    theirs = sorted(zip(original.data.tolist(), original.target, strict=True))
    assert ours == theirs


class TestDistort:
    def point(self) -> np.ndarray:
        image = np.zeros((1, 9, 9))
        image[0, 2, 4] = 1.0
        return image

    class Fixed:
        """A generator whose four numbers are known: turn, size, down, right."""

        def __init__(self, *numbers: float) -> None:
            self.numbers = numbers

        def uniform(self, low: float, high: float, shape: tuple[int, int]) -> np.ndarray:
            return np.broadcast_to(np.array(self.numbers), shape)

    def distorted(self, *numbers: float, **limits: float) -> np.ndarray:
        rng: Any = self.Fixed(*numbers)
        return np.asarray(data.distort(self.point(), rng, **limits)[0])

    def test_without_turn_move_and_scale_nothing_changes(self) -> None:
        assert np.array_equal(self.distorted(0, 0, 0, 0), self.point()[0])

    def test_moves_down_and_right_by_pixels(self) -> None:
        assert self.distorted(0, 0, 1, -0.5, shift=2)[4, 3] == 1.0

    def test_turns_about_the_centre(self) -> None:
        turned = self.distorted(1, 0, 0, 0, degrees=90)
        assert turned[4, 2] == pytest.approx(1.0) or turned[4, 6] == pytest.approx(1.0)

    def test_scales_about_the_centre(self) -> None:
        assert self.distorted(0, 1, 0, 0, scale=1.0)[0, 4] == pytest.approx(1.0)

    def test_each_image_is_distorted_differently_and_the_seed_fixes_all(self) -> None:
        images = np.repeat(data.held_out_digits("cpu")[0][:1], 3, axis=0)
        one = data.distort(images, np.random.default_rng(5))
        assert not np.array_equal(one[0], one[1])
        assert np.array_equal(one, data.distort(images, np.random.default_rng(5)))
        assert one.dtype == np.float32

    def test_a_single_image_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"\(n, height, width\)"):
            data.distort(np.zeros((28, 28)), np.random.default_rng(0))


class TestManifest:
    @pytest.mark.parametrize("entry", manifest.MANIFEST, ids=lambda entry: str(entry.name))
    def test_every_entry_is_complete(self, entry: DataSet) -> None:
        assert entry.tier in ("cpu", "gpu", "both")
        assert all([entry.title, entry.licence, entry.citation, entry.file])
        assert all(re.fullmatch("[0-9a-f]{64}", e.sha256) and e.size > 0 for e in entry.editions)
        assert (entry.package and entry.requirement) or (
            len(entry.urls) >= 2 and all(url.startswith("https://") for url in entry.urls)
        )

    @pytest.mark.parametrize(
        "entry", [e for e in manifest.MANIFEST if e.package], ids=lambda e: e.name
    )
    def test_files_in_packages_are_found_and_have_the_stated_size(self, entry: DataSet) -> None:
        assert files.locate(entry).stat().st_size == entry.editions[0].size

    def test_a_package_that_is_not_installed_is_named_with_the_command(self) -> None:
        absent = replace(manifest.MNIST_5K, package="no_such_package", requirement="no-such>=1")
        with pytest.raises(DataError, match=r"no_such_package is not installed.*'no-such>=1'"):
            files.locate(absent)

    def test_a_package_without_the_file_is_named(self) -> None:
        with pytest.raises(DataError, match=r"has no file gone\.csv"):
            files.locate(replace(manifest.MNIST_5K, file="data/gone.csv"))

    def test_a_changed_file_is_refused_with_both_digests(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file.npz").write_bytes(b"something else")
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        digest = hashlib.sha256(b"something else").hexdigest()
        with pytest.raises(DataError, match=f"{digest}, expected {known().editions[0].sha256}"):
            files.locate(known())

    def test_a_file_is_digested_once_until_it_changes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file.npz").write_bytes(CONTENT)
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        digest, calls = files._sha256, []

        def counted(path: Path) -> str:
            calls.append(path)
            return digest(path)

        monkeypatch.setattr(files, "_sha256", counted)
        files.locate(known())
        files.locate(known())
        assert len(calls) == 1
        (tmp_path / "file.npz").write_bytes(b"other")
        with pytest.raises(DataError, match="not the known file"):
            files.locate(known())


class TestDownload:
    def test_a_file_in_the_named_folder_needs_no_network(
        self, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file.npz").write_bytes(CONTENT)
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        assert files.locate(known("http://127.0.0.1:9/")) == tmp_path / "file.npz"

    def test_a_file_that_keras_has_downloaded_is_taken(self, home: Path) -> None:
        folder = home / ".keras" / "datasets"
        folder.mkdir(parents=True)
        (folder / "file.npz").write_bytes(CONTENT)
        assert files.locate(known()) == folder / "file.npz"

    def test_is_kept_in_the_cache_and_not_repeated(
        self, home: Path, mirror: Callable[..., Mirror]
    ) -> None:
        server = mirror()
        path = files.locate(known(server.url))
        assert path == home / ".cache" / "dlcourse" / "file.npz"
        assert path.read_bytes() == CONTENT
        files.locate(known(server.url))
        assert len(server.ranges) == 1

    def test_the_next_mirror_follows_one_that_fails(
        self, home: Path, mirror: Callable[..., Mirror]
    ) -> None:
        path = files.locate(known(mirror(status=404).url, mirror().url))
        assert path.read_bytes() == CONTENT

    def test_a_broken_download_goes_on_where_it_stopped(
        self, home: Path, mirror: Callable[..., Mirror]
    ) -> None:
        broken = mirror(breaks_after=1_500_000)
        with pytest.raises(DataError, match="could not be downloaded"):
            files.locate(known(broken.url))
        good = mirror()
        assert files.locate(known(good.url)).read_bytes() == CONTENT
        have = int(re.findall(r"\d+", str(good.ranges[0]))[0])
        assert 0 < have <= 1_500_000

    def test_other_bytes_are_never_kept(self, home: Path, mirror: Callable[..., Mirror]) -> None:
        wrong = mirror(content=b"x" * len(CONTENT))
        with pytest.raises(DataError, match="another file"):
            files.locate(known(wrong.url))
        assert not list((home / ".cache" / "dlcourse").glob("file.npz*[!k]"))
        assert files.locate(known(wrong.url, mirror().url)).read_bytes() == CONTENT

    def test_shows_progress_on_standard_output_only(
        self, home: Path, mirror: Callable[..., Mirror], capsys: pytest.CaptureFixture[str]
    ) -> None:
        files.locate(known(mirror().url))
        captured = capsys.readouterr()
        assert "file.npz" in captured.out
        assert captured.err == ""

    def test_offline_the_error_names_file_folder_and_the_other_tier(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path / "sets"))
        monkeypatch.setattr(manifest, "MNIST", known("http://127.0.0.1:9/file.npz"))
        with pytest.raises(DataError) as caught:
            data.digits("gpu")
        for part in ("file.npz", str(tmp_path / "sets"), "DLCOURSE_TIER=cpu", "127.0.0.1:9"):
            assert part in str(caught.value)

    def test_without_any_writable_folder_the_error_says_so(
        self, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        blocked = tmp_path / "file"
        blocked.touch()
        monkeypatch.setenv("HOME", str(blocked))
        monkeypatch.setenv("DLCOURSE_DATA", str(blocked / "sets"))
        with pytest.raises(DataError, match="a folder named by DLCOURSE_DATA"):
            files.locate(known("http://127.0.0.1:9/file.npz"))

    def test_without_a_home_the_other_folders_remain(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_home() -> Path:
            raise RuntimeError("no home")

        monkeypatch.setattr(Path, "home", no_home)
        monkeypatch.setenv("DLCOURSE_DATA", str(tmp_path))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        assert files.folders() == [tmp_path]


def test_a_notebook_that_changes_the_digits_changes_only_its_own() -> None:
    first = data.digits("cpu")
    first.train_images[:] = 9.0
    data.held_out_digits("cpu")[0][:] = 9.0
    assert data.digits("cpu").train_images.max() <= 1.0
    assert data.held_out_digits("cpu")[0].max() <= 1.0
