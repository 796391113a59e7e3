"""Scopes, and what the figures of all scopes of one ledger share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.line import STATES, Line
from twin import carbon, cost
from twin.accounts import Accounts
from twin.kpis.units import Units
from twin.ledger import Ledger
from twin.shifts import Window, busy_spans, windows

Level = Literal["plant", "workshop", "station"]
Spans = tuple[tuple[int, int], ...]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the plant in a part of the time.

    id: of the workshop or station, "" for the plant. span_ns: begin and end, UTC; None: all that
    was booked.
    """

    level: Level = "plant"
    id: str = ""
    span_ns: tuple[int, int] | None = None


PLANT = Scope()


@dataclass(frozen=True)
class Whole:
    """What all scopes of one ledger share; arrays by cell, (n,), or by station, (s,)."""

    ledger: Ledger
    accounts: Accounts

    @property
    def line(self) -> Line:
        """The line that the figures are of."""
        return self.ledger.line

    @cached_property
    def station_workshop(self) -> Ints:
        """Number of each station's workshop."""
        numbers = {workshop.id: i for i, workshop in enumerate(self.line.workshops)}
        return np.array([numbers[s.workshop] for s in self.line.stations], np.int64)

    @cached_property
    def place_workshop(self) -> Ints:
        """Number of each place's workshop; -1: the plant, as of what lies past the points."""
        numbers = {workshop.id: i for i, workshop in enumerate(self.line.workshops)}
        points = [numbers.get(point.workshop or "", -1) for point in self.line.points]
        return np.concatenate([self.station_workshop, np.array([*points, -1], np.int64)])

    @cached_property
    def units(self) -> Units:
        """The stays of units, by workshop and station."""
        return Units(self.accounts, self.station_workshop)

    @cached_property
    def planned_ns(self) -> Spans:
        """Planned busy time as spans: shifts without their breaks; all of it without a plan."""
        booked = self.ledger.booked
        if not self.line.shifts:
            return ((booked.from_ns, booked.to_ns),)
        return tuple(
            span
            for window in self.shifts
            for span in busy_spans(window, booked.from_ns, booked.to_ns)
        )

    @cached_property
    def shifts(self) -> tuple[Window, ...]:
        """The planned shifts, as far as they were booked."""
        booked = self.ledger.booked
        found = windows(self.line, booked.from_ns, booked.to_ns)
        return tuple(w for w in found if w.shift is not None and w.to_ns > w.from_ns)

    @cached_property
    def _presence(self) -> tuple[Ints, NDArray[np.void]]:
        """The stations' states over time, and the number of station and state of each."""
        own = len(self.line.points)
        present = self.ledger.booked.segments[self.ledger.booked.segments["point"] >= own]
        place = (present["point"].astype(np.int64) - own) * len(STATES) + present["state"]
        return place, present

    @cached_property
    def _seconds(self) -> dict[Spans, Floats]:
        return {}

    def seconds(self, spans: Spans) -> Floats:
        """Seconds of each station in each state within spans, (stations, states)."""
        if spans not in self._seconds:
            place, present = self._presence
            count = len(self.line.stations) * len(STATES)
            seconds = np.zeros(count)
            for begin, end in spans:
                inside = np.minimum(present["t1"], end) - np.maximum(present["t0"], begin)
                seconds += np.bincount(place, np.maximum(inside, 0) / 1e9, minlength=count)
            self._seconds[spans] = seconds.reshape(len(self.line.stations), len(STATES))
        return self._seconds[spans]

    @cached_property
    def gap_ns(self) -> Spans:
        """Times in which a source was silent, joined, in order."""
        joined: list[tuple[int, int]] = []
        booked = self.ledger.booked
        spans = [(g.from_ns, booked.to_ns if g.to_ns is None else g.to_ns) for g in booked.gaps]
        for begin, end in sorted(spans):
            if joined and begin <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        return tuple(joined)

    @cached_property
    def _spines(self) -> dict[str, tuple[str, ...]]:
        return {}

    def spine(self, scope: Scope) -> tuple[str, ...]:
        """Stations that every unit of the plant or of a workshop passes."""
        if scope.level == "plant":
            return self._spine("", self.line)
        inside = {station.id for station in self.line.stations if station.workshop == scope.id}
        edges = (e for e in self.line.edges if {e.from_station, e.to_station} <= inside)
        stations = (station for station in self.line.stations if station.id in inside)
        return self._spine(
            scope.id, replace(self.line, stations=tuple(stations), edges=tuple(edges))
        )

    def _spine(self, id_: str, part: Line) -> tuple[str, ...]:
        if id_ not in self._spines:
            self._spines[id_] = part.spine()
        return self._spines[id_]

    @cached_property
    def kg_location(self) -> Floats:
        """kg CO2e of each cell in the location-based book."""
        return carbon.carbon_kg(self.ledger, "location")

    @cached_property
    def costs(self) -> Floats:
        """What each cell cost, in the plant's currency; NaN without a price."""
        return cost.of_cells(self.ledger, self.ledger.cells)

    @cached_property
    def factor_is_estimated(self) -> bool:
        """Was a factor used before it, or one like it, was published?"""
        return carbon.has_estimated_factor(self.ledger, "location")
