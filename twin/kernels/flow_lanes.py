"""Many replications of a line in series at once: the recursion of ``flow_serial``, 32 side by side.

What decides the speed: the replications lie innermost and go through each step as one row, by row
functions on 1-D views that are declared not to alias, so that each becomes a loop over SIMD
registers. Failures are rare and handled lane by lane. Of the departures only those are kept that a
later vehicle can still wait for. The starved seconds are what remains of the time: sums of times
are exact. Same draws and same bits as the reference (tests/twin/test_flow_agreement.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from twin.kernels.flow_draws import (
    CYCLE,
    FAILURE,
    GOLDEN,
    QUANTA,
    QUANTUM_S,
    REPAIR,
    SHIFT_11,
    UNIT,
    exponential,
    key_of,
    mix,
    uniform,
)
from twin.kernels.flow_options import ROW_OPTIONS
from twin.kernels.flow_serial import (
    BLOCKED,
    FAILED,
    OFF,
    PROCESSING,
    STANDBY,
    STARVED,
    WARMING_UP,
    Floats,
    Ints,
    Serial,
)

LANES = 32


@njit(**ROW_OPTIONS)
def _begin_row(
    key: Any,
    counter: Any,
    shape: Floats,
    delay_s: float,
    wake_s: float,
    end_s: float,
    ready: Floats,
    was: Floats,
    left: Floats,
    wait: Floats,
    take: Floats,
    start: Floats,
    done: Floats,
) -> tuple[int, int]:
    """Draws a cycle and begins it in each lane; how many fail within it, how many warm up."""
    low, rising, high, below, above = shape[0], shape[1], shape[2], shape[3], shape[4]
    failing, waking = 0, 0
    for k in range(LANES):
        u = (float(np.int64(mix(key[k] + counter) >> SHIFT_11)) + 0.5) * UNIT
        early = u < rising
        root = np.sqrt(u * below if early else (1.0 - u) * above)
        process = low + root if early else high - root
        process = np.floor(process * QUANTA + 0.5) * QUANTUM_S
        free, came = was[k], ready[k]
        at = came if came > free else free
        asleep = at - free > delay_s
        begin = at + (wake_s if asleep else 0.0)
        waking += 1 if asleep else 0
        rest = left[k] - process
        failing += 1 if rest <= 0.0 else 0
        wait[k] = (at if at < end_s else end_s) - (free if free < end_s else end_s)
        take[k] = at
        start[k] = begin
        done[k] = begin + process
        left[k] = rest
    return failing, waking


@njit(**ROW_OPTIONS)
def _resume_row(
    process_s: float,
    repair_s: float,
    left: Floats,
    wait: Floats,
    take: Floats,
    start: Floats,
    done: Floats,
) -> int:
    """Goes on with what was in the station at time 0; how many lanes fail within it."""
    failing = 0
    for k in range(LANES):
        rest = left[k] - process_s
        failing += 1 if rest <= 0.0 else 0
        left[k] = rest
        wait[k] = 0.0
        take[k] = 0.0
        start[k] = 0.0
        done[k] = process_s + repair_s
    return failing


@njit(**ROW_OPTIONS)
def _leave_row(
    end_s: float,
    room: Floats,
    start: Floats,
    done: Floats,
    ready: Floats,
    gone: Floats,
    blocked: Floats,
    processing: Floats,
) -> None:
    """Leaves where there is room, and books; what fails is taken off processing elsewhere."""
    for k in range(LANES):
        ended, roomy, began = done[k], room[k], start[k]
        leaves = roomy if roomy > ended else ended
        gone[k] = leaves
        ready[k] = leaves
        ended = ended if ended < end_s else end_s
        leaves = leaves if leaves < end_s else end_s
        began = began if began < end_s else end_s
        blocked[k] += leaves - ended
        processing[k] += ended - began


@njit(**ROW_OPTIONS)
def _wake_row(
    delay_s: float,
    end_s: float,
    wait: Floats,
    take: Floats,
    start: Floats,
    standby: Floats,
    warming_up: Floats,
) -> None:
    """Books standby and warm-up."""
    for k in range(LANES):
        beyond = wait[k] - delay_s
        standby[k] += beyond if beyond > 0.0 else 0.0
        began, came = start[k], take[k]
        began = began if began < end_s else end_s
        warming_up[k] += began - (came if came < end_s else end_s)


@njit(nogil=True, error_model="numpy")
def _repair_lanes(
    m: Serial,
    s: int,
    keys: Any,
    carried_s: float,
    left: Floats,
    failures: Ints,
    start: Floats,
    done: Floats,
    failed: Floats,
    processing: Floats,
) -> None:
    """Repairs within the cycles that fail; carried_s: of a repair that goes on at time 0."""
    stations = m.room.shape[0]
    for k in range(LANES):
        down_s = carried_s
        while left[k] <= 0.0:
            at = np.uint64(failures[k] * stations + s)
            down_s += exponential(uniform(keys[1][k], at), m.mttr_s[s])
            failures[k] += 1
            at = np.uint64(failures[k] * stations + s)
            left[k] += exponential(uniform(keys[0][k], at), m.mtbf_s[s])
        if down_s > 0.0:
            done[k] += down_s - carried_s
            down_s = min(down_s, min(done[k], m.horizon_s) - min(start[k], m.horizon_s))
            failed[k] += down_s
            processing[k] -= down_s


@njit(nogil=True, error_model="numpy")
def _keys(seed: Any, run: int, kind: int) -> NDArray[np.uint64]:
    keys = np.empty(LANES, np.uint64)
    for k in range(LANES):
        keys[k] = key_of(seed, run + k, kind)
    return keys


@njit(nogil=True, error_model="numpy")
def _ring(m: Serial, vehicles: int) -> tuple[Ints, Ints]:
    """Where each station's kept departures begin, and how many they are; s + 1 of them."""
    stations = m.room.shape[0]
    first, depth = np.zeros(stations + 1, np.int64), np.full(stations + 1, 2, np.int64)
    for s in range(1, stations + 1):
        if s < stations:
            depth[s] = min(m.room[s - 1], vehicles) + 2
        first[s] = first[s - 1] + depth[s - 1]
    return first, depth


