"""The true parameters of a plant: ``plants/ID.toml``, checked against its line file.

Everything that the twin must find out is here and nowhere else: power by state, phase and variant,
cycle times and their spread, breakdowns, ovens, utilities, and how good the meters are. Nothing
outside plc_sim opens these files. plc_sim.plant_schema has the shape, docs/simulator.md the keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from data.line import ENERGY_CARRIERS, STATES, Line, Meter, Signal
from data.toml_file import Entry, Faults, Sheet, nearest, read_text, whole
from data.units import to_base
from plc_sim.plant_schema import (
    INTEGER_LIMITS,
    AhuEntry,
    AirEntry,
    BaseEntry,
    BoilerEntry,
    ChillerEntry,
    CompressorEntry,
    FlowEntry,
    LoadEntry,
    MeterEntry,
    OptionEntry,
    OvenEntry,
    PartEntry,
    PvEntry,
    StationEntry,
    StorageEntry,
    TypesEntry,
    WeatherEntry,
)

FORMAT = "greenline.plant/1"
PLANTS = Path(__file__).parent / "plants"

_PER_HOUR = {"kW": "kWh", "m3/h": "m3", "kg/h": "kg"}
CODE_ROLES = ("state", "variant")
GAUGE_ROLES = ("outdoor_temperature", "irradiance", "process_value")
STATION_ROLES = ("good_count", "reject_count", "cycle_time", "alarm", "vehicle", "variant", "state")
DEFAULT_TYPES = {
    "good_count": "UInt32",
    "reject_count": "UInt32",
    "alarm": "UInt16",
    "cycle_time": "Float",
    "vehicle": "String",
    "outdoor_temperature": "Float",
    "irradiance": "Float",
    "process_value": "Float",
}
_SINGLES: dict[str, type[Entry]] = {
    "air": AirEntry,
    "weather": WeatherEntry,
    "pv": PvEntry,
    "storage": StorageEntry,
}
_UNITS: dict[str, type[Entry]] = {
    "oven": OvenEntry,
    "compressor": CompressorEntry,
    "chiller": ChillerEntry,
    "boiler": BoilerEntry,
    "ahu": AhuEntry,
}
_MACHINES = ("compressor", "chiller", "boiler")  # alone at their stations
_TABLES = (
    "format",
    "line",
    "flow",
    "station",
    "part",
    "option",
    "base",
    *_SINGLES,
    *_UNITS,
    "meter",
    "types",
    "heating_value",
)

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFile:
    """A plant file that fits its line; units in the order of the file."""

    flow: FlowEntry
    stations: Mapping[str, StationEntry]
    bases: tuple[BaseEntry, ...]
    meters: Mapping[str, MeterEntry]  # by meter id
    signal_types: tuple[str, ...]  # OPC UA type by signal index; "" for what is not served
    heating_value: Mapping[str, float]  # kWh per m3 by carrier
    parts: tuple[PartEntry, ...] = ()
    options: tuple[OptionEntry, ...] = ()
    ovens: tuple[OvenEntry, ...] = ()
    air: AirEntry | None = None
    compressors: tuple[CompressorEntry, ...] = ()
    chillers: tuple[ChillerEntry, ...] = ()
    boilers: tuple[BoilerEntry, ...] = ()
    ahus: tuple[AhuEntry, ...] = ()
    weather: WeatherEntry = field(default_factory=WeatherEntry)
    pv: PvEntry | None = None
    storage: StorageEntry | None = None

    @property
    def machines(self) -> frozenset[str]:
        """Stations that no vehicle passes: of the utilities, and of ovens without bodies."""
        made = [*(unit.at for unit in self.compressors), *(unit.at for unit in self.chillers)]
        burnt = [oven.at for oven in self.ovens if oven.body_kwh == 0.0]
        return frozenset([*made, *(unit.at for unit in self.boilers), *burnt])


@dataclass(frozen=True, slots=True)
class Overlay:
    """A scenario's change of a plant file: keys of one table, or of the entry with an id."""

    table: str
    id: str | None
    keys: Mapping[str, Any]


def bundled_plants() -> tuple[str, ...]:
    """Ids of the lines that have a simulated plant."""
    return tuple(sorted(path.stem for path in PLANTS.glob("*.toml")))


