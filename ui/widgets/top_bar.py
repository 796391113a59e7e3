"""The top bar: what is watched and how, how old the data are, the shift, plan and actual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from twin.snapshot import Snapshot
from ui import text, words
from ui.desk import Desk, Place
from ui.freshness import Freshness
from ui.plan import PlanNow
from ui.widgets.sheet import ElideLabel, IconButton, Shape, Sheet, label, set_tone
from ui.words import translate

if TYPE_CHECKING:
    from twin.alarms import Board
    from ui.backend import MonitorSession

DAY_NS = 86_400 * 1_000_000_000


class Fact(QFrame):
    """A small caption over a value, with an optional shape."""

    def __init__(self, desk: Desk, *, shape: bool = False) -> None:
        super().__init__()
        self.caption = label("soft")
        self.value = label("head")
        self.shape = Shape(desk) if shape else None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.caption)
        row = QHBoxLayout()
        row.setSpacing(5)
        if self.shape is not None:
            row.addWidget(self.shape)
        row.addWidget(self.value)
        row.addStretch(1)
        column.addLayout(row)

    def show_fact(self, value: str, tone: str = "") -> None:
        """Sets the value."""
        if self.value.text() != value:
            self.value.setText(value)
        set_tone(self.value, tone)


class AlarmFact(QAbstractButton):
    """How many alarms are new, and how many stand; a click leads to them."""

    def __init__(self) -> None:
        super().__init__()
        self._counts = (0, 0)
        self._flood = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.caption, self.value = label("soft"), label("head")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(1)
        for part in (self.caption, self.value):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(part)
        self.retranslate()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        room = self.layout()
        return QSize(40, 40) if room is None else room.minimumSize()

    def show_counts(self, new: int, standing: int, *, flood: bool) -> None:
        """Shows counts."""
        if ((new, standing), flood) != (self._counts, self._flood):
            self._counts, self._flood = (new, standing), flood
            self.retranslate()

    def retranslate(self) -> None:
        """Sets every text."""
        new, standing = self._counts
        self.caption.setText(translate("TopBar", "Alarms"))
        said = translate("TopBar", "none")
        if self._flood:
            said = translate("TopBar", "▲ flood, {n} new").format(n=new)
        elif new:
            said = translate("TopBar", "◆ {n} new").format(n=new)
        elif standing:
            said = translate("TopBar", "● {n} known").format(n=standing)
        self.value.setText(said)
        set_tone(self.value, "alarm" if new or self._flood else "")
        whole = translate("TopBar", "Alarms: {new} not acknowledged, {n} standing (F5)")
        self.setToolTip(whole.format(new=new, n=standing))
        self.setAccessibleName(self.toolTip())
        self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
            painter.end()


def is_behind(plan: PlanNow) -> bool:
    """Behind the plan by more than the vehicle that is just being finished."""
    return plan.due is not None and plan.done <= plan.due - 2


class PlanBar(Sheet):
    """Vehicles done against those due, as a bar with a mark."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._plan: PlanNow | None = None
        self.setFixedSize(76, 10)

    def show_plan(self, plan: PlanNow | None) -> None:
        """Shows a plan."""
        if plan != self._plan:
            self._plan = plan
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        plan = self._plan
        painter.setPen(QPen(tokens.color("rule"), 1))
        painter.setBrush(tokens.color("field"))
        painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, 9))
        if plan is not None and plan.due:
            most = max(plan.due, plan.done) * 1.08
            wide = (self.width() - 2) * plan.done / most
            behind = is_behind(plan)
            painter.fillRect(QRectF(1, 1, wide, 8), tokens.color("warn" if behind else "rest"))
            x = 1 + (self.width() - 2) * plan.due / most
            painter.fillRect(QRectF(x - 1, 0, 2, 10), tokens.color("ink"))
        painter.end()


