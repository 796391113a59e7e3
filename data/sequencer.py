"""The sequencer: order, lateness and duplicates, decided once, on the way in.

Samples are held for a window of receive time. The watermark is the largest source time that was
received a window ago; it only rises. Where it rises, what is held up to it is passed on in
canonical order:

    order_ns, class (in time, late, event), signal (events: arrival), arrival

A sample that arrives when the watermark has passed its time is late: it counts from the
watermark on, and is passed on, ahead of the rest, when that rises next. An event that is passed
on closes its nanosecond: the watermark stands one beyond it, so that what comes late after the
event also counts after it. The outcome depends on the sequence of arrivals alone: what has one
receive time is one arrival, however it is cut into blocks, and empty blocks are none. (Receive
time only ever adds up: where our own clock was set back, it stands still for a moment.)
"""

from __future__ import annotations

import io
from collections import deque
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from data.line import Line
from data.rows import OPAQUE, copied, joined
from data.samples import Event, Flag, SampleBlock, Samples, TextTable, ValueType, empty
from data.source_clock import NEVER, SourceClocks

WINDOW_NS = 2_000_000_000
NUMERIC_ROLES = frozenset(
    {"good_count", "reject_count", "cycle_time", "value"}
    | {"outdoor_temperature", "irradiance", "process_value"}
)
_FROM_SOURCE = np.uint8(Flag.OVERFLOW | Flag.CLOCK | Flag.REFUSED)
_LATE, _DUPLICATE = np.uint8(Flag.LATE), np.uint8(Flag.DUPLICATE)
_REFUSED = np.uint8(Flag.REFUSED)


def canonical_order(samples: Samples) -> NDArray[np.intp]:
    """The permutation that puts samples into canonical order; ties keep their places."""
    is_event = samples["signal"] < 0
    rank = np.where(is_event, 2, (samples["flags"] & _LATE) != 0)
    signal = np.where(is_event, 0, samples["signal"])
    return np.lexsort((signal, rank, samples["order_ns"]))


