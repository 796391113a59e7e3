"""Power in stacked parts over time, with a strip of the whole under it to choose a stretch.

Drag in the chart to look closer, drag the window in the strip, turn the wheel, or + and −; a
double click or 0 shows all. Columns that stand for several slots keep the total's extremes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)

from ui import text
from ui.desk import Desk, Place
from ui.reduce import Floats
from ui.takeaway import Data
from ui.theme import Tokens, font
from ui.time_ticks import clock_marks
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.widgets.power_chart import GRID, nice_top
from ui.words import translate

NS = 1_000_000_000
LEFT, RIGHT, TOP, AXIS, STRIP, BAND = 66, 12, 8, 20, 26, 7
_MARK_PX = 84
LEAST_SLOTS = 4  # the closest look


@dataclass(frozen=True)
class Stack:
    """What is drawn: names (parts,), kwh (parts, slots), hours (slots,), begins [UTC ns].

    ``bands`` (slots,): number of the tariff's band, -1 for none; ``band_names`` by number.
    """

    names: tuple[str, ...]
    hatched: frozenset[int]  # parts that nothing explains
    kwh: Floats
    hours: Floats
    begin_ns: Sequence[int]
    slot_ns: int
    bands: Sequence[int]
    band_names: tuple[str, ...]
    prices: Sequence[float]


def part_color(tokens: Tokens, number: int) -> QColor:
    """The colour of a part; from the ninth on paler."""
    color = QColor(tokens.series[number % len(tokens.series)])
    color.setAlpha(255 if number < len(tokens.series) else 130)
    return color


class StackChart(Chart):
    """A stack of mean power [kW]; ``ranged`` says that a stretch was chosen (slots)."""

    ranged = Signal(int, int)

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone = place.zone
        self._stack: Stack | None = None
        self._view: tuple[float, float] | None = None  # slots; None: all
        self._from: QPointF | None = None
        self._in_strip = False
        self._to_x = 0.0
        self.setMinimumHeight(150)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(700, 260)

    def show_stack(self, stack: Stack) -> None:
        """Shows a stack; a stretch that was chosen stays."""
        self._stack = stack
        self.retranslate()
        self.update()

    def view(self) -> tuple[float, float]:
        """The slots in view: first, and one after the last."""
        many = 0 if self._stack is None else self._stack.kwh.shape[1]
        return (0.0, float(many)) if self._view is None else self._view

    def look(self, begin: float, end: float) -> None:
        """Shows a stretch of slots."""
        if self._stack is None:
            return
        many = float(self._stack.kwh.shape[1])
        wide = min(max(end - begin, float(LEAST_SLOTS)), many)
        begin = min(max(begin, 0.0), many - wide)
        self._view = None if wide >= many else (begin, begin + wide)
        self.ranged.emit(*self.slots())
        self.retranslate()
        self.update()

    def slots(self) -> tuple[int, int]:
        """The whole slots in view."""
        begin, end = self.view()
        return round(begin), max(round(end), round(begin) + 1)

    def data(self) -> Data:
        """Mean power by part in each slot in view."""
        stack = self._stack
        if stack is None:
            return Data("power")
        begin, end = self.slots()
        inside = slice(begin, end)
        columns: dict[str, Sequence[object]] = {
            translate("Energy", "From"): [
                text.moment(ns, self._zone) for ns in list(stack.begin_ns)[inside]
            ]
        }
        power = _mean_kw(stack.kwh[:, inside], stack.hours[inside])
        for name, row in zip(stack.names, power, strict=True):
            columns[f"{name} [kW]"] = row.tolist()
        return Data("power", columns)

    def retranslate(self) -> None:
        """What is shown, in words."""
        if self._stack is None:
            return
        begin, end = self.slots()
        sums = self._stack.kwh[:, begin:end].sum(axis=1)
        said = "; ".join(
            f"{name} {text.with_unit(*text.energy(kwh))}"
            for name, kwh in zip(self._stack.names, sums.tolist(), strict=True)
        )
        self.setAccessibleName(translate("Energy", "Power in stacked parts, kW: ") + said)

    # --- by hand ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
            self._to_x = self._from.x()
            self._in_strip = self._from.y() >= self._strip().top()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        x = event.position().x()
        if self._from is None:
            self.tell(event.position().toPoint(), self._said(x))
        elif self._in_strip and self._view is not None:
            begin, end = self._view
            many = self.view_of_all()
            step = (x - self._to_x) / max(self._strip().width(), 1) * many
            self._to_x = x
            self.look(begin + step, end + step)
        else:
            self._to_x = x
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        start, self._from = self._from, None
        if start is None or (self._in_strip and self._view is not None):
            return
        ends = sorted((start.x(), event.position().x()))
        if ends[1] - ends[0] > 5:
            of = self._slot_in_strip if self._in_strip else self.slot_at
            self.look(of(ends[0]), of(ends[1]))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self._from = None
        self.look(0, self.view_of_all())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self._zoom(0.8 if event.angleDelta().y() > 0 else 1.25, self.slot_at(event.position().x()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """+ and − zoom, 0 shows all, Page Up and Down move by half a view."""
        begin, end = self.view()
        middle, half = (begin + end) / 2, (end - begin) / 2
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(0.7, middle)
            case Qt.Key.Key_Minus:
                self._zoom(1.4, middle)
            case Qt.Key.Key_0:
                self.look(0, self.view_of_all())
            case Qt.Key.Key_PageUp:
                self.look(begin - half, end - half)
            case Qt.Key.Key_PageDown:
                self.look(begin + half, end + half)
            case _:
                super().keyPressEvent(event)

    def _zoom(self, factor: float, around: float) -> None:
        begin, end = self.view()
        self.look(around - (around - begin) * factor, around + (end - around) * factor)

    def view_of_all(self) -> float:
        """How many slots there are."""
        return 0.0 if self._stack is None else float(self._stack.kwh.shape[1])

    # --- places -------------------------------------------------------------------------------

    def _box(self) -> QRectF:
        high = self.height() - TOP - AXIS - STRIP - 10
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, max(high, 20))

    def _strip(self) -> QRectF:
        return QRectF(LEFT, self.height() - STRIP - 2, self.width() - LEFT - RIGHT, STRIP)

    def slot_at(self, x: float) -> float:
        """The slot under a place of the chart."""
        begin, end = self.view()
        box = self._box()
        return begin + (x - box.left()) / max(box.width(), 1) * (end - begin)

    def x_of(self, slot: float) -> float:
        """Where a slot begins in the chart [px]."""
        begin, end = self.view()
        box = self._box()
        return box.left() + (slot - begin) / max(end - begin, 1e-9) * box.width()

    def _slot_in_strip(self, x: float) -> float:
        strip = self._strip()
        return (x - strip.left()) / max(strip.width(), 1) * self.view_of_all()

    # --- drawing ------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        stack = self._stack
        if stack is not None and stack.kwh.shape[1]:
            box = self._box()
            begin, end = self.view()
            edges = _edges(begin, end, int(box.width()))
            power = _grouped(stack, edges)
            top = nice_top(float(np.nansum(np.maximum(power, 0.0), axis=0).max()) * 1.05)
            self._grid(painter, box, top)
            self._stacked(painter, box, edges, power, top)
            self._extremes(painter, box, stack, edges, top)
            self._bands(painter, box, stack)
            self._axis(painter, box, stack)
            self._overview(painter, stack)
            self._rubber(painter, box)
        if self.hasFocus():
            painter.setPen(QPen(self.desk.tokens.color("accent"), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _grid(self, painter: QPainter, box: QRectF, top: float) -> None:
        tokens = self.desk.tokens
        for i in range(GRID + 1):
            y = box.bottom() - i / GRID * box.height()
            painter.fillRect(QRectF(box.left(), y, box.width(), 1), tokens.color("grid"))
            said = level_text(i * top / GRID, top, is_last=i == GRID)
            place = QRectF(0, y - 8, LEFT - 6, 16)
            paint.write(painter, place, said, tokens.color("soft"), px=12, align=paint.RIGHT)

    def _stacked(
        self, painter: QPainter, box: QRectF, edges: Floats, power: Floats, top: float
    ) -> None:
        """One polygon of steps for each part, the largest at the bottom."""
        assert self._stack is not None
        painter.save()
        painter.setClipRect(box)
        tokens = self.desk.tokens
        x = np.repeat([self.x_of(float(edge)) for edge in edges], 2)[1:-1]
        under = np.full(x.size, box.bottom())
        so_far = np.zeros(power.shape[1])
        for number, row in enumerate(power):
            so_far = so_far + np.maximum(row, 0.0)
            over = np.repeat(box.bottom() - so_far / top * box.height(), 2)
            outline = [QPointF(a, b) for a, b in zip(x, over, strict=True)]
            outline += [QPointF(a, b) for a, b in zip(x[::-1], under[::-1], strict=True)]
            polygon = QPolygonF(outline)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(part_color(tokens, number))
            if number in self._stack.hatched:
                painter.setBrush(QColor(tokens.field))
                painter.drawPolygon(polygon)
                painter.setBrush(Qt.BrushStyle.BDiagPattern)
            painter.drawPolygon(polygon)
            under = over
        painter.restore()

    def _extremes(
        self, painter: QPainter, box: QRectF, stack: Stack, edges: Floats, top: float
    ) -> None:
        """Where a column stands for several slots: from its least to its greatest total."""
        if edges.size > 1 and edges[1] - edges[0] <= 1.0:
            return
        total = _mean_kw(stack.kwh, stack.hours).sum(axis=0)[: int(edges[-1])]
        cuts = np.clip(edges[:-1].astype(np.int64), 0, total.size - 1)
        low, high = np.minimum.reduceat(total, cuts), np.maximum.reduceat(total, cuts)
        painter.setPen(QPen(self.desk.tokens.color("ink", 90), 1))
        for edge, a, b in zip(edges, low, high, strict=False):
            x = self.x_of(float(edge))
            y0, y1 = (box.bottom() - min(v / top, 1.0) * box.height() for v in (a, b))
            painter.drawLine(QPointF(x, y0), QPointF(x, y1))

    def _bands(self, painter: QPainter, box: QRectF, stack: Stack) -> None:
        """The tariff's bands as a thin strip under the chart, by their depth of grey."""
        begin, end = self.slots()
        inks = ("ink", "work", "rest", "calm")
        for slot in range(begin, min(end, len(stack.bands))):
            band = stack.bands[slot]
            if band < 0 or end - begin > 4 * box.width():
                continue
            x = self.x_of(slot)
            wide = self.x_of(slot + 1) - x
            place = QRectF(x, box.bottom() + 1, wide + 0.5, BAND - 2)
            painter.fillRect(place, self.desk.tokens.color(inks[band]))

    def _axis(self, painter: QPainter, box: QRectF, stack: Stack) -> None:
        tokens = self.desk.tokens
        first = stack.begin_ns[0] / NS
        slot_s = stack.slot_ns / NS
        begin, end = (first + slot * slot_s for slot in self.view())
        for at, said in clock_marks(begin, end, max(int(box.width() / _MARK_PX), 2), self._zone):
            x = self.x_of((at - first) / slot_s)
            painter.fillRect(QRectF(x, box.bottom(), 1, BAND), tokens.color("rest"))
            wide = paint.width_of(said, font(12)) + 2
            left = min(max(x - wide / 2, box.left() - 20), self.width() - wide)
            place = QRectF(left, box.bottom() + BAND, wide, 15)
            paint.write(painter, place, said, tokens.color("soft"), px=12, align=paint.CENTER)

    def _overview(self, painter: QPainter, stack: Stack) -> None:
        """The whole in the strip, and the window on it."""
        tokens, strip = self.desk.tokens, self._strip()
        many = self.view_of_all()
        edges = _edges(0.0, many, int(strip.width()))
        total = np.maximum(np.nansum(_grouped(stack, edges), axis=0), 0.0)
        top = float(total.max()) or 1.0
        painter.fillRect(strip, tokens.color("field"))
        x = np.repeat(strip.left() + edges / many * strip.width(), 2)[1:-1]
        y = np.repeat(strip.bottom() - total / top * (strip.height() - 3), 2)
        line = [QPointF(a, b) for a, b in zip(x, y, strict=True)]
        line += [strip.bottomRight(), strip.bottomLeft()]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.color("calm"))
        painter.drawPolygon(QPolygonF(line))
        begin, end = (strip.left() + slot / many * strip.width() for slot in self.view())
        painter.setBrush(tokens.color("accent", 40))
        painter.setPen(QPen(tokens.color("accent"), 1))
        painter.drawRect(QRectF(begin, strip.top(), end - begin, strip.height()))

    def _rubber(self, painter: QPainter, box: QRectF) -> None:
        if self._from is None or (self._in_strip and self._view is not None):
            return
        field = self._strip() if self._in_strip else box
        ends = sorted((self._from.x(), self._to_x))
        place = QRectF(ends[0], field.top(), ends[1] - ends[0], field.height())
        painter.fillRect(place, self.desk.tokens.color("accent", 60))

    def _said(self, x: float) -> str:
        """What lies under a place: the time, the total, its parts and the tariff."""
        stack = self._stack
        slot = int(self.slot_at(x))
        if stack is None or not 0 <= slot < stack.kwh.shape[1]:
            return ""
        kw = _mean_kw(stack.kwh[:, slot : slot + 1], stack.hours[slot : slot + 1])[:, 0]
        lines = [
            f"{text.moment(stack.begin_ns[slot], self._zone)[:16]}  {text.quantity(kw.sum(), 'kW')}"
        ]
        parts = zip(stack.names, kw.tolist(), strict=True)
        lines += [f"{name}  {text.quantity(value, 'kW')}" for name, value in parts if value]
        band = stack.bands[slot]
        if band >= 0:
            price = text.number(float(stack.prices[slot]), 4)
            lines.append(f"{stack.band_names[band]}  {price}")
        return "\n".join(lines)


