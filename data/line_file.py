"""Line files: TOML in, a frozen Line out, or every fault of the file at once.

The shape is in data.line_schema, what must agree in data.line_checks, docs/line-file.md is the
reference for who writes one.
"""

from __future__ import annotations

from datetime import time
from pathlib import Path

from data import line_schema as schema
from data.line import (
    Allocation,
    BookNames,
    Converter,
    Edge,
    Line,
    Names,
    Plant,
    Shift,
    SourceConfig,
    Station,
    TargetYear,
    Variant,
    Workshop,
)
from data.line_alarms import build_alarm, check_alarms
from data.line_checks import check_draft, check_outside, format_fault
from data.line_meters import build_meters, build_points
from data.line_signals import build_signals, build_tables
from data.line_text import describe, notes
from data.toml_file import Fault, Faults, Sheet, is_there, listed, nearest, read_text, whole

__all__ = [
    "Fault",
    "LineFaults",
    "LineNotFound",
    "NotALineFile",
    "bundled_lines",
    "describe",
    "load_line",
    "notes",
    "parse_line",
]

_BUNDLED = Path(__file__).parent / "lines"


class LineFaults(Faults):
    """Every fault of a line file, at once."""


class NotALineFile(LineFaults):
    """Something other than a line file: no text, or of another format or version."""


class LineNotFound(NotALineFile):
    """Neither a bundled line nor a file."""


def bundled_lines() -> tuple[str, ...]:
    """Ids of the bundled line files."""
    return tuple(sorted(path.stem for path in _BUNDLED.glob("*.toml")))


def load_line(name_or_path: str | Path) -> Line:
    """The line of a bundled id ("small") or of a TOML file.

    Raises LineNotFound or NotALineFile with one fault, LineFaults with every fault of the file, or
    OSError where the system refuses to read it.
    """
    path = _path_of(name_or_path)
    try:
        text = read_text(path)
    except Faults as error:
        raise NotALineFile(error.faults) from None
    return _parse(text, str(name_or_path), path.parent)


def parse_line(text: str, where: str) -> Line:
    """The line that a TOML text describes; ``where`` names it in messages.

    Looks at nothing outside the text: books and part tables that it names are not searched, so
    that a text kept in a log reads again anywhere. Raises LineFaults with every fault.
    """
    return _parse(text, where, None)


def _path_of(name_or_path: str | Path) -> Path:
    bundled = bundled_lines()
    if str(name_or_path) in bundled:
        return _BUNDLED / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if is_there(path):
        return path
    limit = f"no such line file, and no bundled line of that name: bundled are {listed(bundled)}"
    names = {**_neighbours(path), **{name: name for name in bundled}}
    near = nearest(path.stem, names)
    raise LineNotFound([whole(str(name_or_path), limit, near and names[near])])


def _neighbours(path: Path) -> dict[str, str]:
    """Line files beside a file that is not there, by their stem."""
    try:
        return {other.stem: str(other) for other in path.parent.glob("*.toml")}
    except (OSError, ValueError):
        return {}


def _parse(text: str, where: str, beside: Path | None) -> Line:
    try:
        sheet = Sheet(text, where)
    except Faults as error:
        raise LineFaults(error.faults) from None
    if unreadable := format_fault(sheet):
        raise NotALineFile([unreadable])
    draft = schema.read_draft(sheet)
    check_draft(sheet, draft)
    if beside is not None:
        check_outside(sheet, draft, beside)
    meters = build_meters(sheet, draft)
    points = build_points(sheet, draft, meters)
    signals = build_signals(sheet, draft, meters)
    tables = build_tables(sheet, draft, signals, meters)
    if beside is not None:  # of this version: a log of another one reads all the same
        check_alarms(sheet, draft, signals, points)
    if draft.plant is None or sheet.faults:
        raise LineFaults(sheet.ordered())
    return Line(
        plant=_plant(draft.plant),
        shifts=tuple(_shift(entry) for _, entry in draft.shifts),
        workshops=tuple(
            Workshop(id=entry.id, names=_names(entry.names, entry.id))
            for _, entry in draft.workshops
        ),
        stations=tuple(_station(entry) for _, entry in draft.stations),
        edges=tuple(_edge(entry) for _, entry in draft.edges),
        variants=tuple(_variant(entry) for _, entry in draft.variants),
        meters=meters,
        points=points,
        converters=tuple(
            Converter(id=entry.id, inputs=tuple(entry.inputs), outputs=tuple(entry.outputs))
            for _, entry in draft.converters
        ),
        sources=tuple(_source(entry) for _, entry in draft.sources),
        signals=signals,
        tables=tables,
        books=BookNames(**draft.books.model_dump()),
        targets=draft.targets,
        target_path=tuple(TargetYear(**entry.model_dump()) for _, entry in draft.target_path),
        alarms=tuple(
            build_alarm(entry, _names(entry.names, entry.id), _names(entry.action, ""))
            for _, entry in draft.alarms
        ),
        allocation=Allocation(**draft.allocation.model_dump()),
        text=text,
    )


def _names(names: schema.NamesEntry | None, fallback: str) -> Names:
    """Both names; one alone serves both languages, none leaves the id."""
    if names is None:
        return Names(fallback, fallback)
    return Names(names.en or names.zh or fallback, names.zh or names.en or fallback)


def _plant(entry: schema.PlantEntry) -> Plant:
    return Plant(
        id=entry.id,
        names=_names(entry.names, entry.id),
        timezone=entry.timezone,
        currency=entry.currency,
        takt_s=entry.takt_s,
    )


def _shift(entry: schema.ShiftEntry) -> Shift:
    return Shift(
        name=entry.name,
        start=time.fromisoformat(entry.start),
        end=time.fromisoformat(entry.end),
        days=tuple(sorted(entry.days)),
        breaks=tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in entry.breaks),
        plan=entry.plan,
    )


def _station(entry: schema.StationEntry) -> Station:
    return Station(
        id=entry.id,
        workshop=entry.workshop,
        names=_names(entry.names, entry.id),
        cycle_s=_cycle(entry.cycle_s),
        places=entry.places,
    )


def _cycle(cycle: object) -> float | dict[str, float] | None:
    if isinstance(cycle, dict):
        return {name: float(seconds) for name, seconds in cycle.items()}
    return float(cycle) if isinstance(cycle, int | float) else None


def _edge(entry: schema.EdgeEntry) -> Edge:
    return Edge(
        from_station=entry.from_, to_station=entry.to, capacity=entry.capacity, kind=entry.kind
    )


def _variant(entry: schema.VariantEntry) -> Variant:
    return Variant(
        id=entry.id,
        names=_names(entry.names, entry.id),
        share=entry.share,
        mass_kg=entry.mass_kg,
        upstream_kgco2e=entry.upstream_kgco2e,
        bom=entry.bom,
    )


def _source(entry: schema.SourceEntry) -> SourceConfig:
    return SourceConfig(
        id=entry.id,
        kind=entry.kind,
        url=entry.url,
        security=entry.security,
        user=entry.user,
        publishing_ms=entry.publishing_ms,
    )
