"""Alarms as a person meets them: on the overview, in the list, on the shelf, in the journal."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui import looks
from tests.ui.conftest import Open
from tests.ui.hand_made import (
    NS,
    SHIFT_NS,
    HandSession,
    live_session,
    load_line,
    replay_session,
    small_snapshot,
)
from twin.alarms import Alarms
from ui.alarm_desk import AlarmDesk
from ui.alarm_store import AlarmStore
from ui.desk import Desk
from ui.screens.alarms import PAGES, AlarmScreen
from ui.screens.overview import Overview
from ui.settings import Settings
from ui.theme import THEMES
from ui.window import Window
from ui.workspace import Workspace

RESIDUALS: dict[str, float | str | None] = {"B010": 3.2, "B020": 7.5, "B030": 1.1}


def tell(session: HandSession, seconds: int = 5400, **facts: dict[str, float | str | None]) -> None:
    """Facts at a moment of the shift, as a session tells them with its snapshots."""
    shown = small_snapshot(session.line, seconds, serial=seconds)
    kinds = {"residual": {}, "log_stopped": {}, **facts}
    session.alarms.look(shown, kinds)
    session.alarms.show(session.alarms.freeze())
    session.shown = shown


def alarmed(session: HandSession | None = None) -> HandSession:
    session = session or live_session()
    tell(session, 5390, residual=RESIDUALS, log_stopped={"": "/data: no space left"})
    tell(session, 5400, residual=RESIDUALS, log_stopped={"": "/data: no space left"})
    return session


def workspace(window: Window) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def screen(window: Window) -> AlarmScreen:
    found = workspace(window).screens["alarms"]
    assert isinstance(found, AlarmScreen)
    return found


def press(qtbot: QtBot, window: Window, key: Qt.Key, *, ctrl: bool = False) -> None:
    window.activateWindow()
    QApplication.processEvents()
    held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(window, key, held)


def rows(window: Window) -> list[str]:
    model = screen(window).model
    return [model.alarm(row).rule.key for row in range(model.row_total())]


@pytest.fixture
def window(qtbot: QtBot, show: Open) -> Window:
    opened = show(alarmed())
    press(qtbot, opened, Qt.Key.Key_F5)
    return opened


def test_the_most_urgent_comes_first(window: Window) -> None:
    assert rows(window)[0] == "log_stopped/"
    said = " ".join(looks.texts(window))
    assert "◆ urgent" in said
    assert "● medium" in said
    assert "4 standing, 4 not acknowledged" in said
    assert "◆ 4 new" in said


def test_a_click_says_what_to_do(qtbot: QtBot, window: Window) -> None:
    table = screen(window).table
    at = table.visualRect(table.model().index(0, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    card = screen(window).card
    assert "disk" in card.action.text()
    assert card.acknowledge.isVisible()
    assert card.alarm is not None


def test_ctrl_enter_acknowledges_all_that_is_selected(qtbot: QtBot, window: Window) -> None:
    screen(window).table.selectAll()
    press(qtbot, window, Qt.Key.Key_Return, ctrl=True)
    assert workspace(window).alarms.counts() == (0, 4)
    assert "● 4 known" in looks.texts(window)
    qtbot.mouseClick(screen(window).pages.buttons["new"], Qt.MouseButton.LeftButton)
    assert rows(window) == []
    assert "Nothing calls for you." in looks.texts(window)


def test_a_shelf_needs_a_reason_and_has_a_time(qtbot: QtBot, window: Window) -> None:
    found = screen(window)
    found.choose("residual/B020")
    qtbot.mouseClick(found.card.shelve, Qt.MouseButton.LeftButton)
    assert "next shift" in found.card.fault.text()
    assert "residual/B020" in rows(window)
    found.card.time.setCurrentIndex(1)
    qtbot.keyClicks(found.card.reason, "valve ordered")
    qtbot.mouseClick(found.card.shelve, Qt.MouseButton.LeftButton)
    assert "residual/B020" not in rows(window)
    qtbot.mouseClick(found.pages.buttons["shelf"], Qt.MouseButton.LeftButton)
    assert rows(window) == ["residual/B020"]
    found.table.selectRow(0)
    assert "valve ordered" in found.card.facts.text()
    session = workspace(window).session
    assert isinstance(session, HandSession)
    tell(session, 5400 + 3601, residual=RESIDUALS)
    found.show_alarms()
    assert rows(window) == []
    found.show_page("list")
    assert "residual/B020" in rows(window)


def test_out_of_service_and_back(qtbot: QtBot, window: Window) -> None:
    found = screen(window)
    found.choose("residual/B010")
    qtbot.keyClicks(found.card.reason, "being rebuilt")
    qtbot.mouseClick(found.card.out, Qt.MouseButton.LeftButton)
    found.choose("residual/B010")
    assert found.card.alarm is not None
    assert found.card.alarm.state == "out_of_service"
    assert not found.card.shelve.isVisible()
    qtbot.mouseClick(found.card.back, Qt.MouseButton.LeftButton)
    found.choose("residual/B010")
    assert found.card.alarm.state == "unacknowledged"


def test_searching_keeps_what_was_asked_for(qtbot: QtBot, window: Window) -> None:
    press(qtbot, window, Qt.Key.Key_K, ctrl=True)
    assert screen(window).search.hasFocus()
    qtbot.keyClicks(screen(window).search, "b03")
    assert rows(window) == ["residual/B030"]
    screen(window).search.clear()
    assert len(rows(window)) == 4


def test_a_selected_alarm_stays_selected_while_others_come_and_go(window: Window) -> None:
    found = screen(window)
    found.choose("residual/B020")
    session = workspace(window).session
    assert isinstance(session, HandSession)
    tell(session, 5410, residual={"B020": 8.0, "B060": 2.0})
    found.show_alarms()
    assert found.card.alarm is not None
    assert found.card.alarm.rule.key == "residual/B020"
    assert "8.0" in looks.texts(found.card)[4:] or "8.0" in " ".join(looks.texts(found.card))


def test_the_journal_says_who_and_why_and_is_exported(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    found = screen(window)
    found.choose("residual/B010")
    found.card.reason.setText("known, ordered")
    found.card.shelve.click()
    found.show_page("journal")
    path = tmp_path / "journal.csv"
    found.write(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert table[0][:3] == ["Time", "What happened", "Alarm"]
    assert any("shelved" in row and "known, ordered" in row for row in table)
    found.write(tmp_path / "journal.xlsx")
    assert (tmp_path / "journal.xlsx").read_bytes()[:2] == b"PK"
    found.write(tmp_path / "nowhere" / "journal.csv")
    assert "nowhere" in found.trouble.text()
    qtbot.keyClicks(found.search, "ordered")
    assert found.journal.row_total() == 1


def test_the_figures_have_their_aims(window: Window) -> None:
    screen(window).show_page("figures")
    said = looks.texts(window)
    assert "Raised in ten minutes, mean" in said
    assert "≤ 10" in said
    assert any("✓ met" in text for text in said)


def test_the_overview_names_five_and_a_click_leads_there(qtbot: QtBot, show: Open) -> None:
    window = show(alarmed())
    overview = workspace(window).screens["overview"]
    assert isinstance(overview, Overview)
    shown = [row for row in overview.alarms.rows if row.isVisible()]
    assert shown
    assert shown[0].alarm is not None
    assert shown[0].alarm.rule.key == "log_stopped/"
    assert "urgent" in shown[0].accessibleName()
    shown[0].setFocus()
    press(qtbot, window, Qt.Key.Key_Return, ctrl=True)
    assert workspace(window).alarms.counts()[0] == 3
    qtbot.mouseClick(shown[0], Qt.MouseButton.LeftButton)
    assert workspace(window).current == "alarms"
    assert screen(window).card.alarm is not None


def test_a_click_on_the_count_leads_to_the_alarms(qtbot: QtBot, show: Open) -> None:
    window = show(alarmed())
    qtbot.mouseClick(workspace(window).top.alarms, Qt.MouseButton.LeftButton)
    assert workspace(window).current == "alarms"


def test_what_was_set_aside_is_still_so_after_a_restart(
    qtbot: QtBot, show: Open, settings: Settings
) -> None:
    window = show(alarmed())
    workspace(window).alarms.act("residual/B020", "out_of_service", "rebuilt")
    workspace(window).alarms.act("residual/B010", "acknowledge")
    window.show_start()
    again = alarmed(HandSession(load_line("small"), small_snapshot(load_line("small"), 5400)))
    assert [a.state for a in again.alarms.latest.alarms if a.rule.source == "B020"] == [
        "unacknowledged"
    ]
    session = live_session()
    later = AlarmDesk(session, settings)
    tell(session, 9000, residual=RESIDUALS)
    tell(session, 9100, residual=RESIDUALS)
    states = {a.rule.key: a.state for a in later.board.alarms}
    assert states["residual/B020"] == "out_of_service"
    assert states["residual/B010"] == "unacknowledged"  # raised anew, so not yet seen
    assert any(e.what == "out_of_service" and e.reason == "rebuilt" for e in later.journal())


def test_a_replay_keeps_nothing(show: Open, settings: Settings) -> None:
    window = show(alarmed(replay_session()))
    assert workspace(window).alarms.act("residual/B020", "acknowledge")
    folder = settings.folder()
    assert folder is not None
    assert not list(folder.glob("alarms-*"))


def test_a_journal_that_does_not_read_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "alarms-small.jsonl").write_text(
        '{"row": "action", "time_ns": 5, "key": "failed/B010", "deed": "acknowledge"}\n'
        'not json\n{"row": "action", "time_ns": 5, "key": "x", "deed": "explode"}\n'
        '[]\n{"row": 3}\n',
        "utf-8",
    )
    store = AlarmStore(tmp_path, "small")
    actions, entries = store.read()
    assert [action.deed for action in actions] == ["acknowledge"]
    assert entries == ()
    assert store.unreadable == 4


def test_a_folder_that_cannot_be_written_is_told_on_the_screen(show: Open, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = AlarmStore(blocked / "deeper", "small")
    session = alarmed()
    alarm_desk = AlarmDesk(session, Settings(QSettings(str(tmp_path / "s.ini"), _INI)))
    alarm_desk._store = store
    assert alarm_desk.act("residual/B020", "acknowledge")
    assert alarm_desk.trouble is not None
    assert "deeper" in alarm_desk.trouble


_INI = QSettings.Format.IniFormat


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", THEMES)
def test_every_page_fits_in_both_languages_and_all_themes(
    qtbot: QtBot, desk: Desk, show: Open, language: str, theme: str
) -> None:
    desk.set_theme(theme)
    desk.set_language(language)
    window = show(alarmed())
    workspace(window).show_screen("alarms")
    for page in PAGES:
        screen(window).show_page(page)
        screen(window).table.selectRow(0)
        for size in ((1366, 768), (1100, 640)):
            window.resize(*size)
            qtbot.wait(10)
            assert looks.cut(window) == [], (page, size)
        if language == "zh":
            left = [t for t in looks.texts(screen(window)) if _ENGLISH.search(_SAME.sub("", t))]
            assert left == [], page


_ENGLISH = re.compile("[A-Za-z]{3,}")
_SAME = re.compile(r"\bB0\d0\b|kWh|kW|/data: no space left|root|CSV")


def test_every_control_has_a_name_and_the_keys_reach_it(qtbot: QtBot, window: Window) -> None:
    found = screen(window)
    found.choose("residual/B020")
    for widget in (found.search, found.table, found.take_away, found.card.shelve, found.card.time):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert workspace(window).top.alarms.accessibleName()


def test_a_log_that_is_not_written_is_over_when_it_is(show: Open) -> None:
    session = alarmed()
    show(session)
    tell(session, 5500, residual=RESIDUALS)
    tell(session, 5540, residual=RESIDUALS)
    states = {a.rule.key: a.state for a in session.alarms.latest.alarms}
    assert states["log_stopped/"] == "returned"
    assert isinstance(session.alarms, Alarms)
    assert session.alarms.latest.time_ns == SHIFT_NS + 5540 * NS
