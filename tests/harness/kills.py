"""Kill the grader at random moments, and see that nothing is lost and nothing is doubled.

A small class is graded by ``autograder grade``. At a random moment one of the command's processes
is killed with SIGKILL: the command itself, in which the judge is; bubblewrap; the zygote; a
supervising fork; or the process that runs a notebook. A command that was killed is given again,
the very same; one that goes on is left alone, until the next kill. After each kill of the command
the ledger's rows must be right, and at the end of a round, when the command has come to its end,
the ledger, the tables and the gradebook must hold what a run without kills has written: the same
rows, each once, with the same marks.

``python -m benchmarks.kills`` kills many times.
"""

from __future__ import annotations

import copy
import csv
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.release.learner import Notebook
from tests.harness import course, processes

KINDS = ("driver", "wrapper", "zygote", "supervisor", "notebook")
# A round's command is given at most so often after its last kill: a submission that was lost with
# its worker is graded by the next one.
_MOST_RUNS = 4
# What a command says that ends with 1 since some were lost; the next one grades them.
_LOST = "marked lost"
# After at most so many more grades comes the next kill of a worker or a zygote.
_NEXT = 4
# What a command says that cannot begin, because its zygote or first worker was killed just then.
_REFUSED = re.compile(
    r"a command ended with 75: error: the (sandbox did not start|worker could not be started)"
)
# Seconds that a notebook sleeps in its first cell.
_SLEEP = 0.3
# Seconds. What an orphan may take to notice that its parent is gone.
_GONE = 120.0


@dataclass
class Class:
    """What is graded over and over: a course, its submissions, and what a run makes of them."""

    course: course.Course
    folder: Path
    expected: Any = None
    seconds: float = 0.0


@dataclass
class Counts:
    """What has been done and found.

    Attributes:
        kills: by the kind of process.
        phases: the kills by how far the command was.
        commands: how often the command was given.
        rounds: how often a class was graded from nothing to its end.
        problems: what was not as it must be; empty in the end.
        refused: commands that ended with a clear error, because the zygote was killed as it began.
        left: processes that outlived a killed command for longer than they may.
        litter: hidden files in the folder of results, that a killed command was just writing.
    """

    kills: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    commands: int = 0
    rounds: int = 0
    problems: list[str] = field(default_factory=list)
    refused: int = 0
    left: int = 0
    litter: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Add what another round has found."""
        self.kills += other.kills
        self.phases += other.phases
        self.commands += other.commands
        self.rounds += other.rounds
        refused = [p for p in other.problems if _REFUSED.match(p)]
        self.problems += [p for p in other.problems if p not in refused]
        self.refused += len(refused)
        self.refused += other.refused
        self.left += other.left
        self.litter += other.litter


def make_class(folder: Path, size: int = 60) -> Class:
    """A class of right, wrong, broken and fatal submissions of the smallest assignment.

    Each notebook sleeps a while, so that kills meet it at work.
    """
    made = course.small_course(course.SOURCES / "trivial.md", folder / "course")
    right = made.solved
    wrong = made.answered({"weights": "dense_weights = 784 * 32 + 32"})
    fatal = made.answered({"weights": "import os\nos._exit(3)"})
    raises = made.answered({"share": "raise ValueError('not now')"})
    page = "<html>no notebook</html>"
    sleepy = [_sleepy(notebook) for notebook in (right, wrong, fatal, raises, made.learner)]
    kinds: list[Notebook | str] = [*sleepy, page]
    class_ = {f"learner-{n:03d}": kinds[n % len(kinds)] for n in range(size)}
    return Class(made, course.hand_in(class_, folder / "class"))


def _sleepy(notebook: Notebook) -> Notebook:
    made = copy.deepcopy(notebook)
    first = next(cell for cell in made["cells"] if cell["cell_type"] == "code")
    first["source"] = f"{''.join(first['source'])}\nimport time\ntime.sleep({_SLEEP})"
    return made


def command(class_: Class, out: Path) -> list[str]:
    """``autograder grade`` on a class."""
    arguments = ["--root", str(class_.course.root), "grade", class_.course.assignment.name]
    arguments += [str(class_.folder), "--out", str(out), "--workers", "4", "--tier", "cpu"]
    return [sys.executable, "-m", "autograder", *arguments]


def start(class_: Class, out: Path) -> subprocess.Popen[str]:
    """Give the command."""
    return subprocess.Popen(
        command(class_, out),
        env=course.environment(),
        cwd=course.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(class_: Class, out: Path) -> tuple[int, str]:
    """Give the command undisturbed until nothing is lost; its last exit code and errors."""
    code, errors = 1, ""
    for _ in range(_MOST_RUNS):
        with start(class_, out) as process:
            _, errors = process.communicate()
            code = process.returncode
        if _LOST not in errors:
            break
    return code, errors


def statuses(out: Path) -> set[str]:
    """The statuses in the table of marks."""
    with (out / "marks.csv").open(encoding="utf-8", newline="") as file:
        return {row["status"].lower() for row in csv.DictReader(file)}


# What a run has written ---------------------------------------------------------------------------


def outcome(out: Path) -> dict[str, Any]:
    """Everything that must be the same after any kills: rows, marks and the gradebook."""
    return {
        "ledger": read_ledger(out / "ledger.sqlite"),
        "marks": _table(out / "marks.csv"),
        "checks": _table(out / "checks.csv"),
        "canvas": _table(out / "canvas.csv"),
        "moodle": _table(out / "moodle.csv"),
        "gradebook": read_gradebook(out / "gradebook.db"),
        "feedback": sorted(p.name for p in (out / "feedback").glob("[!.]*")),
    }


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def _read_only(path: Path, *, check: bool = True) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    if not check:
        return connection
    (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise ValueError(f"{path.name} is damaged: {found}")
    return connection


def read_ledger(path: Path) -> dict[str, Any]:
    """A ledger's rows by key, without what differs from run to run: times."""
    query = """
        SELECT key, learner, result, work, checks, count(number)
        FROM graded LEFT JOIN recorded USING (key) GROUP BY key
    """
    with closing(_read_only(path)) as connection:
        found = {row[0]: row[1:] for row in connection.execute(query)}
        (recorded,) = connection.execute("SELECT count(*) FROM recorded").fetchone()
    if recorded != sum(row[-1] for row in found.values()):
        raise ValueError(f"{path.name} holds recorded answers without their grade")
    return {key: _timeless(*row) for key, row in found.items()}


