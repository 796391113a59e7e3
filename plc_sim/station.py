"""A station and its places: states, energy booked on states and vehicles, parts of a cycle."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from data.line import ENERGY_CARRIERS, Station
from plc_sim.flow import Inlet, Vehicle, Way
from plc_sim.load import US_PER_S, Load, microseconds
from plc_sim.plant_schema import LoadEntry, StationEntry
from plc_sim.streams import Normals, stream
from plc_sim.unit import Unit

if TYPE_CHECKING:
    from plc_sim.plant import Plant

# A station of several places shows the first of these that any of its places is in.
SHOWN_FIRST = (
    "processing",
    "failed",
    "setup",
    "warming_up",
    "blocked",
    "held",
    "idle",
    "starved",
    "standby",
    "stopped",
    "off",
)
RESTING = ("starved", "standby", "blocked")  # in a break or off shift these show that instead
FEEDBACK = "feedback"  # the name of the load that gives electricity back
_REPAIR_SHAPE = 6.0  # gamma distributed: few very short, few very long
SPREAD_LIMIT = 3.0  # standard deviations
_HOURS_US = 3600 * US_PER_S

Segment = tuple[int, dict[str, float]]  # duration, power factor by load


def booked(name: str, amount: float) -> tuple[str, float]:
    """The carrier of a load's name, and the amount with its sign."""
    return ("electricity", -amount) if name == FEEDBACK else (name, amount)


def add(into: dict[str, dict[str, float]], one: str, two: str, amount: float) -> None:
    """Adds an amount under two keys."""
    inner = into.setdefault(one, {})
    inner[two] = inner.get(two, 0.0) + amount