def load_plant(line: Line, overlays: Sequence[Overlay] = ()) -> PlantFile:
    """The bundled plant of a line; raises Faults with all that is wrong, or that there is none."""
    path = PLANTS / f"{line.plant.id}.toml"
    if line.plant.id not in bundled_plants():
        known = bundled_plants()
        limit = f"no simulated plant for this line; there is one for {', '.join(known)}"
        raise Faults([whole(f'line "{line.plant.id}"', limit, nearest(line.plant.id, known))])
    return parse_plant(read_text(path), line, f"plc_sim/plants/{path.name}", overlays)


def parse_plant(text: str, line: Line, where: str, overlays: Sequence[Overlay] = ()) -> PlantFile:
    """The plant that a TOML text describes; raises Faults with everything that is wrong in it."""
    sheet = Sheet(text, where)
    for overlay in overlays:
        _lay_over(sheet, overlay)
    reader = _Reader(sheet, line)
    plant = reader.plant()
    if sheet.faults:
        raise Faults(sheet.faults)
    return plant


def _lay_over(sheet: Sheet, overlay: Overlay) -> None:
    table = sheet.tables.get(overlay.table)
    if overlay.id is not None:
        entries = table if isinstance(table, list) else []
        table = next((entry for entry in entries if entry.get("id") == overlay.id), None)
    if not isinstance(table, dict):
        name = overlay.table + (f' "{overlay.id}"' if overlay.id else "")
        sheet.faults.append(whole(sheet.where, f"the scenario changes {name}, which is not there"))
        return
    _merge(table, overlay.keys)


def _merge(table: dict[str, Any], keys: Mapping[str, Any]) -> None:
    for key, value in keys.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            _merge(table[key], value)
        else:
            table[key] = value


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


