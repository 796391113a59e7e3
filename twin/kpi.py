"""The KPIs: which there are, and their figures in any scope. docs/kpis.md lists them all.

Each is one function in ``twin.kpis``, with its formula and source.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from twin.accounts import SCRAPPED
from twin.kpis import energy, production, times
from twin.kpis.basis import HOUR_NS, Basis, Rest
from twin.kpis.whole import Level, Scope
from twin.ledger import sign
from twin.snapshot import Kpi

__all__ = ["KPIS", "Basis", "Scope", "all_kpis", "kpi_by", "kpis", "power_now_kw", "vehicle_counts"]

_ALL: tuple[Level, ...] = ("plant", "workshop", "station")
_SHOPS: tuple[Level, ...] = ("plant", "workshop")
_PLANT: tuple[Level, ...] = ("plant",)
CURRENCY = "currency"  # the plant's own


@dataclass(frozen=True, slots=True)
class Definition:
    """A KPI: its function, its unit, what it rests on, and where it makes sense.

    grows: with the length of the period, so that a target for a shift is none for an hour.
    """

    formula: Callable[[Basis], float | None]
    unit: str
    theme: str  # production, quality, energy or carbon
    rests_on: Rest
    levels: tuple[Level, ...] = _ALL
    grows: bool = False


KPIS: Mapping[str, Definition] = {
    "vehicles_completed": Definition(
        production.vehicles_completed, "vehicles", "production", "counts", grows=True
    ),
    "vehicles_good": Definition(
        production.vehicles_good, "vehicles", "production", "counts", grows=True
    ),
    "plan_attainment": Definition(production.plan_attainment, "1", "production", "counts", _PLANT),
    "wip": Definition(production.wip, "vehicles", "production", "counts"),
    "lead_time": Definition(production.lead_time, "min", "production", "counts"),
    "jph": Definition(production.jph, "1/h", "production", "counts"),
    "throughput": Definition(production.throughput, "1/h", "production", "counts"),
    "takt_attainment": Definition(production.takt_attainment, "1", "production", "counts"),
    "line_balance": Definition(production.line_balance, "1", "production", "counts", _SHOPS),
    "availability": Definition(times.availability, "1", "production", "counts"),
    "effectiveness": Definition(times.effectiveness, "1", "production", "counts"),
    "utilisation": Definition(times.utilisation, "1", "production", "counts"),
    "allocation": Definition(times.allocation, "1", "production", "counts"),
    "technical_efficiency": Definition(times.technical_efficiency, "1", "production", "counts"),
    "oee": Definition(times.oee, "1", "production", "counts"),
    "nee": Definition(times.nee, "1", "production", "counts"),
    "quality_ratio": Definition(production.quality_ratio, "1", "quality", "counts"),
    "first_time_through": Definition(production.first_time_through, "1", "quality", "counts"),
    "energy_total": Definition(energy.energy_total, "kWh", "energy", "energy", grows=True),
    "energy_per_vehicle": Definition(energy.energy_per_vehicle, "kWh", "energy", "energy"),
    "idle_energy_share": Definition(energy.idle_energy_share, "1", "energy", "stations"),
    "value_adding_share": Definition(energy.value_adding_share, "1", "energy", "energy"),
    "base_load": Definition(energy.base_load, "kW", "energy", "electricity"),
    "peak_demand": Definition(energy.peak_demand, "kW", "energy", "electricity"),
    "load_factor": Definition(energy.load_factor, "1", "energy", "electricity"),
    "renewable_share": Definition(energy.renewable_share, "1", "energy", "electricity", _PLANT),
    "self_consumption": Definition(energy.self_consumption, "1", "energy", "electricity", _PLANT),
    "kgce_per_vehicle": Definition(energy.kgce_per_vehicle, "kgce", "energy", "energy"),
    "cost_per_vehicle": Definition(energy.cost_per_vehicle, CURRENCY, "energy", "energy"),
    "water_per_vehicle": Definition(energy.water_per_vehicle, "m3", "energy", "water", _SHOPS),
    "carbon_total": Definition(energy.carbon_total, "kg CO2e", "carbon", "carbon", grows=True),
    "carbon_per_vehicle": Definition(energy.carbon_per_vehicle, "kg CO2e", "carbon", "carbon"),
    "voc_per_vehicle": Definition(energy.voc_per_vehicle, "kg", "carbon", "voc", _SHOPS),
}


def kpis(basis: Basis, scope: Scope) -> dict[str, Kpi]:
    """Every KPI that makes sense in a scope, by its id; value None where it is not known.

    Targets of the line file are the plant's; those of amounts that grow with time are a shift's.
    """
    within = basis.within(scope)
    level = scope.level
    return {
        id_: _figure(within, id_, definition)
        for id_, definition in KPIS.items()
        if level in definition.levels
    }


def all_kpis(basis: Basis) -> dict[str, Kpi]:
    """Every KPI of the basis' own scope."""
    return kpis(basis, basis.scope)


