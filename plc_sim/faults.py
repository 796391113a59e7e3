"""What goes wrong on the wire, on a schedule: the [[fault]] tables of a scenario or an own file.

What each kind does is in plc_sim.wire; docs/simulator.md lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from data.line import Line, Signal
from data.toml_file import Entry, Fault, Sheet, whole
from plc_sim.load import microseconds
from plc_sim.plant_file import PlantFile
from plc_sim.plant_schema import INTEGER_LIMITS, REAL_TYPES

NEVER_US = 1 << 62  # a fault without an end
COUNTS = ("good_count", "reject_count")

_BAD_SENSOR_FAILURE = 0x808C0000
_UNCERTAIN_LAST_USABLE = 0x40900000
_FIRST_YEAR, _LAST_YEAR = 1971, 2199  # of what a log's times can be
_LEAST_BAD, _LEAST_UNCERTAIN = 0x80000000, 0x40000000

Fits = Callable[[Signal, Line, PlantFile], bool]


def _any(signal: Signal, line: Line, plant: PlantFile) -> bool:
    return True


def _real(signal: Signal, line: Line, plant: PlantFile) -> bool:
    return plant.signal_types[signal.index] in REAL_TYPES


def _counts(signal: Signal, line: Line, plant: PlantFile) -> bool:
    counters = {meter.id for meter in line.meters if meter.kind == "counter"}
    return signal.role in COUNTS or (signal.role == "value" and signal.subject in counters)


def _rolls_over(signal: Signal, line: Line, plant: PlantFile) -> bool:
    rolling = {m.id for m in line.meters if m.kind == "counter" and m.rolls_over_at is not None}
    return signal.role == "value" and signal.subject in rolling


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of fault takes besides at_s and clock, and which signals it fits."""

    takes: tuple[str, ...] = ("for_s", "signals")
    needs: tuple[str, ...] = ()
    clock: str = "plant"
    fits: Fits = _any
    what: str = "signal"  # that it fits


_ENDPOINT = Kind(takes=("for_s",), needs=("for_s",), clock="wall")
_STATUS = Kind(takes=("for_s", "signals", "status"))
_REAL = Kind(fits=_real, what="signal of type Float or Double")
KINDS = {
    "server_restart": _ENDPOINT,
    "half_open": _ENDPOINT,
    "bad_status": _STATUS,
    "uncertain_status": _STATUS,
    "frozen_value": Kind(),
    "frozen_time": Kind(),
    "clock_jump": Kind(takes=("for_s", "signals", "jump_s", "to")),
    "no_clock": Kind(),
    "counter_reset": Kind(takes=("signals",), fits=_counts, what="counter"),
    "counter_rollover": Kind(
        takes=("signals",), fits=_rolls_over, what="counter with rolls_over_at in the line file"
    ),
    "nan": _REAL,
    "inf": _REAL,
    "out_of_order": Kind(takes=("for_s", "signals", "within_s")),
    "duplicate": Kind(),
    "node_gone": Kind(),
    "burst": Kind(takes=("for_s", "signals", "factor"), needs=("for_s",)),
    "missing": Kind(),
}
ON_ENDPOINT = ("server_restart", "half_open")


