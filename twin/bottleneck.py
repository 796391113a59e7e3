"""Which station holds the line back: the active-period and the turning-point method.

Both look at those stations alone that the line's end can feel: up the line from where vehicles
leave it, as far as stations that hardly ever wait for a vehicle. What lies before such a station
may be slow, but the line does not wait for it.

Active periods (Roser, Nakano, Tanaka 2001, 2002): a station is active while it does not wait for
others; at every moment the bottleneck is the one with the longest uninterrupted active period,
*sole* where that period overlaps with neither the one before nor the one after, else *shifting*.

Turning point (Li, Chang, Ni 2009): before the bottleneck stations are blocked rather than starved,
after it starved rather than blocked; itself it is the one that waits least.

Where the walk up the line ends at its head, the line waits for what is released.

The certainty of a method is the probability that its first station leads its second: by the mean
of their difference over equal parts of the span and that mean's standard error, as if normal.
The answer is that of the surer method; where both name the same station, it is surer than either.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin.kernels import causes as kernel
from twin.kernels.causes import CAUSES
from twin.mirror import Booked

PARTS = 12  # of a span, for the standard error
FELT = 0.005  # part of the time for which a station waits for vehicles, so that they matter
ACTIVE = ("failed", "setup", "held", "warming_up", "handling")  # as causes of its own
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a method says of a span: its station, None where it found none, and the certainty.

    ``second`` is the station that comes next; None where there is none.
    """

    station: str | None
    certainty: float | None
    second: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in which one station was the momentary bottleneck [ns]; sole, or shifting."""

    station: str
    from_ns: int
    to_ns: int
    sole: bool


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The bottleneck of a span by both methods; ``station`` is the answer.

    ``sole`` and ``shifting``: the part of the span in which each station was the momentary
    bottleneck alone, and in turn with another one.
    """

    station: str | None
    certainty: float | None
    from_ns: int
    to_ns: int
    active_period: Verdict
    turning_point: Verdict
    sole: dict[str, float]
    shifting: dict[str, float]

    @property
    def method(self) -> str:
        """The method that answered."""
        is_turning = self.station == self.turning_point.station
        return "turning_point" if is_turning else "active_period"

    @property
    def agree(self) -> bool:
        """Do both methods name the same station?"""
        return self.station is not None and (
            self.active_period.station == self.turning_point.station
        )


@dataclass(frozen=True, slots=True)
class Waits:
    """Parts of equal parts of a span, (stations, PARTS): who waited, and who was seen at all."""

    starved: Floats
    blocked: Floats
    missed: Floats  # (stations, stations): by whom it was starved, over the whole span
    known: NDArray[np.bool_]  # (stations,)


def find(booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int) -> Bottleneck:
    """The bottleneck of a span; found: the log's spells (``twin.losses.spells``)."""
    waits = waits_of(booked, found, from_ns, to_ns)
    felt = _felt(booked.line, waits)
    moments = tuple(momentary(booked, found, from_ns, to_ns, felt))
    active = _by_active_periods(booked.line, moments, from_ns, to_ns)
    turning = _by_turning_point(booked.line, waits)
    surer = (active.certainty or 0.0) > (turning.certainty or 0.0)
    chosen = active if surer else turning
    sure = chosen.certainty
    if turning.station == active.station and turning.certainty is not None:
        sure = 1.0 - (1.0 - turning.certainty) * (1.0 - (active.certainty or 0.0))
    span_ns = max(1, to_ns - from_ns)
    return Bottleneck(
        station=chosen.station,
        certainty=sure,
        from_ns=from_ns,
        to_ns=to_ns,
        active_period=active,
        turning_point=turning,
        sole=_time_of([m for m in moments if m.sole], span_ns),
        shifting=_time_of([m for m in moments if not m.sole], span_ns),
    )


def waits_of(booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int) -> Waits:
    """How much each station waited in each part of a span, by its places."""
    count = len(booked.line.stations)
    places = np.array([station.places for station in booked.line.stations])
    edges = from_ns + (np.arange(PARTS + 1) * (to_ns - from_ns)) // PARTS
    length = np.maximum(1, np.diff(edges))
    table = np.zeros((2, count, PARTS))
    for i, kind in enumerate((kernel.WAITS_FOR_VEHICLE, kernel.WAITS_TO_LEAVE)):
        rows = found[(found["waits"] == kind) & (found["t1"] > from_ns) & (found["t0"] < to_ns)]
        begin = np.maximum(rows["t0"][:, None], edges[:-1])
        inside = np.maximum(0, np.minimum(rows["t1"][:, None], edges[1:]) - begin)
        np.add.at(table[i], rows["station"], inside * rows["places"][:, None] / length)
    table /= places[:, None]
    return Waits(table[0], table[1], _missed(booked, found, from_ns, to_ns), _known(booked))


