"""The table of metering points, each of which can be shown as a curve."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHeaderView, QVBoxLayout

from data.line import Line
from twin.snapshot import Snapshot
from ui.desk import Desk
from ui.models.points import PointModel
from ui.widgets.sheet import Sheet
from ui.widgets.table import Table, WholeRows
from ui.words import translate


class PointTable(Sheet):
    """Metering points as a tree with power now and on average; emits those selected."""

    selected = Signal(list)

    def __init__(self, desk: Desk, line: Line) -> None:
        super().__init__(desk)
        self.model = PointModel(desk, line)
        self.view = Table()
        self.view.setModel(self.model)
        self.view.setSelectionMode(Table.SelectionMode.MultiSelection)
        self.view.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, wide in ((1, 108), (2, 84), (3, 84)):
            self.view.setColumnWidth(column, wide)
        self.view.selectionModel().selectionChanged.connect(self._changed)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(WholeRows(self.view))
        self.retranslate()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's power."""
        self.model.show_power(snapshot.power.point, snapshot.power.kw)

    def retranslate(self) -> None:
        """Sets every text."""
        self.model.retranslate()
        self.view.setAccessibleName(translate("Energy", "Metering points"))

    def select(self, rows: list[int]) -> None:
        """Selects points by row."""
        for row in rows:
            self.view.selectRow(row)

    def _changed(self) -> None:
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        self.selected.emit([self.model.point(row) for row in rows])
