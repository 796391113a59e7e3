"""Signals of a line file: patterns and lists spread out, and the tables that fill signals."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from data import units
from data.line import ROLES, STATES, Meter, Signal, TableColumn, TableMapping
from data.line_meters import expected_bases
from data.line_schema import ColumnEntry, Draft, SignalEntry, TableEntry, node_limit
from data.toml_file import KeyPath, Sheet, keys_of, listed, nearest
from data.zones import check_zone

STATION_ROLES = (
    "state",
    "vehicle",
    "variant",
    "good_count",
    "reject_count",
    "cycle_time",
    "alarm",
)
AMBIENT_ROLES = ("outdoor_temperature", "irradiance", "process_value")
TEXT_ROLES = ("state", "vehicle", "variant", "alarm")  # the others are numbers
_WILD = set("*?[")
_PLACEHOLDERS = {"station": "station", "meter": "meter", "workshop": "workshop"}
_Subject = tuple[str, str]  # kind, id


def build_signals(sheet: Sheet, draft: Draft, meters: Sequence[Meter]) -> tuple[Signal, ...]:
    """All signals, numbered in the order of ROLES, then of the file; faults are noted."""
    by_id = {meter.id: meter for meter in meters}
    found: list[Signal] = []
    first: dict[str, int] = {}
    for number, entry in draft.signals:
        _check_entry(sheet, draft, number, entry)
        for kind, subject in _subjects(sheet, draft, number, entry):
            signal = _signal(sheet, number, entry, kind, subject, by_id.get(subject))
            if signal.key in first:
                limit = f"{signal.key} is already given by signal[{first[signal.key]}]"
                sheet.fault(("signal", number, "for"), limit, entry.for_)
                continue
            first[signal.key] = number
            found.append(signal)
    ordered = sorted(found, key=lambda signal: ROLES.index(signal.role))
    return tuple(replace(signal, index=i) for i, signal in enumerate(ordered))


def _signal(
    sheet: Sheet, number: int, entry: SignalEntry, kind: str, subject: str, meter: Meter | None
) -> Signal:
    unit = entry.unit
    if kind == "meter" and meter is not None:
        unit = _meter_unit(sheet, ("signal", number, "unit"), unit, meter)
        _check_hold(sheet, number, entry, meter)
    interval = kind == "meter" and meter is not None and meter.kind == "interval"
    return Signal(
        index=0,
        key=f"{subject}.{entry.role}",
        source=entry.source,
        subject=subject,
        subject_kind=kind,
        role=entry.role,
        node=_node(entry.node, kind, subject),
        map=dict(entry.map),
        unit=None if unit is None else units.spelt(unit),
        scale=entry.scale,
        hold=entry.hold or ("mean_before" if interval else "step"),
        sampling_ms=entry.sampling_ms,
        queue=entry.queue,
        deadband=entry.deadband,
        expect_s=entry.expect_s,
        must_move=entry.must_move,
    )


def _meter_unit(sheet: Sheet, path: KeyPath, unit: str | None, meter: Meter) -> str:
    """The unit of a meter's value; one of its own must convert to the meter's."""
    if unit is None:
        return meter.unit
    try:
        base = units.to_base(unit).unit
    except units.UnknownUnitError as error:
        sheet.fault(path, "unknown unit", unit, next(iter(error.near), None))
        return meter.unit
    own = _base(meter.unit)
    at_fault = own not in expected_bases(meter.carrier, meter.kind)  # noted with the meter
    if base != own and not at_fault:
        sheet.fault(path, f"does not convert to {meter.unit}, the unit of meter {meter.id}", unit)
    return unit


def _base(unit: str) -> str | None:
    """The base unit; None for a unit whose fault is noted elsewhere."""
    try:
        return units.to_base(unit).unit
    except units.UnknownUnitError:
        return None


def _check_hold(sheet: Sheet, number: int, entry: SignalEntry, meter: Meter) -> None:
    path = ("signal", number, "hold")
    if meter.kind == "interval" and entry.hold not in (None, "mean_before"):
        limit = f'{meter.id} is a meter of kind "interval": its hold is "mean_before"'
        sheet.fault(path, limit, entry.hold)
    if meter.kind == "counter" and entry.hold == "mean_before":
        limit = f'{meter.id} is a counter: its hold is "step" or "linear"'
        sheet.fault(path, limit, entry.hold)


def _check_entry(sheet: Sheet, draft: Draft, number: int, entry: SignalEntry) -> None:
    _check_source(sheet, draft, number, entry)
    _check_map(sheet, draft, number, entry)
    if entry.node is not None:
        _check_node(sheet, number, entry.node)
    if entry.role in TEXT_ROLES:
        for key in ("scale", "unit", "deadband"):
            value = getattr(entry, key)
            if value is not None and not (key == "scale" and value == 1.0):
                limit = f"has no meaning for the role {entry.role}, which is a text"
                sheet.fault(("signal", number, key), limit, value)
    elif entry.unit is not None and entry.role != "value":
        try:
            units.to_base(entry.unit)
        except units.UnknownUnitError as error:
            near = next(iter(error.near), None)
            sheet.fault(("signal", number, "unit"), "unknown unit", entry.unit, near)


def _check_source(sheet: Sheet, draft: Draft, number: int, entry: SignalEntry) -> None:
    if entry.source is None:
        if entry.node is not None:
            limit = "is missing: a signal with a node needs the source that has it"
            sheet.fault(("signal", number, "source"), limit)
        return
    if entry.source not in draft.ids["source"]:
        sheet.unknown(("signal", number, "source"), entry.source, "source", draft.ids["source"])
    if entry.node is None:
        sheet.fault(("signal", number, "node"), "is missing: a signal with a source needs one")


def _check_map(sheet: Sheet, draft: Draft, number: int, entry: SignalEntry) -> None:
    if entry.map and entry.role not in TEXT_ROLES:
        limit = f"has no meaning for the role {entry.role}, which is a number"
        sheet.fault(("signal", number, "map"), limit, entry.map)
        return
    known = {"state": ("state", STATES), "variant": ("variant", draft.ids["variant"])}
    if entry.role not in known:
        return
    kind, names = known[entry.role]
    for word, ours in entry.map.items():
        if ours not in names:
            sheet.unknown(("signal", number, "map", word), ours, kind, names)


def _check_node(sheet: Sheet, number: int, node: str) -> None:
    path = ("signal", number, "node")
    try:
        parts = [part[1:] for part in string.Formatter().parse(node) if part[1] is not None]
    except ValueError:
        sheet.fault(path, "has a brace alone; write {{ or }} for a brace itself", node)
        return
    for name, spec, conversion in parts:
        if spec or conversion:
            limit = f"has a placeholder with a format: write {{{name}}} alone"
            sheet.fault(path, limit, node)
            return
        if name not in _PLACEHOLDERS:
            limit = f"has an unknown placeholder {{{name}}}: known are {{station}}, {{meter}}"
            sheet.fault(path, limit, node, nearest(name, _PLACEHOLDERS))
            return
    wrong = node_limit(_filled(node, dict.fromkeys(_PLACEHOLDERS, "x")))
    if wrong is not None:
        sheet.fault(path, wrong, node)


def _filled(node: str, values: Mapping[str, str]) -> str:
    """The node with its placeholders filled; those without a value stay."""
    text = ""
    for literal, name, *_ in string.Formatter().parse(node):
        text += literal
        if name is not None:
            text += values.get(name, "{" + name + "}")
    return text


def _node(node: str | None, kind: str, subject: str) -> str | None:
    if node is None:
        return None
    try:
        return _filled(node, {kind: subject})
    except ValueError:  # noted by _check_node
        return node


def _subjects(sheet: Sheet, draft: Draft, number: int, entry: SignalEntry) -> Iterable[_Subject]:
    """What ``for`` names, each once, in the order of the file."""
    wanted = entry.for_ if isinstance(entry.for_, list) else [entry.for_]
    fitting = _fitting(draft, entry.role)
    found: dict[_Subject, None] = {}
    for name in map(str, wanted):
        matches = _matches(name, fitting)
        if not matches:
            _note_no_subject(sheet, draft, number, entry, name)
        found.update(dict.fromkeys(matches))
    _check_placeholder(sheet, number, entry, list(found))
    return found


def _fitting(draft: Draft, role: str) -> list[_Subject]:
    """Everything that can have this role."""
    stations = [("station", name) for name in draft.ids["station"]]
    workshops = [("workshop", name) for name in draft.ids["workshop"]]
    if role == "value":
        return [("meter", name) for name in draft.ids["meter"]]
    if role in STATION_ROLES:
        return stations
    return [("plant", "plant"), *workshops, *stations]


def _matches(name: str, fitting: Iterable[_Subject]) -> list[_Subject]:
    if not _WILD & set(name):
        same = [s for s in fitting if name in (s[1], f"{s[0]}:{s[1]}")]
        return same[-1:]
    return [s for s in fitting if s[0] != "plant" and fnmatchcase(s[1], name)]


def _note_no_subject(
    sheet: Sheet, draft: Draft, number: int, entry: SignalEntry, name: str
) -> None:
    path = ("signal", number, "for")
    everything = {
        "plant": "plant",
        **dict.fromkeys(draft.ids["workshop"], "workshop"),
        **dict.fromkeys(draft.ids["station"], "station"),
        **dict.fromkeys(draft.ids["meter"], "meter"),
    }
    kinds = {"value": "a meter"}.get(entry.role)
    kinds = kinds or (
        "a station" if entry.role in STATION_ROLES else "a station, workshop or plant"
    )
    fitting = [s[1] for s in _fitting(draft, entry.role)]
    if name in everything:
        limit = f"the role {entry.role} is of {kinds}, and this is a {everything[name]}"
        sheet.fault(path, limit.replace("a plant", "the plant"), name)
    elif _WILD & set(name):
        sheet.fault(path, f"the pattern matches nothing: the role {entry.role} is of {kinds}", name)
    else:
        sheet.unknown(path, name, kinds.removeprefix("a "), fitting)


def _check_placeholder(
    sheet: Sheet, number: int, entry: SignalEntry, subjects: Sequence[_Subject]
) -> None:
    """Each placeholder must have a value, and several subjects need several nodes."""
    if entry.node is None:
        return
    try:
        nodes = [_filled(entry.node, {kind: subject}) for kind, subject in subjects]
    except ValueError:
        return
    path = ("signal", number, "node")
    for (kind, subject), node in zip(subjects, nodes, strict=True):
        wrong = next((n for n in _PLACEHOLDERS if n != kind and "{" + n + "}" in node), None)
        if wrong is not None:
            limit = f"{{{wrong}}} has no value: {subject} is a {kind}"
            sheet.fault(path, limit, entry.node)
            return
    if len(set(nodes)) < len(nodes) and "{" not in nodes[0]:
        names = listed([subject for _, subject in subjects[:2]]).replace(" or ", " and ")
        kind = subjects[0][0]
        sheet.fault(path, f"{names} would share one node; use {{{kind}}} in it", entry.node)


def build_tables(
    sheet: Sheet, draft: Draft, signals: Sequence[Signal], meters: Sequence[Meter]
) -> tuple[TableMapping, ...]:
    """The tables' mappings; faults are noted."""
    by_key = {signal.key: signal for signal in signals}
    by_id = {meter.id: meter for meter in meters}
    return tuple(_table(sheet, n, entry, by_key, by_id) for n, entry in draft.tables)


