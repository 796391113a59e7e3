"""Power over time: the total and chosen metering points, from seconds to years.

Live, the axis counts back from now and never moves; replayed, it shows the plant's clock and can
be dragged and zoomed. Curves are brought down to columns of pixels before they are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout

from twin.snapshot import Gap, PowerSeries, Snapshot
from ui import takeaway, text, words
from ui.desk import Desk, Place
from ui.reduce import Curve, Envelope, Floats
from ui.takeaway import Data
from ui.theme import font
from ui.ticks import Rate
from ui.time_ticks import ago_marks, clock_marks
from ui.widgets import paint
from ui.widgets.sheet import Sheet
from ui.words import translate

NS = 1_000_000_000
TOTAL = ""  # the curve of the sum, beside the points' ids
WINDOWS_S = {"10min": 600.0, "1h": 3600.0, "shift": 8 * 3600.0}
GRID = 4  # fields between the level lines
LEVELS_PX = 72  # of the upright axis, for 12,000 kW
_MARK_PX = 84


class PowerChart(Sheet):
    """A chart of a snapshot's power.

    ``hovered`` says what lies under the pointer, "" when nothing does; ``moved`` that a person
    dragged or zoomed, so that no window is chosen any more.
    """

    hovered = Signal(str)
    moved = Signal()

    def __init__(self, desk: Desk, place: Place, *, live: bool) -> None:
        super().__init__(desk)
        self._place = place
        self._live = live
        self._window = "1h" if live else "all"
        self._points: tuple[str, ...] = ()
        self._series: PowerSeries | None = None
        self._time_ns = 0
        self._shift_s = WINDOWS_S["shift"]
        self._envelopes: dict[str, Envelope] = {}
        self._top = 0.0
        self.levels: list[tuple[float, str]] = []  # the marks of the upright axis [kW]
        self._own_range = False
        self._shut = False
        self._axis = _TimeAxis(self)
        self._plot = pg.PlotWidget(axisItems={"bottom": self._axis})
        self._back = _Backdrop(desk)
        self._range = pg.PlotCurveItem(connect="finite", antialias=False)
        self._curves: dict[str, pg.PlotCurveItem] = {}
        self._fill = pg.PlotCurveItem(connect="all", skipFiniteCheck=True)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._redraw = QTimer(self, singleShot=True, interval=0)
        self._redraw.timeout.connect(self._draw)
        self._build()
        self.relook()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self.setMinimumHeight(110)
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.getAxis("left").setWidth(LEVELS_PX)
        item.getAxis("left").setStyle(tickFont=font(12), tickLength=-4, maxTickLevel=0)
        item.layout.setContentsMargins(0, 6, 26, 0)
        view = item.getViewBox()
        view.setMouseEnabled(x=not self._live, y=False)
        view.setDefaultPadding(0)
        view.enableAutoRange(x=False, y=False)
        for thing in (self._back, self._fill, self._range, self._cursor):
            self._plot.addItem(thing, ignoreBounds=True)
        self._range.setZValue(1)
        self._cursor.hide()
        self._plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._plot.customContextMenuRequested.connect(self._offer)
        view.sigXRangeChanged.connect(self._ranged)
        view.sigRangeChangedManually.connect(self._dragged)
        self._plot.scene().sigMouseMoved.connect(self._hover)

    def rate(self) -> Rate:
        """Served faster under the pointer."""
        return Rate.FOCUS if self.underMouse() else Rate.CHARTS

    def set_window(self, key: str, shift_s: float | None = None) -> None:
        """Shows the last "10min", "1h", "shift" (of this length [s]) or "all"."""
        self._window = key
        self._shift_s = shift_s or self._shift_s
        self._own_range = False
        self._draw()

    def set_points(self, points: Sequence[str]) -> None:
        """Shows these metering points beside the total."""
        self._points = tuple(points)
        for gone in self._curves.keys() - {TOTAL, *points}:
            self._plot.removeItem(self._curves.pop(gone))
        self.relook()
        self._draw()

    def point_token(self, point: str) -> str:
        """The colour in which a shown point is drawn."""
        series = self.desk.tokens.series
        return series[self._points.index(point) % len(series)]

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draws a snapshot's power."""
        if self._series is not snapshot.power:
            self._series = snapshot.power
            self._envelopes.clear()
        self._time_ns = snapshot.time_ns
        self._back.set_gaps(self._gap_spans(snapshot.gaps))
        self._draw()

    def curve(self, point: str = TOTAL) -> tuple[Floats, Floats]:
        """What is drawn of a curve just now: seconds on the axis, kW."""
        x, y = self._curves[point].getData() if point in self._curves else (None, None)
        empty = np.empty(0)
        return (empty if x is None else x), (empty if y is None else y)

    def range_s(self) -> tuple[float, float]:
        """The axis' ends [s]: back from now, or since 1970."""
        low, high = self._plot.getPlotItem().getViewBox().viewRange()[0]
        return float(low), float(high)

    def zoom(self, begin_s: float, end_s: float) -> None:
        """Shows a stretch, as a person does with the wheel."""
        self._own_range = True
        self._plot.setXRange(begin_s, end_s, padding=0)
        self.moved.emit()

    def shut(self) -> None:
        """Closes the plot; needed before the interpreter ends. Nothing reaches it afterwards."""
        self._shut = True
        # Hidden while it can still answer: Qt tells it that the pointer left.
        self.hide()
        self._redraw.stop()
        self._plot.close()

    def data(self) -> Data:
        """Power of the total and the shown points in each bucket in view."""
        series = self._series
        if series is None:
            return Data("power")
        zero, bucket_s = self._zero_s(series), series.bucket_ns / NS
        low, high = self.range_s()
        begin = min(max(int((low - zero) / bucket_s), 0), series.total_kw.size)
        end = min(max(math.ceil((high - zero) / bucket_s), begin), series.total_kw.size)
        columns: dict[str, Sequence[object]] = {
            translate("PowerChart", "From"): [
                text.moment(series.begin_ns + i * series.bucket_ns, self._place.zone)
                for i in range(begin, end)
            ],
            translate("PowerChart", "Total [kW]"): series.total_kw[begin:end].tolist(),
        }
        for point in self._points:
            kw = series.kw[series.point.index(point), begin:end]
            columns[f"{point} [kW]"] = kw.tolist()
        return Data("power", columns)

    def _offer(self, at: QPoint) -> None:
        """The ways to take the chart away."""
        menu = QMenu(self)
        takeaway.fill_menu(menu, self, self.data(), self.picture())
        menu.exec(self._plot.mapToGlobal(at))

    def picture(self) -> QPixmap:
        """The chart as it looks."""
        shown: QPixmap = self._plot.grab()
        return shown

    def retranslate(self) -> None:
        """Says what the chart is."""
        if self._shut:
            return
        self.setAccessibleName(translate("PowerChart", "Electric power over time, kW"))
        self._plot.setAccessibleName(self.accessibleName())
        self._axis.picture = None
        self._axis.update()

    def relook(self) -> None:
        """Takes up the theme's colours."""
        if self._shut:
            return
        tokens = self.desk.tokens
        self._plot.setBackground(tokens.color("panel"))
        item = self._plot.getPlotItem()
        for name in ("left", "bottom"):
            item.getAxis(name).setPen(pg.mkPen(tokens.color("grid")))
            item.getAxis(name).setTextPen(pg.mkPen(tokens.color("soft")))
        self._fill.setBrush(tokens.color("accent", 30))
        self._fill.setPen(None)
        self._range.setPen(pg.mkPen(tokens.color("accent", 95), width=1))
        self._back.update()
        self._cursor.setPen(pg.mkPen(tokens.color("soft")))
        for point, curve in self._curves.items():
            curve.setPen(self._pen(point))
        self.update()

    def _pen(self, point: str) -> object:
        tokens = self.desk.tokens
        return pg.mkPen(tokens.accent if point == TOTAL else self.point_token(point), width=1)

    def _curve_item(self, point: str) -> pg.PlotCurveItem:
        if point not in self._curves:
            curve = pg.PlotCurveItem(connect="finite", antialias=False, pen=self._pen(point))
            self._plot.addItem(curve, ignoreBounds=True)
            curve.setZValue(3 if point == TOTAL else 2)
            self._curves[point] = curve
        return self._curves[point]

    def _draw(self) -> None:
        series = self._series
        if self._shut or series is None or not series.total_kw.size:
            return
        self._set_range(series)
        begin, end = self.range_s()
        zero = self._zero_s(series)
        bucket_s = series.bucket_ns / NS
        width = max(self._plot.width() - LEVELS_PX, 100)
        top = 0.0
        for point in (TOTAL, *self._points):
            envelope = self._envelope(series, point)
            curve = envelope.view((begin - zero) / bucket_s, (end - zero) / bucket_s, width)
            x = curve.x * bucket_s + zero
            self._curve_item(point).setData(x, curve.y)
            top = max(top, curve.top())
            if point == TOTAL:
                self._draw_under(curve, x, bucket_s, zero)
        self._set_top(top)

    def _draw_under(self, curve: Curve, x: Floats, bucket_s: float, zero: float) -> None:
        """The field under the total, and its extremes where columns stand for many values."""
        self._fill.setData(x, np.nan_to_num(curve.y))
        self._fill.setFillLevel(0.0)
        self._range.setData(curve.edge_x * bucket_s + zero, curve.edge_y)

    def _envelope(self, series: PowerSeries, point: str) -> Envelope:
        if point not in self._envelopes:
            kw = series.total_kw if point == TOTAL else series.kw[series.point.index(point)]
            self._envelopes[point] = Envelope(kw)
        return self._envelopes[point]

    def _zero_s(self, series: PowerSeries) -> float:
        """Where bucket 0 lies on the axis [s]."""
        return (series.begin_ns - (self._time_ns if self._live else 0)) / NS

    def _set_range(self, series: PowerSeries) -> None:
        if self._own_range:
            return
        first = self._zero_s(series)
        last = 0.0 if self._live else first + series.total_kw.size * series.bucket_ns / NS
        if self._window == "all":
            begin = min(first, last - 60)
        else:
            span = self._shift_s if self._window == "shift" else WINDOWS_S[self._window]
            begin = last - span
        if self.range_s() != (begin, last):
            self._plot.setXRange(begin, last, padding=0)

    def _set_top(self, highest: float) -> None:
        """Rounds the scale up, and keeps it while it is neither too low nor far too high."""
        if highest <= self._top * 0.96 and highest > self._top * 0.4:
            return
        self._top = nice_top(highest * 1.06)
        self._plot.setYRange(0, self._top, padding=0)
        marks = [i * self._top / GRID for i in range(GRID + 1)]
        decimals = 0 if self._top >= 10 else 1
        self.levels = [(mark, text.number(mark, decimals)) for mark in marks]
        # The scale's unit stands once, at its upper end.
        self.levels[-1] = (self._top, text.with_unit(self.levels[-1][1], "kW"))
        self._plot.getPlotItem().getAxis("left").setTicks([self.levels])
        self._back.set_levels(marks)

    def _gap_spans(self, gaps: Sequence[Gap]) -> list[tuple[float, float]]:
        back = self._time_ns if self._live else 0
        return [
            ((gap.from_ns - back) / NS, ((gap.to_ns or self._time_ns) - back) / NS) for gap in gaps
        ]

    def _ranged(self) -> None:
        if self._own_range:
            self._redraw.start()

    def _dragged(self) -> None:
        self._own_range = True
        self._redraw.start()
        self.moved.emit()

    def _hover(self, at: QPointF) -> None:
        view = self._plot.getPlotItem().getViewBox()
        series = self._series
        if series is None or not view.sceneBoundingRect().contains(at):
            self._cursor.hide()
            self.hovered.emit("")
            return
        x = view.mapSceneToView(at).x()
        bucket = math.floor((x - self._zero_s(series)) * NS / series.bucket_ns)
        self._cursor.setPos(x)
        self._cursor.show()
        if not 0 <= bucket < series.total_kw.size:
            self.hovered.emit("")
            return
        self.hovered.emit(self._readout(series, bucket))

    def _readout(self, series: PowerSeries, bucket: int) -> str:
        at = series.begin_ns + bucket * series.bucket_ns
        year = series.total_kw.size * series.bucket_ns > 2 * 86_400 * NS
        when = (text.moment if year else text.clock)(at, self._place.zone)
        parts = [f"{when}  {text.quantity(float(series.total_kw[bucket]), 'kW')}"]
        for point in self._points:
            kw = float(series.kw[series.point.index(point), bucket])
            parts.append(f"{point} {text.quantity(kw, 'kW')}")
        return "   ".join(parts)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().resizeEvent(event)
        self._redraw.start()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().leaveEvent(event)
        if not self._shut:
            self._cursor.hide()
            self.hovered.emit("")

    def marks(self, begin_s: float, end_s: float, width: float) -> list[tuple[float, str]]:
        """The marks of the time axis."""
        most = max(int(width / _MARK_PX), 2)
        if self._live:
            marks = ago_marks(begin_s, end_s, most, words.time_forms())
            now = translate("PowerChart", "now")
            return [(at, now if at == 0 else said) for at, said in marks]
        return clock_marks(begin_s, end_s, most, self._place.zone)


