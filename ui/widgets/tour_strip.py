"""The guided tour under the screens: what happens, where to look, what was found, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from ui.backend import Look, MonitorSession, Story
from ui.desk import Desk, Place
from ui.jobs import Jobs
from ui.widgets.sheet import IconButton, label
from ui.words import translate

if TYPE_CHECKING:
    from twin.answers import Answer

FIRST_MS = 3000
REST = 3.0  # times as long as the last answers took, before they are asked for again
HEIGHT = 92


class TourStrip(QFrame):
    """Tells a story; asks the twin over and over what it has found of it."""

    led = Signal(object)  # a Look
    closed = Signal()

    def __init__(
        self, desk: Desk, place: Place, session: MonitorSession, jobs: Jobs, story: Story
    ) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.setFixedHeight(HEIGHT)
        self._desk, self._place, self._session = desk, place, session
        self._jobs, self.story = jobs, story
        self.answers: tuple[Answer, ...] | None = None
        self._began_s = 0.0
        self.title, self.happens = label("head"), label("soft")
        self.looks = [QPushButton() for _ in story.look]
        self.found, self.cost = QLabel(), QLabel()
        self._captions = {name: label("head") for name in ("look", "found", "cost")}
        self.close_button = IconButton(desk, "close")
        self._build()
        self.retranslate()
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._ask)
        self._again.start(FIRST_MS)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 10, 6)
        row.setSpacing(20)
        row.addLayout(_column(self.title, self.happens), 4)
        row.addLayout(_column(self._captions["look"], *self.looks), 4)
        row.addLayout(_column(self._captions["found"], self.found), 5)
        row.addLayout(_column(self._captions["cost"], self.cost), 4)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        for said in (self.happens, self.found, self.cost):
            said.setWordWrap(True)
            said.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for button, look in zip(self.looks, self.story.look, strict=True):
            button.setObjectName("link")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda _=False, look=look: self.led.emit(look))
        self.close_button.clicked.connect(self._close)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Sets every text."""
        self.title.setText(self._desk.name(self.story.names))
        self.happens.setText(self._desk.name(self.story.happens))
        self._captions["look"].setText(translate("Tour", "Look at"))
        self._captions["found"].setText(translate("Tour", "Found by the twin"))
        self._captions["cost"].setText(translate("Tour", "What it cost so far"))
        for button, look in zip(self.looks, self.story.look, strict=True):
            button.setText("→ " + self._said(look))
            button.setAccessibleName(self._said(look))
        self.close_button.set_name(translate("Tour", "End the tour"))
        self._say()

    def show_answers(self, answers: Sequence[Answer]) -> None:
        """Shows what the twin has found."""
        self.answers = tuple(answers)
        self._say()

    def _said(self, look: Look) -> str:
        return self._desk.name(look.names)

    def _close(self) -> None:
        self._again.stop()
        self.closed.emit()

    def _ask(self) -> None:
        self._began_s = monotonic()
        session, clues = self._session, self.story.found

        def work() -> object:
            from twin.answers import answers

            snapshot = session.snapshot()
            accounts = None if snapshot is None else snapshot.accounts
            return None if accounts is None else answers(accounts, clues)

        self._jobs.run("tour", work, self._answered)

    def _answered(self, found: object) -> None:
        if isinstance(found, tuple):
            self.show_answers(found)
        self._again.start(max(int((monotonic() - self._began_s) * 1000 * REST), FIRST_MS))

    def _say(self) -> None:
        from ui.tour import cost_text, found_text

        nothing = translate("Tour", "Nothing yet: {find}")
        if not self.answers:
            self.found.setText(nothing.format(find=self._desk.name(self.story.find)))
            self.cost.setText(translate("Tour", "Not known yet"))
            return
        self.found.setText("\n".join(found_text(a, self._place.zone) for a in self.answers))
        costs = [cost_text(a.cost) for a in self.answers if a.cost is not None]
        self.cost.setText("\n".join(costs) or translate("Tour", "Nothing of its own"))


def _column(*widgets: QLabel | QPushButton) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return column
