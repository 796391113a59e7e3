"""Figures that take longer than a frame: worked out on a thread, shown when they are there.

A screen asks with the snapshot that it shows and hears ``ready``. While one is worked out, newer
wishes take the place of older ones; a study never takes more than a quarter of the time.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

POLL_MS = 60
REST = 3.0  # times as long as the study took, before the same one again
Work = Callable[[], object]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A study that ended with a fault: in one line, and its traceback."""

    said: str
    detail: str


@dataclass(slots=True)
class _Desk:
    """One kind of study: what is wished for, what was found, and when it may begin anew."""

    key: Key | None = None
    work: Work | None = None
    found_key: Key | None = None
    found: object = None
    not_before_s: float = 0.0


class Studies(QObject):
    """The studies of one session; ``end`` (on any thread) once it is left."""

    ready = Signal(str)  # the name of a study

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = _Worker()
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._hear)

    def ask(self, name: str, key: Key, work: Work) -> None:
        """Wishes for a study; ``key`` says of what, so that the same is not done twice."""
        if self._worker.ask(name, key, work):
            self._poll.start()

    def of(self, name: str) -> object:
        """The newest result: what ``work`` gave, a Failed, or None before the first."""
        return self._worker.of(name)

    def busy(self, name: str) -> bool:
        """Is a newer one on its way?"""
        return self._worker.busy(name)

    def drop(self) -> None:
        """From now on nobody is told."""
        self._poll.stop()
        self._worker.stop()

    def end(self) -> None:
        """Waits for what is being worked out."""
        self._worker.join()

    def _hear(self) -> None:
        for name in self._worker.fresh():
            self.ready.emit(name)
        if not self._worker.waits_for_anything():
            self._poll.stop()


class _Worker:
    """The thread behind; it knows nothing of Qt and may outlive the screens by one study."""

    def __init__(self) -> None:
        self._desks: dict[str, _Desk] = {}
        self._fresh: list[str] = []
        self._changed = Condition()
        self._thread: Thread | None = None
        self._stopping = False

    def ask(self, name: str, key: Key, work: Work) -> bool:
        with self._changed:
            desk = self._desks.setdefault(name, _Desk())
            if self._stopping or key in (desk.key, desk.found_key if desk.key is None else None):
                return False
            desk.key, desk.work = key, work
            if self._thread is None:
                self._thread = Thread(target=self._run, name="studies", daemon=True)
                self._thread.start()
            self._changed.notify()
            return True

    def of(self, name: str) -> object:
        with self._changed:
            return self._desks[name].found if name in self._desks else None

    def busy(self, name: str) -> bool:
        with self._changed:
            return name in self._desks and self._desks[name].key is not None

    def fresh(self) -> list[str]:
        with self._changed:
            told, self._fresh = self._fresh, []
            return told

    def waits_for_anything(self) -> bool:
        with self._changed:
            return bool(self._fresh) or any(desk.key is not None for desk in self._desks.values())

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def join(self) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            name, key, work = task
            began = monotonic()
            found = _outcome(work)
            ended = monotonic()
            with self._changed:
                desk = self._desks[name]
                desk.found, desk.found_key = found, key
                desk.not_before_s = ended + REST * (ended - began)
                if desk.key == key:
                    desk.key = desk.work = None
                self._fresh.append(name)

    def _next(self) -> tuple[str, Key, Work] | None:
        """What is to be done now; waits for it. None at the end."""
        with self._changed:
            while not self._stopping:
                wait_s = None
                for name, desk in self._desks.items():
                    if desk.key is None or desk.work is None:
                        continue
                    left_s = desk.not_before_s - monotonic()
                    if left_s <= 0:
                        return name, desk.key, desk.work
                    wait_s = left_s if wait_s is None else min(wait_s, left_s)
                self._changed.wait(wait_s)
            return None


def _outcome(work: Work) -> object:
    try:
        return work()
    except Exception as fault:
        said = f"{fault}".strip().partition("\n")[0] or type(fault).__name__
        return Failed(said, traceback.format_exc())