def _table(
    sheet: Sheet,
    number: int,
    entry: TableEntry,
    by_key: Mapping[str, Signal],
    by_id: Mapping[str, Meter],
) -> TableMapping:
    check_zone(sheet, ("table", number, "zone"), entry.zone)
    _check_table(sheet, number, entry)
    return TableMapping(
        id=entry.id,
        time_column=entry.time_column,
        time_format=entry.format,
        zone=entry.zone,
        stamp=entry.stamp,
        midnight=entry.midnight,
        columns=tuple(_columns(sheet, number, entry, by_key, by_id)),
        delimiter=entry.delimiter,
        decimal=entry.decimal,
        encoding=entry.encoding,
    )


def _check_table(sheet: Sheet, number: int, entry: TableEntry) -> None:
    if entry.format not in EPOCHS and not _names_a_day(entry.format):
        limit = f"must be {listed(EPOCHS)}, or strptime codes with year, month and day"
        sheet.fault(("table", number, "format"), limit, entry.format)
    if entry.delimiter == entry.decimal:
        limit = "delimiter and decimal must differ"
        sheet.fault(("table", number, "decimal"), limit, entry.decimal)
    if entry.encoding is not None:
        try:
            "".encode(entry.encoding)
        except (LookupError, ValueError):
            sheet.fault(("table", number, "encoding"), "unknown encoding", entry.encoding)


