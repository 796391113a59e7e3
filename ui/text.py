"""What a value looks like: pure functions from values to text, without Qt.

A dash stands for what is not known, never a 0. One decimal habit per quantity. Units are
international, so that both languages share them; of stretches of time each has its own forms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

DASH = "–"
MINUS = "−"
NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class TimeForms:
    """How a language writes stretches of time; h, m, s are whole numbers, n is any figure."""

    seconds: str = "{n} s"
    minutes: str = "{m}:{s:02d} min"
    hours: str = "{h} h {m:02d} min"
    days: str = "{d} d {h} h"
    whole_minutes: str = "{n} min"
    whole_hours: str = "{n} h"


ENGLISH = TimeForms()

# Decimals by unit as a person reads it.
DECIMALS = {
    "kW": 1,
    "kWh": 1,
    "kg CO2e": 1,
    "%": 1,
    "1/h": 1,
    "vehicles": 0,
    "min": 1,
}
_PER_VEHICLE = "_per_vehicle"  # how the KPIs end that are of one vehicle
_LARGE = {"kWh": "MWh", "kg CO2e": "t CO2e"}  # from 10,000 on
FRACTION_UNITS = frozenset({"1", "", "ratio", "fraction"})


def number(value: float | None, decimals: int = 1) -> str:
    """A figure with grouped thousands; a dash for what is not known."""
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:,.{decimals}f}"
    if text.startswith("-"):
        return text[1:] if float(text.replace(",", "")) == 0 else MINUS + text[1:]
    return text


def signed(value: float, decimals: int = 0) -> str:
    """A difference, with its sign."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) or not value else "+" + text


def percent(fraction: float | None, decimals: int = 1) -> str:
    """A fraction as a percentage."""
    return DASH if fraction is None else with_unit(number(fraction * 100, decimals), "%")


def with_unit(figure: str, unit: str) -> str:
    """Number and unit, held together by a narrow space; a bare dash stays bare."""
    return figure if figure == DASH or not unit else f"{figure}\N{NARROW NO-BREAK SPACE}{unit}"


def quantity(value: float | None, unit: str) -> str:
    """A figure with its unit, in the decimals of its quantity."""
    figure, shown = figure_and_unit(value, unit)
    return with_unit(figure, shown)


def figure_and_unit(value: float | None, unit: str) -> tuple[str, str]:
    """The figure and the unit beside it: fractions in percent, large amounts in MWh and t."""
    if unit in FRACTION_UNITS:
        return number(None if value is None else value * 100, 1), "%"
    if unit in _LARGE and value is not None and abs(value) >= 10_000:
        return number(value / 1000, 1), _LARGE[unit]
    return number(value, DECIMALS.get(unit, 1)), unit


def kpi_figure(id_: str, value: float | None, unit: str) -> tuple[str, str]:
    """A KPI's figure and the unit beside it: what is of one vehicle to two decimals."""
    if id_.endswith(_PER_VEHICLE):
        return number(value, 2), unit
    return figure_and_unit(value, unit)


def energy(kwh: float | None) -> tuple[str, str]:
    """An amount of energy as (figure, unit): MWh from 10,000 kWh on."""
    return figure_and_unit(kwh, "kWh")


def duration(seconds: float | None, forms: TimeForms = ENGLISH) -> str:
    """A stretch of time: 8 s, 2:05 min, 3 h 07 min, 12 d 4 h."""
    if seconds is None or not math.isfinite(seconds):
        return DASH
    whole = int(seconds)
    if whole < 60:
        return forms.seconds.format(n=whole)
    if whole < 3600:
        return forms.minutes.format(m=whole // 60, s=whole % 60)
    if whole < 86_400:
        return forms.hours.format(h=whole // 3600, m=whole % 3600 // 60)
    return forms.days.format(d=whole // 86_400, h=whole % 86_400 // 3600)


def age(seconds: float | None, forms: TimeForms = ENGLISH) -> str:
    """How old data are: tenths below ten seconds."""
    if seconds is None:
        return DASH
    if seconds >= 10:
        return duration(seconds, forms)
    return forms.seconds.format(n=f"{max(seconds, 0.0):.1f}")


def stopwatch(seconds: float | None) -> str:
    """Elapsed time in a tight place: 0:34, 12:07, 3:07:15."""
    if seconds is None:
        return DASH
    whole = max(int(seconds), 0)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def at(time_ns: int, zone: tzinfo) -> datetime:
    """A moment in a time zone (whole microseconds)."""
    return datetime.fromtimestamp(time_ns // 1000 / 1e6, UTC).astimezone(zone)


def clock(time_ns: int | None, zone: tzinfo) -> str:
    """Time of day with seconds; a dash for an unknown moment (None or 0)."""
    return at(time_ns, zone).strftime("%H:%M:%S") if time_ns else DASH


def clock_minute(time_ns: int | None, zone: tzinfo) -> str:
    """Time of day without seconds."""
    return at(time_ns, zone).strftime("%H:%M") if time_ns else DASH


def moment(time_ns: int | None, zone: tzinfo) -> str:
    """Date and time with seconds."""
    return at(time_ns, zone).strftime("%Y-%m-%d %H:%M:%S") if time_ns else DASH


def short_vin(vehicle: str) -> str:
    """The end of a vehicle's number, by which people tell vehicles apart."""
    return vehicle if len(vehicle) <= 8 else "…" + vehicle[-6:]


def speed(factor: float | None, fastest: str) -> str:
    """A replay's speed; ``fastest`` is the word for as fast as it computes."""
    if factor is None:
        return fastest
    return f"{factor:,.0f}×" if factor >= 100 else f"{factor:.3g}×"
