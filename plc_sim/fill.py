"""The plant as it stands when it starts: vehicles and parts on their way since long before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.line import Edge
from plc_sim.calendar import NS_PER_US
from plc_sim.flow import Vehicle, Way
from plc_sim.load import microseconds
from plc_sim.station import Place, StationUnit
from plc_sim.streams import stream

if TYPE_CHECKING:
    from plc_sim.parts import PartLine
    from plc_sim.plant import Plant


@dataclass(frozen=True, slots=True)
class Carried:
    """A vehicle that an earlier log ends with: at a station, or waiting on the way on from it."""

    vin: str
    variant: str
    station: str
    waiting: bool
    entered_ns: int  # the line
    since_ns: int  # entered the station, or left it


class Filler:
    """Puts vehicles where they are at the start."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._depth = _depths(plant)
        self._draws = stream(plant.seed, "fill")

    def fill(self) -> None:
        """Each place in mid-cycle, buffers part filled; the foremost vehicle is made first."""
        plant = self._plant
        own = {name: line for line in plant.part_lines for name in line.stations}
        stations = sorted(plant.stations.values(), key=lambda s: -self._depth[s.id])
        for station in stations:
            if station.id not in own and not station.machine:
                self._fill_station(station)
        for line in plant.part_lines:
            self._fill_parts(line, [s for s in stations if s.id in line.stations])

    def _fill_station(self, station: StationUnit) -> None:
        self._fill_places(station, [self._plant.new_vehicle() for _ in station.places])
        for edge, way in self._ways_into(station):
            for _ in range(self._number(edge) if edge.kind == "flow" else 0):
                self._put(way, self._plant.new_vehicle(), station)

    def _fill_places(self, station: StationUnit, vehicles: Sequence[Vehicle]) -> None:
        """Evenly spaced where there are several: a conveyor gives one out each takt."""
        places = station.places
        for number, (place, vehicle) in enumerate(zip(places, vehicles, strict=False)):
            within = float(self._draws.uniform(0.05, 0.95))
            phase = within if len(places) == 1 else 1.0 - (number + within) / len(places)
            self._resume(place, vehicle, phase)
            vehicle.entered_us = place.enter_us - self._behind_us(station)

    def _number(self, edge: Edge) -> int:
        filled = edge.capacity * self._plant.file.flow.fill
        return min(edge.capacity, int(filled + self._draws.random()))

    def _put(self, way: Way, vehicle: Vehicle, station: StationUnit) -> None:
        vehicle.entered_us = vehicle.arrived_us = -self._behind_us(station)
        way.place(vehicle)

    def _behind_us(self, station: StationUnit) -> int:
        plant = self._plant
        variant = plant.line.variants[0].id if plant.line.variants else ""
        return self._depth[station.id] * microseconds(station.entry.cycle(variant))

    def _fill_parts(self, line: PartLine, stations: Sequence[StationUnit]) -> None:
        """Parts for the vehicles between order and meeting, in their order; stock part filled."""
        parts = line.due() if line.ordered else None
        for way in line.joins:
            self._fill_way(line, way, parts, way.room)
        for station in stations:
            wanted = [line.next_part(parts) for _ in station.places]
            self._fill_places(station, [part for part in wanted if part is not None])
            for edge, way in self._ways_into(station):
                self._fill_way(line, way, parts, edge.capacity)
        for part in parts or ():
            line.head.release(part)

    def _fill_way(self, line: PartLine, way: Way, parts: list[Vehicle] | None, room: int) -> None:
        number = room if parts is not None else int(room * self._plant.file.flow.fill)
        for _ in range(number):
            part = line.next_part(parts)
            if part is not None:
                self._put(way, part, self._plant.stations[way.target])

    def carry_on(self, carried: Sequence[Carried]) -> None:
        """Vehicles where an earlier log left them; who finds no place there waits before it."""
        plant = self._plant
        for each in sorted(carried, key=lambda c: (c.since_ns, c.vin)):
            station = plant.stations[each.station]
            since_us = min(0, (each.since_ns - plant.start_ns) // NS_PER_US)
            entered_us = min(since_us, (each.entered_ns - plant.start_ns) // NS_PER_US)
            vehicle = Vehicle(each.vin, each.variant, entered_us, arrived_us=since_us)
            vehicle.is_part = any(station.id in line.stations for line in plant.part_lines)
            free = [place for place in station.places if place.vehicle is None]
            if each.waiting and station.ways_on:
                station.ways_on[0].place(vehicle)
            elif free:
                cycle_us = microseconds(station.entry.cycle(each.variant))
                self._resume(free[0], vehicle, min(0.95, -since_us / cycle_us))
                free[0].enter_us = since_us
        for line in plant.part_lines:
            line.order_missing()

    def _resume(self, place: Place, vehicle: Vehicle, phase: float) -> None:
        """Puts a vehicle into a place; ``phase`` of its processing is done."""
        entry = place.station.entry
        plain_us = microseconds(entry.cycle(vehicle.variant) - entry.load_s - entry.unload_s)
        begun_us = -round(phase * plain_us)
        place.enter(vehicle, begun_us - microseconds(entry.load_s))
        total_us = max(place.processing_us(vehicle), 1 - begun_us)
        place.rest = place.station.segments(total_us, -begun_us)
        place.process(place.rest[0][1])
        place.settle()
        place.state_us = begun_us

    def _ways_into(self, station: StationUnit) -> list[tuple[Edge, Way]]:
        edges = [
            edge
            for edge in self._plant.line.edges
            if edge.to_station == station.id and edge.kind != "join"
        ]
        ways = [way for way in station.inlet.ways if isinstance(way, Way)]
        return list(zip(edges, ways, strict=True))


def _depths(plant: Plant) -> dict[str, int]:
    """How many stations lie before each, along the flow."""
    depth = dict.fromkeys(plant.stations, 0)
    for _ in plant.stations:  # as many rounds as the longest way could need, loops or not
        for edge in plant.line.edges:
            if edge.kind == "flow":
                deeper = min(depth[edge.from_station] + 1, len(plant.stations))
                depth[edge.to_station] = max(depth[edge.to_station], deeper)
    return depth
