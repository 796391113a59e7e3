"""KPI tiles: value, unit, target, trend and evidence, and by shape and word how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy

from twin.snapshot import Kpi
from ui import text, words
from ui.desk import Desk
from ui.theme import Tokens, font
from ui.widgets import paint
from ui.widgets.sheet import Sheet
from ui.words import translate

HEIGHT = 116
LEAST_TREND = 3  # points: two make a straight line, whatever happened between
FIGURE_PX = (24, 20, 17, 14)


def verdict(kpi: Kpi) -> str:
    """How a KPI stands to its target: "met", "above", "below", or "" where nothing says."""
    if kpi.value is None or kpi.target is None:
        return ""
    if kpi.id in words.MORE_IS_BETTER:
        return "met" if kpi.value >= kpi.target else "below"
    if kpi.id in words.LESS_IS_BETTER:
        return "met" if kpi.value <= kpi.target else "above"
    return ""


def verdict_text(kpi: Kpi) -> str:
    """The same in words."""
    match verdict(kpi):
        case "met":
            return translate("Tile", "on target")
        case "above":
            return translate("Tile", "above target")
        case "below":
            return translate("Tile", "below target")
        case _:
            return ""


def kpi_unit(kpi: Kpi) -> str:
    """The unit that stands beside a KPI's figure."""
    return words.unit(text.kpi_figure(kpi.id, kpi.value, kpi.unit)[1])


def kpi_figure(kpi: Kpi, value: float | None) -> str:
    """A KPI's value or target in the decimals of its quantity."""
    return text.kpi_figure(kpi.id, value, kpi.unit)[0]


