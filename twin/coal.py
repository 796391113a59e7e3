"""Standard coal as Chinese plants report it (GB/T 2589): kgce by carrier and per vehicle.

Electricity at its heat content, 0.1229 kgce/kWh, unless a book of the line has another coefficient,
such as the equal-value one; water, which carries no energy, where a book has one for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from data.factors import NoFigureError
from data.line import MeteringPoint
from data.units import to_base
from twin.ledger import Ledger

_WATER = "water"
_KG_PER_M3 = 1000.0


@dataclass(frozen=True)
class StandardCoal:
    """kgce by carrier; None where no book has a coefficient."""

    by_carrier: dict[str, float | None]
    kgce_per_kwh_electricity: float | None

    @property
    def total(self) -> float | None:
        """All carriers [kgce]; None where one of them is not known."""
        known = [kgce for kgce in self.by_carrier.values() if kgce is not None]
        return math.fsum(known) if known and len(known) == len(self.by_carrier) else None


def standard_coal(ledger: Ledger) -> StandardCoal:
    """The metered boundary carriers, and the water that comes into the plant."""
    by_carrier: dict[str, float | None] = {}
    for carrier in ledger.carriers:
        per_kwh = _per_kwh(ledger, carrier)
        by_carrier[carrier] = None if per_kwh is None else ledger.total_kwh(carrier) * per_kwh
    by_carrier |= _water(ledger)
    return StandardCoal(by_carrier, _per_kwh(ledger, "electricity"))


def _per_kwh(ledger: Ledger, carrier: str) -> float | None:
    try:
        return ledger.booked.books.kgce_per_kwh(carrier)
    except NoFigureError:
        return None


def _water(ledger: Ledger) -> dict[str, float]:
    """Fresh water by its meters; nothing where there are none or no book has a coefficient."""
    per_m3 = ledger.booked.books.kgce_per_m3(_WATER)
    if per_m3 is None:
        return {}
    kgce = [
        math.fsum(ledger.secondary["kwh"][ledger.secondary["point"] == p]) * _m3(point) * per_m3
        for p, point in enumerate(ledger.line.points)
        if point.carrier == _WATER
    ]
    return {_WATER: math.fsum(kgce)} if kgce else {}


def _m3(point: MeteringPoint) -> float:
    """Cubic metres in the base unit that a water meter counts in."""
    meter = point.amount or point.rate
    assert meter is not None
    return 1.0 if to_base(meter.unit).unit.removesuffix("/h") == "m3" else 1.0 / _KG_PER_M3
