"""Losses: what the line lost, by what caused it, and the moments in which it did."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from data.line import STATES
from twin.losses import CAUSES
from twin.snapshot import Snapshot
from twin.studies import losses
from twin.studies.losses import LossStudy
from ui import loss_bars, takeaway, text, words
from ui.desk import Desk, Place
from ui.loss_bars import GROUPINGS, UNITS, Group
from ui.models.losses import MomentModel, StandstillModel
from ui.names import PlaceNames
from ui.studies import Failed, Studies
from ui.theme import GAP_PX, font
from ui.ticks import Rate, TickBus
from ui.widgets import paint
from ui.widgets.bottleneck import BottleneckView
from ui.widgets.chart import Explained
from ui.widgets.moments import Moments, Span
from ui.widgets.pareto import Pareto
from ui.widgets.sheet import Segments, Sheet, label
from ui.widgets.table import Table, WholeRows
from ui.words import translate

STUDY = "losses"
NS = 1_000_000_000
MOST_LANES = 4
# Of the columns [px], by their importance; those of stations and causes follow their names.
_STATION, _CAUSE = 3, 5
_MOMENT_WIDTHS = {0: 76, 2: 72, 4: 92, 1: 76, 6: 92, _CAUSE: 0, _STATION: 0}
_STANDSTILL_WIDTHS = {0: 150, 1: 84, 2: 56, 3: 100, 4: 84}


class Losses(Sheet):
    """Choosing a bar shows its moments; in a replay a moment leads there."""

    seek_asked = Signal(object)  # UTC nanoseconds: too wide for Qt's int

    def __init__(self, desk: Desk, place: Place, studies: Studies, *, seeks: bool) -> None:
        super().__init__(desk)
        self._place, self._studies, self._seeks = place, studies, seeks
        self._names = PlaceNames(desk, place.line)
        self._study: LossStudy | None = None
        self._groups: list[Group] = []
        self._chosen: tuple[tuple[int, str], ...] = ()
        self._rows: list[int] = []  # of the moments that are in the timeline
        self.unit, self.grouping = "kwh", "pair"
        self.units, self.groupings = Segments(UNITS), Segments(GROUPINGS)
        self.pareto = Pareto(desk)
        self.bottleneck = BottleneckView(desk, place)
        self.timeline = Moments(desk, place)
        self.moments = MomentModel(desk, place)
        self.moment_table = Table()
        self.standstills = StandstillModel(desk, place)
        self.standstill_table = Table()
        self.message = label("lead")
        self._no_standstill = label("soft")
        self._pareto_panel, self._moment_panel = Explained(desk), Explained(desk)
        self._bottleneck_panel, self._standstill_panel = Explained(desk), Explained(desk)
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self._no_standstill.setWordWrap(True)
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        rows.setSpacing(GAP_PX)
        upper = QHBoxLayout()
        upper.setSpacing(GAP_PX)
        upper.addWidget(self._pareto(), 7)
        upper.addLayout(self._side(), 4)
        rows.addLayout(upper, 6)
        rows.addWidget(self._moments(), 5)
        self._pages.addWidget(self.message)
        self._pages.addWidget(page)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._pages)

    def _pareto(self) -> QWidget:
        panel = self._pareto_panel
        panel.add_to_head(self.groupings)
        panel.add_to_head(self.units)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.pareto)
        panel.body.addWidget(area, 1)
        return panel

    def _side(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(GAP_PX)
        self._bottleneck_panel.body.addWidget(self.bottleneck)
        column.addWidget(self._bottleneck_panel)
        self.standstill_table.setModel(self.standstills)
        self._standstill_panel.body.addWidget(self._no_standstill)
        self._standstill_rows = WholeRows(self.standstill_table)
        self._standstill_panel.body.addWidget(self._standstill_rows, 1)
        self.standstill_table.show_fitting(_STANDSTILL_WIDTHS)
        self.standstill_table.horizontalHeader().setStretchLastSection(True)
        column.addWidget(self._standstill_panel, 1)
        return column

    def _moments(self) -> QWidget:
        self.moment_table.setModel(self.moments)
        self._fit_columns()
        self.moment_table.horizontalHeader().setStretchLastSection(True)
        self._moment_panel.body.addWidget(self.timeline)
        self._moment_panel.body.addWidget(WholeRows(self.moment_table), 1)
        return self._moment_panel

    def _fit_columns(self) -> None:
        """The columns of moments as wide as their longest texts in the language that is on."""
        stations = self._place.line.stations
        names = [self._names.station(station.id) for station in stations]
        causes = [words.cause(cause) for cause in CAUSES]
        ids = max((_wide(station.id) for station in stations), default=0)
        widths = {
            _CAUSE: ids + max(_wide(f" {cause}") for cause in causes) + 18,
            _STATION: max(map(_wide, names), default=0) + 18,
        }
        self.moment_table.show_fitting({**_MOMENT_WIDTHS, **widths})

    def _connect(self) -> None:
        self.units.choose(self.unit)
        self.groupings.choose(self.grouping)
        self.units.chosen.connect(self.show_unit)
        self.groupings.chosen.connect(self.show_grouping)
        self.pareto.chosen.connect(self._choose)
        self.timeline.chosen.connect(self._select_moment)
        self.moment_table.clicked.connect(lambda index: self._go(index.row()))
        self.moment_table.activated.connect(lambda index: self._go(index.row()))
        self.moment_table.selectionModel().currentRowChanged.connect(self._mark)
        self._studies.ready.connect(self._hear)

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.CHARTS)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Asks for the losses of a snapshot; they are shown when they are there."""
        if snapshot.accounts is not None and self._place.line.stations:
            key = (snapshot.serial,)
            self._studies.ask(STUDY, key, partial(losses.study, snapshot.accounts))
        self._say_empty()

    def show_unit(self, unit: str) -> None:
        """Counts the losses in another unit."""
        self.unit = unit
        self.units.choose(unit)
        self._show_bars()

    def show_grouping(self, grouping: str) -> None:
        """Puts the losses together by station and cause, by cause or by station."""
        self.grouping = grouping
        self.groupings.choose(grouping)
        self._chosen = ()
        self._show_bars()

    def export(self) -> None:
        """Writes the moments where they are in focus, else the losses."""
        if self.moment_table.hasFocus():
            takeaway.save(self, takeaway.of_model("moments", self.moments))
        else:
            self.pareto.export()

    def set_stale(self, stale: bool) -> None:
        """What was booked stays true; nothing to grey."""

    def shut(self) -> None:
        """Nothing to close."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._say_heads()
        for grouping, said in (
            ("pair", translate("Losses", "Station, cause")),
            ("cause", translate("Losses", "Cause")),
            ("station", translate("Losses", "Station")),
        ):
            self.groupings.set_text(grouping, said)
        for unit in UNITS:
            self.units.set_text(unit, self._unit_name(unit))
        self.moments.retranslate()
        self._fit_columns()
        self.standstills.retranslate()
        self.moment_table.setAccessibleName(translate("Losses", "Moments"))
        self.standstill_table.setAccessibleName(translate("Losses", "Stood by plan"))
        self._no_standstill.setText(
            translate("Losses", "No workshop stood for a break or off shift so far.")
        )
        self._say_empty()
        self._show_bars()

    def _say_heads(self) -> None:
        self._pareto_panel.title.setText(translate("Losses", "Losses"))
        self._bottleneck_panel.title.setText(translate("Losses", "Bottleneck"))
        self._standstill_panel.title.setText(translate("Losses", "Stood by plan"))
        self._moment_panel.title.setText(translate("Losses", "Moments"))
        self._pareto_panel.explain(
            translate(
                "Losses",
                "Every minute in which a station did not process, and its energy, charged to what\n"
                "caused it: a station that stands is charged with those that waited for it too.\n"
                "Minutes: of all places. Vehicles: those that the bottleneck missed by it.\n"
                "kWh, kg CO₂e (location-based), money: of the same energy; part of the total,\n"
                "never added to it. ● measured, ◐ estimated.",
            )
        )
        self._bottleneck_panel.explain(
            translate(
                "Losses",
                "Active period: who was longest at work without a wait (Roser, Nakano, Tanaka).\n"
                "Turning point: where starved turns into blocked up the line (Li, Chang, Ni).\n"
                "The answer is that of the surer method; its certainty is the probability that it\n"
                "leads the second. ✓ both name the same station, ≠ they do not.",
            )
        )
        self._standstill_panel.explain(
            translate(
                "Losses",
                "What a workshop drew while at least half of its stations stood for a break or\n"
                "were off: its stations, and what its meters counted beside them.",
            )
        )
        self._moment_panel.explain(
            translate(
                "Losses",
                "The times behind the chosen bar, at the station itself and at those that waited\n"
                "for it. In a replay a click goes there.",
            )
        )

    def _unit_name(self, unit: str) -> str:
        match unit:
            case "minutes":
                return words.unit("min")
            case "vehicles":
                return words.unit("vehicles")
            case "kwh":
                return "kWh"
            case "kg":
                return words.unit("kg CO2e")
            case _:
                study = self._study
                return self._place.line.plant.currency if study is None else study.currency

    def _hear(self, name: str) -> None:
        if name != STUDY:
            return
        found = self._studies.of(STUDY)
        if isinstance(found, LossStudy):
            self._study = found
            self._show_study(found)
        self._say_empty()

    def _say_empty(self) -> None:
        """What stands where there are no losses to show."""
        found = self._studies.of(STUDY)
        if isinstance(found, Failed):
            said = translate("Losses", "The losses could not be worked out: {fault}")
            self.message.setText("◆ " + said.format(fault=found.said))
            self._pages.setCurrentIndex(0)
        elif self._study is not None:
            self._pages.setCurrentIndex(1)
        elif not self._place.line.stations:
            said = translate("Losses", "This line file has meters only, so no station loses time.")
            self.message.setText(said)
        elif self._studies.busy(STUDY):
            self.message.setText(translate("Losses", "Looking for what caused each wait …"))
        else:
            self.message.setText(translate("Losses", "Nothing was booked yet."))

    def _show_study(self, study: LossStudy) -> None:
        self.bottleneck.show_found(study.now, study.whole, study.hours)
        self.standstills.show_standstills(study.standstills)
        self._no_standstill.setVisible(not study.standstills)
        self._standstill_rows.setVisible(bool(study.standstills))
        for unit in UNITS:
            known = loss_bars.is_known(study.losses, unit)
            self.units.buttons[unit].setEnabled(known)
            self.units.buttons[unit].setToolTip("" if known else self._why_unknown(unit))
            self.units.set_text(unit, self._unit_name(unit))
        self._show_bars()

    def _why_unknown(self, unit: str) -> str:
        if unit == "money":
            return translate("Losses", "The line file names no tariff: [books] tariff")
        if unit == "kg":
            return translate("Losses", "No emission factor is in force: [books] location")
        return translate("Losses", "The line file has no takt_s, or no bottleneck was found")

    def _show_bars(self) -> None:
        study = self._study
        if study is None:
            return
        line = self._place.line
        made = loss_bars.groups(study.losses, self.unit, self.grouping, line, self._names)
        self._groups = made
        whole = sum(group.value for group in made)
        unit = self._unit_name(self.unit)
        self.pareto.show_bars([g.bar() for g in made], whole, unit, loss_bars.DECIMALS[self.unit])
        keys = [group.keys for group in made]
        row = keys.index(self._chosen) if self._chosen in keys else 0
        self._choose(row)
        self.pareto.select(row)

    def _choose(self, row: int) -> None:
        """Shows the moments of a bar."""
        study = self._study
        if study is None or not 0 <= row < len(self._groups):
            return
        group = self._groups[row]
        self._chosen = group.keys
        spells = study.moments(group.keys)
        self.moments.show_spells(spells)
        lanes = self._lanes(spells)
        self._rows = np.flatnonzero(np.isin(spells["station"], lanes)).tolist()
        spans = self._spans(spells[self._rows])
        names = [self._place.line.stations[s].id for s in lanes]
        self.timeline.show_spans(names, spans, (study.from_ns, study.to_ns))
        minutes = int((spells["t1"] - spells["t0"]).sum()) / 60e9
        said = translate("Losses", "{bar}: {n} moments, {minutes} min, stations: {stations}")
        self._moment_panel.note.set_full(
            said.format(
                bar=group.name,
                n=text.number(len(spells), 0),
                minutes=text.number(minutes, 1),
                stations=len(np.unique(spells["station"])),
            )
        )

    def _spans(self, spells: NDArray[np.void]) -> list[Span]:
        stations = self._place.line.stations
        columns = (spells[name].tolist() for name in ("station", "t0", "t1", "state"))
        return [
            Span(stations[s].id, t0, t1, STATES[state])
            for s, t0, t1, state in zip(*columns, strict=True)
        ]

    def _lanes(self, spells: NDArray[np.void]) -> list[int]:
        """The stations that lost most time by number, as many as there is room for, in order."""
        lost = np.bincount(spells["station"], (spells["t1"] - spells["t0"]) / NS)
        most = sorted(np.flatnonzero(lost).tolist(), key=lambda s: -lost[s])[:MOST_LANES]
        return sorted(most)

    def _mark(self, current: QModelIndex) -> None:
        row = current.row()
        self.timeline.select(self._rows.index(row) if row in self._rows else -1)

    def _select_moment(self, number: int) -> None:
        """A click in the timeline: the row of that moment, and there."""
        row = self._rows[number]
        self.moment_table.selectRow(row)
        self.moment_table.scrollTo(self.moments.index(row, 0))
        self._go(row)

    def _go(self, row: int) -> None:
        if self._seeks and 0 <= row < self.moments.row_total():
            self.seek_asked.emit(self.moments.begin_ns(row))


def _wide(said: str) -> int:
    return int(paint.width_of(said, font(13))) + 1
