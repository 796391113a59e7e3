"""The critical path of a log: what its last vehicle waited for, back to the beginning.

Every visit began when the last of what it needed was there: its vehicle, a part, a free place. It
ended when its work was done, or when there was room behind it. From the last vehicle that left the
line backwards, each of these moments names the visit that it waited for, so that one chain of
visits leads from the log's end to its beginning. A cycle that had been shorter on that chain would
have brought the last vehicle out earlier, elsewhere it would not: the time on it is the derivative
of the output by a station's cycle time (infinitesimal perturbation analysis, Ho and Cao 1991).
What happens later counts: a queue that a station works off to the log's end was never short of
work, so that it is not the one before the queue that held the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from twin import verdicts
from twin.buffers import Past
from twin.joins import SAME_MOMENT_NS, part_stations
from twin.kernels import causes as kernel
from twin.mirror import Booked
from twin.turning_point import Waits
from twin.verdicts import Verdict

STEP = np.dtype([("station", "<i4"), ("t0", "<i8"), ("t1", "<i8")])
CLOSE = 0.1  # who waits for so much longer than another one is not what holds the line
_STANDS = (
    kernel.C_FAILED,
    kernel.C_SETUP,
    kernel.C_HELD,
    kernel.C_WARMING_UP,
    kernel.C_BREAK,
    kernel.C_OFF_SHIFT,
)
Ints = NDArray[np.int64]


def trace(booked: Booked, past: Past, found: NDArray[np.void]) -> NDArray[np.void]:
    """The work on the critical path, (n,) STEP in the order of time [ns].

    Waits are left out, and failures and the like, which no shorter cycle mends; where the head of
    the line waited for a release, that counts as its. found: the log's spells
    (``twin.losses.spells``). Empty where no vehicle left the line.
    """
    moves = _Moves(booked.line, past, found)
    at = moves.last_out
    steps: list[tuple[int, int, int]] = []
    seen: set[int] = set()
    while at is not None and at not in seen:
        seen.add(at)
        visit = past.visits[at]
        s, end = int(visit["station"]), moves.work_until(at)
        after: tuple[int, int | None] = (at, None)
        if end < int(visit["leave"]):
            after = moves.made_room(at) or after
        if after[0] == at:
            steps += [(s, *span) for span in moves.work_between(s, int(visit["enter"]), end)]
        onward = moves.began_after(*after)
        if onward is None:
            onward = moves.released_after(after[0])
            if onward is not None:
                steps.append((s, int(past.visits["leave"][onward]), int(visit["enter"])))
        at = onward
    return np.array(steps[::-1], STEP)


def by_critical_path(
    line: Line, path: NDArray[np.void], waits: Waits, from_ns: int, to_ns: int
) -> Verdict:
    """Of the stations that hardly ever waited, that whose work is on the path for the longest.

    None where the path does not reach the span. Where none of them is on it, who waited least.
    """
    edges = verdicts.edges_of(from_ns, to_ns)
    rows = path[(path["t1"] > from_ns) & (path["t0"] < to_ns)]
    if not len(rows):
        return Verdict(None, None, None)
    filled = verdicts.inside(rows["t0"], rows["t1"], edges)
    busy = 1.0 - waits.starved - waits.blocked
    mean_busy = busy.mean(axis=1)
    least = float(mean_busy[waits.known].max(initial=0.0)) - CLOSE
    could_be = np.flatnonzero(waits.known & (mean_busy >= least)).tolist()
    share = {line.stations[s].id: filled[rows["station"] == s].sum(axis=0) for s in could_be}
    if not any(each.any() for each in share.values()):
        share = {line.stations[s].id: busy[s] for s in could_be}
    return verdicts.of_shares(line, share)


def spans_between(
    begins: list[int], ends: list[int], from_ns: int, to_ns: int
) -> list[tuple[int, int]]:
    """What is left of a span without these times, which are sorted by their begins."""
    left, at = [], from_ns
    for begin, end in zip(begins, ends, strict=True):
        if begin > at:
            left.append((at, begin))
        at = max(at, end)
    if at < to_ns:
        left.append((at, to_ns))
    return left


@dataclass(frozen=True)
class _Moves:
    """What each visit waited for."""

    line: Line
    past: Past
    found: NDArray[np.void]

    @cached_property
    def visits_at(self) -> list[Ints]:
        """Numbers of each station's visits by their enter."""
        station = self.past.visits["station"]
        return [np.flatnonzero(station == s) for s in range(len(self.line.stations))]

    @cached_property
    def left_from(self) -> list[Ints]:
        """Numbers of each station's visits that are over, by their leave."""
        leave = self.past.visits["leave"]
        over = [here[leave[here] >= 0] for here in self.visits_at]
        return [here[np.argsort(leave[here], kind="stable")] for here in over]

    @cached_property
    def before(self) -> Ints:
        """The visit of the same vehicle before each one; -1: none was seen."""
        vehicle = self.past.visits["vehicle"]
        by_vehicle = np.lexsort([np.arange(len(vehicle)), vehicle])
        found = np.full(len(vehicle), -1, np.int64)
        same = vehicle[by_vehicle[1:]] == vehicle[by_vehicle[:-1]]
        found[by_vehicle[1:][same]] = by_vehicle[:-1][same]
        return found

    @cached_property
    def waits(self) -> dict[tuple[int, int], tuple[Ints, Ints]]:
        """Begins and ends of each station's waits of one kind, whoever caused them."""
        merged = {}
        for kind in (kernel.WAITS_FOR_VEHICLE, kernel.WAITS_TO_LEAVE):
            rows = self.found[(self.found["waits"] == kind)]
            for s in np.unique(rows["station"]).tolist():
                here = rows[rows["station"] == s]
                here = here[np.argsort(here["t0"], kind="stable")]
                new = np.ones(len(here), bool)
                new[1:] = here["t0"][1:] > np.maximum.accumulate(here["t1"])[:-1]
                starts = np.flatnonzero(new)
                merged[s, kind] = (here["t0"][starts], np.maximum.reduceat(here["t1"], starts))
        return merged

    @cached_property
    def stands(self) -> dict[int, NDArray[np.void]]:
        """The spells of each station in which it stood by itself, by their begins."""
        own = self.found["caused_by"] == self.found["station"]
        rows = self.found[own & np.isin(self.found["cause"], _STANDS)]
        rows = rows[np.argsort(rows["t0"], kind="stable")]
        return {s: rows[rows["station"] == s] for s in np.unique(rows["station"]).tolist()}

    def work_between(self, s: int, from_ns: int, to_ns: int) -> list[tuple[int, int]]:
        """When a station worked within a visit, the latest first [ns]."""
        rows = self.stands.get(s, self.found[:0])
        rows = rows[(rows["t1"] > from_ns) & (rows["t0"] < to_ns)]
        return spans_between(rows["t0"].tolist(), rows["t1"].tolist(), from_ns, to_ns)[::-1]

    @cached_property
    def parts_taken(self) -> dict[int, list[tuple[int, int]]]:
        """Of each visit that took parts: the way, and the last visit of the part; in turn."""
        past, taken = self.past, dict[int, list[tuple[int, int]]]()
        leave = past.visits["leave"]
        for s, here in enumerate(self.visits_at):
            row = past.stations[s]
            for bit, w in enumerate(past.order[row["in_to"] : row["join_to"]].tolist()):
                made = np.flatnonzero((past.leaves_by == w) & (leave >= 0))
                made = made[np.argsort(leave[made], kind="stable")]
                takers = here[(past.takes[here] >> np.uint64(bit)) & np.uint64(1) == 1]
                number = np.arange(len(takers)) - int(past.ways[w]["level"])
                for k, i in zip(takers.tolist(), number.tolist(), strict=True):
                    if 0 <= i < len(made) and leave[made[i]] <= self.moment(k):
                        taken.setdefault(k, []).append((w, int(made[i])))
        return taken

    @cached_property
    def taker(self) -> dict[int, int]:
        """The vehicle that took each part, by the vehicle numbers of both."""
        vehicle = self.past.visits["vehicle"]
        return {
            int(vehicle[part]): int(vehicle[k])
            for k, parts in self.parts_taken.items()
            for _, part in parts
        }

    @property
    def last_out(self) -> int | None:
        """The visit that a vehicle ended last at one of the line's ends."""
        ends = [self.left_from[self.line.station_index[s]] for s in self.line.sinks()]
        last = [int(here[-1]) for here in ends if len(here)]
        return max(last, key=lambda k: int(self.past.visits["leave"][k]), default=None)

    def moment(self, k: int) -> int:
        """Until when something must have happened for a visit to begin with it [ns]."""
        return int(self.past.visits["enter"][k]) + SAME_MOMENT_NS

    def work_until(self, k: int) -> int:
        """When the work of a visit was done and it only waited to leave [ns]."""
        visit = self.past.visits[k]
        leave, s = int(visit["leave"]), int(visit["station"])
        begin = self._waiting_at(s, kernel.WAITS_TO_LEAVE, leave)
        if begin is None:
            return leave
        done = int(self.past.done[k])
        return min(leave, max(begin, int(visit["enter"]), done))

    def _waiting_at(self, s: int, kind: int, time_ns: int) -> int | None:
        """Since when a station had waited just before a time; None where it did not."""
        begins, ends = self.waits.get((s, kind), (np.zeros(0, np.int64),) * 2)
        i = int(np.searchsorted(begins, time_ns - 1, side="right")) - 1
        if i < 0 or ends[i] < time_ns - SAME_MOMENT_NS:
            return None
        return int(begins[i])

    def made_room(self, k: int) -> tuple[int, int] | None:
        """The visit behind a blocked one whose begin made room, and the way that had been full."""
        w = int(self.past.leaves_by[k])
        if w < 0:
            return None
        target = int(self.past.ways[w]["target"])
        leave = int(self.past.visits["leave"][k])
        here = self.visits_at[target]
        entered = self.past.visits["enter"][here]
        i = int(np.searchsorted(entered, leave + SAME_MOMENT_NS, side="right")) - 1
        if i < 0 or entered[i] < leave - SAME_MOMENT_NS:
            return None
        return int(here[i]), w

    def began_after(self, k: int, full_way: int | None) -> int | None:
        """The visit whose end let this one begin: its vehicle's, a part's, who was there before.

        full_way: one by which what was needed had long been there.
        """
        leave, s = self.past.visits["leave"], int(self.past.visits["station"][k])
        came = [v for w, v in self._arrivals(k) if w != full_way]
        place = self._place_before(k)
        if place is not None and not (came and self._starved(k)):
            came.append(place)
        if came:
            return max(came, key=lambda v: (int(leave[v]), v))
        if self._starved(k) and s in self._parts:
            return self._ordered_by(k)
        return None

    def released_after(self, k: int) -> int | None:
        """The visit before this one at the head of the line, which waited for a release."""
        s = int(self.past.visits["station"][k])
        row = self.past.stations[s]
        if row["in_from"] < row["in_to"] or s in self._parts:
            return None
        left = self.left_from[s]
        gone = int(np.searchsorted(self.past.visits["leave"][left], self.moment(k), side="right"))
        return int(left[gone - 1]) if gone else None

    @cached_property
    def _parts(self) -> frozenset[int]:
        return part_stations(self.line)

    def _arrivals(self, k: int) -> list[tuple[int, int]]:
        """The way and the last visit of the vehicle and of the parts that came together."""
        own = int(self.before[k])
        vehicle = [(int(self.past.came_by[k]), own)] if own >= 0 else []
        return vehicle + self.parts_taken.get(k, [])

    def _starved(self, k: int) -> bool:
        visit = self.past.visits[k]
        s, enter = int(visit["station"]), int(visit["enter"])
        return self._waiting_at(s, kernel.WAITS_FOR_VEHICLE, enter) is not None

    def _place_before(self, k: int) -> int | None:
        """The visit whose end made the place free; None where one had been free already."""
        visits, s = self.past.visits, int(self.past.visits["station"][k])
        left = self.left_from[s]
        gone = int(np.searchsorted(visits["leave"][left], self.moment(k), side="right"))
        entered = int(np.searchsorted(self.visits_at[s], k))
        inside = entered - gone
        if gone == 0 or inside + 1 < int(self.past.stations[s]["places"]):
            return None
        return int(left[gone - 1])

    def _ordered_by(self, k: int) -> int | None:
        """Where the vehicle of a part was when the part was begun: its entering ordered it."""
        visits = self.past.visits
        owner = self.taker.get(int(visits["vehicle"][k]))
        if owner is None:
            return None
        own = np.flatnonzero(visits["vehicle"] == owner)
        own = own[visits["enter"][own] <= self.moment(k)]
        return self.began_after(int(own[-1]), None) if len(own) else None
