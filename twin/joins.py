"""Which vehicle took which part, where a line of parts meets the vehicles at a ``join`` edge.

No signal says it. Parts are taken in the order in which they left their last station, by vehicles
in the order in which they enter the join station; a part's variant is the vehicle's where both are
known, and a vehicle of a variant that never appears on the line of parts takes none. How many parts
lay in the rack when the log began is found from three things (twin.kernels.joining): the variants
of both sequences, a blocked last station (the rack is full), and a starved join station that goes
on at the moment at which a part comes (the rack was empty). Where these leave a choice it is the
middle one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import STATES, Line
from twin.kernels import joining
from twin.mirror import Booked

BLOCKED, STARVED = STATES.index("blocked"), STATES.index("starved")
SAME_MOMENT_NS = 1_000_000_000  # two stations' signals of one event differ by less
_TIE = 2.0**-20  # decides only between what is equal otherwise
_NO_FIT = 1.0
_NO_WITNESS = 0.25  # of a part that no log saw, where the others' variants speak
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stock:
    """A part that an earlier log left in a rack: where it left, when, and what lies before it.

    ``unknown_ahead``: parts before it in the rack that no log saw.
    """

    vehicle: int
    station: str
    left_ns: int
    unknown_ahead: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts and who took them.

    vehicle: (v,) number of the vehicle that took this part; -1: nobody yet, or it is none.
    lacking: (v,) vehicles that took a part of which no log knows.
    unknown_ahead: (v,) parts before this one in its rack that no log saw.
    """

    vehicle: NDArray[np.int32]
    lacking: Bools
    unknown_ahead: Ints

    def owner(self) -> Ints:
        """Each vehicle, or what it went into at the end of a chain of joins, (v,)."""
        owner = np.arange(len(self.vehicle))
        for _ in range(len(owner)):
            inner = self.vehicle[owner] >= 0
            if not inner.any():
                break
            owner[inner] = self.vehicle[owner[inner]]
        return owner


def part_stations(line: Line) -> frozenset[int]:
    """Stations of which every way on leads to a join: what is there is a part, not a vehicle."""
    ways: dict[str, list[tuple[str, str]]] = {}
    for edge in line.edges:
        if edge.kind != "rework":
            ways.setdefault(edge.from_station, []).append((edge.kind, edge.to_station))
    found: set[str] = set()
    for _ in line.stations:
        more = {s for s, on in ways.items() if all(k == "join" or to in found for k, to in on)}
        if more == found:
            break
        found = more
    return frozenset(line.station_index[station] for station in found)


def join(
    booked: Booked,
    *,
    variant: NDArray[np.int32],
    is_part: Bools,
    came_from: NDArray[np.int32],
    stock: tuple[Stock, ...],
    continues: bool,
) -> Joined:
    """Who took which part.

    variant, is_part: (v,) of each vehicle; came_from: (v,) the station at which an earlier log left
    it, -1 where none did; stock: parts in racks at the begin; ``continues``: they are all that an
    earlier log knows of.
    """
    line, visits = booked.line, booked.visits
    racks = tuple(_racks(line))
    presence = _presence(booked, racks)
    count = len(variant)
    vehicle = np.full(count, -1, np.int32)
    lacking, ahead = np.zeros(count, bool), np.zeros(count, np.int64)
    for rack in racks:
        parts, left_ns = _parts(rack, visits, is_part, stock)
        takers, enter_ns = _takers(rack, visits, came_from, booked.from_ns)
        made = _variants_made(rack, visits, variant, parts)
        needs = (variant[takers] < 0) | np.isin(variant[takers], made) | (len(made) == 0)
        needs &= bool(len(parts)) & ~np.isin(takers, parts)
        takers, enter_ns = takers[needs], enter_ns[needs]
        known = [each for each in stock if each.station == rack.station]
        expected = len(known) + (known[0].unknown_ahead if known else 0)
        taken = _taken(
            _Sides(variant[parts], left_ns, variant[takers], enter_ns),
            rack,
            presence,
            len(known) if continues else None,
            expected,
        )
        got = taken >= 0
        vehicle[parts[taken[got]]] = takers[got]
        lacking[takers[~got]] = True
        left = parts[vehicle[parts] < 0]
        if len(left):
            ahead[left[0]] = max(0, -int(taken[-1]) - 1) if len(taken) else expected - len(known)
    return Joined(vehicle, lacking, ahead)