EPOCHS = ("epoch_s", "epoch_ms", "epoch_ns", "excel")


def _names_a_day(text: str) -> bool:
    """Whether a strptime format holds a whole date and no code that strptime does not know."""
    codes, rest = [], text.replace("%%", "")
    while "%" in rest:
        rest = rest[rest.index("%") + 1 :]
        codes.append(rest[:1])
        rest = rest[1:]
    if not all(code and code in "aAbBcdfGHIjmMpSuUVwWxXyYzZ" for code in codes):
        return False
    has = set(codes)
    return bool(
        {"c"} & has
        or {"x"} & has
        or ({"y", "Y"} & has and ({"j"} & has or ({"m", "b", "B"} & has and "d" in has)))
    )


def _columns(
    sheet: Sheet,
    number: int,
    entry: TableEntry,
    by_key: Mapping[str, Signal],
    by_id: Mapping[str, Meter],
) -> Iterable[TableColumn]:
    filled: dict[str, str] = {}
    for column, target in entry.columns.items():
        path: KeyPath = ("table", number, "columns", column)
        wanted = _target(sheet, path, target)
        if wanted is None:
            continue
        if wanted.signal not in by_key:
            sheet.unknown(path, wanted.signal, "signal", by_key)
        elif wanted.signal in filled:
            limit = f'"{filled[wanted.signal]}" already fills this signal'
            sheet.fault(path, limit, wanted.signal)
        elif column == entry.time_column:
            sheet.fault(path, "is the time column", wanted.signal)
        else:
            filled[wanted.signal] = column
            _check_column_unit(sheet, path, wanted, by_key[wanted.signal], by_id)
            yield TableColumn(
                column=column,
                signal=wanted.signal,
                unit=None if wanted.unit is None else units.spelt(wanted.unit),
            )


def _target(sheet: Sheet, path: KeyPath, target: object) -> ColumnEntry | None:
    if isinstance(target, str):
        return ColumnEntry(signal=target)
    if isinstance(target, dict):
        return sheet.entry(ColumnEntry, path)
    limit = f'must be "SUBJECT.ROLE" or a table with {listed(keys_of(ColumnEntry))}'
    sheet.fault(path, limit, target)
    return None


def _check_column_unit(
    sheet: Sheet,
    path: KeyPath,
    wanted: ColumnEntry,
    signal: Signal,
    by_id: Mapping[str, Meter],
) -> None:
    if wanted.unit is None:
        return
    if signal.subject_kind == "meter":
        if signal.subject in by_id:  # else its own entry is at fault
            _meter_unit(sheet, (*path, "unit"), wanted.unit, by_id[signal.subject])
        return
    try:
        base = units.to_base(wanted.unit).unit
    except units.UnknownUnitError as error:
        near = next(iter(error.near), None)
        sheet.fault((*path, "unit"), "unknown unit", wanted.unit, near)
        return
    if signal.unit is None or _base(signal.unit) != base:
        limit = f"does not convert to {signal.unit or 'a signal without a unit'}"
        sheet.fault((*path, "unit"), limit, wanted.unit)
