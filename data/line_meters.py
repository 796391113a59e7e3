"""Meters of a line file: what they cover, the metering points that they form, the tree of these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from data import units
from data.line import ENERGY_CARRIERS, Meter, MeteringPoint
from data.line_schema import Draft, MeterEntry
from data.toml_file import Sheet, listed

_RATE_BASES = {"kWh": "kW", "m3": "m3/h", "kg": "kg/h"}
# What a carrier can be metered in; the rest of it needs a density that the meter knows and we do
# not (use ``scale``).
AMOUNT_BASES: Mapping[str, tuple[str, ...]] = {
    "electricity": ("kWh",),
    "natural_gas": ("m3", "kWh"),
    "lpg": ("kg", "kWh"),
    "diesel": ("kg", "kWh"),
    "heat": ("kWh",),
    "steam": ("kg", "kWh"),
    "compressed_air": ("m3", "kWh"),
    "chilled_water": ("kWh", "m3", "kg"),
    "hot_water": ("kWh", "m3", "kg"),
    "water": ("m3", "kg"),
    "voc": ("kg",),
}


def build_meters(sheet: Sheet, draft: Draft) -> tuple[Meter, ...]:
    """The meters; faults of unit and cover are noted."""
    found = []
    for number, entry in draft.meters:
        _check_unit(sheet, number, entry)
        if entry.rolls_over_at is not None and entry.kind != "counter":
            path = ("meter", number, "rolls_over_at")
            sheet.fault(path, 'only a meter of kind "counter" rolls over', entry.rolls_over_at)
        found.append(_meter(entry, _stations(sheet, draft, number, entry)))
    return tuple(found)


def _meter(entry: MeterEntry, stations: tuple[str, ...]) -> Meter:
    return Meter(
        id=entry.id,
        carrier=entry.carrier,
        kind=entry.kind,
        unit=units.spelt(entry.unit),
        covers=tuple(entry.covers),
        stations=stations,
        parent=entry.parent,
        end_use=entry.end_use or "other",
        direction=entry.direction,
        rolls_over_at=entry.rolls_over_at,
    )


def expected_bases(carrier: str, kind: str) -> tuple[str, ...]:
    """The base units that a meter of this carrier and kind can have."""
    amounts = AMOUNT_BASES[carrier]
    if kind in ("counter", "interval"):
        return amounts
    rates = [_RATE_BASES[base] for base in amounts]
    return tuple(rate for rate in rates if (rate == "kW") == (kind == "power"))


def _check_unit(sheet: Sheet, number: int, entry: MeterEntry) -> None:
    path = ("meter", number, "unit")
    expected = expected_bases(entry.carrier, entry.kind)
    if not expected:
        limit = f"{entry.carrier} is not metered as {entry.kind}"
        sheet.fault(("meter", number, "kind"), limit, entry.kind)
        return
    fitting = [unit for unit in units.known_units() if units.to_base(unit).unit in expected]
    try:
        base = units.to_base(entry.unit).unit
    except units.UnknownUnitError as error:
        near = next((unit for unit in error.near if unit in fitting), None)
        limit = f'unknown unit; "{entry.kind}" of {entry.carrier} is in {listed(fitting)}'
        sheet.fault(path, limit, entry.unit, near)
        return
    if base not in expected:
        limit = f'"{entry.kind}" of {entry.carrier} is in {listed(fitting)}'
        sheet.fault(path, limit, entry.unit)


def _stations(sheet: Sheet, draft: Draft, number: int, entry: MeterEntry) -> tuple[str, ...]:
    """Station ids that ``covers`` comes down to, in line order."""
    covered: set[str] = set()
    workshops, stations = draft.ids["workshop"], draft.ids["station"]
    for i, name in enumerate(entry.covers):
        path = ("meter", number, "covers", i)
        shop = name.removeprefix("workshop:")
        if name == "plant":
            covered.update(stations)
        elif shop != name and shop in workshops:
            covered.update(s.id for _, s in draft.stations if s.workshop == shop)
        elif shop != name:
            sheet.unknown(path, name, "workshop", [f"workshop:{w}" for w in workshops])
        elif name in stations:
            covered.add(name)
        else:
            known = ["plant", *stations, *(f"workshop:{w}" for w in workshops)]
            sheet.unknown(path, name, "station", known)
    return tuple(s.id for _, s in draft.stations if s.id in covered)


def build_points(sheet: Sheet, draft: Draft, meters: Sequence[Meter]) -> tuple[MeteringPoint, ...]:
    """Metering points, in file order of the meter that names each."""
    numbers = {meter.id: number for (number, _), meter in zip(draft.meters, meters, strict=True)}
    pairs = _pairs(sheet, draft, meters, numbers)
    point_of = {m.id: _name(pair) for pair in pairs for m in pair if m is not None}
    by_id = {meter.id: meter for meter in meters}
    workshop_of = {s.id: s.workshop for _, s in draft.stations}
    points = []
    for pair in sorted(pairs, key=lambda pair: numbers[_name(pair)]):
        parent = _parent(sheet, draft, pair, by_id, point_of, numbers)
        points.append(_point(draft, pair, parent, workshop_of, numbers))
    _check_circles(sheet, points, numbers)
    return tuple(points)


_Pair = tuple[Meter | None, Meter | None]  # amount, rate


def _name(pair: _Pair) -> str:
    amount, rate = pair
    meter = amount or rate
    assert meter is not None
    return meter.id


def _pairs(
    sheet: Sheet, draft: Draft, meters: Sequence[Meter], numbers: Mapping[str, int]
) -> list[_Pair]:
    """Which amount goes with which rate: those of one carrier, cover and direction."""
    groups: dict[object, list[Meter]] = defaultdict(list)
    for meter in meters:
        key = (meter.carrier, frozenset(meter.covers), meter.direction)
        groups[key].append(meter)
    pairs: list[_Pair] = []
    for group in groups.values():
        pairs += _pair_up(sheet, draft, group, numbers)
    return pairs


def _end_uses(draft: Draft, group: Iterable[Meter]) -> set[str]:
    ids = {meter.id for meter in group}
    return {e.end_use for _, e in draft.meters if e.id in ids and e.end_use is not None}


def _pair_up(
    sheet: Sheet, draft: Draft, group: list[Meter], numbers: Mapping[str, int]
) -> list[_Pair]:
    if len(_end_uses(draft, group)) > 1:  # several uses of one part of the plant
        return [
            pair
            for use in dict.fromkeys(meter.end_use for meter in group)
            for pair in _pair_up_one_use(sheet, [m for m in group if m.end_use == use], numbers)
        ]
    return _pair_up_one_use(sheet, group, numbers)


def _pair_up_one_use(sheet: Sheet, group: list[Meter], numbers: Mapping[str, int]) -> list[_Pair]:
    amounts = [meter for meter in group if meter.kind in ("counter", "interval")]
    rates = [meter for meter in group if meter.kind in ("power", "flow")]
    if len({meter.kind for meter in amounts}) > 1:
        names = ", ".join(meter.id for meter in amounts)
        limit = f"a counter and an interval meter the same energy twice ({names}); keep one"
        sheet.fault(("meter", numbers[amounts[-1].id]), limit)
    if amounts and rates and len(amounts) != len(rates):
        names = ", ".join(meter.id for meter in group)
        limit = f"cannot tell which of {names} belong together; give them different end_use"
        sheet.fault(("meter", numbers[group[-1].id]), limit)
    paired = list(zip(amounts, rates, strict=False))
    alone: list[_Pair] = [(amount, None) for amount in amounts[len(paired) :]]
    return [*paired, *alone, *((None, rate) for rate in rates[len(paired) :])]


def _parent(
    sheet: Sheet,
    draft: Draft,
    pair: _Pair,
    by_id: Mapping[str, Meter],
    point_of: Mapping[str, str],
    numbers: Mapping[str, int],
) -> str | None:
    """The parent point; what does not fit is noted."""
    found: dict[str, Meter] = {}
    placed = {s.id for _, s in draft.stations if s.workshop in draft.ids["workshop"]}
    for meter in pair:
        if meter is None or meter.parent is None:
            continue
        path = ("meter", numbers[meter.id], "parent")
        above = by_id.get(meter.parent)
        if above is None:
            if meter.parent not in draft.ids["meter"]:
                sheet.unknown(path, meter.parent, "meter", draft.ids["meter"])
        elif point_of[above.id] == _name(pair):
            sheet.fault(path, "a meter cannot be above itself", meter.parent)
        elif above.carrier != meter.carrier:
            limit = f"must be a meter of {meter.carrier}, but it meters {above.carrier}"
            sheet.fault(path, limit, meter.parent)
        elif missing := (set(meter.stations) - set(above.stations)) & placed:
            limit = f"does not cover {', '.join(sorted(missing))}, which this meter covers"
            sheet.fault(path, limit, meter.parent)
        else:
            found[point_of[above.id]] = meter
    if len(found) > 1:
        path = ("meter", numbers[_name(pair)], "parent")
        limit = "the power and the counter of one part of the plant need the same parent"
        sheet.fault(path, limit, ", ".join(found))
    return next(iter(found), None)


def _point(
    draft: Draft,
    pair: _Pair,
    parent: str | None,
    workshop_of: Mapping[str, str],
    numbers: Mapping[str, int],
) -> MeteringPoint:
    amount, rate = pair
    meter = amount or rate
    assert meter is not None
    uses = _end_uses(draft, [m for m in pair if m is not None])
    return MeteringPoint(
        id=meter.id,
        carrier=meter.carrier,
        direction=meter.direction,
        end_use=next(iter(uses), "other"),
        covers=meter.covers,
        stations=meter.stations,
        amount=amount,
        rate=rate,
        parent=parent,
        workshop=_workshop(meter.covers, workshop_of),
        boundary=parent is None and meter.carrier in ENERGY_CARRIERS,
    )


def _workshop(covers: Iterable[str], workshop_of: Mapping[str, str]) -> str | None:
    """The one workshop that all of it lies in."""
    shops = {
        name.removeprefix("workshop:") if ":" in name else workshop_of.get(name) for name in covers
    }
    return shops.pop() if len(shops) == 1 else None


def _check_circles(
    sheet: Sheet, points: Sequence[MeteringPoint], numbers: Mapping[str, int]
) -> None:
    parent = {point.id: point.parent for point in points}
    done: set[str] = set()
    for point in points:
        trail: list[str] = []
        here: str | None = point.id
        while here is not None and here not in done and here not in trail:
            trail.append(here)
            here = parent[here]
        if here in trail:
            circle = " -> ".join([*trail[trail.index(here) :], here])
            sheet.fault(("meter", numbers[here], "parent"), f"the meters form a circle: {circle}")
        done.update(trail)
