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

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numba.extending import register_jitable
from numpy.typing import NDArray

SLOT_NS = 900_000_000_000
NS_PER_HOUR = 3.6e12
UNKNOWN_STATE = 11
MEASURED, ESTIMATED = 0, 1
STEP, LINEAR, MEAN_BEFORE = 0, 1, 2
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
) = range(12)

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
        ("has_count", "u1"),
        ("count_integer", "u1"),
        ("settle_next", "u1"),  # settle at the next counter reading, whatever the slot
        ("station", "<i4"),  # -1: more than one, or none
        ("source", "<i4"),
        ("rate", "<f8"),  # kW, holds from t_rate
        ("t_rate", "<i8"),
        ("t_booked", "<i8"),  # shape is known up to here
        ("rhythm", "<f8"),  # usual time between samples [ns]
        ("integral", "<f8"),  # kWh by the hold rule up to t_rate
        ("integral_at_count", "<f8"),
        ("pending", "<f8"),  # kWh counted since the last settling
        ("count", "<f8"),
        ("count_exact", "<i8"),
        ("count_kwh", "<f8"),  # kWh per unit of the counter
        ("rolls_over_at", "<f8"),  # 0: never
        ("t_count", "<i8"),
        ("interval_ns", "<i8"),
        ("segment", "<i8"),  # the open one
        ("settled", "<i8"),  # the last settled one
        ("slot", "<i8"),  # of the last settling
        ("rollovers", "<i8"),
        ("resets", "<i8"),
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
MINUTE_NS = 60_000_000_000
# What is counted: rows used of the growing tables, and the clock.
(SEGMENTS, VISITS, BEGUN, T_BEGIN, T_NOW, BUCKET_NS, T_BUCKETS) = range(7)

Table = NDArray[np.void]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@register_jitable
def _label(segments: Any, k: int, stations: Any, s: int) -> None:
    """Gives a segment its station's present state and visit, as far as they are known."""
    if s < 0:
        segments[k]["state"] = UNKNOWN_STATE
        segments[k]["visit"] = -1
        return
    station = stations[s]
    known = station["state_known"] == 1
    segments[k]["state"] = station["state"] if known else UNKNOWN_STATE
    segments[k]["visit"] = station["visit"] if station["vehicle_known"] == 1 else -1


@register_jitable
def _open(
    points: Any, p: int, stations: Any, segments: Any, counts: Any, t: int, changed: int
) -> None:
    k = counts[SEGMENTS]
    counts[SEGMENTS] = k + 1
    segments[k]["point"] = p
    segments[k]["t0"] = t
    segments[k]["t1"] = t
    segments[k]["shape_kwh"] = 0.0
    segments[k]["kwh"] = 0.0
    segments[k]["previous"] = points[p]["segment"]
    segments[k]["changed"] = changed
    segments[k]["evidence"] = points[p]["evidence"]
    _label(segments, k, stations, points[p]["station"])
    points[p]["segment"] = k


