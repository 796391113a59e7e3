"""The KPIs: one function each, with its formula and source. docs/kpis.md lists them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.line import STATES
from twin import carbon, shifts
from twin.accounts import GOOD, SCRAPPED, Accounts
from twin.decode import CARRIER_INDEX
from twin.kernels.booking import SLOT_NS
from twin.ledger import EVIDENCE, PROCESSING, Ledger, sign
from twin.snapshot import Kpi

UNKNOWN = STATES.index("unknown")
_HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True)
class Basis:
    """What KPIs are made of: one ledger and its accounts."""

    ledger: Ledger
    accounts: Accounts

    @cached_property
    def completed(self) -> int:
        """Vehicles that left the line."""
        return int(np.count_nonzero(self.accounts.done))

    @cached_property
    def good(self) -> int:
        """Vehicles that left the line good (ISO 22400 GQ)."""
        return int(np.count_nonzero(self.accounts.done & (self.accounts.state == GOOD)))

    @cached_property
    def has_line(self) -> bool:
        """Is there a line at all, or a meter only?"""
        return bool(self.ledger.line.stations)

    @cached_property
    def span_h(self) -> float:
        """Hours covered."""
        return (self.ledger.booked.to_ns - self.ledger.booked.from_ns) / _HOUR_NS

    @cached_property
    def planned_ns(self) -> tuple[tuple[int, int], ...]:
        """Planned busy time as spans: shifts without their breaks; all of it without a plan."""
        line, booked = self.ledger.line, self.ledger.booked
        if not line.shifts:
            return ((booked.from_ns, booked.to_ns),)
        return tuple(
            span
            for window in shifts.windows(line, booked.from_ns, booked.to_ns)
            if window.shift is not None
            for span in shifts.busy_spans(window, booked.from_ns, booked.to_ns)
        )

    @cached_property
    def planned_s(self) -> float:
        """Planned busy time (PBT) [s]."""
        return sum(end - begin for begin, end in self.planned_ns) / 1e9

    @cached_property
    def station_seconds(self) -> NDArray[np.float64]:
        """Seconds of each station in each state, (stations, states)."""
        return self._seconds_within(((self.ledger.booked.from_ns, self.ledger.booked.to_ns),))

    @cached_property
    def planned_station_seconds(self) -> NDArray[np.float64]:
        """The same within planned busy time, (stations, states)."""
        return self._seconds_within(self.planned_ns)

    def _seconds_within(self, spans: tuple[tuple[int, int], ...]) -> NDArray[np.float64]:
        booked, line = self.ledger.booked, self.ledger.line
        own = len(line.points)
        present = booked.segments[booked.segments["point"] >= own]
        place = (present["point"] - own, present["state"])
        seconds = np.zeros((len(line.stations), len(STATES)))
        for begin, end in spans:
            inside = np.minimum(present["t1"], end) - np.maximum(present["t0"], begin)
            np.add.at(seconds, place, np.maximum(inside, 0) / 1e9)
        return seconds

    @cached_property
    def metered(self) -> frozenset[str]:
        """Carriers of which a boundary meter has said anything at all."""
        line, newest = self.ledger.line, self.ledger.booked.newest
        heard = {signal.subject for signal in line.signals if newest["order_ns"][signal.index]}
        return frozenset(
            point.carrier
            for point in line.points
            if point.boundary
            and any(meter is not None and meter.id in heard for meter in (point.amount, point.rate))
        )

    @cached_property
    def energy_kwh(self) -> float:
        """All boundary carriers [kWh]."""
        return math.fsum(self.ledger.cells["kwh"])

    @cached_property
    def evidence(self) -> str | None:
        """The weakest evidence of the ledger's cells."""
        cells = self.ledger.cells
        if len(cells) and self.ledger.booked.damage.lost_samples:
            return "estimated"
        return EVIDENCE[int(cells["evidence"].max())] if len(cells) else None

    @cached_property
    def demand_kw(self) -> NDArray[np.float64]:
        """Boundary electricity, mean of each whole 15-minute slot [kW]; empty without a meter."""
        booked, cells = self.ledger.booked, self.ledger.cells
        first = -(-booked.from_ns // SLOT_NS)
        last = booked.to_ns // SLOT_NS
        if last <= first or "electricity" not in self.metered:
            return np.zeros(0)
        electric = cells[cells["carrier"] == CARRIER_INDEX["electricity"]]
        slots = electric["slot_ns"] // SLOT_NS - first
        inside = (slots >= 0) & (slots < last - first)
        kwh = np.zeros(last - first)
        np.add.at(kwh, slots[inside], electric["kwh"][inside])
        return kwh * 4.0


def vehicles_completed(basis: Basis) -> float | None:
    """Vehicles that left the line, good or not [vehicles] (ISO 22400 PQ)."""
    return float(basis.completed) if basis.has_line else None


def vehicles_good(basis: Basis) -> float | None:
    """Good vehicles that left the line [vehicles] (ISO 22400 GQ)."""
    return float(basis.good) if basis.has_line else None


def wip(basis: Basis) -> float | None:
    """Vehicles that are in the line now [vehicles]."""
    if not basis.has_line:
        return None
    return float(np.count_nonzero(basis.accounts.in_progress))


def jph(basis: Basis) -> float | None:
    """Vehicles completed per planned hour; per hour where nothing is planned [1/h]."""
    hours = basis.planned_s / 3600.0 or basis.span_h
    return basis.completed / hours if basis.has_line and hours > 0 else None


def takt_attainment(basis: Basis) -> float | None:
    """Vehicles completed x takt / planned busy time [1]."""
    takt_s = basis.ledger.line.plant.takt_s
    if not basis.has_line or takt_s is None or basis.planned_s <= 0:
        return None
    return basis.completed * takt_s / basis.planned_s


def availability(basis: Basis) -> float | None:
    """Mean over the stations of processing time / planned busy time [1] (ISO 22400-2 APT/PBT).

    Time in which a station's state is not known is left out of both.
    """
    seconds = basis.planned_station_seconds
    known = seconds.sum(axis=1) - seconds[:, UNKNOWN]
    shares = seconds[known > 0, PROCESSING] / known[known > 0]
    return float(shares.mean()) if len(shares) else None


def oee(basis: Basis) -> float | None:
    """Good vehicles x planned cycle of the slowest station on every vehicle's way / PBT [1].

    ISO 22400-2: availability x effectiveness x quality = GQ x PRI / PBT, at the station that
    paces the line; PRI is the line file's cycle_s over the variants made, per place.
    """
    cycle_s = _pacing_cycle_s(basis)
    if cycle_s is None or basis.planned_s <= 0:
        return None
    return basis.good * cycle_s / basis.planned_s


def _pacing_cycle_s(basis: Basis) -> float | None:
    names = basis.ledger.booked.variants
    made = [names[v] for v in basis.accounts.variant[basis.accounts.done] if v >= 0]
    cycles = []
    passed = set(basis.ledger.line.spine())
    for station in basis.ledger.line.stations:
        cycle = station.cycle_s if station.id in passed else None
        if isinstance(cycle, Mapping):
            known = [cycle[variant] for variant in made if variant in cycle]
            cycle = sum(known) / len(known) if known else sum(cycle.values()) / len(cycle)
        if cycle is not None:
            cycles.append(cycle / station.places)
    return max(cycles, default=None)


def quality_ratio(basis: Basis) -> float | None:
    """Good vehicles / vehicles completed [1] (ISO 22400-2 quality ratio)."""
    return basis.good / basis.completed if basis.completed else None


def energy_total(basis: Basis) -> float | None:
    """All boundary carriers, fuels by their lower heating value [kWh]."""
    return basis.energy_kwh if basis.metered else None


def energy_per_vehicle(basis: Basis) -> float | None:
    """Energy metered at the boundary / good vehicles [kWh].

    ISO 22400-2 energy per unit, by good units (GQ) where the standard takes all (PQ).
    """
    kwh = energy_total(basis)
    return kwh / basis.good if basis.good and kwh is not None else None


def carbon_total(basis: Basis) -> float | None:
    """Scope 1 and 2 in the location-based book [kg CO2e] (GHG Protocol)."""
    kg = carbon.by_scope(basis.ledger, "location")["total"]
    return kg if basis.metered and not math.isnan(kg) else None


def carbon_per_vehicle(basis: Basis) -> float | None:
    """Location-based scope 1 and 2 / good vehicles [kg CO2e]."""
    kg = carbon_total(basis)
    return kg / basis.good if basis.good and kg is not None else None


def idle_energy_share(basis: Basis) -> float | None:
    """Stations' energy outside ``processing`` / stations' energy [1].

    Energy drawn in a state that is not known, as in a gap, is left out of both.
    """
    cells = basis.ledger.cells
    at_station = cells[cells["place"] < len(basis.ledger.line.stations)]
    known = at_station[at_station["state"] != UNKNOWN]
    total = math.fsum(known["kwh"])
    if total <= 0:
        return None
    return 1.0 - math.fsum(known["kwh"][known["state"] == PROCESSING]) / total


def value_adding_share(basis: Basis) -> float | None:
    """Energy in ``processing`` / all boundary energy [1]; no standard defines it."""
    cells = basis.ledger.cells
    if not basis.has_line or basis.energy_kwh <= 0:
        return None
    return math.fsum(cells["kwh"][cells["state"] == PROCESSING]) / basis.energy_kwh


def peak_demand(basis: Basis) -> float | None:
    """Largest mean boundary electricity of a whole 15-minute slot [kW]."""
    return float(basis.demand_kw.max()) if len(basis.demand_kw) else None


def load_factor(basis: Basis) -> float | None:
    """Mean boundary electricity / peak demand, over at least two whole 15-minute slots [1]."""
    demand = basis.demand_kw
    return float(demand.mean() / demand.max()) if len(demand) > 1 and demand.max() > 0 else None


def power_now_kw(basis: Basis) -> float | None:
    """Boundary electricity now, by the newest rates [kW]; not among the report's KPIs."""
    booked = basis.ledger.booked
    rated = [
        sign(point) * float(booked.points[p]["rate"])
        for p, point in enumerate(basis.ledger.line.points)
        if point.boundary and point.carrier == "electricity" and booked.points[p]["has_rate"]
    ]
    return math.fsum(rated) if rated else None


@dataclass(frozen=True, slots=True)
class Definition:
    """A KPI: its function, its unit, and whether it rests on metered energy."""

    formula: Callable[[Basis], float | None]
    unit: str
    of_energy: bool


KPIS: Mapping[str, Definition] = {
    "vehicles_completed": Definition(vehicles_completed, "vehicles", False),
    "vehicles_good": Definition(vehicles_good, "vehicles", False),
    "wip": Definition(wip, "vehicles", False),
    "jph": Definition(jph, "1/h", False),
    "takt_attainment": Definition(takt_attainment, "1", False),
    "availability": Definition(availability, "1", False),
    "oee": Definition(oee, "1", False),
    "quality_ratio": Definition(quality_ratio, "1", False),
    "energy_total": Definition(energy_total, "kWh", True),
    "energy_per_vehicle": Definition(energy_per_vehicle, "kWh", True),
    "carbon_total": Definition(carbon_total, "kg CO2e", True),
    "carbon_per_vehicle": Definition(carbon_per_vehicle, "kg CO2e", True),
    "idle_energy_share": Definition(idle_energy_share, "1", True),
    "value_adding_share": Definition(value_adding_share, "1", True),
    "peak_demand": Definition(peak_demand, "kW", True),
    "load_factor": Definition(load_factor, "1", True),
}


_OF_CARBON = ("carbon_total", "carbon_per_vehicle")


def all_kpis(basis: Basis) -> dict[str, Kpi]:
    """Every KPI by its id; value None where it is not known."""
    targets = basis.ledger.line.targets
    found = {}
    for name, definition in KPIS.items():
        value = definition.formula(basis)
        evidence = basis.evidence if definition.of_energy else _counted(basis)
        if name in _OF_CARBON and carbon.has_estimated_factor(basis.ledger, "location"):
            evidence = "estimated"
        found[name] = Kpi(
            id=name,
            value=value,
            unit=definition.unit,
            target=targets.get(name),
            evidence=evidence if value is not None else None,
        )
    return found


def _counted(basis: Basis) -> str:
    """Counts of vehicles and times are measured, unless a gap or a loss hides part of them."""
    booked = basis.ledger.booked
    return "estimated" if booked.gaps or booked.damage.lost_samples else "measured"


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
