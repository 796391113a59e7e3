"""A panel around the power chart: figure now, window choice, what lies under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent

from twin import shifts
from twin.snapshot import Snapshot
from ui import text
from ui.desk import Desk, Place
from ui.ticks import Rate
from ui.widgets.power_chart import PowerChart
from ui.widgets.sheet import Panel, Segments
from ui.words import translate

NS = 1_000_000_000
WINDOWS = ("10min", "1h", "shift", "all")


class PowerPanel(Panel):
    """The chart with its controls."""

    def __init__(self, desk: Desk, place: Place, *, live: bool) -> None:
        super().__init__()
        self._place = place
        self._under = ""
        self._power_kw: float | None = None
        self._shift_s: float | None = None
        self.chart = PowerChart(desk, place, live=live)
        self.windows = Segments(WINDOWS)
        self.windows.choose("1h" if live else "all")
        self.windows.chosen.connect(self._choose)
        self.chart.hovered.connect(self._hovered)
        self.chart.moved.connect(self._moved)
        self.head.addWidget(self.windows)
        self.body.addWidget(self.chart, 1)
        self.windows.buttons["shift"].setVisible(bool(place.line.shifts))
        self.retranslate()

    def rate(self) -> Rate:
        """As fast as the chart asks."""
        return self.chart.rate()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draws a snapshot."""
        self._power_kw = snapshot.power_kw
        self._note_shift(snapshot)
        self.chart.show_snapshot(snapshot)
        self._say()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Sets every text."""
        self.title.setText(translate("Power", "Electric power"))
        self.windows.set_text("10min", translate("Power", "10 min"))
        self.windows.set_text("1h", translate("Power", "1 h"))
        self.windows.set_text("shift", translate("Power", "Shift"))
        self.windows.set_text("all", translate("Power", "All"))
        self._say()

    def _note_shift(self, snapshot: Snapshot) -> None:
        window = shifts.current(self._place.line, snapshot.time_ns)
        if window is not None:
            length = (window.to_ns - window.from_ns) / NS
            if length != self._shift_s:
                self._shift_s = length
                if self.windows.buttons["shift"].isChecked():
                    self.chart.set_window("shift", length)

    def _choose(self, key: str) -> None:
        self.windows.choose(key)
        self.chart.set_window(key, self._shift_s)

    def _moved(self) -> None:
        self.windows.choose(None)

    def _hovered(self, under: str) -> None:
        self._under = under
        self._say()

    def _say(self) -> None:
        now = translate("Power", "now {power}").format(power=text.quantity(self._power_kw, "kW"))
        self.note.set_full(self._under or (now if self._power_kw is not None else "kW"))
