"""Bars side by side, with a line for the target where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from ui import text
from ui.desk import Desk
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.widgets.power_chart import GRID, nice_top
from ui.words import translate

LEFT, RIGHT, TOP, FOOT = 66, 10, 34, 20


class BarChart(Chart):
    """Values by name; None is a gap with a dash. ``chosen`` says which bar was clicked."""

    chosen = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._names: tuple[str, ...] = ()
        self._values: tuple[float | None, ...] = ()
        self._unit = ""
        self._target: float | None = None
        self._decimals = 1
        self._title = ""
        self.setMinimumHeight(130)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(500, 200)

    def show_values(
        self,
        title: str,
        names: Sequence[str],
        values: Sequence[float | None],
        unit: str,
        *,
        target: float | None = None,
        decimals: int = 1,
    ) -> None:
        """Shows values in a unit as it stands beside the figure."""
        self._title, self._names, self._values = title, tuple(names), tuple(values)
        self._unit, self._target, self._decimals = unit, target, decimals
        self.retranslate()
        self.update()

    def data(self) -> Data:
        """Names and values."""
        head = f"{self._title} [{self._unit}]"
        return Data("chart", {translate("Chart", "Of"): self._names, head: self._values})

    def retranslate(self) -> None:
        """The values in words."""
        bars = zip(self._names[:12], self._values, strict=False)
        said = "; ".join(f"{name} {text.number(value, self._decimals)}" for name, value in bars)
        self.setAccessibleName(f"{self._title}, {self._unit}: {said}")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        number = self._under(event.position().x())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(number)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        number = self._under(event.position().x())
        said = ""
        if number is not None:
            figure = text.number(self._values[number], self._decimals)
            said = f"{self._names[number]}\n{text.with_unit(figure, self._unit)}"
        self.tell(event.position().toPoint(), said)

    def _under(self, x: float) -> int | None:
        number = int((x - LEFT) // max(self._step(), 1e-9))
        return number if x >= LEFT and 0 <= number < len(self._values) else None

    def _step(self) -> float:
        return (self.width() - LEFT - RIGHT) / max(len(self._values), 1)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        known = [value for value in self._values if value is not None]
        said = f"{self._title}, {self._unit}" if self._unit else self._title
        head = QRectF(0, 0, self.width(), 18)
        paint.write(painter, head, said, self.desk.tokens.color("soft"), px=12)
        if known:
            box = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - FOOT)
            top = nice_top(max(*known, self._target or 0.0, 0.0) * 1.04)
            self._grid(painter, box, top)
            for number, value in enumerate(self._values):
                self._bar(painter, box, number, value, top)
            self._target_line(painter, box, top)
        painter.end()

    def _grid(self, painter: QPainter, box: QRectF, top: float) -> None:
        tokens = self.desk.tokens
        decimals = 0 if top >= 10 else 1 if top >= 1 else 2
        for i in range(GRID + 1):
            y = box.bottom() - i / GRID * box.height()
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), tokens.color("grid"))
            said = text.number(i * top / GRID, decimals)
            place = QRectF(0, y - 8, LEFT - 6, 16)
            paint.write(painter, place, said, tokens.color("soft"), px=12, align=paint.RIGHT)

    def _bar(
        self, painter: QPainter, box: QRectF, number: int, value: float | None, top: float
    ) -> None:
        tokens, step = self.desk.tokens, self._step()
        x = box.left() + number * step
        wide = min(step * 0.7, 48.0)
        if value is None:
            place = QRectF(x, box.bottom() - 18, step, 16)
            soft = tokens.color("soft")
            paint.write(painter, place, text.DASH, soft, px=12, align=paint.CENTER)
        else:
            high = max(value, 0.0) / top * box.height()
            bar = QRectF(x + (step - wide) / 2, box.bottom() - high, wide, high)
            painter.fillRect(bar, tokens.color("rest"))
            said = text.number(value, self._decimals)
            if paint.width_of(said, font(12)) < step:
                place = QRectF(x, bar.top() - 16, step, 16)
                paint.write(painter, place, said, tokens.color("ink"), px=12, align=paint.CENTER)
        self._name(painter, box, number)

    def _name(self, painter: QPainter, box: QRectF, number: int) -> None:
        """A name under its bar, as many of them as there is room for."""
        step = self._step()
        most = max((paint.width_of(name, font(12)) for name in self._names), default=0.0) + 6
        every = max(int(-(-most // step)), 1)
        if number % every:
            return
        wide = step * every
        x = box.left() + number * step - (wide - step) / 2 if every == 1 else number * step + LEFT
        place = QRectF(x, box.bottom() + 3, wide, 16)
        soft = self.desk.tokens.color("soft")
        align = paint.CENTER if every == 1 else paint.LEFT
        paint.write(painter, place, self._names[number], soft, px=12, align=align)

    def _target_line(self, painter: QPainter, box: QRectF, top: float) -> None:
        if self._target is None:
            return
        tokens = self.desk.tokens
        y = box.bottom() - self._target / top * box.height()
        painter.setPen(QPen(tokens.color("accent"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.left(), y, box.right(), y)
        target = text.number(self._target, self._decimals)
        said = translate("Chart", "target {value}").format(value=target)
        wide = paint.width_of(said, font(12)) + 8
        place = QRectF(box.right() - wide, y - 17, wide, 16)
        painter.fillRect(place, tokens.color("panel", 210))
        paint.write(painter, place, said, tokens.color("accent"), px=12, align=paint.CENTER)
