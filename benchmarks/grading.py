"""The same submissions through ``autograder grade``, ``nbgrader autograde`` and ``otter run``.

Each case is a class of right answers to one assignment:

    a  20 that need NumPy only
    b  20 that import Keras and build a network
    c  20 of week 1, each with its training
    d  20 of week 1, each with the weights of its training, which then need not be repeated

A round gives every grader's command once for each size of class, in an order that turns from round
to round, all on the cores that this process may use. What counts is a command's wall time from
nothing to marks in a file: our zygote's imports and our reports, nbgrader's database, otter's zip.
From two sizes of class follows what one more submission costs, without what is paid once. For us
it is taken from the time of grading and reports, since the start of a zygote varies from run to run
by more than a few submissions take; and where the case is a quick one from two large classes, since
during the first seconds of grading the reports prepare themselves on the same cores.

``otter run`` is one command for each submission and pays for everything each time. So a round gives
it to ``--otter`` submissions only, and their mean, times the size, stands for the class. Nobody's
submission runs in a sandbox in nbgrader and otter; ours do, at the level that is printed.

Case c also runs the code cells of its notebooks bare, with no grader: in one warm process, one
after another (``bare-warm``: the imports and the first notebook are not counted), and each in a
process of its own (``bare-cold``). Cells of public checks are part of a notebook, so they are run;
ours asks the public and hidden checks besides.

    python -m benchmarks.grading --only a,b --runs 3

Measurements are kept in build/benchmarks/grading.jsonl, so that a run that was stopped goes on from
there; ``--fresh`` forgets them.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from autograder.release.release import Places, release
from benchmarks import record
from tests.harness import course, processes
from tests.harness.course import Course

JOURNAL = course.ROOT / "build" / "benchmarks" / "grading.jsonl"
GRADERS = ("autograder", "nbgrader", "otter")
BARE = ("bare-warm", "bare-cold")
MIB = 2**20

MARKS = ("isolation:", "graded")
"""The first words of two lines that our command prints: workers are ready, grading is done."""


@dataclass(frozen=True)
class Case:
    """One kind of submissions.

    Attributes:
        title: what they are.
        make: makes their course, in a folder of its own where it needs one.
        graders: who grades them, and what else is run for comparison.
        weights: makes the files that are handed in beside each notebook, by name, before anything
            is measured; it gets the course and an empty folder to work in.
        many: the sizes of further classes, which only ours grades.
    """

    title: str
    make: Callable[[Path], Course]
    graders: tuple[str, ...] = GRADERS
    weights: Callable[[Course, Path], Mapping[str, bytes]] = lambda made, folder: {}
    many: tuple[int, ...] = ()


CASES: dict[str, Case] = {
    "a": Case(
        "trivial: NumPy only",
        lambda folder: course.small_course(course.SOURCES / "trivial.md", folder),
        many=(100, 400),
    ),
    "b": Case(
        "imports Keras and builds a network",
        lambda folder: course.small_course(course.SOURCES / "network.md", folder),
        many=(100,),
    ),
    "c": Case(
        "week 1 with training",
        lambda _: course.this_course("week01"),
        (*GRADERS, *BARE),
    ),
    "d": Case(
        "week 1 with weights",
        lambda _: course.this_course("week01"),
        ("autograder",),
        course.trained,
        many=(100,),
    ),
}


class Failed(Exception):
    """A grader did not grade, or gave other marks than a right answer deserves."""


class ReleasePaths:
    """A case made ready: its course, its classes by size, and nbgrader's and otter's bundles."""

    def __init__(self, case: Case, sizes: Sequence[int], folder: Path) -> None:
        self.case = case
        self.course = case.make(folder / "course")
        self.name = self.course.assignment.name
        self.points = self.course.assignment.points
        self.folder = folder
        (folder / "weights").mkdir()
        self.weights = case.weights(self.course, folder / "weights")
        solved = self.course.solved
        self.classes = {n: self._class(solved, n) for n in sizes}
        self.bundles = folder / "bundles"
        self.bundles.mkdir()
        release(self.course.assignment, Places(self.bundles), self.course.root, course.SECRET)
        shutil.copy(course.ROOT / "nbgrader_config.py", self.bundles)
        _run([*_nbgrader("generate_assignment"), self.name, "--force", "--create"], self.bundles)

    def _class(self, solved: dict[str, Any], size: int) -> Path:
        learners = [f"learner-{n:02d}" for n in range(size)]
        if not self.weights:
            return course.hand_in(dict.fromkeys(learners, solved), self.folder / f"class-{size}")
        for learner in learners:
            folder = course.hand_in({self.name: solved}, self.folder / f"class-{size}" / learner)
            for name, content in self.weights.items():
                (folder / name).write_bytes(content)
        return self.folder / f"class-{size}"

    def notebooks(self, size: int) -> list[Path]:
        """The notebooks of a class."""
        return sorted(self.classes[size].rglob("*.ipynb"))

    def fresh(self) -> Path:
        """An empty folder for one measurement."""
        return Path(tempfile.mkdtemp(dir=self.folder))


# One measurement: a function of a place, a size and the options gives what was found. ------------


@dataclass(frozen=True)
class Options:
    """How the graders are run."""

    workers: int
    otter: int
    isolation: str
    graders: tuple[str, ...] = (*GRADERS, *BARE)


def autograder(place: ReleasePaths, size: int, options: Options) -> dict[str, Any]:
    """``autograder grade``: the whole command, and its parts by what it prints."""
    out = place.fresh()
    command = our_command(place, size, out, options)
    began = time.monotonic()
    parts = _timed_lines(command, began)
    seconds = time.monotonic() - began
    with (out / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    _demand_marks("autograder", [float(r["marks"]) for r in rows], place, size)
    each = [float(r["seconds"]) for r in rows]
    shutil.rmtree(out)
    return {
        "seconds": seconds,
        "ready": parts["isolation:"],
        "reports": seconds - parts["graded"],
        "grading": parts["graded"] - parts["isolation:"],
        "each": statistics.median(each),
    }


def our_command(place: ReleasePaths, size: int, out: Path, options: Options) -> list[str]:
    """``autograder grade`` on a class."""
    command = [sys.executable, "-m", "autograder", "--root", str(place.course.root), "grade"]
    command += [place.name, str(place.classes[size]), "--out", str(out), "--tier", "cpu"]
    command += ["--audit", "0"]  # an audit trains again what weights have made unnecessary
    return [*command, "--workers", str(options.workers), "--isolation", options.isolation]


def _timed_lines(command: Sequence[str], began: float) -> dict[str, float]:
    """Run a command; seconds until the last line that begins with each of :data:`MARKS`."""
    found: dict[str, float] = {}
    with subprocess.Popen(
        command,
        env=course.environment(),
        cwd=course.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            word = line.partition(" ")[0]
            if word in MARKS:
                found[word] = time.monotonic() - began
        errors = process.stderr.read()
    if process.returncode or len(found) < 2:
        missing = "" if process.returncode else " and did not say when it was ready and had graded"
        raise Failed(
            f"{' '.join(command[1:5])} ended with {process.returncode}{missing}:\n{errors[-2000:]}"
        )
    return found


def nbgrader(place: ReleasePaths, size: int, options: Options) -> dict[str, Any]:
    """``nbgrader autograde`` of a class in a copy of the released course."""
    from nbgrader.api import Gradebook

    work = place.fresh() / "course"
    shutil.copytree(place.bundles, work)
    for n, notebook in enumerate(place.notebooks(size)):
        target = work / "build" / "nbgrader" / "submitted" / f"learner-{n:02d}" / place.name
        target.mkdir(parents=True)
        shutil.copy(notebook, target / f"{place.name}.ipynb")
    began = time.monotonic()
    _run([*_nbgrader("autograde"), place.name, "--create"], work)
    seconds = time.monotonic() - began
    with Gradebook(f"sqlite:///{work / 'build' / 'nbgrader' / 'gradebook.db'}") as book:
        marks = [s.score for s in book.assignment_submissions(place.name)]
    _demand_marks("nbgrader", marks, place, size)
    shutil.rmtree(work.parent)
    return {"seconds": seconds}


def otter(place: ReleasePaths, size: int, options: Options) -> dict[str, Any]:
    """``otter run`` of some submissions, scaled to the class."""
    out = place.fresh()
    bundle = Places(place.bundles).otter_zip(place.name)
    each: list[float] = []
    for notebook in place.notebooks(size)[: options.otter]:
        copy = out / f"{place.name}.ipynb"
        shutil.copy(notebook, copy)
        command = [sys.executable, "-m", "otter", "run", str(copy), "-a", str(bundle)]
        began = time.monotonic()
        _run([*command, "-o", str(out)], out)
        each.append(time.monotonic() - began)
        tests = json.loads((out / "results.json").read_text(encoding="utf-8"))["tests"]
        _demand_marks("otter", [sum(t.get("score", 0) for t in tests)], place, 1)
    shutil.rmtree(out)
    return {"seconds": statistics.mean(each) * size, "run": len(each)}


def _demand_marks(grader: str, marks: Sequence[float], place: ReleasePaths, size: int) -> None:
    if len(marks) != size or any(abs(m - place.points) > 1e-9 for m in marks):
        raise Failed(
            f"{grader} gave right answers to {place.name} {sorted(set(marks))} of {place.points:g} "
            f"points, {len(marks)} times for {size}; a figure of it would mean nothing"
        )


def bare_warm(place: ReleasePaths, size: int, options: Options) -> dict[str, Any]:
    """The notebooks' code in one process, without its imports and its first notebook."""
    notebooks = [place.notebooks(size)[0], *place.notebooks(size)]
    each = json.loads(_run_bare(notebooks))["seconds"][1:]
    return {"seconds": sum(each), "each": statistics.median(each)}


