"""The words of a guided tour: what was found, and what it cost."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from twin.answers import Answer, Cost, Gaps
from twin.bottleneck import Bottleneck
from twin.losses import Loss
from twin.snapshot import Kpi
from twin.watch import Finding
from ui import text, words
from ui.words import translate

MARKS = {"measured": "●", "estimated": "◐", "modelled": "○"}


def found_text(answer: Answer, zone: ZoneInfo) -> str:
    """What was found, in a line."""
    what = answer.what
    match what:
        case Loss():
            said = translate("Tour", "{place} {cause}: {time} lost so far")
            lost = words.duration(what.minutes * 60)
            return said.format(place=what.station, cause=words.cause(what.cause), time=lost)
        case Bottleneck():
            said = translate("Tour", "{place} holds the line, {sure} sure")
            return said.format(place=what.station, sure=text.percent(what.certainty, 0))
        case Kpi():
            figure, unit = text.kpi_figure(what.id, what.value, what.unit)
            mark = MARKS.get(what.evidence or "", "")
            shown = text.with_unit(figure, words.unit(unit))
            return f"{words.kpi(what.id)}: {shown} {mark}".rstrip()
        case Gaps():
            said = translate("Tour", "Gaps in the data: {n}, {time} in all")
            return said.format(n=what.count, time=words.duration(what.seconds))
        case Finding() if what.until_ns is not None:
            said = translate("Tour", "{place}: above its model from {begin} to {end}, {sure} sure")
            return said.format(
                place=what.place,
                begin=text.clock_minute(what.since_ns, zone),
                end=text.clock_minute(what.until_ns, zone),
                sure=text.percent(what.confidence, 0),
            )
        case _:
            said = translate("Tour", "{place}: {power} above its model since {time}, {sure} sure")
            return said.format(
                place=what.place,
                power=text.quantity(what.kw, "kW"),
                time=text.clock_minute(what.since_ns, zone),
                sure=text.percent(what.confidence, 0),
            )


def cost_text(cost: Cost) -> str:
    """What it cost, with how that is known."""
    energy = text.quantity(cost.kwh, "kWh")
    if cost.kwh_error is not None:
        energy += f" ± {text.number(cost.kwh_error, 1)}"
    kg, unit = text.figure_and_unit(cost.kg, "kg CO2e")
    parts = [energy, text.with_unit(kg, words.unit(unit))]
    if cost.money is not None:
        parts.append(text.with_unit(text.number(cost.money, 0), cost.currency))
    return f"{MARKS[cost.evidence]} " + " · ".join(parts)
