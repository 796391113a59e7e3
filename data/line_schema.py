"""The shape of a line file: its tables, their keys, types and limits (docs/line-file.md).

What one value may be is said here; what must agree with something else is in data.line_checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from data.toml_file import Entry, Sheet, is_number

FORMAT = "greenline.line/1"
FORMATS = (FORMAT,)  # what can be read

_ID = re.compile(r"[^\W](?:[\w.-]*\w)?")
_KPI = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_CURRENCY = re.compile(r"[A-Z]{3}")
_HOST = re.compile(
    r"opc\.tcp://(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+)(?::(?P<port>\d+))?(?:/\S*)?"
)
_NODE = re.compile(
    r"(?:ns=(?P<ns>\d{1,9})|nsu=[^;]+);(?:i=\d+|s=.+|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/]+=*)"
)
MOST_NAMESPACE = 65535


def _id(text: str) -> str:
    if text == "plant":
        raise ValueError('"plant" means the plant itself; choose another id')
    if len(text) > 80 or not _ID.fullmatch(text):
        raise ValueError("must be an id: up to 80 letters, digits, _ - or . without spaces")
    return text


def clock(text: str) -> str:
    """A time of day, "HH:MM"; raises ValueError."""
    if not _CLOCK.fullmatch(text):
        raise ValueError('must be a time of day such as "06:00", from "00:00" to "23:59"')
    return text


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise ValueError('must be three capital letters, such as "CNY"')
    return text


def _visible(text: str) -> str:
    if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        raise ValueError("must be of one line, without control characters")
    return text


def opcua_url(text: str) -> str:
    """A server's address; raises ValueError."""
    found = _HOST.fullmatch(text)
    if not found or not 1 <= int(found["port"] or 4840) <= 65535:
        raise ValueError("must be opc.tcp://HOST:PORT/PATH (a user goes into the key user)")
    return text


def node_limit(node: str) -> str | None:
    """What is wrong with a node id; None if nothing."""
    found = _NODE.fullmatch(node)
    if found and int(found["ns"] or 0) > MOST_NAMESPACE:
        return f"has a namespace above {MOST_NAMESPACE}"
    if found:
        return None
    return 'must be "ns=N;..." or "nsu=URI;..." followed by s=TEXT, i=NUMBER, g=GUID or b=BASE64'


def _breaks(breaks: list[list[str]]) -> list[list[str]]:
    for pair in breaks:
        if len(pair) != 2:
            raise ValueError('each break must be two times: ["10:00", "10:15"]')
        for text in pair:
            clock(text)
    return breaks


def _days(days: list[int]) -> list[int]:
    if not days or not all(1 <= day <= 7 for day in days) or len(set(days)) != len(days):
        raise ValueError("must be weekdays from 1 (Monday) to 7, each once")
    return days


def _cycle(cycle: object) -> object:
    values: list[Any] = list(cycle.values()) if isinstance(cycle, dict) else [cycle]
    if not values or not all(is_number(value) and value > 0 for value in values):
        raise ValueError("must be seconds above 0, a number or { variant = seconds }")
    return cycle


def _scale(value: float) -> float:
    if value == 0:
        raise ValueError("must not be 0")
    if not 1e-30 <= abs(value) <= 1e30:
        raise ValueError("must be of a size from 1e-30 to 1e30")
    return value


def _names_of(value: object) -> object:
    """One name or a list of names."""
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError('must be an id, a pattern such as "B*", or a list of these')
    return value


