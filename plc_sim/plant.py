"""The plant itself: SimPy's discrete vehicles through stations that fail, draw power, keep truth.

Plant time is counted in whole microseconds from the start, so that every stamp on the wire and in
the truth ledger is exact. Energy is integrated in closed form (plc_sim.load): what meters count
and what the ledger says are sums of the same pieces. Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import exp, sqrt
from zoneinfo import ZoneInfo

import simpy

from data.line import Edge, Line, Meter
from plc_sim.flow import Head, Vehicle, Way
from plc_sim.load import US_PER_S, Load, microseconds
from plc_sim.plant_file import BaseEntry, PlantFile, amount_unit
from plc_sim.station import SPREAD_LIMIT, Place, Segment, StationUnit
from plc_sim.streams import Normals, stream
from plc_sim.truth import Truth
from plc_sim.vin import SERIALS, vin

NS_PER_US = 1000

Steps = Generator[simpy.Event, object, None]


@dataclass(frozen=True, slots=True)
class Carried:
    """A vehicle that an earlier log ends with: at a station, or waiting on the way on from it."""

    vin: str
    variant: str
    station: str
    waiting: bool
    entered_ns: int  # the line
    since_ns: int  # entered the station, or left it


class Plant:
    """All of it, from ``start_ns`` (UTC) on; drive it with ``advance``, then ``close`` it."""

    def __init__(
        self,
        line: Line,
        plant: PlantFile,
        *,
        seed: int,
        start_ns: int,
        truth: Truth,
        carried: Sequence[Carried] | None = None,
        last_serial: int | None = None,
    ) -> None:
        """A full plant: each place holds a vehicle in mid-cycle, buffers are part filled.

        With ``carried`` it holds these vehicles instead, where they were; ``last_serial`` is of
        the newest vehicle so far, so that no number comes twice.
        """
        self.line = line
        self.file = plant
        self.seed = seed
        self.start_ns = start_ns - start_ns % NS_PER_US  # as fine as a stamp on the wire
        self.truth = truth
        self.env = simpy.Environment()
        self.now_us = 0
        self.changed: set[str] = set()
        self.gauges: dict[tuple[str, str], Callable[[], float]] = {}
        self.finished = 0
        self._closed = False
        self._variants = stream(seed, "variant")
        first = int(stream(seed, "serial").integers(100_000, SERIALS // 2))
        self._serial = first if last_serial is None else last_serial
        self.stations = {s.id: StationUnit(self, s, plant.stations[s.id]) for s in line.stations}
        self.bases = [(base, self._base(base)) for base in plant.bases]
        self._connect(line.edges)
        self._gate: simpy.Event | None = None  # there while a break lasts
        if plant.flow.breaks:
            self.env.process(self._breaks())
        if carried is None:
            self._fill()
        else:
            self._carry_on(carried)
        for station in self.stations.values():
            for place in station.places:
                self.env.process(self._work(place))

    def begin(self) -> None:
        """Opens the truth ledger; raises OSError where that cannot be done."""
        self.truth.open()
        record = {"line": self.line.plant.id, "seed": self.seed, "start_ns": self.start_ns}
        self.truth.write("run", record)

    def time_ns(self, us: int) -> int:
        """Plant time as UTC nanoseconds."""
        return self.start_ns + us * NS_PER_US

    def advance(self, until_us: int, shown: Callable[[], None]) -> None:
        """Runs to a time; ``shown`` is called once after every instant at which things happen."""
        while (instant := self.env.peek()) <= until_us:
            self.now_us = int(instant)
            while self.env.peek() == instant:
                self.env.step()
            shown()
        self.now_us = until_us

    def every(self, period_us: int, first_us: int, act: Callable[[], None]) -> None:
        """Calls ``act`` at ``first_us`` and each period after it."""

        def run() -> Steps:
            yield self.env.timeout(first_us)
            while True:
                act()
                yield self.env.timeout(period_us)

        self.env.process(run())

    def loads(self, meter: Meter) -> list[tuple[Load, float]]:
        """The loads that a meter sees, each with its weight; asked once, they last for the run."""
        places = (place for s in meter.stations for place in self.stations[s].places)
        loads = [place.loads[meter.carrier] for place in places if meter.carrier in place.loads]
        within = {"plant", *(f"workshop:{w.id}" for w in self.line.workshops)}
        covered = within if "plant" in meter.covers else within & set(meter.covers)
        loads += [
            load
            for base, load in self.bases
            if base.carrier == meter.carrier and base.covers in covered
        ]
        return [(load, 1.0) for load in loads]

    def close(self) -> None:
        """Writes what the ledger still lacks, and ends it; more than once is well."""
        if self._closed:
            return
        self._closed = True
        for station in self.stations.values():
            for place in station.places:
                place.cut()
                if place.vehicle is not None:
                    place.write_visit(None)
        self._write_stations()
        self._write_meters()
        self.truth.write("end", {"end_ns": self.time_ns(self.now_us)})
        self.truth.close()

    def _write_stations(self) -> None:
        for station in self.stations.values():
            states = {state for place in station.places for state in place.seconds_us}
            for state in sorted(states):
                us = sum(place.seconds_us.get(state, 0) for place in station.places)
                kwh = {
                    c: sum(place.kwh.get(state, {}).get(c, 0.0) for place in station.places)
                    for c in station.entry.load
                }
                record = {"station": station.id, "state": state, "seconds": us / US_PER_S}
                self.truth.write("station", {**record, "kwh": kwh})

    def _write_meters(self) -> None:
        for meter in self.line.meters:
            drawn = sum(weight * load.amount(self.now_us) for load, weight in self.loads(meter))
            unit, factor = amount_unit(meter, self.file.heating_value)
            record = {"meter": meter.id, "carrier": meter.carrier, "unit": unit}
            self.truth.write("meter", {**record, "amount": drawn * factor})

    def _connect(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            way = Way(self.env, edge.capacity, self.stations[edge.to_station].inlet)
            origin = self.stations[edge.from_station]
            (origin.ways_back if edge.kind == "rework" else origin.ways_on).append(way)
        fed = {edge.to_station for edge in edges if edge.kind == "flow"}
        endless = self.file.flow.release == "always"
        for station in self.stations.values():
            if station.id not in fed:
                head = Head(self.env, self._body, station.inlet, endless=endless)
                if not endless:
                    takt_us = microseconds(self.line.plant.takt_s or 60.0)
                    self.every(takt_us, 0, head.release)

    def _body(self) -> Vehicle:
        variants = self.line.variants
        number = 0
        if variants:
            shares = [1.0 if v.share is None else v.share for v in variants]
            draw = float(self._variants.random()) * sum(shares)
            while number < len(variants) - 1 and draw >= shares[number]:
                draw -= shares[number]
                number += 1
        self._serial += 1
        name = variants[number].id if variants else ""
        return Vehicle(vin(number, self._serial), name, self.now_us, arrived_us=self.now_us)

    # The plant before the start ------------------------------------------------------------

    def _fill(self) -> None:
        """Vehicles on the line before the start, the foremost made first."""
        depth = self._depths()
        draws = stream(self.seed, "fill")
        for station in sorted(self.stations.values(), key=lambda s: -depth[s.id]):
            cycle_us = microseconds(station.entry.cycle(self._first_variant()))
            for place in station.places:
                self._hold(place, float(draws.uniform(0.05, 0.95)), depth[station.id] * cycle_us)
            for edge, way in self._ways_into(station):
                count = min(
                    edge.capacity, int(edge.capacity * self.file.flow.fill + draws.random())
                )
                for _ in range(count if edge.kind == "flow" else 0):
                    vehicle = self._body()
                    vehicle.entered_us = vehicle.arrived_us = -depth[station.id] * cycle_us
                    way.place(vehicle)

    def _carry_on(self, carried: Sequence[Carried]) -> None:
        """Vehicles where an earlier log left them; who finds no place there waits before it."""
        for each in sorted(carried, key=lambda c: (c.since_ns, c.vin)):
            station = self.stations[each.station]
            since_us = min(0, (each.since_ns - self.start_ns) // NS_PER_US)
            entered_us = min(since_us, (each.entered_ns - self.start_ns) // NS_PER_US)
            vehicle = Vehicle(each.vin, each.variant, entered_us, arrived_us=since_us)
            free = [place for place in station.places if place.vehicle is None]
            if each.waiting and station.ways_on:
                station.ways_on[0].place(vehicle)
            elif free:
                cycle_us = microseconds(station.entry.cycle(each.variant))
                self._resume(free[0], vehicle, min(0.95, -since_us / cycle_us))
                free[0].enter_us = since_us

    def _hold(self, place: Place, phase: float, behind_us: int) -> None:
        """Puts a new vehicle into a place, in mid-cycle."""
        vehicle = self._body()
        self._resume(place, vehicle, phase)
        vehicle.entered_us = place.enter_us - behind_us

    def _resume(self, place: Place, vehicle: Vehicle, phase: float) -> None:
        """Puts a vehicle into a place; ``phase`` of its processing is done."""
        entry = place.station.entry
        plain_us = microseconds(entry.cycle(vehicle.variant) - entry.load_s - entry.unload_s)
        begun_us = -round(phase * plain_us)
        place.enter(vehicle, begun_us - microseconds(entry.load_s))
        total_us = max(place.processing_us(vehicle.variant), 1 - begun_us)
        place.rest = place.station.segments(total_us, -begun_us)
        place.process(place.rest[0][1])
        place.settle()
        place.state_us = begun_us

    def _first_variant(self) -> str:
        return self.line.variants[0].id if self.line.variants else ""

    def _ways_into(self, station: StationUnit) -> list[tuple[Edge, Way]]:
        edges = [edge for edge in self.line.edges if edge.to_station == station.id]
        ways = [way for way in station.inlet.ways if isinstance(way, Way)]
        return list(zip(edges, ways, strict=True))

    def _depths(self) -> dict[str, int]:
        """How many stations lie before each, along the flow."""
        depth = dict.fromkeys(self.stations, 0)
        for _ in self.stations:  # as many rounds as the longest way could need, loops or not
            for edge in self.line.edges:
                if edge.kind == "flow":
                    deeper = min(depth[edge.from_station] + 1, len(self.stations))
                    depth[edge.to_station] = max(depth[edge.to_station], deeper)
        return depth

    # What happens --------------------------------------------------------------------------

    def _work(self, place: Place) -> Steps:
        if place.rest:
            yield from self._process(place, place.rest)
            yield from self._release(place)
        while True:
            yield from self._fetch(place)
            assert place.vehicle is not None
            total_us = place.processing_us(place.vehicle.variant)
            yield from self._process(place, place.station.segments(total_us, 0))
            yield from self._release(place)

    def _fetch(self, place: Place) -> Steps:
        entry = place.station.entry
        if self._gate is not None:
            place.show("stopped")
            yield self._gate
        served = place.station.inlet.request()
        asleep = False
        if not served.triggered:
            place.show("starved")
            if entry.standby_after_s is not None:
                yield served | self.env.timeout(microseconds(entry.standby_after_s))
                asleep = not served.triggered
                if asleep:
                    place.show("standby")
        yield served
        vehicle = served.value
        assert isinstance(vehicle, Vehicle)
        place.enter(vehicle, self.now_us)
        if self._gate is not None:
            place.show("stopped")
            yield self._gate
        if asleep and entry.wake_s > 0:
            place.show("warming_up")
            yield self.env.timeout(microseconds(entry.wake_s))
        if entry.load_s > 0:
            place.show("idle")
            yield self.env.timeout(microseconds(entry.load_s))

    def _process(self, place: Place, segments: list[Segment]) -> Steps:
        for duration_us, factors in segments:
            left_us = duration_us
            while left_us > 0:
                place.process(factors)
                if place.to_failure_us is None or place.to_failure_us > left_us:
                    yield self.env.timeout(left_us)
                    if place.to_failure_us is not None:
                        place.to_failure_us -= left_us
                    break
                run_us = place.to_failure_us
                yield self.env.timeout(run_us)
                left_us -= run_us
                place.show("failed")
                yield self.env.timeout(place.repair_us())

    def _release(self, place: Place) -> Steps:
        station = place.station
        if station.entry.unload_s > 0:
            place.show("idle")
            yield self.env.timeout(microseconds(station.entry.unload_s))
        place.ready_us = self.now_us
        good = station.entry.reject == 0.0 or station.quality.random() >= station.entry.reject
        way = self._way_on(station, good)
        if way is not None:
            assert place.vehicle is not None
            left = way.offer(place.vehicle)
            if not left.triggered:
                place.show("blocked")
            yield left
        self._leave(place, good, gone=way is None)

    def _way_on(self, station: StationUnit, good: bool) -> Way | None:
        """The emptiest way; None where the vehicle leaves the line."""
        ways = station.ways_on if good else station.ways_back
        return min(ways, key=len) if ways else None

    def _leave(self, place: Place, good: bool, *, gone: bool) -> None:
        station = place.station
        station.cycle_s = (place.ready_us - place.enter_us) / US_PER_S
        vehicle = place.leave()
        if good:
            station.good += 1
        else:
            station.rejected += 1
        if gone:
            self._write_vehicle(vehicle, good)

    def _write_vehicle(self, vehicle: Vehicle, good: bool) -> None:
        self.finished += 1
        record = {
            "vehicle": vehicle.vin,
            "variant": vehicle.variant,
            "good": good,
            "entered_ns": self.time_ns(vehicle.entered_us),
            "completed_ns": self.time_ns(self.now_us),
            "kwh": vehicle.kwh,
        }
        self.truth.write("vehicle", record)

    # Around the line -----------------------------------------------------------------------

    def _base(self, base: BaseEntry) -> Load:
        """A load that wanders around its level: an Ornstein-Uhlenbeck walk in steps."""
        normals = Normals(stream(self.seed, "base", base.id))
        keep = exp(-base.step_s / base.memory_s)
        off = normals.next()
        load = Load(base.lag_s, max(0.0, base.level * (1.0 + base.sd * off)))

        def wander() -> None:
            nonlocal off
            off = keep * off + sqrt(1.0 - keep * keep) * normals.within(SPREAD_LIMIT)
            load.cut(self.now_us)
            load.approach(max(0.0, base.level * (1.0 + base.sd * off)))

        self.every(microseconds(base.step_s), microseconds(base.step_s), wander)
        return load

    def _breaks(self) -> Steps:
        """Closes the gate in each break of a shift, day by day."""
        day = -1  # a night shift may have begun the day before
        while True:
            for begin_us, end_us in self._breaks_of(day):
                if end_us <= self.now_us:
                    continue
                if begin_us > self.now_us:
                    yield self.env.timeout(begin_us - self.now_us)
                self._gate = self.env.event()
                yield self.env.timeout(end_us - self.now_us)
                self._gate.succeed()
                self._gate = None
            day += 1
            yield self.env.timeout(max(0, self._clock_us(day, time(0)) - self.now_us))

    def _breaks_of(self, day: int) -> list[tuple[int, int]]:
        """Breaks of the shifts that begin on a day (0 is the first), in plant time, in order."""
        spans = []
        for shift in self.line.shifts:
            if self._date(day).isoweekday() in shift.days:
                for begin, end in shift.breaks:
                    first = day + (begin < shift.start)  # after the midnight that the shift crosses
                    last = first + (end <= begin)
                    spans.append((self._clock_us(first, begin), self._clock_us(last, end)))
        return sorted(spans)

    def _date(self, day: int) -> date:
        zone = ZoneInfo(self.line.plant.timezone)
        return datetime.fromtimestamp(self.start_ns // 10**9, zone).date() + timedelta(days=day)

    def _clock_us(self, day: int, clock: time) -> int:
        zone = ZoneInfo(self.line.plant.timezone)
        return self._us(datetime.combine(self._date(day), clock, zone))

    def _us(self, moment: datetime) -> int:
        since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return since // timedelta(microseconds=1) - self.start_ns // NS_PER_US
