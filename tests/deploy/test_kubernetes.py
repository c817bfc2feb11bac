"""The manifests: what a pod may do, what is tried again, and the command that its shell runs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.commands.main import _parser
from autograder.commands.terminal import FAILED, INTERRUPTED, REFUSED, TRY_AGAIN, USAGE
from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
JOBS = ("grade", "grade-gpu", "gather")


def manifest(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def pod(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = manifest(name)["spec"]["template"]["spec"]
    return spec


def container(name: str) -> dict[str, Any]:
    (only,) = pod(name)["containers"]
    assert isinstance(only, dict)
    return only


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    """The places where two manifests differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [d for k in keys for d in differences(one.get(k), other.get(k), f"{where}.{k}")]
    return [] if one == other else [where]


@pytest.mark.parametrize("name", JOBS)
def test_a_part_is_retried_by_what_its_exit_code_says(name: str) -> None:
    spec = manifest(name)["spec"]
    ignored, final = spec["podFailurePolicy"]["rules"]
    assert ignored["action"] == "Ignore"
    assert ignored["onPodConditions"] == [{"type": "DisruptionTarget", "status": "True"}]
    assert final["action"] == "FailIndex"
    assert final["onExitCodes"] == {
        "containerName": container(name)["name"],
        "operator": "In",
        "values": [FAILED, USAGE, REFUSED],
    }
    assert not {TRY_AGAIN, INTERRUPTED} & set(final["onExitCodes"]["values"])
    # Each of these is refused or ignored by Kubernetes without the others.
    assert spec["completionMode"] == "Indexed"
    assert spec["backoffLimitPerIndex"] > 0
    assert pod(name)["restartPolicy"] == "Never"


@pytest.mark.parametrize("name", JOBS)
def test_no_two_pods_of_one_part_run_at_a_time(name: str) -> None:
    assert manifest(name)["spec"]["podReplacementPolicy"] == "Failed"


@pytest.mark.parametrize("name", JOBS)
def test_a_pod_has_what_strict_isolation_needs_and_nothing_else(name: str) -> None:
    spec = pod(name)
    assert spec["hostUsers"] is False
    assert spec["automountServiceAccountToken"] is False
    security = spec["securityContext"]
    assert (security["runAsNonRoot"], security["runAsUser"]) == (True, 10001)
    assert security["seccompProfile"]["type"] == security["appArmorProfile"]["type"] == "Localhost"
    text = (ROOT / "deploy" / "docker" / "apparmor").read_text(encoding="utf-8")
    profile = re.search(r"^profile (\S+)", text, re.M)
    assert profile is not None
    assert security["appArmorProfile"]["localhostProfile"] == profile[1]
    assert container(name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "procMount": "Unmasked",
    }
    assert {"cpu", "memory", "ephemeral-storage"} <= container(name)["resources"]["limits"].keys()


@pytest.mark.parametrize("name", JOBS)
def test_a_pod_writes_its_marks_and_its_scratch_and_finds_every_volume(name: str) -> None:
    mounts = container(name)["volumeMounts"]
    assert [m["mountPath"] for m in mounts if not m.get("readOnly")] == ["/marks", "/tmp"]
    assert {m["name"] for m in mounts} == {v["name"] for v in pod(name)["volumes"]}


@pytest.mark.parametrize("name", JOBS)
def test_the_secret_comes_from_a_secret(name: str) -> None:
    (secret,) = [e for e in container(name)["env"] if e["name"] == "AUTOGRADER_SECRET"]
    assert secret["valueFrom"]["secretKeyRef"] == {"name": "dlcourse", "key": "course-secret"}


