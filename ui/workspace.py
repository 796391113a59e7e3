"""A session on the screen: top bar, rail, screens, and the replay bar under a replay.

Imported only once the start page is painted: it brings the plotting library.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from data.line import Names
from ui.backend import Look
from ui.desk import Desk, Place
from ui.freshness import Freshness, freshness
from ui.jobs import Jobs
from ui.palette import Entry
from ui.plan import plan_now
from ui.screens.alarms import AlarmScreen
from ui.screens.energy import Energy
from ui.screens.kpis import KpiBoard
from ui.screens.losses import Losses
from ui.screens.overview import Overview
from ui.screens.reports import Reports
from ui.screens.signals import Signals
from ui.screens.vehicles import Vehicles
from ui.studies import Studies
from ui.ticks import Rate, TickBus
from ui.trends import Trends
from ui.trouble import Trouble
from ui.widgets.rail import Rail
from ui.widgets.replay_bar import ReplayBar
from ui.widgets.sheet import label
from ui.widgets.top_bar import TopBar
from ui.widgets.tour_strip import TourStrip
from ui.words import translate

if TYPE_CHECKING:
    from twin.snapshot import Snapshot
    from ui.alarm_desk import AlarmDesk
    from ui.backend import MonitorSession, Story

PULSE_MS = 250
# In the order of the screens' guide; keys between belong to screens that come later.
SCREENS = (
    ("overview", "F2"),
    ("kpis", "F3"),
    ("alarms", "F5"),
    ("energy", "F6"),
    ("losses", "F7"),
    ("vehicles", "F8"),
    ("signals", "F10"),
    ("reports", "F11"),
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
        case "losses":
            return translate("Screens", "Losses")
        case "vehicles":
            return translate("Screens", "Vehicles")
        case "signals":
            return translate("Screens", "Signals")
        case "reports":
            return translate("Screens", "Reports")
        case _:
            return translate("Screens", "Start page")


class Workspace(QWidget):
    """Everything that shows one session; ``shut`` before it goes."""

    left = Signal()  # back to the start page
    language_asked = Signal()
    theme_asked = Signal()
    help_asked = Signal()

    def __init__(
        self, desk: Desk, session: MonitorSession, alarms: AlarmDesk, story: Story | None = None
    ) -> None:
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
        self.copy_fault = QPushButton()
        self.copy_fault.clicked.connect(self._copy_failure)
        self.copy_fault.hide()
        self.stack = QStackedWidget()
        self.waiting = label("lead")
        self.screens: dict[str, QWidget] = {}
        self.current = "overview"
        transport = session.transport
        self.replay = None if transport is None else ReplayBar(desk, self.place, transport)
        self.jobs = Jobs(self)
        self.jobs.troubled.connect(desk.troubles.noted)
        self.tour = (
            None if story is None else TourStrip(desk, self.place, session, self.jobs, story)
        )
        self.studies = Studies(self)
        self._history: list[str] = []
        self._snapshot: Snapshot | None = None
        self._stale = False
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
        ended = QHBoxLayout()
        ended.addWidget(self.fault, 1)
        ended.addWidget(self.copy_fault)
        inner.addLayout(ended)
        inner.addWidget(self.stack, 1)
        if self.replay is not None:
            inner.addWidget(self.replay)
            self.bus.join(self.replay, Rate.TILES)
        if self.tour is not None:
            inner.addWidget(self.tour)
            self.tour.led.connect(self.look_at)
            self.tour.closed.connect(self.tour.hide)
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
        if self.replay is not None:
            self.jobs.run("moments of the log", self.session.moments, self._show_moments)
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
        self.copy_fault.setText(translate("Trouble", "Copy the report"))
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
        """Out of what is open on the screen, else to the screen before."""
        inner = getattr(self.screens.get(self.current), "step_back", None)
        if inner is not None and inner():
            return
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

    def show_kpi(self, id_: str) -> None:
        """Shows what a KPI is made of."""
        self.show_screen("kpis")
        screen = self.screens.get("kpis")
        if isinstance(screen, KpiBoard):
            screen.open(id_)

    def show_station(self, station: str) -> None:
        """Shows a station's signals."""
        self.show_screen("signals")
        screen = self.screens.get("signals")
        if isinstance(screen, Signals):
            screen.search_for(station)

    def look_at(self, look: Look) -> None:
        """Leads to a screen, and there to a station; a screen that is not there is the overview."""
        names = [name for name, _ in SCREENS]
        self.show_screen(look.screen if look.screen in names else "overview")
        screen = self.screens.get(self.current)
        if look.station is not None and isinstance(screen, Overview | Signals):
            screen.point_at(look.station)

    def things(self) -> list[Entry]:
        """What can be found by its name: stations, signals, vehicles."""
        line, name = self.place.line, self.desk.name
        station, signal = translate("Palette", "station"), translate("Palette", "signal")
        found = [
            Entry(f"{each.id}  {name(each.names)}", station, partial(self.go_to_station, each.id))
            for each in line.stations
        ]
        found += [
            Entry(each.key, signal, partial(self.show_station, each.key)) for each in line.signals
        ]
        snapshot = self.session.snapshot()
        vehicle = translate("Palette", "vehicle")
        found += [
            Entry(each, vehicle, partial(self.show_vehicle, each))
            for each in (() if snapshot is None else snapshot.vehicles.vehicle)
        ]
        return found

    def go_to_station(self, station: str) -> None:
        """Marks a station on the overview."""
        self.look_at(Look("overview", station, Names("", "")))

    def start_finding(self) -> None:
        """Puts the cursor where things are looked for: here, or among the vehicles."""
        screen = self.screens.get(self.current)
        if not isinstance(screen, Vehicles | Signals | AlarmScreen):
            self.show_screen("vehicles" if self.place.line.stations else "signals")
            screen = self.screens.get(self.current)
        if isinstance(screen, Vehicles | Signals | AlarmScreen):
            screen.search.setFocus()
            screen.search.selectAll()

    def seek(self, time_ns: int) -> None:
        """Goes to a moment, in a replay."""
        if self.replay is not None:
            self.replay.timeline.sought.emit(time_ns)

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
        self.copy_fault.setVisible(failure is not None)
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
        signals = self.screens.get("signals")
        if isinstance(signals, Signals) and signals.isVisible():
            signals.refresh_connections()

    def shut(self) -> None:
        """Ends the beat and closes the plots; session, jobs and studies are their owner's to end."""
        self.jobs.drop()
        self.studies.drop()
        self.bus.stop()
        self._pulse.stop()
        for screen in self.screens.values():
            screen.shut()  # type: ignore[attr-defined]

    def _copy_failure(self) -> None:
        """The report of what ended the session, to the clipboard."""
        said, detail = self.session.failure(), self.session.failure_detail()
        if said is not None:
            trouble = Trouble(self.desk.now_ns(), self.session.title, said, detail or said)
            QGuiApplication.clipboard().setText(trouble.report())

    def _show_moments(self, moments: Any) -> None:
        if self.replay is not None:
            self.replay.show_moments(moments)

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
            "kpis": lambda: KpiBoard(self.desk, self.place, self.trends, self.studies),
            "alarms": lambda: AlarmScreen(self.desk, self.place, self.alarms),
            "energy": lambda: Energy(self.desk, self.place, self.studies, live=live),
            "losses": self._losses,
            "vehicles": lambda: Vehicles(self.desk, self.place, self.studies),
            "signals": lambda: Signals(self.desk, self.place, self.session),
            "reports": lambda: Reports(self.desk, self.place, self.session, self.jobs),
        }

    def _losses(self) -> QWidget:
        seeks = self.replay is not None
        screen = Losses(self.desk, self.place, self.studies, seeks=seeks)
        screen.seek_asked.connect(self.seek)
        return screen

    def _overview(self) -> QWidget:
        live = self.session.mode != "replay"
        screen = Overview(self.desk, self.place, self.trends, self.alarms, live=live)
        screen.alarm_chosen.connect(self.show_alarm)
        screen.vehicle_chosen.connect(self.show_vehicle)
        screen.station_chosen.connect(self.show_station)
        for tile in screen.strip.tiles.values():
            tile.opened.connect(self.show_kpi)
        return screen