def bare_cold(place: ReleasePaths, size: int, options: Options) -> dict[str, Any]:
    """The notebooks' code, each in a process of its own; as many as otter gets, scaled."""
    each = []
    for notebook in place.notebooks(size)[: options.otter]:
        began = time.monotonic()
        _run_bare([notebook])
        each.append(time.monotonic() - began)
    return {"seconds": statistics.mean(each) * size, "run": len(each)}


def _run_bare(notebooks: Sequence[Path]) -> str:
    command = [sys.executable, "-m", "benchmarks.bare", *map(str, notebooks)]
    return _run(command, course.ROOT).splitlines()[-1]


def _nbgrader(command: str) -> list[str]:
    return [sys.executable, "-m", "nbgrader", command]


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=course.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = (done.stdout + done.stderr)[-2000:]
        raise Failed(f"{' '.join(command[1:5])} ended with {done.returncode}:\n{tail}")
    return done.stdout


MEASURE: dict[str, Callable[[ReleasePaths, int, Options], dict[str, Any]]] = {
    "autograder": autograder,
    "nbgrader": nbgrader,
    "otter": otter,
    "bare-warm": bare_warm,
    "bare-cold": bare_cold,
}


# Memory, in runs of their own: looking costs time ------------------------------------------------


def peaks(place: ReleasePaths, size: int, options: Options) -> dict[str, Any]:
    """The most memory of a worker and of the whole command, looked at ten times a second."""
    out = place.fresh()
    command = our_command(place, size, out, options)
    found = {"worker": 0, "command": 0}
    with subprocess.Popen(
        command, env=course.environment(), cwd=course.ROOT, stdout=subprocess.DEVNULL
    ) as process:
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, found, done))
        watcher.start()
        process.wait()
        done.set()
        watcher.join()
    if process.returncode:
        raise Failed(f"{' '.join(command[1:5])} ended with {process.returncode}")
    shutil.rmtree(out)
    return {"worker_mib": found["worker"] / MIB, "command_mib": found["command"] / MIB}