def run(name: str, tmp_path: Path, index: int) -> str:
    """What the pod's shell gives to the grader."""
    stand_in = tmp_path / "autograder"
    stand_in.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    environment = {e["name"]: e["value"] for e in container(name)["env"] if "value" in e}
    environment |= {"JOB_COMPLETION_INDEX": str(index), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [*container(name)["command"], *container(name)["args"]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["grade", "grade-gpu"])
def test_the_parts_are_the_jobs_indices(name: str, tmp_path: Path) -> None:
    parts = manifest(name)["spec"]["completions"]
    tier = " --tier gpu" if name == "grade-gpu" else ""
    told = run(name, tmp_path, parts - 1)
    assert told == (
        f"grade 1 /submissions --out /marks --workers 4{tier} --shard {parts - 1}/{parts}"
    )


def test_gathering_has_no_part(tmp_path: Path) -> None:
    assert manifest("gather")["spec"]["completions"] == 1
    assert run("gather", tmp_path, 0) == "grade 1 /submissions --out /marks --workers 4"


def test_the_job_with_gpus_differs_by_image_data_command_and_gpu_alone() -> None:
    one, other = manifest("grade"), manifest("grade-gpu")
    assert differences(one, other) == [
        ".metadata.name",
        ".spec.template.spec.containers",
        ".spec.template.spec.volumes",
    ]
    assert differences(container("grade"), container("grade-gpu")) == [
        ".args",
        ".env",
        ".image",
        ".resources.limits.nvidia.com/gpu",
        ".volumeMounts",
    ]
    assert container("grade-gpu")["resources"]["limits"]["nvidia.com/gpu"] == 1


def test_gathering_differs_by_its_parts_alone() -> None:
    assert differences(manifest("grade"), manifest("gather")) == [
        ".metadata.name",
        ".spec.completions",
        ".spec.maxFailedIndexes",
        ".spec.parallelism",
        ".spec.template.spec.containers",
    ]
    assert differences(container("grade"), container("gather")) == [".args", ".env"]


def test_a_grader_talks_to_nobody() -> None:
    policy = manifest("network-policy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert not policy.keys() & {"ingress", "egress"}
    for name in JOBS:
        labels = manifest(name)["spec"]["template"]["metadata"]["labels"]
        assert labels == policy["podSelector"]["matchLabels"]


# What KubeRay 1.7 calls the fields that ours uses; its webhook ignores others without a word.
KUBERAY = {
    "spec": {
        *("entrypoint", "submissionMode", "backoffLimit", "activeDeadlineSeconds"),
        *("shutdownAfterJobFinishes", "ttlSecondsAfterFinished"),
        *("submitterPodTemplate", "rayClusterSpec"),
    },
    "cluster": {"rayVersion", "authOptions", "headGroupSpec", "workerGroupSpecs"},
    "head": {"rayStartParams", "template"},
    "workers": {
        *("groupName", "replicas", "minReplicas", "maxReplicas"),
        *("rayStartParams", "template"),
    },
}


@pytest.fixture
def ray_job() -> dict[str, Any]:
    text = (FOLDER / "ray.yaml").read_text(encoding="utf-8")
    job: dict[str, Any] = next(iter(yaml.safe_load_all(text)))
    return job


def graders(job: dict[str, Any]) -> dict[str, Any]:
    """The pod that a worker of the cluster is."""
    (group,) = job["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    spec: dict[str, Any] = group["template"]["spec"]
    return spec


def head(job: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    return spec


def test_a_ray_job_has_fields_that_its_operator_knows(ray_job: dict[str, Any]) -> None:
    cluster = ray_job["spec"]["rayClusterSpec"]
    assert (ray_job["apiVersion"], ray_job["kind"]) == ("ray.io/v1", "RayJob")
    assert set(ray_job["spec"]) == KUBERAY["spec"]
    assert set(cluster) == KUBERAY["cluster"]
    assert set(cluster["headGroupSpec"]) == KUBERAY["head"]
    assert set(cluster["workerGroupSpecs"][0]) == KUBERAY["workers"]


def test_a_ray_job_runs_the_version_that_the_image_has(ray_job: dict[str, Any]) -> None:
    locked = (ROOT / "deploy" / "docker" / "requirements-cpu.txt").read_text(encoding="utf-8")
    assert f"\nray=={ray_job['spec']['rayClusterSpec']['rayVersion']} " in locked


def test_a_ray_job_gives_the_command_what_it_takes(ray_job: dict[str, Any]) -> None:
    program, *arguments = ray_job["spec"]["entrypoint"].split()
    assert program == "autograder"
    given = _parser().parse_args(arguments)
    assert [str(path) for path in given.submissions] == ["/submissions"]
    assert (str(given.out), given.ray) == ("/marks", "auto")
    mounted = {mount["mountPath"] for mount in head(ray_job)["containers"][0]["volumeMounts"]}
    assert {"/course", "/submissions", "/marks", "/tmp"} <= mounted
    slots = graders(ray_job)["containers"][0]["resources"]["limits"]["cpu"]
    assert given.workers == int(slots)


def test_nobody_joins_a_ray_cluster_without_its_token(ray_job: dict[str, Any]) -> None:
    assert ray_job["spec"]["rayClusterSpec"]["authOptions"] == {"mode": "token"}


def test_a_ray_cluster_ends_with_its_job(ray_job: dict[str, Any]) -> None:
    # KubeRay takes the time to live only together with the shutdown.
    assert ray_job["spec"]["shutdownAfterJobFinishes"] is True
    assert ray_job["spec"]["ttlSecondsAfterFinished"] > 0


def test_a_pod_that_grades_for_ray_is_confined_as_one_of_a_job(ray_job: dict[str, Any]) -> None:
    ours, other = graders(ray_job), pod("grade")
    same = ("securityContext", "hostUsers", "shareProcessNamespace", "automountServiceAccountToken")
    assert {key: ours[key] for key in same} == {key: other[key] for key in same}
    assert ours["containers"][0]["securityContext"] == container("grade")["securityContext"]


def test_the_head_of_a_ray_cluster_keeps_course_secret_and_ledger_and_grades_nothing(
    ray_job: dict[str, Any],
) -> None:
    assert ray_job["spec"]["rayClusterSpec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    assert "AUTOGRADER_SECRET" in str(head(ray_job))
    assert "dlcourse-grader:" in head(ray_job)["containers"][0]["image"]
    worker = graders(ray_job)["containers"][0]
    assert "env" not in worker
    assert {mount["mountPath"] for mount in worker["volumeMounts"]} == {"/tmp", "/dev/shm"}
