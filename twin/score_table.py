"""The goals of ``greenline score energy``, and its table: each figure beside what it should be.

What is compared is in twin.score_energy, the goals are those of docs/accuracy.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.score_energy import NAIVE, Errors, FeederShift, Floats, StationRun

AFTER = 6  # the shift after five others
HELD_SHOPS = (("small", "body"), ("demo", "body"), ("demo", "assembly"), ("demo", "battery"))
UNEXPLAINED = {"small": 0.01, "demo": 0.03}
BALANCE = 1e-9
COVERED = (0.85, 0.96)
BETTER = 8.0
POWER_PROCESSING, POWER_OTHERS = 0.04, 0.03  # of the rated power
ENDS = ((1, "first"), (AFTER, "after"))
_SHIFTS = {"first": "first shift", "after": "after five"}
Figure = Callable[[Errors], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure; it holds its goal between ``low`` and ``high``, None where there is none.

    ``beside``: the same figure of the naive splits, by their names. ``count``: what it is drawn
    from.
    """

    id: str
    of: str
    label: str
    value: float
    count: int
    low: float | None = None
    high: float | None = None
    unit: str = "%"
    beside: dict[str, float] = field(default_factory=dict)

    @property
    def has_goal(self) -> bool:
        """Is there a limit?"""
        return self.low is not None or self.high is not None

    @property
    def held(self) -> bool:
        """Is the goal met, or none set? What could not be found misses its goal."""
        if not self.has_goal:
            return True
        above = self.low is None or self.value >= self.low
        return above and (self.high is None or self.value <= self.high)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A figure of some errors, and the most that it may be (relative), by the name of the goal."""

    id: str
    label: str
    figure: Figure
    count: Callable[[Errors], int]
    most: dict[str, float]


def _vehicle(percent: float) -> Figure:
    return lambda errors: _percentile(errors.vehicle, percent)


def _at_station(percent: float) -> Figure:
    return lambda errors: _percentile(errors.at_station, percent)


def _percentile(errors: Floats, percent: float) -> float:
    """Percentile of the errors' sizes; NaN where there is none."""
    return float(np.percentile(np.abs(errors), percent)) if len(errors) else float("nan")


def _vehicles(errors: Errors) -> int:
    return len(errors.vehicle)


def _visits(errors: Errors) -> int:
    return len(errors.at_station)


_WANTED = (
    _Wanted(
        "vehicle_median",
        "vehicle, median",
        _vehicle(50),
        _vehicles,
        {"stations": 0.001, "lost": 0.002, "first": 0.015, "after": 0.01},
    ),
    _Wanted(
        "vehicle_p99",
        "vehicle, p99",
        _vehicle(99),
        _vehicles,
        {"stations": 0.003, "lost": 0.01, "first": 0.10, "after": 0.08},
    ),
    _Wanted(
        "station_median",
        "at a station, median",
        _at_station(50),
        _visits,
        {"first": 0.05, "after": 0.04},
    ),
    _Wanted(
        "station_p95",
        "at a station, p95",
        _at_station(95),
        _visits,
        {"first": 0.20, "after": 0.12},
    ),
)


def rows(runs: Sequence[StationRun | FeederShift]) -> list[Row]:
    """The whole table; what is drawn from nothing is left out, unless it has a goal."""
    stations = [run for run in runs if isinstance(run, StationRun)]
    shifts = [run for run in runs if isinstance(run, FeederShift)]
    found: list[Row] = []
    for goal in ("stations", "lost", "gain"):
        for line in _lines(stations):
            ours = [run for run in stations if run.line == line and goal in run.errors]
            if ours:
                errors = pooled([run.errors[goal] for run in ours])
                found += _error_rows(goal, line, errors, {}, held=goal != "gain")
            if apart := [run.one_place[goal] for run in ours if run.one_place]:
                found += _error_rows(goal, f"{line}, one place", pooled(apart), {}, held=False)
    at_ends = [(goal, each) for number, goal in ENDS for each in _by_shop(shifts, number)]
    for rows_of in (_feeder_rows, _power_rows, _covered_rows):
        found += [row for goal, each in at_ends for row in rows_of(goal, each)]
    found += _books_rows(stations, shifts)
    return [row for row in found if row.count or row.has_goal]


def _by_shop(shifts: Sequence[FeederShift], number: int) -> list[list[FeederShift]]:
    """The shifts of a number, those of one workshop together."""
    then = [shift for shift in shifts if shift.number == number]
    shops = dict.fromkeys((shift.line, shift.workshop) for shift in then)
    return [[s for s in then if (s.line, s.workshop) == shop] for shop in shops]


def _lines(runs: Iterable[StationRun]) -> list[str]:
    return list(dict.fromkeys(run.line for run in runs))


def pooled(errors: Sequence[Errors]) -> Errors:
    """The errors of several runs together."""
    return Errors(
        vehicle=np.concatenate([each.vehicle for each in errors]),
        at_station=np.concatenate([each.at_station for each in errors]),
    )


def _error_rows(
    goal: str, of: str, errors: Errors, naive: dict[str, Errors], *, held: bool
) -> list[Row]:
    return [
        Row(
            id=f"{goal}_{wanted.id}",
            of=of,
            label=wanted.label,
            value=wanted.figure(errors),
            count=wanted.count(errors),
            high=wanted.most.get(goal) if held else None,
            beside={name: wanted.figure(each) for name, each in naive.items()},
        )
        for wanted in _WANTED
    ]


