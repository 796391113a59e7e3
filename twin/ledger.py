"""The ledger: energy by place, state, vehicle, carrier, slot and evidence, and its balance.

A *place* is a station, or the meter whose rest a cell is: what a parent meter counted beyond its
sub-meters, or ``unexplained``: what no meter below accounts for though all should. Cells of a
carrier sum to its boundary meters; ``balance_error`` says how exactly.

Electricity comes from several sides (the grid, the roof, the storage). Its boundary meters are one
node, the *supply*: what they say together, less what the sub-meters below any of them counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.line import CARRIERS, ENERGY_CARRIERS, STATES, Line
from twin import counters, inside
from twin.decode import CARRIER_INDEX
from twin.kernels import booking as kernel
from twin.meter_tree import sign as sign
from twin.meter_tree import was_heard as was_heard
from twin.meters import NOTHING, Estimates, estimate
from twin.mirror import Booked
from twin.sums import exact_sum

EVIDENCE = ("measured", "estimated", "modelled")
PROCESSING = STATES.index("processing")
NO_STATE = -1  # a meter's rest has none
UNEXPLAINED = "unexplained"
CELL = np.dtype(
    [
        ("place", "<i4"),  # a station's number, stations + the point's, or stations + points
        ("state", "i1"),
        ("vehicle", "<i4"),
        ("carrier", "i1"),
        ("slot_ns", "<i8"),
        ("evidence", "u1"),
        ("point", "<i4"),  # the metering point that it comes from
        ("kwh", "<f8"),
    ]
)
_KEY = ("place", "state", "vehicle", "carrier", "slot_ns", "evidence", "point")
Cells = NDArray[np.void]


@dataclass(frozen=True, eq=False)
class Ledger:
    """What was booked until ``booked.to_ns``; two of them are equal only if they are the same.

    cells: (n,) CELL sorted by their key, of boundary carriers; kwh by lower heating value.
    secondary: the same for compressed air, water and the like, in their base units, apart.
    supply: (m,) CELL of the meters that electricity comes and goes by, each point's own, signed.
    estimates: of the stations without a meter of their own.
    """

    booked: Booked
    cells: Cells
    secondary: Cells
    supply: Cells = field(default_factory=lambda: np.zeros(0, CELL))
    estimates: Estimates = NOTHING

    @property
    def line(self) -> Line:
        """The line that the places number."""
        return self.booked.line

    def place(self, number: int) -> str:
        """A station's id, that of the meter whose rest it is, or ``unexplained``."""
        stations = self.line.stations
        if number < len(stations):
            return stations[number].id
        if number == unexplained_place(self.line):
            return UNEXPLAINED
        return self.line.points[number - len(stations)].id

    @cached_property
    def is_unexplained(self) -> NDArray[np.bool_]:
        """Which cells no meter accounts for, (n,)."""
        return np.asarray(self.cells["place"] == unexplained_place(self.line))

    @cached_property
    def carriers(self) -> tuple[str, ...]:
        """The energy carriers that the line meters at its boundary, in the order of CARRIERS."""
        metered = {point.carrier for point in self.line.points if point.boundary}
        return tuple(carrier for carrier in ENERGY_CARRIERS if carrier in metered)

    def total_kwh(self, carrier: str) -> float:
        """Sum of a carrier's cells [kWh]."""
        return exact_sum(self.cells["kwh"][self.cells["carrier"] == CARRIER_INDEX[carrier]])

    def metered_kwh(self, carrier: str) -> float:
        """The independent recount of a carrier's boundary meters [kWh]."""
        return math.fsum(
            sign(point) * float(self.booked.metered_kwh[p])
            for p, point in enumerate(self.line.points)
            if point.carrier == carrier and is_outermost(self.booked, p)
        )

    def balance_error(self, carrier: str) -> float:
        """|cells - recount| / the larger of the recount and the cells' sizes; 0 for nothing."""
        kwh = self.cells["kwh"][self.cells["carrier"] == CARRIER_INDEX[carrier]]
        metered = self.metered_kwh(carrier)
        size = max(abs(metered), exact_sum(np.abs(kwh)))
        return abs(exact_sum(kwh) - metered) / size if size else 0.0


