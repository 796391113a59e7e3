"""What became of each vehicle, from its visits: entered, left, good or scrapped, or built in.

A vehicle is completed when it leaves a last station of the line. One that is rejected where a
rework edge leads back goes back; where none does it is scrapped: at a last station at once, before
it once a later vehicle has gone by. A part that was built in is no vehicle of its own any more
(twin.joins).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import shifts
from twin.joins import Joined, Stock, join, part_stations
from twin.mirror import Booked

IN_PROGRESS, GOOD, SCRAPPED, JOINED = 0, 1, 2, 3
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a vehicle already carries from the log that this one continues.

    ``kwh`` by carrier and ``kg`` by carbon view, each (direct, shared, scrap). ``station``: where
    it is, or which it left last, at ``left_ns`` (0: it is still there). ``seen_ns``: until when it
    was seen. ``unknown_ahead``: of a part, how many lie before it in its rack that no log saw.
    ``logs``: the logs that it has come through, by their begin [ns].
    """

    variant: str
    entered_ns: int
    complete: bool
    evidence: str
    kwh: Mapping[str, tuple[float, float, float]]
    kg: Mapping[str, tuple[float, float, float]]
    station: str = ""
    left_ns: int = 0
    seen_ns: int = 0
    unknown_ahead: int = 0
    reworked: bool = False
    logs: tuple[int, ...] = ()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Opening:
        """What ``asdict`` made of one; logs of older versions lack some keys."""
        found = dict(kept)
        for key in ("kwh", "kg"):
            found[key] = {name: tuple(parts) for name, parts in kept[key].items()}
        found["logs"] = tuple(kept.get("logs", ()))
        return cls(**found)

    def kept(self) -> dict[str, Any]:
        """As a log keeps it."""
        return asdict(self)