class Place:
    """Room for one vehicle at a station: its state, its loads, and what they drew."""

    def __init__(self, station: StationUnit, number: int) -> None:
        self.station = station
        plant, entry = station.plant, station.entry
        self.loads = {n: Load(e.lag_s, e.level("idle")) for n, e in station.entries.items()}
        self.state = "idle"
        self.state_us = 0  # since when
        self.vehicle: Vehicle | None = None
        self.enter_us = 0
        self.ready_us = 0  # when its vehicle was done
        self.way_on: Way | None = None  # where its vehicle wants to go
        self.asleep = False  # needs to warm up before it works
        self.worked = 0  # pieces since the start
        self.last_variant: str | None = None
        self.seconds_us: dict[str, int] = {}
        self.kwh: dict[str, dict[str, float]] = {}  # state, carrier
        self.visit_kwh: dict[str, dict[str, float]] = {}  # carrier, state
        self.rest: list[Segment] = []  # what the vehicle held at the start still has to get
        name = f"{entry.id}/{number}"
        self._failure = stream(plant.seed, "failure", name)
        self._repair = stream(plant.seed, "repair", name)
        self._pace = Normals(stream(plant.seed, "cycle", name), 16)
        self._strength = {n: Normals(stream(plant.seed, "power", name, n), 16) for n in self.loads}
        self._factor: dict[str, float] = {}
        self._wanted = "idle"  # the state but for breaks
        self._cut_us = 0
        self._first = number == 0
        self.to_failure_us = self._next_failure()

    def cut(self) -> None:
        """Books what was drawn since the last cut on the state and the vehicle of that time."""
        now = self.station.plant.now_us
        if now == self._cut_us:
            return
        state = self.state
        self.seconds_us[state] = self.seconds_us.get(state, 0) + now - self._cut_us
        self._cut_us = now
        for name, load in self.loads.items():
            carrier, piece = booked(name, load.cut(now))
            add(self.kwh, state, carrier, piece)
            if self.vehicle is not None:
                add(self.visit_kwh, carrier, state, piece)

    def drawn_kwh(self) -> float:
        """Energy since the start; the first place also stands for idle units of its station."""
        now, total = self.station.plant.now_us, 0.0
        for name, load in self.loads.items():
            carrier, amount = booked(name, load.amount(now))
            total += amount if carrier in ENERGY_CARRIERS else 0.0
        return total + (self.station.units_idle_kwh() if self._first else 0.0)

    def show(self, state: str) -> None:
        """A new state other than processing, and its levels."""
        plant = self.station.plant
        self._wanted = state
        if plant.rest is not None and state in RESTING and not self.station.machine:
            state = plant.rest
        self.asleep |= state in ("standby", "off")
        self._become(state)
        level = "idle" if state == "stopped" and plant.effects.left_on else state
        for name, load in self.loads.items():
            load.approach(self.station.entries[name].level(level))

    def refresh(self) -> None:
        """Shows what the calendar now asks for, where it waits."""
        if self._wanted in RESTING:
            self.show(self._wanted)

    def process(self, factors: dict[str, float]) -> None:
        """Processing, in a phase with these factors by load."""
        vehicle, station = self.vehicle, self.station
        assert vehicle is not None
        starts = self.state != "processing"
        self._wanted = "processing"
        self._become("processing")
        power = station.plant.effects.power(station.id)
        for name, load in self.loads.items():
            level = station.entries[name].processing_level(vehicle.variant) * factors[name]
            level *= self._factor[name] * power
            load.approach(level)
            if starts:
                load.surge(level * station.entries[name].inrush)

    def settle(self) -> None:
        """Lets every load be at its level."""
        for load in self.loads.values():
            load.settle()

    def enter(self, vehicle: Vehicle, at_us: int) -> None:
        """A vehicle comes in, with the parts that join it."""
        self.station.book_units()
        self.cut()
        self.vehicle, self.enter_us = vehicle, at_us
        self.visit_kwh = {carrier: {} for carrier in self.station.carriers}
        option = self.station.plant.options.load(vehicle, self.station.id)
        for name, strength in self._strength.items():
            spread = self.station.entries[name].spread
            self._factor[name] = option * (1.0 + spread * strength.within(SPREAD_LIMIT))
        for part in vehicle.joining:
            self._join(part, vehicle)
        vehicle.joining = ()
        self.station.changed()

    def _join(self, part: Vehicle, vehicle: Vehicle) -> None:
        plant = self.station.plant
        for carrier, kwh in part.kwh.items():
            vehicle.kwh[carrier] = vehicle.kwh.get(carrier, 0.0) + kwh
        record = {"part": part.vin, "vehicle": vehicle.vin, "station": self.station.id}
        plant.truth.write("join", {**record, "at_ns": plant.time_ns(plant.now_us)})

    def leave(self) -> Vehicle:
        """The vehicle goes; its visit is written."""
        self.station.book_units()
        self.cut()
        vehicle = self.vehicle
        assert vehicle is not None
        self.write_visit(self.station.plant.now_us)
        for carrier, by_state in self.visit_kwh.items():
            processing = by_state.get("processing", 0.0)
            vehicle.kwh[carrier] = vehicle.kwh.get(carrier, 0.0) + processing
        self.worked += 1
        self.last_variant = vehicle.variant
        self.vehicle, self.way_on = None, None
        self.station.changed()
        return vehicle

    def write_visit(self, leave_us: int | None) -> None:
        """Writes the visit that goes on or ends."""
        plant, vehicle = self.station.plant, self.vehicle
        assert vehicle is not None
        plant.truth.write(
            "visit",
            {
                "vehicle": vehicle.vin,
                "variant": vehicle.variant,
                "station": self.station.id,
                "enter_ns": plant.time_ns(self.enter_us),
                "leave_ns": None if leave_us is None else plant.time_ns(leave_us),
                "kwh": self.visit_kwh,
            },
        )

    def processing_us(self, vehicle: Vehicle) -> int:
        """Draws how long processing takes this time, without repairs."""
        station, entry = self.station, self.station.entry
        plain_s = entry.cycle(vehicle.variant) - entry.load_s - entry.unload_s
        pace = 1.0 + entry.cycle_spread * self._pace.within(SPREAD_LIMIT)
        return max(1, microseconds(plain_s * pace * station.plant.pace(vehicle, station.id)))

    def needs_setup(self, vehicle: Vehicle) -> bool:
        """Whether the die or the fixture has to be changed first."""
        entry = self.station.entry
        if entry.setup_every and self.worked and self.worked % entry.setup_every == 0:
            return True
        return entry.setup_on_variant and self.last_variant not in (None, vehicle.variant)

    def repair_us(self) -> int:
        """Draws a repair time, and when it fails next."""
        self.to_failure_us = self._next_failure()
        scale_s = self.station.entry.mttr_s / _REPAIR_SHAPE
        return max(US_PER_S, microseconds(float(self._repair.gamma(_REPAIR_SHAPE, scale_s))))

    def _next_failure(self) -> int | None:
        hours = self.station.entry.mtbf_h
        if hours is None:
            return None
        return 1 + int(float(self._failure.exponential(hours)) * _HOURS_US)

    def _become(self, state: str) -> None:
        if state != self.state:
            self.station.book_units()
        self.cut()
        if state != self.state:
            self.state, self.state_us = state, self.station.plant.now_us
            self.station.changed()


