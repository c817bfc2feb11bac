"""Hourly electricity demand of made-up city districts: fifteen days, the last one to be forecast.

Each district is drawn anew: how much of it is homes and how much offices, when its people get up
and come home, how strongly its demand follows the weather, and with which weekday it begins. So
there are as many districts as one asks for, and none of them tells the future of another. Days off
are Saturdays, Sundays and holidays.

The parts are those that load forecasting works with: profiles by type of day, multiplied by a slow
weather factor and by noise (T. Hong and S. Fan, Probabilistic electric load forecasting: A tutorial
review, International Journal of Forecasting 32, 2016, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["HOURS", "PAST_DAYS", "Demand", "districts"]

HOURS = 24
PAST_DAYS = 14
_DAYS = PAST_DAYS + 1

_HOLIDAY = 0.12  # the chance that a day from Monday to Friday is a holiday
_NOISE = 0.05  # standard deviation of each hour's own factor, as a share
_DAY_NOISE = 0.03  # the same of each day's own factor
_WEATHER_MEMORY = 72.0  # hours after which the weather's correlation has fallen to 1/e

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Demand:
    """n districts with fifteen days each, in units of the mean demand of the first fourteen."""

    inputs: Array
    """(n, 15, 25): of each day the demand in its 24 hours, then 1 if it is off, 0 if not.

    The demand of the last day is to be forecast; 24 zeros stand in its place."""
    targets: Array
    """(n, 24): the demand in the hours of the last day."""

    def __len__(self) -> int:
        """The number of districts."""
        return len(self.inputs)


def districts(count: int, rng: np.random.Generator) -> Demand:
    """Draw districts.

    Args:
        count: how many.
        rng: draws everything that is random; the same state gives the same districts.
    """
    off = _days_off(count, rng)
    demand = np.where(off[:, :, None], *_profiles(count, rng))
    demand *= _weather(count, rng) * _noise(count, rng)
    demand /= demand[:, :PAST_DAYS].mean(axis=(1, 2), keepdims=True)
    inputs = np.concatenate([demand, off[:, :, None]], axis=2).astype(np.float32)
    inputs[:, PAST_DAYS, :HOURS] = 0.0
    return Demand(inputs, demand[:, PAST_DAYS].astype(np.float32))


def _days_off(count: int, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """(count, 15): whether a day is a Saturday, a Sunday or a holiday."""
    weekday = (rng.integers(7, size=(count, 1)) + np.arange(_DAYS)) % 7
    return (weekday >= 5) | (rng.random((count, _DAYS)) < _HOLIDAY)


def _peak(
    centre: npt.NDArray[np.float64], width: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(count, 24): a bump around an hour of the day, the same one midnight later."""
    angle = 2 * np.pi * (np.arange(HOURS) + 0.5 - centre[:, None]) / HOURS
    return np.exp((np.cos(angle) - 1) * (HOURS / (2 * np.pi * width[:, None])) ** 2)


def _profiles(
    count: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The profile of a day off and of a working day: (count, 1, 24) each."""

    def draw(low: float, high: float) -> npt.NDArray[np.float64]:
        return rng.uniform(low, high, count)

    offices = draw(0.0, 1.0)[:, None]
    wakes, returns = draw(6.0, 8.5), draw(17.5, 20.5)
    evening = draw(0.7, 1.3)[:, None] * _peak(returns, draw(2.0, 3.0))
    at_work = 0.7 * _peak(wakes, draw(1.0, 2.0)) + evening
    at_home = 0.6 * _peak(wakes + draw(1.5, 4.0), draw(2.5, 4.0)) + evening
    office = 1.5 * _peak(draw(11.5, 13.5), draw(3.5, 4.5))
    base = draw(0.3, 0.7)[:, None]
    day_off = base + (1 - offices) * at_home + offices * draw(0.0, 0.3)[:, None] * office
    working = base + (1 - offices) * at_work + offices * office
    return day_off[:, None], working[:, None]


def _weather(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(count, 15, 24): the factor by which the weather moves the demand."""
    keep = np.exp(-1.0 / _WEATHER_MEMORY)
    state = rng.normal(size=count)
    values = np.empty((count, _DAYS * HOURS))
    for hour, fresh in enumerate(rng.normal(size=(_DAYS * HOURS, count))):
        state = keep * state + np.sqrt(1 - keep**2) * fresh
        values[:, hour] = state
    strength = rng.uniform(0.02, 0.15, (count, 1))
    return np.exp(strength * values).reshape(count, _DAYS, HOURS)


def _noise(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    hours = rng.normal(0.0, _NOISE, (count, _DAYS, HOURS))
    return np.exp(hours + rng.normal(0.0, _DAY_NOISE, (count, _DAYS, 1)))
