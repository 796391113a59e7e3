"""A performance report as a file to hand on: JSON, HTML, XLSX or PDF, by the file's ending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from data.line import Line
from twin.report import Report, to_json
from ui import text
from ui.reports import check_report_path, replace_file
from ui.reports import performance_words as p
from ui.reports import words as w
from ui.reports.blocks import Block, Column, Document, Note, Section, Table, Tile
from ui.reports.energy import bars
from ui.reports.header import local, moment, span
from ui.reports.words import Language, Words

Cell = str | float | int | None


def write_performance(report: Report, line: Line, path: Path, language: Language) -> None:
    """Writes a report of ``twin.performance`` in the format of the file's ending.

    Raises UnknownEnding; OSError where the file cannot be written, and then leaves what was there.
    """
    check_report_path(path)
    words = Words(language, line, p.TEXTS)
    replace_file(path, _content(report, line, path.suffix.lower(), words))


def _content(report: Report, line: Line, ending: str, words: Words) -> bytes:
    if ending == ".json":
        return to_json(report)
    if ending == ".xlsx":
        from ui.reports.xlsx import performance_to_xlsx

        return performance_to_xlsx(report, line, words)
    page = document(report, line, words)
    if ending == ".html":
        from ui.reports.html import render

        return render(page)
    from ui.reports.pdf import print_document

    return print_document(page)


def document(report: Report, line: Line, words: Words) -> Document:
    """The report as it is read."""
    return Document(
        language=words.language,
        title=words("title"),
        plant=words.name(line.plant.names),
        sentence=words("sentence"),
        facts=tuple(_facts(report, line, words)),
        tiles=tuple(_tiles(report, words)),
        sections=(
            Section(words("baseline"), tuple(_baseline(report, words))),
            Section(words("shifts"), tuple(_shifts(report, line, words))),
        ),
        digest=(
            words("digest"),
            words("comma").join(report["log_digests"]),
            words("digest_note"),
        ),
    )


def _facts(report: Report, line: Line, words: Words) -> Iterable[tuple[str, str]]:
    yield words("line"), f"{words.name(line.plant.names)} ({line.plant.id})"
    yield words("period"), _span(report, line, words)
    yield words("logs"), text.number(len(report["log_digests"]), 0)
    yield words("shifts"), text.number(len(report["enpi"]["shifts"]), 0)
    baseline = report["enpi"]["baseline"]
    if baseline is not None:
        yield words("baseline_period"), _span(baseline, line, words)
        yield words("shifts_of_baseline"), text.number(baseline["shifts"], 0)


def _span(of: Mapping[str, Any], line: Line, words: Words) -> str:
    begin, end = moment(of["from"]), moment(of["to"])
    return words("no_period") if begin is None or end is None else span(begin, end, line, words)


def _tiles(report: Report, words: Words) -> Iterable[Tile]:
    found, shifts = report["enpi"], report["enpi"]["shifts"]
    baseline = found["baseline"]
    if baseline is None:
        return
    last = shifts[-1]["cusum_kwh"]
    yield _tile(words("saved"), text.number(last, 0), "kWh")
    yield _tile(words("r2"), text.number(baseline["r2"], 3), "")
    yield _tile(words("cv_rmse"), text.number(100 * baseline["cv_rmse"], 1), "%")
    covered = found["coverage"]
    shown = text.DASH if covered is None else text.number(100 * covered, 0)
    yield _tile(words("coverage"), shown, "%")


def _tile(label: str, figure: str, unit: str) -> Tile:
    return Tile(label=label, figure=figure, unit=unit, note="", verdict="", evidence="")


# --- baseline --------------------------------------------------------------------------------


def _baseline(report: Report, words: Words) -> Iterable[Block]:
    found = report["enpi"]
    if found["baseline"] is None:
        yield Note(f"{words('no_baseline')}: {why_not(found['no_baseline'], words)}.")
        return
    rows = tuple(
        (
            driver,
            *(text.number(x, 2) for x in (coefficient, error, low, high, inflation)),
        )
        for driver, coefficient, error, low, high, inflation in term_rows(report, words)
    )
    first, *others = term_titles(words)
    columns = (Column(first, wide=2), *(Column(title, figures=True) for title in others))
    yield Table(columns, rows)
    yield Note(words("formula_note"), soft=True)
    for driver, reason in _left_out(report, words):
        yield Note(f"{words('left_out')}: {driver} ({reason})", soft=True)


def why_not(reason: Mapping[str, Any], words: Words) -> str:
    """Why there is no baseline, in words."""
    return words.of(p.WHY_NOT, reason["kind"]).format(**reason)


def term_titles(words: Words) -> tuple[str, ...]:
    """The titles of ``term_rows``."""
    keys = ("driver", "coefficient", "standard_error", "seen", "seen_to", "inflation")
    return tuple(words(key) for key in keys)


def term_rows(report: Report, words: Words) -> list[tuple[Any, ...]]:
    """What the baseline is made of, a row for each driver; the base first."""
    baseline = report["enpi"]["baseline"]
    if baseline is None:
        return []
    keys = ("coefficient", "standard_error", "low", "high", "inflation")
    base = (words("base"), baseline["base_kwh"], baseline["base_standard_error"], None, None, None)
    terms = [
        (driver_name(term["driver"], baseline, words), *(term[key] for key in keys))
        for term in baseline["terms"]
    ]
    return [base, *terms]


def driver_name(driver: str, baseline: Mapping[str, Any], words: Words) -> str:
    """A driver in words."""
    kind, _, variant = driver.partition(":")
    if variant:
        return words("units_of", variant=words.variant(variant))
    limits = {"hdd": baseline["heating_below_c"], "cdd": baseline["cooling_above_c"]}
    if kind in limits:
        return words(kind, celsius=text.number(limits[kind], 0))
    return words(kind)


def _left_out(report: Report, words: Words) -> list[tuple[str, str]]:
    baseline = report["enpi"]["baseline"]
    return [
        (driver_name(x["driver"], baseline, words), words.of(p.LEFT_OUT, x["reason"]))
        for x in baseline["left_out"]
    ]


def baseline_rows(report: Report, words: Words) -> list[tuple[str, Cell]]:
    """How well the baseline fits, or why there is none."""
    found = report["enpi"]
    if found["baseline"] is None:
        return [(words("no_baseline"), why_not(found["no_baseline"], words))]
    rows: list[tuple[str, Cell]] = [
        (words(key), found["baseline"][key]) for key in ("r2", "cv_rmse", "residual_kwh")
    ]
    rows.append((words("shifts_of_baseline"), found["baseline"]["shifts"]))
    rows.append((words("coverage"), found["coverage"]))
    return rows + [(f"{words('left_out')}: {name}", why) for name, why in _left_out(report, words)]


# --- shifts ----------------------------------------------------------------------------------


def _shifts(report: Report, line: Line, words: Words) -> Iterable[Block]:
    shifts = report["enpi"]["shifts"]
    if not shifts:
        return
    begin, name, *others = shift_titles(report, words)
    columns = (
        Column(begin, wide=2.6),
        Column(name, wide=1.4),
        *(Column(title, figures=True) for title in others),
    )
    rows = tuple(_shown(row, line, words) for row in shift_rows(report, words))
    yield Table(columns, rows)
    if report["enpi"]["baseline"] is not None:
        amounts = [(_name(each, line, words), each["cusum_kwh"]) for each in shifts]
        chart = bars("", amounts, half=False)
        yield type(chart)(
            title=words("cusum"),
            bars=tuple(type(b)(b.label, b.figure, "", b.length, b.negative) for b in chart.bars),
            half=False,
        )
        yield Note(words("cusum_note"), soft=True)


def shift_titles(report: Report, words: Words) -> list[str]:
    """The titles of ``shift_rows``."""
    variants = [words.variant(variant) for variant in _variants(report)]
    titles = [words("begin"), words("shift"), *variants, words("outdoor_c"), words("kwh")]
    if report["enpi"]["baseline"] is not None:
        keys = ("predicted_kwh", "saving_kwh", "error_kwh", "cusum_kwh")
        titles += [words(key) for key in keys]
    return titles


def shift_rows(report: Report, words: Words) -> list[dict[str, Any]]:
    """Each shift: begin, name, vehicles by variant, weather, kWh, and how it stands."""
    keys = ["outdoor_c", "kwh"]
    if report["enpi"]["baseline"] is not None:
        keys += ["predicted_kwh", "saving_kwh", "standard_error_kwh", "cusum_kwh"]
    return [
        {
            "from": each["from"],
            "shift": "" if each["shift"] is None else words.of(w.SHIFTS, each["shift"]),
            **{f"units:{v}": each["units"].get(v, 0) for v in _variants(report)},
            **{key: each[key] for key in keys},
        }
        for each in report["enpi"]["shifts"]
    ]


def _variants(report: Report) -> list[str]:
    return sorted({variant for each in report["enpi"]["shifts"] for variant in each["units"]})


def _shown(row: Mapping[str, Any], line: Line, words: Words) -> tuple[str, ...]:
    cells = []
    for key, cell in row.items():
        if key == "from":
            cells.append(local(cell, line, words))
        elif isinstance(cell, str):
            cells.append(cell)
        else:
            cells.append(text.number(cell, 1 if key == "outdoor_c" else 0))
    return tuple(cells)


def _name(each: Mapping[str, Any], line: Line, words: Words) -> str:
    """A shift beside its bar; a star where the baseline has seen nothing like it."""
    star = "" if each["within"] else " *"
    return f"{local(each['from'], line, words)}{star}"
