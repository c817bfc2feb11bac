"""Calibration: thresholds from many runs of the solution and of weak baselines.

For one more run of a program that has given n values with mean m and standard deviation s, and if
those are normal, ``(x - m) / (s * sqrt(1 + 1/n))`` follows Student's t with n - 1 degrees of
freedom: the prediction interval of Hahn and Meeker, *Statistical Intervals* (1991), section 4.7.
From it come the chance that an honest solution fails and the chance that a baseline passes. A
threshold must keep the first below 1 in 1,000 and each of the second below 1 in 100, and no run
that was seen may contradict it.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student

from autograder.assignment.source import Answer, Assignment, CheckSource, Code, Role
from autograder.assignment.thresholds import evidence_path
from autograder.errors import AutograderError
from autograder.evidence.records import digest
from autograder.grading.batch import Pool
from autograder.judge.checks import load_checks
from autograder.judge.remote import Budget, RemoteAnswer, Worker
from autograder.report.files import write_whole
from dlcourse.check import Outcome, run_check, using_thresholds
from dlcourse.check.allowance import calls_of

HONEST_FAILS = 1e-3
BASELINE_PASSES = 1e-2
SOLUTION = "solution"
# A spread below this is a program that ignores its seed, not a measurement.
LEAST_SPREAD = 1e-9


# Two measurements of the same program with the same seed that differ by no more are the same: sums
# in another order move an accuracy by an image or two.
SAME_MEASUREMENT = 1.5e-3


class CalibrationError(AutograderError):
    """No threshold can be had: a program does not run, or solution and baselines overlap."""


@dataclass(frozen=True)
class Target:
    """What is calibrated: a threshold, the check that measures it, and the programs to run."""

    threshold: str
    check: CheckSource
    setup: Sequence[str]  # what makes the hidden data
    programs: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Changes when the evidence is of other programs or another check than the source's."""
        programs = (f"{name}\0{source}" for name, source in sorted(self.programs.items()))
        parts = [self.check.source, *self.setup, *programs]
        return digest("\0".join(parts))


def targets(assignment: Assignment) -> list[Target]:
    """The thresholds of an assignment, each with its solution and its named baselines.

    A hidden check measures each threshold that it asks for. A public check may do so too, where
    what it can measure differs from what is graded; one that does not measure borrows a hidden
    check's threshold.

    Raises:
        CalibrationError: when a threshold has no baseline, or a baseline names what no check
            measures.
    """
    found: list[Target] = []
    for question in assignment.questions:
        for check in question.checks:
            for name in check.thresholds if check.hidden else check.measured:
                baselines = {
                    w.name: w.source for w in question.wrong_answers if name in w.baselines
                }
                if not baselines or question.answer is None:
                    raise CalibrationError(
                        f"{assignment.path}:{check.line}: threshold {name!r} has no baseline; mark "
                        f"a wrong answer of {question.name!r} with `baseline: {name}`"
                    )
                programs = {SOLUTION: question.answer.solution, **baselines}
                found.append(Target(name, check, assignment.code(Role.HIDDEN_SETUP), programs))
    known = {target.threshold for target in found}
    for wrong in (w for question in assignment.questions for w in question.wrong_answers):
        for name in wrong.baselines:
            if name not in known:
                raise CalibrationError(
                    f"{assignment.path}:{wrong.line}: {wrong.name!r} is a baseline of {name!r}, "
                    "which no check measures"
                )
    return found


def groups(found: Sequence[Target]) -> list[list[Target]]:
    """The targets by question: its programs are the same, so that one run is measured for all."""
    by_question: dict[str, list[Target]] = {}
    for target in found:
        by_question.setdefault(target.check.question, []).append(target)
    return list(by_question.values())


def run_program(
    assignment: Assignment,
    together: Sequence[Target],
    program: str,
    seed: int,
    tier: str,
    pool: Pool,
) -> dict[str, float]:
    """Run one program with one seed and one draw of the hidden data; return what was measured.

    Args:
        assignment: that of the targets.
        together: targets of one question, each of which has the program.
        program: its name.
        seed: added to the seeds that the program fixes; the draw of hidden data has its number.
        tier: of which the limits and the thresholds are.
        pool: where it runs.

    Returns:
        The value of each target's threshold, by the threshold's name.

    Raises:
        CalibrationError: when the program does not get as far as being measured.
    """
    first = together[0]
    with pool.worker(tier=tier) as worker:
        _run_cells(assignment, first, first.programs[program], seed, tier, worker)
        try:
            return {
                target.threshold: _measured(assignment, target, seed, tier, worker)
                for target in together
            }
        except CalibrationError as error:
            raise CalibrationError(f"{program} (seed {seed}): {error}") from None