def target_text(kpi: Kpi) -> str:
    """The target, or that there is none."""
    if kpi.target is None:
        return translate("Tile", "no target")
    return translate("Tile", "target {value}").format(value=kpi_figure(kpi, kpi.target))


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader must know to read a figure: in a word or two, and whole."""

    short: str
    whole: str


def tile_note(kpis: Mapping[str, Kpi], id_: str) -> Note | None:
    """OEE above availability, or above 100 %, is no mistake; the tile says why."""
    oee, availability = kpis.get("oee"), kpis.get("availability")
    if id_ != "oee" or oee is None or oee.value is None:
        return None
    most = 1.0 if availability is None or availability.value is None else availability.value
    if oee.value <= min(most, 1.0):
        return None
    return Note(
        translate("Tile", "planned cycle"),
        translate(
            "Tile",
            "OEE = good vehicles × planned cycle of the slowest station ÷ planned time.\n"
            "It can exceed availability, and 100 %, where a cycle is shorter than planned\n"
            "or where the PLC shows idle while vehicles move in and out.",
        ),
    )


class KpiTile(Sheet):
    """One KPI; ``opened`` says that somebody wants to know what it is made of."""

    opened = Signal(str)

    def __init__(self, desk: Desk, id_: str) -> None:
        super().__init__(desk)
        self.id = id_
        self._kpi = Kpi(id_, None, "", None, None)
        self._trend: list[float] = []
        self._note: Note | None = None
        self._stale = False
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(124)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(176, HEIGHT)

    def show_kpi(
        self, kpi: Kpi, trend: Sequence[float], *, stale: bool, note: Note | None = None
    ) -> None:
        """Shows a value and how it came there."""
        fresh = list(trend)
        if (kpi, fresh, stale, note) == (self._kpi, self._trend, self._stale, self._note):
            return
        self._kpi, self._trend, self._stale, self._note = kpi, fresh, stale, note
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        """The tile in words, for those who hear the screen."""
        kpi = self._kpi
        figure = text.with_unit(kpi_figure(kpi, kpi.value), kpi_unit(kpi))
        evidence = words.evidence(kpi.evidence) if kpi.evidence else ""
        parts = (words.kpi(self.id), figure, target_text(kpi), verdict_text(kpi), evidence)
        why = "" if self._note is None else self._note.whole
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setAccessibleDescription(why)
        self.setToolTip("\n".join(part for part in (*parts, why) if part))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Qt's hook."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.opened.emit(self.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter opens it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.id)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        missed = verdict(self._kpi) in ("above", "below")
        painter.setPen(QPen(tokens.color("accent" if self.hasFocus() else "rule"), 1))
        painter.setBrush(tokens.color("panel"))
        painter.drawRoundedRect(box, 3, 3)
        if missed:
            painter.fillRect(QRectF(0, 1, 4, self.height() - 2), tokens.color("warn"))
        self._write(painter, tokens, QRectF(14, 8, self.width() - 24, self.height() - 16))
        painter.end()

    def _write(self, painter: QPainter, tokens: Tokens, box: QRectF) -> None:
        kpi = self._kpi
        ink = tokens.color("soft" if self._stale else "ink")
        soft = tokens.color("soft")
        x, y, w = box.x(), box.y(), box.width()
        self._head(painter, QRectF(x, y, w, 18), soft)
        figure = kpi_figure(kpi, kpi.value)
        unit = kpi_unit(kpi) if kpi.value is not None else ""
        unit_w = paint.width_of(unit, font(12))
        px = self._figure_px(figure, w - unit_w - 7)
        wide = paint.width_of(figure, font(px, bold=True)) + 1
        paint.write(painter, QRectF(x, y + 20, wide, 34), figure, ink, px=px, bold=True)
        paint.write(painter, QRectF(x + wide + 5, y + 29, unit_w + 2, 20), unit, soft, px=12)
        spark = x + wide + unit_w + 18
        if x + w - spark > 24:
            self._spark(painter, tokens, QRectF(max(spark, x + w - 64), y + 26, 0, 24), x + w)
        self._foot(painter, tokens, QRectF(x, y + 60, w, 40))

    def _head(self, painter: QPainter, line: QRectF, soft: QColor) -> None:
        """The name, and on the right that there is more to know: all of it is in the tooltip."""
        name = words.kpi(self.id)
        paint.write(painter, line, name, soft, px=12)
        if self._note is None:
            return
        room = line.width() - paint.width_of(name, font(12)) - 10
        said = (f"ⓘ {self._note.short}", "ⓘ")
        fits = (part for part in said if paint.width_of(part, font(12)) <= room)
        paint.write(painter, line, next(fits, ""), soft, px=12, align=paint.RIGHT)

    @staticmethod
    def _figure_px(figure: str, room: float) -> int:
        """The largest size at which a figure fits beside its unit."""
        fits = (px for px in FIGURE_PX if paint.width_of(figure, font(px, bold=True)) < room)
        return next(fits, FIGURE_PX[-1])

    def _foot(self, painter: QPainter, tokens: Tokens, box: QRectF) -> None:
        kpi = self._kpi
        missed = verdict(kpi) in ("above", "below")
        tone = tokens.color("warn" if missed else "soft")
        line = QRectF(box.x(), box.y(), box.width(), 18)
        shape = 0.0
        if verdict(kpi):
            self._verdict_shape(painter, QRectF(box.x() + 1, box.y() + 4, 9, 9), tone)
            shape = 16.0
        said = verdict_text(kpi) if missed else target_text(kpi)
        paint.write(painter, line.adjusted(shape, 0, 0, 0), said, tone, px=12, bold=missed)
        foot = line.translated(0, 20)
        if kpi.evidence:
            soft = tokens.color("soft")
            paint.evidence_glyph(
                painter, QRectF(foot.x() + 1, foot.y() + 5, 8, 8), kpi.evidence, soft
            )
            word = words.evidence(kpi.evidence)
            paint.write(painter, foot.adjusted(16, 0, 0, 0), word, soft, px=12)
        if missed:
            target = kpi_figure(kpi, kpi.target)
            paint.write(painter, foot, "→ " + target, tone, px=12, align=paint.RIGHT)

    def _verdict_shape(self, painter: QPainter, box: QRectF, color: QColor) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1.6))
        match verdict(self._kpi):
            case "met":
                mark = [(0.0, 0.55), (0.38, 0.95), (1.0, 0.1)]
            case "above":
                painter.setBrush(color)
                mark = [(0.0, 1.0), (0.5, 0.0), (1.0, 1.0), (0.0, 1.0)]
            case _:
                painter.setBrush(color)
                mark = [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0), (0.0, 0.0)]
        points = [QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in mark]
        if verdict(self._kpi) == "met":
            painter.drawPolyline(points)
        else:
            painter.drawPolygon(points)
        painter.restore()

    def _spark(self, painter: QPainter, tokens: Tokens, box: QRectF, right: float) -> None:
        values = self._trend
        if len(values) < LEAST_TREND:
            return
        low, high = min(values), max(values)
        span = (high - low) or 1.0
        step = (right - box.x() - 2) / (len(values) - 1)
        line = QPolygonF(
            [
                QPointF(box.x() + i * step, box.bottom() - (value - low) / span * box.height())
                for i, value in enumerate(values)
            ]
        )
        painter.setPen(QPen(tokens.color("rest"), 1))
        painter.drawPolyline(line)
        painter.fillRect(
            QRectF(line.last().x() - 1.5, line.last().y() - 1.5, 3, 3), tokens.color("accent")
        )
