"""KPIs by station, workshop, shift and hour: they add up, and say what they rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import time

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from data.factors import Books
from data.line import BookNames, Line, Shift
from data.samples import Event
from tests.twin.streams import T0, Stream, streams, two_stations
from tests.twin.test_kpi import basis_of, half_an_hour, power, states, vehicles, visit
from twin import kpi
from twin.kpi import Basis, Scope
from twin.snapshot import Kpi

LINE = two_stations()
BOOKS = Books.load(BookNames(location="cn_grid_national", tariff="cn_flat"), None)
SECOND = 1_000_000_000
SHARES = {
    "availability",
    "utilisation",
    "allocation",
    "technical_efficiency",
    "quality_ratio",
    "first_time_through",
    "line_balance",
    "load_factor",
    "renewable_share",
    "self_consumption",
    "idle_energy_share",
    "value_adding_share",
}
Figures = Mapping[str, Kpi]


def day(name: str, start: time, end: time, plan: int | None = None) -> Shift:
    return Shift(name=name, start=start, end=end, days=(1, 2, 3, 4, 5, 6, 7), breaks=(), plan=plan)


# The streams begin at 06:00 plant time on Monday, 2026-03-02.
SHIFTS = (day("early", time(6, 0), time(6, 30)), day("late", time(6, 30), time(14, 0)))


@pytest.fixture(scope="module")
def by_hand() -> Basis:
    """The half hour of test_kpi, the rest in a second shift: 60 and 40 kW at the feeder."""
    line = replace(LINE, shifts=SHIFTS)
    stream = half_an_hour(vehicles, states, power, end=4500)
    for second in range(1810, 4501, 10):
        stream.at(second, "P1.value", 18.0)
        stream.at(second, "P2.value", 18.0)
    stream.at(4500, "FEED.value", 155.0)
    return basis_of(stream, line, BOOKS)


def of(basis: Basis, scope: Scope) -> dict[str, float | None]:
    return {id_: figure.value for id_, figure in kpi.kpis(basis, scope).items()}


def test_a_station_by_hand(by_hand: Basis) -> None:
    half = (T0, T0 + 1800 * SECOND)
    at_s1 = of(by_hand, Scope("station", "S1", half))
    at_s2 = of(by_hand, Scope("station", "S2", half))
    assert at_s1["vehicles_completed"] == 3
    assert at_s1["wip"] == 1  # V4, since 1700 s
    assert at_s1["lead_time"] == pytest.approx(50 / 60)
    assert at_s2["lead_time"] == pytest.approx(30 / 60)
    assert at_s1["energy_total"] == pytest.approx(13.5)
    assert at_s2["energy_total"] == pytest.approx(9)
    assert at_s2["vehicles_good"] == 2
    assert at_s2["energy_per_vehicle"] == pytest.approx(4.5)
    assert at_s2["peak_demand"] == pytest.approx(18)
    assert at_s2["quality_ratio"] == pytest.approx(2 / 3)
    assert at_s2["oee"] == pytest.approx(2 * 50 / 1800)
    assert at_s1["quality_ratio"] is None, "nothing counts what S1 rejects"
    assert at_s1["oee"] is None
    assert "plan_attainment" not in at_s1, "plans are the plant's"


def test_a_workshop_by_hand(by_hand: Basis) -> None:
    shop = of(by_hand, Scope("workshop", "shop", (T0, T0 + 1800 * SECOND)))
    assert shop["vehicles_completed"] == 3
    assert shop["vehicles_good"] == 2
    assert shop["wip"] == 1
    assert shop["lead_time"] == pytest.approx(1.5)
    assert shop["line_balance"] == pytest.approx(750 / 900)
    assert shop["energy_total"] == pytest.approx(25)  # with the rest of its feeder
    assert shop["energy_per_vehicle"] == pytest.approx(12.5)
    assert shop["oee"] == pytest.approx(2 * 50 / 1800)


def test_shifts_and_hours_cover_the_log_once(by_hand: Basis) -> None:
    found = kpi.kpi_by(by_hand)
    assert list(found["shift"]) == ["2026-03-02 early", "2026-03-02 late"]
    assert list(found["hour"]) == ["2026-03-02T06:00+08:00", "2026-03-02T07:00+08:00"]
    early, late = found["shift"].values()
    assert early["energy_total"].value == pytest.approx(25)
    assert late["energy_total"].value == pytest.approx(30)
    assert late["vehicles_completed"].value == 0
    assert "energy_per_vehicle" not in late, "what is not known there is left out"
    first, second = found["hour"].values()
    assert (first["energy_total"].to_ns, second["energy_total"].from_ns) == (
        T0 + 3600 * SECOND,
        T0 + 3600 * SECOND,
    )
    assert second["energy_total"].to_ns == T0 + 4500 * SECOND


def test_targets_of_amounts_hold_for_a_shift_and_not_for_an_hour(by_hand: Basis) -> None:
    targets = {"jph": 54.0, "energy_total": 100.0}
    ledger = replace(
        by_hand.ledger,
        booked=replace(by_hand.ledger.booked, line=replace(by_hand.line, targets=targets)),
    )
    basis = Basis(ledger, replace(by_hand.accounts, ledger=ledger))
    assert kpi.all_kpis(basis)["energy_total"].target == 100
    found = kpi.kpi_by(basis)
    shift, hour = found["shift"]["2026-03-02 early"], found["hour"]["2026-03-02T06:00+08:00"]
    assert (shift["energy_total"].target, shift["jph"].target) == (100, 54)
    assert (hour["energy_total"].target, hour["jph"].target) == (None, 54)
    assert found["workshop"]["shop"]["energy_total"].target is None


def test_a_vehicle_on_the_border_counts_in_one_hour() -> None:
    def on_the_hour(stream: Stream) -> None:
        visit(stream, "S1", "V1", 3000, 3500)
        visit(stream, "S2", "V1", 3510, 3600)
        visit(stream, "S1", "V2", 3500, 3600)
        visit(stream, "S2", "V2", 3700, 5400)

    found = kpi.kpi_by(basis_of(half_an_hour(on_the_hour, end=5400)))["hour"]
    assert [figures["vehicles_completed"].value for figures in found.values()] == [0, 2]
    assert [figures["wip"].value for figures in found.values()] == [1, 0]


def test_a_departure_just_before_the_session_counts_in_its_first_hour() -> None:
    def before(stream: Stream) -> None:
        visit(stream, "S1", "V1", -4, -3)
        visit(stream, "S2", "V1", -2, -1)

    basis = basis_of(half_an_hour(before, end=5400))
    hours = [each["vehicles_completed"].value for each in kpi.kpi_by(basis)["hour"].values()]
    assert kpi.all_kpis(basis)["vehicles_completed"].value == 1
    assert hours == [1, 0]


def test_parts_are_no_vehicles_but_are_what_their_workshop_makes() -> None:
    stations = (replace(LINE.stations[0], workshop="parts"), LINE.stations[1])
    shops = (replace(LINE.workshops[0], id="parts"), *LINE.workshops)
    joined = tuple(replace(edge, kind="join") for edge in LINE.edges)
    line: Line = replace(LINE, stations=stations, workshops=shops, edges=joined)

    def both(stream: Stream) -> None:
        visit(stream, "S1", "PART1", 10, 60)
        visit(stream, "S1", "PART2", 100, 150)
        visit(stream, "S1", "PART3", 1700, None)
        visit(stream, "S2", "V1", 200, 300)
        visit(stream, "S2", "V2", 1000, None)

    basis = basis_of(half_an_hour(both), line)
    whole = of(basis, Scope())
    assert (whole["vehicles_completed"], whole["wip"]) == (1, 1)
    parts = of(basis, Scope("workshop", "parts"))
    assert (parts["vehicles_completed"], parts["wip"]) == (2, 1)


def test_what_was_measured_of_a_figure_stands_beside_it() -> None:
    def silent_for_a_while(stream: Stream) -> None:
        visit(stream, "S1", "V1", 10, 60)
        visit(stream, "S2", "V1", 70, 100)
        stream.event(600, Event.GAP_BEGIN)
        stream.event(1050, Event.GAP_END)
        for second in [*range(0, 601, 10), *range(1050, 1801, 10)]:
            stream.at(second, "FEED.value", 100 + second * 36 / 3600)

    basis = basis_of(half_an_hour(silent_for_a_while))
    found = kpi.all_kpis(basis)
    assert found["vehicles_completed"].measured_share == pytest.approx(0.75)
    assert found["energy_total"].measured_share == pytest.approx(0.75)
    assert found["energy_total"].evidence == "estimated"
    before = kpi.kpis(basis, Scope(span_ns=(T0, T0 + 600 * SECOND)))
    assert before["vehicles_completed"].evidence == "measured"
    assert before["vehicles_completed"].measured_share == 1


def _sum(figures: list[Figures], id_: str) -> float:
    return math.fsum(each[id_].value or 0.0 for each in figures if id_ in each)


@settings(max_examples=25, deadline=None)
@given(streams())
def test_parts_sum_up_and_shares_are_shares(stream: Stream) -> None:
    basis = basis_of(stream, replace(LINE, shifts=SHIFTS), BOOKS)
    found = kpi.kpi_by(basis)
    whole = kpi.all_kpis(basis)
    hours, shifts = [*found["hour"].values()], [*found["shift"].values()]
    for id_ in ("vehicles_completed", "vehicles_good"):
        assert _sum(hours, id_) == _sum(shifts, id_) == whole[id_].value
    for id_ in ("energy_total", "carbon_total"):
        total = whole[id_].value
        if total is not None:
            size = max(1.0, float(abs(basis.ledger.cells["kwh"]).sum()))
            assert abs(_sum(hours, id_) - total) <= 1e-9 * size
            assert abs(_sum(shifts, id_) - total) <= 1e-9 * size
            beside = float(_cells(basis, id_)[basis.ledger.is_unexplained].sum())
            shops = _sum([*found["workshop"].values()], id_)
            assert abs(shops + beside - total) <= 1e-9 * size
    scopes = [whole, *hours, *shifts, *found["workshop"].values(), *found["station"].values()]
    for figures in scopes:
        for id_, figure in figures.items():
            if figure.value is None:
                assert figure.evidence is None
                continue
            assert math.isfinite(figure.value)
            share = figure.measured_share
            assert share is None or -1e-12 <= share <= 1 + 1e-12
            if id_ in SHARES and not _runs_backwards(basis):
                assert -1e-9 <= figure.value <= 1 + 1e-9, id_


def _cells(basis: Basis, id_: str) -> NDArray[np.float64]:
    return basis.ledger.cells["kwh"] if id_ == "energy_total" else basis.whole.kg_location


def _runs_backwards(basis: Basis) -> bool:
    """Sub-meters that count more than their feeder make rests below nothing, and odd shares."""
    return bool((basis.ledger.cells["kwh"] < 0).any())


@settings(max_examples=25, deadline=None)
@given(streams())
def test_oee_is_availability_by_effectiveness_by_quality(stream: Stream) -> None:
    """ISO 22400-2, at each station: (APT/PBT) x (PRI PQ/APT) x (GQ/PQ)."""
    basis = basis_of(stream, LINE, BOOKS)
    for station in LINE.stations:
        found = of(basis, Scope("station", station.id))
        parts = [found[id_] for id_ in ("availability", "effectiveness", "quality_ratio")]
        oee = found["oee"]
        if oee is None or None in parts:
            continue
        assert oee == pytest.approx(math.prod(part for part in parts if part is not None))
        nee = found["nee"]
        assert nee is not None
        assert nee >= oee - 1e-12
