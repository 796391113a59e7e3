"""Which station holds the line back: now, over all, and hour by hour, by each method."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen

from twin.bottleneck import Bottleneck
from twin.verdicts import Verdict
from ui import text
from ui.desk import Desk, Place
from ui.names import PlaceNames
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.words import translate

_BLOCK, _STRIP = 74, 44
_SURE = 0.9  # from here on a station is called by its name without a doubt


class BottleneckView(Chart):
    """Two blocks of text and a strip of hours."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._zone = place.zone
        self._names = PlaceNames(desk, place.line)
        self._now: Bottleneck | None = None
        self._whole: Bottleneck | None = None
        self._hours: tuple[Bottleneck, ...] = ()
        self.setMinimumHeight(2 * _BLOCK + _STRIP)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(380, 2 * _BLOCK + _STRIP)

    def show_found(self, now: Bottleneck, whole: Bottleneck, hours: Sequence[Bottleneck]) -> None:
        """Shows what was found for the last hour, for all, and for each hour."""
        self._now, self._whole, self._hours = now, whole, tuple(hours)
        self.retranslate()
        self.update()

    def data(self) -> Data:
        """Each hour's station by each method."""
        found = self._hours
        methods = (
            (translate("Losses", "Critical path"), [x.critical_path for x in found]),
            (translate("Losses", "Active period"), [x.active_period for x in found]),
            (translate("Losses", "Turning point"), [x.turning_point for x in found]),
        )
        columns: dict[str, list[object]] = {
            translate("Losses", "From"): [text.moment(x.from_ns, self._zone) for x in found],
            translate("Losses", "Bottleneck"): [x.station for x in found],
            translate("Losses", "Certainty"): [x.certainty for x in found],
        }
        for name, verdicts in methods:
            columns[name] = [verdict.station for verdict in verdicts]
            columns[f"{name}: {translate('Losses', 'Certainty')}"] = [
                verdict.certainty for verdict in verdicts
            ]
        return Data("bottleneck", columns)

    def lines(self) -> list[tuple[str, str, str]]:
        """What is written: over what time, which station, and by which methods."""
        spans = (
            (translate("Losses", "Last hour"), self._now),
            (translate("Losses", "All the time"), self._whole),
        )
        return [(head, self._station(x), _methods(x)) for head, x in spans if x is not None]

    def retranslate(self) -> None:
        """The same for those who hear the screen."""
        said = "; ".join(", ".join(line).replace("\n", ", ") for line in self.lines())
        self.setAccessibleName(translate("Losses", "Bottleneck") + ": " + said)

    def _station(self, found: Bottleneck) -> str:
        if found.station is None:
            return translate("Losses", "none found")
        sure = "" if found.certainty is None else f"  {_percent(found.certainty)}"
        return self._names.station(found.station) + sure

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        number = int(event.position().x() // max(self._hour_px(), 1.0))
        in_strip = event.position().y() > 2 * _BLOCK
        said = ""
        if in_strip and 0 <= number < len(self._hours):
            hour = self._hours[number]
            when = text.clock_minute(hour.from_ns, self._zone)
            said = "\n".join((f"{when}  {self._station(hour)}", _methods(hour)))
        self.tell(event.position().toPoint(), said)

    def _hour_px(self) -> float:
        return self.width() / max(len(self._hours), 1)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        for i, (head, station, methods) in enumerate(self.lines()):
            y, wide = i * _BLOCK, self.width()
            paint.write(painter, QRectF(0, y, wide, 17), head, tokens.color("soft"), px=12)
            ink = tokens.color("ink")
            paint.write(painter, QRectF(0, y + 16, wide, 20), station, ink, px=14, bold=True)
            for row, method in enumerate(methods.splitlines()):
                under = QRectF(0, y + 36 + 16 * row, wide, 17)
                paint.write(painter, under, method, tokens.color("soft"), px=12)
        for i, hour in enumerate(self._hours):
            self._hour(painter, i, hour)
        painter.end()

    def _hour(self, painter: QPainter, number: int, hour: Bottleneck) -> None:
        tokens = self.desk.tokens
        wide = self._hour_px()
        box = QRectF(number * wide, 2 * _BLOCK + 2, wide - 2, 22)
        is_sure = (hour.certainty or 0.0) >= _SURE
        painter.fillRect(box, tokens.color("accent_soft" if is_sure else "field"))
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.drawRect(box)
        if wide >= paint.width_of("M000", font(12)):
            said = hour.station or text.DASH
            paint.write(painter, box, said, tokens.color("ink"), px=12, align=paint.CENTER)
        when = text.clock_minute(hour.from_ns, self._zone)
        if wide >= paint.width_of(when, font(12)) + 4:
            under = QRectF(box.x(), box.bottom(), wide, 17)
            paint.write(painter, under, when, tokens.color("soft"), px=12)


def _percent(certainty: float) -> str:
    """A certainty is never written as all: it is an estimate."""
    return "> 99\u202f%" if certainty > 0.99 else text.percent(certainty, 0)


def _method(name: str, verdict: Verdict) -> str:
    if verdict.station is None:
        return f"{name} {text.DASH}"
    sure = "" if verdict.certainty is None else f" {_percent(verdict.certainty)}"
    return f"{name} {verdict.station}{sure}"


def _methods(found: Bottleneck) -> str:
    first = _method(translate("Losses", "critical path"), found.critical_path)
    parts = (
        _method(translate("Losses", "active period"), found.active_period),
        _method(translate("Losses", "turning point"), found.turning_point),
    )
    mark = "✓ " if found.agree else "≠ "
    return f"{mark}{first}\n" + "  ·  ".join(parts)
