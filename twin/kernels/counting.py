"""Counting: readings of a counter become amounts, and settle the shape."""

from __future__ import annotations

from typing import Any

from twin.kernels import rates, readings, segments, shape
from twin.kernels.booking import (
    BAD,
    BEGUN,
    COUNTED,
    COUNTER,
    ESTIMATED,
    HELD,
    MEASURED,
    NOTE_BACKWARDS,
    NOTE_REFUSED,
    NOTE_REPLACED,
    NOTE_RESET,
    NOTE_ROLLOVER,
    NOTES,
    NS_PER_HOUR,
    RATE_AND_COUNTER,
    SLOT_NS,
    STEP,
    Meters,
)
from twin.kernels.compiled import part

FINE = 1000.0  # so many of its steps a counter counts between two settlings, at least
FINE_SHAPE = 5.0  # and to tell the power of a time in which that is missing
SETTLE_NS = 60_000_000_000


@part
def counter(m: Meters, p: int, row: Any) -> None:
    """A counter's reading, alone or beside a rate."""
    if row["quality"] == BAD or row["duplicate"] == 1:
        return
    point = m.sheet.points[p]
    if m.sheet.counts[BEGUN] == 0 or point["counter"]["has_count"] == 0:
        _first_reading(m, p, row)
        return
    t = row["t"]
    t_count, integral_at_doubt = point["counter"]["t_count"], point["integral_at_doubt"]
    kwh = _counted_kwh(m, p, row)
    in_doubt = point["counter"]["doubt"] != readings.CERTAIN
    if in_doubt:
        point["integral_at_doubt"] = segments.integral_to(point, t)
        if point["counter"]["t_count"] == t_count and kwh == 0.0:
            return  # as if it had not come, until the next one does
    if point["kind"] == COUNTER:
        rates.mean_since(m, p, t, kwh)
        segments.set_evidence(m.sheet, p, t, MEASURED)
    elif point["kind"] == RATE_AND_COUNTER:
        point["pending"] += kwh
        point["counted"] += kwh
        integral = integral_at_doubt if in_doubt else segments.integral_to(point, t)
        point["integral_at_count"] = integral
        if not in_doubt and t <= point["t_rate"]:
            point["counted_before"], point["shaped"] = point["counted"], 0.0
        elif not in_doubt and shape.is_hole(point, t - point["t_rate"]):
            _shape_by_count(m, p, t)
        if kwh > 0.0 and not in_doubt:
            _learn_least(point, kwh)
        if t // SLOT_NS != point["slot"] or _is_fine(point, t):
            shape.shape(m, p, t, 0.0, HELD)
            segments.settle(m.sheet, p, t)
            point["settle_next"] = 0


@part
def _counted_kwh(m: Meters, p: int, row: Any) -> float:
    """kWh that a reading counts; what it tells of the counter itself is noted."""
    point = m.sheet.points[p]
    counter = point["counter"]
    refused, count, t_count = counter["refused"], counter["count"], counter["t_count"]
    doubtful, doubt_count, t_doubt = counter["doubt"], counter["doubt_count"], counter["t_doubt"]
    before = _turns(counter)
    expected_kwh = 0.0
    if point["kind"] == RATE_AND_COUNTER:
        expected_kwh = segments.integral_to(point, row["t"]) - point["integral_at_count"]
    kwh = readings.take(counter, row, expected_kwh)
    refusals = counter["refused"] - refused
    if doubtful != readings.CERTAIN:
        kind = _turned(counter, before)
        if kind != NOTE_REFUSED:
            _note(m, p, kind, t_doubt, count, doubt_count)
        elif refusals > 0:
            _note(m, p, NOTE_REFUSED, t_doubt, count, doubt_count)
            refusals -= 1
    if refusals > 0:
        _note(m, p, NOTE_REFUSED, t_count, count, count)
    return float(kwh)


