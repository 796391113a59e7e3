"""How the alarm system does: raised in each ten minutes as bars, its figures and their aims."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from twin.alarm_figures import TEN_MINUTES_NS, Figures
from twin.alarm_rules import PRIORITIES
from twin.alarms import FLOOD_BEGINS
from ui import alarm_words, text, words
from ui.desk import Desk, Place
from ui.models.base import Column, TextTable
from ui.theme import font
from ui.widgets import paint
from ui.widgets.sheet import Sheet
from ui.words import translate

HEIGHT = 190
LEFT, BELOW = 34, 20
_AIM = 1.0  # raised in ten minutes, on average


class RaisedBars(Sheet):
    """Alarms raised in each ten minutes, with the aim and the line of a flood."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._figures: Figures | None = None
        self.setMinimumHeight(HEIGHT)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(600, HEIGHT)

    def retranslate(self) -> None:
        """Sets every text."""
        self.setAccessibleName(translate("Alarms", "Raised in each ten minutes"))

    def show_figures(self, figures: Figures) -> None:
        """Shows figures."""
        if figures != self._figures:
            self._figures = figures
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if self._figures is None or not self._figures.windows:
            return
        painter, tokens = QPainter(self), self.desk.tokens
        windows = self._figures.windows
        most = max(FLOOD_BEGINS + 2, *windows)
        room = QRectF(LEFT, 8, self.width() - LEFT - 8, self.height() - BELOW - 12)
        for level in (0, 1, FLOOD_BEGINS):
            y = room.bottom() - room.height() * level / most
            flood = level == FLOOD_BEGINS
            painter.setPen(QPen(tokens.color("warn" if flood else "grid"), 1))
            painter.drawLine(int(room.left()), int(y), int(room.right()), int(y))
            where = QRectF(0, y - 8, LEFT - 6, 16)
            soft = tokens.color("soft")
            paint.write(painter, where, str(level), soft, px=12, align=paint.RIGHT)
        wide = room.width() / max(len(windows), 6)
        for i, count in enumerate(windows):
            high = room.height() * count / most
            bar = QRectF(room.left() + i * wide + 1, room.bottom() - high, max(wide - 2, 1), high)
            painter.fillRect(bar, tokens.color("alarm" if count > FLOOD_BEGINS else "rest"))
        self._write_times(painter, room, wide)
        painter.end()

    def _write_times(self, painter: QPainter, room: QRectF, wide: float) -> None:
        assert self._figures is not None
        soft = self.desk.tokens.color("soft")
        x = -1e9
        for i in range(len(self._figures.windows)):
            left = room.left() + i * wide
            if left < x or left + 40 > self.width():
                continue
            time_ns = self._figures.begin_ns + i * TEN_MINUTES_NS
            said = text.clock_minute(time_ns, self._place.zone)
            wide_px = paint.width_of(said, font(12)) + 4
            paint.write(painter, QRectF(left, room.bottom() + 3, wide_px, 16), said, soft, px=12)
            x = left + 90


class FigureModel(TextTable):
    """The figures, their aims, and whether they are met."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: list[tuple[str, str, str, bool | None]] = []
        self.columns = (
            Column(lambda: translate("Alarms", "Figure"), False, lambda r: self._rows[r][0]),
            Column(lambda: translate("Alarms", "Value"), True, lambda r: self._rows[r][1]),
            Column(lambda: translate("Alarms", "Aim"), True, lambda r: self._rows[r][2]),
            Column(lambda: translate("Alarms", "Verdict"), False, self._verdict, self._tone),
        )

    def row_total(self) -> int:
        """Figures."""
        return len(self._rows)

    def show_figures(self, figures: Figures) -> None:
        """Shows these."""
        rows = _rows(figures)
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows != self._rows:
            self._rows = rows
            self.refresh()

    def _verdict(self, row: int) -> str:
        met = self._rows[row][3]
        if met is None:
            return text.DASH
        return translate("Alarms", "✓ met") if met else translate("Alarms", "▲ not met")

    def _tone(self, row: int) -> str:
        return "warn" if self._rows[row][3] is False else ""


def _rows(f: Figures) -> list[tuple[str, str, str, bool | None]]:
    """(figure, value, aim, met): aims of EEMUA 191 and ISA-18.2; None: nothing says."""
    mean = f.per_ten_minutes
    high = f.by_priority["high"] + f.by_priority["urgent"]
    return [
        (
            translate("Alarms", "Raised in ten minutes, mean"),
            text.number(mean, 2),
            "≤ 1",
            None if mean is None else mean <= _AIM,
        ),
        (
            translate("Alarms", "Raised in ten minutes, most"),
            text.number(f.most_in_ten_minutes, 0),
            f"≤ {FLOOD_BEGINS}",
            f.most_in_ten_minutes <= FLOOD_BEGINS,
        ),
        (
            translate("Alarms", "Time in flood"),
            text.percent(f.flood_share),
            "≤ 1\N{NARROW NO-BREAK SPACE}%",
            f.flood_share <= 0.01,
        ),
        (translate("Alarms", "Standing now"), text.number(f.standing, 0), "", None),
        (
            translate("Alarms", "Standing for over a day"),
            text.number(f.stale, 0),
            "< 5",
            f.stale < 5,
        ),
        (
            translate("Alarms", "Chattering (three times in a minute)"),
            text.number(len(f.chattering), 0),
            "0",
            not f.chattering,
        ),
        (
            translate("Alarms", "High and urgent of all raised"),
            text.percent(high / f.raised if f.raised else None),
            "≈ 5\N{NARROW NO-BREAK SPACE}%",
            None,
        ),
        (
            translate("Alarms", "Time to acknowledge, median"),
            words.duration(f.acknowledged_s),
            "",
            None,
        ),
    ]


class FrequentModel(TextTable):
    """The most frequent alarms."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._rows: tuple[tuple[str, int], ...] = ()
        self._raised = 0
        self.columns = (
            Column(lambda: translate("Alarms", "Alarm"), False, self._name),
            Column(lambda: translate("Alarms", "Source"), False, self._source),
            Column(lambda: translate("Alarms", "Raised"), True, self._count),
            Column(lambda: translate("Alarms", "Share"), True, self._share),
        )

    def row_total(self) -> int:
        """Alarms."""
        return len(self._rows)

    def show_figures(self, figures: Figures) -> None:
        """Shows these."""
        if figures.frequent != self._rows or figures.raised != self._raised:
            self.beginResetModel()
            self._rows, self._raised = figures.frequent, figures.raised
            self.endResetModel()

    def _name(self, row: int) -> str:
        return alarm_words.key_name(self.desk, self._place.line, self._rows[row][0])

    def _source(self, row: int) -> str:
        kind, _, source = self._rows[row][0].partition("/")
        known = kind != "rule"
        return alarm_words.source_name(self.desk, self._place.line, source) if known else text.DASH

    def _count(self, row: int) -> str:
        return text.number(self._rows[row][1], 0)

    def _share(self, row: int) -> str:
        return text.percent(self._rows[row][1] / self._raised if self._raised else None)


def priorities_text(figures: Figures) -> str:
    """How many of each priority were raised, in one line."""
    return "   ".join(
        f"{alarm_words.priority(p)} {text.number(figures.by_priority[p], 0)}" for p in PRIORITIES
    )
