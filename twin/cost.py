"""What the energy cost: time-of-use electricity, flat fuels, demand charge and a carbon price.

Purchased electricity by the band of its slot, less what exports earn; other carriers by their flat
price. The demand charge is on a month's highest quarter of an hour, which a shift does not know:
it is stated as what this period's peak would cost, and is in no total. The carbon price is a shadow
price, apart from the total.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.factors import BANDS
from data.line import CARRIERS
from twin import carbon, supply
from twin.decode import CARRIER_INDEX
from twin.kernels.booking import SLOT_NS
from twin.ledger import Cells, Ledger

Floats = NDArray[np.float64]
_ELECTRICITY = CARRIER_INDEX["electricity"]
_SLOTS_PER_H = 4.0


@dataclass(frozen=True, slots=True)
class BandCost:
    """Electricity purchased in a band [kWh] and what it cost."""

    kwh: float
    cost: float


@dataclass(frozen=True, slots=True)
class Demand:
    """The highest mean import of a whole slot [kW], and what it would cost for a month."""

    peak_kw: float
    price_per_kw: float
    month_cost: float


@dataclass(frozen=True, slots=True)
class CarbonCost:
    """Scope 1 and 2 in the location view at the price of a tonne; a shadow price."""

    price_id: str
    price_per_t: float
    kg: float
    cost: float
    estimated: bool


@dataclass(frozen=True)
class Cost:
    """What the energy cost in ``currency``; None is not known.

    by_carrier: electricity after what exports earned. estimated: a price was used before it was
    in force.
    """

    currency: str
    by_carrier: dict[str, float | None]
    by_band: dict[str, BandCost]
    exported: float | None
    demand: Demand | None
    estimated: bool

    @property
    def total(self) -> float | None:
        """Energy of every carrier; None where one of them has no price."""
        amounts = [amount for amount in self.by_carrier.values() if amount is not None]
        known = len(amounts) == len(self.by_carrier) > 0
        return math.fsum(amounts) if known else None


def cost(ledger: Ledger) -> Cost | None:
    """What the booked energy cost; None where the line names no tariff."""
    books = ledger.booked.books
    if books.currency is None:
        return None
    bands, exported, early = _electricity(ledger)
    by_carrier: dict[str, float | None] = {}
    for carrier in ledger.carriers:
        if carrier == "electricity":
            spent = [band.cost for band in bands.values()]
            by_carrier[carrier] = math.fsum(spent) - (exported or 0.0) if bands else None
            continue
        cells = ledger.cells[ledger.cells["carrier"] == CARRIER_INDEX[carrier]]
        found = books.flat_prices(carrier, cells["slot_ns"])
        early |= found is not None and found[1]
        by_carrier[carrier] = None if found is None else math.fsum(cells["kwh"] * found[0])
    return Cost(books.currency, by_carrier, bands, exported, _demand(ledger), early)


def _electricity(ledger: Ledger) -> tuple[dict[str, BandCost], float | None, bool]:
    """Purchases by band, what exports earned (None: no price for them), and is one a guess?"""
    flows = supply.flows(ledger)
    prices = ledger.booked.books.electricity_prices(flows.slot_ns)
    if prices is None:
        return {}, None, False
    bought = flows.kwh["import"]
    bands: dict[str, BandCost] = {}
    for number, name in enumerate(BANDS):
        chosen = prices.band == number
        if chosen.any():
            spent = math.fsum(bought[chosen] * prices.per_kwh[chosen])
            bands[name] = BandCost(math.fsum(bought[chosen]), spent)
    return bands, _exported(ledger, flows), prices.estimated


def _exported(ledger: Ledger, flows: supply.Flows) -> float | None:
    """What exports earned, by the tariff in force at the end."""
    tariff = ledger.booked.books.tariff_at(ledger.booked.to_ns)
    if tariff is None or tariff.export_price is None:
        return None
    return flows.total_kwh("export") * tariff.export_price


def _demand(ledger: Ledger) -> Demand | None:
    """The demand charge that this period's peak would cost; None without a price or a slot."""
    booked = ledger.booked
    tariff = booked.books.tariff_at(booked.to_ns)
    if tariff is None or tariff.demand_price is None:
        return None
    flows = supply.flows(ledger)
    whole = (flows.slot_ns >= booked.from_ns) & (flows.slot_ns + SLOT_NS <= booked.to_ns)
    if not whole.any():
        return None
    peak_kw = float(flows.kwh["import"][whole].max()) * _SLOTS_PER_H
    return Demand(peak_kw, tariff.demand_price, peak_kw * tariff.demand_price)


def carbon_cost(ledger: Ledger) -> CarbonCost | None:
    """What the period's CO2e would cost; None without a carbon price book or without factors."""
    found = ledger.booked.books.carbon_price_at(ledger.booked.to_ns)
    kg = carbon.by_scope(ledger, "location")["total"]
    if found is None or math.isnan(kg):
        return None
    price, early = found
    return CarbonCost(price.id, price.value, kg, kg / 1000.0 * price.value, early)


def of_cells(ledger: Ledger, cells: Cells) -> Floats:
    """What energy cells cost, (n,); NaN where the books have no price for their carrier.

    Electricity at its slot's mean: purchases less exports over what the plant used, so that the
    cells of a slot sum to its cost.
    """
    books = ledger.booked.books
    money = np.full(len(cells), np.nan)
    for number in np.unique(cells["carrier"]).tolist():
        chosen = cells["carrier"] == number
        slots = cells["slot_ns"][chosen]
        if number == _ELECTRICITY:
            money[chosen] = cells["kwh"][chosen] * _electricity_per_kwh(ledger, slots)
        elif (found := books.flat_prices(CARRIERS[number], slots)) is not None:
            money[chosen] = cells["kwh"][chosen] * found[0]
    return money


def _electricity_per_kwh(ledger: Ledger, slot_ns: NDArray[np.int64]) -> Floats:
    """What a kWh that the plant used cost in its slot, (n,)."""
    flows = supply.flows(ledger)
    prices = ledger.booked.books.electricity_prices(flows.slot_ns)
    if prices is None or not len(flows.slot_ns):
        return np.full(len(slot_ns), np.nan)
    tariff = ledger.booked.books.tariff_at(ledger.booked.to_ns)
    earned = 0.0 if tariff is None or tariff.export_price is None else tariff.export_price
    spent = flows.kwh["import"] * prices.per_kwh - flows.kwh["export"] * earned
    used = flows.use_kwh
    per_kwh = np.divide(spent, used, out=prices.per_kwh.copy(), where=used > 0)
    return np.asarray(per_kwh[np.searchsorted(flows.slot_ns, slot_ns).clip(0, len(used) - 1)])
