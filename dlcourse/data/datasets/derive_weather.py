"""Derive weather.npz from pvlib's wheel; run once, the result is shipped.

    pip download --no-deps pvlib==0.16.1
    python dlcourse/data/datasets/derive_weather.py pvlib-0.16.1-py3-none-any.whl

The wheel carries three typical meteorological years of the National Renewable Energy Laboratory:
two in the format TMY3 (Wilcox and Marion 2008), one in TMY2 (Marion and Urban 1995). Each has 8,760
hourly records. Of each record eight elements are kept, as whole numbers of the file's own
resolution, and whether its temperature was observed (source flag A) or filled in (any other).
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

WHEEL = "4e61b5228a13f782413d7cf8cc48eb6e62e7bf55d155958fa9fd72420b63603d"

# Name, resolution and unit; the column in TMY3; the first place, from 0, and the width in TMY2.
ELEMENTS = (
    ("temperature", 0.1, "C", "Dry-bulb (C)", 67, 4),
    ("dew_point", 0.1, "C", "Dew-point (C)", 73, 4),
    ("humidity", 1.0, "%", "RHum (%)", 79, 3),
    ("pressure", 1.0, "hPa", "Pressure (mbar)", 84, 4),
    ("wind_direction", 1.0, "degrees", "Wdir (degrees)", 90, 3),
    ("wind_speed", 0.1, "m/s", "Wspd (m/s)", 95, 3),
    ("cloud_cover", 1.0, "tenths", "TotCld (tenths)", 59, 2),
    ("irradiance", 1.0, "W/m2", "GHI (W/m^2)", 17, 4),
)

STATIONS = (
    ("greensboro", "Greensboro, North Carolina", "723170TYA.CSV"),
    ("miami", "Miami, Florida", "12839.tm2"),
    ("sand_point", "Sand Point, Alaska", "703165TY.csv"),
)


def read_tmy3(text: str) -> tuple[list[list[int]], list[bool], list[int]]:
    """Values (8760, 8) in steps of their resolution, filled (8760), and the year of each month."""
    lines = io.StringIO(text)
    next(lines)  # the station
    rows = list(csv.DictReader(lines))
    values = [
        [round(float(row[column]) / step) for _, step, _, column, _, _ in ELEMENTS] for row in rows
    ]
    filled = [row["Dry-bulb source"] != "A" for row in rows]
    dates = dict.fromkeys(
        (row["Date (MM/DD/YYYY)"][:2], row["Date (MM/DD/YYYY)"][6:]) for row in rows
    )
    return values, filled, [int(year) for _, year in dates]


def read_tmy2(text: str) -> tuple[list[list[int]], list[bool], list[int]]:
    """The same of a file in TMY2, whose numbers are whole already."""
    rows = text.splitlines()[1:]
    values = [[int(row[at : at + width]) for *_, at, width in ELEMENTS] for row in rows]
    filled = [row[71] != "A" for row in rows]
    dates = dict.fromkeys((row[3:5], row[1:3]) for row in rows)
    return values, filled, [1900 + int(year) for _, year in dates]


def main(wheel: Path) -> None:
    """Write weather.npz from the wheel of pvlib."""
    if (digest := hashlib.sha256(wheel.read_bytes()).hexdigest()) != WHEEL:
        raise SystemExit(f"{wheel} is not pvlib 0.16.1: its SHA-256 is {digest}.")
    found = []
    with zipfile.ZipFile(wheel) as archive:
        for _, _, file in STATIONS:
            text = archive.read(f"pvlib/data/{file}").decode("ascii")
            found.append(read_tmy2(text) if file.endswith(".tm2") else read_tmy3(text))
    values, filled, years = zip(*found, strict=True)
    np.savez_compressed(
        Path(__file__).with_name("weather.npz"),
        station=np.array([station for station, _, _ in STATIONS]),
        place=np.array([place for _, place, _ in STATIONS]),
        element=np.array([element for element, *_ in ELEMENTS]),
        unit=np.array([unit for _, _, unit, *_ in ELEMENTS]),
        resolution=np.array([step for _, step, *_ in ELEMENTS], np.float32),
        values=np.array(values, np.int16),  # (3, 8760, 8)
        filled=np.array(filled),  # (3, 8760)
        years=np.array(years, np.int16),  # (3, 12)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
