"""The mirror: samples in, state of the line out; every figure comes from what it booked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.factors import Books
from data.line import STATES, Line
from data.samples import (
    SAMPLE,
    SEVERITY_SHIFT,
    Event,
    Flag,
    SampleBlock,
    Samples,
    TextTable,
    ValueType,
)
from twin.decode import NO_VARIANT, Decoder, Names
from twin.kernels import book as book_kernel
from twin.kernels import booking as kernel
from twin.kernels import places
from twin.kernels import recount as recount_kernel
from twin.snapshot import Gap, Quality
from twin.watch_knowledge import NOTHING_KNOWN, WatchKnowledge
from twin.weather import OUTDOOR, Temperatures, Thermometer

BUCKET_NS = 10_000_000_000
_MOST_BUCKETS = 1 << 22  # then they are joined: 10 s, a minute, five minutes, ...
_HOLDS = {"step": kernel.STEP, "linear": kernel.LINEAR, "mean_before": kernel.MEAN_BEFORE}
Book = Callable[..., int]
_Number = TypeVar("_Number", np.float64, np.int64)
_Row = TypeVar("_Row", np.void, np.int64)


@dataclass(frozen=True, slots=True)
class Damage:
    """What a log that was cut off or damaged gave back, and what it lost.

    recovered: samples that had to be recovered; lost_samples: those that do not read any more,
    within lost_spans (begin, end) in UTC nanoseconds.
    """

    recovered: int = 0
    lost_samples: int = 0
    lost_spans: tuple[tuple[int, int], ...] = ()


WHOLE = Damage()
LOG = "log"  # the source of a gap that is a loss of the log's own


@dataclass(frozen=True, slots=True)
class Booked:
    """Everything booked up to ``to_ns``, settled; the arrays are nobody else's.

    segments: (n,) kernel.SEGMENT; the points after the line's own are the stations' presence.
    visits: (v,) kernel.VISIT; unnamed: (u,) places.UNNAMED, bodies without a number that were
    inside stations of several places when the session began.
    notes: (n,) kernel.NOTE, what happened to counters.
    metered_kwh: (points,) the independent recount.
    bucket_kwh and covered_ns: (points, buckets). newest: (signals,) SAMPLE, order_ns 0: none yet.
    outdoor: (n,) weather.OUTDOOR, the outdoor temperature where a signal tells it.
    """

    line: Line
    books: Books
    from_ns: int
    to_ns: int
    begun: bool
    ended: bool
    segments: NDArray[np.void]
    visits: NDArray[np.void]
    unnamed: NDArray[np.void]
    notes: NDArray[np.void]
    stations: NDArray[np.void]
    points: NDArray[np.void]
    metered_kwh: NDArray[np.float64]
    buckets_from_ns: int
    bucket_ns: int
    bucket_kwh: NDArray[np.float64]
    covered_ns: NDArray[np.int64]
    newest: NDArray[np.void]
    receive_ns: int
    speed: float
    texts: TextTable
    vehicles: tuple[str, ...]
    variants: tuple[str, ...]
    gaps: tuple[Gap, ...]
    lost_signals: frozenset[int]
    quality: Quality
    damage: Damage = WHOLE
    outdoor: Temperatures = field(default_factory=lambda: np.zeros(0, OUTDOOR))
    negative_signals: frozenset[int] = frozenset()  # meters that cannot run backwards, and do
    watched: WatchKnowledge = NOTHING_KNOWN  # what the watch of an earlier log knew


class Mirror:
    """Follows one line through its sequenced stream.

    ``advance`` takes blocks in stream order; how the stream is cut into blocks changes nothing.
    Books by the plain-Python kernel until ``warm_up`` has compiled the other, with the same bits.
    """

    def __init__(
        self,
        line: Line,
        books: Books,
        *,
        brought: Iterable[str] = (),
        damage: Damage = WHOLE,
        watched: WatchKnowledge = NOTHING_KNOWN,
    ) -> None:
        """``brought``: vehicles that an earlier log left in progress, ``watched``: what its watch
        knew; ``damage``: of the log."""
        self.line, self.books = line, books
        self._decoder = Decoder(line, books)
        for vehicle in brought:
            self.names.vehicle(vehicle)
        self._points, self._stations, self._station_points = _tables(line, self._decoder)
        self._tallies = _tallies(self._points[: len(line.points)])
        self._thermometer = Thermometer(line)
        self._clock = np.zeros(2, np.int64)
        self._segments = np.zeros(1024 + 4 * len(self._points), kernel.SEGMENT)
        self._visits = np.zeros(256, kernel.VISIT)
        self._notes = np.zeros(16, kernel.NOTE)
        self._buckets = np.zeros((len(self._points), 512))
        self._covered = np.zeros((len(self._points), 512), np.int64)
        self._counts = np.zeros(kernel.COUNTS, np.int64)
        self._counts[kernel.BUCKET_NS] = BUCKET_NS
        self._vehicles = np.zeros(64, np.int64)
        self._ways = _ways(line)
        self._queues, self._unnamed = _queues(self._stations)
        self._levels = np.full((len(self._points), len(STATES)), np.nan)
        self._newest = np.zeros(len(line.signals), SAMPLE)
        self._texts = TextTable()
        self._receive_ns, self._speed = 0, 1.0
        self._ended = False
        self._gaps: list[Gap] = []
        self._lost: set[int] = set()
        self._quality = np.zeros(7, np.int64)
        self._damage, self._watched = damage, watched
        self._compiler: Thread | None = None
        self._book: Book = book_kernel.book_python
        self._recount: Callable[..., None] = recount_kernel.recount_python

    def warm_up(self, *, wait: bool = True) -> None:
        """Compiles the kernels (or loads them from the cache), here or on a thread of its own."""
        if wait or getattr(book_kernel.book, "signatures", None):
            self._compile()
        else:
            self._compiler = Thread(target=self._compile, name="compile-kernels", daemon=True)
            self._compiler.start()

    def warmed_up(self, timeout_s: float) -> bool:
        """Waits so long at most for ``warm_up``; is it over?"""
        if self._compiler is not None:
            self._compiler.join(timeout_s)
        return self._compiler is None or not self._compiler.is_alive()

    def _compile(self) -> None:
        # A row of no kind: compiles for these very types, and books nothing.
        idle = np.zeros(1, kernel.ROW)
        # Of the same types, and nobody's: another thread may be booking.
        book_kernel.book(idle, 0, self._memory(counts=np.zeros_like(self._counts)))
        recount_kernel.recount(idle, self._tallies.copy(), self._clock.copy())
        self._book, self._recount = book_kernel.book, recount_kernel.recount

    def _memory(self, **instead: NDArray[Any]) -> kernel.Memory:
        """All that booking knows; ``instead``: tables that stand for the mirror's own."""

        def table(name: str) -> NDArray[Any]:
            return instead[name] if name in instead else getattr(self, "_" + name)

        sheet = kernel.Sheet(*map(table, kernel.Sheet._fields))
        meters = kernel.Meters(sheet, *map(table, kernel.Meters._fields[1:]))
        return kernel.Memory(meters, kernel.Hall(*map(table, kernel.Hall._fields)))

    @property
    def names(self) -> Names:
        """Vehicles and variants seen so far."""
        return self._decoder.names

    @property
    def begun(self) -> bool:
        """Has the session begun, so that energy is booked?"""
        return bool(self._counts[kernel.BEGUN])

    @property
    def time_ns(self) -> int:
        """The newest time of the stream; 0 before the session begins."""
        return int(self._counts[kernel.T_NOW])

    def advance(self, block: SampleBlock) -> None:
        """Books one block of the sequenced stream."""
        if not len(block):
            return
        self._texts = block.texts
        rows = self._decoder.rows(block)
        self._note_events(block)
        self._thermometer.take(block)
        self._count_quality(block, rows["quality"])
        self._note_newest(block.samples)
        self._receive_ns = max(self._receive_ns, int(block.samples["receive_ns"].max()))
        self._recount(rows, self._tallies, self._clock)
        done, before = 0, -1
        while done < len(rows):
            if done == before:  # a fault of ours: said, not gone round for ever
                raise RuntimeError(f"row {done} of the stream finds no room")
            self._make_room(rows, done)
            before, done = done, self._book(rows, done, self._memory())

    def _note_newest(self, samples: Samples) -> None:
        """Keeps each signal's last sample."""
        last = np.full(len(self._newest), -1, np.int64)
        known = np.flatnonzero(samples["signal"] >= 0)
        last[samples["signal"][known]] = known  # of several, the last one stays
        seen = last >= 0
        self._newest[seen] = samples[last[seen]]

    def _make_room(self, rows: NDArray[np.void], done: int) -> None:
        """Doubles what is full, so that the row at ``done`` finds room."""
        row = rows[done]
        open_from = self._segments["t0"][self._points["segment"]].min() if self.begun else row["t"]
        slots = max(0, int(row["t"] - open_from)) // kernel.SLOT_NS + kernel.MOST_SEGMENTS
        need = int(self._counts[kernel.SEGMENTS]) + int(slots) * len(self._points)
        self._segments = _grown(self._segments, need)
        self._visits = _grown(self._visits, int(self._counts[kernel.VISITS]) + 1)
        notes = int(self._counts[kernel.NOTES]) + 2 + len(self._points)
        self._notes = _grown(self._notes, notes)
        self._vehicles = _grown(self._vehicles, len(self.names.vehicles))
        if not self.begun:
            return
        while True:
            width = int(self._counts[kernel.BUCKET_NS])
            bucket = int(row["t"] - self._counts[kernel.T_BUCKETS]) // width + 1
            if bucket < _MOST_BUCKETS:
                break
            many = 6 if width == BUCKET_NS else 5
            self._buckets, self._covered = (
                _joined(self._buckets, many),
                _joined(self._covered, many),
            )
            self._counts[kernel.BUCKET_NS] = many * width
        if bucket >= self._buckets.shape[1]:
            more = max(bucket + 1, 2 * self._buckets.shape[1]) - self._buckets.shape[1]
            self._buckets = np.pad(self._buckets, ((0, 0), (0, more)))
            self._covered = np.pad(self._covered, ((0, 0), (0, more)))

    def _note_events(self, block: SampleBlock) -> None:
        for row in block.samples[block.samples["signal"] < 0]:
            kind, exact = Event(int(row["signal"])), int(row["exact"])
            if kind is Event.GAP_BEGIN:
                self._gaps.append(Gap(self._source(exact), int(row["time_ns"]), None))
            elif kind is Event.GAP_END:
                self._close_gap(self._source(exact), int(row["time_ns"]))
            elif kind is Event.SPEED:
                self._speed = float(row["value"])
            elif kind is Event.SIGNAL_LOST:
                self._lost.add(exact)
            elif kind is Event.DROPPED:
                self._quality[5] += exact
            elif kind is Event.SESSION_END:
                self._ended = True

    def _source(self, index: int) -> str:
        sources = self.line.sources
        return sources[index].id if 0 <= index < len(sources) else str(index)

    def _close_gap(self, source: str, to_ns: int) -> None:
        for i in range(len(self._gaps) - 1, -1, -1):
            gap = self._gaps[i]
            if gap.source == source and gap.to_ns is None:
                self._gaps[i] = Gap(source, gap.from_ns, to_ns)
                return

    def _all_gaps(self) -> tuple[Gap, ...]:
        """The sources' gaps, and what a damaged log lost since the session began."""
        begin_ns = int(self._counts[kernel.T_BEGIN])
        spans = self._damage.lost_spans
        lost = [Gap(LOG, max(a, begin_ns), b) for a, b in spans if b > begin_ns]
        return tuple(
            sorted((*self._gaps, *lost), key=lambda gap: gap.from_ns) if lost else self._gaps
        )

    def _count_quality(self, block: SampleBlock, found: NDArray[np.uint8]) -> None:
        """``found``: the quality that the decoder gave each row, for its value as well."""
        samples = block.samples
        known = samples["signal"] >= 0
        severity = np.where(known, samples["status"], 0) >> SEVERITY_SHIFT
        flags = np.where(known, samples["flags"], 0)
        found = np.where(known, found, kernel.GOOD)
        refused = (flags & int(Flag.REFUSED)) != 0
        duplicate = (flags & int(Flag.DUPLICATE)) != 0
        late = (flags & int(Flag.LATE)) != 0
        refused |= (found == kernel.BAD) & (samples["type"] != int(ValueType.NONE))
        noise = (found == kernel.UNCERTAIN) & ((flags & int(Flag.CLOCK)) == 0)
        self._quality[0] += np.count_nonzero(known)
        self._quality[1] += np.count_nonzero((severity >= 2) | refused)
        self._quality[2] += np.count_nonzero((severity == 1) | noise)
        self._quality[3] += np.count_nonzero(late & ~duplicate)
        self._quality[4] += np.count_nonzero(duplicate)
        if self._lost:
            self._lost -= set(samples["signal"].tolist())  # events have numbers below 0

    def _metered_kwh(self) -> NDArray[np.float64]:
        """The recount; nothing before the session has begun."""
        if not self.begun:
            return np.zeros(len(self._tallies))
        return recount_kernel.amounts_kwh(self._tallies, self.time_ns)

    def booked(self) -> Booked:
        """Everything up to now, settled on a copy; the mirror itself goes on undisturbed."""
        segments_used, visits_used = int(self._counts[0]), int(self._counts[1])
        spare = 8 * len(self._points) + 8
        points, stations = self._points.copy(), self._stations.copy()
        counts = self._counts.copy()
        segments = np.zeros(segments_used + spare, kernel.SEGMENT)
        segments[:segments_used] = self._segments[:segments_used]
        notes_used = int(counts[kernel.NOTES])
        notes = np.zeros(notes_used + len(self._points), kernel.NOTE)
        notes[:notes_used] = self._notes[:notes_used]
        begin, width = int(counts[kernel.T_BUCKETS]), int(counts[kernel.BUCKET_NS])
        used = (self.time_ns - begin) // width + 1 if self.begun else 0
        buckets = np.array(self._buckets[:, : used + 1])
        covered = np.array(self._covered[:, : used + 1])
        end = np.zeros(1, kernel.ROW)
        end["op"], end["t"] = kernel.OP_END, self.time_ns
        done = 0
        while done < 1 and self.begun:
            visits = np.zeros(visits_used + 1, kernel.VISIT)
            memory = self._memory(
                points=points,
                stations=stations,
                segments=segments,
                visits=visits,
                levels=self._levels.copy(),
                notes=notes,
                buckets=buckets,
                covered=covered,
                counts=counts,
            )
            done = self._book(end, 0, memory)
            if not done:
                segments = _grown(segments, 2 * len(segments))
        own = len(self.line.points)
        quality = self._quality.tolist()
        return Booked(
            line=self.line,
            books=self.books,
            from_ns=int(counts[kernel.T_BEGIN]) if self.begun else self.time_ns,
            to_ns=self.time_ns,
            begun=self.begun,
            ended=self._ended,
            segments=segments[: counts[kernel.SEGMENTS]],
            visits=self._visits[:visits_used].copy(),
            unnamed=self._unnamed[: counts[kernel.UNNAMED]].copy(),
            notes=notes[: counts[kernel.NOTES]],
            stations=stations,
            points=points[:own],
            metered_kwh=self._metered_kwh(),
            buckets_from_ns=begin,
            bucket_ns=width,
            bucket_kwh=buckets[:own, :used],
            covered_ns=covered[:own, :used],
            newest=self._newest.copy(),
            receive_ns=self._receive_ns,
            speed=self._speed,
            texts=self._texts,
            vehicles=tuple(self.names.vehicles),
            variants=tuple(self.names.variants),
            gaps=self._all_gaps(),
            lost_signals=frozenset(self._lost),
            damage=self._damage,
            watched=self._watched,
            outdoor=self._thermometer.readings(),
            negative_signals=self._decoder.negative(),
            quality=Quality(
                samples=quality[0],
                bad=quality[1] + int(points["counter"]["refused"].sum()),
                uncertain=quality[2],
                late=quality[3],
                duplicates=quality[4],
                gaps=len(self._all_gaps()),
                dropped=quality[5],
                recovered=self._damage.recovered,
            ),
        )


