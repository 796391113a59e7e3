"""Figures against what is known of them: a plant's energy against published tables.

A truth ledger's records give the energy by end use and carrier per completed vehicle: what each
metering point counted, less its sub-meters, under the point's end use; fuels by their lower
heating value. Compressed air, chilled and hot water are made from energy that is already counted,
and are not added.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.factors import Books
from data.line import ENERGY_CARRIERS, Line, Meter, MeteringPoint
from twin.decode import amount_per_unit
from twin.ledger import sign

Record = Mapping[str, Any]
FUELS_AND_HEAT = tuple(carrier for carrier in ENERGY_CARRIERS if carrier != "electricity")


class NoVehicleError(ValueError):
    """A ledger in which no vehicle was completed: nothing to divide by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRow:
    """What a table says of some end uses (empty: all) and carriers [kWh per vehicle].

    A value between ``low`` and ``high`` agrees with it; ``published`` is None for a mere range.
    """

    id: str
    label: str
    end_uses: tuple[str, ...]
    carriers: tuple[str, ...]
    published: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """A published table; ``evidence`` as in the factor books: how its figures are known."""

    id: str
    title: str
    source: str
    year: int
    evidence: str
    rows: tuple[PublishedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One row of a comparison [kWh per vehicle]; ``deviation`` is relative to what is published."""

    row: PublishedRow
    value: float
    deviation: float | None
    within: bool


def _row(
    row_id: str,
    label: str,
    end_uses: tuple[str, ...],
    carriers: tuple[str, ...],
    kwh: float,
    tolerance: float = 0.15,
) -> PublishedRow:
    return PublishedRow(
        id=row_id,
        label=label,
        end_uses=end_uses,
        carriers=carriers,
        published=kwh,
        low=kwh * (1 - tolerance),
        high=kwh * (1 + tolerance),
    )


def _range(
    row_id: str, label: str, carriers: tuple[str, ...], low: float, high: float
) -> PublishedRow:
    return PublishedRow(
        id=row_id, label=label, end_uses=(), carriers=carriers, published=None, low=low, high=high
    )


_ELECTRICITY = ("electricity",)
_COVERED = ("painting", "hvac", "lighting", "heating", "material_handling", "welding")

# Stamping, drive units and battery packs lie outside this sheet: end uses "process" and "other".
GREET = PublishedTable(
    id="greet",
    title="GREET 2022, vehicle assembly, delivered energy",
    source="GREET 2022 assembly sheet (MJ per vehicle: painting 2910.9, 83.4 % of it gas; HVAC and"
    " lighting 1044.5; heating 3146.2; material handling 216.3; welding 288.0; compressed air"
    " 431.5), by way of i3ET",
    year=2022,
    evidence="seen",
    rows=(
        _row("painting_electricity", "Painting, electricity", ("painting",), _ELECTRICITY, 134),
        _row("painting_gas", "Painting, gas", ("painting",), FUELS_AND_HEAT, 674),
        _row("hvac_lighting", "HVAC and lighting", ("hvac", "lighting"), _ELECTRICITY, 290),
        _row("heating", "Heating", ("heating",), FUELS_AND_HEAT, 874),
        _row("material_handling", "Material handling", ("material_handling",), _ELECTRICITY, 60),
        _row("welding", "Welding", ("welding",), _ELECTRICITY, 80),
        _row("compressed_air", "Compressed air", ("compressed_air",), _ELECTRICITY, 120),
        _row("total", "Total", (*_COVERED, "compressed_air"), ENERGY_CARRIERS, 2232, 0.10),
    ),
)

# Between the published totals of makers: 2.1 to 2.4 MWh a car, half of it electric, and less.
GATE = PublishedTable(
    id="gate",
    title="What a whole plant of today takes",
    source="our reading of published totals per car: VW 2012 to 2023 2.2 to 2.4 MWh, half of it"
    " electric; ACEA about 2.6; BMW 2022 about 2.1; US DOE 860 kWh electric and 430 of fuel",
    year=2023,
    evidence="computed",
    rows=(
        _range("electricity", "Electricity", _ELECTRICITY, 550, 850),
        _range("fuels_heat", "Gas and heat", FUELS_AND_HEAT, 700, 1650),
        _range("total", "Total", ENERGY_CARRIERS, 1400, 2500),
    ),
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Energy [kWh] by (end use, carrier) of a ledger, and the vehicles completed in it."""

    kwh: Mapping[tuple[str, str], float]
    vehicles: int

    def per_vehicle(self, end_uses: Collection[str], carriers: Collection[str]) -> float:
        """kWh per completed vehicle of these end uses (empty: all) and carriers."""
        return (
            math.fsum(
                kwh
                for (use, carrier), kwh in self.kwh.items()
                if carrier in carriers and (not end_uses or use in end_uses)
            )
            / self.vehicles
        )


def usage(line: Line, records: Iterable[Record], books: Books) -> Usage:
    """The energy of a truth ledger's records (docs/simulator.md) by end use and carrier.

    Takes the records of kind "meter" and "vehicle". Raises NoVehicleError where no vehicle was
    completed, KeyError for a meter of the line that the ledger does not have, and
    data.factors.NoFigureError for a fuel in m3 without a heating value.
    """
    meters = {meter.id: meter for meter in line.meters}
    metered: dict[str, float] = {}
    vehicles = 0
    for record in records:
        if record["kind"] == "meter" and record["carrier"] in ENERGY_CARRIERS:
            metered[record["meter"]] = _kwh(meters[record["meter"]], record, books)
        elif record["kind"] == "vehicle":
            vehicles += 1
    if not vehicles:
        raise NoVehicleError("no vehicle was completed: there is no energy per vehicle")
    return Usage(_by_use(line, metered), vehicles)


def _kwh(meter: Meter, record: Record, books: Books) -> float:
    return float(record["amount"]) * amount_per_unit(meter, str(record["unit"]), books)


def _by_use(line: Line, metered: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """What the points counted beyond their sub-meters, by end use and carrier [kWh]."""
    parts: dict[tuple[str, str], list[float]] = defaultdict(list)
    uses = {point.id: point.end_use for point in line.points}
    for point in line.points:
        if point.carrier not in ENERGY_CARRIERS:
            continue
        kwh = sign(point) * metered[_settling(point).id]
        parts[point.end_use, point.carrier].append(kwh)
        if point.parent is not None:
            parts[uses[point.parent], point.carrier].append(-kwh)
    return {key: math.fsum(values) for key, values in parts.items()}


def _settling(point: MeteringPoint) -> Meter:
    meter = point.amount or point.rate
    assert meter is not None
    return meter


def compare(table: PublishedTable, used: Usage) -> tuple[Scored, ...]:
    """Each row of a table beside what the plant used."""
    return tuple(_scored(row, used.per_vehicle(row.end_uses, row.carriers)) for row in table.rows)


def _scored(row: PublishedRow, value: float) -> Scored:
    deviation = None if row.published is None else value / row.published - 1
    return Scored(row=row, value=value, deviation=deviation, within=row.low <= value <= row.high)


def pooled(usages: Sequence[Usage]) -> Usage:
    """Several runs as one."""
    keys = sorted({key for each in usages for key in each.kwh})
    kwh = {key: math.fsum(each.kwh.get(key, 0.0) for each in usages) for key in keys}
    return Usage(kwh, sum(each.vehicles for each in usages))


def comparison_text(table: PublishedTable, scored: Sequence[Scored]) -> str:
    """A comparison as a table for a terminal."""
    lines = [
        f"{table.title} [kWh per vehicle]",
        f"{'':24}{'plant':>8}{'published':>11}{'deviation':>11}{'allowed':>16}",
        *(_line(each) for each in scored),
    ]
    return "\n".join(lines) + "\n"


def _line(each: Scored) -> str:
    row = each.row
    published = "-" if row.published is None else f"{row.published:,.0f}"
    deviation = "-" if each.deviation is None else f"{each.deviation:+.1%}"
    allowed = f"{row.low:,.0f} to {row.high:,.0f}"
    missed = "" if each.within else "  missed"
    return f"{row.label:24}{each.value:8,.0f}{published:>11}{deviation:>11}{allowed:>16}{missed}"


def comparison_json(table: PublishedTable, scored: Sequence[Scored]) -> dict[str, Any]:
    """A comparison for ``--json``: its source, and a row for each figure."""
    return {
        "table": table.id,
        "source": table.source,
        "year": table.year,
        "evidence": table.evidence,
        "unit": "kWh per vehicle",
        "within": all(each.within for each in scored),
        "rows": [
            {
                "id": each.row.id,
                "value": each.value,
                "published": each.row.published,
                "deviation": each.deviation,
                "low": each.row.low,
                "high": each.row.high,
                "within": each.within,
            }
            for each in scored
        ],
    }
