"""A line in series, vehicle by vehicle: the departure-time recursion, the readable reference.

Blocking after service. For vehicle i at station j, with room for ``room`` vehicles behind it
(Altiok and Stidham, "A note on transfer lines with unreliable machines, random processing times and
finite buffers", IIE Transactions 14, 1982)::

    take   = max(leave of i at j-1, leave of i-1 at j)
    done   = take + warm-up + processing + repairs
    leave  = max(done, leave of i-room-1 at j+1)

The wait before ``take`` is starved up to the standby delay and standby after it; a station that
went to standby warms up for the vehicle that ends it. A station fails after an exponential time of
processing and is repaired in an exponential time.

All times are multiples of 2^-20 s below 2^32 s, so their sums are exact: energies are made from the
sums of seconds, and neither order nor lanes change them. What is beyond the horizon is not booked;
of a cycle that it cuts, repairs count as done first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernels.flow_draws import (
    CYCLE,
    FAILURE,
    REPAIR,
    counter_of,
    exponential,
    key_of,
    triangular,
    uniform,
)
from twin.kernels.flow_options import helper, kernel

# Columns of booked seconds; from PROCESSING on, one for each variant.
OFF, STANDBY, WARMING_UP, STARVED, BLOCKED, FAILED, STOPPED, PROCESSING = range(8)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Serial(NamedTuple):
    """A line in series and what is in it at time 0; s stations, n vehicles, v variants.

    Vehicles are in the order in which they leave: those in the line first.
    """

    shapes: Floats  # (s, v, 5) flow_draws.shape_of [s]
    room: Ints  # (s,) of the way behind a station
    standby_s: Floats  # (s,) delay; inf: never
    first_standby_s: Floats  # (s,) the same for the wait that goes on at time 0
    off: NDArray[np.bool_]  # (s,) until the first vehicle comes
    wake_s: Floats  # (s,)
    mtbf_s: Floats  # (s,) of processing; inf: never fails
    mttr_s: Floats  # (s,)
    variant: Ints  # (n,)
    release_s: Floats  # (n,) when it may enter the first station
    begin: Ints  # (n,) the station that it is in or before at time 0
    left_s: Floats  # (n,) of its processing there; -1: it is not inside
    repair_s: Floats  # (n,) that its station still fails at time 0
    horizon_s: float


class Now(NamedTuple):
    """What a replication carries from vehicle to vehicle, by station."""

    to_failure_s: Floats  # of processing
    failures: Ints  # so far
    delay_s: Floats  # before the next standby
    off: NDArray[np.bool_]


def begin(m: Serial) -> Now:
    """A line before its first vehicle."""
    stations = m.room.shape[0]
    failures = np.zeros(stations, np.int64)
    return Now(np.empty(stations), failures, m.first_standby_s.copy(), m.off.copy())


@helper
def repaired(now: Now, keys: Any, s: int, process_s: float, mtbf_s: float, mttr_s: float) -> float:
    """Repairs [s] that fall into so much processing; keys: of failures and of repairs."""
    down_s, left_s, count = 0.0, now.to_failure_s[s], now.off.shape[0]
    while left_s <= process_s:
        process_s -= left_s
        at = counter_of(now.failures[s], s, count, 0)
        down_s += exponential(uniform(keys[1], at), mttr_s)
        now.failures[s] += 1
        at = counter_of(now.failures[s], s, count, 0)
        left_s = exponential(uniform(keys[0], at), mtbf_s)
    now.to_failure_s[s] = left_s - process_s
    return down_s


@helper
def _book_wait(row: Floats, wait_s: float, delay_s: float, off: bool) -> None:
    """Books the time before a vehicle [s]."""
    if off:
        row[OFF] += wait_s
        return
    starved_s = min(wait_s, delay_s)
    row[STARVED] += starved_s
    row[STANDBY] += wait_s - starved_s


@helper
def _book_work(row: Floats, column: int, end_s: float, times: Any, down_s: float) -> None:
    """Books warm-up, processing and repairs, and blocking; times: take, start, done, leave [s]."""
    take_s, start_s = min(times[0], end_s), min(times[1], end_s)
    done_s, leave_s = min(times[2], end_s), min(times[3], end_s)
    down_s = min(down_s, done_s - start_s)
    row[WARMING_UP] += start_s - take_s
    row[FAILED] += down_s
    row[column] += done_s - start_s - down_s
    row[BLOCKED] += leave_s - done_s


@helper
def recursion_python(
    m: Serial, now: Now, seed: Any, run: int, leave_s: Floats, seconds: Floats
) -> None:
    """One replication. leave_s: (n, s) when vehicles leave stations, 0: before time 0 [s].

    seconds: (s, PROCESSING + v) by station and state, added to; up to the horizon.
    """
    vehicles, stations, end_s = leave_s.shape[0], leave_s.shape[1], m.horizon_s
    cycles, off, delay_s = key_of(seed, run, CYCLE), now.off, now.delay_s
    keys = (key_of(seed, run, FAILURE), key_of(seed, run, REPAIR))
    for s in range(stations):
        u = uniform(keys[0], counter_of(0, s, stations, 0))
        now.to_failure_s[s] = exponential(u, m.mtbf_s[s])
    for i in range(vehicles):
        ready_s, variant = m.release_s[i], m.variant[i]
        for s in range(m.begin[i]):
            leave_s[i, s] = 0.0
        for s in range(m.begin[i], stations):
            was_s = leave_s[i - 1, s] if i > 0 else 0.0
            take_s = max(ready_s, was_s)
            down_s, wake_s = 0.0, 0.0
            if s == m.begin[i] and m.left_s[i] >= 0.0:
                process_s, down_s = m.left_s[i], m.repair_s[i]
            else:
                u = uniform(cycles, counter_of(i, s, stations, 0))
                process_s = triangular(u, m.shapes[s, variant])
                if off[s] or take_s - was_s > delay_s[s]:
                    wake_s = m.wake_s[s]
            _book_wait(seconds[s], min(take_s, end_s) - min(was_s, end_s), delay_s[s], off[s])
            if now.to_failure_s[s] > process_s:
                now.to_failure_s[s] -= process_s
            else:
                down_s += repaired(now, keys, s, process_s, m.mtbf_s[s], m.mttr_s[s])
            done_s = take_s + wake_s + process_s + down_s
            gone_s = done_s
            before = i - m.room[s] - 1
            if s + 1 < stations and before >= 0:
                gone_s = max(done_s, leave_s[before, s + 1])
            times = (take_s, take_s + wake_s, done_s, gone_s)
            _book_work(seconds[s], PROCESSING + variant, end_s, times, down_s)
            leave_s[i, s] = gone_s
            delay_s[s], off[s] = m.standby_s[s], False
            ready_s = gone_s
    if end_s < np.inf:
        for s in range(stations):
            was_s = leave_s[vehicles - 1, s] if vehicles > 0 else 0.0
            _book_wait(seconds[s], max(end_s - was_s, 0.0), delay_s[s], off[s])


def _recursion(m: Serial, now: Now, seed: Any, run: int, leave_s: Floats, seconds: Floats) -> None:
    recursion_python(m, now, seed, run, leave_s, seconds)


recursion: Callable[[Serial, Now, Any, int, Floats, Floats], None] = kernel(_recursion)
