"""Starts the monitor: one call for main.py.

run(backend)                                     the start page
run(backend, opening=session)                    a session at once
run(backend, opening=session, shot=Path("p.png"), shot_after_s=20)
                                                 a picture of it, then the end
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.backend import Backend, MonitorSession
from ui.desk import LANGUAGES, Desk
from ui.settings import Settings
from ui.window import Window

SIZE = (1366, 768)
SHOT_AFTER_S = 5.0
SETTLE_MS = 700
SIGNAL_TICK_MS = 250


def run(
    backend: Backend,
    *,
    opening: MonitorSession | None = None,
    language: str | None = None,
    theme_name: str | None = None,
    sized: tuple[int, int] | None = None,
    shot: Path | None = None,
    shot_after_s: float = SHOT_AFTER_S,
    close_after_s: float | None = None,
    settings: Settings | None = None,
) -> int:
    """Runs the monitor until its window is closed; gives the exit status.

    ``opening``: a session that was not yet started, shown at once; else the start page.
    ``language``: "en" or "zh"; None: as remembered, else as the system speaks.
    ``theme_name``: "light", "dark" or "contrast"; None: as remembered.
    ``sized``: the window's width and height [px]; None: as remembered, else 1366 x 768; a
    picture is always of that size.
    ``shot``: after ``shot_after_s`` [s] keeps a picture of the window (PNG) and closes it; with
    ``{screen}`` in the name, one of each screen. Status 3 when a picture cannot be written.
    A shot remembers nothing. ``close_after_s`` closes the window by itself [s]; so do Ctrl-C on
    the terminal and SIGTERM. Call it once in a process, from the main thread.
    """
    app = application()
    kept = settings if settings is not None else Settings()
    desk = Desk(kept if shot is None else Settings.forgetful(kept))
    desk.set_theme(theme_name or desk.settings.word("theme", "light"))
    desk.set_language(language or desk.settings.word("language", _system_language()))
    desk.troubles.listen()
    window = Window(desk, backend)
    # A picture is of the usual size, whatever the window was last.
    _size(window, desk, sized or (None if shot is None else SIZE))
    window.show()
    if opening is not None:
        window.watch(opening)
    else:
        window.preload()
    faults: list[str] = []
    if shot is not None:
        camera = Camera(window, shot, faults)
        QTimer.singleShot(int(shot_after_s * 1000), camera.begin)
    if close_after_s is not None:
        QTimer.singleShot(int(close_after_s * 1000), window.close)
    _close_on_signals(window)
    app.exec()
    window.close()
    window.deleteLater()
    app.processEvents()
    desk.troubles.leave()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 3 if faults else 0


def _close_on_signals(window: Window) -> None:
    """Ctrl-C and SIGTERM close the window in good order, at the next tick."""

    def close(number: int, frame: FrameType | None) -> None:
        QTimer.singleShot(0, window.close)

    if threading.current_thread() is threading.main_thread():
        # Python looks at signals only while it runs, and a still page runs none of it.
        tick = QTimer(window, interval=SIGNAL_TICK_MS)
        tick.timeout.connect(lambda: None)
        tick.start()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, close)


def application() -> QApplication:
    """The one application object, with our style and font."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Greenline")
    app.setStyle("Fusion")
    app.setFont(theme.font())
    return app


class Camera:
    """Keeps pictures of the window, screen by screen, then closes it."""

    def __init__(self, window: Window, path: Path, faults: list[str]) -> None:
        self._window, self._path, self._faults = window, path, faults
        self._left: list[str] = []

    def begin(self) -> None:
        """Takes the first picture."""
        workspace = self._window.workspace
        self._left = list(_screens(workspace is not None, "{screen}" in str(self._path)))
        self._next()

    def _next(self) -> None:
        if not self._left:
            self._window.close()
            return
        name = self._left.pop(0)
        if self._window.workspace is not None:
            self._window.workspace.show_screen(name)
            self._prepare(name)
        # A moment, so that every view has been served once.
        QTimer.singleShot(SETTLE_MS, lambda: self._take(name))

    def _prepare(self, name: str) -> None:
        """A vehicles screen is worth showing with a vehicle on it."""
        workspace = self._window.workspace
        snapshot = None if workspace is None else workspace.session.snapshot()
        if workspace is None or snapshot is None or name != "vehicles":
            return
        done = [
            v
            for v, at in zip(snapshot.vehicles.vehicle, snapshot.vehicles.completed_ns, strict=True)
            if at
        ]
        if done:
            workspace.show_vehicle(done[-1])

    def _take(self, name: str) -> None:
        workspace = self._window.workspace
        # What is worked out on threads comes onto the screen later: studies, and the report.
        if workspace is not None and (
            workspace.studies.is_working() or workspace.jobs.is_working()
        ):
            QTimer.singleShot(SETTLE_MS, lambda: self._take(name))
            return
        path = Path(str(self._path).replace("{screen}", name))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            self._faults.append(f"{path}: cannot be written: {fault.strerror}")
        else:
            if not self._window.grab().save(str(path), "PNG"):
                self._faults.append(f"{path}: cannot be written as a PNG picture")
        self._next()


def _screens(session: bool, each: bool) -> Sequence[str]:
    if not session:
        return ("start",)
    from ui.workspace import SCREENS

    return tuple(name for name, _ in SCREENS) if each else ("overview",)


def _system_language() -> str:
    name = QLocale.system().name()[:2]
    return name if name in LANGUAGES else "en"


def _size(window: Window, desk: Desk, sized: tuple[int, int] | None) -> None:
    geometry = desk.settings.geometry()
    if sized is not None:
        window.resize(*sized)
    elif geometry is None or not window.restoreGeometry(geometry):
        window.resize(*SIZE)
