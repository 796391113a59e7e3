"""The carbon budget: what is left of it hour by hour, beside the target path."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF

from twin.budget import Budget
from ui import text
from ui.desk import Desk, Place
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.widgets.power_chart import nice_top
from ui.words import translate

LEFT, RIGHT, TOP, FOOT = 84, 12, 22, 20
LEVELS = 4


class BurnDown(Chart):
    """Left of the budget [kg CO2e]: the path falls to nothing at the end of the period."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone = place.zone
        self._budget: Budget | None = None
        self._from_ns = 0
        self.setMinimumHeight(150)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(500, 220)

    def show_budget(self, budget: Budget | None, from_ns: int) -> None:
        """Shows a budget that runs from a moment on [UTC ns]."""
        self._budget, self._from_ns = budget, from_ns
        self.retranslate()
        self.update()

    def left_kg(self) -> list[tuple[int, float, float]]:
        """(until UTC ns, due to be left, left) [kg], from the begin on."""
        budget = self._budget
        if budget is None:
            return []
        whole = budget.allowed_kg
        hours = [(h.until_ns, whole - h.allowed_kg, whole - h.used_kg) for h in budget.burn_down]
        return [(self._from_ns, whole, whole), *hours]

    def data(self) -> Data:
        """Hour by hour."""
        rows = self.left_kg()
        return Data(
            "budget",
            {
                translate("Kpis", "Until"): [text.moment(at, self._zone) for at, _, _ in rows],
                translate("Kpis", "path, kg CO₂e left"): [due for _, due, _ in rows],
                translate("Kpis", "kg CO₂e left"): [left for _, _, left in rows],
            },
        )

    def said(self) -> str:
        """How the budget stands, in one line."""
        budget = self._budget
        if budget is None:
            return translate("Kpis", "The line file has no target path.")
        left = budget.allowed_kg - budget.used_kg
        form = (
            translate("Kpis", "budget {allowed} kg CO₂e, used {used}: {left} left")
            if left >= 0
            else translate("Kpis", "budget {allowed} kg CO₂e, used {used}: ▲ {left} over it")
        )
        return form.format(
            allowed=text.number(budget.allowed_kg, 0),
            used=text.number(budget.used_kg, 0),
            left=text.number(abs(left), 0),
        )

    def retranslate(self) -> None:
        """The same for those who hear the screen."""
        self.setAccessibleName(translate("Kpis", "Carbon budget: ") + self.said())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        head = QRectF(0, 0, self.width(), 18)
        paint.write(painter, head, self.said(), tokens.color("soft"), px=12)
        rows = self.left_kg()
        values = [x for _, due, left in rows for x in (due, left) if math.isfinite(x)]
        if len(rows) > 1 and values:
            low, high = min(0.0, *values), max(values)
            box = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - FOOT)
            self._grid(painter, box, low, high)
            self._lines(painter, box, rows, low, high)
        painter.end()

    def _grid(self, painter: QPainter, box: QRectF, low: float, high: float) -> None:
        tokens = self.desk.tokens
        step = nice_top((high - low) / LEVELS)
        for i in range(math.ceil(low / step), math.floor(high / step) + 1):
            kg = i * step
            y = box.bottom() - (kg - low) / (high - low) * box.height()
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), tokens.color("grid"))
            place = QRectF(0, y - 8, LEFT - 6, 16)
            said = text.number(kg, 0)
            paint.write(painter, place, said, tokens.color("soft"), px=12, align=paint.RIGHT)
        zero = box.bottom() + low / (high - low) * box.height()
        painter.fillRect(QRectF(box.left(), zero, box.width(), 1), tokens.color("rest"))

    def _lines(
        self,
        painter: QPainter,
        box: QRectF,
        rows: list[tuple[int, float, float]],
        low: float,
        high: float,
    ) -> None:
        tokens = self.desk.tokens
        begin, end = rows[0][0], rows[-1][0]
        x = [box.left() + (at - begin) / max(end - begin, 1) * box.width() for at, _, _ in rows]
        scale = box.height() / (high - low)
        pens = (
            (1, QPen(tokens.color("accent"), 1, Qt.PenStyle.DashLine)),
            (2, QPen(tokens.color("work"), 2)),
        )
        names = (translate("Kpis", "target path"), translate("Kpis", "left"))
        for (column, pen), name in zip(pens, names, strict=True):
            known = [(a, row[column]) for a, row in zip(x, rows, strict=True)]
            points = [
                QPointF(a, box.bottom() - (kg - low) * scale)
                for a, kg in known
                if math.isfinite(kg)
            ]
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(points))
            self._name(painter, points[len(points) // 2], name)
        for at, place in zip(
            (rows[0][0], rows[-1][0]), (box.left() - 20, box.right()), strict=True
        ):
            said = text.clock_minute(at, self._zone)
            wide = paint.width_of(said, font(12)) + 2
            where = QRectF(min(place, self.width() - wide), box.bottom() + 3, wide, 16)
            paint.write(painter, where, said, tokens.color("soft"), px=12)

    def _name(self, painter: QPainter, at: QPointF, name: str) -> None:
        tokens = self.desk.tokens
        wide = paint.width_of(name, font(12)) + 6
        box = QRectF(at.x() + 6, at.y() - 17, wide, 16)
        painter.fillRect(box, tokens.color("panel", 200))
        paint.write(painter, box, name, tokens.color("ink"), px=12, align=paint.CENTER)
