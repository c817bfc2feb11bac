"""The tree keeps its law: what runs in the sandbox stands alone, and imports have a direction."""

from __future__ import annotations

import ast
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# The rooms of the grader, from the ground up. A room imports from those before it, never from one
# after it: neither at its modules' top nor inside a function.
ROOMS = (
    "errors",
    "importing",
    "course",
    "assignment",
    "sandbox",
    "workers",
    "collect",
    "release",
    "judge",
    "grading",
    "report",
    "publish",
    "evidence",
    "commands",
)
# Where processes start: the command's entry points, above every room.
STARTS = ("__init__", "__main__")

FOLDERS = {
    ".ci",
    ".github",
    "assignments",
    "autograder",
    "benchmarks",
    "book",
    "deploy",
    "dlcourse",
    "notebooks",
    "solutions",
    "tests",
}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def test_no_folder_lies_at_the_root_by_accident() -> None:
    # A notebook's cells that were run from the root leave files there.
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    told = subprocess.run(command, capture_output=True, check=False)
    if told.returncode:
        pytest.skip("there is no git repository")
    names = told.stdout.decode().split("\0")
    assert {name.split("/")[0] for name in names if "/" in name} == FOLDERS


def test_nothing_in_the_sandbox_imports_the_rest_of_the_grader() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "autograder" / "sandbox").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "autograder" and not name.startswith("autograder.sandbox")
    }
    assert wrong == set()


def test_the_learners_package_does_not_import_the_grader() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "dlcourse").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "autograder"
    }
    assert wrong == set()


def test_the_sites_extension_does_not_import_the_grader() -> None:
    wrong = {
        f"{path.name}: {name}"
        for path in (ROOT / "book" / "_ext").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] == "autograder"
    }
    assert wrong == set()


def room_of(path: Path) -> str:
    """The room in which a module of the grader lies."""
    return path.relative_to(ROOT / "autograder").with_suffix("").parts[0]


def test_every_module_of_the_grader_lies_in_a_room() -> None:
    rooms = {room_of(path) for path in (ROOT / "autograder").rglob("*.py")}
    assert rooms - {*STARTS} == set(ROOMS)


def test_a_room_imports_only_from_rooms_below_it() -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "autograder").rglob("*.py")
        for name in imported(path)
        if (room := room_of(path)) in ROOMS
        and name.startswith("autograder.")
        and (other := name.split(".")[1]) != room
        and (other not in ROOMS or ROOMS.index(other) > ROOMS.index(room))
    }
    assert wrong == set()


def module_graph(package: str) -> dict[str, set[str]]:
    """Which modules of a package each of them imports, anywhere in its file."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / package).rglob("*.py")
    }
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        graph[module] = set()
        for name in imported(path):
            known = name if name in modules else name.rpartition(".")[0]
            if known in modules and known != module:
                graph[module].add(known)
    return graph


@pytest.mark.parametrize("package", ["autograder", "dlcourse"])
def test_no_modules_import_one_another_in_a_circle(package: str) -> None:
    try:
        TopologicalSorter(module_graph(package)).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
