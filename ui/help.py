"""The help that F1 opens: every key, and what the shapes mean."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from data.line import STATES
from ui import words
from ui.desk import Desk
from ui.widgets import paint
from ui.widgets.sheet import Panel, label
from ui.words import translate


def keys() -> list[tuple[str, str]]:
    """Every key and what it does."""
    return [
        ("F1", translate("Help", "this help")),
        ("F2", translate("Help", "overview")),
        ("F3", translate("Help", "KPIs")),
        ("F4", translate("Help", "replay: go to a time of day")),
        ("F5", translate("Help", "alarms")),
        ("F6", translate("Help", "energy")),
        ("F7", translate("Help", "losses")),
        ("F8", translate("Help", "vehicles")),
        ("F10", translate("Help", "signals and connections")),
        ("F11", translate("Help", "reports")),
        ("F12", translate("Help", "start page")),
        ("Esc", translate("Help", "back")),
        ("Space", translate("Help", "replay: play and pause")),
        ("← →", translate("Help", "replay: step back and forward")),
        ("Ctrl+← →", translate("Help", "replay: to the event before and the next")),
        ("Ctrl+B", translate("Help", "replay: bookmark this moment")),
        ("Ctrl+K", translate("Help", "find anything; lists all keys")),
        ("Ctrl+F", translate("Help", "find in the table")),
        ("Ctrl+Enter", translate("Help", "acknowledge the selected alarms")),
        ("Ctrl+E", translate("Help", "export what is shown")),
        ("Ctrl+C", translate("Help", "copy a chart's data; with Shift its picture")),
        ("Ctrl+L", translate("Help", "English or Chinese")),
        ("Ctrl+T", translate("Help", "light, dark, high contrast")),
    ]


class Help(QDialog):
    """Keys on the left, shapes on the right."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Help", "Help"))
        columns = QHBoxLayout()
        columns.addWidget(self._keys())
        columns.addWidget(self._shapes(desk))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 14, 14, 14)
        page.addLayout(columns)
        page.addWidget(buttons)

    def _keys(self) -> Panel:
        panel = Panel()
        panel.title.setText(translate("Help", "Keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(7)
        for row, (key, does) in enumerate(keys()):
            grid.addWidget(label("head", key), row, 0)
            grid.addWidget(label("", does), row, 1)
        panel.body.addLayout(grid)
        panel.body.addStretch(1)
        return panel

    def _shapes(self, desk: Desk) -> Panel:
        panel = Panel()
        panel.title.setText(translate("Help", "Shapes"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(7)
        for row, state in enumerate(STATES):
            grid.addWidget(_Glyph(desk, state), row, 0)
            grid.addWidget(label("", words.state(state)), row, 1)
        for row, evidence in enumerate(("measured", "estimated", "modelled")):
            grid.addWidget(_Glyph(desk, evidence, evidence=True), row, 2)
            grid.addWidget(label("", words.evidence(evidence)), row, 3)
        panel.body.addLayout(grid)
        panel.body.addStretch(1)
        return panel


class _Glyph(QWidget):
    """One shape."""

    def __init__(self, desk: Desk, name: str, *, evidence: bool = False) -> None:
        super().__init__()
        self._desk, self._name, self._evidence = desk, name, evidence
        self.setFixedSize(18, 18)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self._desk.tokens
        if self._evidence:
            box = QRectF(4, 4, 9, 9)
            paint.evidence_glyph(painter, box, self._name, tokens.color("ink"))
        else:
            color = paint.state_color(tokens, self._name)
            paint.state_glyph(painter, QRectF(3, 3, 12, 12), self._name, color)
        painter.end()
