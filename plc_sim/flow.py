"""Vehicles and parts, and the ways between stations: room for so many, then one stays behind.

A way lets a vehicle in when it has room (blocking after service otherwise); an inlet hands a
station the vehicle that has waited longest, once the parts that it needs are there too. Everything
happens at the instant it is asked for: events only wake who waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import simpy


@dataclass(slots=True, eq=False)
class Vehicle:
    """One body, or a part of one, on its way; kwh is what processing it took, by carrier."""

    vin: str
    variant: str
    entered_us: int
    kwh: dict[str, float] = field(default_factory=dict)
    arrived_us: int = 0  # where it waits now
    options: tuple[str, ...] = ()
    is_part: bool = False
    meant_for: str | None = None  # the vehicle that a part was ordered for
    joining: tuple[Vehicle, ...] = ()  # parts that came in with it


class Way:
    """Room for ``capacity`` vehicles between two stations; 0 hands over from place to place."""

    def __init__(
        self,
        env: simpy.Environment,
        capacity: int,
        inlet: Inlet,
        ends: tuple[str, str],
        *,
        joins: bool = False,
    ) -> None:
        """``ends``: the stations that it leads from and to."""
        self._env = env
        self._capacity = capacity
        self._inside: deque[Vehicle] = deque()
        self._outside: deque[tuple[Vehicle, simpy.Event]] = deque()
        self.inlet = inlet
        self.origin, self.target = ends
        self.variants: frozenset[str] | None = None  # of a joining way: who needs it; None: all
        (inlet.joins if joins else inlet.ways).append(self)

    def __len__(self) -> int:
        return len(self._inside) + len(self._outside)

    @property
    def room(self) -> int:
        """How many more fit inside."""
        return self._capacity - len(self._inside)

    def place(self, vehicle: Vehicle) -> None:
        """Puts a vehicle inside before the start."""
        self._inside.append(vehicle)

    def waiting(self) -> list[Vehicle]:
        """All on it, the first one first."""
        return [*self._inside, *(vehicle for vehicle, _ in self._outside)]

    def offer(self, vehicle: Vehicle) -> simpy.Event:
        """Asks for room; the event comes when the vehicle has left its place."""
        left = self._env.event()
        vehicle.arrived_us = int(self._env.now)
        self._outside.append((vehicle, left))
        self._settle()
        self.inlet.feed()
        return left

    def first(self) -> Vehicle | None:
        """The vehicle that ``take`` would give."""
        if self._inside:
            return self._inside[0]
        return self._outside[0][0] if self._outside else None

    def take(self) -> Vehicle:
        """Gives the first vehicle to the station; one that waited outside may come in."""
        if self._inside:
            vehicle = self._inside.popleft()
            self._settle()
            return vehicle
        vehicle, left = self._outside.popleft()
        left.succeed()
        return vehicle

    def needed_by(self, vehicle: Vehicle) -> bool:
        """Whether a vehicle meets a part of this way."""
        return self.variants is None or vehicle.variant in self.variants

    def part_for(self, vehicle: Vehicle) -> Vehicle | None:
        """The part that the vehicle would take: the one meant for it, else the first of no one."""
        found = None
        for part in self.waiting():
            if part.meant_for == vehicle.vin:
                return part
            if part.meant_for is None and found is None:
                found = part
        return found

    def take_out(self, part: Vehicle) -> None:
        """Gives this part away."""
        if part in self._inside:
            self._inside.remove(part)
            self._settle()
            return
        at = next(i for i, (waiting, _) in enumerate(self._outside) if waiting is part)
        left = self._outside[at][1]
        del self._outside[at]
        left.succeed()

    def _settle(self) -> None:
        while self._outside and len(self._inside) < self._capacity:
            vehicle, left = self._outside.popleft()
            self._inside.append(vehicle)
            left.succeed()


class Head:
    """Where bodies or parts begin: always one there, as many as were released, or as ordered."""

    def __init__(
        self, env: simpy.Environment, make: Callable[[], Vehicle], inlet: Inlet, *, endless: bool
    ) -> None:
        self._env = env
        self._make = make
        self._endless = endless
        self._next: Vehicle | None = None
        self._ordered: deque[Vehicle | None] = deque()  # None: make one then
        self._inlet = inlet
        inlet.ways.append(self)

    def release(self, vehicle: Vehicle | None = None) -> None:
        """Lets one more in: this one, or one that is made then."""
        self._ordered.append(vehicle)
        self._inlet.feed()

    def first(self) -> Vehicle | None:
        """The next one, if one may come."""
        if self._next is None and (self._endless or self._ordered):
            ordered = self._ordered.popleft() if self._ordered else None
            self._next = ordered or self._make()
        return self._next

    def take(self) -> Vehicle:
        """Gives the next one."""
        vehicle = self.first()
        assert vehicle is not None
        vehicle.entered_us = int(self._env.now)
        self._next = None
        return vehicle


class Inlet:
    """Hands the vehicles of all ways into a station to its free places, in order of arrival."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self.ways: list[Way | Head] = []
        self.joins: list[Way] = []
        self._hungry: deque[simpy.Event] = deque()
        self.watchers: list[Callable[[Vehicle], None]] = []  # called with each that enters

    def request(self) -> simpy.Event:
        """Asks for the next vehicle; the event's value, perhaps at once."""
        served = self._env.event()
        self._hungry.append(served)
        self.feed()
        return served

    def feed(self) -> None:
        """Serves who waits, as far as there are vehicles and their parts."""
        while self._hungry:
            way = self._oldest()
            vehicle = None if way is None else way.first()
            if way is None or vehicle is None or self.lacking(vehicle) is not None:
                return
            vehicle.joining = tuple(self._parts(vehicle))
            served = self._hungry.popleft()
            served.succeed(way.take())
            for watch in self.watchers:
                watch(vehicle)

    def next(self) -> Vehicle | None:
        """The vehicle that comes next, if one waits."""
        way = self._oldest()
        return None if way is None else way.first()

    def lacking(self, vehicle: Vehicle) -> Way | None:
        """The joining way whose part a vehicle waits for; None where all are there."""
        for way in self.joins:
            if way.needed_by(vehicle) and way.part_for(vehicle) is None:
                return way
        return None

    def _parts(self, vehicle: Vehicle) -> list[Vehicle]:
        parts = []
        for way in self.joins:
            part = way.part_for(vehicle) if way.needed_by(vehicle) else None
            if part is not None:
                way.take_out(part)
                parts.append(part)
        return parts

    def _oldest(self) -> Way | Head | None:
        best, best_us = None, 0
        for way in self.ways:
            vehicle = way.first()
            if vehicle is not None and (best is None or vehicle.arrived_us < best_us):
                best, best_us = way, vehicle.arrived_us
        return best
