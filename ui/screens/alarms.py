"""Alarms: what to attend to and what to do about it, what happened, how the alarm system does."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from data.tables import TableError, write_table
from twin.alarm_figures import figures
from twin.alarms import AlarmView
from twin.snapshot import Snapshot
from ui import text
from ui.alarm_desk import AlarmDesk
from ui.desk import Desk, Place
from ui.models.alarms import SHELF, AlarmModel, JournalModel
from ui.models.base import TextTable
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.widgets.alarm_card import AlarmCard
from ui.widgets.alarm_figures import FigureModel, FrequentModel, RaisedBars, priorities_text
from ui.widgets.sheet import Panel, Segments, Sheet, label, set_tone
from ui.widgets.table import Table, WholeRows
from ui.words import translate

PAGES = ("list", "new", "shelf", "journal", "figures")
CARD_PX = 356
BLINK_MS = 600
# Of the columns [px], by their importance.
_WIDTHS = {0: 92, 1: 206, 2: 170, 3: 82, 4: 158, 5: 96, 6: 100}
_JOURNAL_WIDTHS = {0: 158, 1: 170, 2: 210, 3: 180, 4: 92, 5: 84, 6: 84, 7: 180}
_FIGURE_WIDTHS = {0: 260, 1: 84, 2: 70, 3: 90}
_FREQUENT_WIDTHS = {0: 200, 2: 70, 3: 70, 1: 180}


class AlarmScreen(Sheet):
    """Five pages behind one head: the list three ways, the journal, the figures."""

    def __init__(self, desk: Desk, place: Place, alarms: AlarmDesk) -> None:
        super().__init__(desk)
        self._place, self._alarms = place, alarms
        self._page = "list"
        self.model, self.journal = AlarmModel(desk, place), JournalModel(desk, place)
        self.figure_model, self.frequent = FigureModel(desk), FrequentModel(desk, place)
        self.table, self.journal_table = Table(), Table()
        self.figure_table, self.frequent_table = Table(), Table()
        self.card = AlarmCard(desk, place)
        self.bars = RaisedBars(desk, place)
        self.pages = Segments(PAGES)
        self.pages.choose("list")
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(200)
        self.take_away = QPushButton()
        self._panel = Panel()
        self._stack, self._list_stack = QStackedWidget(), QStackedWidget()
        self._none, self._priorities = label("lead"), label("soft")
        self._bar_head, self._frequent_head = label("head"), label("head")
        self._aim_head = label("head")
        self.trouble = label("soft")
        self._build()
        self._wire()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        for widget in (self.pages, self.search, self.take_away):
            self._panel.head.addWidget(widget)
        self._panel.body.addWidget(self._stack, 1)
        self._panel.body.addWidget(self.trouble)
        self.trouble.setWordWrap(True)
        column.addWidget(self._panel)
        self._stack.addWidget(self._list_page())
        self._stack.addWidget(WholeRows(self.journal_table))
        self._stack.addWidget(self._figure_page())
        tables = (
            (self.table, self.model, _WIDTHS),
            (self.journal_table, self.journal, _JOURNAL_WIDTHS),
            (self.figure_table, self.figure_model, _FIGURE_WIDTHS),
            (self.frequent_table, self.frequent, _FREQUENT_WIDTHS),
        )
        for table, model, widths in tables:
            table.setModel(model)
            table.show_fitting(widths)
            table.horizontalHeader().setStretchLastSection(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _list_page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._none.setWordWrap(True)
        self._list_stack.addWidget(self._none)
        self._list_stack.addWidget(WholeRows(self.table))
        row.addWidget(self._list_stack, 1)
        self.card.setFixedWidth(CARD_PX)
        row.addWidget(self.card)
        return page

    def _figure_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._bar_head)
        column.addWidget(self.bars)
        column.addWidget(self._priorities)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        for head, table in (
            (self._aim_head, self.figure_table),
            (self._frequent_head, self.frequent_table),
        ):
            half = QVBoxLayout()
            half.addWidget(head)
            half.addWidget(WholeRows(table), 1)
            row.addLayout(half, 1)
        column.addLayout(row, 1)
        return page

    def _wire(self) -> None:
        self.pages.chosen.connect(self.show_page)
        self.search.textChanged.connect(self._filter)
        self.take_away.clicked.connect(self.export)
        self.card.done.connect(self._do)
        self.table.selectionModel().currentRowChanged.connect(lambda _a, _b: self._show_card())
        self.table.doubleClicked.connect(lambda _: self.acknowledge())
        self._blink = QTimer(self, interval=BLINK_MS)
        self._blink.timeout.connect(self.model.blink)
        self._blink.start()

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.TILES)

    def show_snapshot(self, _snapshot: Snapshot) -> None:
        """Shows what stands at a snapshot's moment."""
        self.show_alarms()

    def show_alarms(self) -> None:
        """Shows what stands and what happened."""
        board = self._alarms.board
        self.model.show_board(board)
        self._list_stack.setCurrentIndex(1 if self.model.row_total() else 0)
        if self._page == "journal":
            self.journal.show_journal(self._alarms.journal())
        elif self._page == "figures":
            found = figures(board)
            for part in (self.bars, self.figure_model, self.frequent):
                part.show_figures(found)
            self._priorities.setText(priorities_text(found))
        self._show_card()
        self._say()

    def show_page(self, page: str) -> None:
        """Shows one of the pages."""
        self._page = page
        self.pages.choose(page)
        self._stack.setCurrentIndex({"journal": 1, "figures": 2}.get(page, 0))
        self.search.setVisible(page != "figures")
        self.take_away.setVisible(page != "figures")
        self._filter()
        self._say_none()
        self.show_alarms()

    def choose(self, key: str) -> None:
        """Selects an alarm, on the page where it is."""
        alarm = next((a for a in self._alarms.board.alarms if a.rule.key == key), None)
        if alarm is None:
            return
        self.search.clear()
        self.show_page("shelf" if alarm.state in SHELF else "list")
        row = self.model.row_of(key)
        if row is not None:
            self.table.selectRow(row)
            self.table.scrollTo(self.model.index(row, 0))
            self.table.setFocus()

    def acknowledge(self) -> None:
        """Acknowledges what is selected."""
        if self._page not in ("journal", "figures"):
            for key in [alarm.rule.key for alarm in self._selected()]:
                self._alarms.act(key, "acknowledge")

    def export(self) -> None:
        """Asks for a file, and writes what is shown: the list or the journal."""
        title = translate("Alarms", "Export")
        kinds = "CSV (*.csv);;Excel (*.xlsx)"
        name = "alarm-journal.csv" if self._page == "journal" else "alarms.csv"
        chosen, _ = QFileDialog.getSaveFileName(self, title, name, kinds)
        if chosen:
            self.write(Path(chosen))

    def write(self, path: Path) -> None:
        """Writes what is shown as CSV or XLSX; what is wrong with the file is said here."""
        model: TextTable = self.journal if self._page == "journal" else self.model
        rows = range(model.row_total())
        columns = {c.head(): [c.cell(row) for row in rows] for c in model.columns}
        try:
            write_table(path, columns)
        except (TableError, OSError) as fault:
            self._tell(f"▲ {fault}", "warn")
        else:
            said = translate("Alarms", "Written: {n} rows to {path}")
            self._tell(said.format(n=text.number(len(rows), 0), path=path), "")

    def set_stale(self, stale: bool) -> None:
        """An alarm stays until its condition is known to be over."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._panel.title.setText(translate("Alarms", "Alarms"))
        names = (
            translate("Alarms", "To attend to"),
            translate("Alarms", "Not acknowledged"),
            translate("Alarms", "Set aside"),
            translate("Alarms", "Journal"),
            translate("Alarms", "Alarm KPIs"),
        )
        for page, name in zip(PAGES, names, strict=True):
            self.pages.set_text(page, name)
        self.search.setPlaceholderText(translate("Alarms", "Find an alarm"))
        self.search.setAccessibleName(translate("Alarms", "Find an alarm"))
        self.take_away.setText(translate("Alarms", "Export …"))
        self.take_away.setAccessibleName(translate("Alarms", "Export"))
        self.take_away.setToolTip(translate("Alarms", "Export") + " (Ctrl+E)")
        self._bar_head.setText(translate("Alarms", "Raised in each ten minutes"))
        self._aim_head.setText(translate("Alarms", "Figures and aims"))
        self._frequent_head.setText(translate("Alarms", "Most frequent"))
        self.table.setAccessibleName(translate("Alarms", "Alarms"))
        self.journal_table.setAccessibleName(translate("Alarms", "Journal"))
        self.figure_table.setAccessibleName(translate("Alarms", "Alarm KPIs"))
        self.frequent_table.setAccessibleName(translate("Alarms", "Most frequent"))
        for model in (self.model, self.journal, self.figure_model, self.frequent):
            model.retranslate()
        self._say_none()
        self.show_alarms()

    def shut(self) -> None:
        """Ends the blinking."""
        self._blink.stop()

    def _filter(self) -> None:
        if self._page == "journal":
            self.journal.set_filter(self.search.text())
        else:
            self.model.set_filter(self.search.text(), self._page)
        self._list_stack.setCurrentIndex(1 if self.model.row_total() else 0)
        self._say()

    def _selected(self) -> list[AlarmView]:
        rows = self.table.selectionModel().selectedRows()
        return [self.model.alarm(index.row()) for index in rows]

    def _show_card(self) -> None:
        current = self.table.currentIndex()
        here = current.isValid() and current.row() < self.model.row_total()
        self.card.show_alarm(self.model.alarm(current.row()) if here else None)

    def _do(self, deed: str, reason: str, seconds: float) -> None:
        alarm = self.card.alarm
        if alarm is None:
            return
        for_s = seconds if deed == "shelve" else None
        row = self.table.currentIndex().row()
        keys = [a.rule.key for a in self._selected()] or [alarm.rule.key]
        for key in keys:
            self._alarms.act(key, deed, reason, for_s)  # type: ignore[arg-type]
        self._select_near(row)

    def _select_near(self, row: int) -> None:
        """The next one, where the one that was selected has left the list."""
        if not self.table.currentIndex().isValid() and self.model.row_total():
            index = self.model.index(min(max(row, 0), self.model.row_total() - 1), 0)
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._show_card()

    def _say(self) -> None:
        new, standing = self._alarms.counts()
        said = translate("Alarms", "{n} standing, {new} not acknowledged").format(
            n=text.number(standing, 0), new=text.number(new, 0)
        )
        if self._page == "journal":
            shown, whole = self.journal.row_total(), self.journal.total()
            said = translate("Alarms", "{n} of {all} entries").format(
                n=text.number(shown, 0), all=text.number(whole, 0)
            )
        if self._alarms.board.flood:
            said += " · " + translate("Alarms", "▲ alarm flood: look at what came first")
        self._panel.note.set_full(said)
        if self._alarms.trouble is not None:
            kept = translate("Alarms", "▲ The journal cannot be kept: {why}")
            self._tell(kept.format(why=self._alarms.trouble), "warn")

    def _say_none(self) -> None:
        self._none.setText(
            translate("Alarms", "Nothing is set aside.")
            if self._page == "shelf"
            else translate("Alarms", "Nothing calls for you.")
        )

    def _tell(self, said: str, tone: str) -> None:
        self.trouble.setText(said)
        set_tone(self.trouble, tone)
