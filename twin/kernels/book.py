"""Booking: the sequenced stream becomes segments, each a kWh with a station, a state and a vehicle.

Model. Every metering point has one open segment. It is closed, and the next one opened, when the
state or the vehicle of its station changes, at each 15-minute UTC boundary, and when the evidence
changes (segments.py). Energy is first a *shape*: the integral of the point's rate (shape.py). Then
the shape is settled to the *amount*: what the counter counted (counting.py), or, without a counter,
the integral by the signal's ``hold`` rule. So a sum of segments is always what the meter said, and
the split within it follows the line.

Each station has one more point without a meter: its segments are the times it spent in each state.

``book_python`` is the reference, ``book`` the same source compiled; they give the same bits.
Strict IEEE arithmetic, in the order of the stream: no fastmath, no parallel sums.
"""

from __future__ import annotations

from typing import Any

from twin.kernels import counting, places, rates, segments, shape, vehicles
from twin.kernels.booking import (
    BEGUN,
    BUCKET_NS,
    COUNTER,
    ESTIMATED,
    HELD,
    MINUTE_NS,
    MOST_SEGMENTS,
    NOTES,
    OP_BEGIN,
    OP_COUNTER,
    OP_END,
    OP_GAP_BEGIN,
    OP_GOOD_COUNT,
    OP_INTERVAL,
    OP_LOST_COUNTER,
    OP_LOST_RATE,
    OP_LOST_STATION,
    OP_NONE,
    OP_RATE,
    OP_REJECT_COUNT,
    OP_STATE,
    OP_VARIANT,
    OP_VEHICLE,
    PRESENCE,
    RATE,
    RATE_AND_COUNTER,
    SEGMENTS,
    SLOT_NS,
    STATION_OPS,
    T_BEGIN,
    T_BUCKETS,
    T_NOW,
    UNNAMED,
    VISITS,
    Hall,
    Memory,
    Meters,
    Sheet,
    Table,
)
from twin.kernels.compiled import kernel, part


@part
def _begin(sheet: Sheet, hall: Hall, t: int) -> None:
    counts = sheet.counts
    counts[BEGUN] = 1
    counts[T_BEGIN] = t
    counts[T_BUCKETS] = t // MINUTE_NS * MINUTE_NS
    for p in range(sheet.points.shape[0]):
        point = sheet.points[p]
        point["segment"] = point["settled"] = -1
        point["slot"] = t // SLOT_NS
        point["t_booked"] = point["t_rate"] = t
    for s in range(sheet.stations.shape[0]):
        counts[UNNAMED] = places.begin(hall, s, counts[UNNAMED])
    for p in range(sheet.points.shape[0]):
        segments.begin(sheet, p, t, 0)


@part
def _gap(m: Meters, row: Any) -> None:
    """A source fell silent at t: its stations' states and vehicles are not known from here on."""
    t, sheet = row["t"], m.sheet
    for p in range(sheet.points.shape[0]):
        point = sheet.points[p]
        if point["source"] != row["target"] or point["kind"] == PRESENCE:
            continue
        if point["kind"] <= RATE_AND_COUNTER and point["has_rate"] == 1:
            shape.shape(m, p, t, 0.0, HELD)
        if point["kind"] == RATE_AND_COUNTER and point["counter"]["has_count"] == 1:
            segments.settle(sheet, p, t)
            point["settle_next"] = 1
        segments.set_evidence(sheet, p, t, ESTIMATED)
    for s in range(sheet.stations.shape[0]):
        station = sheet.stations[s]
        if station["source"] == row["target"]:
            station["state_known"] = station["vehicle_known"] = 0
            station["t_gap"] = t
            segments.cut_station(sheet, s, t, 0)


@part
def _end(m: Meters, t: int) -> None:
    """Books and settles everything up to t."""
    for p in range(m.sheet.points.shape[0]):
        point = m.sheet.points[p]
        counting.conclude(m, p, t)
        if point["kind"] in (RATE, RATE_AND_COUNTER) and point["has_rate"] == 1:
            shape.shape(m, p, t, 0.0, HELD)
        segments.cut(m.sheet, p, t, 0)
        if point["kind"] != PRESENCE:
            segments.settle(m.sheet, p, t)
            segments.settle_rest(m.sheet, p, t)


