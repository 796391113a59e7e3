"""What a report that is read is made of: frozen values that HTML and PDF lay out."""

from __future__ import annotations

from dataclasses import dataclass

from ui.reports.words import Language

SHORT = 20  # a table of so many rows is not torn by the end of a page


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure to be seen first; ``verdict`` is a key of words.VERDICTS."""

    label: str
    figure: str
    unit: str
    note: str
    verdict: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; figures stand on the right."""

    title: str
    figures: bool = False
    wide: float = 1.0  # relative width


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; ``marked`` are the numbers of the rows that miss their target."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()
    total: bool = False  # the last row is a sum
    title: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One amount of several; ``length`` 0 to 1 of the longest."""

    label: str
    figure: str
    share: str
    length: float
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Bars:
    """Amounts to compare, the largest first, and their sum."""

    title: str
    bars: tuple[Bar, ...]
    total: tuple[str, str] | None = None
    half: bool = True  # two stand side by side where there is room


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence; soft ones explain."""

    text: str
    soft: bool = False


Block = Table | Bars | Note


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole report as it is read."""

    language: Language
    title: str
    plant: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    digest: tuple[str, str, str]  # label, digest, what it means