def _grown(table: NDArray[_Row], need: int) -> NDArray[_Row]:
    """The table with room for at least ``need`` rows."""
    if need <= len(table):
        return table
    grown = np.zeros(max(need, 2 * len(table)), table.dtype)
    grown[: len(table)] = table
    return grown


def _joined(buckets: NDArray[_Number], many: int) -> NDArray[_Number]:
    """Every ``many`` neighbouring buckets as one, in an array of the same size."""
    joined = np.zeros_like(buckets)
    count = buckets.shape[1] // many
    whole = buckets[:, : count * many].reshape(len(buckets), count, many)
    joined[:, :count] = whole.sum(axis=2)
    joined[:, count] = buckets[:, count * many :].sum(axis=1)
    return joined


def _tables(
    line: Line, decoder: Decoder
) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.int64]]:
    """The kernel's points (the line's, then one presence point a station) and stations."""
    own, count = len(line.points), len(line.stations)
    points = np.zeros(own + count, kernel.POINT)
    stations = np.zeros(count, kernel.STATION)
    sources = {source.id: i for i, source in enumerate(line.sources)}
    points["station"], points["source"] = -1, -1
    stations["state"], stations["source"] = STATES.index("unknown"), -1
    stations["variant"], stations["visit"], stations["last_visit"] = NO_VARIANT, -1, -1
    stations["state_known"] = stations["vehicle_known"] = 1
    _set_places(line, stations)
    for p, point in enumerate(line.points):
        if len(point.stations) == 1 and not any(":" in c or c == "plant" for c in point.covers):
            points[p]["station"] = line.station_index[point.stations[0]]
        if point.amount is not None and point.amount.kind == "interval":
            points[p]["kind"] = kernel.INTERVAL
        elif point.amount is not None and point.rate is not None:
            points[p]["kind"] = kernel.RATE_AND_COUNTER
        else:
            points[p]["kind"] = kernel.COUNTER if point.amount is not None else kernel.RATE
        if points[p]["kind"] >= kernel.COUNTER:
            points[p]["hold"] = kernel.MEAN_BEFORE
    for signal in line.signals:
        source = sources.get(signal.source or "", -1)
        if signal.subject_kind == "station":
            stations[line.station_index[signal.subject]]["source"] = source
        if signal.subject_kind == "meter":
            _wire_meter(line, decoder, points, signal.index, source)
    lists: list[list[int]] = [[own + s] for s in range(count)]
    for p in range(own):
        if points[p]["station"] >= 0:
            lists[points[p]["station"]].append(p)
    for s in range(count):
        points[own + s]["kind"], points[own + s]["station"] = kernel.PRESENCE, s
        stations[s]["points_from"] = sum(len(each) for each in lists[:s])
        stations[s]["points_to"] = stations[s]["points_from"] + len(lists[s])
    flat = [p for each in lists for p in each]
    return points, stations, np.array(flat, np.int64)


