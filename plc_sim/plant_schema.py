"""The shape of a plant file: its tables, their keys and limits (docs/simulator.md).

Times are in s; power in kW; compressed air and water in m3/h, VOC in kg/h; temperatures in degC.
What must agree with the line file is in plc_sim.plant_file.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from data.line_schema import clock
from data.toml_file import Entry, is_number

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

NumberType = Literal[
    "Float", "Double", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64"
]
CodeType = Literal[
    "String", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64"
]
Fuel = Literal["natural_gas", "lpg", "diesel", "heat", "steam"]
Positive = Annotated[float, Field(gt=0, le=1e9)]
NotNegative = Annotated[float, Field(ge=0, le=1e12)]
Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=0.3)]
Efficiency = Annotated[float, Field(gt=0, le=1)]


def _spans(spans: list[list[str]]) -> list[list[str]]:
    for pair in spans:
        if len(pair) != 2:
            raise ValueError('must be pairs of times: [["10:00", "12:00"]]')
        for text in pair:
            clock(text)
    return spans


def _by_variant(low: float, high: float) -> BeforeValidator:
    """Checks a number, or one for each variant, in one line."""

    def check(value: Any) -> Any:
        numbers: list[Any] = list(value.values()) if isinstance(value, dict) else [value]
        if numbers and all(is_number(n) and low <= n <= high for n in numbers):
            return value
        limit = f"must be a number from {low:g} to {high:g}, or {{ variant = number }} of such"
        raise ValueError(limit)

    return BeforeValidator(check)


CycleTime = Annotated[float | dict[str, float], _by_variant(0.1, 1e6)]  # s
Level = Annotated[float | dict[str, float], _by_variant(0.0, 1e9)]
Spans = Annotated[list[list[str]], AfterValidator(_spans)]


class FlowEntry(Entry):
    """How vehicles enter, when the line works, and how full it is at the start."""

    release: Literal["always", "takt"] = "always"
    takt_factor: Annotated[float, Field(ge=0.1, le=10)] = 1.0  # of the line's takt_s
    breaks: bool = False
    closed: bool = False  # nobody works: a weekend
    shifts: bool = False  # off outside the line's shifts; else round the clock
    fill: Share = 0.5


class LoadEntry(Entry):
    """What a station draws of one carrier [kW; m3/h or kg/h where the carrier is no energy]."""

    processing: Level
    idle: NotNegative
    phases: list[list[NotNegative]] = Field([[1.0, 1.0]])  # (share of the processing time, factor)
    lag_s: NotNegative = 0.0
    inrush: NotNegative = 0.0  # of the level, when processing begins; it falls with the lag
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
        """Level while processing a variant, before phase and spread; the mean for none."""
        if not isinstance(self.processing, dict):
            return self.processing
        if variant in self.processing:
            return self.processing[variant]
        return sum(self.processing.values()) / len(self.processing)


class StationEntry(Entry):
    """One station as it really is; cycle_s holds loading and unloading, not setting up."""

    id: str
    cycle_s: CycleTime
    load_s: NotNegative = 0.0
    unload_s: NotNegative = 0.0
    cycle_spread: Spread = 0.0  # relative, of the processing time
    mtbf_h: Annotated[float, Field(ge=0.001, le=1e6)] | None = (
        None  # hours of processing between failures; None: never fails
    )
    mttr_s: Positive = 180.0
    reject: Annotated[float, Field(ge=0, lt=1)] = 0.0
    standby_after_s: Positive | None = None  # starved for so long: standby
    wake_s: NotNegative = 0.0  # warming up from standby, and from off
    setup_s: NotNegative = 0.0
    setup_every: Annotated[int, Field(ge=1)] | None = None  # pieces between two changes of the die
    setup_on_variant: bool = False
    load: dict[str, LoadEntry] = Field(default_factory=dict)
    feedback: LoadEntry | None = None  # electricity that it gives back

    def cycle(self, variant: str) -> float:
        """Cycle time of a variant [s]; the mean for a part that has none."""
        if not isinstance(self.cycle_s, dict):
            return self.cycle_s
        if variant in self.cycle_s:
            return self.cycle_s[variant]
        return sum(self.cycle_s.values()) / len(self.cycle_s)


class PartEntry(Entry):
    """Parts that begin at ``head`` and meet the vehicle where the line file's join edge leads."""

    head: str
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{1,4}$")]
    order_at: str | None = None  # one for each vehicle that enters there; None: to stock
    variants: list[str] | None = None  # which vehicles need it; None: all


class Factors(Entry):
    """What an option does at a station."""

    cycle: Positive = 1.0
    load: Positive = 1.0


class OptionEntry(Entry):
    """An option of a vehicle's own bill of material."""

    id: str
    share: Share
    variants: list[str] | None = None
    stations: dict[str, Factors]


