"""Carbon by book, and the emission factors that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from twin.report import Report
from ui import text
from ui.reports import words as w
from ui.reports.blocks import Column, Note, Section, Table
from ui.reports.words import Words


def carbon(report: Report, words: Words) -> Section:
    """Carbon in every book, side by side, and the factors that were used."""
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
        words.of(w.FACTOR_CARRIERS, factor["carrier"]),
        factor["factor"],
        text.number(factor["kg_per_kwh"], 4),
        factor["gas"].replace("2", "₂"),
        str(factor["data_year"]),
        words.of(w.FACTOR_EVIDENCE, factor["evidence"]),
    )
