"""The load duration curve: for how long the power was at least so high."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF

from ui import text
from ui.desk import Desk
from ui.reduce import Floats
from ui.takeaway import Data
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.widgets.power_chart import GRID, nice_top
from ui.widgets.stack_chart import level_text
from ui.words import translate

LEFT, RIGHT, TOP, FOOT = 66, 14, 8, 36


class LoadCurve(Chart):
    """Mean power of the quarters of an hour, sorted [kW]."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._kw: Floats = np.zeros(0)
        self.setMinimumHeight(150)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(600, 220)

    def show_power(self, kw: Floats) -> None:
        """Shows mean powers in any order."""
        self._kw = np.sort(kw[np.isfinite(kw)])[::-1]
        self.retranslate()
        self.update()

    def data(self) -> Data:
        """Share of the time, and the power that was reached in it."""
        share = (np.arange(self._kw.size) + 1) * 100.0 / max(self._kw.size, 1)
        time = translate("Energy", "Share of the time %")
        return Data("load", {time: share.tolist(), "kW": self._kw.tolist()})

    def marks(self) -> list[tuple[str, float]]:
        """The greatest, the one reached half of the time, the least [kW]."""
        if not self._kw.size:
            return []
        return [
            (translate("Energy", "greatest"), float(self._kw[0])),
            (translate("Energy", "half of the time"), float(self._kw[self._kw.size // 2])),
            (translate("Energy", "always"), float(self._kw[-1])),
        ]

    def retranslate(self) -> None:
        """The marks in words."""
        said = "; ".join(f"{name} {text.quantity(kw, 'kW')}" for name, kw in self.marks())
        self.setAccessibleName(translate("Energy", "Load duration, kW: ") + said)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        share = (event.position().x() - LEFT) / max(self.width() - LEFT - RIGHT, 1)
        said = ""
        if self._kw.size and 0 <= share <= 1:
            kw = float(self._kw[min(int(share * self._kw.size), self._kw.size - 1)])
            form = translate("Energy", "{share} of the time at least {power}")
            said = form.format(share=text.percent(share, 0), power=text.quantity(kw, "kW"))
        self.tell(event.position().toPoint(), said)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        if self._kw.size:
            box = QRectF(
                LEFT, TOP, self.width() - LEFT - RIGHT, max(self.height() - TOP - FOOT, 20)
            )
            top = nice_top(float(self._kw[0]) * 1.02)
            self._grid(painter, box, top)
            self._curve(painter, box, top)
        painter.end()

    def _grid(self, painter: QPainter, box: QRectF, top: float) -> None:
        tokens = self.desk.tokens
        for i in range(GRID + 1):
            y = box.bottom() - i / GRID * box.height()
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), tokens.color("grid"))
            said = level_text(i * top / GRID, top, is_last=i == GRID)
            place = QRectF(0, y - 8, LEFT - 6, 16)
            paint.write(painter, place, said, tokens.color("soft"), px=12, align=paint.RIGHT)
            x = box.left() + i / GRID * box.width()
            place = QRectF(x - 24, box.bottom() + 2, 48, 16)
            share = text.percent(i / GRID, 0)
            paint.write(painter, place, share, tokens.color("soft"), px=12, align=paint.CENTER)
        said = translate("Energy", "share of the time, quarters of an hour")
        place = QRectF(box.left(), box.bottom() + 18, box.width(), 16)
        paint.write(painter, place, said, tokens.color("soft"), px=12, align=paint.CENTER)

    def _curve(self, painter: QPainter, box: QRectF, top: float) -> None:
        tokens = self.desk.tokens
        # Sorted, so that every nth value keeps the shape; the ends are always there.
        step = max(self._kw.size // max(int(box.width()), 1), 1)
        kw = np.append(self._kw[::step], self._kw[-1])
        x = np.append(np.arange(0, self._kw.size, step), self._kw.size) / self._kw.size
        points = [
            QPointF(box.left() + a * box.width(), box.bottom() - b / top * box.height())
            for a, b in zip(x, kw, strict=True)
        ]
        painter.setPen(QPen(tokens.color("accent"), 1))
        painter.setBrush(tokens.color("accent", 30))
        painter.drawPolygon(QPolygonF([box.bottomLeft(), *points, box.bottomRight()]))
