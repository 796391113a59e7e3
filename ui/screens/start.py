"""The start page: watch a line, open a log, or try the simulated plant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from data.line import Names
from ui import text
from ui.backend import Backend, OpenFailed, Story
from ui.desk import Desk
from ui.widgets.logo import Logo
from ui.widgets.sheet import Choice, IconButton, Panel, Sheet, label
from ui.words import translate

if TYPE_CHECKING:
    from ui.backend import MonitorSession

DEMO_SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0)
TOUR_SPEED = 20.0
TOUR_COLUMNS = 4
LOG_ENDING = ".glog"


class Opener(QObject):
    """Opens sessions on a thread, so that a slow disk or server never holds the screen."""

    opened = Signal(object)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._thread: Thread | None = None

    @property
    def busy(self) -> bool:
        """Is something being opened?"""
        return self._thread is not None and self._thread.is_alive()

    def open(self, make: Callable[[], MonitorSession]) -> None:
        """Calls ``make`` on a thread; one at a time."""
        if not self.busy:
            self._thread = Thread(target=self._run, args=(make,), name="opener", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Waits for what is being opened."""
        if self._thread is not None:
            self._thread.join()

    def _run(self, make: Callable[[], MonitorSession]) -> None:
        try:
            session = make()
        except OpenFailed as fault:
            self.failed.emit(str(fault))
        except Exception as fault:
            # Whatever a file or server does, the page stays usable and says what happened.
            self.failed.emit(f"{type(fault).__name__}: {fault}")
        else:
            self.opened.emit(session)


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


