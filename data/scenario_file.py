"""Scenarios of a vehicle's life behind the gate, ``greenline.scenario/1``: use and end of life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.toml_file import Entry, Fault, Faults, Sheet, read_text

FORMAT = "greenline.scenario/1"
_MOST_KM, _MOST_YEARS, _YEARS = 1e8, 100, (1990, 2200)  # beyond belief for a vehicle
_MOST_RATE = 1e4  # kWh or l on 100 km, kg a litre
_TABLES = ("format", "use", "consumption", "grid", "end_of_life")


class _Use(Entry):
    km: float
    years: int
    from_year: int


class _Consumption(Entry):
    variant: str | None = None
    kwh_per_100km: float = 0.0
    l_per_100km: float = 0.0
    kgco2e_per_l: float = 0.0


class _Grid(Entry):
    year: int
    kgco2e_per_kwh: float


class _EndOfLife(Entry):
    kgco2e: float
    source: str | None = None


def load_scenario(path: Path) -> dict[str, Any]:
    """A scenario as twin.life_cycle takes it: km, years, from_year, consumption, grid, end_of_life.

    Raises Faults with every fault of the file, OSError where it cannot be read.
    """
    sheet = Sheet(read_text(path), path.name)
    if sheet.tables.get("format") != FORMAT:
        raise Faults([Fault(path.name, 1, "format", None, None, f'must be "{FORMAT}"')])
    sheet.top_level(_TABLES)
    use = sheet.entry(_Use, ("use",))
    rows = [each for _, each in sheet.entries(_Consumption, "consumption")]
    grid = [each for _, each in sheet.entries(_Grid, "grid")]
    _check(sheet, use, rows, grid)
    end = sheet.entry(_EndOfLife, ("end_of_life",)) if "end_of_life" in sheet.tables else None
    if sheet.faults or use is None:
        raise Faults(sheet.ordered())
    return {
        **use.model_dump(),
        "consumption": [each.model_dump() for each in rows],
        "grid": [each.model_dump() for each in grid],
        "end_of_life": None if end is None else end.model_dump(),
    }


def _check(sheet: Sheet, use: _Use | None, rows: list[_Consumption], grid: list[_Grid]) -> None:
    if use is not None:
        _check_use(sheet, use)
    for n, row in enumerate(rows):
        for key in ("kwh_per_100km", "l_per_100km", "kgco2e_per_l"):
            if not 0 <= getattr(row, key) <= _MOST_RATE:
                limit = f"must be from 0 to {_MOST_RATE:g}"
                sheet.fault(("consumption", n, key), limit, getattr(row, key))
        if row.l_per_100km > 0 and row.kgco2e_per_l == 0:
            sheet.fault(("consumption", n), "has l_per_100km, so it needs kgco2e_per_l")
    if any(row.kwh_per_100km > 0 for row in rows) and not grid:
        sheet.fault(("grid",), "kwh_per_100km needs at least one [[grid]] with a year")
    for n, point in enumerate(grid):
        if point.kgco2e_per_kwh < 0:
            sheet.fault(("grid", n, "kgco2e_per_kwh"), "must not be negative", point.kgco2e_per_kwh)
    if len({point.year for point in grid}) < len(grid):
        sheet.fault(("grid",), "names a year twice")


def _check_use(sheet: Sheet, use: _Use) -> None:
    if not 0 < use.km <= _MOST_KM:
        sheet.fault(("use", "km"), f"must be above 0 and at most {_MOST_KM:g}", use.km)
    if not 1 <= use.years <= _MOST_YEARS:
        sheet.fault(("use", "years"), f"must be from 1 to {_MOST_YEARS}", use.years)
    if not _YEARS[0] <= use.from_year <= _YEARS[1]:
        limit = f"must be from {_YEARS[0]} to {_YEARS[1]}"
        sheet.fault(("use", "from_year"), limit, use.from_year)
