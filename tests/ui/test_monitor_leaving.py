"""Leaving a session at any moment: the pointer on a plot, by key or button, before its data."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from tests.ui.hand_made import HandSession, live_session, replay_session, steel_session
from ui.widgets.power_chart import PowerChart
from ui.window import Window
from ui.workspace import SCREENS

MAKERS = (live_session, replay_session, steel_session)


def press_f12(window: Window) -> None:
    # Without a window manager a window that waits may lose its activation.
    window.activateWindow()
    QApplication.processEvents()
    QTest.keyClick(window, Qt.Key.Key_F12)


WAYS = {
    "key": press_f12,
    "button": lambda window: window.workspace.rail.buttons["start"].click(),
    "close": lambda window: window.close(),
    "another": lambda window: window.watch(live_session()),
}


def settle() -> None:
    for _ in range(5):
        QApplication.processEvents()


def point_at(widget: QWidget) -> None:
    """Puts the pointer on the middle of a widget, as a hand does."""
    window = widget.window()
    at = widget.mapTo(window, widget.rect().center())
    handle = window.windowHandle()
    assert handle is not None
    QCursor.setPos(handle.mapToGlobal(at))
    QTest.mouseMove(handle, at - QPoint(3, 3))
    QTest.mouseMove(handle, at)
    settle()


def gone(window: Window, session: HandSession) -> bool:
    return session.stopping.is_set() and (
        window.workspace is None or window.workspace.session is not session
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", MAKERS)
def test_a_session_can_be_left_with_the_pointer_on_its_plot(
    qtbot: QtBot, show: Open, make: type, way: str
) -> None:
    session = make()
    window = show(session)
    settle()
    charts = [c for c in window.findChildren(PowerChart) if c.isVisible()]
    point_at(charts[0])
    assert charts[0].underMouse()
    WAYS[way](window)
    settle()
    qtbot.waitUntil(lambda: gone(window, session))
    assert window.start_page.isVisible() == (way in ("key", "button"))


@pytest.mark.parametrize("name", [name for name, _ in SCREENS])
def test_every_screen_can_be_left_by_its_key(qtbot: QtBot, show: Open, name: str) -> None:
    session = live_session()
    window = show(session)
    assert window.workspace is not None
    window.workspace.show_screen(name)
    point_at(window.workspace.stack)
    press_f12(window)
    settle()
    qtbot.waitUntil(lambda: gone(window, session))
    assert window.start_page.isVisible()


@pytest.mark.parametrize("way", WAYS)
def test_a_session_can_be_left_while_it_connects(qtbot: QtBot, show: Open, way: str) -> None:
    session = live_session()
    session.shown = None
    window = show(session)
    settle()
    WAYS[way](window)
    settle()
    qtbot.waitUntil(lambda: gone(window, session))
