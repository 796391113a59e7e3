"""What goes wrong inside is shown with a report; the rest goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from threading import Thread

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open
from tests.ui.hand_made import HandSession, live_session
from ui.desk import Desk


@pytest.fixture
def listening(desk: Desk) -> Iterator[Desk]:
    """Listens as the program does; what Python would print is kept off the terminal."""
    before = (sys.excepthook, threading.excepthook)
    sys.excepthook = lambda *_: None
    threading.excepthook = lambda _: None
    desk.troubles.listen()
    yield desk
    desk.troubles.leave()
    sys.excepthook, threading.excepthook = before


def fail() -> None:
    raise ZeroDivisionError("the balance has no meters")


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_an_exception_in_a_thread_becomes_an_event_with_a_report(
    qtbot: QtBot, show: Open, listening: Desk
) -> None:
    window = show(live_session())
    Thread(target=fail, name="sequencer").start()
    qtbot.waitUntil(window.troubles.isVisible)
    assert "“sequencer”" in window.troubles.said.text()
    assert "the balance has no meters" in window.troubles.said.text()
    qtbot.mouseClick(window.troubles.copy, Qt.MouseButton.LeftButton)
    assert "ZeroDivisionError" in clipboard()
    assert "in fail" in clipboard()
    qtbot.keyClick(window, Qt.Key.Key_F10)
    assert window.workspace is not None
    assert window.workspace.current == "signals"
    qtbot.mouseClick(window.troubles.dismiss, Qt.MouseButton.LeftButton)
    assert not window.troubles.isVisible()


def test_several_are_counted_and_all_are_in_the_report(
    qtbot: QtBot, show: Open, listening: Desk
) -> None:
    window = show(live_session())
    for name in ("first", "second", "third"):
        job = Thread(target=fail, name=name)
        job.start()
        job.join()
    qtbot.waitUntil(lambda: "and 2 before it" in window.troubles.said.text())
    window.troubles.copy_report()
    assert all(f"in: {name}" in clipboard() for name in ("first", "second", "third"))


def test_an_exception_of_the_screen_itself_is_shown_too(show: Open, listening: Desk) -> None:
    window = show(None)
    try:
        fail()
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    assert window.troubles.isVisible()


def test_who_interrupts_is_no_trouble(show: Open, listening: Desk) -> None:
    window = show(None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not window.troubles.isVisible()


def test_a_job_that_fails_is_told(qtbot: QtBot, show: Open) -> None:
    window = show(live_session())
    assert window.workspace is not None
    window.workspace.jobs.run("tour", fail, lambda _: None)
    qtbot.waitUntil(window.troubles.isVisible)
    assert "“tour”" in window.troubles.said.text()


def test_a_log_whose_events_cannot_be_read_still_plays(qtbot: QtBot, show: Open) -> None:
    class Unreadable(HandSession):
        def moments(self) -> tuple[()]:
            raise OSError("the log's disk is gone")

    from tests.ui.hand_made import replay_session

    good = replay_session()
    session = Unreadable(good.line, good.shown, "replay", good.title, good.transport, ())
    window = show(session)
    qtbot.waitUntil(window.troubles.isVisible)
    assert "the log's disk is gone" in window.troubles.said.text()
    assert window.workspace is not None
    assert window.workspace.replay is not None
    window.workspace.replay.toggle()
    assert good.transport is not None
    assert not good.transport.playing


def test_what_ended_a_session_has_a_report(qtbot: QtBot, show: Open) -> None:
    session = live_session()
    window = show(session)
    session.failed = "the log's disk is full"
    assert window.workspace is not None
    window.workspace.pulse()
    assert window.workspace.copy_fault.isVisible()
    qtbot.mouseClick(window.workspace.copy_fault, Qt.MouseButton.LeftButton)
    assert "Traceback: the log's disk is full" in clipboard()
    assert session.title in clipboard()
