"""A Ray cluster: the marks of one machine, whatever becomes of a node."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.collect.submissions import Submission, find_submissions
from autograder.commands.main import main
from autograder.commands.terminal import USAGE
from autograder.grading import cluster as module
from autograder.grading.batch import GradingConfig, Progress, grade_batch
from autograder.grading.cluster import ClusterError, ClusterLostError, Needs, Parcel, cluster
from autograder.grading.ledger import Ledger
from autograder.grading.results import GradedSubmission
from autograder.workers.pool import WorkerPool
from tests.conftest import SECRET
from tests.harness.course import ROOT, Course, hand_in, small_course
from tests.sample import SAMPLE

TOKEN = "0123456789abcdef" * 4
SLOTS = 1


class Nodes:
    """A cluster of several raylets on this machine."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        # The head grades nothing: killing it would be another failure.
        self._cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
        self.address: str = self._cluster.address

    def add(self, **resources: Any) -> Any:
        given = {"num_cpus": SLOTS, "memory": 2 * 2**30} | resources
        return self._cluster.add_node(**given)

    def kill(self, node: Any) -> None:
        self._cluster.remove_node(node, allow_graceful=False)

    def close(self) -> None:
        self._cluster.shutdown()


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    # Ray reads these once, when it is imported.
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    pytest.importorskip("ray")
    made = Nodes()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def small(tmp_path: Path) -> Course:
    source = tmp_path / "week99.md"
    source.write_text(SAMPLE.replace("memory: 4", "memory: 1"), encoding="utf-8")
    return small_course(source, tmp_path / "course")


@pytest.fixture
def grading(small: Course) -> GradingConfig:
    return GradingConfig(small.assignment, {}, "cpu", SECRET)


@pytest.fixture
def handed_in(small: Course, tmp_path: Path) -> list[Submission]:
    """Right and wrong answers, one that ends its process, and a file that is no notebook."""
    wrong = small.answered({"parameter_count": "dense_parameters = 12"})
    ends = small.answered({"parameter_count": "import os\nos._exit(3)"})
    folder = tmp_path / "class"
    hand_in({"ana": small.solved, "bo": wrong, "cy": ends, "di": small.solved}, folder)
    (folder / "ed.ipynb").write_text("no notebook")
    (tmp_path / "work").mkdir()
    return find_submissions([folder], small.assignment.name, tmp_path / "work")


def marks(graded: list[GradedSubmission]) -> dict[str, tuple[str, float, str]]:
    return {one.learner: (one.status.value, one.marks, one.reason) for one in graded}


def on_cluster(
    nodes: Nodes, grading: GradingConfig, submissions: list[Submission], ledger: Path, **more: Any
) -> list[GradedSubmission]:
    with (
        cluster(nodes.address, grading, "strict", SLOTS, 0.0) as made,
        closing(Ledger(ledger)) as kept,
    ):
        return grade_batch(grading, submissions, made, kept, workers=made.places, **more)


# A cluster does not come up within Ray's own limits on a busy machine.
def with_a_real_cluster(test: Any) -> Any:
    for mark in (pytest.mark.slow, pytest.mark.exhaustive, pytest.mark.xdist_group("cluster")):
        test = mark(test)
    return test


@with_a_real_cluster
def test_marks_are_those_of_one_machine_though_a_node_is_killed(
    nodes: Nodes, grading: GradingConfig, handed_in: list[Submission], tmp_path: Path
) -> None:
    first = nodes.add()
    nodes.add()
    killed = threading.Event()

    def kill_once(step: Progress) -> None:
        if not killed.is_set():
            killed.set()
            nodes.kill(first)

    found = on_cluster(nodes, grading, handed_in, tmp_path / "far.sqlite", watch=kill_once)
    with WorkerPool(warm=False) as pool, closing(Ledger(tmp_path / "near.sqlite")) as ledger:
        here = grade_batch(grading, handed_in, pool, ledger)
    assert killed.is_set()
    assert marks(found) == marks(here)
    assert {status for status, _, _ in marks(found).values()} == {"graded", "stopped", "unreadable"}