class FaultEntry(Entry):
    """One [[fault]] table; which keys a kind takes is in ``KINDS``."""

    kind: str
    at_s: Annotated[float, Field(ge=0, le=1e7)]
    for_s: Annotated[float, Field(gt=0, le=1e7)] | None = None  # None: to the end of the run
    clock: Literal["plant", "wall"] | None = None
    signals: str | list[str] | None = None  # patterns of signal keys; None: all that it fits
    status: Annotated[int, Field(ge=0, lt=1 << 32)] | None = None
    jump_s: Annotated[float, Field(ge=-1e9, le=1e9)] | None = None
    to: str | None = None  # ISO 8601, UTC
    within_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    factor: Annotated[int, Field(ge=2, le=1000)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFault:
    """A fault of the wire in plant time [us since the start]."""

    kind: str
    signals: tuple[int, ...]  # indices into Line.signals
    begin_us: int
    end_us: int  # NEVER_US: lasts to the end of the run
    status: int  # OPC UA StatusCode
    jump_ns: int
    to_ns: int | None  # UTC: what the clock shows when the fault begins
    within_us: int
    factor: int


def parse_faults(sheet: Sheet, line: Line, plant: PlantFile, speed: float = 1.0) -> list[WireFault]:
    """The [[fault]] entries of a sheet; what is wrong in it gathers there.

    ``speed``: plant seconds per wall second.
    """
    reader = _Reader(sheet, line, plant, speed)
    return [fault for fault in reader.faults() if fault is not None]


class _Reader:
    """Reads the faults of one sheet."""

    def __init__(self, sheet: Sheet, line: Line, plant: PlantFile, speed: float) -> None:
        self.sheet = sheet
        self.line = line
        self.plant = plant
        self.speed = speed

    def faults(self) -> Iterator[WireFault | None]:
        for i, entry in self.sheet.entries(FaultEntry, "fault"):
            kind = KINDS.get(entry.kind)
            if kind is None:
                self.sheet.unknown(("fault", i, "kind"), entry.kind, "kind of fault", KINDS)
                continue
            self._keys(("fault", i), entry, kind)
            yield self._fault(("fault", i), entry, kind)

    def _keys(self, path: tuple[str, int], entry: FaultEntry, kind: Kind) -> None:
        for key in ("for_s", "signals", "status", "jump_s", "to", "within_s", "factor"):
            value = getattr(entry, key)
            if value is not None and key not in kind.takes:
                self.sheet.fault((*path, key), f"is no key of a {entry.kind}", value)
            elif value is None and key in kind.needs:
                self.sheet.fault((*path, key), "is missing")
        if entry.kind == "clock_jump" and (entry.jump_s is None) == (entry.to is None):
            self.sheet.fault(path, "needs one of jump_s and to")

    def _fault(self, path: tuple[str, int], entry: FaultEntry, kind: Kind) -> WireFault:
        clock = entry.clock or kind.clock
        factor = self.speed if clock == "wall" else 1.0
        begin_us = microseconds(entry.at_s * factor)
        lasting_us = None if entry.for_s is None else microseconds(entry.for_s * factor)
        if entry.kind in ("counter_reset", "counter_rollover") or lasting_us is None:
            lasting_us = NEVER_US
        return WireFault(
            kind=entry.kind,
            signals=tuple(self._signals(path, entry, kind)),
            begin_us=begin_us,
            end_us=min(NEVER_US, begin_us + lasting_us),
            status=self._status(path, entry),
            jump_ns=round((entry.jump_s or 0.0) * 1e9),
            to_ns=None if entry.to is None else self._date(path, entry.to),
            within_us=microseconds(5.0 if entry.within_s is None else entry.within_s),
            factor=entry.factor or 10,
        )

    def _signals(self, path: tuple[str, int], entry: FaultEntry, kind: Kind) -> list[int]:
        served = [signal for signal in self.line.signals if signal.source is not None]
        fitting = [s for s in served if kind.fits(s, self.line, self.plant)]
        given = "*" if entry.signals is None else entry.signals
        found: set[int] = set()
        if given == []:
            self.sheet.fault((*path, "signals"), "names no signal", given)
        for pattern in [given] if isinstance(given, str) else given:
            named = [s for s in served if fnmatchcase(s.key, pattern)]
            fits = {s.index for s in named if s in fitting}
            found |= fits
            if not named:
                keys = [signal.key for signal in served]
                self.sheet.unknown((*path, "signals"), pattern, "signal", keys)
            elif not fits:
                limit = f"a {entry.kind} needs a {kind.what}: none of these is one"
                self.sheet.fault((*path, "signals"), limit, pattern)
        return sorted(found)

    def _status(self, path: tuple[str, int], entry: FaultEntry) -> int:
        if entry.kind == "uncertain_status":
            least, most, default = _LEAST_UNCERTAIN, _LEAST_BAD, _UNCERTAIN_LAST_USABLE
        else:
            least, most, default = _LEAST_BAD, 1 << 32, _BAD_SENSOR_FAILURE
        status = default if entry.status is None else entry.status
        if not least <= status < most:
            limit = f"0x{status:08X} is no such status: must be 0x{least:08X} to 0x{most - 1:08X}"
            self.sheet.fault((*path, "status"), limit)
        return status

    def _date(self, path: tuple[str, int], text: str) -> int:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self.sheet.fault((*path, "to"), 'must be a date such as "2000-01-01"', text)
            return 0
        if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            limit = f"must lie in the years {_FIRST_YEAR} to {_LAST_YEAR}"
            self.sheet.fault((*path, "to"), limit, text)
            return 0
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) * 10**9


def overlaps(faults: Sequence[WireFault], where: str, speed: float) -> Iterator[Fault]:
    """The endpoint cannot go away twice at once."""
    ordered = sorted((f for f in faults if f.kind in ON_ENDPOINT), key=lambda f: f.begin_us)
    for one, other in pairwise(ordered):
        if one.end_us >= other.begin_us:
            begun_s, begins_s = one.begin_us / 1e6 / speed, other.begin_us / 1e6 / speed
            limit = f"the {other.kind} at {begins_s:g} s begins before the {one.kind} at"
            yield whole(where, f"{limit} {begun_s:g} s is over (wall seconds)")


def counter_range(signal: Signal, line: Line, plant: PlantFile) -> tuple[float, float]:
    """Where a metered counter rolls over, and its step, both as sent; 0: it has none."""
    meter = next(meter for meter in line.meters if meter.id == signal.subject)
    entry = plant.meters[meter.id]
    step = entry.resolution or (1.0 if entry.type in INTEGER_LIMITS else 0.0)
    return (meter.rolls_over_at or 0.0) / signal.scale, step
