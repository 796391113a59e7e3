"""The bar under every screen of a replay: play, step, speed, and where in the log we are.

That is where the snapshot is that all views show. The reader of the log may be ahead of it: at
high speed, and after a seek until everything up to there is booked again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from twin.moments import FAILED, GAP, Moment
from twin.snapshot import Gap, Snapshot
from ui import text, words
from ui.bookmarks import Bookmark, Bookmarks
from ui.clock_entry import moment_of
from ui.desk import Desk, Place
from ui.widgets.sheet import Choice, IconButton, label
from ui.widgets.timeline import Timeline
from ui.words import translate

if TYPE_CHECKING:
    from twin.session import Transport

ALL, BOOKMARKS = "all", "bookmarks"
JUMPS = (ALL, FAILED, GAP, BOOKMARKS)
NS = 1_000_000_000
SPEEDS: tuple[float | None, ...] = (
    *(0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0),
    None,
)
_STEPS_S = (1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400)


def step_s(span_ns: tuple[int, int]) -> int:
    """One step of the Left and Right keys [s]: about 500 of them make the log."""
    wish = (span_ns[1] - span_ns[0]) / NS / 500
    return next((step for step in _STEPS_S if step >= wish), _STEPS_S[-1])


class ReplayBar(QFrame):
    """Drives a transport."""

    def __init__(self, desk: Desk, place: Place, transport: Transport) -> None:
        super().__init__()
        self.setObjectName("foot")
        self._desk, self._place, self._transport = desk, place, transport
        self._step_s = step_s(transport.span_ns)
        self._shown_ns = transport.span_ns[0]
        self._gaps: tuple[Gap, ...] = ()
        self._moments: tuple[Moment, ...] = ()
        self._sought: _Sought | None = None
        self.bookmarks = Bookmarks(desk.settings, place.line, transport.span_ns[0])
        self.before = IconButton(desk, "before")
        self.back = IconButton(desk, "back")
        self.play = IconButton(desk, "play")
        self.forward = IconButton(desk, "forward")
        self.after = IconButton(desk, "after")
        self.jump_to = Choice(desk)
        self.speed = Choice(desk)
        self.timeline = Timeline(desk, place)
        self.flag = IconButton(desk, "flag")
        self.go_to = QLineEdit()
        self.fault = QLabel()
        self.when = label("head")
        self.date = label("soft")
        self._build()
        self._connect()
        self.retranslate()
        self._show_marks()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 5, 12, 4)
        column.setSpacing(3)
        self.fault.setObjectName("fault")
        self.fault.hide()
        column.addWidget(self.fault)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addLayout(row)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self.before, self.back, self.play, self.forward, self.after):
            buttons.addWidget(button)
        row.addLayout(buttons)
        self.jump_to.setMinimumWidth(104)
        self.speed.setMinimumWidth(84)
        self.go_to.setFixedWidth(72)
        self.when.setMinimumWidth(80)
        row.addWidget(self.jump_to)
        row.addWidget(self.timeline, 1)
        for widget in (self.flag, self.speed, self.go_to):
            row.addWidget(widget)
        clock = QVBoxLayout()
        clock.setSpacing(0)
        clock.addWidget(self.when)
        clock.addWidget(self.date)
        row.addLayout(clock)

    def _connect(self) -> None:
        acts = {
            self.before: lambda: self.jump(-1),
            self.back: lambda: self.step(-1),
            self.play: self.toggle,
            self.forward: lambda: self.step(1),
            self.after: lambda: self.jump(1),
            self.flag: self._open_bookmarks,
        }
        for button, act in acts.items():
            button.clicked.connect(act)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.activated.connect(self._set_speed)
        self.timeline.sought.connect(self._seek)
        self.go_to.returnPressed.connect(self._go)
        self.go_to.textEdited.connect(lambda _: self.fault.hide())

    def retranslate(self) -> None:
        """Sets every text."""
        step = words.duration(self._step_s)
        self.back.set_name(translate("ReplayBar", "Step back {step} (Left)").format(step=step))
        forward = translate("ReplayBar", "Step forward {step} (Right)")
        self.forward.set_name(forward.format(step=step))
        self.before.set_name(translate("ReplayBar", "To the event before (Ctrl+Left)"))
        self.after.set_name(translate("ReplayBar", "To the next event (Ctrl+Right)"))
        self.flag.set_name(translate("ReplayBar", "Bookmarks (Ctrl+B)"))
        _name(self.speed, translate("ReplayBar", "Replay speed"))
        _name(self.jump_to, translate("ReplayBar", "Events to jump to"))
        _name(self.go_to, translate("ReplayBar", "Go to a time of day, such as 14:10 (Ctrl+G)"))
        self.go_to.setPlaceholderText("hh:mm")
        self._offer_jumps()
        self._offer_speeds()
        self._show_play()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Takes up where the views are now, and the gaps found so far."""
        self._shown_ns, self._gaps = snapshot.time_ns, snapshot.gaps
        if self._sought is not None and self._sought.reached(snapshot.time_ns, self._step_s * NS):
            self._sought = None
        self.refresh()

    def refresh(self) -> None:
        """Shows how the replay stands."""
        sought = None if self._sought is None else self._sought.time_ns
        self.timeline.show_state(self._transport.span_ns, self._shown_ns, sought, self._gaps)
        self.when.setText(text.clock(self._shown_ns, self._place.zone))
        self.date.setText(text.moment(self._shown_ns, self._place.zone)[:10])
        if self._transport.speed != self.speed.currentData():
            self._offer_speeds()
        self._show_play()

    @property
    def ended(self) -> bool:
        """Do the views show the log's end?"""
        return self._shown_ns >= self._transport.span_ns[1] and self._sought is None

    def toggle(self) -> None:
        """Plays or pauses; at the end plays from the begin again."""
        if self.ended:
            self._seek(self._transport.span_ns[0])
            self._transport.play()
        elif self._transport.playing:
            self._transport.pause()
        else:
            self._transport.play()
        self.refresh()

    def step(self, sign: int) -> None:
        """One step on (1) or back (-1)."""
        begin, end = self._transport.span_ns
        self._seek(min(max(self._here() + sign * self._step_s * NS, begin), end))

    def show_moments(self, moments: Sequence[Moment]) -> None:
        """What there is to jump to; it is read while the log already plays."""
        self._moments = tuple(moments)
        self._show_marks()

    def jump(self, sign: int) -> None:
        """To the next event (1) of the chosen kind, or the one before (-1)."""
        here = self._here()
        times = sorted({self._transport.span_ns[0], *self._event_times()})
        # Paused a moment after an event, the one before it is meant.
        near = self._step_s * NS
        if sign > 0:
            found = next((t for t in times if t > here), None)
        else:
            found = next((t for t in reversed(times) if t < here - near), None)
        if found is not None:
            self._seek(found)

    def add_bookmark(self) -> None:
        """Asks for a name and keeps the moment that is shown."""
        at_ns = self._here()
        clock = text.clock(at_ns, self._place.zone)
        title = translate("ReplayBar", "Bookmark {time}").format(time=clock)
        said = translate("ReplayBar", "Its name")
        name, wanted = QInputDialog.getText(self, title, said, text=clock)
        if wanted and name.strip():
            self.bookmarks.add(at_ns, name.strip())
            self._show_marks()

    def bookmarks_menu(self) -> QMenu:
        """Adds one, goes to one, or forgets one."""
        menu = QMenu(self)
        menu.addAction(translate("ReplayBar", "Bookmark this moment …"), self.add_bookmark)
        if self.bookmarks.all:
            menu.addSeparator()
            forget = QMenu(translate("ReplayBar", "Forget"), menu)
            for mark in self.bookmarks.all:
                said = f"{text.clock(mark.time_ns, self._place.zone)}  {mark.name}"
                menu.addAction(said, partial(self._seek, mark.time_ns))
                forget.addAction(said, partial(self._forget, mark))
            menu.addMenu(forget)
        return menu

    def start_going(self) -> None:
        """Puts the cursor where a time of day is typed."""
        self.go_to.setFocus()
        self.go_to.selectAll()

    def _here(self) -> int:
        return self._shown_ns if self._sought is None else self._sought.time_ns

    def _event_times(self) -> list[int]:
        wanted = self.jump_to.currentData()
        marks = [mark.time_ns for mark in self.bookmarks.all]
        events = [m.time_ns for m in self._moments if wanted in (ALL, m.kind)]
        return marks if wanted == BOOKMARKS else events + (marks if wanted == ALL else [])

    def _go(self) -> None:
        typed, span = self.go_to.text(), self._transport.span_ns
        found = moment_of(typed, self._here(), span, self._place.zone)
        self.fault.setVisible(found is None)
        if found is None:
            said = translate(
                "ReplayBar", "{typed}: no time of this log, which goes from {begin} to {end}"
            )
            begin, end = (text.moment(ns, self._place.zone) for ns in span)
            self.fault.setText("◆ " + said.format(typed=typed, begin=begin, end=end))
        else:
            self.go_to.clear()
            self.setFocus()
            self._seek(found)

    def _open_bookmarks(self) -> None:
        menu = self.bookmarks_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.flag.mapToGlobal(self.flag.rect().topLeft()) - menu.rect().bottomLeft())

    def _forget(self, mark: Bookmark) -> None:
        self.bookmarks.remove(mark)
        self._show_marks()

    def _show_marks(self) -> None:
        self.timeline.show_marks(self._moments, self.bookmarks.all)

    def _seek(self, time_ns: int) -> None:
        self._sought = _Sought(time_ns, self._shown_ns)
        self._transport.seek(time_ns)
        self.refresh()

    def _set_speed(self, index: int) -> None:
        self._transport.set_speed(self.speed.itemData(index))

    def _offer_speeds(self) -> None:
        """The usual speeds, and the one that runs where it is none of them."""
        running = self._transport.speed
        speeds = sorted({*SPEEDS, running}, key=_slowest_first)
        self.speed.clear()
        for factor in speeds:
            self.speed.addItem(text.speed(factor, translate("ReplayBar", "max")), factor)
        self.speed.setCurrentIndex(speeds.index(running))

    def _offer_jumps(self) -> None:
        chosen = self.jump_to.currentData()
        said = {
            ALL: translate("ReplayBar", "All events"),
            FAILED: translate("ReplayBar", "Failures"),
            GAP: translate("ReplayBar", "Gaps"),
            BOOKMARKS: translate("ReplayBar", "Bookmarks"),
        }
        self.jump_to.clear()
        for kind in JUMPS:
            self.jump_to.addItem(said[kind], kind)
        self.jump_to.setCurrentIndex(JUMPS.index(chosen) if chosen in JUMPS else 0)

    def _show_play(self) -> None:
        playing = self._transport.playing and not self.ended
        self.play.set_icon("pause" if playing else "play")
        pause = translate("ReplayBar", "Pause (Space)")
        self.play.set_name(pause if playing else translate("ReplayBar", "Play (Space)"))


@dataclass(frozen=True, slots=True)
class _Sought:
    """A moment that was sought, from where; both in UTC nanoseconds."""

    time_ns: int
    from_ns: int

    def reached(self, shown_ns: int, step_ns: int) -> bool:
        """Is it shown, to within a step? What was shown before may still come once more."""
        return shown_ns >= self.time_ns - step_ns and shown_ns != self.from_ns


def _name(widget: QWidget, said: str) -> None:
    widget.setAccessibleName(said)
    widget.setToolTip(said)


def _slowest_first(factor: float | None) -> float:
    return math.inf if factor is None else factor
