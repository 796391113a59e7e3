"""A station and its places: states, energy booked on states and vehicles, parts of a cycle."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from data.line import Station
from plc_sim.flow import Inlet, Vehicle, Way
from plc_sim.load import US_PER_S, Load, microseconds
from plc_sim.plant_file import StationEntry
from plc_sim.streams import Normals, stream

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
_REPAIR_SHAPE = 6.0  # gamma distributed: few very short, few very long
SPREAD_LIMIT = 3.0  # standard deviations
_HOURS_US = 3600 * US_PER_S

Segment = tuple[int, dict[str, float]]  # duration, power factor by carrier


class Place:
    """Room for one vehicle at a station: its state, its loads, and what they drew."""

    def __init__(self, station: StationUnit, number: int) -> None:
        self.station = station
        entry = station.entry
        self.loads = {c: Load(e.lag_s, e.level("idle")) for c, e in entry.load.items()}
        self.state = "idle"
        self.state_us = 0  # since when
        self.vehicle: Vehicle | None = None
        self.enter_us = 0
        self.ready_us = 0  # when its vehicle was done
        self.seconds_us: dict[str, int] = {}
        self.kwh: dict[str, dict[str, float]] = {}  # state, carrier
        self.visit_kwh: dict[str, dict[str, float]] = {}  # carrier, state
        self.rest: list[Segment] = []  # what the vehicle held at the start still has to get
        seed, name = station.plant.seed, f"{entry.id}/{number}"
        self._failure = stream(seed, "failure", name)
        self._repair = stream(seed, "repair", name)
        self._pace = Normals(stream(seed, "cycle", name), 16)
        self._strength = {c: Normals(stream(seed, "power", name, c), 16) for c in entry.load}
        self._factor: dict[str, float] = {}
        self._cut_us = 0
        self.to_failure_us = self._next_failure()

    def cut(self) -> None:
        """Books what was drawn since the last cut on the state and the vehicle of that time."""
        now = self.station.plant.now_us
        if now == self._cut_us:
            return
        state = self.state
        self.seconds_us[state] = self.seconds_us.get(state, 0) + now - self._cut_us
        self._cut_us = now
        for carrier, load in self.loads.items():
            piece = load.cut(now)
            booked = self.kwh.setdefault(state, {})
            booked[carrier] = booked.get(carrier, 0.0) + piece
            if self.vehicle is not None:
                visit = self.visit_kwh.setdefault(carrier, {})
                visit[state] = visit.get(state, 0.0) + piece

    def show(self, state: str) -> None:
        """A new state other than processing, and its levels."""
        self._become(state)
        for carrier, load in self.loads.items():
            load.approach(self.station.entry.load[carrier].level(state))

    def process(self, factors: dict[str, float]) -> None:
        """Processing, in a phase with these factors by carrier."""
        assert self.vehicle is not None
        self._become("processing")
        for carrier, load in self.loads.items():
            entry = self.station.entry.load[carrier]
            level = entry.processing_level(self.vehicle.variant) * factors[carrier]
            load.approach(level * self._factor[carrier])

    def settle(self) -> None:
        """Lets every load be at its level."""
        for load in self.loads.values():
            load.settle()

    def enter(self, vehicle: Vehicle, at_us: int) -> None:
        """A vehicle comes in."""
        self.cut()
        self.vehicle, self.enter_us = vehicle, at_us
        self.visit_kwh = {carrier: {} for carrier in self.loads}
        for carrier, strength in self._strength.items():
            spread = self.station.entry.load[carrier].spread
            self._factor[carrier] = 1.0 + spread * strength.within(SPREAD_LIMIT)
        self.station.changed()

    def leave(self) -> Vehicle:
        """The vehicle goes; its visit is written."""
        self.cut()
        vehicle = self.vehicle
        assert vehicle is not None
        self.write_visit(self.station.plant.now_us)
        for carrier, by_state in self.visit_kwh.items():
            processing = by_state.get("processing", 0.0)
            vehicle.kwh[carrier] = vehicle.kwh.get(carrier, 0.0) + processing
        self.vehicle = None
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

    def processing_us(self, variant: str) -> int:
        """Draws how long processing takes this time, without repairs."""
        entry = self.station.entry
        plain_s = entry.cycle(variant) - entry.load_s - entry.unload_s
        pace = 1.0 + entry.cycle_spread * self._pace.within(SPREAD_LIMIT)
        return max(1, microseconds(plain_s * pace))

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
        self.cut()
        if state != self.state:
            self.state, self.state_us = state, self.station.plant.now_us
            self.station.changed()


class StationUnit:
    """A station: its places, what flows in and out, and its counts."""

    def __init__(self, plant: Plant, station: Station, entry: StationEntry) -> None:
        self.plant = plant
        self.id = station.id
        self.entry = entry
        self.inlet = Inlet(plant.env)
        self.ways_on: list[Way] = []
        self.ways_back: list[Way] = []
        self.good = 0
        self.rejected = 0
        self.cycle_s = entry.cycle(plant.line.variants[0].id) if plant.line.variants else 0.0
        self.places = [Place(self, number) for number in range(station.places)]
        self.phases = {c: _phase_ends(e.phases) for c, e in entry.load.items()}
        self.quality = stream(plant.seed, "quality", station.id)

    def changed(self) -> None:
        """Something of it is to be shown."""
        self.plant.changed.add(self.id)

    def state(self) -> str:
        """The state that it shows."""
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
        """What is left of processing: durations, and the power factor of each carrier in them."""
        ends = {end for ends in self.phases.values() for end, _ in ends} | {1.0}
        cuts = sorted({0, *(round(end * processing_us) for end in ends)})
        spans = [(max(begin, done_us), end) for begin, end in pairwise(cuts) if end > done_us]
        return [
            (end - begin, self._factors((begin + end) / 2 / processing_us)) for begin, end in spans
        ]

    def _factors(self, part: float) -> dict[str, float]:
        return {carrier: _factor_at(phases, part) for carrier, phases in self.phases.items()}


def _phase_ends(phases: list[list[float]]) -> list[tuple[float, float]]:
    ends, total = [], 0.0
    for share, factor in phases:
        total += share
        ends.append((total, factor))
    return ends


def _factor_at(phases: list[tuple[float, float]], part: float) -> float:
    return next((factor for end, factor in phases if part < end), phases[-1][1])