def _measured(
    assignment: Assignment, target: Target, seed: int, tier: str, worker: Worker
) -> float:
    """What a target's check measures of the program that a worker has run.

    Raises:
        CalibrationError: when the check does not get as far as measuring.
    """
    checks = load_checks(assignment, {target.threshold: {tier: -math.inf}}, tier, f"draw {seed}")
    check = next(c for cs in checks.by_question.values() for c in cs if c.name == target.check.name)
    budget = Budget(calls=calls_of(check), seconds=300.0)
    answer = RemoteAnswer(worker, worker.look(_names(assignment, target), 0), budget)
    with using_thresholds(checks.thresholds, tier):
        result = run_check(check, answer, rng=checks.rng(check))
    if target.threshold not in result.measured:
        raise CalibrationError(
            f"it was not measured by {check.name}: {result.message}"
            if result.outcome is not Outcome.CORRECT
            else f"{check.name} does not call measure({target.threshold!r}, ...)"
        )
    return float(result.measured[target.threshold])


def _names(assignment: Assignment, target: Target) -> tuple[str, ...]:
    answer = assignment.question(target.check.question).answer
    return answer.names if answer else ()


# Programs fix their seeds so that a learner's run repeats; here each run adds its own number.
_RESEED = """
import keras as _keras
_set_random_seed = _keras.utils.set_random_seed
_keras.utils.set_random_seed = lambda seed: _set_random_seed(seed + {offset})
_keras.utils.set_random_seed(0)
"""


def _run_cells(
    assignment: Assignment, target: Target, program: str, seed: int, tier: str, worker: Worker
) -> None:
    limits = assignment.limits[tier]
    sources = [_RESEED.format(offset=1000 * (seed + 1))]
    for cell in assignment.cells:
        if isinstance(cell, Code) and cell.role in (Role.PLAIN, Role.SETUP):
            sources.append(cell.source)
        elif isinstance(cell, Answer) and cell.question != target.check.question:
            sources.append(cell.solution)
        elif isinstance(cell, Answer):
            sources.append(program)
            break
    for source in sources:
        record = worker.run_cell(source, limits.notebook)
        if record.status != "ok":
            raise CalibrationError(
                f"seed {seed}: a cell of {target.check.question!r} ended with {record.status}: "
                f"{record.ename}: {record.evalue}"
            )


