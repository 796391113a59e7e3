"""A line in series in SimPy, as one would write it for speed: the rival of the flow kernels.

A process for each station, a Store between two. Cycles and failures are drawn beforehand (by the
same draws), so that SimPy pays for its events alone. It books what the kernels book: seconds by
station and state, processing by variant.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import simpy

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
from twin.kernels.flow_serial import (
    BLOCKED,
    FAILED,
    OFF,
    PROCESSING,
    STANDBY,
    STARVED,
    WARMING_UP,
    Serial,
)

_FAILURES_DRAWN = 400  # of each station; a shift of the case has a few


@dataclass(frozen=True)
class Drawn:
    """What one replication draws, as lists: cycles by item and station, failures by station."""

    cycle_s: list[list[float]]
    to_failure_s: list[list[float]]
    repair_s: list[list[float]]


def draw(m: Serial, seed: int, run: int) -> Drawn:
    """The draws of the kernels."""
    stations, vehicles = m.room.shape[0], m.variant.shape[0]
    with np.errstate(over="ignore"):
        keys = [key_of(np.uint64(seed), run, kind) for kind in (CYCLE, FAILURE, REPAIR)]

        def drawn(kind: int, mean_s: np.ndarray) -> list[list[float]]:
            return [
                [
                    float(exponential(uniform(keys[kind], counter_of(k, s, stations, 0)), mean))
                    for k in range(_FAILURES_DRAWN)
                ]
                for s, mean in enumerate(mean_s)
            ]

        cycles = [
            [
                float(
                    triangular(
                        uniform(keys[0], counter_of(i, s, stations, 0)),
                        m.shapes[s, m.variant[i]],
                    )
                )
                for s in range(stations)
            ]
            for i in range(vehicles)
        ]
        return Drawn(cycles, drawn(1, m.mtbf_s), drawn(2, m.mttr_s))


def run_simpy(m: Serial, drawn: Drawn) -> tuple[list[list[float]], list[list[float]]]:
    """When vehicles leave stations, and seconds by station and state."""
    stations, vehicles = m.room.shape[0], m.variant.shape[0]
    delay_s, wake_s, variant = m.standby_s.tolist(), m.wake_s.tolist(), m.variant.tolist()
    off, release_s = m.off.tolist(), m.release_s.tolist()
    env = simpy.Environment()
    stores = [simpy.Store(env, capacity=int(room)) for room in m.room[:-1]]
    source = simpy.Store(env)
    leave_s = [[0.0] * stations for _ in range(vehicles)]
    seconds = [[0.0] * (PROCESSING + m.shapes.shape[1]) for _ in range(stations)]

    def release() -> Generator[simpy.Event, object, None]:
        for i in range(vehicles):
            if release_s[i] > env.now:
                yield env.timeout(release_s[i] - env.now)
            yield source.put(i)

    def work(s: int) -> Generator[simpy.Event, object, None]:
        before = source if s == 0 else stores[s - 1]
        after = stores[s] if s < stations - 1 else None
        own, cycle_s, failures, is_off = seconds[s], drawn.cycle_s, 0, off[s]
        to_failure_s, repair_s = drawn.to_failure_s[s], drawn.repair_s[s]
        next_s = to_failure_s[0]
        while True:
            since_s = env.now
            i = yield before.get()
            wait_s, warm_s = env.now - since_s, 0.0
            if is_off:
                own[OFF] += wait_s
                warm_s, is_off = wake_s[s], False
            elif wait_s > delay_s[s]:
                own[STARVED] += delay_s[s]
                own[STANDBY] += wait_s - delay_s[s]
                warm_s = wake_s[s]
            else:
                own[STARVED] += wait_s
            if warm_s > 0:
                yield env.timeout(warm_s)
            left_s, down_s = cycle_s[i][s], 0.0
            own[PROCESSING + variant[i]] += left_s
            while next_s <= left_s:
                yield env.timeout(next_s)
                yield env.timeout(repair_s[failures])
                left_s -= next_s
                down_s += repair_s[failures]
                failures += 1
                next_s = to_failure_s[failures]
            yield env.timeout(left_s)
            next_s -= left_s
            done_s = env.now
            if after is not None:
                yield after.put(i)
            leave_s[i][s] = env.now
            own[WARMING_UP] += warm_s
            own[FAILED] += down_s
            own[BLOCKED] += env.now - done_s

    env.process(release())
    for s in range(stations):
        env.process(work(s))
    env.run()
    return leave_s, seconds
