"""The bar under every screen of a replay: play, step, speed, and where in the log we are.

That is where the snapshot is that all views show. The reader of the log may be ahead of it: at
high speed, and after a seek until everything up to there is booked again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from twin.snapshot import Gap, Snapshot
from ui import text, time_ticks, words
from ui.desk import Desk, Place
from ui.theme import font
from ui.widgets import paint
from ui.widgets.sheet import Choice, IconButton, Sheet, label
from ui.words import translate

if TYPE_CHECKING:
    from twin.session import Transport

NS = 1_000_000_000
SPEEDS: tuple[float | None, ...] = (
    *(0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0),
    None,
)
_STEPS_S = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400)


def step_s(span_ns: tuple[int, int]) -> int:
    """One step of the Left and Right keys [s]: about 500 of them make the log."""
    wish = (span_ns[1] - span_ns[0]) / NS / 500
    return next((step for step in _STEPS_S if step >= wish), _STEPS_S[-1])


class Timeline(Sheet):
    """The log as a strip: times, gaps, the part that was played; a click or drag seeks.

    A moment that was sought is marked by a hollow hand until the replay is there.
    """

    sought = Signal(object)  # UTC nanoseconds: too wide for Qt's int

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._span = (0, 1)
        self._position = 0
        self._sought: int | None = None
        self._held: int | None = None
        self._gaps: tuple[Gap, ...] = ()
        self.setFixedHeight(42)
        self.setMinimumWidth(260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(600, 42)

    def retranslate(self) -> None:
        """Says what the strip is."""
        self.setAccessibleName(translate("ReplayBar", "Timeline of the log"))

    def show_state(
        self, span: tuple[int, int], position: int, sought: int | None, gaps: Sequence[Gap]
    ) -> None:
        """Shows where the replay is, and where it goes."""
        new = (span, position, sought, tuple(gaps))
        if new != (self._span, self._position, self._sought, self._gaps):
            self._span, self._position, self._sought, self._gaps = new
            self.update()

    @property
    def goal(self) -> int | None:
        """Where a hand drags to, or what was sought; None: the replay is where it shall be."""
        return self._held if self._held is not None else self._sought

    def x_of(self, time_ns: int) -> float:
        """Where a moment lies [px]."""
        begin, end = self._span
        share = (time_ns - begin) / max(end - begin, 1)
        return 6 + min(max(share, 0.0), 1.0) * (self.width() - 12)

    def time_at(self, x: float) -> int:
        """The moment at a place."""
        begin, end = self._span
        share = min(max((x - 6) / max(self.width() - 12, 1), 0.0), 1.0)
        return begin + int(share * (end - begin))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self._held = self.time_at(event.position().x())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if self._held is not None:
            self._held = self.time_at(event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if self._held is not None:
            self._held, at = None, self.time_at(event.position().x())
            self.sought.emit(at)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Home and End; the rest belongs to the window."""
        if event.key() == Qt.Key.Key_Home:
            self.sought.emit(self._span[0])
        elif event.key() == Qt.Key.Key_End:
            self.sought.emit(self._span[1])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        bar = QRectF(6, 7, self.width() - 12, 10)
        painter.fillRect(bar, tokens.color("field"))
        here = self.x_of(self._position)
        painter.fillRect(QRectF(6, 7, here - 6, 10), tokens.color("accent", 90))
        for gap in self._gaps:
            begin, end = self.x_of(gap.from_ns), self.x_of(gap.to_ns or self._span[1])
            box = QRectF(begin, 7, max(end - begin, 2.0), 10)
            painter.fillRect(box, tokens.color("warn_soft"))
            paint.hatch(painter, box, tokens.color("warn"), 4)
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.drawRect(bar)
        self._marks(painter)
        if self.goal is not None:
            self._hand(painter, self.x_of(self.goal), hollow=True)
        self._hand(painter, here)
        painter.end()

    def _hand(self, painter: QPainter, x: float, *, hollow: bool = False) -> None:
        tokens = self.desk.tokens
        ink = tokens.color("ink")
        painter.setPen(QPen(tokens.color("accent") if self.hasFocus() else ink, 1 if hollow else 2))
        painter.drawLine(QPointF(x, 3), QPointF(x, 21))
        head = QRectF(x - 4, 3, 8, 6)
        painter.fillRect(head, tokens.color("panel") if hollow else ink)
        if hollow:
            painter.drawRect(head)

    def _marks(self, painter: QPainter) -> None:
        tokens = self.desk.tokens
        begin, end = self._span[0] / NS, self._span[1] / NS
        most = max(int(self.width() / 96), 2)
        for at, said in time_ticks.clock_marks(begin, end, most, self._place.zone):
            x = self.x_of(int(at * NS))
            painter.fillRect(QRectF(x, 17, 1, 4), tokens.color("rest"))
            wide = paint.width_of(said, font(12)) + 2
            left = min(max(x - wide / 2, 0), self.width() - wide)
            box = QRectF(left, 22, wide, 17)
            paint.write(painter, box, said, tokens.color("soft"), px=12, align=paint.CENTER)


