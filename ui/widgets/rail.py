"""The rail on the left: one button per screen, with its key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout

from ui.desk import Desk
from ui.widgets import paint

WIDTH = 86


class RailButton(QAbstractButton):
    """A screen's icon and name."""

    def __init__(self, desk: Desk, name: str, key: str) -> None:
        super().__init__()
        self._desk, self._name, self._key = desk, name, key
        self.setCheckable(True)
        self.setFixedSize(WIDTH - 1, 62)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        desk.look_changed.connect(self.update)

    def set_label(self, text: str) -> None:
        """The name under the icon."""
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({self._key})")

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(WIDTH - 1, 62)

    def enterEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self._desk.tokens
        if self.isChecked():
            painter.fillRect(self.rect(), tokens.color("panel"))
            painter.fillRect(QRectF(0, 0, 4, self.height()), tokens.color("accent"))
        elif self.underMouse():
            painter.fillRect(self.rect(), tokens.color("ground"))
        if self.hasFocus():
            painter.setPen(QPen(tokens.color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        ink = tokens.color("ink" if self.isChecked() else "soft")
        painter.setPen(QPen(ink, 1.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPath(paint.icon_path(self._name, QRectF(self.width() / 2 - 10, 10, 20, 20)))
        text = QRectF(3, 36, self.width() - 6, 18)
        paint.write(
            painter, text, self.text(), ink, px=12, bold=self.isChecked(), align=paint.CENTER
        )
        painter.end()


class Rail(QFrame):
    """The buttons of all screens; emits the one that was chosen."""

    chosen = Signal(str)

    def __init__(self, desk: Desk, screens: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(2)
        self.buttons: dict[str, RailButton] = {}
        for name, key in screens:
            button = RailButton(desk, name, key)
            button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            if name == "start":
                column.addStretch(1)
            column.addWidget(button)
            self.buttons[name] = button

    def mark(self, name: str) -> None:
        """Marks the screen that is shown."""
        for other, button in self.buttons.items():
            button.setChecked(other == name)
