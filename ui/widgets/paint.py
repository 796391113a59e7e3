"""Painting by hand: text that fits, shapes that say a state without colour, rail icons."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from ui.theme import Tokens, font

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter

ABNORMAL = {"failed": "alarm", "stopped": "warn", "held": "warn"}
_STATE_INK = {
    "processing": "work",
    "setup": "work",
    "warming_up": "work",
    "idle": "rest",
    "starved": "rest",
    "blocked": "rest",
    "standby": "calm",
    "off": "calm",
    "unknown": "calm",
    **ABNORMAL,
}


def state_color(tokens: Tokens, state: str) -> QColor:
    """The ink of a state: greys, unless it is abnormal."""
    return tokens.color(_STATE_INK.get(state, "rest"))


def elided(text: str, face: QFont, width: float) -> str:
    """A text cut to a width, with an ellipsis where it had to be."""
    return QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, width)


def width_of(text: str, face: QFont) -> float:
    """A text's width [px]."""
    return QFontMetricsF(face).horizontalAdvance(text)


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    color: QColor,
    *,
    px: int = 13,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """One line of text in a box, cut where it does not fit."""
    face = font(px, bold=bold)
    painter.setFont(face)
    painter.setPen(color)
    painter.drawText(box, align, elided(text, face, box.width()))


def state_glyph(painter: QPainter, box: QRectF, state: str, color: QColor) -> None:
    """A state as a shape, so that it can be told without colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.5))
    filled = state in ("processing", "failed", "stopped", "held", "warming_up", "setup")
    painter.setBrush(color if filled else Qt.BrushStyle.NoBrush)
    painter.drawPath(_shape(state, box.adjusted(1, 1, -1, -1)))
    painter.restore()


def _shape(state: str, box: QRectF) -> QPainterPath:
    path = QPainterPath()
    match state:
        case "processing":
            _polygon(path, box, ((0.1, 0), (1, 0.5), (0.1, 1)))
        case "starved":
            _polygon(path, box, ((0, 0.1), (0.55, 0.5), (0, 0.9)))
            _line(path, box, (1, 0), (1, 1))
        case "blocked":
            _line(path, box, (0, 0), (0, 1))
            path.addRect(_part(box, 0.35, 0.15, 0.65, 0.7))
        case "failed":
            _polygon(path, box, ((0.5, -0.08), (1.08, 0.5), (0.5, 1.08), (-0.08, 0.5)))
        case "stopped":
            path.addRect(box)
        case "held":
            _polygon(path, box, ((0.5, 0), (1, 1), (0, 1)))
        case "warming_up" | "setup":
            path.addRect(_part(box, 0, 0.55, 1, 0.45))
            path.addRect(_part(box, 0.3, 0, 0.4, 0.4))
        case "idle":
            path.addEllipse(box)
        case "standby":
            path.addEllipse(box)
            _line(path, box, (0.5, 0.2), (0.5, 0.8))
        case "off":
            _line(path, box, (0, 0.5), (1, 0.5))
        case _:
            _line(path, box, (0, 0), (1, 1))
            _line(path, box, (0, 1), (1, 0))
    return path


def evidence_glyph(painter: QPainter, box: QRectF, evidence: str, color: QColor) -> None:
    """A full circle is measured, a half one estimated, an empty one modelled."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.2))
    painter.setBrush(color if evidence == "measured" else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box)
    if evidence == "estimated":
        painter.setBrush(color)
        painter.drawChord(box, 90 * 16, 180 * 16)
    painter.restore()