def is_outermost(booked: Booked, p: int) -> bool:
    """Was a point heard, and no meter above it? Then its energy is the balance's.

    With all meters alive these are the boundary; where a feeder is mute, what its sub-meters
    said is what is known.
    """
    if not was_heard(booked, p):
        return False
    parent = booked.line.points[p].parent
    while parent is not None:
        above = booked.line.point_index[parent]
        if was_heard(booked, above):
            return False
        parent = booked.line.points[above].parent
    return True


def unexplained_place(line: Line) -> int:
    """The number of the place ``unexplained``."""
    return len(line.stations) + len(line.points)


def supply_points(booked: Booked) -> tuple[int, ...]:
    """The points that electricity comes into the plant and leaves it by; an import is the first.

    Those that were heard and have no meter above them, of any direction but ``consume``, not at
    one station. None where nothing heard tells what comes from the grid.
    """
    points = booked.line.points
    found = [
        p
        for p, point in enumerate(points)
        if point.carrier == "electricity"
        and point.direction != "consume"
        and int(booked.points[p]["station"]) < 0
        and is_outermost(booked, p)
    ]
    found.sort(key=lambda p: points[p].direction != "import")
    return tuple(found) if found and points[found[0]].direction == "import" else ()


def close(booked: Booked, estimates: Estimates | None = None) -> Ledger:
    """Cells from everything booked: own meters at stations, each parent's rest at its meter.

    What stations without a meter drew of that rest is taken out by ``estimates``, by default those
    of everything booked.
    """
    line = booked.line
    estimates = estimate(booked) if estimates is None else estimates
    by_point = _cells_by_point(booked)
    nodes = _nodes(booked)
    if booked.damage.lost_spans:
        by_point = _within_parents(booked, nodes, by_point)
    rests = [
        estimates.split(node[0], _rest(line, node, by_point), by_point[node[0]]) for node in nodes
    ]
    cells = _summed(np.concatenate(rests)) if rests else np.zeros(0, CELL)
    energy = np.isin(cells["carrier"], [CARRIER_INDEX[carrier] for carrier in ENERGY_CARRIERS])
    supply = [by_point[p] for p in supply_points(booked)]
    return Ledger(
        booked,
        cells[energy],
        cells[~energy],
        np.concatenate(supply) if supply else np.zeros(0, CELL),
        estimates,
    )


def _nodes(booked: Booked) -> list[tuple[int, ...]]:
    """The points whose rest is one: the supply's together, every other on its own."""
    supply = supply_points(booked)
    others = (p for p in range(len(booked.line.points)) if p not in supply)
    return [*([supply] if supply else []), *((p,) for p in others)]


def _cells_by_point(booked: Booked) -> list[Cells]:
    """The cells of each point's own segments, with the sign of its direction."""
    line, count = booked.line, len(booked.line.points)
    found = inside.pieces(booked)
    found = found[: np.searchsorted(found["point"], count)]
    heard = np.array([was_heard(booked, p) for p in range(count)], bool)
    found = found[heard[found["point"]]]
    station = booked.points["station"][found["point"]]
    at_station = station >= 0
    carriers = np.array([CARRIER_INDEX[point.carrier] for point in line.points], np.int8)
    signs = np.array([sign(point) for point in line.points])
    cells = np.zeros(len(found), CELL)
    cells["place"] = np.where(at_station, station, len(line.stations) + found["point"])
    cells["state"] = np.where(at_station, found["state"], NO_STATE)
    cells["vehicle"] = np.where(at_station, vehicles_of(booked, found["visit"]), -1)
    cells["carrier"] = carriers[found["point"]]
    cells["slot_ns"] = found["t0"] // kernel.SLOT_NS * kernel.SLOT_NS
    cells["evidence"] = found["evidence"]
    for p, slot_ns, _ in counters.contradictions(booked):
        doubted = (found["point"] == p) & (cells["slot_ns"] == slot_ns)
        cells["evidence"][doubted] = kernel.ESTIMATED
    cells["point"] = found["point"]
    cells["kwh"] = found["kwh"] * signs[found["point"]]
    cells = _summed(cells, ("point", *_KEY[:-1]))
    ends = np.searchsorted(cells["point"], np.arange(count + 1))
    return [cells[ends[p] : ends[p + 1]] for p in range(count)]


