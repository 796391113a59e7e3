"""From losses to the bars of the Pareto: in which unit, and together by what."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from data.line import Line
from twin.losses import Loss
from ui import words
from ui.names import PlaceNames
from ui.widgets.pareto import Bar
from ui.words import translate

UNITS = ("minutes", "vehicles", "kwh", "kg", "money")
GROUPINGS = ("pair", "cause", "station")
DECIMALS = {"minutes": 1, "vehicles": 1, "kwh": 1, "kg": 1, "money": 0}
MOST = 40  # bars; the rest is one
SHAPES = {
    "handling": "idle",
    "break": "stopped",
    "off_shift": "off",
    "cycle": "processing",
    "no_release": "starved",
    "no_demand": "standby",
}
Key = tuple[int, str]  # the number of a station, and the cause


@dataclass(frozen=True)
class Group:
    """Losses that make up one bar; ``keys`` lead to their moments."""

    name: str
    cause: str
    value: float
    evidence: str
    keys: tuple[Key, ...]

    def bar(self) -> Bar:
        """As it is drawn."""
        return Bar(self.name, self.value, SHAPES.get(self.cause, self.cause), self.evidence)


def amount(loss: Loss, unit: str) -> float | None:
    """A loss in a unit; None where it is not known."""
    match unit:
        case "minutes":
            return loss.minutes
        case "vehicles":
            return loss.vehicles
        case "kwh":
            return loss.total_kwh
        case "kg":
            return loss.kg.get("location")
        case _:
            return loss.money


def is_known(losses: Iterable[Loss], unit: str) -> bool:
    """Can losses be told in a unit?"""
    costly = (loss for loss in losses if unit not in ("kg", "money") or loss.total_kwh > 0)
    return any(amount(loss, unit) is not None for loss in costly)


def groups(
    losses: Iterable[Loss], unit: str, grouping: str, line: Line, names: PlaceNames
) -> list[Group]:
    """The bars, the largest first; what no bar is left for is one of its own at the end."""
    members: dict[tuple[str, str], list[Loss]] = {}
    for loss in losses:
        key = (
            "" if grouping == "cause" else loss.station,
            "" if grouping == "station" else loss.cause,
        )
        members.setdefault(key, []).append(loss)
    made = [_group(_name(key, names), some, unit, line) for key, some in members.items()]
    made = sorted((group for group in made if group.value > 0), key=lambda group: -group.value)
    if len(made) <= MOST:
        return made
    return [*made[: MOST - 1], _others(made[MOST - 1 :])]


def _name(key: tuple[str, str], names: PlaceNames) -> str:
    station, cause = key
    parts = [names.station(station) if station else "", words.cause(cause) if cause else ""]
    return " · ".join(part for part in parts if part)


def _group(name: str, losses: list[Loss], unit: str, line: Line) -> Group:
    known = [value for loss in losses if (value := amount(loss, unit)) is not None]
    largest = max(losses, key=lambda loss: amount(loss, unit) or 0.0)
    return Group(
        name=name,
        cause=largest.cause,
        value=math.fsum(known),
        evidence=_weakest(loss.evidence for loss in losses),
        keys=tuple((line.station_index[loss.station], loss.cause) for loss in losses),
    )


def _others(rest: list[Group]) -> Group:
    return Group(
        name=translate("Losses", "{n} others").format(n=len(rest)),
        cause="unknown",
        value=math.fsum(group.value for group in rest),
        evidence=_weakest(group.evidence for group in rest),
        keys=tuple(key for group in rest for key in group.keys),
    )


def _weakest(evidence: Iterable[str]) -> str:
    order = ("measured", "estimated", "modelled")
    return max(evidence, key=order.index, default="measured")
