"""How well the figures are known: what the watch found, the meters, the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.line import Line
from twin.report import Report
from ui import text
from ui.reports import words as w
from ui.reports.blocks import Block, Column, Note, Section, Table
from ui.reports.figures import with_error
from ui.reports.header import local
from ui.reports.words import Words


def watch(report: Report, line: Line, words: Words) -> Section:
    """What draws more than its model; a sentence where nothing does."""
    if not report["watch"]:
        return Section(words("watch"), (Note(words("no_findings")),))
    columns = (
        Column(words("where"), wide=2),
        Column(words("what"), wide=2),
        Column(words("watch_since"), wide=1.6),
        Column(words("watch_until"), wide=1.6),
        Column(words("watch_share"), figures=True),
        Column(words("watch_kw"), figures=True),
        Column(words("watch_kwh"), figures=True, wide=1.6),
        Column(words("watch_confidence"), figures=True),
        Column(words("watch_doubt"), wide=2),
    )
    rows = tuple(_finding_row(finding, line, words) for finding in report["watch"])
    return Section(words("watch"), (Table(columns, rows), Note(words("watch_note"), soft=True)))


def _finding_row(finding: Mapping[str, Any], line: Line, words: Words) -> tuple[str, ...]:
    kind = words.of(w.FINDINGS, finding["kind"])
    carrier = words.of(w.CARRIERS, finding["carrier"])
    states = [] if finding["state"] is None else [words.of(w.STATES, finding["state"])]
    return (
        words.place(finding["place"]),
        words("comma").join([kind, *states, carrier]),
        local(finding["since"], line, words),
        words("goes_on") if finding["until"] is None else local(finding["until"], line, words),
        text.percent(finding["share"]),
        text.number(finding["kw"], 1),
        with_error(finding["kwh"], finding["kwh_error"]),
        text.percent(finding["confidence"]),
        text.DASH if finding["doubt"] is None else words.of(w.DOUBTS, finding["doubt"]),
    )


def data(report: Report, line: Line, words: Words) -> Section:
    """Gaps, and every count of samples and meters."""
    blocks = (*_gaps(report, line, words), _counts(report, words))
    return Section(words("quality"), blocks)


def virtual_meters(report: Report, words: Words) -> Section | None:
    """What was estimated of stations that only a feeder sees; None where nothing had to be."""
    found = report["virtual_meters"]
    rows = tuple(_feeder_row(feeder, words) for feeder in found["feeders"])
    blocks: list[Block] = []
    if rows:
        blocks += [
            Table(_feeder_columns(words), rows),
            Note(words("virtual_meters_note"), soft=True),
            _powers(report, words),
        ]
    if found["not_estimated"]:
        blocks.append(_not_estimated(found["not_estimated"], words))
    return Section(words("virtual_meters"), tuple(blocks)) if blocks else None


def _feeder_columns(words: Words) -> tuple[Column, ...]:
    return (
        Column(words("feeder"), wide=1.4),
        Column(words("carrier"), wide=1.2),
        Column(words("stations"), wide=3),
        Column(words("base_kw"), figures=True),
        Column(words("residual_kw"), figures=True),
        Column(words("not_told_apart"), wide=2),
        Column(words("not_seen"), wide=1.4),
    )


def _feeder_row(feeder: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    groups = [" + ".join(group["stations"]) for group in feeder["not_told_apart"]]
    return (
        feeder["meter"],
        words.of(w.CARRIERS, feeder["carrier"]),
        words("comma").join(feeder["stations"]),
        text.number(feeder["base_kw"], 1),
        text.number(feeder["residual_kw"], 1),
        words("comma").join(groups) or text.DASH,
        words("comma").join(feeder["not_seen"]) or text.DASH,
    )


def power_rows(report: Report, words: Words) -> list[tuple[str, str, str, str, float, float]]:
    """Feeder, station, state, variant, kW and standard error of everything estimated."""
    return [
        (
            feeder["meter"],
            power["station"],
            words.of(w.STATES, power["state"]),
            "" if power["variant"] is None else words.variant(power["variant"]),
            power["kw"],
            power["se_kw"],
        )
        for feeder in report["virtual_meters"]["feeders"]
        for power in feeder["powers"]
    ]


def _powers(report: Report, words: Words) -> Table:
    """What each station draws while it processes; the other states stand in the workbook."""
    works = words.of(w.STATES, "processing")
    rows = tuple(
        (meter, words.place(station), variant or text.DASH, with_error(kw, error))
        for meter, station, state, variant, kw, error in power_rows(report, words)
        if state == works
    )
    columns = (
        Column(words("feeder"), wide=1.4),
        Column(words("station"), wide=2),
        Column(words("variant"), wide=1.4),
        Column(words("power_kw"), figures=True, wide=1.4),
    )
    return Table(columns, rows, title=words("processing_power"))


def _not_estimated(points: list[Mapping[str, Any]], words: Words) -> Table:
    rows = tuple(
        (
            point["meter"],
            words("comma").join(point["stations"]),
            words.of(w.NOT_ESTIMATED, point["reason"]),
        )
        for point in points
    )
    columns = (
        Column(words("meter"), wide=1.4),
        Column(words("stations"), wide=3),
        Column(words("why"), wide=2),
    )
    return Table(columns, rows, title=words("not_estimated"))


def count_rows(report: Report) -> list[tuple[str, int]]:
    """Every count of the data and of the meters, by its word's key."""
    quality, metering = report["quality"], report["metering"]
    names = ("samples", "bad", "uncertain", "late", "duplicates", "gaps", "dropped", "recovered")
    meters = (
        "rollovers",
        "resets",
        "replaced",
        "negative_rests",
        "wrong_sign",
        "contradictions",
    )
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
