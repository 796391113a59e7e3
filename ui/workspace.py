"""A session on the screen: top bar, rail, screens, and the replay bar under a replay.

Imported only once the start page is painted: it brings the plotting library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ui.desk import Desk, Place
from ui.freshness import Freshness, freshness
from ui.plan import plan_now
from ui.screens.alarms import AlarmScreen
from ui.screens.energy import Energy
from ui.screens.kpis import KpiBoard
from ui.screens.overview import Overview
from ui.screens.signals import Signals
from ui.screens.vehicles import Vehicles
from ui.ticks import Rate, TickBus
from ui.trends import Trends
from ui.widgets.rail import Rail
from ui.widgets.replay_bar import ReplayBar
from ui.widgets.sheet import label
from ui.widgets.top_bar import TopBar
from ui.words import translate

if TYPE_CHECKING:
    from twin.snapshot import Snapshot
    from ui.alarm_desk import AlarmDesk
    from ui.backend import MonitorSession

PULSE_MS = 250
# In the order of the screens' guide; keys between belong to screens that come later.
SCREENS = (
    ("overview", "F2"),
    ("kpis", "F3"),
    ("alarms", "F5"),
    ("energy", "F6"),
    ("vehicles", "F8"),
    ("signals", "F10"),
)


class Screen(Protocol):
    """What the workspace needs of each screen beside its being a widget."""

    def join(self, bus: TickBus) -> None:
        """Takes its seats on the tick bus."""
        ...

    def set_stale(self, stale: bool) -> None:
        """Greys what data no longer reach."""
        ...

    def shut(self) -> None:
        """Closes what must be closed before the interpreter ends."""
        ...


def screen_name(name: str) -> str:
    """A screen's name on the rail."""
    match name:
        case "overview":
            return translate("Screens", "Overview")
        case "kpis":
            return translate("Screens", "KPIs")
        case "alarms":
            return translate("Screens", "Alarms")
        case "energy":
            return translate("Screens", "Energy")
        case "vehicles":
            return translate("Screens", "Vehicles")
        case "signals":
            return translate("Screens", "Signals")
        case _:
            return translate("Screens", "Start page")


