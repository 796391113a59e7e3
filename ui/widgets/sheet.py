"""The small common parts: a translating widget, a panel with a head, segments, labels."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.desk import Desk
from ui.theme import GAP_PX
from ui.widgets import paint


class Sheet(QWidget):
    """A widget that follows the language and the theme.

    ``retranslate`` sets every text and runs whenever the language changes; call it once at the
    end of the constructor.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        desk.look_changed.connect(self.relook)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
            self.update()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Sets every text in the language that is on."""

    def relook(self) -> None:
        """Takes up the colours that are on."""
        self.update()


class Panel(QFrame):
    """A bordered field with a head: title on the left, controls on the right."""

    def __init__(self, *, head: bool = True) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 8, 12, 10)
        self.body.setSpacing(6)
        self.title = label("head")
        self.note = ElideLabel()
        self.note.setProperty("rank", "soft")
        self.head = QHBoxLayout()
        self.head.setSpacing(GAP_PX)
        if head:
            self.head.addWidget(self.title)
            self.head.addWidget(self.note, 1)
            self.body.addLayout(self.head)


def label(rank: str = "", text: str = "") -> QLabel:
    """A label of one of the style sheet's ranks."""
    made = QLabel(text)
    if rank:
        made.setProperty("rank", rank)
    return made


def set_tone(widget: QWidget, tone: str) -> None:
    """Marks a label as normal (""), warning or alarm."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElideLabel(QLabel):
    """A label whose text may be longer than its room: cut on screen, whole in its tooltip."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._full = text
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)

    def set_full(self, text: str) -> None:
        """Sets the whole text."""
        if text != self._full:
            self._full = text
            self._cut()

    def full(self) -> str:
        """The whole text."""
        return self._full

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        room = self.contentsRect().width()
        cut = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideMiddle, room)
        self.setText(cut)
        self.setToolTip(self._full if cut != self._full else "")


class Segments(QWidget):
    """A row of joined buttons, one of which is on."""

    chosen = Signal(str)

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        for key in keys:
            button = QToolButton()
            button.setObjectName("segment")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            row.addWidget(button)
            self.buttons[key] = button

    def choose(self, key: str | None) -> None:
        """Puts one on, or none, without saying so."""
        self._group.setExclusive(key is not None)
        for other, button in self.buttons.items():
            button.setChecked(other == key)
        self._group.setExclusive(True)

    def set_text(self, key: str, text: str) -> None:
        """Labels one."""
        self.buttons[key].setText(text)
        self.buttons[key].setAccessibleName(text)


class Choice(QComboBox):
    """A box to choose from, with our own arrow."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        desk.look_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QPen(self._desk.tokens.color("soft"), 1.5))
        tip = QPointF(self.width() - 14, self.height() / 2 + 3)
        paint.chevron(painter, tip, 90, 5)
        painter.end()


class IconButton(QToolButton):
    """A tool button with one of our painted icons."""

    def __init__(self, desk: Desk, name: str) -> None:
        super().__init__()
        self._desk = desk
        self._name = name
        self.setObjectName("icon")
        self.setIconSize(QSize(18, 18))
        self.setFixedSize(34, 30)
        desk.look_changed.connect(self._draw)
        self._draw()

    def set_icon(self, name: str) -> None:
        """Shows another icon."""
        if name != self._name:
            self._name = name
            self._draw()

    def set_name(self, text: str) -> None:
        """What it does: its tooltip and accessible name."""
        self.setToolTip(text)
        self.setAccessibleName(text)

    def _draw(self) -> None:
        self.setIcon(icon(self._name, self._desk.tokens.color("ink")))


def icon(name: str, color: QColor, px: int = 18) -> QIcon:
    """One of our icons as a QIcon, sharp at twice its size too."""
    pixmap = QPixmap(px * 2, px * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.4))
    if name in ("play", "pause", "forward", "back", "before", "after"):
        painter.setBrush(color)
    painter.drawPath(paint.icon_path(name, QRectF(1.5, 1.5, px - 3, px - 3)))
    painter.end()
    return QIcon(pixmap)


class Shape(Sheet):
    """A state's shape as a little widget of its own."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._state = "unknown"
        self._color = "rest"
        self.setFixedSize(12, 12)

    def set_state(self, state: str, color: str) -> None:
        """The shape to show and the token of its colour."""
        if (state, color) != (self._state, self._color):
            self._state, self._color = state, color
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        paint.state_glyph(painter, box, self._state, self.desk.tokens.color(self._color))
        painter.end()
