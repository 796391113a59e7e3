"""A time of day as a person types it, to a moment of a log."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from ui import text

NS = 1_000_000_000
_TYPED = re.compile(
    r"\s*(?:(?:(\d{4})-)?(\d{1,2})-(\d{1,2})[ T]+)?(\d{1,2})[:.：](\d{2})(?:[:.：](\d{2}))?\s*"
)


def moment_of(typed: str, here_ns: int, span_ns: tuple[int, int], zone: tzinfo) -> int | None:
    """UTC nanoseconds of "14:10", "14:10:30" or "03-02 14:10" in the plant's time.

    Without a date it is that of the day that is shown, else of the day nearest to it that the log
    holds; so a time that the log does not hold is None, as is what is no time.
    """
    match = _TYPED.fullmatch(typed)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    here = text.at(here_ns, zone)
    try:
        at = here.replace(hour=hour, minute=minute, second=second, microsecond=0, fold=0)
        if month:
            at = at.replace(year=year or here.year, month=month, day=day)
            return _inside(at, span_ns)
    except ValueError:
        return None
    days = (span_ns[1] - span_ns[0]) // (86_400 * NS) + 2
    near = (sign * number for number in range(days + 1) for sign in (1, -1))
    found = (_inside(at + timedelta(days=offset), span_ns) for offset in near)
    return next((time_ns for time_ns in found if time_ns is not None), None)


def _inside(at: datetime, span_ns: tuple[int, int]) -> int | None:
    time_ns = round(at.timestamp()) * NS
    return time_ns if span_ns[0] <= time_ns <= span_ns[1] else None
