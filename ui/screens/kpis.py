"""The KPI board: every KPI of the session as a tile, in groups."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from twin.snapshot import Snapshot
from ui.desk import Desk, Place
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.trends import Trends
from ui.widgets.sheet import Sheet, label
from ui.widgets.tiles import KpiTile
from ui.words import translate

_GROUPS: dict[str, tuple[str, ...]] = {
    "output": (
        "vehicles_completed",
        "vehicles_good",
        "wip",
        "jph",
        "takt_attainment",
        "oee",
        "availability",
        "quality_ratio",
    ),
    "energy": (
        "energy_total",
        "energy_per_vehicle",
        "idle_energy_share",
        "value_adding_share",
        "peak_demand",
        "load_factor",
    ),
    "carbon": ("carbon_total", "carbon_per_vehicle"),
    "other": (),
}
COLUMNS = 6


class KpiBoard(Sheet):
    """All KPIs; ones that nobody here knows are shown under their own name."""

    def __init__(self, desk: Desk, place: Place, trends: Trends) -> None:
        super().__init__(desk)
        self._trends = trends
        self._stale = False
        self.tiles: dict[str, KpiTile] = {}
        self._heads = {group: label("head") for group in _GROUPS}
        self._grids: dict[str, QGridLayout] = {}
        area = QScrollArea()
        area.setWidgetResizable(True)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        column.setSpacing(8)
        for group, head in self._heads.items():
            head.hide()
            column.addWidget(head)
            self._grids[group] = QGridLayout()
            self._grids[group].setSpacing(GAP_PX)
            for i in range(COLUMNS):
                self._grids[group].setColumnStretch(i, 1)
            column.addLayout(self._grids[group])
        column.addStretch(1)
        area.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.retranslate()

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.TILES)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's KPIs."""
        for id_, kpi in snapshot.kpis.items():
            if id_ not in self.tiles:
                if kpi.value is None and kpi.target is None:
                    continue
                self._add(id_)
            self.tiles[id_].show_kpi(kpi, self._trends.of(id_), stale=self._stale)

    def set_stale(self, stale: bool) -> None:
        """Greys the figures while no data arrive."""
        self._stale = stale

    def retranslate(self) -> None:
        """Sets every text."""
        self._heads["output"].setText(translate("Kpis", "Output"))
        self._heads["energy"].setText(translate("Kpis", "Energy"))
        self._heads["carbon"].setText(translate("Kpis", "Carbon"))
        self._heads["other"].setText(translate("Kpis", "Further figures"))

    def shut(self) -> None:
        """Nothing to close."""

    def _add(self, id_: str) -> None:
        group = next((g for g, ids in _GROUPS.items() if id_ in ids), "other")
        self.tiles[id_] = KpiTile(self.desk, id_)
        ids = _GROUPS[group] or tuple(i for i in self.tiles if not _known(i))
        shown = [i for i in ids if i in self.tiles]
        for place, shown_id in enumerate(shown):
            row, column = divmod(place, COLUMNS)
            self._grids[group].addWidget(self.tiles[shown_id], row, column)
        self._heads[group].show()


def _known(id_: str) -> bool:
    return any(id_ in ids for ids in _GROUPS.values())
