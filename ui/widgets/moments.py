"""When it happened: spans of time in a lane for each station, on the plant's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from ui import text, words
from ui.desk import Desk, Place
from ui.takeaway import Data
from ui.theme import font
from ui.time_ticks import clock_marks
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.words import translate

LANE, FOOT = 18, 20
NS = 1_000_000_000
_MARK_PX = 84


@dataclass(frozen=True, slots=True)
class Span:
    """One moment [UTC ns] in a lane, in a state."""

    lane: str
    from_ns: int
    to_ns: int
    state: str


class Moments(Chart):
    """Lanes of spans; ``chosen`` says which one was clicked."""

    chosen = Signal(int)

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._spans: tuple[Span, ...] = ()
        self._lanes: tuple[str, ...] = ()
        self._range = (0, 1)
        self._selected = -1
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(420, LANE * max(len(self._lanes), 1) + FOOT + 4)

    def show_spans(
        self, lanes: Sequence[str], spans: Sequence[Span], range_ns: tuple[int, int]
    ) -> None:
        """Shows spans in these lanes over a range of time [UTC ns]."""
        new = (tuple(lanes), tuple(spans), range_ns)
        if new != (self._lanes, self._spans, self._range):
            self._lanes, self._spans, self._range = new
            self.setMinimumHeight(self.sizeHint().height())
            self.updateGeometry()
            self.retranslate()
            self.update()

    def select(self, number: int) -> None:
        """Marks a span by its number."""
        if number != self._selected:
            self._selected = number
            self.update()

    def data(self) -> Data:
        """The spans in the plant's time."""
        zone = self._place.zone
        return Data(
            "moments",
            {
                translate("Losses", "Station"): [span.lane for span in self._spans],
                translate("Losses", "State"): [words.state(span.state) for span in self._spans],
                translate("Losses", "From"): [text.moment(s.from_ns, zone) for s in self._spans],
                translate("Losses", "To"): [text.moment(s.to_ns, zone) for s in self._spans],
            },
        )

    def retranslate(self) -> None:
        """What is shown, in words."""
        said = translate("Losses", "{n} moments at {stations}")
        self.setAccessibleName(said.format(n=len(self._spans), stations=", ".join(self._lanes)))

    def x_of(self, time_ns: int) -> float:
        """Where a moment lies [px]."""
        begin, end = self._range
        left = self._left()
        return left + (time_ns - begin) / max(end - begin, 1) * (self.width() - left - 8)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        number = self._under(event.position().x(), event.position().y())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(number)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        number = self._under(event.position().x(), event.position().y())
        said = "" if number is None else self._said(self._spans[number])
        self.tell(event.position().toPoint(), said)

    def _said(self, span: Span) -> str:
        zone = self._place.zone
        lasted = text.stopwatch((span.to_ns - span.from_ns) / NS)
        when = f"{text.clock(span.from_ns, zone)}, {lasted}"
        return f"{span.lane} · {words.state(span.state)}\n{when}"

    def _under(self, x: float, y: float) -> int | None:
        """The number of the span within three pixels."""
        lane = int((y - 2) // LANE)
        if not 0 <= lane < len(self._lanes):
            return None
        far = {
            i: max(self.x_of(span.from_ns) - x, x - self.x_of(span.to_ns), 0.0)
            for i, span in enumerate(self._spans)
            if span.lane == self._lanes[lane]
        }
        nearest = min(far, key=lambda i: far[i], default=None)
        return nearest if nearest is not None and far[nearest] <= 3 else None

    def _left(self) -> float:
        names = max((paint.width_of(lane, font(12)) for lane in self._lanes), default=40.0)
        return names + 14

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        left = self._left()
        foot = 2 + LANE * len(self._lanes)
        self._marks(painter, left, foot)
        rows = {lane: i for i, lane in enumerate(self._lanes)}
        for lane, row in rows.items():
            box = QRectF(0, 2 + row * LANE, left - 10, LANE)
            paint.write(painter, box, lane, tokens.color("ink"), px=12)
            painter.fillRect(
                QRectF(left, 2 + row * LANE + LANE - 1, self.width() - left - 8, 1),
                tokens.color("grid"),
            )
        for i, span in enumerate(self._spans):
            if span.lane in rows:
                self._span(painter, i, span, 2 + rows[span.lane] * LANE)
        painter.end()

    def _span(self, painter: QPainter, number: int, span: Span, y: float) -> None:
        tokens = self.desk.tokens
        x = self.x_of(span.from_ns)
        box = QRectF(x, y + 3, max(self.x_of(span.to_ns) - x, 1.5), LANE - 7)
        painter.fillRect(box, paint.state_color(tokens, span.state))
        if number == self._selected:
            painter.setPen(QPen(tokens.color("accent"), 2))
            painter.drawRect(box.adjusted(-2, -2, 2, 2))

    def _marks(self, painter: QPainter, left: float, foot: float) -> None:
        tokens = self.desk.tokens
        begin, end = (ns / NS for ns in self._range)
        most = max(int((self.width() - left) / _MARK_PX), 2)
        for at, said in clock_marks(begin, end, most, self._place.zone):
            x = self.x_of(int(at * NS))
            painter.fillRect(QRectF(x, 2, 1, foot), tokens.color("grid"))
            wide = paint.width_of(said, font(12)) + 2
            box = QRectF(min(max(x - wide / 2, left), self.width() - wide), foot + 3, wide, 17)
            paint.write(painter, box, said, tokens.color("soft"), px=12, align=paint.CENTER)
