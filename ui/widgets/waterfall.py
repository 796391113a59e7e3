"""What a vehicle's energy is made of: station by station, then its shares, then the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from ui import text
from ui.desk import Desk
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.words import translate

ROW = 24
LEAST_ROW = 17  # where it is tight: a line of text, no more


@dataclass(frozen=True, slots=True)
class Step:
    """One step: kind "station", "share" or "total"; kwh may be negative."""

    name: str
    kwh: float
    kind: str


class Waterfall(Chart):
    """Steps as bars, each beginning where the one before ended; the total from zero."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._steps: tuple[Step, ...] = ()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(360, ROW * max(len(self._steps), 3) + 8)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Shows these; the same again cost nothing."""
        if tuple(steps) != self._steps:
            self._steps = tuple(steps)
            self.setMinimumHeight(LEAST_ROW * len(steps) + 8)
            said = "; ".join(f"{s.name} {text.number(s.kwh, 2)} kWh" for s in steps)
            self.setAccessibleName(translate("Waterfall", "Energy of the vehicle: ") + said)
            self.update()

    def data(self) -> Data:
        """The steps."""
        names = [step.name for step in self._steps]
        return Data(
            "waterfall",
            {translate("Waterfall", "Step"): names, "kWh": [step.kwh for step in self._steps]},
        )

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        names = max((paint.width_of(s.name, font(12)) for s in self._steps), default=0.0)
        left = min(names + 12, self.width() * 0.42)
        figures = [paint.width_of(text.number(s.kwh, 2), font(12, bold=True)) for s in self._steps]
        wide = max(figures, default=0.0) + 4
        room = self.width() - left - wide - 4
        low, high = _extent(self._steps)
        scale = room / (high - low) if high > low else 0.0
        zero = left - low * scale
        at = 0.0
        row = min((self.height() - 8) / max(len(self._steps), 1), ROW)
        for i, step in enumerate(self._steps):
            y = 4 + i * row
            total = step.kind == "total"
            if total:
                painter.fillRect(QRectF(0, y - 1, self.width(), 1), tokens.color("rule"))
                at = 0.0
            ink = tokens.color("ink" if total else "soft")
            name = QRectF(0, y, left - 10, row)
            paint.write(painter, name, step.name, ink, px=12, bold=total)
            begin, end = zero + at * scale, zero + (at + step.kwh) * scale
            bar = QRectF(min(begin, end), y + 5, max(abs(end - begin), 1.0), row - 10)
            painter.fillRect(bar, tokens.color(_FILLS[step.kind]))
            at += step.kwh
            if not total and i + 1 < len(self._steps):
                painter.setPen(QPen(tokens.color("rest"), 1))
                painter.drawLine(QPointF(end, y + row - 5), QPointF(end, y + row + 5))
            figure = QRectF(self.width() - wide, y, wide, row)
            said = text.number(step.kwh, 2)
            ink = tokens.color("ink")
            paint.write(painter, figure, said, ink, px=12, bold=total, align=paint.RIGHT)
        painter.end()


_FILLS = {"station": "work", "share": "rest", "total": "accent"}


def _extent(steps: Sequence[Step]) -> tuple[float, float]:
    low = high = at = 0.0
    for step in steps:
        at = step.kwh if step.kind == "total" else at + step.kwh
        low, high = min(low, at), max(high, at)
    return low, high
