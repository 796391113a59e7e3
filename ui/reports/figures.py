"""The KPIs of a report as tables: by theme, and by shift, hour and workshop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.line import Line
from twin.kpi import KPIS
from twin.report import Report
from ui import text
from ui.reports import words as w
from ui.reports.blocks import Column, Section, Table
from ui.reports.words import Words

METER_KPIS = ("energy_total", "carbon_total", "peak_demand", "load_factor")
_SCOPES = ("shift", "hour", "workshop")
_SCOPE_KPIS = (
    "vehicles_good",
    "jph",
    "oee",
    "first_time_through",
    "energy_total",
    "energy_per_vehicle",
    "carbon_per_vehicle",
    "idle_energy_share",
)


def verdict(id_: str, figure: Mapping[str, Any]) -> str:
    """How a KPI stands to its target: a key of words.VERDICTS."""
    value, target = figure["value"], figure["target"]
    if value is None or target is None:
        return ""
    if id_ in w.MORE_IS_BETTER:
        return "met" if value >= target else "below"
    if id_ in w.LESS_IS_BETTER:
        return "met" if value <= target else "above"
    return ""


def kpi_tables(report: Report, line: Line, words: Words) -> tuple[Table, ...]:
    """Every KPI by its theme: value, unit, target, how it stands to it, evidence."""
    by_theme: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for id_, figure in kpis(report, line):
        by_theme.setdefault(theme(id_), []).append((id_, figure))
    return tuple(
        _kpi_table(words.of(w.THEMES, name), figures, words) for name, figures in by_theme.items()
    )


def theme(id_: str) -> str:
    """What a KPI is about: a key of words.THEMES."""
    return KPIS[id_].theme if id_ in KPIS else "production"


def _kpi_table(title: str, figures: Iterable[tuple[str, Mapping[str, Any]]], words: Words) -> Table:
    rows, marked = [], set()
    for number, (id_, figure) in enumerate(figures):
        shown, unit = text.kpi_figure(id_, figure["value"], figure["unit"])
        stand = verdict(id_, figure)
        if stand in ("above", "below"):
            marked.add(number)
        rows.append(
            (
                words.of(w.KPIS, id_),
                shown,
                words.of(w.UNITS, unit),
                in_unit(id_, figure["target"], figure["unit"], words)[0],
                words.of(w.VERDICTS, stand),
                evidence(figure, words),
                text.percent(figure["measured_share"]),
            )
        )
    columns = (
        Column(words("kpi"), wide=2.2),
        Column(words("value"), figures=True),
        Column(words("unit"), wide=0.9),
        Column(words("target"), figures=True),
        Column(words("against"), wide=1.4),
        Column(words("evidence")),
        Column(words("measured_share"), figures=True),
    )
    return Table(columns, tuple(rows), frozenset(marked), title=title)


def scope_tables(report: Report, line: Line, words: Words) -> Iterable[Table]:
    """The first KPIs by shift, hour and workshop; of one shift alone it would say nothing new."""
    for kind in _SCOPES:
        by_name = report["kpi_by"][kind]
        if len(by_name) < 2:
            continue
        columns = [Column(words(kind), wide=2.4)]
        columns += [Column(_with_unit(id_, words), figures=True) for id_ in _SCOPE_KPIS]
        rows = tuple(
            (scope_name(kind, name, words), *(_scope_figure(figures, i) for i in _SCOPE_KPIS))
            for name, figures in by_name.items()
        )
        yield Table(tuple(columns), rows, title=words(f"by_{kind}"))


def scopes(report: Report, line: Line, words: Words) -> Section | None:
    """The first KPIs by shift, hour and workshop; None where these say nothing new."""
    tables = tuple(scope_tables(report, line, words))
    return Section(words("kpis_by"), tables) if tables else None


def scope_name(kind: str, name: str, words: Words) -> str:
    """A workshop's or a station's name, a shift with its date, an hour of the plant's clock."""
    match kind:
        case "workshop":
            return words.workshop(name)
        case "station":
            return words.place(name)
        case "shift":
            day, _, shift = name.partition(" ")
            return f"{day} {words.of(w.SHIFTS, shift)}"
        case _:
            return name[:16].replace("T", " ")


def _with_unit(id_: str, words: Words) -> str:
    unit = KPIS[id_].unit
    shown = "%" if unit in text.FRACTION_UNITS else words.of(w.UNITS, unit)
    return f"{words.of(w.KPIS, id_)}{words('comma')}{shown}"


def _scope_figure(figures: Mapping[str, Mapping[str, Any]], id_: str) -> str:
    if id_ not in figures:
        return text.DASH
    value, unit = figures[id_]["value"], figures[id_]["unit"]
    if unit in text.FRACTION_UNITS:
        return text.number(value * 100, 1)
    return text.number(value, 2 if id_.endswith("_per_vehicle") else text.DECIMALS.get(unit, 1))


def kpis(report: Report, line: Line) -> list[tuple[str, Mapping[str, Any]]]:
    """In the order of the words; of a line without stations only those that it can have."""
    order = list(w.KPIS)
    found = sorted(report["kpi"], key=lambda id_: order.index(id_) if id_ in order else len(order))
    figures = [(id_, report["kpi"][id_]) for id_ in found]
    if line.stations:
        return figures
    return [each for each in figures if each[1]["value"] is not None or each[0] in METER_KPIS]


def in_unit(id_: str, value: float | None, unit: str, words: Words) -> tuple[str, str]:
    """A KPI's value or target, and its unit in words."""
    shown, shown_unit = text.kpi_figure(id_, value, unit)
    return shown, words.of(w.UNITS, shown_unit)


def with_error(value: float | None, error: float | None) -> str:
    """A figure and its standard error, where there is one."""
    shown = text.number(value, 1)
    return shown if error is None else f"{shown} ± {text.number(error, 1)}"


def evidence(figure: Mapping[str, Any], words: Words) -> str:
    """How a figure is known; a dash where there is none."""
    return words.of(w.EVIDENCE, figure["evidence"]) if figure["evidence"] else text.DASH
