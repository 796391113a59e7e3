"""Who is to blame for time and energy in which nothing is made: the ``loss`` records.

A place that does not process waits for something. The cause is looked for where the vehicles come
from (starved) or go to (blocked): through stations that wait themselves, or that work but will
starve or be blocked next, as far as one that stands, or that others wait for. It is looked for
again whenever one of the stations on that way changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plc_sim.flow import Head, Inlet, Way

if TYPE_CHECKING:
    from plc_sim.plant import Plant
    from plc_sim.station import Place, StationUnit

# Own states, and what they are called as a cause.
OWN = {
    "failed": "failed",
    "setup": "setup",
    "held": "held",
    "warming_up": "warming_up",
    "idle": "handling",
    "stopped": "break",
    "off": "off_shift",
}
_AT_WORK = ("processing", "idle")

Cause = tuple[str, str]  # station, what it does


@dataclass(slots=True)
class _Open:
    """A loss that goes on."""

    state: str
    cause: Cause
    from_us: int
    from_kwh: float


class Losses:
    """Keeps the losses of every place, and writes each piece when it is over."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._open: dict[Place, _Open] = {}
        self._on_way: dict[Place, tuple[str, ...]] = {}  # stations that its cause was found by
        self._watchers: dict[str, dict[Place, None]] = {}  # a dict keeps the order
        for station in plant.stations.values():
            for place in station.places:
                self._look(place)

    def settle(self, changed: set[str]) -> None:
        """After an instant: new causes for the changed stations and for whoever waits for them."""
        touched: dict[Place, None] = {}
        for name in sorted(changed):
            touched |= dict.fromkeys(self._plant.stations[name].places)
            touched |= self._watchers.get(name, {})
        for place in touched:
            self._look(place)

    def close(self) -> None:
        """Writes what goes on."""
        for place in list(self._open):
            self._end(place)

    def _look(self, place: Place) -> None:
        state = place.state
        was = self._open.get(place)
        self._forget(place)
        if state == "processing" or (place.station.machine and state != "failed"):
            if was is not None:
                self._end(place)
            return
        cause, seen = self._cause(place)
        self._on_way[place] = seen
        for name in seen:
            self._watchers.setdefault(name, {})[place] = None
        if was is not None and (was.state, was.cause) == (state, cause):
            return
        if was is not None:
            self._end(place)
        self._open[place] = _Open(state, cause, self._plant.now_us, place.drawn_kwh())

    def _forget(self, place: Place) -> None:
        for name in self._on_way.pop(place, ()):
            del self._watchers[name][place]

    def _end(self, place: Place) -> None:
        loss, plant = self._open.pop(place), self._plant
        if plant.now_us == loss.from_us:
            return
        plant.truth.write(
            "loss",
            {
                "station": place.station.id,
                "caused_by": loss.cause[0],
                "cause": loss.cause[1],
                "state": loss.state,
                "from_ns": plant.time_ns(loss.from_us),
                "to_ns": plant.time_ns(plant.now_us),
                "kwh": place.drawn_kwh() - loss.from_kwh,
            },
        )

    def _cause(self, place: Place) -> tuple[Cause, tuple[str, ...]]:
        station = place.station
        if place.state in OWN:
            return (station.id, OWN[place.state]), ()
        seen: dict[str, None] = {}
        if place.state == "blocked":
            cause = self._downstream(place.way_on, station, seen)
        else:
            cause = self._upstream(station, seen)
        seen.pop(station.id, None)
        return cause, tuple(seen)

    def _upstream(self, station: StationUnit, seen: dict[str, None]) -> Cause:
        """Why no vehicle comes to a station."""
        way = self._empty_way(station.inlet)
        if way is None:
            return station.id, "no_release"
        origin = self._plant.stations[way.origin]
        if origin.id in seen:
            return origin.id, "cycle"
        seen[origin.id] = None
        if origin.state() in _AT_WORK and self._is_short(origin):
            return self._upstream(origin, seen)
        return self._by_state(origin, seen)

    def _is_short(self, station: StationUnit) -> bool:
        """Whether a station at work will starve next: it waits for others, not they for it."""
        return self._empty_way(station.inlet) is not None

    def _empty_way(self, inlet: Inlet) -> Way | None:
        vehicle = inlet.next()
        if vehicle is not None:
            return inlet.lacking(vehicle)
        ways = [way for way in inlet.ways if isinstance(way, Way)]
        if not ways or any(isinstance(way, Head) for way in inlet.ways):
            return None
        standing = [w for w in ways if self._plant.stations[w.origin].state() in OWN]
        return (standing or ways)[0]

    def _downstream(self, way: Way | None, station: StationUnit, seen: dict[str, None]) -> Cause:
        """Why a vehicle cannot leave a station."""
        if way is None:
            return station.id, "cycle"
        target = self._plant.stations[way.target]
        if target.id in seen:
            return target.id, "cycle"
        seen[target.id] = None
        if target.state() in _AT_WORK and (onward := self._full_way(target)) is not None:
            return self._downstream(onward, target, seen)
        return self._by_state(target, seen)

    def _full_way(self, station: StationUnit) -> Way | None:
        """The way on of a station at work that will be blocked next; None where there is room."""
        ways = station.ways_on
        if not ways or any(way.room > 0 or self._has_place(way) for way in ways):
            return None
        return min(ways, key=len)

    def _has_place(self, way: Way) -> bool:
        return any(place.vehicle is None for place in self._plant.stations[way.target].places)

    def _by_state(self, station: StationUnit, seen: dict[str, None]) -> Cause:
        state = station.state()
        if state in ("starved", "standby"):
            return self._upstream(station, seen)
        if state == "blocked":
            return self._downstream(station.blocked_way(), station, seen)
        if state in ("failed", "setup", "held", "warming_up", "stopped", "off"):
            return station.id, OWN[state]
        return station.id, "cycle"