def _figure(basis: Basis, id_: str, definition: Definition) -> Kpi:
    value = definition.formula(basis)
    known = value is not None
    begin, end = basis.span_ns
    return Kpi(
        id=id_,
        value=value,
        unit=basis.line.plant.currency if definition.unit == CURRENCY else definition.unit,
        target=_target(basis, id_, definition),
        evidence=basis.evidence(definition.rests_on) if known else None,
        measured_share=basis.measured_share(definition.rests_on) if known else None,
        from_ns=begin,
        to_ns=end,
    )


def _target(basis: Basis, id_: str, definition: Definition) -> float | None:
    if basis.scope.level != "plant" or (definition.grows and not _is_whole(basis)):
        return None
    return basis.line.targets.get(id_)


def _is_whole(basis: Basis) -> bool:
    """Is the period a shift, or all that was booked?"""
    span = basis.scope.span_ns
    return span is None or any(span == (w.from_ns, w.to_ns) for w in basis.whole.shifts)


def kpi_by(basis: Basis) -> dict[str, dict[str, dict[str, Kpi]]]:
    """The figures that are known by ``workshop``, ``station``, ``shift`` and ``hour``.

    Workshops and stations over all that was booked, by id; shifts and hours of the plant, by their
    begin in plant time. A line without stations has no hours: its log may be a year of meters.
    """
    line, begun = basis.line, basis.ledger.booked.begun
    places = {
        "workshop": {w.id: Scope("workshop", w.id) for w in line.workshops if begun},
        "station": {s.id: Scope("station", s.id) for s in line.stations if begun},
        "shift": {name: Scope(span_ns=span) for name, span in _shifts(basis).items()},
        "hour": {name: Scope(span_ns=span) for name, span in _hours(basis).items()},
    }
    return {
        kind: {name: _known(kpis(basis, scope)) for name, scope in scopes.items()}
        for kind, scopes in places.items()
    }


def _known(figures: Mapping[str, Kpi]) -> dict[str, Kpi]:
    return {id_: figure for id_, figure in figures.items() if figure.value is not None}


def _shifts(basis: Basis) -> dict[str, tuple[int, int]]:
    """The planned shifts within what was booked, by date and name."""
    zone = ZoneInfo(basis.line.plant.timezone)
    return {
        f"{_local(window.from_ns, zone):%Y-%m-%d} {window.shift.name}": (
            window.from_ns,
            window.to_ns,
        )
        for window in basis.whole.shifts
        if window.shift is not None
    }


def _hours(basis: Basis) -> dict[str, tuple[int, int]]:
    """The hours of the clock within what was booked, by their begin in plant time."""
    begin, end = basis.span_ns
    if not basis.ledger.booked.begun or not basis.has_line or end <= begin:
        return {}
    zone = ZoneInfo(basis.line.plant.timezone)
    offset = _local(begin, zone).utcoffset()
    shift_ns = (round(offset.total_seconds()) if offset else 0) * 1_000_000_000 % HOUR_NS
    first = (begin + shift_ns) // HOUR_NS * HOUR_NS - shift_ns
    hours = range(first, end, HOUR_NS)
    return {
        _local(at, zone).isoformat(timespec="minutes"): (max(at, begin), min(at + HOUR_NS, end))
        for at in hours
    }


def _local(time_ns: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).astimezone(zone)


def power_now_kw(basis: Basis) -> float | None:
    """Boundary electricity now, by the newest rates [kW]; not among the report's KPIs."""
    booked = basis.ledger.booked
    rated = [
        sign(point) * float(booked.points[p]["rate"])
        for p, point in enumerate(basis.ledger.line.points)
        if point.boundary and point.carrier == "electricity" and booked.points[p]["has_rate"]
    ]
    return math.fsum(rated) if rated else None


def vehicle_counts(basis: Basis) -> dict[str, object]:
    """completed, good, rework, scrap and by_variant of the vehicles that left the line."""
    accounts = basis.accounts
    done = accounts.done
    names = basis.ledger.booked.variants
    of_variant = [names[v] if v >= 0 else "unknown" for v in accounts.variant[done]]
    return {
        "completed": basis.completed,
        "good": basis.good,
        "rework": int(np.count_nonzero(accounts.reworked & done)),
        "scrap": int(np.count_nonzero(done & (accounts.state == SCRAPPED))),
        "by_variant": {name: of_variant.count(name) for name in sorted(set(of_variant))},
    }
