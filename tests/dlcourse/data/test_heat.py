"""A town's heat follows weather and days off, can be drawn anew, and has faults that are known."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data import heat


def test_the_history_has_a_row_for_each_substation_and_day() -> None:
    made = heat.history()
    assert len(made) == heat.SUBSTATIONS * 1095
    assert str(made.day[0]) == "2021-01-01"
    assert str(made.day[-1]) == "2023-12-31"
    assert (made.heat > 0).all()


def test_more_heat_is_taken_in_the_cold_and_offices_take_less_on_days_off() -> None:
    made = heat.history()
    cold, warm = made.heat[made.temperature < 0], made.heat[made.temperature > 18]
    assert cold.mean() > 4 * warm.mean()
    offices = (made.offices > 0.9) & (np.abs(made.temperature - 5) < 2)
    assert made.heat[offices & made.off].mean() < 0.75 * made.heat[offices & ~made.off].mean()


def test_saturdays_sundays_and_holidays_are_off() -> None:
    made = heat.readings("2022-12-19", "2022-12-27", np.random.default_rng(0))
    off = {str(d)[8:] for d, free in zip(made.day, made.off, strict=True) if free}
    assert off == {"24", "25", "26"}


def test_rows_look_back_a_week_and_forward_by_the_forecast_alone() -> None:
    made = heat.readings("2024-01-01", "2024-01-20", np.random.default_rng(1))
    rows = heat.rows(made)
    assert len(rows) == heat.SUBSTATIONS * 13
    of = {(s, d): i for i, (s, d) in enumerate(zip(made.substation, made.day, strict=True))}
    for row in (0, 12, 13, 200):
        today = of[rows.substation[row], rows.day[row]]
        wanted = [
            *made.heat[today - 7 : today][::-1],
            made.temperature[today - 1],
            made.forecast[today],
            made.wind[today],
            made.offices[today],
            made.off[today],
            made.off[today - 1],
        ]
        np.testing.assert_allclose(rows.inputs[row], wanted, rtol=1e-6)
        assert rows.targets[row] == np.float32(made.heat[today])


def test_inputs_are_within_their_limits() -> None:
    inputs = heat.rows(heat.history()).inputs
    assert inputs.shape[1] == len(heat.FIELDS)
    for column, field in zip(inputs.T, heat.FIELDS, strict=True):
        assert field.low <= column.min() <= column.max() <= field.high, field.name


def test_the_same_state_gives_the_same_weather_and_another_gives_other() -> None:
    first, again, other = (
        heat.readings("2024-01-01", "2024-02-01", np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.heat, again.heat)
    assert not np.array_equal(first.temperature, other.temperature)
    np.testing.assert_array_equal(first.offices, other.offices)


def test_the_raw_history_lacks_values_repeats_rows_and_has_one_thermometer_in_fahrenheit() -> None:
    raw = heat.raw_history()
    keys = list(zip(raw.substation.tolist(), raw.day.tolist(), strict=True))
    assert len(keys) - len(set(keys)) == 150
    assert 0.005 < np.isnan(raw.heat).mean() < 0.02
    highest = [np.nanmax(raw.temperature[raw.substation == s]) for s in range(heat.SUBSTATIONS)]
    assert np.argmax(highest) == 5
    assert np.delete(highest, 5).max() < 40 < highest[5]


def test_a_log_ends_with_days_whose_truth_is_not_known() -> None:
    log = heat.incident("quiet", np.random.default_rng(0))
    assert log.begins == -1
    assert set(log.day[np.isnan(log.truth)]) == {40, 41}
    assert (np.diff(log.day) >= 0).all()
    np.testing.assert_array_equal(log.forecast, log.shadow)
    assert set(log.version) == {1}


@pytest.mark.parametrize("kind", heat.INCIDENTS)
def test_each_incident_changes_what_it_says(kind: str) -> None:
    ratios, spreads = [], []
    for seed in range(12):
        log = heat.incident(kind, np.random.default_rng(seed))
        after = (log.day >= (log.begins if log.begins >= 0 else 21) + 1) & ~np.isnan(log.truth)
        ratios.append(log.truth[after].sum() / log.forecast[after].sum())
        spreads.append(np.ptp(log.inputs[after, 7]))
        assert (log.version.max() == 2) == (kind == "release")
        assert log.begins == -1 or 14 <= log.begins <= 21
    wanted = {"renovation": 0.83, "release": 1.13}.get(kind)
    if wanted is not None:
        assert abs(np.mean(ratios) - wanted) < 0.04
    if kind in ("quiet", "cold spell"):
        assert abs(np.mean(ratios) - 1) < 0.03
    assert (np.mean(spreads) > 45) == (kind == "sensor")


def test_an_unknown_incident_is_refused() -> None:
    with pytest.raises(ValueError, match="flood"):
        heat.incident("flood", np.random.default_rng(0))