class Sequencer:
    """Decides once in which order samples count (data.samples.Order), for one session."""

    def __init__(self, line: Line, texts: TextTable, window_ns: int = WINDOW_NS) -> None:
        self._texts = texts
        self._window_ns = window_ns
        self._numeric = np.array(
            [s.role in NUMERIC_ROLES and not s.map for s in line.signals], np.bool_
        )
        self._clocks = SourceClocks(line)
        self._watermark_ns = int(NEVER)
        self._newest_ns = int(NEVER)  # of all that arrived
        self._receive_ns = int(NEVER)  # as it adds up
        self._raw_receive_ns = int(NEVER)  # as it was last told
        self._begun = False
        self._ended = False
        self._rising: deque[tuple[int, int]] = deque()  # receive time, largest source time then
        self._arrived: list[Samples] = []  # of the newest receive time, not yet looked at
        self._held: list[Samples] = []  # in arrival order, all above the watermark
        self._late: list[Samples] = []  # counts from the watermark on
        self._events: list[Samples] = []  # one row each, order_ns at or above the watermark
        self._early: list[Samples] = []  # events before the first sample
        self._gap_ends: dict[int, _GapEnd] = {}
        self._last = _Newest(len(line.signals))

    @property
    def watermark_ns(self) -> int | None:
        """All that is in time up to here was passed on; None before the first release."""
        return None if self._watermark_ns == NEVER else self._watermark_ns

    @property
    def ended(self) -> bool:
        """Flush was called."""
        return self._ended

    def push(self, block: SampleBlock) -> SampleBlock:
        """Takes samples in arrival order; gives what can be passed on, in canonical order."""
        out: list[Samples] = []
        for rows in _arrivals(block.samples):
            receive_ns, is_event = int(rows["receive_ns"][0]), rows["signal"][0] < 0
            if is_event or not self._arrived or receive_ns != self._raw_receive_ns:
                self._take_arrived(out)
                self._advance(receive_ns, out)
            if is_event:
                self._take_event(copied(rows), out)
            else:
                self._arrived.append(copied(rows))
        return self._block(out)

    def flush(self) -> SampleBlock:
        """Gives what is still held, and the end of the session."""
        self._ended = True
        out: list[Samples] = []
        self._take_arrived(out)
        self._release_all(out)
        for source in list(self._gap_ends):
            self._end_gap_unseen(source, out)
        if self._begun:
            end = self._event_row(Event.SESSION_END, self._watermark_ns)
            self._pass_event(end, self._watermark_ns, out)
        else:
            out.extend(_stamped(row, int(row["receive_ns"][0])) for row in self._early)
            self._early = []
        return self._block(out)

    # --- arrivals ---------------------------------------------------------------------------

    def _advance(self, receive_ns: int, out: list[Samples]) -> None:
        if self._raw_receive_ns == NEVER:
            self._receive_ns = receive_ns
        else:
            self._receive_ns += max(0, receive_ns - self._raw_receive_ns)
        self._raw_receive_ns = receive_ns
        watermark_ns = self._watermark_ns
        settled_ns = self._receive_ns - self._window_ns
        while self._rising and self._rising[0][0] <= settled_ns:
            watermark_ns = max(watermark_ns, self._rising.popleft()[1])
        if watermark_ns > self._watermark_ns:
            self._release(watermark_ns, out)
        for source, gap_end in list(self._gap_ends.items()):
            if gap_end.answered_ns is not None and gap_end.answered_ns <= settled_ns:
                self._end_gap_unseen(source, out)

    def _take_arrived(self, out: list[Samples]) -> None:
        """Takes one arrival: all samples of one receive time."""
        if self._arrived:
            rows, self._arrived = joined(self._arrived), []
            self._take_samples(rows, out)

    def _take_samples(self, rows: Samples, out: list[Samples]) -> None:
        self._normalise(rows)
        before_ns = self._clocks.newest.copy() if self._gap_ends else None
        self._clocks.settle(rows, self._receive_ns)
        time_ns = rows["time_ns"]
        rows["order_ns"] = time_ns
        late = time_ns <= self._watermark_ns
        if late.any():
            rows["flags"][late] |= _LATE
            rows["order_ns"][late] = self._watermark_ns
            self._late.append(rows.compress(late))
            in_time = rows.compress(~late)
        else:
            in_time = rows
        if in_time.shape[0]:
            newest_ns = int(in_time["time_ns"].max())
            self._held.append(in_time)
            self._rising.append((self._receive_ns, newest_ns))
            self._newest_ns = max(self._newest_ns, newest_ns)
        if before_ns is not None:
            self._answer_gaps(rows, before_ns, out)

    def _normalise(self, rows: Samples) -> None:
        """One form for one meaning, and what can never be used is marked."""
        rows["flags"] &= _FROM_SOURCE
        kind, value = rows["type"], rows["value"]
        real = kind == ValueType.REAL
        if real.all():
            rows["exact"] = 0
            refused = ~np.isfinite(value)
        else:
            whole = kind == ValueType.INTEGER
            rows["value"] = np.where(real, value, np.where(whole, rows["exact"], np.nan))
            rows["exact"][real | (kind == ValueType.NONE)] = 0
            refused = (real & ~np.isfinite(value)) | (kind == ValueType.TEXT)
        if refused.any():
            refused &= self._numeric[rows["signal"]]
            rows["flags"][refused] |= _REFUSED

    def _take_event(self, row: Samples, out: list[Samples]) -> None:
        kind, argument = int(row["signal"][0]), int(row["exact"][0])
        row["flags"], row["server_ns"], row["type"] = 0, 0, ValueType.NONE
        match kind:
            case Event.GAP_BEGIN:
                self._begin_gap(row, argument, out)
            case Event.SESSION_BEGIN | Event.SESSION_END:
                pass  # these are decided here
            case Event.GAP_END:
                self._gap_ends[argument] = _GapEnd(row)
            case _:
                if kind == Event.SPEED:
                    self._clocks.set_speed(float(row["value"][0]))
                self._pass_event(row, max(self._newest_ns, self._watermark_ns), out)

    # --- gaps -------------------------------------------------------------------------------

    def _begin_gap(self, row: Samples, source: int, out: list[Samples]) -> None:
        self._release_all(out)
        if source in self._gap_ends:
            self._end_gap_unseen(source, out)
        known = 0 <= source < self._clocks.newest.shape[0]
        newest_ns = int(self._clocks.newest[source]) if known else int(NEVER)
        time_ns = None if newest_ns == NEVER else newest_ns
        self._pass_event(row, self._watermark_ns, out, time_ns=time_ns)

    def _answer_gaps(self, rows: Samples, before_ns: NDArray[np.int64], out: list[Samples]) -> None:
        """The first data with a new source time end a gap; old times alone do after a window."""
        source_of_row = self._clocks.source_of[rows["signal"]]
        for source, gap_end in list(self._gap_ends.items()):
            times_ns = rows["time_ns"][source_of_row == source]
            if times_ns.size == 0:
                continue
            newest_ns = int(times_ns.max())
            if newest_ns > before_ns[source]:
                del self._gap_ends[source]
                self._pass_event(gap_end.row, newest_ns, out)
            elif gap_end.answered_ns is None:
                gap_end.answered_ns = self._receive_ns

    def _end_gap_unseen(self, source: int, out: list[Samples]) -> None:
        """The source answered, but nothing in it is new: its gap ends where the stream is."""
        gap_end = self._gap_ends.pop(source)
        if gap_end.answered_ns is not None:
            self._pass_event(gap_end.row, self._watermark_ns, out)

    # --- passing on -------------------------------------------------------------------------

    def _event_row(self, kind: Event, time_ns: int) -> Samples:
        row = empty(1)
        row["signal"], row["value"] = int(kind), 0.0
        row["receive_ns"] = self._raw_receive_ns
        return _stamped(row, time_ns)

    def _pass_event(
        self, row: Samples, order_ns: int, out: list[Samples], *, time_ns: int | None = None
    ) -> None:
        """Queues an event at ``order_ns``; passes it on where the watermark is there already."""
        if order_ns == NEVER:
            self._early.append(row)
            return
        order_ns = max(order_ns, self._watermark_ns)
        _stamped(row, order_ns)
        if time_ns is not None:
            row["time_ns"] = time_ns
        self._events.append(row)
        self._newest_ns = max(self._newest_ns, order_ns)
        if order_ns == self._watermark_ns:
            self._release(order_ns, out)

    def _release_all(self, out: list[Samples]) -> None:
        self._rising.clear()
        if self._newest_ns > self._watermark_ns:
            self._release(self._newest_ns, out)

    def _release(self, watermark_ns: int, out: list[Samples]) -> None:
        while True:
            late = self._sorted_late()
            self._watermark_ns = watermark_ns
            in_time = self._sorted_held()
            if not self._begun:
                self._begin(watermark_ns)
            events, self._events = self._due_events()
            out.extend(part for part in _merged(late, in_time, events) if part.shape[0])
            if not events or int(events[-1]["order_ns"][0]) < watermark_ns:
                return
            watermark_ns += 1

    def _begin(self, watermark_ns: int) -> None:
        self._begun = True
        self._events[:0] = [_stamped(row, watermark_ns) for row in self._early]
        self._early = []
        self._events.append(self._event_row(Event.SESSION_BEGIN, watermark_ns))

    def _due_events(self) -> tuple[list[Samples], list[Samples]]:
        due = [row for row in self._events if row["order_ns"][0] <= self._watermark_ns]
        rest = [row for row in self._events if row["order_ns"][0] > self._watermark_ns]
        return sorted(due, key=lambda row: int(row["order_ns"][0])), rest

    def _sorted_late(self) -> Samples:
        if not self._late:
            return empty()
        late = joined(self._late)
        self._late = []
        late = late.take(np.argsort(_narrow(late["signal"]), kind="stable"))
        self._last.mark_late(late)
        return late

    def _sorted_held(self) -> Samples:
        """What is held up to the watermark, sorted by time, signal and arrival."""
        due: list[Samples] = []
        rest: list[Samples] = []
        for rows in self._held:
            passed = rows["time_ns"] <= self._watermark_ns
            if passed.all():
                due.append(rows)
            elif passed.any():
                due.append(rows.compress(passed))
                rest.append(rows.compress(~passed))
            else:
                rest.append(rows)
        self._held = rest
        if not due:
            return empty()
        rows = joined(due)
        rows = rows.take(np.lexsort((rows["signal"], rows["time_ns"])))
        self._last.mark_in_time(rows)
        return rows

    def _block(self, parts: list[Samples]) -> SampleBlock:
        return SampleBlock(joined(parts), self._texts)

    # --- state ------------------------------------------------------------------------------

    def state(self) -> bytes:
        """All that the future depends on, between two pushes."""
        clock = (self._receive_ns, self._raw_receive_ns)
        scalars = np.array(
            [
                self._window_ns,
                self._watermark_ns,
                self._newest_ns,
                *clock,
                self._begun,
                self._ended,
            ],
            np.int64,
        )
        gaps = np.array(
            [(s, NEVER if g.answered_ns is None else g.answered_ns) for s, g in self._gaps()],
            np.int64,
        ).reshape(-1, 2)
        buffer = io.BytesIO()
        np.savez(
            buffer,
            allow_pickle=False,
            scalars=scalars,
            rising=np.array(self._rising, np.int64).reshape(-1, 2),
            arrived=joined(self._arrived),
            held=joined(self._held),
            late=joined(self._late),
            events=joined(self._events),
            early=joined(self._early),
            gaps=gaps,
            gap_rows=joined([g.row for _, g in self._gaps()]),
            last=self._last.rows,
            **self._clocks.state(),
        )
        return buffer.getvalue()

    def _gaps(self) -> list[tuple[int, _GapEnd]]:
        return list(self._gap_ends.items())

    @classmethod
    def resume(
        cls, line: Line, texts: TextTable, watermark_ns: int, window_ns: int = WINDOW_NS
    ) -> Sequencer:
        """One that goes on behind a stream of which only the end is known: its last order_ns."""
        self = cls(line, texts, window_ns)
        self._watermark_ns = self._newest_ns = watermark_ns + 1
        self._begun = True
        return self

    @classmethod
    def restore(cls, line: Line, texts: TextTable, state: bytes) -> Sequencer:
        """A sequencer that goes on where ``state`` was taken; ValueError if it is not one."""
        try:
            with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
                return cls._restored(line, texts, dict(arrays))
        except (KeyError, ValueError, OSError, EOFError, BadZipFile) as error:
            raise ValueError(f"not a sequencer's state: {error}") from error

    @classmethod
    def _restored(cls, line: Line, texts: TextTable, arrays: dict[str, NDArray[Any]]) -> Sequencer:
        numbers = [int(x) for x in arrays["scalars"]]
        self = cls(line, texts, numbers[0])
        self._watermark_ns, self._newest_ns = numbers[1], numbers[2]
        self._receive_ns, self._raw_receive_ns = numbers[3], numbers[4]
        self._begun, self._ended = bool(numbers[5]), bool(numbers[6])
        self._rising.extend((int(r), int(t)) for r, t in arrays["rising"])
        self._arrived = [arrays["arrived"]] if arrays["arrived"].size else []
        self._held = [arrays["held"]] if arrays["held"].size else []
        self._late = [arrays["late"]] if arrays["late"].size else []
        self._events = _rows(arrays["events"])
        self._early = _rows(arrays["early"])
        for (source, answered), row in zip(arrays["gaps"], _rows(arrays["gap_rows"]), strict=True):
            answered_ns = None if answered == NEVER else int(answered)
            self._gap_ends[int(source)] = _GapEnd(row, answered_ns)
        self._last.rows[:] = arrays["last"]
        self._clocks.restore(arrays)
        return self


