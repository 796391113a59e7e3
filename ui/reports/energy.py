"""Where the energy of a report went, and how it is cut."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from data.line import Line
from data.units import to_base
from twin.report import Report
from ui import text
from ui.reports import words as w
from ui.reports.blocks import Bar, Bars, Block, Column, Note, Section, Table
from ui.reports.words import Words

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def energy(report: Report, line: Line, words: Words) -> Section:
    """The same energy cut in several ways, and the media that carry none of their own."""
    kwh_of = report["energy_kwh"]
    blocks: list[Block] = [Note(words("energy_unit"), soft=True)]
    for kind, name in cuts(line, words):
        named = [(name(id_), kwh) for id_, kwh in line_order(kind, kwh_of[kind], line)]
        blocks.append(bars(words(kind), named, half=kind != "by_station"))
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


def bars(
    title: str,
    amounts: list[tuple[str, float]],
    *,
    half: bool = True,
    total: tuple[str, float] | None = None,
) -> Bars:
    """Amounts as bars to the scale of the longest; shares are of the total, else of their sum."""
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


def account(report: Report, line: Line, words: Words) -> Section:
    """What the metered energy went on, and how well the balance closes."""
    energy = report["energy_kwh"]
    total = (words("metered"), energy["total"])
    blocks = (
        Note(words("energy_unit"), soft=True),
        bars("", account_parts(report, line, words), half=False, total=total),
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


def largest_first(amounts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Amounts by size; equal ones by name."""
    return sorted(amounts.items(), key=lambda item: (-item[1], item[0]))
