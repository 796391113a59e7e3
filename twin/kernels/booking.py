"""Booking: the sequenced stream becomes segments, each a kWh with a station, a state and a vehicle.

Model. Every metering point has one open segment. It is closed, and the next one opened, when the
state or the vehicle of its station changes, at each 15-minute UTC boundary, and when the evidence
changes. Energy is first a *shape*: the integral of the point's rate. A rate sampled in steps says
nothing about the time between a change of the station and the next sample, so that piece takes
the next sample's value when it follows within the signal's own rhythm. Then the shape is settled
to the *amount*: what the counter counted, or, without a counter, the integral by the signal's
``hold`` rule. So a sum of segments is always what the meter said, and the split within it follows
the line.

Each station has one more point without a meter: its segments are the times it spent in each state.

``book_python`` is the reference, ``book`` the same source compiled; they give the same bits.
Strict IEEE arithmetic, in the order of the stream: no fastmath, no parallel sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

from twin.kernels import places, readings

SLOT_NS = 900_000_000_000
NS_PER_HOUR = 3.6e12
UNKNOWN_STATE = 11
MEASURED, ESTIMATED = 0, 1
STEP, LINEAR, MEAN_BEFORE = 0, 1, 2
HELD, SAMPLED, COUNTED = 0, 1, 2  # what a shape is booked by
PRESENCE, RATE, RATE_AND_COUNTER, COUNTER, INTERVAL = 0, 1, 2, 3, 4
BAD, UNCERTAIN, GOOD = 0, 1, 2
(
    OP_NONE,
    OP_STATE,
    OP_VEHICLE,
    OP_VARIANT,
    OP_GOOD_COUNT,
    OP_REJECT_COUNT,
    OP_RATE,
    OP_COUNTER,
    OP_INTERVAL,
    OP_BEGIN,
    OP_END,
    OP_GAP_BEGIN,
    OP_LOST_RATE,
    OP_LOST_COUNTER,
    OP_LOST_STATION,
) = range(15)

ROW = np.dtype(
    [
        ("op", "u1"),
        ("quality", "u1"),
        ("duplicate", "u1"),
        ("integer", "u1"),  # exact holds the counter
        ("target", "<i4"),  # station, point or source
        ("t", "<i8"),
        ("value", "<f8"),  # kW for a rate, kWh for an interval, raw for a counter
        ("exact", "<i8"),
    ]
)
POINT = np.dtype(
    [
        ("kind", "u1"),
        ("hold", "u1"),
        ("evidence", "u1"),
        ("has_rate", "u1"),
        ("settle_next", "u1"),  # settle at the next counter reading, whatever the slot
        ("lost", "u1"),  # a rate whose samples since t_rate do not read: it is no energy
        ("station", "<i4"),  # -1: more than one, or none
        ("source", "<i4"),
        ("rate", "<f8"),  # kW, holds from t_rate
        ("t_rate", "<i8"),
        ("t_booked", "<i8"),  # shape is known up to here
        ("rhythm", "<f8"),  # usual time between samples [ns]
        ("regular", "<f8"),  # part of the samples that keep it, 0 to 1
        ("edge", "u1"),  # the last sample was the first after a change of the station
        ("before_edge", "<f8"),  # the sample before that change [kW]
        ("jumps", "<f8"),  # squared jumps of the power at changes, to the second sample [kW2]
        ("jumps_left", "<f8"),  # of them, what the first sample had still to go
        ("near_kw", "<f8"),  # rate at t_booked, by its samples or by what was counted [kW]
        ("counted", "<f8"),  # kWh, by all readings
        ("counted_before", "<f8"),  # up to a reading up to which the shape was booked
        ("shaped", "<f8"),  # kWh of shape booked since then
        ("t_settled", "<i8"),
        ("least_rise", "<f8"),  # of the counter: its resolution [kWh]
        ("integral", "<f8"),  # kWh by the hold rule up to t_rate
        ("integral_at_count", "<f8"),
        ("integral_at_doubt", "<f8"),
        ("pending", "<f8"),  # kWh counted since the last settling
        ("interval_ns", "<i8"),
        ("segment", "<i8"),  # the open one
        ("settled", "<i8"),  # the last settled one
        ("slot", "<i8"),  # of the last settling
        *readings.COUNTER,
    ]
)
STATION = np.dtype(
    [
        ("state", "i1"),
        ("state_known", "u1"),
        ("vehicle_known", "u1"),
        ("has_good", "u1"),
        ("has_reject", "u1"),
        ("source", "<i4"),
        ("variant", "<i4"),
        ("visit", "<i8"),
        ("last_visit", "<i8"),
        ("t_state", "<i8"),
        ("t_gap", "<i8"),
        ("good", "<f8"),
        ("reject", "<f8"),
        ("points_from", "<i4"),
        ("points_to", "<i4"),
        *places.STATION,
    ]
)
SEGMENT = np.dtype(
    [
        ("point", "<i4"),
        ("state", "i1"),
        ("evidence", "u1"),
        ("changed", "u1"),  # opened by a change of state or vehicle
        ("visit", "<i8"),
        ("t0", "<i8"),
        ("t1", "<i8"),
        ("previous", "<i8"),  # of the same point
        ("shape_kwh", "<f8"),
        ("filled_kwh", "<f8"),  # of it, where samples were missing
        ("kwh", "<f8"),
    ]
)
VISIT = np.dtype(
    [
        ("vehicle", "<i4"),
        ("station", "<i4"),
        ("variant", "<i4"),
        ("whole", "u1"),
        ("enter", "<i8"),
        ("leave", "<i8"),  # -1: still there
        ("good", "<i4"),
        ("reject", "<i4"),
    ]
)
NOTE_RESET, NOTE_ROLLOVER, NOTE_REFUSED, NOTE_REPLACED, NOTE_BACKWARDS = range(5)
NOTE = np.dtype(
    [
        ("point", "<i4"),
        ("kind", "u1"),
        ("t", "<i8"),
        ("count_before", "<f8"),  # as the counter showed it
        ("count", "<f8"),
    ]
)
MINUTE_NS = 60_000_000_000
NEAR = 1.5  # a sample follows within the rhythm: so many times it
REGULAR = 0.5  # so large a part of its samples keeps the rhythm of a signal that is sampled
LONGEST_HOLE = 120.0  # in rhythms: more, and the signal is silent
FINE = 1000.0  # so many of its steps a counter counts between two settlings, at least
FINE_SHAPE = 5.0  # and to tell the power of a time in which that is missing
FINE_HOLE = 20.0  # and across a hole
FINE_HOLE_RHYTHMS = 2.5  # a hole that is longer is settled apart
MOST_FILLED = 0.9  # so large a part at most of what was filled in may have been wrong
SETTLE_NS = 60_000_000_000
# What is counted: rows used of the growing tables, and the clock.
(SEGMENTS, VISITS, BEGUN, T_BEGIN, T_NOW, BUCKET_NS, T_BUCKETS, NOTES, UNNAMED) = range(9)
COUNTS = 9

Table = NDArray[np.void]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Memory(NamedTuple):
    """All that booking knows.

    segments, visits, notes, vehicles, buckets and covered may need more room.
    """

    points: Table  # (p,) POINT: the line's, then one without a meter for each station
    stations: Table  # (s,) STATION
    station_points: Ints  # the points of station s: [points_from:points_to]
    segments: Table  # SEGMENT, counts[SEGMENTS] of them in use
    visits: Table  # VISIT, counts[VISITS] of them in use
    notes: Table  # NOTE, counts[NOTES] of them in use: what happened to counters
    buckets: Floats  # (p, b) kWh by counts[BUCKET_NS] from counts[T_BUCKETS]
    covered: Ints  # (p, b) ns
    counts: Ints
    vehicles: Ints  # (v,) number of each one's last visit, plus 1; 0: none yet
    ways: NDArray[np.uint8]  # (s, s) kind of the way from station to station (places.py)
    queues: Table  # (s, n) places.QUEUE: who is inside a station of several places
    levels: Floats  # (p, states) usual rate of each point in each state [kW], NaN: not known
    unnamed: Table  # places.UNNAMED, counts[UNNAMED] of them in use


@register_jitable
def _label(m: Memory, k: int, s: int) -> None:
    """Gives a segment its station's present state and visit, as far as they are known."""
    if s < 0:
        m.segments[k]["state"] = UNKNOWN_STATE
        m.segments[k]["visit"] = -1
        return
    station = m.stations[s]
    known = station["state_known"] == 1
    m.segments[k]["state"] = station["state"] if known else UNKNOWN_STATE
    m.segments[k]["visit"] = station["visit"] if station["vehicle_known"] == 1 else -1


