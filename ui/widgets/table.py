"""A table view with our habits: whole rows, no grid, fixed rows, sort by a click."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

ROW = 27


class Table(QTableView):
    """Rows are made when they are seen, so tens of thousands cost nothing.

    Put into a ``WholeRows``, it never shows a part of a row.
    """

    def __init__(self) -> None:
        super().__init__()
        self._widths: dict[int, int] = {}
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(44)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_fitting(self, widths: Mapping[int, int]) -> None:
        """Shows the columns that fit beside one another, the others not; from now on.

        ``widths`` [px] by column, the most important ones first; the last that is shown takes up
        what is left.
        """
        self._widths = dict(widths)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        room = self.width() - 2 * self.frameWidth() - self.verticalScrollBar().sizeHint().width()
        used = 0
        for column, wide in self._widths.items():
            used += wide
            self.setColumnHidden(column, used > room and used > wide)
            self.setColumnWidth(column, wide)


class WholeRows(QWidget):
    """Holds a table at a height that shows whole rows only."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        table.setParent(self)
        self.setMinimumHeight(ROW * 3)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Qt's hook."""
        super().resizeEvent(event)
        table = self._table
        around = table.horizontalHeader().sizeHint().height() + 2 * table.frameWidth()
        rows = max((self.height() - around) // ROW, 1)
        table.setGeometry(0, 0, self.width(), rows * ROW + around)
