"""Units that went through the plant, a workshop or a station, from the visits.

Of the plant a unit is a vehicle. Of a workshop or a station that makes parts (every way on from it
leads to a join) it is a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.accounts import GOOD, Accounts
from twin.joins import part_stations

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Departures:
    """Units that left a place, (n,) each.

    entered_ns: 0 where the log did not see all of its way through the place. first_time: good,
    and neither rejected nor reworked there.
    """

    vehicle: Ints
    entered_ns: Ints
    left_ns: Ints
    good: Bools
    first_time: Bools

    def chosen(self, mask: Bools) -> Departures:
        """Those of the mask, (n,)."""
        return Departures(
            self.vehicle[mask],
            self.entered_ns[mask],
            self.left_ns[mask],
            self.good[mask],
            self.first_time[mask],
        )


class Units:
    """What moved through one log; ``station_workshop`` is the workshop's number by station."""

    def __init__(self, accounts: Accounts, station_workshop: Ints) -> None:
        self.accounts, self.line = accounts, accounts.ledger.line
        self._visits = accounts.ledger.booked.visits
        self._workshop_of = station_workshop
        self._found: dict[tuple[str, str], Departures] = {}

    def departures(self, level: str, id_: str) -> Departures:
        """All that left the plant, a workshop or a station."""
        key = (level, id_)
        if key not in self._found:
            match level:
                case "plant":
                    self._found[key] = self._of_plant()
                case "workshop":
                    self._found[key] = self._of_workshop(id_)
                case _:
                    self._found[key] = self._of_station(self.line.station_index[id_])
        return self._found[key]

    def present(self, level: str, id_: str, time_ns: int) -> int:
        """Units in the plant, a workshop or a station at a moment."""
        if level == "station":
            here = self._visits["station"] == self.line.station_index[id_]
            leave = self._visits["leave"]
            there = (self._visits["enter"] <= time_ns) & ((leave < 0) | (leave > time_ns))
            return int(np.count_nonzero(here & there))
        if level == "plant":
            entered = self.accounts.entered_ns.copy()
            gone = self.accounts.completed_ns
            entered[self.accounts.is_part] = 0
            there = (entered > 0) & (entered <= time_ns) & ((gone == 0) | (gone > time_ns))
            return int(np.count_nonzero(there))
        return self._in_workshop(id_, time_ns)

    def _of_plant(self) -> Departures:
        accounts = self.accounts
        v = np.flatnonzero(accounts.done)
        good = accounts.state[v] == GOOD
        return Departures(
            v,
            np.where(accounts.complete[v], accounts.entered_ns[v], 0),
            accounts.completed_ns[v],
            good,
            good & ~accounts.reworked[v],
        )

    def _of_station(self, s: int) -> Departures:
        at = np.flatnonzero((self._visits["station"] == s) & (self._visits["leave"] >= 0))
        visits = self._visits[at]
        good = visits["reject"] == 0
        return Departures(
            visits["vehicle"].astype(np.int64),
            np.where(visits["whole"] > 0, visits["enter"], 0),
            visits["leave"].astype(np.int64),
            good,
            good & ~self._again[at],
        )

    def _of_workshop(self, id_: str) -> Departures:
        inside = self._own_visits(id_)
        visits = self._visits[inside]
        vehicle, first = np.unique(visits["vehicle"], return_index=True)
        last = len(visits) - 1 - np.unique(visits["vehicle"][::-1], return_index=True)[1]
        at = inside[last]
        out = np.isin(self._visits["station"][at], self._exits) & (self._visits["leave"][at] >= 0)
        rejected = self._visits["reject"][at] > 0
        out &= ~(rejected & self._is_last[at] & self._goes_back[self._visits["station"][at]])
        count = len(self.accounts.completed_ns)
        spoiled = self._again[inside] | (visits["reject"] > 0)
        clean = np.bincount(visits["vehicle"][spoiled], minlength=count)[vehicle] == 0
        whole = np.bincount(visits["vehicle"][visits["whole"] == 0], minlength=count)[vehicle] == 0
        return Departures(
            vehicle[out].astype(np.int64),
            np.where(whole, visits["enter"][first], 0)[out],
            self._visits["leave"][at][out],
            ~rejected[out],
            (clean & ~rejected)[out],
        )

    def _in_workshop(self, id_: str, time_ns: int) -> int:
        """Entered and not left: what was seen there last, before its exit let it go."""
        inside = self._own_visits(id_)
        here = np.unique(self._visits["vehicle"][inside][self._visits["enter"][inside] <= time_ns])
        left = self.departures("workshop", id_)
        gone = left.vehicle[left.left_ns <= time_ns]
        completed = self.accounts.completed_ns
        off = np.flatnonzero((completed > 0) & (completed <= time_ns))
        return len(np.setdiff1d(here, np.concatenate([gone, off])))

    def _own_visits(self, id_: str) -> Ints:
        """Numbers of a workshop's visits: of vehicles, or of parts where it makes only those."""
        number = [workshop.id for workshop in self.line.workshops].index(id_)
        stations = np.flatnonzero(self._workshop_of == number)
        inside = np.isin(self._visits["station"], stations)
        if not set(stations.tolist()) <= part_stations(self.line):
            inside &= ~self.accounts.is_part[self._visits["vehicle"]]
        return np.flatnonzero(inside)

    @cached_property
    def _again(self) -> Bools:
        """Visits of a unit to a station where it was before, (visits,)."""
        count = max(1, len(self.line.stations))
        pair = self._visits["vehicle"].astype(np.int64) * count + self._visits["station"]
        again = np.ones(len(pair), bool)
        again[np.unique(pair, return_index=True)[1]] = False
        return again

    @cached_property
    def _is_last(self) -> Bools:
        """The newest visit of each unit, (visits,)."""
        last = np.zeros(len(self._visits), bool)
        newest = np.full(len(self.accounts.completed_ns), -1, np.int64)
        newest[self._visits["vehicle"]] = np.arange(len(self._visits))
        last[newest[newest >= 0]] = True
        return last

    @cached_property
    def _exits(self) -> Ints:
        """Stations from which units leave their workshop."""
        line = self.line
        workshop = {station.id: station.workshop for station in line.stations}
        out = {
            edge.from_station
            for edge in line.edges
            if edge.kind != "rework" and workshop[edge.from_station] != workshop[edge.to_station]
        }
        return np.array([line.station_index[id_] for id_ in {*out, *line.sinks()}], np.int64)

    @cached_property
    def _goes_back(self) -> Bools:
        """Stations from which rejected units go back, (s,)."""
        back = {edge.from_station for edge in self.line.edges if edge.kind == "rework"}
        return np.array([station.id in back for station in self.line.stations], bool)