def carrier_path(box: QRectF) -> QPainterPath:
    """A vehicle from the side."""
    path = QPainterPath()
    _polygon(
        path,
        box,
        (
            (0, 0.74),
            (0.01, 0.5),
            (0.07, 0.42),
            (0.2, 0.38),
            (0.33, 0.08),
            (0.67, 0.08),
            (0.83, 0.4),
            (0.97, 0.48),
            (1, 0.74),
        ),
    )
    for x in (0.21, 0.78):
        r = box.height() * 0.2
        path.addEllipse(QPointF(box.x() + x * box.width(), box.y() + 0.78 * box.height()), r, r)
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def chevron(painter: QPainter, tip: QPointF, angle_deg: float, size: float) -> None:
    """An arrow head whose tip lies here, pointing right at 0 degrees."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(tip)
    painter.rotate(angle_deg)
    painter.drawPolyline([QPointF(-size, -size * 0.7), QPointF(0, 0), QPointF(-size, size * 0.7)])
    painter.restore()


def icon_path(name: str, box: QRectF) -> QPainterPath:
    """A rail icon in a square box, to be stroked."""
    path = QPainterPath()
    match name:
        case "overview":
            for x in (0.0, 0.38, 0.76):
                path.addRect(_part(box, x, 0.36, 0.24, 0.28))
            _line(path, box, (0.24, 0.5), (0.38, 0.5))
            _line(path, box, (0.62, 0.5), (0.76, 0.5))
            _line(path, box, (0, 0.12), (1, 0.12))
            _line(path, box, (0, 0.88), (1, 0.88))
        case "kpis":
            for x, y in ((0.04, 0.04), (0.56, 0.04), (0.04, 0.56), (0.56, 0.56)):
                path.addRect(_part(box, x, y, 0.4, 0.4))
        case "alarms":
            _open(path, box, ((0.1, 0.8), (0.22, 0.66), (0.22, 0.4), (0.34, 0.16), (0.5, 0.1)))
            _open(path, box, ((0.5, 0.1), (0.66, 0.16), (0.78, 0.4), (0.78, 0.66), (0.9, 0.8)))
            _line(path, box, (0.1, 0.8), (0.9, 0.8))
            _line(path, box, (0.4, 0.96), (0.6, 0.96))
            _line(path, box, (0.5, 0), (0.5, 0.1))
        case "energy":
            points = ((0, 0.78), (0.22, 0.78), (0.22, 0.4), (0.5, 0.4), (0.5, 0.16), (0.74, 0.16))
            _open(path, box, (*points, (0.74, 0.56), (1, 0.56)))
            _line(path, box, (0, 1), (1, 1))
        case "losses":
            for x, top in ((0.04, 0.06), (0.3, 0.36), (0.56, 0.58), (0.8, 0.72)):
                path.addRect(_part(box, x, top, 0.16, 0.94 - top))
        case "vehicles":
            path.addPath(_car_outline(box))
        case "signals":
            for i, y in enumerate((0.14, 0.5, 0.86)):
                path.addEllipse(_part(box, 0, y - 0.08, 0.16, 0.16))
                _line(path, box, (0.32, y), (1 - 0.12 * i, y))
        case "reports":
            _open(path, box, ((0.14, 0), (0.66, 0), (0.88, 0.22), (0.88, 1), (0.14, 1), (0.14, 0)))
            for y in (0.4, 0.6, 0.8):
                _line(path, box, (0.3, y), (0.72, y))
        case "start":
            _open(path, box, ((0, 0.52), (0.5, 0.06), (1, 0.52)))
            _open(path, box, ((0.16, 0.4), (0.16, 0.96), (0.84, 0.96), (0.84, 0.4)))
        case "theme":
            path.addEllipse(box.adjusted(1, 1, -1, -1))
            path.moveTo(box.center().x(), box.top() + 1)
            path.arcTo(box.adjusted(1, 1, -1, -1), 90, -180)
            path.closeSubpath()
        case "help":
            path.addEllipse(box.adjusted(1, 1, -1, -1))
            _open(path, box, ((0.36, 0.38), (0.4, 0.26), (0.6, 0.26), (0.64, 0.4), (0.5, 0.52)))
            _line(path, box, (0.5, 0.52), (0.5, 0.6))
            _line(path, box, (0.5, 0.72), (0.5, 0.76))
        case "close":
            _line(path, box, (0.15, 0.15), (0.85, 0.85))
            _line(path, box, (0.15, 0.85), (0.85, 0.15))
        case "play":
            _polygon(path, box, ((0.2, 0.06), (0.94, 0.5), (0.2, 0.94)))
        case "pause":
            path.addRect(_part(box, 0.18, 0.1, 0.2, 0.8))
            path.addRect(_part(box, 0.62, 0.1, 0.2, 0.8))
        case "forward":
            _polygon(path, box, ((0.1, 0.14), (0.66, 0.5), (0.1, 0.86)))
            _line(path, box, (0.84, 0.14), (0.84, 0.86))
        case "after":
            _polygon(path, box, ((0, 0.18), (0.4, 0.5), (0, 0.82)))
            _polygon(path, box, ((0.42, 0.18), (0.82, 0.5), (0.42, 0.82)))
            _line(path, box, (0.96, 0.18), (0.96, 0.82))
        case "before":
            _polygon(path, box, ((1, 0.18), (0.6, 0.5), (1, 0.82)))
            _polygon(path, box, ((0.58, 0.18), (0.18, 0.5), (0.58, 0.82)))
            _line(path, box, (0.04, 0.18), (0.04, 0.82))
        case "flag":
            _line(path, box, (0.2, 0.04), (0.2, 1))
            _polygon(path, box, ((0.2, 0.06), (0.9, 0.3), (0.2, 0.54)))
        case "back":
            _polygon(path, box, ((0.9, 0.14), (0.34, 0.5), (0.9, 0.86)))
            _line(path, box, (0.16, 0.14), (0.16, 0.86))
    return path


def _car_outline(box: QRectF) -> QPainterPath:
    path = QPainterPath()
    points = ((0, 0.72), (0.02, 0.46), (0.2, 0.42), (0.34, 0.18), (0.7, 0.18), (0.86, 0.44))
    _polygon(path, box, (*points, (1, 0.5), (1, 0.72)))
    for x in (0.24, 0.76):
        path.addEllipse(_part(box, x - 0.1, 0.64, 0.2, 0.2))
    return path


def hatch(painter: QPainter, box: QRectF, color: QColor, gap: float = 6.0) -> None:
    """Slanted lines: data are missing, or not explained."""
    painter.save()
    painter.setClipRect(box)
    painter.setPen(QPen(color, 1))
    x = math.floor(box.left() / gap) * gap - box.height()
    while x < box.right():
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
        x += gap
    painter.restore()


def _part(box: QRectF, x: float, y: float, w: float, h: float) -> QRectF:
    return QRectF(
        box.x() + x * box.width(), box.y() + y * box.height(), w * box.width(), h * box.height()
    )


def _spot(box: QRectF, point: tuple[float, float]) -> QPointF:
    return QPointF(box.x() + point[0] * box.width(), box.y() + point[1] * box.height())


def _open(path: QPainterPath, box: QRectF, points: tuple[tuple[float, float], ...]) -> None:
    path.moveTo(_spot(box, points[0]))
    for point in points[1:]:
        path.lineTo(_spot(box, point))


def _polygon(path: QPainterPath, box: QRectF, points: tuple[tuple[float, float], ...]) -> None:
    _open(path, box, points)
    path.closeSubpath()


def _line(
    path: QPainterPath, box: QRectF, one: tuple[float, float], other: tuple[float, float]
) -> None:
    _open(path, box, (one, other))