def _feeder_rows(goal: str, shifts: Sequence[FeederShift]) -> list[Row]:
    line, shop = shifts[0].line, shifts[0].workshop
    held, of = (line, shop) in HELD_SHOPS, f"{line}, {shop}"
    errors = pooled([shift.errors for shift in shifts])
    naive = {name: pooled([shift.naive[name] for shift in shifts]) for name in NAIVE}
    found = _error_rows(goal, of, errors, naive, held=held)
    if goal == "after":
        median = _vehicle(50)
        found.append(
            Row(
                id="after_better",
                of=of,
                label="than the count, base removed",
                value=median(naive["count_base_removed"]) / median(errors),
                count=len(errors.vehicle),
                low=BETTER if held else None,
                unit="x",
            )
        )
    return found


def _power_rows(goal: str, shifts: Sequence[FeederShift]) -> list[Row]:
    line, shop = shifts[0].line, shifts[0].workshop
    powers = [power for shift in shifts for power in shift.powers]
    worked = [power.error for power in powers if power.state == "processing"]
    others = [p.error for p in powers if p.state not in ("processing", "warming_up")]
    return [
        Row(
            id=f"power_{goal}_{name}",
            of=f"{line}, {shop}",
            label=f"{_SHIFTS[goal]}, {label}, p95",
            value=_percentile(np.array(sizes), 95),
            count=len(sizes),
            high=most if (line, shop) in HELD_SHOPS else None,
        )
        for name, label, sizes, most in (
            ("processing", "processing", worked, POWER_PROCESSING),
            ("others", "other states", others, POWER_OTHERS),
        )
    ]


def _covered_rows(goal: str, shifts: Sequence[FeederShift]) -> list[Row]:
    """How many intervals hold the truth; a goal of small alone."""
    line, shop = shifts[0].line, shifts[0].workshop
    powers = np.array([power.inside for shift in shifts for power in shift.powers], bool)
    vehicles = np.concatenate([shift.vehicles_inside for shift in shifts])
    low, high = COVERED if line == "small" else (None, None)
    return [
        Row(
            id=f"covered_{goal}_{name}",
            of=f"{line}, {shop}",
            label=f"{_SHIFTS[goal]}, {name}",
            value=float(inside.mean()) if len(inside) else float("nan"),
            count=len(inside),
            low=low,
            high=high,
        )
        for name, inside in (("powers", powers), ("vehicles", vehicles))
    ]


def _books_rows(stations: Sequence[StationRun], shifts: Sequence[FeederShift]) -> list[Row]:
    found = []
    for line in _lines(stations):
        ours = [run for run in stations if run.line == line]
        balance = [run.balance_error for run in ours]
        balance += [shift.balance_error for shift in shifts if shift.line == line]
        unexplained = [run.unexplained for run in ours]
        found += [
            Row(
                id="balance_error",
                of=line,
                label="balance error, largest",
                value=max(balance),
                count=len(balance),
                high=BALANCE,
                unit="1",
            ),
            Row(
                id="unexplained",
                of=line,
                label="unexplained, largest",
                value=max(unexplained),
                count=len(unexplained),
                high=UNEXPLAINED.get(line),
            ),
        ]
    return found


# --- for a reader --------------------------------------------------------------------------

_TITLES = {
    "stations": "station meters, 1 % noise: processing energy",
    "lost": "the same, 10 % of the samples lost, bursts included",
    "gain": "the same, nothing lost, 0.5 % gain error (no goal)",
    "first": "one feeder a workshop, first shift: processing energy",
    "after": "one feeder a workshop, after five shifts: processing energy",
    "power": "one feeder a workshop: power of a station, error in % of its rated power",
    "covered": "90 % intervals: how many hold the truth",
    "balance": "the balance, without faults",
    "unexplained": "the balance, without faults",
}


def table_text(found: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines: list[str] = []
    title = ""
    for row in found:
        if (here := _TITLES[row.id.split("_")[0]]) != title:
            title = here
            lines += ["", title, _HEAD if row.beside else _HEAD[:72]]
        lines.append(_text(row))
    missed = sum(not row.held for row in found)
    lines += ["", f"{missed} of {sum(row.has_goal for row in found)} goals missed"]
    return "\n".join(lines[1:]) + "\n"


_HEAD = f"{'':18}{'':30}{'found':>10}{'goal':>14}{'count':>11}{'less base':>11}{'by time':>11}"


def _text(row: Row) -> str:
    naive = "".join(f"{_number(row.beside[name], row.unit):>11}" for name in row.beside)
    missed = "" if row.held else "  missed"
    goal = _goal(row)
    return f"{row.of:18}{row.label:30}{_number(row.value, row.unit):>10}{goal:>14}{naive}{missed}"


def _goal(row: Row) -> str:
    if row.low is None:
        return "-" if row.high is None else f"<= {_number(row.high, row.unit)}"
    if row.high is None:
        return f">= {_number(row.low, row.unit)}"
    return f"{_number(row.low, row.unit)} to {_number(row.high, row.unit)}"


def _number(value: float, unit: str) -> str:
    if np.isnan(value):
        return "-"
    match unit:
        case "%":
            return f"{100 * value:.3g} %"
        case "x":
            return f"{value:.3g} x"
        case _:
            return f"{value:.2g}"


def table_json(found: Sequence[Row]) -> dict[str, Any]:
    """The table for ``--json``: errors and shares are fractions."""
    return {
        "held": all(row.held for row in found),
        "rows": [
            {
                "id": row.id,
                "of": row.of,
                "value": _known(row.value),
                "count": row.count,
                "low": row.low,
                "high": row.high,
                "held": row.held if row.has_goal else None,
                "naive": {name: _known(value) for name, value in row.beside.items()},
            }
            for row in found
        ],
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
