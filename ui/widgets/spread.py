"""How the vehicles of each variant spread: quartiles, whiskers and outliers, that lead to them.

A box holds the middle half, its line the median; whiskers reach to the last vehicle within 1.5
boxes of it (Tukey); what lies beyond is an outlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from ui import text
from ui.desk import Desk
from ui.reduce import Floats
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.widgets.power_chart import GRID
from ui.words import translate

TUKEY = 1.5
TOP, FOOT, RIGHT, ROW = 22, 22, 16, 62


@dataclass(frozen=True)
class Group:
    """The vehicles of one variant: their numbers and values, (n,)."""

    name: str
    vehicles: tuple[str, ...]
    values: Floats

    def box(self) -> tuple[float, float, float, float, float]:
        """Lower whisker, quartile, median, quartile, upper whisker."""
        q1, q2, q3 = (float(q) for q in np.quantile(self.values, (0.25, 0.5, 0.75)))
        reach = TUKEY * (q3 - q1)
        inside = self.values[(self.values >= q1 - reach) & (self.values <= q3 + reach)]
        return float(inside.min()), q1, q2, q3, float(inside.max())

    def outliers(self) -> NDArray[np.int64]:
        """Which of them lie beyond the whiskers, (k,)."""
        low, _, _, _, high = self.box()
        return np.flatnonzero((self.values < low) | (self.values > high))


class Spread(Chart):
    """A box per variant; ``chosen`` gives the outlier that was clicked."""

    chosen = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._groups: tuple[Group, ...] = ()
        self._unit = ""
        self._marked: str | None = None

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(420, TOP + FOOT + ROW * max(len(self._groups), 1))

    def show_groups(self, groups: Sequence[Group], unit: str, marked: str | None) -> None:
        """Shows groups; ``marked`` is a vehicle whose place is shown too."""
        self._groups = tuple(group for group in groups if group.values.size)
        self._unit, self._marked = unit, marked
        self.setMinimumHeight(TOP + FOOT + ROW * max(len(self._groups), 1))
        self.retranslate()
        self.update()

    def data(self) -> Data:
        """The figures of each box, and its outliers."""
        columns: dict[str, list[object]] = {translate("Vehicles", "Variant"): []}
        heads = (
            *(translate("Vehicles", "Lower whisker"), translate("Vehicles", "Quartile 1")),
            *(translate("Vehicles", "Median"), translate("Vehicles", "Quartile 3")),
            translate("Vehicles", "Upper whisker"),
        )
        for group in self._groups:
            columns[translate("Vehicles", "Variant")].append(group.name)
            for head, value in zip(heads, group.box(), strict=True):
                columns.setdefault(f"{head} [{self._unit}]", []).append(value)
            names = ", ".join(group.vehicles[i] for i in group.outliers())
            columns.setdefault(translate("Vehicles", "Outliers"), []).append(names)
        return Data("distribution", columns)

    def retranslate(self) -> None:
        """Medians and outliers in words."""
        form = translate("Vehicles", "{name}: median {median}, outliers: {n}")
        said = "; ".join(
            form.format(
                name=group.name,
                median=text.number(group.box()[2], 1),
                n=len(group.outliers()),
            )
            for group in self._groups
        )
        head = translate("Vehicles", "Distribution by variant, {unit}").format(unit=self._unit)
        self.setAccessibleName(f"{head}: {said}")

    def outlier_place(self, vehicle: str) -> QPointF | None:
        """Where an outlier is drawn."""
        for row, group in enumerate(self._groups):
            for i in group.outliers().tolist():
                if group.vehicles[i] == vehicle:
                    return QPointF(self._x(float(group.values[i])), self._y(row))
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        found = self._under(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(found[0])
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        found = self._under(event.position())
        said = "" if found is None else f"{found[0]}\n{text.number(found[1], 2)} {self._unit}"
        self.tell(event.position().toPoint(), said)

    def _under(self, at: QPointF) -> tuple[str, float] | None:
        """The outlier within five pixels."""
        for row, group in enumerate(self._groups):
            if abs(at.y() - self._y(row)) > 8:
                continue
            outliers = group.outliers()
            far = [abs(self._x(float(group.values[i])) - at.x()) for i in outliers]
            if far and min(far) <= 5:
                i = int(outliers[int(np.argmin(far))])
                return group.vehicles[i], float(group.values[i])
        return None

    def _extent(self) -> tuple[float, float]:
        values = np.concatenate([group.values for group in self._groups])
        low, high = float(values.min()), float(values.max())
        room = (high - low) * 0.04 or max(abs(high) * 0.1, 1.0)
        return low - room, high + room

    def _x(self, value: float) -> float:
        low, high = self._extent()
        return 12 + (value - low) / (high - low) * (self.width() - 12 - RIGHT)

    def _y(self, row: int) -> float:
        """The middle of a row's box."""
        return TOP + row * ROW + 38

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        if self._groups:
            self._grid(painter)
            for row, group in enumerate(self._groups):
                self._row(painter, row, group)
        painter.end()

    def _grid(self, painter: QPainter) -> None:
        tokens = self.desk.tokens
        low, high = self._extent()
        for i in range(GRID + 1):
            value = low + (high - low) * i / GRID
            x = self._x(value)
            bottom = TOP + ROW * len(self._groups)
            painter.fillRect(QRectF(x, TOP, 1, bottom - TOP), tokens.color("grid"))
            said = text.number(value, 0 if high - low > 20 else 2)
            wide = paint.width_of(said, font(12)) + 2
            box = QRectF(min(max(x - wide / 2, 0), self.width() - wide), bottom + 2, wide, 16)
            paint.write(painter, box, said, tokens.color("soft"), px=12, align=paint.CENTER)
        head = translate("Vehicles", "Distribution by variant, {unit}").format(unit=self._unit)
        paint.write(painter, QRectF(0, 0, self.width(), 18), head, tokens.color("soft"), px=12)

    def _row(self, painter: QPainter, row: int, group: Group) -> None:
        tokens = self.desk.tokens
        low, q1, q2, q3, high = (self._x(value) for value in group.box())
        y = self._y(row)
        name = translate("Vehicles", "{name}  {n} vehicles, median {median}").format(
            name=group.name,
            n=text.number(group.values.size, 0),
            median=text.number(group.box()[2], 2),
        )
        box = QRectF(0, y - 32, self.width(), 18)
        paint.write(painter, box, name, tokens.color("ink"), px=12)
        painter.setPen(QPen(tokens.color("work"), 1))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        for x in (low, high):
            painter.drawLine(QPointF(x, y - 5), QPointF(x, y + 5))
        painter.fillRect(QRectF(q1, y - 9, max(q3 - q1, 1.0), 18), tokens.color("calm"))
        painter.drawRect(QRectF(q1, y - 9, max(q3 - q1, 1.0), 18))
        painter.fillRect(QRectF(q2 - 1, y - 9, 2, 18), tokens.color("ink"))
        painter.setPen(QPen(tokens.color("warn"), 1.5))
        for i in group.outliers():
            painter.drawEllipse(QPointF(self._x(float(group.values[i])), y), 3, 3)
        if self._marked in group.vehicles:
            x = self._x(float(group.values[group.vehicles.index(self._marked)]))
            painter.fillRect(QRectF(x - 1, y - 13, 3, 26), tokens.color("accent"))
