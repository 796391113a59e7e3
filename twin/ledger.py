"""The ledger: energy by place, state, vehicle, carrier, slot and evidence, and its balance.

A *place* is a station, or the meter whose rest a cell is: what a parent meter counted beyond its
sub-meters. Cells of a carrier sum to its boundary meters; ``balance_error`` says how exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.line import CARRIERS, ENERGY_CARRIERS, STATES, Line
from twin import inside
from twin.decode import CARRIER_INDEX
from twin.kernels import booking as kernel
from twin.meter_tree import sign as sign
from twin.meter_tree import was_heard as was_heard
from twin.meters import NOTHING, Estimates, estimate
from twin.mirror import Booked

EVIDENCE = ("measured", "estimated", "modelled")
PROCESSING = STATES.index("processing")
NO_STATE = -1  # a meter's rest has none
CELL = np.dtype(
    [
        ("place", "<i4"),  # a station's number, or stations + the point's number
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


@dataclass(frozen=True)
class Ledger:
    """What was booked until ``booked.to_ns``.

    cells: (n,) CELL sorted by their key, of boundary carriers; kwh by lower heating value.
    secondary: the same for compressed air, water and the like, in their base units, apart.
    estimates: of the stations without a meter of their own.
    """

    booked: Booked
    cells: Cells
    secondary: Cells
    estimates: Estimates = NOTHING

    @property
    def line(self) -> Line:
        """The line that the places number."""
        return self.booked.line

    def place(self, number: int) -> str:
        """A station's id, or that of the meter whose rest it is."""
        stations = self.line.stations
        if number < len(stations):
            return stations[number].id
        return self.line.points[number - len(stations)].id

    @cached_property
    def carriers(self) -> tuple[str, ...]:
        """The energy carriers that the line meters at its boundary, in the order of CARRIERS."""
        metered = {point.carrier for point in self.line.points if point.boundary}
        return tuple(carrier for carrier in ENERGY_CARRIERS if carrier in metered)

    def total_kwh(self, carrier: str) -> float:
        """Sum of a carrier's cells [kWh]."""
        return math.fsum(self.cells["kwh"][self.cells["carrier"] == CARRIER_INDEX[carrier]])

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
        size = max(abs(metered), math.fsum(np.abs(kwh)))
        return abs(math.fsum(kwh) - metered) / size if size else 0.0


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


def close(booked: Booked, estimates: Estimates | None = None) -> Ledger:
    """Cells from everything booked: own meters at stations, each parent's rest at its meter.

    What stations without a meter drew of that rest is taken out by ``estimates``, by default those
    of everything booked.
    """
    line = booked.line
    estimates = estimate(booked) if estimates is None else estimates
    by_point = _cells_by_point(booked)
    if booked.damage.lost_spans:
        by_point = _within_parents(booked, by_point)
    rests = [
        estimates.split(p, _rest(line, p, by_point), by_point[p]) for p in range(len(line.points))
    ]
    cells = np.concatenate(rests) if rests else np.zeros(0, CELL)
    cells = _summed(cells)
    energy = np.isin(cells["carrier"], [CARRIER_INDEX[carrier] for carrier in ENERGY_CARRIERS])
    return Ledger(booked, cells[energy], cells[~energy], estimates)


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
    cells["point"] = found["point"]
    cells["kwh"] = found["kwh"] * signs[found["point"]]
    cells = _summed(cells, ("point", *_KEY[:-1]))
    ends = np.searchsorted(cells["point"], np.arange(count + 1))
    return [cells[ends[p] : ends[p + 1]] for p in range(count)]


def vehicles_of(booked: Booked, visits: NDArray[np.int64]) -> NDArray[np.int32]:
    """The vehicle of each visit, -1 for no visit; (n,) int32."""
    vehicles = np.append(booked.visits["vehicle"], np.int32(-1))
    return np.asarray(vehicles[visits], np.int32)


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


def _rest(line: Line, p: int, by_point: list[Cells]) -> Cells:
    """A point's cells less those of its sub-meters: by key at one station, else by slot."""
    own = by_point[p]
    children = _heard_below(line, p, by_point)
    if not children or not len(own):
        return own
    taken = np.concatenate(children)
    at_one_station = int(own["place"][0]) < len(line.stations)
    keys = ("state", "vehicle", "slot_ns") if at_one_station else ("slot_ns",)
    joined = np.concatenate([own, taken])
    joined["kwh"][len(own) :] *= -1.0
    joined["place"], joined["point"] = own["place"][0], p
    if not at_one_station:
        joined["state"], joined["vehicle"] = NO_STATE, -1
    return _summed(joined, keys)


def _within_parents(booked: Booked, by_point: list[Cells]) -> list[Cells]:
    """Where a damaged log lost what a parent said, its sub-meters are not booked in its place.

    That is in slots of the lost spans in which the parent knows of less than they do.
    """
    line, kept = booked.line, list(by_point)
    for p in range(len(line.points)):
        below = _heard_below(line, p, kept)
        if not below or not len(kept[p]):
            continue
        taken = np.concatenate(below)
        lost = [
            slot
            for slot in np.unique(taken["slot_ns"]).tolist()
            if any(slot + kernel.SLOT_NS > a and slot < b for a, b in booked.damage.lost_spans)
            and _exceeds(_slot_kwh(taken, slot), _slot_kwh(kept[p], slot))
        ]
        for c in _descendants(line, p):
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

    What meters round away in a slot is no fault: half a percent of the sub-meters, and 0.01 kWh.
    """
    line, cells = ledger.line, ledger.cells
    faults = []
    for p, point in enumerate(line.points):
        children = [c for c, child in enumerate(line.points) if child.parent == point.id]
        rests = cells[(cells["point"] == p) & (cells["kwh"] < -0.01)]
        if not children or not len(rests):
            continue
        taken = cells[np.isin(cells["point"], children)]
        for rest in rests:
            beside = _slot_kwh(taken, rest["slot_ns"])
            if _exceeds(beside, beside + rest["kwh"]):
                faults.append(rest)
    return np.array(faults, CELL)


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