@part
def _segments_needed(sheet: Sheet, row: Any) -> int:
    """How many segments a row may open at most."""
    op, t = row["op"], row["t"]
    need = 0
    if op in (OP_STATE, OP_VEHICLE, OP_LOST_STATION, OP_GOOD_COUNT, OP_REJECT_COUNT):
        need = segments.room_at(sheet, row["target"], t)
        if op == OP_VEHICLE and row["exact"] >= 0:
            for s in range(sheet.stations.shape[0]):
                if sheet.stations[s]["places"] > 1 and s != row["target"]:
                    need += segments.room_at(sheet, s, t)
    elif op in (OP_RATE, OP_COUNTER, OP_INTERVAL, OP_LOST_RATE, OP_LOST_COUNTER):
        need = segments.slots_passed(sheet, row["target"], t) + 7
    elif op in (OP_END, OP_GAP_BEGIN):
        for p in range(sheet.points.shape[0]):
            need += segments.slots_passed(sheet, p, t) + MOST_SEGMENTS
    return int(need)


@part
def _notes_needed(sheet: Sheet, op: int) -> int:
    """How many notes a row may write at most."""
    if op == OP_END:
        return int(sheet.points.shape[0])
    return 2 if op == OP_COUNTER else 0


@part
def _has_room(m: Meters, hall: Hall, row: Any) -> bool:
    """Does all that a row may write find room?"""
    sheet, counts, op = m.sheet, m.sheet.counts, row["op"]
    if op == OP_BEGIN:
        return bool(sheet.segments.shape[0] >= sheet.points.shape[0])
    if counts[BEGUN] == 1:
        if sheet.segments.shape[0] - counts[SEGMENTS] < _segments_needed(sheet, row):
            return False
        if (row["t"] - counts[T_BUCKETS]) // counts[BUCKET_NS] >= m.buckets.shape[1]:
            return False
    if op == OP_VEHICLE and row["exact"] >= hall.vehicles.shape[0]:
        return False
    notes = counts[NOTES] + _notes_needed(sheet, op)
    return bool(hall.visits.shape[0] > counts[VISITS] and m.notes.shape[0] >= notes)


@part
def _book_station(sheet: Sheet, hall: Hall, row: Any) -> None:
    """What a station's PLC says."""
    op = row["op"]
    if op == OP_STATE:
        vehicles.state(sheet, row)
    elif op == OP_VEHICLE:
        vehicles.vehicle(sheet, hall, row)
    elif op == OP_VARIANT:
        vehicles.variant(hall, row)
    elif op == OP_LOST_STATION:
        vehicles.lost_station(sheet, row)
    else:
        vehicles.part_count(sheet, hall, row)


@part
def _book_meter(m: Meters, row: Any) -> None:
    """What a meter says but for its power, and what becomes of the stream."""
    op, p = row["op"], row["target"]
    begun = m.sheet.counts[BEGUN] == 1
    if op == OP_COUNTER:
        counting.counter(m, p, row)
    elif op == OP_INTERVAL:
        rates.interval(m, p, row)
    elif op == OP_LOST_RATE:
        rates.lost_rate(m, p, row["t"])
    elif op == OP_LOST_COUNTER:
        if begun and m.sheet.points[p]["kind"] == COUNTER:
            segments.set_evidence(m.sheet, p, row["t"], ESTIMATED)
    elif op == OP_GAP_BEGIN and begun:
        _gap(m, row)
    elif op == OP_END and begun:
        _end(m, row["t"])


def book_python(rows: Table, begin: int, m: Memory) -> int:
    """Books rows from ``begin`` on; returns the number of the first row that found no room.

    rows: (n,) ROW in stream order. Returns len(rows) when all are booked; else the caller makes
    room in the memory and calls again.
    """
    meters, hall, sheet = m.meters, m.hall, m.meters.sheet
    for i in range(begin, rows.shape[0]):
        row = rows[i]
        op = row["op"]
        if op == OP_NONE:
            continue
        if not _has_room(meters, hall, row):
            return i
        if op == OP_BEGIN:
            _begin(sheet, hall, row["t"])
            sheet.counts[T_NOW] = row["t"]
            continue
        if row["t"] > sheet.counts[T_NOW]:
            sheet.counts[T_NOW] = row["t"]
        if op == OP_RATE:
            rates.rate(meters, row["target"], row)
        elif op in STATION_OPS:
            _book_station(sheet, hall, row)
        else:
            _book_meter(meters, row)
    return int(rows.shape[0])


book = kernel(book_python)
