"""Shape: how a point's energy lies in time, from the samples of its rate.

A rate sampled in steps says nothing about the time between a change of the station and the next
sample, so that piece takes the next sample's value when it follows within the signal's own rhythm.
Rhythm, lag and the usual power of each state are learnt on the way.
"""

from __future__ import annotations

import math
from typing import Any

from twin.kernels import readings, segments
from twin.kernels.booking import (
    BEGUN,
    BUCKET_NS,
    COUNTED,
    LINEAR,
    MEAN_BEFORE,
    MEASURED,
    NS_PER_HOUR,
    RATE_AND_COUNTER,
    SAMPLED,
    STEP,
    T_BUCKETS,
    Meters,
    Sheet,
)
from twin.kernels.compiled import part

NEAR = 1.5  # a sample follows within the rhythm: so many times it
REGULAR = 0.5  # so large a part of its samples keeps the rhythm of a signal that is sampled
LONGEST_HOLE = 120.0  # in rhythms: more, and the signal is silent
FINE_HOLE = 20.0  # and across a hole
FINE_HOLE_RHYTHMS = 2.5  # a hole that is longer is settled apart


@part
def shape(m: Meters, p: int, t: int, new: float, sampled: int) -> None:
    """Books the shape up to t.

    ``sampled``: SAMPLED, a sample of value ``new`` [kW] arrived at t; COUNTED, that is the mean
    since t_booked; HELD, nothing is known since the last sample.
    """
    point = m.sheet.points[p]
    booked = point["t_booked"]
    if t <= booked:
        return
    segments.cut_slots(m.sheet, p, t)
    in_steps = sampled == SAMPLED and point["hold"] == STEP and point["kind"] <= RATE_AND_COUNTER
    t_change = _first_change(m.sheet, p, booked) if in_steps else -1
    is_near = float(t - max(t_change, booked)) <= NEAR * point["rhythm"]
    hole = in_steps and is_hole(point, t - booked)
    point["edge"] = 0
    if t_change >= 0 and is_near and not hole:
        point["edge"], point["before_edge"] = 1, point["near_kw"]
    k = point["segment"]
    while k >= 0:
        segment = m.sheet.segments[k]
        a = max(segment["t0"], booked)
        b = t if k == point["segment"] else segment["t1"]
        if b <= booked:
            break
        if sampled == COUNTED:
            kw = new
        elif hole:
            kw = _hole_kw(point, m.levels[p, segment["state"]], new, a, b, t_change, t)
        elif in_steps and t_change >= 0 and is_near:
            kw = _edge_kw(point, new, a, t_change, t)
        elif in_steps and t_change < 0 and is_steady(point, t - booked):
            kw = new + lagging(point, float(t - booked), 0.5) * (point["near_kw"] - new)
        else:
            hold = point["hold"] if sampled == SAMPLED else STEP
            kw = piece_kw(hold, point["rate"], new, point["t_rate"], t, a, b)
        kwh = kw * ((b - a) / NS_PER_HOUR)
        segment["shape_kwh"] += kwh
        if hole:
            segment["filled_kwh"] += kwh
        point["shaped"] += kwh
        if segment["evidence"] == MEASURED:
            into_buckets(m, p, a, b, kw)
        k = segment["previous"]
    point["t_booked"] = t


@part
def piece_kw(hold: int, old: float, new: float, t_old: int, t_new: int, a: int, b: int) -> float:
    """Mean rate over [a, b) between two samples, by the hold rule [kW]."""
    if hold == MEAN_BEFORE:
        return new
    if hold == LINEAR and t_new > t_old:
        middle = (0.5 * (a - t_old) + 0.5 * (b - t_old)) / (t_new - t_old)
        return old + (new - old) * middle
    return old


@part
def into_buckets(m: Meters, p: int, a: int, b: int, kw: float) -> None:
    """Adds a rate over [a, b) to a point's buckets."""
    kwh, covered, counts = m.buckets[p], m.covered[p], m.sheet.counts
    width = counts[BUCKET_NS]
    while a < b:
        i = (a - counts[T_BUCKETS]) // width
        end = min(b, counts[T_BUCKETS] + (i + 1) * width)
        kwh[i] += kw * ((end - a) / NS_PER_HOUR)
        covered[i] += end - a
        a = end


@part
def _first_change(sheet: Sheet, p: int, since: int) -> int:
    """When the station's state or vehicle first changed after ``since``; -1: it did not."""
    segment, found = sheet.segments[sheet.points[p]["segment"]], -1
    while segment["t0"] > since:
        if segment["changed"] == 1:
            found = segment["t0"]
        if segment["previous"] < 0:
            break
        segment = sheet.segments[segment["previous"]]
    return int(found)


@part
def is_steady(point: Any, spacing_ns: int) -> bool:
    """Is a signal sampled at its own rhythm, also now, rather than when it changes?"""
    steady = point["regular"] >= REGULAR
    return bool(steady and float(spacing_ns) <= NEAR * point["rhythm"])