@dataclass(frozen=True)
class Spread:
    """The mean and the spread of a program's runs, and what they foretell of one more run."""

    mean: float
    sd: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least three runs."""
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))

    @property
    def scale(self) -> float:
        """The standard error of predicting one more run."""
        return max(self.sd, LEAST_SPREAD) * math.sqrt(1 + 1 / self.runs)

    def chance_below(self, value: float) -> float:
        """The chance that one more run falls below ``value``."""
        return float(student.cdf((value - self.mean) / self.scale, self.runs - 1))

    def chance_above(self, value: float) -> float:
        """The chance that one more run reaches ``value``."""
        return float(student.sf((value - self.mean) / self.scale, self.runs - 1))

    def below(self, chance: float) -> float:
        """The value that one more run falls below with this chance."""
        return self.mean + self.scale * float(student.ppf(chance, self.runs - 1))


def choose_threshold(runs: Mapping[str, Sequence[float]]) -> float:
    """A threshold midway between what an honest solution keeps and what no baseline reaches.

    Args:
        runs: values, higher is better, by program; the solution's under ``"solution"``.

    Returns:
        A threshold of three decimals.

    Raises:
        CalibrationError: when none satisfies both chances, or a run contradicts it.
    """
    honest = Spread.of(runs[SOLUTION])
    highest = min(honest.below(HONEST_FAILS), min(runs[SOLUTION]))
    baselines = {n: v for n, v in runs.items() if n != SOLUTION}
    reach = {n: max(Spread.of(v).below(1 - BASELINE_PASSES), *v) for n, v in baselines.items()}
    strongest = max(reach, key=lambda name: reach[name])
    threshold = round((highest + reach[strongest]) / 2, 3)
    if not reach[strongest] < threshold <= highest:
        raise CalibrationError(
            f"no threshold: an honest solution stays above {highest:.4f} in 999 of 1,000 runs, but "
            f"{strongest!r} stays below {reach[strongest]:.4f} in 99 of 100 only. "
            "Give the solution more room or the question a harder task."
        )
    return threshold


def evidence(
    target: Target, tier: str, runs: Mapping[str, Sequence[float]], versions: Mapping[str, str]
) -> dict[str, Any]:
    """A threshold with all that it was derived from.

    Raises:
        CalibrationError: as :func:`choose_threshold`.
    """
    threshold = choose_threshold(runs)
    spreads = {name: Spread.of(values) for name, values in runs.items()}
    honest = spreads.pop(SOLUTION)
    return {
        "threshold": threshold,
        "measured_by": target.check.name,
        "programs_digest": target.digest,
        "chance_honest_solution_fails": honest.chance_below(threshold),
        "chance_baseline_passes": {n: s.chance_above(threshold) for n, s in spreads.items()},
        "statistics": "Student-t prediction interval for one more run; see calibrate.py",
        "mean": {n: round(float(np.mean(v)), 5) for n, v in runs.items()},
        "sd": {n: round(float(np.std(v, ddof=1)), 5) for n, v in runs.items()},
        "runs": {n: [round(x, 5) for x in v] for n, v in runs.items()},
        "machine": machine(),
        "versions": dict(versions),
    }


def machine() -> dict[str, str | int]:
    """What the runs were made on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def read_evidence(assignment: Assignment) -> dict[str, Any]:
    """The stored evidence; empty when there is none."""
    path = evidence_path(assignment)
    if not path.is_file():
        return {"thresholds": {}}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def store_evidence(assignment: Assignment, name: str, tier: str, found: dict[str, Any]) -> Path:
    """Write a threshold's evidence for one tier beside the source; the rest stays as it is."""
    path = evidence_path(assignment)
    stored = read_evidence(assignment)
    stored["thresholds"].setdefault(name, {})[tier] = found
    return write_whole(path, json.dumps(stored, indent=1) + "\n")


def stale(assignment: Assignment) -> list[str]:
    """Thresholds whose evidence is missing or is of other programs: one line each."""
    lines = []
    stored = read_evidence(assignment)["thresholds"]
    for target in targets(assignment):
        tiers = stored.get(target.threshold, {})
        if not tiers:
            lines.append(f"{assignment.path}: threshold {target.threshold!r} is not calibrated")
        for tier, found in tiers.items():
            if found.get("programs_digest") != target.digest:
                lines.append(
                    f"{assignment.path}: the solution, a baseline or the check of "
                    f"{target.threshold!r} changed since it was calibrated ({tier} tier); "
                    f"run `autograder calibrate {assignment.name} --tier {tier}`"
                )
    return lines


def out_of_date(assignment: Assignment, tier: str) -> list[Target]:
    """The targets whose evidence of a tier is of other programs or another check."""
    stored = read_evidence(assignment)["thresholds"]
    return [
        target
        for target in targets(assignment)
        if stored.get(target.threshold, {}).get(tier, {}).get("programs_digest") != target.digest
    ]


def calibrate(
    assignment: Assignment,
    together: Sequence[Target],
    tier: str,
    pool: Pool,
    *,
    honest_runs: int,
    baseline_runs: int,
    watch: Callable[[str, int], None] = lambda *_: None,
    journal: Path | None = None,
) -> dict[str, dict[str, list[float]]]:
    """Run the programs and return what was measured.

    A program is run once for each seed, and all targets that name it are measured on that run.
    What was measured is written to ``journal`` run by run, and found there again after an
    interruption.

    Args:
        assignment: that of the targets.
        together: targets of one question, as `groups` gives them.
        tier: of which the limits and the thresholds are.
        pool: where the programs run.
        honest_runs: how many runs of the solution.
        baseline_runs: how many runs of each other program.
        watch: told of each run, with the program's name and the seed.
        journal: a file of one line a measurement.

    Returns:
        Runs by program by the threshold's name.

    Raises:
        CalibrationError: when a program does not run.
    """

    def seeds(program: str) -> range:
        return range(honest_runs if program == SOLUTION else baseline_runs)

    known = {target.threshold: _read_journal(journal, target, tier) for target in together}
    for program in programs_of(together):
        mine = [target for target in together if program in target.programs]
        for seed in seeds(program):
            if new := [t for t in mine if (program, seed) not in known[t.threshold]]:
                found = run_program(assignment, new, program, seed, tier, pool)
                for target in new:
                    value = known[target.threshold][program, seed] = found[target.threshold]
                    _append(journal, target, tier, program, seed, value)
            watch(program, seed)
    return {
        target.threshold: {
            program: [known[target.threshold][program, seed] for seed in seeds(program)]
            for program in target.programs
        }
        for target in together
    }


