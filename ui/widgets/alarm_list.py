"""The five alarms that matter, on the overview: what, where, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from twin.alarms import AlarmView
from twin.snapshot import Snapshot
from ui import alarm_words, text
from ui.alarm_desk import AlarmDesk
from ui.desk import Desk, Place
from ui.theme import font
from ui.widgets import paint
from ui.widgets.sheet import Panel, label
from ui.words import translate

MOST = 5
HEIGHT = 36


class AlarmRow(QAbstractButton):
    """One alarm in two lines; a click leads to it."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__()
        self._desk, self._place = desk, place
        self.alarm: AlarmView | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        desk.look_changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(240, HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(120, HEIGHT)

    def show_alarm(self, alarm: AlarmView | None) -> None:
        """Shows an alarm, or nothing."""
        self.alarm = alarm
        self.setVisible(alarm is not None)
        if alarm is not None:
            says = (
                alarm_words.priority_word(alarm.rule.priority),
                *self._head(alarm),
                alarm_words.state(alarm.state),
                alarm_words.action(self._desk, alarm.rule),
            )
            self.setAccessibleName(", ".join(part for part in says if part))
            self.setToolTip(alarm_words.action(self._desk, alarm.rule))
            self.update()

    def _head(self, alarm: AlarmView) -> tuple[str, str]:
        source = alarm_words.source_name(self._desk, self._place.line, alarm.rule.source)
        return alarm_words.rule_name(self._desk, alarm.rule), source

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().focusInEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        alarm = self.alarm
        if alarm is None:
            return
        painter, tokens = QPainter(self), self._desk.tokens
        if self.hasFocus():
            painter.setPen(QPen(tokens.color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        tone = alarm_words.TONES[alarm.rule.priority] or "soft"
        new = alarm.state == "unacknowledged"
        shape = alarm_words.SHAPES[alarm.rule.priority]
        paint.write(painter, QRectF(4, 1, 16, 18), shape, tokens.color(tone), px=13)
        name, source = self._head(alarm)
        clock = text.clock_minute(alarm.raised_ns, self._place.zone)
        wide = paint.width_of(clock, font(12)) + 6
        ink, soft = tokens.color("ink"), tokens.color("soft")
        right = QRectF(self.width() - wide - 2, 1, wide, 18)
        paint.write(painter, right, clock, soft, px=12, align=paint.RIGHT)
        room = QRectF(22, 1, self.width() - wide - 28, 18)
        painter.setFont(font(13, bold=new))
        painter.setPen(ink)
        painter.drawText(room, paint.LEFT, _cut(name, 13, room.width(), bold=new))
        below = QRectF(22, 18, self.width() - 26, 16)
        painter.setFont(font(12))
        painter.setPen(soft)
        painter.drawText(below, paint.LEFT, _cut(source, 12, below.width()))
        painter.end()


def _cut(words: str, px: int, width: float, *, bold: bool = False) -> str:
    """A name that may be cut here: it stands whole on the alarms screen and in the tooltip."""
    face = font(px, bold=bold)
    return QFontMetricsF(face).elidedText(words, Qt.TextElideMode.ElideRight, width)


class AlarmsThatMatter(Panel):
    """A short list of what to attend to; calm where there is nothing."""

    chosen = Signal(str)

    def __init__(self, desk: Desk, place: Place, alarms: AlarmDesk) -> None:
        super().__init__()
        self._alarms = alarms
        self.setMinimumWidth(220)
        self.rows = [AlarmRow(desk, place) for _ in range(MOST)]
        self.none = label("soft")
        self.body.setSpacing(2)
        self.body.addWidget(self.none)
        for row in self.rows:
            row.clicked.connect(lambda _=False, row=row: self._choose(row))
            self.body.addWidget(row)
        self.body.addStretch(1)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().resizeEvent(event)
        self.show_alarms()

    def retranslate(self) -> None:
        """Sets every text."""
        self.title.setText(translate("Alarms", "To attend to"))
        self.none.setText(translate("Alarms", "Nothing calls for you."))
        self.show_alarms()

    def show_snapshot(self, _snapshot: Snapshot) -> None:
        """Shows what stands at a snapshot's moment."""
        self.show_alarms()

    def show_alarms(self) -> None:
        """Shows what stands."""
        shown = self._alarms.matter(self._room())
        for i, row in enumerate(self.rows):
            row.show_alarm(shown[i] if i < len(shown) else None)
        more = len(self._alarms.matter(10_000)) - len(shown)
        more_text = translate("Alarms", "{n} more").format(n=more)
        self.note.set_full(more_text if more else "")
        self.none.setVisible(not shown)

    def acknowledge(self) -> None:
        """Acknowledges the alarm whose row has the focus."""
        for row in self.rows:
            if row.hasFocus() and row.alarm is not None:
                self._alarms.act(row.alarm.rule.key, "acknowledge")

    def _room(self) -> int:
        """Rows that there is height for."""
        around = 46
        return max(1, min(MOST, (self.height() - around) // (HEIGHT + 2)))

    def _choose(self, row: AlarmRow) -> None:
        if row.alarm is not None:
            self.chosen.emit(row.alarm.rule.key)
