"""What the energy cost by the tariff's bands, where power came from, and what it carries."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from twin.studies.energy import EnergyStudy
from ui import energy_words, text, words
from ui.desk import Desk, Place
from ui.models.rows import RowsModel
from ui.theme import GAP_PX
from ui.widgets.bar_chart import BarChart
from ui.widgets.sheet import Sheet, label
from ui.widgets.table import Table, WholeRows
from ui.words import translate

HOUR_NS = 3_600_000_000_000
SOURCES = ("import", "generate", "discharge")


class CostPage(Sheet):
    """Two tables, and the carbon intensity hour by hour."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._place = place
        self._study: EnergyStudy | None = None
        self.costs = RowsModel(
            desk,
            (
                lambda: translate("Energy", "Cost"),
                lambda: "kWh",
                self._price_head,
                self._currency,
            ),
            frozenset({1, 2, 3}),
        )
        self.mix = RowsModel(
            desk,
            (
                lambda: translate("Energy", "Electricity from"),
                lambda: "kWh",
                lambda: "%",
            ),
            frozenset({1, 2}),
        )
        self.intensity = BarChart(desk)
        self.facts = label("soft")
        self.facts.setWordWrap(True)
        self.no_tariff = label("soft")
        self.no_tariff.setWordWrap(True)
        self._build()
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        left, right = QVBoxLayout(), QVBoxLayout()
        self._cost_table, self._mix_table = Table(), Table()
        for model, table, widths in (
            (self.costs, self._cost_table, {0: 150, 3: 100, 1: 96, 2: 90}),
            (self.mix, self._mix_table, {0: 130, 1: 100, 2: 64}),
        ):
            table.setModel(model)
            table.show_fitting(widths)
            table.horizontalHeader().setStretchLastSection(True)
        left.addWidget(self.no_tariff)
        self._cost_rows_box = WholeRows(self._cost_table)
        left.addWidget(self._cost_rows_box, 1)
        left.addStretch(0)
        middle = QVBoxLayout()
        middle.addWidget(WholeRows(self._mix_table), 1)
        middle.addWidget(self.facts)
        right.addWidget(self.intensity, 1)
        row.addLayout(left, 5)
        row.addLayout(middle, 4)
        row.addLayout(right, 6)

    def show_study(self, study: EnergyStudy) -> None:
        """Shows a study's figures."""
        self._study = study
        self.retranslate()

    def retranslate(self) -> None:
        """Sets every text."""
        self._cost_table.setAccessibleName(translate("Energy", "Cost"))
        self._mix_table.setAccessibleName(translate("Energy", "Electricity from"))
        self.no_tariff.setText(translate("Energy", "No cost: the books name no tariff."))
        self.costs.retranslate()
        self.mix.retranslate()
        study = self._study
        if study is None:
            return
        self.no_tariff.setVisible(study.cost is None)
        self._cost_rows_box.setVisible(study.cost is not None)
        self.costs.show_rows(self._cost_rows(study))
        self.mix.show_rows(_mix_rows(study))
        self.facts.setText(self._facts(study))
        self._show_intensity(study)

    def _currency(self) -> str:
        if self._study is not None and self._study.cost is not None:
            return self._study.cost.currency
        return self._place.line.plant.currency

    def _price_head(self) -> str:
        return f"{self._currency()}/kWh"

    def _cost_rows(self, study: EnergyStudy) -> list[tuple[str, ...]]:
        found = study.cost
        if found is None:
            return []
        rows: list[tuple[str, float | None, float | None, float | None]] = []
        electricity = words.carrier("electricity")
        for name, band in found.by_band.items():
            price = band.cost / band.kwh if band.kwh else None
            rows.append((f"{electricity}, {words.band(name)}", band.kwh, price, band.cost))
        if found.exported:
            rows.append((translate("Energy", "exported"), None, None, -found.exported))
        for carrier, amount in found.by_carrier.items():
            if carrier != "electricity":
                rows.append((words.carrier(carrier), None, None, amount))
        rows.append((translate("Energy", "Total"), None, None, found.total))
        if found.demand is not None:
            name = translate("Energy", "demand charge of the month, apart")
            rows.append((name, None, None, found.demand.month_cost))
        return [
            (name, text.number(kwh, 1), text.number(price, 4), text.number(amount, 2))
            for name, kwh, price, amount in rows
        ]

    def _facts(self, study: EnergyStudy) -> str:
        share = text.percent(study.renewable_share)
        said = [translate("Energy", "renewable power {share}").format(share=share)]
        kwh = study.flows.use_kwh
        used = math.fsum(kwh)
        if used > 0:
            mean = float((kwh * study.kg_per_kwh).sum()) / used
            form = translate("Energy", "mean {kg} kg CO₂e/kWh, location-based")
            said.append(form.format(kg=text.number(mean, 3)))
        if study.cost is not None and study.cost.estimated:
            said.append(translate("Energy", "a price was used before it was in force: estimated"))
        return "\n".join(said)

    def _show_intensity(self, study: EnergyStudy) -> None:
        """kg CO2e of a kWh by hour, by what was used in its slots."""
        slots, kwh = study.flows.slot_ns, study.flows.use_kwh
        hours, number = np.unique(slots // HOUR_NS, return_inverse=True)
        kg = np.bincount(number, kwh * study.kg_per_kwh, len(hours))
        used = np.bincount(number, kwh, len(hours))
        values = [
            float(a / b) if b > 0 and math.isfinite(a) else None
            for a, b in zip(kg, used, strict=True)
        ]
        year = len(hours) > 48
        say = text.moment if year else text.clock_minute
        names = [say(int(hour) * HOUR_NS, self._place.zone)[: 10 if year else 5] for hour in hours]
        title = translate("Energy", "Carbon of a kWh")
        self.intensity.show_values(title, names, values, "kg CO₂e/kWh", decimals=3)


def _mix_rows(study: EnergyStudy) -> list[tuple[str, ...]]:
    """Where electricity came from and what left at once."""
    come = {flow: study.flows.total_kwh(flow) for flow in SOURCES}
    whole = math.fsum(come.values())
    rows = [
        (
            energy_words.source(flow),
            text.number(kwh, 1),
            text.number(100 * kwh / whole if whole else None, 1),
        )
        for flow, kwh in come.items()
        if kwh or flow == "import"
    ]
    for flow, name in (
        ("export", translate("Energy", "exported")),
        ("charge", translate("Energy", "into the storage")),
    ):
        kwh = study.flows.total_kwh(flow)
        if kwh:
            rows.append((name, text.number(-kwh, 1), ""))
    return rows
