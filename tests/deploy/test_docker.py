"""The images: what is in them and what is not, and the walls that their containers allow."""

from __future__ import annotations

import ctypes.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

DOCKER = ROOT / "deploy" / "docker"
LOCKS = ("build", "cpu", "gpu-tf", "gpu-torch")
# What strict isolation calls and Docker's own profile refuses, see man 2 of each.
BUILDS_THE_SANDBOX = {
    "clone",
    "clone3",
    "mount",
    "pivot_root",
    "sethostname",
    "umount2",
    "unshare",
}


def instructions() -> list[list[str]]:
    """The Dockerfile's instructions, each as words; continued lines are one."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ").splitlines()
    return [line.split() for line in lines if line.strip()]


def stages() -> dict[str, list[list[str]]]:
    """Each stage with all its instructions, those of the stages it is built on before its own."""
    found: dict[str, list[list[str]]] = {}
    current: list[list[str]] = []
    for words in instructions():
        if words[0] == "FROM":
            current = [*found.get(words[1], [])]
            found[words[3]] = current
        current.append(words)
    return found


def locked(name: str) -> dict[str, str]:
    """The packages of a file of requirements, by their normal names, with their lines."""
    text = (DOCKER / f"requirements-{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.partition("\n")[2].strip())
    return {f"{canonicalize_name(Requirement(first(b)).name)} {first(b)}": b for b in blocks}


def first(block: str) -> str:
    return block.partition("\n")[0].rstrip("\\ ")


def names(lock: str) -> set[str]:
    return {key.partition(" ")[0] for key in locked(lock)}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_there_is_an_image_for_cpus_and_one_for_each_frameworks_gpus() -> None:
    assert {"cpu", "gpu-tf", "gpu-torch"} <= stages().keys()


@pytest.mark.parametrize("stage", ["cpu", "gpu-tf", "gpu-torch"])
def test_an_image_runs_as_an_ordinary_user_and_knows_its_health(stage: str) -> None:
    words = stages()[stage]
    assert [w for w in words if w[0] == "USER"][-1] == ["USER", "10001:10001"]
    (health,) = [" ".join(w) for w in words if w[0] == "HEALTHCHECK"]
    assert "autograder doctor" in health


@pytest.mark.parametrize(("stage", "other"), [("gpu-tf", "torch"), ("gpu-torch", "tf")])
def test_no_image_holds_the_cuda_of_both_frameworks(stage: str, other: str) -> None:
    assert not any(f"requirements-gpu-{other}.txt" in " ".join(w) for w in stages()[stage])
    assert any(w[:1] == ["ENV"] and "compute,utility" in " ".join(w) for w in stages()[stage])


def test_each_frameworks_requirements_are_of_one_cuda() -> None:
    assert not any(re.search(r"cu1\d|cuda|^nvidia|^torch$", name) for name in names("cpu"))
    assert {n[-4:] for n in names("gpu-tf")} == {"cu12"}
    assert not any("cu12" in n for n in names("gpu-torch"))


def test_nothing_but_the_packages_reaches_the_builder() -> None:
    """Solutions, secrets, submissions and marks are not even sent to it."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    assert sent == {
        *("dlcourse", "autograder", "pyproject.toml", "README.md", "LICENSE"),
        *("LICENSE-CC-BY-4.0", "deploy/docker/requirements-*.txt"),
    }
    copied = {source for w in instructions() if w[0] == "COPY" for source in w[1:-1]}
    assert {re.sub("-(build|cpu|gpu-tf|gpu-torch)", "-*", c) for c in copied} == sent


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_by_hash_to_the_version_of_constraints(lock: str) -> None:
    constraints = [
        Requirement(line)
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    versions: dict[str, set[str]] = {}
    for one in constraints:
        versions.setdefault(canonicalize_name(one.name), set()).add(str(one.specifier))
    for key, block in locked(lock).items():
        requirement = Requirement(first(block))
        assert "--hash=sha256:" in block, key
        name = canonicalize_name(requirement.name)
        # What only TensorFlow's wheels for CUDA require stands in no other file.
        if name in versions:
            assert str(requirement.specifier) in versions[name], key
        else:
            assert lock.startswith("gpu"), key


def test_the_image_for_cpus_has_all_that_grading_requires() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["instructor"]]
    assert {canonicalize_name(Requirement(w).name) for w in wanted} <= names("cpu")


@pytest.mark.parametrize("name", ["grade", "gpu-tf", "gpu-torch"])
def test_a_service_mounts_what_it_may_not_change_read_only(name: str) -> None:
    service = compose()["services"][name]
    writable = [v["target"] for v in service["volumes"] if not v.get("read_only")]
    assert writable == ["/marks"]
    assert service["read_only"] is True
    assert service["network_mode"] == "none"
    assert service["cap_drop"] == ["ALL"]
    assert service["user"] == "10001:10001"
    # The secret is whatever the shell has; none stands in the file.
    assert service["environment"]["AUTOGRADER_SECRET"] is None