class Fates:
    """What became of each vehicle; arrays by its number, (v,)."""

    def __init__(self, booked: Booked, opening: Mapping[str, Opening]) -> None:
        line = booked.line
        self.line, self.visits, self._to_ns = line, booked.visits, booked.to_ns
        count = len(booked.vehicles)
        self.windows = shifts.windows(line, booked.from_ns, max(booked.to_ns, booked.from_ns + 1))
        self._edges = np.array([window.from_ns for window in self.windows], np.int64)
        self.entered_ns, self.completed_ns = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.state = np.zeros(count, np.uint8)
        # A line that makes one variant need not say which.
        self.variant = np.full(count, 0 if len(line.variants) == 1 else -1, np.int32)
        self.complete = np.ones(count, bool)
        self.reworked = np.zeros(count, bool)
        # When it last left each workshop for good; 0: it did not.
        self.left_ns = np.zeros((count, len(line.workshops)), np.int64)
        # Left the line while nobody looked: see _miss.
        self.unseen = np.zeros(count, bool)
        self.is_part = np.zeros(count, bool)
        self.repeated = _repeated(booked.visits)
        self.last = np.full(count, -1, np.int64)
        self.last[booked.visits["vehicle"]] = np.arange(len(booked.visits))
        if len(booked.visits):
            self._read(booked.visits)
        self._carry(booked, opening)
        for gap in booked.gaps:
            if gap.to_ns is not None:
                self._miss(gap.to_ns)
        self._give_up(booked, opening)
        self.joined = self._join(booked, opening)

    def window(self, times_ns: Ints) -> Ints:
        """Number of the window that each time lies in."""
        return np.asarray(np.searchsorted(self._edges, times_ns, side="right") - 1).clip(0)

    def good_leavers(self, workshop: int | None, window: int) -> Ints:
        """Good vehicles that left the workshop (None: the line) in a window."""
        left = self.completed_ns if workshop is None else self.left_ns[:, workshop]
        chosen = (left > 0) & (self.state != SCRAPPED)
        return np.flatnonzero(chosen & (self.window(left) == window))

    def seconds(self, workshop: int | None, window: int) -> NDArray[np.float64]:
        """Time that each vehicle was at the workshop's stations (None: all) in a window [s]."""
        span, visits = self.windows[window], self.visits
        leave_ns = np.where(visits["leave"] >= 0, visits["leave"], self._to_ns)
        begin_ns = np.maximum(visits["enter"], span.from_ns)
        inside = np.maximum(np.minimum(leave_ns, span.to_ns) - begin_ns, 0) / 1e9
        if workshop is not None:
            inside[_Flow(self.line).workshop[visits["station"]] != workshop] = 0.0
        seconds = np.zeros(len(self.entered_ns))
        np.add.at(seconds, visits["vehicle"], inside)
        return seconds

    def _read(self, visits: NDArray[np.void]) -> None:
        """Where an index repeats, numpy's assignment leaves the last value behind."""
        line = self.line
        v, s = visits["vehicle"], visits["station"]
        flow = _Flow(line)
        vehicles, firsts = np.unique(v, return_index=True)
        self.entered_ns[vehicles] = visits["enter"][firsts]
        self.complete[vehicles] = flow.is_entry[s[firsts]]
        self.complete[v[visits["whole"] == 0]] = False
        known = visits["variant"] >= 0
        self.variant[v[known]] = visits["variant"][known]
        self.is_part[vehicles] = True
        self.is_part[v[~flow.is_part[s]]] = False
        left, rejected = visits["leave"] >= 0, visits["reject"] > 0
        back = rejected & flow.goes_back[s]
        self.reworked[v[self.repeated | back | (rejected & ~flow.is_sink[s])]] = True
        gone = left & ~back
        out = gone & flow.is_exit[s]
        self.left_ns[v[out], flow.workshop[s[out]]] = visits["leave"][out]
        good = gone & flow.is_sink[s] & ~rejected
        self.completed_ns[v[good]] = visits["leave"][good]
        self.state[v[good]] = GOOD
        self._scrap(visits, gone & rejected, flow)

    def _scrap(self, visits: NDArray[np.void], thrown: Bools, flow: _Flow) -> None:
        """Vehicles whose last visit ended in a rejection from which no way leads back."""
        passed_ns = np.zeros(len(self.line.stations), np.int64)
        went_on = np.ones(len(visits), bool)
        went_on[self.last[self.last >= 0]] = False
        np.maximum.at(passed_ns, visits["station"][went_on], visits["leave"][went_on])
        lasts = self.last[self.last >= 0]
        lasts = lasts[thrown[lasts]]
        s = visits["station"][lasts]
        lasts = lasts[flow.is_end[s] | (visits["leave"][lasts] < passed_ns[s])]
        v = visits["vehicle"][lasts]
        self.completed_ns[v] = visits["leave"][lasts]
        self.state[v] = SCRAPPED

    def _carry(self, booked: Booked, opening: Mapping[str, Opening]) -> None:
        """What an earlier log knows of the vehicles that it left in progress."""
        part = _Flow(self.line).is_part
        for v, name in enumerate(booked.vehicles):
            account = opening.get(name)
            if account is None:
                continue
            self.entered_ns[v] = account.entered_ns
            self.reworked[v] |= account.reworked
            if self.variant[v] < 0 and account.variant in booked.variants:
                self.variant[v] = booked.variants.index(account.variant)
            if account.station in self.line.station_index:
                at_parts = bool(part[self.line.station_index[account.station]])
                self.is_part[v] = at_parts and (self.is_part[v] or self.last[v] < 0)
            self.complete[v] = account.complete
        self._mend_borders(opening, booked)

    def _mend_borders(self, opening: Mapping[str, Opening], booked: Booked) -> None:
        """The visit that spans two logs is cut at their border, and booked on both sides of it."""
        whole = self.visits["whole"] > 0
        _, firsts = np.unique(self.visits["vehicle"], return_index=True)
        whole[firsts] = True
        broken = np.unique(self.visits["vehicle"][~whole])
        brought = np.array([name in opening for name in booked.vehicles], bool)
        self.complete[broken[brought[broken]]] = False

    def _miss(self, gap_end_ns: int) -> None:
        """Vehicles that left during a gap: never seen since, and overtaken by a later one.

        Good as far as anyone knows; they left when the gap ended, as an estimate.
        """
        seen = self.last >= 0
        leave_ns = self.visits["leave"][self.last[seen]]
        last_ns = np.zeros(len(self.entered_ns), np.int64)
        last_ns[seen] = np.where(leave_ns >= 0, leave_ns, np.iinfo(np.int64).max)
        since = (self.completed_ns > gap_end_ns) & ~self.is_part
        overtaker_ns = self.entered_ns[since].max(initial=0)
        gone = (self.completed_ns == 0) & (last_ns > 0) & (last_ns <= gap_end_ns)
        self._leave_unseen(gone & (self.entered_ns < overtaker_ns), gap_end_ns)

    def _give_up(self, booked: Booked, opening: Mapping[str, Opening]) -> None:
        """Vehicles of an earlier log that never came again: they left between the two, unseen.

        They are waited for as long as the slowest completed vehicle was on the line.
        """
        done = (self.completed_ns > 0) & ~self.is_part
        if not opening or not done.any():
            return
        slowest_ns = int((self.completed_ns - self.entered_ns)[done].max())
        overtaker_ns = int(self.entered_ns[done].max())
        seen_ns = np.array(
            [opening[n].seen_ns if n in opening else booked.to_ns for n in booked.vehicles],
            np.int64,
        )
        gone = (self.last < 0) & ~done & (self.entered_ns < overtaker_ns)
        gone &= (seen_ns > 0) & (booked.to_ns - seen_ns > slowest_ns)
        self._leave_unseen(gone, booked.from_ns)

    def _leave_unseen(self, gone: Bools, at_ns: int) -> None:
        gone = gone & ~self.is_part
        self.unseen |= gone
        self.completed_ns[gone] = at_ns
        self.state[gone] = GOOD
        self.complete[gone] = False
        self.left_ns[gone] = np.where(self.left_ns[gone] == 0, at_ns, self.left_ns[gone])

    def _came_from(self, booked: Booked, opening: Mapping[str, Opening]) -> NDArray[np.int32]:
        """The station at which an earlier log left each vehicle; -1: none did."""
        index = self.line.station_index
        known = (opening.get(name) for name in booked.vehicles)
        found = [-1 if each is None else index.get(each.station, -1) for each in known]
        return np.array(found, np.int32)

    def _join(self, booked: Booked, opening: Mapping[str, Opening]) -> Joined:
        """Parts into the vehicles that took them."""
        numbers = {name: v for v, name in enumerate(booked.vehicles) if name in opening}
        stock = tuple(
            Stock(numbers[name], each.station, each.left_ns, each.unknown_ahead)
            for name, each in opening.items()
            if name in numbers and each.left_ns > 0 and self.is_part[numbers[name]]
        )
        joined = join(
            booked,
            variant=self.variant,
            is_part=self.is_part,
            came_from=self._came_from(booked, opening),
            stock=stock,
            continues=bool(opening),
        )
        taken = joined.vehicle >= 0
        self.state[taken] = JOINED
        self.complete[joined.lacking] = False
        owner = joined.owner()
        self.complete[owner[taken & ~self.complete]] = False
        return joined


