"""A scenario as it is told: what happens, where to look, and what a good monitor must find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from data.line import Names
from data.toml_file import Entry, Sheet


class NamesEntry(Entry):
    """A text in both languages."""

    en: str
    zh: str


class LookEntry(Entry):
    """A screen of the monitor, by its id, and there a station."""

    screen: str
    station: str | None = None
    names: NamesEntry


class FoundEntry(Entry):
    """What is to be found: a loss, by station or cause; a finding of the watch, by carrier; the
    bottleneck; a KPI; the gaps.
    """

    by: Literal["loss", "watch", "bottleneck", "kpi", "gaps"]
    station: str | None = None
    cause: str | None = None
    carrier: str | None = None
    kpi: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Where there is something to see: a screen's id, and a station on it."""

    screen: str
    station: str | None
    names: Names


@dataclass(frozen=True, slots=True)
class Clue:
    """By what it shows that the scenario was found."""

    by: str
    station: str | None
    cause: str | None
    carrier: str | None
    kpi: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario's name in the files, and everything that is told of it."""

    name: str
    names: Names
    happens: Names
    find: Names
    look: tuple[Look, ...]
    found: tuple[Clue, ...]


def names_of(sheet: Sheet, key: str) -> Names:
    """A text of the file's head; empty where it is missing."""
    entry = sheet.entry(NamesEntry, (key,)) if key in sheet.tables else None
    return Names("", "") if entry is None else Names(entry.en, entry.zh)


def story_of(name: str, sheet: Sheet) -> Story:
    """What a scenario's file tells; faults are noted in the sheet."""
    return Story(
        name=name,
        names=names_of(sheet, "names"),
        happens=names_of(sheet, "happens"),
        find=names_of(sheet, "find"),
        look=tuple(_looks(sheet)),
        found=tuple(
            Clue(entry.by, entry.station, entry.cause, entry.carrier, entry.kpi)
            for _, entry in sheet.entries(FoundEntry, "found")
        ),
    )


def _looks(sheet: Sheet) -> Iterator[Look]:
    for _, entry in sheet.entries(LookEntry, "look"):
        yield Look(entry.screen, entry.station, Names(entry.names.en, entry.names.zh))
