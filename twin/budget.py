"""The carbon budget of a period by the line's target path, and how it burns down.

The path runs straight from year to year; a year's value holds throughout it, and what lies before
the first or after the last year has theirs. A year's tonnes are due by planned vehicles where
shifts have a plan, else by time. Used: scope 1 and 2, location-based.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from data.line import Line, TargetYear
from twin import carbon, shifts
from twin.accounts import GOOD, Accounts
from twin.ledger import Ledger
from twin.sums import exact_sum

_HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Hour:
    """Up to a moment [UTC ns]: kg that were due, and kg that were used (NaN: not known)."""

    until_ns: int
    allowed_kg: float
    used_kg: float


@dataclass(frozen=True)
class Budget:
    """What a period may emit and what it did.

    by: "plan" (the period's share of the year's planned vehicles), "time" (of its hours), or
    "vehicles" (planned vehicles x the path per vehicle, where there is none for the plant).
    per_vehicle: of the path and of the good vehicles that left [kg]; None where not known.
    """

    year: int
    by: str
    path_tco2e: float | None
    path_kg_per_vehicle: float | None
    used_kg_per_vehicle: float | None
    burn_down: tuple[Hour, ...]

    @property
    def allowed_kg(self) -> float:
        """Of the whole period [kg]."""
        return self.burn_down[-1].allowed_kg

    @property
    def used_kg(self) -> float:
        """Of the whole period [kg]; NaN where a factor is missing."""
        return self.burn_down[-1].used_kg


def budget(accounts: Accounts) -> Budget | None:
    """The budget of what was booked; None without a target path or a session."""
    ledger = accounts.ledger
    line, booked = ledger.line, ledger.booked
    if not line.target_path or not booked.begun or booked.to_ns <= booked.from_ns:
        return None
    at = datetime.fromtimestamp(booked.from_ns / 1e9, UTC)
    year = at.astimezone(ZoneInfo(line.plant.timezone)).year
    tonnes = along_path(line, year, lambda point: point.tco2e)
    per_vehicle = along_path(line, year, lambda point: point.kgco2e_per_vehicle)
    due = _due(line, year, tonnes, per_vehicle)
    if due is None:
        return None
    by, of_span = due
    used = carbon.by_scope(ledger, "location")["total"]
    good = int(np.count_nonzero(accounts.state == GOOD))
    return Budget(
        year=year,
        by=by,
        path_tco2e=tonnes,
        path_kg_per_vehicle=per_vehicle,
        used_kg_per_vehicle=used / good if good else None,
        burn_down=tuple(_burn_down(ledger, of_span)),
    )


def along_path(line: Line, year: int, of: Callable[[TargetYear], float | None]) -> float | None:
    """A year's value of the target path, straight between its points; None without any."""
    points = [(p.year, v) for p in line.target_path if (v := of(p)) is not None]
    if not points:
        return None
    points.sort()
    years, values = zip(*points, strict=True)
    return float(np.interp(year, years, values))


def _due(
    line: Line, year: int, tonnes: float | None, per_vehicle: float | None
) -> tuple[str, Callable[[int, int], float]] | None:
    """How what is due is reckoned, and the kg due in a span [UTC ns]."""
    planned = _planned_vehicles(line, *_year_ns(line, year))
    if tonnes is not None and planned > 0:
        kg = tonnes * 1000.0 / planned
        return "plan", lambda a, b: _planned_vehicles(line, a, b) * kg
    if tonnes is not None:
        begin, end = _year_ns(line, year)
        return "time", lambda a, b: tonnes * 1000.0 * (b - a) / (end - begin)
    if per_vehicle is not None and planned > 0:
        return "vehicles", lambda a, b: _planned_vehicles(line, a, b) * per_vehicle
    return None


def _year_ns(line: Line, year: int) -> tuple[int, int]:
    local = ZoneInfo(line.plant.timezone)
    begin, end = (datetime(y, 1, 1, tzinfo=local).timestamp() for y in (year, year + 1))
    return int(begin) * 10**9, int(end) * 10**9


def _planned_vehicles(line: Line, from_ns: int, to_ns: int) -> float:
    """Vehicles that the shifts plan within a span, by their planned busy time."""
    if to_ns - from_ns > 40 * 24 * _HOUR_NS:
        return _planned_of_days(line, from_ns, to_ns)
    found = []
    for window in shifts.windows(line, from_ns, to_ns):
        if window.shift is None or window.shift.plan is None:
            continue
        whole = shifts.current(line, window.from_ns)
        assert whole is not None
        length_s = shifts.planned_s(whole, whole.from_ns, whole.to_ns)
        part_s = shifts.planned_s(whole, window.from_ns, window.to_ns)
        found.append(window.shift.plan * part_s / length_s if length_s else 0.0)
    return math.fsum(found)


def _planned_of_days(line: Line, from_ns: int, to_ns: int) -> float:
    """The same of whole days, by the weekdays on which shifts begin."""
    local = ZoneInfo(line.plant.timezone)
    day, last = (
        datetime.fromtimestamp(ns / 1e9, UTC).astimezone(local).date() for ns in (from_ns, to_ns)
    )
    weekdays = [0] * 8
    while day < last:
        weekdays[day.isoweekday()] += 1
        day += timedelta(days=1)
    plans = (s.plan * sum(weekdays[d] for d in s.days) for s in line.shifts if s.plan is not None)
    return float(sum(plans))


def _burn_down(ledger: Ledger, of_span: Callable[[int, int], float]) -> Iterator[Hour]:
    """Due and used up to the end of each hour of UTC, and to the end of the period."""
    booked, cells = ledger.booked, ledger.cells
    kg = carbon.carbon_kg(ledger, "location")
    escaped = carbon.released(ledger)
    until = booked.from_ns
    while until < booked.to_ns:
        until = min((until // _HOUR_NS + 1) * _HOUR_NS, booked.to_ns)
        used = exact_sum(kg[cells["slot_ns"] < until])
        moments = [(booked.books.release_ns(each.release), each.kg_co2e) for each in escaped]
        used += math.fsum(amount for at_ns, amount in moments if at_ns < until)
        yield Hour(until, of_span(booked.from_ns, until), used)