@dataclass(frozen=True, slots=True)
class _Rack:
    """The room between the last station of a line of parts and where they are taken."""

    station: str
    last: int
    targets: tuple[int, ...]
    upstream: frozenset[int]
    capacity: int


def _presence(booked: Booked, racks: tuple[_Rack, ...]) -> NDArray[np.void]:
    """The segments of the stations on both sides of the racks; point: the station's number."""
    own = len(booked.line.points)
    wanted = np.zeros(own + len(booked.line.stations), bool)
    for rack in racks:
        wanted[[own + station for station in (rack.last, *rack.targets)]] = True
    presence = booked.segments[["point", "state", "t0"]][wanted[booked.segments["point"]]]
    presence["point"] -= own
    return np.asarray(presence)


def _racks(line: Line) -> Iterator[_Rack]:
    joins = [edge for edge in line.edges if edge.kind == "join"]
    for station in dict.fromkeys(edge.from_station for edge in joins):
        own = [edge for edge in joins if edge.from_station == station]
        yield _Rack(
            station=station,
            last=line.station_index[station],
            targets=tuple(line.station_index[edge.to_station] for edge in own),
            upstream=_upstream(line, station),
            capacity=sum(edge.capacity for edge in own),
        )


def _upstream(line: Line, station: str) -> frozenset[int]:
    """The stations of a line of parts, its last one among them."""
    before: dict[str, list[str]] = {}
    for edge in line.edges:
        if edge.kind == "flow":
            before.setdefault(edge.to_station, []).append(edge.from_station)
    found, waiting = {station}, [station]
    while waiting:
        for each in before.get(waiting.pop(), []):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(line.station_index[each] for each in found)


def _parts(
    rack: _Rack, visits: NDArray[np.void], is_part: Bools, stock: tuple[Stock, ...]
) -> tuple[Ints, Ints]:
    """Parts that came into the rack, in order, and when."""
    last = np.full(len(is_part), -1, np.int64)
    last[visits["vehicle"]] = np.arange(len(visits))
    at = last[(last >= 0) & is_part]
    here = visits[at]
    here = here[(here["station"] == rack.last) & (here["leave"] >= 0) & (here["reject"] <= 0)]
    here = here[np.argsort(here["leave"], kind="stable")]
    brought = [each for each in stock if each.station == rack.station and last[each.vehicle] < 0]
    brought.sort(key=lambda each: each.left_ns)
    parts = [each.vehicle for each in brought]
    left_ns = [each.left_ns for each in brought]
    return (
        np.concatenate([np.array(parts, np.int64), here["vehicle"].astype(np.int64)]),
        np.concatenate([np.array(left_ns, np.int64), here["leave"]]),
    )


def _takers(
    rack: _Rack, visits: NDArray[np.void], came_from: NDArray[np.int32], from_ns: int
) -> tuple[Ints, Ints]:
    """Who entered where parts are taken, each once, in order, and when.

    Who is there when the log begins has taken its part before, unless it was elsewhere then.
    """
    here = visits[np.isin(visits["station"], rack.targets)]
    _, firsts = np.unique(here["vehicle"], return_index=True)
    here = here[np.sort(firsts)]
    before = came_from[here["vehicle"]]
    entered = (here["enter"] > from_ns) | (here["whole"] > 0)
    here = here[entered | ((before >= 0) & (before != here["station"]))]
    here = here[np.argsort(here["enter"], kind="stable")]
    return here["vehicle"].astype(np.int64), here["enter"].astype(np.int64)


