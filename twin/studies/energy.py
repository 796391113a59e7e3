"""Energy as a screen shows it: by slot and part of the plant, its flow, its cost and its carbon.

All of it are the ledger's cells, cut and summed in other ways: each cut sums to the total.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin import cost, supply
from twin.accounts import Accounts
from twin.cost import Cost
from twin.kernels.booking import SLOT_NS
from twin.ledger import EVIDENCE, Ledger, unexplained_place
from twin.studies.streams import Stream, parts_of, streams
from twin.supply import Flows

CUTS = ("workshop", "end_use", "carrier", "state")
HOUR_NS = 3_600_000_000_000
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """The energy by slot and part, (parts, slots) [kWh]; parts by their energy, largest first."""

    parts: tuple[str, ...]
    kwh: Floats


@dataclass(frozen=True)
class EnergyStudy:
    """What was booked, [from_ns, to_ns) UTC, in slots of 15 minutes that begin at ``slot_ns``.

    hours (slots,): how much of each slot lies within what was booked. cuts by CUTS. places,
    place_kwh (places, hours of the clock): energy of stations and rests from ``hour_ns`` on.
    kg_per_kwh: what a kWh of electricity carries in each of the flows' slots, location-based.
    band (slots,): number in BANDS of the tariff, -1: none.
    """

    from_ns: int
    to_ns: int
    slot_ns: Ints
    hours: Floats
    cuts: Mapping[str, Cut]
    places: tuple[str, ...]
    hour_ns: Ints
    place_kwh: Floats
    streams: tuple[Stream, ...]
    flows: Flows
    kg_per_kwh: Floats
    renewable: Floats
    renewable_share: float | None
    band: NDArray[np.int8]
    price_per_kwh: Floats
    cost: Cost | None
    total_kwh: float
    evidence_kwh: Mapping[str, float]

    @property
    def electric_kw(self) -> Floats:
        """Mean electric power that the plant used in the slots wholly covered, (k,)."""
        hours = self.hours[np.searchsorted(self.slot_ns, self.flows.slot_ns)]
        whole = hours * HOUR_NS >= SLOT_NS
        return np.asarray(self.flows.use_kwh[whole] / hours[whole])


def study(accounts: Accounts) -> EnergyStudy | None:
    """The energy of a ledger; None before anything was booked."""
    ledger = accounts.ledger
    booked, cells = ledger.booked, ledger.cells
    if not booked.begun or not len(cells):
        return None
    first, last = int(cells["slot_ns"].min()), int(cells["slot_ns"].max())
    slot_ns = np.arange(first, last + SLOT_NS, SLOT_NS, dtype=np.int64)
    flows = supply.flows(ledger)
    band, price = _prices(ledger, slot_ns)
    places, hour_ns, place_kwh = _by_hour(ledger, first, last)
    return EnergyStudy(
        from_ns=booked.from_ns,
        to_ns=booked.to_ns,
        slot_ns=slot_ns,
        hours=_covered_h(slot_ns, booked.from_ns, booked.to_ns),
        cuts={name: _cut(ledger, parts_of(ledger, name), slot_ns) for name in CUTS},
        places=places,
        hour_ns=hour_ns,
        place_kwh=place_kwh,
        streams=streams(accounts),
        flows=flows,
        kg_per_kwh=supply.mix(ledger, "location").kg_per_kwh,
        renewable=_renewable(ledger, flows),
        renewable_share=supply.renewable_share(ledger),
        band=band,
        price_per_kwh=price,
        cost=cost.cost(ledger),
        total_kwh=math.fsum(cells["kwh"]),
        evidence_kwh={
            name: math.fsum(cells["kwh"][cells["evidence"] == number])
            for number, name in enumerate(EVIDENCE)
        },
    )


def _covered_h(slot_ns: Ints, from_ns: int, to_ns: int) -> Floats:
    """Hours of each slot within a span."""
    inside = np.minimum(slot_ns + SLOT_NS, to_ns) - np.maximum(slot_ns, from_ns)
    return np.asarray(np.maximum(inside, 0) / HOUR_NS)


def _cut(ledger: Ledger, parts: NDArray[np.object_], slot_ns: Ints) -> Cut:
    cells = ledger.cells
    names, number = np.unique(parts.astype(str), return_inverse=True)
    table = np.zeros((len(names), len(slot_ns)))
    np.add.at(table, (number, (cells["slot_ns"] - slot_ns[0]) // SLOT_NS), cells["kwh"])
    order = np.argsort(-np.abs(table.sum(axis=1)), kind="stable")
    return Cut(tuple(str(names[i]) for i in order), table[order])


def _by_hour(ledger: Ledger, first: int, last: int) -> tuple[tuple[str, ...], Ints, Floats]:
    """The energy of each place by hour, those with the most first."""
    cells = ledger.cells
    begin = first // HOUR_NS * HOUR_NS
    hour_ns = np.arange(begin, last + 1, HOUR_NS, dtype=np.int64)
    table = np.zeros((unexplained_place(ledger.line) + 1, len(hour_ns)))
    np.add.at(table, (cells["place"], (cells["slot_ns"] - begin) // HOUR_NS), cells["kwh"])
    order = np.argsort(-np.abs(table.sum(axis=1)), kind="stable")
    order = order[np.abs(table[order]).sum(axis=1) > 0]
    return tuple(ledger.place(int(p)) for p in order), hour_ns, table[order]


def _prices(ledger: Ledger, slot_ns: Ints) -> tuple[NDArray[np.int8], Floats]:
    """Band and price of purchased electricity in each slot; -1 and NaN without a tariff."""
    prices = ledger.booked.books.electricity_prices(slot_ns)
    if prices is None:
        return np.full(len(slot_ns), -1, np.int8), np.full(len(slot_ns), np.nan)
    return prices.band.astype(np.int8), prices.per_kwh


def _renewable(ledger: Ledger, flows: Flows) -> Floats:
    """Renewable electricity in each of the flows' slots [kWh]: own PV kept, and green contracts."""
    sold = ledger.booked.books.pv_certificates_sold
    own = np.maximum(flows.kwh["generate"] - flows.kwh["export"], 0.0)
    green = np.zeros_like(own) if sold else own.copy()
    for each in supply.covered(ledger, flows):
        if each.contract.renewable:
            green += each.share * flows.kwh["import"]
    return green
