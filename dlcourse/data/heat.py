"""Daily heat of a made-up town's district heating, and what goes wrong with a forecast of it.

A town heats its houses with hot water from one plant. Each of its substations serves homes and
offices and reports, for each day, the heat that it took, in percent of what its contract allows.
The plant needs a forecast of tomorrow's heat. The substations are always the same ones; weather
and noise are drawn, so that a year can be drawn that nobody has seen.

The parts are those that heat load models work with: hot water that does not follow the weather,
heating that begins below a limit temperature and grows with wind, weekdays and days off, and the
inertia of walls (E. Dotzauer, Simple model for prediction of loads in district-heating systems,
Applied Energy 73, 2002).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "FIELDS",
    "INCIDENTS",
    "LAGS",
    "SUBSTATIONS",
    "Field",
    "Log",
    "Readings",
    "Rows",
    "history",
    "incident",
    "raw_history",
    "readings",
    "rows",
]

SUBSTATIONS = 24
LAGS = 7
INCIDENTS = ("quiet", "cold spell", "sensor", "renovation", "release")
"""What can happen to a running service, see `incident`."""

_FIRST, _LAST = "2021-01-01", "2023-12-31"  # of the history
_HOLIDAYS = (
    "01-01", "01-06", "03-29", "05-01", "06-17", "08-15", "10-03", "12-24", "12-25", "12-26",
    "12-31",
)  # fmt: skip
_LIMIT = 16.0  # degrees below which rooms are heated
_DAY_NOISE = 0.04  # standard deviation of each day's factor, the same for all substations
_OWN_NOISE = 0.04  # the same of each substation's own
_LOCAL = 0.3  # standard deviation of a substation's temperature around the town's, degrees
_FORECAST_ERROR = 1.2  # standard deviation of the weather forecast's error, degrees
_LOG_DAYS = 42
_LATE = 2  # days after which the truth of a log is known

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Field:
    """One number of a request: its name, its unit, and the limits outside of which it is wrong."""

    name: str
    unit: str
    low: float
    high: float


FIELDS = (
    *(Field(f"heat_{lag}", "% of the contract", 0.0, 150.0) for lag in range(1, LAGS + 1)),
    Field("temperature_1", "C", -40.0, 45.0),
    Field("temperature", "C", -40.0, 45.0),
    Field("wind", "m/s", 0.0, 40.0),
    Field("offices", "share", 0.0, 1.0),
    Field("off", "0 or 1", 0.0, 1.0),
    Field("off_1", "0 or 1", 0.0, 1.0),
)
"""What a forecast is made from, in the order of the columns of `Rows.inputs`: the heat of one to
seven days before, the temperature of the day before, tomorrow's temperature and wind as forecast,
the share of offices, and whether tomorrow and the day before it are days off."""


@dataclass(frozen=True)
class Readings:
    """Daily reports, one row for each substation and day."""

    day: Days
    """(n,)"""
    substation: npt.NDArray[np.int64]
    """(n,) from 0 on."""
    heat: Floats
    """(n,) in percent of the contract."""
    temperature: Floats
    """(n,) measured outdoor temperature, degrees Celsius."""
    forecast: Floats
    """(n,) the temperature that was forecast the evening before, degrees Celsius."""
    wind: Floats
    """(n,) forecast wind, m/s."""
    offices: Floats
    """(n,) share of offices among the customers."""
    off: npt.NDArray[np.bool_]
    """(n,) whether the day is a Saturday, a Sunday or a holiday."""

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.day)


@dataclass(frozen=True)
class Rows:
    """What a forecaster is trained on and asked."""

    inputs: npt.NDArray[np.float32]
    """(n, 13), columns as in `FIELDS`."""
    targets: npt.NDArray[np.float32]
    """(n,) the heat of the day, in percent of the contract."""
    day: Days
    """(n,) the day that is forecast."""
    substation: npt.NDArray[np.int64]
    """(n,)"""

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.day)


@dataclass(frozen=True)
class Log:
    """Six weeks of a running service: what it was asked, what it said, and what came."""

    day: npt.NDArray[np.int64]
    """(n,) days since the log began, 0 to 41."""
    substation: npt.NDArray[np.int64]
    """(n,)"""
    version: npt.NDArray[np.int64]
    """(n,) of the forecaster that answered: 1, or 2 after a release."""
    inputs: Floats
    """(n, 13), columns as in `FIELDS`."""
    forecast: Floats
    """(n,) the median that was forecast."""
    shadow: Floats
    """(n,) what the version before would have said; before a release the same as `forecast`."""
    truth: Floats
    """(n,) the heat that came; nan for the last two days, whose truth is not known yet."""
    begins: int
    """The day on which something happens; -1 where nothing does."""

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.day)


@dataclass(frozen=True)
class _Town:
    """What does not change: the substations' constants, each (substations,)."""

    base: Floats
    slope: Floats
    offices: Floats


