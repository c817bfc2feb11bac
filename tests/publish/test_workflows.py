"""GitHub's workflows: what they may do, and that each step is a target that can be run here."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# What a job may do with the repository beyond reading it.
GRANTED = {
    ("publish", "keep"): {"contents": "write"},
    ("publish", "deploy"): {"pages": "write", "id-token": "write"},
    ("release", "upload"): {"contents": "read", "id-token": "write"},
    ("nightly", "report"): {"contents": "read", "issues": "write"},
    ("gpu", "report"): {"contents": "read", "issues": "write"},
}
MAKE = re.compile(r"make ([a-z-]+)")
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def read(path: Path) -> dict[Any, Any]:
    """A workflow; its key ``on`` is True, as YAML 1.1 has it."""
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def jobs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = read(path)["jobs"]
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in jobs(path).values():
        yield from job["steps"]


each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def test_there_is_a_workflow_for_each_purpose() -> None:
    names = [path.stem for path in WORKFLOWS]
    assert names == ["gpu", "nightly", "preview", "publish", "release", "test"]
    assert [read(path)["name"] for path in WORKFLOWS] == names


@each_workflow
def test_each_step_runs_a_target_of_the_makefile_and_nothing_else(path: Path) -> None:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    commands = [step["run"] for step in steps(path) if "run" in step]
    targets = [found[1] if (found := MAKE.fullmatch(line)) else line for line in commands]
    assert set(targets) <= set(phony[1].split())


@each_workflow
def test_each_action_is_pinned_by_a_commit_and_its_release_named(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert [line for line in lines if not PINNED.search(line)] == []


def test_one_action_has_one_commit() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in steps(path) if "uses" in step}
    assert len({action.partition("@")[0] for action in used}) == len(used)


@each_workflow
def test_a_job_may_no_more_than_it_must(path: Path) -> None:
    assert read(path)["permissions"] == {}
    for name, job in jobs(path).items():
        assert job["permissions"] == GRANTED.get((path.stem, name), {"contents": "read"}), name


@each_workflow
def test_no_job_runs_without_end_or_beside_its_like(path: Path) -> None:
    assert "group" in read(path)["concurrency"]
    assert all(0 < job["timeout-minutes"] <= 350 for job in jobs(path).values())


def test_pull_requests_start_the_tests_and_a_preview_and_nothing_else() -> None:
    starting = {path.stem: set(read(path)[True]) for path in WORKFLOWS}
    assert {name for name, events in starting.items() if "pull_request" in events} == {
        "preview",
        "test",
    }
    for events in starting.values():
        assert events <= {"push", "pull_request", "schedule", "workflow_dispatch"}


@each_workflow
def test_no_secret_and_no_kept_credential_reaches_a_step(path: Path) -> None:
    assert "secrets." not in path.read_text(encoding="utf-8")
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_no_expression_is_pasted_into_a_command(path: Path) -> None:
    assert not any("${{" in step.get("run", "") for step in steps(path))


def test_the_versions_of_python_are_those_that_pyproject_allows() -> None:
    matrix = jobs(ROOT / ".github" / "workflows" / "test.yml")["test"]["strategy"]["matrix"]
    header = "for Python 3.11 to 3.13"
    assert header in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_the_job_on_a_gpu_takes_its_runner_from_a_list_of_labels() -> None:
    job = jobs(ROOT / ".github" / "workflows" / "gpu.yml")["gpu"]
    assert job["runs-on"] == "${{ fromJSON(inputs.runner || vars.GPU_RUNNER) }}"
    assert "vars.GPU_RUNNER" in job["if"]
    assert "!github.event.repository.fork" in job["if"]


# --- the issue that a failure opens: `gh` is a program of ours that keeps issues in a folder ------
GH = r"""#!/usr/bin/env python3
import json, os, pathlib, sys
store = pathlib.Path(os.environ["ISSUES"])
issues = json.loads(store.read_text()) if store.exists() else []
verb, words = sys.argv[2], sys.argv[3:]
option = lambda name: words[words.index(name) + 1]
if verb == "list":
    print("".join(f"{i['number']}\t{i['title']}\n" for i in issues if i["open"]), end="")
elif verb == "view":
    print("\n".join(issues[int(words[0]) - 1]["texts"]))
elif os.environ.get("FORGETS"):
    pass
elif verb == "create":
    number = len(issues) + 1
    text = option("--body")
    issues.append({"number": number, "title": option("--title"), "open": True, "texts": [text]})
elif verb == "comment":
    issues[int(words[0]) - 1]["texts"].append(option("--body"))
elif verb == "close":
    issues[int(words[0]) - 1]["texts"].append(option("--comment"))
    issues[int(words[0]) - 1]["open"] = False
store.write_text(json.dumps(issues))
"""


@pytest.fixture
def tracker(tmp_path: Path) -> dict[str, str]:
    """The environment of a step whose ``gh`` keeps issues in a file."""
    gh = tmp_path / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "ISSUES": str(tmp_path / "issues.json")}


def step(tracker: dict[str, str], target: str, run: str) -> subprocess.CompletedProcess[str]:
    environment = {**tracker, "ISSUE": "The nightly checks fail", "RUN": run}
    command = ["make", "--no-print-directory", target]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def issues(tracker: dict[str, str]) -> Any:
    return yaml.safe_load(Path(tracker["ISSUES"]).read_text())


def test_failures_share_one_issue_and_the_next_success_closes_it(tracker: dict[str, str]) -> None:
    for run in ("https://host/runs/1", "https://host/runs/12"):
        assert step(tracker, "issue-open", run).returncode == 0
    assert step(tracker, "issue-close", "https://host/runs/13").returncode == 0
    (issue,) = issues(tracker)
    assert issue["title"] == "The nightly checks fail"
    assert not issue["open"]
    assert [text.rpartition(": ")[2] for text in issue["texts"]] == [
        f"https://host/runs/{number}" for number in (1, 12, 13)
    ]


def test_a_failure_after_a_closed_issue_opens_another(tracker: dict[str, str]) -> None:
    for target in ("issue-open", "issue-close", "issue-open"):
        assert step(tracker, target, "https://host/runs/1").returncode == 0
    assert [issue["open"] for issue in issues(tracker)] == [False, True]


def test_a_failure_that_no_issue_tells_of_fails_the_report(tracker: dict[str, str]) -> None:
    done = step({**tracker, "FORGETS": "1"}, "issue-open", "https://host/runs/1")
    assert done.returncode != 0
    assert "no open issue" in done.stderr


def test_a_failure_whose_comment_was_lost_fails_the_report(tracker: dict[str, str]) -> None:
    assert step(tracker, "issue-open", "https://host/runs/12").returncode == 0
    done = step({**tracker, "FORGETS": "1"}, "issue-open", "https://host/runs/1")
    assert done.returncode != 0


def test_success_without_an_open_issue_is_no_failure(tracker: dict[str, str]) -> None:
    assert step(tracker, "issue-close", "https://host/runs/1").returncode == 0
