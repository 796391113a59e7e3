"""What can be read on a window, and whether all of it can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from unittest.mock import patch

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)

from ui.theme import SMALL_PX, font
from ui.widgets import paint
from ui.widgets.sheet import ElideLabel

# What a head may say of its figures' unit; "Value" has a column of its own for it.
UNITS = ("kWh", "kW", "kg", "%", "min", "CO₂", "/h", "h)", "Value", "值", "分钟", "CNY")


@contextmanager
def painted() -> Iterator[list[tuple[str, bool]]]:
    """Texts painted by hand meanwhile: (text, was it cut)."""
    seen: list[tuple[str, bool]] = []
    real = paint.elided

    def watched(text: str, face: QFont, width: float) -> str:
        shown = real(text, face, width)
        seen.append((text, shown != text))
        return shown

    with patch.object(paint, "elided", watched):
        yield seen


def labels(window: QWidget) -> list[QLabel]:
    return [w for w in window.findChildren(QLabel) if w.isVisible() and w.text()]


def buttons(window: QWidget) -> list[QAbstractButton]:
    return [w for w in window.findChildren(QAbstractButton) if w.isVisible()]


def tables(window: QWidget) -> list[QTableView]:
    return [w for w in window.findChildren(QTableView) if w.isVisible()]


def heads(table: QTableView) -> list[str]:
    model = table.model()
    across = Qt.Orientation.Horizontal
    return [str(model.headerData(c, across)) for c in range(model.columnCount())]


def cells(table: QTableView) -> list[str]:
    """What stands in the columns that are shown, row after row."""
    model = table.model()
    shown = [c for c in range(model.columnCount()) if not table.isColumnHidden(c)]
    return [str(model.index(r, c).data()) for r in range(model.rowCount()) for c in shown]


def texts(window: QWidget) -> list[str]:
    """Every text that is on the window now, painted ones too."""
    QApplication.processEvents()
    with painted() as seen:
        window.grab()
    found = [label.text() for label in labels(window)]
    found += [button.text() for button in buttons(window) if button.text()]
    for table in tables(window):
        found += heads(table) + cells(table)
    return [*found, *(text for text, _ in seen if text)]


def cut(window: QWidget) -> list[str]:
    """Every text that is on the window but does not fit where it stands."""
    QApplication.processEvents()
    with painted() as seen:
        window.grab()
    return [
        *(text for text, was_cut in seen if was_cut),
        *(label.text() for label in labels(window) if not _label_fits(label)),
        *(b.text() for b in buttons(window) if b.text() and not _button_fits(b)),
        *(text for table in tables(window) for text in _cut_in(table)),
    ]


def _label_fits(label: QLabel) -> bool:
    if isinstance(label, ElideLabel):
        return True
    room = label.contentsRect()
    if label.wordWrap():
        need = label.heightForWidth(label.width())
        return need <= label.height() + 1
    size = label.fontMetrics().size(0, label.text())
    return size.width() <= room.width() + 1 and size.height() <= room.height() + 1


def _button_fits(button: QAbstractButton) -> bool:
    need = button.fontMetrics().horizontalAdvance(button.text())
    return need <= button.width() - 4 and button.width() >= 24 and button.height() >= 24


def _cut_in(table: QTableView) -> list[str]:
    model, in_head = table.model(), QFontMetrics(font(SMALL_PX))
    found = []
    for column, head in enumerate(heads(table)):
        if table.isColumnHidden(column):
            continue
        room = table.columnWidth(column)
        if in_head.horizontalAdvance(head) + 14 > room:
            found.append(head)
        for row in range(min(model.rowCount(), 25)):
            cell = str(model.index(row, column).data())
            if table.fontMetrics().horizontalAdvance(cell) + 14 > room:
                found.append(cell)
    return found


def overlaps(window: QWidget) -> list[tuple[str, str]]:
    """Pairs of texts and controls that lie on one another, by what they say."""
    QApplication.processEvents()
    kinds = (QLabel, QAbstractButton, QLineEdit, QComboBox)
    shown = [
        (widget, widget.visibleRegion().boundingRect().translated(widget.mapTo(window, QPoint())))
        for kind in kinds
        for widget in window.findChildren(kind)
        if widget.isVisible() and not widget.visibleRegion().isEmpty() and _said(widget)
    ]
    return [
        (_said(one), _said(other))
        for (one, here), (other, there) in combinations(shown, 2)
        if not _together(one, other)
        and here.intersected(there).width() > 1
        and here.intersected(there).height() > 1
    ]


def _together(one: QWidget, other: QWidget) -> bool:
    """A button inside a field lies on it by intent."""
    return one.isAncestorOf(other) or other.isAncestorOf(one)


def _said(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else ""
    return text or widget.accessibleName()


def small(window: QWidget) -> list[str]:
    """Controls that are hard to hit: under 24 pixels high or wide."""
    return [
        f"{_said(w)} {w.width()}x{w.height()}"
        for kind in (QAbstractButton, QLineEdit, QComboBox)
        for w in window.findChildren(kind)
        if w.isVisible() and (w.width() < 24 or w.height() < 24) and not _inside_field(w)
    ]


def _inside_field(widget: QWidget) -> bool:
    return isinstance(widget.parentWidget(), QLineEdit | QComboBox | QTableView)


def figures_without_unit(table: QTableView) -> list[str]:
    """Heads of the columns of bare numbers that name no unit."""
    model = table.model()
    found = []
    for column, head in enumerate(heads(table)):
        shown = [str(model.index(row, column).data()) for row in range(min(model.rowCount(), 25))]
        bare = [cell for cell in shown if re.fullmatch(r"[−+-]?[\d,]+(\.\d+)?", cell)]
        named = head.endswith((" s", " 秒")) or any(unit in head for unit in UNITS)
        if bare and not named and "." in "".join(bare):
            found.append(head)
    return found
