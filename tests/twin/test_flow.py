"""The forward model by its promises: figures that can be reckoned by hand, locks, bad values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.line_file import load_line
from twin import flow
from twin.flow_arrays import is_series
from twin.flow_line import Known, changed, closed_time, line_model
from twin.flow_lock import circles
from twin.flow_model import (
    STATES,
    Closed,
    Cycle,
    FlowModel,
    ImpossibleLine,
    Item,
    StationModel,
    WayModel,
)

HOUR_NS = 3_600_000_000_000
MONDAY_6_NS = 1_772_402_400_000_000_000  # 2026-03-02T06:00 in Shanghai
STARVED, BLOCKED, STANDBY = (STATES.index(state) for state in ("starved", "blocked", "standby"))


def constant(name: str, cycle_s: float, **more) -> StationModel:
    return StationModel(id=name, cycles=(Cycle(cycle_s, cycle_s, cycle_s),), **more)


def two_stations(first_s: float, second_s: float, room: int, items: int = 4, **more) -> FlowModel:
    return FlowModel(
        stations=(constant("A", first_s), constant("B", second_s)),
        ways=(WayModel(origin=0, target=1, room=room),),
        items=tuple(Item(variant=0, station=0) for _ in range(items)),
        variants=("v",),
        carriers=("electricity",),
        power_kw=np.full((2, len(STATES) + 1, 1), 36.0),
        **more,
    )


def loop(room: int, items: int, reject: float = 1.0) -> FlowModel:
    """A sends to B, and B sends back whatever it rejects."""
    return FlowModel(
        stations=(constant("A", 10), constant("B", 10, reject=reject)),
        ways=(
            WayModel(origin=0, target=1, room=room),
            WayModel(origin=1, target=0, room=room, kind="rework"),
        ),
        items=tuple(Item(variant=0, station=0) for _ in range(items)),
        variants=("v",),
        carriers=("electricity",),
        power_kw=np.zeros((2, len(STATES) + 1, 1)),
    )


@pytest.mark.parametrize("compiled", [True, False], ids=["numba", "python"])
def test_a_slow_second_station_blocks_the_first_one(compiled):
    outcome = flow.simulate(two_stations(10, 30, room=0), 1, 1, compiled=compiled)
    # A: 10 s each; it waits for B with the second, third and fourth.
    assert outcome.seconds[0, 0, BLOCKED] == pytest.approx(0 + 20 + 20 + 20)
    assert outcome.seconds[0, 1, STARVED] == pytest.approx(10)
    assert outcome.finished[0] == 4
    energy = flow.energy_kwh(two_stations(10, 30, room=0), outcome.seconds[0])
    assert energy.sum() == pytest.approx(36.0 * outcome.seconds[0].sum() / 3600)


def test_a_buffer_relieves_it():
    assert flow.simulate(two_stations(10, 30, room=3), 1, 1).seconds[0, 0, BLOCKED] == 0


def test_nothing_is_booked_beyond_the_horizon():
    outcome = flow.simulate(two_stations(10, 30, room=0, horizon_s=65.0), 1, 1)
    assert outcome.seconds[0].sum(axis=1) == pytest.approx([65.0, 65.0])
    assert outcome.finished[0] == 1


def test_what_is_in_the_line_goes_on_from_where_it_is():
    model = two_stations(10, 30, room=1, items=0)
    begun = (
        Item(variant=0, station=1, left_s=5.0, repair_s=60.0),
        Item(variant=0, station=1, way=0),
        Item(variant=0, station=0, left_s=0.0),
    )
    rows = flow.departures(replace(model, items=begun), 1)
    assert sorted(rows.tolist()) == [(65.0, 0, 1), (65.0, 2, 0), (95.0, 1, 1), (125.0, 2, 1)]


def test_standby_begins_after_its_delay_and_costs_a_warm_up():
    model = two_stations(10, 10, room=1, items=1)
    lazy = constant("B", 10, standby_after_s=4.0, wake_s=7.0, waited_s=1.0)
    outcome = flow.simulate(replace(model, stations=(model.stations[0], lazy)), 1, 1)
    assert outcome.seconds[0, 1, STARVED] == pytest.approx(3)
    assert outcome.seconds[0, 1, STANDBY] == pytest.approx(7)
    assert outcome.seconds[0, 1, STATES.index("warming_up")] == pytest.approx(7)


def test_no_cycle_begins_in_a_break():
    model = two_stations(10, 10, room=4, closed=(Closed(15.0, 100.0),))
    times_s = [time_s for time_s, _, _ in flow.departures(model, 1).tolist()]
    assert times_s == [10, 20, 20, 110, 110, 120, 120, 130]
    outcome = flow.simulate(model, 1, 1)
    assert outcome.seconds[0, :, STATES.index("stopped")] == pytest.approx([80, 80])


def test_a_line_that_locks_itself_is_named():
    outcome = flow.simulate(loop(room=0, items=6), 1, 1)
    assert outcome.locked is not None
    assert set(outcome.locked.circle) == {"A", "B"}
    assert "locks itself" in str(outcome.locked)
    assert "A -> B -> A" in str(outcome.locked) or "B -> A -> B" in str(outcome.locked)


def test_a_line_that_could_lock_itself_is_named_before_it_runs():
    (found,) = circles(loop(room=3, items=1))
    assert set(found.stations) == {"A", "B"}
    assert found.holds == 2 + 6
    assert circles(two_stations(10, 10, room=1)) == ()
    assert flow.simulate(loop(room=3, items=2, reject=0.3), 50, 1).locked is None


def test_impossible_values_are_all_named():
    with pytest.raises(ImpossibleLine) as caught:
        FlowModel(
            stations=(constant("A", -1.0), constant("B", 10, mtbf_s=0.0, reject=2.0)),
            ways=(WayModel(origin=0, target=7, room=1), WayModel(origin=0, target=1, room=-1)),
            items=(Item(variant=3, station=0),),
            variants=("v",),
            carriers=("electricity",),
            power_kw=np.zeros((2, len(STATES) + 1, 1)),
            horizon_s=float("nan"),
        )
    text = str(caught.value)
    for part in ("station A", "mtbf_s = 0", "reject = 2", "no such stations", "room = -1",
                 "variant 3", "horizon_s = nan"):  # fmt: skip
        assert part in text
    assert len(caught.value.faults) == 7


def test_the_small_line_is_in_series_and_paced_by_its_takt():
    line = load_line("small")
    sequence = ["sedan", "suv", "bev"] * 200
    # The plan works round the clock: nothing is closed.
    assert closed_time(line, MONDAY_6_NS, MONDAY_6_NS + 8 * HOUR_NS) == ()
    model = line_model(line, {}, sequence, MONDAY_6_NS, MONDAY_6_NS + 8 * HOUR_NS)
    assert is_series(model)
    finished = flow.simulate(model, 40, 1).finished
    assert 440 < finished.mean() < 480


def test_the_demo_line_runs_with_its_joins_rework_and_places():
    line = load_line("demo")
    sequence = ["ice", "hev", "bev"] * 60
    met_by = {("D050", "A050"): ["hev", "bev"], ("W040", "A050"): ["hev", "bev"]}
    known = {"B380": Known(reject=0.05), "Q050": Known(reject=0.05), "P140": Known(reject=0.03)}
    model = line_model(line, known, sequence, MONDAY_6_NS, None, met_by=met_by)
    assert not is_series(model)
    assert {"B380", "B370"} in [set(c.stations) for c in circles(model)]
    outcome = flow.simulate(model, 3, 1)
    assert outcome.locked is None
    assert outcome.finished.tolist() == [180, 180, 180]


def test_a_change_of_one_station_uses_the_same_luck():
    line = load_line("small")
    sequence = ["sedan", "suv", "bev"] * 60
    model = line_model(line, {"B030": Known(mtbf_s=1800.0, mttr_s=300.0)}, sequence, 0, None)
    base = flow.departures(model, 5)
    same = flow.departures(changed(model, "B060", wake_s=0.0), 5)
    np.testing.assert_array_equal(base, same)
    sure = flow.departures(changed(model, "B030", mtbf_s=None), 5)
    assert sure["time_s"].max() < base["time_s"].max()
    with pytest.raises(ImpossibleLine, match="B999"):
        changed(model, "B999", wake_s=1.0)
    with pytest.raises(ImpossibleLine, match="wake_s = -1"):
        changed(model, "B060", wake_s=-1.0)
    with pytest.raises(ImpossibleLine, match="'truck'"):
        line_model(line, {}, ["truck"], 0, None)
