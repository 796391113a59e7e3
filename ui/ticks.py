"""One clock for every view: tiles at 4 Hz, charts at 2 Hz, the one in focus at 10 Hz.

A view never draws because data arrived; it is handed the newest snapshot on its beat, and only
when that one is new and the view can be seen. In a replay, where half a second may be a day of
the plant's, all views turn to the next snapshot together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer

from twin.snapshot import Snapshot

BEAT_MS = 50


class Rate(IntEnum):
    """How often a view is served, in beats."""

    FOCUS = 2  # 10 Hz
    TILES = 5  # 4 Hz
    CHARTS = 10  # 2 Hz


class View(Protocol):
    """What draws snapshots."""

    def isVisible(self) -> bool:  # noqa: N802 (a widget's own name)
        """Whether anybody could see it."""
        ...

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draws the line as this snapshot has it."""
        ...


@dataclass(slots=True)
class _Seat:
    view: View
    rate: Callable[[], Rate]
    serial: int | None = None


class TickBus(QObject):
    """Hands snapshots to views on their beats; ``pull`` gives the newest one or None.

    ``together``: a snapshot goes to all views in the same beat, at the rate of charts.
    """

    def __init__(
        self,
        pull: Callable[[], Snapshot | None],
        parent: QObject | None = None,
        *,
        together: bool = False,
    ) -> None:
        super().__init__(parent)
        self._pull = pull
        self._together = together
        self._seats: list[_Seat] = []
        self._beat = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.beat)

    def join(self, view: View, rate: Rate | Callable[[], Rate]) -> None:
        """Serves a view from now on; a rate that can change is given as a function."""
        chosen = rate if callable(rate) else lambda: rate
        self._seats.append(_Seat(view, (lambda: Rate.CHARTS) if self._together else chosen))

    def start(self) -> None:
        """Starts the beat."""
        self._timer.start()

    def stop(self) -> None:
        """Ends the beat; views keep what they show."""
        self._timer.stop()

    def beat(self) -> None:
        """One beat: serves the views whose turn it is."""
        self._beat += 1
        due = [seat for seat in self._seats if self._beat % seat.rate() == 0]
        if due:
            self._serve(due)

    def serve_now(self, *, again: bool = False) -> None:
        """Serves every view that can be seen, out of turn; ``again``: even the same snapshot."""
        if again:
            for seat in self._seats:
                seat.serial = None
        self._serve(self._seats)

    def _serve(self, seats: list[_Seat]) -> None:
        snapshot = self._pull()
        if snapshot is None:
            return
        for seat in seats:
            if seat.serial != snapshot.serial and seat.view.isVisible():
                seat.serial = snapshot.serial
                seat.view.show_snapshot(snapshot)
