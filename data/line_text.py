"""A line in words: what ``greenline check`` prints of a line file without faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal

from data.line import Edge, Line, MeteringPoint, Names, Shift

Language = Literal["en", "zh"]

_WORDS: Mapping[str, tuple[str, str]] = {
    "takt": ("takt {0:g} s", "节拍 {0:g} 秒"),
    "shifts": ("Shifts", "班次"),
    "breaks": ("breaks {0}", "休息 {0}"),
    "plan": ("plan {0} vehicles", "计划 {0} 辆"),
    "workshops": ("Workshops", "车间"),
    "stations": ("{0} stations", "{0} 个工位"),
    "flow": ("Flow (room between stations)", "物流（工位间容量）"),
    "rework": ("rework", "返工"),
    "join": ("joins", "合装"),
    "alone": ("without a way in or out", "无上下游"),
    "variants": ("Variants", "车型"),
    "meters": ("Metering points", "计量点"),
    "boundary": ("counts in the totals", "计入总量"),
    "signals": ("Signals: {0}", "信号：{0} 个"),
    "tables_only": ("from tables only", "仅来自表格"),
    "tables": ("Tables", "表格"),
    "columns": ("columns: {0}", "列数：{0}"),
    "books": ("Books", "因子库"),
    "none": ("none", "无"),
    "notes": ("Notes", "提示"),
    "no_state": (
        "no state signal, so no energy by state: {0}",
        "没有状态信号，无法按状态分解能耗：{0}",
    ),
    "no_vehicle": (
        "no vehicle signal, so no energy of single vehicles: {0}",
        "没有车辆信号，无法核算单车能耗：{0}",
    ),
    "no_meter": (
        "no electricity meter covers: {0}",
        "没有电表覆盖：{0}",
    ),
    "no_boundary": (
        "no metering point counts in the totals: there is no energy balance",
        "没有计入总量的计量点，无法建立能量平衡",
    ),
    "twice": (
        "{0} and {1} both count in the totals, though one covers the other: is a parent missing?",
        "{0} 与 {1} 均计入总量，但其中一个包含另一个：是否缺少 parent？",
    ),
    "shares": (
        "the variants' shares come to {0:g}, not to 1",
        "车型份额之和为 {0:g}，不等于 1",
    ),
    "no_signal": ("no signal gives a value to meter: {0}", "没有信号为以下计量表提供数值：{0}"),
    "unfilled": (
        "neither a source nor a table fills: {0}",
        "没有数据源或表格提供：{0}",
    ),
    "no_cycle": ("no cycle_s, so no forecast: {0}", "没有 cycle_s，无法预测：{0}"),
    "no_variant_cycle": (
        "cycle_s of {0} leaves out: {1}",
        "{0} 的 cycle_s 缺少：{1}",
    ),
    "no_book": (
        "no {0} book: its electricity carbon shows as a dash",
        "没有 {0} 因子库：其电力碳排放显示为横线",
    ),
    "open_password": (
        "source {0} names a user on an unencrypted channel: no password will be sent",
        "数据源 {0} 在未加密通道上指定了用户：不会发送密码",
    ),
}
_DAYS = (
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
)
_SHOWN = 8
_INWARDS = ("import", "consume")


class _Words:
    """Phrases of one language."""

    def __init__(self, language: Language) -> None:
        self._column = 0 if language == "en" else 1

    def __call__(self, phrase: str, *values: object) -> str:
        return _WORDS[phrase][self._column].format(*values)

    def name(self, names: Names) -> str:
        return (names.en, names.zh)[self._column]

    def days(self, days: Sequence[int]) -> str:
        names = [_DAYS[self._column][day - 1] for day in days]
        in_a_row = len(days) > 2 and days[-1] - days[0] == len(days) - 1
        return f"{names[0]}-{names[-1]}" if in_a_row else ", ".join(names)


def describe(line: Line, language: Language = "en") -> str:
    """What the line file describes, and what it leaves out, as text of several lines."""
    words = _Words(language)
    parts = [
        [_headline(line, words)],
        _section(words("shifts"), (_shift(shift, words) for shift in line.shifts)),
        _section(words("workshops"), _workshops(line, words)),
        _section(words("flow"), _flow(line, words)),
        _section(words("variants"), _variants(line, words)),
        _section(words("meters"), _points(line, words)),
        _section(words("signals", len(line.signals)), _signals(line, words)),
        _section(words("tables"), _tables(line, words)),
        _section(words("books"), _books(line, words)),
        _section(words("notes"), notes(line, language)),
    ]
    return "\n".join(text for part in parts for text in part) + "\n"


def notes(line: Line, language: Language = "en") -> tuple[str, ...]:
    """What is missing for the line to be of full use; none of it is a fault."""
    words = _Words(language)
    return tuple(words(phrase, *values) for phrase, values in _notes(line))


def _section(title: str, rows: Iterable[str]) -> list[str]:
    """A titled block; nothing where there are no rows."""
    indented = [f"  {row}" for row in rows]
    return [title, *indented] if indented else []


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f", … (+{len(every) - _SHOWN})" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more


def _headline(line: Line, words: _Words) -> str:
    plant = line.plant
    facts = [plant.timezone, plant.currency]
    if plant.takt_s is not None:
        facts.append(words("takt", plant.takt_s))
    return f"{plant.id}: {words.name(plant.names)} ({', '.join(facts)})"


def _shift(shift: Shift, words: _Words) -> str:
    parts = [f"{shift.name}  {shift.start:%H:%M}-{shift.end:%H:%M}  {words.days(shift.days)}"]
    if shift.breaks:
        parts.append(words("breaks", ", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in shift.breaks)))
    if shift.plan is not None:
        parts.append(words("plan", shift.plan))
    return "  ".join(parts)


def _workshops(line: Line, words: _Words) -> Iterator[str]:
    count = Counter(station.workshop for station in line.stations)
    for shop in line.workshops:
        yield f"{shop.id}  {words.name(shop.names)}: {words('stations', count[shop.id])}"


def _flow(line: Line, words: _Words) -> Iterator[str]:
    """The flow in runs as long as it neither forks nor merges, then what is beside it."""
    plain = [edge for edge in line.edges if edge.kind == "flow"]
    into = Counter(edge.to_station for edge in plain)
    out_of = Counter(edge.from_station for edge in plain)
    after = {edge.from_station: edge for edge in plain}

    def goes_on(edge: Edge) -> bool:
        return out_of[edge.from_station] == 1 and into[edge.to_station] == 1

    inner = {edge.to_station for edge in plain if goes_on(edge)}
    for edge in plain:
        if edge.from_station in inner and goes_on(edge):
            continue
        text = f"{edge.from_station} -({edge.capacity})-> {edge.to_station}"
        here = edge.to_station
        while goes_on(edge) and out_of[here] == 1 and goes_on(after[here]):
            text += f" -({after[here].capacity})-> {after[here].to_station}"
            here = after[here].to_station
        yield text
    for edge in line.edges:
        if edge.kind != "flow":
            yield (
                f"{edge.from_station} -({edge.capacity})-> {edge.to_station} ({words(edge.kind)})"
            )
    linked = {name for edge in line.edges for name in (edge.from_station, edge.to_station)}
    if alone := [station.id for station in line.stations if station.id not in linked]:
        yield f"{_some(alone)} ({words('alone')})"


def _variants(line: Line, words: _Words) -> Iterator[str]:
    for variant in line.variants:
        facts = [] if variant.share is None else [f"{100 * variant.share:.4g} %"]
        facts += [] if variant.mass_kg is None else [f"{variant.mass_kg:g} kg"]
        yield f"{variant.id}  {words.name(variant.names)}" + "".join(f"  {fact}" for fact in facts)


def _points(line: Line, words: _Words) -> Iterator[str]:
    children: dict[str | None, list[MeteringPoint]] = {}
    for point in line.points:
        children.setdefault(point.parent, []).append(point)
    todo = [(point, 0) for point in reversed(children.get(None, []))]
    while todo:
        point, depth = todo.pop()
        yield "  " * depth + _point(point, words)
        todo += [(child, depth + 1) for child in reversed(children.get(point.id, []))]


def _point(point: MeteringPoint, words: _Words) -> str:
    meters = [meter for meter in (point.amount, point.rate) if meter is not None]
    kinds = " + ".join(f"{meter.kind} {meter.id} [{meter.unit}]" for meter in meters)
    text = f"{point.id}  {point.carrier}, {point.direction}, {_some(point.covers)}: {kinds}"
    return text + (f"; {words('boundary')}" if point.boundary else "")


def _signals(line: Line, words: _Words) -> Iterator[str]:
    places = {source.id: f"{source.id} ({source.kind}, {source.url})" for source in line.sources}
    for source in dict.fromkeys(signal.source for signal in line.signals):
        roles = Counter(signal.role for signal in line.signals if signal.source == source)
        counts = ", ".join(f"{role} {count}" for role, count in roles.items())
        place = places[source] if source is not None else words("tables_only")
        yield f"{place}: {counts}"


def _tables(line: Line, words: _Words) -> Iterator[str]:
    for table in line.tables:
        columns = words("columns", len(table.columns))
        yield f"{table.id}  {table.time_format}, {table.zone}  {columns}"


def _books(line: Line, words: _Words) -> Iterator[str]:
    for key in ("location", "market", "product", "tariff", "carbon_price"):
        yield f"{key}: {getattr(line.books, key) or words('none')}"


def _notes(line: Line) -> Iterator[tuple[str, tuple[object, ...]]]:
    yield from _station_notes(line)
    if line.meters and not any(point.boundary for point in line.points):
        yield "no_boundary", ()
    for one, other in _counted_twice(line):
        yield "twice", (one.id, other.id)
    shares = [variant.share for variant in line.variants if variant.share is not None]
    if shares and abs(sum(shares) - 1) > 1e-9:
        yield "shares", (sum(shares),)
    yield from _signal_notes(line)
    for key in ("location", "market", "product"):
        if getattr(line.books, key) is None:
            yield "no_book", (key,)
    for source in line.sources:
        if source.user is not None and source.security == "None":
            yield "open_password", (source.id,)


def _counted_twice(line: Line) -> Iterator[tuple[MeteringPoint, MeteringPoint]]:
    """Boundary points of one carrier and direction of which one covers the other's stations."""
    for one, other in combinations([p for p in line.points if p.boundary], 2):
        same = (one.carrier, one.direction in _INWARDS) == (
            other.carrier,
            other.direction in _INWARDS,
        )
        smaller, larger = sorted((set(one.stations), set(other.stations)), key=len)
        if same and smaller and smaller < larger:
            yield one, other


