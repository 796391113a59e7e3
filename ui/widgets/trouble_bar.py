"""The bar that says that something went wrong inside, while all else goes on."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from ui.desk import Desk
from ui.trouble import Trouble
from ui.widgets.sheet import Sheet
from ui.words import translate


class TroubleBar(Sheet):
    """Shows the newest trouble, and how many there are; the report holds all of them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.said = QLabel()
        self.said.setObjectName("fault")
        self.said.setWordWrap(True)
        self.copy, self.dismiss = QPushButton(), QPushButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 6, 4)
        row.addWidget(self.said, 1)
        row.addWidget(self.copy)
        row.addWidget(self.dismiss)
        self._shown: list[Trouble] = []
        self.copy.clicked.connect(self.copy_report)
        self.dismiss.clicked.connect(self._dismiss)
        desk.troubles.noted.connect(self.show_trouble)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Sets every text."""
        self.copy.setText(translate("Trouble", "Copy the report"))
        self.dismiss.setText(translate("Trouble", "Dismiss"))
        self._say()

    def show_trouble(self, trouble: Trouble) -> None:
        """Shows one more."""
        self._shown.append(trouble)
        self._say()
        self.show()

    def copy_report(self) -> None:
        """The reports of all that are shown, to the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(each.report() for each in self._shown))

    def _dismiss(self) -> None:
        self._shown.clear()
        self.hide()

    def _say(self) -> None:
        if not self._shown:
            return
        newest = self._shown[-1]
        said = translate("Trouble", "Something went wrong in “{where}”, the rest goes on: {said}")
        said = said.format(where=newest.where, said=newest.said)
        if len(self._shown) > 1:
            more = translate("Trouble", "and {n} before it")
            said += f" ({more.format(n=len(self._shown) - 1)})"
        self.said.setText("◆ " + said)