class StationUnit:
    """A station: its places, the units at it, what flows in and out, and its counts."""

    def __init__(self, plant: Plant, station: Station, entry: StationEntry, *, idle: bool) -> None:
        """``idle``: without loads, for a run of the flow alone."""
        self.plant = plant
        self.id = station.id
        self.entry = entry
        self.machine = station.id in plant.file.machines
        self.inlet = Inlet(plant.env)
        self.ways_on: list[Way] = []
        self.ways_back: list[Way] = []
        self.good = 0
        self.rejected = 0
        self.cycle_s = entry.cycle(plant.line.variants[0].id) if plant.line.variants else 0.0
        self.entries = {} if idle else _loads_of(entry)
        self.carriers = tuple(dict.fromkeys(booked(name, 0.0)[0] for name in self.entries))
        self.units: list[Unit] = []
        self.units_kwh: dict[str, dict[str, float]] = {}  # state, carrier
        self.cold = False
        self.warm = plant.env.event()  # there while it is cold
        self.places = [Place(self, number) for number in range(station.places)]
        self.phases = {name: _phase_ends(e.phases) for name, e in self.entries.items()}
        self.quality = stream(plant.seed, "quality", station.id)

    def changed(self) -> None:
        """Something of it is to be shown."""
        self.plant.changed.add(self.id)

    def book_units(self) -> None:
        """Books what its units drew on its state, and in equal parts on the vehicles inside."""
        if not self.units:
            return
        state, now = self.state(), self.plant.now_us
        inside = [place for place in self.places if place.vehicle is not None]
        for unit in self.units:
            for carrier, load in unit.loads.items():
                piece = load.cut(now)
                add(self.units_kwh, state, carrier, piece)
                for place in inside:
                    add(place.visit_kwh, carrier, state, piece / len(inside))

    def units_idle_kwh(self) -> float:
        """What its units drew while it did not process, as far as it is booked [kWh]."""
        return sum(
            kwh
            for state, by_carrier in self.units_kwh.items()
            for carrier, kwh in by_carrier.items()
            if state != "processing" and carrier in ENERGY_CARRIERS
        )

    def totals(self) -> dict[str, tuple[int, dict[str, float]]]:
        """Time of all places [us], and what places and units drew, by state."""
        names = {state for place in self.places for state in place.seconds_us}
        totals = {}
        for state in sorted(names | self.units_kwh.keys()):
            kwh = dict.fromkeys(self.carriers, 0.0)
            sources = [place.kwh for place in self.places] + [self.units_kwh]
            for carrier, amount in (c for by in sources for c in by.get(state, {}).items()):
                kwh[carrier] = kwh.get(carrier, 0.0) + amount
            us = sum(place.seconds_us.get(state, 0) for place in self.places)
            totals[state] = (us, kwh)
        return totals

    def set_cold(self, cold: bool) -> None:
        """Whether no vehicle may come in, because it is not hot yet."""
        if cold == self.cold:
            return
        self.cold = cold
        if cold:
            self.warm = self.plant.env.event()
        else:
            self.warm.succeed()

    def blocked_way(self) -> Way | None:
        """Where a vehicle of it wants to go and cannot."""
        return next((place.way_on for place in self.places if place.state == "blocked"), None)

    def state(self) -> str:
        """The state that it shows."""
        if len(self.places) == 1:
            return self.places[0].state
        states = {place.state for place in self.places}
        return next(state for state in SHOWN_FIRST if state in states)

    def state_us(self) -> int:
        """Since when a place shows that state; of the start, before it."""
        state = self.state()
        return max(place.state_us for place in self.places if place.state == state)

    def vehicle(self) -> Vehicle | None:
        """The vehicle that came in last."""
        busy = [place for place in self.places if place.vehicle is not None]
        return max(busy, key=lambda place: place.enter_us).vehicle if busy else None

    def enter_us(self) -> int:
        """When that vehicle came in."""
        return max((place.enter_us for place in self.places), default=0)

    def segments(self, processing_us: int, done_us: int) -> list[Segment]:
        """What is left of processing: durations, and the power factor of each load in them."""
        ends = {end for ends in self.phases.values() for end, _ in ends} | {1.0}
        cuts = sorted({0, *(round(end * processing_us) for end in ends)})
        spans = [(max(begin, done_us), end) for begin, end in pairwise(cuts) if end > done_us]
        return [
            (end - begin, self._factors((begin + end) / 2 / processing_us)) for begin, end in spans
        ]

    def _factors(self, part: float) -> dict[str, float]:
        return {name: _factor_at(phases, part) for name, phases in self.phases.items()}


def _loads_of(entry: StationEntry) -> dict[str, LoadEntry]:
    given_back = {} if entry.feedback is None else {FEEDBACK: entry.feedback}
    return {**entry.load, **given_back}


def _phase_ends(phases: list[list[float]]) -> list[tuple[float, float]]:
    ends, total = [], 0.0
    for share, factor in phases:
        total += share
        ends.append((total, factor))
    return ends


def _factor_at(phases: list[tuple[float, float]], part: float) -> float:
    return next((factor for end, factor in phases if part < end), phases[-1][1])