def _set_places(line: Line, stations: NDArray[np.void]) -> None:
    """What the stations of several places need to know of themselves."""
    signals = {(signal.subject, signal.role) for signal in line.signals}
    for s, station in enumerate(line.stations):
        onward = [edge for edge in line.edges if edge.from_station == station.id]
        flow = [edge for edge in onward if edge.kind != "rework"]
        stations[s]["places"] = station.places
        stations[s]["counts"] = (station.id, "good_count") in signals
        stations[s]["flow_ways"] = len(flow)
        stations[s]["rework_ways"] = len(onward) - len(flow)
        read = len(flow) == 1 and (flow[0].to_station, "vehicle") in signals
        stations[s]["room"] = flow[0].capacity if read else -1
    stations["shown"], stations["owed"], stations["t_back"] = -1, -1, -places.SOON_NS


def _ways(line: Line) -> NDArray[np.uint8]:
    """(stations, stations) kind of the way from one to the other."""
    ways = np.zeros((len(line.stations), len(line.stations)), np.uint8)
    for edge in line.edges:
        kind = places.REWORK if edge.kind == "rework" else places.FLOW
        ways[line.station_index[edge.from_station], line.station_index[edge.to_station]] = kind
    return ways


def _queues(stations: NDArray[np.void]) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Room for who is inside the stations of several places, and for who has no number there."""
    several = stations["places"] > 1
    inside = int(stations["places"].max(initial=0, where=several))
    onward = int(stations["room"].max(initial=0, where=several))
    room = inside + onward + places.SPARE if inside else 0
    unnamed = int((stations["places"] - 1).sum(where=several))
    return np.zeros((len(stations), room), places.QUEUE), np.zeros(unnamed, places.UNNAMED)


def _wire_meter(
    line: Line, decoder: Decoder, points: NDArray[np.void], index: int, source: int
) -> None:
    signal = line.signals[index]
    for p, point in enumerate(line.points):
        if point.rate is not None and point.rate.id == signal.subject:
            if points[p]["kind"] <= kernel.RATE_AND_COUNTER:
                points[p]["hold"] = _HOLDS[signal.hold]
            points[p]["source"] = source
        if point.amount is not None and point.amount.id == signal.subject:
            points[p]["source"] = source
            points["counter"]["count_kwh"][p] = decoder.factor(index)
            rolls = point.amount.rolls_over_at
            points["counter"]["rolls_over_at"][p] = rolls / signal.scale if rolls else 0.0
            points[p]["interval_ns"] = round((signal.expect_s or 0.0) * 1e9)


def _tallies(points: NDArray[np.void]) -> NDArray[np.void]:
    tallies = np.zeros(len(points), recount_kernel.TALLY)
    tallies["hold"] = points["hold"]
    tallies["has_counter"] = points["kind"] == kernel.RATE_AND_COUNTER
    tallies["counter"] = points["counter"]
    return tallies
