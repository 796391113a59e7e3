"""From samples to comparisons: when each that an alarm's condition makes begins to hold, and ends.

Exact in event time and independent of how the stream is cut into blocks: a comparison is looked
at with every sample of its signal, by arrays; only what changes comes out. A bad value says
nothing, so that what is not known changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import Line, Signal, Term, power_signals
from data.samples import SEVERITY_SHIFT, Event, Flag, SampleBlock, Samples, TextTable, ValueType
from data.units import to_base
from twin.alarm_rules import NS, PULSE_S
from twin.decode import raw_text

GOOD, UNCERTAIN, BAD = 0, 1, 2
_LEVELS = {"good": GOOD, "uncertain": UNCERTAIN, "bad": BAD}
_TEXT_ROLES = ("state", "vehicle", "variant", "alarm")
_SINCE = ("age", "still")
_TURNS = (Event.SESSION_BEGIN, Event.GAP_BEGIN, Event.GAP_END)
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison, and by how much its value must fall back before it ends."""

    term: Term
    deadband: float = 0.0


@dataclass(frozen=True, slots=True)
class Sensed:
    """From time_ns on, a leaf (by its number) holds or not; value: what was said then."""

    time_ns: int
    leaf: int
    holds: bool
    value: Value = None


class Senses:
    """Follows every leaf that samples tell; the others (KPIs, facts) are told by snapshots."""

    def __init__(self, line: Line, leaves: Sequence[Leaf]) -> None:
        self._line, self.leaves = line, tuple(leaves)
        self.holds = np.full(len(leaves), -1, np.int8)  # 1, 0, or -1: not known yet
        self.values: list[Value] = [None] * len(leaves)
        self.end_ns = 0
        powers = power_signals(line.points, line.signals)
        self._numbers: list[_Number] = []
        self._words: dict[int, list[int]] = {}
        self._levels: dict[int, list[int]] = {}
        self._since: list[_Since] = []
        self._gaps: dict[int, int] = {}
        self._pulses: dict[str, _Pulse] = {}
        self._texts: dict[tuple[int, int, int], str] = {}
        for i, leaf in enumerate(self.leaves):
            self._seat(i, leaf, powers)
        count = len(line.signals)
        self._level = np.full(count, -1, np.int8)
        self._worded = _mask(count, self._words)
        self._leveled = _mask(count, self._levels)
        self._timed = _mask(count, [since.signal for since in self._since])
        numbers = {source.id: i for i, source in enumerate(line.sources)}
        self._source_of = np.array(
            [numbers.get(s.source or "", -1) for s in line.signals], np.int32
        )

    def _seat(self, i: int, leaf: Leaf, powers: dict[str, str]) -> None:
        term, line = leaf.term, self._line
        key = {"state": f"{term.subject}.state", "power": powers.get(term.subject, "")}
        number = line.signal_index.get(key.get(term.quantity, term.subject), -1)
        sources = [source.id for source in line.sources]
        if term.quantity == "gap" and term.subject in sources:
            self._gaps[sources.index(term.subject)] = i
        elif term.quantity in ("clock", "dropped"):
            self._pulses[f"{term.quantity}/{term.subject}"] = _Pulse(i)
        elif number < 0:
            return
        elif term.quantity == "quality":
            self._levels.setdefault(number, []).append(i)
        elif term.quantity in _SINCE and not isinstance(term.limit, str):
            limit_ns = round(term.limit * NS)
            self._since.append(_Since(i, number, limit_ns, moves=term.quantity == "still"))
        elif line.signals[number].role in _TEXT_ROLES:
            self._words.setdefault(number, []).append(i)
        elif not isinstance(term.limit, str):
            factor = _kw(line, line.signals[number]) if term.quantity == "power" else 1.0
            self._numbers.append(
                _Number(i, number, term, leaf.deadband, factor * line.signals[number].scale)
            )

    def value(self, leaf: int) -> Value:
        """The newest value of a leaf: an age as of now [s]."""
        for since in self._since:
            if since.leaf == leaf and since.last_ns:
                return (self.end_ns - since.last_ns) / NS
        return self.values[leaf]

    def take(self, block: SampleBlock) -> list[Sensed]:
        """What changed with a block of the sequenced stream, in order of time."""
        out: list[Sensed] = []
        cuts = np.flatnonzero(np.isin(block.samples["signal"], _TURNS)) + 1
        for part in np.split(block.samples, cuts):
            if len(part):
                out += self._take_part(part, block.texts)
        out.sort(key=lambda sensed: sensed.time_ns)
        return out

    def _take_part(self, samples: Samples, texts: TextTable) -> Iterator[Sensed]:
        """Samples up to one of the events that change what counts, that one included."""
        self.end_ns = max(self.end_ns, int(samples["order_ns"].max()))
        known = samples[samples["signal"] >= 0]
        level = _level(known)
        yield from self._take_levels(samples, known, level)
        yield from self._take_numbers(known, level)
        yield from self._take_words(known, level, texts)
        yield from self._take_since(known)
        yield from self._take_clock(known)
        yield from self._take_events(samples)

    def _turn(
        self, leaf: int, time_ns: int, value: Value = None, *, holds: bool
    ) -> Iterator[Sensed]:
        if holds != self.holds[leaf]:
            self.holds[leaf] = holds
            yield Sensed(time_ns, leaf, holds, value)

    def _take_events(self, samples: Samples) -> Iterator[Sensed]:
        for row in samples[samples["signal"] < 0]:
            kind, exact, time_ns = int(row["signal"]), int(row["exact"]), int(row["order_ns"])
            if kind == Event.SESSION_BEGIN:
                for since in self._since:
                    since.last_ns = since.last_ns or time_ns
            elif kind in (Event.GAP_BEGIN, Event.GAP_END) and exact in self._gaps:
                yield from self._take_gap(exact, time_ns, begins=kind == Event.GAP_BEGIN)
            elif kind == Event.DROPPED and "dropped/" in self._pulses:
                pulse = self._pulses["dropped/"]
                before = self.values[pulse.leaf] if pulse.on(time_ns) else 0.0
                self.values[pulse.leaf] = float(before or 0.0) + exact
                yield from pulse.beat(self, time_ns)
        if "dropped/" in self._pulses:
            yield from self._pulses["dropped/"].fade(self)

    def _take_gap(self, source: int, time_ns: int, *, begins: bool) -> Iterator[Sensed]:
        """A server is lost or back; what its signals owe is counted from then on."""
        yield from self._turn(self._gaps[source], time_ns, holds=begins)
        for since in self._since:
            if self._source_of[since.signal] == source:
                since.last_ns = 0 if begins else time_ns
                yield from self._turn(since.leaf, time_ns, holds=False)

    def _take_clock(self, known: Samples) -> Iterator[Sensed]:
        """Source times that were not believed."""
        doubted = known[(known["flags"] & Flag.CLOCK) != 0]
        for number, source in enumerate(self._line.sources):
            pulse = self._pulses.get(f"clock/{source.id}")
            if pulse is None:
                continue
            if len(doubted):
                mine = self._source_of[doubted["signal"]] == number
                for time_ns in np.unique(doubted["order_ns"][mine]).tolist():
                    yield from pulse.beat(self, time_ns)
            yield from pulse.fade(self)

    def _take_levels(
        self, samples: Samples, known: Samples, level: NDArray[np.int8]
    ) -> Iterator[Sensed]:
        signal, time_ns = known["signal"], known["order_ns"]
        lost = samples[samples["signal"] == Event.SIGNAL_LOST]
        if len(lost):
            signal = np.concatenate([signal, lost["exact"].astype(np.int32)])
            time_ns = np.concatenate([time_ns, lost["order_ns"]])
            level = np.concatenate([level, np.full(len(lost), BAD, np.int8)])
            order = np.argsort(time_ns, kind="stable")
            signal, time_ns, level = signal[order], time_ns[order], level[order]
        news = self._leveled[signal] & (level != self._level[signal])
        for number in np.unique(signal[news]).tolist():
            mine = signal == number
            levels, times = level[mine], time_ns[mine]
            before = np.concatenate([self._level[number : number + 1], levels[:-1]])
            for k in np.flatnonzero(levels != before).tolist():
                yield from self._level_leaves(number, int(levels[k]), int(times[k]))
            self._level[number] = levels[-1]

    def _level_leaves(self, number: int, level: int, time_ns: int) -> Iterator[Sensed]:
        for leaf in self._levels[number]:
            term = self.leaves[leaf].term
            same = level == _LEVELS.get(str(term.limit))
            word = next(word for word, value in _LEVELS.items() if value == level)
            self.values[leaf] = word
            yield from self._turn(leaf, time_ns, word, holds=same == (term.sign == "="))

    def _take_numbers(self, known: Samples, level: NDArray[np.int8]) -> Iterator[Sensed]:
        for number in self._numbers:
            mine = (known["signal"] == number.signal) & (level != BAD)
            if not mine.any():
                continue
            value = known["value"][mine] * number.factor
            held = number.held(value, before=self.holds[number.leaf] == 1)
            was = np.concatenate([self.holds[number.leaf : number.leaf + 1], held[:-1]])
            times = known["order_ns"][mine]
            for k in np.flatnonzero(held != was).tolist():
                told = float(value[k])
                yield from self._turn(number.leaf, int(times[k]), told, holds=bool(held[k]))
            self.values[number.leaf] = float(value[-1])

    def _take_words(
        self, known: Samples, level: NDArray[np.int8], texts: TextTable
    ) -> Iterator[Sensed]:
        for row in known[self._worded[known["signal"]] & (level != BAD)]:
            word = self._word(row, texts)
            for leaf in self._words[int(row["signal"])]:
                term = self.leaves[leaf].term
                same = word == term.limit or _same_number(word, term.limit)
                self.values[leaf] = word
                holds, time_ns = same == (term.sign == "="), int(row["order_ns"])
                yield from self._turn(leaf, time_ns, word, holds=holds)

    def _word(self, row: np.void, texts: TextTable) -> str:
        key = (int(row["signal"]), int(row["type"]), int(row["exact"]))
        word = self._texts.get(key) if key[1] != ValueType.REAL else None
        if word is None:
            raw = raw_text(row, texts) or ""
            word = self._texts[key] = self._line.signals[key[0]].map.get(raw, raw)
        return word

    def _take_since(self, known: Samples) -> Iterator[Sensed]:
        rows = np.flatnonzero(self._timed[known["signal"]])
        signal = known["signal"][rows]
        rows = rows[np.argsort(signal, kind="stable")]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(signal, minlength=len(self._timed)))])
        for since in self._since:
            begin, end = bounds[since.signal : since.signal + 2].tolist()
            if begin < end:
                yield from self._restart(since, since.restarts(known, rows[begin:end]))
            due_ns = since.last_ns + since.limit_ns
            if since.last_ns and self.holds[since.leaf] != 1 and due_ns < self.end_ns:
                yield from self._turn(since.leaf, due_ns, holds=True)

    def _restart(self, since: _Since, times: NDArray[np.int64]) -> Iterator[Sensed]:
        """It begins anew at these times [ns]; holds wherever that took too long."""
        if not times.size:
            return
        before = np.concatenate([[since.last_ns or times[0]], times[:-1]])
        since.last_ns = int(times[-1])
        if times[0] - before[0] <= since.limit_ns:
            yield from self._turn(since.leaf, int(times[0]), holds=False)
        for k in np.flatnonzero(times - before > since.limit_ns).tolist():
            yield from self._turn(since.leaf, int(before[k]) + since.limit_ns, holds=True)
            yield from self._turn(since.leaf, int(times[k]), holds=False)


