"""Lines of parts: made to stock, or ordered for a vehicle, until they meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plc_sim.flow import Head, Vehicle, Way
from plc_sim.plant_schema import PartEntry
from plc_sim.streams import stream
from plc_sim.vin import SERIALS

if TYPE_CHECKING:
    from plc_sim.plant import Plant


class PartLine:
    """One kind of part: its stations, its head, and the ways where it meets the vehicles."""

    def __init__(self, plant: Plant, entry: PartEntry) -> None:
        """Finds its stations downstream of its head, and hooks its orders into the plant."""
        self._plant = plant
        self._entry = entry
        self.ordered = entry.order_at is not None
        self.stations = _downstream(plant, entry.head)
        self.joins = [
            way
            for station in plant.stations.values()
            for way in station.inlet.joins
            if way.origin in self.stations
        ]
        for way in self.joins:
            way.variants = None if entry.variants is None else frozenset(entry.variants)
        self._serial = int(stream(plant.seed, "part", entry.head).integers(1_000, SERIALS // 2))
        inlet = plant.stations[entry.head].inlet
        self.head = Head(plant.env, self._to_stock, inlet, endless=not self.ordered)
        if entry.order_at is not None:
            plant.stations[entry.order_at].inlet.watchers.append(self._order)

    def due(self) -> list[Vehicle]:
        """Parts for all vehicles between the order and the meeting, the foremost first."""
        return [self._for(vehicle) for vehicle in self._between() if self._needs(vehicle)]

    def next_part(self, due: list[Vehicle] | None) -> Vehicle | None:
        """The next of those that are due; one to stock where there are no orders."""
        if due is None:
            return self._to_stock()
        return due.pop(0) if due else None

    def order_missing(self) -> None:
        """Orders what the vehicles between order and meeting lack, after an earlier log."""
        if not self.ordered:
            return
        there = sum(1 for name in self.stations for _ in self._inside(name))
        there += sum(len(way) for way in (*self.joins, *self._ways()))
        for part in self.due()[there:]:
            part.meant_for = None
            self.head.release(part)

    def _ways(self) -> list[Way]:
        """The ways between its own stations."""
        inlets = [self._plant.stations[name].inlet for name in self.stations]
        return [way for inlet in inlets for way in inlet.ways if isinstance(way, Way)]

    def _needs(self, vehicle: Vehicle) -> bool:
        return any(way.needed_by(vehicle) for way in self.joins)

    def _order(self, vehicle: Vehicle) -> None:
        if not vehicle.is_part and self._needs(vehicle):
            self.head.release(self._for(vehicle))

    def _for(self, vehicle: Vehicle) -> Vehicle:
        part = self._make(vehicle.variant)
        part.meant_for, part.options = vehicle.vin, vehicle.options
        return part

    def _to_stock(self) -> Vehicle:
        return self._make("")

    def _make(self, variant: str) -> Vehicle:
        self._serial += 1
        number = f"{self._entry.prefix}-{self._serial % SERIALS:06d}"
        now_us = self._plant.now_us
        return Vehicle(number, variant, now_us, arrived_us=now_us, is_part=True)

    def _between(self) -> list[Vehicle]:
        """Vehicles that have passed the order and not met their part, the foremost first."""
        found: list[Vehicle] = []
        order_at = self._entry.order_at
        here = self.joins[0].target if self.joins else order_at
        while here is not None and here != order_at:
            ways = [w for w in self._plant.stations[here].inlet.ways if isinstance(w, Way)]
            found += [vehicle for way in ways for vehicle in way.waiting()]
            if not ways:
                break
            here = ways[0].origin
            found += self._inside(here)
        return found

    def _inside(self, name: str) -> list[Vehicle]:
        """Vehicles at a station, the first to enter first."""
        places = [p for p in self._plant.stations[name].places if p.vehicle is not None]
        places.sort(key=lambda place: place.enter_us)
        return [place.vehicle for place in places if place.vehicle is not None]


def _downstream(plant: Plant, head: str) -> frozenset[str]:
    """The stations that a part passes before it meets a vehicle."""
    found = {head}
    for _ in plant.line.stations:
        found |= {
            edge.to_station
            for edge in plant.line.edges
            if edge.kind != "join" and edge.from_station in found
        }
    return frozenset(found)
