"""Records of generators: the distance, how rows are kept, and what comes with the course."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg

from dlcourse.data.loaders import digits
from dlcourse.models.generator_records import (
    GeneratorRecord,
    frechet_distance,
    generator_records,
    keep,
    measured,
    table,
)


def record(name: str, seed: int, frechet: float = 1.0) -> GeneratorRecord:
    return GeneratorRecord(name, seed, frechet, 10.0, 0.5, 1000)


def test_the_distance_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(5, 5))
    a, b = rng.normal(size=(300, 5)) @ mixed, 0.5 + rng.normal(size=(400, 5))
    first, second = np.cov(a.T), np.cov(b.T)
    root = np.real(linalg.sqrtm(first @ second))
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(first + second - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected)


def test_the_distance_of_two_gaussians_in_one_dimension_is_known() -> None:
    x = np.random.default_rng(0).normal(size=(1000, 2))
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    moved = frechet_distance(x, 3 * x + [4, 0])
    means, spreads = 2 * x.mean(0) + [4, 0], np.cov(x.T)
    assert moved == pytest.approx(np.sum(means**2) + 4 * np.trace(spreads))


def test_features_whose_covariance_is_singular_have_a_distance() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    flat = np.column_stack([x, x[:, 0]])
    assert frechet_distance(flat, flat + 1) == pytest.approx(4)


def test_training_images_measure_nearly_zero() -> None:
    images = digits("cpu").train_images
    found = measured(
        "copies", 0, lambda n: images[:n], training_seconds=math.pi, parameters=images.size
    )
    assert found.frechet == pytest.approx(0, abs=0.01)
    assert (found.training_seconds, found.parameters) == (3.1, 3500 * 28 * 28)


def test_rows_of_a_name_are_replaced_and_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    keep([record("b", 1), record("b", 0)], path)
    keep([record("a", 0)], path)
    keep([record("b", 2, frechet=9.0)], path)
    rows = path.read_text().splitlines()
    assert len(rows) == 4
    assert '"a"' in rows[1]
    assert '"b", "seed": 2, "frechet": 9.0' in rows[2]


def test_the_table_begins_with_the_least_distance_and_has_its_standard_error() -> None:
    rows = [record("far", 0, 9.0), record("near", 0, 1.0), record("near", 1, 3.0)]
    rows.append(record("far", 1, 9.0))
    head, first, second = table(rows).split("\n")
    assert head.split() == ["distance", "seeds", "training", "s", "s", "per", "1,000", "parameters"]
    assert first.split() == ["near", "2.00", "+-", "1.00", "2", "10", "0.50", "1,000"]
    assert second.split()[:4] == ["far", "9.00", "+-", "0.00"]


def test_a_single_seed_has_no_standard_error() -> None:
    assert table([record("lone", 0, 9.0)]).split("\n")[1].split()[:3] == ["lone", "9.00", "1"]


def test_each_generator_of_the_table_was_measured_with_several_seeds() -> None:
    seeds: dict[str, set[int]] = {}
    for row in generator_records():
        assert math.isfinite(row.frechet)
        assert min(row.training_seconds, row.parameters) > 0
        assert row.sampling_seconds >= 0  # rounded to hundredths
        seeds.setdefault(row.name, set()).add(row.seed)
    assert {"autoencoder, Gaussian codes", "diffusion, no labels", "VAE"} <= set(seeds)
    # Training a GAN takes ten times as long, so the table has one seed of it.
    assert min(len(found) for name, found in seeds.items() if name != "GAN") >= 3
