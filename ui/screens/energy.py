"""Energy: power over time by metering point, where it went, and whether the balance closes."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from twin.snapshot import Snapshot
from ui import words
from ui.desk import Desk, Place
from ui.screens.overview import EnergyByState
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.widgets.legend import Legend
from ui.widgets.points import PointTable
from ui.widgets.power_panel import PowerPanel
from ui.widgets.sheet import Panel, Sheet, label, set_tone
from ui.words import translate

CLOSES = 1e-9
FIRST_SHOWN = 3


class Energy(Sheet):
    """Selecting metering points shows them as curves beside the total."""

    def __init__(self, desk: Desk, place: Place, *, live: bool) -> None:
        super().__init__(desk)
        self._place = place
        self._snapshot: Snapshot | None = None
        self.power = PowerPanel(desk, place, live=live)
        self.points = PointTable(desk, place.line)
        self.legend = Legend(desk)
        self.by_state = EnergyByState(desk)
        self.balance = label("soft")
        self.balance.setWordWrap(True)
        self._points_panel, self._balance_panel = Panel(), Panel()
        self._build()
        self.points.selected.connect(self._show_points)
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        column.setSpacing(GAP_PX)
        self.power.body.addWidget(self.legend)
        column.addWidget(self.power, 3)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        self._points_panel.body.addWidget(self.points)
        row.addWidget(self._points_panel, 3)
        side = self.by_state if self._place.line.stations else self._balance_panel
        side.body.addWidget(self.balance)
        if side is self._balance_panel:
            side.body.addStretch(1)
        row.addWidget(side, 2)
        column.addLayout(row, 2)

    def join(self, bus: TickBus) -> None:
        """Takes every part's seat on the tick bus."""
        bus.join(self.power, self.power.rate)
        bus.join(self.points, Rate.CHARTS)
        bus.join(self.by_state, Rate.CHARTS)
        bus.join(self, Rate.CHARTS)
        self.points.select(self.points.model.first_parts(FIRST_SHOWN))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Says whether the balance closes."""
        self._snapshot = snapshot
        self._say_balance()

    def set_stale(self, stale: bool) -> None:
        """The chart ends where the data do; nothing to grey."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._points_panel.title.setText(translate("Energy", "Metering points"))
        self._points_panel.note.set_full(translate("Energy", "select to see them as curves"))
        self._balance_panel.title.setText(translate("Energy", "Balance"))
        self.legend.set_total(translate("Energy", "Total"))
        self._say_balance()

    def shut(self) -> None:
        """Closes the plot."""
        self.power.chart.shut()

    def _show_points(self, points: list[str]) -> None:
        self.power.chart.set_points(points)
        chart = self.power.chart
        self.legend.show_points([(point, chart.point_token(point)) for point in points])

    def _say_balance(self) -> None:
        if self._snapshot is None:
            return
        worst = 0.0
        parts = []
        for carrier, error in self._snapshot.balance_error.items():
            worst = max(worst, abs(error))
            mark = "✓" if abs(error) <= CLOSES else "▲"
            shown = f"{error:.0e}" if error else "0"
            parts.append(f"{mark} {words.carrier(carrier)} {shown}")
        head = translate("Energy", "Metered against booked, relative error")
        self.balance.setText(f"{head}\n" + "   ".join(parts))
        set_tone(self.balance, "warn" if worst > CLOSES else "")
