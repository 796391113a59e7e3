"""Vehicles, and the ways between stations: room for so many, then the vehicle stays behind.

A way lets a vehicle in when it has room (blocking after service otherwise); an inlet hands a
station the vehicle that has waited longest. Everything happens at the instant it is asked for:
events only wake who waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import simpy


@dataclass(slots=True, eq=False)
class Vehicle:
    """One body on its way through the line; kwh is what processing it took, by carrier."""

    vin: str
    variant: str
    entered_us: int
    kwh: dict[str, float] = field(default_factory=dict)
    arrived_us: int = 0  # where it waits now


class Way:
    """Room for ``capacity`` vehicles between two stations; 0 hands over from place to place."""

    def __init__(self, env: simpy.Environment, capacity: int, inlet: Inlet) -> None:
        self._env = env
        self._capacity = capacity
        self._inside: deque[Vehicle] = deque()
        self._outside: deque[tuple[Vehicle, simpy.Event]] = deque()
        self._inlet = inlet
        inlet.ways.append(self)

    def __len__(self) -> int:
        return len(self._inside) + len(self._outside)

    def place(self, vehicle: Vehicle) -> None:
        """Puts a vehicle inside before the start."""
        self._inside.append(vehicle)

    def offer(self, vehicle: Vehicle) -> simpy.Event:
        """Asks for room; the event comes when the vehicle has left its place."""
        left = self._env.event()
        vehicle.arrived_us = int(self._env.now)
        self._outside.append((vehicle, left))
        self._settle()
        self._inlet.feed()
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

    def _settle(self) -> None:
        while self._outside and len(self._inside) < self._capacity:
            vehicle, left = self._outside.popleft()
            self._inside.append(vehicle)
            left.succeed()


class Head:
    """Where bodies come from: always one there, or as many as were released."""

    def __init__(
        self, env: simpy.Environment, make: Callable[[], Vehicle], inlet: Inlet, *, endless: bool
    ) -> None:
        self._env = env
        self._make = make
        self._endless = endless
        self._next: Vehicle | None = None
        self._released = 0
        self._inlet = inlet
        inlet.ways.append(self)

    def release(self) -> None:
        """Lets one more body in."""
        self._released += 1
        self._inlet.feed()

    def first(self) -> Vehicle | None:
        """The next body, if one may come."""
        if not self._endless and self._released == 0:
            return None
        if self._next is None:
            self._next = self._make()
        return self._next

    def take(self) -> Vehicle:
        """Gives the next body."""
        vehicle = self.first()
        assert vehicle is not None
        vehicle.entered_us = int(self._env.now)
        self._next = None
        if not self._endless:
            self._released -= 1
        return vehicle


class Inlet:
    """Hands the vehicles of all ways into a station to its free places, in order of arrival."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self.ways: list[Way | Head] = []
        self._hungry: deque[simpy.Event] = deque()

    def request(self) -> simpy.Event:
        """Asks for the next vehicle; the event's value, perhaps at once."""
        served = self._env.event()
        self._hungry.append(served)
        self.feed()
        return served

    def feed(self) -> None:
        """Serves who waits, as far as there are vehicles."""
        while self._hungry:
            way = self._oldest()
            if way is None:
                return
            self._hungry.popleft().succeed(way.take())

    def _oldest(self) -> Way | Head | None:
        best, best_us = None, 0
        for way in self.ways:
            vehicle = way.first()
            if vehicle is not None and (best is None or vehicle.arrived_us < best_us):
                best, best_us = way, vehicle.arrived_us
        return best
