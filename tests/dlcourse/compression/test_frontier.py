"""What was measured of week 11's networks, as it is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dlcourse.compression import frontier
from dlcourse.compression.frontier import FORMS, NETWORKS, ORDERS, STUDENTS, Point


def test_every_network_has_every_form() -> None:
    found = {(p.network, p.form) for p in frontier.points()}
    assert found == {(name, form) for name in NETWORKS for form in FORMS}


def test_each_training_was_tried_on_a_thousand_digits() -> None:
    shapes = {p.network: p.correct.shape for p in frontier.points()}
    assert shapes == {name: (len(kind.seeds), 1000) for name, kind in NETWORKS.items()}
    assert {c.shape for c in frontier.students().values()} == {(6, 1000)}
    assert {c.shape for c, _ in frontier.orders().values()} == {(3, 1000)}
    assert set(frontier.students()) == set(STUDENTS)
    assert set(frontier.orders()) == set(ORDERS)


def test_the_reference_is_as_accurate_as_its_weights() -> None:
    reference = next(p for p in frontier.points() if p.network == "reference")
    assert reference.accuracy == pytest.approx(0.947)
    assert reference.multiply_adds == 4_241_152


def test_the_standard_error_of_one_training_is_that_of_a_share() -> None:
    correct = np.arange(1000)[np.newaxis] < 900
    point = Point("reference", "int8", 1, 1, 1.0, 1.0, 1.0, correct)
    assert point.standard_error == pytest.approx(np.sqrt(0.9 * 0.1 / 999))


def test_trainings_that_agree_on_each_digit_do_not_shrink_the_standard_error() -> None:
    correct = np.arange(1000) < 900
    points = [
        Point("reference", "int8", 1, 1, 1.0, 1.0, 1.0, np.stack([correct] * n)) for n in (1, 5)
    ]
    assert points[0].standard_error == pytest.approx(points[1].standard_error)


def test_digits_are_bits_of_hexadecimal_digits(tmp_path: Path) -> None:
    row = {"network": "reference", "form": "int8", "bytes": 1, "multiply_adds": 2}
    row |= {"seconds": 1.0, "seconds_256": 1.0, "keras_seconds": 1.0, "correct": ["f08001"]}
    path = tmp_path / "some.json"
    path.write_text(json.dumps({"networks": [row]}))
    (point,) = frontier.points(path)
    assert np.flatnonzero(point.correct[0]).tolist() == [0, 1, 2, 3, 8, 23]
