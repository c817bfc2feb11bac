"""A zygote imports what an assignment's notebooks will ask for, and little else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.sandbox import preload as preloading
from autograder.sandbox.isolate import Level
from autograder.sandbox.preload import DRAWING, LIBRARIES, preload
from autograder.workers.pool import WorkerPool
from tests.sandbox.conftest import result_of, run
from tests.waiting import LONG

DEEP = "[m for m in ('keras', 'tensorflow', 'torch', 'jax') if m in sys.modules]"


def test_what_is_not_known_needs_everything() -> None:
    assert preload("tensorflow") == ("tensorflow", "keras", *LIBRARIES)


@pytest.mark.parametrize(
    "name",
    [
        "keras",
        "keras.layers",
        "torch",
        "dlcourse.models.pretrained",
        "dlcourse.train",
        "dlcourse.submit",
        "an_unknown_package",
    ],
)
def test_what_may_lead_to_keras_needs_everything(name: str) -> None:
    assert preload("torch", ["numpy", name])[:2] == ("torch", "keras")


def test_numpy_alone_needs_the_checks_only() -> None:
    imports = [
        "numpy",
        "dlcourse.check",
        "dlcourse.check.check",
        "dlcourse.models",
        "collections.abc",
    ]
    assert preload("tensorflow", imports) == ("dlcourse.check",)


def test_a_library_comes_with_the_packages_that_are_imported() -> None:
    found = preload("tensorflow", ["sklearn.svm", "dlcourse.data"])
    assert set(found) == {n for n in LIBRARIES if n.startswith("sklearn.")} | {"dlcourse.data"}


@pytest.mark.parametrize("name", ["matplotlib.pyplot", "dlcourse.plots"])
def test_pyplot_comes_with_what_draws(name: str) -> None:
    assert preload("tensorflow", ["numpy", name])[:2] == DRAWING


def test_a_figure_that_was_not_expected_is_shown(level: Level) -> None:
    drawn = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    with WorkerPool(isolation=level, imports=["numpy"]) as pool, pool.worker() as worker:
        assert result_of(run(worker, "import sys\n'matplotlib.pyplot' in sys.modules")) == "False"
        (shown,) = run(worker, drawn, seconds=LONG).outputs
    assert "image/png" in shown["data"]


def test_what_is_called_light_imports_no_deep_learning() -> None:
    light = [*preloading._LIGHT, *preloading._LIGHT_HERE, *preload("jax", preloading._LIGHT)]
    code = f"import sys, {', '.join(light)}\nprint({DEEP})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_notebook_may_use_what_was_not_expected(level: Level) -> None:
    with WorkerPool(isolation=level, imports=["numpy"]) as pool, pool.worker() as worker:
        assert result_of(run(worker, f"import sys\n{DEEP}")) == "[]"
        learned = "import keras\nkeras.ops.convert_to_numpy(keras.ops.ones(2)).sum()"
        assert "2.0" in str(result_of(run(worker, learned, seconds=LONG)))
