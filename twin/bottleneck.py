"""Which station holds the line back: by the critical path, active periods and turning point.

The *critical path* (twin/critical_path.py) is what the last vehicle that left the line waited for,
back to the log's begin: the share of the time in which a station's work lies on it is what the
output would have gained had its cycle been shorter. Where vehicles are seen, it is the answer.

*Active periods* (twin/active_periods.py) and the *turning point* (twin/turning_point.py) tell from
states alone. Both look at those stations alone that the line's end can feel: up the line from
where vehicles leave it, as far as stations that hardly ever wait for a vehicle.

The certainty of a method is the probability that its first station leads its second: by the mean
of their difference over equal parts of the span and that mean's standard error, as if normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twin import buffers, critical_path
from twin.active_periods import Moment, by_active_periods, momentary
from twin.mirror import Booked
from twin.turning_point import by_turning_point, felt_stations, waits_of
from twin.verdicts import Verdict

HOUR_NS = 3_600_000_000_000
_LEAST_NS = 300_000_000_000  # five minutes: less holds too few vehicles for a bottleneck


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The bottleneck of a span by each method; ``station`` is the answer.

    ``sole`` and ``shifting``: the part of the span in which each station was the momentary
    bottleneck alone, and in turn with another one.
    """

    station: str | None
    certainty: float | None
    method: str  # critical_path, turning_point or active_period
    from_ns: int
    to_ns: int
    critical_path: Verdict
    active_period: Verdict
    turning_point: Verdict
    sole: dict[str, float]
    shifting: dict[str, float]

    @property
    def agree(self) -> bool:
        """Do all methods that found a station name the same one?"""
        found = {v.station for v in (self.critical_path, self.active_period, self.turning_point)}
        return self.station is not None and found - {None} == {self.station}


def path_of(booked: Booked, found: NDArray[np.void]) -> NDArray[np.void]:
    """The log's critical path, (n,) critical_path.STEP; found: its spells."""
    if not booked.begun:
        return np.zeros(0, critical_path.STEP)
    return critical_path.trace(booked, buffers.past(booked), found)


def find(
    booked: Booked,
    found: NDArray[np.void],
    from_ns: int,
    to_ns: int,
    path: NDArray[np.void] | None = None,
) -> Bottleneck:
    """The bottleneck of a span.

    found: the log's spells (``twin.losses.spells``). path: its ``path_of``, where it is known.
    """
    waits = waits_of(booked, found, from_ns, to_ns)
    felt = felt_stations(booked.line, waits)
    moments = tuple(momentary(booked, found, from_ns, to_ns, felt))
    path = path_of(booked, found) if path is None else path
    verdict_by = {
        "critical_path": critical_path.by_critical_path(booked.line, path, waits, from_ns, to_ns),
        "turning_point": by_turning_point(booked.line, waits),
        "active_period": by_active_periods(booked.line, moments, from_ns, to_ns),
    }
    method = _answering(verdict_by)
    span_ns = max(1, to_ns - from_ns)
    return Bottleneck(
        station=verdict_by[method].station,
        certainty=verdict_by[method].certainty,
        method=method,
        from_ns=from_ns,
        to_ns=to_ns,
        **verdict_by,
        sole=_time_of([m for m in moments if m.sole], span_ns),
        shifting=_time_of([m for m in moments if not m.sole], span_ns),
    )


def by_hour(
    booked: Booked, found: NDArray[np.void], path: NDArray[np.void]
) -> tuple[Bottleneck, ...]:
    """The bottleneck of each hour from the begin on; found, path: as in ``find``.

    What is left at the end and too short to tell is the last hour's.
    """
    if not booked.begun or not booked.line.stations:
        return ()
    begins = list(range(booked.from_ns, booked.to_ns, HOUR_NS))
    if len(begins) > 1 and booked.to_ns - begins[-1] < _LEAST_NS:
        begins.pop()
    spans = pairwise([*begins, booked.to_ns])
    return tuple(find(booked, found, *span, path) for span in spans)


def _answering(verdict_by: dict[str, Verdict]) -> str:
    """The critical path where there is one, else the surer of the other two."""
    if verdict_by["critical_path"].station is not None:
        return "critical_path"
    turning, active = verdict_by["turning_point"], verdict_by["active_period"]
    surer = (active.certainty or 0.0) > (turning.certainty or 0.0)
    return "active_period" if surer else "turning_point"


def _time_of(moments: list[Moment], span_ns: int) -> dict[str, float]:
    total: dict[str, int] = {}
    for moment in moments:
        total[moment.station] = total.get(moment.station, 0) + moment.to_ns - moment.from_ns
    return {station: ns / span_ns for station, ns in sorted(total.items())}