def _watch(driver: int, found: dict[str, int], done: threading.Event) -> None:
    while not done.wait(0.1):
        tree = processes.read_tree(driver)
        for supervisor in tree.supervisors:
            with suppress(OSError):
                found["worker"] = max(found["worker"], processes.proportional(supervisor))
        found["command"] = max(found["command"], processes.proportional(driver))


# Rounds -------------------------------------------------------------------------------------------


def measure(
    name: str, sizes: Sequence[int], runs: int, options: Options, watch: Callable[[str], None]
) -> None:
    """Measure a case: what the journal lacks is measured and added to it."""
    case = CASES[name]
    with tempfile.TemporaryDirectory(prefix="grading-") as scratch:
        place = ReleasePaths(case, [*sizes, *case.many], Path(scratch))
        for number in range(runs):
            # Each grader comes first, in the middle and last, so that a slow minute hits each.
            graders = [g for g in case.graders if g in options.graders]
            turn = number % len(graders)
            order = [*graders[turn:], *graders[:turn]]
            for size in sizes:
                for grader in order:
                    _once(name, number, size, grader, place, options, watch)
            for size in case.many:
                _once(name, number, size, "autograder", place, options, watch)
        _once(name, 0, max(sizes), "memory", place, options, watch)


def _once(
    name: str,
    number: int,
    size: int,
    grader: str,
    place: ReleasePaths,
    options: Options,
    watch: Callable[[str], None],
) -> None:
    at = {"case": name, "round": number, "size": size, "grader": grader}
    how = {"workers": options.workers, "isolation": options.isolation}
    if any(entry | at | how == entry for entry in read_journal()):
        return
    if grader == "otter" and number and size == min(place.classes):
        return  # it has no cost that is paid once: a second size tells nothing new
    watch(f"{name}, round {number + 1}: {grader} on {size}")
    if grader == "memory":
        found = peaks(place, size, options)
    else:
        found = MEASURE[grader](place, size, options)
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    with JOURNAL.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**at, **how, **found}) + "\n")


