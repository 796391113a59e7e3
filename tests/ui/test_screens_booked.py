"""Losses, energy, KPIs and vehicles on what a simulated plant booked: by click, key and drag."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from data.line import STATES
from tests.ui import looks
from tests.ui.booked import booked_session, booked_snapshot, wait_for
from tests.ui.conftest import Open
from tests.ui.hand_made import steel_session
from tests.ui.test_monitor_window import _SAME
from twin.snapshot import Snapshot
from ui.desk import Desk
from ui.screens.energy import Energy
from ui.screens.kpis import KpiBoard
from ui.screens.losses import Losses
from ui.screens.vehicles import Vehicles
from ui.studies import Failed, Studies
from ui.theme import THEMES
from ui.widgets.pareto import ROW, TOP
from ui.widgets.spread import Group
from ui.window import Window
from ui.workspace import Workspace

STUDIES = {"losses": "losses", "energy": "energy", "kpis": "kpis", "vehicles": None}
KEYS = {
    "losses": Qt.Key.Key_F7,
    "energy": Qt.Key.Key_F6,
    "kpis": Qt.Key.Key_F3,
    "vehicles": Qt.Key.Key_F8,
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return booked_snapshot(tmp_path_factory.mktemp("booked"))


def opened(qtbot: QtBot, window: Window, name: str) -> Workspace:
    """Shows a screen by its key, and waits for its figures."""
    workspace = window.workspace
    assert workspace is not None
    window.activateWindow()
    QApplication.processEvents()
    qtbot.keyClick(window, KEYS[name])
    assert workspace.current == name
    if name == "kpis":
        screen = workspace.screens["kpis"]
        assert isinstance(screen, KpiBoard)
        workspace.bus.serve_now(again=True)
        screen.open("oee")
    study = STUDIES[name]
    if study is not None:
        wait_for(qtbot, workspace, study)
    return workspace


def losses_of(qtbot: QtBot, window: Window) -> Losses:
    screen = opened(qtbot, window, "losses").screens["losses"]
    assert isinstance(screen, Losses)
    return screen


def energy_of(qtbot: QtBot, window: Window) -> Energy:
    screen = opened(qtbot, window, "energy").screens["energy"]
    assert isinstance(screen, Energy)
    return screen


@pytest.mark.parametrize("name", STUDIES)
def test_each_screen_speaks_chinese_and_nothing_is_cut(
    qtbot: QtBot, desk: Desk, show: Open, snapshot: Snapshot, name: str
) -> None:
    window = show(booked_session(snapshot))
    workspace = opened(qtbot, window, name)
    for language in ("en", "zh"):
        desk.set_language(language)
        workspace.bus.serve_now(again=True)
        qtbot.wait(20)
        assert looks.cut(window) == [], language
    same = re.compile(_SAME.pattern + r"|CNY|OEE|ISO|Esc|docs/kpis\.md|GHG|small")
    left = [t for t in looks.texts(window) if re.search("[A-Za-z]{3,}", same.sub("", t))]
    assert left == []


def test_each_screen_is_drawn_in_every_theme(
    qtbot: QtBot, desk: Desk, show: Open, snapshot: Snapshot
) -> None:
    window = show(booked_session(snapshot))
    window.resize(1920, 1080)
    for name in STUDIES:
        opened(qtbot, window, name)
        for theme in THEMES:
            desk.set_theme(theme)
            assert not window.grab().isNull(), (name, theme)
    desk.set_theme("light")


# --- losses -----------------------------------------------------------------------------------


def test_a_bar_leads_to_its_moments_and_they_to_the_replay(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    session = booked_session(snapshot)
    screen = losses_of(qtbot, show(session))
    qtbot.mouseClick(screen.groupings.buttons["pair"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(screen.units.buttons["minutes"], Qt.MouseButton.LeftButton)
    row = next(i for i, bar in enumerate(screen.pareto.bars) if bar.shape == "failed")
    at = QPoint(200, TOP + row * ROW + ROW // 2)
    qtbot.mouseClick(screen.pareto, Qt.MouseButton.LeftButton, pos=at)
    states = [screen.moments.index(r, 4).data() for r in range(screen.moments.row_total())]
    assert "failed" in states
    assert all("B030 failed" in c for c in looks.cells(screen.moment_table)[5::7])
    first = screen.moment_table.visualRect(screen.moments.index(0, 0)).center()
    qtbot.mouseClick(screen.moment_table.viewport(), Qt.MouseButton.LeftButton, pos=first)
    assert session.transport is not None
    assert session.transport.position_ns == screen.moments.begin_ns(0)


def test_the_losses_sum_to_what_stations_drew_outside_processing(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    screen = losses_of(qtbot, show(booked_session(snapshot)))
    assert snapshot.accounts is not None
    ledger = snapshot.accounts.ledger
    outside = ledger.cells["state"] != STATES.index("processing")
    at_station = ledger.cells["place"] < len(ledger.line.stations)
    wanted = math.fsum(ledger.cells["kwh"][outside & at_station])
    for grouping in ("pair", "cause", "station"):
        screen.show_grouping(grouping)
        shown = math.fsum(bar.value for bar in screen.pareto.bars)
        assert shown == pytest.approx(wanted, rel=1e-9)


def test_keys_walk_from_bar_to_bar(qtbot: QtBot, show: Open, snapshot: Snapshot) -> None:
    screen = losses_of(qtbot, show(booked_session(snapshot)))
    before = screen.moments.row_total(), looks.cells(screen.moment_table)[:7]
    screen.pareto.setFocus()
    qtbot.keyClick(screen.pareto, Qt.Key.Key_Down)
    assert (screen.moments.row_total(), looks.cells(screen.moment_table)[:7]) != before


def test_a_plant_of_meters_says_why_it_has_no_losses(show: Open, qtbot: QtBot) -> None:
    window = show(steel_session())
    assert window.workspace is not None
    window.workspace.show_screen("losses")
    screen = window.workspace.screens["losses"]
    assert isinstance(screen, Losses)
    assert "meters only" in screen.message.text()


# --- energy -----------------------------------------------------------------------------------


def test_every_cut_of_the_energy_sums_to_the_total(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    screen = energy_of(qtbot, show(booked_session(snapshot)))
    study = screen._study
    assert study is not None
    for cut in study.cuts.values():
        assert math.fsum(cut.kwh.ravel()) == pytest.approx(study.total_kwh, rel=1e-9)
    for column in ("source", "shop", "state"):
        out = math.fsum(s.kwh for s in study.streams if s.origin[0] == column)
        assert out == pytest.approx(study.total_kwh, rel=1e-9)


def test_a_drag_looks_closer_and_a_double_click_shows_all(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    screen = energy_of(qtbot, show(booked_session(snapshot)))
    chart = screen.stack.chart
    chart.look(0, 99)
    whole = chart.view()
    chart.setFocus()
    many = int(chart.view_of_all())
    if many > 4:
        middle = chart.height() // 3
        qtbot.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(100, middle))
        qtbot.mouseMove(chart, QPoint(300, middle))
        qtbot.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=QPoint(300, middle))
        assert chart.view() != whole
    qtbot.keyClick(chart, Qt.Key.Key_0)
    assert chart.view() == whole


def test_each_page_of_the_energy_has_figures_and_can_be_copied(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    screen = energy_of(qtbot, show(booked_session(snapshot)))
    for page, chart in (
        ("flow", screen.flow),
        ("hours", screen.hours),
        ("duration", screen.duration),
        ("cost", screen.cost.intensity),
    ):
        qtbot.mouseClick(screen.pages.buttons[page], Qt.MouseButton.LeftButton)
        assert chart.isVisible()
        chart.setFocus()
        qtbot.keyClick(chart, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        lines = QGuiApplication.clipboard().text().splitlines()
        assert len(lines) > 1, page
        assert any(char.isdigit() for char in lines[1]), page


def test_nothing_unexplained_is_left_out_of_the_flow(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    screen = energy_of(qtbot, show(booked_session(snapshot)))
    study = screen._study
    assert study is not None
    unexplained = [s for s in study.streams if s.target[1] == "unexplained"]
    shown = {place for place in screen.flow.nodes() if place[1] == "unexplained"}
    assert bool(unexplained) == bool(shown)


# --- KPIs -------------------------------------------------------------------------------------


def test_a_tile_opens_what_it_is_made_of_and_esc_closes_it(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    window = show(booked_session(snapshot))
    workspace = opened(qtbot, window, "kpis")
    screen = workspace.screens["kpis"]
    assert isinstance(screen, KpiBoard)
    window.activateWindow()
    QApplication.processEvents()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not screen.detail.isVisible()
    assert workspace.current == "kpis"
    qtbot.mouseClick(screen.tiles["energy_per_vehicle"], Qt.MouseButton.LeftButton)
    assert screen.detail.isVisible()
    assert screen.detail.formula.text() == "= energy ÷ good vehicles"
    rows = looks.cells(screen.detail.table)
    kpi = snapshot.kpis["energy_per_vehicle"]
    assert kpi.value is not None
    energy, good = (float(rows[i].replace(",", "")) for i in (1, 4))
    assert energy / good == pytest.approx(kpi.value, rel=0.01)


def test_a_kpi_is_shown_for_every_part_of_which_it_is_known(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    window = show(booked_session(snapshot))
    screen = opened(qtbot, window, "kpis").screens["kpis"]
    assert isinstance(screen, KpiBoard)
    screen.open("energy_total")
    qtbot.mouseClick(screen.detail.kinds.buttons["station"], Qt.MouseButton.LeftButton)
    names = screen.detail.chart.data().columns["Of"]
    assert set(names) >= {"B010", "B020", "B030"}


# --- vehicles ---------------------------------------------------------------------------------


def test_two_vehicles_are_compared_place_by_place(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    window = show(booked_session(snapshot))
    workspace = opened(qtbot, window, "vehicles")
    screen = workspace.screens["vehicles"]
    assert isinstance(screen, Vehicles)
    done = [v for v, s in zip(snapshot.vehicles.vehicle, snapshot.vehicles.state, strict=True) if s]
    screen.choose(done[-1])
    qtbot.mouseClick(screen.pin, Qt.MouseButton.LeftButton)
    screen.choose(done[-2])
    qtbot.mouseClick(screen.pages.buttons["two"], Qt.MouseButton.LeftButton)
    wait_for(qtbot, workspace, "vehicles")
    assert screen.versus.sides() == (done[-2], done[-1])
    found = workspace.studies.of("vehicles")
    table = snapshot.vehicles
    row = table.vehicle.index(done[-2])
    whole = table.direct_kwh[row] + table.shared_kwh[row]
    assert found.left.total_kwh == pytest.approx(whole, rel=1e-9)  # type: ignore[attr-defined]
    assert "B030" in looks.cells(screen.versus.table)[0] or screen.versus.rows.row_total() > 3


def test_the_distribution_leads_to_an_outlier(qtbot: QtBot, show: Open, snapshot: Snapshot) -> None:
    window = show(booked_session(snapshot))
    screen = opened(qtbot, window, "vehicles").screens["vehicles"]
    assert isinstance(screen, Vehicles)
    qtbot.mouseClick(screen.pages.buttons["all"], Qt.MouseButton.LeftButton)
    spread = screen.spread
    names = tuple(snapshot.vehicles.vehicle[:12])
    spread.show_groups([Group("SUV", names, np.array([1.0] * 5 + [1.1] * 6 + [9.0]))], "kWh", None)
    at = spread.outlier_place(names[-1])
    assert at is not None
    qtbot.mouseClick(spread, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert screen._vehicle == names[-1]


def test_vehicles_are_filtered_by_variant_and_state(
    qtbot: QtBot, show: Open, snapshot: Snapshot
) -> None:
    window = show(booked_session(snapshot))
    screen = opened(qtbot, window, "vehicles").screens["vehicles"]
    assert isinstance(screen, Vehicles)
    screen.states.setFocus()
    qtbot.keyClick(screen.states, Qt.Key.Key_Down)
    screen.states.activated.emit(screen.states.currentIndex())
    shown = screen.model.row_total()
    assert shown == int((snapshot.vehicles.state == 0).sum())


# --- everywhere -------------------------------------------------------------------------------


def test_ctrl_e_writes_what_is_shown(
    qtbot: QtBot,
    show: Open,
    snapshot: Snapshot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = show(booked_session(snapshot))
    for name in STUDIES:
        path = tmp_path / f"{name}.csv"
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_args, path=path: (str(path), "CSV (*.csv)")
        )
        opened(qtbot, window, name)
        window.activateWindow()
        QApplication.processEvents()
        qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        with path.open(encoding="utf-8-sig") as file:
            assert len(list(csv.reader(file))) > 1, name


def test_a_study_that_fails_is_told_and_the_rest_goes_on(qtbot: QtBot) -> None:
    studies = Studies()

    def fails() -> object:
        raise ValueError("the books are torn")

    with qtbot.waitSignal(studies.ready):
        studies.ask("bad", (1,), fails)
    found = studies.of("bad")
    assert isinstance(found, Failed)
    assert found.said == "the books are torn"
    with qtbot.waitSignal(studies.ready):
        studies.ask("good", (1,), lambda: 42)
    assert studies.of("good") == 42
    studies.drop()
    studies.end()
