"""The report as an XLSX workbook: numbers as numbers, their units in the column titles."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from data.line import Line
from data.zones import zone
from twin.report import Report
from ui import text
from ui.reports import economy, energy, figures, header, metering, performance
from ui.reports import words as w
from ui.reports.words import Language, Words

Cell = str | float | int | datetime | None
_KINDS = {
    "number": "#,##0.0###",
    "count": "#,##0",
    "tiny": "0.0E+00",
    "time": "yyyy-mm-dd hh:mm:ss",
}
_WIDEST = 60
_EPOCH = datetime(2000, 1, 1)


def to_xlsx(report: Report, line: Line, language: Language) -> bytes:
    """The report of ``line`` as a workbook; the same report gives the same bytes."""
    words = Words(language, line)
    buffer = io.BytesIO()
    with _workbook(buffer, header.moment(report["from"]), words("title")) as book:
        sheets = _Sheets(book, words)
        _summary(sheets.add("summary"), report, line, words)
        _kpis(sheets.add("kpis"), report, line, words)
        _energy(sheets.add("energy"), report, line, words)
        _carbon(sheets.add("carbon"), report, words)
        _downtime(sheets.add("downtime"), report, words)
        _quality(sheets.add("quality"), report, line, words)
        _economy(sheets.add("economy"), report, line, words)
        _scopes(sheets.add("scopes"), report, line, words)
        if report["virtual_meters"]["feeders"]:
            _feeders(sheets.add("feeders"), report, words)
    return buffer.getvalue()


def performance_to_xlsx(report: Report, line: Line, words: Words) -> bytes:
    """A performance report of ``line`` as a workbook: its shifts, and the baseline."""
    buffer = io.BytesIO()
    with _workbook(buffer, header.moment(report["from"]), words("title")) as book:
        sheets = _Sheets(book, words)
        shifts = sheets.add("shifts")
        rows = [
            tuple(_plant(cell, line) if key == "from" else cell for key, cell in row.items())
            for row in performance.shift_rows(report, words)
        ]
        shifts.table(performance.shift_titles(report, words), rows)
        baseline = sheets.add("baseline")
        baseline.table((words("what"), words("value")), performance.baseline_rows(report, words))
        baseline.table(performance.term_titles(words), performance.term_rows(report, words))
    return buffer.getvalue()


def _workbook(buffer: io.BytesIO, begin: datetime | None, title: str) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "constant_memory": False})
    created = begin.replace(tzinfo=None) if begin else _EPOCH
    book.set_properties({"title": title, "created": created, "author": "Greenline"})
    return book


class _Sheets:
    """The workbook's sheets, all in one manner."""

    def __init__(self, book: xlsxwriter.Workbook, words: Words) -> None:
        self._book, self._words = book, words
        self.formats = {
            kind: book.add_format({"num_format": pattern}) for kind, pattern in _KINDS.items()
        }
        self.formats["head"] = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.formats["dash"] = book.add_format({"align": "right"})
        self.formats["title"] = book.add_format({"bold": True, "font_size": 14})

    def add(self, key: str) -> _Sheet:
        return _Sheet(self._book.add_worksheet(self._words(f"sheet_{key}")), self.formats)


class _Sheet:
    """One sheet, written from the top."""

    def __init__(self, sheet: xlsxwriter.worksheet.Worksheet, formats: dict[str, object]) -> None:
        self._sheet, self._formats = sheet, formats
        self._row = 0
        self._widths: dict[int, int] = {}
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)

    def title(self, title: str) -> None:
        """A line of its own."""
        self._sheet.write_string(self._row, 0, title, self._formats["title"])
        self._row += 2

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[Cell]], kind: str = "") -> None:
        """Titles and rows; ``kind`` is that of the figures; None is a dash."""
        for column, title in enumerate(titles):
            self._sheet.write_string(self._row, column, title, self._formats["head"])
            self._fit(column, title)
        if self._row == 0:
            self._sheet.freeze_panes(1, 1)
            self._sheet.repeat_rows(0)
        for row in rows:
            self._row += 1
            for column, cell in enumerate(row):
                self._cell(column, cell, kind)
        self._row += 2

    def _cell(self, column: int, cell: Cell, kind: str) -> None:
        if isinstance(cell, datetime):
            self._sheet.write_datetime(self._row, column, cell, self._formats["time"])
            self._fit(column, "2000-01-01 00:00:00")
        elif isinstance(cell, str):
            self._sheet.write_string(self._row, column, cell)
            self._fit(column, cell)
        elif cell is None or not math.isfinite(cell):
            self._sheet.write_string(self._row, column, text.DASH, self._formats["dash"])
        else:
            form = kind or ("count" if isinstance(cell, int) else "number")
            self._sheet.write_number(self._row, column, cell, self._formats[form])

    def _fit(self, column: int, shown: str) -> None:
        """Chinese signs take twice the room."""
        wide = sum(2 if ord(sign) > 0x2E7F else 1 for sign in shown) + 2
        self._widths[column] = min(_WIDEST, max(self._widths.get(column, 12), wide))
        self._sheet.set_column(column, column, self._widths[column])


