"""What one KPI is made of: its formula and standard, the quantities in it, and its figures by
hour, shift, workshop and station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout

from twin.snapshot import Kpi
from twin.studies.kpis import KINDS, Input, KpiStudy
from ui import kpi_words, text, words
from ui.desk import Desk, Place
from ui.models.rows import RowsModel
from ui.names import PlaceNames
from ui.theme import GAP_PX
from ui.widgets.bar_chart import BarChart
from ui.widgets.burn_down import BurnDown
from ui.widgets.chart import Chart, Explained
from ui.widgets.sheet import Panel, Segments, Sheet, label
from ui.widgets.table import Table, WholeRows
from ui.widgets.tiles import kpi_figure, kpi_unit, target_text, verdict_text
from ui.words import translate

BUDGET = "budget"
_WIDTHS = {0: 256, 1: 84}


class KpiDetail(Sheet):
    """One KPI; ``left`` says that the person is done with it."""

    left = Signal()

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._names = PlaceNames(desk, place.line)
        self._kpi = Kpi("", None, "", None, None)
        self._study: KpiStudy | None = None
        self.kind = KINDS[0]
        self.back = QPushButton()
        self.title, self.figure, self.facts = label("title"), label("figure"), label("soft")
        self.formula, self.source = label(""), label("soft")
        self.kinds = Segments((*KINDS, BUDGET))
        self.chart = BarChart(desk)
        self.burn_down = BurnDown(desk, place)
        self.inputs = RowsModel(
            desk,
            (
                lambda: translate("Kpis", "Made of"),
                lambda: translate("Kpis", "Value"),
                lambda: translate("Kpis", "Unit"),
            ),
            frozenset({1}),
        )
        self.table = Table()
        self._made_panel, self._chart_panel = Panel(), Explained(desk)
        self._charts = QStackedWidget()
        self._build()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        column.setSpacing(GAP_PX)
        head = QHBoxLayout()
        head.setSpacing(GAP_PX)
        for widget in (self.back, self.title, self.figure, self.facts):
            head.addWidget(widget)
        head.addStretch(1)
        column.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        row.addWidget(self._made(), 3)
        self._chart_panel.add_to_head(self.kinds)
        self._charts.addWidget(self.chart)
        self._charts.addWidget(self.burn_down)
        self._chart_panel.body.addWidget(self._charts, 1)
        row.addWidget(self._chart_panel, 5)
        column.addLayout(row, 1)
        self.back.clicked.connect(self.left)
        self.kinds.chosen.connect(self.show_kind)
        self.kinds.choose(self.kind)

    def _made(self) -> Panel:
        panel = self._made_panel
        for said in (self.formula, self.source):
            said.setWordWrap(True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            panel.body.addWidget(said)
        self.table.setModel(self.inputs)
        self.table.show_fitting(_WIDTHS | {2: 84})
        self.table.horizontalHeader().setStretchLastSection(True)
        panel.body.addWidget(WholeRows(self.table), 1)
        return panel

    def show_kpi(self, kpi: Kpi, study: KpiStudy | None) -> None:
        """Shows a KPI of the plant, with what a study found."""
        is_other = kpi.id != self._kpi.id
        self._kpi, self._study = kpi, study
        has_budget = kpi.id in ("carbon_total", "carbon_per_vehicle")
        self.kinds.buttons[BUDGET].setVisible(has_budget)
        if is_other:
            self.kind = BUDGET if kpi.id == "carbon_total" else self._first_kind()
        self.retranslate()

    def show_kind(self, kind: str) -> None:
        """Shows its figures by hour, shift, workshop or station, or the carbon budget."""
        self.kind = kind
        self.retranslate()

    def export(self) -> None:
        """Writes the chart that is shown."""
        chart: Chart = self.burn_down if self.kind == BUDGET else self.chart
        chart.export()

    def retranslate(self) -> None:
        """Sets every text."""
        self.back.setText(translate("Kpis", "← All KPIs (Esc)"))
        self._made_panel.title.setText(translate("Kpis", "What it is made of"))
        self.table.setAccessibleName(translate("Kpis", "What it is made of"))
        for kind, said in (
            ("hour", translate("Kpis", "Hours")),
            ("shift", translate("Kpis", "Shifts")),
            ("workshop", translate("Kpis", "Workshops")),
            ("station", translate("Kpis", "Stations")),
            (BUDGET, translate("Kpis", "Carbon budget")),
        ):
            self.kinds.set_text(kind, said)
        self.kinds.choose(self.kind)
        self.inputs.retranslate()
        if self._kpi.id:
            self._say()
            self._show_chart()

    def _say(self) -> None:
        kpi = self._kpi
        self.title.setText(words.kpi(kpi.id))
        self.figure.setText(text.with_unit(kpi_figure(kpi, kpi.value), kpi_unit(kpi)))
        known = words.evidence(kpi.evidence) if kpi.evidence else ""
        if kpi.measured_share is not None:
            share = text.percent(kpi.measured_share, 0)
            known += translate("Kpis", " ({share} measured)").format(share=share)
        period = ""
        if kpi.to_ns > kpi.from_ns:
            zone = self._place.zone
            period = f"{text.moment(kpi.from_ns, zone)[:16]} – {text.clock_minute(kpi.to_ns, zone)}"
        parts = (target_text(kpi), verdict_text(kpi), known, period)
        self.facts.setText("  ·  ".join(part for part in parts if part))
        self.formula.setText("= " + kpi_words.formula(kpi.id))
        source = translate("Kpis", "Source: {source}").format(source=kpi_words.source(kpi.id))
        self.source.setText(source)
        found = () if self._study is None else self._study.inputs.get(kpi.id, ())
        self.inputs.show_rows([_input_row(each) for each in found])

    def _first_kind(self) -> str:
        """The first kind of parts of which the KPI is known."""
        known = (kind for kind in KINDS if self._figures(kind))
        return next(known, KINDS[0])

    def _figures(self, kind: str) -> Mapping[str, Kpi]:
        """The KPI of each part by its name, of those of which it is known."""
        if self._study is None:
            return {}
        parts = self._study.by.get(kind, {})
        return {name: kpis[self._kpi.id] for name, kpis in parts.items() if self._kpi.id in kpis}

    def _show_chart(self) -> None:
        kpi, study = self._kpi, self._study
        self._chart_panel.title.setText(self.kinds.buttons[self.kind].text())
        self._chart_panel.explain(self._why())
        for kind in KINDS:
            self.kinds.buttons[kind].setEnabled(bool(self._figures(kind)))
        self._charts.setCurrentIndex(1 if self.kind == BUDGET else 0)
        if self.kind == BUDGET:
            self.burn_down.show_budget(None if study is None else study.budget, kpi.from_ns)
            return
        figures = self._figures(self.kind)
        unit, decimals, factor = _scale(kpi)
        target = kpi.target if self.kind in ("hour", "shift") else None
        grows = kpi.id in ("vehicles_completed", "vehicles_good", "energy_total", "carbon_total")
        if self.kind == "hour" and grows:
            target = None
        self.chart.show_values(
            words.kpi(kpi.id),
            [self._part_name(name) for name in figures],
            [None if each.value is None else each.value * factor for each in figures.values()],
            unit,
            target=None if target is None else target * factor,
            decimals=decimals,
        )

    def _part_name(self, name: str) -> str:
        match self.kind:
            case "hour":
                return datetime.fromisoformat(name).strftime("%H:%M")
            case "shift":
                day, _, shift = name.partition(" ")
                return f"{day[5:]} {words.shift(shift)}"
            case "workshop":
                return self._names.workshop(name)
            case _:
                return name

    def _why(self) -> str:
        if self.kind == BUDGET:
            return translate(
                "Kpis",
                "The year's budget by the line file's target path, due by planned vehicles or by\n"
                "time; scope 1 and 2, location-based. The dashed line is what should be left.",
            )
        return translate(
            "Kpis",
            "The same figure of each part of the time or of the plant, where it is known.\n"
            "What a figure means of a workshop or a station stands in docs/kpis.md.",
        )


def _scale(kpi: Kpi) -> tuple[str, int, float]:
    """Unit beside the figures, their decimals, and the factor to it."""
    if kpi.unit in text.FRACTION_UNITS:
        return "%", 1, 100.0
    per_vehicle = kpi.id.endswith("_per_vehicle")
    return words.unit(kpi.unit), 2 if per_vehicle else text.DECIMALS.get(kpi.unit, 1), 1.0


def _input_row(each: Input) -> tuple[str, ...]:
    figure, unit = text.figure_and_unit(each.value, each.unit)
    return kpi_words.quantity(each.id), figure, words.unit(unit)
