"""What was lost, to what cause, and which station held the line back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from data.line import STATES, Line
from twin.report import Report
from ui import text
from ui.reports import words as w
from ui.reports.blocks import Bar, Bars, Block, Column, Note, Section, Table
from ui.reports.energy import bars, largest_first
from ui.reports.header import local
from ui.reports.words import Words

_TOP_LOSSES = 12  # the rest in one row
_METHODS = ("critical_path", "turning_point", "active_period")


def time_lost(report: Report, line: Line, words: Words) -> Section:
    """Downtime, losses by cause, what was drawn at rest, and the bottleneck."""
    return Section(
        words("losses_of_time"),
        (
            *_downtime(report, words),
            *_losses(report, words),
            *_standstill(report, words),
            *_bottleneck(report, line, words),
        ),
    )


def _losses(report: Report, words: Words) -> Iterable[Block]:
    losses = report["losses"]
    if not losses:
        return
    rows = [
        (words.place(x["station"]), words.of(w.CAUSES, x["cause"]), *_loss_figures([x]))
        for x in losses[:_TOP_LOSSES]
    ]
    others = losses[_TOP_LOSSES:]
    if others:
        title = words("other_causes", n=text.number(len(others), 0))
        rows.append((title, "", *_loss_figures(others)))
    currency = report["cost"]["currency"]
    titles = (
        words("lost_minutes"),
        words("lost_vehicles"),
        "kWh",
        words("lost_kg"),
        words("lost_money", currency=currency),
    )
    columns = (
        Column(words("station"), wide=2),
        Column(words("cause"), wide=1.6),
        *(Column(title, figures=True) for title in titles),
    )
    yield Table(columns, tuple(rows), title=words("losses_by_cause"))
    yield Note(words("losses_note"), soft=True)


def _loss_figures(losses: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Sums of minutes, vehicles, kWh, kg and money; a dash where one of them is not known."""
    values = (
        [x["minutes"] for x in losses],
        [x["vehicles"] for x in losses],
        [x["total_kwh"] for x in losses],
        [x["kg"]["location"] for x in losses],
        [x["money"] for x in losses],
    )
    return tuple(text.number(None if None in each else math.fsum(each), 1) for each in values)


def _standstill(report: Report, words: Words) -> Iterable[Block]:
    stops = report["standstill"]
    if not stops:
        return
    rows = [
        (
            words.workshop(each["workshop"]),
            words.of(w.CAUSES, each["cause"]),
            *(text.number(each[key], 1) for key in ("minutes", "stations_kwh", "base_kwh")),
        )
        for each in stops
    ]
    titles = (words("standing_minutes"), words("stations_kwh"), words("base_kwh"))
    columns = (
        Column(words("workshop"), wide=2),
        Column(words("cause"), wide=1.6),
        *(Column(title, figures=True) for title in titles),
    )
    yield Table(columns, tuple(rows), title=words("standstill"))


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


def _bottleneck(report: Report, line: Line, words: Words) -> Iterable[Block]:
    bottleneck = report["bottleneck"]
    if bottleneck["station"] is None:
        yield Note(words("no_bottleneck"))
        return
    method = words.of(w.METHODS, bottleneck["method"])
    station, sure = words.place(bottleneck["station"]), text.percent(bottleneck["certainty"], 0)
    yield Note(words("bottleneck_is", station=station, method=method, certainty=sure))
    yield from _bottleneck_by_hour(report, line, words)
    active = largest_first(bottleneck["mean_active_s"])
    shown = bars(words("mean_active"), [(words.place(id_), s) for id_, s in active], half=False)
    yield Bars(
        title=shown.title,
        bars=tuple(Bar(b.label, b.figure, "", b.length) for b in shown.bars),
        half=False,
    )


def _bottleneck_by_hour(report: Report, line: Line, words: Words) -> Iterable[Block]:
    spans = report["bottleneck"]["spans"]
    if len(spans) < 2:
        return
    methods = [words.of(w.METHODS, name) for name in _METHODS]
    rows = [
        (
            local(span["from"], line, words),
            _placed(span["station"], words),
            text.percent(span["certainty"], 0),
            *(_placed(span[method]["station"], words) for method in _METHODS),
        )
        for span in spans
    ]
    columns = (
        Column(words("begin"), wide=1.6),
        Column(words("bottleneck"), wide=2),
        Column(words("certainty"), figures=True),
        *(Column(method, wide=2) for method in methods),
    )
    yield Table(columns, tuple(rows), title=words("bottleneck_by_hour"))


def _placed(station: str | None, words: Words) -> str:
    return text.DASH if station is None else words.place(station)
