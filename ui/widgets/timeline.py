"""A log as a strip: times, what happened, gaps, bookmarks, and where in it we are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from twin.moments import BREAK, FAILED, GAP, SHIFT, Moment
from twin.snapshot import Gap
from ui import text, time_ticks, words
from ui.bookmarks import Bookmark
from ui.desk import Desk, Place
from ui.theme import font
from ui.widgets import paint
from ui.widgets.sheet import Sheet
from ui.words import translate

NS = 1_000_000_000
_TOP, _HIGH, _LANE, _WORDS = 10, 10, 5, 28  # [px] bar, its height, the failures under it, times
_NEAR_PX = 4


def moment_text(moment: Moment) -> str:
    """What a moment was, in a few words."""
    match moment.kind:
        case "failed":
            said = translate("ReplayBar", "{where} failed")
        case "gap":
            said = translate("ReplayBar", "No data from {where}")
        case "shift":
            return words.shift(moment.where)
        case _:
            return translate("ReplayBar", "Break")
    return said.format(where=moment.where)


class Timeline(Sheet):
    """A click or drag seeks; the pointer over a mark says what it is.

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
        self._moments: tuple[Moment, ...] = ()
        self._bookmarks: tuple[Bookmark, ...] = ()
        self.setMouseTracking(True)
        self.setFixedHeight(_WORDS + 18)
        self.setMinimumWidth(260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(600, _WORDS + 18)

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

    def show_marks(self, moments: Sequence[Moment], bookmarks: Sequence[Bookmark]) -> None:
        """Shows what happened, and what was given a name."""
        self._moments, self._bookmarks = tuple(moments), tuple(bookmarks)
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
        self.setToolTip(self.under(event.position().x()))

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

    def under(self, x: float) -> str:
        """What lies at a place: the time, and what happened there, a line each."""
        time_ns = self.time_at(x)
        reach = self.time_at(x + _NEAR_PX) - time_ns
        said = [text.clock(time_ns, self._place.zone)]
        said += [
            f"⚑ {mark.name}" for mark in self._bookmarks if abs(mark.time_ns - time_ns) <= reach
        ]
        for moment in self._moments:
            begin_ns, end_ns = moment.time_ns, moment.to_ns or self._span[1]
            if moment.kind != SHIFT and begin_ns - reach <= time_ns <= end_ns + reach:
                since = text.clock(begin_ns, self._place.zone)
                lasted = words.duration((end_ns - begin_ns) / NS)
                said.append(f"{since}  {moment_text(moment)}, {lasted}")
        return "\n".join(said)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        bar = QRectF(6, _TOP, self.width() - 12, _HIGH)
        painter.fillRect(bar, tokens.color("field"))
        here = self.x_of(self._position)
        self._plan(painter)
        painter.fillRect(QRectF(6, _TOP, here - 6, _HIGH), tokens.color("accent", 90))
        for from_ns, to_ns in self._gap_spans():
            box = self._box(from_ns, to_ns, _TOP, _HIGH)
            painter.fillRect(box, tokens.color("warn_soft"))
            paint.hatch(painter, box, tokens.color("warn"), 4)
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.drawRect(bar)
        self._failures(painter)
        self._times(painter)
        self._flags(painter)
        if self.goal is not None:
            self._hand(painter, self.x_of(self.goal), hollow=True)
        self._hand(painter, here)
        painter.end()

    def _gap_spans(self) -> list[tuple[int, int | None]]:
        """Those that were played, and those that the log tells of beforehand."""
        found = [(gap.from_ns, gap.to_ns) for gap in self._gaps]
        return found + [(m.time_ns, m.to_ns) for m in self._moments if m.kind == GAP]

    def _box(self, from_ns: int, to_ns: int | None, top: float, high: float) -> QRectF:
        begin, end = self.x_of(from_ns), self.x_of(to_ns or self._span[1])
        return QRectF(begin, top, max(end - begin, 2.0), high)

    def _plan(self, painter: QPainter) -> None:
        """Breaks as a grey field, a shift's begin as a line through the bar."""
        tokens = self.desk.tokens
        for moment in self._moments:
            if moment.kind == BREAK:
                box = self._box(moment.time_ns, moment.to_ns, _TOP, _HIGH)
                painter.fillRect(box, tokens.color("calm"))
            elif moment.kind == SHIFT:
                painter.fillRect(
                    QRectF(self.x_of(moment.time_ns), _TOP - 4, 1, _HIGH + 8), tokens.color("soft")
                )

    def _failures(self, painter: QPainter) -> None:
        """Each as a bar in the lane under the time that it lasted."""
        color = self.desk.tokens.color("alarm")
        for moment in self._moments:
            if moment.kind == FAILED:
                top = _TOP + _HIGH + 2
                painter.fillRect(self._box(moment.time_ns, moment.to_ns, top, _LANE), color)

    def _flags(self, painter: QPainter) -> None:
        painter.setPen(QPen(self.desk.tokens.color("accent"), 1.4))
        painter.setBrush(self.desk.tokens.color("accent"))
        for mark in self._bookmarks:
            x = self.x_of(mark.time_ns)
            painter.drawLine(QPointF(x, 1), QPointF(x, _TOP + _HIGH))
            flag = (QPointF(x, 1), QPointF(x + 8, 4), QPointF(x, 7))
            painter.drawPolygon(QPolygonF(flag))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _hand(self, painter: QPainter, x: float, *, hollow: bool = False) -> None:
        tokens = self.desk.tokens
        ink = tokens.color("ink")
        painter.setPen(QPen(tokens.color("accent") if self.hasFocus() else ink, 1 if hollow else 2))
        painter.drawLine(QPointF(x, 5), QPointF(x, _TOP + _HIGH + 4))
        head = QRectF(x - 4, 4, 8, 6)
        painter.fillRect(head, tokens.color("panel") if hollow else ink)
        if hollow:
            painter.drawRect(head)

    def _times(self, painter: QPainter) -> None:
        tokens = self.desk.tokens
        begin, end = self._span[0] / NS, self._span[1] / NS
        most = max(int(self.width() / 96), 2)
        for at, said in time_ticks.clock_marks(begin, end, most, self._place.zone):
            x = self.x_of(int(at * NS))
            painter.fillRect(QRectF(x, _WORDS - 4, 1, 4), tokens.color("rest"))
            wide = paint.width_of(said, font(12)) + 2
            left = min(max(x - wide / 2, 0), self.width() - wide)
            box = QRectF(left, _WORDS, wide, 17)
            paint.write(painter, box, said, tokens.color("soft"), px=12, align=paint.CENTER)
