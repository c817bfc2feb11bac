"""Records of networks for images: how rows are kept, and what comes with the course."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dlcourse.models.vision_records import VisionRecord, keep, measured, table


def record(seed: int, accuracy: float, network: str = "ViT") -> VisionRecord:
    return VisionRecord(network, "plain", 100, seed, 1.0, {"accuracy": accuracy})


def test_a_new_row_takes_the_place_of_the_same_setting_and_seed(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    keep([record(0, 0.5), record(1, 0.6)], path)
    keep([record(1, 0.7), record(0, 0.9, network="CNN")], path)
    rows = json.loads(path.read_text(encoding="utf-8"))
    found = [(row["network"], row["seed"], row["measures"]["accuracy"]) for row in rows]
    assert found == [("CNN", 0, 0.9), ("ViT", 0, 0.5), ("ViT", 1, 0.7)]


def test_both_networks_were_measured_with_the_same_seeds() -> None:
    accuracies = {name: measured(name) for name in ("ViT", "CNN")}
    assert len(accuracies["ViT"]) == len(accuracies["CNN"]) >= 2
    assert (measured("ViT", measure="seconds") > 0).all()


def test_a_setting_that_was_not_measured_is_named() -> None:
    with pytest.raises(ValueError, match=r"MLP.*was not measured; known are"):
        measured("MLP")


def test_a_table_has_a_line_for_each_setting_with_its_error() -> None:
    head, line = table([("ViT", "plain", 3000)], ("accuracy", "seconds")).splitlines()
    assert head.split() == ["network", "variant", "size", "accuracy", "seconds"]
    values = measured("ViT")
    error = values.std(ddof=1) / len(values) ** 0.5
    assert f"{values.mean():.3f} +- {error:.3f}" in line