class StartPage(Sheet):
    """Three cards, and the guided tour under them; a log can be dropped anywhere on the page."""

    opened = Signal(
        object, object, object
    )  # a MonitorSession; a log's Path or None; a Story or None
    language_asked = Signal()
    theme_asked = Signal()
    help_asked = Signal()

    def __init__(self, desk: Desk, backend: Backend) -> None:
        super().__init__(desk)
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self._backend = backend
        self._lines: list[tuple[str, Names]] = list(backend.lines())
        self._opener = Opener()
        self._asked: _Asked | None = None
        self.live, self.replay, self.demo = Card(), Card(), Card()
        self.live_line, self.demo_line = Choice(desk), Choice(desk)
        self.endpoint, self.log = QLineEdit(), QLineEdit()
        self.speed, self.scenario = Choice(desk), Choice(desk)
        self._stories: tuple[Story, ...] = ()
        self.recent = QVBoxLayout()
        self._recent_head, self._no_recent = label("soft"), label("soft")
        self.tours = TourList(self)
        self._name, self._motto, self._drop = label("hero"), label("lead"), label("soft")
        self.language = QToolButton()
        self.theme, self.help = IconButton(desk, "theme"), IconButton(desk, "help")
        self._captions = self._fields()
        self._build()
        self._connect()
        self.retranslate()
        self.show_recent()

    def _fields(self) -> dict[str, QLabel]:
        captions = {
            "live_line": self.live.field(self.live_line),
            "endpoint": self.live.field(self.endpoint),
            "log": self.live.field(self.log),
        }
        self.replay.fields.addWidget(self._recent_head)
        self.recent.setSpacing(0)
        self.replay.fields.addWidget(self._no_recent)
        self.replay.fields.addLayout(self.recent)
        self._drop.setObjectName("drop")
        self._drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop.setWordWrap(True)
        self._drop.setMinimumHeight(66)
        self.replay.fields.addWidget(self._drop)
        captions["demo_line"] = self.demo.field(self.demo_line)
        captions["speed"] = self.demo.field(self.speed)
        captions["scenario"] = self.demo.field(self.scenario)
        for id_, _ in self._lines:
            self.live_line.addItem("", id_)
            self.demo_line.addItem("", id_)
        for factor in DEMO_SPEEDS:
            self.speed.addItem(text.speed(factor, ""), factor)
        self.speed.setCurrentIndex(2)
        self._fill_scenarios()
        return captions

    def _build(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(48, 14, 48, 14)
        tools = QHBoxLayout()
        tools.addStretch(1)
        for button in (self.language, self.theme, self.help):
            tools.addWidget(button)
        self.language.setFixedHeight(30)
        self.language.setMinimumWidth(48)
        page.addLayout(tools)
        middle = QWidget()
        middle.setMaximumWidth(1180)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addSpacing(20)
        cards = QHBoxLayout()
        cards.setSpacing(16)
        for card in (self.demo, self.live, self.replay):
            card.setMinimumHeight(330)
            cards.addWidget(card, 1)
        column.addLayout(cards)
        column.addSpacing(16)
        column.addWidget(self.tours)
        page.addWidget(_scrolled(middle), 1)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(Logo(self.desk))
        words_ = QVBoxLayout()
        words_.setSpacing(2)
        words_.addWidget(self._name)
        words_.addWidget(self._motto)
        head.addLayout(words_, 1)
        return head

    def _connect(self) -> None:
        self.live.go.clicked.connect(self.open_live)
        self.replay.go.clicked.connect(self.ask_log)
        self.demo.go.clicked.connect(self.open_demo)
        self.endpoint.returnPressed.connect(self.open_live)
        self.demo_line.currentIndexChanged.connect(self._fill_scenarios)
        self.language.clicked.connect(self.language_asked)
        self.theme.clicked.connect(self.theme_asked)
        self.help.clicked.connect(self.help_asked)
        self.tours.chosen.connect(self.open_tour)
        self._opener.opened.connect(self._opened)
        self._opener.failed.connect(self._failed)

    def retranslate(self) -> None:
        """Sets every text."""
        self._name.setText("Greenline")
        self._motto.setText(
            translate("Start", "Every metered kilowatt-hour ends on a vehicle or on a named loss.")
        )
        self._retranslate_cards()
        self._retranslate_fields()
        self._no_recent.setText(translate("Start", "No log was opened here yet."))
        self.tours.title.setText(translate("Start", "Guided tour"))
        self.tours.note.set_full(
            translate(
                "Start",
                "scenarios of the simulated plant: what happens, what to look at, what was found,"
                " what it cost",
            )
        )
        self._drop.setText(translate("Start", "or drop a log anywhere on this page"))
        # Each language is offered in its own words.
        self.language.setText("EN" if self.desk.language == "zh" else "中文")
        self.language.setAccessibleName(translate("TopBar", "Switch to Chinese"))
        self.language.setToolTip(translate("TopBar", "Switch to Chinese") + " (Ctrl+L)")
        self.theme.set_name(translate("TopBar", "Light, dark, high contrast (Ctrl+T)"))
        self.help.set_name(translate("TopBar", "Help (F1)"))

    def _retranslate_cards(self) -> None:
        self.live.title.setText(translate("Start", "Watch a line"))
        self.live.lead.setText(
            translate("Start", "Connects to the plant's OPC UA servers. It only ever reads.")
        )
        self.live.go.setText(translate("Start", "Connect"))
        self.replay.title.setText(translate("Start", "Open a log"))
        self.replay.lead.setText(
            translate("Start", "Replays a logged shift to the same figures, at any speed.")
        )
        self.replay.go.setText(translate("Start", "Choose a log …"))
        self.demo.title.setText(translate("Start", "Try the demo"))
        self.demo.lead.setText(
            translate("Start", "Starts a simulated plant on this machine and watches it.")
        )
        self.demo.go.setText(translate("Start", "Start the demo"))

    def _retranslate_fields(self) -> None:
        said = {
            "live_line": translate("Start", "Line"),
            "endpoint": translate("Start", "Endpoint"),
            "log": translate("Start", "Keep a log in"),
            "demo_line": translate("Start", "Line"),
            "speed": translate("Start", "Speed"),
            "scenario": translate("Start", "Scenario"),
        }
        for key, caption in self._captions.items():
            caption.setText(said[key])
            buddy = caption.buddy()
            if buddy is not None:
                buddy.setAccessibleName(said[key])
        self.endpoint.setPlaceholderText(translate("Start", "as the line file says"))
        self.log.setPlaceholderText(translate("Start", "no log"))
        self._recent_head.setText(translate("Start", "Recent"))
        for i, (_, names) in enumerate(self._lines):
            self.live_line.setItemText(i, self.desk.name(names))
            self.demo_line.setItemText(i, self.desk.name(names))
        self._name_scenarios()

    def show_recent(self) -> None:
        """Lists the logs that were opened lately."""
        while (item := self.recent.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        paths = self.desk.settings.recent()
        self._recent_head.setVisible(bool(paths))
        self._no_recent.setVisible(not paths)
        for path in paths:
            self.recent.addWidget(self._recent_button(path))

    def _recent_button(self, path: Path) -> QPushButton:
        button = QPushButton(path.name)
        button.setObjectName("link")
        button.setToolTip(str(path))
        button.setAccessibleName(str(path))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.open_log(path))
        return button

    def open_live(self) -> None:
        """Connects as the card says."""
        line = self.live_line.currentData()
        endpoint = self.endpoint.text().strip() or None
        log = Path(self.log.text().strip()) if self.log.text().strip() else None
        if line is None:
            self.live.say_fault(translate("Start", "There is no line file to watch."))
        elif endpoint is not None and not endpoint.startswith("opc.tcp://"):
            said = translate("Start", "{text} is not an endpoint: it must begin with opc.tcp://")
            self.live.say_fault(said.format(text=endpoint))
        else:
            self._ask(_Asked(self.live), lambda: self._backend.open_live(line, endpoint, log))

    def open_demo(self) -> None:
        """Starts the demo as the card says."""
        line, scenario = self.demo_line.currentData(), self.scenario.currentData()
        speed = float(self.speed.currentData())
        if line is None:
            self.demo.say_fault(translate("Start", "There is no line file to watch."))
        else:
            story = next((each for each in self._stories if each.id == scenario), None)
            self._ask(
                _Asked(self.demo, story=story),
                lambda: self._backend.open_demo(line, speed, scenario),
            )

    def open_tour(self, story_id: str) -> None:
        """Starts a scenario of the chosen line, at the tour's speed."""
        self.scenario.setCurrentIndex(max(self.scenario.findData(story_id), 0))
        self.speed.setCurrentIndex(self.speed.findData(TOUR_SPEED))
        self.open_demo()

    def ask_log(self) -> None:
        """Asks for a file and opens it."""
        kinds = translate("Start", "Shift logs") + f" (*{LOG_ENDING})"
        title = translate("Start", "Open a log")
        chosen, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if chosen:
            self.open_log(Path(chosen))

    def open_log(self, path: Path) -> None:
        """Opens a log."""
        self._ask(_Asked(self.replay, path), lambda: self._backend.open_log(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Qt's hook."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.drop(paths[0])

    def drop(self, path: Path) -> None:
        """Opens a dropped file, or says why it is no log."""
        if path.suffix.lower() != LOG_ENDING:
            said = translate("Start", "{name} is not a shift log: those end in {ending}")
            self.replay.say_fault(said.format(name=path.name, ending=LOG_ENDING))
        else:
            self.open_log(path)

    def wait(self) -> None:
        """Waits for what is being opened."""
        self._opener.wait()

    def _fill_scenarios(self) -> None:
        line = self.demo_line.currentData()
        self._stories = () if line is None else tuple(self._backend.scenarios(line))
        self.scenario.clear()
        self.scenario.addItem("", None)
        for story in self._stories:
            self.scenario.addItem("", story.id)
        self._name_scenarios()

    def _name_scenarios(self) -> None:
        self.scenario.setItemText(0, translate("Start", "An ordinary shift"))
        for i, story in enumerate(self._stories, 1):
            self.scenario.setItemText(i, self.desk.name(story.names))
            tip = self.desk.name(story.find)
            self.scenario.setItemData(i, tip, Qt.ItemDataRole.ToolTipRole)
        self.tours.show_stories([(s.id, self.desk.name(s.names)) for s in self._stories])

    def _ask(self, asked: _Asked, make: Callable[[], MonitorSession]) -> None:
        if self._opener.busy:
            return
        for other in (self.live, self.replay, self.demo):
            other.say_fault(None)
            other.go.setEnabled(False)
        self.tours.setEnabled(False)
        self._asked = asked
        asked.card.go.setText(translate("Start", "Opening …"))
        self._opener.open(make)

    def _opened(self, session: MonitorSession) -> None:
        asked = self._asked or _Asked(self.replay)
        self._ready()
        if asked.path is not None:
            self.desk.settings.keep_recent(asked.path)
            self.show_recent()
        self.opened.emit(session, asked.path, asked.story)

    def _failed(self, fault: str) -> None:
        card = self._asked.card if self._asked else self.replay
        self._ready()
        card.say_fault(fault)

    def _ready(self) -> None:
        for card in (self.live, self.replay, self.demo):
            card.go.setEnabled(True)
        self.tours.setEnabled(True)
        self._retranslate_cards()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is being opened: by which card, a log's path, a scenario's story."""

    card: Card
    path: Path | None = None
    story: Story | None = None


def _scrolled(middle: QWidget) -> QScrollArea:
    """In the middle of its room, and to be scrolled where that is too small."""
    inner = QWidget()
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(middle, 1000)
    row.addStretch(1)
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, 0, 0, 0)
    column.addStretch(2)
    column.addLayout(row)
    column.addStretch(3)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area