def _station_notes(line: Line) -> Iterator[tuple[str, tuple[object, ...]]]:
    stations = [station.id for station in line.stations]
    for role in ("state", "vehicle"):
        having = {signal.subject for signal in line.signals if signal.role == role}
        if without := [name for name in stations if name not in having]:
            yield f"no_{role}", (_some(without),)
    metered = {s for p in line.points if p.carrier == "electricity" for s in p.stations}
    if unmetered := [name for name in stations if name not in metered]:
        yield "no_meter", (_some(unmetered),)
    if timeless := [station.id for station in line.stations if station.cycle_s is None]:
        yield "no_cycle", (_some(timeless),)
    for station in line.stations:
        if isinstance(station.cycle_s, Mapping):
            rest = [v.id for v in line.variants if v.id not in station.cycle_s]
            if rest:
                yield "no_variant_cycle", (station.id, _some(rest))


def _signal_notes(line: Line) -> Iterator[tuple[str, tuple[object, ...]]]:
    valued = {signal.subject for signal in line.signals if signal.role == "value"}
    if silent := [meter.id for meter in line.meters if meter.id not in valued]:
        yield "no_signal", (_some(silent),)
    filled = {column.signal for table in line.tables for column in table.columns}
    unfilled = [s.key for s in line.signals if s.source is None and s.key not in filled]
    if unfilled:
        yield "unfilled", (_some(unfilled),)
