"""What booking keeps: rows in, and the tables of points, stations, segments and visits.

How it books is said, and done, in book.py. A field that functions take as an argument is as wide
as Python's own numbers: each further type of an argument would be compiled as one more function.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
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
STATION_OPS = (
    OP_STATE,
    OP_VEHICLE,
    OP_VARIANT,
    OP_GOOD_COUNT,
    OP_REJECT_COUNT,
    OP_LOST_STATION,
)

ROW = np.dtype(
    [
        ("op", "u1"),
        ("quality", "u1"),
        ("duplicate", "u1"),
        ("integer", "u1"),  # exact holds the counter
        ("target", "<i8"),  # station, point or source
        ("t", "<i8"),
        ("value", "<f8"),  # kW for a rate, kWh for an interval, raw for a counter
        ("exact", "<i8"),
    ]
)
POINT = np.dtype(
    [
        ("kind", "u1"),
        ("hold", "<i8"),
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
        ("counter", readings.COUNTER),
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
# What is counted: rows used of the growing tables, and the clock.
(SEGMENTS, VISITS, BEGUN, T_BEGIN, T_NOW, BUCKET_NS, T_BUCKETS, NOTES, UNNAMED) = range(9)
COUNTS = 9
MOST_SEGMENTS = 8  # that a row opens of one point, besides one for each slot that it passes

Table = NDArray[np.void]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Sheet(NamedTuple):
    """What energy is written on."""

    points: Table  # (p,) POINT: the line's, then one without a meter for each station
    stations: Table  # (s,) STATION
    station_points: Ints  # the points of station s: [points_from:points_to]
    segments: Table  # SEGMENT, counts[SEGMENTS] of them in use
    counts: Ints


class Meters(NamedTuple):
    """What readings of meters change."""

    sheet: Sheet
    notes: Table  # NOTE, counts[NOTES] of them in use: what happened to counters
    buckets: Floats  # (p, b) kWh by counts[BUCKET_NS] from counts[T_BUCKETS]
    covered: Ints  # (p, b) ns
    levels: Floats  # (p, states) usual rate of each point in each state [kW], NaN: not known


class Hall(NamedTuple):
    """Who is where."""

    stations: Table  # (s,) STATION, those of the sheet
    visits: Table  # VISIT, counts[VISITS] of them in use
    vehicles: Ints  # (v,) number of each one's last visit, plus 1; 0: none yet
    ways: NDArray[np.uint8]  # (s, s) kind of the way from station to station (places.py)
    queues: Table  # (s, n) places.QUEUE: who is inside a station of several places
    unnamed: Table  # places.UNNAMED, counts[UNNAMED] of them in use


class Memory(NamedTuple):
    """All that booking knows.

    segments, visits, notes, vehicles, buckets and covered may need more room.
    """

    meters: Meters
    hall: Hall
