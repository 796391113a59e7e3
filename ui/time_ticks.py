"""Where a time axis has its marks, and what they say: pure functions.

A live chart counts back from now; a replayed one shows the plant's clock, from seconds to years.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ui.text import ENGLISH, TimeForms

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_STEPS = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14)),
)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24)


def step_s(span_s: float, most: int) -> float | None:
    """The smallest round step that gives at most ``most`` marks; None: months are needed."""
    return next((step for step in _STEPS if span_s / step <= most), None)


def ago_marks(
    begin_s: float, end_s: float, most: int, forms: TimeForms = ENGLISH
) -> list[tuple[float, str]]:
    """Marks of an axis that ends now (0 s): "−10 min" ... "0"."""
    step = step_s(end_s - begin_s, most) or 28 * _DAY
    count = int(-begin_s / step + 1e-9)
    return [(-i * step, _ago(i * step, forms)) for i in range(count, -1, -1)]


def clock_marks(begin_s: float, end_s: float, most: int, zone: ZoneInfo) -> list[tuple[float, str]]:
    """Marks on round times of the plant's clock; seconds since 1970, UTC."""
    step = step_s(end_s - begin_s, most)
    if step is None:
        return _months(begin_s, end_s, most, zone)
    if step >= _DAY:
        return _days(begin_s, end_s, int(step / _DAY), zone)
    return _within_days(begin_s, end_s, step, zone)


def _ago(seconds: float, forms: TimeForms) -> str:
    if not seconds:
        return "0"
    form, unit_s = forms.whole_hours, _HOUR
    if seconds < _MINUTE or seconds % _MINUTE:
        form, unit_s = forms.seconds, 1.0
    elif seconds < _HOUR or seconds % _HOUR:
        form, unit_s = forms.whole_minutes, _MINUTE
    return "−" + form.format(n=f"{seconds / unit_s:g}")


def _within_days(
    begin_s: float, end_s: float, step: float, zone: ZoneInfo
) -> list[tuple[float, str]]:
    offset = _offset(begin_s, zone)
    first = -((begin_s + offset) // -step) * step - offset
    marks = []
    for i in range(int((end_s - first) / step) + 1):
        at = first + i * step
        local = datetime.fromtimestamp(at, UTC).astimezone(zone)
        midnight = local.hour == local.minute == local.second == 0
        form = "%m-%d" if midnight else "%H:%M" if step >= _MINUTE else "%H:%M:%S"
        marks.append((at, local.strftime(form)))
    return marks


def _days(begin_s: float, end_s: float, days: int, zone: ZoneInfo) -> list[tuple[float, str]]:
    day = datetime.fromtimestamp(begin_s, UTC).astimezone(zone).date()
    day += timedelta(days=-day.toordinal() % days)
    marks: list[tuple[float, str]] = []
    while True:
        at = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
        if at > end_s:
            return marks
        if at >= begin_s:
            marks.append((at, day.strftime("%m-%d")))
        day += timedelta(days=days)


def _months(begin_s: float, end_s: float, most: int, zone: ZoneInfo) -> list[tuple[float, str]]:
    months = (end_s - begin_s) / (30.4 * _DAY)
    step = next((n for n in _MONTH_STEPS if months / n <= most), 120)
    first = datetime.fromtimestamp(begin_s, UTC).astimezone(zone)
    number = -((first.year * 12 + first.month - 1) // -step) * step
    marks: list[tuple[float, str]] = []
    while True:
        at = datetime(number // 12, number % 12 + 1, 1, tzinfo=zone).timestamp()
        if at > end_s:
            return marks
        if at >= begin_s:
            marks.append((at, f"{number // 12}-{number % 12 + 1:02d}"))
        number += step


def _offset(at_s: float, zone: ZoneInfo) -> float:
    offset = datetime.fromtimestamp(at_s, UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset is not None else 0.0
