"""KPIs as a screen shows them: by workshop, station, shift and hour, with what they rest on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from twin import budget, carbon, cost, supply
from twin.accounts import Accounts
from twin.budget import Budget
from twin.kpi import KPIS, Basis, all_kpis, kpi_by
from twin.kpis import production
from twin.snapshot import Kpi

KINDS = ("hour", "shift", "workshop", "station")


@dataclass(frozen=True, slots=True)
class Input:
    """A quantity that a KPI is made of; value None: not known."""

    id: str
    value: float | None
    unit: str


@dataclass(frozen=True)
class KpiStudy:
    """Of all that was booked: the figures of the plant, of its parts by KINDS and name, what each
    is made of, and the carbon budget (None without a target path)."""

    kpis: Mapping[str, Kpi]
    by: Mapping[str, Mapping[str, Mapping[str, Kpi]]]
    inputs: Mapping[str, tuple[Input, ...]]
    budget: Budget | None


def study(accounts: Accounts) -> KpiStudy | None:
    """The KPIs of a ledger; None before anything was booked."""
    if not accounts.ledger.booked.begun:
        return None
    basis = Basis(accounts.ledger, accounts)
    figures = all_kpis(basis)
    return KpiStudy(
        kpis=figures,
        by=kpi_by(basis),
        inputs={id_: inputs(basis, id_) for id_ in figures},
        budget=budget.budget(accounts),
    )


def inputs(basis: Basis, id_: str) -> tuple[Input, ...]:
    """What a KPI of the plant is made of, in the order of its formula (docs/kpis.md)."""
    return tuple(_QUANTITIES[name](basis) for name in _INPUTS.get(id_, ()))


def _completed(basis: Basis) -> Input:
    return Input("completed", float(basis.completed), "vehicles")


def _good(basis: Basis) -> Input:
    return Input("good", float(basis.good), "vehicles")


def _first_time(basis: Basis) -> Input:
    return Input("first_time", float(np.count_nonzero(basis.departures.first_time)), "vehicles")


def _due(basis: Basis) -> Input:
    attained = production.plan_attainment(basis)
    return Input("due", basis.good / attained if attained else None, "vehicles")


def _planned(basis: Basis) -> Input:
    return Input("planned_time", basis.planned_s / 3600.0, "h")


def _span(basis: Basis) -> Input:
    return Input("period", basis.span_h, "h")


def _takt(basis: Basis) -> Input:
    return Input("takt", basis.line.plant.takt_s, "s")


def _cycle(basis: Basis) -> Input:
    pace = production.pacing_station(basis)
    return Input("planned_cycle", None if pace is None else pace[1], "s")


def _energy(basis: Basis) -> Input:
    return Input("energy", math.fsum(basis.cells["kwh"]), "kWh")


def _processing(basis: Basis) -> Input:
    share = _value(basis, "value_adding_share")
    whole = math.fsum(basis.cells["kwh"])
    return Input("processing_energy", None if share is None else share * whole, "kWh")


def _carbon(basis: Basis) -> Input:
    kg = carbon.by_scope(basis.ledger, "location")["total"]
    return Input("carbon", kg if math.isfinite(kg) else None, "kg CO2e")


def _scope(number: int) -> Callable[[Basis], Input]:
    def found(basis: Basis) -> Input:
        kg = carbon.by_scope(basis.ledger, "location")[f"scope{number}"]
        return Input(f"scope{number}", kg if math.isfinite(kg) else None, "kg CO2e")

    return found


def _cost(basis: Basis) -> Input:
    found = cost.cost(basis.ledger)
    return Input("cost", None if found is None else found.total, basis.line.plant.currency)


def _of_kpi(name: str, id_: str, unit: str) -> Callable[[Basis], Input]:
    return lambda basis: Input(name, _value(basis, id_), unit)


def _flow(name: str, flow: str) -> Callable[[Basis], Input]:
    def found(basis: Basis) -> Input:
        return Input(name, supply.flows(basis.ledger).total_kwh(flow), "kWh")

    return found


def _used(basis: Basis) -> Input:
    return Input("electricity_used", math.fsum(supply.flows(basis.ledger).use_kwh), "kWh")


def _value(basis: Basis, id_: str) -> float | None:
    """The value of another KPI that this one rests on."""
    return KPIS[id_].formula(basis)


_QUANTITIES: Mapping[str, Callable[[Basis], Input]] = {
    "completed": _completed,
    "good": _good,
    "first_time": _first_time,
    "due": _due,
    "planned": _planned,
    "span": _span,
    "takt": _takt,
    "cycle": _cycle,
    "energy": _energy,
    "processing": _processing,
    "carbon": _carbon,
    "scope1": _scope(1),
    "scope2": _scope(2),
    "cost": _cost,
    "used": _used,
    "import": _flow("bought", "import"),
    "generate": _flow("generated", "generate"),
    "export": _flow("exported", "export"),
    "availability": _of_kpi("availability", "availability", "1"),
    "effectiveness": _of_kpi("effectiveness", "effectiveness", "1"),
    "quality": _of_kpi("quality_ratio", "quality_ratio", "1"),
    "peak": _of_kpi("peak_demand", "peak_demand", "kW"),
    "base": _of_kpi("base_load", "base_load", "kW"),
    "total_carbon": _of_kpi("carbon_total", "carbon_total", "kg CO2e"),
}
_INPUTS: Mapping[str, tuple[str, ...]] = {
    "vehicles_completed": ("completed",),
    "vehicles_good": ("good",),
    "plan_attainment": ("good", "due"),
    "jph": ("completed", "planned"),
    "throughput": ("completed", "span"),
    "takt_attainment": ("completed", "takt", "planned"),
    "availability": ("planned",),
    "effectiveness": ("completed", "planned"),
    "oee": ("good", "cycle", "planned", "availability", "effectiveness", "quality"),
    "nee": ("good", "cycle", "planned", "effectiveness", "quality"),
    "quality_ratio": ("good", "completed"),
    "first_time_through": ("first_time", "completed"),
    "energy_total": ("energy",),
    "energy_per_vehicle": ("energy", "good"),
    "value_adding_share": ("processing", "energy"),
    "load_factor": ("peak", "base", "used", "span"),
    "base_load": ("base", "used"),
    "peak_demand": ("peak", "used"),
    "renewable_share": ("generate", "export", "import", "used"),
    "self_consumption": ("generate", "export"),
    "kgce_per_vehicle": ("energy", "good"),
    "cost_per_vehicle": ("cost", "good"),
    "carbon_total": ("scope1", "scope2"),
    "carbon_per_vehicle": ("total_carbon", "good"),
}
