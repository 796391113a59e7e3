"""The mark: a line of stations, one vehicle on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
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
        painter.setPen(QPen(tokens.color("work"), 3.5))
        painter.drawPolyline([QPointF(2, 40), QPointF(18, 40), QPointF(36, 15), QPointF(52, 15)])
        painter.setPen(Qt.PenStyle.NoPen)
        for x, y, r, token in ((9, 40, 5, "work"), (27, 27.5, 8, "accent"), (45, 15, 5, "work")):
            painter.setBrush(tokens.color(token))
            painter.drawEllipse(QPointF(x, y), r + 2, r + 2)
        painter.end()