def level_text(kw: float, top_kw: float, *, is_last: bool) -> str:
    """A mark of the upright axis; its unit stands once, at the upper end: MW from 10,000 kW on."""
    is_large = top_kw >= 10_000
    figure = kw / 1000 if is_large else kw
    said = text.number(figure, 0 if top_kw >= 40_000 or 10 <= top_kw < 10_000 else 1)
    return text.with_unit(said, "MW" if is_large else "kW") if is_last else said


def _mean_kw(kwh: Floats, hours: Floats) -> Floats:
    """Mean power in each slot; 0 where nothing was covered."""
    return np.divide(kwh, hours, out=np.zeros_like(kwh), where=hours > 0)


def _edges(begin: float, end: float, columns: int) -> Floats:
    """The edges of the columns drawn between two places [slots]: whole slots where these fit."""
    first, last = int(np.floor(begin)), int(np.ceil(end))
    many = last - first
    if many <= 2 * columns:
        return np.arange(first, last + 1, dtype=np.float64)
    return np.unique(np.linspace(first, last, columns + 1).astype(np.int64)).astype(np.float64)


def _grouped(stack: Stack, edges: Floats) -> Floats:
    """Mean power of each part in columns between edges, (parts, columns) [kW]."""
    cuts = edges.astype(np.int64)
    kwh = np.add.reduceat(stack.kwh[:, : cuts[-1]], cuts[:-1], axis=1)
    hours = np.add.reduceat(stack.hours[: cuts[-1]], cuts[:-1])
    return _mean_kw(kwh, hours)