def _summary(sheet: _Sheet, report: Report, line: Line, words: Words) -> None:
    sheet.title(f"{words('title')} – {words.name(line.plant.names)}")
    rows = [*header.facts(report, line, words)]
    rows += [(words("schema"), report["schema"]), (words("digest"), report["log_digest"])]
    sheet.table((words("what"), words("value")), rows)
    vehicles = report["vehicles"]
    counts = [(words(kind), vehicles[kind]) for kind in ("completed", "good", "rework", "scrap")]
    counts += [(words.variant(id_), count) for id_, count in vehicles["by_variant"].items()]
    if line.stations:
        sheet.table((words("vehicles"), words("count")), counts)
        spreads = report["per_vehicle"]
        names = ("mean", "p10", "p50", "p90")
        sheet.table(
            (words("per_vehicle"), words("mean"), "P10", "P50", "P90"),
            [
                (words(key), *(spreads[key][n] for n in names))
                for key in ("energy_kwh", "carbon_kg")
            ],
        )
    cost = report["cost"]
    sheet.table((f"{words('cost')}, {cost['currency']}",), [(cost["total"],)])


def _kpis(sheet: _Sheet, report: Report, line: Line, words: Words) -> None:
    titles = (
        "kpi",
        "value",
        "unit",
        "target",
        "against",
        "evidence",
        "id",
        "measured_percent",
        "theme",
    )
    rows: list[tuple[Cell, ...]] = []
    for id_, figure in figures.kpis(report, line):
        value, target, unit = _in_per_cent(figure, words)
        stand = words.of(w.VERDICTS, figures.verdict(id_, figure))
        theme = words.of(w.THEMES, figures.theme(id_))
        known = _known(figure, words)
        rows.append(
            (words.of(w.KPIS, id_), value, unit, target, stand, known[0], id_, known[1], theme)
        )
    sheet.table([words(title) for title in titles], rows)


def _scopes(sheet: _Sheet, report: Report, line: Line, words: Words) -> None:
    """Every figure of every scope, a row each: to be filtered and pivoted."""
    titles = (
        "scope",
        "name",
        "kpi",
        "value",
        "unit",
        "target",
        "evidence",
        "measured_percent",
        "id",
    )
    rows: list[tuple[Cell, ...]] = []
    for kind in ("shift", "hour", "workshop", "station"):
        for name, by_id in report["kpi_by"][kind].items():
            shown = figures.scope_name(kind, name, words)
            for id_ in (each for each in w.KPIS if each in by_id):
                value, target, unit = _in_per_cent(by_id[id_], words)
                known = _known(by_id[id_], words)
                kpi = words.of(w.KPIS, id_)
                rows.append((words(kind), shown, kpi, value, unit, target, *known, name))
    sheet.table([words(title) for title in titles], rows)


def _in_per_cent(figure: Mapping[str, Any], words: Words) -> tuple[float | None, float | None, str]:
    """Value, target and unit, fractions in percent."""
    if figure["unit"] != "1":
        return figure["value"], figure["target"], words.of(w.UNITS, figure["unit"])
    value, target = (
        None if each is None else each * 100 for each in (figure["value"], figure["target"])
    )
    return value, target, "%"


def _known(figure: Mapping[str, Any], words: Words) -> tuple[str | None, float | None]:
    """Evidence, and the share that was measured in percent."""
    share = figure["measured_share"]
    evidence = words.of(w.EVIDENCE, figure["evidence"]) if figure["evidence"] else None
    return evidence, None if share is None else share * 100


def _energy(sheet: _Sheet, report: Report, line: Line, words: Words) -> None:
    kwh_of = report["energy_kwh"]
    rows: list[tuple[Cell, ...]] = []
    for kind, name in energy.cuts(line, words):
        for id_, kwh in energy.line_order(kind, kwh_of[kind], line):
            share = kwh / kwh_of["total"] * 100 if kwh_of["total"] else None
            rows.append((words(kind), name(id_), kwh, share, id_))
    titles = ("cut", "name", "energy_kwh_title", "share_percent", "id")
    sheet.table([words(title) for title in titles], rows)
    parts = [(label, kwh) for label, kwh in energy.account_parts(report, line, words)]
    parts.append((words("metered"), kwh_of["total"]))
    sheet.table((words("account"), "", words("energy_kwh_title")), [(n, "", x) for n, x in parts])
    errors = kwh_of["balance_error"].items()
    balance = [(words.of(w.CARRIERS, carrier), "", error) for carrier, error in errors]
    sheet.table((words("balance_title"), "", words("relative_error")), balance, "tiny")
    media = energy.secondary_rows(report, line)
    if media:
        media_titles = [words(title) for title in ("meter", "medium", "amount", "unit")]
        of_media = [(m, words.of(w.CARRIERS, c), amount, unit) for m, c, amount, unit in media]
        sheet.table(media_titles, of_media)


