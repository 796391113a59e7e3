"""The palette that Ctrl+K opens: every key, and stations, signals and vehicles by what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui.desk import Desk
from ui.models.base import NOWHERE, Index
from ui.theme import font
from ui.widgets import paint
from ui.words import translate

SIZE = (620, 460)
_ROW = 28


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be done or gone to: its name, and its key or kind at the right."""

    said: str
    aside: str
    act: Callable[[], object]


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Those that hold every word that was typed, those that begin with it first."""
    wanted = typed.lower().split()
    found = [e for e in entries if all(w in f"{e.said} {e.aside}".lower() for w in wanted)]
    begin = typed.strip().lower()
    return sorted(found, key=lambda entry: not entry.said.lower().startswith(begin))


class Entries(QAbstractListModel):
    """The entries that match."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Entry] = []

    def show_entries(self, shown: list[Entry]) -> None:
        """Takes the place of those before."""
        self.beginResetModel()
        self.shown = shown
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        """Qt's hook."""
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Qt's hook."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        entry = self.shown[index.row()]
        spoken = f"{entry.said}, {entry.aside}" if entry.aside else entry.said
        return spoken if role == Qt.ItemDataRole.AccessibleTextRole else entry.said


class Palette(QDialog):
    """``commands`` are listed at once; ``things`` are there for what is typed."""

    def __init__(
        self, desk: Desk, commands: Sequence[Entry], things: Sequence[Entry], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Palette", "Find"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        self._commands, self._all = list(commands), [*commands, *things]
        self.entries = Entries()
        self.search, self.list = QLineEdit(), QListView()
        said = translate("Palette", "A station, a signal, a vehicle's number, a screen, a key")
        self.search.setPlaceholderText(said)
        self.search.setAccessibleName(said)
        self.search.setClearButtonEnabled(True)
        self.list.setAccessibleName(translate("Palette", "What was found"))
        self.list.setModel(self.entries)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_Row(desk, self))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(lambda: self._take(self.list.currentIndex()))
        self.list.activated.connect(self._take)
        self.list.clicked.connect(self._take)
        self.search.installEventFilter(self)
        self._find("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Up and Down move in the list while one types."""
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        pressed = event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() in moves:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _find(self, typed: str) -> None:
        self.entries.show_entries(matching(self._all, typed) if typed.strip() else self._commands)
        self.list.setCurrentIndex(self.entries.index(0, 0))

    def _take(self, index: QModelIndex) -> None:
        if index.isValid():
            entry = self.entries.shown[index.row()]
            self.accept()
            entry.act()


class _Row(QStyledItemDelegate):
    """A name on the left, its key or kind on the right."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(super().sizeHint(option, index).width(), _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's hook."""
        super().paint(painter, option, index)
        model = index.model()
        if not isinstance(model, Entries):
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        ink = self._desk.tokens.color("ink" if chosen else "soft")
        box = option.rect.adjusted(0, 0, -10, 0)
        aside = model.shown[index.row()].aside
        wide = paint.width_of(aside, font(12)) + 4
        right = box.adjusted(int(box.width() - wide), 0, 0, 0).toRectF()
        paint.write(painter, right, aside, ink, px=12, align=paint.RIGHT)