class BaseEntry(Entry):
    """A load that belongs to no station: light, ventilation, heating."""

    id: str
    covers: str  # "workshop:ID" or "plant", or a station
    carrier: str
    level: NotNegative  # kW; m3/h or kg/h where the carrier is no energy
    sd: Spread = 0.0  # relative
    memory_s: Positive = 1800.0  # how long it stays off its level
    step_s: Annotated[float, Field(ge=1)] = 300.0
    lag_s: NotNegative = 0.0
    off_shift: NotNegative = 1.0  # factor on the level outside the shifts
    in_break: NotNegative = 1.0


class OvenEntry(Entry):
    """A chamber that is held hot at a station; without bodies a thermal oxidiser."""

    id: str
    at: str
    fuel: Fuel = "natural_gas"
    set_c: Positive
    max_kw: Positive  # of the burner, as fuel
    fan_kw: NotNegative = 0.0
    ua_kw_per_k: Positive  # losses per K above the hall
    mass_kwh_per_k: Positive
    body_kwh: NotNegative = 0.0  # heat that a body takes up
    body_s: Positive = 600.0  # within so long
    efficiency: Efficiency = 0.9
    idle_fan: Share = 0.6  # of the fan with no body inside
    lead_s: NotNegative = 5400.0  # on before the shift
    band_k: Positive = 6.0  # colder than this below set_c: no body may enter


class AirEntry(Entry):
    """The compressed-air net."""

    tank_m3: Positive
    on_bar: Positive = 6.3
    off_bar: Positive = 7.0
    leak_m3h: NotNegative = 0.0  # at 7 bar


class CompressorEntry(Entry):
    """A compressor that loads and unloads; the first in the file leads."""

    id: str
    at: str
    flow_m3h: Positive
    loaded_kw: Positive
    unloaded_kw: NotNegative
    stop_after_s: Positive = 600.0


class ChillerEntry(Entry):
    """A chiller; capacity_kw is thermal, cop at 15 degC outdoors."""

    id: str
    at: str
    capacity_kw: Positive
    cop: Positive
    cop_per_k: float = -0.05
    pump_kw: NotNegative = 0.0
    min_load: Share = 0.25


class BoilerEntry(Entry):
    """A boiler; capacity_kw is thermal."""

    id: str
    at: str
    capacity_kw: Positive
    efficiency: Efficiency = 0.92
    pump_kw: NotNegative = 0.0
    fuel: Fuel = "natural_gas"


class AhuEntry(Entry):
    """An air handling unit of a hall or a booth."""

    id: str
    at: str
    fan_kw: NotNegative
    air_kw_per_k: NotNegative
    heat_to_c: float = 18.0
    cool_to_c: float = 26.0
    recovery: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    heat_by: Literal["hot_water", "natural_gas", "heat"] = "hot_water"
    cool_by: Literal["chilled_water"] | None = None
    off_shift: Share = 0.3
    efficiency: Efficiency = 0.92
    lead_s: NotNegative = 3600.0


class WeatherEntry(Entry):
    """Outdoor temperature and sun of the place."""

    mean_c: Annotated[float, Field(ge=-40, le=50)] = 12.0
    swing_c: NotNegative = 5.0
    sd_c: NotNegative = 0.8
    latitude: Annotated[float, Field(ge=-66, le=66)] = 31.0
    longitude: Annotated[float, Field(ge=-180, le=180)] = 121.0
    cloud: Share = 0.3
    cloud_memory_s: Positive = 1800.0


class PvEntry(Entry):
    """A photovoltaic roof."""

    kwp: Positive
    performance: Efficiency = 0.8


class StorageEntry(Entry):
    """A battery storage; efficiency each way, times local."""

    kwh: Positive
    kw: Positive
    efficiency: Efficiency = 0.96
    charge: Spans = Field([["23:00", "07:00"]])
    discharge: Spans = Field([["10:00", "12:00"], ["14:00", "17:00"]])
    start: Share = 0.5


class MeterEntry(Entry):
    """How the meters ``for`` report: resolution is in the value as sent, start in the unit."""

    for_: Annotated[str | list[str], Field(alias="for")]
    type: NumberType
    period_s: Annotated[float, Field(ge=0.01, le=86_400)] = 1.0
    resolution: NotNegative = 0.0
    noise: Spread = 0.0  # relative, of a rate
    gain_error: Annotated[float, Field(ge=-0.2, le=0.2)] = 0.0
    drift_per_day: Annotated[float, Field(ge=-0.1, le=0.1)] = 0.0  # relative, of the gain
    start: NotNegative = 0.0  # what a counter shows when the plant starts
    units: list[str] | None = None  # sees these alone: ids of stations, bases and units, patterns


class TypesEntry(Entry):
    """OPC UA types of the stations' signals."""

    state: CodeType | None = None
    variant: CodeType | None = None
    good_count: NumberType | None = None
    reject_count: NumberType | None = None
    alarm: NumberType | None = None
    cycle_time: Literal["Float", "Double"] | None = None
    outdoor_temperature: Literal["Float", "Double"] | None = None
    irradiance: Literal["Float", "Double"] | None = None
    process_value: Literal["Float", "Double"] | None = None
