"""Where the plant's electricity comes from in each 15-minute slot, and what a kWh of it carries.

A slot's kWh carries one mix: what comes in by the grid at the purchased electricity's factor, what
own solar cells generate at 0 (product view: at their life-cycle factor), what the storage gives
out with what it took in. What is exported and what is charged leave at the mix. So no kg is made
or lost: kg of use + exported = kg bought + generated - what the storage took more than it gave.

Purchased electricity in the market-based view: certificates, then contracts, then the supplier's
factor, then the residual, else the grid (GHG Protocol scope 2 guidance).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data.factors import PV, VIEWS, Contract, View
from data.line import Line
from twin.decode import CARRIER_INDEX
from twin.ledger import Cells, Ledger, supply_points

# What comes back of a kWh charged: recalled, lithium cells with their converter 0.85 to 0.95. It
# decides when the kg of a charge are given out, not how many.
ROUND_TRIP = 0.9
_ELECTRICITY = CARRIER_INDEX["electricity"]
_YEAR_H = 8760.0
_HOUR_NS = 3_600_000_000_000
LATEST = 4  # ledgers of which what was worked out is remembered
FLOWS = ("import", "generate", "discharge", "export", "charge")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Flows:
    """Electricity over the plant's boundary by slot: slot_ns (s,) ascending, the rest (s,) [kWh].

    Without meters of the supply all electricity that was booked counts as import.
    """

    slot_ns: NDArray[np.int64]
    kwh: Mapping[str, Floats]  # by FLOWS, each at least 0 for meters that do not run backwards

    @property
    def use_kwh(self) -> Floats:
        """What the plant used, (s,): in, less what was exported and charged."""
        kwh = self.kwh
        come = kwh["import"] + kwh["generate"] + kwh["discharge"]
        return np.asarray(come - kwh["export"] - kwh["charge"])

    def total_kwh(self, flow: str) -> float:
        """One flow's sum [kWh]."""
        return math.fsum(self.kwh[flow])

    @property
    def has_sides(self) -> bool:
        """Does electricity come or go by another way than the grid's import?"""
        return any(self.kwh[flow].any() for flow in FLOWS[1:])


@dataclass(frozen=True)
class Mix:
    """What a kWh carries by slot: purchased and mixed [kg/kWh], (s,), and the storage's account.

    opening_kwh was given out though nobody saw it charged: it carries what purchased electricity
    does then, an estimate. opening_kg + taken_kg - given_kg = closing_kg.
    """

    flows: Flows
    purchased: Floats
    kg_per_kwh: Floats
    opening_kwh: float
    opening_kg: float
    taken_kg: float
    given_kg: float

    @property
    def closing_kg(self) -> float:
        """What the storage holds at the end [kg]."""
        return self.opening_kg + self.taken_kg - self.given_kg


@dataclass(frozen=True)
class Covered:
    """What a contract covers: its share of purchases by slot, (s,)."""

    contract: Contract
    share: Floats


def under_supply(ledger: Ledger) -> NDArray[np.bool_]:
    """Which points' cells carry the mix of the supply, (points,)."""
    line, supply = ledger.line, set(supply_points(ledger.booked))
    return np.array([_roots(line, p) & supply != set() for p in range(len(line.points))], bool)


def _roots(line: Line, p: int) -> set[int]:
    """A point and those above it."""
    found = {p}
    parent = line.points[p].parent
    while parent is not None:
        found.add(line.point_index[parent])
        parent = line.points[line.point_index[parent]].parent
    return found


@lru_cache(maxsize=LATEST)
def flows(ledger: Ledger) -> Flows:
    """The electricity over the boundary, by slot of all electricity cells."""
    cells, points = ledger.cells, ledger.line.points
    electric = cells["carrier"] == _ELECTRICITY
    slots = np.unique(np.concatenate([cells["slot_ns"][electric], ledger.supply["slot_ns"]]))
    kwh = {flow: np.zeros(len(slots)) for flow in FLOWS}
    if not len(ledger.supply) and electric.any():
        own = np.array([point.direction == "generate" for point in points], bool)
        bought = electric & ~own[cells["point"]]
        at = np.searchsorted(slots, cells["slot_ns"][bought])
        np.add.at(kwh["import"], at, cells["kwh"][bought])
    for p in np.unique(ledger.supply["point"]).tolist():
        chosen = ledger.supply[ledger.supply["point"] == p]
        at = np.searchsorted(slots, chosen["slot_ns"])
        direction = points[p].direction
        sign = -1.0 if direction in ("export", "charge") else 1.0
        np.add.at(kwh[direction], at, sign * chosen["kwh"])
    return Flows(slots, kwh)


def covered(ledger: Ledger, flows: Flows) -> tuple[Covered, ...]:
    """What contracts cover of the purchases, in their order; together never more than all.

    A contract's kWh of a year fall due by time, and cover the purchases of its days alike.
    """
    books = ledger.booked.books
    left = np.ones(len(flows.slot_ns))
    found = []
    for contract in books.contracts:
        begin, end = books.contract_span_ns(contract)
        inside = (flows.slot_ns >= begin) & (flows.slot_ns < end)
        part = _share(ledger, contract, (begin, end), math.fsum(flows.kwh["import"][inside]))
        share = np.where(inside, np.minimum(part, left), 0.0)
        left -= share
        found.append(Covered(contract, share))
    return tuple(found)