class ReplayBar(QFrame):
    """Drives a transport."""

    def __init__(self, desk: Desk, place: Place, transport: Transport) -> None:
        super().__init__()
        self.setObjectName("foot")
        self._desk, self._place, self._transport = desk, place, transport
        self._step_s = step_s(transport.span_ns)
        self._shown_ns = transport.span_ns[0]
        self._gaps: tuple[Gap, ...] = ()
        self._sought: _Sought | None = None
        self.back = IconButton(desk, "back")
        self.play = IconButton(desk, "play")
        self.forward = IconButton(desk, "forward")
        self.speed = Choice(desk)
        self.timeline = Timeline(desk, place)
        self.when = label("head")
        self.date = label("soft")
        self._build()
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 12, 5)
        row.setSpacing(8)
        self.speed.setMinimumWidth(84)
        for button, act in (
            (self.back, self.step_back),
            (self.play, self.toggle),
            (self.forward, self.step_forward),
        ):
            button.clicked.connect(act)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        self.speed.activated.connect(self._set_speed)
        self.timeline.sought.connect(self._seek)
        row.addWidget(self.speed)
        row.addWidget(self.timeline, 1)
        clock = QVBoxLayout()
        clock.setSpacing(0)
        clock.addWidget(self.when)
        clock.addWidget(self.date)
        self.when.setMinimumWidth(86)
        row.addLayout(clock)

    def retranslate(self) -> None:
        """Sets every text."""
        step = words.duration(self._step_s)
        self.back.set_name(translate("ReplayBar", "Step back {step} (Left)").format(step=step))
        forward = translate("ReplayBar", "Step forward {step} (Right)")
        self.forward.set_name(forward.format(step=step))
        self.speed.setAccessibleName(translate("ReplayBar", "Replay speed"))
        self.speed.setToolTip(translate("ReplayBar", "Replay speed"))
        self._offer_speeds()
        self._show_play()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Takes up where the views are now, and the gaps found so far."""
        self._shown_ns, self._gaps = snapshot.time_ns, snapshot.gaps
        if self._sought is not None and self._sought.reached(snapshot.time_ns, self._step_s * NS):
            self._sought = None
        self.refresh()

    def refresh(self) -> None:
        """Shows how the replay stands."""
        sought = None if self._sought is None else self._sought.time_ns
        self.timeline.show_state(self._transport.span_ns, self._shown_ns, sought, self._gaps)
        self.when.setText(text.clock(self._shown_ns, self._place.zone))
        self.date.setText(text.moment(self._shown_ns, self._place.zone)[:10])
        if self._transport.speed != self.speed.currentData():
            self._offer_speeds()
        self._show_play()

    @property
    def ended(self) -> bool:
        """Do the views show the log's end?"""
        return self._shown_ns >= self._transport.span_ns[1] and self._sought is None

    def toggle(self) -> None:
        """Plays or pauses; at the end plays from the begin again."""
        if self.ended:
            self._seek(self._transport.span_ns[0])
            self._transport.play()
        elif self._transport.playing:
            self._transport.pause()
        else:
            self._transport.play()
        self.refresh()

    def step_forward(self) -> None:
        """One step on."""
        self.step(1)

    def step_back(self) -> None:
        """One step back."""
        self.step(-1)

    def step(self, sign: int) -> None:
        """One step on (1) or back (-1)."""
        begin, end = self._transport.span_ns
        here = self._shown_ns if self._sought is None else self._sought.time_ns
        self._seek(min(max(here + sign * self._step_s * NS, begin), end))

    def _seek(self, time_ns: int) -> None:
        self._sought = _Sought(time_ns, self._shown_ns)
        self._transport.seek(time_ns)
        self.refresh()

    def _set_speed(self, index: int) -> None:
        self._transport.set_speed(self.speed.itemData(index))

    def _offer_speeds(self) -> None:
        """The usual speeds, and the one that runs where it is none of them."""
        running = self._transport.speed
        speeds = sorted({*SPEEDS, running}, key=_slowest_first)
        self.speed.clear()
        for factor in speeds:
            self.speed.addItem(text.speed(factor, translate("ReplayBar", "max")), factor)
        self.speed.setCurrentIndex(speeds.index(running))

    def _show_play(self) -> None:
        playing = self._transport.playing and not self.ended
        self.play.set_icon("pause" if playing else "play")
        pause = translate("ReplayBar", "Pause (Space)")
        self.play.set_name(pause if playing else translate("ReplayBar", "Play (Space)"))


@dataclass(frozen=True, slots=True)
class _Sought:
    """A moment that was sought, from where; both in UTC nanoseconds."""

    time_ns: int
    from_ns: int

    def reached(self, shown_ns: int, step_ns: int) -> bool:
        """Is it shown, to within a step? What was shown before may still come once more."""
        return shown_ns >= self.time_ns - step_ns and shown_ns != self.from_ns


def _slowest_first(factor: float | None) -> float:
    return math.inf if factor is None else factor
