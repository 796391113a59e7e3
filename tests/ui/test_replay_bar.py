"""Going about in a replay: events, gaps, bookmarks, a time that is typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from tests.ui.hand_made import NS, SHIFT_NS, load_line, replay_session
from ui import text
from ui.bookmarks import Bookmark, Bookmarks
from ui.clock_entry import moment_of
from ui.settings import Settings
from ui.widgets.replay_bar import BOOKMARKS, JUMPS, ReplayBar
from ui.window import Window

SHANGHAI = ZoneInfo("Asia/Shanghai")
SPAN = (SHIFT_NS, SHIFT_NS + 8 * 3600 * NS)
HELD = Qt.KeyboardModifier.ControlModifier


def bar_of(window: Window, qtbot: QtBot) -> ReplayBar:
    assert window.workspace is not None
    bar = window.workspace.replay
    assert bar is not None
    qtbot.waitUntil(lambda: bool(bar._moments))
    return bar


def position_s(window: Window) -> int:
    assert window.workspace is not None
    transport = window.workspace.session.transport
    assert transport is not None
    return (transport.position_ns - SHIFT_NS) // NS


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("14:00", "2026-03-02 14:00:00"),
        ("7:05", "2026-03-02 07:05:00"),
        ("07:05:09", "2026-03-02 07:05:09"),
        ("07：05", "2026-03-02 07:05:00"),
        ("7.05", "2026-03-02 07:05:00"),
        ("03-02 08:10", "2026-03-02 08:10:00"),
        ("2026-03-02 08:10", "2026-03-02 08:10:00"),
    ],
)
def test_a_time_of_day_is_understood(typed: str, clock: str) -> None:
    found = moment_of(typed, SHIFT_NS + NS, SPAN, SHANGHAI)
    assert text.moment(found, SHANGHAI) == clock


@pytest.mark.parametrize(
    "typed", ["", "noon", "25:00", "14:61", "05:59", "14:01", "02-30 08:00", "1", "03-03 08:10"]
)
def test_what_is_no_time_of_the_log_is_none(typed: str) -> None:
    assert moment_of(typed, SHIFT_NS + NS, SPAN, SHANGHAI) is None


def test_a_time_means_the_day_that_is_shown_else_the_nearest() -> None:
    span = (SHIFT_NS, SHIFT_NS + 3 * 86_400 * NS)
    third = SHIFT_NS + 2 * 86_400 * NS + 3600 * NS
    assert text.moment(moment_of("14:10", third, span, SHANGHAI), SHANGHAI)[:10] == "2026-03-04"
    assert text.moment(moment_of("05:00", SHIFT_NS, span, SHANGHAI), SHANGHAI)[:10] == "2026-03-03"


@given(st.text(max_size=12))
def test_whatever_is_typed_does_no_harm(typed: str) -> None:
    found = moment_of(typed, SHIFT_NS, SPAN, SHANGHAI)
    assert found is None or SPAN[0] <= found <= SPAN[1]


@given(st.integers(SPAN[0] // NS, SPAN[1] // NS))
def test_every_time_of_the_log_is_found_by_its_own_words(second: int) -> None:
    clock = datetime.fromtimestamp(second, UTC).astimezone(SHANGHAI).strftime("%H:%M:%S")
    assert moment_of(clock, SHIFT_NS, SPAN, SHANGHAI) == second * NS


def test_bookmarks_are_kept_by_plant_and_begin(settings: Settings) -> None:
    line = load_line("small")
    marks = Bookmarks(settings, line, SHIFT_NS)
    marks.add(SHIFT_NS + 2 * NS, "second")
    marks.add(SHIFT_NS + NS, "first, 中文")
    marks.add(SHIFT_NS + NS, "first again")
    again = Bookmarks(settings, line, SHIFT_NS)
    assert again.all == (
        Bookmark(SHIFT_NS + NS, "first again"),
        Bookmark(SHIFT_NS + 2 * NS, "second"),
    )
    again.remove(again.all[0])
    assert [mark.name for mark in Bookmarks(settings, line, SHIFT_NS).all] == ["second"]
    assert Bookmarks(settings, line, SHIFT_NS + NS).all == ()


def test_a_settings_file_that_was_edited_has_no_bookmarks(settings: Settings) -> None:
    line = load_line("small")
    settings.keep_word(f"bookmarks/{line.plant.id}-{SHIFT_NS}", '[["x", 1], 5')
    assert Bookmarks(settings, line, SHIFT_NS).all == ()


def test_keys_jump_from_event_to_event(qtbot: QtBot, show: Open) -> None:
    window = show(replay_session(5400))
    bar_of(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_Right, HELD)
    assert position_s(window) == 4 * 3600  # the break
    qtbot.keyClick(window, Qt.Key.Key_Right, HELD)
    assert position_s(window) == 21_000  # a failure
    qtbot.keyClick(window, Qt.Key.Key_Left, HELD)
    assert position_s(window) == 4 * 3600


def test_only_gaps_can_be_jumped_to(qtbot: QtBot, show: Open) -> None:
    window = show(replay_session(5400))
    bar = bar_of(window, qtbot)
    bar.jump_to.setCurrentIndex(JUMPS.index("gap"))
    bar.jump(-1)
    assert position_s(window) == 2400


def test_f4_and_a_time_go_back_there(qtbot: QtBot, show: Open) -> None:
    window = show(replay_session(5400))
    bar = bar_of(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_F4)
    qtbot.keyClicks(bar.go_to, "6:20")
    qtbot.keyClick(bar.go_to, Qt.Key.Key_Return)
    assert position_s(window) == 1200


def test_a_time_outside_of_the_log_is_said_in_place(qtbot: QtBot, show: Open) -> None:
    window = show(replay_session(5400))
    bar = bar_of(window, qtbot)
    bar.go_to.setText("23:10")
    qtbot.keyClick(bar.go_to, Qt.Key.Key_Return)
    assert bar.fault.isVisible()
    assert "23:10: no time of this log" in bar.fault.text()
    qtbot.keyClicks(bar.go_to, "1")
    assert not bar.fault.isVisible()


def test_a_moment_gets_a_name_and_is_gone_to(
    qtbot: QtBot, show: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show(replay_session(5400))
    bar = bar_of(window, qtbot)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("press stuck", True))
    qtbot.keyClick(window, Qt.Key.Key_B, HELD)
    assert [mark.name for mark in bar.bookmarks.all] == ["press stuck"]
    assert "press stuck" in bar.timeline.under(bar.timeline.x_of(SHIFT_NS + 5400 * NS))
    bar.step(1)
    actions = {action.text(): action for action in bar.bookmarks_menu().actions()}
    actions["07:30:00  press stuck"].trigger()
    assert position_s(window) == 5400
    bar.jump_to.setCurrentIndex(JUMPS.index(BOOKMARKS))
    bar._forget(bar.bookmarks.all[0])
    assert bar.bookmarks.all == ()


def test_the_pointer_says_what_happened(qtbot: QtBot, show: Open) -> None:
    bar = bar_of(show(replay_session(5400)), qtbot)
    said = bar.timeline.under(bar.timeline.x_of(SHIFT_NS + 2000 * NS))
    assert "B040 failed, 5:00 min" in said
    assert "No data from plc" in bar.timeline.under(bar.timeline.x_of(SHIFT_NS + 2500 * NS))
