"""What a report says, as text and shares, for every format that is read by a person.

Pure functions from the report to frozen values; HTML and PDF only lay them out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from data.line import STATES, Line
from data.units import to_base
from data.zones import zone
from twin import shifts
from twin.report import Report
from ui import text
from ui.reports import economy
from ui.reports import words as w
from ui.reports.blocks import Bar, Bars, Block, Column, Document, Note, Section, Table, Tile
from ui.reports.figures import METER_KPIS, evidence, in_unit, kpi_tables, scopes, verdict
from ui.reports.words import Language, Words

_TILES = (
    "vehicles_good",
    "takt_attainment",
    "energy_per_vehicle",
    "carbon_per_vehicle",
    "energy_total",
    "carbon_total",
    "peak_demand",
    "idle_energy_share",
)
_MOST_GAPS = 3  # in the header; all of them stand in their table
_SHORTEST_SHIFT_NS = 60_000_000_000  # less of a shift is the margin of a session
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def document(report: Report, line: Line, language: Language) -> Document:
    """A report of ``line`` in one language."""
    words = Words(language, line)
    sections = [
        Section(words("kpis"), kpi_tables(report, line, words)),
        scopes(report, line, words),
        _vehicles(report, words) if line.stations else None,
        _account(report, line, words),
        _energy(report, line, words),
        _carbon(report, words),
        *_economy(report, line, words),
        _time(report, words) if line.stations else None,
        _data(report, line, words),
    ]
    return Document(
        language=language,
        title=words("title"),
        plant=words.name(line.plant.names),
        sentence=words("sentence"),
        facts=tuple(facts(report, line, words)),
        tiles=tuple(_tiles(report, line, words)),
        sections=tuple(section for section in sections if section is not None),
        digest=(words("digest"), str(report["log_digest"]), words("digest_note")),
    )


# --- header ----------------------------------------------------------------------------------


def facts(report: Report, line: Line, words: Words) -> Iterable[tuple[str, str]]:
    """The header: which line, when, and how complete its data are."""
    yield words("line"), f"{words.name(line.plant.names)} ({report['line']})"
    begin, end = moment(report["from"]), moment(report["to"])
    if begin is None or end is None:
        yield words("period"), words("no_period")
    else:
        yield words("period"), f"{span(begin, end, line, words)} ({_zone(begin, line)})"
        yield words("period_utc"), words("to", begin=_utc(begin), end=_utc(end))
        yield words("duration"), text.duration((end - begin).total_seconds())
        names = _shifts(begin, end, line, words)
        if names:
            yield words("shift"), names
    yield words("data"), _completeness(report, words)
    shares = _evidence_shares(report, words)
    if shares:
        yield words("evidence"), words("evidence_line", shares=shares)
    gaps = report["gaps"]
    if gaps:
        lines = [_gap_line(gap, line, words) for gap in gaps[:_MOST_GAPS]]
        if len(gaps) > _MOST_GAPS:
            lines.append(words("more_gaps", n=len(gaps) - _MOST_GAPS))
        yield words("gap_label"), words("separator").join(lines)
    if report["lost"]["samples"]:
        shown = text.number(report["lost"]["samples"], 0)
        yield words("lost_label"), words("lost_line", n=shown)
    if report["quality"]["recovered"]:
        shown = text.number(report["quality"]["recovered"], 0)
        yield words("recovered_label"), words("recovered_line", n=shown)


def moment(iso: str | None) -> datetime | None:
    """A moment of the report; None where there is none."""
    return None if iso is None else datetime.fromisoformat(iso)


def span(begin: datetime, end: datetime, line: Line, words: Words) -> str:
    """Two moments in plant time; the date once where it is the same."""
    first, last = (each.astimezone(zone(line.plant.timezone)) for each in (begin, end))
    pattern = "%H:%M:%S" if first.date() == last.date() else "%Y-%m-%d %H:%M:%S"
    return words("to", begin=f"{first:%Y-%m-%d %H:%M:%S}", end=f"{last:{pattern}}")


def local(iso: str | None, line: Line, words: Words) -> str:
    """A moment in plant time; what is not over yet says so."""
    at = moment(iso)
    if at is None:
        return words("open")
    return f"{at.astimezone(zone(line.plant.timezone)):%Y-%m-%d %H:%M:%S}"


def covered(report: Report) -> float | None:
    """Share of the period in which no source was silent; None without a period."""
    begin, end = moment(report["from"]), moment(report["to"])
    if begin is None or end is None or end <= begin:
        return None
    spans = sorted(
        (moment(gap["from"]) or begin, moment(gap["to"]) or end) for gap in report["gaps"]
    )
    silent_s, at = 0.0, begin
    for gap_begin, gap_end in spans:
        first, last = max(gap_begin, at), min(gap_end, end)
        silent_s += max(0.0, (last - first).total_seconds())
        at = max(at, last)
    return 1.0 - silent_s / (end - begin).total_seconds()


def _zone(at: datetime, line: Line) -> str:
    offset = f"{at.astimezone(zone(line.plant.timezone)):%z}"
    return f"{line.plant.timezone}, UTC{offset[:3]}:{offset[3:]}"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def _shifts(begin: datetime, end: datetime, line: Line, words: Words) -> str:
    spans = shifts.windows(line, _ns(begin), _ns(end))
    names = dict.fromkeys(
        window.shift.name
        for window in spans
        if window.shift is not None and window.to_ns - window.from_ns >= _SHORTEST_SHIFT_NS
    )
    return words("comma").join(words.of(w.SHIFTS, name) for name in names)


def _ns(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000


def _completeness(report: Report, words: Words) -> str:
    quality = report["quality"]
    key = "data_line_one" if quality["gaps"] == 1 else "data_line"
    counts = {name: text.number(quality[name], 0) for name in ("samples", "bad", "gaps")}
    sentence = words(key, covered=text.percent(covered(report)), **counts)
    names = ("uncertain", "late", "duplicates", "dropped")
    flaws = [
        words("flaw", n=text.number(quality[n], 0), what=words(n)) for n in names if quality[n]
    ]
    return words("separator").join([sentence, *([words("comma").join(flaws)] if flaws else [])])


def _evidence_shares(report: Report, words: Words) -> str:
    energy = report["energy_kwh"]
    shares = [
        f"{words.of(w.EVIDENCE, name)} {text.percent(kwh / energy['total'])}"
        for name, kwh in largest_first(energy["by_evidence"])
        if energy["total"]
    ]
    return words("comma").join(shares)


def _gap_line(gap: Mapping[str, Any], line: Line, words: Words) -> str:
    begin, end = moment(gap["from"]), moment(gap["to"])
    assert begin is not None
    length = text.duration(gap["seconds"])
    if end is None:
        opened, open_ = local(gap["from"], line, words), words("open")
        return words("gap_line", source=gap["source"], begin=opened, end=open_, length=length)
    plant_zone = zone(line.plant.timezone)
    shown = [f"{each.astimezone(plant_zone):%H:%M:%S}" for each in (begin, end)]
    return words("gap_line", source=gap["source"], begin=shown[0], end=shown[1], length=length)


# --- tiles -----------------------------------------------------------------------------------


def _tiles(report: Report, line: Line, words: Words) -> Iterable[Tile]:
    for id_ in _TILES if line.stations else METER_KPIS:
        figure = report["kpi"][id_]
        shown, unit = text.kpi_figure(id_, figure["value"], figure["unit"])
        goal = in_unit(id_, figure["target"], figure["unit"], words)[0]
        stand = verdict(id_, figure)
        note = f"{words.of(w.VERDICTS, stand)} {goal}" if stand else words("target_is", value=goal)
        yield Tile(
            label=words.of(w.KPIS, id_),
            figure=shown,
            unit=words.of(w.UNITS, unit) if shown != text.DASH else "",
            note="" if figure["target"] is None else note,
            verdict=stand,
            evidence=evidence(figure, words),
        )


# --- vehicles --------------------------------------------------------------------------------


def _vehicles(report: Report, words: Words) -> Section:
    vehicles = report["vehicles"]
    kinds = ("completed", "good", "rework", "scrap")
    variants = vehicles["by_variant"]
    columns = [Column(words(kind), figures=True) for kind in kinds]
    columns += [Column(words.variant(id_), figures=True) for id_ in variants]
    row = [text.number(vehicles[kind], 0) for kind in kinds]
    row += [text.number(count, 0) for count in variants.values()]
    note = Note(_spread_note(report, words), soft=True)
    counts = Table(tuple(columns), (tuple(row),))
    return Section(words("vehicles"), (counts, _spread(report, words), note))


def _spread(report: Report, words: Words) -> Table:
    spreads = report["per_vehicle"]
    rows = [
        (
            words(label),
            *(text.number(spreads[key][name], 2) for name in ("mean", "p10", "p50", "p90")),
        )
        for key, label in (("energy_kwh", "energy_kwh"), ("carbon_kg", "carbon_kg"))
    ]
    names = (words("mean"), "P10", "P50", "P90")
    columns = (Column(words("quantity"), wide=2.6), *(Column(name, figures=True) for name in names))
    return Table(columns, tuple(rows), title=words("per_vehicle"))


def _spread_note(report: Report, words: Words) -> str:
    return words("per_vehicle_note", n=text.number(report["per_vehicle"]["vehicles"], 0))


# --- energy ----------------------------------------------------------------------------------


def largest_first(amounts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Amounts by size; equal ones by name."""
    return sorted(amounts.items(), key=lambda item: (-item[1], item[0]))