@dataclass(slots=True)
class _Number:
    """A number against a limit."""

    leaf: int
    signal: int
    term: Term
    deadband: float
    factor: float  # of the value as the server sends it

    def held(self, value: NDArray[np.float64], *, before: bool) -> NDArray[np.bool_]:
        """Whether it holds with each value, the deadband kept, (n,)."""
        begins, stays = beyond(self.term, value), beyond(self.term, value, self.deadband)
        code = np.where(begins, 1, np.where(stays, -1, 0))
        told = np.where(code >= 0, np.arange(len(code)), -1)
        newest = np.maximum.accumulate(told)
        held: NDArray[np.bool_] = np.where(newest >= 0, code[newest] == 1, before)
        return held


@dataclass(slots=True)
class _Since:
    """Time since the last sample, or, with ``moves``, since the value last changed."""

    leaf: int
    signal: int
    limit_ns: int
    moves: bool
    last_ns: int = 0
    seen: tuple[int, int] = (-1, -1)  # bits of the value, exact

    def restarts(self, known: Samples, numbers: NDArray[np.intp]) -> NDArray[np.int64]:
        """When it begins anew [ns]; numbers: which samples are of its signal, in order."""
        times: NDArray[np.int64] = known["order_ns"][numbers]
        if not self.moves:
            return times
        rows = known[numbers]
        told = rows["type"] != ValueType.NONE
        bits = rows["value"][told].view(np.int64)  # so that no value equals itself too
        exact = rows["exact"][told]
        if not bits.size:
            return times[:0]
        moved = bits != np.concatenate([[self.seen[0]], bits[:-1]])
        moved |= exact != np.concatenate([[self.seen[1]], exact[:-1]])
        self.seen = (int(bits[-1]), int(exact[-1]))
        return np.asarray(times[told][moved], np.int64)


