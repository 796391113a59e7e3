"""What the forward model is told: stations, ways, vehicles and the calendar, from now on.

Time 0 is now; all times are in seconds. Indices are places in the tuples of ``FlowModel``. Nothing
here is compiled or drawn: ``twin.flow`` runs it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twin.kernels.flow_serial import PROCESSING

# Columns of power_kw and of booked seconds; processing follows, one for each variant.
STATES = ("off", "standby", "warming_up", "starved", "blocked", "failed", "stopped")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Processing time at one place, triangular between low and high [s]."""

    low_s: float
    mode_s: float
    high_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StationModel:
    """A station: ``cycles`` by variant; waited_s and off speak of its empty places at time 0.

    A place fails after an exponential time of mean mtbf_s [s], of processing or, by_calendar, of
    any time; None: never. The share ``reject`` goes back, or off the line where no way leads back.
    """

    id: str
    cycles: tuple[Cycle, ...]
    places: int = 1
    mtbf_s: float | None = None
    mttr_s: float = 0.0
    by_calendar: bool = False
    reject: float = 0.0
    standby_after_s: float | None = None
    wake_s: float = 0.0  # warming up from standby and from off
    waited_s: float = 0.0
    off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WayModel:
    """A way between two stations; ``variants`` meet a part of a joining way, None: all."""

    origin: int
    target: int
    room: int
    kind: str = "flow"  # or "rework", "join"
    variants: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A vehicle or part, in the order of the sequence; where it is at time 0.

    It is released to ``station`` at release_s; or waits on ``way``, since arrived_s; or, with
    left_s, is in a place of ``station`` that has so much processing left, and fails for repair_s.
    """

    variant: int
    station: int
    release_s: float = 0.0
    way: int | None = None
    arrived_s: float = 0.0
    left_s: float | None = None
    repair_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Closed:
    """Time in which no cycle begins: a break, or off shift [s]."""

    from_s: float
    to_s: float
    off: bool = False


class ImpossibleLine(ValueError):
    """What a model cannot be; ``faults`` has one line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True)
class FlowModel:
    """A line and what comes; power_kw: (stations, STATES and variants, carriers) of one place.

    Raises ImpossibleLine for values that no line can have. horizon_s None: until all is done.
    """

    stations: tuple[StationModel, ...]
    ways: tuple[WayModel, ...]
    items: tuple[Item, ...]
    variants: tuple[str, ...]
    carriers: tuple[str, ...]
    power_kw: Floats
    closed: tuple[Closed, ...] = ()
    horizon_s: float | None = None

    def __post_init__(self) -> None:
        faults = [
            *_station_faults(self),
            *_way_faults(self),
            *_item_faults(self),
            *_calendar_faults(self),
        ]
        if faults:
            raise ImpossibleLine(faults)

    @property
    def heads(self) -> tuple[int, ...]:
        """Stations that items are released to, in line order."""
        return tuple(sorted({i.station for i in self.items if i.way is None and i.left_s is None}))


def _limit(what: str, value: float, low: float, high: float, unit: str) -> list[str]:
    if low <= value <= high and not math.isinf(value):
        return []
    allowed = f"{low:g} to {high:g}{unit}" if math.isfinite(high) else f"{low:g}{unit} or above"
    return [f"{what} = {value:g}: must be {allowed}"]


def _station_faults(model: FlowModel) -> list[str]:
    faults, shape = [], (len(model.stations), PROCESSING + len(model.variants), len(model.carriers))
    if model.power_kw.shape != shape:
        faults.append(f"power_kw has the shape {model.power_kw.shape}: must be {shape}")
    elif not np.isfinite(model.power_kw).all():
        faults.append("power_kw: must be finite")
    for station in model.stations:
        name = f"station {station.id}"
        if len(station.cycles) != len(model.variants):
            faults.append(
                f"{name}: has {len(station.cycles)} cycles for {len(model.variants)} variants"
            )
        for cycle in station.cycles:
            if not 0 <= cycle.low_s <= cycle.mode_s <= cycle.high_s < math.inf:
                faults.append(f"{name}: {cycle}: must be 0 <= low_s <= mode_s <= high_s")
        faults += _limit(f"{name}: places", station.places, 1, math.inf, "")
        faults += _limit(f"{name}: mttr_s", station.mttr_s, 0, math.inf, " s")
        faults += _limit(f"{name}: wake_s", station.wake_s, 0, math.inf, " s")
        faults += _limit(f"{name}: waited_s", station.waited_s, 0, math.inf, " s")
        faults += _limit(f"{name}: reject", station.reject, 0, 1, "")
        if station.mtbf_s is not None and not 0 < station.mtbf_s < math.inf:
            faults.append(f"{name}: mtbf_s = {station.mtbf_s:g}: must be above 0 s")
        if station.standby_after_s is not None:
            faults += _limit(f"{name}: standby_after_s", station.standby_after_s, 0, math.inf, " s")
    return faults


def _way_faults(model: FlowModel) -> list[str]:
    faults, count = [], len(model.stations)
    for w, way in enumerate(model.ways):
        if not (0 <= way.origin < count and 0 <= way.target < count):
            faults.append(f"way {w}: leads from {way.origin} to {way.target}: no such stations")
            continue
        name = f"way {model.stations[way.origin].id} to {model.stations[way.target].id}"
        faults += _limit(f"{name}: room", way.room, 0, math.inf, "")
        if way.kind not in ("flow", "rework", "join"):
            faults.append(f"{name}: kind = {way.kind!r}: must be flow, rework or join")
        waiting = sum(item.way == w for item in model.items)
        if waiting > max(way.room, 0):
            faults.append(f"{name}: {waiting} wait on it, and it has room for {way.room}")
    return faults


def _item_faults(model: FlowModel) -> list[str]:
    faults, inside = [], [0] * len(model.stations)
    for i, item in enumerate(model.items):
        if not 0 <= item.variant < len(model.variants):
            faults.append(f"item {i}: variant {item.variant}: there are {len(model.variants)}")
        if not 0 <= item.station < len(model.stations):
            faults.append(f"item {i}: station {item.station}: there are {len(model.stations)}")
            continue
        if item.way is not None and not 0 <= item.way < len(model.ways):
            faults.append(f"item {i}: way {item.way}: there are {len(model.ways)}")
        faults += _limit(f"item {i}: release_s", item.release_s, 0, math.inf, " s")
        faults += _limit(f"item {i}: repair_s", item.repair_s, 0, math.inf, " s")
        if item.left_s is not None:
            faults += _limit(f"item {i}: left_s", item.left_s, 0, math.inf, " s")
            inside[item.station] += 1
    for station, held in zip(model.stations, inside, strict=True):
        if held > station.places:
            faults.append(f"station {station.id}: holds {held}, and has {station.places} places")
    return faults


def _calendar_faults(model: FlowModel) -> list[str]:
    faults = []
    if model.horizon_s is not None:
        faults += _limit("horizon_s", model.horizon_s, 0, math.inf, " s")
    for span in model.closed:
        if not 0 <= span.from_s < span.to_s < math.inf:
            faults.append(
                f"closed from {span.from_s:g} to {span.to_s:g} s: must be a span from 0 on"
            )
    for one, two in pairwise(model.closed):
        if two.from_s < one.to_s:
            faults.append(f"closed from {two.from_s:g} s: begins before the one before it ends")
    return faults
