"""The Pareto: what cost most first, and how much of all the ones so far make up.

Bars are on the axis of their value, in its unit; the line is on its own, from 0 to 100 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF

from ui import text, words
from ui.desk import Desk
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.widgets.power_chart import nice_top
from ui.words import translate

ROW = 25
AXIS = 18
TOP = 2 * AXIS + 3  # the axes of the bars' value, and of the cumulative line
_SHARE_PX, _EVIDENCE_PX = 58, 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``shape`` is a state's shape, ``evidence`` how its value is known."""

    name: str
    value: float
    shape: str
    evidence: str


class Pareto(Chart):
    """Bars by size, the largest first; ``chosen`` says which was clicked, or walked to."""

    chosen = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._bars: tuple[Bar, ...] = ()
        self._whole = 0.0
        self._unit = ""
        self._decimals = 1
        self._selected = -1
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(560, TOP + ROW * max(len(self._bars), 4))

    def show_bars(self, bars: Sequence[Bar], whole: float, unit: str, decimals: int = 1) -> None:
        """Shows bars in this order; ``whole`` is the sum of them and of what is left out."""
        new = (tuple(bars), whole, unit, decimals)
        if new != (self._bars, self._whole, self._unit, self._decimals):
            self._bars, self._whole, self._unit, self._decimals = new
            self.setMinimumHeight(TOP + ROW * len(self._bars) + 4)
            self.retranslate()
            self.update()

    def select(self, row: int) -> None:
        """Marks a bar, without saying so."""
        if row != self._selected:
            self._selected = row
            self.update()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    def data(self) -> Data:
        """Name, value, share so far and evidence."""
        head = f"{translate('Losses', 'Loss')} [{self._unit}]"
        return Data(
            "losses",
            {
                translate("Losses", "Cause"): [bar.name for bar in self._bars],
                head: [bar.value for bar in self._bars],
                translate("Losses", "Share so far %"): [100 * x for x in self._cumulative()],
                translate("Losses", "Evidence"): [words.evidence(b.evidence) for b in self._bars],
            },
        )

    def retranslate(self) -> None:
        """The largest ones in words."""
        said = "; ".join(f"{b.name} {self._figure(b)} {self._unit}" for b in self._bars[:8])
        self.setAccessibleName(translate("Losses", "Losses, the largest first: ") + said)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(int((event.position().y() - TOP) // ROW))
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        row = int((event.position().y() - TOP) // ROW)
        if 0 <= row < len(self._bars):
            bar = self._bars[row]
            figure = text.with_unit(self._figure(bar), self._unit)
            self.tell(
                event.position().toPoint(),
                f"{bar.name}\n{figure}, {text.percent(self._share(bar))}\n"
                + words.evidence(bar.evidence),
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and Down walk from bar to bar."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(min(max(self._selected + step, 0), len(self._bars) - 1))

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._bars):
            self.select(row)
            self.chosen.emit(row)

    def _share(self, bar: Bar) -> float | None:
        return bar.value / self._whole if self._whole else None

    def _figure(self, bar: Bar) -> str:
        return text.number(bar.value, self._decimals)

    def _cumulative(self) -> list[float]:
        shares, so_far = [], 0.0
        for bar in self._bars:
            so_far += bar.value
            shares.append(so_far / self._whole if self._whole else 0.0)
        return shares

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        left, right = self._room()
        self._scale(painter, left, right)
        most = self._most()
        for row, bar in enumerate(self._bars):
            self._row(painter, row, bar, left, (right - left) * max(bar.value, 0.0) / most)
        self._line(painter, left, right)
        if self.hasFocus():
            painter.setPen(QPen(self.desk.tokens.color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _room(self) -> tuple[float, float]:
        """Where bars begin, and where the longest ends [px]."""
        names = max((paint.width_of(b.name, font(12)) for b in self._bars), default=0.0)
        figures = max((paint.width_of(self._figure(b), font(12)) for b in self._bars), default=0.0)
        left = min(names + 32, self.width() * 0.46)
        return left, self.width() - figures - _SHARE_PX - _EVIDENCE_PX - 14

    def _most(self) -> float:
        """The value at the right end of the bars' axis."""
        return nice_top(max((bar.value for bar in self._bars), default=0.0))

    def _scale(self, painter: QPainter, left: float, right: float) -> None:
        """Above, the axis of the bars, in their unit; below it, that of the line."""
        tokens = self.desk.tokens
        soft, accent = tokens.color("soft"), tokens.color("accent")
        most = self._most()
        decimals = 0 if most >= 10 else 2
        for share in (0.0, 0.5, 1.0):
            x = left + share * (right - left)
            painter.fillRect(QRectF(x, TOP - 3, 1, self.height() - TOP), tokens.color("grid"))
            painter.fillRect(QRectF(x - 1, TOP - 4, 3, 4), accent)
            value, percent = QRectF(x - 50, 0, 100, AXIS), QRectF(x - 24, AXIS, 48, AXIS)
            said = text.number(share * most, decimals)
            paint.write(painter, value, said, soft, px=12, align=paint.CENTER)
            said = text.percent(share, 0)
            paint.write(painter, percent, said, accent, px=12, align=paint.CENTER)
        unit = text.with_unit(text.number(self._whole, self._decimals), self._unit)
        said = translate("Losses", "all: {amount}").format(amount=unit)
        paint.write(painter, QRectF(0, 0, left * 0.6, AXIS), said, soft, px=12)
        beside = QRectF(left * 0.6, 0, left * 0.4 - 22, AXIS)
        paint.write(painter, beside, self._unit, soft, px=12, align=paint.RIGHT)
        said = translate("Losses", "share so far")
        beside = QRectF(0, AXIS, left - 22, AXIS)
        paint.write(painter, beside, said, accent, px=12, align=paint.RIGHT)

    def _row(self, painter: QPainter, row: int, bar: Bar, left: float, wide: float) -> None:
        tokens = self.desk.tokens
        y = TOP + row * ROW
        if row == self._selected:
            painter.fillRect(QRectF(0, y, self.width(), ROW), tokens.color("accent_soft"))
        ink, soft = tokens.color("ink"), tokens.color("soft")
        glyph = QRectF(4, y + 6, 12, 12)
        paint.state_glyph(painter, glyph, bar.shape, paint.state_color(tokens, bar.shape))
        paint.write(painter, QRectF(22, y, left - 30, ROW), bar.name, ink, px=12)
        fill = "accent" if row == self._selected else "rest"
        painter.fillRect(QRectF(left, y + 5, max(wide, 1.0), ROW - 10), tokens.color(fill))
        x = self.width() - _EVIDENCE_PX
        paint.evidence_glyph(painter, QRectF(x + 6, y + 8, 8, 8), bar.evidence, soft)
        share = QRectF(x - _SHARE_PX, y, _SHARE_PX, ROW)
        said = text.percent(self._share(bar))
        paint.write(painter, share, said, soft, px=12, align=paint.RIGHT)
        box = QRectF(x - _SHARE_PX - 110, y, 106, ROW)
        paint.write(painter, box, self._figure(bar), ink, px=12, align=paint.RIGHT)

    def _line(self, painter: QPainter, left: float, right: float) -> None:
        """How much of all the bars so far make up."""
        tokens = self.desk.tokens
        points = [
            QPointF(left + min(share, 1.0) * (right - left), TOP + row * ROW + ROW / 2)
            for row, share in enumerate(self._cumulative())
        ]
        painter.setPen(QPen(tokens.color("accent"), 1))
        painter.drawPolyline(QPolygonF(points))
        for point in points:
            painter.fillRect(QRectF(point.x() - 2, point.y() - 2, 4, 4), tokens.color("accent"))
