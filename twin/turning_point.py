"""The turning point (Li, Chang, Ni 2009): where stations turn from blocked to starved.

Before the bottleneck stations are blocked rather than starved, after it starved rather than
blocked; itself it is the one that waits least. Where the walk up the line ends at its head, the
line waits for what is released.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import verdicts
from twin.kernels import causes as kernel
from twin.mirror import Booked
from twin.verdicts import PARTS, Floats, Verdict

FELT = 0.005  # part of the time for which a station waits for vehicles, so that they matter


@dataclass(frozen=True, slots=True)
class Waits:
    """Parts of equal parts of a span, (stations, PARTS): who waited, and who was seen at all."""

    starved: Floats
    blocked: Floats
    missed: Floats  # (stations, stations): by whom it was starved, over the whole span
    known: NDArray[np.bool_]  # (stations,)


def waits_of(booked: Booked, found: NDArray[np.void], from_ns: int, to_ns: int) -> Waits:
    """How much each station waited in each part of a span, by its places."""
    count = len(booked.line.stations)
    places = np.array([station.places for station in booked.line.stations])
    edges = verdicts.edges_of(from_ns, to_ns)
    table = np.zeros((2, count, PARTS))
    for i, kind in enumerate((kernel.WAITS_FOR_VEHICLE, kernel.WAITS_TO_LEAVE)):
        rows = found[(found["waits"] == kind) & (found["t1"] > from_ns) & (found["t0"] < to_ns)]
        inside = verdicts.inside(rows["t0"], rows["t1"], edges)
        np.add.at(table[i], rows["station"], inside * rows["places"][:, None])
    table /= places[:, None]
    return Waits(table[0], table[1], _missed(booked, found, from_ns, to_ns), stations_seen(booked))


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


def stations_seen(booked: Booked) -> NDArray[np.bool_]:
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


def felt_stations(line: Line, waits: Waits) -> NDArray[np.bool_]:
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


def by_turning_point(line: Line, waits: Waits) -> Verdict:
    """Where, up the line from its end, starved turns into blocked."""
    here = _turning_point(line, waits)
    if here is None:
        return Verdict(None, None, None)
    before, after = _before(line)[here], _after(line)[here]
    lead = waits.starved[here] - waits.blocked[here]
    if not before and lead.mean() > 0.0:
        return Verdict(line.stations[here].id, verdicts.certainty(lead), None)
    idle = waits.starved + waits.blocked
    beside = [s for s in (*before, *after) if waits.known[s]]
    ranked = sorted(beside, key=lambda s: (float(idle[s].mean()), s))
    names = [line.stations[s].id for s in (here, *ranked)]
    return verdicts.of_ranking(names, {name: -idle[line.station_index[name]] for name in names})


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