@part
def is_hole(point: Any, spacing_ns: int) -> bool:
    """Are samples missing of a signal that is sampled at a rhythm?"""
    steady = point["regular"] >= REGULAR
    return bool(steady and NEAR < float(spacing_ns) / point["rhythm"] <= LONGEST_HOLE)


@part
def lagging(point: Any, after_ns: float, unknown: float) -> float:
    """Part of a jump that the mean rate over a time still lacks of the value at its end.

    For a rate that goes exponentially to its new level with the lag L, over a time D from the jump
    on: L/D - 1/(exp(D/L) - 1). L comes from how far the first samples after changes had still to
    go, on average; ``unknown`` where there is none.
    """
    if point["jumps"] <= 0.0 or after_ns <= 0.0:
        return unknown
    left = min(point["jumps_left"] / point["jumps"], 0.6)
    if left < 0.02:
        return unknown
    # After half a rhythm u of the jump is left: left = (u - u^3) / (1 - u^3).
    u = 0.5 * (math.sqrt(1.0 + 4.0 * left / (1.0 - left)) - 1.0)
    times = after_ns / (-0.5 * point["rhythm"] / math.log(u))
    return float(1.0 / times - 1.0 / (math.exp(min(times, 500.0)) - 1.0))


@part
def _edge_kw(point: Any, new: float, a: int, t_change: int, t: int) -> float:
    """Mean rate of a piece between two samples with a change of the station between them [kW]."""
    if a < t_change:
        return float(point["near_kw"])
    return float(new + lagging(point, float(t - t_change), 0.0) * (point["near_kw"] - new))


@part
def _hole_kw(point: Any, usual: float, new: float, a: int, b: int, t_change: int, t: int) -> float:
    """Mean rate of a piece where samples are missing: by what is near, else usual in its state."""
    if t_change < 0:
        return float(0.5 * (point["near_kw"] + new))
    near = NEAR * point["rhythm"]
    begins, ends = a <= point["t_booked"], b >= t
    value = point["near_kw"] if begins else new
    if math.isnan(usual):
        return float(value)
    if begins or ends:
        weight = min(1.0, near / float(b - a))
        return float(weight * value + (1.0 - weight) * usual)
    return float(usual)


@part
def learn_rhythm(point: Any, spacing_ns: float) -> None:
    """Follows the shortest usual spacing: at once when shorter, slowly when longer."""
    rhythm = point["rhythm"]
    if spacing_ns <= 0.0:
        return
    if rhythm == 0.0 or spacing_ns < rhythm:
        point["rhythm"] = spacing_ns
    else:
        point["rhythm"] = rhythm + (min(spacing_ns, 2.0 * rhythm) - rhythm) / 16.0
    keeps = 1.0 if abs(spacing_ns - rhythm) <= 0.25 * rhythm else 0.0
    point["regular"] += (keeps - point["regular"]) / 64.0


@part
def learn_lag(point: Any, value: float, before: float) -> None:
    """The second sample after a change: how far was the first from it, and the one before?"""
    jump = point["before_edge"] - value
    point["jumps"] += jump * jump
    point["jumps_left"] += jump * (before - value)


@part
def learn_level(m: Meters, p: int, value: float) -> None:
    """Follows the usual rate of a point in its station's present state."""
    s = m.sheet.points[p]["station"]
    if s < 0 or m.sheet.stations[s]["state_known"] == 0:
        return
    state = m.sheet.stations[s]["state"]
    usual = m.levels[p, state]
    m.levels[p, state] = value if math.isnan(usual) else usual + (value - usual) / 64.0


@part
def into_hole(sheet: Sheet, p: int, t: int) -> None:
    """Samples are missing since the last one: what a counter counts across them is settled apart.

    Called before anything of time t is booked.
    """
    point = sheet.points[p]
    begin = point["t_rate"]
    wide = float(t - begin) > FINE_HOLE_RHYTHMS * point["rhythm"]
    if point["kind"] != RATE_AND_COUNTER or point["counter"]["has_count"] == 0 or not wide:
        return
    known = point["t_booked"] == begin and point["evidence"] == MEASURED
    if not (known and is_hole(point, t - begin)):
        return
    if point["t_settled"] >= begin or sheet.segments[point["segment"]]["t0"] > begin:
        return
    steps = point["pending"] / point["least_rise"] if point["least_rise"] > 0.0 else 0.0
    if steps >= FINE_HOLE and point["counter"]["doubt"] == readings.CERTAIN:
        segments.settle(sheet, p, begin)
        point["settle_next"] = 1


@part
def holes_at(sheet: Sheet, s: int, t: int) -> None:
    """Before a station changes at t."""
    if sheet.counts[BEGUN] == 0:
        return
    for i in range(sheet.stations[s]["points_from"], sheet.stations[s]["points_to"]):
        into_hole(sheet, sheet.station_points[i], t)