def _energy(report: Report, line: Line, words: Words) -> Section:
    energy = report["energy_kwh"]
    blocks: list[Block] = [Note(words("energy_unit"), soft=True)]
    for kind, name in cuts(line, words):
        named = [(name(id_), kwh) for id_, kwh in line_order(kind, energy[kind], line)]
        blocks.append(_bars(words(kind), named, half=kind != "by_station"))
    return Section(words("energy"), (*blocks, *_secondary(report, line, words)))


def cuts(line: Line, words: Words) -> tuple[tuple[str, Callable[[str], str]], ...]:
    """The ways in which energy is cut, and the name of each part."""
    of_all: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("by_carrier", lambda id_: words.of(w.CARRIERS, id_)),
        ("by_end_use", lambda id_: words.of(w.END_USES, id_)),
        ("by_station", words.place),
    )
    of_lines: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("by_state", lambda id_: words.of(w.STATES, id_)),
        ("by_workshop", words.workshop),
    )
    return (*of_all[:2], *of_lines, *of_all[2:]) if line.stations else of_all


def line_order(kind: str, amounts: Mapping[str, float], line: Line) -> list[tuple[str, float]]:
    """Stations as they stand in the line, the rest by size."""
    if kind != "by_station":
        return largest_first(amounts)
    places = [*line.station_index, *line.point_index, "unexplained"]
    return sorted(amounts.items(), key=lambda item: places.index(item[0]))


