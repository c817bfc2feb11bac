"""Write what the results say into the operators' guide, between two marks.

    python -m benchmarks.page            # write
    python -m benchmarks.page --check    # write nothing; fail where the page says something else

No figure of speed or endurance is typed by hand: each comes from a file in benchmarks/results.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import record
from tests.harness import course

PAGE = course.ROOT / "book" / "guides" / "operators.md"
BEGIN = "% What follows is written by: python -m benchmarks.page"
END = "% End of what is written by it."

GRADERS = {
    "autograder": "`autograder grade`",
    "nbgrader": "`nbgrader autograde`",
    "otter": "`otter run`, one by one",
    "bare-warm": "no grader, one warm process",
    "bare-cold": "no grader, a process each",
}


def section(results: Path = record.RESULTS) -> str:
    """The page's section, from the results that there are."""
    parts: list[str] = []
    for name, of in (
        ("grading", speed),
        ("steps", steps),
        ("worker", worker),
        ("arrivals", arrivals),
        ("thousand", thousand),
        ("repeat", repeat),
        ("kills", kills),
        ("attacks", attacks),
        ("fuzz", fuzz),
    ):
        path = results / f"{name}.json"
        if path.exists():
            parts += of(json.loads(path.read_text(encoding="utf-8")))
    return "\n\n".join(parts)


def speed(found: Mapping[str, Any]) -> Iterator[str]:
    """One table of all cases, and what they mean."""
    cases = found["cases"]
    yield (
        "**Speed.** Classes of right answers, the graders by turns on the same cores, medians; "
        "when, where and with how many is said below for each. The last column is what one more "
        "submission costs: for us in grading and reports, from the two largest classes that it "
        "got, for nbgrader from the two classes that it got."
    )
    rows = [
        f"| ({name}) {case['title']} | {GRADERS[grader]} | {mine['runs']} | {mine['median']:.1f} | "
        f"{mine.get('one_more', mine['each']):.3f} |"
        for name, case in cases.items()
        for grader, mine in case["graders"].items()
    ]
    head = ["| class | grader | runs | class, s | one more, s |", "|---|---|--:|--:|--:|"]
    yield "\n".join([*head, *rows])
    for name, case in cases.items():
        parts = case["graders"]["autograder"]["parts"]
        yield (
            f"({name}) {case['size']} submissions. {_where(case)} {case['workers']} workers, "
            f"isolation {case['isolation']}. Our command was ready after {parts['ready']:.1f} s, "
            f"graded for {parts['grading']:.1f} s and wrote reports for {parts['reports']:.1f} s. "
            f"A worker took {case['memory']['worker_mib']:.0f} MiB at most, all processes "
            f"together {case['memory']['command_mib']:.0f} MiB.{_ratios(case)}{_beside(case)}"
        )


def _ratios(case: Mapping[str, Any]) -> str:
    """How many times as long others took; nothing where no other grader ran."""
    if not case["ratios"]:
        return ""
    ratios = "; ".join(f"{what}: {value:.2f}" for what, value in case["ratios"].items())
    return f" Ratios of time, the grader's named over ours where nothing else is said: {ratios}."


def _beside(case: Mapping[str, Any]) -> str:
    """The same class with training, where it was graded in the same run."""
    trained = case.get("trained")
    if trained is None:
        return ""
    return (
        f" With training, in the same run: {trained['median']:.1f} s, and {trained['one_more']:.3f}"
        " s for one more."
    )


def steps(found: Mapping[str, Any]) -> Iterator[str]:
    """Where the time of one submission goes."""
    yield (
        f"**One submission, step by step.** {_where(found)} Medians of {found['submissions']}, one "
        "after another, by one thread with a warm pool, in milliseconds: what the judge waits for "
        "and what it does itself, which is to read the notebook, draw hidden data and compare."
    )
    yield "\n".join(
        f"- ({name}) {of['title']}, {of['total_ms']:.0f} in all: "
        + ", ".join(f"{step} {time:.0f}" for step, time in of["steps_ms"].items() if time >= 1)
        + "."
        for name, of in found["cases"].items()
    )


def worker(found: Mapping[str, Any]) -> Iterator[str]:
    """Where the time of a small submission goes."""
    each = "; ".join(
        f"{'with TensorFlow' if name == 'tensorflow' else 'with NumPy only'}: imports "
        f"{of['imports_s']:.1f} s, then start {of['start_ms']:.0f} ms, a cell {of['a_cell_ms']:.1f}"
        f" ms, a call {of['a_call_ms']:.1f} ms, end {of['close_ms']:.0f} ms, of which the machine "
        f"spent {of['kernel_ms']:.0f} ms in the kernel and {of['user_ms']:.0f} ms outside it"
        for name, of in found["zygotes"].items()
    )
    yield (
        f"**One worker.** {_where(found)} Two forks of a process that has its libraries in memory, "
        f"in namespaces of their own. Medians of {found['workers']}, one after another, {each}."
    )