class _Flow:
    """What each station is in the flow, (stations,)."""

    def __init__(self, line: Line) -> None:
        count, index = len(line.stations), line.station_index
        workshops = {workshop.id: i for i, workshop in enumerate(line.workshops)}
        shop = {station.id: station.workshop for station in line.stations}
        self.workshop = np.array([workshops[s.workshop] for s in line.stations], np.int64)
        self.is_sink, self.is_exit = np.zeros(count, bool), np.zeros(count, bool)
        self.is_entry, self.goes_back = np.ones(count, bool), np.zeros(count, bool)
        self.is_part = np.zeros(count, bool)
        self.is_part[list(part_stations(line))] = True
        self.is_sink[[index[station] for station in line.sinks()]] = True
        self.is_exit |= self.is_sink
        self.is_end = self.is_sink.copy()  # of vehicles, or of a line of parts
        for edge in line.edges:
            if edge.kind == "join":
                self.is_end[index[edge.from_station]] = True
            if shop[edge.from_station] != shop[edge.to_station]:
                self.is_exit[index[edge.from_station]] = True
            if edge.kind == "rework":
                self.goes_back[index[edge.from_station]] = True
            elif edge.kind == "flow":
                self.is_entry[index[edge.to_station]] = False


def _repeated(visits: NDArray[np.void]) -> Bools:
    """Visits of a vehicle at a station at which it has been before, (n,)."""
    repeated = np.ones(len(visits), bool)
    keys = visits["vehicle"].astype(np.int64) << 32 | visits["station"].astype(np.int64)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated
