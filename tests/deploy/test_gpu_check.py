"""The script for a machine with a GPU: its order, its verdicts and its time, with stand-ins.

What only a GPU can show is not tested here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "deploy" / "gpu_check.sh"

# Writes its words down, and what the real command would write for right answers.
GRADER = """#!{python}
import csv, json, pathlib, sys
words = sys.argv[1:]
with open({log!r}, "a") as log:
    print(*words, file=log)
if words[0] == "doctor":
    print("  dlcourse 1.2.3")
if words[0] == "sample-class":
    out = pathlib.Path(words[words.index("--out") + 1])
    out.mkdir(parents=True)
    cell = {{"cell_type": "code", "source": ["model.fit(x)"], "metadata":
            {{"nbgrader": {{"grade_id": "model__answer"}}}}}}
    for name in ("solution", "stub", "something-else"):
        (out / (name + ".ipynb")).write_text(json.dumps({{"cells": [cell]}}))
if words[0] == "grade":
    out = pathlib.Path(words[words.index("--out") + 1])
    out.mkdir()
    with open(out / "marks.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["submission", "marks", "max_marks", "seconds"])
        for path in sorted(pathlib.Path(words[4]).iterdir()):
            writer.writerow([path.stem, {marks} if path.stem == "ben" else 5, 5, 1.0])
"""
NVIDIA_SMI = """#!/bin/sh
case "$*" in
*memory.free*) echo 10000 ;;
*compute-apps*) exec sleep 600 ;;
*) echo "A GPU, 580.1, 16000 MiB" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """An environment with a stand-in grader and nothing that sees a GPU."""
    (tmp_path / "course" / "solutions").mkdir(parents=True)
    return {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "PYTHON": sys.executable,
        "GRADER": str(grader(tmp_path, 5)),
    }


def grader(folder: Path, bens_marks: int) -> Path:
    text = GRADER.format(python=sys.executable, log=str(folder / "log"), marks=bens_marks)
    return program(folder / "grader", text)


def program(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def run(machine: dict[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), *words, str(folder / "course"), str(folder / "out")]
    return subprocess.run(command, env=machine, capture_output=True, text=True, timeout=100)


def test_a_machine_without_a_gpu_is_told_so(machine: dict[str, str], tmp_path: Path) -> None:
    done = run(machine, tmp_path)
    assert done.returncode == 3
    assert "no GPU" in done.stdout
    assert not (tmp_path / "log").exists()


def test_without_a_gpu_it_runs_the_rest_and_does_not_pass_for_a_check(
    machine: dict[str, str], tmp_path: Path
) -> None:
    done = run(machine, tmp_path, "--cpu")
    assert done.returncode == 0, done.stdout
    summary = (tmp_path / "out" / "summary.txt").read_text()
    assert "NOT A CHECK OF A GPU" in summary
    assert re.findall(r"^([\w-]+): held", summary, re.M) == ["doctor", "sample", "on-cpu"]
    assert "dlcourse 1.2.3" in summary
    log = (tmp_path / "log").read_text()
    assert "--tier gpu" not in log
    assert sorted(p.stem for p in (tmp_path / "out" / "sample").iterdir()) == ["solution", "stub"]


def test_with_a_gpu_all_steps_run_in_the_gpu_tier(machine: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path / "nvidia-smi", NVIDIA_SMI)
    done = run(machine, tmp_path)
    assert done.returncode == 0, done.stdout
    steps = ["doctor", "sample", "sharing", "full-memory", "on-gpu", "on-cpu"]
    assert re.findall(r"^([\w-]+): held", done.stdout, re.M) == steps
    assert "A GPU, 580.1" in done.stdout
    graded = [x for x in (tmp_path / "log").read_text().splitlines() if x.startswith("grade")]
    assert all("--tier gpu" in line for line in graded)
    assert graded[-1].endswith("--workers 1 --gpus")


def test_a_step_that_fails_is_named_and_the_others_run(
    machine: dict[str, str], tmp_path: Path
) -> None:
    program(tmp_path / "nvidia-smi", NVIDIA_SMI)
    grader(tmp_path, 2)
    done = run(machine, tmp_path)
    assert done.returncode == 1
    assert "sharing: FAILED" in done.stdout
    assert "on-cpu: held" in done.stdout
    assert "not full marks" in (tmp_path / "out" / "sharing.log").read_text()


def test_its_steps_take_ten_minutes_at_most() -> None:
    limits = re.findall(r"\brun [\w-]+ (\d+)$", SCRIPT.read_text(), re.M)
    assert len(limits) == 7
    assert sum(map(int, limits)) < 600


@pytest.fixture(scope="module")
def notebooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "gpu_notebooks", ROOT / "deploy" / "gpu_notebooks.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_two_notebooks_want_more_than_the_gpu_has_and_each_less(
    notebooks: Any, tmp_path: Path
) -> None:
    cells = [
        {"source": ["model.fit(x)"], "metadata": {"nbgrader": {"grade_id": "model__answer"}}},
        {"source": ["1"], "metadata": {"nbgrader": {"grade_id": "count__answer"}}},
    ]
    (tmp_path / "solution.ipynb").write_text(json.dumps({"cells": cells}))
    notebooks.memory(str(tmp_path / "solution.ipynb"), str(tmp_path / "out"), "10000")
    taken = {}
    for path in (tmp_path / "out").iterdir():
        first, second = json.loads(path.read_text())["cells"]
        compile(first["source"], str(path), "exec")
        assert first["source"].endswith("model.fit(x)")
        assert second == cells[1]
        pieces = re.search(r"range\((\d+)\)", first["source"])
        assert pieces is not None
        taken[path.stem] = int(pieces[1]) * notebooks.PIECE
    assert taken.keys() == {"holder", "late"}
    assert sum(taken.values()) > 10000
    assert max(taken.values()) < 8000


@pytest.mark.parametrize(
    ("solution", "baseline", "holds"), [(0.85, 0.7, True), (0.75, 0.7, False), (0.85, 0.81, False)]
)
def test_a_threshold_holds_where_each_program_is_on_its_side(
    notebooks: Any, tmp_path: Path, solution: float, baseline: float, holds: bool
) -> None:
    runs = {"solution": [0.86, 0.84], "weak": [0.7, 0.71]}
    stored = {"thresholds": {"accuracy": {"gpu": {"threshold": 0.8, "runs": runs}}}}
    evidence, journal = tmp_path / "calibration.json", tmp_path / "journal"
    evidence.write_text(json.dumps(stored))
    lines = [{"program": "solution", "value": solution}, {"program": "weak", "value": baseline}]
    journal.write_text("\n".join(json.dumps({"tier": "gpu", "seed": 0, **x}) for x in lines))
    if holds:
        notebooks.compare(str(evidence), str(journal), "gpu")
    else:
        with pytest.raises(SystemExit, match="wrong side"):
            notebooks.compare(str(evidence), str(journal), "gpu")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed here")
def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(["shellcheck", SCRIPT], capture_output=True, text=True, env=os.environ)
    assert done.stdout == ""
