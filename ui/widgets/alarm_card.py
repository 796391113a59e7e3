"""One alarm: what it is, what to do, and what a person can do with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from twin.alarms import AlarmView
from ui import alarm_words, text, words
from ui.desk import Desk, Place
from ui.widgets.sheet import Choice, Panel, Sheet, label, set_tone
from ui.words import translate

SHELF_S = (900, 3600, 14_400, 28_800)
_CAN_BE_ACKNOWLEDGED = ("unacknowledged", "returned")


class AlarmCard(Sheet):
    """The selected alarm; ``done`` says which deed is asked for, with its reason and time."""

    done = Signal(str, str, float)

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self.alarm: AlarmView | None = None
        self._panel = Panel()
        self._stack = QStackedWidget()
        self._nothing = label("soft")
        self._nothing.setWordWrap(True)
        self.name, self.facts = label("title"), label("soft")
        self._action_head, self.action = label("head"), label()
        self._captions = [label("soft") for _ in range(6)]
        self._figures = [label() for _ in range(6)]
        self.acknowledge, self.shelve = QPushButton(), QPushButton()
        self.acknowledge.setObjectName("primary")
        self.out, self.back = QPushButton(), QPushButton()
        self.time, self.reason = Choice(desk), QLineEdit()
        self._aside = label("head")
        self.fault = label("soft")
        self._build()
        self.retranslate()

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._panel)
        self._panel.body.addWidget(self._stack)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for words_ in (self.name, self.facts, self.action, self.fault):
            words_.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        for row, (caption, figure) in enumerate(zip(self._captions, self._figures, strict=True)):
            figure.setWordWrap(True)
            grid.addWidget(caption, row, 0)
            grid.addWidget(figure, row, 1)
        for part in (self.name, self.facts, self._action_head, self.action):
            column.addWidget(part)
        column.addLayout(grid)
        column.addWidget(self.acknowledge)
        column.addSpacing(6)
        column.addWidget(self._aside)
        column.addWidget(self.reason)
        shelf = QHBoxLayout()
        shelf.addWidget(self.time, 1)
        shelf.addWidget(self.shelve, 1)
        column.addLayout(shelf)
        column.addWidget(self.out)
        column.addWidget(self.back)
        column.addWidget(self.fault)
        column.addStretch(1)
        self._nothing.setContentsMargins(4, 4, 4, 4)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(page)
        for seconds in SHELF_S:
            self.time.addItem("", seconds)
        self.acknowledge.clicked.connect(lambda: self._do("acknowledge"))
        self.shelve.clicked.connect(lambda: self._do("shelve"))
        self.out.clicked.connect(lambda: self._do("out_of_service"))
        self.back.clicked.connect(self._bring_back)
        self.reason.textChanged.connect(lambda _: self.say_fault(""))
        self.reason.returnPressed.connect(lambda: self._do("shelve"))

    def retranslate(self) -> None:
        """Sets every text."""
        self._panel.title.setText(translate("Alarms", "The alarm"))
        self._nothing.setText(translate("Alarms", "Select an alarm to see what to do about it."))
        self._action_head.setText(translate("Alarms", "What to do"))
        captions = (
            translate("Alarms", "Now"),
            translate("Alarms", "Limit"),
            translate("Alarms", "When raised"),
            translate("Alarms", "Raised at"),
            translate("Alarms", "Over since"),
            translate("Alarms", "So often"),
        )
        for caption, said in zip(self._captions, captions, strict=True):
            caption.setText(said)
        self.acknowledge.setText(translate("Alarms", "Acknowledge"))
        self.acknowledge.setToolTip(translate("Alarms", "Acknowledge") + " (Ctrl+Enter)")
        self._aside.setText(translate("Alarms", "Set aside"))
        self.shelve.setText(translate("Alarms", "Shelve"))
        self.out.setText(translate("Alarms", "Out of service"))
        self.reason.setPlaceholderText(translate("Alarms", "Reason"))
        self.reason.setAccessibleName(translate("Alarms", "Reason for setting it aside"))
        self.time.setAccessibleName(translate("Alarms", "Time on the shelf"))
        for i, seconds in enumerate(SHELF_S):
            forms = words.time_forms()
            hours = forms.whole_hours.format(n=seconds // 3600)
            minutes = forms.whole_minutes.format(n=seconds // 60)
            self.time.setItemText(i, hours if seconds >= 3600 else minutes)
        for button in (self.acknowledge, self.shelve, self.out):
            button.setAccessibleName(button.text())
        self._show()

    def show_alarm(self, alarm: AlarmView | None) -> None:
        """Shows an alarm, or that none is selected."""
        other = (alarm and alarm.rule.key) != (self.alarm and self.alarm.rule.key)
        self.alarm = alarm
        if other:
            self.reason.clear()
            self.say_fault("")
        self._show()

    def say_fault(self, fault: str) -> None:
        """What was wrong with what was asked for."""
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        set_tone(self.fault, "warn" if fault else "")

    def _show(self) -> None:
        alarm = self.alarm
        self._stack.setCurrentIndex(0 if alarm is None else 1)
        if alarm is None:
            return
        line, zone = self._place.line, self._place.zone
        self.name.setText(alarm_words.rule_name(self.desk, alarm.rule))
        self.facts.setText(self._facts(alarm))
        action = alarm_words.action(self.desk, alarm.rule)
        self.action.setText(action or translate("Alarms", "The line file says nothing."))
        figures = (
            alarm_words.value_text(line, alarm),
            alarm_words.limit_text(line, alarm),
            alarm_words.raised_text(line, alarm),
            text.moment(alarm.raised_ns, zone),
            text.moment(alarm.cleared_ns, zone),
            text.number(alarm.times, 0),
        )
        for caption, figure, said in zip(self._captions, self._figures, figures, strict=True):
            figure.setText(said)
            caption.setVisible(said != text.DASH)
            figure.setVisible(said != text.DASH)
        self._offer(alarm)

    def _facts(self, alarm: AlarmView) -> str:
        parts = [
            alarm_words.priority(alarm.rule.priority),
            alarm_words.state(alarm.state),
            alarm_words.source_name(self.desk, self._place.line, alarm.rule.source),
        ]
        if alarm.first:
            parts.append(translate("Alarms", "the first of those that stand here"))
        if alarm.until_ns is not None:
            until = text.moment(alarm.until_ns, self._place.zone)
            parts.append(translate("Alarms", "until {time}").format(time=until))
        if alarm.reason:
            parts.append(translate("Alarms", "reason: {why}").format(why=alarm.reason))
        if alarm.who:
            parts.append(translate("Alarms", "by {who}").format(who=alarm.who))
        return "  ·  ".join(parts)

    def _offer(self, alarm: AlarmView) -> None:
        """Only what can be done in this state is offered."""
        aside = alarm.state in ("shelved", "out_of_service")
        self.acknowledge.setVisible(alarm.state in _CAN_BE_ACKNOWLEDGED)
        for part in (self._aside, self.reason, self.time, self.shelve, self.out):
            part.setVisible(not aside)
        self.back.setVisible(aside)
        self.back.setText(
            translate("Alarms", "Take off the shelf")
            if alarm.state == "shelved"
            else translate("Alarms", "Put back in service")
        )
        self.back.setAccessibleName(self.back.text())

    def _do(self, deed: str) -> None:
        reason = self.reason.text().strip()
        if deed != "acknowledge" and not reason:
            self.say_fault(translate("Alarms", "▲ Say why, so that the next shift knows."))
            self.reason.setFocus()
            return
        self.done.emit(deed, "" if deed == "acknowledge" else reason, float(self._seconds()))

    def _seconds(self) -> int:
        return SHELF_S[max(self.time.currentIndex(), 0)]

    def _bring_back(self) -> None:
        if self.alarm is not None:
            shelved = self.alarm.state == "shelved"
            self.done.emit("unshelve" if shelved else "in_service", "", 0.0)
