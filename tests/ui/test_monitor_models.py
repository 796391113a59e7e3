"""The tables behind the views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.hand_made import connection, load_line, small_snapshot, vin
from twin.snapshot import VehicleTable
from ui.desk import Desk, Place
from ui.models.points import PointModel
from ui.models.signals import ConnectionModel, SignalModel
from ui.models.vehicles import VehicleModel, VisitModel

LINE = load_line("small")
PLACE = Place.of(LINE)


def column(model: VehicleModel | SignalModel, number: int) -> list[str]:
    return [model.index(row, number).data() for row in range(model.rowCount())]


def test_the_tables_keep_qts_promises(desk: Desk, qtmodeltester: ModelTester) -> None:
    snapshot = small_snapshot(LINE, 1800)
    vehicles, visits = VehicleModel(desk, PLACE), VisitModel(desk, PLACE)
    signals, connections = SignalModel(desk, LINE), ConnectionModel(desk)
    points = PointModel(desk, LINE)
    vehicles.show_table(snapshot.vehicles)
    visits.show_visits(snapshot.visits[:6])
    signals.show_signals(snapshot.signals, snapshot.time_ns)
    connections.show_connections((connection(),))
    points.show_power(snapshot.power.point, snapshot.power.kw)
    for model in (vehicles, visits, signals, connections, points):
        qtmodeltester.check(model)


def test_vehicles_grow_while_one_stays_selected(desk: Desk, qtmodeltester: ModelTester) -> None:
    model = VehicleModel(desk, PLACE)
    qtmodeltester.check(model)
    model.show_table(small_snapshot(LINE, 600).vehicles)
    kept = QPersistentModelIndex(model.index(model.row_of(vin(4)) or 0, 0))
    for seconds in (660, 1200, 2400):
        model.show_table(small_snapshot(LINE, seconds).vehicles)
        assert kept.data() == vin(4)
    assert model.rowCount() == 41
    # After a step back in time there are fewer again.
    model.show_table(small_snapshot(LINE, 300).vehicles)
    assert model.rowCount() == 6


def test_sorting_and_finding(desk: Desk) -> None:
    model = VehicleModel(desk, PLACE)
    model.show_table(small_snapshot(LINE, 3000).vehicles)
    assert model.index(0, 0).data() == vin(50)
    model.sort(0, Qt.SortOrder.AscendingOrder)
    assert column(model, 0)[:3] == [vin(0), vin(1), vin(2)]
    model.sort(5, Qt.SortOrder.DescendingOrder)
    totals = [float(shown) for shown in column(model, 5)]
    assert totals == sorted(totals, reverse=True)
    model.set_filter("tg00001")
    assert {shown[-2] for shown in column(model, 0)} == {"1"}
    assert model.rowCount() == 10
    model.set_filter("nothing like it")
    assert model.rowCount() == 0


def test_fifty_thousand_vehicles_cost_only_the_rows_that_are_seen(desk: Desk) -> None:
    small = small_snapshot(LINE, 60).vehicles
    count = 50_000
    many = VehicleTable(
        vehicle=tuple(vin(k) for k in range(count)),
        variant=("suv",) * count,
        station=("",) * count,
        entered_ns=np.arange(count) + small.entered_ns[0],
        completed_ns=np.arange(count) + small.entered_ns[0] + 5,
        state=np.ones(count, np.uint8),
        complete=np.ones(count, np.bool_),
        final=np.ones(count, np.bool_),
        direct_kwh=np.linspace(1, 9, count),
        shared_kwh=np.zeros(count),
        scrap_kwh=np.zeros(count),
        carbon_kg=np.full(count, np.nan),
        evidence=("measured",) * count,
    )
    model = VehicleModel(desk, PLACE)
    model.show_table(many)
    model.sort(8, Qt.SortOrder.DescendingOrder)
    assert model.index(0, 0).data() == vin(count - 1)
    assert model.index(0, 6).data() == "–"
    assert model.row_of(vin(0)) == count - 1


def test_signals_that_are_not_good_can_be_had_alone(desk: Desk) -> None:
    model = SignalModel(desk, LINE)
    snapshot = small_snapshot(LINE, 600)
    model.show_signals(snapshot.signals, snapshot.time_ns)
    assert model.total() == len(LINE.signals)
    assert model.abnormal_total() == 2
    model.set_filter("", abnormal=True)
    assert column(model, 4) == ["▲ uncertain", "▲ missing"]
    assert column(model, 3) == ["14 s", "–"]
    model.set_filter("b030", abnormal=False)
    assert all("B030" in key for key in column(model, 0))


def test_a_metering_point_stands_under_its_parent(desk: Desk) -> None:
    model = PointModel(desk, LINE)
    snapshot = small_snapshot(LINE, 600)
    model.show_power(snapshot.power.point, snapshot.power.kw)
    names = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert names[0].startswith("E_BODY")
    assert names[1].startswith("    E_B010")
    # The gas counter has no usable power: a dash, not a zero.
    gas = model.index(len(names) - 1, 2).data()
    assert gas == "–"


def test_variants_have_their_names(desk: Desk) -> None:
    model = VehicleModel(desk, PLACE)
    model.show_table(small_snapshot(LINE, 900).vehicles)
    assert set(column(model, 1)) == {"Sedan", "SUV", "Battery electric"}
    desk.set_language("zh")
    assert set(column(model, 1)) == {"轿车", "运动型多用途车", "纯电动车"}


def test_words_follow_the_language(desk: Desk, qtbot: QtBot) -> None:
    model = VehicleModel(desk, PLACE)
    model.show_table(small_snapshot(LINE, 900).vehicles)
    assert "at B010" in column(model, 2)
    desk.set_language("zh")
    with qtbot.waitSignal(model.headerDataChanged):
        model.retranslate()
    assert "在 B010" in column(model, 2)
    assert model.headerData(0, Qt.Orientation.Horizontal) == "车辆"


def test_a_scrapped_vehicle_is_told_by_word_shape_and_colour(desk: Desk) -> None:
    table = small_snapshot(LINE, 3000).vehicles
    model = VehicleModel(desk, PLACE)
    model.show_table(replace(table))
    row = model.row_of(vin(17))
    assert row is not None
    assert model.index(row, 2).data() == "✕ scrapped"
    assert model.index(row, 2).data(Qt.ItemDataRole.ForegroundRole) == desk.tokens.color("warn")


def test_a_stay_that_no_meter_counted_has_a_dash_and_its_own_evidence(desk: Desk) -> None:
    model = VisitModel(desk, PLACE)
    visit = replace(small_snapshot(LINE, 600).visits[0], direct_kwh={}, waiting_kwh={})
    model.show_visits([replace(visit, evidence="estimated"), replace(visit, evidence="")])
    said = [[model.index(row, column).data() for column in (4, 5, 6)] for row in (0, 1)]
    assert said == [["–", "–", "estimated"], ["–", "–", "–"]]
