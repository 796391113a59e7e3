"""The forward model once more, in SimPy and from its description alone: processes that wait.

It shares no code with the kernels: its draws are made here too, in Python's own integers.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from itertools import pairwise

import simpy

from twin.flow_model import STATES, FlowModel, StationModel

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
CYCLE, FAILURE, REPAIR, REJECT = range(4)
Steps = Generator[simpy.Event, object, None]


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _quantised(time_s: float) -> float:
    return math.floor(time_s * 2**20 + 0.5) / 2**20


class Draws:
    def __init__(self, seed: int, run: int) -> None:
        replication = _mix((seed + run * _GOLDEN) & _MASK)
        self._keys = [_mix((replication + kind * _GOLDEN) & _MASK) for kind in range(4)]

    def uniform(self, kind: int, counter: int) -> float:
        z = _mix((self._keys[kind] + counter * _GOLDEN) & _MASK)
        return ((z >> 11) + 0.5) * 2.0**-53

    def exponential(self, kind: int, counter: int, mean_s: float) -> float:
        return _quantised(-math.log(self.uniform(kind, counter)) * mean_s)

    def cycle(self, station: StationModel, variant: int, counter: int) -> float:
        c, u = station.cycles[variant], self.uniform(CYCLE, counter)
        width_s = c.high_s - c.low_s
        if width_s <= 0:
            return _quantised(c.low_s)
        if u < (c.mode_s - c.low_s) / width_s:
            return _quantised(c.low_s + math.sqrt(u * (width_s * (c.mode_s - c.low_s))))
        return _quantised(c.high_s - math.sqrt((1.0 - u) * (width_s * (c.high_s - c.mode_s))))


@dataclass(eq=False)
class Way:
    target: int
    room: float
    variants: frozenset[int] | None = None
    inside: deque[int] = field(default_factory=deque)
    outside: deque[tuple[int, simpy.Event]] = field(default_factory=deque)

    def first(self) -> int | None:
        if self.inside:
            return self.inside[0]
        return self.outside[0][0] if self.outside else None

    def take(self) -> int:
        if self.inside:
            item = self.inside.popleft()
            if self.outside:
                follower, left = self.outside.popleft()
                self.inside.append(follower)
                left.succeed()
            return item
        item, left = self.outside.popleft()
        left.succeed()
        return item


class Oracle:
    """One replication; afterwards ``departures`` (time, item, station) and ``seconds``."""

    def __init__(self, model: FlowModel, seed: int, run: int) -> None:
        self.model, self.draws, self.env = model, Draws(seed, run), simpy.Environment()
        self.departures: list[tuple[float, int, int]] = []
        self.finished = self.scrapped = 0
        self.seconds = [dict[str, list[float]]() for _ in model.stations]
        self._end_s = math.inf if model.horizon_s is None else _quantised(model.horizon_s)
        self._arrived = [item.arrived_s for item in model.items]
        self._tours = [0] * len(model.items)
        self._ways = [Way(way.target, way.room, way.variants) for way in model.ways]
        self._into = [[] for _ in model.stations]  # type: list[list[Way]]
        self._joins = [[] for _ in model.stations]  # type: list[list[Way]]
        for way, made in zip(model.ways, self._ways, strict=True):
            (self._joins if way.kind == "join" else self._into)[way.target].append(made)
        self._hungry = [deque[simpy.Event]() for _ in model.stations]
        self._places = sum(station.places for station in model.stations)
        self._open: list[object] = []
        self._start()
        if model.horizon_s is None:
            self.env.run()
        else:
            while self.env.peek() <= self._end_s:
                self.env.step()
            for close in self._closing.values():
                close()

    def _start(self) -> None:
        heads, held = {}, [deque[int]() for _ in self.model.stations]
        for i, item in enumerate(self.model.items):
            if item.left_s is not None:
                held[item.station].append(i)
            elif item.way is not None:
                self._ways[item.way].inside.append(i)
            else:
                heads.setdefault(item.station, []).append(i)
        self._closing: dict[int, object] = {}
        self.env.process(self._calendar())
        for s in sorted(heads):
            way = Way(s, math.inf)
            self._into[s].append(way)
            self.env.process(self._head(way, heads[s]))
        number = 0
        for s, station in enumerate(self.model.stations):
            for _ in range(station.places):
                item = held[s].popleft() if held[s] else None
                self.env.process(self._place(number, s, item))
                number += 1

    def _is_open(self) -> bool:
        now_s = self.env.now
        return not any(
            _quantised(c.from_s) <= now_s < _quantised(c.to_s) for c in self.model.closed
        )

    def _calendar(self) -> Steps:
        for span in self.model.closed:
            yield self.env.timeout(_quantised(span.to_s) - self.env.now)
            for s in range(len(self.model.stations)):
                self._feed(s)

    def _head(self, way: Way, items: list[int]) -> Steps:
        for i in items:
            release_s = _quantised(self.model.items[i].release_s)
            if release_s > self.env.now:
                yield self.env.timeout(release_s - self.env.now)
            self._arrived[i] = self.env.now
            way.inside.append(i)
            self._feed(way.target)
            if not items:
                yield self.env.timeout(0)

    def _feed(self, s: int) -> None:
        while self._hungry[s] and self._is_open():
            waiting = [way for way in self._into[s] if way.first() is not None]
            if not waiting:
                return
            way = min(waiting, key=lambda w: self._arrived[w.first()])
            variant = self.model.items[way.first()].variant
            needed = [w for w in self._joins[s] if w.variants is None or variant in w.variants]
            if any(w.first() is None for w in needed):
                return
            for join in needed:
                join.take()
            self._hungry[s].popleft().succeed(way.take())

    def _place(self, number: int, s: int, item: int | None) -> Steps:
        station, env = self.model.stations[s], self.env
        failures = Failures(self, number, station)
        delay_s = math.inf
        if station.standby_after_s is not None:
            delay_s = _quantised(station.standby_after_s)
        first_delay_s = max(delay_s - _quantised(station.waited_s), 0.0)
        off, since_s, first = station.off and item is None, 0.0, item
        while True:
            if first is not None:
                current, first = first, None
                started = self.model.items[current]
                process_s, repair_s = _quantised(started.left_s), _quantised(started.repair_s)
                take_s, wake_s = 0.0, 0.0
            else:
                self._closing[number] = lambda since=since_s, off=off, delay=first_delay_s: (
                    self._book_wait(s, since, self._end_s, off, delay)
                )
                asked = env.event()
                self._hungry[s].append(asked)
                self._feed(s)
                current = yield asked
                take_s = env.now
                wakes = self._book_wait(s, since_s, take_s, off, first_delay_s)
                off = False
                wake_s, repair_s = _quantised(station.wake_s) if wakes else 0.0, 0.0
                process_s = self.draws.cycle(
                    station, self.model.items[current].variant, self._counter(current, s)
                )
            first_delay_s = delay_s
            down_s = [repair_s]

            def book(now_s: float, take=take_s, wake=wake_s, down=down_s, i=current, p=process_s):
                self._book_work(s, i, (take, take + wake, now_s), down[0], p)

            self._closing[number] = lambda book=book: book(self._end_s)
            if wake_s > 0:
                yield env.timeout(wake_s)
            if repair_s > 0:
                yield env.timeout(repair_s)
            yield from failures.process(process_s, down_s)
            done_s = env.now
            book(done_s)
            way = self._way_on(s, current)
            self._closing[number] = lambda done=done_s: self._rest(s, "blocked", done, self._end_s)
            if way is not None:
                self._arrived[current] = env.now
                if len(way.inside) < way.room:
                    way.inside.append(current)
                    self._feed(way.target)
                else:
                    left = env.event()
                    way.outside.append((current, left))
                    self._feed(way.target)
                    yield left
                    self._rest(s, "blocked", done_s, env.now)
            since_s = env.now
            self.departures.append((since_s, current, s))

    def _counter(self, item: int, s: int) -> int:
        return item * len(self.model.stations) + s + (self._tours[item] << 40)

    def _way_on(self, s: int, item: int) -> Way | None:
        share = self.model.stations[s].reject
        bad = share > 0 and self.draws.uniform(REJECT, self._counter(item, s)) < share
        kinds = ("rework",) if bad else ("flow", "join")
        ways = [
            made
            for way, made in zip(self.model.ways, self._ways, strict=True)
            if way.origin == s and way.kind in kinds
        ]
        self._tours[item] += bad
        if not ways:
            self.scrapped += bad
            self.finished += not bad
            return None
        return min(ways, key=lambda w: len(w.inside) + len(w.outside))

    def _add(self, s: int, state: str, amount_s: float) -> None:
        self.seconds[s].setdefault(state, []).append(amount_s)

    def _book_wait(self, s: int, from_s: float, to_s: float, off: bool, delay_s: float) -> bool:
        if off:
            self._add(s, "off", to_s - from_s)
            return True
        return self._rest(s, "starved", from_s, to_s, delay_s)

    def _rest(
        self, s: int, state: str, from_s: float, to_s: float, delay_s: float = math.inf
    ) -> bool:
        """Piece by piece: closed time, and what is open between."""
        cuts = sorted(
            {from_s, to_s} | {_quantised(t) for c in self.model.closed for t in (c.from_s, c.to_s)}
        )
        waited_s, was_off, asleep = 0.0, False, False
        for begin, end in pairwise(cuts):
            if begin < from_s or end > to_s:
                continue
            closed = [
                c for c in self.model.closed if _quantised(c.from_s) <= begin < _quantised(c.to_s)
            ]
            if closed:
                self._add(s, "off" if closed[0].off else "stopped", end - begin)
                was_off |= closed[0].off
                continue
            starved_s = min(max(delay_s - waited_s, 0.0), end - begin)
            self._add(s, state, starved_s)
            self._add(s, "standby", end - begin - starved_s)
            waited_s += end - begin
        asleep = waited_s > delay_s
        return was_off or asleep

    def _book_work(self, s, item, times, down_s, process_s) -> None:
        take_s, start_s, now_s = times
        start_s = min(start_s, now_s)
        self._add(s, "warming_up", start_s - take_s)
        down_s = min(down_s, now_s - start_s)
        self._add(s, "failed", down_s)
        variant = self.model.items[item].variant
        self._add(s, f"processing {variant}", now_s - start_s - down_s)

    def column_s(self, s: int, column: int) -> float:
        """Booked seconds of a station in a column of FlowModel.power_kw."""
        names = [*STATES, *(f"processing {v}" for v in range(len(self.model.variants)))]
        return math.fsum(self.seconds[s].get(names[column], ()))


class Failures:
    """When one place fails."""

    def __init__(self, oracle: Oracle, number: int, station: StationModel) -> None:
        self._oracle, self._number, self._station, self._k = oracle, number, station, 0
        self._in_s = self._next()
        self._until_s = self._in_s + self._repair()

    def _next(self) -> float:
        if self._station.mtbf_s is None:
            return math.inf
        at = self._k * self._oracle._places + self._number
        return self._oracle.draws.exponential(FAILURE, at, self._station.mtbf_s)

    def _repair(self) -> float:
        at = self._k * self._oracle._places + self._number
        return self._oracle.draws.exponential(REPAIR, at, self._station.mttr_s)

    def process(self, left_s: float, down_s: list[float]) -> Steps:
        """Works off so much, with what fails meanwhile; down_s holds the sum of all that is known.

        What a horizon cuts is booked by the whole of the repairs of the cycle, so they are
        reckoned first.
        """
        steps: list[float] = []
        if self._station.by_calendar:
            self._by_calendar(left_s, steps, down_s)
        else:
            while self._in_s <= left_s:
                left_s -= self._in_s
                repair_s = self._repair()
                steps += [self._in_s, repair_s]
                down_s[0] += repair_s
                self._k += 1
                self._in_s = self._next()
            self._in_s -= left_s
            steps.append(left_s)
        for step_s in steps:
            yield self._oracle.env.timeout(step_s)

    def _by_calendar(self, left_s: float, steps: list[float], down_s: list[float]) -> None:
        now_s = self._oracle.env.now
        while True:
            while self._until_s <= now_s:
                self._k += 1
                self._in_s = self._until_s + self._next()
                self._until_s = self._in_s + self._repair()
            if self._in_s >= now_s + left_s:
                break
            worked_s = max(self._in_s - now_s, 0.0)
            repair_s = self._until_s - (now_s + worked_s)
            steps += [worked_s, repair_s]
            down_s[0] += repair_s
            left_s -= worked_s
            now_s = self._until_s
        steps.append(left_s)