@with_a_real_cluster
def test_where_the_last_node_is_lost_the_ledger_keeps_what_was_graded(
    nodes: Nodes,
    grading: GradingConfig,
    handed_in: list[Submission],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only = nodes.add()
    done: list[str] = []

    def kill(step: Progress) -> None:
        done.append(step.graded.learner)
        monkeypatch.setattr(module, "START", 5.0)  # no other actor will find room
        nodes.kill(only)

    with pytest.raises(ClusterLostError, match="no node"):
        on_cluster(nodes, grading, handed_in, tmp_path / "ledger.sqlite", watch=kill)
    monkeypatch.setattr(module, "START", 300.0)
    nodes.add()
    steps: list[Progress] = []
    on_cluster(nodes, grading, handed_in, tmp_path / "ledger.sqlite", watch=steps.append)
    assert {step.graded.learner for step in steps if step.resumed} >= set(done)
    assert len(steps) == len(handed_in)


@with_a_real_cluster
def test_what_no_node_has_is_refused_with_what_there_is(
    nodes: Nodes, grading: GradingConfig
) -> None:
    nodes.add()
    with (
        pytest.raises(ClusterError, match=r"no node .* takes, 64 CPU, .* with 1 CPU, 2\.0 GiB"),
        cluster(nodes.address, grading, "strict", 64, 0.0),
    ):
        pass


@with_a_real_cluster
def test_a_node_with_another_grader_is_refused(
    nodes: Nodes, grading: GradingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes.add()
    monkeypatch.setattr(module, "code_digest", lambda: "another")
    with (
        pytest.raises(ClusterError, match="its autograder or dlcourse is another version"),
        cluster(nodes.address, grading, "strict", SLOTS, 0.0),
    ):
        pass


@with_a_real_cluster
def test_without_the_token_nobody_uses_the_cluster(nodes: Nodes, grading: GradingConfig) -> None:
    nodes.add()
    code = f"""
import ray
try:
    ray.init(address={nodes.address!r}, log_to_driver=False)
except Exception as error:
    print("refused")
"""
    environment = os.environ | {"RAY_AUTH_TOKEN": "f" * 64}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "refused"


# --- what travels -----------------------------------------------------------------------------


def submission(folder: Path, **fields: Any) -> Submission:
    notebook = folder / "mine.ipynb"
    notebook.write_text("{}")
    return Submission("ana", notebook, notebook=notebook, **fields)


def test_a_parcel_holds_the_bytes_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    weights, beside = tmp_path / "here" / "w.npz", tmp_path / "here" / "mine.py"
    weights.write_bytes(b"weights")
    beside.write_bytes(b"x = 1")
    one = submission(tmp_path / "here", weights={"net": weights}, companions={"a/mine.py": beside})
    there = Parcel.of(one).unpacked(tmp_path / "there")
    assert there.notebook is not None
    assert there.notebook.read_text() == "{}"
    assert there.weights["net"].read_bytes() == b"weights"
    assert there.companions["a/mine.py"].read_bytes() == b"x = 1"


def test_a_parcel_writes_nowhere_but_into_its_folder(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    beside = tmp_path / "here" / "x"
    beside.write_bytes(b"x")
    one = submission(
        tmp_path / "here", companions={"../../escaped": beside, "/etc/escaped": beside}
    )
    there = Parcel.of(one).unpacked(tmp_path / "there")
    assert {path.parent for path in there.companions.values()} == {tmp_path / "there"}


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    link = tmp_path / "w.npz"
    link.symlink_to(secret)
    with pytest.raises(OSError, match="symbolic links"):
        Parcel.of(submission(tmp_path, weights={"net": link}))


def test_a_submission_without_a_notebook_travels_as_it_is(tmp_path: Path) -> None:
    one = Submission("ana", tmp_path)
    assert Parcel.of(one).unpacked(tmp_path).notebook is None


@pytest.mark.parametrize(
    ("node", "count"),
    [
        ({"CPU": 8.0, "memory": 64.0, "GPU": 1.0}, 2),
        ({"CPU": 8.0, "memory": 10.0, "GPU": 1.0}, 1),
        ({"CPU": 1.0, "memory": 64.0, "GPU": 1.0}, 0),
        ({"CPU": 8.0, "memory": 64.0}, 0),
    ],
)
def test_a_node_holds_what_its_scarcest_resource_allows(node: dict[str, float], count: int) -> None:
    assert Needs(slots=2, memory=8, gpus=0.5).fit(node) == count


def test_what_two_gpus_have_left_does_not_make_another_share() -> None:
    node = {"CPU": 64.0, "memory": 640.0, "GPU": 2.0}
    assert [Needs(1, 8, share).fit(node) for share in (1.0, 0.6, 0.5, 0.1)] == [2, 2, 4, 20]


def test_without_a_gpu_none_is_needed() -> None:
    assert Needs(slots=2, memory=8).fit({"CPU": 4.0, "memory": 16.0}) == 2


def test_ray_and_gpus_of_this_machine_exclude_each_other(
    small: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in({"ana": small.solved}, tmp_path / "class")
    words = ["--root", str(small.root), "grade", "99", str(tmp_path / "class")]
    words += ["--out", str(tmp_path / "out"), "--ray", "auto", "--gpus", "/dev/null"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SECRET", SECRET)
        assert main(words) == USAGE
    assert "leave out --gpus" in capsys.readouterr().err
