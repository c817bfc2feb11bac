"""What Colab's image runs: .ci/notebooks, here with notebooks and a wheel made on the spot."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A wheel of one module and no notebook yet."""
    made = tmp_path / "learner"
    (made / "dist").mkdir(parents=True)
    (made / "notebooks" / "week01").mkdir(parents=True)
    info = "tiny_course-1.0.dist-info"
    with zipfile.ZipFile(made / "dist" / "tiny_course-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_course.py", "WEEKS = 12\n")
        wheel.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-course\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return made


def write(folder: Path, name: str, source: str) -> None:
    notebook = new_notebook(cells=[new_code_cell(source)])
    nbformat.write(notebook, folder / "notebooks" / "week01" / f"{name}.ipynb")


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    # Installed beside this environment, never into it.
    target = str(folder.parent / "installed")
    environment = {**os.environ, "PIP_TARGET": target, "PIP_NO_INDEX": "1", "PYTHONPATH": target}
    command = [str(ROOT / ".ci" / "notebooks"), sys.executable, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_notebooks_run_with_the_wheel_and_those_after_a_failed_one_too(folder: Path) -> None:
    write(
        folder, "01_broken", "import tiny_course\nassert tiny_course.WEEKS == 13, 'a week too few'"
    )
    write(folder, "02_right", "import tiny_course\nassert tiny_course.WEEKS == 12")
    done = run(folder)
    assert done.returncode == 1
    assert "a week too few" in done.stderr
    assert done.stderr.splitlines()[-2:] == [
        "1 of 2 notebooks failed:",
        "notebooks/week01/01_broken.ipynb",
    ]
    assert done.stdout.splitlines()[-1] == "notebooks/week01/02_right.ipynb"


def test_no_notebook_at_all_is_a_failure(folder: Path) -> None:
    assert run(folder).returncode == 1
