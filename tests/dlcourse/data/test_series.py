"""The weather is the one of the source, complete, and says what was not observed."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.data import files, manifest, series


@pytest.mark.parametrize("station", series.STATIONS)
def test_a_station_has_every_hour_of_a_year(station: str) -> None:
    loaded = series.weather(station)
    assert loaded.values.shape == (8760, 8) == (series.HOURS, len(loaded.elements))
    assert loaded.values.dtype == np.float32
    assert np.isfinite(loaded.values).all()
    assert (np.diff(loaded.times) == np.timedelta64(1, "h")).all()
    assert len(loaded.units) == 8


def test_the_first_hours_are_those_of_the_source() -> None:
    # The first record of 723170TYA.CSV, and that of 13:00 on 1 January.
    loaded = series.weather()
    assert loaded.place == "Greensboro, North Carolina"
    expected = [[10.0, 6.1, 77, 993, 200, 6.2, 10, 0], [11.7, 10.6, 93, 992, 250, 5.2, 10, 155]]
    assert loaded.values[[0, 12]].tolist() == np.array(expected, np.float32).tolist()
    assert loaded.times[0] == np.datetime64("2001-01-01T01")


def test_a_file_of_the_older_format_is_read_from_the_right_places() -> None:
    # The first record of 12839.tm2.
    loaded = series.weather("miami")
    expected = np.array([20.0, 15.0, 73, 1017, 158, 6.7, 7, 0], np.float32)
    assert loaded.values[0].tolist() == expected.tolist()


def test_a_month_has_one_year_and_its_last_hour_belongs_to_it() -> None:
    loaded = series.weather()
    changes = np.flatnonzero(np.diff(loaded.years)) + 1
    # Midnight ends the day before; neighbouring months of one year show no change.
    assert set(changes) <= {744, 1416, 2160, 2880, 3624, 4344, 5088, 5832, 6552, 7296, 8016}
    assert loaded.years[[0, 743, 744, -1]].tolist() == [1988, 1988, 1996, 1980]


def test_irradiance_is_zero_at_midnight_and_high_at_noon() -> None:
    for station in series.STATIONS:
        loaded = series.weather(station)
        hour = loaded.times.astype("datetime64[h]").astype(int) % 24
        sun = loaded.column("irradiance")
        assert sun[hour == 0].max() == 0
        assert sun[hour == 13].min() > 0


def test_what_was_filled_in_is_marked() -> None:
    shares = [series.weather(station).filled.mean() for station in series.STATIONS]
    assert shares == pytest.approx([0.0, 0.1269, 0.3332], abs=1e-4)


def test_filled_temperatures_of_miami_lie_between_their_neighbours_more_often() -> None:
    loaded = series.weather("miami")
    temperature, filled = loaded.column("temperature"), loaded.filled[1:-1]
    neighbours = np.stack([temperature[:-2], temperature[2:]])
    inner = temperature[1:-1]
    between = (inner >= neighbours.min(axis=0)) & (inner <= neighbours.max(axis=0))
    assert between[filled].mean() > between[~filled].mean() + 0.05


def test_a_column_is_a_copy() -> None:
    loaded = series.weather()
    loaded.column("temperature")[:] = 0
    assert loaded.column("temperature").any()


def test_an_unknown_station_or_element_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="greensboro, miami, sand_point"):
        series.weather("oslo")
    with pytest.raises(ValueError, match="temperature, dew_point"):
        series.weather().column("snow")


def test_the_file_comes_with_the_package() -> None:
    assert files.locate(manifest.WEATHER).parent.name == "datasets"
