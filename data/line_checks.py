"""What must agree within a line file: ids, flow, shares, shifts, converters, books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from pathlib import Path

from data.factors import BookFaults, BookNotFound, Books, book_for
from data.line import KPI_IDS, BookNames
from data.line_schema import FORMAT, FORMATS, Draft, ShiftEntry
from data.toml_file import Fault, Sheet, is_there, listed, nearest, whole
from data.zones import check_zone

_WEEK_MIN = 7 * 1440
_SHARES_TOLERANCE = 1e-9


def format_fault(sheet: Sheet) -> Fault | None:
    """Why the file cannot be read as a line file at all: a later version may mean anything."""
    found = sheet.tables.get("format")
    if found is None and "plant" not in sheet.tables:
        return whole(sheet.where, f'is no line file: that begins with format = "{FORMAT}"')
    if found is not None and found not in FORMATS:
        sheet.fault(("format",), f"cannot be read; this version reads {listed(FORMATS)}", found)
        return sheet.faults.pop()
    return None


def check_draft(sheet: Sheet, draft: Draft) -> None:
    """Notes everything that does not agree, but for meters and signals."""
    if "format" not in sheet.tables:
        sheet.fault(("format",), f'is missing: write format = "{FORMAT}"')
    _check_duplicates(sheet, draft)
    if draft.plant is not None:
        check_zone(sheet, ("plant", "timezone"), draft.plant.timezone)
    _check_shifts(sheet, draft)
    _check_stations(sheet, draft)
    _check_edges(sheet, draft)
    _check_shares(sheet, draft)
    _check_converters(sheet, draft)
    _check_years(sheet, draft)


def _check_duplicates(sheet: Sheet, draft: Draft) -> None:
    for section in draft.ids:
        tables = sheet.tables.get(section, [])
        first: dict[str, int] = {}
        for number, table in enumerate(tables if isinstance(tables, list) else []):
            name = table.get("id") if isinstance(table, dict) else None
            if not isinstance(name, str):
                continue
            if name in first:
                limit = f"is already the id of {section}[{first[name]}]"
                sheet.fault((section, number, "id"), limit, name)
            first.setdefault(name, number)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _span(start: str, end: str) -> int:
    """Minutes from start to end, across midnight where the end comes first."""
    return (_minutes(end) - _minutes(start)) % 1440


def _check_shifts(sheet: Sheet, draft: Draft) -> None:
    for number, shift in draft.shifts:
        if shift.start == shift.end:
            limit = "must differ from start (write a day of 24 h as two shifts)"
            sheet.fault(("shift", number, "end"), limit, shift.end)
        else:
            _check_breaks(sheet, number, shift)
    for (_, one), (number, other) in combinations(draft.shifts, 2):
        if _overlap(one, other):
            limit = f'overlaps shift "{one.name}" ({one.start} to {one.end}) on the same days'
            sheet.fault(("shift", number), limit)


def _check_breaks(sheet: Sheet, number: int, shift: ShiftEntry) -> None:
    length = _span(shift.start, shift.end)
    spans = []
    for i, (start, end) in enumerate(shift.breaks):
        begins, lasts = _span(shift.start, start), _span(start, end)
        path = ("shift", number, "breaks", i)
        if lasts == 0 or begins + lasts > length:
            limit = f"must begin and end within the shift, {shift.start} to {shift.end}"
            sheet.fault(path, limit, [start, end])
        else:
            spans.append((begins, begins + lasts, i))
    for (_, ends, _), (begins, _, i) in pairwise(sorted(spans)):
        if begins < ends:
            path = ("shift", number, "breaks", i)
            sheet.fault(path, "overlaps another break", shift.breaks[i])


def _week(shift: ShiftEntry) -> Iterable[tuple[int, int]]:
    """Begin and end in minutes of the week, as often as the shift runs in it."""
    for day in shift.days:
        begin = (day - 1) * 1440 + _minutes(shift.start)
        yield begin, begin + _span(shift.start, shift.end)


def _overlap(one: ShiftEntry, other: ShiftEntry) -> bool:
    return any(
        begin < end_other + round_ and begin_other + round_ < end
        for begin, end in _week(one)
        for begin_other, end_other in _week(other)
        for round_ in (-_WEEK_MIN, 0, _WEEK_MIN)
    )


def _check_stations(sheet: Sheet, draft: Draft) -> None:
    variants = draft.ids["variant"]
    for number, station in draft.stations:
        if station.workshop not in draft.ids["workshop"]:
            path = ("station", number, "workshop")
            sheet.unknown(path, station.workshop, "workshop", draft.ids["workshop"])
        if isinstance(station.cycle_s, Mapping):
            for name in station.cycle_s:
                if name not in variants:
                    sheet.unknown(("station", number, "cycle_s", name), name, "variant", variants)


def _check_edges(sheet: Sheet, draft: Draft) -> None:
    stations = draft.ids["station"]
    seen: dict[tuple[str, str], int] = {}
    for number, edge in draft.edges:
        for key, name in (("from", edge.from_), ("to", edge.to)):
            if name not in stations:
                sheet.unknown(("edge", number, key), name, "station", stations)
        if edge.from_ == edge.to:
            sheet.fault(("edge", number, "to"), "leads back to where it begins", edge.to)
        if (edge.from_, edge.to) in seen:
            limit = f"is the same way as edge[{seen[edge.from_, edge.to]}]"
            sheet.fault(("edge", number), limit)
        seen.setdefault((edge.from_, edge.to), number)
    _check_flow_circles(sheet, draft)


def _check_flow_circles(sheet: Sheet, draft: Draft) -> None:
    """Without rework the flow must lead out: strip what leads out, and nothing may remain."""
    ways = {(e.from_, e.to): n for n, e in draft.edges if e.kind != "rework" and e.from_ != e.to}
    onward = Counter(start for start, _ in ways)
    into: dict[str, list[str]] = {}
    for start, end in ways:
        into.setdefault(end, []).append(start)
    leads_out = [end for end in into if end not in onward]
    for end in leads_out:
        for start in into.get(end, ()):
            del ways[start, end]
            onward[start] -= 1
            if not onward[start]:
                leads_out.append(start)
    if ways:
        names = ", ".join(sorted({start for start, _ in ways}))
        limit = f'the flow goes in a circle ({names}); the way back is kind = "rework"'
        sheet.fault(("edge", max(ways.values())), limit)


def _check_shares(sheet: Sheet, draft: Draft) -> None:
    shares = [(number, v.share) for number, v in draft.variants if v.share is not None]
    total = sum(share for _, share in shares)
    if total > 1 + _SHARES_TOLERANCE:
        limit = f"the shares of all variants come to {total:g}; together at most 1"
        sheet.fault(("variant", shares[-1][0], "share"), limit, shares[-1][1])


def _check_converters(sheet: Sheet, draft: Draft) -> None:
    meters = draft.ids["meter"]
    for number, converter in draft.converters:
        for key, names in (("inputs", converter.inputs), ("outputs", converter.outputs)):
            for i, name in enumerate(names):
                if name not in meters:
                    sheet.unknown(("converter", number, key, i), name, "meter", meters)
        if both := set(converter.inputs) & set(converter.outputs):
            limit = f"{', '.join(sorted(both))} cannot be input and output"
            sheet.fault(("converter", number, "outputs"), limit, converter.outputs)


def _check_years(sheet: Sheet, draft: Draft) -> None:
    seen: set[int] = set()
    for number, point in draft.target_path:
        if point.year in seen:
            sheet.fault(("target_path", number, "year"), "is named twice", point.year)
        seen.add(point.year)
        if point.kgco2e_per_vehicle is None and point.tco2e is None:
            limit = "needs kgco2e_per_vehicle, tco2e or both"
            sheet.fault(("target_path", number), limit)


def check_outside(sheet: Sheet, draft: Draft, beside: Path) -> None:
    """Notes books, part tables and KPIs that are not there, and the faults of own books."""
    for number, variant in draft.variants:
        if variant.bom is not None and not is_there(beside / variant.bom):
            limit = f"no such file in {beside}"
            sheet.fault(("variant", number, "bom"), limit, variant.bom)
    for name, value in draft.targets.items():
        # Of this version: a log of another one reads all the same.
        if name not in KPI_IDS:
            near = nearest(name, KPI_IDS)
            sheet.fault(("targets", name), "is no KPI id: docs/kpis.md lists them", value, near)
    found = len(sheet.faults)
    names = draft.books.model_dump(exclude_none=True)
    for key, name in names.items():
        try:
            book_for(key, name, beside)
        except BookNotFound as error:
            fault = error.faults[0]
            sheet.fault(("books", key), fault.limit, name, fault.near)
        except BookFaults as error:
            sheet.faults += [fault for fault in error.faults if fault not in sheet.faults]
    if len(sheet.faults) == found:
        _check_books_agree(sheet, BookNames(**names), beside)


def _check_books_agree(sheet: Sheet, names: BookNames, beside: Path) -> None:
    try:
        Books.load(names, beside)
    except BookFaults as error:
        for fault in error.faults:
            sheet.fault(("books",), f"{fault.where}: {fault.limit}")