def nice_top(value: float) -> float:
    """A round number at or above a value that parts well by four."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        n * power
        for n in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 4.8, 6, 7.2, 8, 10)
        if n * power >= value * 0.9999
    )


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """The bottom axis; asks the chart for its marks."""

    def __init__(self, chart: PowerChart) -> None:
        super().__init__("bottom")
        self._chart = chart
        self._texts: dict[float, str] = {}
        self.setStyle(tickFont=font(12), tickLength=-4, autoExpandTextSpace=False)
        self.setStyle(hideOverlappingLabels=_MARK_PX // 2)
        # Clear of the lowest mark of the upright axis.
        self.setStyle(tickTextOffset=7)
        self.setHeight(28)

    def tickValues(  # noqa: N802
        self,
        minVal: float,  # noqa: N803
        maxVal: float,  # noqa: N803
        size: float,
    ) -> list[tuple[float, list[float]]]:
        """pyqtgraph's hook."""
        if not maxVal > minVal:
            return []
        marks = self._chart.marks(minVal, maxVal, size)
        self._texts = dict(marks)
        return [(1.0, [at for at, _ in marks])]

    def tickStrings(  # noqa: N802
        self, values: Sequence[float], scale: float, spacing: float
    ) -> list[str]:
        """pyqtgraph's hook."""
        return [self._texts.get(value, "") for value in values]


