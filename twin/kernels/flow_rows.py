"""One replication of a line in series: the recursion of ``flow_serial``, in rows of stations.

Only the chain of departures goes from station to station. Before it the cycles of one vehicle are
drawn for all stations, and after it its seconds are booked for all of them, as loops over SIMD
registers. Same draws and same bits as the reference.
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
    Now,
    Serial,
    begin,
    repaired,
)

# Rows of Work.rows.
PROCESS, WAIT, TAKE, START, DONE, DOWN, GONE = range(7)


class Work(NamedTuple):
    """A line by rows of stations, and what one vehicle does there; s stations, v variants."""

    shapes: Floats  # (v, 5, s) as Serial.shapes
    steps: NDArray[np.uint64]  # (s,) from a vehicle's counter to that of its visit
    rows: Floats  # (7, s) PROCESS and so on [s]
    booked: Floats  # (PROCESSING + v, s) seconds
    nobody: Floats  # (s,) zeros: when nobody left before


def work_of(m: Serial) -> Work:
    """For a line before its first vehicle."""
    stations, variants = m.shapes.shape[:2]
    steps = np.arange(stations, dtype=np.uint64) * GOLDEN
    rows, booked = np.zeros((7, stations)), np.zeros((PROCESSING + variants, stations))
    shapes = np.ascontiguousarray(m.shapes.transpose(1, 2, 0))
    return Work(shapes, steps, rows, booked, np.zeros(stations))


@row
def _draw_row(
    base: Any,
    steps: Any,
    low: Floats,
    rising: Floats,
    high: Floats,
    below: Floats,
    above: Floats,
    process: Floats,
) -> None:
    """Draws the cycles of one vehicle; base: its key and counter."""
    for s in range(process.shape[0]):
        u = (float(np.int64(mix(base + steps[s]) >> SHIFT_11)) + 0.5) * UNIT
        early = u < rising[s]
        root_s = np.sqrt(u * below[s] if early else (1.0 - u) * above[s])
        cycle_s = low[s] + root_s if early else high[s] - root_s
        process[s] = np.floor(cycle_s * QUANTA + 0.5) * QUANTUM_S


@row
def _book_row(
    end_s: float,
    wait: Floats,
    take: Floats,
    start: Floats,
    done: Floats,
    down: Floats,
    gone: Floats,
    delay: Floats,
    standby_delay: Floats,
    starved: Floats,
    standby: Floats,
    warming_up: Floats,
    failed: Floats,
    blocked: Floats,
    processing: Floats,
) -> None:
    """Books the seconds of one vehicle; the next wait has the usual delay."""
    for s in range(wait.shape[0]):
        waited_s, limit_s = wait[s], delay[s]
        asleep_s = waited_s - limit_s if waited_s > limit_s else 0.0
        starved[s] += waited_s - asleep_s
        standby[s] += asleep_s
        delay[s] = standby_delay[s]
        came_s = take[s] if take[s] < end_s else end_s
        began_s = start[s] if start[s] < end_s else end_s
        ended_s = done[s] if done[s] < end_s else end_s
        left_s = gone[s] if gone[s] < end_s else end_s
        down_s = down[s] if down[s] < ended_s - began_s else ended_s - began_s
        warming_up[s] += began_s - came_s
        failed[s] += down_s
        processing[s] += ended_s - began_s - down_s
        blocked[s] += left_s - ended_s


@helper
def _book(m: Serial, now: Now, w: Work, variant: int, head: int) -> None:
    """Books one vehicle from station ``head`` on."""
    rows, booked = w.rows, w.booked
    _book_row(
        m.horizon_s, rows[WAIT, head:], rows[TAKE, head:], rows[START, head:], rows[DONE, head:],
        rows[DOWN, head:], rows[GONE, head:], now.delay_s[head:], m.standby_s[head:],
        booked[STARVED, head:], booked[STANDBY, head:], booked[WARMING_UP, head:],
        booked[FAILED, head:], booked[BLOCKED, head:], booked[PROCESSING + variant, head:],
    )  # fmt: skip


@helper
def _close(m: Serial, now: Now, w: Work, last: Floats, seconds: Floats) -> None:
    """Books the wait until the horizon, and hands over; seconds: (s, PROCESSING + v), added to."""
    for s in range(seconds.shape[0]):
        if m.horizon_s < np.inf:
            wait_s = max(m.horizon_s - last[s], 0.0)
            asleep_s = max(wait_s - now.delay_s[s], 0.0)
            if now.off[s]:
                w.booked[OFF, s] += wait_s
            else:
                w.booked[STARVED, s] += wait_s - asleep_s
                w.booked[STANDBY, s] += asleep_s
        for column in range(seconds.shape[1]):
            seconds[s, column] += w.booked[column, s]


@helper
def rows_python(
    m: Serial, now: Now, w: Work, seed: Any, run: int, leave_s: Floats, seconds: Floats
) -> None:
    """One replication, as ``flow_serial.recursion_python``."""
    vehicles, stations, end_s = leave_s.shape[0], leave_s.shape[1], m.horizon_s
    cycles = key_of(seed, run, CYCLE)
    keys = (key_of(seed, run, FAILURE), key_of(seed, run, REPAIR))
    to_failure_s, off, delay_s = now.to_failure_s, now.off, now.delay_s
    wake_s, room, was = m.wake_s, m.room, w.nobody
    # Views of one dimension: an index of two is reckoned anew each time.
    process, wait, take, start = w.rows[PROCESS], w.rows[WAIT], w.rows[TAKE], w.rows[START]
    done, down, gone = w.rows[DONE], w.rows[DOWN], w.rows[GONE]
    for s in range(stations):
        to_failure_s[s] = exponential(uniform(keys[0], np.uint64(s)), m.mtbf_s[s])
    for i in range(vehicles):
        head, variant, own = m.begin[i], m.variant[i], leave_s[i]
        shape = w.shapes[variant]
        _draw_row(
            cycles + np.uint64(i * stations) * GOLDEN, w.steps,
            shape[0], shape[1], shape[2], shape[3], shape[4], process,
        )  # fmt: skip
        ready_s = m.release_s[i]
        for s in range(head):
            own[s] = 0.0
        for s in range(head, stations):
            process_s, down_s, free_s = process[s], 0.0, was[s]
            take_s = max(ready_s, free_s)
            start_s = take_s
            if s == head and m.left_s[i] >= 0.0:
                process_s, down_s = m.left_s[i], m.repair_s[i]
            elif off[s] or take_s - free_s > delay_s[s]:
                start_s += wake_s[s]
            wait_s = min(take_s, end_s) - min(free_s, end_s)
            if off[s]:
                w.booked[OFF, s] += wait_s
                wait_s, off[s] = 0.0, False
            left_s = to_failure_s[s] - process_s
            if left_s > 0.0:
                to_failure_s[s] = left_s
            else:
                down_s += repaired(now, keys, s, process_s, m.mtbf_s[s], m.mttr_s[s])
            done_s = start_s + process_s + down_s
            gone_s, before = done_s, i - room[s] - 1
            if s + 1 < stations and before >= 0:
                gone_s = max(done_s, leave_s[before, s + 1])
            wait[s], take[s], start[s] = wait_s, take_s, start_s
            done[s], down[s], gone[s] = done_s, down_s, gone_s
            own[s] = gone_s
            ready_s = gone_s
        _book(m, now, w, variant, head)
        was = own
    _close(m, now, w, was, seconds)


def _rows(
    m: Serial, now: Now, w: Work, seed: Any, run: int, leave_s: Floats, seconds: Floats
) -> None:
    rows_python(m, now, w, seed, run, leave_s, seconds)


_compiled: Callable[..., None] = kernel(_rows)


def in_rows(m: Serial, seed: int, run: int, leave_s: Floats, seconds: Floats) -> None:
    """One replication; leave_s and seconds as in ``flow_serial.recursion_python``."""
    _compiled(m, begin(m), work_of(m), np.uint64(seed), run, leave_s, seconds)