def vehicles_of(booked: Booked, visits: NDArray[np.int64]) -> NDArray[np.int32]:
    """The vehicle of each visit, -1 for no visit; (n,) int32."""
    vehicles = np.append(booked.visits["vehicle"], np.int32(-1))
    return np.asarray(vehicles[visits], np.int32)


def segment_vehicles(booked: Booked, segments: NDArray[np.void]) -> NDArray[np.int32]:
    """The vehicle of each segment, -1 where none was there or none is known; (n,) int32.

    At a station of several places that is the one that came in last: ``inside.pieces`` has all.
    """
    return vehicles_of(booked, segments["visit"])


def _summed(cells: Cells, keys: tuple[str, ...] = _KEY) -> Cells:
    """Cells with the same keys joined, sorted by them; each sum has its weakest evidence."""
    if not len(cells):
        return cells
    code = _code(cells, keys)
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
    joined = cells[order[starts]]
    joined["kwh"] = np.add.reduceat(cells["kwh"][order], starts)
    joined["evidence"] = np.maximum.reduceat(cells["evidence"][order], starts)
    return joined


def _code(cells: Cells, keys: tuple[str, ...]) -> NDArray[np.int64]:
    """One number for all keys of a cell, in their order; (n,) int64."""
    code = np.zeros(len(cells), np.int64)
    most = 1
    for name in keys:
        values = cells[name].astype(np.int64)
        if name == "slot_ns":
            values //= kernel.SLOT_NS
        values -= values.min()
        size = int(values.max()) + 1
        if most * size > np.iinfo(np.int64).max:  # the keys so far in as few numbers as there are
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
            most = len(cells)
        code = code * size + values
        most *= size
    return code


def _rest(line: Line, node: tuple[int, ...], by_point: list[Cells]) -> Cells:
    """A node's cells less those of its sub-meters: by key at one station, else by slot.

    What sub-meters counted beyond it is ``unexplained``, and so is what the supply says beyond
    its sub-meters where every workshop lies under one.
    """
    own = np.concatenate([by_point[p] for p in node])
    children = [cells for p in node for cells in _heard_below(line, p, by_point)]
    if not len(own) or (not children and len(node) == 1):
        return own
    taken = np.concatenate([np.zeros(0, CELL), *children])
    place = len(line.stations) + node[0] if len(node) > 1 else int(own["place"][0])
    at_one_station = place < len(line.stations)
    keys = ("state", "vehicle", "slot_ns") if at_one_station else ("slot_ns",)
    joined = np.concatenate([own, taken])
    joined["kwh"][len(own) :] *= -1.0
    joined["place"], joined["point"] = place, node[0]
    if not at_one_station:
        joined["state"], joined["vehicle"] = NO_STATE, -1
    rest = _summed(joined, keys)
    if not at_one_station:
        unknown = np.full(len(rest), bool(children) and _covers_workshops(line, node, by_point))
        unknown |= _is_below_nothing(rest, taken)
        rest["place"][unknown] = unexplained_place(line)
    return rest


def _covers_workshops(line: Line, node: tuple[int, ...], by_point: list[Cells]) -> bool:
    """Does every workshop of the plant lie under a sub-meter of its supply?

    A supply meter's only: the rest of a workshop's own meter is that workshop's base.
    """
    if line.points[node[0]].direction != "import" or not line.workshops:
        return False
    below = {c for p in node for c in _descendants(line, p) if len(by_point[c])}
    covered = {name for c in below for name in line.points[c].covers}
    return "plant" in covered or all(f"workshop:{shop.id}" in covered for shop in line.workshops)


