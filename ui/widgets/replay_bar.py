"""The bar under every screen of a replay: play, step, speed, and where in the log we are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from twin.snapshot import Gap, Snapshot
from ui import text, time_ticks
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
    """The log as a strip: times, gaps, the part that was played; a click or drag seeks."""

    sought = Signal(object)  # UTC nanoseconds: too wide for Qt's int

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._span = (0, 1)
        self._position = 0
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

    def show_state(self, span: tuple[int, int], position: int, gaps: Sequence[Gap]) -> None:
        """Shows where the replay is."""
        new = (span, position, tuple(gaps))
        if new != (self._span, self._position, self._gaps):
            self._span, self._position, self._gaps = new
            self.update()

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
            self._position = at
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
        position = self._held if self._held is not None else self._position
        bar = QRectF(6, 7, self.width() - 12, 10)
        painter.fillRect(bar, tokens.color("field"))
        here = self.x_of(position)
        painter.fillRect(QRectF(6, 7, here - 6, 10), tokens.color("accent", 90))
        for gap in self._gaps:
            begin, end = self.x_of(gap.from_ns), self.x_of(gap.to_ns or self._span[1])
            box = QRectF(begin, 7, max(end - begin, 2.0), 10)
            painter.fillRect(box, tokens.color("warn_soft"))
            paint.hatch(painter, box, tokens.color("warn"), 4)
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.drawRect(bar)
        self._marks(painter)
        painter.setPen(QPen(tokens.color("accent" if self.hasFocus() else "ink"), 2))
        painter.drawLine(QPointF(here, 3), QPointF(here, 21))
        painter.fillRect(QRectF(here - 4, 3, 8, 6), tokens.color("ink"))
        painter.end()

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
        for factor in SPEEDS:
            self.speed.addItem("", factor)
        self.speed.setCurrentIndex(_nearest(self._transport.speed))
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
        for i, factor in enumerate(SPEEDS):
            self.speed.setItemText(i, text.speed(factor, translate("ReplayBar", "max")))
        self._show_play()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Takes up the gaps found so far."""
        self.refresh(snapshot.gaps)

    def refresh(self, gaps: Sequence[Gap] | None = None) -> None:
        """Shows where the transport is."""
        transport = self._transport
        shown = self.timeline._gaps if gaps is None else gaps
        self.timeline.show_state(transport.span_ns, transport.position_ns, shown)
        self.when.setText(text.clock(transport.position_ns, self._place.zone))
        self.date.setText(text.moment(transport.position_ns, self._place.zone)[:10])
        self._show_play()

    def toggle(self) -> None:
        """Plays or pauses."""
        if self._transport.playing:
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
        to = self._transport.position_ns + sign * self._step_s * NS
        self._transport.seek(min(max(to, begin), end))
        self.refresh()

    def _seek(self, time_ns: int) -> None:
        self._transport.seek(time_ns)
        self.refresh()

    def _set_speed(self, index: int) -> None:
        self._transport.set_speed(SPEEDS[index])

    def _show_play(self) -> None:
        playing = self._transport.playing
        self.play.set_icon("pause" if playing else "play")
        pause = translate("ReplayBar", "Pause (Space)")
        self.play.set_name(pause if playing else translate("ReplayBar", "Play (Space)"))


def _nearest(factor: float | None) -> int:
    if factor is None:
        return len(SPEEDS) - 1
    known = [speed for speed in SPEEDS if speed is not None]
    return min(range(len(known)), key=lambda i: abs(known[i] - factor))