def _carbon(sheet: _Sheet, report: Report, words: Words) -> None:
    titles = ("book", "scope1_co2e", "scope2_co2e", "total_co2e", "per_good_co2e")
    keys = ("scope1", "scope2", "total", "per_vehicle")
    rows = [
        (words.of(w.BOOKS, view), *(report["carbon_kg"][view][key] for key in keys))
        for view in w.BOOKS
    ]
    sheet.table([words(title) for title in titles], rows)
    more = ("book", "carrier", "factor", "kg_per_kwh", "gas", "data_year", "published", "known")
    factors = [
        (
            words.of(w.BOOKS, each["view"]),
            words.of(w.FACTOR_CARRIERS, each["carrier"]),
            each["factor"],
            each["kg_per_kwh"],
            each["gas"],
            str(each["data_year"]),
            each["published"],
            words.of(w.FACTOR_EVIDENCE, each["evidence"]),
        )
        for each in report["factors"]
    ]
    sheet.table([words(title) for title in more], factors)


def _economy(sheet: _Sheet, report: Report, line: Line, words: Words) -> None:
    for chapter in economy.chapters(report, line, words):
        for grid in chapter.grids:
            titles = (": ".join(filter(None, (chapter.title, grid.title))), *grid.columns[1:])
            sheet.table(titles, grid.rows)
        if chapter.sentences:
            sheet.table((chapter.title,), [(sentence,) for sentence in chapter.sentences])


def _downtime(sheet: _Sheet, report: Report, words: Words) -> None:
    rows = [
        (words.place(station), words.of(w.STATES, state), seconds, station)
        for station, by_state in report["downtime"].items()
        for state, seconds in by_state.items()
    ]
    sheet.table([words(t) for t in ("station", "state", "downtime_s", "id")], rows)
    bottleneck = report["bottleneck"]
    active = [
        (words.place(id_), "", seconds, id_)
        for id_, seconds in energy.largest_first(bottleneck["mean_active_s"])
    ]
    method = words.of(w.METHODS, bottleneck["method"])
    sheet.table(
        (f"{words('bottleneck')}{words('comma')}{method}", "", words("mean_active"), words("id")),
        active,
    )
    _losses(sheet, report, words)


def _losses(sheet: _Sheet, report: Report, words: Words) -> None:
    titles = ("station", "cause", "lost_minutes", "lost_vehicles", "energy_kwh_title", "lost_kg")
    rows = [
        (
            words.place(x["station"]),
            words.of(w.CAUSES, x["cause"]),
            x["minutes"],
            x["vehicles"],
            x["total_kwh"],
            x["kg"]["location"],
            x["money"],
            x["station"],
        )
        for x in report["losses"]
    ]
    money = words("lost_money", currency=report["cost"]["currency"])
    sheet.table((*(words(t) for t in titles), money, words("id")), rows)


def _quality(sheet: _Sheet, report: Report, line: Line, words: Words) -> None:
    counts = [(words(name), count) for name, count in metering.count_rows(report)]
    sheet.table((words("what"), words("count")), counts)
    shares = energy.largest_first(report["energy_kwh"]["by_evidence"])
    rows = [(words.of(w.EVIDENCE, name), kwh) for name, kwh in shares]
    sheet.table((words("evidence"), words("energy_kwh_title")), rows)
    gaps = [
        (g["source"], _plant(g["from"], line), _plant(g["to"], line) or words("open"), g["seconds"])
        for g in report["gaps"]
    ]
    sheet.table([words(t) for t in ("source", "begin", "end", "length_s")], gaps)


def _feeders(sheet: _Sheet, report: Report, words: Words) -> None:
    """The power of every station, state and variant that was estimated."""
    titles = ("feeder", "station", "state", "variant", "power_kw", "error_kw")
    sheet.table([words(title) for title in titles], metering.power_rows(report, words))


def _plant(iso: str | None, line: Line) -> datetime | None:
    """A moment in plant time, as a spreadsheet holds it: without a zone."""
    at = header.moment(iso)
    return None if at is None else at.astimezone(zone(line.plant.timezone)).replace(tzinfo=None)
