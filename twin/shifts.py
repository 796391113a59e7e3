"""The plan's shifts on the time axis, in the plant's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from data.line import Line, Shift

_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time with one plan: a shift, or the time between shifts (shift None)."""

    from_ns: int
    to_ns: int
    shift: Shift | None
    breaks_ns: tuple[tuple[int, int], ...] = ()


def windows(line: Line, from_ns: int, to_ns: int) -> tuple[Window, ...]:
    """Windows that cover [from_ns, to_ns] without holes; the first and last are cut to it."""
    planned = _planned(line, from_ns, to_ns)
    found: list[Window] = []
    at = from_ns
    for window in planned:
        begin, end = max(window.from_ns, at), min(window.to_ns, to_ns)
        if begin >= end:
            continue
        if begin > at:
            found.append(Window(at, begin, None))
        found.append(Window(begin, end, window.shift, window.breaks_ns))
        at = end
    if at < to_ns or not found:
        found.append(Window(at, to_ns, None))
    return tuple(found)


def current(line: Line, time_ns: int) -> Window | None:
    """The whole planned shift that a moment lies in; None between shifts."""
    for window in _planned(line, time_ns, time_ns):
        if window.from_ns <= time_ns < window.to_ns:
            return window
    return None


def planned_s(window: Window, from_ns: int, to_ns: int) -> float:
    """Planned busy time of a window within [from, to]: without its breaks [s] (ISO 22400 PBT)."""
    return sum(end - begin for begin, end in busy_spans(window, from_ns, to_ns)) / _SECOND_NS


def busy_spans(window: Window, from_ns: int, to_ns: int) -> tuple[tuple[int, int], ...]:
    """The spans of planned_s: a window within [from, to] without its breaks [ns]."""
    at, end = max(window.from_ns, from_ns), min(window.to_ns, to_ns)
    found = []
    for break_from, break_to in sorted(window.breaks_ns):
        if at < min(break_from, end):
            found.append((at, min(break_from, end)))
        at = max(at, break_to)
    if at < end:
        found.append((at, end))
    return tuple(found)


def _planned(line: Line, from_ns: int, to_ns: int) -> list[Window]:
    zone = ZoneInfo(line.plant.timezone)
    day = datetime.fromtimestamp(from_ns / _SECOND_NS, UTC).astimezone(zone).date()
    last = datetime.fromtimestamp(to_ns / _SECOND_NS, UTC).astimezone(zone).date()
    day -= timedelta(days=1)
    found = []
    while day <= last:
        found += [
            _window(shift, day, zone) for shift in line.shifts if day.isoweekday() in shift.days
        ]
        day += timedelta(days=1)
    return sorted(found, key=lambda window: window.from_ns)


def _window(shift: Shift, day: date, zone: ZoneInfo) -> Window:
    def at(moment: time, after_ns: int) -> int:
        local = datetime.combine(day, moment, zone)
        if _ns(local) < after_ns:
            local = datetime.combine(day + timedelta(days=1), moment, zone)
        return _ns(local)

    begin = at(shift.start, 0)
    breaks = tuple((at(start, begin), at(end, begin)) for start, end in shift.breaks)
    return Window(begin, at(shift.end, begin + 1), shift, breaks)


def _ns(local: datetime) -> int:
    return round(local.timestamp()) * _SECOND_NS
