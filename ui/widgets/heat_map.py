"""Energy of each place by hour: a row per place, darker where more was used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent

from ui import text
from ui.desk import Desk, Place
from ui.reduce import Floats
from ui.takeaway import Data
from ui.theme import font
from ui.time_ticks import clock_marks
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.words import translate

NS = 1_000_000_000
HOUR_S = 3600.0
ROW, HEAD, FIGURE_PX = 19, 20, 46
_MARK_PX = 84


class HeatMap(Chart):
    """Cells of mean power [kW]; the scale is each row's own or one for all."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone = place.zone
        self._names: tuple[str, ...] = ()
        self._hours: tuple[int, ...] = ()
        self._kwh: Floats = np.zeros((0, 0))

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(600, HEAD + ROW * max(len(self._names), 4))

    def show_hours(self, names: Sequence[str], hour_ns: Sequence[int], kwh: Floats) -> None:
        """Shows (places, hours) [kWh]; hours by their begin, UTC."""
        self._names, self._hours, self._kwh = tuple(names), tuple(hour_ns), kwh
        self.setMinimumHeight(HEAD + ROW * len(names))
        self.retranslate()
        self.update()

    def data(self) -> Data:
        """A row per place, a column per hour."""
        columns: dict[str, Sequence[object]] = {translate("Energy", "Place"): self._names}
        for i, at in enumerate(self._hours):
            columns[f"{text.moment(at, self._zone)[:16]} [kWh]"] = self._kwh[:, i].tolist()
        return Data("hours", columns)

    def retranslate(self) -> None:
        """The hour and the place with the most, in words."""
        said = translate("Energy", "Energy by place and hour, kWh")
        if self._kwh.size:
            row, column = divmod(int(self._kwh.argmax()), self._kwh.shape[1])
            most = translate("Energy", "most: {place} {when}")
            when = text.moment(self._hours[column], self._zone)[:16]
            said += "; " + most.format(place=self._names[row], when=when)
        self.setAccessibleName(said)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        at = event.position()
        self.tell(at.toPoint(), self._said(at.x(), at.y()))

    def _said(self, x: float, y: float) -> str:
        left, wide = self._left(), self._cell_px()
        row, column = int((y - HEAD) // ROW), int((x - left) // max(wide, 1e-9))
        if x < left or not (0 <= row < len(self._names) and 0 <= column < len(self._hours)):
            return ""
        when = text.moment(self._hours[column], self._zone)[:16]
        amount = text.with_unit(*text.energy(float(self._kwh[row, column])))
        return f"{self._names[row]}\n{when}  {amount}"

    def _left(self) -> float:
        names = max((paint.width_of(name, font(12)) for name in self._names), default=0.0)
        return min(names + 12, self.width() * 0.35)

    def _cell_px(self) -> float:
        return (self.width() - self._left() - FIGURE_PX - 14) / max(len(self._hours), 1)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        left, wide = self._left(), self._cell_px()
        most = float(self._kwh.max(initial=0.0)) or 1.0
        columns = _column_edges(len(self._hours), wide)
        for row, name in enumerate(self._names):
            y = HEAD + row * ROW
            box = QRectF(0, y, left - 10, ROW)
            paint.write(painter, box, name, tokens.color("ink"), px=12)
            for begin, end in columns:
                kwh = float(self._kwh[row, begin:end].mean())
                cell = QRectF(left + begin * wide, y + 1, (end - begin) * wide - 1, ROW - 2)
                painter.fillRect(cell, self._shade(kwh / most))
                if wide > 46:
                    ink = tokens.color("panel" if kwh / most > 0.45 else "ink")
                    said = text.number(kwh, 0)
                    paint.write(painter, cell, said, ink, px=12, align=paint.CENTER)
            whole = QRectF(self.width() - FIGURE_PX - 12, y, FIGURE_PX + 8, ROW)
            said = text.number(float(self._kwh[row].sum()), 0)
            paint.write(painter, whole, said, tokens.color("soft"), px=12, align=paint.RIGHT)
        self._axis(painter, left, wide)
        painter.end()

    def _shade(self, share: float) -> QColor:
        """From the field's colour to the dark grey of work, by its square root."""
        low, high = self.desk.tokens.color("field"), self.desk.tokens.color("work")
        part = min(max(share, 0.0), 1.0) ** 0.5
        mixed = [a + (b - a) * part for a, b in zip(_rgb(low), _rgb(high), strict=True)]
        return QColor(*(int(x) for x in mixed))

    def _axis(self, painter: QPainter, left: float, wide: float) -> None:
        if not self._hours:
            return
        tokens = self.desk.tokens
        y = 1
        begin = self._hours[0] / NS
        end = begin + len(self._hours) * HOUR_S
        most = max(int((self.width() - left) / _MARK_PX), 2)
        for at, said in clock_marks(begin, end, most, self._zone):
            x = left + (at - begin) / HOUR_S * wide
            long = paint.width_of(said, font(12)) + 2
            box = QRectF(min(max(x - long / 2, left), self.width() - long), y, long, 16)
            paint.write(painter, box, said, tokens.color("soft"), px=12, align=paint.CENTER)
        unit = QRectF(self.width() - FIGURE_PX - 12, y, FIGURE_PX + 8, 16)
        paint.write(painter, unit, "kWh", tokens.color("soft"), px=12, align=paint.RIGHT)


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()


def _column_edges(hours: int, wide: float) -> list[tuple[int, int]]:
    """Hours, or groups of them where one would be narrower than three pixels."""
    step = max(int(np.ceil(3 / max(wide, 1e-9))), 1) if wide < 3 else 1
    return [(i, min(i + step, hours)) for i in range(0, hours, step)]