@dataclass(slots=True)
class _Pulse:
    """What happens at moments holds for a while after each."""

    leaf: int
    last_ns: int = 0

    @property
    def over_ns(self) -> int:
        return self.last_ns + round(PULSE_S * NS)

    def on(self, time_ns: int) -> bool:
        """Does it still hold at a time?"""
        return bool(self.last_ns) and time_ns <= self.over_ns

    def beat(self, senses: Senses, time_ns: int) -> Iterator[Sensed]:
        """It happens."""
        if self.last_ns and time_ns > self.over_ns:
            yield from senses._turn(self.leaf, self.over_ns, holds=False)
        self.last_ns = max(self.last_ns, time_ns)
        yield from senses._turn(self.leaf, time_ns, senses.values[self.leaf], holds=True)

    def fade(self, senses: Senses) -> Iterator[Sensed]:
        """It is over, where time has passed it."""
        if self.last_ns and self.over_ns < senses.end_ns:
            yield from senses._turn(self.leaf, self.over_ns, holds=False)


def beyond(term: Term, value: NDArray[np.float64], deadband: float = 0.0) -> NDArray[np.bool_]:
    """Whether values are beyond a limit, or not yet back from it by a deadband, (n,)."""
    limit = float(term.limit)
    match term.sign:
        case "<":
            held = value < limit + deadband
        case "<=":
            held = value <= limit + deadband
        case ">":
            held = value > limit - deadband
        case ">=":
            held = value >= limit - deadband
        case "=":
            held = value == limit
        case _:
            held = value != limit
    return np.asarray(held, np.bool_)


def _level(samples: Samples) -> NDArray[np.int8]:
    """GOOD, UNCERTAIN or BAD of each sample, (n,)."""
    severity = samples["status"] >> SEVERITY_SHIFT
    level = np.where(severity == 1, UNCERTAIN, GOOD).astype(np.int8)
    unusable = (severity >= 2) | (samples["type"] == ValueType.NONE)
    level[unusable | ((samples["flags"] & Flag.REFUSED) != 0)] = BAD
    return level


def _kw(line: Line, signal: Signal) -> float:
    """kW per unit of a power meter's value."""
    units = {meter.id: meter.unit for meter in line.meters}
    return to_base(signal.unit or units[signal.subject])[1]


def _same_number(word: str, limit: float | str) -> bool:
    try:
        return not isinstance(limit, str) and float(word) == limit
    except ValueError:
        return False


def _mask(count: int, numbers: Sequence[int] | dict[int, list[int]]) -> NDArray[np.bool_]:
    mask = np.zeros(count, np.bool_)
    mask[list(numbers)] = True
    return mask