class TopBar(QFrame):
    """Facts on the left, language, theme and help on the right."""

    language_asked = Signal()
    theme_asked = Signal()
    help_asked = Signal()
    alarms_asked = Signal()

    def __init__(self, desk: Desk, place: Place, session: MonitorSession) -> None:
        super().__init__()
        self.setObjectName("bar")
        self.setFixedHeight(56)
        self._desk, self._place, self._session = desk, place, session
        self.mode = QLabel()
        self.mode.setObjectName("mode")
        self.mode.setProperty("mode", session.mode)
        self.name = ElideLabel()
        self.name.setProperty("rank", "head")
        self.origin = ElideLabel()
        self.origin.setProperty("rank", "soft")
        self.alarms = AlarmFact()
        self.alarms.clicked.connect(self.alarms_asked)
        self.connection = Fact(desk, shape=True)
        self.age = Fact(desk)
        self.clock = Fact(desk)
        self.shift = Fact(desk)
        self.plan = Fact(desk)
        self.plan_bar = PlanBar(desk)
        self.language = QToolButton()
        self.theme = IconButton(desk, "theme")
        self.help = IconButton(desk, "help")
        # The time of day alone would not say where in a long log one is.
        transport = session.transport
        span_ns = (0, 0) if transport is None else transport.span_ns
        self._dated = span_ns[1] - span_ns[0] > DAY_NS
        self._last: tuple[Snapshot | None, PlanNow | None, Freshness | None] = (None, None, None)
        self._build()
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 12, 4)
        row.setSpacing(18)
        self.mode.setFixedHeight(32)
        row.addWidget(self.mode)
        title = QVBoxLayout()
        title.setSpacing(1)
        title.addWidget(self.name)
        title.addWidget(self.origin)
        row.addLayout(title, 1)
        plan = QHBoxLayout()
        plan.setSpacing(8)
        plan.addWidget(self.plan)
        plan.addWidget(self.plan_bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.alarms)
        for fact in (self.connection, self.age, self.clock, self.shift):
            row.addWidget(fact)
        row.addLayout(plan)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        self.language.setFixedHeight(30)
        self.language.setMinimumWidth(48)
        self.language.clicked.connect(self.language_asked)
        self.theme.clicked.connect(self.theme_asked)
        self.help.clicked.connect(self.help_asked)
        for button in (self.language, self.theme, self.help):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        row.addLayout(buttons)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Sets every text."""
        self.mode.setText(words.mode(self._session.mode))
        self.name.set_full(self._desk.name(self._place.line.plant.names))
        self.origin.set_full(self._session.title)
        self.connection.caption.setText(
            translate("TopBar", "Replay")
            if self._session.mode == "replay"
            else translate("TopBar", "Connection")
        )
        self.age.caption.setText(translate("TopBar", "Data age"))
        self.clock.caption.setText(translate("TopBar", "Plant time"))
        self.shift.caption.setText(translate("TopBar", "Shift"))
        self.plan.caption.setText(translate("TopBar", "Due / done"))
        self.alarms.retranslate()
        # Each language is offered in its own words.
        self.language.setText("EN" if self._desk.language == "zh" else "中文")
        self.language.setAccessibleName(translate("TopBar", "Switch to Chinese"))
        self.language.setToolTip(translate("TopBar", "Switch to Chinese") + " (Ctrl+L)")
        self.theme.set_name(translate("TopBar", "Light, dark, high contrast (Ctrl+T)"))
        self.help.set_name(translate("TopBar", "Help (F1)"))
        self._say()

    def show_facts(self, snapshot: Snapshot | None, plan: PlanNow | None, fresh: Freshness) -> None:
        """Shows how things stand."""
        if (snapshot, plan, fresh) != self._last:
            self._last = (snapshot, plan, fresh)
            self._say()

    def show_alarms(self, board: Board, counts: tuple[int, int]) -> None:
        """Shows how many alarms are new and how many stand."""
        self.alarms.show_counts(*counts, flood=board.flood)

    def _say(self) -> None:
        snapshot, plan, fresh = self._last
        if fresh is not None:
            self._say_connection(fresh)
        time_ns = None if snapshot is None else snapshot.time_ns
        clock = text.moment if self._dated else text.clock
        self.clock.show_fact(clock(time_ns, self._place.zone))
        self.clock.setToolTip(text.moment(time_ns, self._place.zone))
        has_shifts = bool(self._place.line.shifts)
        for widget in (self.shift, self.plan, self.plan_bar):
            widget.setVisible(has_shifts)
        if has_shifts:
            self._say_shift(plan)

    def _say_connection(self, fresh: Freshness) -> None:
        tone = {"stale": "warn", "down": "alarm", "failed": "alarm"}.get(fresh.state, "")
        shape = {"live": "processing", "running": "processing", "paused": "stopped"}
        bad = {"stale": "held", "down": "failed", "failed": "failed"}
        glyph = {**shape, **bad}.get(fresh.state, "idle")
        assert self.connection.shape is not None
        self.connection.shape.set_state(glyph, tone or "soft")
        self.connection.show_fact(words.connection(fresh.state), tone)
        self.connection.setToolTip(fresh.reason)
        self.age.setVisible(self._session.mode != "replay")
        self.age.show_fact(words.age(fresh.age_s), "warn" if fresh.stale else "")

    def _say_shift(self, plan: PlanNow | None) -> None:
        self.plan_bar.show_plan(plan)
        if plan is None:
            self.shift.show_fact(translate("TopBar", "no shift"))
            self.plan.show_fact(text.DASH)
            return
        left = translate("TopBar", "{name}, {time} left")
        self.shift.show_fact(
            left.format(name=words.shift(plan.name), time=words.duration(plan.left_s))
        )
        due = text.DASH if plan.due is None else f"{plan.due:.0f}"
        said = f"{due} / {plan.done}"
        behind = is_behind(plan)
        if plan.due is not None:
            difference = round(plan.done - round(plan.due))
            shape = "▼ " if difference < 0 else "▲ " if difference > 0 else "= "
            said += f"  {shape}{text.signed(difference)}"
        self.plan.show_fact(said, "warn" if behind else "")
        self._say_since(plan)

    def _say_since(self, plan: PlanNow) -> None:
        since = text.clock_minute(plan.since_ns, self._place.zone)
        said = (
            translate("TopBar", "Counted from {time}, when the watch began")
            if plan.joined_late
            else translate("TopBar", "Counted from the shift's begin, {time}")
        )
        self.plan.setToolTip(said.format(time=since))