def read_journal() -> list[dict[str, Any]]:
    """All measurements so far."""
    if not JOURNAL.exists():
        return []
    return [json.loads(line) for line in JOURNAL.read_text(encoding="utf-8").splitlines()]


# Figures ------------------------------------------------------------------------------------------


def figures(entries: Sequence[Mapping[str, Any]], many: Sequence[int]) -> dict[str, Any]:
    """A case's medians and ratios; ``many`` are the sizes of class that only ours graded."""
    sizes = {e["size"] for e in entries} - {*many}
    small, large = min(sizes), max(sizes)
    graders = list(dict.fromkeys(e["grader"] for e in entries if e["grader"] != "memory"))
    found: dict[str, Any] = {"size": large, "graders": {}}
    for grader in graders:
        seconds = _all(entries, grader, large)
        mine: dict[str, Any] = {
            "runs": len(seconds),
            "seconds": [round(s, 2) for s in seconds],
            "median": statistics.median(seconds),
            "each": statistics.median(seconds) / large,
        }
        if small < large and grader == "nbgrader":
            once = statistics.median(_all(entries, grader, small))
            mine["one_more"] = (mine["median"] - once) / (large - small)
        if small < large and grader == "autograder":
            mine["one_more"] = _one_more_of_ours(entries)
        found["graders"][grader] = mine
    found["graders"]["autograder"]["parts"] = {
        part: statistics.median(_all(entries, "autograder", large, part))
        for part in ("ready", "grading", "reports", "each")
    }
    found["ratios"] = _ratios(found["graders"])
    memory = [e for e in entries if e["grader"] == "memory"]
    found["memory"] = {k: memory[-1][k] for k in ("worker_mib", "command_mib")} if memory else {}
    return found


def _one_more_of_ours(entries: Sequence[Mapping[str, Any]]) -> float:
    """Seconds of grading and reports for one more submission, from the two largest classes."""
    small, large = sorted({int(e["size"]) for e in entries if e["grader"] == "autograder"})[-2:]
    seconds: dict[int, float] = {
        size: sum(
            statistics.median(_all(entries, "autograder", size, part))
            for part in ("grading", "reports")
        )
        for size in (small, large)
    }
    return (seconds[large] - seconds[small]) / (large - small)


def _all(
    entries: Sequence[Mapping[str, Any]], grader: str, size: int, what: str = "seconds"
) -> list[float]:
    return [e[what] for e in entries if e["grader"] == grader and e["size"] == size]


