"""The line as a living drawing: lanes, stations by state, buffers by level, vehicles.

The lanes and ways are drawn once into a picture; a new snapshot repaints only the stations and
buffers that differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip

from data.line import Station
from twin.snapshot import BufferView, Snapshot, StationView
from ui import flow_grid, flow_layout, text, words
from ui.desk import Desk, Place
from ui.flow_grid import Cell
from ui.flow_layout import Box, Layout, Link
from ui.theme import font
from ui.variants import variant_forms
from ui.widgets import paint
from ui.widgets.sheet import Sheet
from ui.words import translate

FULL_W, FULL_H = 112.0, 104.0
MIDDLE_W, MIDDLE_H = 84.0, 56.0
SMALL_H = 34.0  # below it there is room for one line of text
BESIDE_ID = 24.0  # of the narrowest station: its strip, its edges, and the state's shape
NS = 1_000_000_000
_MARKS = "●▲■◆▼◗"


def cycle_s(station: Station, variant: str | None) -> float | None:
    """The planned cycle of a station for a variant [s]; None where the line file has none."""
    cycle = station.cycle_s
    if cycle is None or isinstance(cycle, int | float):
        return cycle
    return cycle.get(variant or "")


class Mimic(Sheet):
    """Draws any line; emits what was chosen by click or Enter."""

    vehicle_chosen = Signal(str)
    station_chosen = Signal(str)

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._grid = flow_grid.grid(place.line)
        self._layout: Layout | None = None
        self._back: QPixmap | None = None
        self._views: dict[str, StationView] = {}
        self._buffers: dict[tuple[str, str], BufferView] = {}
        self._time_ns = 0
        self._stale = False
        self._chosen: str | None = None
        self._stations = {station.id: station for station in place.line.stations}
        self._least_w = flow_layout.LEAST_W
        for id_ in self._stations:
            wide = paint.width_of(id_, font(12, bold=True)) + BESIDE_ID
            self._least_w = max(self._least_w, wide)
        self._mark = {v.id: _MARKS[i % len(_MARKS)] for i, v in enumerate(place.line.variants)}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 150)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        rows = 1 if self._grid is None else sum(_rows(cells) for _, cells in self._grid.lanes)
        lanes = 1 if self._grid is None else len(self._grid.lanes)
        return QSize(900, int(lanes * flow_layout.LANE_HEAD + min(rows, 5) * 158))

    def retranslate(self) -> None:
        """The drawing in words; names in the lanes are drawn anew."""
        self._back = None
        said = [self._said(view) for view in self._views.values()]
        name = self.desk.name(self._place.line.plant.names)
        self.setAccessibleName(translate("Mimic", "Line {name}").format(name=name))
        self.setAccessibleDescription("; ".join(said))

    def relook(self) -> None:
        """New colours: everything is drawn anew."""
        self._back = None
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Greys everything out while no data arrive."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Repaints what changed."""
        self._time_ns = snapshot.time_ns
        layout = self._laid_out()
        for view in snapshot.stations:
            old = self._views.get(view.station)
            if layout is not None and (old != view or view.state_since_ns is not None):
                self._views[view.station] = view
                self.update(_rect(layout.stations[view.station]))
        for buffer in snapshot.buffers:
            key = (buffer.from_station, buffer.to_station)
            if self._buffers.get(key) != buffer:
                self._buffers[key] = buffer
                self._update_links(key)

    def station_at(self, x: float, y: float) -> str | None:
        """The station drawn at a place."""
        layout = self._laid_out()
        if layout is None:
            return None
        inside = (i for i, b in layout.stations.items() if b.x <= x <= b.right)
        return next((i for i in inside if _within(layout.stations[i], y)), None)

    def box_of(self, station: str) -> Box:
        """Where a station is drawn."""
        layout = self._laid_out()
        assert layout is not None
        return layout.stations[station]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self._layout = self._back = None
        if self._grid is not None and event.size().width() != event.oldSize().width():
            least = self._placed(0.0).height
            self.setMinimumHeight(max(int(least), 150))
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Qt's hook, for tooltips."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            station = self.station_at(event.pos().x(), event.pos().y())
            view = self._views.get(station or "")
            QToolTip.showText(event.globalPos(), self._said(view) if view else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        over = self.station_at(event.position().x(), event.position().y())
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        station = self.station_at(event.position().x(), event.position().y())
        if station is not None:
            self.choose(station)
            self._open(station)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and Down go from station to station, Enter opens one.

        Left and Right stay with the replay.
        """
        ids = list(self._stations)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and ids:
            here = ids.index(self._chosen) if self._chosen in self._stations else -1
            self.choose(ids[max(0, min(len(ids) - 1, here + step))])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen:
            self._open(self._chosen)
        else:
            super().keyPressEvent(event)

    def choose(self, station: str) -> None:
        self._chosen = station
        view = self._views.get(station)
        if view is not None:
            self.setAccessibleDescription(self._said(view))
        self.update()

    def _open(self, station: str) -> None:
        view = self._views.get(station)
        if view is not None and view.vehicle:
            self.vehicle_chosen.emit(view.vehicle)
        else:
            self.station_chosen.emit(station)

    def _said(self, view: StationView) -> str:
        station = self._stations[view.station]
        since = self._since_s(view)
        parts = [
            f"{view.station} {self.desk.name(station.names)}",
            words.state(view.state) + ("" if since is None else f" {words.duration(since)}"),
            view.vehicle or "",
            "" if view.variant is None else self._variant_forms(view.variant)[0],
            text.quantity(view.power_kw, "kW") if view.power_kw is not None else "",
            text.with_unit(*text.energy(view.energy_kwh)) if view.energy_kwh is not None else "",
        ]
        return ", ".join(part for part in parts if part)

    def _variant_forms(self, variant: str) -> tuple[str, ...]:
        return variant_forms(self.desk, self._place.line, variant)

    def _since_s(self, view: StationView) -> float | None:
        since = view.state_since_ns
        return None if since is None else max(self._time_ns - since, 0) / NS

    def _laid_out(self) -> Layout | None:
        if self._layout is None and self._grid is not None:
            self._layout = self._placed(self.height())
        return self._layout

    def _placed(self, height: float) -> Layout:
        assert self._grid is not None
        return flow_layout.place(self._grid, self.width(), height, self._least_w)

    @property
    def _small(self) -> bool:
        """Are the stations drawn too small for words?"""
        box = self._any_box()
        return box is not None and (box.w < MIDDLE_W or box.h < MIDDLE_H)

    @property
    def _tiny(self) -> bool:
        """Are they so low that one line of text is all?"""
        box = self._any_box()
        return box is not None and box.h < SMALL_H

    def _any_box(self) -> Box | None:
        layout = self._laid_out()
        return next(iter(layout.stations.values())) if layout is not None else None

    def _update_links(self, key: tuple[str, str]) -> None:
        layout = self._laid_out()
        if layout is None:
            return
        for link in layout.links:
            if (link.edge.from_station, link.edge.to_station) == key:
                x, y = link.buffer
                self.update(int(x) - 34, int(y) - 60, 68, 120)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        layout = self._laid_out()
        painter = QPainter(self)
        if layout is not None:
            painter.drawPixmap(0, 0, self._background(layout))
            dirty = event.region()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._stale:
                painter.setOpacity(0.45)
            for link in layout.links:
                x, y = link.buffer
                if dirty.intersects(QRect(int(x) - 34, int(y) - 60, 68, 120)):
                    self._draw_buffer(painter, link)
            for station, box in layout.stations.items():
                if dirty.intersects(_rect(box)):
                    self._draw_station(painter, station, box)
            if self._stale:
                painter.setOpacity(1.0)
                self._draw_stale(painter)
        painter.end()

    def _draw_stale(self, painter: QPainter) -> None:
        said = "▲ " + translate("Mimic", "no fresh data: this is how it was last seen")
        box = QRectF(self.width() * 0.4, 5, self.width() * 0.6 - 14, 18)
        warn = self.desk.tokens.color("warn")
        paint.write(painter, box, said, warn, px=12, bold=True, align=paint.RIGHT)

    def _background(self, layout: Layout) -> QPixmap:
        if self._back is None:
            ratio = self.devicePixelRatioF()
            self._back = QPixmap(self.size() * ratio)
            self._back.setDevicePixelRatio(ratio)
            self._back.fill(self.desk.tokens.color("panel"))
            painter = QPainter(self._back)
            self._draw_lanes(painter, layout)
            for link in layout.links:
                self._draw_way(painter, link)
            self._draw_ends(painter, layout)
            painter.end()
        return self._back

    def _draw_lanes(self, painter: QPainter, layout: Layout) -> None:
        tokens = self.desk.tokens
        names = {shop.id: shop.names for shop in self._place.line.workshops}
        for lane in layout.lanes:
            box = lane.box
            if box.y:
                painter.fillRect(QRectF(box.x, box.y, box.w, 1), tokens.color("rule"))
            if box.x:
                painter.fillRect(QRectF(box.x, box.y, 1, box.h), tokens.color("rule"))
            name = self.desk.name(names[lane.workshop]) if lane.workshop in names else lane.workshop
            head = QRectF(box.x + 14, box.y + 3, box.w - 28, 17)
            paint.write(painter, head, name, tokens.color("soft"), px=12, bold=True)

    def _draw_way(self, painter: QPainter, link: Link) -> None:
        tokens = self.desk.tokens
        pen = QPen(tokens.color("rest"), 1.5)
        if link.back:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        points = [QPointF(*point) for point in link.path]
        painter.drawPolyline(points)
        painter.setPen(QPen(tokens.color("rest"), 1.5))
        paint.chevron(painter, points[-1], -90.0 if link.back else 0.0, 6)

    def _draw_ends(self, painter: QPainter, layout: Layout) -> None:
        """Where vehicles enter and leave the line."""
        forward = [link.edge for link in layout.links if not link.back]
        fed = {edge.to_station for edge in forward}
        drained = {edge.from_station for edge in forward}
        moving = fed | drained
        reach = 14 if self._small else 26
        painter.setPen(QPen(self.desk.tokens.color("rest"), 1.5))
        for station in moving:
            box = layout.stations[station]
            y = box.middle[1]
            if station not in fed and box.x >= 12:
                painter.drawLine(QPointF(max(box.x - reach, 2), y), QPointF(box.x, y))
                paint.chevron(painter, QPointF(box.x, y), 0, 6)
            if station not in drained:
                end = QPointF(min(box.right + reach, self.width() - 2), y)
                painter.drawLine(QPointF(box.right, y), end)
                paint.chevron(painter, end, 0, 6)

    def _draw_buffer(self, painter: QPainter, link: Link) -> None:
        if link.edge.capacity <= 0 or link.back:
            return
        buffer = self._buffers.get((link.edge.from_station, link.edge.to_station))
        held = () if buffer is None else buffer.vehicles
        x, y = link.buffer
        if self._small:
            high = 18.0 if self._tiny else 22.0
            bar = QRectF(x - 3, y - high / 2, 6, high)
            self._draw_level(painter, bar, link.edge.capacity, len(held))
            return
        if link.edge.capacity <= 4:
            self._draw_slots(painter, x, y, link.edge.capacity, held)
        else:
            self._draw_level(painter, QRectF(x - 8, y - 27, 16, 54), link.edge.capacity, len(held))
        count = f"{len(held)}/{link.edge.capacity}"
        high = 9 * min(link.edge.capacity, 4) + 6 if link.edge.capacity <= 4 else 28
        soft = self.desk.tokens.color("soft")
        box = QRectF(x - 20, y + high + 1, 40, 15)
        paint.write(painter, box, count, soft, px=12, align=paint.CENTER)

    def _draw_slots(
        self, painter: QPainter, x: float, y: float, capacity: int, held: tuple[str, ...]
    ) -> None:
        tokens = self.desk.tokens
        top = y - 9.0 * capacity
        painter.fillRect(QRectF(x - 16, top - 3, 32, 18 * capacity + 4), tokens.color("panel"))
        for i in range(capacity):
            slot = QRectF(x - 15, top + 18 * (capacity - 1 - i), 30, 16)
            painter.setPen(QPen(tokens.color("rule"), 1))
            painter.setBrush(tokens.color("field"))
            painter.drawRect(slot)
            if i < len(held):
                painter.fillPath(
                    paint.carrier_path(slot.adjusted(4, 3, -4, -3)),
                    tokens.color("work"),
                )

    def _draw_level(self, painter: QPainter, bar: QRectF, capacity: int, held: int) -> None:
        tokens = self.desk.tokens
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.setBrush(tokens.color("field"))
        painter.drawRect(bar)
        level = bar.height() * min(held / capacity, 1.0)
        fill = QRectF(bar.x() + 1, bar.bottom() - level, bar.width() - 1, level)
        painter.fillRect(fill, tokens.color("rest"))

    def _draw_station(self, painter: QPainter, station: str, box: Box) -> None:
        view = self._views.get(station) or _nothing_known(station)
        tokens = self.desk.tokens
        area = QRectF(box.x, box.y, box.w, box.h)
        tone = paint.ABNORMAL.get(view.state)
        painter.fillRect(area, tokens.color(f"{tone}_soft" if tone else "field"))
        if view.state in ("unknown", "off"):
            paint.hatch(painter, area, tokens.color("grid"), 8)
        strip = paint.state_color(tokens, view.state)
        painter.fillRect(QRectF(box.x, box.y, 5, box.h), strip)
        edge = tokens.color(tone or "rule")
        if station == self._chosen and self.hasFocus():
            edge, tone = tokens.color("accent"), "accent"
        painter.setPen(QPen(edge, 2 if tone else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
        inner = area.adjusted(13, 6, -8, -6)
        if box.w >= FULL_W and box.h >= FULL_H:
            self._draw_full(painter, view, inner)
        elif box.w >= MIDDLE_W and box.h >= MIDDLE_H:
            self._draw_middle(painter, view, inner)
        elif box.h >= SMALL_H:
            self._draw_small(painter, view, area.adjusted(9, 2, -4, -2))
        else:
            self._draw_tiny(painter, view, area.adjusted(9, 0, -3, 0))

    def _draw_full(self, painter: QPainter, view: StationView, box: QRectF) -> None:
        tokens = self.desk.tokens
        station = self._stations[view.station]
        x, y, w = box.x(), box.y(), box.width()
        paint.write(painter, QRectF(x, y, w, 17), view.station, tokens.color("ink"), bold=True)
        if view.variant:
            taken = paint.width_of(view.station, font(13, bold=True)) + 8
            self._draw_variant(painter, view.variant, QRectF(x + taken, y, w - taken, 17))
        name = self.desk.name(station.names)
        paint.write(painter, QRectF(x, y + 17, w, 17), name, tokens.color("soft"), px=12)
        middle = y + box.height() * 0.5
        if view.vehicle:
            car = QRectF(x, middle - 9, 30, 13)
            painter.fillPath(paint.carrier_path(car), paint.state_color(tokens, view.state))
            vin = QRectF(x + 36, middle - 11, w - 36, 17)
            paint.write(painter, vin, text.short_vin(view.vehicle), tokens.color("ink"), px=12)
        self._draw_state(painter, view, QRectF(x, box.bottom() - 43, w, 18))
        self._draw_cycle(painter, view, QRectF(x, box.bottom() - 22, w, 3))
        power = text.quantity(view.power_kw, "kW")
        foot = QRectF(x, box.bottom() - 16, w, 17)
        paint.write(painter, foot, power, tokens.color("ink"), px=12, align=paint.RIGHT)
        done = translate("Mimic", "{n} done").format(n=view.vehicles_done)
        done_box = foot.adjusted(0, 0, -paint.width_of(power, font(12)) - 4, 0)
        if paint.width_of(done, font(12)) <= done_box.width():
            paint.write(painter, done_box, done, tokens.color("soft"), px=12)

    def _draw_variant(self, painter: QPainter, variant: str, box: QRectF) -> None:
        """The variant's mark, with the longest of its names that has room."""
        mark = self._mark.get(variant, "○")
        said = [f"{mark} {form}" for form in self._variant_forms(variant)]
        fits = (name for name in said if paint.width_of(name, font(12)) <= box.width())
        soft = self.desk.tokens.color("soft")
        paint.write(painter, box, next(fits, mark), soft, px=12, align=paint.RIGHT)

    def _draw_state(self, painter: QPainter, view: StationView, box: QRectF) -> None:
        tokens = self.desk.tokens
        tone = paint.ABNORMAL.get(view.state)
        color = tokens.color(tone or "ink")
        glyph = QRectF(box.x(), box.y() + 4, 10, 10)
        paint.state_glyph(painter, glyph, view.state, paint.state_color(tokens, view.state))
        since = self._since_s(view)
        clock = "" if since is None else text.stopwatch(since)
        wide = paint.width_of(clock, font(12)) + 4
        word = box.adjusted(17, 0, 0, 0)
        said = words.state(view.state)
        if paint.width_of(said, font(12, bold=tone is not None)) + wide <= word.width():
            soft = tokens.color(tone or "soft")
            paint.write(painter, box, clock, soft, px=12, align=paint.RIGHT)
        paint.write(painter, word, said, color, px=12, bold=tone is not None)

    def _draw_cycle(self, painter: QPainter, view: StationView, box: QRectF) -> None:
        """How far the vehicle is, against the planned cycle; over it, a notch and amber."""
        tokens = self.desk.tokens
        planned = cycle_s(self._stations[view.station], view.variant)
        since = self._since_s(view)
        painter.fillRect(box, tokens.color("grid"))
        if view.state != "processing" or not planned or since is None:
            return
        share = since / planned
        over = share > 1.15
        done = QRectF(box.x(), box.y(), box.width() * min(share, 1.0), box.height())
        painter.fillRect(done, tokens.color("warn" if over else "rest"))
        if over:
            notch = QRectF(box.right() - 5, box.y() - 3, 5, 9)
            painter.fillRect(notch, tokens.color("warn"))

    def _draw_middle(self, painter: QPainter, view: StationView, box: QRectF) -> None:
        tokens = self.desk.tokens
        x, y, w = box.x(), box.y() - 2, box.width()
        paint.write(
            painter, QRectF(x, y, w, 16), view.station, tokens.color("ink"), px=12, bold=True
        )
        if view.variant:
            taken = paint.width_of(view.station, font(12, bold=True)) + 6
            self._draw_variant(painter, view.variant, QRectF(x + taken, y, w - taken, 16))
        self._draw_state(painter, view, QRectF(x, y + 17, w, 18))
        power = text.quantity(view.power_kw, "kW")
        foot = QRectF(x, box.bottom() - 14, w, 16)
        paint.write(painter, foot, power, tokens.color("ink"), px=12, align=paint.RIGHT)
        if view.vehicle:
            car = QRectF(x, box.bottom() - 12, 22, 10)
            painter.fillPath(paint.carrier_path(car), paint.state_color(tokens, view.state))

    def _draw_small(self, painter: QPainter, view: StationView, box: QRectF) -> None:
        """Two lines: id and variant, then shape, carrier and, where there is room, power."""
        tokens = self.desk.tokens
        half = box.height() / 2
        ink = tokens.color(paint.ABNORMAL.get(view.state, "ink"))
        top = QRectF(box.x(), box.y(), box.width(), half)
        paint.write(painter, top, view.station, ink, px=12, bold=True)
        taken = paint.width_of(view.station, font(12, bold=True)) + 6
        if view.variant and box.width() - taken > 14:
            self._draw_variant(painter, view.variant, top.adjusted(taken, 0, 0, 0))
        middle = box.y() + half * 1.5
        strip = paint.state_color(tokens, view.state)
        paint.state_glyph(painter, QRectF(box.x(), middle - 4.5, 9, 9), view.state, strip)
        if view.vehicle:
            car = QRectF(box.x() + 14, middle - 4.5, 20, 9)
            painter.fillPath(paint.carrier_path(car), strip)
        power = text.quantity(view.power_kw, "kW")
        room = QRectF(box.x() + 38, middle - 8, box.width() - 38, 16)
        if paint.width_of(power, font(12)) <= room.width():
            paint.write(painter, room, power, tokens.color("ink"), px=12, align=paint.RIGHT)

    def _draw_tiny(self, painter: QPainter, view: StationView, box: QRectF) -> None:
        """One line: id and shape, and a carrier where there is room."""
        tokens = self.desk.tokens
        ink = tokens.color(paint.ABNORMAL.get(view.state, "ink"))
        paint.write(painter, box, view.station, ink, px=12, bold=True)
        middle = box.y() + box.height() / 2
        strip = paint.state_color(tokens, view.state)
        glyph = QRectF(box.right() - 9, middle - 4, 8, 8)
        paint.state_glyph(painter, glyph, view.state, strip)
        taken = paint.width_of(view.station, font(12, bold=True)) + 5
        if view.vehicle and box.width() - taken > 34:
            car = QRectF(box.x() + taken, middle - 4.5, 20, 9)
            painter.fillPath(paint.carrier_path(car), strip)


def _nothing_known(station: str) -> StationView:
    return StationView(station, "unknown", None, None, None, None, None, 0, None)


def _rows(cells: Mapping[str, Cell]) -> int:
    return max(cell.row for cell in cells.values()) + 1


def _rect(box: Box) -> QRect:
    return QRect(int(box.x) - 2, int(box.y) - 2, int(box.w) + 5, int(box.h) + 5)


def _within(box: Box, y: float) -> bool:
    return box.y <= y <= box.bottom
