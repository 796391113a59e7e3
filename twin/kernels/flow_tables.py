"""The tables of the event-driven kernel: what stands where, and what is where now."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.flow_serial import Floats, Ints

STATION = np.dtype(
    [
        ("standby_s", "<f8"),  # delay; inf: never
        ("wake_s", "<f8"),
        ("mtbf_s", "<f8"),  # inf: never fails
        ("mttr_s", "<f8"),
        ("reject", "<f8"),  # share that goes back, or off the line
        ("calendar", "<i8"),  # fails by the calendar, not by processing
        ("in_from", "<i8"),  # ways: order[in_from:in_to] in, then joins, then on, then back
        ("in_to", "<i8"),
        ("join_to", "<i8"),
        ("on_to", "<i8"),
        ("back_to", "<i8"),
        ("idle_first", "<i8"),  # its places that wait, the longest first; -1: none
        ("idle_last", "<i8"),
        ("asked", "<i8"),  # who is to be fed after it, as a station; NOT_ASKED, LAST_ASKED
    ],
    align=True,
)
PLACE = np.dtype(
    [
        ("station", "<i8"),
        ("item", "<i8"),  # -1: empty
        ("next", "<i8"),  # that waits for the same
        ("rid", "<i8"),  # that got rid of its vehicle before it
        ("blocked_on", "<i8"),  # way; -1: not blocked
        ("off", "<i8"),  # until the first vehicle comes
        ("standby_s", "<f8"),  # delay of the wait that goes on
        ("since_s", "<f8"),  # empty since
        ("take_s", "<f8"),
        ("start_s", "<f8"),
        ("done_s", "<f8"),
        ("down_s", "<f8"),  # of repairs in the cycle
        ("to_failure_s", "<f8"),  # of processing; of the calendar: when it fails
        ("repaired_s", "<f8"),  # of the calendar: when that failure ends
        ("failures", "<i8"),
    ],
    align=True,
)
WAY = np.dtype(
    [
        ("room", "<i8"),
        ("target", "<i8"),
        ("first", "<i8"),  # item inside; -1: none
        ("last", "<i8"),
        ("inside", "<i8"),
        ("blocked_first", "<i8"),  # place that waits for room; -1: none
        ("blocked_last", "<i8"),
        ("blocked", "<i8"),
    ],
    align=True,
)
ITEM = np.dtype(
    [
        ("variant", "<i8"),
        ("tour", "<i8"),  # how often it was sent back
        ("next", "<i8"),  # on the same way
        ("way", "<i8"),  # that it is on at time 0; -1: none
        ("place", "<i8"),  # that it is in at time 0; -1: none
        ("arrived_s", "<f8"),  # where it waits
        ("release_s", "<f8"),
        ("left_s", "<f8"),  # of processing in that place
        ("repair_s", "<f8"),  # that the place still fails
    ],
    align=True,
)
HEAD = np.dtype(
    [("way", "<i8"), ("next", "<i8"), ("end", "<i8")], align=True
)  # its items: queue[next:end]
WINDOW = np.dtype(
    [("from_s", "<f8"), ("to_s", "<f8"), ("off", "<i8")], align=True
)  # off, else a break
DEPARTURE = np.dtype([("time_s", "<f8"), ("item", "<i8"), ("station", "<i8")], align=True)

Table = NDArray[np.void]
FINISHED, SCRAPPED, LOGGED, ASKED = range(4)  # of counts; ASKED: the station to be fed first
LAST_ASKED, NOT_ASKED = -1, -2  # of a station's "asked"


class Booking(NamedTuple):
    """Where seconds and energy go; s stations, v variants, c carriers."""

    seconds: Floats  # (s, PROCESSING + v)
    windows: Table  # (k,) WINDOW, closed time, in order and apart
    power_kw: Floats  # (s, PROCESSING + v, c), for slots alone
    slots_kwh: Floats  # (k, c) by slot; k = 0: not asked for
    slot_s: float
    horizon_s: float


class Graph(NamedTuple):
    """A line, what is where now, and what is booked; s stations, w ways, n items, v variants.

    A replication changes all but the last four.
    """

    stations: Table  # (s,) STATION
    places: Table  # (q,) PLACE, by station
    ways: Table  # (w,) WAY
    items: Table  # (n,) ITEM
    heads: Table  # (h,) HEAD
    times_s: Floats  # (2 m,) the tree; leaves from m on: the calendar, the heads, the places
    winner: Ints  # (2 m,)
    keys: NDArray[np.uint64]  # (4,) flow_draws, by kind
    booking: Booking
    log: Table  # (k,) DEPARTURE; k = 0: not asked for
    counts: Ints  # (4,) finished, scrapped, logged; one more for the search
    order: Ints  # way numbers, see STATION
    queue: Ints  # items in the order of their release, by head
    shapes: Floats  # (s, v, 5) flow_draws.shape_of [s]
    needs: NDArray[np.bool_]  # (w, v) whether a variant meets a part of a joining way