@njit(cache=True, nogil=True, error_model="numpy")
def _lanes(
    m: Serial, seed: Any, run: int, leave_s: Floats, booked: Floats, seconds: Floats, done_by: Ints
) -> None:
    stations, vehicles = m.room.shape[0], m.variant.shape[0]
    first, depth = _ring(m, vehicles)
    ring = np.zeros((first[stations] + depth[stations], LANES))
    slot = np.zeros(stations + 1, np.int64)
    cycles = _keys(seed, run, CYCLE)
    keys = (_keys(seed, run, FAILURE), _keys(seed, run, REPAIR))
    left, failures = np.empty((stations, LANES)), np.zeros((stations, LANES), np.int64)
    for s in range(stations):
        for k in range(LANES):
            left[s, k] = exponential(uniform(keys[0][k], np.uint64(s)), m.mtbf_s[s])
    delay_s, off = m.first_standby_s.copy(), m.off.copy()
    ready, wait, take = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    start, done = np.zeros(LANES), np.zeros(LANES)
    for i in range(vehicles):
        variant, begin = m.variant[i], m.begin[i]
        ready[:] = m.release_s[i]
        for s in range(begin):
            ring[first[s] + slot[s]] = 0.0
        for s in range(begin, stations):
            own, at = booked[s], slot[s]
            was = ring[first[s] + (at if at > 0 else depth[s]) - 1]
            after = slot[s + 1] + 1
            room = ring[first[s + 1] + (after if after < depth[s + 1] else 0)]
            carried_s, delay = 0.0, delay_s[s]
            if s == begin and m.left_s[i] >= 0.0:
                carried_s, waking = m.repair_s[i], 0
                failing = _resume_row(m.left_s[i], carried_s, left[s], wait, take, start, done)
            else:
                failing, waking = _begin_row(
                    cycles,
                    np.uint64(i * stations + s) * GOLDEN,
                    m.shapes[s, variant],
                    -1.0 if off[s] else delay,
                    m.wake_s[s],
                    m.horizon_s,
                    ready,
                    was,
                    left[s],
                    wait,
                    take,
                    start,
                    done,
                )
            if off[s]:
                own[OFF] += wait
                wait[:] = 0.0
            if failing > 0 or carried_s > 0.0:
                _repair_lanes(
                    m, s, keys, carried_s, left[s], failures[s], start, done,
                    own[FAILED], own[PROCESSING + variant],
                )  # fmt: skip
            if waking > 0:
                _wake_row(delay, m.horizon_s, wait, take, start, own[STANDBY], own[WARMING_UP])
            _leave_row(
                m.horizon_s, room, start, done, ready, ring[first[s] + at],
                own[BLOCKED], own[PROCESSING + variant],
            )  # fmt: skip
            delay_s[s], off[s] = m.standby_s[s], False
            for r in range(leave_s.shape[0]):
                leave_s[r, i, s] = ready[r]
        for s in range(stations + 1):
            slot[s] = slot[s] + 1 if slot[s] + 1 < depth[s] else 0
        for r in range(done_by.shape[0]):
            done_by[r] += 1 if ready[r] <= m.horizon_s else 0
    for s in range(stations):
        last = ring[first[s] + (slot[s] if slot[s] > 0 else depth[s]) - 1]
        _close(m, s, last, delay_s[s], off[s], booked[s], seconds)


@njit(nogil=True, error_model="numpy")
def _close(
    m: Serial, s: int, last: Floats, delay_s: float, off: bool, booked: Floats, seconds: Floats
) -> None:
    """The wait until the horizon; what is left of the time was starved. seconds: (runs, s, column)."""
    for r in range(seconds.shape[0]):
        until_s = min(last[r], m.horizon_s)
        if m.horizon_s < np.inf:
            wait_s = m.horizon_s - until_s
            if off:
                booked[OFF, r] += wait_s
            else:
                booked[STANDBY, r] += max(wait_s - delay_s, 0.0)
            until_s = m.horizon_s
        total_s = 0.0
        for column in range(booked.shape[0]):
            total_s += booked[column, r]
            seconds[r, s, column] = booked[column, r]
        seconds[r, s, STARVED] = until_s - total_s


def lanes(m: Serial, seed: int, run: int, runs: int) -> tuple[Floats, Ints]:
    """Replications ``run`` to ``run + runs``, at most LANES of them.

    Seconds by replication, station and state, (runs, s, PROCESSING + v); vehicles that left the
    line within the horizon, (runs,).
    """
    return lanes_with_departures(m, seed, run, runs, np.empty((0, 0, 0)))


def lanes_with_departures(
    m: Serial, seed: int, run: int, runs: int, leave_s: Floats
) -> tuple[Floats, Ints]:
    """The same; leave_s: (runs, n, s), filled with when vehicles leave stations [s]."""
    stations, columns = m.room.shape[0], PROCESSING + m.shapes.shape[1]
    seconds, finished = np.zeros((runs, stations, columns)), np.zeros(runs, np.int64)
    booked = np.zeros((stations, columns, LANES))
    _lanes(m, np.uint64(seed), run, leave_s, booked, seconds, finished)
    return seconds, finished