def _states_shown(plant: PlantFile) -> set[str]:
    stations = plant.stations.values()
    states = {"idle", "processing", "starved", "blocked", "failed"}
    if plant.flow.breaks:
        states.add("stopped")
    if plant.flow.shifts:
        states |= {"off", "warming_up"}
    if any(station.standby_after_s for station in stations) or plant.compressors:
        states.add("standby")
    if any(station.standby_after_s for station in stations) or plant.ovens:
        states.add("warming_up")
    if any(station.setup_s for station in stations):
        states.add("setup")
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
        self.station_ids = [station.id for station in line.stations]

    def plant(self) -> PlantFile:
        """The plant; not to be used if the sheet has faults afterwards."""
        self._header()
        flow = self._flow()
        units: dict[str, Any] = {kind: self._units(kind) for kind in _UNITS}
        stations = dict(self._stations(units))
        heating = self._heating_values()
        meters = self._meters(heating)
        types = self._types()
        singles: dict[str, Any] = {n: self._single(n, model) for n, model in _SINGLES.items()}
        self._air(units["compressor"], singles["air"])
        plant = PlantFile(
            flow=flow,
            stations=stations,
            parts=tuple(self._parts()),
            options=tuple(self._options()),
            bases=tuple(self._bases()),
            meters=meters,
            signal_types=tuple(self._type(signal, meters, types) for signal in self.line.signals),
            heating_value=heating,
            **{f"{kind}s": entries for kind, entries in units.items()},
            **{name: entry for name, entry in singles.items() if entry is not None},
        )
        self._unit_patterns(plant, meters.values())
        self._units_fit(plant)
        self._line_fits(plant)
        return plant

    def _header(self) -> None:
        tables = self.sheet.tables
        self.sheet.top_level(_TABLES)
        if tables.get("format") != FORMAT:
            self.sheet.fault(("format",), f'must be "{FORMAT}"', tables.get("format"))
        if tables.get("line") != self.line.plant.id:
            limit = f'must be "{self.line.plant.id}", the line\'s plant.id'
            self.sheet.fault(("line",), limit, tables.get("line"))

    def _single(self, name: str, model: type[E]) -> E | None:
        return self.sheet.entry(model, (name,)) if name in self.sheet.tables else None

    def _flow(self) -> FlowEntry:
        flow = self._single("flow", FlowEntry) or FlowEntry()
        if flow.release == "takt" and self.line.plant.takt_s is None:
            self.sheet.fault(("flow", "release"), "needs the line's plant.takt_s", "takt")
        if flow.shifts and not self.line.shifts:
            self.sheet.fault(("flow", "shifts"), "the line has no shifts", True)
        return flow

    def _units(self, kind: str) -> tuple[Any, ...]:
        entries, seen = [], set[str]()
        for i, entry in self.sheet.entries(_UNITS[kind], kind):
            unit: Any = entry
            halls = [f"workshop:{w.id}" for w in self.line.workshops] if kind == "ahu" else []
            if unit.at not in (known := [*self.station_ids, *halls]):
                self.sheet.unknown((kind, i, "at"), unit.at, "part of the plant", known)
            if unit.id in seen:
                self.sheet.fault((kind, i, "id"), "is there twice", unit.id)
            seen.add(unit.id)
            entries.append(unit)
        return tuple(entries)

    def _air(self, compressors: Sequence[object], air: object) -> None:
        if compressors and air is None:
            self.sheet.fault(("air",), "is missing: there are compressors")
        elif air is not None and not compressors:
            self.sheet.fault(("air",), "has no compressor")

    def _stations(self, units: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, StationEntry]]:
        known = self.station_ids
        machines = {unit.at for kind in _MACHINES for unit in units[kind]}
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
        for missing in sorted(set(known) - set(self.sheet.raw_ids("station"))):
            if missing in machines:
                yield missing, StationEntry(id=missing, cycle_s=1.0)
            else:
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
        if (entry.setup_every or entry.setup_on_variant) and not entry.setup_s:
            self.sheet.fault((*path, "setup_s"), "is needed: how long setting up takes")
        for carrier, load in entry.load.items():
            self._load((*path, "load", carrier), carrier, load)
        if entry.feedback is not None:
            self._load((*path, "feedback"), "electricity", entry.feedback)

    def _parts(self) -> Iterator[PartEntry]:
        for i, entry in self.sheet.entries(PartEntry, "part"):
            for key in ("head", "order_at"):
                name = getattr(entry, key)
                if name is not None and name not in self.station_ids:
                    self.sheet.unknown(("part", i, key), name, "station", self.station_ids)
            self._known_variants(("part", i, "variants"), entry.variants)
            yield entry

    def _options(self) -> Iterator[OptionEntry]:
        for i, entry in self.sheet.entries(OptionEntry, "option"):
            self._known_variants(("option", i, "variants"), entry.variants)
            for name in entry.stations:
                if name not in self.station_ids:
                    path = ("option", i, "stations", name)
                    self.sheet.unknown(path, name, "station", self.station_ids)
            yield entry

    def _known_variants(self, path: tuple[str | int, ...], names: Sequence[str] | None) -> None:
        for name in names or ():
            if name not in self.variants:
                self.sheet.unknown(path, name, "variant in the line file", self.variants)

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
        halls = [f"workshop:{workshop.id}" for workshop in self.line.workshops]
        known = [*halls, "plant", *self.station_ids]
        seen: set[str] = set()
        for i, entry in self.sheet.entries(BaseEntry, "base"):
            if entry.covers not in known:
                self.sheet.unknown(("base", i, "covers"), entry.covers, "part of the plant", known)
            if entry.id in seen:
                self.sheet.fault(("base", i, "id"), "is there twice", entry.id)
            self._carrier(("base", i, "carrier"), entry.carrier)
            seen.add(entry.id)
            yield entry

    def _units_fit(self, plant: PlantFile) -> None:
        """What units burn has a meter, what heats and cools has a maker, and ids are alone."""
        for i, oven in enumerate(plant.ovens):
            self._carrier(("oven", i, "fuel"), oven.fuel)
        for i, boiler in enumerate(plant.boilers):
            self._carrier(("boiler", i, "fuel"), boiler.fuel)
        made = {"hot_water": plant.boilers, "chilled_water": plant.chillers}
        for i, ahu in enumerate(plant.ahus):
            for key, carrier in (("heat_by", ahu.heat_by), ("cool_by", ahu.cool_by)):
                if carrier in made and not made[carrier]:
                    self.sheet.fault(("ahu", i, key), "nothing in the plant makes it", carrier)
                elif carrier is not None and carrier not in made:
                    self._carrier(("ahu", i, key), carrier)
        ids = [*(base.id for base in plant.bases), *unit_ids(plant)]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            self.sheet.fault((), f'"{name}" is the id of two loads')
        options = [option.id for option in plant.options]
        for name in sorted({name for name in options if options.count(name) > 1}):
            self.sheet.fault(("option",), f'"{name}" is there twice')

    def _unit_patterns(self, plant: PlantFile, meters: Iterable[MeterEntry]) -> None:
        known = [*self.station_ids, *(base.id for base in plant.bases), *unit_ids(plant)]
        for pattern in dict.fromkeys(p for entry in meters for p in entry.units or ()):
            if not any(fnmatchcase(name, pattern) for name in known):
                self.sheet.unknown(("meter",), pattern, "unit or station", known)

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
        if meter.direction not in ("consume", "import") and meter.carrier != "electricity":
            limit = f'"{meter.id}": the simulated plant has no {meter.carrier} of direction'
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

    def _line_fits(self, plant: PlantFile) -> None:
        """What the line asks for and this plant cannot play."""
        fed = {edge.to_station for edge in self.line.edges if edge.kind == "flow"}
        heads = {part.head for part in plant.parts}
        free = [s for s in self.station_ids if s not in fed | heads | plant.machines]
        if not self.line.stations:
            self.sheet.fault((), "the line has no stations: there is nothing to simulate")
        elif not free:
            self.sheet.fault((), "every station of the line is fed by another: none lets bodies in")
        passed = {name for edge in self.line.edges for name in (edge.from_station, edge.to_station)}
        for name in sorted(plant.machines & passed):
            self.sheet.fault((), f'a way of the line leads to "{name}", which vehicles do not pass')
        for head in sorted(heads & fed):
            self.sheet.fault(
                ("part",), f'"{head}" is fed by another station, so no part begins there'
            )
        for edge in self.line.edges:
            if edge.kind == "join" and part_of(self.line, plant.parts, edge.from_station) is None:
                way = f"{edge.from_station} to {edge.to_station}"
                self.sheet.fault(("part",), f"no part comes the way that joins from {way}")
        states = _states_shown(plant)
        for signal in self.line.signals:
            self._signal_fits(signal, states, plant)
        nodes = [signal.node for signal in self.line.signals if signal.node]
        for node in sorted({node for node in nodes if nodes.count(node) > 1}):
            self.sheet.fault((), f"two signals of the line share the node {node}")

    def _signal_fits(self, signal: Signal, states: set[str], plant: PlantFile) -> None:
        if signal.source is None:
            return
        if signal.role in GAUGE_ROLES:
            if (signal.subject, signal.role) not in gauges_of(plant):
                self.sheet.fault((), f"the plant gives no {signal.role} of {signal.subject}")
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


def part_of(line: Line, parts: Sequence[PartEntry], station: str) -> PartEntry | None:
    """The part whose own line ends at, or passes, a station; None: vehicles pass it."""
    before = {station}
    for _ in line.stations:
        before |= {
            e.from_station for e in line.edges if e.kind == "flow" and e.to_station in before
        }
    return next((part for part in parts if part.head in before), None)


def unit_ids(plant: PlantFile) -> tuple[str, ...]:
    """Ids of all ovens, utilities and air handling units, and of the leak of the air net."""
    return (
        *(oven.id for oven in plant.ovens),
        *(compressor.id for compressor in plant.compressors),
        *(chiller.id for chiller in plant.chillers),
        *(boiler.id for boiler in plant.boilers),
        *(ahu.id for ahu in plant.ahus),
        *(["leak"] if plant.air else []),
    )


def gauges_of(plant: PlantFile) -> frozenset[tuple[str, str]]:
    """What the plant measures beside its meters: (subject, role)."""
    stations = [*(oven.at for oven in plant.ovens), *(unit.at for unit in plant.compressors)]
    weather = [("plant", "outdoor_temperature"), ("plant", "irradiance")]
    return frozenset([*weather, *((station, "process_value") for station in stations)])
