"""Energy to carbon under several books, each cell by the factor in force in its slot.

kg CO2e = kWh x kg/kWh. Scope 1 are the fuels, scope 2 purchased electricity, heat and steam
(GHG Protocol). What the line generates itself is not purchased: zero in scope 2.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.line import CARRIERS
from twin.decode import CARRIER_INDEX
from twin.ledger import Cells, Ledger

View = Literal["location", "market", "product"]
VIEWS: tuple[View, ...] = ("location", "market", "product")
SCOPE_1 = ("natural_gas", "lpg", "diesel")


def kg_of_cells(ledger: Ledger, cells: Cells, view: View) -> NDArray[np.float64]:
    """kg CO2e of each cell, (n,); NaN where the book has no factor for its carrier."""
    kg = np.zeros(len(cells))
    generated = _generated_places(ledger)
    for number in np.unique(cells["carrier"]):
        chosen = cells["carrier"] == number
        factors = ledger.booked.books.kg_per_kwh(view, CARRIERS[number], cells["slot_ns"][chosen])
        kg[chosen] = cells["kwh"][chosen] * factors
    if len(generated):
        kg[np.isin(cells["place"], generated)] = 0.0
    return kg


def carbon_kg(ledger: Ledger, view: View) -> NDArray[np.float64]:
    """kg CO2e of each of the ledger's cells, (n,)."""
    return kg_of_cells(ledger, ledger.cells, view)


def has_estimated_factor(ledger: Ledger, view: View) -> bool:
    """Was a factor used before it, or one like it, was published?"""
    slots = ledger.cells["slot_ns"]
    moments = {int(slots.min()), int(slots.max())} if len(slots) else set()
    books = ledger.booked.books
    in_force = [
        books.in_force(view, carrier, moment) for carrier in ledger.carriers for moment in moments
    ]
    return any(each is not None and each.evidence == "estimated" for each in in_force)


def by_scope(ledger: Ledger, view: View) -> dict[str, float]:
    """total, scope1 and scope2 [kg]; NaN where a factor is missing."""
    kg = carbon_kg(ledger, view)
    fuels = [CARRIER_INDEX[carrier] for carrier in SCOPE_1]
    is_fuel = np.isin(ledger.cells["carrier"], fuels)
    scope1, scope2 = float(kg[is_fuel].sum()), float(kg[~is_fuel].sum())
    return {"total": scope1 + scope2, "scope1": scope1, "scope2": scope2}


def _generated_places(ledger: Ledger) -> list[int]:
    stations = len(ledger.line.stations)
    return [
        stations + p
        for p, point in enumerate(ledger.line.points)
        if point.boundary and point.direction == "generate"
    ]
