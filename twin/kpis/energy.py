"""KPIs of energy and carbon, and of water and solvents where they are metered."""

from __future__ import annotations

from twin import coal, supply
from twin.kpis.basis import UNKNOWN, Basis
from twin.ledger import PROCESSING
from twin.sums import exact_sum


def energy_total(basis: Basis) -> float | None:
    """All boundary carriers, fuels by their lower heating value [kWh]; of a place what it drew."""
    return basis.energy_kwh if basis.metered else None


def energy_per_vehicle(basis: Basis) -> float | None:
    """Energy / good units that left [kWh].

    ISO 22400-2 energy per unit, by good units (GQ) where the standard takes all (PQ).
    """
    return _per_good(basis, energy_total(basis))


def carbon_total(basis: Basis) -> float | None:
    """Scope 1 and 2 in the location-based book [kg CO2e] (GHG Protocol)."""
    return basis.carbon_kg if basis.metered else None


def carbon_per_vehicle(basis: Basis) -> float | None:
    """Location-based scope 1 and 2 / good units that left [kg CO2e]."""
    return _per_good(basis, carbon_total(basis))


def cost_per_vehicle(basis: Basis) -> float | None:
    """What the energy cost by the tariff book / good units that left [of the currency]."""
    return _per_good(basis, basis.cost)


def kgce_per_vehicle(basis: Basis) -> float | None:
    """Standard coal / good units that left [kgce] (GB/T 2589, ``twin.coal``)."""
    if not basis.metered or not basis.good:
        return None
    return _per_good(basis, coal.standard_coal(basis.part).total)


def renewable_share(basis: Basis) -> float | None:
    """(Self-used PV + purchases under renewable contracts) / electricity used [1]."""
    return supply.renewable_share(basis.part) if "electricity" in basis.metered else None


def self_consumption(basis: Basis) -> float | None:
    """Generated electricity that the plant used or stored / all that it generated [1]."""
    return supply.self_consumption(basis.part)


def water_per_vehicle(basis: Basis) -> float | None:
    """Metered water / good units that left [m3]."""
    return _per_good(basis, basis.amount("water"))


def voc_per_vehicle(basis: Basis) -> float | None:
    """Metered solvents (VOC) / good units that left [kg]."""
    return _per_good(basis, basis.amount("voc"))


def idle_energy_share(basis: Basis) -> float | None:
    """Stations' energy outside ``processing`` / stations' energy [1].

    Energy drawn in a state that is not known, as in a gap, is left out of both.
    """
    at_station = basis.resting_on("stations")
    known = at_station[at_station["state"] != UNKNOWN]
    total = exact_sum(known["kwh"])
    if total <= 0:
        return None
    return 1.0 - exact_sum(known["kwh"][known["state"] == PROCESSING]) / total


def value_adding_share(basis: Basis) -> float | None:
    """Energy in ``processing`` / all energy [1]; no standard defines it."""
    if not basis.has_line or basis.energy_kwh <= 0:
        return None
    cells = basis.cells
    return exact_sum(cells["kwh"][cells["state"] == PROCESSING]) / basis.energy_kwh


def base_load(basis: Basis) -> float | None:
    """Least mean electricity of a whole 15-minute slot in which no source was silent [kW]."""
    return float(basis.heard_demand_kw.min()) if len(basis.heard_demand_kw) else None


def peak_demand(basis: Basis) -> float | None:
    """Largest mean electricity of a whole 15-minute slot [kW]."""
    return float(basis.demand_kw.max()) if len(basis.demand_kw) else None


def load_factor(basis: Basis) -> float | None:
    """Mean electricity / peak demand, over at least two whole 15-minute slots [1]."""
    demand = basis.demand_kw
    return float(demand.mean() / demand.max()) if len(demand) > 1 and demand.max() > 0 else None


def _per_good(basis: Basis, amount: float | None) -> float | None:
    return amount / basis.good if basis.good and amount is not None else None