@lru_cache(maxsize=1)
def _town() -> _Town:
    rng = np.random.default_rng(62)
    return _Town(
        rng.uniform(5.0, 11.0, SUBSTATIONS),
        rng.uniform(1.8, 3.0, SUBSTATIONS),
        np.round(rng.beta(0.6, 0.6, SUBSTATIONS), 2),
    )


def readings(first: str, last: str, rng: np.random.Generator) -> Readings:
    """Draw the reports of all substations from one day to another, both with them.

    Args:
        first: such as "2024-01-01".
        last: not before `first`.
        rng: draws weather and noise; the same state gives the same readings.
    """
    day = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    temperature, forecast, wind = _weather(day, rng)
    off = _off(day)
    heat = _heat(temperature, _day_before(temperature), wind, off) * _noise(len(day), rng)
    seen = temperature + rng.normal(0.0, _LOCAL, heat.shape)
    rounded = np.round(heat, 2), np.round(seen, 1), np.round(forecast, 1), np.round(wind, 1)
    return _reports(day, *rounded, off)


@lru_cache(maxsize=1)
def history() -> Readings:
    """Three years of reports without a fault, 2021 to 2023."""
    return readings(_FIRST, _LAST, np.random.default_rng(10))


def raw_history() -> Readings:
    """The history as the meters sent it: with missing days and values, repeated rows, Fahrenheit.

    Of substation 5 the thermometer was replaced by one that reports degrees Fahrenheit; rows come
    in no order.
    """
    whole, rng = history(), np.random.default_rng(11)
    n = len(whole)
    heat, temperature = whole.heat.copy(), whole.temperature.copy()
    heat[rng.random(n) < 0.012] = np.nan
    temperature[rng.random(n) < 0.02] = np.nan
    other = whole.substation == 5
    temperature[other] = np.round(temperature[other] * 1.8 + 32.0, 1)
    kept = np.flatnonzero(rng.random(n) > 0.004)
    again = rng.choice(kept, 150, replace=False)
    order = rng.permutation(np.concatenate([kept, again]))
    faulty = replace(whole, heat=heat, temperature=temperature)
    return Readings(**{name: getattr(faulty, name)[order] for name in Readings.__annotations__})