def _ratios(graders: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Others' time over ours, and ours over that of bare code."""
    ours = graders["autograder"]
    found: dict[str, float] = {}
    for grader in ("nbgrader", "otter"):
        if grader not in graders:
            continue
        found[f"{grader}, whole command"] = graders[grader]["median"] / ours["median"]
        if "one_more" in ours:
            more = graders[grader].get("one_more", graders[grader]["each"])
            found[f"{grader}, one more submission"] = more / ours["one_more"]
    for bare in BARE:
        if bare in graders:
            each = ours.get("one_more", ours["each"])
            found[f"ours over {bare}, one more submission"] = each / graders[bare]["each"]
            found[f"ours over {bare}, whole command"] = ours["median"] / graders[bare]["median"]
    return found


def _with_weights(trained: Mapping[str, Any], weights: Mapping[str, Any]) -> dict[str, float]:
    """How much faster the same class is graded when its weights come with it."""
    c, d = (case["graders"]["autograder"] for case in (trained, weights))
    found = {"training over weights, whole command": c["median"] / d["median"]}
    if "one_more" in c and "one_more" in d:
        found["training over weights, one more submission"] = c["one_more"] / d["one_more"]
    return found


def show(name: str, found: Mapping[str, Any], console: Console) -> None:
    """Print a case's table."""
    table = Table(title=f"({name}) {found['size']} submissions: {CASES[name].title}")
    for column in ("", "runs", "median s", "s each", "s for one more"):
        table.add_column(column, justify="right" if column else "left")
    for grader, mine in found["graders"].items():
        more = f"{mine['one_more']:.3f}" if "one_more" in mine else ""
        numbers = (f"{mine['median']:.2f}", f"{mine['each']:.3f}", more)
        table.add_row(grader, str(mine["runs"]), *numbers)
    console.print(table)
    parts = found["graders"]["autograder"]["parts"]
    console.print(
        f"autograder: ready after {parts['ready']:.2f} s, grading {parts['grading']:.2f} s, "
        f"reports {parts['reports']:.2f} s; a submission by its own clock {parts['each']:.3f} s"
    )
    for ratio, value in found["ratios"].items():
        console.print(f"  {ratio}: {value:.2f} times")
    if found["memory"]:
        worker, command = found["memory"]["worker_mib"], found["memory"]["command_mib"]
        console.print(f"  peak memory: a worker {worker:.0f} MiB, the whole command {command:.0f}")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the tables and write the figures."""
    arguments = _parser().parse_args(argv)
    console = Console(highlight=False, soft_wrap=True)
    if arguments.fresh:
        JOURNAL.unlink(missing_ok=True)
    graders = tuple(arguments.graders.split(","))
    options = Options(arguments.workers, arguments.otter, arguments.isolation, graders)
    chosen = arguments.only.split(",")
    for name in chosen:
        measure(name, arguments.sizes, arguments.runs, options, console.print)
    written = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    cases = dict(written.get("cases", {}))
    for name in chosen:
        entries = [
            e
            for e in read_journal()
            if e["case"] == name
            and e["workers"] == options.workers
            and e["size"] in (*arguments.sizes, *CASES[name].many)
            and e["isolation"] == options.isolation
        ]
        found = figures(entries, CASES[name].many)
        show(name, found, console)
        settings = {"title": CASES[name].title, "workers": options.workers}
        cases[name] = record.described(
            {**settings, "isolation": options.isolation, "otter_runs": options.otter, **found}
        )
    if {"c", "d"} <= {*chosen}:  # from one run: a machine is not equally busy in two
        cases["d"]["trained"] = cases["c"]["graders"]["autograder"]
        faster = cases["d"]["ratios"] = _with_weights(cases["c"], cases["d"])
        for ratio, value in faster.items():
            console.print(f"(d) {ratio}: {value:.2f} times")
    console.print(str(record.write(arguments.out, {"cases": dict(sorted(cases.items()))})))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.grading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cores = len(record.cores())
    parser.add_argument("--only", default=",".join(CASES), help="cases, for instance a,b")
    parser.add_argument(
        "--graders", default=",".join((*GRADERS, *BARE)), help="those to run (default: all)"
    )
    parser.add_argument("--runs", type=int, default=3, help="rounds (default: 3)")
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(n) for n in text.split(",")],
        default=[1, 20],
        help="sizes of a class (default: 1,20)",
    )
    parser.add_argument("--workers", type=int, default=cores, help="of ours (default: the cores)")
    parser.add_argument("--otter", type=int, default=2, help="otter's runs in a round (default: 2)")
    parser.add_argument("--isolation", default="strict", choices=["strict", "contained", "none"])
    parser.add_argument("--fresh", action="store_true", help="forget earlier measurements")
    parser.add_argument("--out", type=Path, default=record.RESULTS / "grading.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