Text = Annotated[str, Field(min_length=1), AfterValidator(_visible)]
Id = Annotated[str, AfterValidator(_id)]
Clock = Annotated[str, AfterValidator(clock)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
AtLeastOne = Annotated[int, Field(ge=1, le=1_000_000)]

Carrier = Literal[
    "electricity",
    "natural_gas",
    "lpg",
    "diesel",
    "heat",
    "steam",
    "compressed_air",
    "chilled_water",
    "hot_water",
    "water",
    "voc",
]
EndUse = Literal[
    "painting",
    "hvac",
    "heating",
    "material_handling",
    "welding",
    "compressed_air",
    "lighting",
    "process",
    "other",
]
Role = Literal[
    "state",
    "vehicle",
    "variant",
    "good_count",
    "reject_count",
    "cycle_time",
    "alarm",
    "value",
    "outdoor_temperature",
    "irradiance",
    "process_value",
]
Rule = Literal["equal", "direct", "time"]


class NamesEntry(Entry):
    """Names in both languages."""

    en: Text | None = None
    zh: Text | None = None


class PlantEntry(Entry):
    """[plant]."""

    id: Id
    names: NamesEntry | None = None
    timezone: Text
    currency: Annotated[str, AfterValidator(_currency)] = "CNY"
    takt_s: Annotated[float, Field(gt=0, le=1e6)] | None = None


class ShiftEntry(Entry):
    """[[shift]]."""

    STAND_INS = {"name": "?"}  # noqa: RUF012
    name: Text
    start: Clock
    end: Clock
    days: Annotated[list[int], AfterValidator(_days)] = Field(default=[1, 2, 3, 4, 5, 6, 7])
    breaks: Annotated[list[list[str]], AfterValidator(_breaks)] = Field(default=[])
    plan: Count | None = None


class WorkshopEntry(Entry):
    """[[workshop]]."""

    id: Id
    names: NamesEntry | None = None


class StationEntry(Entry):
    """[[station]]."""

    id: Id
    workshop: Text
    names: NamesEntry | None = None
    cycle_s: Annotated[object, AfterValidator(_cycle)] = None
    places: AtLeastOne = 1


class EdgeEntry(Entry):
    """[[edge]]."""

    STAND_INS = {"capacity": 0}  # noqa: RUF012
    from_: Text = Field(alias="from")
    to: Text
    capacity: Count
    kind: Literal["flow", "rework", "join"] = "flow"


class VariantEntry(Entry):
    """[[variant]]."""

    id: Id
    names: NamesEntry | None = None
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    mass_kg: Positive | None = None
    upstream_kgco2e: Annotated[float, Field(ge=0, le=1e6)] | None = None
    bom: Text | None = None


class MeterEntry(Entry):
    """[[meter]]."""

    id: Id
    carrier: Carrier
    kind: Literal["power", "flow", "counter", "interval"]
    unit: Text
    covers: Annotated[list[Text], Field(min_length=1)]
    parent: Text | None = None
    end_use: EndUse | None = None
    direction: Literal["consume", "generate", "import", "export", "charge", "discharge"] = "consume"
    rolls_over_at: Positive | None = None


class ConverterEntry(Entry):
    """[[converter]]."""

    id: Id
    inputs: Annotated[list[Text], Field(min_length=1)]
    outputs: Annotated[list[Text], Field(min_length=1)]


class SourceEntry(Entry):
    """[[source]]."""

    STAND_INS = {"url": "opc.tcp://localhost"}  # noqa: RUF012
    id: Id
    kind: Literal["opcua"] = "opcua"
    url: Annotated[str, AfterValidator(opcua_url)]
    security: Literal["None", "Basic256Sha256/Sign", "Basic256Sha256/SignAndEncrypt"] = "None"
    user: Text | None = None
    publishing_ms: Annotated[float, Field(ge=10, le=60_000)] = 100.0


class SignalEntry(Entry):
    """[[signal]]."""

    source: Text | None = None
    for_: Annotated[object, AfterValidator(_names_of)] = Field(alias="for")
    role: Role
    node: Text | None = None
    map: dict[str, str] = Field(default={})
    unit: Text | None = None
    scale: Annotated[float, AfterValidator(_scale)] = 1.0
    hold: Literal["step", "linear", "mean_before"] | None = None
    sampling_ms: NotNegative | None = None
    queue: AtLeastOne | None = None
    deadband: NotNegative | None = None
    expect_s: Positive | None = None
    must_move: bool = False


class ColumnEntry(Entry):
    """A column of a [[table]] with a unit of its own."""

    signal: Text
    unit: Text | None = None


class TableEntry(Entry):
    """[[table]]."""

    STAND_INS = {"time_column": "?", "format": "epoch_s"}  # noqa: RUF012
    id: Id
    time_column: Text
    format: Text
    zone: Text = "UTC"
    stamp: Literal["begin", "end"] = "end"
    midnight: Literal["new_day", "old_day"] = "new_day"
    columns: Annotated[dict[str, object], Field(min_length=1)]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] = "."
    encoding: Text | None = None


class BooksEntry(Entry):
    """[books]."""

    location: Text | None = None
    market: Text | None = None
    product: Text | None = None
    tariff: Text | None = None
    carbon_price: Text | None = None