class _Backdrop(pg.GraphicsObject):  # type: ignore[misc]
    """Behind the curves: lines of level, and hatched stretches where no data came."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._spans: list[tuple[float, float]] = []
        self._levels: list[float] = []
        self.setZValue(-5)

    def set_gaps(self, spans: list[tuple[float, float]]) -> None:
        """Stretches on the axis [s]."""
        if spans != self._spans:
            self._spans = spans
            self.update()

    def set_levels(self, levels: list[float]) -> None:
        """Where the lines lie [kW]."""
        self._levels = levels
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Qt's hook."""
        view = self.viewRect()
        return QRectF(view) if view is not None else QRectF()

    def viewRangeChanged(self) -> None:  # noqa: N802
        """pyqtgraph's hook."""
        self.prepareGeometryChange()
        super().viewRangeChanged()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Qt's hook; paints in pixels, so that lines and hatching keep their width."""
        view = self.viewRect()
        if view is None:
            return
        tokens = self._desk.tokens
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        painter.setPen(tokens.color("grid"))
        for level in self._levels:
            line = transform.map(QLineF(view.left(), level, view.right(), level))
            painter.drawLine(line)
        for begin, end in self._spans:
            if end < view.left() or begin > view.right():
                continue
            box = QRectF(QPointF(begin, view.top()), QPointF(end, view.bottom())).normalized()
            shown = transform.mapRect(box.intersected(view))
            shown.setWidth(max(shown.width(), 2.0))
            painter.fillRect(shown, tokens.color("warn_soft"))
            paint.hatch(painter, shown, tokens.color("warn", 150), 6)
        painter.restore()