def _missed(booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int) -> Floats:
    """For which part of a span a station (row) was starved by another one (column).

    A line of parts to which no order came is not what is missed: it follows the vehicles.
    """
    line = booked.line
    makes_parts = ~_leads_out(line)
    rows = found[(found["t1"] > from_ns) & (found["t0"] < to_ns)]
    no_order = (rows["cause"] == kernel.C_NO_RELEASE) & makes_parts[rows["caused_by"]]
    rows = rows[(rows["waits"] == kernel.WAITS_FOR_VEHICLE) & ~no_order]
    inside = np.minimum(rows["t1"], to_ns) - np.maximum(rows["t0"], from_ns)
    missed = np.zeros((len(line.stations), len(line.stations)))
    np.add.at(missed, (rows["station"], rows["caused_by"]), inside * rows["places"])
    places = np.array([station.places for station in line.stations])
    return np.asarray(missed / places[:, None] / max(1, to_ns - from_ns))


def _leads_out(line: Line) -> NDArray[np.bool_]:
    """Stations from which vehicles get to the line's end, not parts to a vehicle; (stations,)."""
    leads, index = np.zeros(len(line.stations), bool), line.station_index
    leads[[index[station] for station in line.sinks()]] = True
    for _ in line.stations:
        for edge in line.edges:
            if edge.kind == "flow" and leads[index[edge.to_station]]:
                leads[index[edge.from_station]] = True
    return leads


def _known(booked: Booked) -> NDArray[np.bool_]:
    """Stations in the flow whose states were ever seen."""
    own, line = len(booked.line.points), booked.line
    seen = np.zeros(len(line.stations), bool)
    presence = booked.segments[booked.segments["point"] >= own]
    seen[presence["point"][presence["state"] != kernel.UNKNOWN] - own] = True
    in_flow = {name for edge in line.edges for name in (edge.from_station, edge.to_station)}
    seen &= np.array([station.id in in_flow for station in line.stations], bool)
    return seen


def _before(line: Line) -> list[list[int]]:
    """The stations that vehicles or parts come from, of each station."""
    before: list[list[int]] = [[] for _ in line.stations]
    for edge in line.edges:
        if edge.kind != "rework":
            before[line.station_index[edge.to_station]].append(
                line.station_index[edge.from_station]
            )
    return before


def _felt(line: Line, waits: Waits) -> NDArray[np.bool_]:
    """Stations that the end of the line can wait for, (stations,)."""
    felt = np.zeros(len(line.stations), bool)
    open_ends = [line.station_index[station] for station in line.sinks()]
    while open_ends:
        s = open_ends.pop()
        if not felt[s]:
            felt[s] = True
            open_ends += [u for u, share in _branches(line, waits, s) if share > FELT]
    return felt & waits.known


def _branches(line: Line, waits: Waits, s: int) -> list[tuple[int, float]]:
    """The stations before a station, each with the part of the time in which it was missed there.

    That is what the station waited for it and for what lies before it; all of what it waited
    where it is the only one, or where the station's own waits are not known.
    """
    before = _before(line)
    if len(before[s]) == 1 or not waits.known[s]:
        share = 1.0 if not waits.known[s] else float(waits.starved[s].mean())
        return [(u, share) for u in before[s]]
    return [(u, float(waits.missed[s, _upstream(before, u)].sum())) for u in before[s]]


def _upstream(before: list[list[int]], s: int) -> list[int]:
    """A station and all before it."""
    found, open_ends = {s}, [s]
    while open_ends:
        for u in before[open_ends.pop()]:
            if u not in found:
                found.add(u)
                open_ends.append(u)
    return sorted(found)


def active_periods(
    booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int
) -> dict[str, list[tuple[int, int]]]:
    """The uninterrupted active periods of each station in a span [ns]; without those never seen."""
    own_causes = [CAUSES.index(cause) for cause in ACTIVE]
    works = (found["caused_by"] == found["station"]) & np.isin(found["cause"], own_causes)
    idle = found[~works & (found["places"] > 0) & (found["t1"] > from_ns) & (found["t0"] < to_ns)]
    idle = idle[np.lexsort([idle["t0"], idle["station"]])]
    bounds = np.searchsorted(idle["station"], np.arange(len(booked.line.stations) + 1))
    known = _known(booked)
    periods = {}
    for s, station in enumerate(booked.line.stations):
        if known[s]:
            rows = idle[bounds[s] : bounds[s + 1]]
            periods[station.id] = _between(rows["t0"].tolist(), rows["t1"].tolist(), from_ns, to_ns)
    return periods


