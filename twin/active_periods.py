"""Active periods (Roser, Nakano, Tanaka 2001, 2002): who has been active longest at each moment.

A station is active while it does not wait for others; at every moment the bottleneck is the one
with the longest uninterrupted active period, *sole* where that period overlaps with neither the
one before nor the one after, else *shifting*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import verdicts
from twin.critical_path import spans_between
from twin.kernels.causes import CAUSES
from twin.mirror import Booked
from twin.turning_point import stations_seen
from twin.verdicts import PARTS, Verdict

ACTIVE = ("failed", "setup", "held", "warming_up", "handling")  # as causes of its own


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in which one station was the momentary bottleneck [ns]; sole, or shifting."""

    station: str
    from_ns: int
    to_ns: int
    sole: bool


def active_periods(
    booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int
) -> dict[str, list[tuple[int, int]]]:
    """The uninterrupted active periods of each station in a span [ns]; without those never seen."""
    own_causes = [CAUSES.index(cause) for cause in ACTIVE]
    works = (found["caused_by"] == found["station"]) & np.isin(found["cause"], own_causes)
    idle = found[~works & (found["places"] > 0) & (found["t1"] > from_ns) & (found["t0"] < to_ns)]
    idle = idle[np.lexsort([idle["t0"], idle["station"]])]
    bounds = np.searchsorted(idle["station"], np.arange(len(booked.line.stations) + 1))
    known = stations_seen(booked)
    periods = {}
    for s, station in enumerate(booked.line.stations):
        if known[s]:
            rows = idle[bounds[s] : bounds[s + 1]]
            periods[station.id] = spans_between(
                rows["t0"].tolist(), rows["t1"].tolist(), from_ns, to_ns
            )
    return periods


def mean_active_s(booked: Booked, found: NDArray[np.void]) -> dict[str, float]:
    """The mean active period of each station that ever was active [s]."""
    periods = active_periods(booked, found, booked.from_ns, booked.to_ns)
    return {
        station: sum(end - begin for begin, end in spans) / len(spans) / 1e9
        for station, spans in periods.items()
        if spans
    }


def momentary(
    booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int, felt: NDArray[np.bool_]
) -> Iterator[Moment]:
    """The momentary bottlenecks of a span in order, among the stations that are felt."""
    index = booked.line.station_index
    periods = [
        (begin, end, station)
        for station, spans in active_periods(booked, found, from_ns, to_ns).items()
        if felt[index[station]]
        for begin, end in spans
    ]
    turns = list(_longest(sorted(periods)))
    for i, (begin, end, station, _) in enumerate(turns):
        sole_from = max(begin, turns[i - 1][3][1]) if i else begin
        sole_to = min(end, turns[i + 1][3][0]) if i + 1 < len(turns) else end
        if sole_from >= sole_to:
            yield Moment(station, begin, end, sole=False)
            continue
        if begin < sole_from:
            yield Moment(station, begin, sole_from, sole=False)
        yield Moment(station, sole_from, sole_to, sole=True)
        if sole_to < end:
            yield Moment(station, sole_to, end, sole=False)


def _longest(
    periods: list[tuple[int, int, str]],
) -> Iterator[tuple[int, int, str, tuple[int, int]]]:
    """Who has the longest period at each time: (from, to, station, that period), in order."""
    heap: list[tuple[int, str, int, int]] = []
    begins = iter([*periods, None])
    coming = next(begins)
    at: int | None = None
    while True:
        while heap and at is not None and heap[0][3] <= at:
            heappop(heap)
        if not heap and coming is None:
            return
        if not heap and coming is not None:
            at = coming[0]
        while coming is not None and coming[0] == at:
            begin, end, station = coming
            heappush(heap, (begin - end, station, begin, end))
            coming = next(begins)
        if not heap or at is None:
            continue
        _, station, begin, end = heap[0]
        until, number = end, (station, begin)
        while coming is not None and coming[0] < until:
            heappush(heap, (coming[0] - coming[1], coming[2], coming[0], coming[1]))
            if (heap[0][1], heap[0][2]) != number:
                until = coming[0]
            coming = next(begins)
        yield at, until, station, (begin, end)
        at = until


def by_active_periods(line: Line, moments: tuple[Moment, ...], from_ns: int, to_ns: int) -> Verdict:
    """The station that was the momentary bottleneck for the longest time."""
    edges = verdicts.edges_of(from_ns, to_ns)
    share = {m.station: np.zeros(PARTS) for m in moments}
    for m in moments:
        share[m.station] += verdicts.inside(np.array([m.from_ns]), np.array([m.to_ns]), edges)[0]
    return verdicts.of_shares(line, share)