def _bars(
    title: str,
    amounts: list[tuple[str, float]],
    *,
    half: bool = True,
    total: tuple[str, float] | None = None,
) -> Bars:
    longest = max((abs(kwh) for _, kwh in amounts), default=0.0)
    whole = math.fsum(kwh for _, kwh in amounts) if total is None else total[1]
    return Bars(
        title=title,
        bars=tuple(
            Bar(
                label=label,
                figure=text.number(kwh, 1),
                share=text.percent(kwh / whole) if whole else text.DASH,
                length=abs(kwh) / longest if longest else 0.0,
                negative=kwh < 0,
            )
            for label, kwh in amounts
        ),
        total=None if total is None else (total[0], text.number(total[1], 1)),
        half=half,
    )


def _account(report: Report, line: Line, words: Words) -> Section:
    energy = report["energy_kwh"]
    total = (words("metered"), energy["total"])
    blocks = (
        Note(words("energy_unit"), soft=True),
        _bars("", account_parts(report, line, words), half=False, total=total),
        Note(_balance(energy["balance_error"], words)),
        Note(words("balance_note"), soft=True),
    )
    return Section(words("account"), blocks)


def account_parts(report: Report, line: Line, words: Words) -> list[tuple[str, float]]:
    """What the metered energy is the sum of [kWh]; of a line without stations no vehicles."""
    energy = report["energy_kwh"]
    unexplained = (words("unexplained"), energy["unexplained"])
    if not line.stations:
        return [(words("meters_only"), energy["losses"]), unexplained]
    losses = [(words("losses"), energy["losses"]), unexplained]
    on_vehicles = [(words(part), energy[part]) for part in ("on_vehicles", "wip_close")]
    brought = [(words("wip_open"), -energy["wip_open"])] if energy["wip_open"] else []
    return on_vehicles + brought + losses


