"""Where the energy went: one bar cut by state, and the figures under it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from data.line import STATES
from ui import text, words
from ui.desk import Desk
from ui.takeaway import Data
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Chart
from ui.words import translate

_ORDER = ("processing", "setup", "warming_up", "idle", "starved", "blocked", "standby", "off")
_ROW = 21
_FILLS = {
    "processing": ("work", 255),
    "setup": ("work", 190),
    "warming_up": ("work", 150),
    "idle": ("rest", 255),
    "starved": ("rest", 205),
    "blocked": ("rest", 160),
    "standby": ("calm", 255),
    "off": ("calm", 180),
    "failed": ("alarm", 255),
    "stopped": ("warn", 255),
    "held": ("warn", 190),
}


def parts_in_order(kwh: Mapping[str, float]) -> list[tuple[str, float]]:
    """What was used: work first, then waiting, then what no station drew or nothing explains."""
    rest = [state for state in STATES if state not in _ORDER]
    known = [*_ORDER, *rest]
    others = [state for state in kwh if state not in known]
    return [(state, kwh[state]) for state in [*known, *others] if abs(kwh.get(state, 0)) > 1e-9]


def fewer(parts: list[tuple[str, float]], room: int) -> list[tuple[str, float]]:
    """At most ``room`` parts: the smallest ones become one, so that the sum stays in sight."""
    if len(parts) <= max(room, 1):
        return parts
    large = sorted(parts, key=lambda part: -part[1])[: max(room - 1, 0)]
    rest = sum(kwh for _, kwh in parts) - sum(kwh for _, kwh in large)
    return [*(part for part in parts if part in large), ("others", rest)]


class StateBar(Chart):
    """Energy by state [kWh]."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._kwh: dict[str, float] = {}
        self.setMinimumHeight(110)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(320, 42 + _ROW * (len(self._kwh) + 1))

    def show_energy(self, kwh: Mapping[str, float]) -> None:
        """Shows amounts by state; the same amounts again cost nothing."""
        if dict(kwh) != self._kwh:
            self._kwh = dict(kwh)
            self.retranslate()
            self.update()

    def rows(self, parts: list[tuple[str, float]] | None = None) -> list[tuple[str, str, str]]:
        """What is written: (word, amount with unit, share)."""
        parts = parts_in_order(self._kwh) if parts is None else parts
        whole = sum(self._kwh.values())
        return [
            (
                words.state(state),
                text.with_unit(*text.energy(kwh)),
                text.percent(kwh / whole if whole else None),
            )
            for state, kwh in parts
        ]

    def data(self) -> Data:
        """Energy by state."""
        parts = parts_in_order(self._kwh)
        names = [words.state(state) for state, _ in parts]
        return Data("states", {translate("StateBar", "State"): names, "kWh": [x for _, x in parts]})

    def retranslate(self) -> None:
        """The bar in words."""
        said = "; ".join(" ".join(row) for row in self.rows())
        self.setAccessibleName(translate("StateBar", "Energy by state: ") + said)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        parts = parts_in_order(self._kwh)
        whole = sum(kwh for _, kwh in parts)
        bar = QRectF(0.5, 4.5, self.width() - 1, 22)
        painter.fillRect(bar, tokens.color("field"))
        x = bar.x()
        for state, kwh in parts:
            wide = bar.width() * kwh / whole if whole > 0 else 0.0
            self._fill(painter, state, QRectF(x, bar.y(), wide, bar.height()))
            x += wide
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.drawRect(bar)
        self._figures(painter, parts)
        painter.end()

    def _fill(self, painter: QPainter, state: str, box: QRectF) -> None:
        if box.width() <= 0:
            return
        tokens = self.desk.tokens
        if state in _FILLS:
            painter.fillRect(box, tokens.color(*_FILLS[state]))
        else:
            paint.hatch(painter, box, tokens.color("soft"), 5)
        painter.fillRect(QRectF(box.right() - 0.5, box.y(), 1, box.height()), tokens.color("panel"))

    def _figures(self, painter: QPainter, parts: list[tuple[str, float]]) -> None:
        parts = fewer(parts, int((self.height() - 34) / _ROW))
        tokens = self.desk.tokens
        share_w = paint.width_of("100.0\u202f%", font(12)) + 4
        amount_w = paint.width_of("99,999.9\u202fMWh", font(13))
        y = 36.0
        for (state, _), (word, amount, share) in zip(parts, self.rows(parts), strict=True):
            self._swatch(painter, state, QRectF(0, y + 4, 13, 13))
            right = self.width() - share_w
            ink = tokens.color("ink")
            name = QRectF(22, y, max(right - amount_w - 26, 40), _ROW)
            paint.write(painter, name, word, ink)
            box = QRectF(right - amount_w, y, amount_w, _ROW)
            paint.write(painter, box, amount, ink, align=paint.RIGHT)
            box = QRectF(right, y, share_w, _ROW)
            paint.write(painter, box, share, tokens.color("soft"), px=12, align=paint.RIGHT)
            y += _ROW

    def _swatch(self, painter: QPainter, state: str, box: QRectF) -> None:
        self._fill(painter, state, box)
        painter.setPen(QPen(self.desk.tokens.color("rule"), 1))
        painter.drawRect(box)