class _GapEnd:
    """A source is back; answered_ns is when its first, still old, data were received."""

    def __init__(self, row: Samples, answered_ns: int | None = None) -> None:
        self.row = row
        self.answered_ns = answered_ns


class _Newest:
    """The newest sample of every signal that was passed on, to tell duplicates by."""

    def __init__(self, signals: int) -> None:
        self.rows = empty(signals)
        self.rows["time_ns"] = NEVER

    def mark_in_time(self, rows: Samples) -> None:
        """Flags duplicates in rows sorted by time."""
        order = np.argsort(_narrow(rows["signal"]), kind="stable")
        by_signal = rows.take(order)
        self._mark(rows, by_signal, order)
        last = np.append(by_signal["signal"][1:] != by_signal["signal"][:-1], True)
        self._put(by_signal.compress(last))

    def mark_late(self, rows: Samples) -> None:
        """Flags duplicates in rows sorted by signal."""
        self._mark(rows, rows, np.arange(rows.shape[0]))
        by_time = rows.take(np.lexsort((rows["time_ns"], rows["signal"])))
        newest = by_time.compress(np.append(by_time["signal"][1:] != by_time["signal"][:-1], True))
        self._put(newest.compress(newest["time_ns"] >= self.rows["time_ns"][newest["signal"]]))

    def _put(self, newest: Samples) -> None:
        self.rows.view(OPAQUE)[newest["signal"]] = newest.view(OPAQUE)

    def _mark(self, rows: Samples, by_signal: Samples, order: NDArray[np.intp]) -> None:
        """A duplicate equals its signal's newest so far, or the row of it just before."""
        signal = by_signal["signal"]
        known = self.rows.take(signal)
        repeated = _equal(by_signal, known)
        if rows.shape[0] > 1:
            repeated[1:] |= (signal[1:] == signal[:-1]) & _equal(by_signal[1:], by_signal[:-1])
        rows["flags"][order[repeated]] |= _DUPLICATE