def _timeless(
    submission: str, result: str, work: str | None, checks: str | None, recorded: int
) -> dict[str, Any]:
    more = {"row": submission, "work": work, "checks_asked": checks, "recorded": recorded}
    return {**json.loads(result), **more, "seconds": None}


def read_gradebook(path: Path) -> list[tuple[Any, ...]]:
    """Every score in nbgrader's gradebook: learner, cell, automatic score, score by hand."""
    query = """
        SELECT a.student_id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade
        FROM grade g
        JOIN submitted_notebook n ON g.notebook_id = n.id
        JOIN submitted_assignment a ON n.assignment_id = a.id
        JOIN base_cell c ON g.cell_id = c.id
        ORDER BY 1, 2
    """
    with closing(_read_only(path)) as connection:
        return connection.execute(query).fetchall()


def differences(expected: Any, found: Any) -> Iterator[str]:
    """What of an outcome is not as expected: a line each."""
    for name, wanted in expected.items():
        if found[name] == wanted:
            continue
        if isinstance(wanted, dict):
            lost, more = wanted.keys() - found[name].keys(), found[name].keys() - wanted.keys()
            changed = [k for k in wanted.keys() & found[name].keys() if wanted[k] != found[name][k]]
            first = f", first {found[name][changed[0]]!r:.600}" if changed else ""
            yield f"{name}: {len(lost)} lost, {len(more)} more, {len(changed)} changed{first}"
        else:
            yield f"{name}: {len(found[name])} rows for {len(wanted)}, or other ones"


# Killing ------------------------------------------------------------------------------------------


def run_round(
    class_: Class, out: Path, kills: int, random_: random.Random, due: Collection[str] = ()
) -> Counts:
    """Grade a class from nothing to its end, with at most so many kills on the way.

    Kinds of processes that are ``due`` are killed before others.
    """
    counts = Counts(rounds=1)
    process, began = None, 0
    for _ in range(kills):
        if process is None:
            began = time.time_ns()
            process = start(class_, out)
            counts.commands += 1
        left = [kind for kind in due if kind not in counts.kills]
        _kill(_Moment(class_, process, began, out, random_, left), counts)
        if process.poll() is not None:
            counts.problems += _partly(class_, out)
            _unexpected(process, counts)
            process = None
            if rows(out) == len(class_.expected["ledger"]) and random_.random() < 0.5:
                break  # only reports are left to disturb: enough of that in this round
    if process is not None:
        process.wait()
        _unexpected(process, counts)
    code, errors = 0, ""
    if process is None or process.returncode or "lost" in statuses(out):
        code, errors = finish(class_, out)
        counts.commands += 1
    if code:
        counts.problems.append(f"the last command ended with {code}: {errors[-1000:]}")
    else:
        counts.problems += differences(class_.expected, outcome(out))
    counts.litter.update(_litter(out))
    return counts


def _unexpected(process: subprocess.Popen[str], counts: Counts) -> None:
    """A command that was not killed itself must end in good order, whatever else was killed."""
    errors = process.stderr.read() if process.stderr else ""
    if process.returncode not in (0, -signal.SIGKILL) and _LOST not in errors:
        counts.problems.append(f"a command ended with {process.returncode}: {errors[-1000:]}")
    if process.stderr:
        process.stderr.close()