def _balance(errors: Mapping[str, float], words: Words) -> str:
    items = [
        words("balance_item", carrier=words.of(w.CARRIERS, carrier), error=relative_error(error))
        for carrier, error in errors.items()
    ]
    return words("balance", errors=words("comma").join(items) or text.DASH)


def relative_error(error: float | None) -> str:
    """A tiny number as a person reads it: 0, or 1.2 × 10⁻¹⁶."""
    if error is None or not math.isfinite(error):
        return text.DASH
    if error == 0:
        return "0"
    mantissa, exponent = f"{error:.1e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"


# --- carbon ----------------------------------------------------------------------------------


def _carbon(report: Report, words: Words) -> Section:
    rows = tuple(
        (
            words.of(w.BOOKS, view),
            *(text.number(report["carbon_kg"][view][k], 1) for k in ("scope1", "scope2", "total")),
            text.number(report["carbon_kg"][view]["per_vehicle"], 2),
        )
        for view in w.BOOKS
    )
    titles = ("scope1", "scope2", "total_kg", "per_good")
    columns = (Column(words("book"), wide=1.6), *(Column(words(t), figures=True) for t in titles))
    return Section(
        words("carbon"),
        (
            Table(columns, rows),
            Note(words("carbon_note"), soft=True),
            *factor_tables(report, words),
        ),
    )


def factor_tables(report: Mapping[str, Any], words: Words) -> Iterable[Table]:
    """The emission factors of a report or a passport; nothing where there are none."""
    if not report["factors"]:
        return
    columns = (
        Column(words("book"), wide=1.5),
        Column(words("carrier")),
        Column(words("factor"), wide=2.6),
        Column(words("kg_per_kwh"), figures=True, wide=0.8),
        Column(words("gas"), wide=0.6),
        Column(words("data_year"), figures=True, wide=0.8),
        Column(words("known"), wide=1.4),
    )
    yield Table(
        columns, tuple(_factor_row(f, words) for f in report["factors"]), title=words("factors")
    )


