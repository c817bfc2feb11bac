"""The calibrated thresholds of an assignment, as ``autograder calibrate`` stored them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from autograder.assignment.source import Assignment
from autograder.errors import CourseError

Thresholds = dict[str, dict[str, float]]


def evidence_path(assignment: Assignment) -> Path:
    """Where an assignment's calibration evidence lies: beside its source."""
    return assignment.path.with_name("calibration.json")


def read_thresholds(assignment: Assignment) -> Thresholds:
    """The thresholds by name and tier; empty when the assignment has never been calibrated.

    Raises:
        CourseError: when the evidence file is not what calibration writes.
    """
    path = evidence_path(assignment)
    if not path.is_file():
        return {}
    try:
        evidence = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: {tier: float(found["threshold"]) for tier, found in tiers.items()}
            for name, tiers in evidence["thresholds"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CourseError(
            f"{path} is not calibration evidence ({type(error).__name__}: {error}). "
            f"Write it again with `autograder calibrate {assignment.name}`."
        ) from None


def in_words(name: str, thresholds: Mapping[str, Mapping[str, float]]) -> str:
    """A threshold as prose shows it, for instance ``0.905 (cpu tier), 0.962 (gpu tier)``.

    Raises:
        KeyError: when there is no such threshold.
    """
    return ", ".join(f"{value:g} ({tier} tier)" for tier, value in thresholds[name].items())
