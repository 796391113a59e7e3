"""The goals of ``greenline score energy`` on a shorter run: small, one seed, its first shift."""

from __future__ import annotations

import json

import pytest

import main
from twin import score_table

SHIFT_S = 28_800.0  # what a whole one teaches, a part of it does not


@pytest.fixture(scope="module")
def rows():
    runs = [
        *main._EnergyRun("small", 1, SHIFT_S, 0).scored()[1],
        *main._EnergyRun("small", 1, SHIFT_S, 1).scored()[1],
    ]
    return {row.id: row for row in score_table.rows(runs)}


def _missed(rows, ids):
    return {name: rows[name].value for name in ids if not rows[name].held}


def test_station_meters_book_a_vehicle_s_energy(rows):
    assert not _missed(rows, ("stations_vehicle_median", "stations_vehicle_p99"))


def test_lost_samples_cost_little(rows):
    assert not _missed(rows, ("lost_vehicle_median", "lost_vehicle_p99"))


def test_a_feeder_alone_is_taken_apart_in_its_first_shift(rows):
    of_vehicles = ("first_vehicle_median", "first_vehicle_p99")
    of_visits = ("first_station_median", "first_station_p95")
    assert not _missed(rows, (*of_vehicles, *of_visits))
    for name in (*of_vehicles, *of_visits):
        assert rows[name].value < min(rows[name].beside.values())


def test_the_books_close(rows):
    assert not _missed(rows, ("balance_error", "unexplained"))


def test_the_command_tells_a_missed_goal_by_its_exit_status(monkeypatch, capsys):
    short = [main._EnergyRun("small", 1, 900.0, 0)]
    monkeypatch.setattr(main, "_energy_runs", lambda *_: short)
    status = main.main(["score", "energy", "--seeds", "1", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert status == (main.DONE if found["held"] else main.FAULTS_FOUND)
    assert {row["of"] for row in found["rows"]} == {"small"}
    ids = {row["id"] for row in found["rows"]}
    assert {"stations_vehicle_median", "lost_vehicle_p99", "unexplained"} <= ids