@register_jitable
def _open(m: Memory, p: int, t: int, changed: int) -> None:
    k = m.counts[SEGMENTS]
    m.counts[SEGMENTS] = k + 1
    m.segments[k]["point"] = p
    m.segments[k]["t0"] = t
    m.segments[k]["t1"] = t
    m.segments[k]["shape_kwh"] = 0.0
    m.segments[k]["filled_kwh"] = 0.0
    m.segments[k]["kwh"] = 0.0
    m.segments[k]["previous"] = m.points[p]["segment"]
    m.segments[k]["changed"] = changed
    m.segments[k]["evidence"] = m.points[p]["evidence"]
    _label(m, k, m.points[p]["station"])
    m.points[p]["segment"] = k


@register_jitable
def _cut_slots(m: Memory, p: int, t: int) -> None:
    """Closes the open segment at every slot boundary before t; the labels stay."""
    while True:
        k = m.points[p]["segment"]
        boundary = (m.segments[k]["t0"] // SLOT_NS + 1) * SLOT_NS
        if boundary >= t:
            return
        m.segments[k]["t1"] = boundary
        _open(m, p, boundary, 0)
        n = m.points[p]["segment"]
        m.segments[n]["state"] = m.segments[k]["state"]
        m.segments[n]["visit"] = m.segments[k]["visit"]
        m.segments[n]["evidence"] = m.segments[k]["evidence"]


@register_jitable
def _cut(m: Memory, p: int, t: int, changed: int) -> None:
    """Closes the open segment at t and opens the next; nothing of no length is left behind."""
    _cut_slots(m, p, t)
    k = m.points[p]["segment"]
    if m.segments[k]["t0"] >= t:
        _label(m, k, m.points[p]["station"])
        m.segments[k]["evidence"] = m.points[p]["evidence"]
        if changed == 1:
            m.segments[k]["changed"] = 1
        return
    m.segments[k]["t1"] = t
    _open(m, p, t, changed)


@register_jitable
def _into_buckets(kwh: Floats, covered: Ints, counts: Ints, a: int, b: int, kw: float) -> None:
    width = counts[BUCKET_NS]
    while a < b:
        i = (a - counts[T_BUCKETS]) // width
        end = min(b, counts[T_BUCKETS] + (i + 1) * width)
        kwh[i] += kw * ((end - a) / NS_PER_HOUR)
        covered[i] += end - a
        a = end


@register_jitable
def _piece_kw(hold: int, old: float, new: float, t_old: int, t_new: int, a: int, b: int) -> float:
    """Mean rate over [a, b) between two samples, by the hold rule [kW]."""
    if hold == MEAN_BEFORE:
        return new
    if hold == LINEAR and t_new > t_old:
        middle = (0.5 * (a - t_old) + 0.5 * (b - t_old)) / (t_new - t_old)
        return old + (new - old) * middle
    return old


@register_jitable
def _shape(m: Memory, p: int, t: int, new: float, sampled: int) -> None:
    """Books the shape up to t.

    ``sampled``: SAMPLED, a sample of value ``new`` [kW] arrived at t; COUNTED, that is the mean
    since t_booked; HELD, nothing is known since the last sample.
    """
    point = m.points[p]
    booked = point["t_booked"]
    if t <= booked:
        return
    _cut_slots(m, p, t)
    in_steps = sampled == SAMPLED and point["hold"] == STEP and point["kind"] <= RATE_AND_COUNTER
    t_change = _first_change(m, p, booked) if in_steps else -1
    is_near = float(t - max(t_change, booked)) <= NEAR * point["rhythm"]
    hole = in_steps and _is_hole(point, t - booked)
    point["edge"] = 0
    if t_change >= 0 and is_near and not hole:
        point["edge"], point["before_edge"] = 1, point["near_kw"]
    k = point["segment"]
    while k >= 0:
        a = max(m.segments[k]["t0"], booked)
        b = t if k == point["segment"] else m.segments[k]["t1"]
        if b <= booked:
            break
        if sampled == COUNTED:
            kw = new
        elif hole:
            kw = _hole_kw(m, p, k, new, a, b, t_change, t)
        elif in_steps and t_change >= 0 and is_near:
            kw = _edge_kw(point, new, a, t_change, t)
        elif in_steps and t_change < 0 and _is_steady(point, t - booked):
            kw = new + _lagging(point, float(t - booked), 0.5) * (point["near_kw"] - new)
        else:
            hold = point["hold"] if sampled == SAMPLED else STEP
            kw = _piece_kw(hold, point["rate"], new, point["t_rate"], t, a, b)
        kwh = kw * ((b - a) / NS_PER_HOUR)
        m.segments[k]["shape_kwh"] += kwh
        if hole:
            m.segments[k]["filled_kwh"] += kwh
        point["shaped"] += kwh
        if m.segments[k]["evidence"] == MEASURED:
            _into_buckets(m.buckets[p], m.covered[p], m.counts, a, b, kw)
        k = m.segments[k]["previous"]
    point["t_booked"] = t


@register_jitable
def _first_change(m: Memory, p: int, since: int) -> int:
    """When the station's state or vehicle first changed after ``since``; -1: it did not."""
    k, found = m.points[p]["segment"], -1
    while k >= 0 and m.segments[k]["t0"] > since:
        if m.segments[k]["changed"] == 1:
            found = m.segments[k]["t0"]
        k = m.segments[k]["previous"]
    return int(found)


@register_jitable
def _is_steady(point: Any, spacing_ns: int) -> bool:
    """Is a signal sampled at its own rhythm, also now, rather than when it changes?"""
    steady = point["regular"] >= REGULAR
    return bool(steady and float(spacing_ns) <= NEAR * point["rhythm"])


@register_jitable
def _is_hole(point: Any, spacing_ns: int) -> bool:
    """Are samples missing of a signal that is sampled at a rhythm?"""
    steady = point["regular"] >= REGULAR
    return bool(steady and NEAR < float(spacing_ns) / point["rhythm"] <= LONGEST_HOLE)


@register_jitable
def _lagging(point: Any, after_ns: float, unknown: float) -> float:
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


@register_jitable
def _edge_kw(point: Any, new: float, a: int, t_change: int, t: int) -> float:
    """Mean rate of a piece between two samples with a change of the station between them [kW]."""
    if a < t_change:
        return float(point["near_kw"])
    return float(new + _lagging(point, float(t - t_change), 0.0) * (point["near_kw"] - new))


@register_jitable
def _hole_kw(m: Memory, p: int, k: int, new: float, a: int, b: int, t_change: int, t: int) -> float:
    """Mean rate of a piece where samples are missing: by what is near, else usual in its state."""
    point = m.points[p]
    if t_change < 0:
        return float(0.5 * (point["near_kw"] + new))
    near = NEAR * point["rhythm"]
    usual = m.levels[p, m.segments[k]["state"]]
    begins, ends = a <= point["t_booked"], b >= t
    value = point["near_kw"] if begins else new
    if math.isnan(usual):
        return float(value)
    if begins or ends:
        part = min(1.0, near / float(b - a))
        return float(part * value + (1.0 - part) * usual)
    return float(usual)


@register_jitable
def _integral_to(point: Any, t: int) -> float:
    """kWh by the hold rule up to t, the last value held since its sample."""
    nothing = point["has_rate"] == 0 or point["kind"] >= COUNTER or point["lost"] == 1
    if nothing or t <= point["t_rate"]:
        return float(point["integral"])
    return float(point["integral"] + point["rate"] * ((t - point["t_rate"]) / NS_PER_HOUR))


@register_jitable
def _settle(m: Memory, p: int, t: int) -> None:
    """Scales the closed, unsettled segments to the amount that the meter counted until t."""
    point = m.points[p]
    since_count = _integral_to(point, t) - point["integral_at_count"]
    amount = point["pending"] + since_count
    _cut(m, p, t, 0)
    last = m.segments[point["segment"]]["previous"]
    shape_kwh, filled_kwh = 0.0, 0.0
    span_ns = 0
    k = last
    while k != point["settled"]:
        shape_kwh += m.segments[k]["shape_kwh"]
        filled_kwh += m.segments[k]["filled_kwh"]
        span_ns += m.segments[k]["t1"] - m.segments[k]["t0"]
        k = m.segments[k]["previous"]
    if span_ns == 0:
        return
    # What was filled in is known least: it takes what is missing, as far as that may be.
    missing = amount - shape_kwh
    fills = abs(missing) < MOST_FILLED * filled_kwh
    k = last
    while k != point["settled"]:
        if fills:
            part = m.segments[k]["filled_kwh"] / filled_kwh
            m.segments[k]["kwh"] = m.segments[k]["shape_kwh"] + part * missing
        elif shape_kwh != 0.0:
            m.segments[k]["kwh"] = m.segments[k]["shape_kwh"] * (amount / shape_kwh)
        else:
            span = m.segments[k]["t1"] - m.segments[k]["t0"]
            m.segments[k]["kwh"] = amount * (span / span_ns)
        k = m.segments[k]["previous"]
    point["settled"] = last
    point["slot"] = t // SLOT_NS
    point["t_settled"] = t
    if point["kind"] == RATE_AND_COUNTER and point["has_count"] == 1:
        point["pending"] = -since_count
    else:
        point["pending"] = 0.0
        point["integral_at_count"] += since_count


@register_jitable
def _counted_kwh(m: Memory, p: int, row: Any) -> float:
    """kWh that a reading counts; what it tells of the counter itself is noted."""
    point = m.points[p]
    refused = point["refused"]
    count, t_count = point["count"], point["t_count"]
    doubtful, doubt_count, t_doubt = point["doubt"], point["doubt_count"], point["t_doubt"]
    before = _turns(point)
    expected_kwh = 0.0
    if point["kind"] == RATE_AND_COUNTER:
        expected_kwh = _integral_to(point, row["t"]) - point["integral_at_count"]
    kwh = readings.take(point, row, expected_kwh)
    refusals = point["refused"] - refused
    if doubtful != readings.CERTAIN:
        kind = _turned(point, before)
        if kind != NOTE_REFUSED:
            _note(m, p, kind, t_doubt, count, doubt_count)
        elif refusals > 0:
            _note(m, p, NOTE_REFUSED, t_doubt, count, doubt_count)
            refusals -= 1
    if refusals > 0:
        _note(m, p, NOTE_REFUSED, t_count, count, count)
    return float(kwh)


@register_jitable
def _turns(point: Any) -> tuple[int, int, int, int]:
    """What happened to a counter so far: each kind's number."""
    return point["resets"], point["rollovers"], point["replaced"], point["backwards"]


@register_jitable
def _turned(point: Any, before: tuple[int, int, int, int]) -> int:
    """What happened to it since; NOTE_REFUSED: none of them."""
    if point["resets"] > before[0]:
        return NOTE_RESET
    if point["rollovers"] > before[1]:
        return NOTE_ROLLOVER
    if point["backwards"] > before[3]:
        return NOTE_BACKWARDS
    if point["replaced"] > before[2]:
        return NOTE_REPLACED
    return NOTE_REFUSED


@register_jitable
def _note(m: Memory, p: int, kind: int, t: int, before: float, count: float) -> None:
    k = m.counts[NOTES]
    m.counts[NOTES] = k + 1
    m.notes[k]["point"] = p
    m.notes[k]["kind"] = kind
    m.notes[k]["t"] = t
    m.notes[k]["count_before"] = before
    m.notes[k]["count"] = count


@register_jitable
def _set_evidence(m: Memory, p: int, t: int, evidence: int) -> None:
    if m.points[p]["evidence"] != evidence:
        m.points[p]["evidence"] = evidence
        _cut(m, p, t, 0)


@register_jitable
def _is_plain(point: Any, segment: Any, row: Any) -> bool:
    """Is it a good sample in its rhythm, with no change since the last one, in the same slot?"""
    t, before = row["t"], point["t_booked"]
    plain = row["quality"] == GOOD and row["duplicate"] == 0 and point["has_rate"] == 1
    plain = plain and point["lost"] == 0 and point["evidence"] == MEASURED
    plain = plain and point["hold"] == STEP and point["kind"] <= RATE_AND_COUNTER
    plain = plain and point["t_rate"] == before and segment["t0"] <= before < t
    plain = plain and segment["evidence"] == MEASURED and point["edge"] == 0
    in_slot = t < (segment["t0"] // SLOT_NS + 1) * SLOT_NS
    return bool(plain and in_slot and _is_steady(point, t - before))


@register_jitable
def _plain_rate(point: Any, segment: Any, value: float, t: int) -> float:
    """Books such a sample as ``_shape`` and ``_rate`` would; the mean rate since the last [kW]."""
    before = point["t_booked"]
    spacing_ns = float(t - before)
    kw = value + _lagging(point, spacing_ns, 0.5) * (point["near_kw"] - value)
    hours = (t - before) / NS_PER_HOUR
    segment["shape_kwh"] += kw * hours
    point["shaped"] += kw * hours
    point["integral"] += point["rate"] * hours
    _learn_rhythm(point, spacing_ns)
    point["t_booked"] = point["t_rate"] = t
    point["rate"] = point["near_kw"] = value
    return float(kw)


@register_jitable
def _rate(m: Memory, p: int, row: Any) -> None:
    """A sample of power or flow [kW]."""
    t = row["t"]
    point = m.points[p]
    if row["duplicate"] == 1 and m.counts[BEGUN] == 1 and point["lost"] == 0:
        # Nothing changed across the gap: what was doubted is known again.
        if point["evidence"] == ESTIMATED and point["has_rate"] == 1:
            point["evidence"] = MEASURED
            m.segments[point["segment"]]["evidence"] = MEASURED
        return
    if row["quality"] == BAD:
        if m.counts[BEGUN] == 1 and point["has_rate"] == 1:
            _set_evidence(m, p, t, ESTIMATED)
        return
    evidence = MEASURED if row["quality"] == GOOD else ESTIMATED
    if m.counts[BEGUN] == 0 or point["has_rate"] == 0:
        if m.counts[BEGUN] == 1:
            _cut(m, p, t, 0)
            point["t_booked"] = t
        point["evidence"] = evidence
        if m.counts[BEGUN] == 1:
            m.segments[point["segment"]]["evidence"] = evidence
    elif point["lost"] == 1:
        _found_again(m, p, t)
        _set_evidence(m, p, t, evidence)
    else:
        _into_hole(m, p, t)
        was_edge, before = point["edge"], point["rate"]
        _shape(m, p, t, row["value"], SAMPLED)
        if was_edge == 1 and point["edge"] == 0 and _is_steady(point, t - point["t_rate"]):
            _learn_lag(point, row["value"], before)
        s = point["station"]
        if s >= 0 and m.stations[s]["state_known"] == 1:
            _learn_level(m.levels[p], m.stations[s]["state"], row["value"])
        kw = _piece_kw(
            point["hold"], point["rate"], row["value"], point["t_rate"], t, point["t_rate"], t
        )
        point["integral"] += kw * ((t - point["t_rate"]) / NS_PER_HOUR)
        if evidence == MEASURED:
            _learn_rhythm(point, float(t - point["t_rate"]))
        _set_evidence(m, p, t, evidence)
    point["rate"] = point["near_kw"] = row["value"]
    point["t_rate"] = t
    point["has_rate"] = 1
    point["lost"] = 0
    if m.counts[BEGUN] == 1 and point["kind"] == RATE and t // SLOT_NS != point["slot"]:
        _settle(m, p, t)


@register_jitable
def _lost_rate(m: Memory, p: int, t: int) -> None:
    """The samples of a rate do not read from t on: no energy, but the shape of what is counted."""
    point = m.points[p]
    if point["has_rate"] == 0 or point["lost"] == 1:
        return
    if m.counts[BEGUN] == 0:
        point["lost"] = 1
        return
    _shape(m, p, t, 0.0, HELD)
    if point["hold"] != MEAN_BEFORE:
        point["integral"] = _integral_to(point, t)
    point["t_rate"] = max(t, point["t_rate"])
    point["lost"] = 1
    _settle(m, p, t)
    if point["kind"] == RATE_AND_COUNTER and point["has_count"] == 1:
        point["settle_next"] = 1
    _set_evidence(m, p, t, ESTIMATED)


@register_jitable
def _found_again(m: Memory, p: int, t: int) -> None:
    """The first sample of a rate after a loss: without a counter nothing is booked across it."""
    _shape(m, p, t, 0.0, HELD)
    if m.points[p]["kind"] == RATE:
        _settle(m, p, t)


@register_jitable
def _learn_rhythm(point: Any, spacing_ns: float) -> None:
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


@register_jitable
def _learn_lag(point: Any, value: float, before: float) -> None:
    """The second sample after a change: how far was the first from it, and the one before?"""
    jump = point["before_edge"] - value
    point["jumps"] += jump * jump
    point["jumps_left"] += jump * (before - value)


@register_jitable
def _learn_level(levels: Floats, state: int, value: float) -> None:
    """Follows the usual rate in the station's present state."""
    usual = levels[state]
    levels[state] = value if math.isnan(usual) else usual + (value - usual) / 64.0


@register_jitable
def _mean_since(m: Memory, p: int, t: int, kwh: float) -> None:
    """An amount counted since t_booked, spread evenly over it."""
    point = m.points[p]
    span_ns = t - point["t_booked"]
    point["integral"] += kwh
    if span_ns <= 0:
        return
    point["rate"] = kwh / (span_ns / NS_PER_HOUR)
    _shape(m, p, t, point["rate"], SAMPLED)
    point["t_rate"] = t
    if t // SLOT_NS != point["slot"]:
        _settle(m, p, t)


@register_jitable
def _counter(m: Memory, p: int, row: Any) -> None:
    """A counter's reading, alone or beside a rate."""
    if row["quality"] == BAD or row["duplicate"] == 1:
        return
    point = m.points[p]
    if m.counts[BEGUN] == 0 or point["has_count"] == 0:
        _first_reading(m, p, row)
        return
    t = row["t"]
    t_count, integral_at_doubt = point["t_count"], point["integral_at_doubt"]
    kwh = _counted_kwh(m, p, row)
    in_doubt = point["doubt"] != readings.CERTAIN
    if in_doubt:
        point["integral_at_doubt"] = _integral_to(point, t)
        if point["t_count"] == t_count and kwh == 0.0:
            return  # as if it had not come, until the next one does
    if point["kind"] == COUNTER:
        _mean_since(m, p, t, kwh)
        _set_evidence(m, p, t, MEASURED)
    elif point["kind"] == RATE_AND_COUNTER:
        point["pending"] += kwh
        point["counted"] += kwh
        point["integral_at_count"] = integral_at_doubt if in_doubt else _integral_to(point, t)
        if not in_doubt and t <= point["t_rate"]:
            point["counted_before"], point["shaped"] = point["counted"], 0.0
        elif not in_doubt and _is_hole(point, t - point["t_rate"]):
            _shape_by_count(m, p, t)
        if kwh > 0.0 and not in_doubt:
            _learn_least(point, kwh)
        if t // SLOT_NS != point["slot"] or _is_fine(point, t):
            _shape(m, p, t, 0.0, HELD)
            _settle(m, p, t)
            point["settle_next"] = 0


@register_jitable
def _shape_by_count(m: Memory, p: int, t: int) -> None:
    """Where samples of the power are missing, what the counter counts meanwhile is its shape."""
    point = m.points[p]
    kwh = point["counted"] - point["counted_before"]
    if (
        point["hold"] != STEP
        or kwh < FINE_SHAPE * point["least_rise"]
        or point["least_rise"] == 0.0
    ):
        return
    if t <= point["t_booked"]:
        return
    kw = max(0.0, (kwh - point["shaped"]) / ((t - point["t_booked"]) / NS_PER_HOUR))
    _shape(m, p, t, kw, COUNTED)
    point["near_kw"] = kw
    point["counted_before"], point["shaped"] = point["counted"], 0.0


@register_jitable
def _learn_least(point: Any, kwh: float) -> None:
    """The smallest rise of a counter, as far as it is seen, is its resolution."""
    if point["least_rise"] == 0.0 or kwh < point["least_rise"]:
        point["least_rise"] = kwh


@register_jitable
def _is_fine(point: Any, t: int) -> bool:
    """Has the counter counted enough of its steps to settle the shape by it?"""
    steps = point["pending"] / point["least_rise"] if point["least_rise"] > 0.0 else 0.0
    if point["settle_next"] == 1:
        return bool(point["evidence"] == ESTIMATED or steps >= FINE_HOLE)
    return bool(steps >= FINE and t - point["t_settled"] >= SETTLE_NS)


@register_jitable
def _first_reading(m: Memory, p: int, row: Any) -> None:
    """It counts nothing; what the next one counts is since then."""
    t = row["t"]
    point = m.points[p]
    if m.counts[BEGUN] == 1 and point["kind"] == COUNTER:
        _cut(m, p, t, 0)
        point["t_booked"] = t
        point["t_rate"] = t
        point["has_rate"] = 1
    if m.counts[BEGUN] == 1 and point["kind"] == RATE_AND_COUNTER:
        _shape(m, p, t, 0.0, HELD)
        _settle(m, p, t)
        point["settle_next"] = 0
        point["pending"] = 0.0
        point["integral_at_count"] = _integral_to(point, t)
    readings.begin(point, row)


@register_jitable
def _conclude(m: Memory, p: int, t: int) -> None:
    """The end decides about a reading that no other follows."""
    point = m.points[p]
    if point["doubt"] == readings.CERTAIN:
        return
    before = _turns(point)
    count, doubt = point["count"], point["doubt"]
    kwh = readings.conclude(point)
    kind = _turned(point, before)
    if kind != NOTE_REFUSED or doubt == readings.RISE:
        _note(m, p, kind, point["t_doubt"], count, point["doubt_count"])
    if doubt == readings.RISE:
        return
    if point["kind"] == COUNTER:
        _mean_since(m, p, t, kwh)
    else:
        point["pending"] += kwh
        point["integral_at_count"] = point["integral_at_doubt"]


@register_jitable
def _interval(m: Memory, p: int, row: Any) -> None:
    """The energy of the interval that ends now [kWh]; what no interval covers stays empty."""
    t = row["t"]
    point = m.points[p]
    if row["quality"] == BAD or row["duplicate"] == 1 or m.counts[BEGUN] == 0:
        return
    begin = t - point["interval_ns"]
    if begin > point["t_booked"]:
        _cut(m, p, begin, 0)
        point["t_booked"] = begin
    _set_evidence(m, p, point["t_booked"], MEASURED if row["quality"] == GOOD else ESTIMATED)
    point["has_rate"] = 1
    _mean_since(m, p, t, row["value"])


@register_jitable
def _into_hole(m: Memory, p: int, t: int) -> None:
    """Samples are missing since the last one: what a counter counts across them is settled apart.

    Called before anything of time t is booked.
    """
    point = m.points[p]
    begin = point["t_rate"]
    wide = float(t - begin) > FINE_HOLE_RHYTHMS * point["rhythm"]
    if point["kind"] != RATE_AND_COUNTER or point["has_count"] == 0 or not wide:
        return
    if (
        not _is_hole(point, t - begin)
        or point["t_booked"] != begin
        or point["evidence"] != MEASURED
    ):
        return
    if point["t_settled"] >= begin or m.segments[point["segment"]]["t0"] > begin:
        return
    steps = point["pending"] / point["least_rise"] if point["least_rise"] > 0.0 else 0.0
    if steps >= FINE_HOLE and point["doubt"] == readings.CERTAIN:
        _settle(m, p, begin)
        point["settle_next"] = 1


@register_jitable
def _holes_at(m: Memory, s: int, t: int) -> None:
    """Before a station changes at t."""
    if m.counts[BEGUN] == 0:
        return
    for i in range(m.stations[s]["points_from"], m.stations[s]["points_to"]):
        _into_hole(m, m.station_points[i], t)


@register_jitable
def _cut_station(m: Memory, s: int, t: int, changed: int) -> None:
    if m.counts[BEGUN] == 0:
        return
    for i in range(m.stations[s]["points_from"], m.stations[s]["points_to"]):
        _cut(m, m.station_points[i], t, changed)


@register_jitable
def _relabel_station(m: Memory, s: int) -> None:
    """What was doubted since the gap began is known again."""
    if m.counts[BEGUN] == 0:
        return
    for i in range(m.stations[s]["points_from"], m.stations[s]["points_to"]):
        p = m.station_points[i]
        _label(m, m.points[p]["segment"], s)


@register_jitable
def _state(m: Memory, row: Any) -> None:
    s = row["target"]
    station = m.stations[s]
    state = row["exact"] if row["quality"] != BAD else UNKNOWN_STATE
    if row["duplicate"] == 1 and station["state_known"] == 0 and station["state"] == state:
        station["state_known"] = 1
        _relabel_station(m, s)
        return
    if station["state_known"] == 1 and station["state"] == state:
        return
    _holes_at(m, s, row["t"])
    station["state"] = state
    station["state_known"] = 1
    station["t_state"] = row["t"]
    _cut_station(m, s, row["t"], 1)


@register_jitable
def _vehicle(m: Memory, row: Any) -> None:
    s = row["target"]
    station = m.stations[s]
    if station["places"] > 1:
        _vehicle_of_places(m, row)
        return
    vehicle = row["exact"] if row["quality"] != BAD else -1
    open_visit = station["visit"]
    present = m.visits[open_visit]["vehicle"] if open_visit >= 0 else -1
    if vehicle == present:
        if station["vehicle_known"] == 0:
            station["vehicle_known"] = 1
            _relabel_station(m, s)
        return
    _holes_at(m, s, row["t"])
    if open_visit >= 0:
        lost = station["vehicle_known"] == 0
        m.visits[open_visit]["leave"] = station["t_gap"] if lost else row["t"]
        if lost:
            m.visits[open_visit]["whole"] = 0
        station["last_visit"] = open_visit
    station["visit"] = -1
    if vehicle >= 0:
        station["visit"] = _new_visit(m, s, vehicle, row["t"])
    station["vehicle_known"] = 1
    _cut_station(m, s, row["t"], 1)


@register_jitable
def _new_visit(m: Memory, s: int, vehicle: int, t: int) -> int:
    """A vehicle is seen at a station; it has left the one of several places that it was in."""
    _seen_elsewhere(m, s, vehicle, t)
    k = m.counts[VISITS]
    m.counts[VISITS] = k + 1
    m.visits[k]["vehicle"] = vehicle
    m.visits[k]["station"] = s
    m.visits[k]["variant"] = m.stations[s]["variant"]
    m.visits[k]["whole"] = m.counts[BEGUN]
    m.visits[k]["enter"] = t
    m.visits[k]["leave"] = -1
    m.visits[k]["good"] = 0
    m.visits[k]["reject"] = 0
    m.vehicles[vehicle] = k + 1
    return int(k)


@register_jitable
def _seen_elsewhere(m: Memory, s: int, vehicle: int, t: int) -> None:
    last = m.vehicles[vehicle] - 1
    before = m.visits[last]["station"] if last >= 0 else -1
    if before >= 0 and before != s and m.stations[before]["places"] > 1:
        i = places.find(m, before, vehicle)
        if i >= 0:
            places.seen(m, before, i, m.ways[before, s], t)
            _cut_station(m, before, t, 0)
    if before == s or (before >= 0 and m.ways[before, s] != places.NO_WAY):
        return
    for u in range(m.stations.shape[0]):
        if m.stations[u]["places"] > 1 and u != before and m.ways[u, s] == places.FLOW:
            places.seen_on(m, u, last < 0)
            _cut_station(m, u, t, 0)


@register_jitable
def _vehicle_of_places(m: Memory, row: Any) -> None:
    """A station of several places shows the vehicle that came in last."""
    s, t = row["target"], row["t"]
    station = m.stations[s]
    if row["quality"] == BAD:
        return
    lost = station["vehicle_known"] == 0
    station["vehicle_known"] = 1
    if row["exact"] == station["shown"]:
        if lost:
            _relabel_station(m, s)
        return
    station["shown"] = row["exact"]
    if lost:
        places.doubt(m, s)
    if row["exact"] < 0:
        places.is_empty(m, s, t)
    elif not places.shows_again(m, s, row["exact"], t):
        places.enters(m, s, _new_visit(m, s, row["exact"], t), t)
    _cut_station(m, s, t, 0)


@register_jitable
def _part_count(m: Memory, row: Any) -> None:
    """A good or reject count went up: a vehicle is done, or has just left."""
    station = m.stations[row["target"]]
    if row["quality"] == BAD:
        return
    good = row["op"] == OP_GOOD_COUNT
    known = station["has_good"] if good else station["has_reject"]
    rise = row["value"] - (station["good"] if good else station["reject"])
    if good:
        station["has_good"] = 1
        station["good"] = row["value"]
    else:
        station["has_reject"] = 1
        station["reject"] = row["value"]
    if known == 0 or not rise >= 1.0:
        return
    if station["places"] > 1:
        kind = places.GOOD if good else places.REJECT
        places.counted(m, row["target"], row["t"], int(min(rise, 1e9)), kind)
        _cut_station(m, row["target"], row["t"], 0)
        return
    visit = _counted_visit(m, station, row["t"])
    if visit >= 0 and good:
        m.visits[visit]["good"] += 1
    elif visit >= 0:
        m.visits[visit]["reject"] += 1


@register_jitable
def _counted_visit(m: Memory, station: Any, t: int) -> int:
    """The vehicle that a count at a single place means: one that has just left, else the present.

    A change of the vehicle and the count of the one before come at one instant, in any order.
    """
    last, visit = station["last_visit"], station["visit"]
    if last < 0 or visit < 0:
        return int(max(last, visit))
    unmarked = m.visits[last]["good"] + m.visits[last]["reject"] == 0
    if unmarked and t - m.visits[last]["leave"] <= places.SOON_NS:
        return int(last)
    return int(visit)


@register_jitable
def _begin(m: Memory, t: int) -> None:
    m.counts[BEGUN] = 1
    m.counts[T_BEGIN] = t
    m.counts[T_BUCKETS] = t // MINUTE_NS * MINUTE_NS
    for p in range(m.points.shape[0]):
        m.points[p]["segment"] = -1
        m.points[p]["settled"] = -1
        m.points[p]["slot"] = t // SLOT_NS
        m.points[p]["t_booked"] = t
        m.points[p]["t_rate"] = t
    for s in range(m.stations.shape[0]):
        m.counts[UNNAMED] = places.begin(m, s, m.counts[UNNAMED])
    for p in range(m.points.shape[0]):
        _open(m, p, t, 0)


@register_jitable
def _gap(m: Memory, row: Any) -> None:
    """A source fell silent at t: its stations' states and vehicles are not known from here on."""
    t = row["t"]
    for p in range(m.points.shape[0]):
        if m.points[p]["source"] != row["target"] or m.points[p]["kind"] == PRESENCE:
            continue
        if m.points[p]["kind"] <= RATE_AND_COUNTER and m.points[p]["has_rate"] == 1:
            _shape(m, p, t, 0.0, HELD)
        if m.points[p]["kind"] == RATE_AND_COUNTER and m.points[p]["has_count"] == 1:
            _settle(m, p, t)
            m.points[p]["settle_next"] = 1
        _set_evidence(m, p, t, ESTIMATED)
    for s in range(m.stations.shape[0]):
        if m.stations[s]["source"] == row["target"]:
            m.stations[s]["state_known"] = 0
            m.stations[s]["vehicle_known"] = 0
            m.stations[s]["t_gap"] = t
            _cut_station(m, s, t, 0)


@register_jitable
def _lost_station(m: Memory, row: Any) -> None:
    """The states or the vehicles (exact: the op) of a station do not read from t on."""
    station = m.stations[row["target"]]
    if row["exact"] == OP_STATE:
        station["state_known"] = 0
    else:
        station["vehicle_known"] = 0
        station["t_gap"] = row["t"]
    _cut_station(m, row["target"], row["t"], 0)


@register_jitable
def _end(m: Memory, t: int) -> None:
    """Books and settles everything up to t."""
    for p in range(m.points.shape[0]):
        kind = m.points[p]["kind"]
        _conclude(m, p, t)
        rated = kind in (RATE, RATE_AND_COUNTER) and m.points[p]["has_rate"] == 1
        if rated:
            _shape(m, p, t, 0.0, HELD)
        _cut(m, p, t, 0)
        if kind != PRESENCE:
            _settle(m, p, t)
            _settle_rest(m, p, t)


@register_jitable
def _settle_rest(m: Memory, p: int, t: int) -> None:
    """What a counter counted at the very end, when all was settled, goes to what came before."""
    point = m.points[p]
    last = point["settled"]
    rest_kwh = point["pending"] + _integral_to(point, t) - point["integral_at_count"]
    if last >= 0 and m.segments[point["segment"]]["previous"] == last:
        m.segments[last]["kwh"] += rest_kwh
        point["pending"] -= rest_kwh


MOST_SEGMENTS = 8  # that a row opens of one point, besides one for each slot that it passes


@register_jitable
def _room_at(m: Memory, s: int, t: int) -> int:
    """How many segments a change at a station may open at most."""
    need = 0
    for i in range(m.stations[s]["points_from"], m.stations[s]["points_to"]):
        k = m.points[m.station_points[i]]["segment"]
        need += (t - m.segments[k]["t0"]) // SLOT_NS + 5
    return int(need)


@register_jitable
def _room_needed(m: Memory, row: Any) -> int:
    """How many segments a row may open at most."""
    op, t = row["op"], row["t"]
    need = 0
    if op in (OP_STATE, OP_VEHICLE, OP_LOST_STATION, OP_GOOD_COUNT, OP_REJECT_COUNT):
        need = _room_at(m, row["target"], t)
        if op == OP_VEHICLE and row["exact"] >= 0:
            for s in range(m.stations.shape[0]):
                if m.stations[s]["places"] > 1 and s != row["target"]:
                    need += _room_at(m, s, t)
    elif op in (OP_RATE, OP_COUNTER, OP_INTERVAL, OP_LOST_RATE, OP_LOST_COUNTER):
        k = m.points[row["target"]]["segment"]
        need = (t - m.segments[k]["t0"]) // SLOT_NS + 7
    elif op in (OP_END, OP_GAP_BEGIN):
        for p in range(m.points.shape[0]):
            k = m.points[p]["segment"]
            need += (t - m.segments[k]["t0"]) // SLOT_NS + MOST_SEGMENTS
    return int(need)


@register_jitable
def _notes_needed(m: Memory, op: int) -> int:
    """How many notes a row may write at most."""
    if op == OP_END:
        return int(m.points.shape[0])
    return 2 if op == OP_COUNTER else 0


def book_python(rows: Table, begin: int, m: Memory) -> int:
    """Books rows from ``begin`` on; returns the number of the first row that found no room.

    rows: (n,) ROW in stream order. Returns len(rows) when all are booked; else the caller makes
    room in the memory and calls again.
    """
    for i in range(begin, rows.shape[0]):
        row = rows[i]
        op = row["op"]
        if op == OP_NONE:
            continue
        if op == OP_BEGIN:
            if m.segments.shape[0] < m.points.shape[0]:
                return i
            _begin(m, row["t"])
            m.counts[T_NOW] = row["t"]
            continue
        if m.counts[BEGUN] == 1:
            room = m.segments.shape[0] - m.counts[SEGMENTS]
            if room < _room_needed(m, row):
                return i
            if (row["t"] - m.counts[T_BUCKETS]) // m.counts[BUCKET_NS] >= m.buckets.shape[1]:
                return i
        if m.visits.shape[0] <= m.counts[VISITS]:
            return i
        if op == OP_VEHICLE and row["exact"] >= m.vehicles.shape[0]:
            return i
        if m.notes.shape[0] < m.counts[NOTES] + _notes_needed(m, op):
            return i
        if row["t"] > m.counts[T_NOW]:
            m.counts[T_NOW] = row["t"]
        p = row["target"]
        if op == OP_RATE and m.counts[BEGUN] == 1:
            point, segment = m.points[p], m.segments[m.points[p]["segment"]]
            if _is_plain(point, segment, row) and row["t"] // SLOT_NS == point["slot"]:
                before = point["t_booked"]
                kw = _plain_rate(point, segment, row["value"], row["t"])
                _into_buckets(m.buckets[p], m.covered[p], m.counts, before, row["t"], kw)
                s = point["station"]
                if s >= 0 and m.stations[s]["state_known"] == 1:
                    _learn_level(m.levels[p], m.stations[s]["state"], row["value"])
            else:
                _rate(m, p, row)
        elif op == OP_RATE:
            _rate(m, p, row)
        elif op == OP_COUNTER:
            _counter(m, p, row)
        elif op == OP_STATE:
            _state(m, row)
        elif op == OP_VEHICLE:
            _vehicle(m, row)
        elif op == OP_VARIANT:
            m.stations[p]["variant"] = row["exact"]
            # After a gap it may be the next vehicle's, whose number is yet to come.
            if m.stations[p]["visit"] >= 0 and m.stations[p]["vehicle_known"] == 1:
                m.visits[m.stations[p]["visit"]]["variant"] = row["exact"]
        elif op in (OP_GOOD_COUNT, OP_REJECT_COUNT):
            _part_count(m, row)
        elif op == OP_INTERVAL:
            _interval(m, p, row)
        elif op == OP_LOST_RATE:
            _lost_rate(m, p, row["t"])
        elif op == OP_LOST_COUNTER:
            if m.counts[BEGUN] == 1 and m.points[p]["kind"] == COUNTER:
                _set_evidence(m, p, row["t"], ESTIMATED)
        elif op == OP_LOST_STATION:
            _lost_station(m, row)
        elif op == OP_GAP_BEGIN and m.counts[BEGUN] == 1:
            _gap(m, row)
        elif op == OP_END and m.counts[BEGUN] == 1:
            _end(m, row["t"])
    return int(rows.shape[0])


book: Callable[..., int] = njit(cache=True, nogil=True, error_model="numpy")(book_python)
