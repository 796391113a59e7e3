"""What the demo's scenarios lose is charged to the station that lost it: kWh as the plant knows."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.twin.plant_runs import Run, run_plant
from twin.losses import Loss, pareto

PRESS_FAILS = """
[[event]]
kind = "fail"
stations = "S020"
at_s = 300
for_s = 900
"""
LEFT_ON = """
[[event]]
kind = "break"
at_s = 300
for_s = 600
[[event]]
kind = "left_on"
at_s = 300
for_s = 600
"""
SLOW = """
[[event]]
kind = "slow"
stations = "B040"
at_s = 0
factor = 1.5
"""


def true_kwh(run: Run, station: str, cause: str) -> float:
    """What the plant's truth ledger charges to a station and cause [kWh]."""
    return math.fsum(
        record["kwh"]
        for record in run.records["loss"]
        if (record["caused_by"], record["cause"]) == (station, cause)
    )


def found(run: Run, station: str, cause: str) -> Loss:
    losses = pareto(run.ledger, run.spells)
    return next(loss for loss in losses if (loss.station, loss.cause) == (station, cause))


def test_a_failed_press_is_charged_with_what_it_cost(tmp_path: Path) -> None:
    run = run_plant(tmp_path, "demo", 1500, scenario=PRESS_FAILS)
    loss = found(run, "S020", "failed")
    assert loss.total_kwh == pytest.approx(true_kwh(run, "S020", "failed"), rel=0.1)
    failed = [x for x in pareto(run.ledger, run.spells) if x.cause == "failed"]
    stamping = [x for x in failed if x.station.startswith("S")]
    assert max(stamping, key=lambda x: x.minutes).station == "S020"


def test_a_break_with_everything_left_on_is_charged_to_who_drew_it(tmp_path: Path) -> None:
    run = run_plant(tmp_path, "demo", 1200, scenario=LEFT_ON)
    breaks = [loss for loss in pareto(run.ledger, run.spells) if loss.cause == "break"]
    assert [loss.station for loss in breaks[:2]] == ["P120", "P080"]
    for loss in breaks[:2]:
        assert loss.total_kwh == pytest.approx(true_kwh(run, loss.station, "break"), rel=0.1)


def test_a_slow_station_is_charged_with_those_that_wait_for_it(tmp_path: Path) -> None:
    run = run_plant(tmp_path, "small", 3600, scenario=SLOW)
    waits = [loss for loss in pareto(run.ledger, run.spells) if loss.cause == "cycle"]
    worst = max(waits, key=lambda loss: loss.minutes)
    assert worst.station == "B040"
    assert worst.total_kwh == pytest.approx(true_kwh(run, "B040", "cycle"), rel=0.1)
