"""The stack of power with its legend: what each part used in the stretch in view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout

from data.factors import BANDS
from twin.kernels.booking import SLOT_NS
from twin.studies.energy import CUTS as CUTS
from twin.studies.energy import Cut, EnergyStudy
from ui import energy_words, text, words
from ui.desk import Desk, Place
from ui.names import PlaceNames
from ui.theme import font
from ui.widgets import paint
from ui.widgets.chart import Explained
from ui.widgets.sheet import Sheet
from ui.widgets.stack_chart import Stack, StackChart, part_color
from ui.words import translate

ROW = 20
MOST = 10  # parts; the smallest become one


class StackPanel(Explained):
    """A chart of one cut of the energy, and the sums of its parts."""

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__(desk)
        self._desk, self._zone = desk, place.zone
        self._names = PlaceNames(desk, place.line)
        self._study: EnergyStudy | None = None
        self._cut = CUTS[0]
        self._parts: tuple[tuple[str, ...], np.ndarray] = ((), np.zeros((0, 0)))
        self.chart = StackChart(desk, place)
        self.sums = PartSums(desk)
        row = QHBoxLayout()
        row.addWidget(self.chart, 1)
        row.addWidget(self.sums)
        self.body.addLayout(row, 1)
        self.chart.ranged.connect(lambda _a, _b: self._show_sums())

    def show_study(self, study: EnergyStudy) -> None:
        """Shows a newer study, in the same cut."""
        self._study = study
        self.show_cut(self._cut)

    def show_cut(self, cut: str) -> None:
        """Shows the parts of another cut."""
        self._cut = cut
        study = self._study
        if study is None:
            return
        ids, kwh = _fewer(study.cuts[cut], MOST)
        self._parts = ids, kwh
        names = tuple(self._name(id_) for id_ in ids)
        self.title.setText(translate("Energy", "Power in parts"))
        self.explain(
            translate(
                "Energy",
                "Mean power of each quarter of an hour, all carriers, fuels by their lower\n"
                "heating value. Drag to look closer, drag the window below, turn the wheel;\n"
                "+, − and 0 do so too, a double click shows all. The grey strip is the tariff's\n"
                "band: darker is dearer.",
            )
        )
        self.chart.show_stack(
            Stack(
                names=names,
                hatched=frozenset(i for i, id_ in enumerate(ids) if id_ == "unexplained"),
                kwh=kwh,
                hours=study.hours,
                begin_ns=study.slot_ns.tolist(),
                slot_ns=SLOT_NS,
                bands=study.band.tolist(),
                band_names=tuple(words.band(band) for band in BANDS),
                prices=study.price_per_kwh.tolist(),
            )
        )
        self._show_sums()

    def _name(self, id_: str) -> str:
        if id_ == "others":
            return words.state(id_)
        return energy_words.part(self._cut, id_, self._names)

    def _show_sums(self) -> None:
        study = self._study
        ids, kwh = self._parts
        if study is None:
            return
        begin, end = self.chart.slots()
        sums = kwh[:, begin:end].sum(axis=1)
        hatched = [id_ == "unexplained" for id_ in ids]
        names = [self._name(id_) for id_ in ids]
        self.sums.show_sums(list(zip(names, sums.tolist(), hatched, strict=True)))
        from_ns = max(int(study.slot_ns[begin]), study.from_ns)
        to_ns = min(int(study.slot_ns[end - 1]) + SLOT_NS, study.to_ns)
        self.note.set_full(
            f"{text.moment(from_ns, self._zone)[:16]} – {text.clock_minute(to_ns, self._zone)}"
        )


class PartSums(Sheet):
    """The legend: each part's colour, name, energy and share, the total last."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: list[tuple[str, float, bool]] = []
        self.setFixedWidth(312)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Qt's hook."""
        return QSize(312, ROW * (MOST + 1))

    def show_sums(self, rows: list[tuple[str, float, bool]]) -> None:
        """Shows (name, kWh, is it unexplained)."""
        self._rows = rows
        said = "; ".join(f"{name} {text.with_unit(*text.energy(kwh))}" for name, kwh, _ in rows)
        self.setAccessibleName(said)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Qt's hook."""
        painter = QPainter(self)
        tokens = self.desk.tokens
        whole = sum(kwh for _, kwh, _ in self._rows)
        high = min(self.height() / (len(self._rows) + 1), ROW)
        for number, (name, kwh, is_hatched) in enumerate(self._rows):
            y = number * high
            swatch = QRectF(4, y + high / 2 - 6, 12, 12)
            if is_hatched:
                painter.fillRect(swatch, QColor(tokens.field))
                paint.hatch(painter, swatch, tokens.color("ink"), 4)
            else:
                painter.fillRect(swatch, part_color(tokens, number))
            painter.setPen(QPen(tokens.color("rule"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(swatch)
            self._figures(painter, y, high, name, kwh, whole, bold=False)
        y = len(self._rows) * high
        painter.fillRect(QRectF(22, y, self.width() - 22, 1), tokens.color("rule"))
        total = translate("Energy", "Total")
        self._figures(painter, y, high, total, whole, whole, bold=True)
        painter.end()

    def _figures(
        self,
        painter: QPainter,
        y: float,
        high: float,
        name: str,
        kwh: float,
        whole: float,
        *,
        bold: bool,
    ) -> None:
        tokens = self.desk.tokens
        share_px = paint.width_of("100.0\u202f%", font(12)) + 4
        amount_px = paint.width_of("9,999.9\u202fMWh", font(12, bold=bold)) + 6
        right = float(self.width())
        share = QRectF(right - share_px, y, share_px, high)
        said = text.percent(kwh / whole if whole else None)
        paint.write(painter, share, said, tokens.color("soft"), px=12, align=paint.RIGHT)
        amount = QRectF(right - share_px - amount_px, y, amount_px, high)
        figure = text.with_unit(*text.energy(kwh))
        ink = tokens.color("ink")
        paint.write(painter, amount, figure, ink, px=12, bold=bold, align=paint.RIGHT)
        room = QRectF(22, y, right - share_px - amount_px - 26, high)
        paint.write(painter, room, name, ink, px=12, bold=bold)


def _fewer(cut: Cut, most: int) -> tuple[tuple[str, ...], np.ndarray]:
    """At most so many parts: the smallest become one, but never what is unexplained."""
    keep = [i for i, id_ in enumerate(cut.parts) if id_ != "unexplained"]
    unexplained = [i for i, id_ in enumerate(cut.parts) if id_ == "unexplained"]
    room = most - len(unexplained)
    ids = [cut.parts[i] for i in keep[:room]]
    rows = [cut.kwh[i] for i in keep[:room]]
    if len(keep) > room:
        ids[room - 1] = "others"
        rows[room - 1] = cut.kwh[keep[room - 1 :]].sum(axis=0)
    ids += [cut.parts[i] for i in unexplained]
    rows += [cut.kwh[i] for i in unexplained]
    return tuple(ids), np.array(rows)
