"""The plant: what happens on the line and around it, and the ledger of it.

Time is whole microseconds since the start. The same seed, start and line give the same plant,
however far it runs at a time, and whoever looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from zlib import crc32

import simpy

from data.line import Edge, Line, Meter
from plc_sim.calendar import NS_PER_US, Calendar
from plc_sim.effects import Effect, Effects, edges_us
from plc_sim.fill import Carried, Filler
from plc_sim.flow import Head, Vehicle, Way
from plc_sim.load import US_PER_S, Load, microseconds
from plc_sim.losses import Losses
from plc_sim.options import Options
from plc_sim.parts import PartLine
from plc_sim.plant_file import PlantFile, amount_unit
from plc_sim.station import FEEDBACK, StationUnit
from plc_sim.streams import stream
from plc_sim.truth import Truth
from plc_sim.utilities import Utilities
from plc_sim.vin import SERIALS, vin
from plc_sim.weather import Weather
from plc_sim.work import Steps, work

if TYPE_CHECKING:
    from plc_sim.unit import Unit

Weighted = list[tuple[Load, float]]


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
        effects: Sequence[Effect] = (),
        cold_start: bool = False,
        flow_alone: bool = False,
    ) -> None:
        """A full plant: each place holds a vehicle in mid-cycle, buffers are part filled.

        With ``carried`` it holds these vehicles instead, where they were; ``last_serial`` is of
        the newest vehicle so far, so that no number comes twice, and what is drawn goes on from
        there. ``cold_start``: ovens cold and
        the line empty. ``flow_alone``: nothing draws anything, for reruns.
        """
        self.line = line
        self.file = plant
        self._given_seed = seed
        # A shift that carries on is not the one before over again.
        self.seed = seed if last_serial is None else crc32(f"{seed},{last_serial}".encode())
        self.start_ns = start_ns - start_ns % NS_PER_US  # as fine as a stamp on the wire
        self.truth = truth
        self.env = simpy.Environment()
        self.now_us = 0
        self.changed: set[str] = set()
        self.finished = 0
        self.last_finished_us = 0
        self.cold_start = cold_start
        self.effects = Effects(effects, lambda: self.now_us)
        flow = plant.flow
        self.calendar = Calendar(
            line,
            self.start_ns,
            shifts=flow.shifts,
            breaks=flow.breaks,
            closed=flow.closed,
            extra=[(e.from_us, e.to_us) for e in effects if e.kind == "break"],
        )
        self.rest = self.calendar.state(0)  # why the line stands by plan: None, "stopped", "off"
        self.gate = None if self.rest is None else self.env.event()  # there while it does
        self.weather = Weather(plant.weather, self.calendar, self.start_ns, seed)
        self.options = Options(plant.options, stream(seed, "option"))
        self._losses: Losses | None = None
        self._closed = False
        self._variants = stream(seed, "variant")
        first = int(stream(seed, "serial").integers(100_000, SERIALS // 2))
        self._serial = first if last_serial is None else last_serial
        self.stations = {
            s.id: StationUnit(self, s, plant.stations[s.id], idle=flow_alone) for s in line.stations
        }
        self._connect(line.edges)
        self.part_lines = [PartLine(self, entry) for entry in plant.parts]
        self.utilities = None if flow_alone else Utilities(self)
        # What is measured beside the meters: (subject, role) to a reading.
        self.gauges = {} if self.utilities is None else self.utilities.gauges()
        self._demand = self._by_carrier()
        self._begin_work(carried)
        self.advance(0, self.changed.clear)  # whoever looks first sees what holds from now on

    def _begin_work(self, carried: Sequence[Carried] | None) -> None:
        self.env.process(self._follow_calendar())
        for us in edges_us(self):
            self.env.process(self._edge(us))
        filler = Filler(self)
        if carried is not None:
            filler.carry_on(carried)
        elif not self.cold_start:
            filler.fill()
        for station in self.stations.values():
            for place in station.places if not station.machine else ():
                self.env.process(work(self, place))
        if self.utilities is not None:
            self.utilities.begin()

    def begin(self) -> None:
        """Opens the truth ledger; raises OSError where that cannot be done."""
        record = {"line": self.line.plant.id, "seed": self._given_seed, "start_ns": self.start_ns}
        self.truth.open("run", record)
        if self.truth.kept:
            self._losses = Losses(self)

    def time_ns(self, us: int) -> int:
        """Plant time as UTC nanoseconds."""
        return self.start_ns + us * NS_PER_US

    def advance(self, until_us: int, shown: Callable[[], None]) -> None:
        """Runs to a time; ``shown`` is called once after every instant at which things happen."""
        while (instant := self.env.peek()) <= until_us:
            self.now_us = int(instant)
            while self.env.peek() == instant:
                self.env.step()
            if self._losses is not None and self.changed:
                self._losses.settle(self.changed)
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

    # Who draws what ------------------------------------------------------------------------

    def loads(self, meter: Meter) -> Weighted:
        """The loads that a meter sees, each with its weight; asked once, they last for the run."""
        whole = any(cover == "plant" or ":" in cover for cover in meter.covers)
        match meter.direction:
            case "generate":
                return self._sources(sun=1.0)
            case "charge":
                return self._sources(charge=1.0)
            case "discharge":
                return self._sources(discharge=1.0)
            case "export":
                return [] if whole else self._station_loads(meter.stations, (FEEDBACK,), 1.0)
        seen = self._named(meter) if self._patterns(meter) else self._covered(meter, net=whole)
        if meter.direction == "import" and "plant" in meter.covers:
            seen += self._around(meter.carrier)
        return seen

    def bought(self, carrier: str) -> Weighted:
        """The loads that a carrier is bought for, less what the roof and the storage give."""
        names = (carrier, FEEDBACK) if carrier == "electricity" else (carrier,)
        units = [(u.loads[carrier], 1.0) for u in self._units() if carrier in u.loads]
        stations = self._station_loads(self.stations, names, 1.0, net=True)
        return stations + units + self._around(carrier)

    def demand(self, carrier: str) -> float:
        """What all draw of a carrier now [kW; m3/h or kg/h], net of what stations give back."""
        now_us = self.now_us
        return sum(weight * load.rate(now_us) for load, weight in self._demand.get(carrier, ()))

    def _units(self) -> list[Unit]:
        return [] if self.utilities is None else self.utilities.units()

    def _by_carrier(self) -> dict[str, Weighted]:
        found: dict[str, Weighted] = {}
        for carrier in ("electricity", "compressed_air", "chilled_water", "hot_water"):
            names = (carrier, FEEDBACK) if carrier == "electricity" else (carrier,)
            stations = self._station_loads(self.stations, names, 1.0, net=True)
            units = [(u.loads[carrier], 1.0) for u in self._units() if carrier in u.loads]
            found[carrier] = stations + units
        return found

    def _station_loads(
        self, stations: Iterable[str], names: Iterable[str], weight: float, *, net: bool = False
    ) -> Weighted:
        wanted = tuple(names)
        return [
            (place.loads[name], -weight if net and name == FEEDBACK else weight)
            for station in stations
            for place in self.stations[station].places
            for name in wanted
            if name in place.loads
        ]

    def _covered(self, meter: Meter, *, net: bool) -> Weighted:
        carrier = meter.carrier
        names = (carrier, FEEDBACK) if net and carrier == "electricity" else (carrier,)
        within = {*meter.stations, *meter.covers}
        everywhere = "plant" in meter.covers
        return self._station_loads(meter.stations, names, 1.0, net=True) + [
            (unit.loads[carrier], 1.0)
            for unit in self._units()
            if carrier in unit.loads and (everywhere or unit.at in within)
        ]

    def _patterns(self, meter: Meter) -> Sequence[str]:
        entry = self.file.meters.get(meter.id)
        return (entry.units or ()) if entry is not None else ()

    def _named(self, meter: Meter) -> Weighted:
        """Only the stations and units that the plant file names for a meter."""
        patterns = self._patterns(meter)

        def is_named(name: str) -> bool:
            return any(fnmatchcase(name, pattern) for pattern in patterns)

        stations = [name for name in self.stations if is_named(name)]
        return self._station_loads(stations, (meter.carrier,), 1.0) + [
            (unit.loads[meter.carrier], 1.0)
            for unit in self._units()
            if meter.carrier in unit.loads and is_named(unit.id)
        ]

    def _around(self, carrier: str) -> Weighted:
        """What lies between the plant's consumers and the grid."""
        if carrier != "electricity":
            return []
        return self._sources(sun=-1.0, charge=1.0, discharge=-1.0)

    def _sources(
        self, *, sun: float = 0.0, charge: float = 0.0, discharge: float = 0.0
    ) -> Weighted:
        found: Weighted = []
        if self.utilities is not None and self.utilities.roof is not None:
            found.append((self.utilities.roof.load, sun))
        if self.utilities is not None and self.utilities.storage is not None:
            storage = self.utilities.storage
            found += [(storage.charge, charge), (storage.discharge, discharge)]
        return [(load, weight) for load, weight in found if weight]

    # The end -------------------------------------------------------------------------------

    def close(self) -> None:
        """Writes what the ledger still lacks, and ends it; more than once is well."""
        if self._closed:
            return
        self._closed = True
        for station in self.stations.values():
            station.book_units()
            for place in station.places:
                place.cut()
                if place.vehicle is not None:
                    place.write_visit(None)
        if self._losses is not None:
            self._losses.close()
        self._write_stations()
        self._write_units()
        self._write_meters()
        self.truth.write("end", {"end_ns": self.time_ns(self.now_us)})
        self.truth.close()

    def _write_stations(self) -> None:
        for station in self.stations.values():
            for state, (us, kwh) in station.totals().items():
                record = {"station": station.id, "state": state, "seconds": us / US_PER_S}
                self.truth.write("station", {**record, "kwh": kwh})

    def _write_units(self) -> None:
        for unit in self._units():
            if unit.station is None:
                kwh = {carrier: load.amount(self.now_us) for carrier, load in unit.loads.items()}
                self.truth.write("unit", {"unit": unit.id, "at": unit.at, "kwh": kwh})

    def _write_meters(self) -> None:
        for meter in self.line.meters:
            drawn = sum(weight * load.amount(self.now_us) for load, weight in self.loads(meter))
            unit, factor = amount_unit(meter, self.file.heating_value)
            record = {"meter": meter.id, "carrier": meter.carrier, "unit": unit}
            self.truth.write("meter", {**record, "amount": drawn * factor})

    # Vehicles ------------------------------------------------------------------------------

    def _connect(self, edges: Iterable[Edge]) -> None:
        for edge in edges:
            inlet = self.stations[edge.to_station].inlet
            ends = (edge.from_station, edge.to_station)
            way = Way(self.env, edge.capacity, inlet, ends, joins=edge.kind == "join")
            origin = self.stations[edge.from_station]
            (origin.ways_back if edge.kind == "rework" else origin.ways_on).append(way)
        fed = {edge.to_station for edge in edges if edge.kind == "flow"}
        parts = {part.head for part in self.file.parts}
        for station in self.stations.values():
            if station.id not in fed | parts and not station.machine:
                self._add_head(station)

    def _add_head(self, station: StationUnit) -> None:
        flow = self.file.flow
        head = Head(self.env, self.new_vehicle, station.inlet, endless=flow.release == "always")
        if flow.release == "takt":
            takt_us = microseconds((self.line.plant.takt_s or 60.0) * flow.takt_factor)
            self.every(takt_us, 0, lambda: head.release() if self.rest is None else None)

    def new_vehicle(self) -> Vehicle:
        """A body with a number, a variant and options of its own."""
        variants = self.line.variants
        number = self._draw_variant() if variants else 0
        self._serial += 1
        name = variants[number].id if variants else ""
        vehicle = Vehicle(vin(number, self._serial), name, self.now_us, arrived_us=self.now_us)
        vehicle.options = self.options.draw(name)
        return vehicle

    def _draw_variant(self) -> int:
        variants = self.line.variants
        mix = self.effects.shares
        shares = [1.0 if v.share is None else v.share for v in variants]
        if mix is not None:
            shares = [mix.get(variant.id, 0.0) for variant in variants]
        draw, number = float(self._variants.random()) * sum(shares), 0
        while number < len(variants) - 1 and draw >= shares[number]:
            draw -= shares[number]
            number += 1
        return number

    def pace(self, vehicle: Vehicle, station: str) -> float:
        """Factor on the processing time of a vehicle at a station: its options, the scenario."""
        return self.options.cycle(vehicle, station) * self.effects.pace(station)

    def finish(self, vehicle: Vehicle, good: bool) -> None:
        """A vehicle leaves the line."""
        if vehicle.is_part:
            return
        self.finished += 1
        self.last_finished_us = self.now_us
        record = {
            "vehicle": vehicle.vin,
            "variant": vehicle.variant,
            "good": good,
            "entered_ns": self.time_ns(vehicle.entered_us),
            "completed_ns": self.time_ns(self.now_us),
            "kwh": vehicle.kwh,
        }
        options = {"options": list(vehicle.options)} if self.file.options else {}
        self.truth.write("vehicle", {**record, **options})

    # The calendar --------------------------------------------------------------------------

    def _follow_calendar(self) -> Steps:
        for at_us, rest in self.calendar.changes():
            if at_us > self.now_us:
                yield self.env.timeout(at_us - self.now_us)
            if rest != self.rest:
                self._rest(rest)

    def _rest(self, rest: str | None) -> None:
        self.rest = rest
        gate = self.gate
        if rest is None and gate is not None:
            self.gate = None
            gate.succeed()
        elif rest is not None and gate is None:
            self.gate = self.env.event()
        self._refresh()

    def _edge(self, at_us: int) -> Steps:
        yield self.env.timeout(max(0, at_us - self.now_us))
        self.weather.cover = self.effects.cover
        self._refresh()

    def _refresh(self) -> None:
        for station in self.stations.values():
            for place in station.places:
                place.refresh()
        for base in self.utilities.bases if self.utilities is not None else ():
            base.show()
