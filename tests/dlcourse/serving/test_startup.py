"""Programs run in processes of their own, and packages are counted with what they require."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from dlcourse.serving.startup import installed_megabytes, started


def test_the_answer_comes_from_a_fresh_process() -> None:
    program = "import sys\ndef answer(batch): return 2 * batch + ('keras' in sys.modules)"
    found = started(program, np.array([[1.0, 2.0]]), calls=3)
    np.testing.assert_array_equal(found.logits, [[2.0, 4.0]])
    assert found.first_answer > 0
    assert found.call > 0


def test_memory_is_the_processs_own_and_not_its_parents() -> None:
    held = np.ones(25_000_000)  # 200 MB
    small = started("def answer(batch): return batch", np.ones(1), calls=1)
    large = started("held = np.ones(25_000_000)\ndef answer(b): return b", np.ones(1), calls=1)
    assert 10 < small.megabytes < 150 < large.megabytes
    assert held.nbytes == 200_000_000


def test_a_program_that_prints_is_measured_all_the_same() -> None:
    found = started("print('loading')\ndef answer(batch): return batch", np.ones(2), calls=1)
    np.testing.assert_array_equal(found.logits, [1.0, 1.0])


def test_a_program_that_fails_says_how() -> None:
    with pytest.raises(RuntimeError, match="ValueError: no weights"):
        started("raise ValueError('no weights')", np.ones(1))


def test_a_package_counts_with_what_it_requires() -> None:
    paths = [Path(str(file.locate())) for file in metadata.files("h5py") or ()]
    alone = sum(path.stat().st_size for path in paths if path.is_file()) / 1e6
    assert alone + 5 < installed_megabytes("h5py")  # it requires NumPy


def test_what_two_packages_share_is_counted_once() -> None:
    both = installed_megabytes("h5py", "scipy")
    assert both == pytest.approx(installed_megabytes("scipy", "h5py"))
    assert both < installed_megabytes("h5py") + installed_megabytes("scipy") - 5


def test_a_package_that_is_not_there_is_an_error() -> None:
    with pytest.raises(metadata.PackageNotFoundError):
        installed_megabytes("no-such-package-anywhere")