class TargetYearEntry(Entry):
    """[[target_path]]."""

    year: Annotated[int, Field(ge=1990, le=2200)]
    kgco2e_per_vehicle: NotNegative | None = None
    tco2e: NotNegative | None = None


class AlarmEntry(Entry):
    """[[alarm]]."""

    id: Id
    names: NamesEntry | None = None
    when: Text
    unless: Text | None = None
    priority: Literal["low", "medium", "high", "urgent"]
    delay_s: NotNegative = 0.0
    off_delay_s: NotNegative = 30.0
    deadband: NotNegative = 0.0
    action: NamesEntry | None = None


class AllocationEntry(Entry):
    """[allocation]."""

    idle: Rule = "equal"
    base: Rule = "equal"
    shared: Rule = "equal"
    scrap: Rule = "equal"


TABLES: dict[str, type[Entry]] = {
    "plant": PlantEntry,
    "books": BooksEntry,
    "allocation": AllocationEntry,
}
ARRAYS: dict[str, type[Entry]] = {
    "shift": ShiftEntry,
    "workshop": WorkshopEntry,
    "station": StationEntry,
    "edge": EdgeEntry,
    "variant": VariantEntry,
    "meter": MeterEntry,
    "converter": ConverterEntry,
    "source": SourceEntry,
    "signal": SignalEntry,
    "table": TableEntry,
    "target_path": TargetYearEntry,
    "alarm": AlarmEntry,
}
SECTIONS = ("format", *TABLES, "targets", *ARRAYS)


@dataclass(frozen=True, slots=True)
class Draft:
    """A line file's usable entries, each with its number in the file, before the cross checks.

    ``ids`` also holds the ids of entries that could not be used, so that naming one is no second
    fault.
    """

    plant: PlantEntry | None
    books: BooksEntry
    allocation: AllocationEntry
    targets: dict[str, float]
    shifts: list[tuple[int, ShiftEntry]]
    workshops: list[tuple[int, WorkshopEntry]]
    stations: list[tuple[int, StationEntry]]
    edges: list[tuple[int, EdgeEntry]]
    variants: list[tuple[int, VariantEntry]]
    meters: list[tuple[int, MeterEntry]]
    converters: list[tuple[int, ConverterEntry]]
    sources: list[tuple[int, SourceEntry]]
    signals: list[tuple[int, SignalEntry]]
    tables: list[tuple[int, TableEntry]]
    target_path: list[tuple[int, TargetYearEntry]]
    alarms: list[tuple[int, AlarmEntry]]
    ids: dict[str, dict[str, None]]  # in the order of the file


def read_draft(sheet: Sheet) -> Draft:
    """The entries of a line file; what is wrong with one alone is noted in the sheet."""
    sheet.top_level(SECTIONS)
    return Draft(
        plant=sheet.entry(PlantEntry, ("plant",)),
        books=sheet.entry(BooksEntry, ("books",)) or BooksEntry(),
        allocation=sheet.entry(AllocationEntry, ("allocation",)) or AllocationEntry(),
        targets=_read_targets(sheet),
        shifts=sheet.entries(ShiftEntry, "shift"),
        workshops=sheet.entries(WorkshopEntry, "workshop"),
        stations=sheet.entries(StationEntry, "station"),
        edges=sheet.entries(EdgeEntry, "edge"),
        variants=sheet.entries(VariantEntry, "variant"),
        meters=sheet.entries(MeterEntry, "meter"),
        converters=sheet.entries(ConverterEntry, "converter"),
        sources=sheet.entries(SourceEntry, "source"),
        signals=sheet.entries(SignalEntry, "signal"),
        tables=sheet.entries(TableEntry, "table"),
        target_path=sheet.entries(TargetYearEntry, "target_path"),
        alarms=sheet.entries(AlarmEntry, "alarm"),
        ids={section: dict.fromkeys(sheet.raw_ids(section)) for section in ARRAYS},
    )


def _read_targets(sheet: Sheet) -> dict[str, float]:
    raw = sheet.tables.get("targets", {})
    if not isinstance(raw, dict):
        sheet.fault(("targets",), "must be a table", raw)
        return {}
    good = {}
    for name, value in raw.items():
        if not is_number(value):
            sheet.fault(("targets", name), "must be a finite number", value)
        elif not _KPI.fullmatch(name):
            sheet.fault(("targets", name), "is no KPI id: these are in snake_case", value)
        else:
            good[name] = float(value)
    return good
