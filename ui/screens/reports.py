"""Reports: the shift's report as its pages, to be printed or handed on as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from ui import text
from ui.desk import Desk, Place
from ui.jobs import Jobs
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.trouble import Trouble
from ui.widgets.page_view import WIDTH_PX, PageView
from ui.widgets.sheet import Panel, Segments, Sheet, label
from ui.words import translate

if TYPE_CHECKING:
    from data.line import Line
    from twin.report import Report
    from twin.snapshot import Snapshot
    from ui.backend import MonitorSession
    from ui.reports.blocks import Document
    from ui.reports.words import Language

FILES = ("pdf", "html", "xlsx", "json")


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it is shown: what it says, how it is laid out, and its pages."""

    report: Report
    document: Document
    pages: tuple[QImage, ...]


class Reports(Sheet):
    """The report is drawn up when the screen is first seen, and again when that is asked for."""

    def __init__(self, desk: Desk, place: Place, session: MonitorSession, jobs: Jobs) -> None:
        super().__init__(desk)
        self._place, self._session, self._jobs = place, session, jobs
        self._language: Language = "zh" if desk.language == "zh" else "en"
        self._desk_language = desk.language
        self._report: Report | None = None
        self.draft: Draft | None = None
        self._busy = False
        self._snapshot: Snapshot | None = None
        self.languages = Segments(("en", "zh"))
        self.pages = PageView(desk)
        self.anew, self.print = QPushButton(), QPushButton()
        self.files = {ending: QPushButton() for ending in FILES}
        self.facts = QGridLayout()
        self.status, self.fault = label("soft"), QLabel()
        self._empty = label("lead")
        self._side, self._main = Panel(), Panel()
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        row.setSpacing(GAP_PX)
        self._side.setFixedWidth(300)
        self.fault.setObjectName("fault")
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.status.setWordWrap(True)
        self.print.setObjectName("primary")
        self._side.head.addWidget(self.languages)
        body = self._side.body
        self.facts.setVerticalSpacing(1)
        body.addLayout(self.facts)
        body.addStretch(1)
        body.addWidget(self.fault)
        body.addWidget(self.status)
        body.addWidget(self.print)
        grid = QGridLayout()
        for number, button in enumerate(self.files.values()):
            grid.addWidget(button, number // 2, number % 2)
        body.addLayout(grid)
        body.addWidget(self.anew)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._main.body.addWidget(self._empty, 1)
        self._main.body.addWidget(self.pages, 1)
        row.addWidget(self._main, 1)
        row.addWidget(self._side)

    def _connect(self) -> None:
        self.languages.choose(self._language)
        self.languages.chosen.connect(self._choose_language)
        self.anew.clicked.connect(self.draw_up)
        self.print.clicked.connect(self.ask_printer)
        for ending, button in self.files.items():
            button.clicked.connect(lambda _=False, ending=ending: self.ask_file(ending))

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.CHARTS)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The first one begins the report; later ones only tell how much newer the line is."""
        self._snapshot = snapshot
        if self._report is None and not self._busy and self.fault.isHidden():
            self.draw_up()
        self._say()

    def set_stale(self, stale: bool) -> None:
        """A report says itself of which time it is."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._main.title.setText(translate("Reports", "Shift report"))
        self._side.title.setText(translate("Reports", "Language"))
        self.languages.set_text("en", "English")
        self.languages.set_text("zh", "中文")
        self.pages.setAccessibleName(translate("Reports", "Pages of the report"))
        self.print.setText(translate("Reports", "Print …"))
        for ending, button in self.files.items():
            button.setText(f"{ending.upper()} …")
            said = translate("Reports", "Save the report as {kind}").format(kind=ending.upper())
            button.setAccessibleName(said)
            button.setToolTip(said)
        self.anew.setText(translate("Reports", "Draw up anew"))
        if self.desk.language != self._desk_language:
            self._desk_language = self.desk.language
            self._choose_language(self.desk.language)
        self._say()

    def shut(self) -> None:
        """Nothing to close."""

    def draw_up(self) -> None:
        """Draws up the report of everything booked so far, on a thread."""
        self._begin(translate("Reports", "Draws up the report …"))
        session, line, language = self._session, self._place.line, self._language
        self._jobs.run("report", lambda: _drawn(session, line, language), self._drawn, self._wrong)

    def ask_printer(self) -> None:
        """Asks for a printer and prints."""
        from ui.reports.paper import RESOLUTION, a4

        if self.draft is None:
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageLayout(a4())
        if QPrintDialog(printer, self).exec():
            printer.setResolution(RESOLUTION)
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Prints what is shown, on a thread."""
        if self.draft is None:
            return
        from ui.reports.pdf import print_on

        document = self.draft.document
        self._begin(translate("Reports", "Prints …"))
        printed = translate("Reports", "Sent to the printer")
        self._jobs.run(
            "print",
            lambda: print_on(printer, document),
            lambda _: self._done(printed),
            self._wrong,
        )

    def ask_file(self, ending: str) -> None:
        """Asks for a file's name and saves what is shown."""
        if self.draft is None:
            return
        begin = str(self.draft.report["from"] or "")[:10]
        name = f"{self._place.line.plant.id}-{begin}-{self._language}.{ending}"
        title = translate("Reports", "Save the report as {kind}").format(kind=ending.upper())
        chosen, _ = QFileDialog.getSaveFileName(self, title, name, f"*.{ending}")
        if chosen:
            path = Path(chosen)
            # A name that was typed without it gets the ending of the button.
            self.save(path if path.suffix.lower() == f".{ending}" else Path(f"{chosen}.{ending}"))

    def save(self, path: Path) -> None:
        """Saves what is shown, in the format of the ending, on a thread."""
        if self.draft is None:
            return
        from ui.reports import write_report

        report, line, language = self.draft.report, self._place.line, self._language
        self._begin(translate("Reports", "Saves …"))
        saved = translate("Reports", "Saved: {path}").format(path=path)
        self._jobs.run(
            "saving a report",
            lambda: write_report(report, line, path, language),
            lambda _: self._done(saved),
            self._wrong,
        )

    def _choose_language(self, language: str) -> None:
        self._language = "zh" if language == "zh" else "en"
        self.languages.choose(language)
        if self._report is not None:
            self._begin(translate("Reports", "Draws up the report …"))
            report, line, chosen = self._report, self._place.line, self._language
            self._jobs.run(
                "report", lambda: _laid_out(report, line, chosen), self._drawn, self._wrong
            )

    def _drawn(self, draft: object) -> None:
        self._busy = False
        if isinstance(draft, Draft):
            self._report, self.draft = draft.report, draft
            self.pages.show_pages(draft.pages)
            self._show_facts(draft.document)
        self.status.clear()
        self._say()

    def _done(self, said: str) -> None:
        self._busy = False
        self.status.setText(said)
        self._say()

    def _wrong(self, trouble: object) -> None:
        self._busy = False
        self.status.clear()
        if isinstance(trouble, Trouble):
            self.fault.setText("◆ " + trouble.said)
            self.fault.show()
        self._say()

    def _begin(self, said: str) -> None:
        self._busy = True
        self.fault.hide()
        self.status.setText(said)
        self._say()

    def _show_facts(self, document: Document) -> None:
        """What the report is of, and how complete its data are."""
        while (item := self.facts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for number, (caption, value) in enumerate(document.facts):
            said = label("", value)
            said.setWordWrap(True)
            said.setContentsMargins(0, 0, 0, 5)
            self.facts.addWidget(label("soft", caption), 2 * number, 0)
            self.facts.addWidget(said, 2 * number + 1, 0)

    def _say(self) -> None:
        shown = self.draft is not None
        self._empty.setVisible(not shown)
        self.pages.setVisible(shown)
        for button in (self.print, self.anew, *self.files.values(), *self._language_buttons()):
            button.setEnabled(shown and not self._busy)
        self.anew.setEnabled(not self._busy)
        waiting = translate("Reports", "Draws up the report …") if self._busy else ""
        nothing = translate("Reports", "Nothing is booked yet: the report begins with the data.")
        self._empty.setText(waiting or nothing)
        self._main.note.set_full(self._of_when())

    def _language_buttons(self) -> tuple[QWidget, ...]:
        return tuple(self.languages.buttons.values())

    def _of_when(self) -> str:
        if self.draft is None:
            return ""
        many = translate("Reports", "{n} pages").format(n=len(self.draft.pages))
        if self._snapshot is None or not self._snapshot.provisional:
            return many
        until = _local_clock(self.draft.report, self._place)
        said = translate("Reports", "{pages}, of what was booked until {time}; still provisional")
        return said.format(pages=many, time=until)


def _drawn(session: MonitorSession, line: Line, language: Language) -> Draft | None:
    result = session.drawn_up()
    return None if result is None else _laid_out(result.report(), line, language)


def _laid_out(report: Report, line: Line, language: Language) -> Draft:
    from ui.reports.content import document
    from ui.reports.pdf import to_pages

    page = document(report, line, language)
    return Draft(report, page, tuple(to_pages(page, WIDTH_PX)))


def _local_clock(report: dict[str, Any], place: Place) -> str:
    from ui.reports.header import moment

    until = moment(report["to"])
    return text.DASH if until is None else f"{until.astimezone(place.zone):%H:%M:%S}"
