"""What every painted chart has in common: it can be copied, exported and reached by keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from ui import takeaway
from ui.desk import Desk
from ui.takeaway import Data
from ui.widgets.sheet import IconButton, Panel, Sheet
from ui.words import translate


class Chart(Sheet):
    """A chart; ``data`` says what it shows. The menu key or a right click offers it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def data(self) -> Data:
        """What is drawn, as columns."""
        raise NotImplementedError

    def picture(self) -> QPixmap:
        """The chart as it looks."""
        return self.grab()

    def export(self) -> None:
        """Asks for a file and writes the chart."""
        takeaway.save(self, self.data(), self.picture())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Qt's hook."""
        menu = QMenu(self)
        takeaway.fill_menu(menu, self, self.data(), self.picture())
        menu.exec(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Ctrl+C copies the data, Ctrl+Shift+C the picture."""
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            takeaway.copy_data(self.data())
        elif event.key() == Qt.Key.Key_C and event.modifiers() == held:
            takeaway.copy_picture(self.picture())
        else:
            super().keyPressEvent(event)

    def tell(self, at: QPoint, said: str) -> None:
        """Says what lies under the pointer."""
        if said:
            QToolTip.showText(self.mapToGlobal(at), said, self)
        else:
            QToolTip.hideText()


class Explained(Panel):
    """A panel whose figures are explained by a button in its head."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._why = ""
        self.help = IconButton(desk, "help")
        self.help.setFixedSize(26, 26)
        self.help.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.help.clicked.connect(self._explain)
        self.head.addWidget(self.help)

    def add_to_head(self, widget: QWidget) -> None:
        """Puts a control left of the help."""
        self.head.insertWidget(self.head.count() - 1, widget)

    def explain(self, why: str) -> None:
        """What the figures in this panel mean."""
        self._why = why
        self.help.set_name(why)
        self.help.setAccessibleName(
            translate("Chart", "What this is: {title}").format(title=self.title.text())
        )
        self.help.setAccessibleDescription(why)

    def _explain(self) -> None:
        below = self.help.mapToGlobal(QPoint(0, self.help.height()))
        QToolTip.showText(below, self._why, self.help)
