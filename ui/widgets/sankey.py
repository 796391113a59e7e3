"""Where energy comes from and where it goes, as bands between columns of places."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent

from twin.studies.streams import Stream
from ui import text
from ui.desk import Desk
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.words import translate

COLUMNS = ("source", "shop", "state", "end")
NODE_PX, GAP, TOP = 10, 13, 4
LEAST_PX = 3.0  # the height of the smallest place
LABEL_PX, LINE = 178, 15
LEAST = 0.004  # of the whole; smaller places of a column become one
OTHERS = "others"
Place = tuple[str, str]


@dataclass(frozen=True)
class _Node:
    """A place as it is drawn: where, and how much [kWh]."""

    box: QRectF
    kwh: float


class Sankey(Chart):
    """Bands whose height is energy [kWh]; what is unexplained is hatched and never left out."""

    def __init__(self, desk: Desk, name: Callable[[str, str], str]) -> None:
        super().__init__(desk)
        self._name = name
        self._streams: tuple[Stream, ...] = ()
        self._nodes: dict[Place, _Node] = {}
        self._bands: list[tuple[Stream, QPainterPath]] = []
        self._lit: Place | None = None
        self._end_px = float(LABEL_PX)  # what the names of the last column take
        self.setMinimumHeight(170)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(800, 260)

    def show_streams(self, streams: Sequence[Stream]) -> None:
        """Shows these; small places of a column are drawn as one."""
        new = _gathered(streams)
        if new != self._streams:
            self._streams = new
            self.retranslate()
            self._lay_out()
            self.update()

    def data(self) -> Data:
        """The streams."""
        return Data(
            "flows",
            {
                translate("Energy", "From"): [self._title(s.origin) for s in self._streams],
                translate("Energy", "To"): [self._title(s.target) for s in self._streams],
                "kWh": [s.kwh for s in self._streams],
            },
        )

    def retranslate(self) -> None:
        """The ends in words."""
        ends = [(p, kwh) for p, kwh in _totals(self._streams).items() if p[0] in ("source", "end")]
        said = "; ".join(f"{self._title(p)} {text.with_unit(*text.energy(kwh))}" for p, kwh in ends)
        self.setAccessibleName(translate("Energy", "Energy from sources to its ends: ") + said)

    def nodes(self) -> dict[Place, QRectF]:
        """Where each place is drawn."""
        return {place: node.box for place, node in self._nodes.items()}

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        """Qt's hook."""
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        at = event.position()
        lit = next((p for p, n in self._nodes.items() if _near(n.box).contains(at)), None)
        if lit != self._lit:
            self._lit = lit
            self.update()
        self.tell(at.toPoint(), self._said(at))

    def _said(self, at: QPointF) -> str:
        if self._lit is not None:
            amount = text.with_unit(*text.energy(self._nodes[self._lit].kwh))
            return f"{self._title(self._lit)}\n{amount}, {self._share(self._nodes[self._lit].kwh)}"
        for stream, path in self._bands:
            if path.contains(at):
                amount = text.with_unit(*text.energy(stream.kwh))
                ends = f"{self._title(stream.origin)} → {self._title(stream.target)}"
                return f"{ends}\n{amount}, {self._share(stream.kwh)}"
        return ""

    def _share(self, kwh: float) -> str:
        whole = math.fsum(s.kwh for s in self._streams if s.origin[0] == "source")
        return text.percent(kwh / whole if whole else None)

    def _both(self, place: Place, kwh: float) -> str:
        return f"{self._title(place)}  {text.with_unit(*text.energy(kwh))}"

    def _title(self, place: Place) -> str:
        if place[1] == OTHERS:
            return translate("Energy", "others")
        return self._name(*place)

    def _lay_out(self) -> None:
        """Where places and bands lie: every column to the same scale."""
        totals = _totals(self._streams)
        columns = [[p for p in totals if p[0] == column] for column in COLUMNS]
        most = max((len(column) for column in columns), default=0)
        whole = max((sum(max(totals[p], 0.0) for p in c) for c in columns), default=0.0)
        room = self.height() - 2 * TOP - GAP * max(most - 1, 0)
        scale = max(room, 10) / whole if whole > 0 else 0.0
        ends = [self._both(place, totals[place]) for place in totals if place[0] == "end"]
        self._end_px = max([LABEL_PX, *(paint.width_of(said, font(12)) + 8 for said in ends)])
        self._nodes = {}
        for number, column in enumerate(columns):
            x = self._column_x(number)
            y = float(TOP)
            highs = [max(totals[place] * scale, LEAST_PX) for place in _ordered(column, totals)]
            for place, high in zip(_ordered(column, totals), highs, strict=True):
                self._nodes[place] = _Node(QRectF(x, y, NODE_PX, high), totals[place])
                y += high + self._gap(highs)
        self._bands = self._paths(scale)

    def _gap(self, highs: list[float]) -> float:
        """Between the places of a column [px], so that it takes up the whole height."""
        spare = self.height() - 2 * TOP - sum(highs)
        return min(max(spare / max(len(highs) - 1, 1), 2.0), 40.0)

    def _column_x(self, number: int) -> float:
        """Where a column begins: names stand right of it."""
        return 2 + number * (self.width() - self._end_px - NODE_PX - 4) / (len(COLUMNS) - 1)

    def _paths(self, scale: float) -> list[tuple[Stream, QPainterPath]]:
        out = {place: node.box.top() for place, node in self._nodes.items()}
        into = dict(out)
        made = []
        order = {place: node.box.top() for place, node in self._nodes.items()}
        for stream in sorted(self._streams, key=lambda s: (order[s.origin], order[s.target])):
            high = max(stream.kwh, 0.0) * scale
            a, b = self._nodes[stream.origin].box, self._nodes[stream.target].box
            path = _band(
                QPointF(a.right(), out[stream.origin]), QPointF(b.left(), into[stream.target]), high
            )
            out[stream.origin] += high
            into[stream.target] += high
            made.append((stream, path))
        return made

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for stream, path in self._bands:
            lit = self._lit in (stream.origin, stream.target)
            painter.setBrush(tokens.color("accent" if lit else "rest", 120 if lit else 60))
            painter.drawPath(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for place, node in self._nodes.items():
            self._node(painter, place, node)
        for column in COLUMNS:
            places = [place for place in self._nodes if place[0] == column]
            tops = self._label_tops([self._nodes[place].box for place in places])
            for place, y in zip(places, tops, strict=True):
                self._label(painter, place, y)
        painter.end()

    def _node(self, painter: QPainter, place: Place, node: _Node) -> None:
        tokens = self.desk.tokens
        if place[1] == "unexplained":
            painter.fillRect(node.box, tokens.color("field"))
            paint.hatch(painter, node.box, tokens.color("ink"), 4)
            return
        ink = paint.state_color(tokens, place[1]) if place[0] == "state" else tokens.color("work")
        painter.fillRect(node.box, tokens.color("accent") if place == self._lit else ink)

    def _label_tops(self, boxes: list[QRectF]) -> list[float]:
        """Where the lines of a column's names begin: beside their places, never on each other."""
        tops = [box.center().y() - LINE / 2 for box in boxes]
        for i in range(1, len(tops)):
            tops[i] = max(tops[i], tops[i - 1] + LINE)
        lowest = float(self.height() - LINE)
        for i in reversed(range(len(tops))):
            tops[i] = min(tops[i], lowest)
            lowest = tops[i] - LINE
        return tops

    def _label(self, painter: QPainter, place: Place, y: float) -> None:
        """Name and amount right of a place; the amount alone goes where there is no room."""
        node = self._nodes[place]
        x = node.box.right() + 5
        room = self.width() - x if place[0] == "end" else self._column_x(1) - NODE_PX - 14
        both = self._both(place, node.kwh)
        said = both if paint.width_of(both, font(12)) <= room else self._title(place)
        ink = self.desk.tokens.color("ink")
        paint.write(painter, QRectF(x, y, room, LINE), said, ink, px=12)


def _near(box: QRectF) -> QRectF:
    return box.adjusted(-3, -2, 60, 2)


def _band(a: QPointF, b: QPointF, high: float) -> QPainterPath:
    """A band from a place's right edge to another's left one."""
    middle = (a.x() + b.x()) / 2
    path = QPainterPath(a)
    path.cubicTo(QPointF(middle, a.y()), QPointF(middle, b.y()), b)
    path.lineTo(b.x(), b.y() + high)
    path.cubicTo(QPointF(middle, b.y() + high), QPointF(middle, a.y() + high), a + QPointF(0, high))
    path.closeSubpath()
    return path


def _totals(streams: Sequence[Stream]) -> dict[Place, float]:
    """Energy through each place [kWh]: what comes in, of sources what goes out."""
    totals: dict[Place, float] = {}
    for stream in streams:
        if stream.origin[0] == "source":
            totals[stream.origin] = totals.get(stream.origin, 0.0) + stream.kwh
        totals[stream.target] = totals.get(stream.target, 0.0) + stream.kwh
    return totals


def _ordered(column: list[Place], totals: dict[Place, float]) -> list[Place]:
    """The largest first; what is unexplained last."""
    return sorted(column, key=lambda p: (p[1] == "unexplained", p[1] == OTHERS, -totals[p]))


def _gathered(streams: Sequence[Stream]) -> tuple[Stream, ...]:
    """The same with the smallest places of each column as one; never what is unexplained."""
    totals = _totals(streams)
    whole = sum(kwh for place, kwh in totals.items() if place[0] == "source")
    small = {
        place
        for place, kwh in totals.items()
        if abs(kwh) < LEAST * whole and place[1] != "unexplained" and place[0] in ("shop", "state")
    }
    sums: dict[tuple[Place, Place], list[float]] = {}
    for stream in streams:
        ends = [(p[0], OTHERS) if p in small else p for p in (stream.origin, stream.target)]
        sums.setdefault((ends[0], ends[1]), []).append(stream.kwh)
    return tuple(Stream(a, b, math.fsum(kwh)) for (a, b), kwh in sums.items())