def _is_below_nothing(rest: Cells, taken: Cells) -> NDArray[np.bool_]:
    """Which rests say that sub-meters counted more than their parent, (n,).

    In its slot and also with the two slots on either side: meters count in steps and are read at
    times of their own, and what one slot lacks for that its neighbours have.
    """
    faults = np.zeros(len(rest), bool)
    for i in np.flatnonzero(rest["kwh"] < -0.01).tolist():
        slot = int(rest["slot_ns"][i])
        beside = _slot_kwh(taken, slot)
        if _exceeds(beside, beside + float(rest["kwh"][i])):
            around = _kwh_around(taken, slot)
            faults[i] = _exceeds(around, around + _kwh_around(rest, slot))
    return faults


def _kwh_around(cells: Cells, slot_ns: int) -> float:
    near = np.abs(cells["slot_ns"] - slot_ns) <= 2 * kernel.SLOT_NS
    return math.fsum(cells["kwh"][near])


def _within_parents(
    booked: Booked, nodes: list[tuple[int, ...]], by_point: list[Cells]
) -> list[Cells]:
    """Where a damaged log lost what a parent said, its sub-meters are not booked in its place.

    That is in slots of the lost spans in which the parent knows of less than they do.
    """
    line, kept = booked.line, list(by_point)
    for node in nodes:
        own = np.concatenate([kept[p] for p in node])
        below = [cells for p in node for cells in _heard_below(line, p, kept)]
        if not below or not len(own):
            continue
        taken = np.concatenate(below)
        lost = [
            slot
            for slot in np.unique(taken["slot_ns"]).tolist()
            if any(slot + kernel.SLOT_NS > a and slot < b for a, b in booked.damage.lost_spans)
            and _exceeds(_slot_kwh(taken, slot), _slot_kwh(own, slot))
        ]
        for c in (c for p in node for c in _descendants(line, p)):
            kept[c] = kept[c][~np.isin(kept[c]["slot_ns"], lost)]
    return kept


def _slot_kwh(cells: Cells, slot_ns: int) -> float:
    return math.fsum(cells["kwh"][cells["slot_ns"] == slot_ns])


def _descendants(line: Line, p: int) -> list[int]:
    """The points below a point, at any depth."""
    found = []
    for c, point in enumerate(line.points):
        if point.parent == line.points[p].id:
            found += [c, *_descendants(line, c)]
    return found


def _heard_below(line: Line, p: int, by_point: list[Cells]) -> list[Cells]:
    """The cells of a point's sub-meters; of those below them where one is mute."""
    found: list[Cells] = []
    for c, point in enumerate(line.points):
        if point.parent == line.points[p].id:
            found += [by_point[c]] if len(by_point[c]) else _heard_below(line, c, by_point)
    return found


def negative_rests(ledger: Ledger) -> Cells:
    """Rests below nothing: sub-meters that counted more than their parent, a metering fault.

    What meters round away is no fault: half a percent of the sub-meters, and 0.01 kWh.
    """
    line, cells = ledger.line, ledger.cells
    faults = [np.zeros(0, CELL)]
    for node in _nodes(ledger.booked):
        below = [c for p in node for c in _descendants(line, p)]
        rests = cells[cells["point"] == node[0]]
        if below and len(rests):
            taken = cells[np.isin(cells["point"], below)]
            faults.append(rests[_is_below_nothing(rests, taken)])
    return np.concatenate(faults)


def _exceeds(below_kwh: float, parent_kwh: float) -> bool:
    """Did sub-meters count more than their parent, beyond what meters round away?"""
    return below_kwh - parent_kwh > 0.01 + 0.005 * abs(below_kwh)


def export_columns(ledger: Ledger) -> dict[str, list[object]]:
    """Columns of ``export --what ledger``: one row per cell, in the ledger's order."""
    cells, booked = _summed(ledger.cells, _KEY[:-1]), ledger.booked
    return {
        "station": [ledger.place(int(place)) for place in cells["place"]],
        "state": ["" if state < 0 else STATES[state] for state in cells["state"]],
        "vehicle": ["" if v < 0 else booked.vehicles[v] for v in cells["vehicle"]],
        "carrier": [CARRIERS[carrier] for carrier in cells["carrier"]],
        "slot_ns": cells["slot_ns"].tolist(),
        "evidence": [EVIDENCE[evidence] for evidence in cells["evidence"]],
        "kwh": cells["kwh"].tolist(),
    }
