"""Many replications of a line in series at once: the recursion of ``flow_serial``, 32 side by side.

What decides the speed: the replications lie innermost and go through each step as one row, by row
functions on 1-D views that are declared not to alias, so that each becomes a loop over SIMD
registers. Failures are rare and handled lane by lane. Of the departures only those are kept that a
later vehicle can still wait for. The starved seconds are what remains of the time: sums of times
are exact. Same draws and same bits as the reference (tests/twin/test_flow_agreement.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
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
from twin.kernels.flow_options import helper, kernel, row
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
    Now,
    Serial,
    begin,
)

LANES = 32
# Rows of Rows.now.
READY, WAIT, TAKE, START, DONE = range(5)


class Rows(NamedTuple):
    """What the lanes carry from vehicle to vehicle; s stations, v variants."""

    ring: Floats  # (rows, LANES) departures that are still waited for [s]
    first: Ints  # (s + 1,) where those of a station begin in ring
    depth: Ints  # (s + 1,) and how many they are
    slot: Ints  # (s + 1,) which of them is next
    left_s: Floats  # (s, LANES) of processing until the next failure
    failures: Ints  # (s, LANES) so far
    booked: Floats  # (s, PROCESSING + v, LANES) seconds
    keys: NDArray[np.uint64]  # (3, LANES) of cycles, failures and repairs
    now: Floats  # (5, LANES) READY and so on [s]


def rows_of(m: Serial) -> Rows:
    """For a line before its first vehicle."""
    stations, vehicles = m.room.shape[0], m.variant.shape[0]
    depth = np.full(stations + 1, 2, np.int64)
    depth[1:-1] = np.minimum(m.room[:-1], vehicles) + 2
    return Rows(
        ring=np.zeros((depth.sum(), LANES)),
        first=np.cumsum(depth) - depth,
        depth=depth,
        slot=np.zeros(stations + 1, np.int64),
        left_s=np.zeros((stations, LANES)),
        failures=np.zeros((stations, LANES), np.int64),
        booked=np.zeros((stations, PROCESSING + m.shapes.shape[1], LANES)),
        keys=np.zeros((3, LANES), np.uint64),
        now=np.zeros((5, LANES)),
    )


@row
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


@row
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


@row
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


@row
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


@row
def _off_row(wait: Floats, off: Floats) -> None:
    """Books a wait before which the station was off."""
    for k in range(LANES):
        off[k] += wait[k]
        wait[k] = 0.0


@helper
def _repair_lanes(
    s: int,
    stations: int,
    mtbf_s: float,
    mttr_s: float,
    end_s: float,
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
    for k in range(LANES):
        down_s = carried_s
        while left[k] <= 0.0:
            at = np.uint64(failures[k] * stations + s)
            down_s += exponential(uniform(keys[REPAIR, k], at), mttr_s)
            failures[k] += 1
            at = np.uint64(failures[k] * stations + s)
            left[k] += exponential(uniform(keys[FAILURE, k], at), mtbf_s)
        if down_s > 0.0:
            done[k] += down_s - carried_s
            down_s = min(down_s, min(done[k], end_s) - min(start[k], end_s))
            failed[k] += down_s
            processing[k] -= down_s


@helper
def _set_up(m: Serial, r: Rows, seed: Any, run: int) -> None:
    """Draws each lane's keys and first failures."""
    for k in range(LANES):
        for kind in range(r.keys.shape[0]):
            r.keys[kind, k] = key_of(seed, run + k, kind)
        for s in range(r.left_s.shape[0]):
            u = uniform(r.keys[FAILURE, k], np.uint64(s))
            r.left_s[s, k] = exponential(u, m.mtbf_s[s])


