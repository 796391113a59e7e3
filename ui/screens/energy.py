"""Energy: power in parts over time, where it comes from and goes, by hour, and what it cost."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from twin.snapshot import Snapshot
from twin.studies import energy
from twin.studies.energy import EnergyStudy
from ui import energy_words, takeaway, text, words
from ui.desk import Desk, Place
from ui.names import PlaceNames
from ui.screens.overview import EnergyByState
from ui.studies import Failed, Studies
from ui.theme import GAP_PX
from ui.ticks import Rate, TickBus
from ui.widgets.chart import Chart, Explained
from ui.widgets.energy_cost import CostPage
from ui.widgets.heat_map import HeatMap
from ui.widgets.legend import Legend
from ui.widgets.load_curve import LoadCurve
from ui.widgets.points import PointTable
from ui.widgets.power_panel import PowerPanel
from ui.widgets.sankey import Sankey
from ui.widgets.sheet import Panel, Segments, Sheet, label, set_tone
from ui.widgets.stack_panel import CUTS, StackPanel
from ui.words import translate

STUDY = "energy"
CLOSES = 1e-9
FIRST_SHOWN = 3
POWER = "power"
PAGES = ("flow", "hours", "duration", "cost")
MOST_PLACES = 30  # rows of the heat map


class Energy(Sheet):
    """Above power over time, by metering point or in stacked parts; below what it is made of."""

    def __init__(self, desk: Desk, place: Place, studies: Studies, *, live: bool) -> None:
        super().__init__(desk)
        self._place, self._studies = place, studies
        self._names = PlaceNames(desk, place.line)
        self._snapshot: Snapshot | None = None
        self._study: EnergyStudy | None = None
        self._is_chosen = False
        self.power = PowerPanel(desk, place, live=live)
        self.points = PointTable(desk, place.line)
        self.legend = Legend(desk)
        self.by_state = EnergyByState(desk)
        self.balance = label("soft")
        self.balance.setWordWrap(True)
        self.cuts = Segments((POWER, *CUTS))
        self.pages = Segments(PAGES)
        self.stack = StackPanel(desk, place)
        self.flow = Sankey(desk, lambda column, id_: energy_words.place(column, id_, self._names))
        self.hours = HeatMap(desk, place)
        self.duration = LoadCurve(desk)
        self.cost = CostPage(desk, place)
        self.total: QLabel = label("soft")
        self._points_panel, self._balance_panel = Panel(), Panel()
        self._lower_panel = Explained(desk)
        self._upper, self._lower, self._page = (QStackedWidget() for _ in range(3))
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        column.setSpacing(GAP_PX)
        bar = QHBoxLayout()
        bar.addWidget(self.cuts)
        bar.addSpacing(GAP_PX)
        bar.addWidget(self.total, 1)
        column.addLayout(bar)
        self.power.body.addWidget(self.legend)
        self._upper.addWidget(self.power)
        self._upper.addWidget(self.stack)
        column.addWidget(self._upper, 5)
        self._lower.addWidget(self._meters())
        self._lower.addWidget(self._parts())
        column.addWidget(self._lower, 5)

    def _meters(self) -> QWidget:
        """Beside the curves of metering points: which there are, and where the energy went."""
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        self._points_panel.body.addWidget(self.points)
        row.addWidget(self._points_panel, 3)
        side = self.by_state if self._place.line.stations else self._balance_panel
        side.body.addWidget(self.balance)
        if side is self._balance_panel:
            side.body.addStretch(1)
        row.addWidget(side, 2)
        return page

    def _parts(self) -> QWidget:
        self._lower_panel.add_to_head(self.pages)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.hours)
        for page in (self.flow, area, self.duration, self.cost):
            self._page.addWidget(page)
        self._lower_panel.body.addWidget(self._page, 1)
        return self._lower_panel

    def _connect(self) -> None:
        self.points.selected.connect(self._show_points)
        self.cuts.chosen.connect(self.show_cut)
        self.pages.chosen.connect(self.show_page)
        self._studies.ready.connect(self._hear)
        self.cuts.choose(POWER)
        self.pages.choose(PAGES[0])

    def join(self, bus: TickBus) -> None:
        """Takes every part's seat on the tick bus."""
        bus.join(self.power, self.power.rate)
        bus.join(self.points, Rate.CHARTS)
        bus.join(self.by_state, Rate.CHARTS)
        bus.join(self, Rate.CHARTS)
        self.points.select(self.points.model.first_parts(FIRST_SHOWN))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Asks for the parts of a snapshot's energy; says whether the balance closes."""
        self._snapshot = snapshot
        if snapshot.accounts is not None:
            work = partial(energy.study, snapshot.accounts)
            self._studies.ask(STUDY, (snapshot.serial,), work)
        self._say_balance()

    def show_cut(self, cut: str) -> None:
        """Shows power by metering point, or in stacked parts."""
        self._is_chosen = True
        self._turn_to(cut)

    def show_page(self, page: str) -> None:
        """Shows what the energy is made of in another way."""
        self.pages.choose(page)
        self._page.setCurrentIndex(PAGES.index(page))
        self._say_page(page)

    def export(self) -> None:
        """Writes the chart in focus, else the upper one."""
        if self._upper.currentIndex() == 0:
            chart = self.power.chart
            takeaway.save(self, chart.data(), chart.picture())
            return
        lower = (self.flow, self.hours, self.duration, self.cost.intensity)
        focused = next((chart for chart in lower if chart.hasFocus()), None)
        shown: Chart = focused or self.stack.chart
        shown.export()

    def set_stale(self, stale: bool) -> None:
        """The chart ends where the data do; nothing to grey."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._points_panel.title.setText(translate("Energy", "Metering points"))
        self._points_panel.note.set_full(translate("Energy", "select to see them as curves"))
        self._balance_panel.title.setText(translate("Energy", "Balance"))
        self.legend.set_total(translate("Energy", "Total"))
        for cut, said in (
            (POWER, translate("Energy", "Metering points")),
            ("workshop", translate("Energy", "Workshops")),
            ("end_use", translate("Energy", "End uses")),
            ("carrier", translate("Energy", "Carriers")),
            ("state", translate("Energy", "States")),
        ):
            self.cuts.set_text(cut, said)
        for page, said in (
            ("flow", translate("Energy", "Flow")),
            ("hours", translate("Energy", "By hour")),
            ("duration", translate("Energy", "Load duration")),
            ("cost", translate("Energy", "Cost and carbon")),
        ):
            self.pages.set_text(page, said)
        self._say_page(PAGES[max(self._page.currentIndex(), 0)])
        self._say_balance()
        self._show_study()

    def shut(self) -> None:
        """Closes the plot."""
        self.power.chart.shut()

    def _turn_to(self, cut: str) -> None:
        self.cuts.choose(cut)
        is_power = cut == POWER or self._study is None
        self._upper.setCurrentIndex(0 if is_power else 1)
        self._lower.setCurrentIndex(0 if is_power else 1)
        if not is_power:
            self.stack.show_cut(cut)

    def _hear(self, name: str) -> None:
        if name != STUDY:
            return
        found = self._studies.of(STUDY)
        if isinstance(found, Failed):
            said = translate("Energy", "The parts could not be worked out: {fault}")
            self.total.setText("◆ " + said.format(fault=found.said))
        elif isinstance(found, EnergyStudy):
            is_first = self._study is None
            self._study = found
            self._show_study()
            if is_first and not self._is_chosen:
                self._turn_to("workshop" if self._place.line.workshops else POWER)

    def _show_study(self) -> None:
        for cut in CUTS:
            self.cuts.buttons[cut].setEnabled(self._study is not None)
        study = self._study
        if study is None:
            return
        self.stack.show_study(study)
        self.flow.show_streams(study.streams)
        shown = min(len(study.places), MOST_PLACES)
        names = [self._place_name(id_) for id_ in study.places[:shown]]
        self.hours.show_hours(names, study.hour_ns.tolist(), study.place_kwh[:shown])
        self.duration.show_power(study.electric_kw)
        self.cost.show_study(study)
        self._say_total(study)

    def _place_name(self, id_: str) -> str:
        """A station's id and name, what a meter counted beyond those below it, or unexplained."""
        if id_ in self._place.line.station_index:
            return self._names.station(id_)
        if id_ == "unexplained":
            return words.state(id_)
        has_parts = any(point.parent == id_ for point in self._place.line.points)
        return translate("Energy", "rest of {meter}").format(meter=id_) if has_parts else id_

    def _say_total(self, study: EnergyStudy) -> None:
        whole = text.with_unit(*text.energy(study.total_kwh))
        parts = [
            f"{words.evidence(name)} {text.percent(kwh / study.total_kwh)}"
            for name, kwh in study.evidence_kwh.items()
            if kwh and study.total_kwh
        ]
        self.total.setText("  ·  ".join([whole, *parts]))

    def _say_page(self, page: str) -> None:
        self._lower_panel.title.setText(self.pages.buttons[page].text())
        match page:
            case "flow":
                why = translate(
                    "Energy",
                    "All energy from its sources through workshops and states of stations\n"
                    "to its ends, as in the report: on completed vehicles, on those in progress,\n"
                    "or lost, where the rules put it on no vehicle. What waits cost is on\n"
                    "vehicles too; the screen Losses says why it was drawn. Every column sums to\n"
                    "the total; what no meter accounts for is hatched: unexplained.",
                )
            case "hours":
                why = translate(
                    "Energy",
                    "Energy of each station and of each meter's rest by hour of the clock, kWh;\n"
                    "those with the most first. Darker is more.",
                )
            case "duration":
                why = translate(
                    "Energy",
                    "Mean electric power that the plant used in each quarter of an hour, sorted:\n"
                    "for which share of the time it was at least so high. The right end is the\n"
                    "base load, the left one the peak.",
                )
            case _:
                why = translate(
                    "Energy",
                    "Purchased electricity by the band of its quarter of an hour, fuels at their\n"
                    "flat price; without demand charge. kg CO₂e per kWh is the mix of grid, own\n"
                    "PV and storage, location-based. Renewable: own PV kept, and purchases\n"
                    "under renewable contracts.",
                )
        self._lower_panel.explain(why)

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
