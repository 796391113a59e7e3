"""Vehicles: all in a table; what one is made of, two side by side, and how all of them spread."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from data.line import Line
from twin.snapshot import Snapshot, VehicleTable, Visit
from twin.studies import vehicles as studied
from twin.studies.vehicles import Comparison
from ui import takeaway, text, words
from ui.desk import Desk, Place
from ui.models.vehicles import VehicleModel, VisitModel, energy_of, status_text, total_kwh
from ui.studies import Studies
from ui.theme import GAP_PX, font
from ui.ticks import Rate, TickBus
from ui.variants import variant_name
from ui.widgets import paint
from ui.widgets.sheet import Choice, Panel, Segments, Sheet, label
from ui.widgets.spread import Group, Spread
from ui.widgets.table import Table, WholeRows
from ui.widgets.versus import Versus
from ui.widgets.waterfall import LEAST_ROW, Step, Waterfall
from ui.words import translate

# Of the columns [px], by their importance; a variant's follows the line's names.
_VARIANT = 1
_WIDTHS = {0: 168, _VARIANT: 0, 2: 132, 5: 80, 3: 80, 6: 72, 4: 88, 7: 84, 8: 92, 9: 96, 10: 90}
MOST_DETAIL_PX = 640  # more would serve the list better
MOST_STEPS, SHARES = 11, 3  # of a waterfall; of which shared, scrap and the total
LEAST_CARRIED_KWH = 0.005  # less would be shown as nothing
_VISIT_WIDTHS = {0: 60, 1: 76, 2: 76, 3: 56, 4: 80, 6: 76, 5: 74}


STUDY = "vehicles"
PAGES = ("one", "two", "all")
MEASURES = ("kwh", "kg")


class Vehicles(Sheet):
    """Selecting a row shows the vehicle's stations beside it, or what it is compared with."""

    def __init__(self, desk: Desk, place: Place, studies: Studies) -> None:
        super().__init__(desk)
        self._place, self._studies = place, studies
        self._pinned: str | None = None
        self.pages, self.measures = Segments(PAGES), Segments(MEASURES)
        self.measure = "kwh"
        self.variants, self.states = Choice(desk), Choice(desk)
        self.pin = QPushButton()
        self.versus = Versus(desk, place)
        self.spread = Spread(desk)
        self._snapshot: Snapshot | None = None
        self._vehicle: str | None = None
        self.model = VehicleModel(desk, place)
        self.table = Table()
        self.table.setModel(self.model)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(190)
        self.detail = VehicleDetail(desk, place)
        self._list_panel, self._detail_panel = Panel(), Panel()
        self._empty = label("lead")
        self._nothing = label("soft")
        self._provisional = label("soft")
        self._stack = QStackedWidget()
        self._detail_stack = QStackedWidget()
        self._build()
        # Typing must not filter tens of thousands of rows at every key.
        self._typed = QTimer(self, singleShot=True, interval=120)
        self._typed.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda _: self._typed.start())
        self.table.selectionModel().currentRowChanged.connect(self._selected)
        self.pages.chosen.connect(self.show_page)
        self.measures.chosen.connect(self.show_measure)
        self.pin.clicked.connect(self.pin_vehicle)
        self.versus.asked.connect(self._ask)
        self.spread.chosen.connect(self.choose)
        for choice in (self.variants, self.states):
            choice.activated.connect(lambda _index: self._filter())
        studies.ready.connect(self._hear)
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        row.setSpacing(GAP_PX)
        for control in (self.variants, self.states, self.search):
            self._list_panel.head.addWidget(control)
        self._list_panel.body.addWidget(self._stack, 1)
        self._list_panel.body.addWidget(self._provisional)
        self._provisional.setWordWrap(True)
        self._provisional.hide()
        for message in (self._empty, self._nothing):
            message.setAlignment(Qt.AlignmentFlag.AlignCenter)
            message.setWordWrap(True)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(WholeRows(self.table))
        self._detail_stack.addWidget(self._nothing)
        self._detail_stack.addWidget(self.detail)
        self._detail_panel.head.addWidget(self.pages)
        one, all_ = QWidget(), QWidget()
        of_one, of_all = QVBoxLayout(one), QVBoxLayout(all_)
        for column in (of_one, of_all):
            column.setContentsMargins(0, 0, 0, 0)
        of_one.addWidget(self._detail_stack, 1)
        of_one.addWidget(self.pin, 0, Qt.AlignmentFlag.AlignLeft)
        of_all.addWidget(self.measures, 0, Qt.AlignmentFlag.AlignLeft)
        of_all.addWidget(self.spread)
        of_all.addStretch(1)
        self._page_stack = QStackedWidget()
        for page in (one, self.versus, all_):
            self._page_stack.addWidget(page)
        self._detail_panel.body.addWidget(self._page_stack, 1)
        self.pages.choose(PAGES[0])
        self.measures.choose(self.measure)
        row.addWidget(self._list_panel, 9)
        row.addWidget(self._detail_panel, 7)
        self._detail_panel.setMaximumWidth(MOST_DETAIL_PX)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
        self.table.horizontalHeader().setStretchLastSection(True)

    def _fit_columns(self) -> None:
        """The variants' names whole; then as many columns as there is room for."""
        line = self._place.line
        names = [variant_name(self.desk, line, v.id) for v in line.variants]
        names.append(translate("Vehicles", "Variant"))
        wide = max(paint.width_of(name, font(13)) for name in names) + 18
        self.table.show_fitting({**_WIDTHS, _VARIANT: int(wide)})

    def join(self, bus: TickBus) -> None:
        """Takes its seat on the tick bus."""
        bus.join(self, Rate.CHARTS)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a snapshot's vehicles."""
        self._snapshot = snapshot
        self.model.show_table(snapshot.vehicles)
        if self._page_stack.currentIndex() == PAGES.index("all"):
            self._show_spread()
        self._stack.setCurrentIndex(1 if len(snapshot.vehicles) else 0)
        self._say_count()
        self._show_vehicle()

    def choose(self, vehicle: str) -> None:
        """Selects a vehicle, even one that the filter hides."""
        if self.model.row_of(vehicle) is None:
            self.search.clear()
            self.variants.setCurrentIndex(0)
            self.states.setCurrentIndex(0)
            self._filter()
        row = self.model.row_of(vehicle)
        if row is not None:
            self.table.selectRow(row)
            self.table.scrollTo(self.model.index(row, 0))

    def show_page(self, page: str) -> None:
        """Shows one vehicle, two side by side, or how all spread."""
        self.pages.choose(page)
        self._page_stack.setCurrentIndex(PAGES.index(page))
        self._detail_panel.title.setText(self.pages.buttons[page].text())
        if page == "two":
            beside = self._pinned if self._pinned is not None else self._neighbour()
            self.versus.offer([v for v in (self._vehicle, beside) if v is not None])
        elif page == "all":
            self._show_spread()

    def _neighbour(self) -> str | None:
        """The vehicle next to the selected one in the table."""
        row = None if self._vehicle is None else self.model.row_of(self._vehicle)
        if row is None or self._snapshot is None:
            return None
        near = (other for other in (row + 1, row - 1) if 0 <= other < self.model.row_total())
        return next((self._snapshot.vehicles.vehicle[self.model.table_row(x)] for x in near), None)

    def show_measure(self, measure: str) -> None:
        """Spreads the vehicles by energy or by carbon."""
        self.measure = measure
        self.measures.choose(measure)
        self._show_spread()

    def pin_vehicle(self) -> None:
        """Remembers the selected vehicle, so that the next one is compared with it."""
        self._pinned = self._vehicle
        self._say_pin()

    def export(self) -> None:
        """Writes the distribution where it is in focus, else the table as it is filtered."""
        if self.spread.hasFocus():
            self.spread.export()
        elif self.versus.table.hasFocus():
            takeaway.save(self, takeaway.of_model("comparison", self.versus.rows))
        else:
            takeaway.save(self, takeaway.of_model("vehicles", self.model))

    def _filter(self) -> None:
        self.model.set_filter(
            self.search.text(),
            variant=self.variants.currentData(),
            state=self.states.currentData(),
        )
        self._say_count()

    def _ask(self, left: str, right: str) -> None:
        """Has two sides compared."""
        snapshot = self._snapshot
        if snapshot is None or snapshot.accounts is None or not left or not right:
            self.versus.show_found(None)
            return
        work = partial(studied.compare, snapshot.accounts, left, right)
        self._studies.ask(STUDY, (snapshot.serial, left, right), work)

    def _hear(self, name: str) -> None:
        found = self._studies.of(STUDY) if name == STUDY else None
        if isinstance(found, Comparison):
            self.versus.show_found(found)

    def _show_spread(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        table = snapshot.vehicles
        values = total_kwh(table) if self.measure == "kwh" else table.carbon_kg
        usable = (table.state == 1) & table.complete & np.isfinite(values)
        variants = np.array(table.variant, dtype=object)
        groups = []
        for id_ in sorted(set(table.variant)):
            chosen = np.flatnonzero(usable & (variants == id_))
            name = variant_name(self.desk, self._place.line, id_)
            vehicles = tuple(table.vehicle[i] for i in chosen.tolist())
            groups.append(Group(name, vehicles, values[chosen]))
        unit = "kWh" if self.measure == "kwh" else words.unit("kg CO2e")
        self.spread.show_groups(groups, unit, self._vehicle)

    def _fill_choices(self) -> None:
        """What the list can be narrowed to, in the language that is on."""
        kept = (self.variants.currentIndex(), self.states.currentIndex())
        self.variants.clear()
        self.variants.addItem(translate("Vehicles", "all variants"), None)
        for variant in self._place.line.variants:
            name = variant_name(self.desk, self._place.line, variant.id)
            self.variants.addItem(name, variant.id)
        self.states.clear()
        for said, state in (
            (translate("Vehicles", "all"), None),
            (translate("Vehicles", "in the line"), 0),
            (translate("Vehicles", "good"), 1),
            (translate("Vehicles", "scrapped"), 2),
        ):
            self.states.addItem(said, state)
        for choice, index in zip((self.variants, self.states), kept, strict=True):
            choice.setCurrentIndex(max(index, 0))
        self.variants.setAccessibleName(translate("Vehicles", "Only this variant"))
        self.states.setAccessibleName(translate("Vehicles", "Only these vehicles"))

    def _say_pin(self) -> None:
        pinned = self._pinned
        said = translate("Vehicles", "Compare others with this one")
        if pinned is not None:
            said += translate("Vehicles", " (now {vehicle})").format(vehicle=text.short_vin(pinned))
        self.pin.setText(said)
        self.pin.setEnabled(self._vehicle is not None)

    def set_stale(self, stale: bool) -> None:
        """What was booked stays true; nothing to grey."""

    def retranslate(self) -> None:
        """Sets every text."""
        self._list_panel.title.setText(translate("Vehicles", "Vehicles"))
        for page, said in (
            ("one", translate("Vehicles", "One vehicle")),
            ("two", translate("Vehicles", "Compare")),
            ("all", translate("Vehicles", "Distribution")),
        ):
            self.pages.set_text(page, said)
        page = PAGES[self._page_stack.currentIndex()]
        self._detail_panel.title.setText(self.pages.buttons[page].text())
        self.measures.set_text("kwh", "kWh")
        self.measures.set_text("kg", words.unit("kg CO2e"))
        self._fill_choices()
        self._say_pin()
        self._show_spread()
        self.search.setPlaceholderText(translate("Vehicles", "Find a vehicle number"))
        self.search.setAccessibleName(translate("Vehicles", "Find a vehicle number"))
        self.table.setAccessibleName(translate("Vehicles", "Vehicles"))
        self._empty.setText(
            translate("Vehicles", "No vehicle was seen yet.")
            if self._place.line.stations
            else translate("Vehicles", "This line file has meters only, so no vehicles.")
        )
        self._provisional.setText(
            translate("Vehicles", "Shared energy is provisional until the shift is closed.")
        )
        self._nothing.setText(translate("Vehicles", "Select a vehicle to see its stations."))
        self.model.retranslate()
        self._fit_columns()
        self._say_count()
        self._show_vehicle()

    def shut(self) -> None:
        """Nothing to close."""

    def _say_count(self) -> None:
        if self._snapshot is None:
            return
        whole = len(self._snapshot.vehicles)
        shown = self.model.row_total()
        said = translate("Vehicles", "{n} seen").format(n=text.number(whole, 0))
        if shown != whole:
            found = translate("Vehicles", "{n} of {all}")
            said = found.format(n=text.number(shown, 0), all=text.number(whole, 0))
        self._provisional.setVisible(bool(self._snapshot.provisional and whole))
        self._list_panel.note.set_full(said)

    def _selected(self, current: QModelIndex) -> None:
        if current.isValid() and self._snapshot is not None:
            number = self.model.table_row(current.row())
            self._vehicle = self._snapshot.vehicles.vehicle[number]
            self._show_vehicle()
            self._say_pin()
            page = PAGES[self._page_stack.currentIndex()]
            if page != "one":
                self.show_page(page)

    def _show_vehicle(self) -> None:
        snapshot = self._snapshot
        if snapshot is None or self._vehicle not in snapshot.vehicles.vehicle:
            self._detail_stack.setCurrentIndex(0)
            return
        self._detail_stack.setCurrentIndex(1)
        visits = [visit for visit in snapshot.visits if visit.vehicle == self._vehicle]
        number = snapshot.vehicles.vehicle.index(self._vehicle)
        self.detail.show_vehicle(snapshot.vehicles, number, visits, snapshot.provisional)


class VehicleDetail(Sheet):
    """One vehicle: what it is, where its energy comes from, its stays."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self.vin = label("title")
        self.vin.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts = label("soft")
        self.facts.setWordWrap(True)
        self.totals = [_Total() for _ in range(4)]
        self.waterfall = Waterfall(desk)
        self.visits = VisitModel(desk, place)
        self.table = Table()
        self.table.setModel(self.visits)
        self._share_head, self._visit_head = label("head"), label("head")
        self._build()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.vin)
        column.addWidget(self.facts)
        totals = QHBoxLayout()
        for total in self.totals:
            totals.addWidget(total, 1)
        column.addLayout(totals)
        column.addWidget(self._share_head)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.waterfall)
        area.setMinimumHeight(MOST_STEPS * LEAST_ROW + 8)
        area.setFrameShape(QFrame.Shape.NoFrame)
        column.addWidget(area, 5)
        column.addWidget(self._visit_head)
        column.addWidget(WholeRows(self.table), 6)
        self.table.show_fitting(_VISIT_WIDTHS)
        self.table.horizontalHeader().setStretchLastSection(True)

    def retranslate(self) -> None:
        """Sets every text; the figures follow with the next show."""
        self._share_head.setText(translate("Vehicles", "Energy, kWh"))
        self._visit_head.setText(translate("Vehicles", "Stations"))
        self.table.setAccessibleName(translate("Vehicles", "Stations"))
        heads = (
            translate("Vehicles", "Direct kWh"),
            translate("Vehicles", "Shared kWh"),
            translate("Vehicles", "Total kWh"),
            translate("Vehicles", "kg CO₂e"),
        )
        for total, head in zip(self.totals, heads, strict=True):
            total.caption.setText(head)
        self.visits.retranslate()

    def show_vehicle(
        self, table: VehicleTable, number: int, visits: list[Visit], provisional: bool
    ) -> None:
        """Shows one row of the table and its stays."""
        self.vin.setText(table.vehicle[number])
        self.facts.setText(self._facts(table, number, provisional))
        direct, shared = float(table.direct_kwh[number]), float(table.shared_kwh[number])
        scrap = float(table.scrap_kwh[number])
        figures = (direct, shared, direct + shared + scrap, float(table.carbon_kg[number]))
        for total, figure in zip(self.totals, figures, strict=True):
            total.figure.setText(text.number(figure, 2))
        self.waterfall.show_steps(self._steps(visits, direct, shared, scrap))
        self.visits.show_visits(visits)

    def _facts(self, table: VehicleTable, number: int, provisional: bool) -> str:
        variant = table.variant[number]
        parts = [
            variant_name(self.desk, self._place.line, variant),
            status_text(table, number),
            words.evidence(table.evidence[number]),
        ]
        if not table.complete[number]:
            parts.append(translate("Vehicles", "not complete: a part lies outside the log"))
        if provisional and not table.final[number]:
            parts.append(translate("Vehicles", "provisional until the shift is closed"))
        return "  ·  ".join(parts)

    def _steps(self, visits: list[Visit], direct: float, shared: float, scrap: float) -> list[Step]:
        steps = [
            Step(name, kwh, "station")
            for name, kwh in energy_by_place(self.desk, self._place.line, visits)
        ]
        carried = direct - sum(step.kwh for step in steps)
        if abs(carried) >= LEAST_CARRIED_KWH:
            steps.append(Step(translate("Vehicles", "Parts, earlier logs"), carried, "station"))
        steps.append(Step(translate("Vehicles", "Shared"), shared, "share"))
        if scrap:
            steps.append(Step(translate("Vehicles", "Scrap"), scrap, "share"))
        total = direct + shared + scrap
        return [*steps, Step(translate("Vehicles", "Total"), total, "total")]


def energy_by_place(desk: Desk, line: Line, visits: list[Visit]) -> list[tuple[str, float]]:
    """Direct energy [kWh] stay by stay; where these are too many to be seen at once with their
    total, workshop by workshop.
    """
    stations = {station.id: station for station in line.stations}
    if len(visits) <= MOST_STEPS - SHARES:
        return [
            (f"{v.station} {desk.name(stations[v.station].names)}", energy_of(v.direct_kwh))
            for v in visits
        ]
    names = {shop.id: desk.name(shop.names) for shop in line.workshops}
    kwh: dict[str, float] = {}
    for visit in visits:
        shop = stations[visit.station].workshop
        kwh[shop] = kwh.get(shop, 0.0) + energy_of(visit.direct_kwh)
    return [(names.get(shop, shop), amount) for shop, amount in kwh.items()]


class _Total(QWidget):
    """A figure with its caption."""

    def __init__(self) -> None:
        super().__init__()
        self.caption: QLabel = label("soft")
        self.figure: QLabel = label("figure")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(0)
        column.addWidget(self.caption)
        column.addWidget(self.figure)
