"""The line: workshops, stations, flow, meters and signals, as one frozen value.

``data.line_file`` reads it from TOML; here is what it means. All ids are unique within their
kind. Names come in English and Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cached_property

from data.condition import All as All
from data.condition import Condition as Condition
from data.condition import Not as Not
from data.condition import Some as Some
from data.condition import Term as Term
from data.condition import terms as terms

STATES = (
    "off",
    "standby",
    "warming_up",
    "idle",
    "starved",
    "blocked",
    "processing",
    "setup",
    "failed",
    "stopped",
    "held",
    "unknown",
)
ENERGY_CARRIERS = (
    "electricity",
    "natural_gas",
    "lpg",
    "diesel",
    "heat",
    "steam",
)
SECONDARY_CARRIERS = ("compressed_air", "chilled_water", "hot_water")
OTHER_CARRIERS = ("water", "voc")
CARRIERS = ENERGY_CARRIERS + SECONDARY_CARRIERS + OTHER_CARRIERS
END_USES = (
    "painting",
    "hvac",
    "heating",
    "material_handling",
    "welding",
    "compressed_air",
    "lighting",
    "process",
    "other",
)
METER_KINDS = ("power", "flow", "counter", "interval")
DIRECTIONS = ("consume", "generate", "import", "export", "charge", "discharge")
EDGE_KINDS = ("flow", "rework", "join")
HOLDS = ("step", "linear", "mean_before")
ALLOCATION_RULES = ("equal", "direct", "time")
KPI_IDS = (  # what a target can be set for; docs/kpis.md lists them
    "vehicles_completed",
    "vehicles_good",
    "plan_attainment",
    "wip",
    "lead_time",
    "jph",
    "throughput",
    "takt_attainment",
    "line_balance",
    "availability",
    "effectiveness",
    "utilisation",
    "allocation",
    "technical_efficiency",
    "oee",
    "nee",
    "quality_ratio",
    "first_time_through",
    "energy_total",
    "energy_per_vehicle",
    "idle_energy_share",
    "value_adding_share",
    "base_load",
    "peak_demand",
    "load_factor",
    "renewable_share",
    "self_consumption",
    "kgce_per_vehicle",
    "cost_per_vehicle",
    "water_per_vehicle",
    "carbon_total",
    "carbon_per_vehicle",
    "voc_per_vehicle",
)
# In this order samples of one instant count: what a vehicle leaves behind, then the next vehicle.
ROLES = (
    "good_count",
    "reject_count",
    "cycle_time",
    "alarm",
    "vehicle",
    "variant",
    "state",
    "outdoor_temperature",
    "irradiance",
    "process_value",
    "value",
)


@dataclass(frozen=True, slots=True)
class Names:
    """A thing's name in both languages of the screens."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """The plant: takt_s is the planned time between vehicles [s]; timezone an IANA name."""

    id: str
    names: Names
    timezone: str
    currency: str
    takt_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A planned shift in the plant's time zone; one that ends before it begins crosses midnight."""

    name: str
    start: time
    end: time
    days: tuple[int, ...]  # ISO weekday of the start, 1 is Monday
    breaks: tuple[tuple[time, time], ...]
    plan: int | None  # vehicles


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A part of the plant that stations belong to."""

    id: str
    names: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One station; cycle_s is the time of one vehicle at one place [s], by variant or for all."""

    id: str
    workshop: str
    names: Names
    cycle_s: float | Mapping[str, float] | None
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from station to station with room for ``capacity`` vehicles between them."""

    from_station: str
    to_station: str
    capacity: int
    kind: str  # one of EDGE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A variant of the product; upstream_kgco2e is of its bill of material."""

    id: str
    names: Names
    share: float | None
    mass_kg: float | None
    upstream_kgco2e: float | None
    bom: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One metered quantity as the plant reports it (a power and its counter are two of these)."""

    id: str
    carrier: str
    kind: str  # one of METER_KINDS
    unit: str  # of the signal's value times its scale
    covers: tuple[str, ...]  # as written: station ids, "workshop:ID", "plant"
    stations: tuple[str, ...]  # what covers comes down to, in line order
    parent: str | None
    end_use: str
    direction: str  # one of DIRECTIONS
    rolls_over_at: float | None  # in ``unit``


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteringPoint:
    """Meters of one carrier over the same part of the plant: one settles the amount.

    ``id`` is the id of the meter that settles it (counter, else interval, else power or flow),
    ``rate`` the meter that gives the shape in time. ``parent`` is a point's id.
    """

    id: str
    carrier: str
    direction: str
    end_use: str
    covers: tuple[str, ...]
    stations: tuple[str, ...]
    amount: Meter | None  # kind counter or interval
    rate: Meter | None  # kind power or flow
    parent: str | None
    workshop: str | None  # the one workshop it lies in; None: plant level
    boundary: bool  # no parent, and the carrier counts in the totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """Makes one carrier from others (compressor, chiller, boiler); meter ids."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """A server; security is "None" or "POLICY/MODE"; publishing_ms is wall time."""

    id: str
    kind: str
    url: str
    security: str
    user: str | None
    publishing_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One value of one thing: ``role`` of ``subject``, from one node or table column.

    ``index`` is its number in Line.signals and in every SampleBlock. ``map`` turns the server's
    codes or words (as text) into ours; the number that counts is value * scale, in ``unit``.
    """

    index: int
    key: str  # "SUBJECT.ROLE", unique
    source: str | None  # None: filled by tables only
    subject: str  # a station, meter or workshop id, or "plant"
    subject_kind: str  # "station", "meter", "workshop", "plant"
    role: str  # one of ROLES
    node: str | None  # "ns=N;..." or "nsu=URI;..."
    map: Mapping[str, str]
    unit: str | None
    scale: float
    hold: str  # one of HOLDS
    sampling_ms: float | None
    queue: int | None
    deadband: float | None
    expect_s: float | None
    must_move: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A table's column and the signal that it fills; unit where it differs from the meter's."""

    column: str
    signal: str  # a Signal.key
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """How a CSV, Parquet or XLSX table becomes samples."""

    id: str
    time_column: str
    time_format: str  # strptime, or "epoch_s", "epoch_ms", "epoch_ns", "excel"
    zone: str  # IANA name or "UTC"
    stamp: str  # "begin" or "end" of the interval that a row speaks of
    midnight: str  # "new_day", or "old_day" where 00:00 carries the date of the day that it ends
    columns: tuple[TableColumn, ...]
    delimiter: str | None = None
    decimal: str = "."
    encoding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookNames:
    """Which bundled or own books are in force; None: the region's default or none."""

    location: str | None = None
    market: str | None = None
    product: str | None = None
    tariff: str | None = None
    carbon_price: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetYear:
    """One point of the target path."""

    year: int
    kgco2e_per_vehicle: float | None
    tco2e: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule:
    """When to raise an alarm, how urgent it is and what to do.

    condition is what ``when`` says, None where this version cannot read it (a log of another
    one). It must hold for delay_s [s], and be over for off_delay_s [s], by ``deadband`` in the
    unit of its value. While ``unless`` holds, the alarm is suppressed by design.
    """

    id: str
    names: Names
    when: str
    condition: Condition | None
    priority: str
    delay_s: float
    off_delay_s: float
    deadband: float
    unless: Condition | None
    action: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Onto whom energy goes that no vehicle draws directly; each one of ALLOCATION_RULES."""

    idle: str = "equal"
    base: str = "equal"
    shared: str = "equal"
    scrap: str = "equal"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A whole line file, checked. ``text`` is the TOML that it was read from."""

    plant: Plant
    shifts: tuple[Shift, ...] = ()
    workshops: tuple[Workshop, ...] = ()
    stations: tuple[Station, ...] = ()
    edges: tuple[Edge, ...] = ()
    variants: tuple[Variant, ...] = ()
    meters: tuple[Meter, ...] = ()
    points: tuple[MeteringPoint, ...] = ()
    converters: tuple[Converter, ...] = ()
    sources: tuple[SourceConfig, ...] = ()
    signals: tuple[Signal, ...] = ()  # sorted by (ROLES rank, file order): see ROLES
    tables: tuple[TableMapping, ...] = ()
    books: BookNames = field(default_factory=BookNames)
    targets: Mapping[str, float] = field(default_factory=dict)
    target_path: tuple[TargetYear, ...] = ()
    alarms: tuple[AlarmRule, ...] = ()
    allocation: Allocation = field(default_factory=Allocation)
    text: str = ""

    @cached_property
    def station_index(self) -> Mapping[str, int]:
        """Station id to its number in ``stations``."""
        return {station.id: i for i, station in enumerate(self.stations)}

    @cached_property
    def point_index(self) -> Mapping[str, int]:
        """Metering point id to its number in ``points``."""
        return {point.id: i for i, point in enumerate(self.points)}

    @cached_property
    def signal_index(self) -> Mapping[str, int]:
        """Signal key to its number in ``signals``."""
        return {signal.key: signal.index for signal in self.signals}

    def sinks(self) -> tuple[str, ...]:
        """Stations where finished vehicles leave the line, in line order.

        A station that nothing flows out of; one whose only way out joins another vehicle is none.
        """
        inner = {edge.from_station for edge in self.edges if edge.kind != "rework"}
        return tuple(station.id for station in self.stations if station.id not in inner)

    def spine(self) -> tuple[str, ...]:
        """Stations that every finished vehicle passes, in line order: no way leads round them."""
        return tuple(s.id for s in self.stations if not self._leads_out(s.id))

    def _leads_out(self, without: str | None) -> bool:
        """Whether the flow leads from a beginning to a sink where one station is not there."""
        after: dict[str, list[str]] = {}
        for edge in self.edges:
            if edge.kind == "flow" and without not in (edge.from_station, edge.to_station):
                after.setdefault(edge.from_station, []).append(edge.to_station)
        fed = {edge.to_station for edge in self.edges if edge.kind == "flow"}
        ends = set(self.sinks())
        waiting = [s.id for s in self.stations if s.id not in fed and s.id != without]
        seen: set[str] = set()
        while waiting:
            here = waiting.pop()
            if here in ends and here in fed:
                return True
            if here not in seen:
                seen.add(here)
                waiting += after.get(here, [])
        return False


def power_signals(points: Iterable[MeteringPoint], signals: Iterable[Signal]) -> dict[str, str]:
    """Key of the signal that gives the power of a station (of its own meter) or of a meter."""
    told = {signal.subject: signal.key for signal in signals if signal.role == "value"}
    found: dict[str, str] = {}
    for point in points:
        rate = point.rate
        if rate is None or rate.kind != "power" or rate.id not in told:
            continue
        own = point.stations if len(point.stations) == 1 else ()
        for name in (point.id, rate.id, *own):
            found.setdefault(name, told[rate.id])
    return found
