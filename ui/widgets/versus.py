"""Two vehicles or variants side by side: where the one took more than the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from data.line import Line
from twin.studies.vehicles import Comparison, Side
from ui import text, words
from ui.desk import Desk, Place
from ui.models.rows import RowsModel
from ui.names import PlaceNames
from ui.theme import GAP_PX
from ui.variants import variant_name
from ui.widgets.sheet import Choice, Sheet, label
from ui.widgets.table import Table, WholeRows
from ui.words import translate

VARIANT = "variant:"
_WIDTHS = {0: 180, 3: 96, 1: 84, 2: 84}


class Versus(Sheet):
    """Choose a left and a right side; ``asked`` says that others were chosen."""

    asked = Signal(str, str)

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._line: Line = place.line
        self._names = PlaceNames(desk, place.line)
        self._found: Comparison | None = None
        self._vehicles: tuple[str, ...] = ()
        self.left, self.right = Choice(desk), Choice(desk)
        self.said: QLabel = label("soft")
        self.said.setWordWrap(True)
        self.rows = RowsModel(
            desk,
            (
                lambda: translate("Vehicles", "Place"),
                lambda: translate("Vehicles", "A kWh"),
                lambda: translate("Vehicles", "B kWh"),
                lambda: translate("Vehicles", "A − B kWh"),
            ),
            frozenset({1, 2, 3}),
        )
        self.table = Table()
        self._build()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        for name, choice in (("A", self.left), ("B", self.right)):
            row.addWidget(label("head", name))
            row.addWidget(choice, 1)
            choice.activated.connect(lambda _index: self.asked.emit(*self.sides()))
        column.addLayout(row)
        column.addWidget(self.said)
        self.table.setModel(self.rows)
        self.table.show_fitting(_WIDTHS)
        self.table.horizontalHeader().setStretchLastSection(True)
        column.addWidget(WholeRows(self.table), 1)

    def sides(self) -> tuple[str, str]:
        """What is chosen on the left and on the right."""
        return str(self.left.currentData() or ""), str(self.right.currentData() or "")

    def offer(self, vehicles: Sequence[str]) -> None:
        """Offers these vehicles beside the variants; the first two are chosen anew."""
        self._vehicles = tuple(dict.fromkeys(vehicles))
        self._fill()
        variants = [VARIANT + variant.id for variant in self._line.variants]
        wanted = [*self._vehicles, *variants]
        for choice, name in zip((self.left, self.right), wanted, strict=False):
            choice.setCurrentIndex(choice.findData(name))
        self.asked.emit(*self.sides())

    def choose(self, left: str, right: str) -> None:
        """Compares these."""
        self.left.setCurrentIndex(self.left.findData(left))
        self.right.setCurrentIndex(self.right.findData(right))
        self.asked.emit(*self.sides())

    def show_found(self, found: Comparison | None) -> None:
        """Shows a comparison; None: it is not there yet."""
        self._found = found
        self._say()

    def retranslate(self) -> None:
        """Sets every text."""
        for choice, name in (
            (self.left, translate("Vehicles", "Left side of the comparison")),
            (self.right, translate("Vehicles", "Right side of the comparison")),
        ):
            choice.setAccessibleName(name)
        self.table.setAccessibleName(translate("Vehicles", "Difference by place"))
        chosen = self.sides()
        self._fill()
        for choice, name in zip((self.left, self.right), chosen, strict=True):
            choice.setCurrentIndex(max(choice.findData(name), 0))
        self.rows.retranslate()
        self._say()

    def _fill(self) -> None:
        for choice in (self.left, self.right):
            choice.clear()
            for vehicle in self._vehicles:
                choice.addItem(vehicle, vehicle)
            for variant in self._line.variants:
                name = variant_name(self.desk, self._line, variant.id)
                mean = translate("Vehicles", "mean of {variant}").format(variant=name)
                choice.addItem(mean, VARIANT + variant.id)

    def _say(self) -> None:
        found = self._found
        if found is None or found.left is None or found.right is None:
            self.said.setText(translate("Vehicles", "Nothing to compare yet."))
            self.rows.show_rows([])
            return
        difference = found.left.total_kwh - found.right.total_kwh
        form = translate("Vehicles", "A {a}   B {b}   A − B {difference} kWh")
        self.said.setText(
            form.format(
                a=_figures(found.left),
                b=_figures(found.right),
                difference=text.signed(difference, 1),
            )
        )
        self.rows.show_rows([self._row(found, place) for place in found.places()])

    def _row(self, found: Comparison, place: str) -> tuple[str, ...]:
        left, right = found.left, found.right
        assert left is not None and right is not None
        name = words.state(place) if place == "unexplained" else self._names.station(place)
        return (
            name,
            text.number(left.at(place), 2),
            text.number(right.at(place), 2),
            text.signed(found.difference(place), 2),
        )


def _figures(side: Side) -> str:
    kwh = text.with_unit(text.number(side.total_kwh, 1), "kWh")
    kg = text.with_unit(text.number(side.kg, 1), words.unit("kg CO2e"))
    return f"{kwh}, {kg}"
