"""Opens sessions on a thread, so that a slow disk or server never holds the screen."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.backend import OpenFailed

if TYPE_CHECKING:
    from ui.backend import MonitorSession


class Opener(QObject):
    """Opens sessions on a thread, so that a slow disk or server never holds the screen."""

    opened = Signal(object)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._thread: Thread | None = None

    @property
    def busy(self) -> bool:
        """Is something being opened?"""
        return self._thread is not None and self._thread.is_alive()

    def open(self, make: Callable[[], MonitorSession]) -> None:
        """Calls ``make`` on a thread; one at a time."""
        if not self.busy:
            self._thread = Thread(target=self._run, args=(make,), name="opener", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Waits for what is being opened."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, make: Callable[[], MonitorSession]) -> None:
        try:
            session = make()
        except OpenFailed as fault:
            self.failed.emit(str(fault))
        except Exception as fault:
            # Whatever a file or server does, the page stays usable and says what happened.
            self.failed.emit(f"{type(fault).__name__}: {fault}")
        else:
            self.opened.emit(session)