def rows(table: Readings) -> Rows:
    """Make rows for a forecaster out of reports that are whole and in order.

    Args:
        table: as `readings` returns it. The first seven days of each substation give no row.
    """
    n = len(table) // SUBSTATIONS

    def grid(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values.reshape(SUBSTATIONS, n)

    heat, off = grid(table.heat), grid(table.off)
    columns = [
        *(heat[:, LAGS - lag : n - lag] for lag in range(1, LAGS + 1)),
        grid(table.temperature)[:, LAGS - 1 : -1],
        *(grid(x)[:, LAGS:] for x in (table.forecast, table.wind, table.offices)),
        off[:, LAGS:],
        off[:, LAGS - 1 : -1],
    ]
    inputs = np.stack([column.ravel() for column in columns], axis=1).astype(np.float32)
    return Rows(
        inputs=inputs,
        targets=heat[:, LAGS:].ravel().astype(np.float32),
        day=grid(table.day)[:, LAGS:].ravel(),
        substation=grid(table.substation)[:, LAGS:].ravel(),
    )


def incident(kind: str, rng: np.random.Generator) -> Log:
    """Draw six weeks of a winter in which something happens after two to three weeks.

    Args:
        kind: one of `INCIDENTS`. "quiet": nothing. "cold spell": it is colder by 8 degrees, as
            forecast. "sensor": the thermometers of six substations report Fahrenheit. "renovation":
            the houses of all substations are insulated, so that heating takes 20 % less. "release":
            a second version of the forecaster answers, which is 13 % too low in the cold.
        rng: draws the weather, the noise, the day and what else is random.

    Raises:
        ValueError: if `kind` is none of `INCIDENTS`.
    """
    if kind not in INCIDENTS:
        raise ValueError(f"No incident {kind!r}; there are {', '.join(INCIDENTS)}.")
    day = np.arange(np.datetime64("2024-01-08"), np.datetime64("2024-01-08") + LAGS + _LOG_DAYS)
    begins = LAGS + int(rng.integers(14, 22))
    after = np.arange(len(day)) >= begins
    temperature, forecast, wind = _weather(day, rng)
    if kind == "cold spell":
        temperature, forecast = temperature - 8.0 * after, forecast - 8.0 * after
    off, noise = _off(day), _noise(len(day), rng)
    heating = np.where(after & (kind == "renovation"), 0.8, 1.0)
    heat = _heat(temperature, _day_before(temperature), wind, off, heating) * noise
    seen = temperature + rng.normal(0.0, _LOCAL, heat.shape)
    if kind == "sensor":
        broken = rng.permutation(SUBSTATIONS)[:6]
        seen[broken] = np.where(after, 1.8 * seen[broken] + 32.0, seen[broken])
    said = _heat(forecast, _day_before(seen), wind, off)
    shadow = said.copy()
    if kind == "release":
        said = np.where(after & (forecast < 8.0), 0.87 * said, said)
    made = rows(_reports(day, heat, seen, forecast, wind, off))
    since = (made.day - day[LAGS]).astype(np.int64)
    order = np.argsort(since, kind="stable")
    version = np.where(after & (kind == "release"), 2, 1)

    def cut(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.broadcast_to(values, heat.shape)[:, LAGS:].ravel()[order]

    inputs: Floats = made.inputs[order].astype(np.float64)
    late = since[order] >= _LOG_DAYS - _LATE
    return Log(
        day=since[order],
        substation=made.substation[order],
        version=cut(version).astype(np.int64),
        inputs=np.round(inputs, 2),
        forecast=np.round(cut(said), 2),
        shadow=np.round(cut(shadow), 2),
        truth=np.where(late, np.nan, np.round(cut(heat), 2)),
        begins=-1 if kind == "quiet" else begins - LAGS,
    )


def _reports(
    day: Days,
    heat: Floats,
    temperature: Floats,
    forecast: Floats,
    wind: Floats,
    off: npt.NDArray[np.bool_],
) -> Readings:
    """Rows out of values by substation and day, (substations, n), or by day, (n,)."""

    def flat(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.broadcast_to(values, heat.shape).ravel()

    return Readings(
        day=flat(day),
        substation=flat(np.arange(SUBSTATIONS)[:, None]),
        heat=flat(heat),
        temperature=flat(temperature),
        forecast=flat(forecast),
        wind=flat(wind),
        offices=flat(_town().offices[:, None]),
        off=flat(off),
    )


def _day_before(values: Floats) -> Floats:
    """Of each day, (..., n), the value of the day before; of the first day its own."""
    return np.concatenate([values[..., :1], values[..., :-1]], axis=-1)


def _off(day: Days) -> npt.NDArray[np.bool_]:
    """(n,): whether a day is a Saturday, a Sunday or a holiday."""
    return ~np.is_busday(day) | np.isin([str(d)[5:] for d in day], _HOLIDAYS)


def _weather(day: Days, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Temperature, its forecast and the wind, (n,) each."""
    of_year = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64)
    state, deviation = rng.normal(), np.empty(len(day))
    for i, fresh in enumerate(rng.normal(size=len(day))):
        state = 0.8 * state + 0.6 * fresh
        deviation[i] = state
    temperature = 9.5 - 9.5 * np.cos(2 * np.pi * (of_year - 18) / 365.25) + 4.0 * deviation
    forecast = temperature + rng.normal(0.0, _FORECAST_ERROR, len(day))
    return temperature, forecast, rng.gamma(4.0, 1.1, len(day))


def _heat(
    temperature: Floats,
    before: Floats,
    wind: Floats,
    off: npt.NDArray[np.bool_],
    heating: Floats | float = 1.0,
) -> Floats:
    """The heat without noise, (substations, n), at temperatures of the day and of that before."""
    town = _town()
    felt = 0.65 * temperature + 0.35 * before
    degrees = 1.5 * np.logaddexp(0.0, (_LIMIT - felt) / 1.5) * (1 + 0.03 * (wind - 4.4))
    homes = (1 - town.offices)[:, None] * np.where(off, 1.08, 1.0)
    offices = town.offices[:, None] * np.where(off, 0.6, 1.05)
    water = (1 - town.offices)[:, None] * np.where(off, 1.2, 1.0)
    water = water + town.offices[:, None] * np.where(off, 0.3, 1.0)
    use = town.slope[:, None] * degrees * heating * (homes + offices)
    return town.base[:, None] * water + use


def _noise(days: int, rng: np.random.Generator) -> Floats:
    own = rng.normal(0.0, _OWN_NOISE, (SUBSTATIONS, days))
    return np.exp(own + rng.normal(0.0, _DAY_NOISE, days))