def _factor_row(factor: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    return (
        words.of(w.BOOKS, factor["view"]),
        words.of(w.CARRIERS, factor["carrier"]),
        factor["factor"],
        text.number(factor["kg_per_kwh"], 4),
        factor["gas"].replace("2", "₂"),
        str(factor["data_year"]),
        words.of(w.FACTOR_EVIDENCE, factor["evidence"]),
    )


# --- cost, supply, standard coal, budget, media ------------------------------------------------


def _economy(report: Report, line: Line, words: Words) -> Iterable[Section]:
    cost = report["cost"]
    amount = text.with_unit(text.number(cost["total"], 2), cost["currency"])
    if cost["total"] is None:
        yield Section(words("cost"), (Note(words("cost_line", amount=amount)),))
    for chapter in economy.chapters(report, line, words):
        grids = (_grid_table(grid) for grid in chapter.grids)
        yield Section(chapter.title, (*grids, *map(Note, chapter.sentences)))


def _grid_table(grid: economy.Grid) -> Table:
    columns = tuple(
        Column(title, figures=digits is not None, wide=1.0 if digits is not None else 1.6)
        for title, digits in zip(grid.columns, grid.digits, strict=True)
    )
    rows = tuple(
        tuple(economy.shown(cell, d) for cell, d in zip(row, grid.digits, strict=True))
        for row in grid.rows
    )
    return Table(columns, rows, total=grid.total, title=grid.title)


# --- time ------------------------------------------------------------------------------------


def _time(report: Report, words: Words) -> Section:
    return Section(
        words("losses_of_time"), (*_downtime(report, words), *_bottleneck(report, words))
    )


def _downtime(report: Report, words: Words) -> Iterable[Block]:
    downtime = report["downtime"]
    if not downtime:
        yield Note(words("no_downtime"))
        return
    states = [s for s in STATES if any(s in seconds for seconds in downtime.values())]
    rows = [
        (
            words.place(station),
            *(text.duration(seconds.get(state)) for state in states),
            text.duration(math.fsum(seconds.values())),
        )
        for station, seconds in downtime.items()
    ]
    titles = [*(words.of(w.STATES, state) for state in states), words("total")]
    columns = (Column(words("station"), wide=2), *(Column(t, figures=True) for t in titles))
    yield Table(columns, tuple(rows), title=words("downtime"))


def _bottleneck(report: Report, words: Words) -> Iterable[Block]:
    bottleneck = report["bottleneck"]
    if bottleneck["station"] is None:
        yield Note(words("no_bottleneck"))
        return
    method = words.of(w.METHODS, bottleneck["method"])
    yield Note(words("bottleneck_is", station=words.place(bottleneck["station"]), method=method))
    active = largest_first(bottleneck["mean_active_s"])
    bars = _bars(words("mean_active"), [(words.place(id_), s) for id_, s in active], half=False)
    yield Bars(
        title=bars.title,
        bars=tuple(Bar(b.label, b.figure, "", b.length) for b in bars.bars),
        half=False,
    )


# --- data ------------------------------------------------------------------------------------


def _data(report: Report, line: Line, words: Words) -> Section:
    blocks = (*_gaps(report, line, words), _counts(report, words))
    return Section(words("quality"), blocks)


def _secondary(report: Report, line: Line, words: Words) -> Iterable[Block]:
    amounts = secondary_rows(report, line)
    if amounts:
        rows = tuple(
            (meter, words.of(w.CARRIERS, carrier), text.number(amount, 1), unit)
            for meter, carrier, amount, unit in amounts
        )
        columns = (
            Column(words("meter")),
            Column(words("medium")),
            Column(words("amount"), figures=True),
            Column(words("unit")),
        )
        yield Table(columns, rows, title=words("secondary"))


def secondary_rows(report: Report, line: Line) -> list[tuple[str, str, float, str]]:
    """Metering point, carrier, amount and base unit of what carries no energy of its own."""
    rows = []
    for id_, amount in sorted(report["secondary"].items()):
        point = line.points[line.point_index[id_]]
        meter = point.amount or point.rate
        assert meter is not None
        unit = to_base(meter.unit).unit.removesuffix("/h")
        rows.append((id_, point.carrier, amount, "kWh" if unit == "kW" else unit))
    return rows


def count_rows(report: Report) -> list[tuple[str, int]]:
    """Every count of the data and of the meters, by its word's key."""
    quality, metering = report["quality"], report["metering"]
    names = ("samples", "bad", "uncertain", "late", "duplicates", "gaps", "dropped", "recovered")
    meters = ("rollovers", "resets", "negative_rests")
    return [*((n, quality[n]) for n in names), *((n, metering[n]) for n in meters)]


def _counts(report: Report, words: Words) -> Table:
    columns = (Column(words("what"), wide=3), Column(words("count"), figures=True))
    rows = tuple((words(name), text.number(count, 0)) for name, count in count_rows(report))
    return Table(columns, rows)


def _gaps(report: Report, line: Line, words: Words) -> Iterable[Block]:
    if not report["gaps"]:
        yield Note(words("no_gaps"))
        return
    columns = (
        Column(words("source")),
        Column(words("begin"), wide=2),
        Column(words("end"), wide=2),
        Column(words("length"), figures=True),
    )
    rows = tuple(
        (
            gap["source"],
            local(gap["from"], line, words),
            local(gap["to"], line, words),
            text.duration(gap["seconds"]),
        )
        for gap in report["gaps"]
    )
    yield Table(columns, rows, title=words("gap_label"))
    yield Note(words("gap_note"), soft=True)
