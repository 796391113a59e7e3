"""The true parameters of a plant: ``plants/ID.toml``, checked against its line file.

Everything that the twin must find out is here and nowhere else: power by state, phase and variant,
cycle times and their spread, breakdowns, base loads, and how good the meters are. Nothing outside
plc_sim opens these files. docs/simulator.md lists the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from data.line import ENERGY_CARRIERS, STATES, Line, Meter, Signal
from data.toml_file import Entry, Faults, Sheet, nearest, read_text, whole
from data.units import to_base

FORMAT = "greenline.plant/1"
PLANTS = Path(__file__).parent / "plants"

_PER_HOUR = {"kW": "kWh", "m3/h": "m3", "kg/h": "kg"}
REAL_TYPES = ("Float", "Double")
INTEGER_LIMITS = {
    "SByte": (-(2**7), 2**7 - 1),
    "Byte": (0, 2**8 - 1),
    "Int16": (-(2**15), 2**15 - 1),
    "UInt16": (0, 2**16 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "UInt32": (0, 2**32 - 1),
    "Int64": (-(2**63), 2**63 - 1),
    # A sample's exact integer is an int64; no counter of ours comes near it.
    "UInt64": (0, 2**63 - 1),
}
NUMBER_TYPES = (*REAL_TYPES, *INTEGER_LIMITS)
COUNT_ROLES = ("good_count", "reject_count", "alarm")
CODE_ROLES = ("state", "variant")
DEFAULT_TYPES = {
    "good_count": "UInt32",
    "reject_count": "UInt32",
    "alarm": "UInt16",
    "cycle_time": "Float",
    "vehicle": "String",
}
STATION_ROLES = ("good_count", "reject_count", "cycle_time", "alarm", "vehicle", "variant", "state")

NumberType = Literal[
    "Float", "Double", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64"
]
CodeType = Literal[
    "String", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64"
]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=0.3)]


class FlowEntry(Entry):
    """How vehicles enter, and how full the line is at the start."""

    release: Literal["always", "takt"] = "always"
    breaks: bool = False
    fill: Share = 0.5


class LoadEntry(Entry):
    """What a station draws of one carrier [kW; m3/h where the carrier is no energy]."""

    processing: NotNegative | dict[str, NotNegative]
    idle: NotNegative
    phases: list[list[Positive]] = Field([[1.0, 1.0]])  # (share of the processing time, factor)
    lag_s: NotNegative = 0.0
    spread: Spread = 0.0  # relative, from vehicle to vehicle, while processing
    off: NotNegative = 0.0
    standby: NotNegative | None = None  # None: as idle; so the others
    warming_up: NotNegative | None = None
    starved: NotNegative | None = None
    blocked: NotNegative | None = None
    setup: NotNegative | None = None
    failed: NotNegative | None = None
    stopped: NotNegative | None = None
    held: NotNegative | None = None

    def level(self, state: str) -> float:
        """Level in a state other than processing."""
        value: float | None = getattr(self, state)
        return self.idle if value is None else value

    def processing_level(self, variant: str) -> float:
        """Level while processing a variant, before phase and spread."""
        return self.processing[variant] if isinstance(self.processing, dict) else self.processing


class StationEntry(Entry):
    """One station as it really is; cycle_s holds loading and unloading."""

    id: str
    cycle_s: Positive | dict[str, Positive]
    load_s: NotNegative = 0.0
    unload_s: NotNegative = 0.0
    cycle_spread: Spread = 0.0  # relative, of the processing time
    mtbf_h: Positive | None = None  # hours of processing between failures; None: never fails
    mttr_s: Positive = 180.0
    reject: Annotated[float, Field(ge=0, lt=1)] = 0.0
    standby_after_s: Positive | None = None  # starved for so long: standby
    wake_s: NotNegative = 0.0  # warming up from standby
    load: dict[str, LoadEntry] = Field(default_factory=dict)

    def cycle(self, variant: str) -> float:
        """Cycle time of a variant [s]."""
        return self.cycle_s[variant] if isinstance(self.cycle_s, dict) else self.cycle_s


class BaseEntry(Entry):
    """A load that belongs to no station: light, ventilation, heating."""

    id: str
    covers: str  # "workshop:ID" or "plant"
    carrier: str
    level: NotNegative  # kW; m3/h where the carrier is no energy
    sd: Spread = 0.0  # relative
    memory_s: Positive = 1800.0  # how long it stays off its level
    step_s: Annotated[float, Field(ge=1)] = 300.0
    lag_s: NotNegative = 0.0


class MeterEntry(Entry):
    """How the meters ``for`` report: resolution is in the value as sent, start in the unit."""

    for_: Annotated[str | list[str], Field(alias="for")]
    type: NumberType
    period_s: Annotated[float, Field(ge=0.01)] = 1.0
    resolution: NotNegative = 0.0
    noise: Spread = 0.0  # relative, of a rate
    gain_error: Annotated[float, Field(ge=-0.2, le=0.2)] = 0.0
    drift_per_day: Annotated[float, Field(ge=-0.1, le=0.1)] = 0.0  # of the gain, relative
    start: NotNegative = 0.0  # what a counter shows when the plant starts


class TypesEntry(Entry):
    """OPC UA types of the stations' signals."""

    state: CodeType | None = None
    variant: CodeType | None = None
    good_count: NumberType | None = None
    reject_count: NumberType | None = None
    alarm: NumberType | None = None
    cycle_time: Literal["Float", "Double"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFile:
    """A plant file that fits its line."""

    flow: FlowEntry
    stations: Mapping[str, StationEntry]
    bases: tuple[BaseEntry, ...]
    meters: Mapping[str, MeterEntry]  # by meter id
    signal_types: tuple[str, ...]  # OPC UA type by signal index; "" for what is not served
    heating_value: Mapping[str, float]  # kWh per m3 by carrier


def bundled_plants() -> tuple[str, ...]:
    """Ids of the lines that have a simulated plant."""
    return tuple(sorted(path.stem for path in PLANTS.glob("*.toml")))


def load_plant(line: Line) -> PlantFile:
    """The bundled plant of a line; raises Faults with all that is wrong, or that there is none."""
    path = PLANTS / f"{line.plant.id}.toml"
    if line.plant.id not in bundled_plants():
        known = bundled_plants()
        limit = f"no simulated plant for this line; there is one for {', '.join(known)}"
        raise Faults([whole(f'line "{line.plant.id}"', limit, nearest(line.plant.id, known))])
    return parse_plant(read_text(path), line, f"plc_sim/plants/{path.name}")


def parse_plant(text: str, line: Line, where: str) -> PlantFile:
    """The plant that a TOML text describes; raises Faults with everything that is wrong in it."""
    sheet = Sheet(text, where)
    reader = _Reader(sheet, line)
    plant = reader.plant()
    if sheet.faults:
        raise Faults(sheet.faults)
    return plant


def amount_factor(meter: Meter, heating_value: Mapping[str, float]) -> float | None:
    """Meter units per unit that a load counts in (kWh, or m3); None where it cannot be told.

    The same for rates: kW per kW, m3/h per kW.
    """
    base = to_base(meter.unit)
    if meter.carrier in ENERGY_CARRIERS and base.unit in ("m3", "m3/h"):
        if meter.carrier not in heating_value:
            return None
        return 1 / (heating_value[meter.carrier] * base.multiplier)
    return 1 / base.multiplier


def _states_shown(flow: FlowEntry, stations: Iterable[StationEntry]) -> set[str]:
    states = {"idle", "processing", "starved", "blocked", "failed"}
    if flow.breaks:
        states.add("stopped")
    if any(station.standby_after_s for station in stations):
        states |= {"standby", "warming_up"}
    return states


def amount_unit(meter: Meter, heating_value: Mapping[str, float]) -> tuple[str, float]:
    """Unit of what a meter counts in all, and its units per unit of a load (kWh, or m3).

    A rate counts in the base unit that it makes in an hour: kW in kWh, L/min in m3.
    """
    base = to_base(meter.unit)
    factor = amount_factor(meter, heating_value)
    assert factor is not None
    if meter.kind in ("power", "flow"):
        return _PER_HOUR[base.unit], factor * base.multiplier
    return meter.unit, factor


class _Reader:
    """Reads one sheet; faults gather in it."""

    def __init__(self, sheet: Sheet, line: Line) -> None:
        self.sheet = sheet
        self.line = line
        self.variants = [variant.id for variant in line.variants]

    def plant(self) -> PlantFile:
        """The plant; not to be used if the sheet has faults afterwards."""
        self._header()
        flow = self._flow()
        stations = dict(self._stations())
        heating = self._heating_values()
        bases = tuple(self._bases())
        meters = self._meters(heating)
        types = self._types()
        self._line_fits(_states_shown(flow, stations.values()))
        return PlantFile(
            flow=flow,
            stations=stations,
            bases=bases,
            meters=meters,
            signal_types=tuple(self._type(signal, meters, types) for signal in self.line.signals),
            heating_value=heating,
        )

    def _header(self) -> None:
        tables = self.sheet.tables
        known = ("format", "line", "flow", "station", "base", "meter", "types", "heating_value")
        self.sheet.top_level(known)
        if tables.get("format") != FORMAT:
            self.sheet.fault(("format",), f'must be "{FORMAT}"', tables.get("format"))
        if tables.get("line") != self.line.plant.id:
            limit = f'must be "{self.line.plant.id}", the line\'s plant.id'
            self.sheet.fault(("line",), limit, tables.get("line"))

    def _flow(self) -> FlowEntry:
        entry = self.sheet.entry(FlowEntry, ("flow",)) if "flow" in self.sheet.tables else None
        flow = entry or FlowEntry()
        if flow.release == "takt" and self.line.plant.takt_s is None:
            self.sheet.fault(("flow", "release"), "needs the line's plant.takt_s", "takt")
        return flow

    def _stations(self) -> Iterator[tuple[str, StationEntry]]:
        known = [station.id for station in self.line.stations]
        seen: set[str] = set()
        for i, entry in self.sheet.entries(StationEntry, "station"):
            path = ("station", i)
            if entry.id not in known:
                self.sheet.unknown((*path, "id"), entry.id, "station in the line file", known)
            elif entry.id in seen:
                self.sheet.fault((*path, "id"), "is there twice", entry.id)
            self._station(path, entry)
            seen.add(entry.id)
            yield entry.id, entry
        for missing in set(known) - set(self.sheet.raw_ids("station")):
            self.sheet.fault(("station",), f'the line\'s station "{missing}" is missing')

    def _station(self, path: tuple[str, int], entry: StationEntry) -> None:
        if isinstance(entry.cycle_s, dict):
            self._by_variant((*path, "cycle_s"), entry.cycle_s)
            shortest = min(entry.cycle_s.values(), default=0.0)
        else:
            shortest = entry.cycle_s
        if shortest <= entry.load_s + entry.unload_s:
            limit = f"must be above load_s + unload_s = {entry.load_s + entry.unload_s:g}"
            self.sheet.fault((*path, "cycle_s"), limit, shortest)
        for carrier, load in entry.load.items():
            self._load((*path, "load", carrier), carrier, load)

    def _load(self, path: tuple[str | int, ...], carrier: str, load: LoadEntry) -> None:
        self._carrier(path, carrier)
        if isinstance(load.processing, dict):
            self._by_variant((*path, "processing"), load.processing)
        if any(len(phase) != 2 for phase in load.phases) or not load.phases:
            limit = "must be pairs: share of the processing time, factor"
            self.sheet.fault((*path, "phases"), limit, load.phases)
        elif abs(sum(share for share, _ in load.phases) - 1) > 1e-9:
            total = sum(share for share, _ in load.phases)
            self.sheet.fault((*path, "phases"), f"shares must sum to 1, not {total:g}")

    def _carrier(self, path: tuple[str | int, ...], carrier: str) -> None:
        known = sorted({meter.carrier for meter in self.line.meters})
        if carrier not in known:
            self.sheet.unknown(path, carrier, "carrier with a meter in the line file", known)

    def _by_variant(self, path: tuple[str | int, ...], table: Mapping[str, float]) -> None:
        for name in table.keys() - set(self.variants):
            self.sheet.unknown((*path, name), name, "variant in the line file", self.variants)
        for name in self.variants:
            if name not in table:
                self.sheet.fault(path, f'variant "{name}" is missing')

    def _heating_values(self) -> dict[str, float]:
        values: dict[str, float] = {}
        table = self.sheet.tables.get("heating_value", {})
        for carrier, value in table.items() if isinstance(table, dict) else ():
            if carrier not in ENERGY_CARRIERS:
                path = ("heating_value", carrier)
                self.sheet.unknown(path, carrier, "energy carrier", ENERGY_CARRIERS)
            elif isinstance(value, int | float) and 0 < value < 1e6:
                values[carrier] = float(value)
            else:
                limit = "must be a number of kWh per m3 above 0"
                self.sheet.fault(("heating_value", carrier), limit, value)
        return values

    def _bases(self) -> Iterator[BaseEntry]:
        known = [*(f"workshop:{workshop.id}" for workshop in self.line.workshops), "plant"]
        seen: set[str] = set()
        for i, entry in self.sheet.entries(BaseEntry, "base"):
            if entry.covers not in known:
                self.sheet.unknown(("base", i, "covers"), entry.covers, "part of the plant", known)
            if entry.id in seen:
                self.sheet.fault(("base", i, "id"), "is there twice", entry.id)
            self._carrier(("base", i, "carrier"), entry.carrier)
            seen.add(entry.id)
            yield entry

    def _meters(self, heating: Mapping[str, float]) -> dict[str, MeterEntry]:
        found: dict[str, MeterEntry] = {}
        for i, entry in self.sheet.entries(MeterEntry, "meter"):
            patterns = [entry.for_] if isinstance(entry.for_, str) else entry.for_
            for pattern in patterns:
                ids = [m.id for m in self.line.meters if fnmatchcase(m.id, pattern)]
                if not ids:
                    known = [meter.id for meter in self.line.meters]
                    self.sheet.unknown(
                        ("meter", i, "for"), pattern, "meter in the line file", known
                    )
                for meter_id in ids:
                    found.setdefault(meter_id, entry)  # the first that names it counts
            self._meter_type(i, entry)
        for meter in self.line.meters:
            self._meter(meter, found.get(meter.id), heating)
        return found

    def _meter_type(self, i: int, entry: MeterEntry) -> None:
        if entry.type in INTEGER_LIMITS and entry.resolution != int(entry.resolution):
            limit = f"must be a whole number: the type is {entry.type}"
            self.sheet.fault(("meter", i, "resolution"), limit, entry.resolution)

    def _meter(self, meter: Meter, entry: MeterEntry | None, heating: Mapping[str, float]) -> None:
        if meter.direction not in ("consume", "import"):
            limit = f'"{meter.id}": the simulated plant has no meter of direction'
            self.sheet.fault(("meter",), f'{limit} "{meter.direction}"')
        if amount_factor(meter, heating) is None:
            limit = f'natural unit of "{meter.id}" is {meter.unit}: needs kWh per m3'
            self.sheet.fault(("heating_value", meter.carrier), limit)
        if entry is None:
            if self._signal_of(meter) is not None:
                self.sheet.fault(("meter",), f'the line\'s meter "{meter.id}" is missing')
            return
        self._rollover(meter, entry)

    def _rollover(self, meter: Meter, entry: MeterEntry) -> None:
        signal = self._signal_of(meter)
        if signal is None or meter.rolls_over_at is None or entry.type not in INTEGER_LIMITS:
            return
        most = INTEGER_LIMITS[entry.type][1]
        if meter.rolls_over_at / signal.scale > most + 1:
            limit = f'"{meter.id}" counts to {meter.rolls_over_at / signal.scale:g} as sent'
            self.sheet.fault(("meter",), f"{limit}, more than {entry.type} holds ({most})")

    def _signal_of(self, meter: Meter) -> Signal | None:
        for signal in self.line.signals:
            if (signal.subject_kind, signal.subject) == ("meter", meter.id) and signal.source:
                return signal
        return None

    def _types(self) -> TypesEntry:
        entry = self.sheet.entry(TypesEntry, ("types",)) if "types" in self.sheet.tables else None
        return entry or TypesEntry()

    def _type(self, signal: Signal, meters: Mapping[str, MeterEntry], types: TypesEntry) -> str:
        if signal.source is None:
            return ""
        if signal.subject_kind == "meter":
            meter = meters.get(signal.subject)
            return meter.type if meter else ""
        chosen: str | None = getattr(types, signal.role, None)
        if signal.role in CODE_ROLES:
            return self._code_type(signal, chosen)
        return chosen or DEFAULT_TYPES.get(signal.role, "")

    def _code_type(self, signal: Signal, chosen: str | None) -> str:
        codes = list(signal.map)
        numbers = bool(codes) and all(code.lstrip("-").isdigit() for code in codes)
        if chosen in INTEGER_LIMITS and not numbers:
            limit = f"the codes of {signal.key} in the line file are no whole numbers"
            self.sheet.fault(("types", signal.role), limit, chosen)
        return chosen or ("Int32" if numbers else "String")

    def _line_fits(self, states: set[str]) -> None:
        """What the line asks for and this plant cannot play."""
        for edge in self.line.edges:
            if edge.kind == "join":
                limit = f'edge {edge.from_station} to {edge.to_station}: the plant plays "flow"'
                self.sheet.fault((), f'{limit} and "rework" edges, not "join"')
        fed = {edge.to_station for edge in self.line.edges if edge.kind == "flow"}
        if not self.line.stations:
            self.sheet.fault((), "the line has no stations: there is nothing to simulate")
        elif all(station.id in fed for station in self.line.stations):
            self.sheet.fault((), "every station of the line is fed by another: none lets bodies in")
        for signal in self.line.signals:
            self._signal_fits(signal, states)
        nodes = [signal.node for signal in self.line.signals if signal.node]
        for node in sorted({node for node in nodes if nodes.count(node) > 1}):
            self.sheet.fault((), f"two signals of the line share the node {node}")

    def _signal_fits(self, signal: Signal, states: set[str]) -> None:
        if signal.source is None:
            return
        station = signal.subject_kind == "station" and signal.role in STATION_ROLES
        if not station and not (signal.subject_kind == "meter" and signal.role == "value"):
            self.sheet.fault((), f"the plant gives no {signal.role} of {signal.subject}")
        elif signal.role == "state" and signal.map:
            for state in [s for s in STATES if s in states - set(signal.map.values())]:
                self.sheet.fault((), f'{signal.key}: the line\'s map has no word for "{state}"')
        elif signal.role == "variant" and signal.map:
            for variant in [v for v in self.variants if v not in signal.map.values()]:
                self.sheet.fault((), f'{signal.key}: the line\'s map has no word for "{variant}"')
