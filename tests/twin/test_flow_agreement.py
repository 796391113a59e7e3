"""All kernels, their plain-Python reference and SimPy agree on random lines: times to the bit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.twin.flow_oracle import Oracle
from twin import flow
from twin.flow_arrays import is_series, serial_of
from twin.flow_model import STATES, Closed, Cycle, FlowModel, Item, StationModel, WayModel
from twin.kernels.flow_lanes import LANES, lanes
from twin.kernels.flow_rows import in_rows
from twin.kernels.flow_serial import begin, recursion, recursion_python

CARRIERS = ("electricity", "natural_gas")
SEED = 11
few = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def cycles(draw, variants: int) -> tuple[Cycle, ...]:
    made = []
    for _ in range(variants):
        low_s = draw(st.floats(5, 60))
        mode_s = low_s + draw(st.floats(0.1, 20))
        made.append(Cycle(low_s, mode_s, mode_s + draw(st.floats(0.1, 20))))
    return tuple(made)


@st.composite
def stations(draw, variants: int, *, graph: bool) -> StationModel:
    return StationModel(
        id="",
        cycles=draw(cycles(variants)),
        places=draw(st.integers(1, 3)) if graph else 1,
        mtbf_s=draw(st.none() | st.floats(50, 2000)),
        mttr_s=draw(st.floats(0, 200)),
        by_calendar=graph and draw(st.booleans()),
        standby_after_s=draw(st.none() | st.floats(0, 60)),
        wake_s=draw(st.floats(0, 20)),
        waited_s=draw(st.floats(0, 100)),
        off=draw(st.booleans()),
    )


def model_of(made, ways, items, variants: int, **more) -> FlowModel:
    power_kw = np.random.default_rng(1).uniform(
        0.5, 90, (len(made), len(STATES) + variants, len(CARRIERS))
    )
    return FlowModel(
        stations=tuple(replace(station, id=f"S{s}") for s, station in enumerate(made)),
        ways=tuple(ways),
        items=tuple(items),
        variants=tuple("abc"[:variants]),
        carriers=CARRIERS,
        power_kw=power_kw,
        **more,
    )


@st.composite
def series(draw) -> FlowModel:
    """A line in series in the middle of its work."""
    count, variants = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    made = [draw(stations(variants, graph=False)) for _ in range(count)]
    rooms = [draw(st.integers(0, 3)) for _ in range(count - 1)]
    variant = st.integers(0, variants - 1)
    items: list[Item] = []
    for s in reversed(range(count)):
        if draw(st.booleans()):
            left_s, repair_s = draw(st.floats(0, 40)), draw(st.just(0.0) | st.floats(0, 90))
            items.append(Item(variant=draw(variant), station=s, left_s=left_s, repair_s=repair_s))
            waiting = draw(st.integers(0, rooms[s - 1])) if s > 0 else 0
            items += [Item(variant=draw(variant), station=s, way=s - 1) for _ in range(waiting)]
    takt_s = draw(st.sampled_from((0.0, 30.0, 77.7)))
    items += [
        Item(variant=draw(variant), station=0, release_s=takt_s * i)
        for i in range(draw(st.integers(0, 12)))
    ]
    ways = [WayModel(origin=s, target=s + 1, room=room) for s, room in enumerate(rooms)]
    horizon_s = draw(st.none() | st.floats(0, 1500))
    return model_of(made, ways, items, variants, horizon_s=horizon_s)


@st.composite
def graphs(draw) -> FlowModel:
    """A pair of branches that part and merge, rework behind them, and a line of parts.

    0 parts into 1 and 2, which merge into 3; 4 sends back to 3; 5 makes parts that 3 takes.
    """
    variants = draw(st.integers(1, 3))
    made = [draw(stations(variants, graph=True)) for _ in range(6)]
    made[4] = replace(made[4], reject=draw(st.sampled_from((0.0, 0.2, 0.5))))
    made[1] = replace(made[1], reject=draw(st.sampled_from((0.0, 0.1))))  # scrap
    room = st.integers(0, 3)
    ways = [
        WayModel(origin=0, target=1, room=draw(room)),
        WayModel(origin=0, target=2, room=draw(room)),
        WayModel(origin=1, target=3, room=draw(room)),
        WayModel(origin=2, target=3, room=draw(room)),
        WayModel(origin=3, target=4, room=draw(room)),
        # Room for all that could be on the way back: no deadlock.
        WayModel(origin=4, target=3, room=40, kind="rework"),
        WayModel(
            origin=5,
            target=3,
            room=draw(room),
            kind="join",
            variants=draw(st.none() | st.just(frozenset({0}))),
        ),
    ]
    variant = st.integers(0, variants - 1)
    items = [
        Item(variant=draw(variant), station=0, release_s=13.7 * i)
        for i in range(draw(st.integers(0, 12)))
    ]
    parts = [Item(variant=0, station=5) for _ in range(30)]
    closed = draw(
        st.sampled_from(
            ((), (Closed(100.25, 300.5),), (Closed(0.0, 50.0, True), Closed(200.0, 260.0)))
        )
    )
    horizon_s = draw(st.none() | st.floats(0, 1500))
    return model_of(made, ways, items + parts, variants, closed=closed, horizon_s=horizon_s)


def departures_of(rows: np.ndarray) -> list[tuple[float, int, int]]:
    return sorted((float(t), int(i), int(s)) for t, i, s in rows.tolist())


def assert_energy(model: FlowModel, seconds: np.ndarray, oracle: Oracle) -> None:
    found = flow.energy_kwh(model, seconds)
    for s in range(len(model.stations)):
        for column in range(seconds.shape[1]):
            booked_s = oracle.column_s(s, column)
            assert seconds[s, column] == pytest.approx(booked_s, rel=1e-12, abs=1e-9)
            expected = model.power_kw[s, column] * booked_s / 3600.0
            np.testing.assert_allclose(found[s, column], expected, rtol=1e-12, atol=1e-12)


@few
@given(series(), st.integers(0, 3))
def test_a_line_in_series_is_the_same_in_all_kernels_and_in_simpy(model, run):
    assert is_series(model)
    m, shape = serial_of(model), (len(model.items), len(model.stations))
    leave_s, seconds = np.zeros(shape), np.zeros(model.power_kw.shape[:2])
    recursion(m, begin(m), np.uint64(SEED), run, leave_s, seconds)
    plain_s, plain = np.zeros(shape), np.zeros_like(seconds)
    with np.errstate(over="ignore"):
        recursion_python(m, begin(m), np.uint64(SEED), run, plain_s, plain)
    np.testing.assert_array_equal(leave_s, plain_s)
    np.testing.assert_array_equal(seconds, plain)

    rows_s, rows_seconds = np.zeros(shape), np.zeros_like(seconds)
    in_rows(m, SEED, run, rows_s, rows_seconds)
    np.testing.assert_array_equal(rows_s, leave_s)
    np.testing.assert_array_equal(rows_seconds, seconds)

    kept_s = np.zeros((LANES, *shape))
    by_lane, finished = lanes(m, SEED, 0, LANES, kept_s)
    np.testing.assert_array_equal(kept_s[run], leave_s)
    np.testing.assert_array_equal(by_lane[run], seconds)

    one = flow.simulate(model, run + 1, SEED)
    assert one.finished[run] == finished[run]
    rows = flow.departures(model, SEED, run)
    oracle = Oracle(model, SEED, run)
    assert departures_of(rows) == sorted(oracle.departures)
    for time_s, item, station in departures_of(rows):
        assert leave_s[item, station] == time_s
    assert_energy(model, seconds, oracle)
    assert finished[run] == oracle.finished


@few
@given(graphs(), st.integers(0, 3))
def test_any_line_is_the_same_in_simpy(model, run):
    oracle = Oracle(model, SEED, run)
    outcome = flow.simulate(model, 1, SEED, first_run=run)
    rows = flow.departures(model, SEED, run, rows=4000)
    assert departures_of(rows) == sorted(oracle.departures)
    assert (outcome.finished[0], outcome.scrapped[0]) == (oracle.finished, oracle.scrapped)
    assert_energy(model, outcome.seconds[0], oracle)


@settings(few, max_examples=6)
@given(graphs())
def test_the_plain_reference_of_the_events_is_the_compiled_kernel(model):
    plain = flow.simulate(model, 1, SEED, compiled=False)
    compiled = flow.simulate(model, 1, SEED)
    np.testing.assert_array_equal(plain.seconds, compiled.seconds)
    np.testing.assert_array_equal(plain.finished, compiled.finished)


@settings(few, max_examples=10)
@given(series() | graphs())
def test_replications_do_not_depend_on_threads_lanes_or_what_runs_beside_them(model):
    whole = flow.simulate(model, 40, SEED)
    for first, runs, threads in ((0, 40, 2), (5, 35, 1), (33, 3, 1)):
        part = flow.simulate(model, runs, SEED, first_run=first, threads=threads)
        np.testing.assert_array_equal(part.seconds, whole.seconds[first : first + runs])
        np.testing.assert_array_equal(part.finished, whole.finished[first : first + runs])


@settings(few, max_examples=15)
@given(series() | graphs())
def test_slots_hold_the_energy_that_is_booked(model):
    model = replace(model, horizon_s=1000.0)
    outcome = flow.simulate(model, 2, SEED, slot_s=300.0)
    assert outcome.slots_kwh is not None
    assert outcome.slots_kwh.shape == (2, math.ceil(1000 / 300), len(CARRIERS))
    booked = flow.energy_kwh(model, outcome.seconds).sum(axis=(1, 2))
    np.testing.assert_allclose(outcome.slots_kwh.sum(axis=1), booked, rtol=1e-9)
