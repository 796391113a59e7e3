"""Work that would hold the screen: done on threads, its outcome handed back to the screen's."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from PySide6.QtCore import QObject, Signal

from ui.trouble import Trouble


@dataclass(frozen=True, slots=True)
class _Outcome:
    take: Callable[[object], None]
    value: object


class Jobs(QObject):
    """The jobs of one session. Once ``dropped``, what they still come to is told to nobody."""

    troubled = Signal(object)  # a Trouble
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: list[Thread] = []
        self._waiting = 0  # for their outcomes
        self._dropped = False
        self._ended.connect(self._take)

    def run(
        self,
        name: str,
        work: Callable[[], object],
        done: Callable[[object], None],
        failed: Callable[[object], None] | None = None,
    ) -> None:
        """Calls ``work`` on a thread, then ``done`` with its result on the screen's.

        What ``work`` raises becomes a Trouble: for ``failed``, else for ``troubled``.
        """
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        wrong = self.troubled.emit if failed is None else failed
        job = Thread(target=self._work, args=(name, work, done, wrong), name=name, daemon=True)
        self._threads.append(job)
        self._waiting += 1
        job.start()

    def is_working(self) -> bool:
        """Is any outcome still on its way to the screens?"""
        return self._waiting > 0

    def drop(self) -> None:
        """From now on nobody listens."""
        self._dropped = True

    def wait(self) -> None:
        """Until all have ended; on a thread that may wait."""
        for thread in self._threads:
            thread.join()

    def _work(
        self,
        name: str,
        work: Callable[[], object],
        done: Callable[[object], None],
        failed: Callable[[object], None],
    ) -> None:
        try:
            outcome = _Outcome(done, work())
        except Exception as fault:
            outcome = _Outcome(failed, Trouble.of(name, fault, traceback.format_exc()))
        if not self._dropped:
            self._ended.emit(outcome)

    def _take(self, outcome: _Outcome) -> None:
        self._waiting -= 1
        if not self._dropped:
            outcome.take(outcome.value)