def _equal(a: Samples, b: Samples) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = a["time_ns"] == b["time_ns"]
    if same.any():
        same &= (a["type"] == b["type"]) & (a["status"] == b["status"])
        same &= a["exact"] == b["exact"]
        same &= a["value"].view("<i8") == b["value"].view("<i8")
    return same


def _narrow(signal: NDArray[np.int32]) -> NDArray[np.integer]:
    """Two bytes where they do: numpy then sorts by radix."""
    return signal.astype(np.int16) if signal.max(initial=0) < 2**15 else signal


def _arrivals(samples: Samples) -> list[Samples]:
    """Cuts a block where the receive time changes, and around events."""
    if samples.shape[0] == 0:
        return []
    signal, receive_ns = samples["signal"], samples["receive_ns"]
    is_event = signal < 0
    cut = (receive_ns[1:] != receive_ns[:-1]) | is_event[1:] | is_event[:-1]
    if not cut.any():
        return [samples]
    return np.split(samples, np.flatnonzero(cut) + 1)


def _merged(late: Samples, in_time: Samples, events: list[Samples]) -> list[Samples]:
    """Events behind the samples of their nanosecond."""
    parts = [late]
    start = 0
    for row in events:
        stop = int(np.searchsorted(in_time["order_ns"], row["order_ns"][0], side="right"))
        parts += [in_time[start:stop], row]
        start = stop
    return [*parts, in_time[start:]]


def _stamped(row: Samples, time_ns: int) -> Samples:
    row["time_ns"] = row["order_ns"] = time_ns
    return row


def _rows(samples: Samples) -> list[Samples]:
    return [samples[i : i + 1] for i in range(samples.shape[0])]
