"""The KPI board: every KPI of the session as a tile, in groups."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from twin.snapshot import Snapshot
from ui.desk import Desk, Place
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.trends import Trends
from ui.widgets.sheet import Sheet, label
from ui.widgets.tiles import KpiTile, tile_note
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
SIDE = 2  # where the group beside the carbon figures begins


class KpiBoard(Sheet):
    """All KPIs; ones that nobody here knows are shown under their own name."""

    def __init__(self, desk: Desk, place: Place, trends: Trends) -> None:
        super().__init__(desk)
        self._trends = trends
        self._stale = False
        self.tiles: dict[str, KpiTile] = {}
        self._heads = {group: label("head") for group in _GROUPS}
        area = QScrollArea()
        area.setWidgetResizable(True)
        inner = QWidget()
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP_PX)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
            self._grid.setColumnMinimumWidth(column, 150)
        spread = QVBoxLayout(inner)
        spread.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2, GAP_PX)
        spread.addLayout(self._grid)
        spread.addStretch(1)
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
            self.tiles[id_].show_kpi(
                kpi, self._trends.of(id_), stale=self._stale, note=tile_note(snapshot.kpis, id_)
            )

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
        self.tiles[id_] = KpiTile(self.desk, id_)
        self._lay_out()

    def _lay_out(self) -> None:
        """Group under group; the last two side by side, since they are short."""
        row = 0
        for group in _GROUPS:
            shown = self._shown(group)
            left = SIDE if group == "other" and self._shown("carbon") else 0
            if left:
                row -= 2
            head = self._heads[group]
            head.setVisible(bool(shown))
            if not shown:
                continue
            self._grid.addWidget(head, row, left, 1, COLUMNS - left)
            for place, id_ in enumerate(shown):
                down, along = divmod(place, COLUMNS - left)
                self._grid.addWidget(self.tiles[id_], row + 1 + down, left + along)
            row += 2 + (len(shown) - 1) // (COLUMNS - left)

    def _shown(self, group: str) -> list[str]:
        known = {id_ for ids in _GROUPS.values() for id_ in ids}
        ids = _GROUPS[group] or tuple(id_ for id_ in self.tiles if id_ not in known)
        return [id_ for id_ in ids if id_ in self.tiles]
