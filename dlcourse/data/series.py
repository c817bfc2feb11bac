"""Time series for forecasting: hourly weather of three stations, the same in both tiers.

Each series is a typical meteorological year: the twelve months come from different years, each the
most typical of its kind, and at the joints six hours on each side were smoothed (Marion and Urban
1995, appendix A). So there is weather to forecast within a month, and nothing to learn from one
year about the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dlcourse.data import files, manifest

__all__ = ["HOURS", "STATIONS", "Weather", "weather"]

STATIONS = ("greensboro", "miami", "sand_point")
HOURS = 8760


@dataclass(frozen=True)
class Weather:
    """A typical meteorological year of one station: T = 8,760 hours without a gap."""

    place: str
    """Such as "Greensboro, North Carolina"."""
    elements: tuple[str, ...]
    """The columns: temperature, dew_point, humidity, pressure, wind_direction, wind_speed,
    cloud_cover, irradiance."""
    units: tuple[str, ...]
    """Of each column: C, C, %, hPa, degrees (from north, clockwise; 0 where there is no wind), m/s,
    tenths of the sky, W/m2."""
    values: npt.NDArray[np.float32]
    """(T, 8)"""
    times: npt.NDArray[np.datetime64]
    """(T,) local standard time in a nominal year without a leap day, 2001; the first is 01:00 of 1
    January. Irradiance is the mean of the hour that ends then."""
    years: npt.NDArray[np.int64]
    """(T,) the year in which the hour's month was observed."""
    filled: npt.NDArray[np.bool_]
    """(T,) whether the hour's temperature was not observed but filled in, by interpolation between
    an earlier and a later observation, or by an estimate."""

    def column(self, element: str) -> npt.NDArray[np.float32]:
        """One element, (T,), as a copy.

        Raises:
            ValueError: if there is no such element.
        """
        if element not in self.elements:
            raise ValueError(f"No element {element!r}; there are {', '.join(self.elements)}.")
        return self.values[:, self.elements.index(element)].copy()


def weather(station: str = "greensboro") -> Weather:
    """Load a station's hourly weather (see `dlcourse.data.manifest.WEATHER`). Both tiers.

    Greensboro's temperatures were all observed. Of Miami's and Sand Point's some were filled in.

    Args:
        station: one of `STATIONS`.

    Raises:
        ValueError: if `station` is none of `STATIONS`.
        DataError: if the file is missing or is not the known one.
    """
    if station not in STATIONS:
        raise ValueError(f"No station {station!r}; there are {', '.join(STATIONS)}.")
    with np.load(files.locate(manifest.WEATHER), allow_pickle=False) as file:
        row = file["station"].tolist().index(station)
        steps = file["values"][row].astype(np.float64)
        months, filled, place = file["years"][row], file["filled"][row], file["place"][row]
        # 1 / 0.1 is a whole number: dividing by it rounds 117 tenths to 11.7 and not to 11.700001.
        values = steps / np.round(1.0 / file["resolution"].astype(np.float64))
        elements, units = file["element"].tolist(), file["unit"].tolist()
    times = np.datetime64("2001-01-01T01", "h") + np.arange(HOURS)
    return Weather(
        place=str(place),
        elements=tuple(elements),
        units=tuple(units),
        values=values.astype(np.float32),
        times=times,
        years=months.astype(np.int64)[_month(times)],
        filled=filled,
    )


def _month(times: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int64]:
    """The month, 0 to 11, in which the hour that ends at each time lies."""
    begins = times - np.timedelta64(1, "h")
    return begins.astype("datetime64[M]").astype(np.int64) % 12
