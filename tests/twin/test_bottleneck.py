"""The bottleneck: the station that the plant's reruns name, by both methods."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.twin.plant_runs import Run, run_plant
from twin import active_periods, bottleneck, verdicts
from twin.accounts import allot
from twin.report import build

MOVES = """
[[event]]
kind = "slow"
stations = "B050"
at_s = 0
for_s = 1800
factor = 1.3
[[event]]
kind = "slow"
stations = "B020"
at_s = 1800
factor = 1.3
"""
SECOND = 10**9


@pytest.fixture(scope="module")
def moves(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two stations of the small line are slow one after the other; with the plant's reruns."""
    return run_plant(tmp_path_factory.mktemp("moves"), "small", 3900, scenario=MOVES, reruns=True)


def test_each_is_found_in_its_time(moves: Run) -> None:
    truth = moves.records["bottleneck"]
    assert [each["station"] for each in truth] == ["B050", "B020"]
    for each in truth:
        end_ns = min(each["to_ns"], moves.booked.to_ns)
        found = bottleneck.find(moves.booked, moves.spells, each["from_ns"], end_ns)
        assert found.station == each["station"]
        assert found.agree
        assert found.certainty is not None
        assert found.certainty > 0.95


def test_the_momentary_bottlenecks_cover_the_time_without_overlap(moves: Run) -> None:
    booked = moves.booked
    felt = np.ones(len(booked.line.stations), bool)
    moments = [*active_periods.momentary(booked, moves.spells, booked.from_ns, booked.to_ns, felt)]
    for before, after in pairwise(moments):
        assert before.to_ns <= after.from_ns
    assert all(moment.from_ns < moment.to_ns for moment in moments)
    late = [m for m in moments if m.to_ns > booked.from_ns + 2700 * SECOND]
    longest = max(late, key=lambda moment: moment.to_ns - moment.from_ns)
    assert longest.station == "B020"
    assert longest.sole


def test_a_line_that_waits_for_releases_is_held_at_its_head(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = run_plant(tmp_path_factory.mktemp("paced"), "small", 1800)
    found = bottleneck.find(run.booked, run.spells, run.booked.from_ns, run.booked.to_ns)
    assert found.turning_point.station == "B010"


def test_certainty_is_half_for_equals_and_grows_with_the_lead() -> None:
    assert verdicts.certainty(np.zeros(12)) == 0.5
    steady = np.linspace(0.9, 1.1, 12)
    noisy = np.linspace(-9.0, 11.0, 12)
    assert verdicts.certainty(steady) > verdicts.certainty(noisy) > 0.5
    assert verdicts.certainty(-steady) == pytest.approx(1 - verdicts.certainty(steady))


def test_the_report_has_both_methods_by_hour(moves: Run) -> None:
    report = build(moves.ledger, allot(moves.ledger), "0")
    found = report["bottleneck"]
    assert found["method"] == "critical_path"
    assert found["mean_active_s"].keys() == {s.id for s in moves.booked.line.stations}
    first, second = found["spans"]
    assert first["to"] == second["from"]
    assert second["station"] == "B020"
    assert report["losses"]
    assert report["standstill"] == []
