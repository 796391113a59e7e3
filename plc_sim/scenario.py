"""Named scenarios: what is otherwise in the plant, what happens in it, and what one must find.

A scenario is TOML (``greenline.scenario/1``): what is told of it (names, ``happens``, ``find``,
[[look]] and [[found]], plc_sim.story), [[set]] (changed parameters of the plant file), [[event]]
(in the plant) and [[fault]] (of the wire, plc_sim.faults).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from data.line import Line, Names
from data.toml_file import Entry, Fault, Faults, Sheet, nearest, read_text, whole
from plc_sim.effects import Effect
from plc_sim.faults import WireFault, overlaps, parse_faults
from plc_sim.load import microseconds
from plc_sim.plant_file import Overlay, PlantFile, load_plant, unit_ids
from plc_sim.story import Story, names_of, story_of

FORMAT = "greenline.scenario/1"
SCENARIOS = Path(__file__).parent / "scenarios"
NEVER_S = 1e9
_HEAD = ("format", "line", "names", "happens", "find", "cold_start")
_KEYS = (*_HEAD, "look", "found", "set", "event", "fault")
# What a kind of event takes besides kind, at_s and for_s; all of it is needed.
_TAKES: dict[str, tuple[str, ...]] = {
    "fail": ("stations",),
    "slow": ("stations", "factor"),
    "power": ("stations", "factor"),
    "growth": ("unit", "factor"),
    "leak": ("m3h",),
    "break": (),
    "left_on": (),
    "mix": ("shares",),
    "clouds": ("cover",),
}
_OPTIONAL = ("stations", "unit", "factor", "m3h", "shares", "cover")


class SetEntry(Entry):
    """Keys of one table of the plant file, or of its entry with an id, as they are here."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)
    table: str
    id: str | None = None


