"""What every table behind a view has in common: cells are made when they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from ui.desk import Desk

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NS = 1_000_000_000
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
NOWHERE = QModelIndex()
_ANSWERED = frozenset((Role.DisplayRole, Role.TextAlignmentRole, Role.ForegroundRole))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how it is called now, whether it holds figures, and its text in a row."""

    head: Callable[[], str]
    figures: bool
    cell: Callable[[int], str]
    tone: Callable[[int], str] | None = None  # a token, where a cell is abnormal


class TextTable(QAbstractTableModel):
    """A table whose cells are made when they are looked at."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.columns: tuple[Column, ...] = ()

    def row_total(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        """Qt's hook."""
        return 0 if parent.isValid() else self.row_total()

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        """Qt's hook."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Qt's hook."""
        # Asked a dozen times per cell: what is never answered goes first.
        if role not in _ANSWERED or not index.isValid() or index.row() >= self.row_total():
            return None
        column = self.columns[index.column()]
        if role == Role.DisplayRole:
            return column.cell(index.row())
        if role == Role.TextAlignmentRole:
            return _RIGHT if column.figures else _LEFT
        if role == Role.ForegroundRole and column.tone is not None:
            tone = column.tone(index.row())
            return self.desk.tokens.color(tone) if tone else None
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """Qt's hook."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Role.DisplayRole:
            return self.columns[section].head()
        if role == Role.TextAlignmentRole:
            return _RIGHT if self.columns[section].figures else _LEFT
        return None

    def retranslate(self) -> None:
        """Every word anew."""
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.refresh()

    def refresh(self) -> None:
        """Every cell anew."""
        if self.row_total() and self.columns:
            last = self.index(self.row_total() - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
