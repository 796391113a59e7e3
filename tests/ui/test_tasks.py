"""Ten tasks of a plant engineer: each at most three clicks or keys from the overview.

docs/tasks.md lists them. Words that are typed into a field, and what a dialog of the system asks
(a file's name), are no steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import looks
from tests.ui.conftest import Open
from tests.ui.hand_made import HandSession, live_session, replay_session, vin
from tests.ui.ten_minutes import booked_session
from tests.ui.test_monitor_alarms import alarmed
from ui.palette import Palette
from ui.screens.alarms import AlarmScreen
from ui.screens.losses import Losses
from ui.screens.reports import Reports
from ui.screens.signals import Signals
from ui.screens.vehicles import Vehicles
from ui.widgets.versus import Versus
from ui.window import Window
from ui.workspace import Workspace

S = TypeVar("S", bound=QWidget)
MOST = 3
TASKS = Path(__file__).parents[2] / "docs" / "tasks.md"
PATIENCE_MS = 60_000


@dataclass
class Hand:
    """Clicks and presses keys from the overview, and counts them."""

    qtbot: QtBot
    window: Window
    steps: int = 0

    @property
    def workspace(self) -> Workspace:
        assert self.window.workspace is not None
        return self.window.workspace

    def key(self, key: Qt.Key, *, ctrl: bool = False, at: QWidget | None = None) -> None:
        self.window.activateWindow()
        QApplication.processEvents()
        held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        self.qtbot.keyClick(at or self.window, key, held)
        self.steps += 1

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
        self.steps += 1

    def click_row(self, table: QTableView, row: int) -> None:
        self.click(table.viewport(), table.visualRect(table.model().index(row, 1)).center())

    def type(self, field: QWidget, words: str) -> None:
        self.qtbot.keyClicks(field, words)

    def screen(self, name: str, kind: type[S]) -> S:
        found = self.workspace.screens[name]
        assert isinstance(found, kind)
        assert found.isVisible()
        return found


def hand(qtbot: QtBot, window: Window) -> Hand:
    made = Hand(qtbot, window)
    assert made.workspace.current == "overview"
    return made


def test_which_station_holds_the_line_back(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(booked_session()))
    at.key(Qt.Key.Key_F7)
    screen = at.screen("losses", Losses)
    qtbot.waitUntil(lambda: bool(screen.bottleneck.lines()), timeout=PATIENCE_MS)
    assert screen.bottleneck.lines()[0][0] == "Last hour"
    assert at.steps <= MOST


def test_what_did_the_failure_cost(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(booked_session()))
    at.key(Qt.Key.Key_F7)
    screen = at.screen("losses", Losses)
    qtbot.waitUntil(lambda: bool(screen.pareto.bars), timeout=PATIENCE_MS)
    failures = [bar for bar in screen.pareto.bars if "S1" in bar.name and "failed" in bar.name]
    assert failures
    assert failures[0].value > 0
    at.click(screen.units.buttons["minutes"])
    qtbot.waitUntil(lambda: screen.units.buttons["minutes"].isChecked())
    assert at.steps <= MOST


def test_a_vehicles_carbon_and_how_it_differs_from_its_neighbours(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(live_session(5400)))
    at.key(Qt.Key.Key_K, ctrl=True)
    (palette,) = (p for p in at.window.findChildren(Palette) if p.isVisible())
    at.type(palette.search, vin(17))
    at.key(Qt.Key.Key_Return, at=palette.search)
    screen = at.screen("vehicles", Vehicles)
    assert screen.detail.vin.text() == vin(17)
    assert any("CO₂e" in text for text in looks.texts(screen))
    at.click(screen.pages.buttons["two"])
    versus = screen.findChild(Versus)
    assert isinstance(versus, Versus)
    left, right = versus.sides()
    assert left == vin(17)
    assert right in (vin(16), vin(18))
    assert at.steps <= MOST


def test_are_we_on_plan(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(live_session(5400)))
    assert at.workspace.top.plan.value.text() == "84 / 83  ▼ −1"
    assert at.steps == 0


def test_which_hour_was_worst_and_why(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(booked_session()))
    at.key(Qt.Key.Key_F7)
    screen = at.screen("losses", Losses)
    qtbot.waitUntil(lambda: bool(screen.bottleneck.lines()), timeout=PATIENCE_MS)
    hours = screen.bottleneck.data().columns
    assert len(next(iter(hours.values()))) >= 1
    assert at.steps <= MOST


def test_which_tag_is_not_as_it_should_be(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(live_session(5400)))
    at.key(Qt.Key.Key_F10)
    screen = at.screen("signals", Signals)
    at.click(screen.abnormal)
    said = looks.cells(screen.table)
    assert "B040.good_count" in said
    assert any("Marked as uncertain" in cell for cell in said)
    assert at.steps <= MOST


def test_an_alarm_is_acknowledged(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(alarmed()))
    at.key(Qt.Key.Key_F5)
    screen = at.screen("alarms", AlarmScreen)
    at.click_row(screen.table, 0)
    at.key(Qt.Key.Key_Return, ctrl=True)
    assert at.workspace.alarms.counts() == (3, 4)
    assert at.steps <= MOST


def test_an_alarm_is_shelved(qtbot: QtBot, show: Open) -> None:
    at = hand(qtbot, show(alarmed()))
    at.key(Qt.Key.Key_F5)
    screen = at.screen("alarms", AlarmScreen)
    before = screen.model.row_total()
    at.click_row(screen.table, 0)
    at.type(screen.card.reason, "disk ordered")
    at.click(screen.card.shelve)
    assert screen.model.row_total() == before - 1
    assert at.steps <= MOST


def test_this_charts_data_are_exported(
    qtbot: QtBot, show: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = hand(qtbot, show(booked_session()))
    path = tmp_path / "losses.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "CSV (*.csv)"))
    at.key(Qt.Key.Key_F7)
    screen = at.screen("losses", Losses)
    qtbot.waitUntil(lambda: bool(screen.pareto.bars), timeout=PATIENCE_MS)
    at.key(Qt.Key.Key_E, ctrl=True)
    assert "kWh" in path.read_text("utf-8-sig")
    assert at.steps <= MOST


def test_the_shifts_report(
    qtbot: QtBot, show: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = hand(qtbot, show(booked_session()))
    path = tmp_path / "shift.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    at.key(Qt.Key.Key_F11)
    screen = at.screen("reports", Reports)
    qtbot.waitUntil(lambda: screen.draft is not None, timeout=PATIENCE_MS)
    at.click(screen.files["pdf"])
    qtbot.waitUntil(path.exists, timeout=PATIENCE_MS)
    assert at.steps <= MOST


def test_back_to_a_time_in_replay(qtbot: QtBot, show: Open) -> None:
    session: HandSession = replay_session(5400)
    at = hand(qtbot, show(session))
    at.key(Qt.Key.Key_F4)
    bar = at.workspace.replay
    assert bar is not None
    at.type(bar.go_to, "06:20")
    at.key(Qt.Key.Key_Return, at=bar.go_to)
    assert session.transport is not None
    assert session.transport.position_ns == session.transport.span_ns[0] + 1200 * 10**9
    assert at.steps <= MOST


def test_the_document_lists_ten_tasks_and_its_pictures_are_there() -> None:
    said = TASKS.read_text("utf-8")
    numbers = [int(n) for n in re.findall(r"^## (\d+)\.", said, re.M)]
    assert numbers == list(range(1, 11))
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", said):
        assert (TASKS.parent / picture).is_file(), picture