@register_jitable
def _cut_slots(points: Any, p: int, stations: Any, segments: Any, counts: Any, t: int) -> None:
    """Closes the open segment at every slot boundary before t; the labels stay."""
    while True:
        k = points[p]["segment"]
        boundary = (segments[k]["t0"] // SLOT_NS + 1) * SLOT_NS
        if boundary >= t:
            return
        segments[k]["t1"] = boundary
        _open(points, p, stations, segments, counts, boundary, 0)
        n = points[p]["segment"]
        segments[n]["state"] = segments[k]["state"]
        segments[n]["visit"] = segments[k]["visit"]
        segments[n]["evidence"] = segments[k]["evidence"]


@register_jitable
def _cut(
    points: Any, p: int, stations: Any, segments: Any, counts: Any, t: int, changed: int
) -> None:
    """Closes the open segment at t and opens the next; nothing of no length is left behind."""
    _cut_slots(points, p, stations, segments, counts, t)
    k = points[p]["segment"]
    if segments[k]["t0"] >= t:
        _label(segments, k, stations, points[p]["station"])
        segments[k]["evidence"] = points[p]["evidence"]
        if changed == 1:
            segments[k]["changed"] = 1
        return
    segments[k]["t1"] = t
    _open(points, p, stations, segments, counts, t, changed)


@register_jitable
def _into_buckets(
    buckets: Any, covered: Any, p: int, counts: Any, a: int, b: int, kw: float
) -> None:
    width = counts[BUCKET_NS]
    while a < b:
        i = (a - counts[T_BUCKETS]) // width
        end = min(b, counts[T_BUCKETS] + (i + 1) * width)
        buckets[p, i] += kw * ((end - a) / NS_PER_HOUR)
        covered[p, i] += end - a
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
def _shape(
    points: Any,
    p: int,
    stations: Any,
    segments: Any,
    counts: Any,
    buckets: Any,
    covered: Any,
    t: int,
    new: float,
    sampled: int,
) -> None:
    """Books the shape up to t; with ``sampled`` a sample of value ``new`` [kW] arrived at t."""
    point = points[p]
    booked = point["t_booked"]
    if t <= booked:
        return
    _cut_slots(points, p, stations, segments, counts, t)
    old = point["rate"]
    k = point["segment"]
    # After its station changed, a step signal's next sample is the first to know.
    next_knows = sampled == 1 and point["hold"] == STEP
    while k >= 0:
        a = max(segments[k]["t0"], booked)
        b = t if k == point["segment"] else segments[k]["t1"]
        if b <= booked:
            break
        if next_knows and _followed_by_change(points, p, segments, k, booked, t):
            kw = new
        else:
            hold = point["hold"] if sampled == 1 else STEP
            kw = _piece_kw(hold, old, new, point["t_rate"], t, a, b)
            next_knows = False
        segments[k]["shape_kwh"] += kw * ((b - a) / NS_PER_HOUR)
        if segments[k]["evidence"] == MEASURED:
            _into_buckets(buckets, covered, p, counts, a, b, kw)
        if segments[k]["changed"] == 1:
            next_knows = False
        k = segments[k]["previous"]
    point["t_booked"] = t


@register_jitable
def _followed_by_change(points: Any, p: int, segments: Any, k: int, booked: int, t: int) -> bool:
    """Did a change since the last sample begin segment k or one before it, within the rhythm?"""
    while k >= 0 and segments[k]["t0"] > booked:
        if segments[k]["changed"] == 1:
            return bool(float(t - segments[k]["t0"]) <= 1.5 * points[p]["rhythm"])
        k = segments[k]["previous"]
    return False


@register_jitable
def _integral_to(points: Any, p: int, t: int) -> float:
    """kWh by the hold rule up to t, the last value held since its sample."""
    point = points[p]
    if point["has_rate"] == 0 or point["kind"] >= COUNTER or t <= point["t_rate"]:
        return float(point["integral"])
    return float(point["integral"] + point["rate"] * ((t - point["t_rate"]) / NS_PER_HOUR))


@register_jitable
def _settle(points: Any, p: int, stations: Any, segments: Any, counts: Any, t: int) -> None:
    """Scales the closed, unsettled segments to the amount that the meter counted until t."""
    point = points[p]
    since_count = _integral_to(points, p, t) - point["integral_at_count"]
    amount = point["pending"] + since_count
    _cut(points, p, stations, segments, counts, t, 0)
    last = segments[point["segment"]]["previous"]
    shape_kwh = 0.0
    span_ns = 0
    k = last
    while k != point["settled"]:
        shape_kwh += segments[k]["shape_kwh"]
        span_ns += segments[k]["t1"] - segments[k]["t0"]
        k = segments[k]["previous"]
    if span_ns == 0:
        return
    k = last
    while k != point["settled"]:
        if shape_kwh != 0.0:
            segments[k]["kwh"] = segments[k]["shape_kwh"] * (amount / shape_kwh)
        else:
            span = segments[k]["t1"] - segments[k]["t0"]
            segments[k]["kwh"] = amount * (span / span_ns)
        k = segments[k]["previous"]
    point["settled"] = last
    point["slot"] = t // SLOT_NS
    if point["kind"] == RATE_AND_COUNTER and point["has_count"] == 1:
        point["pending"] = -since_count
    else:
        point["pending"] = 0.0
        point["integral_at_count"] += since_count


@register_jitable
def _counted_kwh(points: Any, p: int, row: Any) -> float:
    """kWh between the last reading and this one; rollover and reset as they come."""
    point = points[p]
    if point["count_integer"] == 1 and row["integer"] == 1:
        delta = float(row["exact"] - point["count_exact"])
    else:
        delta = row["value"] - point["count"]
    if delta < 0.0:
        rolled = delta + point["rolls_over_at"]
        if point["rolls_over_at"] > 0.0 and 0.0 <= rolled <= 0.25 * point["rolls_over_at"]:
            delta = rolled
            point["rollovers"] += 1
        else:
            # Started anew: what it shows was counted since; what came before it is not known.
            delta = max(row["value"], 0.0)
            point["resets"] += 1
    return float(delta * point["count_kwh"])


@register_jitable
def _set_evidence(
    points: Any, p: int, stations: Any, segments: Any, counts: Any, t: int, evidence: int
) -> None:
    if points[p]["evidence"] != evidence:
        points[p]["evidence"] = evidence
        _cut(points, p, stations, segments, counts, t, 0)


@register_jitable
def _rate(
    points: Any,
    p: int,
    stations: Any,
    segments: Any,
    counts: Any,
    buckets: Any,
    covered: Any,
    row: Any,
) -> None:
    """A sample of power or flow [kW]."""
    t = row["t"]
    point = points[p]
    if row["duplicate"] == 1 and counts[BEGUN] == 1:
        # Nothing changed across the gap: what was doubted is known again.
        if point["evidence"] == ESTIMATED and point["has_rate"] == 1:
            point["evidence"] = MEASURED
            segments[point["segment"]]["evidence"] = MEASURED
        return
    if row["quality"] == BAD:
        if counts[BEGUN] == 1 and point["has_rate"] == 1:
            _set_evidence(points, p, stations, segments, counts, t, ESTIMATED)
        return
    evidence = MEASURED if row["quality"] == GOOD else ESTIMATED
    if counts[BEGUN] == 0 or point["has_rate"] == 0:
        if counts[BEGUN] == 1:
            _cut(points, p, stations, segments, counts, t, 0)
            point["t_booked"] = t
        point["evidence"] = evidence
        if counts[BEGUN] == 1:
            segments[point["segment"]]["evidence"] = evidence
    else:
        _shape(points, p, stations, segments, counts, buckets, covered, t, row["value"], 1)
        kw = _piece_kw(
            point["hold"], point["rate"], row["value"], point["t_rate"], t, point["t_rate"], t
        )
        point["integral"] += kw * ((t - point["t_rate"]) / NS_PER_HOUR)
        if evidence == MEASURED:
            _learn_rhythm(points, p, float(t - point["t_rate"]))
        _set_evidence(points, p, stations, segments, counts, t, evidence)
    point["rate"] = row["value"]
    point["t_rate"] = t
    point["has_rate"] = 1
    if counts[BEGUN] == 1 and point["kind"] == RATE and t // SLOT_NS != point["slot"]:
        _settle(points, p, stations, segments, counts, t)


@register_jitable
def _learn_rhythm(points: Any, p: int, spacing_ns: float) -> None:
    """Follows the shortest usual spacing: at once when shorter, slowly when longer."""
    rhythm = points[p]["rhythm"]
    if spacing_ns <= 0.0:
        return
    if rhythm == 0.0 or spacing_ns < rhythm:
        points[p]["rhythm"] = spacing_ns
    else:
        points[p]["rhythm"] = rhythm + (min(spacing_ns, 2.0 * rhythm) - rhythm) / 16.0


@register_jitable
def _mean_since(
    points: Any,
    p: int,
    stations: Any,
    segments: Any,
    counts: Any,
    buckets: Any,
    covered: Any,
    t: int,
    kwh: float,
) -> None:
    """An amount counted since t_booked, spread evenly over it."""
    point = points[p]
    span_ns = t - point["t_booked"]
    point["integral"] += kwh
    if span_ns <= 0:
        return
    point["rate"] = kwh / (span_ns / NS_PER_HOUR)
    _shape(points, p, stations, segments, counts, buckets, covered, t, point["rate"], 1)
    point["t_rate"] = t
    if t // SLOT_NS != point["slot"]:
        _settle(points, p, stations, segments, counts, t)


@register_jitable
def _counter(
    points: Any,
    p: int,
    stations: Any,
    segments: Any,
    counts: Any,
    buckets: Any,
    covered: Any,
    row: Any,
) -> None:
    """A counter's reading, alone or beside a rate."""
    t = row["t"]
    point = points[p]
    if row["quality"] == BAD or row["duplicate"] == 1:
        return
    begun = counts[BEGUN] == 1
    kwh = 0.0
    if begun and point["has_count"] == 1:
        kwh = _counted_kwh(points, p, row)
    if begun and point["kind"] == COUNTER:
        if point["has_count"] == 1:
            _mean_since(points, p, stations, segments, counts, buckets, covered, t, kwh)
            _set_evidence(points, p, stations, segments, counts, t, MEASURED)
        else:
            _cut(points, p, stations, segments, counts, t, 0)
            point["t_booked"] = t
            point["t_rate"] = t
            point["has_rate"] = 1
    if begun and point["kind"] == RATE_AND_COUNTER:
        if point["has_count"] == 1:
            point["pending"] += kwh
            point["integral_at_count"] = _integral_to(points, p, t)
            due = t // SLOT_NS != point["slot"] or point["settle_next"] == 1
        else:
            due = True
        if due:
            _shape(points, p, stations, segments, counts, buckets, covered, t, 0.0, 0)
            _settle(points, p, stations, segments, counts, t)
            point["settle_next"] = 0
        if point["has_count"] == 0:
            point["pending"] = 0.0
            point["integral_at_count"] = _integral_to(points, p, t)
    point["has_count"] = 1
    point["count"] = row["value"]
    point["count_exact"] = row["exact"]
    point["count_integer"] = row["integer"]
    point["t_count"] = t


@register_jitable
def _interval(
    points: Any,
    p: int,
    stations: Any,
    segments: Any,
    counts: Any,
    buckets: Any,
    covered: Any,
    row: Any,
) -> None:
    """The energy of the interval that ends now [kWh]; what no interval covers stays empty."""
    t = row["t"]
    point = points[p]
    if row["quality"] == BAD or row["duplicate"] == 1 or counts[BEGUN] == 0:
        return
    begin = t - point["interval_ns"]
    if begin > point["t_booked"]:
        _cut(points, p, stations, segments, counts, begin, 0)
        point["t_booked"] = begin
    _set_evidence(
        points,
        p,
        stations,
        segments,
        counts,
        point["t_booked"],
        MEASURED if row["quality"] == GOOD else ESTIMATED,
    )
    point["has_rate"] = 1
    _mean_since(points, p, stations, segments, counts, buckets, covered, t, row["value"])


@register_jitable
def _cut_station(
    points: Any,
    stations: Any,
    station_points: Any,
    s: int,
    segments: Any,
    counts: Any,
    t: int,
    changed: int,
) -> None:
    if counts[BEGUN] == 0:
        return
    for i in range(stations[s]["points_from"], stations[s]["points_to"]):
        _cut(points, station_points[i], stations, segments, counts, t, changed)


@register_jitable
def _relabel_station(
    points: Any, stations: Any, station_points: Any, s: int, segments: Any, counts: Any
) -> None:
    """What was doubted since the gap began is known again."""
    if counts[BEGUN] == 0:
        return
    for i in range(stations[s]["points_from"], stations[s]["points_to"]):
        p = station_points[i]
        _label(segments, points[p]["segment"], stations, s)


@register_jitable
def _state(
    points: Any, stations: Any, station_points: Any, segments: Any, counts: Any, row: Any
) -> None:
    s = row["target"]
    station = stations[s]
    state = row["exact"] if row["quality"] != BAD else UNKNOWN_STATE
    if row["duplicate"] == 1 and station["state_known"] == 0:
        station["state_known"] = 1
        _relabel_station(points, stations, station_points, s, segments, counts)
        return
    if station["state_known"] == 1 and station["state"] == state:
        return
    station["state"] = state
    station["state_known"] = 1
    station["t_state"] = row["t"]
    _cut_station(points, stations, station_points, s, segments, counts, row["t"], 1)


@register_jitable
def _vehicle(
    points: Any,
    stations: Any,
    station_points: Any,
    segments: Any,
    visits: Any,
    counts: Any,
    row: Any,
) -> None:
    s = row["target"]
    station = stations[s]
    vehicle = row["exact"] if row["quality"] != BAD else -1
    open_visit = station["visit"]
    present = visits[open_visit]["vehicle"] if open_visit >= 0 else -1
    if vehicle == present:
        if station["vehicle_known"] == 0:
            station["vehicle_known"] = 1
            _relabel_station(points, stations, station_points, s, segments, counts)
        return
    if open_visit >= 0:
        lost = station["vehicle_known"] == 0
        visits[open_visit]["leave"] = station["t_gap"] if lost else row["t"]
        if lost:
            visits[open_visit]["whole"] = 0
        station["last_visit"] = open_visit
    station["visit"] = -1
    if vehicle >= 0:
        k = counts[VISITS]
        counts[VISITS] = k + 1
        visits[k]["vehicle"] = vehicle
        visits[k]["station"] = s
        visits[k]["variant"] = station["variant"]
        visits[k]["whole"] = counts[BEGUN]
        visits[k]["enter"] = row["t"]
        visits[k]["leave"] = -1
        visits[k]["good"] = 0
        visits[k]["reject"] = 0
        station["visit"] = k
    station["vehicle_known"] = 1
    _cut_station(points, stations, station_points, s, segments, counts, row["t"], 1)


@register_jitable
def _part_count(stations: Any, visits: Any, row: Any) -> None:
    """A good or reject count went up: the vehicle at the station, or the one that just left."""
    station = stations[row["target"]]
    if row["quality"] == BAD:
        return
    good = row["op"] == OP_GOOD_COUNT
    known = station["has_good"] if good else station["has_reject"]
    before = station["good"] if good else station["reject"]
    visit = station["visit"] if station["visit"] >= 0 else station["last_visit"]
    if known == 1 and row["value"] > before and visit >= 0:
        if good:
            visits[visit]["good"] += 1
        else:
            visits[visit]["reject"] += 1
    if good:
        station["has_good"] = 1
        station["good"] = row["value"]
    else:
        station["has_reject"] = 1
        station["reject"] = row["value"]


@register_jitable
def _begin(points: Any, stations: Any, segments: Any, counts: Any, t: int) -> None:
    counts[BEGUN] = 1
    counts[T_BEGIN] = t
    counts[T_BUCKETS] = t // MINUTE_NS * MINUTE_NS
    for p in range(points.shape[0]):
        points[p]["segment"] = -1
        points[p]["settled"] = -1
        points[p]["slot"] = t // SLOT_NS
        points[p]["t_booked"] = t
        points[p]["t_rate"] = t
        _open(points, p, stations, segments, counts, t, 0)


@register_jitable
def _gap(
    points: Any,
    stations: Any,
    station_points: Any,
    segments: Any,
    counts: Any,
    buckets: Any,
    covered: Any,
    row: Any,
) -> None:
    """A source fell silent at t: its stations' states and vehicles are not known from here on."""
    t = row["t"]
    for p in range(points.shape[0]):
        if points[p]["source"] != row["target"] or points[p]["kind"] == PRESENCE:
            continue
        if points[p]["kind"] <= RATE_AND_COUNTER and points[p]["has_rate"] == 1:
            _shape(points, p, stations, segments, counts, buckets, covered, t, 0.0, 0)
        if points[p]["kind"] == RATE_AND_COUNTER and points[p]["has_count"] == 1:
            _settle(points, p, stations, segments, counts, t)
            points[p]["settle_next"] = 1
        _set_evidence(points, p, stations, segments, counts, t, ESTIMATED)
    for s in range(stations.shape[0]):
        if stations[s]["source"] == row["target"]:
            stations[s]["state_known"] = 0
            stations[s]["vehicle_known"] = 0
            stations[s]["t_gap"] = t
            _cut_station(points, stations, station_points, s, segments, counts, t, 0)


@register_jitable
def _end(
    points: Any, stations: Any, segments: Any, counts: Any, buckets: Any, covered: Any, t: int
) -> None:
    """Books and settles everything up to t."""
    for p in range(points.shape[0]):
        kind = points[p]["kind"]
        rated = kind in (RATE, RATE_AND_COUNTER) and points[p]["has_rate"] == 1
        if rated:
            _shape(points, p, stations, segments, counts, buckets, covered, t, 0.0, 0)
        _cut(points, p, stations, segments, counts, t, 0)
        if kind != PRESENCE:
            _settle(points, p, stations, segments, counts, t)


@register_jitable
def _room_needed(points: Any, stations: Any, station_points: Any, segments: Any, row: Any) -> int:
    """How many segments a row may open at most."""
    op = row["op"]
    need = 0
    if op in (OP_STATE, OP_VEHICLE):
        station = stations[row["target"]]
        for i in range(station["points_from"], station["points_to"]):
            k = points[station_points[i]]["segment"]
            need += (row["t"] - segments[k]["t0"]) // SLOT_NS + 3
    elif op in (OP_RATE, OP_COUNTER, OP_INTERVAL):
        k = points[row["target"]]["segment"]
        need = (row["t"] - segments[k]["t0"]) // SLOT_NS + 5
    elif op in (OP_END, OP_GAP_BEGIN):
        for p in range(points.shape[0]):
            k = points[p]["segment"]
            need += (row["t"] - segments[k]["t0"]) // SLOT_NS + 5
    return int(need)


def book_python(
    rows: Table,
    begin: int,
    points: Table,
    stations: Table,
    station_points: Ints,
    segments: Table,
    visits: Table,
    buckets: Floats,
    covered: Ints,
    counts: Ints,
) -> int:
    """Books rows from ``begin`` on; returns the number of the first row that found no room.

    rows: (n,) ROW in stream order; points: (p,) POINT; stations: (s,) STATION with its points at
    station_points[points_from:points_to]; segments, visits: tables that fill up, their lengths in
    counts; buckets [kWh] and covered [ns]: (p, b) by counts[BUCKET_NS] from counts[T_BUCKETS].
    Returns len(rows) when all are booked; else the caller makes room and calls again.
    """
    for i in range(begin, rows.shape[0]):
        row = rows[i]
        op = row["op"]
        if op == OP_NONE:
            continue
        if op == OP_BEGIN:
            if segments.shape[0] < points.shape[0]:
                return i
            _begin(points, stations, segments, counts, row["t"])
            counts[T_NOW] = row["t"]
            continue
        if counts[BEGUN] == 1:
            room = segments.shape[0] - counts[SEGMENTS]
            if room < _room_needed(points, stations, station_points, segments, row):
                return i
            if (row["t"] - counts[T_BUCKETS]) // counts[BUCKET_NS] >= buckets.shape[1]:
                return i
        if visits.shape[0] <= counts[VISITS]:
            return i
        if row["t"] > counts[T_NOW]:
            counts[T_NOW] = row["t"]
        p = row["target"]
        if op == OP_RATE:
            _rate(points, p, stations, segments, counts, buckets, covered, row)
        elif op == OP_COUNTER:
            _counter(points, p, stations, segments, counts, buckets, covered, row)
        elif op == OP_STATE:
            _state(points, stations, station_points, segments, counts, row)
        elif op == OP_VEHICLE:
            _vehicle(points, stations, station_points, segments, visits, counts, row)
        elif op == OP_VARIANT:
            stations[p]["variant"] = row["exact"]
            if stations[p]["visit"] >= 0:
                visits[stations[p]["visit"]]["variant"] = row["exact"]
        elif op in (OP_GOOD_COUNT, OP_REJECT_COUNT):
            _part_count(stations, visits, row)
        elif op == OP_INTERVAL:
            _interval(points, p, stations, segments, counts, buckets, covered, row)
        elif op == OP_GAP_BEGIN and counts[BEGUN] == 1:
            _gap(points, stations, station_points, segments, counts, buckets, covered, row)
        elif op == OP_END and counts[BEGUN] == 1:
            _end(points, stations, segments, counts, buckets, covered, row["t"])
    return int(rows.shape[0])


book: Callable[..., int] = njit(cache=True, nogil=True, error_model="numpy")(book_python)
