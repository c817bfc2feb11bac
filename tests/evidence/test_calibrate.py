"""Thresholds: what the statistics promise, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.assignment.source import Assignment, read_assignment
from autograder.assignment.thresholds import in_words, read_thresholds
from autograder.errors import CourseError
from autograder.evidence import calibrate as calibration
from autograder.evidence.calibrate import (
    BASELINE_PASSES,
    HONEST_FAILS,
    CalibrationError,
    Spread,
    Target,
    calibrate,
    choose_threshold,
    confirm,
    evidence,
    groups,
    programs_of,
    stale,
    store_evidence,
    targets,
)


def draws(mean: float, sd: float, count: int, seed: int = 0) -> list[float]:
    return list(np.random.default_rng(seed).normal(mean, sd, count))


def test_the_prediction_keeps_its_promise_for_new_runs() -> None:
    """Of many groups of 20 runs, one more run falls below the 5 % bound about 5 times in 100."""
    rng = np.random.default_rng(1)
    runs = rng.normal(0.9, 0.01, (4000, 21))
    below = [Spread.of(r[:20]).below(0.05) > r[20] for r in runs]
    assert np.mean(below) == pytest.approx(0.05, abs=0.012)


def test_chance_and_bound_are_inverse() -> None:
    spread = Spread.of(draws(0.9, 0.01, 15))
    assert spread.chance_below(spread.below(0.001)) == pytest.approx(0.001)
    assert spread.chance_below(0.9) + spread.chance_above(0.9) == pytest.approx(1)


@settings(max_examples=50)
@given(
    gap=st.floats(0.0, 0.3),
    honest_sd=st.floats(1e-4, 0.02),
    weak_sd=st.floats(1e-4, 0.02),
    seed=st.integers(0, 10_000),
)
def test_a_threshold_keeps_both_chances_or_is_refused(
    gap: float, honest_sd: float, weak_sd: float, seed: int
) -> None:
    runs = {
        "solution": draws(0.9, honest_sd, 20, seed),
        "weak": draws(0.9 - gap, weak_sd, 10, seed + 1),
    }
    try:
        threshold = choose_threshold(runs)
    except CalibrationError:
        return
    assert Spread.of(runs["solution"]).chance_below(threshold) <= HONEST_FAILS * 1.001
    assert Spread.of(runs["weak"]).chance_above(threshold) <= BASELINE_PASSES * 1.001
    assert max(runs["weak"]) < threshold <= min(runs["solution"])


def test_overlapping_programs_have_no_threshold() -> None:
    runs = {"solution": draws(0.9, 0.02, 20), "almost": draws(0.88, 0.02, 20, 3)}
    with pytest.raises(CalibrationError, match="'almost'"):
        choose_threshold(runs)


def test_the_strongest_baseline_decides() -> None:
    runs = {
        "solution": draws(0.95, 0.002, 30),
        "weak": draws(0.5, 0.002, 10),
        "strong": draws(0.9, 0.002, 10),
    }
    assert 0.91 < choose_threshold(runs) < 0.95


def test_a_program_that_ignores_its_seed_does_not_divide_by_zero() -> None:
    assert choose_threshold({"solution": [0.9] * 5, "weak": [0.5] * 5}) == pytest.approx(0.7)


def calibrated(sample: Assignment) -> Assignment:
    """The sample with a threshold in its softmax question."""
    text = sample.path.read_text(encoding="utf-8")
    text = text.replace(
        "    z = hidden_scores(rng)\n",
        '    z = hidden_scores(rng)\n    assert measure("speed", 1.0) > threshold("speed")\n',
    ).replace("name: normalises-columns", "name: normalises-columns\nbaseline: speed")
    sample.path.write_text(text, encoding="utf-8")
    return read_assignment(sample.path)


def test_targets_are_the_solution_and_the_named_baselines(sample: Assignment) -> None:
    (target,) = targets(calibrated(sample))
    assert target.threshold == "speed"
    assert list(target.programs) == ["solution", "normalises-columns"]


def test_a_public_check_that_measures_has_a_threshold_of_its_own(sample: Assignment) -> None:
    text = calibrated(sample).path.read_text(encoding="utf-8")
    public = sample.question("softmax").checked(hidden=False)[0]
    last_line = public.source.splitlines()[-1]
    measuring = f'    assert measure("practice", 1.0) > threshold("practice")\n{last_line}'
    text = text.replace(last_line, measuring, 1)
    text = text.replace("\nbaseline: speed", "\nbaseline: [speed, practice]")
    sample.path.write_text(text, encoding="utf-8")
    found = {s.threshold: s for s in targets(read_assignment(sample.path))}
    assert list(found) == ["practice", "speed"]
    assert found["practice"].check.name == public.name
    assert list(found["practice"].programs) == ["solution", "normalises-columns"]


def test_a_baseline_of_what_no_check_measures_is_refused(sample: Assignment) -> None:
    made = calibrated(sample)
    text = made.path.read_text(encoding="utf-8")
    made.path.write_text(text.replace("baseline: speed", "baseline: [speed, sped]"))
    with pytest.raises(CalibrationError, match=r"week99\.md:\d+: 'normalises-columns' .* 'sped'"):
        targets(read_assignment(made.path))


def test_a_threshold_without_a_baseline_is_refused(sample: Assignment) -> None:
    made = calibrated(sample)
    text = made.path.read_text(encoding="utf-8").replace("\nbaseline: speed", "")
    made.path.write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match="has no baseline"):
        targets(read_assignment(made.path))


def test_evidence_says_what_it_was_made_of(sample: Assignment) -> None:
    (target,) = targets(calibrated(sample))
    runs = {"solution": draws(0.9, 0.01, 20), "normalises-columns": draws(0.5, 0.01, 10)}
    found = evidence(target, "cpu", runs, {"keras": "3"})
    assert len(found["runs"]["solution"]) == 20
    assert found["chance_honest_solution_fails"] <= HONEST_FAILS
    assert found["chance_baseline_passes"]["normalises-columns"] <= BASELINE_PASSES
    assert found["versions"] == {"keras": "3"}
    assert found["machine"]["cores"]


def test_evidence_goes_stale_when_a_program_changes(sample: Assignment) -> None:
    made = calibrated(sample)
    (target,) = targets(made)
    assert "not calibrated" in stale(made)[0]
    runs = {"solution": draws(0.9, 0.01, 20), "normalises-columns": draws(0.5, 0.01, 10)}
    store_evidence(made, "speed", "cpu", evidence(target, "cpu", runs, {}))
    assert stale(made) == []
    text = made.path.read_text(encoding="utf-8").replace("z - z.max(axis=1", "z - np.max(z, 1")
    made.path.write_text(text, encoding="utf-8")
    assert "changed since it was calibrated" in stale(read_assignment(made.path))[0]


def test_tiers_are_stored_side_by_side(sample: Assignment) -> None:
    made = calibrated(sample)
    store_evidence(made, "speed", "cpu", {"threshold": 0.9})
    store_evidence(made, "speed", "gpu", {"threshold": 0.97})
    assert read_thresholds(made) == {"speed": {"cpu": 0.9, "gpu": 0.97}}
    assert in_words("speed", read_thresholds(made)) == "0.9 (cpu tier), 0.97 (gpu tier)"


def test_a_damaged_evidence_file_says_how_to_mend_it(sample: Assignment) -> None:
    sample.path.with_name("calibration.json").write_text(json.dumps({"thresholds": {"a": 3}}))
    with pytest.raises(CourseError, match="autograder calibrate week99"):
        read_thresholds(sample)


def with_two_bars(sample: Assignment) -> Assignment:
    """The sample with two thresholds of one question, the second with another baseline, too."""
    made = calibrated(sample)
    text = made.path.read_text(encoding="utf-8")
    measuring = '    assert measure("speed", 1.0) > threshold("speed")\n'
    text = text.replace(
        measuring, measuring + '    assert measure("height", 1.0) > threshold("height")\n'
    )
    text = text.replace("\nbaseline: speed", "\nbaseline: [speed, height]")
    other = next(w for w in made.question("softmax").wrong_answers if not w.baselines)
    text = text.replace(f"name: {other.name}\n", f"name: {other.name}\nbaseline: height\n")
    sample.path.write_text(text, encoding="utf-8")
    return read_assignment(sample.path)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, tuple[str, ...]]]:
    """What was run: programs with their seeds, and the thresholds that were measured."""
    made: list[tuple[str, int, tuple[str, ...]]] = []

    def run(
        assignment: Assignment, together: Sequence[Target], program: str, seed: int, *_: Any
    ) -> dict[str, float]:
        made.append((program, seed, tuple(target.threshold for target in together)))
        return {target.threshold: seed + len(program) / 100 for target in together}

    monkeypatch.setattr(calibration, "run_program", run)
    return made


def runs_of(assignment: Assignment, journal: Path | None = None) -> Any:
    (together,) = groups(targets(assignment))
    no_pool: Any = None
    return calibrate(
        assignment, together, "cpu", no_pool, honest_runs=3, baseline_runs=2, journal=journal
    )


def test_a_program_runs_once_for_all_thresholds_of_its_question(
    sample: Assignment, ran: list[tuple[str, int, tuple[str, ...]]]
) -> None:
    made = with_two_bars(sample)
    (other,) = {p for t in targets(made) for p in t.programs} - {"solution", "normalises-columns"}
    found = runs_of(made)
    both = ("speed", "height")
    assert ran == [
        ("solution", 0, both), ("solution", 1, both), ("solution", 2, both),
        ("normalises-columns", 0, both), ("normalises-columns", 1, both),
        (other, 0, ("height",)), (other, 1, ("height",)),
    ]  # fmt: skip
    assert list(found["speed"]) == ["solution", "normalises-columns"]
    assert set(found["height"]) == {"solution", "normalises-columns", other}
    assert found["height"]["solution"] == pytest.approx([0.08, 1.08, 2.08])


def test_what_the_journal_holds_is_not_run_again(
    sample: Assignment, ran: list[tuple[str, int, tuple[str, ...]]], tmp_path: Path
) -> None:
    made, journal = with_two_bars(sample), tmp_path / "journal.jsonl"
    first = runs_of(made, journal)
    lines = journal.read_text(encoding="utf-8").splitlines()
    lost = next(line for line in lines if json.loads(line)["seed"] == 1)
    journal.write_text("".join(f"{line}\n" for line in lines if line != lost), encoding="utf-8")
    ran.clear()
    assert runs_of(made, journal) == first
    assert ran == [("solution", 1, ("speed",))]


def confirmed(
    assignment: Assignment, programs: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    (together,) = groups(targets(assignment))
    no_pool: Any = None
    chosen = programs_of(together) if programs is None else programs
    return confirm(
        assignment, together, "cpu", no_pool, programs=chosen, runs=2, versions={"keras": "3"}
    )


def store_what_is_measured(assignment: Assignment, seeds: int = 3) -> None:
    """Evidence of runs that measure what ``ran`` lets them measure, of an earlier text."""
    for target in targets(assignment):
        runs = {p: [seed + len(p) / 100 for seed in range(seeds)] for p in target.programs}
        found = {"threshold": 0.5, "runs": runs, "programs_digest": "before"}
        store_evidence(assignment, target.threshold, "cpu", found)


def test_a_run_confirms_all_thresholds_of_its_question(
    sample: Assignment, ran: list[tuple[str, int, tuple[str, ...]]]
) -> None:
    made = with_two_bars(sample)
    store_what_is_measured(made)
    found = confirmed(made)
    assert [run[:2] for run in ran] == list(dict.fromkeys(run[:2] for run in ran))
    assert ran[0] == ("solution", 0, ("speed", "height"))
    assert ran[-1][2] == ("height",)
    for target in targets(made):
        assert found[target.threshold]["programs_digest"] == target.digest
        (how,) = found[target.threshold]["confirmed"]
        assert how["of_digest"] == "before"
        assert how["programs"] == sorted(target.programs)
        assert how["largest_difference"] == 0


@pytest.mark.usefixtures("ran")
def test_a_run_that_measures_something_else_confirms_nothing(sample: Assignment) -> None:
    made = with_two_bars(sample)
    store_what_is_measured(made)
    path = made.path.with_name("calibration.json")
    path.write_text(path.read_text(encoding="utf-8").replace("1.08", "1.18"), encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"'solution' measured 1.18 of .* seed 1 .* 1.08"):
        confirmed(made)


@pytest.mark.usefixtures("ran")
def test_what_no_run_measures_is_not_confirmed(sample: Assignment) -> None:
    made = with_two_bars(sample)
    store_what_is_measured(made)
    (only_of_height,) = set(targets(made)[1].programs) - set(targets(made)[0].programs)
    for programs in ([], [only_of_height]):
        with pytest.raises(CalibrationError, match="measures 'speed', so nothing confirms it"):
            confirmed(made, programs=programs)


@pytest.mark.usefixtures("ran")
def test_without_evidence_there_is_nothing_to_confirm(sample: Assignment) -> None:
    with pytest.raises(CalibrationError, match="has no evidence in the cpu tier"):
        confirmed(with_two_bars(sample))