def _between(begins: list[int], ends: list[int], from_ns: int, to_ns: int) -> list[tuple[int, int]]:
    """What is left of a span without these times, which are sorted by their begins."""
    left, at = [], from_ns
    for begin, end in zip(begins, ends, strict=True):
        if begin > at:
            left.append((at, begin))
        at = max(at, end)
    if at < to_ns:
        left.append((at, to_ns))
    return left


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


def _time_of(moments: list[Moment], span_ns: int) -> dict[str, float]:
    total: dict[str, int] = {}
    for moment in moments:
        total[moment.station] = total.get(moment.station, 0) + moment.to_ns - moment.from_ns
    return {station: ns / span_ns for station, ns in sorted(total.items())}


def _by_active_periods(
    line: Line, moments: tuple[Moment, ...], from_ns: int, to_ns: int
) -> Verdict:
    """The station that was the momentary bottleneck for the longest time."""
    edges = from_ns + (np.arange(PARTS + 1) * (to_ns - from_ns)) // PARTS
    share = {m.station: np.zeros(PARTS) for m in moments}
    for m in moments:
        inside = np.minimum(m.to_ns, edges[1:]) - np.maximum(m.from_ns, edges[:-1])
        share[m.station] += np.maximum(0, inside) / np.maximum(1, np.diff(edges))
    ranked = sorted(share, key=lambda name: (-math.fsum(share[name]), line.station_index[name]))
    return _verdict(ranked, share)


def _verdict(ranked: list[str], score: dict[str, Floats]) -> Verdict:
    """The first of a ranking, by the scores of the first two in each part of the span."""
    if len(ranked) < 2:
        return Verdict(ranked[0] if ranked else None, 1.0 if ranked else None, None)
    lead = score[ranked[0]] - score[ranked[1]]
    return Verdict(ranked[0], certainty(lead), ranked[1])


def certainty(lead: Floats) -> float:
    """Probability that the mean of a difference is above 0, by its standard error; lead: (n,)."""
    mean = math.fsum(lead) / len(lead)
    spread = math.fsum((x - mean) ** 2 for x in lead.tolist()) / (len(lead) - 1)
    error = math.sqrt(spread / len(lead))
    if error == 0.0:
        return 0.5 if mean == 0.0 else float(mean > 0.0)
    return 0.5 * (1.0 + math.erf(mean / error / math.sqrt(2.0)))


def _by_turning_point(line: Line, waits: Waits) -> Verdict:
    """Where, up the line from its end, starved turns into blocked."""
    here = _turning_point(line, waits)
    if here is None:
        return Verdict(None, None, None)
    before, after = _before(line)[here], _after(line)[here]
    lead = waits.starved[here] - waits.blocked[here]
    if not before and lead.mean() > 0.0:
        return Verdict(line.stations[here].id, certainty(lead), None)
    idle = waits.starved + waits.blocked
    beside = [s for s in (*before, *after) if waits.known[s]]
    ranked = sorted(beside, key=lambda s: (float(idle[s].mean()), s))
    names = [line.stations[s].id for s in (here, *ranked)]
    return _verdict(names, {name: -idle[line.station_index[name]] for name in names})


def _turning_point(line: Line, waits: Waits) -> int | None:
    """Up the line along what is missed most, to the first station that is missed itself rather
    than those before it, or before which stations are blocked rather than starved."""
    starved, blocked = waits.starved.mean(axis=1), waits.blocked.mean(axis=1)

    def by_wait(s: int) -> tuple[float, int]:
        return float(starved[s] + blocked[s]), s

    ends = [line.station_index[s] for s in line.sinks() if waits.known[line.station_index[s]]]
    if not ends:
        return None
    here = min(ends, key=by_wait)
    seen = {here}
    while True:
        ways = [x for x in _branches(line, waits, here) if x[0] not in seen and waits.known[x[0]]]
        onward, missed = max(ways, key=lambda x: (x[1], -x[0]), default=(here, 0.0))
        if missed <= max(FELT, float(blocked[here])):
            return here
        if starved[onward] < blocked[onward]:
            return min(here, onward, key=by_wait)
        itself = float(waits.missed[here, onward])
        if itself >= missed - itself:
            return onward
        here = onward
        seen.add(here)


def _after(line: Line) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in line.stations]
    for s, origins in enumerate(_before(line)):
        for origin in origins:
            after[origin].append(s)
    return after
