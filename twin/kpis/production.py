"""KPIs of output: how many, how fast, how good, against takt and plan."""

from __future__ import annotations

import math

import numpy as np

from twin import shifts
from twin.kpis.basis import Basis
from twin.kpis.whole import Scope
from twin.ledger import PROCESSING


def vehicles_completed(basis: Basis) -> float | None:
    """Units that left, good or not [vehicles] (ISO 22400 PQ)."""
    return float(basis.completed) if basis.has_units else None


def vehicles_good(basis: Basis) -> float | None:
    """Good units that left [vehicles] (ISO 22400 GQ)."""
    return float(basis.good) if basis.has_units else None


def wip(basis: Basis) -> float | None:
    """Units in the line, workshop or station at the end of the period [vehicles]."""
    if not basis.has_units:
        return None
    scope = basis.scope
    return float(basis.whole.units.present(scope.level, scope.id, basis.span_ns[1]))


def lead_time(basis: Basis) -> float | None:
    """Mean time from entering to leaving [min], of units whose whole way was seen."""
    left = basis.departures
    seen = left.entered_ns > 0
    stays = (left.left_ns - left.entered_ns)[seen]
    return math.fsum(stays / 60e9) / len(stays) if len(stays) else None


def jph(basis: Basis) -> float | None:
    """Units that left per planned hour; per hour where nothing is planned [1/h]."""
    hours = basis.planned_s / 3600.0 or basis.span_h
    return basis.completed / hours if basis.has_units and hours > 0 else None


def throughput(basis: Basis) -> float | None:
    """Units that left per hour, breaks and all [1/h].

    ISO 22400-2 throughput rate: PQ / AOET; the order is executed for the whole period.
    """
    return basis.completed / basis.span_h if basis.has_units and basis.span_h > 0 else None


def takt_attainment(basis: Basis) -> float | None:
    """Units that left x takt / planned busy time [1]."""
    takt_s = basis.line.plant.takt_s
    if not basis.has_units or takt_s is None or basis.planned_s <= 0:
        return None
    return basis.completed * takt_s / basis.planned_s


def plan_attainment(basis: Basis) -> float | None:
    """Good vehicles / vehicles due by the shifts' plans [1].

    Of a shift that is covered in part its plan is due by the part of its planned busy time.
    """
    due = _due(basis)
    return basis.good / due if basis.has_units and due > 0 else None


def _due(basis: Basis) -> float:
    begin, end = basis.span_ns
    due = 0.0
    for window in shifts.windows(basis.line, begin, end):
        whole = shifts.current(basis.line, window.from_ns)
        if window.shift is None or window.shift.plan is None or whole is None:
            continue
        busy_s = shifts.planned_s(whole, whole.from_ns, whole.to_ns)
        if busy_s > 0:
            due += window.shift.plan * shifts.planned_s(window, begin, end) / busy_s
    return due


def quality_ratio(basis: Basis) -> float | None:
    """Good units / units that left [1] (ISO 22400-2 quality ratio GQ/PQ)."""
    return basis.good / basis.completed if basis.completed and basis.tells_good else None


def first_time_through(basis: Basis) -> float | None:
    """Units that were good without rework / units that left [1] (ISO 22400-2 first pass yield)."""
    if not basis.completed or not basis.tells_good:
        return None
    return int(np.count_nonzero(basis.departures.first_time)) / basis.completed


def line_balance(basis: Basis) -> float | None:
    """Sum of the stations' work per unit / (stations x the largest) [1].

    Work per unit: seconds in ``processing`` / units that left the station. Over the stations with
    one place that every vehicle passes; None until each has let one go, or with fewer than two.
    """
    line = basis.line
    passed = {line.station_index[id_] for id_ in basis.whole.spine(basis.scope)}
    work_s = []
    for row, s in enumerate(basis.stations.tolist()):
        if s not in passed or line.stations[s].places > 1:
            continue
        here = basis.within(Scope("station", line.stations[s].id, basis.scope.span_ns))
        seconds = float(basis.station_seconds[row, PROCESSING])
        if not here.completed or not seconds:
            return None
        work_s.append(seconds / here.completed)
    return math.fsum(work_s) / (len(work_s) * max(work_s)) if len(work_s) > 1 else None


def pacing_station(basis: Basis) -> tuple[int, float] | None:
    """Number and planned cycle per unit [s] of the slowest station that every unit passes."""
    passed = {basis.line.station_index[id_] for id_ in basis.whole.spine(basis.scope)}
    cycles = {s: cycle for s, cycle in basis.cycles_s.items() if s in passed}
    if not cycles:
        return None
    slowest = max(cycles, key=lambda s: (cycles[s], -s))
    return slowest, cycles[slowest]
