"""The KPI board: every KPI of the session as a tile, by its theme; a tile opens what it is of."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from twin.kpi import KPIS
from twin.snapshot import Snapshot
from twin.studies import kpis
from twin.studies.kpis import KpiStudy
from ui import takeaway, words
from ui.desk import Desk, Place
from ui.studies import Studies
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.trends import Trends
from ui.widgets.kpi_detail import KpiDetail
from ui.widgets.sheet import Sheet, label
from ui.widgets.tiles import KpiTile, tile_note
from ui.words import translate

OTHER = "other"  # KPIs that nobody here knows
# The short ones stand side by side below the long ones.
_BOARD = ("production", "energy", "quality", "carbon", OTHER)
_SHORT = frozenset(("quality", "carbon", OTHER))
COLUMNS = 6
STUDY = "kpis"


class KpiBoard(Sheet):
    """All KPIs; ones that nobody here knows are shown under their own name."""

    def __init__(self, desk: Desk, place: Place, trends: Trends, studies: Studies) -> None:
        super().__init__(desk)
        self._trends, self._studies = trends, studies
        self._stale = False
        self._snapshot: Snapshot | None = None
        self._study: KpiStudy | None = None
        self._open: str | None = None
        self.detail = KpiDetail(desk, place)
        self.tiles: dict[str, KpiTile] = {}
        self._heads = {group: label("head") for group in _BOARD}
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
        self._pages = QStackedWidget()
        self._pages.addWidget(area)
        self._pages.addWidget(self.detail)
        outer.addWidget(self._pages)
        self.detail.left.connect(self.step_back)
        studies.ready.connect(self._hear)
        self.retranslate()

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.TILES)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's KPIs."""
        self._snapshot = snapshot
        self._show_detail()
        for id_, kpi in snapshot.kpis.items():
            if id_ not in self.tiles:
                if kpi.value is None and kpi.target is None:
                    continue
                self._add(id_)
            self.tiles[id_].show_kpi(
                kpi, self._trends.of(id_), stale=self._stale, note=tile_note(snapshot.kpis, id_)
            )

    def open(self, id_: str) -> None:
        """Shows what a KPI is made of."""
        self._open = id_
        self._show_detail()
        self.detail.back.setFocus()

    def step_back(self) -> bool:
        """From one KPI back to all of them; False where all are shown."""
        was_open, self._open = self._open, None
        self._pages.setCurrentIndex(0)
        if was_open in self.tiles:
            self.tiles[was_open].setFocus()
        return was_open is not None

    def export(self) -> None:
        """Writes the chart of the KPI that is open, else all figures."""
        if self._open is not None:
            self.detail.export()
        elif self._snapshot is not None:
            takeaway.save(self, _figures(self._snapshot))

    def _hear(self, name: str) -> None:
        found = self._studies.of(STUDY) if name == STUDY else None
        if isinstance(found, KpiStudy):
            self._study = found
            self._show_detail()

    def _show_detail(self) -> None:
        """The open KPI, as the study has it, else as the snapshot does."""
        snapshot, id_ = self._snapshot, self._open
        if snapshot is None or id_ is None or id_ not in snapshot.kpis:
            return
        self._pages.setCurrentIndex(1)
        if snapshot.accounts is not None:
            work = partial(kpis.study, snapshot.accounts)
            self._studies.ask(STUDY, (snapshot.serial,), work)
        self.detail.show_kpi(snapshot.kpis[id_], self._study)

    def set_stale(self, stale: bool) -> None:
        """Greys the figures while no data arrive."""
        self._stale = stale

    def retranslate(self) -> None:
        """Sets every text."""
        self._heads["production"].setText(translate("Kpis", "Production"))
        self._heads["energy"].setText(translate("Kpis", "Energy"))
        self._heads["quality"].setText(translate("Kpis", "Quality"))
        self._heads["carbon"].setText(translate("Kpis", "Carbon"))
        self._heads[OTHER].setText(translate("Kpis", "Further figures"))

    def shut(self) -> None:
        """Nothing to close."""

    def _add(self, id_: str) -> None:
        self.tiles[id_] = KpiTile(self.desk, id_)
        self.tiles[id_].opened.connect(self.open)
        self._lay_out()

    def _lay_out(self) -> None:
        """Group under group; a short one beside the short one before it, where there is room."""
        row, left, is_beside = 0, 0, False
        for group in _BOARD:
            shown = self._shown(group)
            head = self._heads[group]
            head.setVisible(bool(shown))
            if not shown:
                continue
            if is_beside and group in _SHORT and left + len(shown) <= COLUMNS:
                row -= 2
            else:
                left = 0
            wide = min(len(shown), COLUMNS - left) if group in _SHORT else COLUMNS
            self._grid.addWidget(head, row, left, 1, wide)
            for place, id_ in enumerate(shown):
                down, along = divmod(place, COLUMNS)
                self._grid.addWidget(self.tiles[id_], row + 1 + down, left + along)
            rows = 1 + (len(shown) - 1) // COLUMNS
            row, left, is_beside = row + 1 + rows, left + wide, group in _SHORT and rows == 1

    def _shown(self, group: str) -> list[str]:
        """The tiles of a group, in the order of the KPIs."""
        if group == OTHER:
            return [id_ for id_ in self.tiles if id_ not in KPIS]
        return [id_ for id_, each in KPIS.items() if each.theme == group and id_ in self.tiles]


def _figures(snapshot: Snapshot) -> takeaway.Data:
    """All KPIs as a table."""
    figures = list(snapshot.kpis.values())
    return takeaway.Data(
        "kpis",
        {
            translate("Kpis", "KPI"): [words.kpi(kpi.id) for kpi in figures],
            translate("Kpis", "Value"): [kpi.value for kpi in figures],
            translate("Kpis", "Unit"): [words.unit(kpi.unit) for kpi in figures],
            translate("Kpis", "Target"): [kpi.target for kpi in figures],
            translate("Kpis", "Evidence"): [words.evidence(k.evidence or "") for k in figures],
        },
    )
