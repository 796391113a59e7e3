"""What KPIs are made of: the ledger and its accounts within one scope."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.line import CARRIERS, STATES, Line
from twin import carbon, cost
from twin.accounts import Accounts
from twin.decode import CARRIER_INDEX
from twin.kernels.booking import SLOT_NS
from twin.kpis.units import Departures
from twin.kpis.whole import PLANT, Floats, Ints, Scope, Spans, Whole
from twin.ledger import EVIDENCE, Cells, Ledger, was_heard
from twin.sums import exact_sum

UNKNOWN = STATES.index("unknown")
HOUR_NS = 3_600_000_000_000
Rest = Literal["counts", "energy", "stations", "electricity", "carbon", "cost", "water", "voc"]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Basis:
    """What KPIs are made of: one ledger and its accounts, within one scope."""

    ledger: Ledger
    accounts: Accounts
    scope: Scope = PLANT
    _shared: Whole | None = field(default=None, repr=False, compare=False)

    @cached_property
    def whole(self) -> Whole:
        """What this scope shares with all others."""
        return self._shared or Whole(self.ledger, self.accounts)

    def within(self, scope: Scope) -> Basis:
        """The same ledger within another scope."""
        return Basis(self.ledger, self.accounts, scope, self.whole)

    @property
    def line(self) -> Line:
        """The line that the figures are of."""
        return self.ledger.line

    @cached_property
    def span_ns(self) -> tuple[int, int]:
        """Begin and end of what is covered, UTC."""
        booked = self.ledger.booked
        begin, end = self.scope.span_ns or (booked.from_ns, booked.to_ns)
        return max(begin, booked.from_ns), max(begin, min(end, booked.to_ns))

    @cached_property
    def span_h(self) -> float:
        """Hours covered."""
        begin, end = self.span_ns
        return (end - begin) / HOUR_NS

    @cached_property
    def stations(self) -> Ints:
        """Numbers of the stations in scope."""
        line, id_ = self.line, self.scope.id
        match self.scope.level:
            case "plant":
                return np.arange(len(line.stations))
            case "workshop":
                return np.flatnonzero([station.workshop == id_ for station in line.stations])
            case "station":
                return np.array([line.station_index[id_]], np.int64)

    # --- time ---------------------------------------------------------------------------------

    @cached_property
    def planned_ns(self) -> Spans:
        """Planned busy time as spans."""
        begin, end = self.span_ns
        cut = ((max(a, begin), min(b, end)) for a, b in self.whole.planned_ns)
        return tuple((a, b) for a, b in cut if a < b)

    @cached_property
    def planned_s(self) -> float:
        """Planned busy time (PBT) [s]."""
        return sum(end - begin for begin, end in self.planned_ns) / 1e9

    @cached_property
    def station_seconds(self) -> Floats:
        """Seconds of each station in scope in each state, (stations, states)."""
        return self.whole.seconds((self.span_ns,))[self.stations]

    @cached_property
    def planned_station_seconds(self) -> Floats:
        """The same within planned busy time, (stations, states)."""
        return self.whole.seconds(self.planned_ns)[self.stations]

    # --- units --------------------------------------------------------------------------------

    @cached_property
    def has_line(self) -> bool:
        """Is there a line at all, or a meter only?"""
        return bool(self.line.stations)

    @cached_property
    def has_units(self) -> bool:
        """Could units be seen here: in a line, or at a station that says which unit it has?"""
        if self.scope.level == "plant":
            return self.has_line
        return self._has_role("vehicle")

    @cached_property
    def tells_good(self) -> bool:
        """Does anything here say what was rejected? Of the plant it is taken to be so."""
        return self.scope.level == "plant" or self._has_role("reject_count")

    def _has_role(self, role: str) -> bool:
        names = {self.line.stations[s].id for s in self.stations}
        return any(signal.role == role and signal.subject in names for signal in self.line.signals)

    @cached_property
    def departures(self) -> Departures:
        """Units that left the scope in its span: vehicles, or the parts that a workshop makes."""
        found = self.whole.units.departures(self.scope.level, self.scope.id)
        if self.scope.span_ns is None:
            return found
        begin, end = self.span_ns
        booked = self.ledger.booked
        # The first values of a session may tell of a departure just before it.
        left_ns = np.maximum(found.left_ns, booked.from_ns)
        last = left_ns <= end if end == booked.to_ns else left_ns < end
        return found.chosen((left_ns >= begin) & last)

    @cached_property
    def completed(self) -> int:
        """Units that left (ISO 22400 PQ)."""
        return len(self.departures.vehicle)

    @cached_property
    def good(self) -> int:
        """Units that left good (ISO 22400 GQ); good as far as anyone knows."""
        return int(np.count_nonzero(self.departures.good))

    @cached_property
    def cycles_s(self) -> Mapping[int, float]:
        """Planned run time per unit (PRI) of the stations that have one [s], by number.

        ``cycle_s`` / ``places``; where it differs by variant the mean over the units that left,
        over the variants before the first.
        """
        names = self.ledger.booked.variants
        made = [names[v] for v in self.accounts.variant[self.departures.vehicle] if v >= 0]
        found = {}
        for s in self.stations.tolist():
            station = self.line.stations[s]
            cycle = station.cycle_s
            if isinstance(cycle, Mapping):
                known = [cycle[variant] for variant in made if variant in cycle]
                cycle = sum(known) / len(known) if known else sum(cycle.values()) / len(cycle)
            if cycle is not None:
                found[s] = cycle / station.places
        return found

    # --- energy -------------------------------------------------------------------------------

    @cached_property
    def _chosen(self) -> Bools:
        return self._within_scope(self.ledger.cells)

    def _within_scope(self, cells: Cells, scope: Scope | None = None) -> Bools:
        """Which cells lie in the place and the time of a scope; a slot counts where it begins."""
        scope = scope or self.scope
        chosen = np.ones(len(cells), bool)
        if scope.level == "station":
            chosen &= cells["place"] == self.stations[0]
        elif scope.level == "workshop":
            workshop = self.whole.place_workshop
            ids = [each.id for each in self.line.workshops]
            place = np.minimum(cells["place"], len(workshop) - 1)
            chosen &= workshop[place] == ids.index(scope.id)
        if scope.span_ns is not None:
            begin, end = self.span_ns
            slots = np.maximum(cells["slot_ns"], self.ledger.booked.from_ns)
            chosen &= (slots >= begin) & (slots < end)
        return chosen

    @cached_property
    def cells(self) -> Cells:
        """The ledger's cells in scope."""
        return np.asarray(self.ledger.cells[self._chosen])

    @cached_property
    def secondary(self) -> Cells:
        """The cells in scope of compressed air, water and the like."""
        return np.asarray(self.ledger.secondary[self._within_scope(self.ledger.secondary)])

    @cached_property
    def metered(self) -> frozenset[str]:
        """Carriers of which a meter has said anything: at the boundary, or in this place."""
        if self.scope.level != "plant":
            here = Scope(self.scope.level, self.scope.id)
            cells = self.cells if self.scope == here else self.within(here).cells
            return frozenset(CARRIERS[number] for number in np.unique(cells["carrier"]))
        line, newest = self.line, self.ledger.booked.newest
        heard = {signal.subject for signal in line.signals if newest["order_ns"][signal.index]}
        return frozenset(
            point.carrier
            for point in line.points
            if point.boundary
            and any(meter is not None and meter.id in heard for meter in (point.amount, point.rate))
        )

    @cached_property
    def part(self) -> Ledger:
        """The ledger of this scope alone; its supply by time only."""
        if self.scope == PLANT:
            return self.ledger
        time = Scope(span_ns=self.scope.span_ns)
        supply = self.ledger.supply[self._within_scope(self.ledger.supply, time)]
        return replace(self.ledger, cells=self.cells, secondary=self.secondary, supply=supply)

    @cached_property
    def cost(self) -> float | None:
        """What the energy in scope cost, in the plant's currency; None without prices."""
        if self.scope == PLANT:
            found = cost.cost(self.ledger)
            return None if found is None else found.total
        total = exact_sum(self.whole.costs[self._chosen])
        return None if math.isnan(total) or not len(self.cells) else total

    @cached_property
    def energy_kwh(self) -> float:
        """All carriers in scope [kWh]."""
        return exact_sum(self.cells["kwh"])

    @cached_property
    def carbon_kg(self) -> float | None:
        """Scope 1 and 2 in the location-based book [kg CO2e]; None without a factor."""
        if self.scope == PLANT:
            kg = carbon.by_scope(self.ledger, "location")["total"]
        else:
            kg = exact_sum(self.whole.kg_location[self._chosen]) + self._released_kg
        return None if math.isnan(kg) else kg

    @property
    def _released_kg(self) -> float:
        """Gases that escaped in the span: the plant's, and no place's [kg CO2e]."""
        if self.scope.level != "plant":
            return 0.0
        begin, end = self.span_ns
        books = self.ledger.booked.books
        escaped = carbon.released(self.ledger)
        inside = (each for each in escaped if begin <= books.release_ns(each.release) < end)
        return math.fsum(each.kg_co2e for each in inside)

    def amount(self, carrier: str) -> float | None:
        """A secondary carrier in its base unit (water m3, VOC kg); None where no meter tells."""
        points = [
            p
            for p, point in enumerate(self.line.points)
            if point.carrier == carrier and was_heard(self.ledger.booked, p)
        ]
        here = self.secondary[self.secondary["carrier"] == CARRIER_INDEX[carrier]]
        told = bool(points) if self.scope.level == "plant" else bool(len(here))
        return math.fsum(here["kwh"]) if told else None

    @cached_property
    def demand_kw(self) -> Floats:
        """Electricity in scope, mean of each whole 15-minute slot [kW]; empty without a meter."""
        begin, end = self.span_ns
        first, last = -(-begin // SLOT_NS), end // SLOT_NS
        if last <= first or "electricity" not in self.metered:
            return np.zeros(0)
        electric = self.resting_on("electricity")
        slots = electric["slot_ns"] // SLOT_NS - first
        inside = (slots >= 0) & (slots < last - first)
        kwh = np.zeros(last - first)
        np.add.at(kwh, slots[inside], electric["kwh"][inside])
        return kwh * 4.0

    @cached_property
    def heard_demand_kw(self) -> Floats:
        """The same, of the slots in which no source was silent."""
        first = -(-self.span_ns[0] // SLOT_NS)
        begins = (np.arange(len(self.demand_kw)) + first) * SLOT_NS
        silent = np.zeros(len(begins), bool)
        for begin, end in self.whole.gap_ns:
            silent |= (begins < end) & (begins + SLOT_NS > begin)
        return self.demand_kw[~silent]

    # --- evidence -----------------------------------------------------------------------------

    @cached_property
    def _resting(self) -> dict[Rest, Cells]:
        return {}

    def resting_on(self, what: Rest) -> Cells:
        """The cells that a figure rests on."""
        if what not in self._resting:
            self._resting[what] = self._rests_on(what)
        return self._resting[what]

    def _rests_on(self, what: Rest) -> Cells:
        match what:
            case "electricity":
                chosen = self.cells["carrier"] == CARRIER_INDEX["electricity"]
                return np.asarray(self.cells[chosen])
            case "stations":
                return np.asarray(self.cells[self.cells["place"] < len(self.line.stations)])
            case "water" | "voc":
                chosen = self.secondary["carrier"] == CARRIER_INDEX[what]
                return np.asarray(self.secondary[chosen])
            case "counts":
                return self.cells[:0]
            case _:
                return self.cells

    def evidence(self, what: Rest) -> str | None:
        """The weakest evidence of what a figure rests on."""
        damaged = bool(self.ledger.booked.damage.lost_samples)
        if what == "counts":
            return "estimated" if self._silent_ns or damaged else "measured"
        cells = self.resting_on(what)
        if not len(cells):
            return None
        guessed = damaged or (what == "carbon" and self.whole.factor_is_estimated)
        return EVIDENCE[max(int(cells["evidence"].max()), int(guessed))]

    def measured_share(self, what: Rest) -> float | None:
        """Share of a figure's energy that was measured; of counts, of the time that was heard."""
        if what == "counts":
            begin, end = self.span_ns
            return 1.0 - self._silent_ns / (end - begin) if end > begin else None
        if what not in self._shares:
            self._shares[what] = _measured_share(self.resting_on(what))
        return self._shares[what]

    @cached_property
    def _shares(self) -> dict[Rest, float | None]:
        return {}

    @cached_property
    def _silent_ns(self) -> int:
        begin, end = self.span_ns
        cut = (min(b, end) - max(a, begin) for a, b in self.whole.gap_ns)
        return sum(length for length in cut if length > 0)


def _measured_share(cells: Cells) -> float | None:
    kwh = np.abs(cells["kwh"])
    size = exact_sum(kwh)
    return exact_sum(kwh[cells["evidence"] == EVIDENCE.index("measured")]) / size if size else None