def _share(ledger: Ledger, contract: Contract, span: tuple[int, int], bought_kwh: float) -> float:
    if contract.kwh_per_year is None:
        return 1.0 if contract.share is None else contract.share
    booked = ledger.booked
    hours = max(0, min(booked.to_ns, span[1]) - max(booked.from_ns, span[0])) / _HOUR_NS
    due_kwh = contract.kwh_per_year * hours / _YEAR_H
    return min(1.0, due_kwh / bought_kwh) if bought_kwh > 0 else 0.0


def purchased_kg_per_kwh(ledger: Ledger, view: View, flows: Flows) -> Floats:
    """What a purchased kWh carries by slot [kg/kWh], (s,); NaN where the books do not say."""
    factor = ledger.booked.books.kg_per_kwh(view, "electricity", flows.slot_ns)
    if view != "market":
        return factor
    left, kg = np.ones(len(factor)), np.zeros(len(factor))
    for each in covered(ledger, flows):
        kg += each.share * each.contract.value
        left -= each.share
    # A rest of rounding is none: without a residual all may be covered by contracts.
    return np.asarray(kg + np.where(left > 1e-12, left * factor, 0.0))


@lru_cache(maxsize=LATEST * len(VIEWS))
def mix(ledger: Ledger, view: View) -> Mix:
    """What a kWh of the plant's electricity carries in each slot, in a view."""
    found = flows(ledger)
    purchased = purchased_kg_per_kwh(ledger, view, found)
    if not found.has_sides:
        return Mix(found, purchased, purchased, 0.0, 0.0, 0.0, 0.0)
    pv = _pv_kg_per_kwh(ledger, view, found)
    kg_in = found.kwh["import"] * purchased + found.kwh["generate"] * pv
    if not (found.kwh["charge"].any() or found.kwh["discharge"].any()):
        come = found.kwh["import"] + found.kwh["generate"]
        carried = np.divide(kg_in, come, out=purchased.copy(), where=come > 0)
        return Mix(found, purchased, carried, 0.0, 0.0, 0.0, 0.0)
    return _with_storage(found, purchased, kg_in)


def _pv_kg_per_kwh(ledger: Ledger, view: View, flows: Flows) -> Floats:
    if view != "product":
        return np.zeros(len(flows.slot_ns))
    return np.nan_to_num(ledger.booked.books.kg_per_kwh(view, PV, flows.slot_ns))


def _with_storage(flows: Flows, purchased: Floats, kg_in: Floats) -> Mix:
    """The mix with the running account of the storage; kg_in: by import and generation, (s,)."""
    kwh = flows.kwh
    carried = np.empty(len(flows.slot_ns))
    held_kwh = held_kg = opening_kwh = opening_kg = taken_kg = given_kg = 0.0
    for i in range(len(carried)):
        out_kwh = float(kwh["discharge"][i])
        known_kwh = min(out_kwh, held_kwh)
        kg = held_kg * known_kwh / held_kwh if known_kwh > 0 else 0.0
        held_kwh, held_kg = held_kwh - known_kwh, held_kg - kg
        unseen_kg = (out_kwh - known_kwh) * float(purchased[i])
        opening_kwh += out_kwh - known_kwh
        opening_kg += unseen_kg
        given_kg += kg + unseen_kg
        come_kwh = float(kwh["import"][i] + kwh["generate"][i]) + out_kwh
        come_kg = float(kg_in[i]) + kg + unseen_kg
        carried[i] = come_kg / come_kwh if come_kwh > 0 else float(purchased[i])
        charged_kg = float(kwh["charge"][i]) * float(carried[i])
        held_kwh += float(kwh["charge"][i]) * ROUND_TRIP
        held_kg += charged_kg
        taken_kg += charged_kg
    return Mix(flows, purchased, carried, opening_kwh, opening_kg, taken_kg, given_kg)


def kg_per_kwh_of_cells(ledger: Ledger, cells: Cells, view: View) -> Floats:
    """What a kWh of electricity cells carries [kg/kWh], (n,): the mix, by slot.

    Cells beside the supply carry what is purchased; generated ones beside it nothing.
    """
    found = mix(ledger, view)
    if not len(found.flows.slot_ns):
        return np.zeros(len(cells))
    at = np.searchsorted(found.flows.slot_ns, cells["slot_ns"]).clip(0, len(found.purchased) - 1)
    mixed = under_supply(ledger)[cells["point"]]
    kg: Floats = np.where(mixed, found.kg_per_kwh[at], found.purchased[at])
    own = np.array([point.direction == "generate" for point in ledger.line.points], bool)
    kg[own[cells["point"]] & ~mixed] = 0.0
    return kg


def self_used_pv_kwh(flows: Flows) -> float:
    """What own cells generated and the plant kept [kWh]: in each slot what was not exported."""
    return math.fsum(np.maximum(flows.kwh["generate"] - flows.kwh["export"], 0.0))


def self_consumption(ledger: Ledger) -> float | None:
    """Generated electricity that the plant used or stored / all of it [1]; None without any."""
    found = flows(ledger)
    generated = found.total_kwh("generate")
    return self_used_pv_kwh(found) / generated if generated > 0 else None


def renewable_share(ledger: Ledger) -> float | None:
    """(self-used PV + purchases under renewable contracts) / electricity used [1].

    None without use. What own cells charged counts here, and not again when it is given out; of
    own cells whose certificates were sold nothing counts.
    """
    found = flows(ledger)
    use = math.fsum(found.use_kwh)
    if use <= 0:
        return None
    green = [
        math.fsum(each.share * found.kwh["import"])
        for each in covered(ledger, found)
        if each.contract.renewable
    ]
    sold = ledger.booked.books.pv_certificates_sold
    own = 0.0 if sold else self_used_pv_kwh(found)
    return min(1.0, (own + math.fsum(green)) / use)