@part
def _turns(counter: Any) -> tuple[int, int, int, int]:
    """What happened to a counter so far: each kind's number."""
    rolled, replaced = counter["rollovers"], counter["replaced"]
    return counter["resets"], rolled, replaced, counter["backwards"]


@part
def _turned(counter: Any, before: tuple[int, int, int, int]) -> int:
    """What happened to it since; NOTE_REFUSED: none of them."""
    if counter["resets"] > before[0]:
        return NOTE_RESET
    if counter["rollovers"] > before[1]:
        return NOTE_ROLLOVER
    if counter["backwards"] > before[3]:
        return NOTE_BACKWARDS
    if counter["replaced"] > before[2]:
        return NOTE_REPLACED
    return NOTE_REFUSED


@part
def _note(m: Meters, p: int, kind: int, t: int, before: float, count: float) -> None:
    note = m.notes[m.sheet.counts[NOTES]]
    m.sheet.counts[NOTES] += 1
    note["point"], note["kind"], note["t"] = p, kind, t
    note["count_before"], note["count"] = before, count


@part
def _shape_by_count(m: Meters, p: int, t: int) -> None:
    """Where samples of the power are missing, what the counter counts meanwhile is its shape."""
    point = m.sheet.points[p]
    kwh = point["counted"] - point["counted_before"]
    counts = point["hold"] == STEP and point["least_rise"] > 0.0 and t > point["t_booked"]
    if not counts or kwh < FINE_SHAPE * point["least_rise"]:
        return
    kw = max(0.0, (kwh - point["shaped"]) / ((t - point["t_booked"]) / NS_PER_HOUR))
    shape.shape(m, p, t, kw, COUNTED)
    point["near_kw"] = kw
    point["counted_before"], point["shaped"] = point["counted"], 0.0


@part
def _learn_least(point: Any, kwh: float) -> None:
    """The smallest rise of a counter, as far as it is seen, is its resolution."""
    if point["least_rise"] == 0.0 or kwh < point["least_rise"]:
        point["least_rise"] = kwh


@part
def _is_fine(point: Any, t: int) -> bool:
    """Has the counter counted enough of its steps to settle the shape by it?"""
    steps = point["pending"] / point["least_rise"] if point["least_rise"] > 0.0 else 0.0
    if point["settle_next"] == 1:
        return bool(point["evidence"] == ESTIMATED or steps >= shape.FINE_HOLE)
    return bool(steps >= FINE and t - point["t_settled"] >= SETTLE_NS)


@part
def _first_reading(m: Meters, p: int, row: Any) -> None:
    """It counts nothing; what the next one counts is since then."""
    t = row["t"]
    point = m.sheet.points[p]
    if m.sheet.counts[BEGUN] == 1 and point["kind"] == COUNTER:
        segments.cut(m.sheet, p, t, 0)
        point["t_booked"] = t
        point["t_rate"] = t
        point["has_rate"] = 1
    if m.sheet.counts[BEGUN] == 1 and point["kind"] == RATE_AND_COUNTER:
        shape.shape(m, p, t, 0.0, HELD)
        segments.settle(m.sheet, p, t)
        point["settle_next"] = 0
        point["pending"] = 0.0
        point["integral_at_count"] = segments.integral_to(point, t)
    readings.begin(point["counter"], row)


@part
def conclude(m: Meters, p: int, t: int) -> None:
    """The end decides about a reading that no other follows."""
    point = m.sheet.points[p]
    counter = point["counter"]
    if counter["doubt"] == readings.CERTAIN:
        return
    before = _turns(counter)
    count, doubt = counter["count"], counter["doubt"]
    kwh = readings.conclude(counter)
    kind = _turned(counter, before)
    if kind != NOTE_REFUSED or doubt == readings.RISE:
        _note(m, p, kind, counter["t_doubt"], count, counter["doubt_count"])
    if doubt == readings.RISE:
        return
    if point["kind"] == COUNTER:
        rates.mean_since(m, p, t, kwh)
    else:
        point["pending"] += kwh
        point["integral_at_count"] = point["integral_at_doubt"]