class EventEntry(Entry):
    """Something that happens in the plant, in plant seconds from the start."""

    kind: str
    at_s: Annotated[float, Field(ge=0, le=1e7)] = 0.0
    for_s: Annotated[float, Field(gt=0, le=1e7)] | None = None  # None: to the end
    stations: str | list[str] | None = None  # ids or patterns
    unit: str | None = None
    factor: Annotated[float, Field(gt=0, le=100)] | None = None
    m3h: Annotated[float, Field(gt=0)] | None = None
    shares: dict[str, Annotated[float, Field(ge=0, le=1)]] | None = None
    cover: Annotated[float, Field(ge=0, le=1)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario as far as the plant is concerned; ``find`` is what a good monitor must find."""

    name: str = ""
    names: Names = field(default_factory=lambda: Names("", ""))
    find: Names = field(default_factory=lambda: Names("", ""))
    cold_start: bool = False
    overlays: tuple[Overlay, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A plant as a scenario finds it, and the faults of its wire."""

    plant: PlantFile
    scenario: Scenario
    faults: tuple[WireFault, ...]


def bundled_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the plant."""
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*.toml")))


def stories(line_id: str) -> list[Story]:
    """The bundled scenarios that are made for a line, as they are told."""
    sheets = [(name, _bundled(name)) for name in bundled_scenarios()]
    return [
        story_of(name, sheet)
        for name, sheet in sheets
        if sheet.tables.get("line") in (None, line_id)
    ]


def stage(
    line: Line,
    scenario: str | None,
    own: Path | None = None,
    *,
    plant: PlantFile | None = None,
    speed: float = 1.0,
) -> Staged:
    """The plant of a line in a scenario, with the events and faults of a file of one's own.

    ``plant``: other parameters than the bundled ones; ``speed``: plant seconds per wall second.
    Raises Faults with everything that is wrong, OSError where the file cannot be read.
    """
    sheets = [] if scenario is None else [(scenario, _bundled(scenario))]
    if own is not None:
        sheets.append((own.stem, Sheet(read_text(own), str(own))))
    overlays = tuple(overlay for _, sheet in sheets for overlay in _overlays(sheet))
    parameters, wrong = _parameters(line, plant, overlays)
    found = [_read(name, sheet, line, parameters, overlays) for name, sheet in sheets]
    faults = [f for _, sheet in sheets for f in parse_faults(sheet, line, parameters, speed)]
    wrong += [fault for _, sheet in sheets for fault in sheet.ordered()]
    wrong += overlaps(faults, ", ".join(sheet.where for _, sheet in sheets), speed)
    if wrong:
        raise Faults(wrong)
    return Staged(plant=parameters, scenario=_joined(found), faults=tuple(faults))


def _parameters(
    line: Line, plant: PlantFile | None, overlays: tuple[Overlay, ...]
) -> tuple[PlantFile, list[Fault]]:
    """The plant with what a scenario changes; without it, where that is wrong."""
    if plant is not None:
        return plant, []
    try:
        return load_plant(line, overlays), []
    except Faults as faults:
        return load_plant(line), list(faults.faults)


def _bundled(name: str) -> Sheet:
    known = bundled_scenarios()
    if name not in known:
        near = nearest(name, known)
        limit = "no such scenario" + ("" if near else f"; there is {', '.join(known)}")
        raise Faults([whole(f'scenario "{name}"', limit, near)])
    path = SCENARIOS / f"{name}.toml"
    return Sheet(read_text(path), f"plc_sim/scenarios/{path.name}")


def _joined(found: Sequence[Scenario]) -> Scenario:
    if not found:
        return Scenario()
    first = found[0]
    return Scenario(
        name=first.name,
        names=first.names,
        find=first.find,
        cold_start=any(scenario.cold_start for scenario in found),
        overlays=first.overlays,
        effects=tuple(effect for scenario in found for effect in scenario.effects),
    )


def _overlays(sheet: Sheet) -> Iterator[Overlay]:
    for _, entry in sheet.entries(SetEntry, "set"):
        keys: dict[str, Any] = dict(entry.model_extra or {})
        yield Overlay(entry.table, entry.id, keys)


def _read(
    name: str, sheet: Sheet, line: Line, plant: PlantFile, overlays: tuple[Overlay, ...]
) -> Scenario:
    sheet.top_level(_KEYS)
    story_of(name, sheet)  # notes what is wrong with it
    if sheet.tables.get("format") != FORMAT:
        sheet.fault(("format",), f'must be "{FORMAT}"', sheet.tables.get("format"))
    made_for = sheet.tables.get("line")
    if made_for not in (None, line.plant.id):
        sheet.fault(("line",), f'is not "{line.plant.id}", the line that is to be played', made_for)
    cold = sheet.tables.get("cold_start", False)
    if not isinstance(cold, bool):
        sheet.fault(("cold_start",), "must be true or false", cold)
    return Scenario(
        name=name,
        names=names_of(sheet, "names"),
        find=names_of(sheet, "find"),
        cold_start=cold is True,
        overlays=overlays,
        effects=tuple(_effects(name, sheet, line, plant)),
    )


def _effects(name: str, sheet: Sheet, line: Line, plant: PlantFile) -> Iterator[Effect]:
    for i, entry in sheet.entries(EventEntry, "event"):
        path = ("event", i)
        takes = _TAKES.get(entry.kind)
        if takes is None:
            sheet.unknown((*path, "kind"), entry.kind, "kind of event", _TAKES)
            continue
        for key in _OPTIONAL:
            value = getattr(entry, key)
            if value is not None and key not in takes:
                sheet.fault((*path, key), f"is no key of a {entry.kind}", value)
            elif value is None and key in takes:
                sheet.fault((*path, key), "is missing")
        _known(sheet, path, entry, line, plant)
        yield _effect(name, entry, line)


def _known(
    sheet: Sheet, path: tuple[str, int], entry: EventEntry, line: Line, plant: PlantFile
) -> None:
    ids = [station.id for station in line.stations]
    for pattern in _patterns(entry):
        if not any(fnmatchcase(name, pattern) for name in ids):
            sheet.unknown((*path, "stations"), pattern, "station", ids)
    units = [*(base.id for base in plant.bases), *(oven.id for oven in plant.ovens)]
    if entry.unit is not None and entry.unit not in units:
        sheet.unknown((*path, "unit"), entry.unit, "oven or base load", units)
    variants = [variant.id for variant in line.variants]
    for variant in entry.shares or {}:
        if variant not in variants:
            sheet.unknown((*path, "shares", variant), variant, "variant", variants)
    if entry.stations == []:
        sheet.fault((*path, "stations"), "names no station", entry.stations)
    if entry.shares is not None and not sum(entry.shares.values()) > 0:
        sheet.fault((*path, "shares"), "must sum to more than 0", entry.shares)
    if entry.kind == "clouds" and plant.pv is None:
        sheet.fault((*path, "kind"), "the plant has no photovoltaic roof", entry.kind)
    if entry.kind == "leak" and "leak" not in unit_ids(plant):
        sheet.fault((*path, "kind"), "the plant has no compressed-air net", entry.kind)


def _patterns(entry: EventEntry) -> list[str]:
    if entry.stations is None:
        return []
    return [entry.stations] if isinstance(entry.stations, str) else entry.stations


def _effect(name: str, entry: EventEntry, line: Line) -> Effect:
    amounts = (entry.factor, entry.m3h, entry.cover)
    patterns = _patterns(entry)
    return Effect(
        kind=entry.kind,
        name=name,
        from_us=microseconds(entry.at_s),
        to_us=microseconds(entry.at_s + (NEVER_S if entry.for_s is None else entry.for_s)),
        stations=tuple(
            station.id
            for station in line.stations
            if any(fnmatchcase(station.id, pattern) for pattern in patterns)
        ),
        unit="leak" if entry.kind == "leak" else entry.unit,
        factor=next((amount for amount in amounts if amount is not None), 1.0),
        shares=dict(entry.shares or {}),
    )
