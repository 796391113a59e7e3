"""Signals: every one with value, age and quality; and how each connection stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QToolButton, QVBoxLayout

from twin.snapshot import Snapshot
from ui import takeaway, text
from ui.desk import Desk, Place
from ui.models.signals import ConnectionModel, SignalModel
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.widgets.sheet import Panel, Sheet
from ui.widgets.table import ROW, Table, WholeRows
from ui.words import translate

if TYPE_CHECKING:
    from ui.backend import MonitorSession

_COLUMNS = {0: 190, 1: 170, 2: 60, 3: 100, 4: 110, 5: 80, 6: 380, 7: 300}
_CONNECTION_WIDTHS = (90, 250, 130, 80, 80, 84, 100, 90, 200)


class Signals(Sheet):
    """Two tables: connections above, signals below."""

    def __init__(self, desk: Desk, place: Place, session: MonitorSession) -> None:
        super().__init__(desk)
        self._session = session
        self._snapshot: Snapshot | None = None
        self.model = SignalModel(desk, place.line)
        self.connections = ConnectionModel(desk)
        self.table, self.connection_table = Table(), Table()
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(230)
        self.abnormal = QToolButton()
        self.abnormal.setCheckable(True)
        self.save = QToolButton()
        self._upper, self._lower = Panel(), Panel()
        self._build()
        self.search.textChanged.connect(self._filter)
        self.abnormal.toggled.connect(self._filter)
        self.save.clicked.connect(self.export)
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        column.setSpacing(GAP_PX)
        self._upper.body.addWidget(self.connection_table)
        self._lower.head.addWidget(self.abnormal)
        self._lower.head.addWidget(self.search)
        self._lower.head.addWidget(self.save)
        self._lower.body.addWidget(WholeRows(self.table))
        column.addWidget(self._upper)
        column.addWidget(self._lower, 1)
        tables = (
            (self.table, self.model, tuple(_COLUMNS.values())),
            (self.connection_table, self.connections, _CONNECTION_WIDTHS),
        )
        for table, model, widths in tables:
            table.setModel(model)
            for number, wide in enumerate(widths):
                table.setColumnWidth(number, wide)
            table.horizontalHeader().setStretchLastSection(True)
        self.table.show_fitting(_COLUMNS)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.connection_table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit_connections()

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.CHARTS)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's signals."""
        self._snapshot = snapshot
        self.refresh_connections()
        self.model.show_signals(snapshot.signals, snapshot.time_ns)
        self._say_counts()

    def refresh_connections(self) -> None:
        """How the connections stand now; they change without any new sample."""
        before = self.connections.row_total()
        views = self._session.connections()
        self.connections.show_connections(views)
        self.model.show_connections(views)
        if self.connections.row_total() != before:
            self._fit_connections()

    def export(self) -> None:
        """Asks for a file and writes the signals that are shown."""
        takeaway.save(self, takeaway.of_model("signals", self.model))

    def search_for(self, wanted: str) -> None:
        """Shows the signals that this text is found in."""
        self.search.setText(wanted)

    def point_at(self, station: str) -> None:
        """A station's signals."""
        self.search_for(station)

    def set_stale(self, stale: bool) -> None:
        """Each signal says its own age."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._upper.title.setText(translate("Signals", "Connections"))
        self._lower.title.setText(translate("Signals", "Signals"))
        self.table.setAccessibleName(translate("Signals", "Signals"))
        self.connection_table.setAccessibleName(translate("Signals", "Connections"))
        self.search.setPlaceholderText(translate("Signals", "Find a signal"))
        self.search.setAccessibleName(translate("Signals", "Find a signal"))
        self.abnormal.setText(translate("Signals", "Only what is not good"))
        self.abnormal.setAccessibleName(self.abnormal.text())
        self.save.setText(translate("Signals", "Export …"))
        self.save.setAccessibleName(self.save.text())
        self.save.setToolTip(translate("Signals", "Export … (Ctrl+E)"))
        self.model.retranslate()
        self.connections.retranslate()
        self._say_counts()

    def shut(self) -> None:
        """Nothing to close."""

    def _filter(self) -> None:
        self.model.set_filter(self.search.text(), abnormal=self.abnormal.isChecked())
        self._say_counts()

    def _fit_connections(self) -> None:
        """The table is as high as its rows, up to four."""
        rows = min(max(self.connections.row_total(), 1), 4)
        self.connection_table.setFixedHeight(rows * ROW + 36)
        none = self._session.mode == "replay"
        self._upper.setVisible(not none)

    def _say_counts(self) -> None:
        if self._snapshot is None:
            return
        quality = self._snapshot.quality
        bad = self.model.abnormal_total()
        said = translate("Signals", "{n} signals, {bad} not good").format(
            n=text.number(self.model.total(), 0), bad=text.number(bad, 0)
        )
        stream = translate(
            "Signals", "{samples} samples: {bad} bad, {late} late, {dropped} dropped, {gaps} gaps"
        ).format(
            samples=text.number(quality.samples, 0),
            bad=text.number(quality.bad, 0),
            late=text.number(quality.late, 0),
            dropped=text.number(quality.dropped, 0),
            gaps=text.number(quality.gaps, 0),
        )
        self._lower.note.set_full(f"{said} · {stream}")