def programs_of(together: Sequence[Target]) -> list[str]:
    """The names of all programs of some targets, the solution first."""
    return list(dict.fromkeys(program for target in together for program in target.programs))


def confirm(
    assignment: Assignment,
    together: Sequence[Target],
    tier: str,
    pool: Pool,
    *,
    programs: Collection[str],
    runs: int,
    versions: Mapping[str, str],
    watch: Callable[[str, int], None] = lambda *_: None,
) -> dict[str, dict[str, Any]]:
    """Carry stored evidence over to a check or hidden data that were written anew to the same end.

    The first runs of the programs are repeated with their seeds, each once for all targets that
    name the program. Where they measure what they did, the stored runs stand for the new text as
    well.

    Args:
        together: targets of one question, as `groups` gives them.
        programs: which of their programs are repeated.
        runs: how many runs of each.
        versions: of Python and of the libraries that the workers use.
        watch: told of each run, with the program's name and the seed.

    Returns:
        The evidence by the threshold's name, with what confirmed it.

    Raises:
        CalibrationError: there is no evidence, a run measures something else than it did, or no
            run measures one of the targets.
    """
    stored = {t.threshold: _evidence_to_confirm(assignment, t, tier) for t in together}
    largest: dict[str, float] = {}
    for program in programs:
        for seed in range(runs):
            before = {
                target.threshold: stored[target.threshold]["runs"][program][seed]
                for target in together
                if seed < len(stored[target.threshold]["runs"].get(program, ()))
            }
            mine = [target for target in together if target.threshold in before]
            found = run_program(assignment, mine, program, seed, tier, pool) if mine else {}
            for name, value in found.items():
                largest[name] = max(largest.get(name, 0.0), abs(value - before[name]))
                if abs(value - before[name]) > SAME_MEASUREMENT:
                    raise CalibrationError(
                        f"{assignment.path}: {program!r} measured {before[name]} of {name!r} "
                        f"with seed {seed} and measures {value:.5f} now; calibrate it anew"
                    )
            watch(program, seed)
    if unseen := [name for name in stored if name not in largest]:
        raise CalibrationError(
            f"{assignment.path}: no run of {', '.join(programs) or 'a program'} measures "
            f"{unseen[0]!r}, so nothing confirms it; choose one of its programs"
        )
    return {
        target.threshold: _confirmed(
            stored[target.threshold],
            target,
            {
                "programs": sorted(set(programs) & set(target.programs)),
                "runs_of_each": runs,
                "largest_difference": round(largest[target.threshold], 6),
                "machine": machine(),
                "versions": dict(versions),
            },
        )
        for target in together
    }


def _evidence_to_confirm(assignment: Assignment, target: Target, tier: str) -> dict[str, Any]:
    stored = read_evidence(assignment)["thresholds"].get(target.threshold, {}).get(tier)
    if stored is None:
        raise CalibrationError(
            f"{assignment.path}: {target.threshold!r} has no evidence in the {tier} tier to "
            "confirm; run without --confirm"
        )
    return dict(stored)


def _confirmed(stored: Mapping[str, Any], target: Target, how: Mapping[str, Any]) -> dict[str, Any]:
    """Stored evidence as that of a target's present text."""
    confirmed = {"of_digest": stored["programs_digest"], **how}
    earlier = stored.get("confirmed", [])
    return {**stored, "programs_digest": target.digest, "confirmed": [*earlier, confirmed]}


def _read_journal(journal: Path | None, target: Target, tier: str) -> dict[tuple[str, int], float]:
    if journal is None or not journal.is_file():
        return {}
    lines = (json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines())
    mine = (target.digest, tier)
    return {(x["program"], x["seed"]): x["value"] for x in lines if (x["of"], x["tier"]) == mine}


def _append(
    journal: Path | None, target: Target, tier: str, program: str, seed: int, value: float
) -> None:
    if journal is None:
        return
    journal.parent.mkdir(parents=True, exist_ok=True)
    line = {"of": target.digest, "tier": tier, "program": program, "seed": seed, "value": value}
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
