"""What the watch looks at: one series of observations for each thing that has a model.

An observation is made of what was booked by its own time alone, so that a series only grows; a
time in which a meter was doubted or mute is left out.

| series | observation | known causes |
| --- | --- | --- |
| a station that processes | a visit: ln of its mean power while processing | its variant |
| a station in another state | a spell: its mean power | what was left of the state before |
| a chamber or unit of a station | five minutes: mean power | vehicles by time inside, weather |
| a meter's rest | five minutes: mean power | what its unmetered stations do, rest, weather |
| a converter | five minutes: mean power of its inputs | what it gave out, weather |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.line import STATES, Converter, Line
from twin.kernels.booking import MEASURED, NS_PER_HOUR
from twin.ledger import PROCESSING, sign, was_heard
from twin.mirror import Booked
from twin.watch_knowledge import Remembered

BLOCK_NS = 300_000_000_000
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AGES_NS = tuple(minutes * 60_000_000_000 for minutes in (0, 2, 4, 6, 8, 12, 20))
Kind = Literal["signature", "state", "chamber", "rest", "converter"]
_BLOCK_H = BLOCK_NS / NS_PER_HOUR
_WHOLE = 0.99  # of a block, which a meter must have known
_RESTS = 0.25  # mean share of its stations that process, below which a workshop rests
_FEW = 6  # unmetered stations that still get a cause each
_QUIET = tuple(STATES.index(s) for s in ("off", "standby", "idle", "starved", "blocked"))
_SHORTEST_NS = 10_000_000_000  # of a spell that tells a power
_WEATHER_CARRIERS = ("natural_gas", "lpg", "diesel", "heat", "steam", "hot_water", "chilled_water")
_WEATHER_USES = ("hvac", "heating")
_BASE_USES = ("lighting", "hvac", "heating", "material_handling")  # no station's own
_NOT_ENERGY = ("water", "voc")


@dataclass(frozen=True)
class Series:
    """Observations of one thing, in the order of time.

    place: the station's, meter's or converter's id. point: the metering point's number (a
    converter's first input). carrier: what it draws. state: of a station.
    by_share: y is ln kW, and a change a share; else y is kW.
    y: (n,). x: (n, k) known causes. weight: (n,). from_ns, to_ns: (n,) each observation's span.
    hours: (n,) that its power counted within it. kwh: (n,) its energy (m3 for compressed air).
    stations: numbers of those that no other meter sees, whose work is x from column 1 on.
    columns: (k,) names of the causes. before: so many of the observations an earlier log made.
    """

    kind: Kind
    place: str
    point: int
    carrier: str
    state: int | None
    by_share: bool
    y: Floats
    x: Floats
    weight: Floats
    from_ns: Ints
    to_ns: Ints
    hours: Floats
    kwh: Floats
    stations: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    before: int = 0

    @property
    def key(self) -> str:
        """What tells it from all others of the line."""
        state = "" if self.state is None else STATES[self.state]
        return "/".join((self.kind, self.place, self.carrier, str(self.point), state))

    def continued(self, known: Remembered | None, begin_ns: int) -> Series:
        """The same behind what an earlier log knew of it, set five minutes apart before it."""
        if known is None or not len(known.y):
            return self
        columns, earlier = known.in_columns(self.columns)
        now = np.zeros((len(self.y), len(columns)))
        now[:, : len(self.columns)] = self.x
        count = len(known.y)
        to_ns = begin_ns - BLOCK_NS * np.arange(count - 1, -1, -1, dtype=np.int64)
        nothing = np.zeros(count)
        return replace(
            self,
            y=np.concatenate([known.y, self.y]),
            x=np.concatenate([earlier, now]),
            weight=np.concatenate([known.weight, self.weight]),
            from_ns=np.concatenate([to_ns - BLOCK_NS, self.from_ns]),
            to_ns=np.concatenate([to_ns, self.to_ns]),
            hours=np.concatenate([nothing, self.hours]),
            kwh=np.concatenate([nothing, self.kwh]),
            columns=columns,
            before=count,
        )


@dataclass(frozen=True)
class Blocks:
    """Spans of one width on UTC that ended before ``booked.to_ns``."""

    booked: Booked
    width_ns: int = BLOCK_NS

    @cached_property
    def first(self) -> int:
        """Number of the first whole one since the epoch."""
        return -(-self.booked.buckets_from_ns // self.width_ns)

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return max(0, self.booked.to_ns // self.width_ns - self.first)

    @cached_property
    def from_ns(self) -> Ints:
        """Their beginnings, (blocks,)."""
        return (self.first + np.arange(self.count, dtype=np.int64)) * self.width_ns

    @cached_property
    def kw(self) -> Floats:
        """Mean power of each point [kW], (points, blocks); NaN where it was not known."""
        booked = self.booked
        kwh = self._summed(booked.bucket_kwh)
        covered = self._summed(booked.covered_ns)
        known = (covered >= _WHOLE * self.width_ns) & (self.held == 0.0)
        return np.where(known, kwh * (NS_PER_HOUR / self.width_ns), np.nan)

    @cached_property
    def held(self) -> Floats:
        """Share of each block in which a point's power stood still, (points, blocks)."""
        points = len(self.booked.line.points)
        spans = [self.segments[:0]]
        for p in np.flatnonzero(self.booked.points["station"] >= 0).tolist():
            segments = self.of_point(p)
            spans.append(segments[_held(self.booked, p, segments)])
        still = np.concatenate(spans)
        return self.overlap(still["point"], still["t0"], still["t1"], points)

    def _summed(self, buckets: NDArray[np.generic]) -> Floats:
        booked = self.booked
        at = booked.buckets_from_ns + np.arange(buckets.shape[1]) * booked.bucket_ns
        number = at // self.width_ns - self.first
        inside = (number >= 0) & (number < self.count)
        summed = np.zeros((len(buckets), self.count))
        for p in range(len(buckets)):
            summed[p] = np.bincount(number[inside], buckets[p, inside], self.count)[: self.count]
        return summed

    @cached_property
    def processing(self) -> Floats:
        """Share of each block in which a station processes, (stations, blocks)."""
        return self.share(PROCESSING)

    def share(self, state: int) -> Floats:
        """Share of each block in which a station is in a state, (stations, blocks)."""
        own = len(self.booked.line.points)
        spells = self.segments[self.bounds[own] :]
        spells = spells[spells["state"] == state]
        stations = len(self.booked.line.stations)
        return self.overlap(spells["point"] - own, spells["t0"], spells["t1"], stations)

    def overlap(self, row: Ints, from_ns: Ints, to_ns: Ints, rows: int) -> Floats:
        """How much of each block spans fill, summed by row; (rows, blocks)."""
        found = np.zeros((rows, self.count))
        begin = from_ns // self.width_ns * self.width_ns
        while (begin < to_ns).any():
            inside = np.minimum(to_ns, begin + self.width_ns) - np.maximum(from_ns, begin)
            number = begin // self.width_ns - self.first
            kept = (inside > 0) & (number >= 0) & (number < self.count)
            np.add.at(found, (row[kept], number[kept]), inside[kept] / self.width_ns)
            begin = begin + self.width_ns
        return found

    @cached_property
    def segments(self) -> NDArray[np.void]:
        """All segments of some length, by point and time."""
        segments = self.booked.segments
        segments = segments[segments["t1"] > segments["t0"]]
        return segments[np.lexsort((segments["t0"], segments["point"]))]

    @cached_property
    def bounds(self) -> Ints:
        """Where the segments of each point begin, and where the last ones end."""
        points = len(self.booked.line.points) + len(self.booked.line.stations)
        return np.searchsorted(self.segments["point"], np.arange(points + 1))

    def of_point(self, p: int) -> NDArray[np.void]:
        """The segments of one point, in the order of time."""
        return self.segments[self.bounds[p] : self.bounds[p + 1]]

    @cached_property
    def visited(self) -> NDArray[np.bool_]:
        """Which stations vehicles come to, (stations,)."""
        counts = np.bincount(
            self.booked.visits["station"], minlength=len(self.booked.line.stations)
        )
        return counts > 0

    def inside(self, s: int) -> list[Floats]:
        """Mean number of vehicles that entered a station so long ago, by AGES_NS; (blocks,) each.

        What came before the log began is taken to mirror what came after.
        """
        booked = self.booked
        entered = booked.visits["enter"][booked.visits["station"] == s]
        entered = entered[entered >= booked.from_ns]
        early = entered[entered < booked.from_ns + AGES_NS[-1]]
        entered = np.concatenate([entered, 2 * booked.from_ns - early])
        return [
            self.overlap(np.zeros(len(entered), np.int64), entered + low, entered + high, 1)[0]
            for low, high in pairwise(AGES_NS)
        ]

    @cached_property
    def outdoor(self) -> Floats | None:
        """What the outdoor temperature was in the middle of each block; None where not known."""
        outdoor = self.booked.outdoor
        if not len(outdoor):
            return None
        at = np.searchsorted(outdoor["t"], self.from_ns + self.width_ns // 2, "right") - 1
        return np.asarray(outdoor["celsius"][np.maximum(at, 0)])


def all_series(blocks: Blocks) -> Iterator[Series]:
    """Every series of a line, behind what an earlier log knew of it."""
    known = blocks.booked.watched.series
    for series in _own_series(blocks):
        yield series.continued(known.get(series.key), blocks.booked.from_ns)


def _own_series(blocks: Blocks) -> Iterator[Series]:
    """Those of the log itself: by metering point, then by converter."""
    booked, line = blocks.booked, blocks.booked.line
    if not booked.begun:
        return
    inputs = {meter for converter in line.converters for meter in converter.inputs}
    for p, point in enumerate(line.points):
        s = int(booked.points[p]["station"])
        if not was_heard(booked, p) or point.id in inputs or point.carrier in _NOT_ENERGY:
            continue
        if s < 0:
            yield from _rest(blocks, p)
        elif line.stations[s].places > 1 or point.carrier != "electricity" or not blocks.visited[s]:
            yield from _chamber(blocks, p, s)
        else:
            yield from _visits(blocks, p, s)
            yield from _spells(blocks, p, s)
    for converter in line.converters:
        yield from _converter(blocks, converter)


def _visits(blocks: Blocks, p: int, s: int) -> Iterator[Series]:
    """What each whole, uninterrupted visit drew while it was processed."""
    booked, segments = blocks.booked, blocks.of_point(p)
    visited = segments["visit"] >= 0
    held = _held(booked, p, segments)[visited]
    segments = segments[visited]
    visits, at = np.unique(segments["visit"], return_inverse=True)
    works = segments["state"] == PROCESSING
    starts = works & np.concatenate([[True], ~works[:-1] | (at[1:] != at[:-1])])
    doubtful = (segments["evidence"] != MEASURED) | held
    doubted = np.bincount(at, doubtful, len(visits)) > 0
    once = np.bincount(at, starts, len(visits)) == 1
    spans_h = (segments["t1"] - segments["t0"]) / NS_PER_HOUR
    hours = np.bincount(at[works], spans_h[works], len(visits))
    kwh = np.bincount(at[works], _kwh(booked, p, segments)[works], len(visits))
    rows = booked.visits[visits]
    kept = once & ~doubted & (rows["whole"] == 1) & (rows["leave"] >= 0) & (kwh > 0.0)
    if not kept.any():
        return
    rows, hours, kwh = rows[kept], hours[kept], kwh[kept]
    yield Series(
        kind="signature",
        place=booked.line.stations[s].id,
        point=p,
        carrier=booked.line.points[p].carrier,
        state=PROCESSING,
        by_share=True,
        y=np.log(kwh / hours),
        x=_one_of(rows["variant"]),
        columns=tuple(_variant(booked, number) for number in _in_turn(rows["variant"])),
        weight=np.ones(len(rows)),
        from_ns=rows["enter"],
        to_ns=rows["leave"],
        hours=hours,
        kwh=kwh,
    )


def _kwh(booked: Booked, p: int, segments: NDArray[np.void]) -> Floats:
    """What the power says, where there is one: a counter's steps are coarse for so short a time."""
    kwh: Floats = segments["shape_kwh" if booked.points[p]["has_rate"] else "kwh"]
    return kwh


def _held(booked: Booked, p: int, segments: NDArray[np.void]) -> NDArray[np.bool_]:
    """Segments in which a power stood still while its station began or ceased to process, (n,)."""
    if not len(segments):
        return np.zeros(0, np.bool_)
    kw = _kwh(booked, p, segments) / ((segments["t1"] - segments["t0"]) / NS_PER_HOUR)
    works = segments["state"] == PROCESSING
    moved = np.abs(kw[1:] - kw[:-1]) > 1e-9 * np.abs(kw[1:])
    run = np.cumsum(np.concatenate([[False], moved]))
    working = np.bincount(run, works)[run]
    still: NDArray[np.bool_] = (working > 0) & (working < np.bincount(run)[run]) & (kw != 0.0)
    return still


def _one_of(numbers: NDArray[np.int32]) -> Floats:
    """A column for each number, in the order in which they first came: 1 where it is that one."""
    columns = [numbers == number for number in _in_turn(numbers)]
    return np.stack(columns, axis=1).astype(np.float64)


def _in_turn(numbers: NDArray[np.int32]) -> list[int]:
    """Each number once, in the order in which they first came."""
    _, first = np.unique(numbers, return_index=True)
    return [int(numbers[i]) for i in np.sort(first)]


def _variant(booked: Booked, number: int) -> str:
    return booked.variants[number] if number >= 0 else ""


def _spells(blocks: Blocks, p: int, s: int) -> Iterator[Series]:
    """What each quiet spell drew; a load that falls with a lag leaves something in it."""
    booked, segments = blocks.booked, blocks.of_point(p)
    if not len(segments):
        return
    state = segments["state"]
    new = np.concatenate([[True], state[1:] != state[:-1]])
    at = np.cumsum(new) - 1
    count = int(at[-1]) + 1
    doubtful = (segments["evidence"] != MEASURED) | _held(booked, p, segments)
    doubted = np.bincount(at, doubtful, count) > 0
    hours = np.bincount(at, segments["t1"] - segments["t0"], count) / NS_PER_HOUR
    kwh = np.bincount(at, _kwh(booked, p, segments), count)
    from_ns = segments["t0"][new]
    to_ns = np.concatenate([from_ns[1:], segments["t1"][-1:]])
    whole = ~doubted & (to_ns - from_ns >= _SHORTEST_NS)
    whole[-1] = False  # still open
    for quiet in _QUIET:
        kept = whole & (state[new] == quiet)
        if not kept.any():
            continue
        yield Series(
            kind="state",
            place=booked.line.stations[s].id,
            point=p,
            carrier=booked.line.points[p].carrier,
            state=quiet,
            by_share=False,
            y=kwh[kept] / hours[kept],
            x=np.stack([np.ones(np.count_nonzero(kept)), 1.0 / hours[kept]], axis=1),
            columns=("level", "before"),
            weight=hours[kept] ** 2,
            from_ns=from_ns[kept],
            to_ns=to_ns[kept],
            hours=hours[kept],
            kwh=kwh[kept],
        )


def _chamber(blocks: Blocks, p: int, s: int) -> Iterator[Series]:
    """An oven, a bath, a booth's burner, or a unit that no vehicle visits."""
    line = blocks.booked.line
    causes: list[Floats] = []
    if blocks.visited[s]:
        causes += blocks.inside(s)
    causes += _weather(blocks, line, p)
    yield from _of_blocks(blocks, "chamber", line.stations[s].id, p, blocks.kw[p], causes)


def _rest(blocks: Blocks, p: int) -> Iterator[Series]:
    """What a meter sees beyond its sub-meters: base loads, and stations without a meter."""
    line, point = blocks.booked.line, blocks.booked.line.points[p]
    if point.direction != "consume" or (point.boundary and point.carrier == "electricity"):
        return
    unmetered = () if point.end_use in _BASE_USES else unmetered_stations(blocks, p)
    works = blocks.processing
    covered = [line.station_index[s] for s in point.stations]
    causes = [works[s] for s in unmetered]
    if len(causes) > _FEW:
        unmetered, causes = (), [_mean(causes)]
    visited = [works[s] for s in covered if blocks.visited[s]]
    if visited:
        causes.append((_mean(visited) < _RESTS).astype(np.float64))
    causes += _weather(blocks, line, p)
    yield from _of_blocks(blocks, "rest", point.id, p, rest_kw(blocks, p), causes, unmetered)


def rest_kw(blocks: Blocks, p: int) -> Floats:
    """A point's power less that of its sub-meters [kW], (blocks,); NaN where one is not known."""
    points = blocks.booked.line.points
    found: Floats = blocks.kw[p].copy()
    for c in _heard_below(blocks.booked, p):
        found -= sign(points[c]) * blocks.kw[c]
    return found


def unmetered_stations(blocks: Blocks, p: int) -> tuple[int, ...]:
    """Numbers of the stations that vehicles come to and that only this point's rest sees."""
    booked, line, point = blocks.booked, blocks.booked.line, blocks.booked.line.points[p]
    metered = _metered(booked, point.carrier)
    for c in _heard_below(booked, p):
        if set(line.points[c].stations) < set(point.stations):
            metered |= set(line.points[c].stations)
    numbers = [line.station_index[s] for s in point.stations if s not in metered]
    return tuple(s for s in numbers if blocks.visited[s])


def _metered(booked: Booked, carrier: str) -> set[str]:
    """Stations with a meter of that carrier that is theirs alone."""
    return {
        booked.line.stations[int(booked.points[c]["station"])].id
        for c, point in enumerate(booked.line.points)
        if point.carrier == carrier and booked.points[c]["station"] >= 0 and was_heard(booked, c)
    }


def _mean(rows: Sequence[Floats]) -> Floats:
    return sum(rows[1:], rows[0]) / len(rows)


def _heard_below(booked: Booked, p: int) -> list[int]:
    """A point's sub-meters; those below them where one is mute."""
    line, found = booked.line, list[int]()
    for c, point in enumerate(line.points):
        if point.parent == line.points[p].id:
            found += [c] if was_heard(booked, c) else _heard_below(booked, c)
    return found


def _weather(blocks: Blocks, line: Line, p: int) -> list[Floats]:
    """The outdoor temperature and its square, for what heats, cools or airs."""
    point, outdoor = line.points[p], blocks.outdoor
    if point.carrier not in _WEATHER_CARRIERS and point.end_use not in _WEATHER_USES:
        return []
    return [] if outdoor is None else [outdoor, outdoor * outdoor]


def _converter(blocks: Blocks, converter: Converter) -> Iterator[Series]:
    """What a converter draws for what it gives out."""
    booked, line = blocks.booked, blocks.booked.line
    inputs = [line.point_index[m] for m in converter.inputs if m in line.point_index]
    outputs = [line.point_index[m] for m in converter.outputs if m in line.point_index]
    if not inputs or not outputs or not all(was_heard(booked, p) for p in (*inputs, *outputs)):
        return
    kw = sum((blocks.kw[p] for p in inputs), np.zeros(blocks.count))
    causes = [blocks.kw[p] for p in outputs] + _weather(blocks, line, inputs[0])
    yield from _of_blocks(blocks, "converter", converter.id, inputs[0], kw, causes)


def _of_blocks(
    blocks: Blocks,
    kind: Kind,
    place: str,
    p: int,
    kw: Floats,
    causes: Sequence[Floats],
    stations: tuple[int, ...] = (),
) -> Iterator[Series]:
    x = np.stack([np.ones(blocks.count), *causes], axis=1)
    kept = np.isfinite(kw) & np.isfinite(x).all(axis=1)
    if not kept.any():
        return
    count = int(np.count_nonzero(kept))
    yield Series(
        kind=kind,
        place=place,
        point=p,
        carrier=blocks.booked.line.points[p].carrier,
        state=None,
        by_share=False,
        y=kw[kept],
        x=x[kept],
        weight=np.ones(count),
        from_ns=blocks.from_ns[kept],
        to_ns=blocks.from_ns[kept] + BLOCK_NS,
        hours=np.full(count, _BLOCK_H),
        kwh=kw[kept] * _BLOCK_H,
        stations=stations,
        columns=tuple(str(number) for number in range(x.shape[1])),
    )
