"""When the line works: its shifts and breaks, in plant time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

from data.line import Line, Shift

NS_PER_US = 1000
DAY_US = 86_400_000_000

Span = tuple[int, int]  # from, to: microseconds of plant time


class Calendar:
    """Spans of a line's shifts and breaks, from ``start_ns`` (UTC) on."""

    def __init__(
        self,
        line: Line,
        start_ns: int,
        *,
        shifts: bool,
        breaks: bool,
        closed: bool = False,
        extra: Sequence[Span] = (),
    ) -> None:
        """Without ``shifts`` the line works round the clock; without ``breaks`` it has none.

        ``closed``: nobody works at all; ``extra``: breaks beside the line's own.
        """
        self._closed = closed
        self._extra = tuple(extra)
        self._line = line
        self._shifts = shifts
        self._breaks = breaks
        self._start_ns = start_ns
        self._zone = ZoneInfo(line.plant.timezone)
        self._known: list[Span] = []  # of shifts, in order
        self._days = -1  # the next day to read, 0 is the first
        self._last_us = -DAY_US

    def changes(self) -> Iterator[tuple[int, str | None]]:
        """From when on what holds: ``None`` (work), "stopped" (a break), "off"; in order of time.

        The first one is of time 0.
        """
        held: str | None = "nothing yet"
        for at_us, state in self._moments():
            if state != held:
                yield max(0, at_us), state
                held = state

    def _moments(self) -> Iterator[tuple[int, str | None]]:
        yield 0, self.state(0)
        if self._closed:
            return
        extra = sorted(us for span in self._extra for us in span)
        yield from merge(
            ((us, self.state(us)) for us in extra), self._daily(), key=lambda moment: moment[0]
        )

    def _daily(self) -> Iterator[tuple[int, str | None]]:
        day = -1
        while self._shifts or (self._breaks and any(s.breaks for s in self._line.shifts)):
            edges = {us for span in self._of_day(day) for us in span}
            for us in sorted(edge for edge in edges if edge > 0):
                yield us, self.state(us)
            day += 1

    def state(self, us: int) -> str | None:
        """What holds at a time: ``None`` (work), "stopped" or "off"."""
        if not self.on_shift(us):
            return "off"
        if any(begin <= us < end for begin, end in self._extra):
            return "stopped"
        day = us // DAY_US
        around = (span for d in (day - 1, day, day + 1) for span in self._breaks_of(d))
        return "stopped" if any(begin <= us < end for begin, end in around) else None

    def on_shift(self, us: int, lead_s: float = 0.0) -> bool:
        """Whether a shift goes on, or begins within ``lead_s``."""
        if self._closed or not self._shifts:
            return not self._closed
        reach_us = us + round(lead_s * 1e6)
        self._read_to(reach_us)
        at = bisect_right(self._known, (reach_us, 1 << 62)) - 1
        return at >= 0 and self._known[at][1] > us

    def clock(self, us: int) -> time:
        """The local time of day."""
        return self.local(us).time()

    def local(self, us: int) -> datetime:
        """The local time."""
        seconds = (self._start_ns // NS_PER_US + us) / 1e6
        return datetime.fromtimestamp(seconds, self._zone)

    def _of_day(self, day: int) -> list[Span]:
        return [*(self._shifts_of(day) if self._shifts else []), *self._breaks_of(day)]

    def _read_to(self, us: int) -> None:
        while self._last_us <= us + DAY_US:
            for span in self._shifts_of(self._days):
                if self._known and self._known[-1][1] == span[0]:
                    self._known[-1] = (self._known[-1][0], span[1])
                else:
                    self._known.append(span)
            self._days += 1
            self._last_us = self._clock_us(self._days, time(0))

    def _shifts_of(self, day: int) -> list[Span]:
        """Shifts that begin on a day (0 is the first), in order."""
        spans = []
        for shift in self._on(day):
            last = day + (shift.end <= shift.start)
            spans.append((self._clock_us(day, shift.start), self._clock_us(last, shift.end)))
        return sorted(spans)

    def _breaks_of(self, day: int) -> list[Span]:
        """Breaks of the shifts that begin on a day, in order."""
        spans = []
        for shift in self._on(day) if self._breaks else ():
            for begin, end in shift.breaks:
                first = day + (begin < shift.start)  # after the midnight that the shift crosses
                last = first + (end <= begin)
                spans.append((self._clock_us(first, begin), self._clock_us(last, end)))
        return sorted(spans)

    def _on(self, day: int) -> list[Shift]:
        return [s for s in self._line.shifts if self._date(day).isoweekday() in s.days]

    def _date(self, day: int) -> date:
        first = datetime.fromtimestamp(self._start_ns // 10**9, self._zone).date()
        return first + timedelta(days=day)

    def _clock_us(self, day: int, clock: time) -> int:
        moment = datetime.combine(self._date(day), clock, self._zone)
        since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return since // timedelta(microseconds=1) - self._start_ns // NS_PER_US
