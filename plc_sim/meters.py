"""Meters as they are: noisy, quantised, drifting, in the type and scale that they send.

All meters of a plant are read together: a poll only notes which pieces of the loads are in force,
and ``MeterBank.take`` reckons everything that was noted at once.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nextafter
from typing import NamedTuple

import numpy as np

from plc_sim.load import US_PER_S, Floats, Indices, Load, LoadBank
from plc_sim.plant_schema import INTEGER_LIMITS, MeterEntry
from plc_sim.streams import stream

RawValue = str | int | float

_DAY_US = 86_400 * US_PER_S
_NOISE_LIMIT = 4.0  # standard deviations
_NOISE_BULK = 256
_MOST_ROUNDS = 512  # combinations of collectors that are kept
_ON_STEP = 1e-9  # a value a rounding error below a step is on it
_FLOAT_MOST = float(np.finfo(np.float32).max)


# The least and the most that a number type holds; no float64 but the one below is at most an Int64.
LIMITS = {
    **{name: (float(low), float(high)) for name, (low, high) in INTEGER_LIMITS.items()},
    "Int64": (-(2.0**63), nextafter(2.0**63, 0.0)),
    "UInt64": (0.0, nextafter(2.0**63, 0.0)),
    "Float": (-_FLOAT_MOST, _FLOAT_MOST),
    "Double": (-inf, inf),
}


def rounded_to_type(value: float, opc_type: str) -> int | float:
    """A number as it is after the OPC UA type has held it; types saturate at their limits."""
    low, high = LIMITS[opc_type]
    if opc_type in INTEGER_LIMITS:
        return int(max(low, min(high, round(value))))
    if opc_type == "Float" and low <= value <= high:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    return max(low, min(high, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSpec:
    """One meter: its loads with their weights, and how many units as sent one of theirs is.

    A gauge is a meter of a load that ``gauge`` tells the level of at each poll.
    """

    name: str  # of its stream of noise
    kind: str  # one of data.line's METER_KINDS, or "gauge"
    loads: Sequence[tuple[Load, float]]
    gauge: Callable[[], float] | None = None
    entry: MeterEntry
    sent_per_load: float
    sent_per_unit: float  # of the meter: one over the signal's scale
    rolls_over_at: float | None = None  # in the meter's unit


class Noise:
    """Standard normal numbers for some meters, each of its own stream, drawn in bulk."""

    def __init__(self, seed: int, names: Sequence[str]) -> None:
        self._generators = [stream(seed, "noise", name) for name in names]
        self._drawn: Floats = np.zeros((0, len(names)))
        self._next = 0

    def next(self) -> Floats:
        """The next one of each, cut at four standard deviations."""
        if self._next == len(self._drawn):
            draws = [generator.standard_normal(_NOISE_BULK) for generator in self._generators]
            self._drawn = np.clip(np.array(draws).T, -_NOISE_LIMIT, _NOISE_LIMIT)
            self._next = 0
        self._next += 1
        drawn: Floats = self._drawn[self._next - 1]
        return drawn


class Collector:
    """Meters that are polled together: their numbers in the bank, and their loads in a row."""

    def __init__(
        self, meters: Sequence[int], specs: Sequence[MeterSpec], loads: LoadBank, seed: int
    ) -> None:
        ours = [specs[number] for number in meters]
        pairs = [pair for spec in ours for pair in spec.loads]
        self.meters = np.array(meters, np.int64)
        self.columns = loads.columns([load for load, _ in pairs])
        self.weights = np.array([weight for _, weight in pairs], np.float64)
        self.owners = np.repeat(np.arange(len(ours)), [len(spec.loads) for spec in ours])
        self.noise = Noise(seed, [spec.name for spec in ours])
        self.gauges = [(load, spec.gauge) for spec in ours if spec.gauge for load, _ in spec.loads]


class Reading(NamedTuple):
    """What the meters of a collector sent at an instant of plant time."""

    at_us: int
    collector: Collector
    values: Floats


class _Note(NamedTuple):
    """A poll that is not reckoned yet."""

    at_us: int
    collector: Collector
    pieces: Indices
    noise: Floats


class _Kept(NamedTuple):
    """What meters have counted so far, by number."""

    amounts: Floats  # at the last reading
    drifted: Floats  # what drift has added to them
    told: Floats  # what interval meters have sent


class _Round:
    """Meters that are reckoned together, whatever their collectors: what does not change."""

    def __init__(self, collectors: Sequence[Collector], specs: Sequence[MeterSpec]) -> None:
        self.meters = np.concatenate([c.meters for c in collectors])
        self.counts = [len(c.meters) for c in collectors]
        begins = np.cumsum([0, *self.counts[:-1]])
        pairs = zip(collectors, begins, strict=True)
        self._owners = np.concatenate([c.owners + begin for c, begin in pairs])
        self._weights = np.concatenate([c.weights for c in collectors])
        ours = [specs[number] for number in self.meters]
        kinds = np.array([spec.kind for spec in ours], "U8")
        self._counting = np.isin(kinds, ("counter", "interval"))
        self._intervals = np.flatnonzero(kinds == "interval")
        self._factor = _of(ours, lambda s: s.sent_per_load * (1.0 + s.entry.gain_error))
        self._drift_per_us = _of(ours, lambda s: s.entry.drift_per_day / _DAY_US)
        self._noise = _of(ours, lambda s: s.entry.noise)
        self._start = _of(ours, _start)
        self._drifting = np.flatnonzero(self._drift_per_us)
        self._rolls_at = _of(ours, _rolls_at)
        self._rolling = np.flatnonzero(self._rolls_at)
        self._set_resolution(ours)

    def _set_resolution(self, ours: Sequence[MeterSpec]) -> None:
        step = _of(ours, lambda s: _step(s.entry))
        self._stepped = np.flatnonzero(step)
        self._step = step[self._stepped]
        self._floored = self._counting[self._stepped]
        self._floats = np.flatnonzero([spec.entry.type == "Float" for spec in ours])
        self._low, self._high = np.array([LIMITS[spec.entry.type] for spec in ours]).T

    def values(
        self, loads: LoadBank, pieces: Indices, times_us: Floats, noise: Floats, kept: _Kept
    ) -> Floats:
        """What each meter sends at its time."""
        rates, amounts = loads.read(pieces, times_us[self._owners])
        parts = np.where(self._counting[self._owners], amounts, rates) * self._weights
        # In the order of the loads: the same sum to the last bit, every time.
        values = np.bincount(self._owners, parts, len(times_us)) * self._factor
        counted = self._counted(values, times_us, kept)
        values *= 1.0 + self._noise * noise
        if self._drifting.size:
            values *= 1.0 + self._drift_per_us * times_us
        return self._as_sent(np.where(self._counting, counted, values), kept)

    def _counted(self, amounts: Floats, times_us: Floats, kept: _Kept) -> Floats:
        """What counters show; of interval meters, what they have not sent yet."""
        shown = self._start + amounts
        if (at := self._drifting).size:
            meters, drift = self.meters[at], self._drift_per_us[at] * times_us[at]
            kept.drifted[meters] += (amounts[at] - kept.amounts[meters]) * drift
            kept.amounts[meters] = amounts[at]
            shown[at] += kept.drifted[meters]
        if (at := self._intervals).size:
            shown[at] -= kept.told[self.meters[at]]
        if (at := self._rolling).size:
            shown[at] = np.mod(shown[at], self._rolls_at[at])
        return shown

    def _as_sent(self, values: Floats, kept: _Kept) -> Floats:
        """In steps of the resolution, and as the type holds them."""
        steps = values[self._stepped] / self._step
        steps = np.where(self._floored, np.floor(steps + _ON_STEP), np.rint(steps))
        values[self._stepped] = steps * self._step
        if (at := self._intervals).size:
            kept.told[self.meters[at]] += values[at]
        values = np.minimum(np.maximum(values, self._low), self._high)
        values[self._floats] = values[self._floats].astype(np.float32)
        return values


class MeterBank:
    """Every meter of a plant, by number, and what each sends."""

    def __init__(self, specs: Sequence[MeterSpec], seed: int) -> None:
        self._specs = specs
        self._seed = seed
        self._loads = LoadBank(list(dict.fromkeys(load for s in specs for load, _ in s.loads)))
        self._notes: list[_Note] = []
        self._readings: list[Reading] = []
        self._rounds: dict[tuple[Collector, ...], _Round] = {}
        self._kept = _Kept(*np.zeros((3, len(specs))))

    def collector(self, meters: Sequence[int]) -> Collector:
        """Meters to be polled together."""
        return Collector(meters, self._specs, self._loads, self._seed)

    def poll(self, collector: Collector, now_us: int) -> None:
        """Notes how the collector's meters stand now."""
        if any(note.collector is collector for note in self._notes):
            self._reckon()  # what a meter sends builds on what it sent before
        for load, level in collector.gauges:
            load.approach(level())
        pieces = self._loads.in_force(collector.columns)
        self._notes.append(_Note(now_us, collector, pieces, collector.noise.next()))

    def take(self) -> list[Reading]:
        """The readings of the polls since the last time, in order."""
        self._reckon()
        readings, self._readings = self._readings, []
        return readings

    def _reckon(self) -> None:
        if not self._notes:
            return
        notes, self._notes = self._notes, []
        now = self._round(tuple(note.collector for note in notes))
        times_us = np.repeat([float(note.at_us) for note in notes], now.counts)
        pieces = np.concatenate([note.pieces for note in notes])
        noise = np.concatenate([note.noise for note in notes])
        values = now.values(self._loads, pieces, times_us, noise, self._kept)
        self._loads.forget()
        begin = 0
        for note, count in zip(notes, now.counts, strict=True):
            reading = Reading(note.at_us, note.collector, values[begin : begin + count])
            self._readings.append(reading)
            begin += count

    def _round(self, collectors: tuple[Collector, ...]) -> _Round:
        found = self._rounds.get(collectors)
        if found is None:
            if len(self._rounds) >= _MOST_ROUNDS:
                self._rounds.clear()
            found = self._rounds[collectors] = _Round(collectors, self._specs)
        return found


def _of(specs: Sequence[MeterSpec], number: Callable[[MeterSpec], float]) -> Floats:
    return np.array([number(spec) for spec in specs], np.float64)


def _start(spec: MeterSpec) -> float:
    return spec.entry.start * spec.sent_per_unit if spec.kind == "counter" else 0.0


def _rolls_at(spec: MeterSpec) -> float:
    if spec.kind != "counter" or spec.rolls_over_at is None:
        return 0.0
    return spec.rolls_over_at * spec.sent_per_unit


def _step(entry: MeterEntry) -> float:
    return entry.resolution or (1.0 if entry.type in INTEGER_LIMITS else 0.0)
