"""The palette: lists every key, finds stations, signals and vehicles."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from tests.ui.hand_made import live_session, vin
from ui.desk import Desk
from ui.help import keys
from ui.palette import Entry, Palette, matching
from ui.screens.vehicles import Vehicles
from ui.window import Window

CTRL = Qt.KeyboardModifier.ControlModifier


def opened(qtbot: QtBot, window: Window) -> Palette:
    qtbot.keyClick(window, Qt.Key.Key_K, CTRL)
    palettes = [p for p in window.findChildren(Palette) if p.isVisible()]
    assert len(palettes) == 1
    return palettes[0]


def test_it_lists_the_keys_and_does_what_they_do(qtbot: QtBot, show: Open) -> None:
    window = show(live_session())
    palette = opened(qtbot, window)
    listed = {entry.aside: entry.said for entry in palette.entries.shown}
    assert {"F1", "F2", "F12", "Esc", "Ctrl+K", "Ctrl+L"} <= set(listed)
    assert set(listed) <= {key for key, _ in keys()}
    qtbot.keyClicks(palette.search, "F11")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert window.workspace is not None
    assert window.workspace.current == "reports"


def test_every_key_of_the_window_is_in_the_list_of_help(show: Open) -> None:
    window = show(live_session())
    said = " ".join(key for key, _ in keys())
    arrows = {"Left": "←", "Right": "→", "Ctrl+Left": "Ctrl+←", "Ctrl+Right": "→"}
    same = {"Ctrl+Return": "Ctrl+Enter"}
    for key in window._acts:
        assert arrows.get(key, same.get(key, key)) in said, key


def test_a_station_a_signal_and_a_vehicle_are_found(qtbot: QtBot, show: Open) -> None:
    window = show(live_session(5400))
    workspace = window.workspace
    assert workspace is not None
    for typed, screen in (("respot", "overview"), ("b040.state", "signals"), (vin(17), "vehicles")):
        palette = opened(qtbot, window)
        qtbot.keyClicks(palette.search, typed)
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
        assert workspace.current == screen, typed
    vehicles = workspace.screens["vehicles"]
    assert isinstance(vehicles, Vehicles)
    assert vehicles.detail.vin.text() == vin(17)


def test_arrows_move_while_one_types_and_escape_closes(qtbot: QtBot, show: Open) -> None:
    window = show(live_session())
    palette = opened(qtbot, window)
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not [p for p in window.findChildren(Palette) if p.isVisible()]


def test_on_the_start_page_it_lists_the_keys_alone(qtbot: QtBot, show: Open, desk: Desk) -> None:
    desk.set_language("zh")
    window = show(None)
    palette = opened(qtbot, window)
    qtbot.keyClicks(palette.search, "B040")
    assert palette.entries.shown == []
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.reject()


def test_what_begins_with_the_typed_words_comes_first() -> None:
    rows = [Entry("P_B040.value", "", list), Entry("B040  Respot", "", list)]
    assert [e.said for e in matching(rows, "b040")] == ["B040  Respot", "P_B040.value"]
    assert matching(rows, "b040 respot") == [rows[1]]
