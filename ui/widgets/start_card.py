"""The parts of the start page: a card for each way to begin, and the list of tours."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.widgets.sheet import Panel, label

TOUR_COLUMNS = 4


class Card(QFrame):
    """One way to begin: title, a sentence, its fields, and its fault in place."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.title = label("title")
        self.lead = label("soft")
        self.lead.setWordWrap(True)
        self.lead.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.lead.setMinimumHeight(50)
        self.fault = QLabel()
        self.fault.setObjectName("fault")
        self.fault.setWordWrap(True)
        self.fault.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fault.hide()
        self.go = QPushButton()
        self.go.setObjectName("primary")
        self.go.setCursor(Qt.CursorShape.PointingHandCursor)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.lead)
        column.addLayout(self.fields)
        column.addStretch(1)
        column.addWidget(self.fault)
        column.addWidget(self.go, 0, Qt.AlignmentFlag.AlignLeft)

    def field(self, widget: QWidget) -> QLabel:
        """Adds a field under its caption."""
        caption = label("soft")
        caption.setBuddy(widget)
        self.fields.addWidget(caption)
        self.fields.addWidget(widget)
        self.fields.addSpacing(6)
        return caption

    def say_fault(self, fault: str | None) -> None:
        """Shows one line of what was wrong, or takes it away."""
        self.fault.setText("" if fault is None else "◆ " + fault)
        self.fault.setVisible(fault is not None)


class TourList(Panel):
    """A link to each scenario."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.setParent(parent)
        self._links = QGridLayout()
        self._links.setSpacing(0)
        self.body.addLayout(self._links)
        self.hide()

    def show_stories(self, stories: Sequence[tuple[str, str]]) -> None:
        """Lists scenarios as (id, name); without any there is no list."""
        while (item := self._links.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for number, (id_, name) in enumerate(stories):
            link = QPushButton("▶ " + name)
            link.setObjectName("link")
            link.setAccessibleName(name)
            link.setCursor(Qt.CursorShape.PointingHandCursor)
            link.clicked.connect(lambda _=False, id_=id_: self.chosen.emit(id_))
            self._links.addWidget(link, number // TOUR_COLUMNS, number % TOUR_COLUMNS)
        for column in range(TOUR_COLUMNS):
            self._links.setColumnStretch(column, 1)
        self.setVisible(bool(stories))