@helper
def _close(m: Serial, now: Now, r: Rows, seconds: Floats) -> None:
    """The wait until the horizon; what is left of the time was starved. seconds: (runs, s, c)."""
    for s in range(seconds.shape[1]):
        last, own = r.first[s] + (r.slot[s] if r.slot[s] > 0 else r.depth[s]) - 1, r.booked[s]
        for k in range(seconds.shape[0]):
            until_s = min(r.ring[last, k], m.horizon_s)
            if m.horizon_s < np.inf:
                wait_s = m.horizon_s - until_s
                until_s = m.horizon_s
                if now.off[s]:
                    own[OFF, k] += wait_s
                else:
                    own[STANDBY, k] += max(wait_s - now.delay_s[s], 0.0)
            total_s = 0.0
            for column in range(own.shape[0]):
                total_s += own[column, k]
                seconds[k, s, column] = own[column, k]
            seconds[k, s, STARVED] = until_s - total_s


def _lanes_python(
    m: Serial,
    now: Now,
    r: Rows,
    seed: Any,
    run: int,
    leave_s: Floats,
    seconds: Floats,
    finished: Ints,
) -> None:
    stations, vehicles, end_s = m.room.shape[0], m.variant.shape[0], m.horizon_s
    ring, first, depth, slot, now_s = r.ring, r.first, r.depth, r.slot, r.now
    ready, wait, take, start, done = now_s[0], now_s[1], now_s[2], now_s[3], now_s[4]
    _set_up(m, r, seed, run)
    for i in range(vehicles):
        variant, head = m.variant[i], m.begin[i]
        for k in range(LANES):
            ready[k] = m.release_s[i]
        for s in range(head):
            for k in range(LANES):
                ring[first[s] + slot[s], k] = 0.0
        for s in range(head, stations):
            own, left, at = r.booked[s], r.left_s[s], slot[s]
            was = ring[first[s] + (at if at > 0 else depth[s]) - 1]
            after = slot[s + 1] + 1
            room = ring[first[s + 1] + (after if after < depth[s + 1] else 0)]
            carried_s, waking = 0.0, 0
            if s == head and m.left_s[i] >= 0.0:
                carried_s = m.repair_s[i]
                failing = _resume_row(m.left_s[i], carried_s, left, wait, take, start, done)
            else:
                failing, waking = _begin_row(
                    r.keys[CYCLE], np.uint64(i * stations + s) * GOLDEN, m.shapes[s, variant],
                    -1.0 if now.off[s] else now.delay_s[s], m.wake_s[s], end_s,
                    ready, was, left, wait, take, start, done,
                )  # fmt: skip
            if now.off[s]:
                _off_row(wait, own[OFF])
            if failing > 0 or carried_s > 0.0:
                _repair_lanes(
                    s, stations, m.mtbf_s[s], m.mttr_s[s], end_s, r.keys, carried_s, left,
                    r.failures[s], start, done, own[FAILED], own[PROCESSING + variant],
                )  # fmt: skip
            if waking > 0:
                _wake_row(now.delay_s[s], end_s, wait, take, start, own[STANDBY], own[WARMING_UP])
            _leave_row(
                end_s, room, start, done, ready, ring[first[s] + at],
                own[BLOCKED], own[PROCESSING + variant],
            )  # fmt: skip
            now.delay_s[s], now.off[s] = m.standby_s[s], False
            for k in range(leave_s.shape[0]):
                leave_s[k, i, s] = ready[k]
        for s in range(stations + 1):
            slot[s] = slot[s] + 1 if slot[s] + 1 < depth[s] else 0
        for k in range(finished.shape[0]):
            finished[k] += 1 if ready[k] <= end_s else 0
    _close(m, now, r, seconds)


_lanes: Callable[..., None] = kernel(_lanes_python)


def lanes(m: Serial, seed: int, run: int, runs: int, leave_s: Floats | None = None) -> Any:
    """Replications ``run`` to ``run + runs``, at most LANES of them.

    Seconds by replication, station and state, (runs, s, PROCESSING + v); vehicles that left the
    line within the horizon, (runs,). leave_s: (runs, n, s), filled with when vehicles leave [s].
    """
    seconds = np.zeros((runs, m.room.shape[0], PROCESSING + m.shapes.shape[1]))
    finished = np.zeros(runs, np.int64)
    kept = np.empty((0, 0, 0)) if leave_s is None else leave_s
    _lanes(m, begin(m), rows_of(m), np.uint64(seed), run, kept, seconds, finished)
    return seconds, finished