def test_a_service_names_the_profiles_that_lie_beside_it() -> None:
    options = dict(o.split("=") for o in compose()["services"]["grade"]["security_opt"])
    assert (DOCKER / options["seccomp"]).is_file()
    profile = re.search(r"^profile (\S+)", (DOCKER / "apparmor").read_text(), re.M)
    assert profile is not None
    assert options["apparmor"] == profile[1]
    assert options["systempaths"] == "unconfined"


def seccomp() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DOCKER / "seccomp.json").read_text(encoding="utf-8"))
    return loaded


def test_the_seccomp_profile_allows_what_the_sandbox_is_built_with_and_no_more_of_that_kind() -> (
    None
):
    first_rule, *others = seccomp()["syscalls"]
    assert set(first_rule["names"]) == BUILDS_THE_SANDBOX
    others_names = {n for rule in others for n in rule["names"]}
    refused = {
        *("ptrace", "process_vm_readv", "process_vm_writev", "bpf", "perf_event_open", "keyctl"),
        *("add_key", "io_uring_setup", "userfaultfd", "init_module", "finit_module", "reboot"),
        *("kexec_load", "open_by_handle_at", "setns", "fsopen", "move_mount", "swapon"),
    }
    assert not refused & others_names
    assert seccomp()["defaultAction"] == "SCMP_ACT_ERRNO"


@pytest.mark.skipif(
    ctypes.util.find_library("seccomp") is None, reason="libseccomp is not installed here"
)
def test_strict_isolation_holds_under_the_seccomp_profile_and_needs_each_call() -> None:
    needed = sorted(BUILDS_THE_SANDBOX - {"clone", "clone3"})  # no process starts without these
    command = [sys.executable, "-m", "tests.deploy.confined", str(DOCKER / "seccomp.json")]
    done = subprocess.run([*command, *needed], cwd=ROOT, capture_output=True, text=True, check=True)
    found = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert found.pop("all") == "usable"
    assert found.keys() == set(needed)
    assert all("Function not implemented" in text for text in found.values()), found


@pytest.mark.skipif(
    shutil.which("apparmor_parser") is None, reason="apparmor_parser is not installed here"
)
def test_the_apparmor_profile_is_one(tmp_path: Path) -> None:
    text = (DOCKER / "apparmor").read_text(encoding="utf-8")
    version = subprocess.run(["apparmor_parser", "--version"], capture_output=True, text=True)
    number = re.search(r"version (\d+)", version.stdout)
    assert number is not None
    if int(number[1]) < 4:  # which does not know `userns`, as the profile says
        text = text.replace("\n  userns,\n", "\n")
    path = tmp_path / "apparmor"
    path.write_text(text, encoding="utf-8")
    command = ["apparmor_parser", "--skip-kernel-load", "--skip-cache", str(path)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed here")
def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = subprocess.run(["hadolint", DOCKER / "Dockerfile"], capture_output=True, text=True)
    assert done.stdout == ""


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """The root of an image as it should be, as far as its contents are looked at."""
    packages = tmp_path / "opt" / "grader" / "lib" / "python3.12" / "site-packages"
    for name in ("autograder", "dlcourse"):
        (tmp_path / "opt" / "packages" / name).mkdir(parents=True)
        (tmp_path / "opt" / "packages" / name / "__init__.py").touch()
    packages.mkdir(parents=True)
    (packages / "nvidia_cudnn_cu12-9.28.dist-info").mkdir()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("grader:x:10001:10001::/tmp:/usr/sbin/nologin\n")
    return tmp_path


def checked(root: Path) -> subprocess.CompletedProcess[str]:
    command = [str(DOCKER / "check_contents.sh"), str(root)]
    return subprocess.run(command, capture_output=True, text=True)


def test_an_image_as_it_should_be_is_found_so(unpacked: Path) -> None:
    done = checked(unpacked)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("path", "mode", "named"),
    [
        ("course/.course-secret", 0o600, "secret"),
        ("course/solutions/week01.md", 0o644, "solutions"),
        ("opt/grader/lib/python3.12/site-packages/autograder", 0o644, "judge"),
        ("usr/bin/su", 0o4755, "changes its user"),
        (
            "opt/grader/lib/python3.12/site-packages/nvidia_nccl_cu13-2.dist-info",
            0o644,
            "cu12 cu13",
        ),
    ],
)
def test_what_does_not_belong_into_an_image_is_named(
    unpacked: Path, path: str, mode: int, named: str
) -> None:
    (unpacked / path).parent.mkdir(parents=True, exist_ok=True)
    (unpacked / path).touch()
    (unpacked / path).chmod(mode)
    done = checked(unpacked)
    assert done.returncode == 1
    assert named in done.stdout
