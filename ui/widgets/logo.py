"""The mark: a line of stations, one vehicle on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from ui.desk import Desk
from ui.widgets.sheet import Sheet


class Logo(Sheet):
    """Painted, so that it follows the theme."""

    def __init__(self, desk: Desk, px: int = 54) -> None:
        super().__init__(desk)
        self.setFixedSize(px, px)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self.desk.tokens
        unit = self.width() / 54
        painter.scale(unit, unit)
        painter.setPen(QPen(tokens.color("accent"), 5))
        painter.drawPolyline([QPointF(3, 40), QPointF(20, 40), QPointF(34, 16), QPointF(51, 16)])
        painter.setPen(QPen(tokens.color("ground"), 3))
        for x, y, token in ((3, 33, "work"), (20, 21, "accent"), (37, 9, "work")):
            painter.setBrush(tokens.color(token))
            painter.drawRoundedRect(QRectF(x - 1, y, 15, 14), 2, 2)
        painter.end()
