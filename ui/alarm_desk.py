"""What the screens share of the alarms: what stands, what a person does about it, what is kept."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from twin.alarms import Action, AlarmView, Board, Deed, Entry
from ui.alarm_store import AlarmStore
from ui.settings import Settings

if TYPE_CHECKING:
    from ui.backend import MonitorSession

NS = 1_000_000_000
_ATTENDED = ("unacknowledged", "acknowledged", "returned")


class AlarmDesk(QObject):
    """The alarms of one session; made before it starts, so that it remembers in time.

    A replay does again what was done live, and keeps nothing: it is there to try things.
    """

    changed = Signal()  # by a person, at once

    def __init__(self, session: MonitorSession, settings: Settings) -> None:
        super().__init__()
        self._alarms = session.alarms
        self._store = AlarmStore(settings.folder(), session.line.plant.id)
        self._keeps = session.mode != "replay"
        self._who = _user()
        actions, self._earlier = self._store.read()
        self._alarms.remember(actions)
        self._kept = 0

    @property
    def board(self) -> Board:
        """How things stand."""
        return self._alarms.latest

    @property
    def trouble(self) -> str | None:
        """Why nothing is kept now, in one line."""
        return self._store.trouble

    def journal(self) -> tuple[Entry, ...]:
        """What happened, in earlier sessions too where this one is kept."""
        return (*self._earlier, *self.board.journal) if self._keeps else self.board.journal

    def matter(self, most: int) -> list[AlarmView]:
        """The alarms to attend to first."""
        return [alarm for alarm in self.board.alarms if alarm.state in _ATTENDED][:most]

    def counts(self) -> tuple[int, int]:
        """(not acknowledged, standing)."""
        alarms = self.board.alarms
        new = sum(alarm.state in ("unacknowledged", "returned") for alarm in alarms)
        return new, sum(alarm.state in ("unacknowledged", "acknowledged") for alarm in alarms)

    def act(self, key: str, deed: Deed, reason: str = "", for_s: float | None = None) -> bool:
        """Does it and keeps it; whether it changed anything. for_s: how long on the shelf [s]."""
        until_ns = None if for_s is None else self.board.time_ns + round(for_s * NS)
        done = self._alarms.act(Action(0, key, deed, self._who, reason, until_ns))
        if done is None:
            return False
        if self._keeps:
            self._store.keep_action(done)
            self.keep()
        self.changed.emit()
        return True

    def keep(self) -> None:
        """Keeps what happened since the last time."""
        journal = self.board.journal
        if self._keeps and len(journal) > self._kept:
            self._store.keep_entries(journal[self._kept :])
        self._kept = len(journal)


def _user() -> str:
    """Who works at this workstation."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user, as in a bare container
        return ""