def arrivals(found: Mapping[str, Any]) -> Iterator[str]:
    """How long a learner waits whose file arrives in a watched inbox."""
    yield (
        f"**A watched inbox.** {_where(found)} From the arrival of a right answer in the inbox of "
        f"`autograder watch` to its row in `marks.csv`, {found['arrivals']} arrivals, each as soon "
        "as the one before had its row, so beside its reports; the first, then the median and the "
        "slowest of the others."
    )
    yield "\n".join(
        f"- ({name}) {of['title']}: ready after {of['ready']:.1f} s; {of['first']:.1f} s, then "
        f"{of['later']:.1f} s and {of['slowest_later']:.1f} s, of which grading itself took "
        f"{of['own_later']:.1f} s."
        for name, of in found["cases"].items()
    )


def thousand(found: Mapping[str, Any]) -> Iterator[str]:
    """Whether anything grew."""
    part = max(1, found["size"] // 10)
    ends = {
        name: tuple(found[name].values())
        for name in ("driver_mib", "zygote_mib", "driver_files", "zygote_files")
    }
    yield (
        f"**{found['size']:,} submissions in one run** with {found['workers']} workers. "
        f"{_where(found)} {found['per_minute']:,.0f} a minute while grading, "
        f"{found['seconds']:.0f} s for the whole command with all reports. A submission took "
        f"{found[f'median_seconds_first_{part}']:.3f} s among the first {part} and "
        f"{found[f'median_seconds_last_{part}']:.3f} s among the last. Between the first fifth and "
        "the last, the command's memory went from {:.0f} to {:.0f} MiB, the zygote's with its "
        "forks from {:.0f} to {:.0f} MiB, open files from {:.0f} to {:.0f} and from {:.0f} to "
        "{:.0f}.".format(*(value for pair in ends.values() for value in pair))
    )


def repeat(found: Mapping[str, Any]) -> Iterator[str]:
    """Whether marks are the same each time."""
    by = ", ".join(f"{runs} with {n}" for n, runs in found["runs_by_workers"].items())
    yield (
        f"**The same marks each time.** {_where(found)} The sample class of {found['week']}, "
        f"{found['submissions']} submissions and {found['checks']} checks, was graded "
        f"{found['runs']} times from nothing ({by} workers): "
        f"{len(found['differences'])} differences."
    )


def kills(found: Mapping[str, Any]) -> Iterator[str]:
    """What random kills did."""
    which = ", ".join(f"{name} {n}" for name, n in found["kills"].items())
    yield (
        f"**Killed at random moments.** {_where(found)} {found['total']} times one of the "
        f"command's processes was killed with SIGKILL ({which}), in {found['rounds']} rounds over "
        f"a class of {found['size']}; the same command was given again until it came to its end. "
        "Findings of anything lost, doubled or changed in ledger, tables and gradebook: "
        f"{len(found['problems'])}. "
        f"Processes left: {found['left']}. In {found['refused']} cases a command could not begin, "
        "because its zygote had just been killed, and said so."
    )


def attacks(found: Mapping[str, Any]) -> Iterator[str]:
    """The corpus of attacks."""
    levels = "; ".join(
        f"{level}: {of['passed']} of {of['attacks']} held in {of['seconds']:.0f} s"
        for level, of in found["levels"].items()
    )
    yield f"**Hostile submissions.** {_where(found)} {levels}."


def fuzz(found: Mapping[str, Any]) -> Iterator[str]:
    """What the fuzzer tried."""
    targets = {name: of for name, of in found.items() if isinstance(of, dict) and "examples" in of}
    tried = ", ".join(f"{name} {of['examples']:,}" for name, of in targets.items())
    problems = sum(len(of["problems"]) for of in targets.values())
    yield f"**Fuzzed.** {_where(found)} Examples: {tried}. Anything but a clear error: {problems}."


def _where(found: Mapping[str, Any]) -> str:
    machine = found["machine"]
    load = machine.get("load_before", 0.0)
    # Whoever shares the cores makes every time longer, by how much nobody can say.
    busy = f", beside other work: a load of {load:.0f} before it began" if load > 1 else ""
    return f"({found['date']}, {machine['cores_used']} cores of {machine['processor']}{busy}.)"


def main(argv: Sequence[str] | None = None) -> int:
    """Write or compare; 1 when the page says something else."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args(argv)
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = f"{before}{BEGIN}\n\n{section()}\n\n{END}{after}"
    if arguments.check:
        return int(text != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
