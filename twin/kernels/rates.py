"""Rates and intervals: samples of power or flow become shape."""

from __future__ import annotations

from typing import Any

from twin.kernels import segments, shape
from twin.kernels.booking import (
    BAD,
    BEGUN,
    ESTIMATED,
    GOOD,
    HELD,
    MEAN_BEFORE,
    MEASURED,
    NS_PER_HOUR,
    RATE,
    RATE_AND_COUNTER,
    SAMPLED,
    SLOT_NS,
    STEP,
    Meters,
)
from twin.kernels.compiled import part


@part
def _is_plain(point: Any, segment: Any, row: Any) -> bool:
    """Is it a good sample in its rhythm, with no change since the last one, in the same slot?"""
    t, before = row["t"], point["t_booked"]
    plain = row["quality"] == GOOD and row["duplicate"] == 0 and point["has_rate"] == 1
    plain = plain and point["lost"] == 0 and point["evidence"] == MEASURED
    plain = plain and point["hold"] == STEP and point["kind"] <= RATE_AND_COUNTER
    plain = plain and point["t_rate"] == before and segment["t0"] <= before < t
    plain = plain and segment["evidence"] == MEASURED and point["edge"] == 0
    plain = plain and t // SLOT_NS == point["slot"]
    in_slot = t < (segment["t0"] // SLOT_NS + 1) * SLOT_NS
    return bool(plain and in_slot and shape.is_steady(point, t - before))


@part
def _plain_rate(m: Meters, p: int, segment: Any, value: float, t: int) -> None:
    """Books such a sample as ``_any_rate`` would, in fewer steps."""
    point = m.sheet.points[p]
    before = point["t_booked"]
    spacing_ns = float(t - before)
    kw = value + shape.lagging(point, spacing_ns, 0.5) * (point["near_kw"] - value)
    hours = (t - before) / NS_PER_HOUR
    segment["shape_kwh"] += kw * hours
    point["shaped"] += kw * hours
    point["integral"] += point["rate"] * hours
    shape.learn_rhythm(point, spacing_ns)
    point["t_booked"] = point["t_rate"] = t
    point["rate"] = point["near_kw"] = value
    shape.into_buckets(m, p, before, t, kw)
    shape.learn_level(m, p, value)


@part
def rate(m: Meters, p: int, row: Any) -> None:
    """A sample of power or flow [kW]."""
    if m.sheet.counts[BEGUN] == 1:
        point = m.sheet.points[p]
        segment = m.sheet.segments[point["segment"]]
        if _is_plain(point, segment, row):
            _plain_rate(m, p, segment, row["value"], row["t"])
            return
    _any_rate(m, p, row)


@part
def _any_rate(m: Meters, p: int, row: Any) -> None:
    t = row["t"]
    point = m.sheet.points[p]
    if row["duplicate"] == 1 and m.sheet.counts[BEGUN] == 1 and point["lost"] == 0:
        # Nothing changed across the gap: what was doubted is known again.
        if point["evidence"] == ESTIMATED and point["has_rate"] == 1:
            point["evidence"] = MEASURED
            m.sheet.segments[point["segment"]]["evidence"] = MEASURED
        return
    if row["quality"] == BAD:
        if m.sheet.counts[BEGUN] == 1 and point["has_rate"] == 1:
            segments.set_evidence(m.sheet, p, t, ESTIMATED)
        return
    evidence = MEASURED if row["quality"] == GOOD else ESTIMATED
    if m.sheet.counts[BEGUN] == 0 or point["has_rate"] == 0:
        if m.sheet.counts[BEGUN] == 1:
            segments.cut(m.sheet, p, t, 0)
            point["t_booked"] = t
        point["evidence"] = evidence
        if m.sheet.counts[BEGUN] == 1:
            m.sheet.segments[point["segment"]]["evidence"] = evidence
    elif point["lost"] == 1:
        _found_again(m, p, t)
        segments.set_evidence(m.sheet, p, t, evidence)
    else:
        shape.into_hole(m.sheet, p, t)
        was_edge, before = point["edge"], point["rate"]
        shape.shape(m, p, t, row["value"], SAMPLED)
        if was_edge == 1 and point["edge"] == 0 and shape.is_steady(point, t - point["t_rate"]):
            shape.learn_lag(point, row["value"], before)
        shape.learn_level(m, p, row["value"])
        kw = shape.piece_kw(
            point["hold"], point["rate"], row["value"], point["t_rate"], t, point["t_rate"], t
        )
        point["integral"] += kw * ((t - point["t_rate"]) / NS_PER_HOUR)
        if evidence == MEASURED:
            shape.learn_rhythm(point, float(t - point["t_rate"]))
        segments.set_evidence(m.sheet, p, t, evidence)
    point["rate"] = point["near_kw"] = row["value"]
    point["t_rate"] = t
    point["has_rate"] = 1
    point["lost"] = 0
    if m.sheet.counts[BEGUN] == 1 and point["kind"] == RATE and t // SLOT_NS != point["slot"]:
        segments.settle(m.sheet, p, t)


@part
def lost_rate(m: Meters, p: int, t: int) -> None:
    """The samples of a rate do not read from t on: no energy, but the shape of what is counted."""
    point = m.sheet.points[p]
    if point["has_rate"] == 0 or point["lost"] == 1:
        return
    if m.sheet.counts[BEGUN] == 0:
        point["lost"] = 1
        return
    shape.shape(m, p, t, 0.0, HELD)
    if point["hold"] != MEAN_BEFORE:
        point["integral"] = segments.integral_to(point, t)
    point["t_rate"] = max(t, point["t_rate"])
    point["lost"] = 1
    segments.settle(m.sheet, p, t)
    if point["kind"] == RATE_AND_COUNTER and point["counter"]["has_count"] == 1:
        point["settle_next"] = 1
    segments.set_evidence(m.sheet, p, t, ESTIMATED)


@part
def _found_again(m: Meters, p: int, t: int) -> None:
    """The first sample of a rate after a loss: without a counter nothing is booked across it."""
    shape.shape(m, p, t, 0.0, HELD)
    if m.sheet.points[p]["kind"] == RATE:
        segments.settle(m.sheet, p, t)


@part
def mean_since(m: Meters, p: int, t: int, kwh: float) -> None:
    """An amount counted since t_booked, spread evenly over it."""
    point = m.sheet.points[p]
    span_ns = t - point["t_booked"]
    point["integral"] += kwh
    if span_ns <= 0:
        return
    point["rate"] = kwh / (span_ns / NS_PER_HOUR)
    shape.shape(m, p, t, point["rate"], SAMPLED)
    point["t_rate"] = t
    if t // SLOT_NS != point["slot"]:
        segments.settle(m.sheet, p, t)


@part
def interval(m: Meters, p: int, row: Any) -> None:
    """The energy of the interval that ends now [kWh]; what no interval covers stays empty."""
    t = row["t"]
    point = m.sheet.points[p]
    if row["quality"] == BAD or row["duplicate"] == 1 or m.sheet.counts[BEGUN] == 0:
        return
    begin = t - point["interval_ns"]
    if begin > point["t_booked"]:
        segments.cut(m.sheet, p, begin, 0)
        point["t_booked"] = begin
    evidence = MEASURED if row["quality"] == GOOD else ESTIMATED
    segments.set_evidence(m.sheet, p, point["t_booked"], evidence)
    point["has_rate"] = 1
    mean_since(m, p, t, row["value"])
