"""Plan against actual: how many vehicles were due in this shift, and how many came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.line import Line
from twin import shifts
from twin.snapshot import Snapshot, VehicleTable

NS = 1_000_000_000
_GOOD = 1


@dataclass(frozen=True, slots=True)
class PlanNow:
    """The running shift. ``due`` and ``done`` count from ``since_ns``: the shift's begin, or
    ours where we came later.
    """

    name: str
    left_s: float
    since_ns: int
    joined_late: bool
    due: float | None
    done: int


def plan_now(line: Line, snapshot: Snapshot) -> PlanNow | None:
    """The shift at the snapshot's time; None between shifts."""
    window = shifts.current(line, snapshot.time_ns)
    if window is None or window.shift is None:
        return None
    since = max(window.from_ns, snapshot.from_ns)
    whole = shifts.planned_s(window, window.from_ns, window.to_ns)
    plan = window.shift.plan
    due = None
    if plan is not None and whole > 0:
        due = plan * shifts.planned_s(window, since, snapshot.time_ns) / whole
    left = max(window.to_ns - snapshot.time_ns, 0) / NS
    done = completed_between(snapshot.vehicles, since, snapshot.time_ns)
    return PlanNow(window.shift.name, left, since, since > window.from_ns, due, done)


def completed_between(vehicles: VehicleTable, from_ns: int, to_ns: int) -> int:
    """Good vehicles that were completed between two moments."""
    at = vehicles.completed_ns
    return int(
        np.count_nonzero((at >= max(from_ns, 1)) & (at <= to_ns) & (vehicles.state == _GOOD))
    )