@dataclass(frozen=True)
class _Moment:
    """One run of the command, and the choice of what to kill in it and when."""

    class_: Class
    process: subprocess.Popen[str]
    began: int
    out: Path
    random_: random.Random
    due: Collection[str] = ()

    def choose(self) -> tuple[str, int | None]:
        """Wait for a random moment; the kind of process to kill then, and its number."""
        wanted = len(self.class_.expected["ledger"])
        there = rows(self.out)
        kind = self.random_.choice(self._possible(there < wanted))
        if kind == "driver":
            self._wait_within_the_command(there, wanted)
            return kind, self.process.pid
        least = min(there + self.random_.randrange(_NEXT), wanted - 1)
        self._until(lambda: rows(self.out) >= least)
        self._until(lambda: bool(self._all(kind)))
        self._pause(0.1 if kind in ("notebook", "supervisor") else 0.5)
        found = self._all(kind)
        return kind, self.random_.choice(found) if found else None

    def _possible(self, grading: bool) -> list[str]:
        """The kinds that may be killed; those that are due alone, where some of them may be."""
        there = [k for k in KINDS if grading or k in ("driver", "zygote", "wrapper")]
        return [k for k in there if k in self.due] or there

    def _wait_within_the_command(self, there: int, wanted: int) -> None:
        # Most kills while grading: those of the reports let the whole class be graded first.
        match self.random_.choice(("start", *4 * ["grading"], "reports")):
            case "grading" if there < wanted:
                least = min(there + self.random_.randrange(2 * _NEXT), wanted - 1)
                self._until(lambda: rows(self.out) > least)
                self._pause(0.1)
            case "reports":
                before = _written(self.out / "marks.csv")
                self._until(lambda: _written(self.out / "marks.csv") != before)
                self._pause(self.class_.seconds / 2)
            case _:
                self._pause(self.class_.seconds / 4)

    def _until(self, happened: Callable[[], bool]) -> None:
        while self.process.poll() is None and not happened():
            time.sleep(0.01)

    def _pause(self, most: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self.random_.uniform(0.0, most))

    def _all(self, kind: str) -> tuple[int, ...]:
        tree = processes.read_tree(self.process.pid)
        return {
            "wrapper": tree.wrapper,
            "zygote": tree.zygote,
            "supervisor": tree.supervisors,
            "notebook": tree.notebooks,
        }[kind]

    def phase(self) -> str:
        """How far the command is."""
        there = rows(self.out)
        if there < len(self.class_.expected["ledger"]):
            return "while grading" if there else "before the first grade"
        reports = _written(self.out / "marks.csv") > self.began
        return "while writing reports" if reports else "after the last grade"


def _kill(moment: _Moment, counts: Counts) -> None:
    kind, pid = moment.choose()
    if moment.process.poll() is not None or pid is None:
        return  # it was quicker
    phase = moment.phase()
    others = processes.read_tree(moment.process.pid).others
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    counts.kills[kind] += 1
    counts.phases[phase] += 1
    if kind == "driver":
        moment.process.wait()
        counts.left += _outlived(others)


def rows(out: Path) -> int:
    """How many grades a ledger holds at this moment."""
    try:
        with closing(_read_only(out / "ledger.sqlite", check=False)) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM graded").fetchone()[0])
    except sqlite3.Error:
        return 0


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _outlived(pids: Sequence[int]) -> int:
    deadline = time.monotonic() + _GONE
    while (there := [p for p in pids if processes.is_running(p)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(there)


def _partly(class_: Class, out: Path) -> Iterator[str]:
    """What is wrong with the ledger that a killed command left: its rows must be final."""
    path = out / "ledger.sqlite"
    if not path.exists():
        return
    try:
        found = read_ledger(path)
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            yield f"the ledger cannot be read: {error}"
        return
    except (sqlite3.Error, ValueError) as error:
        yield f"the ledger cannot be read: {error}"
        return
    wanted = class_.expected["ledger"]
    for key, row in found.items():
        if wanted.get(key) != row:
            yield f"the ledger's row of {row['row']} is not as it must be"


def _litter(out: Path) -> Iterator[str]:
    for path in out.rglob("*"):
        if path.name.startswith("."):
            yield path.name.split(".")[1]


def measure(
    class_: Class, kills: int, seed: int, folder: Path, *, most: int = 30
) -> Iterator[Counts]:
    """Rounds of a third of ``most`` kills to ``most`` until there have been ``kills``.

    Each kind of process is killed at least once, if that takes more kills.

    Raises:
        RuntimeError: the class cannot be graded undisturbed, or a kind of process was not found.
    """
    out = folder / "undisturbed"
    began = time.monotonic()
    code, errors = finish(class_, out)
    class_.seconds = time.monotonic() - began
    if code:
        raise RuntimeError(f"the class cannot be graded undisturbed: {errors[-1000:]}")
    class_.expected = outcome(out)
    random_ = random.Random(seed)
    done, rounds, due = 0, 0, set(KINDS)
    while done < kills or due:
        if rounds > kills + len(KINDS):
            raise RuntimeError(f"after {done} kills there was never one of: {', '.join(due)}")
        out = folder / "killed"
        next_ = min(random_.randint(most // 3, most), max(kills - done, len(due)))
        counts = run_round(class_, out, next_, random_, sorted(due))
        shutil.rmtree(out)
        done, rounds = done + sum(counts.kills.values()), rounds + 1
        due -= counts.kills.keys()
        yield counts