def _variants_made(
    rack: _Rack, visits: NDArray[np.void], variant: NDArray[np.int32], parts: Ints
) -> NDArray[np.int32]:
    """The variants that appear on a line of parts."""
    there = visits["vehicle"][np.isin(visits["station"], list(rack.upstream))]
    found = np.unique(np.concatenate([variant[there], variant[parts]]))
    return found[found >= 0]


@dataclass(frozen=True, slots=True)
class _Sides:
    """Both sequences: variants and times of the parts that came, and of those who took one."""

    part_variant: NDArray[np.int32]
    left_ns: Ints
    taker_variant: NDArray[np.int32]
    enter_ns: Ints


def _taken(
    sides: _Sides,
    rack: _Rack,
    presence: NDArray[np.void],
    known: int | None,
    expected: int,
) -> Ints:
    """The number of the part that each taker took, (n,); below 0: one that no log saw.

    known: parts in the rack at the begin by an earlier log, None where there is none; expected:
    these and those unknown among them.
    """
    enter_ns = sides.enter_ns
    if not len(enter_ns):
        return np.zeros(0, np.int64)
    there = np.searchsorted(sides.left_ns, enter_ns + SAME_MOMENT_NS, side="right")
    before = np.searchsorted(sides.left_ns, enter_ns - SAME_MOMENT_NS, side="left")
    size = np.arange(1, rack.capacity + 2)
    cost = _misfit(sides, there, size)
    blocked = _state_before(presence, rack.last, enter_ns) == BLOCKED
    full = there - before + rack.capacity
    cost += _NO_FIT * (blocked[:, None] & (size[None, :] != full[:, None]))
    starved = np.zeros(len(enter_ns), bool)
    for target in rack.targets:
        starved |= _state_before(presence, target, enter_ns) == STARVED
    empty = starved & (there - before == 1) & ~blocked
    cost += _NO_FIT * (empty[:, None] & (size[None, :] != 1))
    first = _first_sizes(there, size, rack.capacity, known, expected)
    came = np.diff(there, prepend=there[:1])
    sizes = joining.racks(np.ascontiguousarray(cost), came.astype(np.int64), first)
    taken = there - sizes
    newest = np.maximum.accumulate(np.concatenate([[-(1 << 62)], taken[:-1]]))
    return np.where((taken > newest) | (taken < 0), taken, -1)


def _misfit(sides: _Sides, there: Ints, size: Ints) -> NDArray[np.float64]:
    """Cost of each taker for each size of the rack: the part that it would take does not fit."""
    number = there[:, None] - size[None, :]
    seen = number >= 0
    part = np.where(seen, sides.part_variant[np.maximum(number, 0)], -1)
    taker = sides.taker_variant[:, None]
    cost = _NO_FIT * ((part >= 0) & (taker >= 0) & (part != taker))
    if np.any(sides.part_variant >= 0):
        cost = np.where(~seen & (taker >= 0), _NO_WITNESS, cost)
    return np.asarray(cost)


def _first_sizes(
    there: Ints, size: Ints, capacity: int, known: int | None, expected: int
) -> NDArray[np.float64]:
    """Cost of each size of the rack at the first taker."""
    drift = there - there[0] - np.arange(len(there))
    least, most = 1 - int(drift.min()), capacity + 1 - int(drift.max())
    middle = (least + most) // 2
    if known is None:
        return np.asarray(np.abs(size - middle) * _TIE)
    carried = expected - known + int(there[0])
    return np.asarray(np.where(size == carried, 0.0, _NO_FIT) + np.abs(size - middle) * _TIE)


def _state_before(presence: NDArray[np.void], station: int, times_ns: Ints) -> Ints:
    """A station's state just before each time, (n,); -1 where it had none."""
    own = presence[presence["point"] == station]
    at = np.searchsorted(own["t0"], times_ns, side="left") - 1
    found = np.where(at >= 0, own["state"][np.maximum(at, 0)], -1) if len(own) else at * 0 - 1
    return np.asarray(found, np.int64)
