"""The names of a chart's curves, each with the line that it is drawn with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent

from ui.desk import Desk
from ui.theme import font
from ui.widgets import paint
from ui.widgets.power_chart import LEVELS_PX
from ui.widgets.sheet import Sheet

HEIGHT = 20


class Legend(Sheet):
    """The total, then the shown points, left to right."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._total = ""
        self._points: list[tuple[str, QColor | str]] = []
        self.setFixedHeight(HEIGHT)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(300, HEIGHT)

    def set_total(self, name: str) -> None:
        """What the sum is called."""
        self._total = name
        self.update()

    def show_points(self, points: Sequence[tuple[str, str]]) -> None:
        """Names and colours of the other curves."""
        self._points = list(points)
        self.setAccessibleName(", ".join([self._total, *(name for name, _ in points)]))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        x = float(LEVELS_PX)
        for name, color in [(self._total, tokens.accent), *self._points]:
            wide = paint.width_of(name, font(12)) + 2
            if x + 22 + wide > self.width():
                paint.write(painter, QRectF(x, 0, 20, HEIGHT), "…", tokens.color("soft"), px=12)
                break
            painter.fillRect(QRectF(x, HEIGHT / 2 - 1, 16, 2), QColor(color))
            paint.write(painter, QRectF(x + 22, 0, wide, HEIGHT), name, tokens.color("soft"), px=12)
            x += 22 + wide + 18
        painter.end()
