from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import active_count

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication

from tests.ui.hand_made import HandBackend, HandSession
from ui import app
from ui.desk import Desk
from ui.settings import Settings
from ui.window import Window

Open = Callable[[HandSession | None], Window]


@pytest.fixture(scope="session")
def qapp_cls() -> type:
    return QApplication


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def desk(qapp: object, settings: Settings) -> Iterator[Desk]:
    app.application()
    desk = Desk(settings)
    desk.set_theme("light")
    desk.set_language("en")
    yield desk
    desk.set_language("en")


@pytest.fixture
def backend() -> HandBackend:
    return HandBackend()


@pytest.fixture
def show(qtbot: object, desk: Desk, backend: HandBackend) -> Iterator[Open]:
    """Opens a window of 1366 x 768 on a session; closed afterwards, with all its threads."""
    before = active_count()
    windows: list[Window] = []

    def opened(session: HandSession | None) -> Window:
        window = Window(desk, backend)
        windows.append(window)
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        QApplication.processEvents()
        if session is not None:
            window.watch(session)
            assert window.workspace is not None
            window.workspace.bus.serve_now()
        return window

    yield opened
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert active_count() == before, "a session's thread outlived its window"
