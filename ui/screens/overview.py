"""The overview: the line as a mimic, power, where the energy goes, and the KPIs that matter.

A line without stations (a plant meter only) shows its metering tree in the mimic's place.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from data.line import Line
from twin.snapshot import Kpi, Snapshot
from ui import text
from ui.alarm_desk import AlarmDesk
from ui.desk import Desk, Place
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.trends import Trends
from ui.widgets.alarm_list import AlarmsThatMatter
from ui.widgets.mimic import Mimic
from ui.widgets.points import PointTable
from ui.widgets.power_panel import PowerPanel
from ui.widgets.sheet import Panel, Sheet
from ui.widgets.state_bar import StateBar
from ui.widgets.table import ROW
from ui.widgets.tiles import KpiTile, tile_note
from ui.words import translate

LINE_KPIS = (
    "energy_per_vehicle",
    "carbon_per_vehicle",
    "jph",
    "takt_attainment",
    "oee",
    "idle_energy_share",
    "peak_demand",
)
METER_KPIS = ("energy_total", "carbon_total", "peak_demand", "load_factor")


class KpiStrip(QWidget):
    """A row of tiles."""

    def __init__(self, desk: Desk, ids: tuple[str, ...], trends: Trends) -> None:
        super().__init__()
        self._trends = trends
        self._stale = False
        self._kpis: Mapping[str, Kpi] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        self.tiles = {id_: KpiTile(desk, id_) for id_ in ids}
        for tile in self.tiles.values():
            row.addWidget(tile)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's KPIs."""
        self._kpis = snapshot.kpis
        self._show()

    def set_stale(self, stale: bool) -> None:
        """Greys the figures while no data arrive."""
        if stale != self._stale:
            self._stale = stale
            self._show()

    def _show(self) -> None:
        for id_, tile in self.tiles.items():
            kpi = self._kpis.get(id_)
            if kpi is not None:
                tile.show_kpi(
                    kpi, self._trends.of(id_), stale=self._stale, note=tile_note(self._kpis, id_)
                )


class EnergyByState(Panel):
    """Where the energy went, in a panel."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._kwh: float | None = None
        self.bar = StateBar(desk)
        self.body.addWidget(self.bar, 1)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Qt's hook."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def retranslate(self) -> None:
        """Sets every text."""
        self.title.setText(translate("Overview", "Where the energy went"))
        self.note.set_full("" if self._kwh is None else text.with_unit(*text.energy(self._kwh)))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's energy by state."""
        self._kwh = sum(snapshot.energy_by_state_kwh.values())
        self.bar.show_energy(snapshot.energy_by_state_kwh)
        self.retranslate()


class Overview(Sheet):
    """The first screen of a session."""

    vehicle_chosen = Signal(str)
    station_chosen = Signal(str)
    alarm_chosen = Signal(str)

    def __init__(
        self, desk: Desk, place: Place, trends: Trends, alarms: AlarmDesk, *, live: bool
    ) -> None:
        super().__init__(desk)
        self._place = place
        self.alarms = AlarmsThatMatter(desk, place, alarms)
        self.alarms.chosen.connect(self.alarm_chosen)
        self.mimic = Mimic(desk, place) if place.line.stations else None
        self.points = None if place.line.stations else PointTable(desk, place.line)
        self.power = PowerPanel(desk, place, live=live)
        self.energy = EnergyByState(desk) if place.line.stations else None
        self.strip = KpiStrip(desk, kpi_ids(place.line), trends)
        self._upper = Panel(head=place.line.stations == ())
        self._build()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        column.setSpacing(GAP_PX)
        if self.mimic is not None:
            self._upper.body.setContentsMargins(1, 2, 1, 2)
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(self.mimic)
            self._upper.body.addWidget(area)
            self.mimic.vehicle_chosen.connect(self.vehicle_chosen)
            self.mimic.station_chosen.connect(self.station_chosen)
            high = self.mimic.sizeHint().height()
            # A short line needs no more room; a long one shares it with the chart.
            self._upper.setMaximumHeight(high + 60)
            column.addWidget(self._upper, 3 if high < 300 else 9)
            column.addLayout(self._lower(), 4)
        else:
            assert self.points is not None
            self._upper.body.addWidget(self.points)
            column.addLayout(self._meters_only(), 1)
        column.addWidget(self.strip)

    def _lower(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        row.addWidget(self.power, 5)
        assert self.energy is not None
        row.addWidget(self.energy, 2)
        self.energy.setMinimumWidth(330)
        row.addWidget(self.alarms, 2)
        return row

    def _meters_only(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(GAP_PX)
        column.addWidget(self.power, 5)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        row.addWidget(self._upper, 3)
        row.addWidget(self.alarms, 2)
        column.addLayout(row, 2)
        self._upper.setMaximumHeight(90 + ROW * (len(self._place.line.points) + 1))
        return column

    def join(self, bus: TickBus) -> None:
        """Takes every part's seat on the tick bus."""
        if self.mimic is not None:
            bus.join(self.mimic, Rate.TILES)
        if self.points is not None:
            bus.join(self.points, Rate.CHARTS)
        bus.join(self.power, self.power.rate)
        if self.energy is not None:
            bus.join(self.energy, Rate.CHARTS)
        bus.join(self.strip, Rate.TILES)
        bus.join(self.alarms, Rate.TILES)

    def show_alarms(self) -> None:
        """Shows the alarms anew."""
        self.alarms.show_alarms()

    def acknowledge(self) -> None:
        """Acknowledges the alarm in focus."""
        self.alarms.acknowledge()

    def point_at(self, station: str) -> None:
        """Marks a station on the mimic."""
        if self.mimic is not None and station in self._place.line.station_index:
            self.mimic.choose(station)
            self.mimic.setFocus()

    def set_stale(self, stale: bool) -> None:
        """Greys everything that data no longer reach."""
        if self.mimic is not None:
            self.mimic.set_stale(stale)
        self.strip.set_stale(stale)

    def retranslate(self) -> None:
        """Sets every text."""
        self._upper.title.setText(translate("Overview", "Metering points"))

    def shut(self) -> None:
        """Closes the plot."""
        self.power.chart.shut()


def kpi_ids(line: Line) -> tuple[str, ...]:
    """The KPIs of the strip: a line's, or a plant meter's."""
    return LINE_KPIS if line.stations else METER_KPIS
