"""The forward model: what the line does from now on, in as many replications as asked for.

It chooses the kernel: a line in series goes through the recursion, alone or 32 replications side by
side, any other through the events. The choice changes no figure: draws are counter-based, times are
exact, and energy is power times the sums of seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.flow_arrays import fresh, graph_of, is_series, serial_of
from twin.flow_lock import Deadlock, locked_circle
from twin.flow_model import FlowModel
from twin.kernels.flow_graph import events, events_python
from twin.kernels.flow_lanes import LANES, lanes
from twin.kernels.flow_rows import in_rows
from twin.kernels.flow_serial import PROCESSING, Serial, begin, recursion_python
from twin.kernels.flow_tables import DEPARTURE, FINISHED, LOGGED, SCRAPPED, Graph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_FEW = 8  # replications from which on lanes are faster than one after the other


@dataclass(frozen=True)
class Outcome:
    """What came of each replication, up to the horizon; r replications.

    seconds: (r, stations, flow_model.STATES and variants) of places in states [s].
    finished, scrapped: (r,) items that left the line good, or not.
    slots_kwh: (r, slots, carriers) by quarter of an hour or as asked [kWh]; None: not asked for.
    locked: the first replication that locked itself, and where; None: none did.
    """

    seconds: Floats
    finished: Ints
    scrapped: Ints
    slots_kwh: Floats | None
    locked: Deadlock | None


def energy_kwh(model: FlowModel, seconds: Floats) -> Floats:
    """Energy by station, state and carrier (..., s, STATES and variants, c) [kWh]."""
    return seconds[..., None] * model.power_kw / 3600.0


def simulate(
    model: FlowModel,
    runs: int,
    seed: int,
    *,
    first_run: int = 0,
    slot_s: float | None = None,
    threads: int = 1,
    compiled: bool = True,
) -> Outcome:
    """Replications ``first_run`` to ``first_run + runs``; equal seeds and runs draw equally.

    slot_s: energy is also booked in slots of that length [s] up to the horizon, which must be
    finite then. Without ``compiled`` plain Python runs: slow, the same figures, no wait.
    Raises ValueError for what cannot be run.
    """
    if runs < 1 or threads < 1:
        raise ValueError(f"runs = {runs}, threads = {threads}: must be 1 or above")
    if slot_s is not None and model.horizon_s is None:
        raise ValueError("slot_s needs a horizon_s")
    if is_series(model) and slot_s is None:
        return _in_series(serial_of(model), (first_run, runs), seed, threads, compiled)
    slots = 0 if slot_s is None or model.horizon_s is None else -int(-model.horizon_s // slot_s)
    m = graph_of(model, slot_s or 0.0, slots)
    return _by_events(model, m, (first_run, runs), seed, threads, compiled)


def departures(
    model: FlowModel, seed: int, run: int = 0, *, rows: int | None = None, compiled: bool = True
) -> NDArray[np.void]:
    """When which item left which station in one replication; (d,) DEPARTURE in that order.

    rows: how many at most; None: as many as items times stations, and the same for rework.
    """
    most = 2 * len(model.items) * len(model.stations) if rows is None else rows
    m = graph_of(model, logged=most)
    _run_events(m, seed, run, compiled)
    return m.log[: m.counts[LOGGED]]


def _in_parallel(threads: int, work: Callable[[int], None], count: int) -> None:
    """work(0), ..., work(count - 1), on so many threads."""
    if threads == 1 or count == 1:
        for k in range(count):
            work(k)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, range(count)):
            pass


def _in_series(
    m: Serial, span: tuple[int, int], seed: int, threads: int, compiled: bool
) -> Outcome:
    first, runs = span
    stations, columns = m.room.shape[0], PROCESSING + m.shapes.shape[1]
    seconds, finished = np.zeros((runs, stations, columns)), np.zeros(runs, np.int64)

    def one(k: int) -> None:
        leave_s = np.zeros((m.variant.shape[0], stations))
        _run_recursion(m, seed, first + k, leave_s, seconds[k], compiled)
        finished[k] = np.count_nonzero(leave_s[:, -1] <= m.horizon_s)

    def many(k: int) -> None:
        begin, end = k * LANES, min((k + 1) * LANES, runs)
        seconds[begin:end], finished[begin:end] = lanes(m, seed, first + begin, end - begin)

    if compiled and runs >= _FEW:
        _in_parallel(threads, many, -(-runs // LANES))
    else:
        _in_parallel(threads, one, runs)
    return Outcome(seconds, finished, np.zeros(runs, np.int64), None, None)


def _run_recursion(
    m: Serial, seed: int, run: int, leave_s: Floats, seconds: Floats, compiled: bool
) -> None:
    if compiled:
        in_rows(m, seed, run, leave_s, seconds)
        return
    with np.errstate(over="ignore"):
        recursion_python(m, begin(m), np.uint64(seed), run, leave_s, seconds)


def _run_events(m: Graph, seed: int, run: int, compiled: bool) -> None:
    if compiled:
        events(m, np.uint64(seed), run)
        return
    with np.errstate(over="ignore"):
        events_python(m, np.uint64(seed), run)


def _by_events(
    model: FlowModel, m: Graph, span: tuple[int, int], seed: int, threads: int, compiled: bool
) -> Outcome:
    first, runs = span
    seconds = np.zeros((runs, *m.booking.seconds.shape))
    slots = np.zeros((runs, *m.booking.slots_kwh.shape))
    counts, locked = np.zeros((runs, m.counts.shape[0]), np.int64), dict[int, Deadlock]()

    def one(k: int) -> None:
        own = fresh(m)
        _run_events(own, seed, first + k, compiled)
        seconds[k], slots[k], counts[k] = own.booking.seconds, own.booking.slots_kwh, own.counts
        circle = locked_circle(model, own)
        if circle:
            locked[k] = Deadlock(circle, first + k)

    _in_parallel(threads, one, runs)
    return Outcome(
        seconds,
        counts[:, FINISHED],
        counts[:, SCRAPPED],
        slots if m.booking.slots_kwh.shape[0] else None,
        locked[min(locked)] if locked else None,
    )


__all__ = ["DEPARTURE", "Deadlock", "Outcome", "departures", "energy_kwh", "simulate"]
