"""The main window: the start page, or a session; keys; what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui import words
from ui.backend import Backend
from ui.desk import Desk
from ui.screens.start import StartPage
from ui.widgets.trouble_bar import TroubleBar

if TYPE_CHECKING:
    from ui.backend import MonitorSession, Story
    from ui.widgets.replay_bar import ReplayBar
    from ui.workspace import Workspace


class Window(QMainWindow):
    """Owns the session that is watched: starts it, and stops it when it is left."""

    def __init__(self, desk: Desk, backend: Backend) -> None:
        super().__init__()
        self.desk = desk
        self.start_page = StartPage(desk, backend)
        self.workspace: Workspace | None = None
        self._ending: list[Thread] = []
        self._acts: dict[str, Callable[[], object]] = {}
        self._stack = QStackedWidget()
        self._stack.addWidget(self.start_page)
        self.troubles = TroubleBar(desk)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.troubles)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(middle)
        self.setMinimumSize(1100, 640)
        self.start_page.opened.connect(lambda session, _path, story: self.watch(session, story))
        self.start_page.language_asked.connect(desk.next_language)
        self.start_page.theme_asked.connect(desk.next_theme)
        self.start_page.help_asked.connect(self.show_help)
        self._keys()
        self._say_title()

    def watch(self, session: MonitorSession, story: Story | None = None) -> None:
        """Shows a session and starts it; the one before is stopped. ``story``: told as a tour."""
        # Late, so that the start page is painted before the plotting library is read.
        from ui.alarm_desk import AlarmDesk
        from ui.workspace import Workspace

        self._leave()
        alarms = AlarmDesk(session, self.desk.settings)
        session.start()
        workspace = Workspace(self.desk, session, alarms, story)
        workspace.left.connect(self.show_start)
        workspace.language_asked.connect(self.desk.next_language)
        workspace.theme_asked.connect(self.desk.next_theme)
        workspace.help_asked.connect(self.show_help)
        self.workspace = workspace
        self._stack.addWidget(workspace)
        self._stack.setCurrentWidget(workspace)
        workspace.pulse()
        workspace.bus.serve_now()
        workspace.stack.setFocus()
        self._say_title()

    def show_start(self) -> None:
        """Leaves the session for the start page."""
        self._leave()
        self.start_page.show_recent()
        self._stack.setCurrentWidget(self.start_page)
        self._say_title()

    def show_help(self) -> None:
        """Opens the help."""
        from ui.help import Help

        Help(self.desk, self).exec()

    def show_palette(self) -> None:
        """Opens the palette: all keys, and what can be found in the session."""
        from ui.help import keys
        from ui.palette import Entry, Palette

        commands = [Entry(does, key, self._acts[key]) for key, does in keys() if key in self._acts]
        things = [] if self.workspace is None else self.workspace.things()
        Palette(self.desk, commands, things, self).open()

    def preload(self) -> None:
        """Reads what a session will need, once the first page is on the screen."""
        QTimer.singleShot(150, _read_workspace)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self._say_title()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Qt's hook: nothing may outlive the window."""
        self.desk.settings.keep_geometry(self.saveGeometry())
        self.hide()
        self.start_page.wait()
        self._leave()
        for ending in self._ending:
            ending.join()
        self._ending.clear()
        super().closeEvent(event)

    def _leave(self) -> None:
        if self.workspace is not None:
            old, self.workspace = self.workspace, None
            # Out of sight first: what lies under the pointer is told so by Qt at once, and a
            # plot that is closed already could not answer.
            self._stack.setCurrentWidget(self.start_page)
            self._stack.removeWidget(old)
            old.shut()
            # A plant or a server may take its time to end; the screen does not wait for it.
            ending = Thread(target=partial(_end, old), name="ending a session")
            ending.start()
            self._ending.append(ending)
            old.deleteLater()

    def _say_title(self) -> None:
        if self.workspace is None:
            self.setWindowTitle("Greenline")
            return
        session = self.workspace.session
        name = self.desk.name(session.line.plant.names)
        self.setWindowTitle(f"{words.mode(session.mode)} · {name} · Greenline")

    def _keys(self) -> None:
        self._key("F1", self.show_help)
        for name, key in (
            ("overview", "F2"),
            ("kpis", "F3"),
            ("alarms", "F5"),
            ("energy", "F6"),
            ("losses", "F7"),
            ("vehicles", "F8"),
            ("signals", "F10"),
            ("reports", "F11"),
        ):
            self._key(key, partial(self._show, name))
        self._key("F12", self.show_start)
        self._key("Esc", lambda: self._with(lambda w: w.back()))
        self._key("Ctrl+K", self.show_palette)
        self._key("Ctrl+F", lambda: self._with(lambda w: w.start_finding()))
        self._key("Ctrl+E", lambda: self._with(lambda w: w.export()))
        self._key("Ctrl+Return", lambda: self._with(lambda w: w.acknowledge()))
        self._key("Ctrl+Enter", lambda: self._with(lambda w: w.acknowledge()))
        self._key("Ctrl+L", self.desk.next_language)
        self._key("Ctrl+T", self.desk.next_theme)
        self._key("Space", self._space)
        self._key("Left", lambda: self._step(-1))
        self._key("Right", lambda: self._step(1))
        self._key("Ctrl+Left", lambda: self._replay(lambda bar: bar.jump(-1)))
        self._key("Ctrl+Right", lambda: self._replay(lambda bar: bar.jump(1)))
        self._key("Ctrl+B", lambda: self._replay(lambda bar: bar.add_bookmark()))
        self._key("Ctrl+G", lambda: self._replay(lambda bar: bar.start_going()))
        self._key("F4", lambda: self._replay(lambda bar: bar.start_going()))

    def _key(self, keys: str, act: Callable[[], object]) -> None:
        self._acts[keys] = act
        QShortcut(QKeySequence(keys), self).activated.connect(act)

    def _with(self, act: Callable[[Workspace], object]) -> None:
        if self.workspace is not None:
            act(self.workspace)

    def _show(self, screen: str) -> None:
        self._with(lambda workspace: workspace.show_screen(screen))

    def _step(self, sign: int) -> None:
        self._replay(lambda bar: bar.step(sign))

    def _replay(self, act: Callable[[ReplayBar], object]) -> None:
        if self.workspace is not None and self.workspace.replay is not None:
            act(self.workspace.replay)

    def _space(self) -> None:
        """Presses the button in focus, as everywhere; else plays and pauses."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton):
            focus.click()
        elif self.workspace is not None and self.workspace.replay is not None:
            self.workspace.replay.toggle()


def _end(left: Workspace) -> None:
    left.session.stop()
    left.jobs.wait()
    left.studies.end()


def _read_workspace() -> None:
    import ui.workspace  # noqa: F401
