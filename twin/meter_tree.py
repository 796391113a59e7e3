"""The tree of metering points: who was heard, what lies below whom, and which feeds a station."""

from __future__ import annotations

from data.line import ENERGY_CARRIERS, Line, MeteringPoint
from twin.mirror import Booked

_SIGNS = {
    "consume": 1.0,
    "import": 1.0,
    "generate": 1.0,
    "discharge": 1.0,
    "export": -1.0,
    "charge": -1.0,
}
FEEDS = ("consume", "import")
_BUILDING = ("lighting", "hvac", "heating")  # end uses of a building, not of its stations


def sign(point: MeteringPoint) -> float:
    """+1 where a point's energy comes into the line, -1 where it leaves it."""
    return _SIGNS[point.direction]


def was_heard(booked: Booked, p: int) -> bool:
    """Did a metering point ever say anything?"""
    return bool(booked.points[p]["has_rate"] or booked.points[p]["counter"]["has_count"])


def heard_below(booked: Booked, p: int) -> list[int]:
    """A point's sub-meters; those below them where one is mute."""
    found: list[int] = []
    for c, point in enumerate(booked.line.points):
        if point.parent == booked.line.points[p].id:
            found += [c] if was_heard(booked, c) else heard_below(booked, c)
    return found


def feeders(booked: Booked) -> dict[int, list[int]]:
    """By metering point, the stations that it feeds and that have no energy meter of their own.

    A station is fed by the heard point of its carrier that covers the fewest stations, and of
    several that cover as many by the outermost: those below it cut the same part by end use. A
    meter of light, air or heat feeds none.
    """
    line, found = booked.line, dict[int, list[int]]()
    for carrier in ENERGY_CARRIERS:
        heard = [
            p
            for p, point in enumerate(line.points)
            if point.carrier == carrier and point.direction in FEEDS and was_heard(booked, p)
        ]
        own = {int(booked.points[p]["station"]) for p in heard}
        for s, station in enumerate(line.stations):
            above = [p for p in heard if station.id in line.points[p].stations]
            if s in own or not above:
                continue
            nearest = min(above, key=lambda p: (len(line.points[p].stations), _depth(line, p)))
            if line.points[nearest].end_use not in _BUILDING:
                found.setdefault(nearest, []).append(s)
    return dict(sorted(found.items()))


def is_all_stations(booked: Booked, p: int) -> bool:
    """Does a point cover stations by name, so that its rest holds nothing of the building?"""
    return all(part in booked.line.station_index for part in booked.line.points[p].covers)


def _depth(line: Line, p: int) -> int:
    parent = line.points[p].parent
    return 0 if parent is None else 1 + _depth(line, line.point_index[parent])
