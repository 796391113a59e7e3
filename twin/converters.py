"""Compressed air, chilled and hot water on who used them, with their share of the input energy.

A converter moves the energy of its input meters (compressors' electricity, boilers' gas) to the
users of its output: in each slot by the amounts used in it. Input of a slot without output is
shared by the amounts of the whole period; without any output it stays with the converter. It
never adds energy: what is moved is already in the totals, at the converter's own stations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.line import Converter, Line, MeteringPoint
from data.units import to_base
from twin import carbon
from twin.ledger import Cells, Ledger

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Use:
    """What one user took: its amount in the medium's base unit, and its part of the input.

    place: a station, or the meter whose rest it is; workshop None: the plant's.
    """

    place: str
    workshop: str | None
    amount: float
    kwh: float
    kg: float


@dataclass(frozen=True, slots=True)
class Converted:
    """One converter's output (a metering point) and its users; kg in the location view.

    Their kwh and kg sum to the input's; kept_kwh and kept_kg are what no output took.
    """

    converter: str
    output: str
    carrier: str
    unit: str
    amount: float
    kwh: float
    kg: float
    kept_kwh: float
    kept_kg: float
    users: tuple[Use, ...]


def converted(ledger: Ledger) -> tuple[Converted, ...]:
    """Every converter's outputs, in the line's order; input is shared evenly among several."""
    kg = carbon.carbon_kg(ledger, "location")
    found = []
    for converter in ledger.line.converters:
        inside = np.isin(ledger.cells["point"], _points(ledger.line, converter.inputs))
        spent, spent_kg = ledger.cells[inside], kg[inside]
        outputs = _outputs(ledger.line, converter)
        found += [
            _moved(ledger, converter, output, spent, spent_kg, 1.0 / len(outputs))
            for output in outputs
        ]
    return tuple(found)


def _outputs(line: Line, converter: Converter) -> list[int]:
    """The metering points of a converter's outputs; a sub-meter of another is a user of it."""
    own = [p for p, point in enumerate(line.points) if _meters(point) & set(converter.outputs)]
    below = {c for p in own for c in _below(line, p)}
    return [p for p in own if p not in below]


def _points(line: Line, meters: tuple[str, ...]) -> list[int]:
    """The metering points of some meters, and those below them."""
    own = [p for p, point in enumerate(line.points) if _meters(point) & set(meters)]
    return [*own, *(c for p in own for c in _below(line, p))]


def _meters(point: MeteringPoint) -> set[str]:
    return {meter.id for meter in (point.amount, point.rate) if meter is not None}


def _below(line: Line, p: int) -> Iterator[int]:
    for c, point in enumerate(line.points):
        if point.parent == line.points[p].id:
            yield c
            yield from _below(line, c)


def _moved(
    ledger: Ledger, converter: Converter, output: int, spent: Cells, spent_kg: Floats, part: float
) -> Converted:
    line = ledger.line
    used = ledger.secondary[np.isin(ledger.secondary["point"], [output, *_below(line, output)])]
    kwh, kept_kwh = _shared(used, spent["slot_ns"], spent["kwh"] * part)
    kg, kept_kg = _shared(used, spent["slot_ns"], spent_kg * part)
    users = []
    for place in np.unique(used["place"]).tolist():
        chosen = used["place"] == place
        users.append(
            Use(
                ledger.place(place),
                _workshop(line, place),
                math.fsum(used["kwh"][chosen]),
                math.fsum(kwh[chosen]),
                math.fsum(kg[chosen]),
            )
        )
    return Converted(
        converter=converter.id,
        output=line.points[output].id,
        carrier=line.points[output].carrier,
        unit=_unit(line.points[output]),
        amount=math.fsum(used["kwh"]),
        kwh=math.fsum(kwh) + kept_kwh,
        kg=math.fsum(kg) + kept_kg,
        kept_kwh=kept_kwh,
        kept_kg=kept_kg,
        users=tuple(users),
    )


def _shared(used: Cells, slot_ns: NDArray[np.int64], amounts: Floats) -> tuple[Floats, float]:
    """Amounts by slot onto the users' cells, (n,), and what no use took."""
    shares = np.zeros(len(used))
    total = math.fsum(used["kwh"])
    if total <= 0:
        return shares, math.fsum(amounts)
    for slot in np.unique(slot_ns).tolist():
        amount = math.fsum(amounts[slot_ns == slot])
        here = used["slot_ns"] == slot
        in_slot = math.fsum(used["kwh"][here])
        if in_slot > 0:
            shares[here] += amount * used["kwh"][here] / in_slot
        else:
            shares += amount * used["kwh"] / total
    return shares, 0.0


def _workshop(line: Line, place: int) -> str | None:
    if place < len(line.stations):
        return line.stations[place].workshop
    number = place - len(line.stations)
    return line.points[number].workshop if number < len(line.points) else None


def _unit(point: MeteringPoint) -> str:
    meter = point.amount or point.rate
    assert meter is not None
    unit = to_base(meter.unit).unit.removesuffix("/h")
    return "kWh" if unit == "kW" else unit
