"""Losses against the plant's truth: who is to blame, for how long and for how much energy."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from data.line import STATES
from tests.twin.plant_runs import Run, run_plant
from twin import losses
from twin.kernels import causes as kernel
from twin.ledger import PROCESSING

STANDS = """
[[event]]
kind = "fail"
stations = "S020"
at_s = 120
for_s = 900
[[event]]
kind = "break"
at_s = 1320
for_s = 600
[[event]]
kind = "left_on"
at_s = 1320
for_s = 600
"""
Key = tuple[str, str]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An hour of the small line."""
    return run_plant(tmp_path_factory.mktemp("small"), "small", 3600)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A press that fails for a quarter of an hour, then a break with everything left on."""
    return run_plant(tmp_path_factory.mktemp("demo"), "demo", 2100, scenario=STANDS)


def of_single_places(run: Run) -> set[str]:
    return {station.id for station in run.booked.line.stations if station.places == 1}


def true_sums(run: Run, stations: set[str]) -> tuple[Counter[Key], Counter[Key]]:
    """Minutes and kWh by (caused_by, cause) that the truth ledger has at these stations."""
    minutes: Counter[Key] = Counter()
    kwh: Counter[Key] = Counter()
    for loss in run.records["loss"]:
        if loss["station"] in stations:
            key = (loss["caused_by"], loss["cause"])
            minutes[key] += (loss["to_ns"] - loss["from_ns"]) / 6e10
            kwh[key] += loss["kwh"]
    return minutes, kwh


def charged_alike(run: Run, stations: set[str]) -> float:
    """The part of the true minutes that are charged to the same station and cause, by moment."""
    names = [station.id for station in run.booked.line.stations]
    ours: dict[str, list[tuple[int, int, Key]]] = defaultdict(list)
    for spell in run.spells:
        key = (names[spell["caused_by"]], losses.CAUSES[spell["cause"]])
        ours[names[spell["station"]]].append((int(spell["t0"]), int(spell["t1"]), key))
    alike = total = 0
    for loss in run.records["loss"]:
        if loss["station"] not in stations:
            continue
        total += loss["to_ns"] - loss["from_ns"]
        key = (loss["caused_by"], loss["cause"])
        alike += sum(
            max(0, min(end, loss["to_ns"]) - max(begin, loss["from_ns"]))
            for begin, end, own in ours[loss["station"]]
            if own == key
        )
    return alike / total


def test_a_line_in_series_charges_every_moment_as_the_plant_does(small: Run) -> None:
    assert charged_alike(small, of_single_places(small)) > 0.999


def test_joins_buffers_and_ways_side_by_side_are_traced(demo: Run) -> None:
    assert charged_alike(demo, of_single_places(demo)) > 0.9


def test_the_energy_of_a_cause_is_that_of_the_truth(small: Run) -> None:
    _, true_kwh = true_sums(small, of_single_places(small))
    found = losses.pareto(small.ledger, small.spells)
    by_key = {(x.station, x.cause): x.total_kwh for x in found}
    for key in (("B010", "cycle"), ("B010", "no_release")):
        assert by_key[key] == pytest.approx(true_kwh[key], rel=0.1)
    # Four seconds of it at a time, by meters that say something each second.
    handling = math.fsum(kwh for (_, cause), kwh in true_kwh.items() if cause == "handling")
    own = math.fsum(x.total_kwh for x in found if x.cause == "handling")
    assert own == pytest.approx(handling, rel=0.1)


def test_a_failed_press_is_charged_with_its_standstill(demo: Run) -> None:
    minutes, kwh = true_sums(demo, of_single_places(demo))
    found = {(x.station, x.cause): x for x in losses.pareto(demo.ledger, demo.spells)}
    press = found["S020", "failed"]
    assert press.minutes == pytest.approx(minutes["S020", "failed"], rel=0.1)
    assert press.total_kwh == pytest.approx(kwh["S020", "failed"], rel=0.1)
    in_stamping = [x for x in found.values() if x.cause == "failed" and x.station[0] == "S"]
    assert max(in_stamping, key=lambda x: x.total_kwh) is press


def test_a_break_costs_each_station_what_it_went_on_drawing(demo: Run) -> None:
    metered = [p.stations[0] for p in demo.booked.line.points if len(p.stations) == 1]
    found = {(x.station, x.cause): x for x in losses.pareto(demo.ledger, demo.spells)}
    _, kwh = true_sums(demo, of_single_places(demo) & set(metered))
    in_break = [key for key in kwh if key[1] == "break" and kwh[key] > 1.0]
    assert len(in_break) > 10
    near = [k for k in in_break if found[k].total_kwh == pytest.approx(kwh[k], rel=0.1)]
    assert len(near) >= 0.9 * len(in_break)


def test_a_break_says_what_each_workshop_drew_for_nothing(demo: Run) -> None:
    stops = {x.workshop: x for x in losses.standstills(demo.ledger, demo.spells)}
    assert stops.keys() >= {"body", "assembly", "stamping"}
    for stop in stops.values():
        assert stop.cause == "break"
        assert 0 < stop.minutes <= 10
    assert stops["body"].minutes > 8
    assert stops["body"].stations_kwh > 0
    assert stops["body"].base_kwh > 0


@pytest.mark.parametrize("name", ["small", "demo"])
def test_the_pareto_sums_to_the_cells_outside_processing(
    name: str, request: pytest.FixtureRequest
) -> None:
    ledger = request.getfixturevalue(name).ledger
    cells = ledger.cells
    at_station = cells["place"] < len(ledger.line.stations)
    lost = math.fsum(cells["kwh"][at_station & (cells["state"] != PROCESSING)])
    found = losses.pareto(ledger, request.getfixturevalue(name).spells)
    assert math.fsum(x.total_kwh for x in found) == pytest.approx(lost, rel=1e-12)
    assert [x.total_kwh for x in found] == sorted((x.total_kwh for x in found), reverse=True)


def test_lost_vehicles_are_the_bottlenecks_lost_minutes(small: Run) -> None:
    found = losses.pareto(small.ledger, small.spells, "B030")
    number = small.booked.line.station_index["B030"]
    own = small.spells[small.spells["station"] == number]
    minutes = (own["t1"] - own["t0"]).sum() / 6e10
    assert math.fsum(x.vehicles or 0.0 for x in found) == pytest.approx(minutes)  # takt: a minute
    assert all(x.vehicles is None for x in losses.pareto(small.ledger, small.spells))


def test_money_is_what_the_cells_cost(small: Run) -> None:
    found = losses.pareto(small.ledger, small.spells, None, lambda _, cells: 0.7 * cells["kwh"])
    for loss in found:
        assert loss.money == pytest.approx(0.7 * loss.total_kwh)
    assert all(x.money is None for x in losses.pareto(small.ledger, small.spells))


def test_both_kernels_give_the_same_spells(small: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    short = replace(small.booked, to_ns=small.booked.from_ns + 300 * 10**9)
    compiled = losses.spells(short)
    monkeypatch.setattr(kernel, "trace", kernel.trace_python)
    assert losses.spells(short).tobytes() == compiled.tobytes()
    assert len(compiled) > 50


def shown(run: Run, change: dict[str, str], silent: str | None = None) -> Run:
    """The run with other words for states, as a plainer PLC would show them."""
    booked = run.booked
    own, segments = len(booked.line.points), booked.segments.copy()
    presence = segments["point"] >= own
    was = segments["state"].copy()
    for old, new in change.items():
        segments["state"][presence & (was == STATES.index(old))] = STATES.index(new)
    if silent is not None:
        here = segments["point"] == own + booked.line.station_index[silent]
        segments["state"][here] = kernel.UNKNOWN
    signals = tuple(replace(signal, map={}) for signal in booked.line.signals)
    line = replace(booked.line, signals=signals)
    changed = replace(booked, line=line, segments=segments)
    return Run(replace(run.ledger, booked=changed), run.truth)


def test_a_plc_that_does_not_tell_starved_from_blocked_is_understood(small: Run) -> None:
    plain = shown(small, {"starved": "idle", "blocked": "idle"})
    assert charged_alike(plain, of_single_places(plain)) > 0.97
    waiting = plain.spells[plain.spells["waits"] == kernel.WAITS_FOR_VEHICLE]
    assert waiting["derived"].all()


def test_a_station_that_says_nothing_is_looked_through(small: Run) -> None:
    mute = shown(small, {}, silent="B030")
    others = of_single_places(mute) - {"B030"}
    assert charged_alike(mute, others) > 0.9
    own = mute.spells[mute.spells["station"] == mute.booked.line.station_index["B030"]]
    assert {losses.CAUSES[cause] for cause in own["cause"]} == {"unknown"}


def test_without_vehicle_signals_the_states_alone_are_followed(small: Run) -> None:
    blind = replace(small.booked, visits=small.booked.visits[:0])
    run = Run(replace(small.ledger, booked=blind), small.truth)
    assert charged_alike(run, of_single_places(run)) > 0.6
    found = losses.pareto(run.ledger, run.spells)
    true_minutes, _ = true_sums(run, of_single_places(run))
    assert sum(x.minutes for x in found) == pytest.approx(sum(true_minutes.values()), rel=1e-6)


def test_a_gap_is_charged_to_nobody_else(small: Run) -> None:
    booked = small.booked
    begin, end = booked.from_ns + 600 * 10**9, booked.from_ns + 900 * 10**9
    segments = cut_at(booked.segments, (begin, end))
    silent = (segments["t0"] >= begin) & (segments["t1"] <= end)
    silent &= segments["point"] >= len(booked.line.points)
    segments["state"][silent] = kernel.UNKNOWN
    spells = losses.spells(replace(booked, segments=segments))
    inside = spells[(spells["t0"] < end) & (spells["t1"] > begin)]
    assert (inside["cause"] == kernel.C_UNKNOWN).all()
    assert (inside["caused_by"] == inside["station"]).all()


def cut_at(segments: NDArray[np.void], times: tuple[int, ...]) -> NDArray[np.void]:
    for time_ns in times:
        across = (segments["t0"] < time_ns) & (segments["t1"] > time_ns)
        after = segments[across].copy()
        after["t0"] = time_ns
        before = segments.copy()
        before["t1"][across] = time_ns
        segments = np.concatenate([before, after])
    return segments