class Workspace(QWidget):
    """Everything that shows one session; ``shut`` before it goes."""

    left = Signal()  # back to the start page
    language_asked = Signal()
    theme_asked = Signal()
    help_asked = Signal()

    def __init__(self, desk: Desk, session: MonitorSession, alarms: AlarmDesk) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.desk, self.session, self.alarms = desk, session, alarms
        self.place = Place.of(session.line)
        self.trends = Trends()
        self.bus = TickBus(session.snapshot, self, together=session.mode == "replay")
        self.bus.join(self, Rate.TILES)
        self.bus.join(self.trends, Rate.TILES)
        self.top = TopBar(desk, self.place, session)
        self.rail = Rail(desk, (*SCREENS, ("start", "F12")))
        self.fault = QLabel()
        self.fault.setObjectName("fault")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.stack = QStackedWidget()
        self.waiting = label("lead")
        self.screens: dict[str, QWidget] = {}
        self.current = "overview"
        transport = session.transport
        self.replay = None if transport is None else ReplayBar(desk, self.place, transport)
        self._history: list[str] = []
        self._snapshot: Snapshot | None = None
        self._stale = False
        self._alarms_shown = 0
        self._pulse = QTimer(self, interval=PULSE_MS)
        self._pulse.timeout.connect(self.pulse)
        self._build()
        self.retranslate()
        self._begin()

    def _build(self) -> None:
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.waiting.setWordWrap(True)
        self.stack.addWidget(self.waiting)
        frame = QFrame()
        frame.setObjectName("replayframe" if self.session.mode == "replay" else "plainframe")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.fault)
        inner.addWidget(self.stack, 1)
        if self.replay is not None:
            inner.addWidget(self.replay)
            self.bus.join(self.replay, Rate.TILES)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(frame, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addLayout(row, 1)
        self.rail.chosen.connect(self._railed)
        self.top.language_asked.connect(self.language_asked)
        self.top.theme_asked.connect(self.theme_asked)
        self.top.help_asked.connect(self.help_asked)
        self.top.alarms_asked.connect(lambda: self.show_screen("alarms"))
        self.alarms.changed.connect(self._show_alarms)

    def _begin(self) -> None:
        self.rail.mark(self.current)
        self.stack.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.pulse()
        self.bus.start()
        self._pulse.start()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Sets every text."""
        for name, button in self.rail.buttons.items():
            button.set_label(screen_name(name))
        self._say_waiting()

    def show_screen(self, name: str) -> None:
        """Shows a screen; it is made when it is first asked for."""
        if name != self.current:
            self._history.append(self.current)
        self.current = name
        self.rail.mark(name)
        if self.session.snapshot() is None:
            return
        self.stack.setCurrentWidget(self.opened(name))
        self.bus.serve_now()

    def opened(self, name: str) -> QWidget:
        """A screen by name."""
        if name not in self.screens:
            made = self._makers()[name]()
            made.join(self.bus)  # type: ignore[attr-defined]
            made.set_stale(self._stale)  # type: ignore[attr-defined]
            self.screens[name] = made
            self.stack.addWidget(made)
        return self.screens[name]

    def back(self) -> None:
        """To the screen before."""
        if self._history:
            name = self._history.pop()
            self.show_screen(name)
            self._history.pop()

    def show_vehicle(self, vehicle: str) -> None:
        """Shows one vehicle on the vehicles screen."""
        self.show_screen("vehicles")
        screen = self.screens.get("vehicles")
        if isinstance(screen, Vehicles):
            screen.choose(vehicle)

    def show_station(self, station: str) -> None:
        """Shows a station's signals."""
        self.show_screen("signals")
        screen = self.screens.get("signals")
        if isinstance(screen, Signals):
            screen.search_for(station)

    def start_finding(self) -> None:
        """Puts the cursor where things are looked for: here, or among the vehicles."""
        screen = self.screens.get(self.current)
        if not isinstance(screen, Vehicles | Signals | AlarmScreen):
            self.show_screen("vehicles" if self.place.line.stations else "signals")
            screen = self.screens.get(self.current)
        if isinstance(screen, Vehicles | Signals | AlarmScreen):
            screen.search.setFocus()
            screen.search.selectAll()

    def show_alarm(self, key: str) -> None:
        """Shows one alarm on the alarms screen."""
        self.show_screen("alarms")
        screen = self.screens.get("alarms")
        if isinstance(screen, AlarmScreen):
            screen.choose(key)

    def acknowledge(self) -> None:
        """Acknowledges what is selected on the screen that is shown."""
        screen = self.screens.get(self.current)
        if isinstance(screen, AlarmScreen | Overview):
            screen.acknowledge()

    def export(self) -> None:
        """Writes what the screen that is shown has to give."""
        export = getattr(self.screens.get(self.current), "export", None)
        if export is not None:
            export()

    def _show_alarms(self) -> None:
        """A person did something: nobody waits for the next snapshot."""
        self.top.show_alarms(self.alarms.board, self.alarms.counts())
        for screen in self.screens.values():
            if isinstance(screen, AlarmScreen | Overview):
                screen.show_alarms()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Says in the top bar how things stand at the moment that all views show."""
        self._snapshot = snapshot
        self._say_facts()

    def _say_facts(self) -> Freshness:
        snapshot = self._snapshot
        fresh = freshness(self.session, snapshot, self.desk.now_ns())
        plan = None if snapshot is None else plan_now(self.place.line, snapshot)
        self.top.show_facts(snapshot, plan, fresh)
        self.top.show_alarms(self.alarms.board, self.alarms.counts())
        return fresh

    def pulse(self) -> None:
        """What time alone changes: ages, staleness, whether a replay plays."""
        fresh = self._say_facts()
        failure = self.session.failure()
        self.fault.setVisible(failure is not None)
        self.fault.setText("" if failure is None else "◆ " + failure)
        if fresh.stale != self._stale:
            self._stale = fresh.stale
            for screen in self.screens.values():
                screen.set_stale(fresh.stale)  # type: ignore[attr-defined]
        if self.replay is not None:
            self.replay.refresh()
        if self.session.snapshot() is None:
            self._say_waiting()
        elif self.stack.currentWidget() is self.waiting:
            self.show_screen(self.current)
        self.alarms.keep()
        if self.alarms.board.version != self._alarms_shown:  # without data, a server is lost
            self._alarms_shown = self.alarms.board.version
            self._show_alarms()
        signals = self.screens.get("signals")
        if isinstance(signals, Signals) and signals.isVisible():
            signals.refresh_connections()

    def shut(self) -> None:
        """Ends the beat and closes the plots; the session is its owner's to stop."""
        self.bus.stop()
        self._pulse.stop()
        for screen in self.screens.values():
            screen.shut()  # type: ignore[attr-defined]

    def _railed(self, name: str) -> None:
        if name == "start":
            self.left.emit()
        else:
            self.show_screen(name)

    def _say_waiting(self) -> None:
        said = translate("Workspace", "Waiting for the first data from {title} …")
        lines = [said.format(title=self.session.title)]
        lines += [f"{c.url}: {c.reason}" for c in self.session.connections() if c.reason]
        self.waiting.setText("\n".join(lines))

    def _makers(self) -> dict[str, Callable[[], QWidget]]:
        live = self.session.mode != "replay"
        return {
            "overview": self._overview,
            "kpis": lambda: KpiBoard(self.desk, self.place, self.trends),
            "alarms": lambda: AlarmScreen(self.desk, self.place, self.alarms),
            "energy": lambda: Energy(self.desk, self.place, live=live),
            "vehicles": lambda: Vehicles(self.desk, self.place),
            "signals": lambda: Signals(self.desk, self.place, self.session),
        }

    def _overview(self) -> QWidget:
        live = self.session.mode != "replay"
        screen = Overview(self.desk, self.place, self.trends, self.alarms, live=live)
        screen.alarm_chosen.connect(self.show_alarm)
        screen.vehicle_chosen.connect(self.show_vehicle)
        screen.station_chosen.connect(self.show_station)
        return screen
