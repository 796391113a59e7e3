"""Energy to carbon under several books, each cell by the factor in force in its slot.

kg CO2e = kWh x kg/kWh. Scope 1 are the fuels and the gases that escaped, scope 2 purchased
electricity, heat and steam (GHG Protocol). Electricity carries the mix of its slot (twin.supply).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data.factors import VIEWS, Release, View
from data.line import CARRIERS
from twin import supply
from twin.decode import CARRIER_INDEX
from twin.ledger import Cells, Ledger

__all__ = ["VIEWS", "View", "by_scope", "carbon_kg", "has_estimated_factor", "kg_of_cells"]
SCOPE_1 = ("natural_gas", "lpg", "diesel")


def kg_of_cells(ledger: Ledger, cells: Cells, view: View) -> NDArray[np.float64]:
    """kg CO2e of each cell, (n,); NaN where the book has no factor for its carrier."""
    kg = np.zeros(len(cells))
    for number in np.unique(cells["carrier"]):
        chosen = cells["carrier"] == number
        if CARRIERS[number] == "electricity":
            factors = supply.kg_per_kwh_of_cells(ledger, cells[chosen], view)
        else:
            slots = cells["slot_ns"][chosen]
            factors = ledger.booked.books.kg_per_kwh(view, CARRIERS[number], slots)
        kg[chosen] = cells["kwh"][chosen] * factors
    return kg


@lru_cache(maxsize=supply.LATEST * len(VIEWS))
def carbon_kg(ledger: Ledger, view: View) -> NDArray[np.float64]:
    """kg CO2e of each of the ledger's cells, (n,), to be read alone."""
    kg = kg_of_cells(ledger, ledger.cells, view)
    kg.flags.writeable = False
    return kg


def has_estimated_factor(ledger: Ledger, view: View) -> bool:
    """Was a factor used before it was published, or is the storage's first content a guess?"""
    slots = ledger.cells["slot_ns"]
    moments = {int(slots.min()), int(slots.max())} if len(slots) else set()
    books = ledger.booked.books
    in_force = [
        books.in_force(view, carrier, moment) for carrier in ledger.carriers for moment in moments
    ]
    if any(each is not None and each.evidence == "estimated" for each in in_force):
        return True
    return supply.mix(ledger, view).opening_kwh > 0


@dataclass(frozen=True, slots=True)
class Released:
    """A gas that escaped in the period, and its kg CO2e."""

    release: Release
    kg_co2e: float


def released(ledger: Ledger) -> tuple[Released, ...]:
    """The gases that escaped while the ledger was kept: scope 1, and no energy."""
    booked, books = ledger.booked, ledger.booked.books
    found = []
    for release in books.releases:
        warming = books.warming(release.gas)
        if booked.from_ns <= books.release_ns(release) < booked.to_ns:
            gwp = math.nan if warming is None else warming.value
            found.append(Released(release, release.kg * gwp))
    return tuple(found)


def by_scope(ledger: Ledger, view: View) -> dict[str, float]:
    """total, scope1 and scope2 [kg]; NaN where a factor is missing."""
    kg = carbon_kg(ledger, view)
    fuels = [CARRIER_INDEX[carrier] for carrier in SCOPE_1]
    is_fuel = np.isin(ledger.cells["carrier"], fuels)
    escaped = math.fsum(each.kg_co2e for each in released(ledger))
    scope1, scope2 = float(kg[is_fuel].sum()) + escaped, float(kg[~is_fuel].sum())
    return {"total": scope1 + scope2, "scope1": scope1, "scope2": scope2}
