"""What a report says, as text and shares, for every format that is read by a person.

Pure functions from the report to frozen values; HTML and PDF only lay them out.
"""

from __future__ import annotations

from collections.abc import Iterable

from data.line import Line
from twin.report import Report
from ui import text
from ui.reports import carbon, economy, energy, metering
from ui.reports import words as w
from ui.reports.blocks import Column, Document, Note, Section, Table, Tile
from ui.reports.figures import METER_KPIS, evidence, in_unit, kpi_tables, scopes, verdict
from ui.reports.header import facts
from ui.reports.time_lost import time_lost
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


def document(report: Report, line: Line, language: Language) -> Document:
    """A report of ``line`` in one language."""
    words = Words(language, line)
    sections = [
        Section(words("kpis"), kpi_tables(report, line, words)),
        scopes(report, line, words),
        _vehicles(report, words) if line.stations else None,
        energy.account(report, line, words),
        energy.energy(report, line, words),
        carbon.carbon(report, words),
        *_economy(report, line, words),
        time_lost(report, line, words) if line.stations else None,
        metering.watch(report, line, words),
        metering.virtual_meters(report, words),
        metering.data(report, line, words),
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
