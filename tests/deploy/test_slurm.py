"""The Slurm script, run by Bash in an array's environment with a stand-in for ``scontrol``."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.harness import course as harness
from tests.harness.course import hand_in, small_course
from tests.harness.kills import differences, outcome
from tests.sample import SAMPLE

SCRIPT = ROOT / "deploy" / "slurm" / "grade.sbatch"


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"#!/usr/bin/env bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def slurm(tmp_path: Path) -> dict[str, str]:
    """The environment of the second of three tasks; requeues are written into a file."""
    tools = tmp_path / "tools"
    tools.mkdir()
    program(tools, "scontrol", f'echo "$@" >> {tmp_path}/scontrol')
    return {
        **harness.environment(),
        "PATH": f"{tools}:{os.environ['PATH']}",
        "GRADER": f"{sys.executable} -m autograder",
        "SLURM_ARRAY_JOB_ID": "17",
        "SLURM_ARRAY_TASK_ID": "1",
        "SLURM_ARRAY_TASK_COUNT": "3",
        "SLURM_CPUS_PER_TASK": "2",
    }


def run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT, *words], env=environment, capture_output=True, text=True)


def test_it_grades_its_own_part_with_the_processors_that_it_was_given(
    slurm: dict[str, str], tmp_path: Path
) -> None:
    slurm["GRADER"] = str(program(tmp_path, "grader", 'echo "$@"'))
    done = run(slurm, "1", "a class", "--out", "marks")
    assert done.returncode == 0
    assert done.stdout == "grade 1 a class --out marks --workers 2 --shard 1/3\n"


def test_a_single_task_gathers(slurm: dict[str, str], tmp_path: Path) -> None:
    slurm |= {"GRADER": str(program(tmp_path, "grader", 'echo "$@"'))}
    slurm |= {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "1"}
    assert "--shard" not in run(slurm, "1", "class").stdout


def test_one_part_alone_has_to_say_of_how_many(slurm: dict[str, str], tmp_path: Path) -> None:
    slurm |= {"GRADER": str(program(tmp_path, "grader", 'echo "$@"'))}
    slurm |= {"SLURM_ARRAY_TASK_COUNT": "1"}
    assert run(slurm, "1", "class").returncode == 2
    assert "--shard 1/3" in run({**slurm, "PARTS": "3"}, "1", "class").stdout


@pytest.mark.parametrize("code", [0, 1, 2, 3, 75, 130])
def test_only_what_may_succeed_later_is_queued_again(
    slurm: dict[str, str], tmp_path: Path, code: int
) -> None:
    slurm["GRADER"] = str(program(tmp_path, "grader", f"exit {code}"))
    assert run(slurm, "1", "class").returncode == code
    asked = tmp_path / "scontrol"
    queued = asked.read_text() if asked.exists() else ""
    assert queued == ("requeue 17_1\n" if code in (75, 130) else "")


def test_it_is_not_queued_again_for_ever(slurm: dict[str, str], tmp_path: Path) -> None:
    slurm["GRADER"] = str(program(tmp_path, "grader", "exit 75"))
    slurm["SLURM_RESTART_COUNT"] = "3"
    done = run(slurm, "1", "class")
    assert done.returncode == 75
    assert not (tmp_path / "scontrol").exists()
    assert "often enough" in done.stderr


def attentive() -> None:
    """Bash cannot catch a signal that was ignored when it started, as in a background job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_the_signal_before_the_time_limit_lets_the_grader_end_in_order(
    slurm: dict[str, str], tmp_path: Path
) -> None:
    """Slurm sends SIGINT to the script alone (--signal=B:INT)."""
    grader = 'trap "echo ended in order; exit 130" TERM\necho ready\nwhile :; do sleep 0.05; done'
    slurm["GRADER"] = str(program(tmp_path, "grader", grader))
    with subprocess.Popen(
        [SCRIPT, "1", "class"],
        env=slurm,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=attentive,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, signal.SIGINT)
        told, _ = process.communicate()
    assert process.returncode == 130
    assert told == "ended in order\n"
    assert (tmp_path / "scontrol").read_text() == "requeue 17_1\n"


def test_the_parts_gathered_are_what_one_run_gives(slurm: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "week99.md"
    source.write_text(SAMPLE, encoding="utf-8")
    made = small_course(source, tmp_path / "course")
    wrong = made.answered({"parameter_count": "dense_parameters = 12"})
    # By the hash of their names, each part has at least one of them.
    class_ = hand_in(
        {"ann": made.solved, "ben": wrong, "cai": made.solved, "dora": made.learner},
        tmp_path / "class",
    )
    words = ["--root", str(made.root), "99", str(class_), "--out"]
    parts = tmp_path / "parts"
    for task in range(2):
        part = slurm | {"SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": "2"}
        done = run(part, *words, str(parts))
        assert done.returncode == 0, done.stderr
    ledgers = sorted(p.parent.name for p in parts.glob("shards/*/ledger.sqlite"))
    assert ledgers == ["0-of-2", "1-of-2"]
    alone = slurm | {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "1"}
    gathered = run(alone, *words, str(parts))
    whole = run(alone, *words, str(tmp_path / "whole"))
    assert gathered.returncode == whole.returncode == 0, gathered.stderr + whole.stderr
    # Ledger, tables, gradebook and feedback.
    one_run = outcome(tmp_path / "whole")
    assert list(differences(one_run, outcome(parts))) == []
    assert len({row["marks"] for row in one_run["marks"]}) == 3


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed here")
@pytest.mark.parametrize("path", [SCRIPT], ids=lambda path: path.name)
def test_shellcheck_finds_nothing(path: Path) -> None:
    done = subprocess.run(["shellcheck", path], capture_output=True, text=True)
    assert done.stdout == ""
